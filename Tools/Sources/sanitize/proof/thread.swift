// What the thread sanitizer must report and what it must leave alone, each in a process of its own:
// without a name it lists them, a line each, beginning with "right" or "wrong".

import Dispatch
import Glibc
import Synchronization

/// What threads share, guarded by nothing.
final class Plain: @unchecked Sendable {
  var number = 0
  var list: [Int] = []

  // Writes, so that what another thread reads at the same time is seen.
  deinit { end(&number) }
}

@inline(never) func end(_ number: inout Int) { number = -1 }

/// What threads share, guarded.
final class Guarded: Sendable {
  let list = Mutex<[Int]>([])
  let flag = Atomic<Int>(0)
}

/// What is handed over under a lock of the system, as `Channel` and `WorkerThread` do it.
final class Handing: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var items: [Plain?] = []

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, nil)
  }

  func put(_ item: Plain?) {
    pthread_mutex_lock(lock)
    items.append(item)
    pthread_cond_signal(change)
    pthread_mutex_unlock(lock)
  }

  func take() -> Plain? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while items.isEmpty { pthread_cond_wait(change, lock) }
    return items.removeFirst()
  }
}

/// Carries a closure into a thread.
final class Start {
  let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }
}

/// What makes one thread wait for another without ordering what they do.
final class Turn: Sendable {
  private let number = Atomic<Int>(0)

  /// Lets the other go on that waits for this number.
  func reach(_ wanted: Int) { number.store(wanted, ordering: .relaxed) }

  func wait(for wanted: Int) { while number.load(ordering: .relaxed) < wanted {} }
}

/// Runs the body in so many threads at once, with their numbers, and waits for them.
func threads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  var all: [pthread_t] = []
  for number in 0..<count {
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start { body(number) })
    pthread_create(
      &thread, nil,
      {
        Unmanaged<Start>.fromOpaque($0!).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    all.append(thread)
  }
  for thread in all { pthread_join(thread, nil) }
}

/// Set up by whichever thread reads it first.
let common: Plain = {
  let plain = Plain()
  plain.number = CommandLine.arguments.count
  return plain
}()

let proofs: [(name: String, run: @Sendable () -> Void)] = [
  (
    "right: many threads wait for one Mutex",
    {
      let guarded = Guarded()
      threads(4) { _ in
        for count in 0..<20_000 {
          guarded.list.withLock {
            if $0.count > 100 { $0 = [] }
            $0.append(count)
          }
        }
      }
    }
  ),
  (
    "right: an Atomic is stored releasing and loaded acquiring",
    {
      let guarded = Guarded()
      let plain = Plain()
      threads(2) { number in
        if number == 0 {
          plain.list = [1, 2, 3]
          guarded.flag.store(1, ordering: .releasing)
        } else {
          while guarded.flag.load(ordering: .acquiring) == 0 {}
          plain.list.append(4)
        }
      }
    }
  ),
  (
    "right: objects are handed over through a lock of the system and changed by who has them",
    {
      let handing = Handing()
      threads(2) { number in
        for _ in 0..<5_000 {
          if number == 0 { handing.put(Plain()) } else { handing.take()!.list.append(1) }
        }
      }
    }
  ),
  (
    "right: whoever lets an object go last ends it",
    {
      let handing = Handing()
      let turn = Turn()
      threads(2) { number in
        if number == 0 {
          var plain: Plain? = Plain()
          handing.put(plain)
          if plain!.number == 1 { print(plain!.list) }
          plain = nil
          turn.reach(1)
        } else {
          let plain = handing.take()
          turn.wait(for: 1)
          if plain == nil { print(turn) }
        }
      }
    }
  ),
  (
    "right: whoever lets an array go last gives its memory back",
    {
      let shared = Mutex(Array(0..<100))
      let turn = Turn()
      threads(2) { number in
        var own = shared.withLock { $0 }
        if number == 0 {
          turn.wait(for: 1)
          own = []
        } else {
          shared.withLock { $0 = [] }
          if own.reduce(0, +) == 0 { print(own) }
          own = []
          turn.reach(1)
        }
      }
    }
  ),
  (
    "right: an array is written in place once nobody else reads it",
    {
      let shared = Mutex(Array(0..<100))
      let turn = Turn()
      threads(2) { number in
        var own = shared.withLock { $0 }
        if number == 0 {
          turn.wait(for: 1)
          // Now the other thread and the shared one are gone, and this is written where it is.
          own[5] += 1
        } else {
          if own.reduce(0, +) == 0 { print(own) }
          shared.withLock { $0 = [] }
          own = []
          turn.reach(1)
        }
        if own.reduce(0, +) == 1 { print(own) }
      }
    }
  ),
  (
    "right: an array is written in place once no other array holds it",
    {
      let shared = Mutex([Array(0..<100), Array(0..<100)])
      let turn = Turn()
      threads(2) { number in
        var own = shared.withLock { $0 }
        if number == 0 {
          var mine = own[1]
          own = []
          turn.wait(for: 1)
          mine[5] += 1
        } else {
          if own[1].reduce(0, +) == 0 { print(own) }
          shared.withLock { $0 = [] }
          own = []
          turn.reach(1)
        }
      }
    }
  ),
  (
    "right: a global is set up by whoever reads it first",
    {
      let turn = Turn()
      threads(2) { number in
        if number == 1 { turn.wait(for: 1) }
        if common.number == 7 { print(common.list) }
        turn.reach(1)
      }
    }
  ),
  (
    "right: a queue of Dispatch takes turns",
    {
      let plain = Plain()
      let queue = DispatchQueue(label: "one")
      threads(4) { _ in
        for _ in 0..<500 { queue.sync { plain.list.append(plain.list.count) } }
        for _ in 0..<100 { queue.async { plain.number += 1 } }
      }
      queue.sync { plain.number += 1 }
    }
  ),
  (
    "wrong: a number is written without any order",
    {
      let plain = Plain()
      threads(2) { _ in for _ in 0..<1_000 { plain.number += 1 } }
    }
  ),
  (
    "wrong: an array is written in place without any order",
    {
      let plain = Plain()
      plain.list = Array(repeating: 0, count: 10)
      threads(2) { _ in for count in 0..<1_000 { plain.list[count % 10] += 1 } }
    }
  ),
  (
    "wrong: each thread has a Mutex of its own",
    {
      let plain = Plain()
      let both = [Guarded(), Guarded()]
      threads(2) { number in
        for _ in 0..<1_000 { both[number].list.withLock { _ in plain.number += 1 } }
      }
    }
  ),
  (
    "wrong: a number is written after the Mutex is let go",
    {
      let plain = Plain()
      let guarded = Guarded()
      threads(2) { _ in
        for _ in 0..<1_000 {
          guarded.list.withLock { $0.append(1) }
          plain.number += 1
        }
      }
    }
  ),
  (
    "wrong: a number is written under the Mutex and read without it",
    {
      let plain = Plain()
      let guarded = Guarded()
      threads(2) { number in
        for _ in 0..<1_000 {
          if number == 0 {
            guarded.list.withLock { _ in plain.number += 1 }
          } else if plain.number < 0 {
            print(plain.number)
          }
        }
      }
    }
  ),
  (
    "wrong: an Atomic is stored and loaded relaxed",
    {
      let guarded = Guarded()
      let plain = Plain()
      threads(2) { number in
        if number == 0 {
          plain.number = 5
          guarded.flag.store(1, ordering: .relaxed)
        } else {
          while guarded.flag.load(ordering: .relaxed) == 0 {}
          if plain.number < 0 { print(plain.number) }
        }
      }
    }
  ),
  (
    "wrong: an object is written by both after it was handed over",
    {
      let handing = Handing()
      let turn = Turn()
      threads(2) { number in
        if number == 0 {
          let plain = Plain()
          handing.put(plain)
          turn.wait(for: 1)
          plain.number += 1
        } else {
          let plain = handing.take()!
          plain.number += 1
          turn.reach(1)
        }
      }
    }
  ),
  (
    "wrong: an object is held and let go by both, and written by both",
    {
      let plain = Plain()
      threads(2) { _ in
        for _ in 0..<1_000 {
          let held = [plain, plain]
          held[held.count - 1].number += 1
        }
      }
    }
  ),
  (
    "wrong: two queues of Dispatch write the same",
    {
      let plain = Plain()
      let queues = [DispatchQueue(label: "one"), DispatchQueue(label: "two")]
      let group = DispatchGroup()
      for count in 0..<2_000 { queues[count % 2].async(group: group) { plain.number += 1 } }
      group.wait()
    }
  ),
]

@main struct Proof {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      for proof in proofs { print(proof.name) }
      return
    }
    proofs.first { $0.name == CommandLine.arguments[1] }!.run()
  }
}
