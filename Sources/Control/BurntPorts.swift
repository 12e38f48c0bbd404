package import Platform

/// Ports at which a page of this node is never served again, in its state folder (W-13).
///
/// A file with one number a line. What a browser keeps for an address (an open page, a bookmark, a
/// script that stays between the two) may be another user's for as long as the browser lives.
package struct BurntPorts {
  private static let name: FileName = "page-ports"
  // Every port once, with its line feed.
  private static let bytesMax = 65_536 * 6
  private static let lineFeed: UInt8 = 0x0A

  private let folder: String
  /// In the order in which they were lost.
  package private(set) var ports: [UInt16] = []

  /// Why what is kept there cannot be used.
  package enum Fault: Error, CustomStringConvertible {
    case unreadable(String, SystemError)
    /// The file, whose path this is, is no list of ports.
    case spoilt(String)

    /// A sentence without a full stop.
    package var description: String {
      switch self {
      case .unreadable(let path, let error): "cannot read \"\(path)\": \(error)"
      case .spoilt(let path): "\"\(path)\" is no list of ports"
      }
    }

    /// What to do about it, where that can be said.
    package var hint: String? {
      if case .spoilt = self { "a number stands in each line; remove what is none" } else { nil }
    }
  }

  /// Reads what is kept in a state folder, which need not be there.
  package init(folder: String) throws(Fault) {
    self.folder = folder
    let path = "\(folder)/page-ports"
    let bytes: [UInt8]?
    do throws(SystemError) {
      bytes = try SmallFile.read(path, limit: Self.bytesMax)
    } catch {
      if error == .notFound { return }
      throw .unreadable(path, error)
    }
    guard let bytes, let ports = Self.ports(in: bytes) else { throw .spoilt(path) }
    self.ports = ports
  }

  /// What a file says; nil where it is no list of ports.
  static func ports(in bytes: [UInt8]) -> [UInt16]? {
    guard bytes.last ?? lineFeed == lineFeed else { return nil }
    var ports: [UInt16] = []
    for line in bytes.split(separator: lineFeed, omittingEmptySubsequences: false).dropLast() {
      guard let port = UInt16(String(decoding: line, as: UTF8.self)), port > 0 else { return nil }
      ports.append(port)
    }
    return ports
  }

  /// The file that says this.
  static func file(_ ports: [UInt16]) -> [UInt8] { Array(ports.map { "\($0)\n" }.joined().utf8) }

  /// Whether a port is one of them.
  package func contains(_ port: UInt16) -> Bool { ports.contains(port) }

  /// Keeps one more; when it returns, that survives a power cut.
  package mutating func add(_ port: UInt16) throws(DiskError) {
    if ports.contains(port) { return }
    let disk = try LinuxDisk.creating(root: folder)
    try disk.replace(DiskPath.root.appending(Self.name), with: Self.file(ports + [port]).span)
    ports.append(port)
  }
}
