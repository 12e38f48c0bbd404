internal import Platform
import TestSupport

extension Audit {
  /// What lies in the folders of offices that were set aside (C-19).
  static func setAside(on disk: MemoryDisk) -> Set<Long> {
    disk.files.reduce(into: []) { found, file in
      let names = file.key.names
      guard names.count == 4, names[0].text.hasPrefix("removed-"), names[1] == "logs" else {
        return
      }
      var reader = SegmentReader()
      for (header, body) in reader.read(file.value).flatMap(\.entries) {
        if let entry = try? PlainEntry(header: header, body: body) { found.insert(entry.id) }
      }
    }
  }
}
