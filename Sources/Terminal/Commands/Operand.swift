/// One argument of a command that is known by its place, such as `TO`.
package struct Operand: Equatable, Sendable {
  /// How often it may come.
  package enum Count: Equatable, Sendable {
    case one, optional, any, atLeastOne
  }

  /// In capitals, as the help shows it.
  package let name: String
  package let count: Count
  /// One line for the help, in lower case, without a full stop.
  package let abstract: String
  /// The words it can be; none where it can be any.
  package let choices: [String]
  package init(_ name: String, _ count: Count, _ abstract: String, choices: [String] = []) {
    self.name = name
    self.count = count
    self.abstract = abstract
    self.choices = choices
  }

  /// How the usage line shows it.
  var spelling: String {
    switch count {
    case .one: name
    case .optional: "[\(name)]"
    case .any: "[\(name) …]"
    case .atLeastOne: "\(name) …"
    }
  }
}
