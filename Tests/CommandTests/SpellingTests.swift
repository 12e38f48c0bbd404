import Control
import Platform
import Testing

@testable import zuruf

/// Hints are commands that work as they stand, for the node that was spoken to.
struct SpellingTests {
  @Test(arguments: [
    ("zuruf read", "zuruf --socket /s read"),
    ("make one: zuruf ticket new", "make one: zuruf --socket /s ticket new"),
    (
      "\"zuruf office new\" founds, \"zuruf\" says",
      "\"zuruf --socket /s office new\" founds, \"zuruf --socket /s\" says"
    ),
    ("x (zuruf office recovery)", "x (zuruf --socket /s office recovery)"),
    ("zuruf and zurufd may differ", "zuruf and zurufd may differ"),
    ("zuruf-inspect verify; restart zurufd", "zuruf-inspect verify; restart zurufd"),
    ("another owner types: zuruf office agree X", "another owner types: zuruf office agree X"),
    (
      "on the other computer: zuruf join, or here: zuruf join",
      "on the other computer: zuruf join, or here: zuruf --socket /s join"
    ),
    ("sudo adduser NAME zuruf", "sudo adduser NAME zuruf"),
    ("/opt/zuruf read", "/opt/zuruf read"), ("Grüße, zuruf", "Grüße, zuruf"),
  ])
  func `a command in a text gets the socket that was named`(text: String, spelled: String) {
    #expect(Spelling(socket: "/s").spelled(text) == spelled)
    #expect(Spelling(socket: nil).spelled(text) == text)
  }

  @Test(arguments: [
    ("/a/b_c-1.2", "/a/b_c-1.2"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"),
    ("$(x)", "'$(x)'"),
  ])
  func `a shell reads a path back as it was`(path: String, word: String) {
    #expect(shellWord(path) == word)
  }

  @Test func `an accent hides no quote from a shell`() {
    #expect(Array(shellWord("'\u{301};x").utf8) == Array("''\\''\u{301};x'".utf8))
  }

  @Test func `the next commands and the hints name the socket, where the first one did`() throws {
    let status = ControlResult.status(
      Samples.status(
        .noOffice, peers: [], recovery: .none,
        degraded: [
          DegradedInfo(
            word: .noPeers, detail: "alone", hint: "zuruf doctor examines the network", since: nil)
        ]))
    let run = try CommandRun(["--socket", "SOCKET"]).answering(.result(status)).run()
    #expect(
      run.output == """
        this computer belongs to no office yet
        ! nobody in reach: alone
          -> zuruf --socket /control doctor examines the network

        next:
          zuruf --socket /control office new NAME  found an office on this computer
          zuruf --socket /control join             join one, at an open door or with a ticket

        """)
    let refused = try CommandRun(["send", "X", "y", "--socket", "SOCKET"]).answering(
      .error(ControlError(.joining, "not yet", hint: "zuruf status shows whom it can reach"))
    ).run()
    #expect(
      refused.errors.hasSuffix("hint: zuruf --socket /control status shows whom it can reach\n"))
    let plain = try CommandRun(["send", "X", "y"]).answering(
      .error(ControlError(.joining, "not yet", hint: "zuruf status shows whom it can reach"))
    ).run()
    #expect(plain.errors.hasSuffix("hint: zuruf status shows whom it can reach\n"))
  }
}
