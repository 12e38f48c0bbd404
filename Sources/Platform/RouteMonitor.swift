internal import CLinux
internal import Glibc

/// Hears from the kernel when addresses come and go and interfaces go up and down.
package struct RouteMonitor: ~Copyable {
  /// What the poller watches for reading.
  package let descriptor: FileDescriptor
  private var buffer: [UInt8]

  private init(_ descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
    buffer = [UInt8](repeating: 0, count: 32 << 10)
  }

  /// Subscribes to changes of interfaces and of IPv4 and IPv6 addresses.
  package static func open() throws(SocketError) -> RouteMonitor {
    do throws(SystemError) {
      let flags = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
      let number = try calling { socket(AF_NETLINK, flags, NETLINK_ROUTE) }
      let descriptor = FileDescriptor(owning: number)
      var address = sockaddr_nl()
      address.nl_family = sa_family_t(AF_NETLINK)
      address.nl_groups = UInt32(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)
      _ = try calling {
        unsafe withUnsafePointer(to: &address) { pointer in
          // The kernel's calls take every kind of address through a pointer to its common head.
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
          }
        }
      }
      return RouteMonitor(descriptor)
    } catch {
      throw SocketError(.open, "route monitor", error)
    }
  }

  /// Takes what the kernel reported; true where addresses or links may have changed.
  ///
  /// The kernel also reports changes that matter to nobody: compare `networkInterfaces()`
  /// with what it was.
  package mutating func takeChanges() -> Bool {
    var changed = false
    // The kernel may go on while we read; what is left makes the descriptor readable again.
    for _ in 0..<64 {
      let number = descriptor.number
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        retrying { unsafe recv(number, bytes.baseAddress, bytes.count, 0) }
      }
      if count < 0 {
        // More happened than the socket could hold: something did change.
        if errno == ENOBUFS { changed = true } else { return changed }
      } else {
        changed = changed || RouteMonitor.namesChange(buffer[..<count])
      }
    }
    return changed
  }

  /// Whether a datagram of netlink messages holds one about an address or a link.
  static func namesChange(_ datagram: ArraySlice<UInt8>) -> Bool {
    var rest = datagram
    let head = MemoryLayout<nlmsghdr>.size
    while rest.count >= head {
      let message = unsafe rest.withUnsafeBytes { unsafe $0.loadUnaligned(as: nlmsghdr.self) }
      switch Int32(message.nlmsg_type) {
      case Int32(RTM_NEWADDR), Int32(RTM_DELADDR), Int32(RTM_NEWLINK), Int32(RTM_DELLINK):
        return true
      default: break
      }
      let length = Int(message.nlmsg_len)
      guard length >= head, length <= rest.count else { return false }
      // Messages begin at multiples of four bytes.
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return false
  }
}
