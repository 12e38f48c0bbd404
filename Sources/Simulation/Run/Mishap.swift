/// What can happen in a run while people write; each is drawn by numbers of its own, so that a run
/// without one of them stays as it is otherwise.
package enum Mishap: String, CaseIterable, Sendable {
  // What computers and networks do.
  case powerCut, kill, stop, partition, sleep, clockJump, slowDisk, fullDisk, failedWrite
  case spoiltBytes
  // What happens to disks.
  case bitRot, backup, restoredData, restoredDisk, copiedData, copiedDisk, lostDisk
  // What people decide.
  case invite, dismiss, readmit, promote, demote, newGroup, groupAdd, groupRemove, groupLeave
  case dropDevice
  // What people do who are none of the others' friends.
  case liar
  // What spoofers in the network do.
  case spoof
  // Where computers stand in the network.
  case move
  // What somebody does who means to leave the others no room.
  case flood
  // Somebody comes in by an open door, and strangers stand there.
  case door
  // What owners decide, and whoever has the recovery key.
  case owners, recover
  // Connections that are cut, and ways that come and go.
  case cut, flapping
  // A disk that says it keeps what it does not, and then a power cut.
  case lyingFlush
  // Single announcements that are lost or said twice, and a computer on which nothing announces or hears any.
  case lostAnnouncements, noDiscovery
  // A clock that is wrong by years, stands still, or falls back again and again.
  case wrongYear
  // Nobody is there for hours, and all computers sleep.
  case night

  /// How often in a hundred seconds at most.
  var most: Int {
    switch self {
    case .powerCut, .kill: 5
    case .stop, .slowDisk: 4
    case .partition: 6
    case .sleep, .clockJump, .backup: 3
    case .fullDisk, .failedWrite, .groupAdd, .groupRemove, .promote, .demote: 2
    case .spoiltBytes: 2
    case .bitRot, .restoredData, .restoredDisk, .copiedData, .copiedDisk, .lostDisk: 1
    case .flood, .door: 2
    case .owners: 3
    case .recover, .lyingFlush: 1
    case .cut: 6
    case .flapping: 2
    case .invite, .dismiss, .readmit, .newGroup, .groupLeave, .dropDevice: 1
    case .liar, .spoof, .move: 3
    case .lostAnnouncements, .noDiscovery: 2
    case .wrongYear, .night: 1
    }
  }

  /// In how many plans it is not at all, of the number that is given.
  var absence: (none: Int, of: Int) {
    switch self {
    case .bitRot, .restoredData, .restoredDisk, .copiedData, .copiedDisk, .lostDisk, .dropDevice,
      .lyingFlush:
      (4, 5)
    case .dismiss, .spoiltBytes, .move: (2, 3)
    case .backup: (0, 1)
    case .liar, .spoof: (1, 2)
    case .flood: (11, 12)
    case .owners: (3, 4)
    case .door: (5, 6)
    case .recover, .lostAnnouncements, .noDiscovery: (5, 6)
    case .wrongYear: (7, 8)
    case .night: (9, 10)
    default: (1, 3)
    }
  }

  /// How often in a run at most.
  var limit: Int {
    switch self {
    case .restoredData, .restoredDisk, .copiedData, .copiedDisk, .lostDisk, .bitRot, .lyingFlush: 2
    case .invite, .newGroup, .dropDevice: 3
    case .dismiss, .liar, .recover: 2
    case .flood, .night: 1
    case .door: 3
    default: .max
    }
  }
}
