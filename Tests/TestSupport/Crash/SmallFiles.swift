import Platform

/// The small files of a tape, which are written under another name and take the place of the one
/// before as a whole: what a power cut leaves is one of their versions, and none that was over.
package struct SmallFiles: Sendable {
  private struct Version: Sendable {
    /// Since when it may be there, since when it must be there or a later one, and its bytes; nil
    /// where there is no file any more.
    let from: Int
    var settled: Int?
    let bytes: [UInt8]?
  }

  private struct Place: Hashable {
    let disk: Int
    let path: DiskPath
  }

  private let versions: [Place: [Version]]

  /// Reads them off a tape that began with empty disks.
  package init(_ events: [DiskTape.Event]) {
    var versions: [Place: [Version]] = [:]
    var bytes: [DiskTape.File: [UInt8]] = [:]
    var names: [Place: DiskTape.File] = [:]
    func isSmall(_ path: DiskPath) -> Bool { path.names.count == 1 }
    for (index, event) in events.enumerated() {
      switch event {
      case .create(let file, let path):
        names[Place(disk: file.disk, path: path)] = file
        bytes[file] = []
      case .write(let file, let at, let new):
        var all = bytes[file] ?? []
        if all.count < at + new.count {
          all += [UInt8](repeating: 0, count: at + new.count - all.count)
        }
        all.replaceSubrange(at..<at + new.count, with: new)
        bytes[file] = all
      case .rename(let disk, let old, let new):
        guard let file = names.removeValue(forKey: Place(disk: disk, path: old)) else { continue }
        names[Place(disk: disk, path: new)] = file
        if isSmall(old) {
          versions[Place(disk: disk, path: old), default: []].append(
            Version(from: index, bytes: nil))
        }
        if isSmall(new) {
          versions[Place(disk: disk, path: new), default: []].append(
            Version(from: index, bytes: bytes[file] ?? []))
        }
      case .remove(let disk, let path):
        names[Place(disk: disk, path: path)] = nil
        if isSmall(path) {
          versions[Place(disk: disk, path: path), default: []].append(
            Version(from: index, bytes: nil))
        }
      case .flushDirectory(let disk, .root):
        for place in versions.keys where place.disk == disk {
          versions[place] = versions[place]?.map { version in
            var version = version
            if version.settled == nil { version.settled = index + 1 }
            return version
          }
        }
      default: break
      }
    }
    // A draft is written in place, and may be anything.
    self.versions = versions.filter { !$0.key.path.description.hasSuffix(".new") }
  }

  /// What is wrong with the images of a place of the tape; nil where nothing is.
  package func fault(in images: [DiskImage], at place: Int) -> String? {
    for (name, all) in versions.sorted(by: {
      ($0.key.disk, $0.key.path) < ($1.key.disk, $1.key.path)
    }
    ) {
      let begun = all.filter { $0.from < place }
      let settled = begun.lastIndex { $0.settled.map { $0 <= place } ?? false }
      let found = images[name.disk].files[name.path]?.bytes
      var allowed = begun[(settled ?? 0)...].map(\.bytes)
      if settled == nil { allowed.append(nil) }
      if !allowed.contains(found) {
        return
          "the file \"\(name.path)\" is \(found.map { "\($0.count) bytes" } ?? "gone"), none of "
          + "its versions"
      }
    }
    return nil
  }
}
