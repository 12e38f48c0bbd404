import Cryptography
import Format
import Replication

/// What mDNS says of an office: those who know its ID recognise it, nobody else does.
func officeHint(_ office: GroupID, salt: [UInt8]) -> [UInt8] {
  Array(Bytes16(Blake2b.hash16(.hint, (salt + office.bytes.array).span)).array.prefix(8))
}
