import Format

@testable import Cryptography
@testable import Transport

/// Someone who knows the office's secret and writes what no honest node would.
enum Forger {
  /// Preface and message 1 of XXpsk0 with any bytes as ephemeral key and a tag that fits them.
  static func message1(ephemeral: [UInt8]) throws -> [UInt8] {
    var state = NoiseSymmetricState(protocolName: NoisePattern.xxPSK0.protocolName)
    state.mixHash(Preface(mode: .member).prologue(office: Someone.office).span)
    state.mixKeyAndHash([UInt8](repeating: 1, count: 32).span)
    state.mixHash(ephemeral.span)
    state.mixKey(ephemeral.span)
    var message = Preface(mode: .member).bytes + [0, 48] + ephemeral
    try state.encryptAndHash([UInt8]().span, to: &message)
    return message
  }
}
