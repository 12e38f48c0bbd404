// Tells the thread sanitizer which orderings the Swift runtime makes, which is built without it.
//
// The sanitizer sees what is compiled with it: our code, with what is inlined from the standard
// library, and the calls of libc it knows. Where the runtime orders threads in its own code it sees
// nothing, and takes what is right for a race. A list of suppressions would silence whole
// functions and the real races in them; here each ordering is told where it is made, and no more:
//
//   Mutex    what comes before an unlock comes before the next lock, also of one that waited
//   release  what came before an object was let go of comes before whoever finds itself its only
//            holder, and then writes in place
//
// Nothing is told to those who still share the object: what two holders write without a lock stays
// the race it is. proof/thread.swift shows what is left alone and that the rest is reported. What
// sets up globals and what ends objects needs no telling: the compiler leaves both out.
// Linked into programs and tests by Tools/sanitize thread; never part of the product.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the jump below is written for x86-64"
#endif

// Of the sanitizer: what this thread did is visible to who acquires the same address later.
void __tsan_acquire(void *address);
void __tsan_release(void *address);

// Of the Swift runtime: how often an object is held; and what lets go of it, kept for instruments.
size_t swift_retainCount(void *object);
extern void (*_swift_release_n)(void *object, uint32_t times);

#define SWIFT_METHOD __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))

// The runtime's own function of that name, behind the one here.
static void *original(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    fprintf(stderr, "sanitize: error: the Swift runtime has no %s\n", name);
    fprintf(stderr, "sanitize: hint: adapt Tools/Sources/sanitize/ordering.c to this toolchain\n");
    abort();
  }
  return found;
}

// Looks a function up once; threads that race here find the same.
#define ORIGINAL(type, name)                                                     \
  ({                                                                             \
    static _Atomic(void *) kept;                                                 \
    void *found = atomic_load_explicit(&kept, memory_order_acquire);             \
    if (found == NULL) {                                                         \
      found = original(name);                                                    \
      atomic_store_explicit(&kept, found, memory_order_release);                 \
    }                                                                            \
    (type) found;                                                                \
  })

// Mutex: the ways through the kernel of Synchronization._MutexHandle. The short ways are inlined
// into our code, where the sanitizer sees their atomic operations on the same address.

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT_METHOD void lock_slow(uint32_t thread, SWIFT_SELF void *handle) __asm__(LOCK_SLOW);
SWIFT_METHOD bool try_lock_slow(SWIFT_SELF void *handle) __asm__(TRY_LOCK_SLOW);
SWIFT_METHOD void unlock_slow(SWIFT_SELF void *handle) __asm__(UNLOCK_SLOW);

typedef SWIFT_METHOD void (*lock_function)(uint32_t thread, SWIFT_SELF void *handle);
typedef SWIFT_METHOD bool (*try_lock_function)(SWIFT_SELF void *handle);
typedef SWIFT_METHOD void (*unlock_function)(SWIFT_SELF void *handle);

SWIFT_METHOD void lock_slow(uint32_t thread, SWIFT_SELF void *handle) {
  ORIGINAL(lock_function, LOCK_SLOW)(thread, handle);
  __tsan_acquire(handle);
}

SWIFT_METHOD bool try_lock_slow(SWIFT_SELF void *handle) {
  bool is_locked = ORIGINAL(try_lock_function, TRY_LOCK_SLOW)(handle);
  if (is_locked) __tsan_acquire(handle);
  return is_locked;
}

SWIFT_METHOD void unlock_slow(SWIFT_SELF void *handle) {
  __tsan_release(handle);
  ORIGINAL(unlock_function, UNLOCK_SLOW)(handle);
}

// Objects.

// Static objects count as held this often or more, and never end.
#define HELD_FOR_EVER (1u << 28)

static void (*release_n_original)(void *, uint32_t);

static void release_n(void *object, uint32_t times) {
  // Short strings and such lie in the reference itself.
  if ((intptr_t)object <= 0) return;
  size_t held = swift_retainCount(object);
  // Who holds it alone has nobody to tell.
  if (held > times && held < HELD_FOR_EVER) __tsan_release(object);
  release_n_original(object, times);
}

static void release(void *object) { release_n(object, 1); }

// Many releases come from inside the runtime, which calls itself without the linker; the door that
// it keeps for instruments loses the mark of short strings (Swift 6.3.1). So its function is made
// to begin with a jump to ours, before there is a second thread; its twin still does the counting.
static void divert(void *function, void *target) {
  // movabs $target, %rax; jmp *%rax
  uint8_t jump[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
  memcpy(jump + 2, &target, sizeof target);
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t from = (uintptr_t)function / page * page;
  size_t length = (uintptr_t)function + sizeof jump - from;
  if (mprotect((void *)from, length, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    perror("sanitize: error: the Swift runtime cannot be watched");
    abort();
  }
  memcpy(function, jump, sizeof jump);
  mprotect((void *)from, length, PROT_READ | PROT_EXEC);
}

__attribute__((constructor)) static void start(void) {
  release_n_original = _swift_release_n;
  divert(original("swift_release"), release);
  divert(original("swift_release_n"), release_n);
}

// Who finds itself the only holder may write in place what others have read.

#define UNIQUE(name)                                                             \
  bool name(void *object) {                                                      \
    typedef bool (*unique_function)(void *);                                     \
    bool is_unique = ORIGINAL(unique_function, #name)(object);                   \
    if (is_unique) __tsan_acquire(address_of(object));                           \
    return is_unique;                                                            \
  }

// A bridge object carries marks beside the address.
static void *address_of(void *object) {
  return (void *)((uintptr_t)object & 0x0ffffffffffffff8u);
}

UNIQUE(swift_isUniquelyReferenced_native)
UNIQUE(swift_isUniquelyReferenced_nonNull)
UNIQUE(swift_isUniquelyReferenced_nonNull_native)
UNIQUE(swift_isUniquelyReferenced_nonNull_bridgeObject)
UNIQUE(swift_isUniquelyReferencedNonObjC)
UNIQUE(swift_isUniquelyReferencedNonObjC_nonNull)
UNIQUE(swift_isUniquelyReferencedNonObjC_nonNull_bridgeObject)
