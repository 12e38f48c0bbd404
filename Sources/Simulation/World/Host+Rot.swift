internal import Platform
import TestSupport

extension Host {
  /// Turns a bit in one of the files of the log.
  func rot(_ chance: inout SeededGenerator) {
    let files = disk.files.filter { $0.key.names.first == "logs" && !$0.value.isEmpty }
      .sorted { $0.key < $1.key }
    guard !files.isEmpty else { return }
    let (path, bytes) = files[chance.number(0...files.count - 1)]
    let end = bytes.lastIndex { $0 != 0 } ?? 0
    let byte = chance.number(0...end)
    world.note(number, "has a rotten byte: \(byte) of \(path)")
    disk.rot(path, byte: byte, bit: chance.number(0...7))
  }
}
