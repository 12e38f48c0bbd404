// The three programs of a computer without a screen in one file: each of them would carry Swift's
// library of twelve megabytes again. It lies under three names (hard links), and does what the
// program of the name does under which it was started.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int zurufd_main(int count, char **words);
int zuruf_main(int count, char **words);
int zuruf_inspect_main(int count, char **words);

static const struct {
  const char *name;
  int (*run)(int, char **);
} programs[] = {
    {"zurufd", zurufd_main}, {"zuruf", zuruf_main}, {"zuruf-inspect", zuruf_inspect_main}};

static const char *last(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

int main(int count, char **words) {
  // The file's own name, whatever a symbolic link or the caller calls it.
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
  const char *names[] = {last(path), count > 0 ? last(words[0]) : ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (size_t j = 0; j < sizeof programs / sizeof *programs; j++)
      if (strcmp(names[i], programs[j].name) == 0) return programs[j].run(count, words);
  fputs("zuruf: error: this program is called zurufd, zuruf or zuruf-inspect\n", stderr);
  return 2;
}
