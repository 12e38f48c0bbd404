/// One method of the local API: its parameters are the conforming type, its result the answer.
package protocol ControlCall: Codable, Equatable, Sendable {
  associatedtype Answer: Codable, Equatable, Sendable
  /// The name on the wire.
  static var method: ControlMethod { get }
  /// The names of all parameters; a request that names another is refused.
  static var fields: [String] { get }
}

/// The answer of a method that has nothing to tell beyond that it is done.
package struct Done: Codable, Equatable, Sendable {
  package init() {}
}
