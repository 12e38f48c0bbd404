import Terminal

/// The one identifier that begins like this.
func find<ID: CustomStringConvertible>(
  _ beginning: String, among ids: [ID], _ what: String
) throws(Failure) -> ID {
  let wanted = beginning.lowercased()
  let found = wanted.isEmpty ? [] : ids.filter { $0.description.hasPrefix(wanted) }
  if let only = found.first, found.count == 1 { return only }
  guard found.isEmpty else {
    throw .noSuchName(
      "\(found.count) \(what)s begin with \(quoted(beginning))",
      hints: found.prefix(5).map { "it may be \($0)" })
  }
  throw .noSuchName("there is no \(what) \(quoted(beginning)) here", hints: [])
}
