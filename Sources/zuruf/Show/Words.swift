import Control
import Terminal

extension DeliveryInfo {
  /// How far a message has come, in words; the recipient's name where it was written to one.
  func words(in group: GroupRef) -> String {
    switch word {
    case .here: "here only"
    case .onDevices: "on \(devices) of \(of) devices"
    case .onRecipient:
      group.kind == .direct && group.title != nil
        ? "on a device of \(shown(group.title?.dropFirst()))"
        : "on \(devices) of \(of) devices"
    case .read: "read"
    }
  }
}

extension AbsenceWord {
  /// What stands where the text would.
  var words: String {
    switch self {
    case .waitingForKey: "[waiting for a key]"
    case .beforeJoining: "[written before this device joined]"
    case .erased: "[erased]"
    case .newerVersion: "[written by a newer version]"
    }
  }
}

extension DegradedWord {
  /// The state's own words.
  var words: String {
    switch self {
    case .waitingForKey: "waiting for a key"
    case .storedHereOnly: "stored here only"
    case .readOnlyDisk: "read-only disk"
    case .diskFull: "disk full"
    case .dataDamaged: "stored data damaged"
    case .continuityNotProven: "continuity not proven"
    case .copied: "this computer was copied"
    case .joining: "not let in yet"
    case .ticketRefused: "ticket refused"
    case .limitReached: "too much from one computer"
    case .discoveryDown: "discovery down"
    case .noPeers: "nobody in reach"
    case .clockOff: "clock off"
    case .newerVersion: "newer version needed"
    case .saidRemoved: "said to be removed"
    case .suspended: "a computer was copied"
    }
  }
}

extension GroupRef {
  /// The title for a line of text.
  var shownTitle: String { title.map { shown($0) } ?? "(\(id.text.prefix(8)))" }
}

/// A stranger's text within a line; nothing for nil.
func shown(_ text: (some StringProtocol)?) -> String {
  text.map { escaped(String($0), .shown) } ?? ""
}

/// A number with its noun.
func counted(_ number: Int, _ one: String, _ many: String) -> String {
  number == 1 ? "1 \(one)" : "\(number) \(many)"
}
