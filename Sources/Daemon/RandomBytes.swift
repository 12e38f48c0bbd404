import Cryptography

/// Bytes from the kernel, for names that must not repeat.
func randomBytes(_ count: Int) -> [UInt8] { Random.bytes(count) }
