import Platform
import Testing

struct AddressTests {
  @Test(arguments: [
    ("192.168.1.2", "192.168.1.2:47777"),
    ("192.168.1.2:80", "192.168.1.2:80"),
    ("127.0.0.1:65535", "127.0.0.1:65535"),
    ("::1", "[::1]:47777"),
    ("[::1]", "[::1]:47777"),
    ("[::1]:9", "[::1]:9"),
    ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:47777"),
    ("[2001:db8::0:1]:1", "[2001:db8::1]:1"),
    ("::ffff:192.0.2.1", "192.0.2.1:47777"),
    ("[::ffff:192.0.2.1]:7", "192.0.2.1:7"),
    ("[fe80::1%lo]:47777", "[fe80::1%lo]:47777"),
    ("fe80::1%1", "[fe80::1%lo]:47777"),
  ])
  func `an address is read and printed in its canonical form`(text: String, canonical: String)
    throws
  {
    let address = try SocketAddress(parsing: text, defaultPort: 47777)
    #expect(address.description == canonical)
    #expect(try SocketAddress(parsing: canonical, defaultPort: 1) == address)
    #expect(try Endpoint(parsing: text, defaultPort: 47777) == .address(address))
  }

  @Test(arguments: [
    ("", AddressError.badAddress("")),
    ("192.168.1", .badAddress("192.168.1")),
    ("192.168.1.256", .badAddress("192.168.1.256")),
    ("192.168.1.2.3", .badAddress("192.168.1.2.3")),
    ("192.168.01.2", .badAddress("192.168.01.2")),
    ("0x7f.1", .badAddress("0x7f.1")),
    ("192.168.1.2:", .badPort("")),
    ("192.168.1.2:0", .badPort("0")),
    ("192.168.1.2:65536", .badPort("65536")),
    ("192.168.1.2:+1", .badPort("+1")),
    ("192.168.1.2:99999999999999999999", .badPort("99999999999999999999")),
    ("[::1", .badAddress("[::1")),
    ("[::1]80", .badAddress("[::1]80")),
    ("[::1]:x", .badPort("x")),
    ("[192.168.1.2]:80", .badAddress("[192.168.1.2]:80")),
    (":::1", .badAddress(":::1")),
    ("1::2::3", .badAddress("1::2::3")),
    ("fe80::1", .missingInterface("fe80::1")),
    ("fe80::1%nowhere0", .unknownInterface("nowhere0")),
    ("fe80::1%", .unknownInterface("")),
    ("fe80::1%4294967296", .unknownInterface("4294967296")),
    ("2001:db8::1%lo", .needlessInterface("2001:db8::1%lo")),
    ("192.168.1.2%lo", .badAddress("192.168.1.2%lo")),
    ("192.168.1.2\0", .badAddress("192.168.1.2\0")),
    ("localhost", .badAddress("localhost")),
  ])
  func `what is no address is refused with the reason`(text: String, expected: AddressError) {
    #expect(throws: expected) { _ = try SocketAddress(parsing: text, defaultPort: 47777) }
  }

  @Test(arguments: [
    ("anna.local", "anna.local:47777"), ("anna.local:80", "anna.local:80"), ("pc-7", "pc-7:47777"),
    ("7up.example.", "7up.example.:47777"), ("under_score", "under_score:47777"),
  ])
  func `a host name is kept for the resolver`(text: String, printed: String) throws {
    let endpoint = try Endpoint(parsing: text, defaultPort: 47777)
    #expect(endpoint.description == printed)
    guard case .name = endpoint else {
      Issue.record("\(text) was taken for an address")
      return
    }
  }

  @Test(arguments: [
    "-x", "a b", "a..b", ".a", "m\u{fc}ller", "a/b", "a\u{0}", String(repeating: "a", count: 254),
    "1.2.3", "300.1.1.1", "name:", "name:0", "name:x", "a%b", "",
  ])
  func `what is neither address nor name is refused`(text: String) {
    #expect(throws: AddressError.self) { _ = try Endpoint(parsing: text, defaultPort: 47777) }
  }

  @Test(arguments: [
    ("127.0.0.1", "loopback"), ("127.255.0.1", "loopback"), ("::1", "loopback"),
    ("169.254.3.4", "link-local"), ("fe80::5%lo", "link-local"), ("febf::5%lo", "link-local"),
    ("10.1.2.3", "private"), ("172.16.0.1", "private"), ("172.31.255.255", "private"),
    ("192.168.0.1", "private"), ("fc00::1", "private"), ("fdff::1", "private"),
    ("172.32.0.1", ""), ("172.15.0.1", ""), ("192.169.0.1", ""), ("11.0.0.1", ""),
    ("fec0::1", ""), ("2001:db8::1", ""), ("128.0.0.1", ""), ("::2", ""),
    ("0.0.0.0", "unspecified"), ("::", "unspecified"),
    ("224.0.0.251", "multicast"), ("239.1.2.3", "multicast"), ("ff02::fb", "multicast"),
    ("240.0.0.1", ""),
  ])
  func `an address knows how far it reaches`(text: String, reach: String) throws {
    let ip = try IPAddress(parsing: text)
    var found: [String] = []
    if ip.isLoopback { found.append("loopback") }
    if ip.isLinkLocal { found.append("link-local") }
    if ip.isPrivate { found.append("private") }
    if ip.isUnspecified { found.append("unspecified") }
    if ip.isMulticast { found.append("multicast") }
    #expect(found.joined(separator: " ") == reach)
  }

  @Test func `bytes in network order become an address and come back`() throws {
    let v4 = try #require(IPAddress(bytes: [192, 0, 2, 1], scope: 3))
    #expect(v4.description == "192.0.2.1")
    #expect(v4.scope == 0)
    #expect(v4.bytes == [192, 0, 2, 1])
    let bytes: [UInt8] = [0xfe, 0x80] + Array(repeating: 0, count: 13) + [9]
    let v6 = try #require(IPAddress(bytes: bytes, scope: 1))
    #expect(v6.description == "fe80::9%lo")
    #expect(v6.bytes == bytes)
    for count in [0, 3, 5, 15, 17] {
      #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count), scope: 0) == nil)
    }
  }

  @Test func `addresses sort by family, address and port`() throws {
    let sorted = ["9.9.9.9:2", "10.0.0.1:1", "10.0.0.1:2", "[::1]:1", "[2001:db8::1]:1"]
    let addresses = try sorted.map { try SocketAddress(parsing: $0, defaultPort: 1) }
    #expect(addresses.reversed().sorted() == addresses)
  }

  @Test func `the resolver finds this computer and refuses nonsense`() throws {
    let found = try resolve("localhost", port: 7)
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.ip.isLoopback && $0.port == 7 })
    #expect(throws: ResolveError.self) { _ = try resolve("nul\0", port: 7) }
  }
}
