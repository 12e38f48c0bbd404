import Authority
import Control
import Testing

@testable import Daemon

/// What a person reads where the rules say no (house rule: no word of the protocol).
struct RefusalWordsTests {
  /// What nobody meets who types commands: a node never writes such an entry.
  private static let unmet: Set<Refusal> = [
    .otherLog, .badDeviceSignature, .badTicketSignature, .notFounder,
  ]
  private static let wordsOfTheProtocol = [
    "author", "target", "certificate", "certif", "past", "view", "epoch", "feed", "head", "cut",
    "entry", "signature", "senior to", "issuer",
  ]

  @Test(arguments: Refusal.allCases)
  func `every refusal has a sentence and what to do, without a word of the protocol`(
    refusal: Refusal
  ) {
    let error = refusal.asError
    let texts = [error.message] + (error.hint.map { [$0] } ?? [])
    #expect(error.hint != nil || Self.unmet.contains(refusal))
    for text in texts {
      #expect(!text.isEmpty && !text.hasSuffix("."))
      #expect(text.first?.isLowercase ?? false)
      let words = text.lowercased().split { !$0.isLetter }.map(String.init)
      for word in Self.wordsOfTheProtocol {
        #expect(!word.contains(" ") ? !words.contains(word) : !text.contains(word), "\(text)")
      }
    }
    // The sentence for logs is not the one for people.
    #expect(error.message != refusal.description)
    #expect(error.candidates.isEmpty)
  }

  @Test func `what needs a way out of its own names it`() {
    let ways: [(Refusal, String)] = [
      (.ownerStays, "zuruf member rank NAME owner"), (.lastOwnerDevice, "zuruf ticket new --for"),
      (.mayNotIssue, "zuruf ticket new --for"), (.notSenior, "zuruf member rank"),
      (.notInGroup, "whoever made the group"), (.boxNotAdded, "zuruf group add"),
      (.notAdmin, "an admin or owner"), (.tooManyDevices, "zuruf device remove"),
      (.ticketRevoked, "zuruf ticket new"), (.ownersOutdated, "begin anew"),
    ]
    for (refusal, way) in ways {
      #expect(refusal.asError.hint?.contains(way) ?? false, "\(refusal)")
    }
  }
}
