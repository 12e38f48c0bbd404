import Control
import Format
import Platform
import Replication

/// An answer to `send` that waits until all devices in reach have the message (C-13).
struct AwaitedDelivery {
  let sent: SendCall.Answer
  let group: GroupID
  let place: EntryPlace
  let epoch: EpochID?
  let until: Moment
  let answer: Answer
}

extension OfficeNode {
  /// The answer to a `send`: at once, or, where the caller asks and somebody is in reach, when all of
  /// them have the message.
  func waiting(_ call: SendCall, _ answer: @escaping Answer) -> Answer {
    guard call.wait ?? false else { return answer }
    return { [self] result in
      guard case .success(.send(let sent)) = result, let entry = Bytes32(sent.entry.bytes),
        let group = Bytes32(sent.group.id.bytes).map({ GroupID($0) }),
        let place = replica.find(EntryID(entry), in: group),
        awaitedDeliveries.count < Limits.heldWritesMax
      else { return answer(result) }
      awaitedDeliveries.append(
        AwaitedDelivery(
          sent: sent, group: group, place: place, epoch: epoch(of: place, in: group),
          until: clock.now() + .milliseconds(Limits.sendWaitMilliseconds), answer: answer))
    }
  }

  /// Answers what has come far enough, or has waited long enough.
  func answerAwaited(all: Bool) {
    guard !awaitedDeliveries.isEmpty else { return }
    let waiting = awaitedDeliveries
    awaitedDeliveries = []
    for one in waiting {
      let inReach = counted(one.group, under: one.epoch).filter { replica.isLinked($0) }
      let onItsWay =
        inReach.count - replica.holders(one.group, one.place, among: inReach).count
      guard all || onItsWay == 0 || clock.now() >= one.until else {
        awaitedDeliveries.append(one)
        continue
      }
      let state = delivery(one.group, one.place, under: one.epoch)
      one.answer(
        .success(
          .send(
            .init(
              entry: one.sent.entry, group: one.sent.group, time: one.sent.time, durable: true,
              repeated: one.sent.repeated, state: state, inReach: inReach.count,
              onItsWay: onItsWay))))
    }
  }
}
