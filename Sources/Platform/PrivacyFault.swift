internal import Glibc

/// Something in a data directory that others could read or that is not ours.
package enum PrivacyFault: Error, Hashable, Sendable, CustomStringConvertible {
  case openToOthers(path: String, kind: FileKind, mode: UInt32)
  case foreignOwner(path: String, owner: UInt32, expected: UInt32)
  /// A link, pipe, socket or device.
  case wrongKind(path: String)
  case unreadable(DiskError)

  package var description: String {
    switch self {
    case .openToOthers(let path, _, let mode):
      "\(quoted(path)) is open to other users (mode \(String(mode, radix: 8)))"
    case .foreignOwner(let path, let owner, let expected):
      "\(quoted(path)) belongs to user \(owner), and this process runs as user \(expected)"
    case .wrongKind(let path):
      "\(quoted(path)) is neither a file nor a directory"
    case .unreadable(let error):
      error.description
    }
  }

  /// What a person can do about it, or nil where nothing can be said.
  package var hint: String? {
    switch self {
    case .openToOthers(let path, let kind, _):
      "chmod \(kind == .directory ? "700" : "600") \(shellWord(path))"
    case .foreignOwner(let path, let owner, let expected):
      expected == 0
        ? "run it as user \(owner), or name another data directory"
        : "chown -R \(expected) \(shellWord(path)), or name another data directory"
    case .wrongKind, .unreadable:
      nil
    }
  }
}

extension ReadableDisk {
  /// Refuses a data directory that is not wholly the owner's and closed to everybody else.
  ///
  /// Looks at the root and at what is in it, `depth` directories deep.
  package func checkPrivacy(owner: UInt32, depth: Int) throws(PrivacyFault) {
    var waiting: [(path: DiskPath, depth: Int)] = [(.root, depth)]
    while let (path, depth) = waiting.popLast() {
      // What is gone since it was listed needs no check.
      guard let status = try examined(path) else { continue }
      let subject = path.names.isEmpty ? place : "\(place)/\(path)"
      guard status.kind != .other else { throw .wrongKind(path: subject) }
      guard status.owner == owner else {
        throw .foreignOwner(path: subject, owner: status.owner, expected: owner)
      }
      guard status.mode & 0o077 == 0 else {
        throw .openToOthers(path: subject, kind: status.kind, mode: status.mode)
      }
      guard status.kind == .directory, depth > 0 else { continue }
      for entry in try listed(path).reversed() {
        waiting.append((path.appending(entry.name), depth - 1))
      }
    }
  }

  private func examined(_ path: DiskPath) throws(PrivacyFault) -> FileStatus? {
    do throws(DiskError) {
      return try status(at: path)
    } catch {
      throw .unreadable(error)
    }
  }

  private func listed(_ path: DiskPath) throws(PrivacyFault) -> [DirectoryEntry] {
    do throws(DiskError) {
      return try list(path)
    } catch {
      throw .unreadable(error)
    }
  }
}
