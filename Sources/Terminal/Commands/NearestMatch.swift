/// The known word that a mistyped one was most probably meant to be; nil if none is near.
package func nearest(to word: String, in known: [String]) -> String? {
  // Nobody types a longer command; the work stays small whatever comes.
  let lengthMax = 32
  guard !word.isEmpty, word.utf8.count <= lengthMax else { return nil }
  let beginnings = known.filter { $0.hasPrefix(word) }
  if beginnings.count == 1 { return beginnings[0] }
  var best: (word: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
    if distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(1, word.utf8.count / 3) else { return nil }
  return best.word
}

/// How many bytes must be changed, added, left out or swapped with their neighbour.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var earlier: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var cost = min(previous[j + 1], current[j]) + 1
      cost = min(cost, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, earlier[j - 1] + 1) }
      current.append(cost)
    }
    earlier = previous
    previous = current
  }
  return previous[b.count]
}
