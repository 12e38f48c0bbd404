internal import Platform
import TestSupport

extension Audit {
  /// What lies in the folders of offices that were set aside (C-19).
  static func setAside(on disk: MemoryDisk) -> Set<Long> {
    entries(on: disk) {
      $0.count == 4 && $0[0].text.hasPrefix("removed-") && $0[1] == "logs"
    }
  }

  /// What lies in the logs of a disk, whether or not it was looked at.
  static func inLogs(of disk: MemoryDisk) -> Set<Long> {
    entries(on: disk) { $0.count == 3 && $0[0] == "logs" }
  }

  private static func entries(
    on disk: MemoryDisk, where isSegment: ([FileName]) -> Bool
  ) -> Set<Long> {
    disk.files.reduce(into: []) { found, file in
      guard isSegment(file.key.names) else { return }
      var reader = SegmentReader()
      for (header, body) in reader.read(file.value).flatMap(\.entries) {
        if let entry = try? PlainEntry(header: header, body: body) { found.insert(entry.id) }
      }
    }
  }
}
