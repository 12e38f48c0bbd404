import Platform
import TestSupport

/// A computer that is carried elsewhere, or gets another address.
extension Host {
  /// Goes out of a segment: what was announced there is forgotten here at once, and there only when
  /// records are too old.
  func leave(_ segment: Int) {
    world.segments.leave(segment, number)
    world.note(number, "is out of segment \(segment)")
    discovery?.hasLeft(segment)
    changeRoutes()
  }

  /// Comes into a segment.
  func enter(_ segment: Int, _ chance: inout SeededGenerator) {
    world.segments.enter(segment, number, &chance)
    let address = world.segments.address(of: number, in: segment)
    world.note(number, "is in segment \(segment) as \(address?.description ?? "nobody")")
    discovery?.hasEntered(segment)
    changeRoutes()
  }

  /// Gets another address where it stands; who has heard of the old one hears of the new one only when
  /// it asks.
  func changeAddress(in segment: Int, _ chance: inout SeededGenerator) {
    world.segments.leave(segment, number)
    world.segments.enter(segment, number, &chance)
    let address = world.segments.address(of: number, in: segment)
    world.note(number, "is now \(address?.description ?? "nobody") in segment \(segment)")
    changeRoutes()
  }

  private func changeRoutes() {
    hasNewRoutes = true
    stir()
  }
}
