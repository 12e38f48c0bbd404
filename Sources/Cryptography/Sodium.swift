private import CSodium

/// The one entry to libsodium's set-up, which every primitive passes before its first call.
///
/// Without it libsodium works, but with its slow portable code, and its random source is not
/// proven to be open.
enum Sodium {
  private static let isReady: Bool = sodium_init() >= 0

  /// Initialises libsodium once; later calls cost one comparison.
  @inline(__always)
  static func start() {
    precondition(isReady, "libsodium could not open the kernel's random source")
  }
}
