import Glibc
import Platform
import TestSupport
import Testing

struct DiskTests {
  let directory = TemporaryDirectory()

  func disk() throws -> LinuxDisk { try LinuxDisk(root: directory.path) }

  @Test func `what is written at a place is read from that place`() throws {
    let disk = try disk()
    let file = try disk.create(.root.appending("log"))
    let bytes = Array("twelve bytes".utf8)
    try disk.write(bytes.span, to: file, at: 5)
    var buffer = [UInt8](repeating: 0xff, count: 32)
    var span = buffer.mutableSpan
    #expect(try disk.read(file, at: 5, into: &span, range: 2..<20) == 12)
    #expect(buffer[2..<14].elementsEqual(bytes))
    #expect(buffer[0] == 0xff && buffer[14] == 0xff)
    #expect(try disk.size(of: file) == 17)
  }

  @Test func `a buffer larger than one system call takes is written and read whole`() throws {
    let disk = try disk()
    let file = try disk.create(.root.appending("log"))
    let bytes = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    try disk.write(bytes.span, to: file, at: 0)
    try disk.flush(file)
    #expect(try disk.readWhole(.root.appending("log"), limit: bytes.count) == bytes)
  }

  @Test func `a device in place of a file is refused before it is written`() throws {
    let disk = try LinuxDisk(root: "/dev")
    let error = #expect(throws: DiskError.self) {
      _ = try disk.openForWriting(.root.appending("full"))
    }
    #expect(error?.reason == .wrongKind)
  }

  @Test func `a new file is 0600, a new directory 0700`() throws {
    let disk = try disk()
    let file = try disk.create(.root.appending("log"))
    try disk.createDirectory(.root.appending("groups"))
    #expect(try disk.status(of: file).mode == 0o600)
    let status = try disk.status(at: .root.appending("groups"))
    #expect(status?.mode == 0o700)
    #expect(status?.kind == .directory)
    #expect(status?.owner == geteuid())
  }

  @Test func `creating over something that is there is refused`() throws {
    let disk = try disk()
    _ = try disk.create(.root.appending("log"))
    let error = #expect(throws: DiskError.self) {
      _ = try disk.create(.root.appending("log"))
    }
    #expect(error?.reason == .exists)
    #expect(
      error?.description
        == "cannot create \"\(directory.path)/log\": file exists (EEXIST)")
  }

  @Test func `a missing file is named with what was tried`() throws {
    let disk = try disk()
    let error = #expect(throws: DiskError.self) {
      _ = try disk.open(.root.appending("groups").appending("log"))
    }
    #expect(error?.reason == .missing)
    #expect(
      error?.description
        == "cannot open \"\(directory.path)/groups/log\": no such file or directory (ENOENT)")
    #expect(try disk.status(at: .root.appending("log")) == nil)
  }

  @Test func `a symbolic link is never followed, neither at the end nor on the way`() throws {
    let disk = try disk()
    _ = try disk.create(.root.appending("target"))
    try disk.createDirectory(.root.appending("folder"))
    _ = try disk.create(.root.appending("folder").appending("inner"))
    #expect(unsafe symlink("target", "\(directory.path)/link") == 0)
    #expect(unsafe symlink("folder", "\(directory.path)/way") == 0)
    let end = #expect(throws: DiskError.self) { _ = try disk.open(.root.appending("link")) }
    #expect(end?.reason == .wrongKind)
    let way = #expect(throws: DiskError.self) {
      _ = try disk.open(.root.appending("way").appending("inner"))
    }
    #expect(way?.reason == .wrongKind)
    #expect(try disk.status(at: .root.appending("link"))?.kind == .other)
  }

  @Test func `a pipe in place of a file is refused without waiting for its other end`() throws {
    #expect(unsafe mkfifo("\(directory.path)/pipe", 0o600) == 0)
    let disk = try disk()
    let error = #expect(throws: DiskError.self) { _ = try disk.open(.root.appending("pipe")) }
    #expect(error?.reason == .wrongKind)
  }

  @Test func `a listing is sorted by bytes and tells files from directories`() throws {
    let disk = try disk()
    for number: UInt64 in [10, 9, 1] {
      _ = try disk.create(.root.appending("segment-" + .number(number, digits: 4) + ".log"))
    }
    try disk.createDirectory(.root.appending(.hex([0xab, 0x01])))
    let entries = try disk.list(.root)
    #expect(
      entries.map(\.name.text) == [
        "ab01", "segment-0001.log", "segment-0009.log", "segment-0010.log",
      ])
    #expect(entries.map(\.kind) == [.directory, .file, .file, .file])
    #expect(
      entries.compactMap { $0.name.number(after: "segment-", before: ".log") } == [1, 9, 10])
    #expect(try disk.list(.root.appending(entries[0].name)).isEmpty)
  }

  @Test func `truncate cuts, reserve lengthens with zeros and never shortens`() throws {
    let disk = try disk()
    let file = try disk.create(.root.appending("log"))
    try disk.write([1, 2, 3, 4].span, to: file, at: 0)
    try disk.truncate(file, to: 2)
    try disk.reserve(file, size: 4096)
    try disk.reserve(file, size: 10)
    let bytes = try disk.readWhole(.root.appending("log"), limit: 4096)
    #expect(bytes == [1, 2] + [UInt8](repeating: 0, count: 4094))
  }

  @Test func `rename replaces only where it may`() throws {
    let disk = try disk()
    let (old, new) = (DiskPath.root.appending("old"), DiskPath.root.appending("new"))
    try disk.write([1].span, to: try disk.create(old), at: 0)
    try disk.write([2].span, to: try disk.create(new), at: 0)
    let error = #expect(throws: DiskError.self) {
      try disk.rename(old, to: new, replacing: false)
    }
    #expect(error?.reason == .exists)
    try disk.rename(old, to: new, replacing: true)
    try disk.flushDirectory(.root)
    #expect(try disk.readWhole(new, limit: 8) == [1])
    #expect(try disk.status(at: old) == nil)
    try disk.remove(new)
    #expect(try disk.list(.root).isEmpty)
  }

  @Test func `a directory that cannot be opened is not one whose flush failed`() throws {
    let error = #expect(throws: DiskError.self) {
      try disk().flushDirectory(.root.appending("missing"))
    }
    #expect(error?.operation == .open && error?.reason == .missing)
  }

  @Test func `a directory that holds something is not removed`() throws {
    let disk = try disk()
    let folder = DiskPath.root.appending("folder")
    try disk.ensureDirectory(folder)
    try disk.ensureDirectory(folder)
    _ = try disk.create(folder.appending("log"))
    #expect(throws: DiskError.self) { try disk.removeDirectory(folder) }
    try disk.remove(folder.appending("log"))
    try disk.removeDirectory(folder)
    #expect(try disk.list(.root).isEmpty)
  }

  @Test func `replacing a file throws away the draft a crash left`() throws {
    let disk = try disk()
    let path = DiskPath.root.appending("config")
    try disk.write([9, 9, 9].span, to: try disk.create(.root.appending("config.new")), at: 0)
    try disk.replace(path, with: [1, 2].span)
    try disk.replace(path, with: [3].span)
    #expect(try disk.readWhole(path, limit: 8) == [3])
    #expect(try disk.list(.root).count == 1)
  }

  @Test func `a file longer than its limit is not read`() throws {
    let disk = try disk()
    let path = DiskPath.root.appending("log")
    try disk.write([1, 2, 3].span, to: try disk.create(path), at: 0)
    let error = #expect(throws: DiskError.self) { _ = try disk.readWhole(path, limit: 2) }
    #expect(error?.reason == .tooLong)
    #expect(try disk.readWhole(path, limit: 3) == [1, 2, 3])
  }

  @Test(arguments: [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 1])
  func `a place no file has is an error and not a trap`(offset: UInt64) throws {
    let disk = try disk()
    let file = try disk.create(.root.appending("log"))
    #expect(throws: DiskError.self) { try disk.write([1, 2].span, to: file, at: offset) }
    if offset > UInt64(Int64.max) {
      #expect(throws: DiskError.self) { try disk.truncate(file, to: offset) }
      #expect(throws: DiskError.self) { try disk.reserve(file, size: offset) }
    }
  }

  @Test func `a disk that may only look reads what the other wrote`() throws {
    let disk = try disk()
    try disk.write([7].span, to: try disk.create(.root.appending("log")), at: 0)
    let reader: any ReadableDisk = try ReadOnlyDisk(root: directory.path)
    #expect(try reader.readWhole(.root.appending("log"), limit: 1) == [7])
    #expect(!(reader is any Disk))
    #expect(try reader.space().total > 0)
  }

  @Test func `writing through a file opened for reading is an error`() throws {
    let disk = try disk()
    _ = try disk.create(.root.appending("log"))
    let file = try disk.open(.root.appending("log"))
    let error = #expect(throws: DiskError.self) { try disk.write([1].span, to: file, at: 0) }
    #expect(error?.system?.name == "EBADF")
  }

  @Test func `a file is closed when its value ends`() throws {
    let disk = try disk()
    let number: Int32
    do {
      let file = try disk.create(.root.appending("log"))
      number = file.number
      #expect(try disk.list(.root).count == 1)
    }
    var link = [CChar](repeating: 0, count: 4096)
    let length = unsafe readlink("/proc/self/fd/\(number)", &link, link.count)
    let target = String(
      decoding: link.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    // Another test may have got the number since, but never for this file.
    #expect(target != "\(directory.path)/log")
  }

  @Test func `a root that is no directory is refused by name`() throws {
    let error = #expect(throws: DiskError.self) { _ = try LinuxDisk(root: "/nowhere/at all") }
    #expect(
      error?.description == "cannot open \"/nowhere/at all\": no such file or directory (ENOENT)")
  }
}
