import Testing

@testable import Simulation

/// Which certificates may have no effect, in histories that are told entry by entry.
@Suite struct DoubtTests {
  @Test(arguments: [1, 2], [false, true])
  func `who is lowered lets in by the ticket of somebody else as before, and not who is removed`(
    issuer: Int, isRemoved: Bool
  ) throws {
    let history = try History()
    try history.letIn(2)
    try history.rank(2, 1, by: 1, knowing: [2])
    _ = try history.ticket(9, by: issuer, knowing: [3 - issuer])
    let certificate = try history.certify(3, by: 2, ticket: 9, knowing: [1])
    #expect(!history.isInVain(certificate))
    if isRemoved {
      try history.remove(2, by: 1)
    } else {
      try history.rank(2, 2, by: 1)
    }
    #expect(history.isInVain(certificate) == (isRemoved || issuer == 2))
  }

  /// The founder makes a ticket, or somebody who is lowered beside it; the admin P2 repeats its key.
  @Test(arguments: [1, 3, nil])
  func `of a key that somebody who lies repeats the ticket of somebody else counts`(
    issuer: Int?
  ) throws {
    let history = try History()
    for number in [2, 3, 4] { try history.letIn(number) }
    for number in [2, 3] { try history.rank(number, 1, by: 1) }
    if let issuer { _ = try history.ticket(9, by: issuer, knowing: [4 - issuer]) }
    history.takeOver(2)
    _ = try history.ticket(9, by: 2, knowing: [1, 3])
    let certificate = try history.certify(5, by: 4, ticket: 9, knowing: [1, 2, 3])
    #expect(!history.isInVain(certificate))
    try history.rank(3, 2, by: 1)
    #expect(history.isInVain(certificate) == (issuer == 3))
    try history.remove(2, by: 1)
    #expect(history.isInVain(certificate) == (issuer != 1))
  }

  /// P2, who is struck beside that, makes P3 an admin, who may be an owner by then.
  @Test(arguments: [false, true])
  func `whoever is an owner has no say by the rank that somebody gave in vain`(
    isOwner: Bool
  ) throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    let both = try history.owners([1, 2], by: 1)
    try history.rank(3, 1, by: 2, knowing: [1])
    _ = try history.owners(isOwner ? [1, 3] : [1], after: both, by: 1)
    _ = try history.ticket(9, by: 3, knowing: [1, 2])
    let certificate = try history.certify(4, by: 3, ticket: 9)
    #expect(history.isInVain(certificate) == !isOwner)
  }

  /// P4 was let in by P2, who is removed beside that, and by the founder.
  @Test(arguments: [false, true])
  func `what a computer wrote hangs on the certificate that its feed names`(isFirst: Bool) throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    _ = try history.ticket(9, by: 1)
    let first = try history.certify(4, by: 2, ticket: 9, knowing: [1], begins: false)
    let second = try history.certify(4, by: 1, ticket: 9, begins: false)
    try history.begin(4, with: isFirst ? first : second, knowing: [1, 2])
    let certificate = try history.certify(5, by: 4, ticket: 9)
    try history.remove(2, by: 1)
    #expect(history.isInVain(first) && !history.isInVain(second))
    #expect(history.isInVain(certificate) == isFirst)
  }

  /// Each was let in by the one before, who had made the ticket too: two ways lead from each to the first.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func `what much hangs on in many ways is asked once`(isRemoved: Bool) throws {
    let history = try History()
    try history.letIn(2)
    var certificate: Long?
    for number in 3...40 {
      _ = try history.ticket(number, by: number - 1)
      certificate = try history.certify(number, by: number - 1, ticket: number)
    }
    if isRemoved { try history.remove(2, by: 1) }
    #expect(history.isInVain(try #require(certificate)) == isRemoved)
  }

  /// What removes a computer takes what that one wrote beside it, and nothing else of its member.
  @Test func `who loses a computer loses what it wrote beside that`() throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    let before = try history.ticket(20, by: 2)
    let other = try history.ticket(30, by: 3)
    try history.remove(2, isDevice: true, by: 1, knowing: [2])
    let beside = try history.ticket(21, by: 2)
    #expect([before, other, beside].map(history.isCutOff) == [false, false, true])
    #expect(!history.hasLost(2) && history.book.hasAnybodyLost)
  }

  @Test func `who lies lets in by a ticket as anybody may, and nobody without one`() throws {
    let history = try History()
    try history.letIn(2)
    history.takeOver(2)
    _ = try history.ticket(20, by: 1)
    let entries = try [20, 21].enumerated().map { number, ticket in
      try history.certify(number + 3, by: 2, ticket: ticket, begins: false)
    }
    let known = history.book.certificates.map(\.entry)
    #expect(entries.map(known.contains) == [true, false])
  }

  /// P2 makes a ticket, and the founder, who knows of it, removes the only computer of P3 and then of P2.
  @Test func `the ticket of who has no computer any more has ended`() throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    try history.rank(2, 1, by: 1)
    let ticket = try history.ticket(20, by: 2, knowing: [1])
    try history.remove(3, isDevice: true, by: 1, knowing: [2])
    #expect(!history.hasEnded(ticket: ticket))
    try history.remove(2, isDevice: true, by: 1, knowing: [2])
    #expect(history.hasEnded(ticket: ticket) && !history.isInVain(ticket))
  }

  /// The founder lowers or removes P2, who made a ticket, and may know of it.
  @Test(arguments: [false, true], [false, true])
  func `the ticket of who is lowered or removed ends until the rank is given back`(
    isRemoved: Bool, isKnown: Bool
  ) throws {
    let history = try History()
    for number in [2, 3] { try history.letIn(number) }
    try history.rank(2, 1, by: 1)
    let other = try history.ticket(30, by: 1)
    let ticket = try history.ticket(20, by: 2, knowing: [1])
    #expect(!history.hasEnded(ticket: ticket))
    try history.rank(3, 2, by: 1)
    #expect(!history.hasEnded(ticket: ticket))
    let known = isKnown ? [2] : []
    if isRemoved {
      try history.remove(2, by: 1, knowing: known)
    } else {
      try history.rank(2, 2, by: 1, knowing: known)
    }
    #expect(history.isInVain(ticket) == !isKnown)
    #expect(history.hasEnded(ticket: ticket) && !history.hasEnded(ticket: other))
    if !isRemoved {
      // For itself whoever was lowered may make one, as everybody may.
      #expect(!history.hasEnded(ticket: try history.ticket(21, by: 2, knowing: [1])))
    }
    try history.rank(2, 1, by: 1)
    #expect(history.hasEnded(ticket: ticket) == !isKnown)
  }
}
