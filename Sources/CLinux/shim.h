// Linux interfaces that Swift's Glibc module leaves out. Declarations only, no code.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>

// glibc shows these only under _GNU_SOURCE, without which Swift builds its Glibc module. Defining
// it here would give this module other versions of the structures the two share.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
int renameat2(int from, const char *old_path, int to, const char *new_path, unsigned int flags);
int sync_file_range(int file, off_t offset, off_t length, unsigned int flags);
const char *strerrordesc_np(int number);
const char *strerrorname_np(int number);

#ifndef SYNC_FILE_RANGE_WRITE
#define SYNC_FILE_RANGE_WRITE 2
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif
