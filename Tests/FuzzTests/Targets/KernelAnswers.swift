@testable import Platform

/// What the kernel says over netlink: changes of addresses and links, and whose a socket is.
enum KernelAnswers {
  static let target = FuzzTarget(
    name: "kernel", kind: .decoder,
    abstract: "of what the kernel says no more is read than is there, and another reader agrees",
    reaches: ["Platform/RouteMonitor", "Platform/ConnectionOwners"], sizeMax: 512,
    seeds: { seeds() }, run: { try run($0) })

  private static let headBytes = 16
  private static let changes: ClosedRange<Int> = 16...21

  private static func message(kind: UInt8, body: Int, length: Int? = nil) -> [UInt8] {
    let said = length ?? headBytes + body
    let head = [UInt8(said & 255), UInt8(said >> 8), 0, 0, kind, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    return head + [UInt8](repeating: 5, count: body)
  }

  private static func seeds() -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for kind in [2, 3, 16, 17, 18, 20, 21, 24] as [UInt8] {
      seeds.append([0] + message(kind: kind, body: 0))
      seeds.append([0] + message(kind: 24, body: 5) + [0, 0, 0] + message(kind: kind, body: 8))
      seeds.append([1] + message(kind: kind, body: 72))
    }
    let lies = [0, 15, 17, 500, 0xffff].map { message(kind: 24, body: 4, length: $0) }
    let error: [UInt8] = [20, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    // No such socket, another error, and the least number, which has no opposite.
    let codes: [[UInt8]] = [[254, 255, 255, 255], [255, 255, 255, 255], [0, 0, 0, 128], []]
    return seeds + lies.map { [0] + $0 } + codes.map { [1] + error + $0 }
  }

  /// The first byte says what was asked.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    // As they lie in a buffer that holds more.
    let slice = (bytes + [UInt8](repeating: 16, count: 64))[..<bytes.count]
    if first & 1 == 0 { try change(bytes, slice) } else { try socket(bytes, slice) }
  }

  private static func change(_ bytes: [UInt8], _ slice: ArraySlice<UInt8>) throws {
    var (at, isChange) = (0, false)
    while bytes.count - at >= headBytes, !isChange {
      let kind = Int(bytes[at + 4]) | Int(bytes[at + 5]) << 8
      isChange = changes.contains(kind) && kind % 4 < 2
      let length = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      guard length >= headBytes, length <= bytes.count - at else { break }
      at += (length + 3) / 4 * 4
    }
    try need(RouteMonitor.namesChange(slice) == isChange, "a change is told otherwise")
  }

  private static func socket(_ bytes: [UInt8], _ slice: ArraySlice<UInt8>) throws {
    let number = DiagnosisRequest.number(of: slice)
    try need((number != nil) == (bytes.count >= 12), "an answer has a number that is not there")
    let found: DiagnosedSocket?
    do throws(SystemError) {
      found = try DiagnosisRequest.socket(in: slice)
    } catch {
      return
    }
    guard let found else {
      return try need(
        bytes.count >= 20 && bytes[4] == 2 && bytes[5] == 0 && bytes[16] == 254,
        "a socket is said to be none")
    }
    try need(bytes.count >= 88 && bytes[4] == 20 && bytes[5] == 0, "a socket was read of no answer")
    let user = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[80 + $1]) << (8 * UInt32($1)) }
    let isHeld = bytes[84..<88] != [0, 0, 0, 0] && bytes[17] != 6
    try need(
      found == DiagnosedSocket(user: user, isHeld: isHeld, isListening: bytes[17] == 10),
      "a socket is another's")
  }
}
