import Format
import Testing

/// Values that are none, and what is said of them.
@Suite struct RefusedValueTests {
  @Test func `what is no hexadecimal number of its length names nothing`() {
    let digits = String(repeating: "0aF", count: 21) + "9"
    #expect(EntryID(hex: digits)?.description == digits.lowercased())
    #expect(FeedID(hex: digits.prefix(32))?.description == digits.prefix(32).lowercased())
    for text in [
      "", "0", String(digits.dropLast()), digits + "00", "g" + digits.dropFirst(),
      digits.prefix(31) + "-",
    ] {
      #expect(EntryID(hex: text) == nil && FeedID(hex: text) == nil, "\(text)")
    }
  }

  @Test func `an address of another length than IP has is none`() {
    for count in [0, 3, 5, 15, 17] {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(TicketLine.AddressHint(address: bytes, port: 1) == nil)
    }
  }

  @Test func `a header that nobody checked and that is no genesis has no facts`() {
    func header(_ kind: EntryKind) -> EntryHeader {
      EntryHeader(
        kind: kind, group: GroupID(Bytes32()), feed: FeedID(Bytes16()), seq: 0,
        prev: EntryID(Bytes32()), wallMilliseconds: 1, lamport: 1, epoch: EpochID(Bytes16()),
        bodySize: 4, bodyHash: BodyHash(Bytes32()), deps: [], ext: [])
    }
    #expect(GenesisFacts(header(.message)) == nil && GenesisFacts(header(.genesis)) == nil)
    #expect(throws: DecodeError.broken(.e11)) { try checkBody(header(.genesis), [1, 2, 3, 4]) }
    #expect(throws: DecodeError.broken(.e13)) { try checkBody(header(.genesis), [1, 2, 3]) }
  }

  @Test func `a greeting at a door says nothing in any of its fields`() throws {
    let nobody = EntryID(Bytes32())
    let somebody = try #require(EntryID(hex: String(repeating: "01", count: 32)))
    let silent = BootNonce(Bytes16())
    let nothing = Greeting(certificate: nobody, bootNonce: silent, wallMilliseconds: 0, port: 0)
    try nothing.checkSaysNothing()
    for said in [
      Greeting(certificate: somebody, bootNonce: silent, wallMilliseconds: 0, port: 0),
      Greeting(
        certificate: nobody, bootNonce: BootNonce(Bytes16(0, 1)), wallMilliseconds: 0, port: 0),
      Greeting(certificate: nobody, bootNonce: silent, wallMilliseconds: 1, port: 0),
      Greeting(certificate: nobody, bootNonce: silent, wallMilliseconds: 0, port: 1),
    ] {
      #expect(throws: DecodeError.broken(.h12)) { try said.checkSaysNothing() }
    }
  }

  @Test func `every rule says in words of its own what it demands`() {
    #expect(Set(Rule.allCases.map(\.text)).count == Rule.allCases.count)
    for rule in Rule.allCases {
      #expect(rule.text.first?.isLowercase ?? false && rule.text.last != ".")
      #expect(DecodeError.broken(rule).description == "\(rule.text) (\(rule.label))")
      #expect(
        DecodeError.truncated(rule).description == "the bytes end too early (\(rule.label))")
    }
  }
}
