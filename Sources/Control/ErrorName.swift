/// Why the node did not do what was asked: a word for programs and a number for JSON-RPC.
///
/// The thousands of a positive code are the exit code of the command line: 1 refused, 4 no such
/// name, 5 not allowed, 6 not yet. Negative codes are those of JSON-RPC 2.0.
package enum ErrorName: String, Codable, CaseIterable, Sendable {
  // JSON-RPC's own
  case parseError = "parse-error"
  case invalidRequest = "invalid-request"
  case noSuchMethod = "no-such-method"
  case invalidParameters = "invalid-parameters"
  case internalError = "internal-error"
  // refused
  case refused
  case officeExists = "office-exists"
  case ticketMalformed = "ticket-malformed"
  case ticketExpired = "ticket-expired"
  case ticketUsedUp = "ticket-used-up"
  case ticketRevoked = "ticket-revoked"
  case ticketUnknown = "ticket-unknown"
  case otherOffice = "other-office"
  case textTooLong = "text-too-long"
  case textEmpty = "text-empty"
  case nameMalformed = "name-malformed"
  case nameTaken = "name-taken"
  case recoveryMismatch = "recovery-mismatch"
  case readOnly = "read-only"
  case stopped
  case newerVersion = "newer-version"
  case alreadySubscribed = "already-subscribed"
  case cursorUnknown = "cursor-unknown"
  case lineMalformed = "line-malformed"
  case doorClosed = "door-closed"
  case noKnock = "no-knock"
  case answerTooLong = "answer-too-long"
  case memberGone = "member-gone"
  // said by the server of the page in the node's place
  case noNode = "no-node"
  // no such name
  case noSuchGroup = "no-such-group"
  case noSuchMember = "no-such-member"
  case noSuchDevice = "no-such-device"
  case noSuchTicket = "no-such-ticket"
  case noSuchEntry = "no-such-entry"
  case ambiguous
  // not allowed
  case notAllowed = "not-allowed"
  case lastOwner = "last-owner"
  case removed
  // not yet
  case noOffice = "no-office"
  case noAnswer = "no-answer"
  case waitingForKey = "waiting-for-a-key"
  case joining
  case busy

  /// The number on the wire.
  package var code: Int {
    switch self {
    case .parseError: -32700
    case .invalidRequest: -32600
    case .noSuchMethod: -32601
    case .invalidParameters: -32602
    case .internalError: -32603
    case .refused: 1000
    case .officeExists: 1001
    case .ticketMalformed: 1002
    case .ticketExpired: 1003
    case .ticketUsedUp: 1004
    case .ticketRevoked: 1005
    case .ticketUnknown: 1006
    case .otherOffice: 1007
    case .textTooLong: 1008
    case .textEmpty: 1009
    case .nameMalformed: 1010
    case .nameTaken: 1011
    case .recoveryMismatch: 1012
    case .readOnly: 1013
    case .stopped: 1014
    case .newerVersion: 1015
    case .alreadySubscribed: 1016
    case .cursorUnknown: 1017
    case .lineMalformed: 1018
    case .doorClosed: 1019
    case .noKnock: 1020
    case .answerTooLong: 1021
    case .memberGone: 1022
    case .noNode: 3001
    case .noSuchGroup: 4001
    case .noSuchMember: 4002
    case .noSuchDevice: 4003
    case .noSuchTicket: 4004
    case .noSuchEntry: 4005
    case .ambiguous: 4006
    case .notAllowed: 5001
    case .lastOwner: 5002
    case .removed: 5003
    case .noOffice: 6001
    case .noAnswer: 6002
    case .waitingForKey: 6003
    case .joining: 6004
    case .busy: 6005
    }
  }

  /// The exit code with which the command line ends.
  package var exitCode: Int32 { code > 0 ? Int32(code / 1000) : 1 }
}
