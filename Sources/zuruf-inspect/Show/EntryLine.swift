import Format
import Replication
import Storage

/// One entry as a line of the dump; the grammar stands in Protocol/A-control.md.
struct EntryLine {
  let batch: Batch
  let entry: EntrySummary
  let at: RecordPlace
  let isOwn: Bool
  let arrival: UInt64
  let content: Reading?

  var json: JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("entry")), ("group", .id(batch.group)), ("feed", .id(batch.feed)),
    ]
    if !batch.branch.isZero { fields.append(("branch", .id(batch.branch))) }
    fields += [
      ("seq", .number(entry.seq)), ("id", .id(entry.id)), ("kind", .text(kindName(entry.kind))),
      ("flags", .number(UInt64(entry.flags))), ("wall", .number(entry.wallMilliseconds)),
      ("lamport", .number(entry.lamport)),
    ]
    if let header = try? batch.header(entry) { fields += headerFields(header) }
    fields.append(("body", .text(entry.bodyState == .present ? "present" : "erased")))
    fields.append(("body_size", .number(entry.bodySize)))
    if entry.kind == EntryKind.control.rawValue, let body = batch.body(entry),
      let operation = try? Operation(decoding: body)
    {
      fields.append(("operation", operation.json))
    }
    if entry.seq == batch.last.seq, !batch.signature.isZero {
      fields.append(("signature", .text(hex(batch.signature.array))))
    }
    fields += [
      ("own", .flag(isOwn)), ("arrival", .number(arrival)), ("segment", .number(at.segment)),
      ("offset", .number(UInt64(at.offset))),
    ]
    if let content { fields.append(("content", content.json)) }
    return .object(fields)
  }

  private func headerFields(_ header: EntryHeader) -> [(String, JSON)] {
    var fields: [(String, JSON)] = []
    if header.seq > 0 { fields.append(("prev", .id(header.prev))) }
    if !header.epoch.isZero { fields.append(("epoch", .id(header.epoch))) }
    if header.bodySize > 0 { fields.append(("body_hash", .id(header.bodyHash))) }
    fields.append(
      (
        "deps",
        .list(
          header.deps.map { dep in
            .object([
              ("feed", .id(dep.feed)), ("seq", .number(dep.seq)),
              ("prefix", .text(hex(dep.prefix.array))),
            ])
          })
      ))
    if let facts = GenesisFacts(header) { fields.append(("genesis", facts.json)) }
    return fields
  }
}

extension GenesisFacts {
  /// What a feed's genesis states.
  var json: JSON {
    var fields: [(String, JSON)] = [("device", .id(device))]
    if !certificate.isZero { fields.append(("certificate", .id(certificate))) }
    if let group {
      fields.append(("office", .id(group.office)))
      fields.append(("group_kind", .text("\(group.kind)")))
      if let pair = group.pair {
        fields.append(("members", .list([.id(pair.a), .id(pair.b)])))
      }
      fields.append(("owners_outrank", .flag(!group.ownersDoNotOutrank)))
    }
    return .object(fields)
  }
}

extension Reading {
  /// What a body says, or why it is not said.
  var json: JSON {
    switch self {
    case .content(.text(_, let bytes, let reply)):
      .object(
        [("text", .text(String(decoding: bytes, as: UTF8.self)))]
          + (reply.map { [("reply", .id($0))] } ?? []))
    case .content(.title(_, let title, let purpose, let again)):
      .object(
        [
          ("title", .text(title.text)),
          ("purpose", .text(String(decoding: purpose, as: UTF8.self))),
        ] + (again.map { [("again", .id($0))] } ?? []))
    case .content(.name(_, let subject, let name)):
      .object([("name", .text(name.text)), ("of", subject.json)])
    case .content(.reaction(_, let entry, let sign)):
      .object([("reaction", .text(sign?.text ?? "")), ("to", .id(entry))])
    case .content(.unknown(let type)): .object([("unknown", .number(UInt64(type)))])
    case .waitingForKey: .object([("unread", .text("waiting for a key"))])
    case .erased: .object([("unread", .text("erased"))])
    case .unreadable: .object([("unread", .text("unreadable"))])
    }
  }
}

extension Content.Subject {
  fileprivate var json: JSON {
    switch self {
    case .office: .object([("office", .flag(true))])
    case .member(let id): .object([("member", .id(id))])
    case .device(let key): .object([("device", .id(key))])
    case .ticket(let key): .object([("ticket", .id(key))])
    }
  }
}
