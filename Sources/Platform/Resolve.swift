internal import CLinux
internal import Glibc

/// Why a host name has no address now.
package struct ResolveError: Error, Hashable, Sendable, CustomStringConvertible {
  package let name: String
  /// What the resolver said, with a small first letter.
  package let text: String

  package var description: String { "cannot find the address of \(quoted(name)): \(text)" }
}

/// Asks the system's resolver for the addresses of a host; may take many seconds, so keep it off
/// the loop.
package func resolve(_ name: String, port: UInt16) throws(ResolveError) -> [SocketAddress] {
  guard !name.utf8.contains(0) else { throw ResolveError(name: name, text: "it contains NUL") }
  var hints = unsafe addrinfo()
  unsafe hints.ai_family = AF_UNSPEC
  unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
  var list: UnsafeMutablePointer<addrinfo>?
  let result = unsafe getaddrinfo(name, nil, &hints, &list)
  guard result == 0 else {
    let reason =
      result == EAI_SYSTEM ? SystemError(errno).text : unsafe String(cString: gai_strerror(result))
    throw ResolveError(name: name, text: reason.prefix(1).lowercased() + reason.dropFirst())
  }
  defer { unsafe freeaddrinfo(list) }
  var found: [SocketAddress] = []
  var next = unsafe list
  // The list and the addresses in it live until freeaddrinfo.
  while let item = unsafe next {
    if let form = unsafe item.pointee.ai_addr,
      let address = unsafe SocketAddress(
        kernelForm: form, length: Int(item.pointee.ai_addrlen))
    {
      let complete = SocketAddress(address.ip, port: port)
      if !found.contains(complete) { found.append(complete) }
    }
    unsafe next = item.pointee.ai_next
  }
  return found
}
