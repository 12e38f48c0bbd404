import Cryptography
import Format

/// Bytes from the kernel, for names that must not repeat.
func randomBytes(_ count: Int) -> [UInt8] { Random.bytes(count) }

/// Names that must not repeat, drawn from the kernel many at a time: each message takes one, and a
/// call into the kernel costs a tenth of what writing it does.
struct RandomNames {
  private var drawn: [UInt8] = []

  mutating func next() -> Bytes16 {
    if drawn.count < 16 { drawn = randomBytes(1_024) }
    let name = Bytes16(Array(drawn.suffix(16))) ?? Bytes16()
    drawn.removeLast(16)
    return name
  }
}
