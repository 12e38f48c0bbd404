import CLinux
import Glibc
import TestSupport
import Testing

@testable import Platform

struct EnvironmentTests {
  @Test func `XDG directories are taken where absolute and else have their defaults`() {
    let set = Environment([
      "HOME": "/home/anna", "XDG_DATA_HOME": "/data", "XDG_STATE_HOME": "state",
      "XDG_RUNTIME_DIR": "",
    ])
    #expect(set.dataHome == "/data")
    #expect(set.stateHome == "/home/anna/.local/state")
    #expect(set.configHome == "/home/anna/.config")
    #expect(set.runtimeDirectory == nil)
    #expect(set["HOME"] == "/home/anna")
    #expect(set["home"] == nil)
  }

  @Test func `without HOME the list of users is asked`() {
    #expect(Environment([:]).home == Account.current().home)
  }

  @Test func `the process's own variables are those getenv finds`() {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) }
    #expect(Environment.current()["PATH"] == path)
  }
}

struct ProgramTests {
  @Test func `a program that was run to its end tells how it ended`() throws {
    #expect(try Program.run("sh", arguments: ["-c", "exit 0"]) == 0)
    #expect(try Program.run("sh", arguments: ["-c", "exit 7"]) == 7)
    #expect(try Program.run("sh", arguments: ["-c", "kill -9 $$"]) == 137)
    #expect(throws: SystemError(ENOENT)) {
      try Program.run("no such program here", arguments: [])
    }
  }
}

struct AccountTests {
  @Test func `this process has a user with a name`() {
    let account = Account.current()
    #expect(account.user == geteuid())
    #expect(!account.name.isEmpty)
    #expect(account.fullName != "")
  }

  @Test func `groups are found by name`() {
    #expect(Account.groupNumber(named: "root") == 0)
    #expect(Account.groupNumber(named: "no such group here") == nil)
    #expect(Account.groupNumber(named: "root\0") == nil)
  }
}

struct ComputerTests {
  @Test func `the start of the kernel has an identifier`() throws {
    let first = try #require(Computer.bootID())
    #expect(first.count == 16)
    #expect(Computer.bootID() == first)
  }

  @Test(arguments: [
    ("0123456789abcdef0123456789abcdef\n", true),
    ("01234567-89ab-cdef-0123-456789abcdef\n", true),
    ("0123456789ABCDEF0123456789ABCDEF", false), ("uninitialized\n", false), ("", false),
    ("0123456789abcdef0123456789abcde", false), ("0123456789abcdef0123456789abcdef0", false),
    ("0123456789abcdef0123456789abcde/", false),
  ])
  func `an identifier has 32 lower-case digits`(text: String, isGood: Bool) {
    #expect((Computer.parseIdentifier(Array(text.utf8)) != nil) == isGood)
  }

  @Test func `this process knows its file and its host`() throws {
    #expect(try #require(Computer.executablePath()).hasPrefix("/"))
    #expect(!Computer.hostName().isEmpty)
    #expect(!Computer.hostName().contains("."))
    #expect(Computer.processNumber == getpid())
  }

  @Test func `open files are raised to the hard limit`() throws {
    let raised = try ProcessLimits.raiseOpenFiles()
    #expect(raised >= 64)
    #expect(try ProcessLimits.raiseOpenFiles() == raised)
  }
}

struct ServiceManagerTests {
  let directory = TemporaryDirectory()

  /// Receives at a path or an abstract name what the daemon says.
  func message(at path: String) throws -> String {
    let receiver = try Socket.open(family: AF_UNIX, kind: SOCK_DGRAM)
    let number = receiver.descriptor.number
    let result = try unsafe withLocalForm(path) { unsafe bind(number, $0, $1) }
    try #require(result == 0)
    let manager = try #require(ServiceManager(environment: Environment(["NOTIFY_SOCKET": path])))
    try manager.notify("READY=1\nSTATUS=here")
    return String(decoding: read(64, from: receiver) ?? [], as: UTF8.self)
  }

  @Test func `readiness arrives at a path`() throws {
    #expect(try message(at: directory.path + "/notify") == "READY=1\nSTATUS=here")
  }

  @Test func `readiness arrives at an abstract name`() throws {
    let name = "@" + directory.path + "/abstract"
    #expect(try message(at: name) == "READY=1\nSTATUS=here")
  }

  @Test func `nobody to tell is no manager, and one that is gone is an error`() {
    #expect(ServiceManager(environment: Environment([:])) == nil)
    #expect(ServiceManager(environment: Environment(["NOTIFY_SOCKET": ""])) == nil)
    let path = directory.path + "/gone"
    let manager = ServiceManager(environment: Environment(["NOTIFY_SOCKET": path]))
    let error = #expect(throws: SocketError.self) { try manager?.notify("READY=1") }
    #expect(
      error?.description == "cannot send to \"\(path)\": no such file or directory (ENOENT)")
  }
}

struct StandardStreamTests {
  /// A pipe whose two ends are closed with the values.
  func pipe() throws -> PipeEnds {
    var numbers: [Int32] = [-1, -1]
    try #require(unsafe Glibc.pipe(&numbers) == 0)
    return PipeEnds(
      reader: FileDescriptor(owning: numbers[0]), writer: FileDescriptor(owning: numbers[1]))
  }

  @Test func `a closed reader is a quiet end`() throws {
    ProcessLimits.ignoreBrokenPipes()
    let number = try pipe().takeWriter()
    let outcome = writeAll([1].span, to: number.number)
    #expect(outcome == .closed)
  }

  @Test(arguments: [false, true])
  func `more than a pipe holds is written and read whole`(isNonBlocking: Bool) throws {
    let ends = try pipe()
    if isNonBlocking {
      #expect(fcntl(ends.writer.number, F_SETFL, O_NONBLOCK) == 0)
      #expect(fcntl(ends.reader.number, F_SETFL, O_NONBLOCK) == 0)
    }
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
    let writer = try duplicate(ends.writer.number).release()
    let worker = try WorkerThread<[UInt8]>(name: "writer", capacity: 1) { jobs in
      for job in jobs {
        if writeAll(job.span, to: writer) != .written { Issue.record("a write was cut") }
      }
      close(writer)
    }
    #expect(worker.submit(bytes))
    // Both writing ends must be closed for the reader to see the end.
    let reader = ends.takeReader()
    let read = try readAll(from: reader.number, limit: bytes.count)
    worker.stop()
    #expect(read == bytes)
  }

  @Test func `input longer than its limit is refused`() throws {
    let ends = try pipe()
    #expect(writeAll([1, 2, 3].span, to: ends.writer.number) == .written)
    let reader = ends.takeReader()
    let read = try readAll(from: reader.number, limit: 2)
    #expect(read == nil)
  }

  @Test func `a bad descriptor is a failure and no end`() {
    #expect(writeAll([1].span, to: -1) == .failed(SystemError(EBADF)))
    #expect(writeAll([UInt8]().span, to: -1) == .written)
  }
}

/// Both ends of a pipe.
struct PipeEnds: ~Copyable {
  let reader: FileDescriptor
  let writer: FileDescriptor

  consuming func takeReader() -> FileDescriptor { reader }
  consuming func takeWriter() -> FileDescriptor { writer }
}
