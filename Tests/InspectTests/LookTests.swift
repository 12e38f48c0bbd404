import Format
import Foundation
import Storage
import TestSupport
import Testing

@testable import Replication
@testable import zuruf_inspect

/// What the other commands show, and what they keep back.
struct LookTests {
  @Test func `the overview counts what lies there`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    let run = InspectRun("--home", office.home)
    #expect(run.code == 0)
    #expect(run.output.contains("office         \(office.office)\n"))
    #expect(run.output.contains("1 member, 1 device, 0 tickets, 0 removals"))
    #expect(run.lines.contains { $0.hasPrefix("\(short(office.group))  everyone") })
  }

  @Test func `equal stores are equal, and what one has more is named`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    let copy = office.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: office.home, toPath: copy)
    let equal = InspectRun("diff", office.home, copy)
    #expect(equal.code == 0)
    #expect(equal.lines.last == "equal: 2 groups")
    let last = try #require(office.store.index(office.group)?[office.feed]?.last)
    try office.say(["a", "b"])
    let different = InspectRun("diff", office.home, copy)
    #expect(different.code == 1)
    #expect(
      different.lines.contains(
        "  feed \(short(office.feed)): differs from entry \(last + 1) on: \"\(office.home)\" holds "
          + "2 entries more"))
    #expect(different.lines.last == "different: 1 of 2 groups")
  }

  @Test func `a data directory is named by the folder it lies in, in each place of a command`()
    throws
  {
    let office = try SampleOffice(commits: 1, texts: 1)
    let folder = office.folder.path + "/node"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: office.home, toPath: folder + "/data")
    let run = InspectRun("diff", office.home, folder, directories: [folder + "/data/logs"])
    #expect(run.code == 0 && run.lines.last == "equal: 2 groups")
    let none = InspectRun("diff", office.home, office.folder.path)
    #expect(none.errors.contains("hint: a node's data directory has a folder \"logs\" in it"))
  }

  @Test func `a group is named by its title where this device's keys are`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    try office.title("Werkstatt")
    let run = InspectRun("--home", office.home, "group", "werkstatt")
    #expect(run.code == 0 && run.lines.first == "group     \(office.group)")
    #expect(InspectRun("--home", office.home, "group", "Lager").code == 4)
    let dump = InspectRun("--home", office.home, "dump", "-g", "Werkstatt", "--bodies")
    #expect(dump.code == 0 && dump.output.contains(#""title":"Werkstatt""#))
    #expect(dump.lines.allSatisfy { $0.contains("\"group\":\"\(office.group)\"") })
    try FileManager.default.removeItem(atPath: office.home + "/keys")
    #expect(InspectRun("--home", office.home, "group", "werkstatt").code == 4)
  }

  @Test func `a group is named by its kind where only one is of it`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let kind = InspectRun("--home", office.home, "group", "Office")
    #expect(kind.code == 0 && kind.lines.first == "group     \(office.office)")
    #expect(InspectRun("--home", office.home, "dump", "-g", "office").code == 0)
    #expect(InspectRun("--home", office.home, "group", "direct").code == 4)
    // A group may be called as the office's log is: then the word can mean both.
    try office.title("office")
    let both = InspectRun("--home", office.home, "group", "office")
    #expect(both.code == 4 && both.errors.contains("\"office\" can mean 2 groups"))
  }

  @Test func `two entries at one place are told apart`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let copy = office.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: office.home, toPath: copy)
    let (here, elsewhere) = (try office.unsealed(1), try office.unsealed(2))
    let seq = here.first
    try office.append(here)
    try SampleOffice.append(elsewhere, to: SampleOffice.open(copy))
    let run = InspectRun("diff", office.home, copy)
    #expect(run.code == 1)
    #expect(run.output.contains("differs from entry \(seq) on: both hold it, and not the same one"))
  }

  @Test func `branches of a forked feed are shown, proven and compared`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let copy = office.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: office.home, toPath: copy)
    let here = try office.unsealed(1)
    var elsewhere = try office.unsealed(2)
    try office.append(here)
    try SampleOffice.append(here, to: SampleOffice.open(copy))
    elsewhere.branch = BranchID(elsewhere.entries[0].id.prefix)
    try office.append(elsewhere)
    let overview = InspectRun("--home", office.home)
    #expect(overview.output.contains("forked here into 2 branches"))
    let feed = InspectRun("feed", "--home", office.home, "\(office.feed.feed)")
    #expect(feed.output.contains("branch       \(elsewhere.branch), from \(here.first)\n"))
    let verify = InspectRun("verify", "--home", office.home)
    #expect(verify.code == 0)
    #expect(verify.output.contains("the branches are the proof (R-10)"))
    let twice = InspectRun("why", "--home", office.home, "\(office.feed.feed):\(here.first)")
    #expect(twice.code != 0 && twice.errors.contains("is forked and has 2 entries"))
    for id in [here.last.id, elsewhere.last.id] {
      let why = InspectRun("why", "--home", office.home, "\(id)")
      #expect(why.code == 0 && why.output.contains("has effect"))
    }
    // The copy holds one branch as the feed itself: nothing but the other one differs.
    let diff = InspectRun("diff", office.home, copy)
    #expect(diff.code == 1)
    #expect(diff.output.contains("\"\(office.home)\" holds 1 entry more"))
  }

  @Test func `a branch with a signature that its device never made is found`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    try office.append(try office.unsealed(1))
    let elsewhere = try office.unsealedAgain(2)
    try office.append(elsewhere)
    let verify = InspectRun("verify", "--home", office.home)
    #expect(verify.code == 1)
    #expect(verify.output.contains("its signature is not that of device"))
  }

  @Test func `a dump shows no words unless asked, and then makes them safe`() throws {
    let office = try SampleOffice(commits: 0, texts: 0)
    try office.say(["Geheim \u{1b}[31m"])
    try office.name("Anna \u{202e}")
    let plain = InspectRun("dump", "--home", office.home)
    #expect(plain.code == 0)
    #expect(!plain.output.contains("Geheim"))
    #expect(!plain.output.contains("Anna"))
    let open = InspectRun("dump", "--bodies", "--home", office.home)
    #expect(open.output.contains(#"{"text":"Geheim \u001b[31m"}"#))
    #expect(open.output.contains(#"{"name":"Anna \u202e""#))
    #expect(open.lines.count == plain.lines.count)
    for line in open.lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }

  @Test func `the office secret is never shown`() throws {
    let office = try SampleOffice(commits: 0, texts: 0)
    let secret = String(repeating: "5e", count: 16)
    let entry = InspectRun("entry", "\(office.office)", "--bodies", "--home", office.home)
    #expect(entry.code == 0)
    #expect(entry.output.contains("office secret"))
    #expect(!entry.output.contains(secret))
    #expect(!InspectRun("dump", "--bodies", "--home", office.home).output.contains(secret))
  }

  @Test func `an entry is shown with every byte of its header and the rules`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let seq = try office.builder().nextSeq - 1
    let run = InspectRun("entry", "\(short(office.feed)):\(seq)", "--home", office.home)
    #expect(run.code == 0)
    for part in ["prev", "F-1", "body_hash", "E-20", "lamport", "F-5", "ciphertext", "K-6"] {
      #expect(run.output.contains(part), "\(part) is missing")
    }
    let (batch, entry) = try office.store.entry(office.group, office.feed, seq)
    let fields = FieldWalk.header(batch, entry)
    #expect(
      fields.flatMap(\.bytes) == Array(batch.records[Int(entry.headerAt)..<entry.bodyAt]))
    let body = FieldWalk.body(batch, entry, isOffice: false)
    #expect(body.flatMap(\.bytes) == batch.body(entry))
  }

  @Test func `what has effect is said to have it, and by which rule`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let run = InspectRun("why", "\(office.office)", "--home", office.home)
    #expect(run.code == 0)
    #expect(run.output.contains("has effect: "))
  }

  @Test func `a reader that goes away is no error`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let run = InspectRun("dump", "--home", office.home, outputCloses: true)
    #expect(run.code == 0)
    #expect(run.errors == "")
  }

  @Test(.enabled(if: SharedVectors.has("path_traversal"), "\(SharedVectors.absence)"))
  func `a path in place of a group's name opens nothing`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let paths = ForeignPath.all
    #expect(paths.count > 400)
    for each in paths {
      let path = String(decoding: each.bytes, as: UTF8.self)
      let run = InspectRun("dump", "--home", office.home, "--group", path)
      #expect(run.code == 4 && run.output.isEmpty, "\(each.id): \(run.errors)")
    }
  }

  @Test func `mistakes have the codes of zuruf`() throws {
    let office = try SampleOffice(commits: 0, texts: 0)
    #expect(InspectRun("verfy").code == 2)
    #expect(InspectRun("entry", "--home", office.home).code == 2)
    #expect(InspectRun("why", "zz", "--home", office.home).code == 2)
    #expect(InspectRun("why", "ffffffffff", "--home", office.home).code == 4)
    let none = InspectRun("verify", "--home", office.folder.path + "/none")
    #expect(none.code == 1)
    #expect(none.errors.hasPrefix("zuruf-inspect: error: "))
  }

  @Test func `a date is that of the Gregorian calendar`() {
    #expect(claimedTime(0) == "1970-01-01 00:00:00 UTC, claimed")
    #expect(claimedTime(951_782_400_000) == "2000-02-29 00:00:00 UTC, claimed")
    #expect(claimedTime(1_795_450_844_765) == "2026-11-23 16:20:44 UTC, claimed")
    #expect(claimedTime(.max).hasSuffix("beyond any calendar"))
  }

  /// The types of the lines that a command prints with `--json`, all of them lines of JSON.
  private func types(_ office: SampleOffice, _ words: String, _ what: String) throws -> [String] {
    let run = InspectRun(words, what, "--json", "--home", office.home)
    #expect(run.code == 0)
    return try run.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["type"] as? String)
    }
  }

  @Test func `group, feed and entry speak JSON where that is asked for`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    #expect(
      try types(office, "group", "\(office.group)") == ["group", "member", "feed", "epoch"])
    #expect(try types(office, "group", "\(office.office)") == ["group", "member", "feed"])
    #expect(try types(office, "feed", "\(office.feed.feed)") == ["feed"])
    let entry = try types(office, "entry", "\(short(office.feed)):2")
    #expect(Array(entry.prefix(2)) == ["entry", "why"])
    #expect(entry.dropFirst(2).allSatisfy { $0 == "field" })
    // The entry's line is the one that a dump has.
    let line = try #require(
      InspectRun("entry", "\(short(office.feed)):2", "--json", "--home", office.home).lines.first)
    #expect(InspectRun("dump", "--home", office.home).lines.contains(line))
    let founding = InspectRun("entry", "\(office.office)", "--json", "--home", office.home)
    #expect(founding.output.contains("office secret"))
    #expect(!founding.output.contains(String(repeating: "5e", count: 16)))
  }

  /// The fields of each type of line, as the chapter has them: quoted in backticks, words left out.
  private func table() throws -> [String: Set<String>] {
    let url = PackageRoot.url.appendingPathComponent("Protocol/A-control.md")
    let part =
      try String(contentsOf: url, encoding: .utf8)
      .components(separatedBy: "## What `zuruf-inspect` prints").last ?? ""
    var found: [String: Set<String>] = [:]
    for row in part.split(separator: "\n") where row.hasPrefix("| `") {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let names = cells[1].matches(of: /`([a-z_]+)`/).map { String($0.1) }
      found[cells[0].filter { $0 != "`" }] = Set(names)
    }
    return found
  }

  @Test func `every line for programs has a row in the chapter with all its fields`() throws {
    let table = try table()
    let office = try SampleOffice(commits: 2, texts: 2)
    let copy = office.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: office.home, toPath: copy)
    try office.say(["more"])
    let home = ["--json", "--home", office.home]
    let runs = [
      InspectRun(words: home), InspectRun(words: ["dump", "--home", office.home, "--bodies"]),
      InspectRun(words: ["verify"] + home),
      InspectRun(words: ["diff", "--json", office.home, copy]),
      InspectRun(words: ["group", "\(office.group)"] + home),
      InspectRun(words: ["group", "\(office.office)"] + home),
      InspectRun(words: ["feed", "\(office.feed.feed)"] + home),
      InspectRun(words: ["entry", "\(office.office)"] + home),
    ]
    // And one with a finding.
    try SpoiledFile(copy, office.group, 1).flip(at: 400)
    let spoilt = InspectRun(words: ["verify", "--json", "--home", copy])
    #expect(spoilt.code == 1)
    var seen: Set<String> = []
    for line in (runs + [spoilt]).flatMap(\.lines) {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let type = try #require(object["type"] as? String)
      seen.insert(type)
      let row = try #require(table[type], "\(type) has no row")
      #expect(Set(object.keys).subtracting(row) == ["type"], "\(line)")
    }
    #expect(seen == Set(table.keys))
  }

  @Test func `root looks at the service's data, and at its own where there is no service`() throws {
    let office = try SampleOffice(commits: 0, texts: 0)
    try FileManager.default.moveItem(atPath: office.home, toPath: office.folder.path + "/zuruf")
    let environment = ["XDG_DATA_HOME": office.folder.path]
    let own = InspectRun("verify", user: 0, environment: environment)
    #expect(own.code == 0)
    let service = InspectRun(
      "verify", user: 0, environment: environment, directories: ["/var/lib/zuruf"])
    #expect(service.errors.contains("/var/lib/zuruf"))
  }
}
