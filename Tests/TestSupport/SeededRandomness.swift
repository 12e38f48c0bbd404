internal import CSodium
internal import Glibc

/// Keys, secrets and salts from a number instead of from the kernel, so that a run comes again.
///
/// libsodium asks one table of functions for random bytes. This one answers from the seed of the
/// thread that asks, and from the system where the thread has none: other tests are not touched.
package enum SeededRandomness {
  private final class Source {
    var generator: SeededGenerator
    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }
  }

  /// Where a thread keeps its source. Foundation's dictionary of a thread takes a tenth of a
  /// millisecond for each look.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(unsafe pthread_key_create(&key, nil) == 0, "this process has no more thread keys")
    return key
  }()

  /// The source of this thread, which `from` keeps alive.
  private static var source: Source? {
    guard let place = unsafe pthread_getspecific(key) else { return nil }
    return unsafe Unmanaged<Source>.fromOpaque(place).takeUnretainedValue()
  }

  private static let isInstalled: Bool = {
    // Lives as long as the process: libsodium keeps the pointer.
    let table = UnsafeMutablePointer<randombytes_implementation>.allocate(capacity: 1)
    unsafe table.initialize(
      to: randombytes_implementation(
        implementation_name: {
          let name: StaticString = "seeded"
          return unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        },
        random: {
          UInt32(truncatingIfNeeded: SeededRandomness.next(from: SeededRandomness.source))
        },
        stir: nil, uniform: nil,
        buf: { buffer, size in
          guard let buffer = unsafe buffer else { return }
          let bytes = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size)
          let source = SeededRandomness.source
          for index in 0..<size {
            unsafe bytes[index] = UInt8(truncatingIfNeeded: SeededRandomness.next(from: source))
          }
        },
        close: nil))
    guard unsafe randombytes_set_implementation(table) == 0 else { return false }
    // Now, while no thread has a seed: it draws random bytes the first time, which the first run of a
    // process would miss.
    return sodium_init() >= 0
  }()

  private static func next(from source: Source?) -> UInt64 {
    if let source { return source.generator.next() }
    var system = SystemRandomNumberGenerator()
    return system.next()
  }

  /// That many bytes, as libsodium would get them.
  package static func bytes(_ count: Int) -> [UInt8] {
    let source = source
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: next(from: source)) }
  }

  /// Runs `body`, which stays on this thread, with all random bytes drawn from a seed.
  package static func from<Value>(_ seed: UInt64, _ body: () throws -> Value) rethrows -> Value {
    precondition(isInstalled, "libsodium takes no other source of random bytes")
    let source = Source(seed: seed)
    let before = unsafe pthread_getspecific(key)
    unsafe pthread_setspecific(key, Unmanaged.passUnretained(source).toOpaque())
    defer { withExtendedLifetime(source) { _ = unsafe pthread_setspecific(key, before) } }
    return try body()
  }
}
