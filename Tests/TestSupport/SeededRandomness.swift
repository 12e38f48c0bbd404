internal import CSodium
internal import Foundation

/// Keys, secrets and salts from a number instead of from the kernel, so that a run comes again.
///
/// libsodium asks one table of functions for random bytes. This one answers from the seed of the
/// thread that asks, and from the system where the thread has none: other tests are not touched.
package enum SeededRandomness {
  private final class Source {
    var generator: SeededGenerator
    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }
  }

  private static let key = "zuruf.seed"

  private static let isInstalled: Bool = {
    // Lives as long as the process: libsodium keeps the pointer.
    let table = UnsafeMutablePointer<randombytes_implementation>.allocate(capacity: 1)
    unsafe table.initialize(
      to: randombytes_implementation(
        implementation_name: {
          let name: StaticString = "seeded"
          return unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        },
        random: { UInt32(truncatingIfNeeded: SeededRandomness.next()) },
        stir: nil, uniform: nil,
        buf: { buffer, size in
          guard let buffer = unsafe buffer else { return }
          let bytes = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size)
          for index in 0..<size {
            unsafe bytes[index] = UInt8(truncatingIfNeeded: SeededRandomness.next())
          }
        },
        close: nil))
    guard unsafe randombytes_set_implementation(table) == 0 else { return false }
    // Now, while no thread has a seed: it draws random bytes the first time, which the first run of a
    // process would miss.
    return sodium_init() >= 0
  }()

  private static func next() -> UInt64 {
    if let source = Thread.current.threadDictionary[key] as? Source {
      return source.generator.next()
    }
    var system = SystemRandomNumberGenerator()
    return system.next()
  }

  /// That many bytes, as libsodium would get them.
  package static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Runs `body`, which stays on this thread, with all random bytes drawn from a seed.
  package static func from<Value>(_ seed: UInt64, _ body: () throws -> Value) rethrows -> Value {
    precondition(isInstalled, "libsodium takes no other source of random bytes")
    Thread.current.threadDictionary[key] = Source(seed: seed)
    defer { Thread.current.threadDictionary[key] = nil }
    return try body()
  }
}
