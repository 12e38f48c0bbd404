@testable import Cryptography

/// The patterns of the Noise specification in its own notation, for the public test cases.
enum NoisePatternTable {
  /// The pattern of a name like `XXpsk0+psk3`, or nil.
  static func pattern(named name: String) -> NoisePattern? {
    guard let cut = name.firstIndex(of: "p") else { return pattern(named: name, modifiers: []) }
    return pattern(
      named: String(name[..<cut]), modifiers: name[cut...].split(separator: "+").map(String.init))
  }

  private static func pattern(named base: String, modifiers: [String]) -> NoisePattern? {
    guard let text = texts[base] else { return nil }
    let halves = text.split(separator: "...", omittingEmptySubsequences: false)
    var messages = (halves.last ?? "").split(separator: "|").map { message in
      message.split(separator: " ").compactMap { NoisePattern.Token(rawValue: String($0)) }
    }
    for modifier in modifiers {
      guard modifier.hasPrefix("psk"), let place = Int(modifier.dropFirst(3)),
        place <= messages.count
      else { return nil }
      // psk0 comes before the first message's tokens, every other at the end of its message.
      if place == 0 { messages[0].insert(.psk, at: 0) } else { messages[place - 1].append(.psk) }
    }
    let known = halves.count == 2 ? halves[0] : ""
    return NoisePattern(
      name: base + modifiers.joined(separator: "+"), isInitiatorKnown: known.contains(">"),
      isResponderKnown: known.contains("<"), messages: messages)
  }

  /// `>` and `<`: whose static key is known before; then the messages in turn.
  private static let texts: [String: String] = [
    "N": "<...e es",
    "K": "><...e es ss",
    "X": "<...e es s ss",
    "NN": "e|e ee",
    "NK": "<...e es|e ee",
    "NX": "e|e ee s es",
    "KN": ">...e|e ee se",
    "KK": "><...e es ss|e ee se",
    "KX": ">...e|e ee se s es",
    "XN": "e|e ee|s se",
    "XK": "<...e es|e ee|s se",
    "XX": "e|e ee s es|s se",
    "IN": "e s|e ee se",
    "IK": "<...e es s ss|e ee se",
    "IX": "e s|e ee se s es",
    "NK1": "<...e|e ee es",
    "NX1": "e|e ee s|es",
    "X1N": "e|e ee|s|se",
    "X1K": "<...e es|e ee|s|se",
    "XK1": "<...e|e ee es|s se",
    "X1K1": "<...e|e ee es|s|se",
    "X1X": "e|e ee s es|s|se",
    "XX1": "e|e ee s|es s se",
    "X1X1": "e|e ee s|es s|se",
    "K1N": ">...e|e ee|se",
    "K1K": "><...e es|e ee|se",
    "KK1": "><...e|e ee se es",
    "K1K1": "><...e|e ee es|se",
    "K1X": ">...e|e ee s es|se",
    "KX1": ">...e|e ee se s|es",
    "K1X1": ">...e|e ee s|se es",
    "I1N": "e s|e ee|se",
    "I1K": "<...e es s|e ee|se",
    "IK1": "<...e s|e ee se es",
    "I1K1": "<...e s|e ee es|se",
    "I1X": "e s|e ee s es|se",
    "IX1": "e s|e ee se s|es",
    "I1X1": "e s|e ee s|se es",
  ]
}
