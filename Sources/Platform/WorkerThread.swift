internal import CLinux
internal import Glibc

/// A thread that works through jobs in the order they came, all that wait at a time.
///
/// For what blocks, such as the disk: the loop hands over whole batches and hears of the outcome
/// through a `Mailbox`. The thread holds back all signals, which are the loop's.
package final class WorkerThread<Job: Sendable>: Sendable {
  private let queue: JobQueue<Job>
  /// The kernel's thread, joined by `stop`.
  private let thread: pthread_t

  /// Starts the thread; `work` gets all jobs that wait, never none, and is never called twice at
  /// once. The name is cut to the 15 bytes the kernel shows.
  package init(
    name: String, capacity: Int, work: @escaping @Sendable (inout [Job]) -> Void
  ) throws(SocketError) {
    precondition(capacity > 0, "a queue must hold something")
    let queue = JobQueue<Job>(capacity: capacity)
    self.queue = queue
    do throws(SystemError) {
      thread = try startThread(name: name) {
        var jobs: [Job] = []
        while queue.waitForJobs(&jobs) {
          work(&jobs)
          jobs.removeAll(keepingCapacity: true)
        }
      }
    } catch {
      throw SocketError(.open, "thread \(name)", error)
    }
  }

  /// Hands over one job; false where the queue is full or stopped.
  package func submit(_ job: Job) -> Bool { queue.add(job) }

  /// Waits until every job handed over so far is done, and ends the thread.
  ///
  /// Call it from another thread; a second call does nothing.
  package func stop() {
    if queue.close() {
      let result = pthread_join(thread, nil)
      precondition(result == 0, "a worker thread cannot be joined: \(SystemError(result))")
    }
  }

  deinit {
    // Nobody is left to wait for it: it finishes what it was given and ends by itself.
    if queue.close() { pthread_detach(thread) }
  }
}

/// The list between the two threads.
///
/// A condition variable rather than the standard library's Mutex, which cannot be waited on.
@safe private final class JobQueue<Job: Sendable>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let change: UnsafeMutablePointer<pthread_cond_t>
  private let capacity: Int
  // Everything below is touched with the lock held only; that is what @unchecked stands for.
  private var jobs: [Job] = []
  private var closed = false

  init(capacity: Int) {
    self.capacity = capacity
    // The kernel knows a lock by its place in memory, so both have one that never moves.
    unsafe lock = .allocate(capacity: 1)
    unsafe change = .allocate(capacity: 1)
    unsafe lock.initialize(to: pthread_mutex_t())
    unsafe change.initialize(to: pthread_cond_t())
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(change, nil)
  }

  deinit {
    // The last reference is gone, so no thread can be waiting.
    unsafe pthread_cond_destroy(change)
    unsafe pthread_mutex_destroy(lock)
    unsafe change.deallocate()
    unsafe lock.deallocate()
  }

  func add(_ job: Job) -> Bool {
    let (isTaken, isFirst) = locked {
      guard !closed, jobs.count < capacity else { return (false, false) }
      jobs.append(job)
      return (true, jobs.count == 1)
    }
    // The thread sleeps only while the list is empty. Woken with the lock held it would wake only
    // to wait for the lock; between the two it either sees the job or sleeps already.
    if isFirst { unsafe pthread_cond_signal(change) }
    return isTaken
  }

  /// Refuses further jobs; true the first time.
  func close() -> Bool {
    locked {
      if closed { return false }
      closed = true
      unsafe pthread_cond_signal(change)
      return true
    }
  }

  /// Exchanges what waits for the empty array; false when closed and nothing is left.
  func waitForJobs(_ taken: inout [Job]) -> Bool {
    locked {
      while jobs.isEmpty, !closed { unsafe pthread_cond_wait(change, lock) }
      swap(&jobs, &taken)
      return !taken.isEmpty
    }
  }

  private func locked<R>(_ body: () -> R) -> R {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}

/// Starts a thread of that name with all signals held back.
private func startThread(
  name: String, _ body: @escaping @Sendable () -> Void
) throws(SystemError) -> pthread_t {
  // A thread inherits what its maker holds back.
  var all = sigset_t()
  var previous = sigset_t()
  unsafe sigfillset(&all)
  unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
  defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
  let start = unsafe Unmanaged.passRetained(ThreadStart(body))
  var thread = pthread_t()
  let result = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      // The retain of the maker is balanced here, in the only thread that gets this pointer.
      unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  if result != 0 {
    unsafe start.release()
    throw SystemError(result)
  }
  // A name is a help for whoever looks at the threads; nothing depends on it.
  _ = unsafe pthread_setname_np(thread, String(decoding: name.utf8.prefix(15), as: UTF8.self))
  return thread
}

/// Carries a closure into a new thread.
private final class ThreadStart: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
