internal import Format

/// What discovery may take of memory, processor and Avahi, whatever strangers announce.
package enum DiscoveryLimits {
  /// Remembered sightings: an office of 170 nodes seen by IPv4, by IPv6 and on a second interface.
  package static let sightingsMax = Limits.sightingsMax

  /// Services being resolved at once; Avahi allows a client 1,024 objects in all.
  package static let resolversMax = Limits.resolversMax

  /// Places waiting to be resolved: as many records as Avahi's cache holds for an interface.
  package static let waitingMax = Limits.resolvesWaitingMax

  /// Resolvers started in a second, over time: 200 keep a flood below a tenth of a core.
  package static let resolvesPerSecond = 200

  /// Resolvers started at once after a quiet time: a whole small office without delay.
  package static let resolvesBurst = 64

  /// How long a resolver may be silent while others wait; a node that is there answers in 11 ms.
  package static let patience = Duration.milliseconds(500)

  /// How often a silent place is tried while others wait: one lost packet is forgiven.
  package static let attemptsMax = 2

  /// Pause before those who did not answer are tried again; doubled each time.
  package static let retryPauseMin = Duration.seconds(5)

  /// The longest such pause: two thousand who never answer cost a minute of work in six.
  package static let retryPauseMax = Duration.seconds(300)

  /// A thread held for less is not worth mentioning.
  package static let heldPauseMin = Duration.milliseconds(10)

  /// Bytes of a text record that are read: one packet of Ethernet.
  package static let textBytesMax = Limits.textRecordBytesMax

  /// Strings of a text record that are read; ours has two.
  package static let textPairsMax = Limits.textRecordStringsMax

  /// Pause where Avahi has no room for a single resolver: another object of ours must go first.
  package static let noRoomPause = Duration.seconds(1)

  /// How long to make do with the room Avahi has shown before asking for twice as much.
  package static let moreRoomPause = Duration.seconds(10)

  /// Pauses between attempts to reach Avahi; the last one repeats. It is bound so that a node is
  /// announced again within ten seconds after Avahi is back.
  package static let reconnectPauses: [Duration] = [
    .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2),
  ]

  /// How long to rely on D-Bus telling that Avahi has appeared before connecting anew. Connecting
  /// may make systemd start Avahi, which somebody has perhaps just stopped: not often.
  package static let absentPause = Duration.seconds(60)

  /// How often Avahi is asked whether it still answers while there is nothing else to ask.
  package static let heartbeatPause = Duration.seconds(20)

  /// A call to Avahi that takes longer is shown as Avahi not answering; most take a millisecond.
  package static let answerPause = Duration.seconds(2)

  /// Pauses before announcing again under a new name after a collision; the last one repeats.
  package static let collisionPauses: [Duration] = [.zero, .zero, .milliseconds(500), .seconds(2)]

  /// Pause before announcing again after Avahi refused for any other reason.
  package static let refusedPause = Duration.seconds(5)

  /// The least time between two requests to resolve everything again.
  package static let refreshPause = Duration.seconds(1)

  /// How long `stop` waits for the thread, which D-Bus may hold for 25 s.
  package static let stopPause = Duration.seconds(1)
}
