import Control
import Format
import Platform
import Transport

/// This node's knock at somebody's door, from the first byte to what came of it.
struct KnockAttempt {
  let person: Name
  let device: Name
  let key: DoorKey
  /// The connection with which it ends; nil: it goes on without one.
  let holder: UInt64?
  /// A computer's name that is still to be looked up.
  var name: String?
  /// Where it was said to be, for sentences.
  let place: String
  /// Addresses that were not tried yet.
  var addresses: [SocketAddress] = []
  var link: Transport.LinkID?
  var address: SocketAddress?
  var visit: Knock?
  var office = ""
  var sponsor = ""
  /// Whose further device this one would be, as the door says.
  var member: String?
  var digits: SixDigits?
  var state = KnockWord.waiting
  /// Who waits for the digits, and who for the end.
  var asked: Answer?
  var waiting: [Answer] = []
  /// What came of it, as `join` answers.
  var end: Result<ControlResult, ControlError>?

  /// Whether nobody has said yes or no yet.
  var isOpen: Bool { end == nil && state == .waiting }

  var info: KnockInfo { KnockInfo(state: state, digits: digits?.description) }
}
