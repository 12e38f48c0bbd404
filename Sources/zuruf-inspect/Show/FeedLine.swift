import Authority
import Format
import Replication
import Storage

/// What a group's and a feed's command say for programs; the grammar stands in
/// Protocol/A-control.md.
extension Inspection {
  /// The line of one feed or branch.
  func feedLine(_ group: GroupID, _ place: FeedPlace) -> JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("feed")), ("group", .id(group)), ("feed", .id(place.feed)),
    ]
    if !place.branch.isZero { fields.append(("branch", .id(place.branch))) }
    let standing = standing(group, place)
    if let standing {
      fields.append(("device", .id(standing.device)))
      fields.append(("certificate", .id(standing.certificate)))
    }
    if let chain = view.index(group)?[place] {
      fields.append(("first", .number(chain.start)))
      if let last = chain.last {
        fields.append(("head", .number(last)))
        fields.append(("id", .id(chain.headID)))
        fields.append(("lamport", .number(chain.lamport(last) ?? 0)))
      }
      fields.append(("record_groups", .number(chain.pieces.count)))
      let segments = Set(chain.pieces.map(\.place.segment)).sorted()
      fields.append(("segments", .list(segments.map { .number($0) })))
    }
    if let standing {
      fields.append(("admitted", .number(standing.admittedCount - Int(standing.start))))
      if let awaited = standing.waitsFor { fields.append(("waits_for", .id(awaited))) }
      if let end = standing.ended {
        fields.append(
          (
            "ended",
            .object([
              ("seq", .number(end.seq)), ("rule", .text(end.rule)), ("text", .text(end.text)),
            ])
          ))
      }
    }
    return .object(fields)
  }

  /// The line of a group, as the overview has it.
  func groupLine(_ group: GroupID) -> JSON { view.line(group, look) }

  /// A line for each member and its rank or grade.
  func memberLines(_ group: GroupID) -> [JSON] {
    guard let replay else { return [] }
    if group == office {
      return replay.replica.rosterNow().members.map { member in
        .object([
          ("type", .text("member")), ("group", .id(group)), ("member", .id(member.id)),
          ("rank", .text("\(member.rank)")), ("devices", .number(member.devices.count)),
          ("removed", .flag(member.isRemoved)),
        ])
      }
    }
    return (replay.replica.membershipNow(group)?.members ?? []).map { member in
      .object([
        ("type", .text("member")), ("group", .id(group)), ("member", .id(member.id)),
        ("grade", .text("\(member.grade)")),
      ])
    }
  }

  /// A line for each epoch.
  func epochLines(_ group: GroupID) -> [JSON] {
    (epochs[group] ?? []).map { epoch in
      .object([
        ("type", .text("epoch")), ("group", .id(group)), ("epoch", .id(epoch.id)),
        ("feed", .id(epoch.place.feed)), ("seq", .number(epoch.seq)),
        ("sealed_to", .number(epoch.recipients)),
      ])
    }
  }
}

extension StoreView {
  /// The line of a group in the overview and in `group`.
  func line(_ group: GroupID, _ look: Look) -> JSON {
    let size = look.size(of: group)
    return .object([
      ("type", .text("group")), ("group", .id(group)), ("kind", .text(kind(of: group))),
      ("feeds", .number(Set(index(group)?.places.map(\.feed) ?? []).count)),
      ("entries", .number(index(group)?.entryCount ?? 0)), ("segments", .number(size.segments)),
      ("bytes", .number(size.bytes)),
    ])
  }
}

extension Field {
  /// The line of a field; bytes that are secret or somebody's words do not stand there.
  func json(_ part: String) -> JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("field")), ("part", .text(part)), ("offset", .number(offset)),
      ("size", .number(bytes.count)),
    ]
    if hidden == nil { fields.append(("bytes", .text(hex(bytes[...])))) }
    fields += [("field", .text(name)), ("says", .text(hidden ?? meaning)), ("rule", .text(rule))]
    return .object(fields)
  }
}
