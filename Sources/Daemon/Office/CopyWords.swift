import Format

/// Which devices say that this computer was copied (H-9).
///
/// Their word stops writing, for two computers with one key fork each other's feeds; but any member
/// can say it. So whoever was believed once is only shown after a restart, by which a person goes on.
struct CopyWords {
  /// In the order in which they said so.
  private(set) var tellers: [DeviceKey] = []
  /// Those whose word stopped an earlier start.
  private let heard: Set<DeviceKey>

  /// Reads what an earlier start wrote down; what cannot be read was never said.
  init(_ bytes: [UInt8]) {
    var reader = Reader(bytes, .r1)
    var heard: Set<DeviceKey> = []
    while heard.count < Self.tellersMax, reader.remaining >= 32,
      let device: DeviceKey = try? reader.id()
    {
      heard.insert(device)
    }
    self.heard = heard
  }

  /// Every device of an office with room to spare.
  private static let tellersMax = 4_096
  static let bytesMax = 32 * tellersMax

  /// Whether own entries may be written although somebody may have said so.
  var areOverruled: Bool { tellers.allSatisfy(heard.contains) }

  /// Takes in a device's word; returns the bytes to write down, or nil where that is nothing new.
  mutating func hear(_ device: DeviceKey) -> [UInt8]? {
    guard !tellers.contains(device), tellers.count < Self.tellersMax else { return nil }
    tellers.append(device)
    guard !heard.contains(device) else { return nil }
    var writer = Writer()
    for device in heard.union(tellers).sorted().prefix(Self.tellersMax) { writer.id(device) }
    return writer.bytes
  }
}
