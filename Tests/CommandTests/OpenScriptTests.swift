import Control
import Terminal
import Testing

@testable import zuruf

/// `zuruf open`: a browser, a link, or the next step.
struct OpenScriptTests {
  static let link = "http://127.0.0.1:47480/enter?link=" + String(repeating: "00ff", count: 16)

  /// A run where a page is served.
  private static func served(_ words: String...) -> CommandRun {
    var run = CommandRun(["open"] + words)
    run.pageLine = "{\"link\":\"\(link)\"}\n"
    return run
  }

  @Test func `the browser is started on the link, which is not printed`() throws {
    let outcome = try Self.served().run()
    #expect(outcome.exit == 0)
    #expect(outcome.launched == [["xdg-open", Self.link]])
    #expect(outcome.output == "")
    #expect(
      outcome.errors == "the page opens in your browser; if it does not: zuruf open --print\n")
  }

  @Test func `the link is printed where it is asked for, and where there is no screen`() throws {
    var blind = Self.served()
    blind.hasScreen = false
    for run in [Self.served("--print"), blind] {
      let outcome = try run.run()
      #expect(outcome.exit == 0)
      #expect(outcome.output == Self.link + "\n")
      #expect(outcome.launched == [])
      #expect(
        outcome.errors
          == (run.hasScreen ? "" : "there is no screen here to show a browser on; ")
          + "open it on this computer only: it works once, for two minutes\n")
    }
    // What a program reads is the link alone.
    var piped = Self.served("--print")
    piped.outputIsTerminal = false
    #expect(try piped.run().errors == "")
    let program = try Self.served("--json").run()
    #expect(program.output == "{\"link\":\"\(Self.link)\",\"type\":\"link\"}\n")
    #expect(program.launched == [])
  }

  @Test func `an address that somebody else has had is warned of`() throws {
    var run = Self.served()
    run.pageLine = "{\"burnt\":[47480,47481],\"link\":\"\(Self.link)\"}\n"
    let outcome = try run.run()
    #expect(outcome.launched == [["xdg-open", Self.link]])
    #expect(
      outcome.errors.hasPrefix(
        "another account of this computer has the address 127.0.0.1:47480, 127.0.0.1:47481, for its "
          + "own Zuruf as a rule; your page is at another one."))
    run.arguments.append("--json")
    let program = try run.run()
    #expect(
      program.output
        == "{\"burnt\":[47480,47481],\"link\":\"\(Self.link)\",\"type\":\"link\"}\n")
    #expect(program.errors == "")
  }

  @Test func `a browser that cannot be started leaves the link to be opened by hand`() throws {
    var run = Self.served()
    run.hasBrowser = false
    let outcome = try run.run()
    #expect(outcome.exit == 1)
    #expect(
      outcome.errors == """
        zuruf: error: cannot start a browser: "xdg-open": no such file or directory (ENOENT)
        zuruf: hint: open the link that "zuruf open --print" prints

        """)
  }

  @Test func `a node without a page is told from no node`() throws {
    let status = Samples.status(.noOffice, peers: [], recovery: .none, degraded: [])
    var script = CommandRun(["open"]).answering(.result(.status(status)))
    let headless = try script.run()
    #expect(headless.exit == 3)
    #expect(
      headless.errors == """
        zuruf: error: the node that is running serves no page
        zuruf: hint: stop it, and start it with its page instead: /opt/zuruf/zuruf-desk --home \
        /home/anna/.local/share/zuruf --socket /control

        """)
    // Out of the sources as everywhere else, and with its name alone where a shell finds it.
    script.programs = "/home/anna/zuruf/.build/release"
    #expect(try script.run().errors.contains("instead: /home/anna/zuruf/Tools/start --home "))
    script.programs = "/usr/bin"
    #expect(try script.run().errors.contains("instead: zuruf-desk --home "))
    var nobody = CommandRun(["open"])
    nobody.nodeRuns = false
    let outcome = try nobody.run()
    #expect(outcome.exit == 3)
    #expect(
      outcome.errors == """
        zuruf: error: no node is running at "/control"
        zuruf: hint: start one with its page in another terminal: /opt/zuruf/zuruf-desk --home DIR \
        --socket /control

        """)
  }

  /// A run where a package installed the programs and no node of this user runs.
  private static func installed(_ words: String...) -> CommandRun {
    var run = CommandRun(words)
    (run.programs, run.namesSocket, run.nodeRuns) = ("/usr/bin", false, false)
    return run
  }

  @Test func `a node that a package installed is started, and then its page opens`() throws {
    var run = Self.installed("open")
    run.pageLineAfterwards = "{\"link\":\"\(Self.link)\"}\n"
    let outcome = try run.run()
    #expect(outcome.exit == 0)
    #expect(
      outcome.launched == [
        ["systemctl", "--quiet", "--user", "enable", "--now", "zuruf"], ["xdg-open", Self.link],
      ])
    #expect(
      outcome.errors == """
        your node was not running: it runs now, and from now on whenever you log in
        the page opens in your browser; if it does not: zuruf open --print

        """)
  }

  @Test func `a node that cannot be started is said with its reason`() throws {
    var run = Self.installed("open")
    run.runFault = "\"systemctl\": no such file or directory (ENOENT)"
    let outcome = try run.run()
    #expect(outcome.exit == 3)
    #expect(
      outcome.errors == """
        zuruf: error: no node is running, and none can be started: "systemctl": no such file or \
        directory (ENOENT)
        zuruf: hint: log in to this account itself, not from another one; or start it in another \
        terminal: zuruf-desk

        """)
  }

  @Test func `no node is started where a socket was named, or no package installed one`() throws {
    var named = Self.installed("open")
    named.namesSocket = true
    var built = Self.installed("open")
    built.programs = "/opt/zuruf"
    for run in [named, built] {
      let outcome = try run.run()
      #expect(outcome.exit == 3)
      #expect(outcome.launched == [])
    }
  }

  @Test func `other commands name what starts an installed node`() throws {
    let outcome = try Self.installed("read").run()
    #expect(outcome.exit == 3)
    #expect(
      outcome.errors.hasSuffix(
        "hint: start it, now and at every login: zuruf open; or without its page: systemctl --user "
          + "enable --now zuruf\n"))
    var box = Self.installed("read")
    box.programsThere = ["zurufd"]
    #expect(
      try box.run().errors.hasSuffix(
        "hint: start it, now and at every boot: sudo systemctl enable --now zurufd\n"))
    // Whose own node came with a package that is gone is not led to the computer's.
    box.existing = ["/home/anna/.local/share/zuruf"]
    #expect(
      try box.run().errors.contains(
        "hint: your node came with the package \"zuruf\", which is here no more: install it again"))
  }

  @Test func `who types sudo before a command for the own node is told to leave it out`() throws {
    for words in [["send", "Werk", "x"], ["open"]] {
      var run = Self.installed("")
      run.arguments = words
      (run.user, run.variables) = (0, ["SUDO_USER": "anna", "SUDO_UID": "1000"])
      run.existing = ["/run/user/1000/zuruf/control"]
      let outcome = try run.run()
      #expect(outcome.exit == 3 && outcome.launched == [])
      #expect(
        outcome.errors == """
          zuruf: error: no node of root is running
          zuruf: hint: the node of anna is: leave out sudo

          """)
      // Where anna runs none either, nothing is said of her.
      run.existing = []
      #expect(try !run.run().errors.contains("anna"))
    }
  }

  @Test(arguments: [
    "/home/anna/.local/share/zuruf",
    "/home/anna/.config/systemd/user/default.target.wants/zuruf.service",
  ])
  func `who has a node of their own never speaks to the computer's in its place`(
    _ path: String
  ) throws {
    for words in [[], ["status"], ["send", "Werk", "x"], ["read", "-f"], ["chat", "Werk"]] {
      var run = Self.installed("")
      run.arguments = words
      run.existing = [path, "/run/zuruf/control"]
      let outcome = try run.run()
      #expect(outcome.exit == 3)
      #expect(
        outcome.errors == """
          zuruf: error: your node is not running
          zuruf: hint: start it, now and at every login: zuruf open; or without its page: systemctl \
          --user enable --now zuruf
          zuruf: hint: the node of the whole computer is another one: zuruf --socket \
          /run/zuruf/control

          """)
    }
    // It is started for them, whatever else runs on this computer.
    var open = Self.installed("open")
    open.existing = [path, "/run/zuruf/control", "/run/zuruf/control-page"]
    open.pageLineAfterwards = "{\"link\":\"\(Self.link)\"}\n"
    let outcome = try open.run()
    #expect(outcome.exit == 0)
    #expect(outcome.launched.first?.first == "systemctl")
    #expect(outcome.launched.last == ["xdg-open", Self.link])
  }

  @Test func `the socket of the computer's node is looked for where there is no own one, or named`()
  {
    func paths(_ option: String?, _ hasOwnNode: Bool) -> [String] {
      ControlSocketPath.candidates(
        option: option, variable: nil, runtimeDirectory: nil, user: 1000, hasOwnNode: hasOwnNode)
    }
    let own = "/run/user/1000/zuruf/control"
    #expect(paths(nil, false) == [own, "/run/zuruf/control"])
    #expect(paths(nil, true) == [own])
    #expect(paths("/run/zuruf/control", true) == ["/run/zuruf/control"])
  }

  @Test func `what is no link is not opened`() throws {
    var run = Self.served()
    let token = String(repeating: "00ff", count: 16)
    let texts = [
      "", "-x", "file:///x", "javascript:alert(1)", "http://evil.example/enter?link=" + token,
      "https://127.0.0.1:47480/enter?link=" + token, "http://127.0.0.1/enter?link=" + token,
      "http://127.0.0.1:0/enter?link=" + token, "http://127.0.0.1:70000/enter?link=" + token,
      "http://127.0.0.1:47480@evil.example/enter?link=" + token,
      "http://127.0.0.1:47480/enter?link=" + token.dropLast(), Self.link + "0", " " + Self.link,
      Self.link.uppercased(), "http://127.0.0.1:47480/?link=" + token,
    ]
    let links = texts.map { "{\"link\":\"\($0)\"}\n" }
    for line in ["{}\n", "http://127.0.0.1/\n", ""] + links {
      run.pageLine = line
      let outcome = try run.run()
      #expect(outcome.exit != 0)
      #expect(outcome.launched == [])
    }
  }
}
