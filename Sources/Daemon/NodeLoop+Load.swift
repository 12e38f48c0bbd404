package import Replication
import Transport

/// How much a node holds because of what others do, by its own counts.
package struct NodeLoad: Sendable {
  /// Connections of all kinds.
  package let connections: Int
  /// Links to the device that has the most of them.
  package let linksOfOneDevice: Int
  /// Bytes that wait to be sent on the link where most do.
  package let queuedBytes: Int
  /// Nil where there is no office.
  package let replica: ReplicaLoad?
}

extension NodeLoop {
  /// Counts what is held at this moment.
  package var load: NodeLoad {
    let devices = Dictionary(grouping: up.values.compactMap(\.device)) { $0 }
    return NodeLoad(
      connections: links.infos.count,
      linksOfOneDevice: devices.values.map(\.count).max() ?? 0,
      queuedBytes: up.keys.map { links.queuedBytes($0) }.max() ?? 0, replica: office?.replica.load)
  }
}
