import Format

extension Operation {
  /// A control operation for a program: names of fields as in Protocol/5-authority.md.
  var json: JSON {
    switch self {
    case .certify(let value):
      var fields: [(String, JSON)] = [("op", .text("certify"))] + value.certificate.fields
      if !value.ticket.isZero { fields.append(("ticket", .id(value.ticket))) }
      return .object(fields)
    case .remove(.member(let id), let cuts):
      return .object([("op", .text("remove")), ("member", .id(id)), ("cuts", list(cuts))])
    case .remove(.device(let key), let cuts):
      return .object([("op", .text("remove")), ("device", .id(key)), ("cuts", list(cuts))])
    case .rank(let member, let rank, let cuts):
      return .object([
        ("op", .text("rank")), ("member", .id(member)), ("rank", .text("\(rank)")),
        ("cuts", list(cuts)),
      ])
    case .ticket(let grant): return grant.json
    case .ticketRevoke(let key):
      return .object([("op", .text("ticket-revoke")), ("ticket", .id(key))])
    case .owners(let list):
      return .object([
        ("op", .text("owners")), ("previous", .id(list.previous)),
        ("members", .list(list.members.map { .id($0) })),
        ("signed_by", .list(list.signatures.map { .id($0.device) })),
      ])
    case .suspend(let feed, let seq, let first, let second):
      return .object([
        ("op", .text("suspend")), ("feed", .id(feed)), ("seq", .number(seq)),
        ("entries", .list([.id(first), .id(second)])),
      ])
    case .groupAdd(let members, let grade):
      return .object([
        ("op", .text("group-add")), ("members", .list(members.map { .id($0) })),
        ("grade", .text("\(grade)")),
      ])
    case .groupRemove(let member, let cuts):
      return .object([
        ("op", .text("group-remove")), ("member", .id(member)), ("cuts", list(cuts)),
      ])
    case .unknown(let code):
      return .object([("op", .text("unknown")), ("code", .number(UInt64(code)))])
    }
  }

  private func list(_ cuts: [Cut]) -> JSON {
    .list(
      cuts.map { cut in
        .object([("feed", .id(cut.feed)), ("seq", .number(cut.seq)), ("entry", .id(cut.entry))])
      })
  }
}

extension Operation.TicketGrant {
  fileprivate var json: JSON {
    var fields: [(String, JSON)] = [
      ("op", .text("ticket")), ("ticket", .id(key)), ("rank", .text("\(rank)")),
      ("keeper", .flag(isKeeper)), ("admits", .flag(mayAdmit)),
    ]
    if !member.isZero { fields.append(("member", .id(member))) }
    fields.append(("expires", .number(expiresMilliseconds)))
    fields.append(("uses", .number(UInt64(uses))))
    fields.append(("groups", .list(groups.map { .id($0) })))
    return .object(fields)
  }
}

extension Certificate {
  fileprivate var fields: [(String, JSON)] {
    [
      ("member", .id(member)), ("device", .id(device)), ("noise", .id(noise)),
      ("sealing", .id(sealing)), ("rank", .text("\(rank)")), ("keeper", .flag(isKeeper)),
      ("admits", .flag(mayAdmit)),
    ]
  }
}
