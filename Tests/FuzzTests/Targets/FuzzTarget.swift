/// One door through which bytes from outside come in, as a fuzzer sees it: what to begin with, and
/// what is done with each input.
package struct FuzzTarget: Sendable {
  package enum Kind: String, Sendable {
    /// One input is one value.
    case decoder
    /// One input is a story: what happens one after the other.
    case sequence
  }

  package let name: String
  package let kind: Kind
  /// What is looked for beside traps, as a sentence.
  package let abstract: String
  /// The modules whose branches say whether an input is new, or single files of modules, as
  /// `Storage/HomeFile`: the fewer, the faster, so no more than an input reaches.
  package let reaches: [String]
  /// No input is longer, in bytes.
  package let sizeMax: Int
  /// Inputs to begin with, made of Protocol/Vectors or by the product itself.
  package let seeds: @Sendable () throws -> [[UInt8]]
  /// Tries one input; throws what must never be.
  package let run: @Sendable ([UInt8]) throws -> Void

  /// Every target, in the order of the layers.
  package static let all: [FuzzTarget] =
    Codecs.targets + [
      TypedLines.target, Records.target, HomeFiles.target, KernelAnswers.target,
      ControlLines.target,
      Settings.target,
      RequestHeads.target, CommandLines.target, TypedText.target, Frames.target, Handshakes.target,
      Doors.target, StoredLogs.target, Inspections.target, Discoveries.target, Replicas.target,
      Nodes.target,
    ]

  /// The target of that name.
  package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Something that must never be, and was.
struct Found: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Finds what `text` says unless `condition` holds.
func need(_ condition: Bool, _ text: @autoclosure () -> String) throws(Found) {
  if !condition { throw Found(text()) }
}

/// Finds that bytes were taken which encode to others.
func needSame(_ encoded: [UInt8], _ bytes: [UInt8], _ what: String) throws(Found) {
  if encoded != bytes { throw Found("\(what) was taken and encodes to other bytes") }
}
