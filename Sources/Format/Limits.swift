/// Every number of the protocol and of this node's behaviour towards peers, as 10-limits.md lists
/// them with their reasons; a test compares the two.
package enum Limits {
  // Form of entries: part of what is valid.
  package static let bodyBytesMax = 65_536
  package static let depsMax = 16
  package static let extBytesMax = 512
  package static let runEntriesMax = 256
  package static let runBytesMax = 262_144
  package static let nameBytesMax = 128
  package static let textBytesMax = 60_000
  package static let purposeBytesMax = 1_024
  /// Bytes of what somebody shows to a message.
  package static let reactionBytesMax = 64
  package static let epochRecipientsMax = 800
  package static let devicesPerMemberMax = 16
  package static let cutsMax = 1_000
  package static let ownersMax = 32
  package static let paddedBytesMax = 65_496

  // Form of links and messages.
  package static let frameBytesMax = 65_535
  package static let messageBytesMax = 327_680
  package static let frontierItemsMax = 4_096
  package static let digestsMax = 1_024
  package static let branchesMax = 8
  package static let ticketLineBytesMax = 8_192

  // Behaviour: these only schedule.
  package static let defaultPort: UInt16 = 47_474
  package static let portsTried = 16
  package static let handshakeSeconds = 10
  package static let halfOpenMax = 64
  package static let failedHandshakesPerSecond = 8
  package static let provisionalSeconds = 10
  package static let provisionalBytesMax = 4_194_304
  package static let linkHours = 24
  package static let renewGraceMinutes = 10
  package static let pingSeconds = 20
  package static let deadSeconds = 45
  package static let dialBackoffSecondsMax = 10
  package static let dialBackoffMillisecondsMin = 1_000
  package static let dialRemovedSeconds = 3_600
  package static let dialStaggerMilliseconds = 250
  package static let dialPacingMilliseconds = 1_000
  package static let dialStableSeconds = 10
  package static let dialDoubtSeconds = 60
  package static let dialAddressesMax = 1_024
  package static let dialClaimsMax = 8
  package static let diallingMax = 32
  package static let doubtfulDiallingMax = 16
  package static let doubtfulDiallingPerAddressMax = 4
  package static let dialPacedMax = 2_048
  package static let probeSeconds = 2
  package static let seedLookupSeconds = 60
  package static let haveDelayMilliseconds = 50
  package static let askDelayMilliseconds = 100
  package static let idleDigestSeconds = 10
  package static let lateSeconds = 60
  package static let wantSeconds = 10
  package static let wantBytesMin = 262_144
  package static let frontierAgainSeconds = 5
  package static let linksMax = 128
  package static let linksPerDeviceMax = 4
  package static let announcedMax = 131_072
  package static let lookAgainSeconds = 30
  package static let dialRememberedMax = 4
  package static let dialRememberedSeconds = 60
  package static let dialRememberedTries = 8
  package static let rememberedDiallingMax = 16
  package static let unprovenLinksMax = 16
  package static let sendQueueBytesMax = 4_194_304
  package static let storeQueueBytesMax = 16_777_216
  package static let storeQueueBatchesMax = 4_096
  package static let storeAheadBytesMax = 4_194_304
  package static let askFirstSeconds = 3
  package static let lockSyncSeconds = 10
  package static let readAnewSecondsMax = 600
  package static let suspendStepSeconds = 2
  package static let suspendAgainSeconds = 60
  package static let epochStepSeconds = 2
  package static let epochAgainSeconds = 60
  package static let proofBatchesMax = 64
  package static let lossEntriesMax = 512
  package static let farewellTimesMax = 4
  package static let farewellDevicesMax = 16
  package static let farewellForgetSeconds = 3_600
  package static let feedsPerGroupMax = 4_096
  package static let feedsPerDeviceMax = 256
  package static let groupsMax = 8_192
  package static let groupsPerDeviceMax = 1_024
  package static let heldWritesMax = 256
  package static let sendWaitMilliseconds = 300
  package static let admitsPendingMax = 16
  package static let joinAnswerSeconds = 30
  package static let joinGroupsSeconds = 5
  package static let joinRefusalSeconds = 2
  package static let doorSeconds = 600
  package static let doorSecondsMax = 3_600
  package static let doorLookSeconds = 10
  package static let doorBytesMax = 16_384
  package static let doorLinksMax = 16
  package static let doorLinksPerAddressMax = 4
  package static let doorTriesMax = 16
  package static let knocksMax = 8
  package static let knocksToldMax = 32
  package static let doorTicketSeconds = 600
  package static let doorAdmitSeconds = 10
  package static let doorsMax = 16
  package static let doorsPerAddressMax = 4
  package static let doorAddressesMax = 4
  package static let doorsAnswerSeconds = 3
  package static let joinAskSeconds = 10

  // Storage.
  package static let segmentBytesMax = 67_108_864
  package static let freeBytesMin = 16_777_216
  package static let readBlockBytes = 4_096
  package static let unreadableBlocksMax = 16

  // Discovery.
  package static let sightingsMax = 512
  package static let resolversMax = 16
  package static let resolvesWaitingMax = 4_096
  package static let textRecordBytesMax = 1_300
  package static let textRecordStringsMax = 16

  // Control.
  package static let controlLineBytesMax = 1_048_576
  package static let controlConnectionsMax = 64
  package static let controlPendingMax = 256
  package static let controlEventsMax = 2_048
  package static let followedMessagesMax = 256
  package static let readPagesMax = 4
  package static let controlDepthMax = 32
  package static let controlNamesMax = 1_024

  // The page.
  package static let deskPort: UInt16 = 47_480
  package static let deskConnectionsMax = 64
  package static let deskHeadBytesMax = 16_384
  package static let deskFieldsMax = 100
  package static let deskSeconds = 10
  package static let deskLinksMax = 8
  package static let deskLinkSeconds = 120
  package static let deskSessionsMax = 16
  package static let deskCallsMax = 16
  package static let deskStreamsMax = 16
  package static let deskStreamBytesMax = 262_144
  package static let deskHeartbeatSeconds = 15
}
