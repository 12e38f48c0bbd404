/// What a poller's token names: the loop's own descriptors and each connection of Control.
///
/// Tokens below `controlBase` belong to the loop; those of Transport have the highest bit.
enum LoopToken {
  static let mailbox: UInt64 = 1
  static let signals: UInt64 = 2
  static let routes: UInt64 = 3
  static let controlListener: UInt64 = 4
  static let controlBase: UInt64 = 1 << 32
}
