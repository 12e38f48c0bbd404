import Control
import Format
import Platform
import Storage
import Terminal
import TestSupport

@testable import Replication
@testable import zuruf_inspect

/// `zuruf-inspect` over a data directory in which something is wrong, by every command there is.
enum Inspections {
  static let target = FuzzTarget(
    name: "inspect", kind: .sequence,
    abstract:
      "whatever lies in a data directory is shown, and proven whole only where each entry is"
      + " genuine",
    reaches: ["zuruf_inspect", "Storage", "Authority", "Replication", "Format", "Terminal"],
    sizeMax: 2_048, seeds: { seeds() }, run: { try run($0) })

  /// What is asked; `@` stands for an identifier that the input chooses.
  private static let commands: [[String]] = [
    ["verify"], ["verify", "--json"], [], ["--json"], ["group", "@"], ["group", "@", "--json"],
    ["feed", "@"], ["feed", "@", "--json"], ["entry", "@"], ["entry", "@", "--json"],
    ["entry", "@", "--bodies"], ["why", "@"], ["why", "@", "--json"], ["dump"],
    ["dump", "--bodies"], ["diff", "/home", "/whole"], ["diff", "/whole", "/home", "--json"],
  ]

  /// The beginnings of all identifiers that the office knows.
  private static let names: [String] = {
    let office = SampleOffice.shared
    let batches = office.log + office.forks
    let entries = batches.flatMap { batch in
      batch.entries.flatMap { ["\($0.id)", "\(batch.feed):\($0.seq)"] }
    }
    return [office.office, office.groups[0], office.groups[1]].map { "\($0)" } + ["Werk", "0", ""]
      + entries
  }()

  private static func seeds() -> [[UInt8]] {
    commands.indices.flatMap { number -> [[UInt8]] in
      let command = UInt8(number)
      return [
        [command, 3, 0, 0], [command, 9, 0, 1], [command, 20, 0, 4, 1, 0, 0, 0, 0, 200, 1],
        [command, 30, 0, 0, 2, 1, 0, 2, 0, 90, 2, 0, 5, 0, 200, 30],
        [command, 12, 1, 0, 0], [command, 12, 2, 0, 0], [command, 15, 4, 0, 0],
      ]
    }
  }

  private static let whole: [DiskPath: [UInt8]] = StoredLogs.images[0].files.merging(small) {
    one, _ in
    one
  }

  /// The files beside the logs of Anna's computer.
  private static let small: [DiskPath: [UInt8]] = {
    let office = SampleOffice.shared
    let membership = HomeMembership(
      office: office.office, member: SampleOffice.Person.anna.member,
      certificate: EntryID(office.office.bytes), sharedKey: Bytes32())
    let keys = (0..<3).flatMap { [UInt8](repeating: UInt8(1 + $0), count: 32) }
    let held = office.groups.flatMap { group -> [UInt8] in
      var writer = Writer()
      writer.id(group)
      writer.id(DeviceKey(Bytes32(repeating: 3)))
      writer.id(FeedID(group.bytes.prefix))
      writer.bytes16(Bytes16())
      writer.u32(1)
      return writer.bytes
    }
    return [
      HomeFile.keys.path: HomeFile.keys.encode(keys),
      HomeFile.office.path: HomeFile.office.encode(membership.encode()),
      DeliveredFile.path: held,
    ]
  }()

  /// Which command comes first, then the name it is asked for, which of the small files are left out or
  /// spoilt, and what is wrong in the logs.
  static func run(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let command = commands[choices.below(commands.count)]
    let name = names[choices.below(names.count)]
    let missing = choices.byte()
    let spoilt = StoredLogs.spoilt(&choices)
    var files = spoilt.files.merging(small) { one, _ in one }
    for (index, path) in [HomeFile.keys.path, HomeFile.office.path, DeliveredFile.path].enumerated()
    where missing >> index & 1 == 1 {
      files[path] = missing >> 7 == 1 ? nil : [1, 2, 3]
    }
    let words = command.map { $0 == "@" ? name : $0 }
    let (code, output) = try inspect(words, files)
    if !spoilt.isChanged, missing == 0, command.first == "verify" {
      try need(code == 0, "a data directory that is whole is not proven so")
    }
    guard code == 0, command.first == "verify" else { return }
    // Whoever may write to the disk can put in what has no signature.
    var isForged = false
    _ = try StoreView.open(readOnly: MemoryDisk(files: files), first: []) { batch, _, _, _ in
      for entry in batch.entries
      where !spoilt.image.headers.contains(StoredLogs.header(batch, entry)) { isForged = true }
    }
    try need(!isForged, "entries that nobody wrote are proven genuine: \(output)")
  }

  private final class Said {
    var output: [UInt8] = []
    var errors = ""
    var milliseconds: Int64 = 0
  }

  private static func inspect(
    _ words: [String], _ files: [DiskPath: [UInt8]]
  ) throws -> (code: Int32, output: String) {
    let said = Said()
    let disk = MemoryDisk(files: files)
    let world = zuruf_inspect.World(
      arguments: (words + ["--home", "/home"]).map { Array($0.utf8) },
      environment: Environment([:]),
      user: 1_000, processors: 1, isDirectory: { $0 == "/home/logs" || $0 == "/whole/logs" },
      openDisk: { path throws(DiskError) in
        switch path {
        case "/home": return disk
        case "/whole": return MemoryDisk(files: whole)
        default: throw DiskError(.open, path, .missing)
        }
      },
      isWatched: true,
      now: {
        said.milliseconds += 1_000
        return said.milliseconds
      },
      write: { bytes in
        said.output += bytes
        return true
      }, complain: { said.errors += $0 })
    let code = InspectProgram.run(world).rawValue
    try need([0, 1, 2, 4].contains(code), "an exit code that is told nowhere: \(code)")
    guard let output = String(validating: said.output, as: UTF8.self) else {
      throw Found("what is printed is no text")
    }
    try needHarmless(output, "what is printed")
    // How far it is stands on a line that is written over and over.
    let errors = said.errors.replacing("\r\u{1b}[K", with: "").replacing("\r", with: "")
    try needHarmless(errors, "what is complained")
    if words.contains("--json") || words.first == "dump" {
      for line in output.utf8.split(separator: 0x0a) {
        try need((try? LineGuard.check(Array(line))) != nil, "a line for programs is no JSON")
      }
    }
    return (code, output)
  }
}
