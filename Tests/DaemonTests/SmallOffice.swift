import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport

@testable import Daemon

/// A founder's data directory with the office genesis in it, on a real disk.
final class SmallOffice {
  let folder = TemporaryDirectory()
  let office: GroupID
  let member: MemberID

  var data: String { folder.path + "/data" }
  var state: String { folder.path + "/state" }

  init() throws {
    let secrets = DeviceSecrets()
    let disk = try LinuxDisk.creating(root: folder.path + "/data")
    try Home(disk: disk).write(secrets)
    member = MemberID(secrets.device.bytes.prefix)
    let founding = Founding(
      secrets: secrets, member: member, recoveryKey: DeviceKey(Bytes32(Random.bytes32())),
      officeSecret: Bytes32(Random.bytes32()), nonce: Bytes16(Random.bytes16()), wall: 5)
    office = founding.office
    let (store, _) = try Store.open(
      disk, .standard(entropy: LinuxEntropy()), first: [], onGroup: { _, _, _ in })
    var jobs = [store.prepare(founding.batch, isOwn: true, arrival: 5)]
    try store.writer.perform(&jobs)
  }

  struct Started: ~Copyable {
    let store: Store
    let replica: Replica
    let damages: [Damage]
  }

  /// What a start reads from the disk.
  func started() throws -> Started {
    let disk = try LinuxDisk.creating(root: data)
    guard let secrets = try Home(disk: disk).readKeys() else { throw HomeFault.damaged("keys") }
    var replica = Replica(
      office: office, secrets: secrets, member: member, certificate: EntryID(office.bytes))
    let (store, report) = try Store.open(disk, .standard(entropy: LinuxEntropy()), first: []) {
      batch, _, arrival in replica.restore(batch, arrivalMilliseconds: arrival)
    }
    replica.finishRestoring()
    while replica.nextEffect() != nil {}
    return Started(store: store, replica: replica, damages: report.damages)
  }
}
