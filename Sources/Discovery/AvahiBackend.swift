internal import CAvahi
internal import Platform

/// Avahi's client library, used by one thread. It may block for as long as D-Bus lets it.
///
/// Every callback from C only copies what it is told into `inbox`; nothing is made or freed while
/// the library is calling. Pointers it gave us are kept here alone and forgotten before or as they
/// are freed; freeing the client frees all its children (avahi-client/client.h).
@safe final class AvahiBackend {
  private static let serviceType = "_zuruf._tcp"

  private let poll: OpaquePointer
  private let clock: any Clock
  private var client: OpaquePointer?
  private var browser: OpaquePointer?
  private var group: OpaquePointer?
  private var resolvers: [ResolveQueue.ID: OpaquePointer]
  private var resolverIDs: [OpaquePointer: ResolveQueue.ID]
  private var wakeUpWatch: OpaquePointer?
  /// What C has told and the machine has not yet heard, oldest first.
  private var inbox: [DiscoveryInput] = []
  private var nextInput = 0
  /// A call was not answered: none is made until there is a new client, for each may take 25 s.
  private var isGivenUp = false

  /// A poll loop that also ends its wait when `wakeUp` becomes readable; nil: no memory.
  init?(clock: any Clock, wakeUp: Int32) {
    guard let poll = unsafe avahi_simple_poll_new() else { return nil }
    unsafe self.poll = poll
    unsafe resolvers = [:]
    unsafe resolverIDs = [:]
    self.clock = clock
    // The loop owns its API for as long as it lives; the watch is freed in `close`.
    guard let api = unsafe avahi_simple_poll_get(poll), let makeWatch = unsafe api.pointee.watch_new
    else {
      unsafe avahi_simple_poll_free(poll)
      return nil
    }
    unsafe wakeUpWatch = makeWatch(api, wakeUp, AVAHI_WATCH_IN, { _, _, _, _ in }, nil)
  }

  /// Frees everything; the connection goes first, so nothing here waits for Avahi.
  func close() {
    closeClient()
    if let watch = unsafe wakeUpWatch, let api = unsafe avahi_simple_poll_get(poll) {
      unsafe api.pointee.watch_free?(watch)
    }
    unsafe wakeUpWatch = nil
    unsafe avahi_simple_poll_free(poll)
  }

  /// Sleeps until something happens, at most so many milliseconds; negative: no limit.
  func sleep(milliseconds: Int32) -> Bool {
    guard unsafe avahi_simple_poll_prepare(poll, milliseconds) == 0 else { return false }
    return unsafe avahi_simple_poll_run(poll) == 0
  }

  /// Lets the library act on what ended the sleep; one thing at a time, and it may block.
  func dispatch() -> Bool { unsafe avahi_simple_poll_dispatch(poll) == 0 }

  /// The oldest thing C has told.
  func nextReport() -> DiscoveryInput? {
    guard nextInput < inbox.count else {
      inbox.removeAll(keepingCapacity: inbox.capacity < 1_024)
      nextInput = 0
      return nil
    }
    defer { nextInput += 1 }
    return inbox[nextInput]
  }

  /// Does one thing the machine wants; results and failures arrive as reports.
  func carryOut(_ effect: DiscoveryEffect) {
    switch effect {
    case .openClient: openClient()
    case .closeClient: closeClient()
    case _ where isGivenUp: break
    case .browse: browse()
    case .resolve(let id, let place): resolve(id, place)
    case .freeResolver(let id): freeResolver(id)
    case .announce(let name, let publication): announce(name, publication)
    case .updateText(let name, let announcement): updateText(name, announcement)
    case .withdraw: withdraw()
    case .ask: ask()
    case .tell: break
    }
  }

  func report(_ input: DiscoveryInput) { inbox.append(input) }

  // The client.

  private func openClient() {
    precondition(unsafe client == nil, "there is a client already")
    guard let api = unsafe avahi_simple_poll_get(poll) else { return }
    let began = clock.now()
    var error: Int32 = 0
    unsafe client = avahi_client_new(
      api, AVAHI_CLIENT_NO_FAIL, clientChanged, context, &error)
    if unsafe client == nil {
      // Without a bus the library says "no daemon" too; with one, it would await the daemon.
      let reached = AvahiError(error) != .noDaemon && AvahiError(error) != .busUnreachable
      report(.noClient(AvahiError(error), busReached: reached))
    } else if clock.now() - began > DiscoveryLimits.answerPause,
      inbox.last == .client(.awaitingAvahi)
    {
      // The library takes a daemon that did not answer in time for one that is absent, and would
      // wait for it to appear, which a frozen one never does.
      report(.notAnswered(.timeout))
    }
  }

  private func closeClient() {
    // What the client still had to say is of no interest, and its identifiers mean nothing now.
    inbox.removeAll()
    nextInput = 0
    isGivenUp = false
    unsafe browser = nil
    unsafe group = nil
    unsafe resolvers.removeAll()
    unsafe resolverIDs.removeAll()
    if let old = unsafe client { unsafe avahi_client_free(old) }
    unsafe client = nil
  }

  private func ask() {
    // The only cheap call that always goes to the daemon needs a group of our own.
    guard let group = unsafe group else { return }
    let answer = unsafe avahi_entry_group_is_empty(group)
    if answer < 0 { giveUpClient(AvahiError(answer)) }
  }

  private func giveUpClient(_ error: AvahiError) {
    isGivenUp = true
    report(.notAnswered(error))
  }

  private func clientError() -> AvahiError {
    guard let client = unsafe client else { return .disconnected }
    return unsafe AvahiError(avahi_client_errno(client))
  }

  // Browsing and resolving.

  private func browse() {
    guard let client = unsafe client, unsafe browser == nil else { return }
    unsafe browser = avahi_service_browser_new(
      client, anyInterface, anyProtocol, AvahiBackend.serviceType, nil, noLookupFlags,
      browserReported, context)
    if unsafe browser == nil { report(.browsing(.failed(clientError()))) }
  }

  private func resolve(_ id: ResolveQueue.ID, _ place: SightingPlace) {
    guard let client = unsafe client else { return }
    let proto = Int32(place.overIPv6 ? AVAHI_PROTO_INET6 : AVAHI_PROTO_INET)
    let made = unsafe avahi_service_resolver_new(
      client, place.interface, proto, place.instance.description, AvahiBackend.serviceType, nil,
      proto, noLookupFlags, resolverReported, context)
    if let made = unsafe made {
      unsafe resolvers[id] = made
      unsafe resolverIDs[made] = id
      return
    }
    let error = clientError()
    if error.endsClient { giveUpClient(error) } else { report(.resolveFailed(id, error)) }
  }

  private func freeResolver(_ id: ResolveQueue.ID) {
    guard let resolver = unsafe resolvers.removeValue(forKey: id) else { return }
    unsafe resolverIDs.removeValue(forKey: resolver)
    let result = unsafe AvahiError(avahi_service_resolver_free(resolver))
    if result.endsClient { giveUpClient(result) }
  }

  // Announcing.

  private func announce(_ name: InstanceName, _ publication: Publication) {
    guard let client = unsafe client else { return }
    if unsafe group == nil {
      unsafe group = avahi_entry_group_new(client, groupChanged, context)
    }
    guard let group = unsafe group else {
      return announcingFailed(clientError())
    }
    let list = unsafe stringList(publication.announcement)
    defer { unsafe avahi_string_list_free(list) }
    var result = unsafe avahi_entry_group_add_service_strlst(
      group, anyInterface, anyProtocol, noPublishFlags, name.description,
      AvahiBackend.serviceType, nil, nil, publication.port, list)
    if result == 0 { result = unsafe avahi_entry_group_commit(group) }
    if result < 0 { announcingFailed(AvahiError(result)) }
  }

  private func announcingFailed(_ error: AvahiError) {
    if error.endsClient && error != .badState { isGivenUp = true }
    report(.announcing(error == .collision ? .collision : .failed(error)))
  }

  private func updateText(_ name: InstanceName, _ announcement: Announcement) {
    guard let group = unsafe group else { return }
    let list = unsafe stringList(announcement)
    defer { unsafe avahi_string_list_free(list) }
    let result = unsafe avahi_entry_group_update_service_txt_strlst(
      group, anyInterface, anyProtocol, noPublishFlags, name.description,
      AvahiBackend.serviceType, nil, list)
    if result < 0 { announcingFailed(AvahiError(result)) }
  }

  private func withdraw() {
    guard let old = unsafe group else { return }
    unsafe group = nil
    let result = unsafe AvahiError(avahi_entry_group_free(old))
    if result.endsClient { giveUpClient(result) }
  }

  /// The text record as Avahi's list, which the caller frees. The list is built back to front.
  private func stringList(_ announcement: Announcement) -> UnsafeMutablePointer<AvahiStringList>? {
    var list: UnsafeMutablePointer<AvahiStringList>?
    for string in announcement.record.strings {
      unsafe list = avahi_string_list_add_arbitrary(list, string, string.count)
    }
    return unsafe list
  }

  /// What callbacks get to find this object: it is closed, and with it every source of callbacks,
  /// before the thread lets go of it.
  private var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

  /// The resolver's number, if it is one of ours still.
  func id(of resolver: OpaquePointer?) -> ResolveQueue.ID? {
    guard let resolver = unsafe resolver else { return nil }
    return unsafe resolverIDs[resolver]
  }

  /// Whether the callback is about the group in use; the first comes before we know its pointer.
  func isCurrent(group other: OpaquePointer?) -> Bool {
    unsafe group == nil || group == other
  }

  func isCurrent(browser other: OpaquePointer?) -> Bool {
    unsafe browser == nil || browser == other
  }

  /// The number Avahi gave for the last failure of that client.
  func error(of client: OpaquePointer?) -> AvahiError {
    guard let client = unsafe client else { return .disconnected }
    return unsafe AvahiError(avahi_client_errno(client))
  }
}
