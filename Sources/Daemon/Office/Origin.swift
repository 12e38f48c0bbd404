import Platform
import Storage

/// Whether a data directory is the one that was written first, or a copy of it, or put back (S-19).
///
/// The head lock tells that of one start alone, for it names the place of a copy from then on; and two
/// directories of one user share a file of it.
extension Home {
  /// Of no file.
  private static let nowhere: UInt64 = 0

  /// Judges where `keys` is by where it was first seen, and keeps that. `then`: where the lock saw it, nil
  /// where there is none; `isMoved`: the start was judged to be of a copy by the lock; `isNew`: the keys
  /// were made by this very process.
  func isCopy(
    keysAt here: UInt64, lockSaw then: UInt64?, isMoved: Bool, isNew: Bool
  ) throws -> Bool {
    let known = isNew ? nil : try readOrigin()
    var first = known ?? (isNew ? here : then)
    // The same number on another device.
    if !isNew, isMoved, then == here { first = Self.nowhere }
    // Without a lock, and of an earlier version: the next start knows no more of it.
    guard let first else { return isMoved }
    if first != known {
      do throws(HomeFault) {
        try writeText(Self.origin, Array("\(first)\n".utf8))
      } catch {
        // Once the lock names this place nothing else says that this is a copy; an original is seen again.
        guard first == here else { throw error }
      }
    }
    return first != here
  }

  /// What cannot be understood is as if it were not there.
  private func readOrigin() throws(HomeFault) -> UInt64? {
    var text: [UInt8]
    do throws(HomeFault) {
      guard let found = try self.text(Self.origin, limit: 64) else { return nil }
      text = found
    } catch {
      guard case .disk(let fault) = error, fault.reason == .tooLong else { throw error }
      return nil
    }
    if text.last == 0x0A { text.removeLast() }
    return UInt64(String(decoding: text, as: UTF8.self))
  }
}
