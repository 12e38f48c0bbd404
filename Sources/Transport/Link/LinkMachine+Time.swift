internal import Format
package import Platform

extension LinkMachine {
  /// When `tick` wants to run next.
  package var deadline: Moment {
    switch phase {
    case .preface, .message1, .message2, .message3:
      return startedAt + .seconds(Limits.handshakeSeconds)
    case .open:
      var next = min(silentAt, renewAt)
      if !hasPinged { next = min(next, pingAt) }
      if let probe { next = min(next, probe.until) }
      if let unproven { next = min(next, unproven.until) }
      return next
    case .closing, .over: return .distantFuture
    }
  }

  private var pingAt: Moment { lastReceived + .seconds(Limits.pingSeconds) }
  private var silentAt: Moment { lastReceived + .seconds(Limits.deadSeconds) }

  /// The initiator renews; the responder only where that did not happen (H-8).
  private var renewAt: Moment {
    let age = Duration.seconds(Limits.linkHours * 3_600)
    return upAt + age
      + (isInitiator ? .zero : .seconds(Limits.renewGraceMinutes * 60))
  }

  /// Does what is due. Hand in first what has been received: silence is judged here.
  package mutating func tick(at now: Moment) {
    guard now >= deadline else { return }
    if phase != .open { return end(.late, farewell: nil) }
    if now >= silentAt { return end(.silent, farewell: nil) }
    if let probe, now >= probe.until {
      // On a slow network the answer may wait behind a queue; bytes that arrive prove life too.
      if lastReceived <= probe.from { return end(.silent, farewell: nil) }
      self.probe = nil
    }
    if let unproven, now >= unproven.until { return end(.unproven, farewell: .notNow) }
    if now >= renewAt { return close(.newerHandshake) }
    if now >= pingAt {
      hasPinged = true
      ping()
      releaseRoom()
    }
  }

  /// Asks the peer for a sign of life; with none by then the link is down.
  ///
  /// Any byte is a sign of life; `answered` is told for the answer to the last probe alone.
  package mutating func probe(from now: Moment, until moment: Moment) {
    guard phase == .open else { return }
    probe = (ping(), now, moment)
  }

  @discardableResult
  private mutating func ping() -> UInt64 {
    pingNonce += 1
    // Where the queue is full the peer has enough to acknowledge without it.
    _ = send(.ping(pingNonce))
    return pingNonce
  }

  /// The peer's device is admitted here: the bounds of an unproven link end (H-5).
  package mutating func promote() { unproven = nil }

  /// Two who compare digits may take until then; the bound of bytes stays (H-15).
  package mutating func hold(until moment: Moment) {
    guard let bound = unproven else { return }
    isHeld = true
    unproven = (moment, bound.bytesLeft)
  }

  /// Nobody waits for this stranger any more: it may hear what was said until then.
  package mutating func dismiss(until moment: Moment) {
    hold(until: moment)
    isHeld = false
  }

  /// Whether the link is at a door.
  var isAtDoor: Bool { mode == .digits }

  /// Whether the link is up and not promoted.
  var isUnproven: Bool { isUp && unproven != nil }
}
