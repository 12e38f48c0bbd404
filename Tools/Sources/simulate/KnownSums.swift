// What libsodium was asked before in this process it is not asked again: on all hosts of a world the same
// batches lie under the same signatures, and two ends of a link work out the same secret. The product knows
// nothing of this: the linker takes these functions for those of the same names in libsodium, and whatever
// is not known goes on to them. An answer is known only for the same bytes.

internal import CSodium
import Glibc
import Synchronization

/// Answers by all bytes of the question; so many at most, then all is forgotten.
private struct Answers<Answer: Sendable>: Sendable {
  private static var most: Int { 65_536 }
  private var known: [[UInt8]: Answer] = [:]

  subscript(question: [UInt8]) -> Answer? { known[question] }

  mutating func note(_ answer: Answer, to question: [UInt8]) {
    if known.count >= Self.most { known = [:] }
    known[question] = answer
  }
}

/// Libsodium's own function of that name.
private func own<Function>(_ name: String, _ type: Function.Type) -> Function {
  // RTLD_NEXT of dlfcn.h, which is no number that Swift can import.
  let next = unsafe UnsafeMutableRawPointer(bitPattern: -1)
  guard let found = unsafe dlsym(next, name) else { fatalError("libsodium has no \(name)") }
  return unsafe unsafeBitCast(found, to: type)
}

private func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  unsafe Array(UnsafeBufferPointer(start: start, count: count))
}

// MARK: Signatures

private typealias Verify =
  @convention(c) (
    UnsafePointer<UInt8>, UnsafePointer<UInt8>?, UInt64, UnsafePointer<UInt8>
  ) -> Int32

private let verify = unsafe own("crypto_sign_verify_detached", Verify.self)
private let verdicts = Mutex(Answers<Int32>())

/// Checks each signature once.
@c(crypto_sign_verify_detached)
func verifyOnce(
  _ signature: UnsafePointer<UInt8>, _ message: UnsafePointer<UInt8>?, _ size: UInt64,
  _ key: UnsafePointer<UInt8>
) -> Int32 {
  let question = unsafe bytes(key, 32) + bytes(signature, 64) + bytes(message, Int(size))
  return verdicts.withLock { verdicts in
    if let known = verdicts[question] { return known }
    let verdict = unsafe verify(signature, message, size, key)
    verdicts.note(verdict, to: question)
    return verdict
  }
}

private typealias Sign =
  @convention(c) (
    UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt64>?, UnsafePointer<UInt8>?, UInt64,
    UnsafePointer<UInt8>
  ) -> Int32

private let sign = unsafe own("crypto_sign_detached", Sign.self)

/// Remembers of a signature that was made in this process that it holds; the public half of a key stands
/// behind its secret one.
@c(crypto_sign_detached)
func signAndKnow(
  _ signature: UnsafeMutablePointer<UInt8>, _ written: UnsafeMutablePointer<UInt64>?,
  _ message: UnsafePointer<UInt8>?, _ size: UInt64, _ key: UnsafePointer<UInt8>
) -> Int32 {
  let code = unsafe sign(signature, written, message, size, key)
  if code == 0 {
    let question = unsafe bytes(key + 32, 32) + bytes(signature, 64) + bytes(message, Int(size))
    verdicts.withLock { $0.note(0, to: question) }
  }
  return code
}

// MARK: Shared secrets

private typealias Multiply =
  @convention(c) (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Int32
private typealias MultiplyBase =
  @convention(c) (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>) -> Int32

private let multiply = unsafe own("crypto_scalarmult_curve25519", Multiply.self)
private let multiplyBase = unsafe own("crypto_scalarmult_curve25519_base", MultiplyBase.self)
/// The public halves of the keys of this process.
private let publics = Mutex(Answers<[UInt8]>())
/// What two public halves share, the lesser one first, and what was returned with it.
private let shared = Mutex(Answers<(secret: [UInt8], code: Int32)>())

/// Works out the public half of each key once, and remembers whose it is.
@c(crypto_scalarmult_curve25519_base)
func publicOnce(_ target: UnsafeMutablePointer<UInt8>, _ secret: UnsafePointer<UInt8>) -> Int32 {
  let question = unsafe bytes(secret, 32)
  return publics.withLock { publics in
    if let known = publics[question] {
      unsafe target.update(from: known, count: 32)
      return 0
    }
    let code = unsafe multiplyBase(target, secret)
    if code == 0 { publics.note(unsafe bytes(target, 32), to: question) }
    return code
  }
}

/// Works out what two keys of this process share once: the other end comes to the same.
@c(crypto_scalarmult_curve25519)
func shareOnce(
  _ target: UnsafeMutablePointer<UInt8>, _ secret: UnsafePointer<UInt8>,
  _ other: UnsafePointer<UInt8>
) -> Int32 {
  let (mine, theirs) = unsafe (bytes(secret, 32), bytes(other, 32))
  guard let mine = publics.withLock({ $0[mine] }) else {
    return unsafe multiply(target, secret, other)
  }
  let question = mine.lexicographicallyPrecedes(theirs) ? mine + theirs : theirs + mine
  return shared.withLock { shared in
    if let known = shared[question] {
      unsafe target.update(from: known.secret, count: 32)
      return known.code
    }
    let code = unsafe multiply(target, secret, other)
    shared.note((unsafe bytes(target, 32), code), to: question)
    return code
  }
}
