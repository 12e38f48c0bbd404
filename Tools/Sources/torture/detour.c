// Leads connections of one program to a proxy: ZURUF_DETOUR is "PORT>PROXY,PORT>PROXY", and who connects to
// such a port by IPv4 reaches that proxy. Nodes tell each other where they listen, so that no
// configuration alone would keep them from calling each other directly.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static unsigned detour(unsigned port) {
  const char *rest = getenv("ZURUF_DETOUR");
  unsigned from, to;
  while (rest && sscanf(rest, "%u>%u", &from, &to) == 2) {
    if (from == port) return to;
    rest = strchr(rest, ',');
    if (rest) rest += 1;
  }
  return port;
}

int connect(int socket, __CONST_SOCKADDR_ARG address, socklen_t size) {
  int (*next)(int, const struct sockaddr *, socklen_t) =
      (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
  const struct sockaddr *given = address.__sockaddr__;
  struct sockaddr_in v4;
  if (given->sa_family == AF_INET && size >= sizeof v4) {
    memcpy(&v4, given, sizeof v4);
    v4.sin_port = htons(detour(ntohs(v4.sin_port)));
    return next(socket, (const struct sockaddr *)&v4, sizeof v4);
  }
  return next(socket, given, size);
}
