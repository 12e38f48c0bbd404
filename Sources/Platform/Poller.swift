/// What to watch a descriptor for; errors and hang-ups are reported in any case.
package struct Interest: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let read = Interest(rawValue: 1)
  package static let write = Interest(rawValue: 2)
  /// The other end will send no more; it is reported as readable, and part of `read`.
  package static let end = Interest(rawValue: 4)
}

/// One descriptor that is ready, by the token it was added with.
package struct PollEvent: Hashable, Sendable {
  package let token: UInt64
  /// There is something to read, if only the end.
  package let isReadable: Bool
  package let isWritable: Bool
  /// Both directions are over, or an error waits to be asked for.
  package let isClosed: Bool

  package init(token: UInt64, isReadable: Bool, isWritable: Bool, isClosed: Bool) {
    (self.token, self.isReadable) = (token, isReadable)
    (self.isWritable, self.isClosed) = (isWritable, isClosed)
  }
}

/// Waits for descriptors and for a moment, on one thread.
///
/// Level-triggered: what is not handled is reported again.
package struct Poller: ~Copyable {
  /// The one token that may not be handed out.
  static let ownToken = UInt64.max

  private let watch: any Watch

  /// Waits as this watch does.
  package init(_ watch: any Watch) { self.watch = watch }

  /// Opens a poller that watches nothing yet.
  package static func open() throws(SocketError) -> Poller { Poller(try kernelWatch()) }

  /// The kernel's watch, which watches nothing yet.
  package static func kernelWatch() throws(SocketError) -> any Watch { try Epoll() }

  /// Starts watching; closing the descriptor ends it. The token must not be `UInt64.max`.
  package mutating func add(
    _ descriptor: borrowing FileDescriptor, token: UInt64, interest: Interest
  ) throws(SocketError) {
    try add(number: descriptor.number, token: token, interest: interest)
  }

  /// Starts watching a descriptor that another library owns.
  package mutating func add(
    number: Int32, token: UInt64, interest: Interest
  ) throws(SocketError) {
    precondition(token != Poller.ownToken, "the largest token is the poller's own")
    try watch.add(number: number, token: token, interest: interest)
  }

  /// Changes what a watched descriptor is watched for; an empty interest leaves hang-ups.
  package mutating func modify(
    _ descriptor: borrowing FileDescriptor, token: UInt64, interest: Interest
  ) throws(SocketError) {
    try modify(number: descriptor.number, token: token, interest: interest)
  }

  /// Changes what another library's descriptor is watched for.
  package mutating func modify(
    number: Int32, token: UInt64, interest: Interest
  ) throws(SocketError) {
    precondition(token != Poller.ownToken, "the largest token is the poller's own")
    try watch.modify(number: number, token: token, interest: interest)
  }

  /// Stops watching.
  package mutating func remove(
    _ descriptor: borrowing FileDescriptor
  ) throws(SocketError) {
    try remove(number: descriptor.number)
  }

  /// Stops watching another library's descriptor.
  package mutating func remove(number: Int32) throws(SocketError) {
    try watch.remove(number: number)
  }

  /// Waits until something is ready or the moment has come, and puts what is ready into `events`.
  ///
  /// `nil` waits without end; a moment that has passed only looks. It may return early with
  /// nothing. At most 256 events come at once; the rest come with the next call. The moment is not worked
  /// out where nothing is waited for, as in a simulated world.
  package mutating func wait(
    until moment: @autoclosure () -> Moment?, into events: inout [PollEvent]
  ) throws(SocketError) {
    try watch.wait(until: moment(), into: &events)
  }
}

/// What a poller waits by: the kernel, or a simulated one. Descriptors go by their numbers; the rest
/// is as `Poller` says.
package protocol Watch: AnyObject {
  func add(number: Int32, token: UInt64, interest: Interest) throws(SocketError)
  func modify(number: Int32, token: UInt64, interest: Interest) throws(SocketError)
  func remove(number: Int32) throws(SocketError)
  func wait(
    until moment: @autoclosure () -> Moment?, into events: inout [PollEvent]
  ) throws(SocketError)
}
