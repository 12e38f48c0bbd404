import Platform
import Testing

struct ChannelTests {
  @Test func `things come in order from a thread that runs ahead no further than the room`() throws
  {
    let channel = Channel<Int>(capacity: 2)
    let worker = try WorkerThread<Int>(name: "putter", capacity: 1) { jobs in
      for job in jobs { for number in 0..<job { _ = channel.put(number) } }
      channel.close()
    }
    #expect(worker.submit(10_000))
    var taken: [Int] = []
    while let item = channel.take() { taken.append(item) }
    worker.stop()
    #expect(taken == Array(0..<10_000))
  }

  @Test func `a closed channel refuses, and gives what it holds`() {
    let channel = Channel<Int>(capacity: 2)
    #expect(channel.takeIfAny() == nil)
    #expect(channel.put(1))
    channel.putIfRoom(2)
    channel.putIfRoom(3)
    channel.close()
    channel.putIfRoom(4)
    #expect(!channel.put(5))
    #expect([channel.take(), channel.takeIfAny(), channel.take()] == [1, 2, nil])
  }

  @Test func `who waits for room goes on when the channel is closed`() throws {
    let channel = Channel<Int>(capacity: 1)
    #expect(channel.put(1))
    let worker = try WorkerThread<Int>(name: "putter", capacity: 1) { jobs in
      for job in jobs { _ = channel.put(job) }
    }
    #expect(worker.submit(2))
    channel.close()
    // Whether it waited already or came later: it ends, and what it had is dropped.
    worker.stop()
    #expect([channel.take(), channel.take()] == [1, nil])
  }
}
