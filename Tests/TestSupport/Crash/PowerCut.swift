import Platform

/// Goes along a tape and makes the images that a power cut may leave at any place of it.
///
/// What was flushed is there. Of what was not, anything may be: each write in whole, in part or not
/// at all, in any order; each new name or the lack of it. A name changes in one step, also where it
/// moves between two directories, as every file system with a journal has it; bytes beside those
/// that were written are never touched.
package struct PowerCut {
  private enum Standing { case open, sure, dropped }

  private struct Change {
    enum What {
      case write(at: Int, [UInt8])
      case resize(Int)
    }
    /// Its place on the tape.
    let event: Int
    let what: What
    var standing = Standing.open
  }

  private struct Content {
    var base: [UInt8] = []
    /// Not all of them flushed, in the order in which they were made.
    var changes: [Change] = []
  }

  /// What a name leads to.
  private enum Target: Hashable {
    case file(DiskTape.File)
    case directory(Int)
  }

  private typealias Names = [Int: [FileName: Target]]

  private struct NameChange {
    let event: Int
    /// All at once: in which directory which name leads to what, or to nothing any more.
    let sets: [(directory: Int, name: FileName, target: Target?)]
    /// The directories that are still to be flushed.
    var unflushed: Set<Int>
  }

  private var contents: [DiskTape.File: Content] = [:]
  /// The names that last; the root of each disk is the directory of its number.
  private var names: Names = [:]
  /// The names as a running system sees them.
  private var seen: Names = [:]
  private var nameChanges: [NameChange] = []
  private var directories: Int
  private let disks: Int
  private let events: [DiskTape.Event]
  /// How much of the tape is behind us.
  package private(set) var place = 0
  /// Whether the last step made something last.
  package private(set) var hasSettled = true

  /// Begins with what the disks held before the tape.
  package init(_ events: [DiskTape.Event], from images: [DiskImage]) {
    (self.events, disks, directories) = (events, images.count, images.count)
    for (disk, image) in images.enumerated() {
      names[disk] = [:]
      for path in image.directories.sorted() {
        names[directories] = [:]
        set(path, to: .directory(directories), disk)
        directories += 1
      }
      for (path, held) in image.files {
        let file = DiskTape.File(disk: disk, number: held.number)
        contents[file] = Content(base: held.bytes)
        set(path, to: .file(file), disk)
      }
    }
    seen = names
  }

  private mutating func set(_ path: DiskPath, to target: Target, _ disk: Int) {
    guard let name = path.names.last, let parent = Self.directory(path.parent, names, disk) else {
      preconditionFailure("an image holds a name without its directory")
    }
    names[parent]?[name] = target
  }

  private static func directory(_ path: DiskPath, _ names: Names, _ disk: Int) -> Int? {
    var directory = disk
    for name in path.names {
      guard case .directory(let next)? = names[directory]?[name] else { return nil }
      directory = next
    }
    return directory
  }

  // MARK: Going on

  /// Goes on to a place of the tape.
  package mutating func advance(to end: Int) { while place < end { step() } }

  package var isAtEnd: Bool { place == events.count }

  private mutating func step() {
    hasSettled = false
    switch events[place] {
    case .create(let file, let path):
      contents[file] = Content()
      change(file.disk, [(path, .file(file))])
    case .write(let file, let at, let bytes):
      contents[file, default: Content()].changes.append(
        Change(event: place, what: .write(at: at, bytes)))
    case .resize(let file, let size):
      contents[file, default: Content()].changes.append(Change(event: place, what: .resize(size)))
    case .flush(let file): settle(file, .sure)
    case .failedFlush(let file): settle(file, .dropped)
    case .rename(let disk, let old, let new):
      change(disk, [(old, nil), (new, target(of: old, disk))])
    case .remove(let disk, let path), .removeDirectory(let disk, let path):
      change(disk, [(path, nil)])
    case .makeDirectory(let disk, let path):
      (names[directories], seen[directories]) = ([:], [:])
      change(disk, [(path, .directory(directories))])
      directories += 1
    case .flushDirectory(let disk, let path): settle(path, disk)
    }
    place += 1
  }

  private func target(of path: DiskPath, _ disk: Int) -> Target? {
    guard let name = path.names.last else { return nil }
    return Self.directory(path.parent, seen, disk).flatMap { seen[$0]?[name] }
  }

  private mutating func change(_ disk: Int, _ sets: [(path: DiskPath, target: Target?)]) {
    var found: [(directory: Int, name: FileName, target: Target?)] = []
    for (path, target) in sets {
      guard let name = path.names.last, let parent = Self.directory(path.parent, seen, disk) else {
        preconditionFailure("a tape names what is in no directory")
      }
      found.append((parent, name, target))
    }
    for (directory, name, target) in found { seen[directory]?[name] = target }
    nameChanges.append(
      NameChange(event: place, sets: found, unflushed: Set(found.map(\.directory))))
  }

  private mutating func settle(_ file: DiskTape.File, _ standing: Standing) {
    guard var content = contents[file] else { return }
    for index in content.changes.indices where content.changes[index].standing == .open {
      content.changes[index].standing = standing
      hasSettled = true
    }
    contents[file] = nil
    while let first = content.changes.first, first.standing == .sure {
      Self.apply(first, to: &content.base)
      content.changes.removeFirst()
    }
    contents[file] = content
  }

  private mutating func settle(_ path: DiskPath, _ disk: Int) {
    guard let directory = Self.directory(path, seen, disk) else { return }
    for index in nameChanges.indices {
      if nameChanges[index].unflushed.remove(directory) != nil { hasSettled = true }
    }
    while let first = nameChanges.first, first.unflushed.isEmpty {
      for (directory, name, target) in first.sets { names[directory]?[name] = target }
      nameChanges.removeFirst()
    }
  }

  private static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change.what {
    case .write(let at, let new): put(&bytes, at, new[...])
    case .resize(let size): resize(&bytes, size)
    }
  }

  private static func put(_ bytes: inout [UInt8], _ at: Int, _ new: ArraySlice<UInt8>) {
    guard !new.isEmpty else { return }
    if bytes.count < at + new.count { resize(&bytes, at + new.count) }
    bytes.replaceSubrange(at..<at + new.count, with: new)
  }

  private static func resize(_ bytes: inout [UInt8], _ size: Int) {
    if size < bytes.count {
      bytes.removeLast(bytes.count - size)
    } else {
      bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
  }

  // MARK: What is not certain

  /// One change that the disk may have or not.
  package struct Unit: Hashable, Sendable {
    /// Its place on the tape.
    package let event: Int
    /// Where it is written and how many bytes that is; nil for what is there whole or not at all.
    package let written: Range<Int>?
  }

  /// All changes that are not certain here, in the order in which they were made.
  package var units: [Unit] {
    var units = nameChanges.filter { !$0.unflushed.isEmpty }
      .map { Unit(event: $0.event, written: nil) }
    for content in contents.values {
      for change in content.changes where change.standing != .sure {
        var written: Range<Int>?
        if case .write(let at, let bytes) = change.what { written = at..<at + bytes.count }
        units.append(Unit(event: change.event, written: written))
      }
    }
    return units.sorted { $0.event < $1.event }
  }

  /// How much of a change the disk has.
  package enum Share: Sendable {
    case none, all
    /// These of its bytes, counted from where it begins.
    case parts([Range<Int>])
  }

  /// The image with so much of each change as is said, for all disks of the tape.
  package func images(_ share: (Unit) -> Share) -> [DiskImage] {
    let shares = Dictionary(
      units.map { ($0.event, share($0)) }, uniquingKeysWith: { first, _ in first })
    var names = names
    for change in nameChanges {
      if !change.unflushed.isEmpty, case .none? = shares[change.event] { continue }
      for (directory, name, target) in change.sets { names[directory]?[name] = target }
    }
    return (0..<disks).map { disk in
      var image = DiskImage()
      collect(disk, .root, names, shares, &image)
      return image
    }
  }

  private func collect(
    _ directory: Int, _ path: DiskPath, _ names: Names, _ shares: [Int: Share],
    _ image: inout DiskImage
  ) {
    for (name, target) in names[directory] ?? [:] {
      let place = path.appending(name)
      switch target {
      case .file(let file):
        image.files[place] = .init(number: file.number, bytes: bytes(of: file, shares))
      case .directory(let next):
        image.directories.insert(place)
        collect(next, place, names, shares, &image)
      }
    }
  }

  private func bytes(of file: DiskTape.File, _ shares: [Int: Share]) -> [UInt8] {
    guard let content = contents[file] else { return [] }
    var bytes = content.base
    for change in content.changes {
      switch (change.standing == .sure ? .all : shares[change.event], change.what) {
      case (.all?, _): Self.apply(change, to: &bytes)
      case (.parts(let parts)?, .write(let at, let new)):
        for part in parts { Self.put(&bytes, at + part.lowerBound, new[part]) }
      default: break
      }
    }
    return bytes
  }
}
