import Control
import Discovery
import Format
import Foundation
import Platform
import TestSupport
import Testing
import Transport

@testable import Daemon

/// What a person is told of a node that does less than it should: in words a person meets.
@Suite struct WordsTests {
  /// Words of the protocol that belong into zuruf-inspect, however they end.
  private static func forbidden(_ text: String) -> [String] {
    var plain = text.lowercased()
    for known in ["recovery key", "waiting for a key", "waits for the key"] {
      plain = plain.replacingOccurrences(of: known, with: "")
    }
    return plain.matches(
      of: /\b(?:epoch|feed|head|frontier|cut|hash|genesis|key)(?:s|es|ed)?\b/
    ).map { String($0.0) }
  }

  @Test func `the journal finds the level at the front of a line, a person the program's name`() {
    let line = { logLine(.warning, "the disk is full", of: "zurufd", isJournal: $0) }
    #expect(line(true) == "<4>the disk is full\n")
    #expect(line(false) == "zurufd: the disk is full\n")
  }

  private static func copied(
    bothWrote: Bool = false, isLikelyCopy: Bool = false, othersLetIn: Bool = true
  ) -> Shortfall {
    .copied(
      bothWrote: bothWrote, isLikelyCopy: isLikelyCopy, home: "/srv", typed: "pc", member: "@Ben",
      othersLetIn: othersLetIn)
  }

  private static let shortfalls: [Shortfall] = [
    .spaceLow(mebibytes: 3, place: "/srv"), .diskFull("the disk is full"),
    .diskReadOnly("it may only be read"), .systemExhausted("too many open files"),
    .notReadAnew("the disk failed"), .ownMissing(groups: ["everyone"]),
    .diskBroken("the disk failed"), .lockUnusable("the disk failed"), .continuityNotProven,
    .joining("nobody of the office could be reached", hint: nil), .admitted(isUnaware: false),
    .admitted(isUnaware: true),
    .ticketRefused("the ticket was used up", hint: "ask for a new one"), .removed(by: nil),
    .ticketUsed("the ticket was used", hint: "remove it"),
    .ticketUnused("the ticket was not used", hint: "zuruf join --anew"),
    .removed(by: "Anna"), .left, .limitReached(groups: []), .limitReached(groups: ["everyone"]),
    copied(bothWrote: true), copied(bothWrote: true, othersLetIn: false), copied(),
    copied(othersLetIn: false), copied(isLikelyCopy: true),
    copied(isLikelyCopy: true, othersLetIn: false),
    .carried, .suspended(device: "pc", of: "Ben", typed: "pc", member: "@Ben"),
    .damaged(places: 1, missing: 0),
    .damaged(places: 2, missing: 3), .waitingForKey(groups: ["everyone", "Werkstatt"]),
    .saidCopied(by: ["pc"], isOverruled: false, isLikelyCopy: false),
    .saidCopied(by: ["pc", "box"], isOverruled: true, isLikelyCopy: false),
    .saidCopied(by: ["pc"], isOverruled: false, isLikelyCopy: true),
    .saidCopied(by: ["pc"], isOverruled: true, isLikelyCopy: true),
    .saidRemoved(by: ["pc"]), .saidRemoved(by: ["a", "b", "c", "d"]), .newerVersion,
    .newerVersionIn(groups: ["everyone"]), .noPeers, .storedHereOnly,
    .discoveryDown("Avahi is not running"), .clockOff("the clock is off"),
  ]

  @Test func `no degraded state is told in words of the protocol`() {
    for shortfall in Self.shortfalls {
      let info = shortfall.info
      for text in [info.detail, info.hint ?? ""] {
        #expect(Self.forbidden(text) == [], "\(info.word): \(text)")
        #expect(!text.hasSuffix("."), "\(text)")
      }
      #expect(!info.detail.isEmpty)
    }
    // Every word that a node can show has its sentences among them.
    let words = Set(Self.shortfalls.map(\.info.word))
    let missing = DegradedWord.allCases.filter { !words.contains($0) }
    // What somebody left or lost is told with the group's own names.
    #expect(missing == [.removedFromGroup, .ownersPending, .rankChanged])
  }

  @Test(arguments: [false, true])
  func `what somebody says alone leads to no setting aside, and is no proof of a copy`(likely: Bool)
  {
    for isOverruled in [false, true] {
      let said = Shortfall.saidCopied(by: ["pc"], isOverruled: isOverruled, isLikelyCopy: likely)
        .info
      #expect(said.form == (isOverruled ? .overruled : .said))
      #expect(said.hint?.contains("--anew") == false)
      #expect(said.hint?.contains("restart this node") == !isOverruled)
    }
  }

  @Test(arguments: [false, true])
  func `what always ends a copy comes first, and a way in where nobody else lets in`(likely: Bool)
    throws
  {
    for othersLetIn in [false, true] {
      let hint = try #require(Self.copied(isLikelyCopy: likely, othersLetIn: othersLetIn).info.hint)
      #expect(hint.hasPrefix("end \(likely ? "this" : "the") copy for good and restart "))
      #expect(hint.contains("zuruf ticket new --for @Ben") == !othersLetIn)
    }
    let alone = try #require(Self.copied(bothWrote: true, othersLetIn: false).info.hint)
    #expect(alone.contains("zuruf office recovery use"))
  }

  @Test func `no reason for a missing link is told in words of the protocol`() {
    let byes: [Message.Bye] = [
      .done, .removed, .otherLinkStays, .copied, .violation, .newerHandshake, .notNow,
    ]
    let ends: [LinkEnd] =
      byes.flatMap { [.bye($0), .closedHere($0)] } + [
        .violation(.h8), .violation(.r1), .anotherVersion(2), .modeRefused, .stranger, .late,
        .gaveWay, .silent, .unproven, .ownNode, .copied, .full, .unanswered, .cut,
        .failed(.connectionRefused), .failed(.networkUnreachable), .failed(.connectionReset),
      ]
    for end in ends {
      #expect(Self.forbidden(end.words) == [], "\(end.words)")
      #expect(end.words.firstMatch(of: /\bE[A-Z]{3,}/) == nil, "\(end.words)")
    }
    for state in [
      DiscoveryState.starting, .running, .avahiAbsent, .busAbsent("x"), .restarting("x"),
      .notAnswering, .stopped,
    ] {
      #expect(Self.forbidden(state.text) == [], "\(state.text)")
    }
  }

  /// What `doctor` says is put together where it examines, so the source is read.
  @Test(arguments: ["NodeLoop+Doctor", "NodeLoop+Clocks", "NodeLoop+Degraded"])
  func `no examination is told in words of the protocol`(file: String) throws {
    let place = PackageRoot.url.appendingPathComponent("Sources/Daemon/\(file).swift")
    let source = try String(contentsOf: place, encoding: .utf8)
    let texts = source.matches(of: /"(?:[^"\\\n]|\\[^(\n]|\\\([^\n]*?\))*"/).map { match in
      // What stands between parentheses is code.
      String(match.0).replacing(/\\\((?:[^()]|\([^()]*\))*\)/, with: "…")
    }
    #expect(file == "NodeLoop+Degraded" || !texts.isEmpty)
    for text in texts { #expect(Self.forbidden(text) == [], "\(text)") }
  }

  @Test func `the words are found where they stand`() {
    #expect(Self.forbidden("so new feeds began") == ["feeds"])
    #expect(Self.forbidden("it waits for the key; the recovery key is put away") == [])
    #expect(Self.forbidden("uses the keys of this one") == ["keys"])
    #expect(Self.forbidden("ahead of the monkey") == [])
  }
}
