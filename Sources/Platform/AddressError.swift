/// Why a text is no address.
package enum AddressError: Error, Hashable, Sendable, CustomStringConvertible {
  case badAddress(String)
  case badPort(String)
  case badName(String)
  case unknownInterface(String)
  case missingInterface(String)
  case needlessInterface(String)

  package var description: String {
    switch self {
    case .badAddress(let text): "\(quoted(text)) is no address"
    case .badPort(let text): "\(quoted(text)) is no port; a port is a number from 1 to 65535"
    case .badName(let text): "\(quoted(text)) is neither an address nor a host name"
    case .unknownInterface(let name): "this computer has no network interface \(quoted(name))"
    case .missingInterface(let text):
      "the link-local address \(quoted(text)) needs its interface, as in \"fe80::1%eth0\""
    case .needlessInterface(let text):
      "only a link-local address may name an interface, not \(quoted(text))"
    }
  }
}
