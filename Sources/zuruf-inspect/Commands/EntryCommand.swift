import Format
import Replication
import Storage
import Terminal

/// `zuruf-inspect entry`: one entry down to its bytes.
enum EntryCommand {
  static let description = Command("entry", "show one entry down to its bytes")
    .saying("Every field with its offset, its bytes, what it says, and the rule about it.")
    .taking(Operand("ENTRY", .one, "the beginning of its ID, or FEED:SEQ"))
    .options(.flag("bodies", nil, "with the text or name, where this device can read it"))

  static func run(_ session: Session) throws(Failure) {
    let inspection = try Inspection(session)
    let name = try inspection.entry(session.invocation.text("ENTRY") ?? "")
    let (batch, entry) = try inspection.read(name)
    let place = inspection.view.index(name.group)?.recordPlace(name.place, name.seq)
    if session.json {
      return try showJSON(name, batch, entry, place, inspection, session)
    }
    session.print("entry     \(entry.id)\n")
    session.print("stands    \(short(name.place)):\(name.seq) in group \(name.group)\n")
    if let place {
      session.print(
        "lies in   segment \(place.segment), bytes \(place.offset + entry.headerAt) to "
          + "\(Int(place.offset) + entry.bodyAt + entry.bodyCount - 1); its record group begins "
          + "at \(place.offset) with entry \(batch.first) and has \(batch.entries.count)\n")
    }
    let verdict = WhyCommand.verdict(name, batch, entry, inspection)
    session.print("effect    \(verdict.hasEffect ? "yes" : "no"): \(verdict.text)")
    session.print(verdict.rule.isEmpty ? "\n" : " (\(verdict.rule))\n")
    show(FieldWalk.header(batch, entry), "header, \(entry.headerSize) bytes", session)
    if entry.bodyState == .erased {
      session.print("\nbody: erased (E-13)\n")
    } else if entry.bodySize > 0 {
      show(
        FieldWalk.body(batch, entry, isOffice: name.group == inspection.office),
        "body, \(entry.bodySize) bytes", session)
    }
    showSignature(batch, entry, session)
    if session.invocation.has("bodies") {
      let reader = try BodyReader(inspection.look, withBodies: true)
      if let reading = reader.content(batch, entry) { session.print("\n\(reading.text)\n") }
    }
  }

  /// The entry's line as `dump` has it, whether it has effect, and its fields.
  private static func showJSON(
    _ name: Inspection.EntryName, _ batch: Batch, _ entry: EntrySummary, _ at: RecordPlace?,
    _ inspection: Inspection, _ session: Session
  ) throws(Failure) {
    let reader =
      session.invocation.has("bodies") ? try BodyReader(inspection.look, withBodies: true) : nil
    if let at, let origin = inspection.origins[.init(group: name.group, record: at)] {
      session.print(
        EntryLine(
          batch: batch, entry: entry, at: at, isOwn: origin.isOwn, arrival: origin.arrival,
          content: reader?.content(batch, entry)
        ).json)
    }
    session.print(WhyCommand.line(name, entry, WhyCommand.verdict(name, batch, entry, inspection)))
    for field in FieldWalk.header(batch, entry) { session.print(field.json("header")) }
    guard entry.bodyState == .present, entry.bodySize > 0 else { return }
    let isOffice = name.group == inspection.office
    for field in FieldWalk.body(batch, entry, isOffice: isOffice) {
      session.print(field.json("body"))
    }
  }

  private static func show(_ fields: [Field], _ title: String, _ session: Session) {
    var table = Table()
    table.add(["OFFSET", "BYTES", "FIELD", "SAYS", "RULE"])
    for field in fields {
      let lines = field.hexLines
      table.add(["\(field.offset)", lines.first ?? "", field.name, field.meaning, field.rule])
      for line in lines.dropFirst() { table.add(["", line]) }
    }
    session.print("\n\(title)\n\(table.text(indent: 2))")
  }

  private static func showSignature(_ batch: Batch, _ entry: EntrySummary, _ session: Session) {
    if entry.seq < batch.last.seq {
      session.print(
        "\nsigned by way of entry \(batch.last.seq), which ends its record group (F-2)\n")
    } else if batch.signature.isZero {
      session.print("\nnot signed yet (F-11)\n")
    } else {
      session.print("\nsignature over the ID (F-2)\n")
      for line in digits(batch.signature.array) { session.print("  \(line)\n") }
    }
  }
}

extension Reading {
  /// The text for a person, made safe for a terminal.
  var text: String {
    switch self {
    case .content(.text(_, let bytes, let reply)):
      "text\(reply.map { " in answer to \($0)" } ?? "")\n"
        + escaped(String(decoding: bytes, as: UTF8.self), .kept)
    case .content(.title(_, let title, let purpose, let again)):
      "title \(quoted(title.text)), purpose \(quoted(String(decoding: purpose, as: UTF8.self)))"
        + (again.map { ", as \($0) said first" } ?? "")
    case .content(.name(_, _, let name)): "name \(quoted(name.text))"
    case .content(.reaction(_, let entry, let sign)):
      sign.map { "reaction \(quoted($0.text)) to \(entry)" } ?? "no reaction to \(entry) any more"
    case .content(.unknown(let type)): "content of type \(type), which this version does not know"
    case .waitingForKey: "this device has no key to the body"
    case .erased: "the body was erased"
    case .unreadable: "the body opens to nothing readable (E-17)"
    }
  }
}
