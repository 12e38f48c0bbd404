internal import CAvahi

/// An error number of Avahi's client library, with its text.
struct AvahiError: Error, Hashable, Sendable, CustomStringConvertible {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  private init(_ number: Int) { self.number = Int32(number) }

  static let collision = AvahiError(AVAHI_ERR_COLLISION)
  static let tooManyObjects = AvahiError(AVAHI_ERR_TOO_MANY_OBJECTS)
  static let noDaemon = AvahiError(AVAHI_ERR_NO_DAEMON)
  static let busUnreachable = AvahiError(AVAHI_ERR_DBUS_ERROR)
  static let disconnected = AvahiError(AVAHI_ERR_DISCONNECTED)
  static let badState = AvahiError(AVAHI_ERR_BAD_STATE)
  static let timeout = AvahiError(AVAHI_ERR_TIMEOUT)

  /// Whether the client is of no use any more. D-Bus errors Avahi does not know, the missing
  /// reply of a frozen daemon among them, arrive as `AVAHI_ERR_OS`.
  var endsClient: Bool {
    switch Int(number) {
    case AVAHI_ERR_FAILURE, AVAHI_ERR_OS, AVAHI_ERR_DBUS_ERROR, AVAHI_ERR_DISCONNECTED,
      AVAHI_ERR_NO_DAEMON, AVAHI_ERR_BAD_STATE, AVAHI_ERR_TIMEOUT, AVAHI_ERR_NO_MEMORY:
      true
    default: false
    }
  }

  var description: String {
    // A constant string that lives as long as the process; null for no number.
    guard let text = unsafe avahi_strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
  }
}
