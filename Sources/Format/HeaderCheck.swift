/// Checks that the bytes are exactly one well-formed header: rules E-1 to E-9 and E-11.
///
/// The one door for every header, from wherever it came; the order of the checks is the order in
/// which the bytes stand, so that a refusal names the first rule broken.
package func checkHeader(_ span: RawSpan) throws(DecodeError) {
  let count = span.byteCount
  guard count >= HeaderLayout.sizeMin else { throw .truncated(.e3) }
  guard load8(span, 0) == 1 else { throw .broken(.e1) }
  let kind = load8(span, HeaderLayout.kind)
  guard kind != 0 else { throw .broken(.e2) }
  let depCount = Int(load8(span, HeaderLayout.depCount))
  guard depCount <= Limits.depsMax else { throw .broken(.e6) }
  let extAt = HeaderLayout.deps + Reference.size * depCount
  guard count >= extAt + 2 else { throw .truncated(.e3) }
  let extSize = Int(load16(span, extAt))
  guard extSize <= Limits.extBytesMax else { throw .broken(.e7) }
  guard count == extAt + 2 + extSize else { throw .broken(.e3) }
  try checkFixedFields(span, kind: kind, depCount: depCount)
  if depCount > 0 { try checkDeps(span, depCount) }
  if extSize > 0 || kind == EntryKind.genesis.rawValue {
    try checkExt(span, from: extAt + 2, isGenesis: kind == EntryKind.genesis.rawValue)
  }
}

func checkFixedFields(
  _ span: RawSpan, kind: UInt8, depCount: Int
) throws(DecodeError) {
  let isGenesis = kind == EntryKind.genesis.rawValue
  let seq = load32(span, HeaderLayout.seq)
  let groupIsZero = Bytes32(span, HeaderLayout.group).isZero
  let feedIsZero = Bytes16(span, HeaderLayout.feed).isZero
  let prevIsZero = Bytes32(span, HeaderLayout.prev).isZero
  // The highest number is refused so that whoever holds an entry can always name the next.
  guard seq < UInt32.max, isGenesis == (seq == 0), prevIsZero == (seq == 0),
    feedIsZero == (seq == 0),
    seq == 0 || !groupIsZero
  else { throw .broken(.e5) }
  let lamport = load32(span, HeaderLayout.lamport)
  guard seq == 0 && depCount == 0 ? lamport == 1 : lamport >= 2 else { throw .broken(.e8) }
  let epochIsZero = Bytes16(span, HeaderLayout.epoch).isZero
  switch kind {
  case 1, 3, 6, 7, 8, 9: guard epochIsZero else { throw .broken(.e9) }
  case 4, 5: guard !epochIsZero else { throw .broken(.e9) }
  default: break
  }
  let bodySize = load32(span, HeaderLayout.bodySize)
  let hashIsZero = Bytes32(span, HeaderLayout.bodyHash).isZero
  guard bodySize <= Limits.bodyBytesMax, hashIsZero == (bodySize == 0) else { throw .broken(.e4) }
  if kind == EntryKind.control.rawValue {
    guard bodySize >= 1 else { throw .broken(.e16) }
  }
}

func checkDeps(_ span: RawSpan, _ depCount: Int) throws(DecodeError) {
  let own = FeedID(Bytes16(span, HeaderLayout.feed))
  // A zero feed_id is refused because the first dep must be above it.
  var last = FeedID(Bytes16())
  for index in 0..<depCount {
    let feed = FeedID(Bytes16(span, HeaderLayout.deps + Reference.size * index))
    guard last < feed, feed != own else { throw .broken(.e6) }
    last = feed
  }
}

func checkExt(
  _ span: RawSpan, from start: Int, isGenesis: Bool
) throws(DecodeError) {
  let end = span.byteCount
  var at = start
  var last = -1
  var facts = GenesisFacts()
  while at < end {
    guard end - at >= 2 else { throw .broken(.e7) }
    let type = load8(span, at)
    let length = Int(load8(span, at + 1))
    guard Int(type) > last, length <= end - at - 2 else { throw .broken(.e7) }
    if isGenesis { try facts.take(type, span, at + 2, length) }
    last = Int(type)
    at += 2 + length
  }
  if isGenesis {
    try facts.finish(
      groupIsZero: Bytes32(span, HeaderLayout.group).isZero,
      bodySize: load32(span, HeaderLayout.bodySize))
  }
}
