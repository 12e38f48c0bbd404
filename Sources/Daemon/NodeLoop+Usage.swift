package import Format
package import Platform
package import Replication
import Transport

/// How much a node holds because of what others do, by its own counts.
package struct NodeUsage: Sendable {
  /// Connections of all kinds.
  package var connections = 0
  /// Links to the device that has the most of them.
  package var linksOfOneDevice = 0
  /// Bytes that wait to be sent on the link where most do.
  package var queuedBytes = 0
  /// Nil where there is no office.
  package var replica: ReplicaUsage?

  package init() {}
}

/// Whom a link leads to, as far as a node knows; of whoever stands at a door it knows nothing.
package struct OverheardEnd: Sendable {
  package let address: SocketAddress?
  /// The device of the office that it is; nil of one that is not in it, or not known to be.
  package let device: DeviceKey?
  /// The certificate that it names.
  package let certificate: EntryID?
  /// The key that it proved to hold.
  package let noise: NoiseIdentity?

  package init(
    address: SocketAddress?, device: DeviceKey?, certificate: EntryID?, noise: NoiseIdentity?
  ) {
    (self.address, self.device) = (address, device)
    (self.certificate, self.noise) = (certificate, noise)
  }
}

extension NodeLoop {
  /// Counts what is held at this moment.
  package var usage: NodeUsage {
    let devices = Dictionary(grouping: up.values.compactMap(\.device)) { $0 }
    var usage = NodeUsage()
    usage.connections = links.infos.count
    usage.linksOfOneDevice = devices.values.map(\.count).max() ?? 0
    usage.queuedBytes = up.keys.map { links.queuedBytes($0) }.max() ?? 0
    usage.replica = office?.replica.usage
    return usage
  }
}

extension NodeLoop {
  /// Tells `hear` each message that this node sends, as it is queued, with whom its link leads to.
  package func overhear(_ hear: @escaping (Message, _ link: UInt64, OverheardEnd) -> Void) {
    links.overhear = { [unowned self] link, message in
      let known = up[link]
      hear(
        message, link.number,
        OverheardEnd(
          address: known?.address, device: known?.device,
          certificate: known?.up.greeting.certificate, noise: known?.up.remoteKey))
    }
  }

  /// Tells `hear` each message of a link before the office does anything about it, with the device that the
  /// link leads to, nil where that is not known. What comes behind a breach of the rules is not looked at.
  package func listen(_ hear: @escaping (Message, DeviceKey?) -> Void) {
    heard = { [unowned self] link, message in
      guard office?.replica.isLinked(Replication.LinkID(link.number)) ?? false else { return }
      hear(message, up[link]?.device)
    }
  }

  /// Whether entries are on their way to the disk.
  package var isStoring: Bool { office?.replica.isStoring ?? false }
}
