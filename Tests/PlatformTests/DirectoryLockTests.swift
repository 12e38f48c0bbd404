import Glibc
import Platform
import TestSupport
import Testing

struct DirectoryLockTests {
  let directory = TemporaryDirectory()

  @Test func `a second process is refused while the lock is held, and served after`() throws {
    let disk = try LinuxDisk(root: directory.path)
    do {
      // flock belongs to the open file, so a second opening here is like another process.
      let lock = try DirectoryLock.take("lock", in: disk)
      do {
        _ = try DirectoryLock.take("lock", in: try LinuxDisk(root: directory.path))
        Issue.record("the lock was given twice")
      } catch {
        #expect(error.reason == .locked)
        #expect(
          error.description
            == "cannot lock \"\(directory.path)/lock\": another process holds it")
      }
      withExtendedLifetime(lock) {}
    }
    _ = try DirectoryLock.take("lock", in: disk)
    #expect(try disk.status(at: .root.appending("lock"))?.mode == 0o600)
  }

  @Test func `a link in place of the lock is refused`() throws {
    #expect(unsafe symlink("elsewhere", "\(directory.path)/lock") == 0)
    do {
      _ = try DirectoryLock.take("lock", in: try LinuxDisk(root: directory.path))
      Issue.record("a link was followed")
    } catch {
      #expect(error.reason == .wrongKind)
    }
    #expect(try ReadOnlyDisk(root: directory.path).status(at: .root.appending("elsewhere")) == nil)
  }
}

struct PrivacyTests {
  let directory = TemporaryDirectory()

  func check(owner: UInt32 = geteuid()) throws {
    try ReadOnlyDisk(root: directory.path).checkPrivacy(owner: owner, depth: 3)
  }

  func fault(owner: UInt32 = geteuid()) throws -> PrivacyFault {
    try #require(throws: PrivacyFault.self) { try check(owner: owner) }
  }

  @Test func `what a disk creates passes`() throws {
    let disk = try LinuxDisk.creating(root: directory.path + "/a/b")
    try disk.createDirectory(.root.appending("groups"))
    _ = try disk.create(.root.appending("groups").appending("log"))
    _ = try LinuxDisk.creating(root: directory.path + "/a/b")
    try check()
  }

  @Test(arguments: [0o755, 0o750, 0o701, 0o770] as [UInt32])
  func `a directory open to others is refused with the command that closes it`(mode: UInt32) throws
  {
    #expect(unsafe chmod(directory.path, mode) == 0)
    let fault = try fault()
    #expect(
      fault.description
        == "\"\(directory.path)\" is open to other users (mode \(String(mode, radix: 8)))")
    #expect(fault.hint == "chmod 700 \(directory.path)")
  }

  @Test func `a file inside that is open to others is refused by its name`() throws {
    let disk = try LinuxDisk(root: directory.path)
    try disk.createDirectory(.root.appending("groups"))
    _ = try disk.create(.root.appending("groups").appending("log"))
    let path = "\(directory.path)/groups/log"
    #expect(unsafe chmod(path, 0o640) == 0)
    #expect(try fault() == .openToOthers(path: path, kind: .file, mode: 0o640))
    #expect(try fault().hint == "chmod 600 \(path)")
  }

  @Test func `another owner is refused with a way out`() throws {
    let fault = try fault(owner: geteuid() &+ 1)
    #expect(
      fault
        == .foreignOwner(path: directory.path, owner: geteuid(), expected: geteuid() &+ 1))
    #expect(fault.hint?.contains("data directory") == true)
  }

  @Test func `a link inside is refused`() throws {
    #expect(unsafe symlink("/etc", "\(directory.path)/link") == 0)
    #expect(try fault() == .wrongKind(path: "\(directory.path)/link"))
  }

  @Test func `a path with spaces and quotes is one word of the hint`() {
    let fault = PrivacyFault.openToOthers(path: "/a b/it's", kind: .directory, mode: 0o755)
    #expect(fault.hint == "chmod 700 '/a b/it'\\''s'")
  }

  @Test func `a file where a directory should be created is named`() throws {
    let disk = try LinuxDisk(root: directory.path)
    _ = try disk.create(.root.appending("file"))
    let error = #expect(throws: DiskError.self) {
      _ = try LinuxDisk.creating(root: directory.path + "/file/inner")
    }
    #expect(error?.reason == .wrongKind)
    #expect(error?.subject == directory.path + "/file/inner")
  }
}
