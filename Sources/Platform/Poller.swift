internal import CLinux
internal import Glibc

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
}

/// Waits for descriptors and for a moment, on one thread.
///
/// Level-triggered: what is not handled is reported again. The deadline is kept by a timer on the
/// clock that counts through suspend, so one that passed in sleep is over on waking.
@safe package struct Poller: ~Copyable {
  /// The timer's own token, never handed out.
  private static let timerToken = UInt64.max
  private static let capacity = 256

  private let epoll: FileDescriptor
  private let timer: FileDescriptor
  private var deadline: Moment?
  /// What the kernel fills; the same room for every wait.
  private var ready: [epoll_event]

  private init(epoll: consuming FileDescriptor, timer: consuming FileDescriptor) {
    self.epoll = epoll
    self.timer = timer
    unsafe ready = [epoll_event](repeating: epoll_event(), count: Poller.capacity)
  }

  /// Opens a poller that watches nothing yet.
  package static func open() throws(SocketError) -> Poller {
    do throws(SystemError) {
      let epoll = FileDescriptor(
        owning: try calling { epoll_create1(Int32(EPOLL_CLOEXEC)) })
      let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
      let timer = FileDescriptor(owning: try calling { timerfd_create(CLOCK_BOOTTIME, flags) })
      try control(epoll.number, EPOLL_CTL_ADD, timer.number, timerToken, .read)
      return Poller(epoll: epoll, timer: timer)
    } catch {
      throw SocketError(.open, "poller", error)
    }
  }

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
    precondition(token != Poller.timerToken, "the largest token is the poller's own")
    try control(EPOLL_CTL_ADD, number, token, interest)
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
    precondition(token != Poller.timerToken, "the largest token is the poller's own")
    try control(EPOLL_CTL_MOD, number, token, interest)
  }

  /// Stops watching.
  package mutating func remove(
    _ descriptor: borrowing FileDescriptor
  ) throws(SocketError) {
    try remove(number: descriptor.number)
  }

  /// Stops watching another library's descriptor.
  package mutating func remove(number: Int32) throws(SocketError) {
    try control(EPOLL_CTL_DEL, number, 0, [])
  }

  /// Waits until something is ready or the moment has come, and puts what is ready into `events`.
  ///
  /// `nil` waits without end; a moment that has passed only looks. It may return early with
  /// nothing. At most 256 events come at once; the rest come with the next call.
  package mutating func wait(
    until moment: Moment?, into events: inout [PollEvent]
  ) throws(SocketError) {
    events.removeAll(keepingCapacity: true)
    let number = epoll.number
    var count = 0
    do throws(SystemError) {
      try setTimer(moment)
      // The kernel fills at most `capacity` entries, which is what the array holds.
      count = Int(
        unsafe epoll_wait(number, &ready, Int32(Poller.capacity), -1))
      if count < 0 {
        let error = SystemError(errno)
        if error != .interrupted { throw error }
        count = 0
      }
    } catch {
      throw SocketError(.wait, "poller", error)
    }
    for place in 0..<count {
      let event = unsafe ready[place]
      let token = unsafe event.data.u64
      if token == Poller.timerToken { continue }
      let flags = unsafe event.events
      events.append(
        PollEvent(
          token: token, isReadable: flags & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0,
          isWritable: flags & EPOLLOUT.rawValue != 0,
          isClosed: flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0))
    }
  }

  /// Sets the timer, unless it stands on that moment already.
  private mutating func setTimer(_ moment: Moment?) throws(SystemError) {
    let moment = moment == .distantFuture ? nil : moment
    // A timer that went off stays readable until it is set again.
    if moment == deadline { return }
    let number = timer.number
    var time = itimerspec()
    if let moment {
      // Zero would switch the timer off; the first nanosecond has passed as well.
      let nanoseconds = max(1, moment.nanoseconds)
      time.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
      time.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    }
    _ = try calling {
      unsafe timerfd_settime(number, Int32(TFD_TIMER_ABSTIME), &time, nil)
    }
    deadline = moment
  }

  private func control(
    _ operation: Int32, _ number: Int32, _ token: UInt64, _ interest: Interest
  ) throws(SocketError) {
    do throws(SystemError) {
      try Poller.control(epoll.number, operation, number, token, interest)
    } catch {
      throw SocketError(.configure, "poller", error)
    }
  }

  private static func control(
    _ epoll: Int32, _ operation: Int32, _ number: Int32, _ token: UInt64, _ interest: Interest
  ) throws(SystemError) {
    var event = unsafe epoll_event()
    // The union holds whatever was put in; we only ever put in and take out the 64-bit token.
    unsafe event.data.u64 = token
    // With an interest in reading, the peer's end of sending counts as something to read.
    if interest.contains(.read) { unsafe event.events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
    if interest.contains(.write) { unsafe event.events |= EPOLLOUT.rawValue }
    if interest.contains(.end) { unsafe event.events |= EPOLLRDHUP.rawValue }
    _ = try calling { unsafe epoll_ctl(epoll, operation, number, &event) }
  }
}
