import Format
package import Platform

/// Why the store cannot do what it was asked.
package enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The disk failed; the fault names what was tried.
  case disk(DiskError)
  /// Less than the floor of free space is left.
  case full(StorageFull)
  /// The store takes no writes, for the reason its state gives.
  case notWriting(StoreState)
  /// The job was made before the store was resumed; its batch must be prepared again.
  case stale
  /// The segment was written by a newer version.
  case tooNew(subject: String, version: UInt16)
  /// The store holds no such entry.
  case unknownEntry
  /// What lies there is damaged; the store has forgotten it and it can be fetched again.
  case damaged(Damage)
  /// The body of an entry of this kind is part of what it says and is never erased.
  case notErasable

  package var description: String {
    switch self {
    case .disk(let error): error.description
    case .full(let full): full.description
    case .notWriting(let state): "nothing can be stored: \(state)"
    case .stale: "the batch was prepared before the store was resumed"
    case .tooNew(let subject, let version):
      "\"\(subject)\" has version \(version), this program knows \(SegmentHead.version)"
    case .unknownEntry: "the store holds no such entry"
    case .damaged(let damage): damage.description
    case .notErasable: "an entry of this kind is never erased"
    }
  }
}

extension StorageError {
  /// Whether what was to be stored may lie on the disk all the same, and may be found there by the next
  /// start.
  package var mayHaveWritten: Bool {
    switch self {
    case .disk(let error): error.operation != .measureSpace
    case .full, .notWriting, .stale, .tooNew, .unknownEntry, .damaged, .notErasable: false
    }
  }
}

/// Whether the store takes writes, and if not, why.
package enum StoreState: Hashable, Sendable, CustomStringConvertible {
  case writing
  /// No room: `Store.resume` tries again once there is.
  case full(StorageFull)
  /// The system had no memory or no open files left: `Store.resume` tries again.
  case exhausted(DiskError)
  /// The disk does not say how much room it has: `Store.resume` asks again.
  case unmeasured(DiskError)
  /// The file system is read-only: `Store.resume` tries again.
  case readOnly(DiskError)
  /// A write or a flush failed for good: what lies behind the last flush is certain again only
  /// after a restart.
  case failed(DiskError)

  package var description: String {
    switch self {
    case .writing: "the disk is written"
    case .full(let full): full.description
    case .exhausted(let error): "the system has too little left: \(error)"
    case .unmeasured(let error): "the disk does not say how much room it has: \(error)"
    case .readOnly(let error): "read-only disk: \(error)"
    case .failed(let error): "the disk failed, restart to go on: \(error)"
    }
  }

  /// Whether `Store.resume` can lead back to writing without a restart.
  package var isResumable: Bool {
    switch self {
    case .writing, .failed: false
    case .full, .readOnly, .exhausted, .unmeasured: true
    }
  }

  /// Whether own entries are written. The room that they have beyond that of others is for removing
  /// whoever filled the disk.
  package var takesOwn: Bool { takes(.own) }

  /// Whether batches of this standing are written.
  package func takes(_ standing: BatchStanding) -> Bool {
    switch self {
    case .writing: true
    case .full(.floor(_, _, let refused)): standing > refused
    case .full(.system), .readOnly, .exhausted, .unmeasured, .failed: false
    }
  }
}

/// Who said that the disk is full: the system, or our own floor of free space.
package enum StorageFull: Hashable, Sendable, CustomStringConvertible {
  case system(DiskError)
  /// Our own floor; what stands higher than what was refused has more room.
  case floor(free: UInt64, floor: UInt64, refused: BatchStanding)

  package var description: String {
    switch self {
    case .system(let error): "full disk: \(error)"
    case .floor(let free, let floor, let refused):
      "full disk: \(free) bytes are free, \(floor) are to stay free"
        + (refused == .own ? "" : "; what others write is not taken in")
    }
  }
}
