import Foundation
import Platform
import Synchronization
import Terminal

@testable import zuruf_inspect

/// One run of the program in a world of its own, and what it said.
struct InspectRun {
  let code: Int32
  let output: String
  let errors: String

  init(
    _ words: String..., outputCloses: Bool = false, user: UInt32 = 1000,
    environment: [String: String] = [:], directories: [String] = [], isWatched: Bool = false
  ) {
    self.init(
      words: words, outputCloses: outputCloses, user: user, environment: environment,
      directories: directories, isWatched: isWatched)
  }

  init(
    words: [String], outputCloses: Bool = false, user: UInt32 = 1000,
    environment: [String: String] = [:], directories: [String] = [], isWatched: Bool = false
  ) {
    let said = Said()
    // Of a person's patience nothing is left at the next look.
    var milliseconds: Int64 = 0
    let world = World(
      arguments: words.map { Array($0.utf8) }, environment: Environment(environment), user: user,
      processors: 2, isDirectory: { directories.contains($0) },
      openDisk: { path throws(DiskError) in try ReadOnlyDisk(root: path) },
      isWatched: isWatched,
      now: {
        milliseconds += 1_000
        return milliseconds
      },
      write: { bytes in
        said.output += bytes
        return !outputCloses
      },
      complain: { said.errors += $0 })
    code = InspectProgram.run(world).rawValue
    output = String(decoding: said.output, as: UTF8.self)
    errors = said.errors
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }

  private final class Said {
    var output: [UInt8] = []
    var errors = ""
  }
}

/// A file of a store, to be spoiled.
struct SpoiledFile {
  let path: String

  /// The segment of a group's log with that number.
  init(_ home: String, _ group: some CustomStringConvertible, _ number: Int) {
    let digits = String(number)
    path =
      "\(home)/logs/\(group)/" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
      + ".segment"
  }

  var url: URL { URL(fileURLWithPath: path) }

  func flip(at offset: Int) throws {
    var bytes = try Data(contentsOf: url)
    bytes[offset] ^= 0x10
    try bytes.write(to: url)
  }

  func cut(to size: Int) throws { try Data(contentsOf: url).prefix(size).write(to: url) }

  func remove() throws { try FileManager.default.removeItem(at: url) }
}
