import Control

/// Names of a list that a person takes for the same one: each is shown with the beginning of its id, by
/// which a command tells them apart. Logs may hold such names; this node offers none (C-18).
struct Alike {
  private var counts: [String: Int] = [:]

  init(_ names: [String]) {
    for name in names { counts[likeness(name), default: 0] += 1 }
  }

  /// The name, and the id where another one looks the same.
  func told(_ name: String, _ id: HexIdentifier) -> String {
    counts[likeness(name), default: 0] > 1 ? "\(name) (id:\(id.text.prefix(8)))" : name
  }
}
