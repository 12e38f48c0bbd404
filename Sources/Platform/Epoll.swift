internal import CLinux
internal import Glibc

/// The kernel's watch over descriptors.
///
/// The deadline is kept by a timer on the clock that counts through suspend, so one that passed in
/// sleep is over on waking.
@safe final class Epoll: Watch {
  /// The timer's own token, never handed out.
  private static let timerToken = Poller.ownToken
  private static let capacity = 256

  private let epoll: FileDescriptor
  private let timer: FileDescriptor
  /// What the timer stands on, nil where it is off or has gone off.
  private var deadline: Moment?
  /// A timer that went off stays readable until it is set again.
  private var isOver = false
  /// What the kernel fills; the same room for every wait.
  private var ready: [epoll_event]

  /// Watches nothing yet.
  init() throws(SocketError) {
    do throws(SystemError) {
      epoll = FileDescriptor(owning: try calling { epoll_create1(Int32(EPOLL_CLOEXEC)) })
      let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
      timer = FileDescriptor(owning: try calling { timerfd_create(CLOCK_BOOTTIME, flags) })
      unsafe ready = [epoll_event](repeating: epoll_event(), count: Epoll.capacity)
      try Self.control(epoll.number, EPOLL_CTL_ADD, timer.number, Self.timerToken, .read)
    } catch {
      throw SocketError(.open, "poller", error)
    }
  }

  func add(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    try control(EPOLL_CTL_ADD, number, token, interest)
  }

  func modify(number: Int32, token: UInt64, interest: Interest) throws(SocketError) {
    try control(EPOLL_CTL_MOD, number, token, interest)
  }

  func remove(number: Int32) throws(SocketError) {
    try control(EPOLL_CTL_DEL, number, 0, [])
  }

  func wait(
    until moment: @autoclosure () -> Moment?, into events: inout [PollEvent]
  ) throws(SocketError) {
    let moment = moment()
    events.removeAll(keepingCapacity: true)
    let number = epoll.number
    var count = 0
    do throws(SystemError) {
      // What is due at once needs no timer.
      let isDue = moment.map { $0 <= .distantPast } ?? false
      if !isDue { try setTimer(moment) }
      // The kernel fills at most `capacity` entries, which is what the array holds.
      count = Int(
        unsafe epoll_wait(number, &ready, Int32(Self.capacity), isDue ? 0 : -1))
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
      if token == Self.timerToken {
        (deadline, isOver) = (nil, true)
        continue
      }
      let flags = unsafe event.events
      events.append(
        PollEvent(
          token: token, isReadable: flags & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0,
          isWritable: flags & EPOLLOUT.rawValue != 0,
          isClosed: flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0))
    }
  }

  /// Sets the timer, unless it goes off by that moment already.
  ///
  /// Deadlines move into the future with all that happens: one wake-up too early, after which it is
  /// set again, costs less than setting it in every turn.
  private func setTimer(_ moment: Moment?) throws(SystemError) {
    let moment = moment == .distantFuture ? nil : moment
    if let deadline, deadline <= moment ?? .distantFuture { return }
    if deadline == nil, moment == nil, !isOver { return }
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
    (deadline, isOver) = (moment, false)
  }

  private func control(
    _ operation: Int32, _ number: Int32, _ token: UInt64, _ interest: Interest
  ) throws(SocketError) {
    do throws(SystemError) {
      try Self.control(epoll.number, operation, number, token, interest)
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
