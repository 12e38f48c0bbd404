// Lets calls of one program fail as a control file says, through libfiu's failure points.
//
// libfiu's library before the POSIX calls asks fiu_fail at each of them. It knows neither openat,
// renameat2, posix_fallocate, mkdirat, unlinkat, fstat, fstatat, fstatvfs nor accept4, by which
// zurufd reaches its disk: those stand here, with failure points of the same sort. Each point asks the
// control file (failing.py writes it), which is shared memory: whether calls fail just now, how many of
// them, and with which errors. Whether the n-th call of a point fails comes of the seed, the point and
// n alone.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

// Of libfiu's fiu.h and fiu-control.h: it needs no package for developers.
typedef int external_cb(const char *name, int *failnum, void **failinfo, unsigned int *flags);
int fiu_init(unsigned int flags);
int fiu_fail(const char *name);
void *fiu_failinfo(void);
int fiu_enable_external(
    const char *name, int failnum, void *failinfo, unsigned int flags, external_cb *decide);

enum { NAME_BYTES = 40, ERRORS = 8 };

struct point {
  char name[NAME_BYTES];
  uint64_t calls, failures;
  uint32_t chance;  // Of 2^32.
  uint32_t errors;
  int32_t error[ERRORS];
};

struct control {
  uint64_t seed;
  uint32_t is_on, points;
  struct point point[];
};

static struct control *control;

static uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

static int decide(const char *name, int *failnum, void **failinfo, unsigned int *flags) {
  (void)failnum;
  (void)flags;
  if (!__atomic_load_n(&control->is_on, __ATOMIC_RELAXED)) return 0;
  for (uint32_t index = 0; index < control->points; index += 1) {
    struct point *point = &control->point[index];
    if (strncmp(name, point->name, NAME_BYTES)) continue;
    uint64_t count = __atomic_fetch_add(&point->calls, 1, __ATOMIC_RELAXED);
    uint64_t drawn = mixed(mixed(control->seed + index) + count);
    if ((uint32_t)drawn >= point->chance) return 0;
    __atomic_fetch_add(&point->failures, 1, __ATOMIC_RELAXED);
    *failinfo = (void *)(intptr_t)point->error[(drawn >> 32) % point->errors];
    return 1;
  }
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ZURUF_FAULTS");
  if (!path) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  struct stat facts;
  if (file < 0 || fstat(file, &facts)) abort();
  void *found = mmap(NULL, facts.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (found == MAP_FAILED || fiu_init(0)) abort();
  control = found;
  for (uint32_t index = 0; index < control->points; index += 1) {
    if (fiu_enable_external(control->point[index].name, 1, NULL, 0, decide)) abort();
  }
}

// Whether this call of a point of ours fails; errno says with what.
static int fails(const char *name) {
  if (!control || !fiu_fail(name)) return 0;
  errno = (int)(intptr_t)fiu_failinfo();
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int openat(int directory, const char *name, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  if (fails(flags & O_CREAT ? "zuruf/openat/create" : "zuruf/openat")) return -1;
  return NEXT(openat)(directory, name, flags, mode);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned int flags) {
  return fails("zuruf/renameat2") ? -1 : NEXT(renameat2)(from, old, to, new, flags);
}

int posix_fallocate(int file, off_t offset, off_t size) {
  int before = errno;
  if (fails("zuruf/posix_fallocate")) {
    int error = errno;
    errno = before;
    return error;
  }
  return NEXT(posix_fallocate)(file, offset, size);
}

int mkdirat(int directory, const char *name, mode_t mode) {
  return fails("zuruf/mkdirat") ? -1 : NEXT(mkdirat)(directory, name, mode);
}

int unlinkat(int directory, const char *name, int flags) {
  return fails("zuruf/unlinkat") ? -1 : NEXT(unlinkat)(directory, name, flags);
}

int fstat(int file, struct stat *facts) {
  return fails("zuruf/fstat") ? -1 : NEXT(fstat)(file, facts);
}

int fstatat(int directory, const char *restrict name, struct stat *restrict facts, int flags) {
  return fails("zuruf/fstatat") ? -1 : NEXT(fstatat)(directory, name, facts, flags);
}

int fstatvfs(int file, struct statvfs *facts) {
  return fails("zuruf/fstatvfs") ? -1 : NEXT(fstatvfs)(file, facts);
}

int accept4(int listening, __SOCKADDR_ARG address, socklen_t *restrict size, int flags) {
  return fails("zuruf/accept4") ? -1 : NEXT(accept4)(listening, address, size, flags);
}
