internal import Format
import Platform
import TestSupport

/// One connection between two hosts: bytes come in order and late, or not while the way is blocked.
final class Wire {
  enum Side: Int { case first, second }

  enum Item {
    case bytes([UInt8])
    case end
    case reset
    /// The same of whoever has the other end's address by now.
    case newOwnerReset
  }

  /// One direction.
  private final class Lane {
    weak var target: SimulatedStream?
    let path: World.Path
    var items: [(due: Moment, item: Item)] = []
    var bytes = 0
    var isPumping = false
    /// The target's process is gone, and its host answers for it.
    var isLeft = false
    /// The target's host is off: what comes is lost, and nobody says so.
    var isSilent = false

    init(target: SimulatedStream, path: World.Path) { (self.target, self.path) = (target, path) }
  }

  private unowned let world: World
  private let ends: Segments.Ends
  /// How often in a row what was to be carried found no way, because an end has another address.
  private var lost = 0
  /// After so many the kernels give up: a minute, for whoever is plugged out comes back as the same.
  private static let lostMax = 100
  /// By the side that sends.
  private let lanes: [Lane]

  init(
    _ world: World, _ first: SimulatedStream, _ second: SimulatedStream,
    between ends: Segments.Ends
  ) {
    (self.world, self.ends) = (world, ends)
    let (from, to) = (ends.first.host, ends.second.host)
    lanes = [
      Lane(target: second, path: .init(from: from, to: to)),
      Lane(target: first, path: .init(from: to, to: from)),
    ]
  }

  /// How many bytes more the sender may put on its way.
  func room(from side: Side) -> Int {
    let waiting = lanes[side.rawValue].target?.waitingBytes ?? 0
    return max(0, SimulatedStream.window - lanes[side.rawValue].bytes - waiting)
  }

  func send(_ item: Item, from side: Side) {
    let due = max(world.now + world.delay(), lanes[side.rawValue].items.last?.due ?? world.now)
    if case .bytes(let bytes) = item {
      lanes[side.rawValue].bytes += bytes.count
      for piece in pieces(bytes, side) { lanes[side.rawValue].items.append((due, .bytes(piece))) }
    } else {
      lanes[side.rawValue].items.append((due, item))
    }
    pump(side, at: due)
  }

  /// Streams keep no borders: what was written at once may come in parts.
  private func pieces(_ bytes: [UInt8], _ side: Side) -> [[UInt8]] {
    var bytes = bytes
    if world.spoils > 0, world.spoiling.number(0...9_999) < world.spoils {
      let at = world.spoiling.number(0...bytes.count - 1)
      bytes[at] ^= 1 << UInt8(world.spoiling.number(0...7))
      world.note(
        nil,
        "a byte from \(lanes[side.rawValue].path.from) to "
          + "\(lanes[side.rawValue].path.to) is not what was sent")
    }
    guard bytes.count > 1, world.chance.oneIn(8) else { return [bytes] }
    let cut = world.chance.number(1...bytes.count - 1)
    return [Array(bytes[..<cut]), Array(bytes[cut...])]
  }

  private func pump(_ side: Side, at moment: Moment) {
    guard !lanes[side.rawValue].isPumping else { return }
    lanes[side.rawValue].isPumping = true
    world.after(moment - world.now, host: lanes[side.rawValue].path.to) { [self] in
      lanes[side.rawValue].isPumping = false
      carry(side)
    }
  }

  private func carry(_ side: Side) {
    let path = lanes[side.rawValue].path
    guard let (due, item) = lanes[side.rawValue].items.first else { return }
    if due > world.now { return pump(side, at: due) }
    var isJoined = world.segments.joins(ends)
    lost = isJoined ? 0 : lost + 1
    if case .newOwnerReset = item {
      isJoined = true
    } else if !isJoined {
      let (near, far) = side == .first ? (ends.first, ends.second) : (ends.second, ends.first)
      // Whoever has the address by now knows nothing of this connection.
      if world.segments.newOwnerAnswers(at: far, to: near) {
        return answer(.newOwnerReset, to: side)
      }
    }
    if lost > Self.lostMax {
      fallSilent(.first)
      return fallSilent(.second)
    }
    if !isJoined || world.isBlocked(from: path.from, to: path.to) {
      // The kernel sends it again, after longer and longer pauses; in the world after this one.
      return pump(side, at: world.now + .milliseconds(world.chance.number(200...1_000)))
    }
    lanes[side.rawValue].items.removeFirst()
    deliver(item, side)
    if let next = lanes[side.rawValue].items.first { pump(side, at: max(next.due, world.now)) }
  }

  private func deliver(_ item: Item, _ side: Side) {
    if case .bytes(let bytes) = item { lanes[side.rawValue].bytes -= bytes.count }
    guard let target = lanes[side.rawValue].target, !lanes[side.rawValue].isLeft else {
      // A host that is on says that nobody is there any more.
      let isThere = world.hosts[lanes[side.rawValue].path.to].network != nil
      if case .bytes = item, lanes[side.rawValue].isLeft || isThere { answer(.reset, to: side) }
      return
    }
    if lanes[side.rawValue].isSilent { return }
    switch item {
    case .bytes(let bytes):
      world.audit.hear(lanes[side.rawValue].path, at: world.now)
      target.receive(bytes)
    case .end: target.finish()
    case .reset, .newOwnerReset: target.break(by: .connectionReset)
    }
  }

  private func answer(_ reset: Item, to side: Side) {
    let other: Side = side == .first ? .second : .first
    lanes[other.rawValue].items = []
    lanes[other.rawValue].bytes = 0
    send(reset, from: other)
  }

  func leads(to host: Int) -> Bool { ends.first.host == host || ends.second.host == host }

  /// What stands between forgets it: both ends are told at once.
  func cut() {
    for lane in lanes {
      (lane.items, lane.bytes) = ([], 0)
      lane.target?.break(by: .connectionReset)
    }
  }

  /// The end on this side is closed; what still comes to it finds nobody.
  func leave(_ side: Side) {
    let other: Side = side == .first ? .second : .first
    lanes[other.rawValue].isLeft = true
  }

  /// The host on this side is off: nothing more comes from it.
  func fallSilent(_ side: Side) {
    lanes[side.rawValue].items = []
    lanes[side.rawValue].bytes = 0
    let other: Side = side == .first ? .second : .first
    lanes[other.rawValue].isSilent = true
  }

  /// The end on this side has read something: the other may write again.
  func hasRoom(towards side: Side) {
    // What this side sends to is the other end.
    lanes[side.rawValue].target?.stir()
  }
}
