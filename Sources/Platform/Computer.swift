internal import Glibc

/// Facts about this computer and this start of it.
package enum Computer {
  /// What distinguishes this installation from others, until somebody copies its disk.
  package static func machineID() -> [UInt8]? {
    identifier(in: "/etc", "machine-id") ?? identifier(in: "/var/lib/dbus", "machine-id")
  }

  /// What changes with every start of the kernel.
  package static func bootID() -> [UInt8]? {
    identifier(in: "/proc/sys/kernel/random", "boot_id")
  }

  /// The host's own name, without its domain.
  package static func hostName() -> String {
    var room = [CChar](repeating: 0, count: 256)
    // One byte is kept back: a name that was cut has no NUL.
    guard unsafe gethostname(&room, 255) == 0 else { return "localhost" }
    let bytes = room.prefix { $0 != 0 && $0 != 0x2e }.map(UInt8.init(bitPattern:))
    return bytes.isEmpty ? "localhost" : String(decoding: bytes, as: UTF8.self)
  }

  /// The file this process was started from, or nil where it cannot be told.
  package static func executablePath() -> String? {
    var room = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink("/proc/self/exe", &room, room.count)
    // A path that fills the room may have been cut.
    guard count > 0, count < room.count else { return nil }
    return String(decoding: room[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// How many processors this computer has at work, at least 1.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// This process's number.
  package static var processNumber: Int32 { getpid() }

  /// Sixteen bytes written as 32 hexadecimal digits, with or without hyphens.
  private static func identifier(in directory: String, _ name: FileName) -> [UInt8]? {
    guard let disk = try? ReadOnlyDisk(root: directory),
      let text = try? disk.readText(.root.appending(name), limit: 64)
    else { return nil }
    return parseIdentifier(text)
  }

  /// Reads an identifier and refuses any other form.
  static func parseIdentifier(_ text: [UInt8]) -> [UInt8]? {
    let digits = text.filter { $0 != 0x2d && $0 != 0x0a }
    guard digits.count == 32, FileName.isUsable(digits) else { return nil }
    return FileName(owned: digits).hexBytes(after: "", before: "")
  }
}

extension ReadOnlyDisk {
  /// Reads a file whose length the kernel does not tell beforehand, as in /proc.
  fileprivate func readText(_ path: DiskPath, limit: Int) throws(DiskError) -> [UInt8] {
    let file = try open(path)
    var bytes = [UInt8](repeating: 0, count: limit)
    var span = bytes.mutableSpan
    let count = try read(file, at: 0, into: &span)
    return Array(bytes[..<count])
  }
}
