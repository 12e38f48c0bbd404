/// Tells a network of this node, and this node of others: over Avahi, or in a simulated network.
package protocol DiscoveryService: AnyObject {
  /// How it stands now.
  var status: DiscoveryStatus { get }

  /// Announces this node from now on, or what it says of itself anew; nil withdraws.
  func announce(_ publication: Publication?)

  /// Resolves everything that was sighted again: a peer's address may have changed.
  func refresh()

  /// Withdraws the announcement; nothing more is told.
  func stop()
}
