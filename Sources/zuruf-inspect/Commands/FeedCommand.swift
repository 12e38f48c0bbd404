import Authority
import Format
import Replication
import Storage
import Terminal

/// `zuruf-inspect feed`: one feed with its device, head and place on the disk.
enum FeedCommand {
  static let description = Command("feed", "show one feed: device, head, cuts, where it lies")
    .taking(Operand("FEED", .one, "the beginning of its identifier"))

  static func run(_ session: Session) throws(Failure) {
    let inspection = try Inspection(session)
    let (group, places) = try inspection.feed(session.invocation.text("FEED") ?? "")
    if session.json {
      for place in places { session.print(inspection.feedLine(group, place)) }
      return
    }
    session.print("feed         \(places[0].feed)\n")
    session.print("group        \(group) (\(inspection.view.kind(of: group)))\n")
    for fork in inspection.view.forks(of: group) where fork.feed == places[0].feed {
      session.print(Finding(fork, group).line)
    }
    for place in places { show(place, group, inspection, session) }
  }

  private static func show(
    _ place: FeedPlace, _ group: GroupID, _ inspection: Inspection, _ session: Session
  ) {
    guard let chain = inspection.view.index(group)?[place] else { return }
    if !place.branch.isZero {
      session.print("\nbranch       \(place.branch), from \(chain.start)\n")
    }
    let standing = inspection.standing(group, place)
    if let standing {
      session.print("device       \(standing.device)\n")
      session.print("certificate  \(standing.certificate)\n")
      let device = inspection.replay?.replica.rosterNow().device(certificate: standing.certificate)
      if let device {
        let state = device.isLive ? "" : ", removed"
        session.print("member       \(device.member) (\(device.rank)\(state))\n")
      }
    }
    if let last = chain.last {
      session.print("head         \(last) \(chain.headID), lamport \(chain.lamport(last) ?? 0)\n")
    }
    session.print("admitted     \(admitted(standing))\n")
    let segments = Set(chain.pieces.map(\.place.segment)).sorted().map(String.init)
    session.print(
      "lies in      \(counted(chain.pieces.count, "record group", "record groups")); "
        + "segments \(segments.joined(separator: ", "))\n")
    showCuts(place, inspection, session)
  }

  private static func admitted(_ standing: FeedStanding?) -> String {
    guard let standing else { return "not judged" }
    if let end = standing.ended {
      return "up to \(end.seq), where it ended: \(escaped(end.text, .shown)) (\(end.rule))"
    }
    guard standing.admittedCount < standing.storedCount else { return "all" }
    let awaited = standing.waitsFor.map { "an entry of feed \(short($0))" } ?? "what cannot be read"
    return "\(standing.admittedCount) of \(standing.storedCount), waits for \(awaited)"
  }

  private static func showCuts(
    _ place: FeedPlace, _ inspection: Inspection, _ session: Session
  ) {
    for removal in inspection.replay?.replica.rosterNow().removals ?? [] {
      for cut in removal.cuts where cut.feed == place.feed {
        session.print("cut          after \(cut.seq), by \(removal.entry.id) (A-14)\n")
      }
    }
  }
}
