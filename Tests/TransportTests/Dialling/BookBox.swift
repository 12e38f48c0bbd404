import Format
import Platform

@testable import Transport

/// A book behind a reference: the test macros cannot call what changes a value.
final class BookBox {
  private var book: DialBook

  init(_ book: DialBook) { self.book = book }

  var deadline: Moment { book.deadline }
  var addresses: [KnownAddress] { book.addresses }

  func addresses(of device: NoiseIdentity) -> [SocketAddress] { book.addresses(of: device) }
  func next(at now: Moment) -> SocketAddress? { book.next(at: now) }
  func forget(_ source: AddressSource, name: String, place: String? = nil) {
    book.forget(source, name: name, place: place)
  }
  func keep(_ addresses: [SocketAddress], from source: AddressSource, name: String) {
    book.keep(addresses, from: source, name: name)
  }
  func forget(_ device: NoiseIdentity) { book.forget(device) }
  func down(_ down: LinkDown, at now: Moment) { book.down(down, at: now) }
  func restart(at now: Moment) { book.restart(at: now) }
  func readmit(ownIsBack: Bool, at now: Moment, _ isIn: (NoiseIdentity) -> Bool) {
    book.readmit(ownIsBack: ownIsBack, at: now, isIn)
  }

  @discardableResult
  func learn(
    _ address: SocketAddress, from source: AddressSource, name: String?, place: String? = nil,
    device: NoiseIdentity?, at now: Moment
  ) -> Bool {
    book.learn(address, from: source, name: name, place: place, device: device, at: now)
  }

  /// `isProven`: it is a device's of the office, as most are.
  func up(
    _ id: LinkID, _ up: LinkUp, _ address: SocketAddress, isProven: Bool = true, at now: Moment
  ) {
    book.up(id, up, address, at: now)
    if isProven { book.proved(id, at: now) }
  }

  /// All that is due at that moment.
  func due(at now: Moment) -> [SocketAddress] {
    var found: [SocketAddress] = []
    while found.count < 10_000, let next = book.next(at: now) { found.append(next) }
    return found
  }
}
