import Testing

@testable import Daemon
@testable import Platform

/// What `doctor` says of a firewall.
struct FirewallAdviceTests {
  private static func interface(_ addresses: [(String, Int)]) throws -> NetworkInterface {
    NetworkInterface(
      name: "eth0", index: 2, kind: .physical, isUp: true, isRunning: true, canMulticast: true,
      addresses: try addresses.map {
        InterfaceAddress(ip: try IPAddress(parsing: $0.0), prefixLength: $0.1)
      })
  }

  @Test(arguments: [
    ([("10.77.0.5", 24)], "sudo ufw allow from 10.77.0.0/24 to any port 47474 proto tcp"),
    ([("192.168.178.20", 22)], "sudo ufw allow from 192.168.176.0/22 to any port 47474 proto tcp"),
    ([("127.0.0.1", 8), ("169.254.3.4", 16)], "sudo ufw allow 47474/tcp"),
    (
      [("10.1.2.3", 8), ("fd00:1:2:3::9", 64)],
      "sudo ufw allow from 10.0.0.0/8 to any port 47474 proto tcp; "
        + "sudo ufw allow from fd00:1:2:3::/64 to any port 47474 proto tcp"
    ),
    ([], "sudo ufw allow 47474/tcp"),
  ])
  func `the network of the interface is named`(
    addresses: [(String, Int)], command: String
  ) throws {
    let advice = firewallAdvice([try Self.interface(addresses)], port: 47474)
    #expect(advice == "if a firewall runs here, it must let it in: " + command)
  }
}
