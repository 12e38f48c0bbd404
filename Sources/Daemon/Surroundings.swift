package import Discovery
package import Format
package import Platform

/// What a node stands in: this computer, or one that is simulated.
///
/// Everything that a node cannot foresee comes from here and from what its loop waits for, so that a
/// simulated one runs the same code and can be run again.
package struct Surroundings {
  package let clock: any Clock
  package let entropy: any Entropy
  package let network: any Network
  /// What the loop waits by.
  package let watch: any Watch
  /// The data directory.
  package let disk: any Disk
  /// Where the head lock of a device is kept, by the device's name: past a power cut, and what is
  /// quicker and lasts until the computer stops.
  package let openState: (String) throws(DiskError) -> (state: any Disk, runtime: (any Disk)?)
  /// The installation and this start of it, zero where the system does not tell.
  package let machine: Bytes16
  package let boot: Bytes16
  package let openDiscovery:
    (DiscoveryConfiguration, @escaping @Sendable (DiscoveryEvent) -> Void) throws(SocketError) ->
      any DiscoveryService
  /// Makes what stores what the loop does not store by itself.
  package let storing: (@escaping StoreQueue.Work) throws(SocketError) -> any StoreWorker

  package init(
    clock: any Clock, entropy: any Entropy, network: any Network, watch: any Watch,
    disk: any Disk,
    openState: @escaping (String) throws(DiskError) -> (state: any Disk, runtime: (any Disk)?),
    machine: Bytes16, boot: Bytes16,
    openDiscovery:
      @escaping (
        DiscoveryConfiguration, @escaping @Sendable (DiscoveryEvent) -> Void
      ) throws(SocketError) -> any DiscoveryService,
    storing: @escaping (@escaping StoreQueue.Work) throws(SocketError) -> any StoreWorker
  ) {
    (self.clock, self.entropy, self.network, self.watch) = (clock, entropy, network, watch)
    (self.disk, self.openState, self.machine, self.boot) = (disk, openState, machine, boot)
    (self.openDiscovery, self.storing) = (openDiscovery, storing)
  }
}

extension Surroundings {
  /// Those of this computer, with a data directory that is open already.
  static func linux(
    _ disk: LinuxDisk, _ configuration: Configuration, _ environment: Environment
  ) throws(SocketError) -> Surroundings {
    let states = configuration.stateDirectory ?? disk.place + "/state"
    let runtime = environment.runtimeDirectory
    return Surroundings(
      clock: LinuxClock(), entropy: LinuxEntropy(), network: TCPNetwork(),
      watch: try Poller.kernelWatch(), disk: disk,
      openState: { name throws(DiskError) in
        (
          try LinuxDisk.creating(root: states + "/" + name),
          runtime.flatMap { try? LinuxDisk.creating(root: $0 + "/zuruf/" + name) }
        )
      },
      machine: Computer.machineID().flatMap { Bytes16($0) } ?? Bytes16(),
      boot: Computer.bootID().flatMap { Bytes16($0) } ?? Bytes16(),
      openDiscovery: { configuration, tell throws(SocketError) in
        try DiscoveryThread(configuration: configuration, onEvent: tell)
      }, storing: diskThread)
  }

  /// A thread that stores.
  static func diskThread(_ work: @escaping StoreQueue.Work) throws(SocketError) -> any StoreWorker {
    // The replica hands over no more before it hears that they are stored.
    try WorkerThread(name: "disk", capacity: Limits.storeQueueBatchesMax, work: work)
  }
}
