// What the address sanitizer must report and what it must leave alone, each in a process of its
// own: without a name it lists them, a line each, beginning with "right" or "wrong".

import Glibc

/// Something on the heap.
final class Plain {
  var number = 0
  var other: Plain?
}

/// Holds something without keeping it.
final class Weak {
  weak var plain: Plain?
}

/// Lasts to the end.
nonisolated(unsafe) let common = Plain()

/// What the compiler may not see through.
@inline(never) func hidden<Value>(_ value: Value) -> Value { value }

/// Written to, so that what is read is not left out.
nonisolated(unsafe) var seen = 0

/// Eight bytes on the heap, the last of which lies at index 7.
func bytes() -> UnsafeMutablePointer<UInt8> {
  let found = UnsafeMutablePointer<UInt8>.allocate(capacity: hidden(8))
  found.initialize(repeating: 1, count: 8)
  return found
}

let proofs: [(name: String, run: @Sendable () -> Void)] = [
  (
    "right: arrays, objects, strings and bytes within their bounds",
    {
      let own = bytes()
      defer { own.deallocate() }
      let list = (0..<100).map { _ in Plain() }
      for plain in list { plain.number += Int(own[7]) }
      seen += list.map { String($0.number) }.joined().utf8.count
    }
  ),
  (
    "right: what lasts was once held weakly",
    {
      let weak = Weak()
      weak.plain = common
      seen += hidden(weak).plain?.number ?? 0
    }
  ),
  (
    "wrong: a byte is read behind the end",
    {
      let own = bytes()
      defer { own.deallocate() }
      seen += Int(own[hidden(8)])
    }
  ),
  (
    "wrong: a byte is written before the beginning",
    {
      let own = bytes()
      defer { own.deallocate() }
      own[hidden(-1)] = 2
    }
  ),
  (
    "wrong: bytes are read after they were given back",
    {
      let own = bytes()
      own.deallocate()
      seen += Int(hidden(own)[3])
    }
  ),
  (
    "wrong: bytes are given back twice",
    {
      let own = bytes()
      own.deallocate()
      hidden(own).deallocate()
    }
  ),
  (
    "wrong: the bytes of an array are kept beyond the call that lent them",
    {
      var kept: UnsafePointer<Int>?
      do {
        let list = (0..<hidden(100)).map { $0 }
        list.withUnsafeBufferPointer { kept = $0.baseAddress }
      }
      seen += hidden(kept!)[3]
    }
  ),
  (
    "wrong: the system's call writes behind the end",
    {
      let own = bytes()
      defer { own.deallocate() }
      memset(own, 0, hidden(9))
    }
  ),
  (
    "wrong: an object is read after it ended",
    {
      let plain = Unmanaged.passRetained(Plain())
      plain.release()
      seen += plain._withUnsafeGuaranteedRef { $0.number }
    }
  ),
  (
    "wrong: two objects hold each other when nobody holds them",
    {
      for _ in 0..<10 {
        let one = Plain()
        let two = Plain()
        one.other = two
        two.other = one
      }
    }
  ),
  (
    "wrong: and one of them was once held weakly",
    {
      for _ in 0..<10 {
        let one = Plain()
        one.other = one
        let weak = Weak()
        weak.plain = one
        seen += hidden(weak).plain?.number ?? 0
      }
    }
  ),
  (
    "wrong: bytes are never given back",
    { for _ in 0..<10 { seen += Int(hidden(bytes())[3]) } }
  ),
]

@main struct Proof {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      for proof in proofs { print(proof.name) }
      return
    }
    proofs.first { $0.name == CommandLine.arguments[1] }!.run()
  }
}
