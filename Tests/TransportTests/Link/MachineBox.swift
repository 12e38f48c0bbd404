import Cryptography
import Format
import Platform

@testable import Transport

/// A machine behind a reference: the test macros take expressions apart and cannot hold a machine.
final class MachineBox {
  private var machine: LinkMachine

  init(_ machine: consuming LinkMachine) { self.machine = machine }

  var hasOutput: Bool { machine.hasOutput }
  var isFinished: Bool { machine.isFinished }
  var isUp: Bool { machine.isUp }
  var isHalfOpen: Bool { machine.isHalfOpen }
  var hasRoom: Bool { machine.hasRoom }
  var queuedBytes: Int { machine.queuedBytes }
  var deadline: Moment { machine.deadline }

  func nextEvent() -> LinkEvent? { machine.nextEvent() }
  func send(_ message: Message) -> Bool { machine.send(message) }
  func takeOutput() -> [UInt8] { machine.takeOutput() }
  func flush(_ write: (Span<UInt8>) -> Transfer) -> Transfer? { machine.flush(write) }
  func close(_ bye: Message.Bye) { machine.close(bye) }
  func connectionEnded(_ end: LinkEnd) { machine.connectionEnded(end) }
  func promote() { machine.promote() }
  func hold(until moment: Moment) { machine.hold(until: moment) }
  func probe(from now: Moment, until moment: Moment) { machine.probe(from: now, until: moment) }
  func tick(at now: Moment) { machine.tick(at: now) }

  func received(_ bytes: [UInt8], at now: Moment) {
    var bytes = bytes
    machine.received(&bytes, count: bytes.count, at: now)
  }

  /// Seals a frame of any plaintext with the machine's own key, past the machine's rules.
  func sealed(_ plaintext: [UInt8]) throws -> [UInt8] {
    let size = plaintext.count + 16
    var frame = [UInt8(size >> 8), UInt8(size & 255)] + plaintext
    frame += [UInt8](repeating: 0, count: 16)
    var span = frame.mutableSpan
    _ = try machine.session?.sending.seal(in: &span, at: 2, count: plaintext.count)
    return frame
  }
}
