/// What the machine hears: from the node, from Avahi, or from the thread that drives it.
enum DiscoveryInput: Equatable, Sendable {
  /// The states of Avahi's client that matter here.
  enum Client: Equatable, Sendable {
    /// The bus is there, Avahi is awaited.
    case awaitingAvahi
    /// Avahi settles its own host name; one can browse but not announce.
    case settling
    case running
    case failed(AvahiError)
  }

  /// What happened to our announcement.
  enum Announcing: Equatable, Sendable {
    case registering
    case established
    case collision
    case failed(AvahiError)
  }

  /// What the browser saw.
  enum Browsing: Equatable, Sendable {
    case appeared(name: [UInt8], interface: Int32, interfaceName: String, overIPv6: Bool)
    case vanished(name: [UInt8], interface: Int32, overIPv6: Bool)
    /// All that is known at present has been told.
    case allForNow
    case failed(AvahiError)
  }

  /// What a service turned out to be.
  struct Resolved: Equatable, Sendable {
    let interfaceName: String
    /// 4 or 16 bytes.
    let address: [UInt8]
    let port: UInt16
    /// The text record's bytes; one more than the limit stands for any longer record.
    let text: [UInt8]
  }

  case announce(Publication?)
  case refresh
  case client(Client)
  /// A client could not be made at all.
  case noClient(AvahiError, busReached: Bool)
  case announcing(Announcing)
  case browsing(Browsing)
  case resolved(ResolveQueue.ID, Resolved)
  case resolveFailed(ResolveQueue.ID, AvahiError)
  case notAnswered(AvahiError)
  /// Time has passed.
  case tick
}

/// What the machine wants done, in this order.
enum DiscoveryEffect: Equatable, Sendable {
  case openClient
  /// Also frees browser, resolvers and announcement.
  case closeClient
  case browse
  case resolve(ResolveQueue.ID, SightingPlace)
  case freeResolver(ResolveQueue.ID)
  case announce(InstanceName, Publication)
  case updateText(InstanceName, Announcement)
  case withdraw
  /// Ask Avahi anything, to see whether it answers.
  case ask
  case tell(DiscoveryEvent)
}
