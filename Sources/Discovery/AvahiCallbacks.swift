internal import CAvahi
internal import Platform

// Called by the library on discovery's own thread, from within `dispatch` or one of the calls the
// backend makes. `context` is the backend: it closes the client, and with it every source of
// calls, before its owner lets go of it. All other pointers are valid during the call only, so
// everything is copied.

let anyInterface = AvahiIfIndex(AVAHI_IF_UNSPEC)
let anyProtocol = AvahiProtocol(AVAHI_PROTO_UNSPEC)
let noLookupFlags = AvahiLookupFlags(rawValue: 0)
let noPublishFlags = AvahiPublishFlags(rawValue: 0)

/// The state of the client changed; also called from within `avahi_client_new`.
let clientChanged: AvahiClientCallback = { client, state, context in
  guard let backend = unsafe backend(context) else { return }
  switch state {
  case AVAHI_CLIENT_S_RUNNING: backend.report(.client(.running))
  case AVAHI_CLIENT_S_REGISTERING, AVAHI_CLIENT_S_COLLISION: backend.report(.client(.settling))
  case AVAHI_CLIENT_CONNECTING: backend.report(.client(.awaitingAvahi))
  default: backend.report(.client(.failed(unsafe backend.error(of: client))))
  }
}

/// The state of our announcement changed; also called from within `avahi_entry_group_new`.
let groupChanged: AvahiEntryGroupCallback = { group, state, context in
  guard let backend = unsafe backend(context), unsafe backend.isCurrent(group: group) else {
    return
  }
  switch state {
  case AVAHI_ENTRY_GROUP_REGISTERING: backend.report(.announcing(.registering))
  case AVAHI_ENTRY_GROUP_ESTABLISHED: backend.report(.announcing(.established))
  case AVAHI_ENTRY_GROUP_COLLISION: backend.report(.announcing(.collision))
  case AVAHI_ENTRY_GROUP_FAILURE:
    let client = unsafe avahi_entry_group_get_client(group)
    backend.report(.announcing(.failed(unsafe backend.error(of: client))))
  default: break
  }
}

/// The browser saw a service come or go.
let browserReported: AvahiServiceBrowserCallback = {
  browser, interface, proto, event, name, _, _, _, context in
  guard let backend = unsafe backend(context), unsafe backend.isCurrent(browser: browser) else {
    return
  }
  let overIPv6 = proto == AVAHI_PROTO_INET6
  switch event {
  case AVAHI_BROWSER_NEW:
    backend.report(
      .browsing(
        .appeared(
          name: unsafe bytes(name), interface: interface, interfaceName: interfaceName(interface),
          overIPv6: overIPv6)))
  case AVAHI_BROWSER_REMOVE:
    backend.report(
      .browsing(
        .vanished(name: unsafe bytes(name), interface: interface, overIPv6: overIPv6)))
  case AVAHI_BROWSER_ALL_FOR_NOW: backend.report(.browsing(.allForNow))
  case AVAHI_BROWSER_FAILURE:
    let client = unsafe avahi_service_browser_get_client(browser)
    backend.report(.browsing(.failed(unsafe backend.error(of: client))))
  default: break
  }
}

/// A resolver has found the service, or has given up.
let resolverReported: AvahiServiceResolverCallback = {
  resolver, interface, _, event, _, _, _, _, address, port, text, _, context in
  guard let backend = unsafe backend(context), let id = unsafe backend.id(of: resolver) else {
    return
  }
  guard event == AVAHI_RESOLVER_FOUND else {
    let client = unsafe avahi_service_resolver_get_client(resolver)
    return backend.report(.resolveFailed(id, unsafe backend.error(of: client)))
  }
  let resolved = unsafe DiscoveryInput.Resolved(
    interfaceName: interfaceName(interface), address: bytes(address), port: port,
    text: bytes(text))
  backend.report(.resolved(id, resolved))
}

private func backend(_ context: UnsafeMutableRawPointer?) -> AvahiBackend? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<AvahiBackend>.fromOpaque(context).takeUnretainedValue()
}

/// The bytes of a name; one that is too long to be ours is cut, and so not taken for one.
private func bytes(_ name: UnsafePointer<CChar>?) -> [UInt8] {
  guard let name = unsafe name else { return [] }
  var bytes: [UInt8] = []
  // Ends at the terminator, which every C string has, or before.
  while bytes.count < 64, case let next = unsafe name[bytes.count], next != 0 {
    bytes.append(UInt8(bitPattern: next))
  }
  return bytes
}

/// The 4 or 16 bytes of an address in network order; none for anything else.
private func bytes(_ address: UnsafePointer<AvahiAddress>?) -> [UInt8] {
  guard let address = unsafe address else { return [] }
  // The family says which member of the union is there; the other one is longer, never shorter.
  switch unsafe address.pointee.proto {
  case AvahiProtocol(AVAHI_PROTO_INET):
    return unsafe withUnsafeBytes(of: address.pointee.data.ipv4) { unsafe Array($0) }
  case AvahiProtocol(AVAHI_PROTO_INET6):
    return unsafe withUnsafeBytes(of: address.pointee.data.ipv6) { unsafe Array($0) }
  default: return []
  }
}

/// The text record as it was sent; a longer one than allowed is left at one byte too many.
private func bytes(_ text: UnsafeMutablePointer<AvahiStringList>?) -> [UInt8] {
  let limit = DiscoveryLimits.textBytesMax
  // With no room given, the library only counts.
  let count = unsafe avahi_string_list_serialize(text, nil, 0)
  guard count <= limit else { return [UInt8](repeating: 0, count: limit + 1) }
  var bytes = [UInt8](repeating: 0, count: count)
  let written = unsafe avahi_string_list_serialize(text, &bytes, count)
  return Array(bytes.prefix(written))
}

/// The name of an interface, empty if it has just gone.
private func interfaceName(_ index: AvahiIfIndex) -> String {
  UInt32(exactly: index).flatMap { Platform.interfaceName($0) } ?? ""
}
