internal import CLinux
internal import Glibc

/// Hands things from one thread to another in the order they came; each waits for the other.
///
/// For two threads that share one piece of work, such as reading ahead of what is taken in. The
/// loop never waits like this: it hears of others through a `Mailbox`.
@safe package final class Channel<Item: Sendable>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let change: UnsafeMutablePointer<pthread_cond_t>
  private let capacity: Int
  // Everything below is touched with the lock held only; that is what @unchecked stands for.
  private var items: [Item] = []
  private var isClosed = false

  /// A channel that holds at most `capacity` things.
  package init(capacity: Int) {
    precondition(capacity > 0, "a channel must hold something")
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

  /// Waits until there is room; false where the channel is closed, and the thing is dropped.
  package func put(_ item: Item) -> Bool {
    locked {
      while items.count == capacity, !isClosed { unsafe pthread_cond_wait(change, lock) }
      guard !isClosed else { return false }
      items.append(item)
      unsafe pthread_cond_broadcast(change)
      return true
    }
  }

  /// Waits until there is something; nil where the channel is closed and empty.
  package func take() -> Item? {
    locked {
      while items.isEmpty, !isClosed { unsafe pthread_cond_wait(change, lock) }
      guard !items.isEmpty else { return nil }
      unsafe pthread_cond_broadcast(change)
      return items.removeFirst()
    }
  }

  /// Takes what is there without waiting.
  package func takeIfAny() -> Item? {
    locked {
      guard !items.isEmpty else { return nil }
      unsafe pthread_cond_broadcast(change)
      return items.removeFirst()
    }
  }

  /// Puts where there is room, and drops the thing otherwise.
  package func putIfRoom(_ item: Item) {
    locked {
      guard !isClosed, items.count < capacity else { return }
      items.append(item)
      unsafe pthread_cond_broadcast(change)
    }
  }

  /// Lets nothing more in; what is there can still be taken.
  package func close() {
    locked {
      isClosed = true
      unsafe pthread_cond_broadcast(change)
    }
  }

  private func locked<R>(_ body: () -> R) -> R {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}
