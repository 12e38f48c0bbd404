import Cryptography
import Format
import Testing

@testable import Replication

/// The keys of a device, and what is said of whoever breaks a rule.
@Suite struct OwnKeysTests {
  @Test func `the keys of a device come back from what their file holds`() throws {
    let content = [UInt8](1...96)
    let keys = try DeviceSecrets(content: content)
    let again = try DeviceSecrets(content: content)
    #expect(keys.device == again.device && keys.sealingIdentity == again.sealingIdentity)
    #expect(keys.device != DeviceSecrets().device)
    let noise = again.intoNoise().withBytes { span in span.indices.map { span[$0] } }
    #expect(noise == Array(content[32..<64]))
    for count in [0, 95, 97] {
      #expect(throws: CryptographyError.wrongLength(expected: 96, found: count)) {
        _ = try DeviceSecrets(content: [UInt8](repeating: 1, count: count)).device
      }
    }
  }

  @Test func `a batch that begins no feed has no facts of one`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    try anna.say("first", in: group)
    let batches = anna.log.filter { $0.group == group }
    #expect(try batches[0].genesisFacts().device == anna.replica.secrets.device)
    #expect(throws: Violation.decode(.broken(.e11))) { try batches[1].genesisFacts() }
  }

  @Test func `what is said of a violation ends with its rule`() {
    let (group, feed) = (GroupID(Bytes32()), FeedID(Bytes16(1, 2)))
    let all: [Violation] = [
      .decode(.broken(.e11)), .decode(.truncated(.r1)), .chain(group, feed, seq: 4),
      .signature(group, feed, seq: 4), .foreignGroup(group), .notOnThisLink(kind: 4),
      .provisionalTooMuch, .otherBranch(feed, seq: 4),
    ]
    for violation in all {
      #expect(violation.description.hasSuffix("(\(violation.rule))"))
    }
    #expect(Set(all.map(\.description)).count == all.count)
  }
}
