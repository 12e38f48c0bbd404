import TestSupport

extension Audit {
  /// What let a computer in, where its directory says so: that is there before it writes anything.
  static func certificate(on disk: MemoryDisk) -> Long? {
    OfficeFile(on: disk)?.certificate
  }

  /// The device of a host that has written nothing yet.
  func deviceLetIn(at shelf: Shelf) -> Long? {
    shelf.disk.flatMap(Self.certificate).flatMap(book.device(certifiedBy:))
  }

  /// The log of one host; a class, for what it holds is added to after almost every step.
  final class Shelf {
    /// Which disk was read, so that another one is read anew.
    var disk: MemoryDisk?
    var readers: [Int: SegmentReader] = [:]
    var changes: MemoryDisk.Changes = .init()
    var held: Set<Long> = []
    /// What the disk before this one held and this one must, too.
    var owed: Set<Long> = []
    /// What it ever held, on this disk or one before it.
    var ever: Set<Long> = []
    /// What this disk ever held, or where a power cut took something, what that left; for the office that is here.
    var here: Set<Long> = []
    /// The devices that ever wrote here.
    var devices: Set<Long> = []
    /// The host of which it is a copy, whose device it has also where that has written nothing yet.
    var original: Int?
    /// The device whose own entries lie here.
    var device: Long?
    /// Whether bytes of it were changed by nobody who is to blame.
    var isRotten = false
    /// Whether bytes of it ever were, also of an office that was set aside since.
    var wasRotten = false
    /// What its devices wrote that lay behind rotten bytes, or was gone with the disk or without it, at a time
    /// when a node may have looked.
    var hidden: Set<Long> = []
    /// What rotted here since a node looked last, whether or not others hold it.
    var unseen: Set<Long> = []
    /// What was read here behind entries that were not there, whether or not these came back.
    var behindHoles: Set<Long> = []
  }
}
