import Platform
import Synchronization
import Testing

struct MailboxTests {
  @Test func `letters come in order, all at once, and wake once`() throws {
    let mailbox = try Mailbox<Int>(capacity: 3)
    var poller = try Poller.open()
    try poller.add(mailbox.waker.descriptor, token: 1, interest: .read)
    #expect(mailbox.send(1))
    #expect(mailbox.send(2))
    var events: [PollEvent] = []
    try poller.wait(until: .distantFuture, into: &events)
    #expect(events.map(\.token) == [1])
    var letters = [99]
    mailbox.takeAll(into: &letters)
    #expect(letters == [1, 2])
    try poller.wait(until: Moment(nanoseconds: 0), into: &events)
    #expect(events.isEmpty)
    mailbox.takeAll(into: &letters)
    #expect(letters.isEmpty)
  }

  @Test func `a full mailbox refuses and takes again once emptied`() throws {
    let mailbox = try Mailbox<Int>(capacity: 2)
    #expect([mailbox.send(1), mailbox.send(2), mailbox.send(3)] == [true, true, false])
    var letters: [Int] = []
    mailbox.takeAll(into: &letters)
    #expect(letters == [1, 2])
    #expect(mailbox.send(4))
    mailbox.close()
    #expect(!mailbox.send(5))
    mailbox.takeAll(into: &letters)
    #expect(letters == [4])
  }

  @Test func `nothing is lost between threads that write and a loop that reads`() throws {
    let mailbox = try Mailbox<Int>(capacity: 100_000)
    var poller = try Poller.open()
    try poller.add(mailbox.waker.descriptor, token: 1, interest: .read)
    var workers: [WorkerThread<Int>] = []
    for _ in 0..<3 {
      let worker = try WorkerThread<Int>(name: "sender", capacity: 4) { jobs in
        for job in jobs { for number in 0..<10_000 { _ = mailbox.send(job * 10_000 + number) } }
      }
      #expect(worker.submit(workers.count))
      workers.append(worker)
    }
    var received: [Int] = []
    var letters: [Int] = []
    var events: [PollEvent] = []
    let end = LinuxClock().now() + .seconds(30)
    while received.count < 30_000, LinuxClock().now() < end {
      try poller.wait(until: end, into: &events)
      mailbox.takeAll(into: &letters)
      received += letters
    }
    for worker in workers { worker.stop() }
    #expect(received.sorted() == Array(0..<30_000))
  }
}

struct WorkerThreadTests {
  @Test func `all jobs are done in order before stop returns`() throws {
    let done = Mutex<[[Int]]>([])
    let worker = try WorkerThread<Int>(name: "a name longer than 15 bytes", capacity: 1_000) {
      jobs in
      done.withLock { $0.append(jobs) }
    }
    for number in 0..<1_000 { #expect(worker.submit(number)) }
    worker.stop()
    worker.stop()
    let batches = done.withLock { $0 }
    #expect(batches.flatMap { $0 } == Array(0..<1_000))
    #expect(batches.allSatisfy { !$0.isEmpty })
    #expect(!worker.submit(1))
  }

  @Test func `what waits while the thread is busy comes as one batch, up to the bound`() throws {
    let isBusy = try Waker.open()
    let mayGoOn = try Waker.open()
    let batches = Mutex<[Int]>([])
    let worker = try WorkerThread<Int>(name: "disk", capacity: 5) { jobs in
      let isFirst = batches.withLock {
        $0.append(jobs.count)
        return $0.count == 1
      }
      guard isFirst else { return }
      isBusy.wake()
      awaitWake(mayGoOn)
    }
    #expect(worker.submit(0))
    awaitWake(isBusy)
    #expect((1...6).map { worker.submit($0) } == [true, true, true, true, true, false])
    mayGoOn.wake()
    worker.stop()
    #expect(batches.withLock { $0 } == [1, 5])
  }

  @Test func `a thread nobody stopped finishes its work by itself`() throws {
    let mailbox = try Mailbox<Int>(capacity: 1)
    var poller = try Poller.open()
    try poller.add(mailbox.waker.descriptor, token: 1, interest: .read)
    do {
      let worker = try WorkerThread<Int>(name: "left", capacity: 1) { jobs in
        for job in jobs { _ = mailbox.send(job) }
      }
      #expect(worker.submit(7))
    }
    var events: [PollEvent] = []
    try poller.wait(until: LinuxClock().now() + .seconds(10), into: &events)
    var letters: [Int] = []
    mailbox.takeAll(into: &letters)
    #expect(letters == [7])
  }
}

/// Waits, for ten seconds at most, until another thread wakes.
private func awaitWake(_ waker: Waker) {
  do {
    var poller = try Poller.open()
    try poller.add(waker.descriptor, token: 1, interest: .read)
    var events: [PollEvent] = []
    try poller.wait(until: LinuxClock().now() + .seconds(10), into: &events)
    #expect(!events.isEmpty)
  } catch {
    Issue.record("\(error)")
  }
}
