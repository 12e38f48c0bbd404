// Shows one program a wall clock that is off, or stands, or jumps while it runs, and no other clock.
//
// ZURUF_CLOCK names a file of two numbers of eight bytes, which is shared memory: by how many
// milliseconds the clock is ahead, and at which millisecond since 1970 it stands, or 0.
// libfaketime 0.9.10 would do this, but for timers: with FAKETIME_DONT_FAKE_MONOTONIC it leaves the
// boot clock alone and shifts what timerfd_settime is told of it all the same, with and without
// FAKETIME_FORCE_MONOTONIC_FIX. Ahead the call then fails, behind the timer never goes off: seen with
// a timer of one second and clocks ten years off.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *hands;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ZURUF_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *found = mmap(NULL, 2 * sizeof *hands, PROT_READ, MAP_SHARED, file, 0);
  if (found == MAP_FAILED) abort();
  hands = found;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (hands && result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t shown = hands[1] ? hands[1] : time->tv_sec * 1000 + time->tv_nsec / 1000000 + hands[0];
    time->tv_sec = shown / 1000;
    time->tv_nsec = shown % 1000 * 1000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
