import Format
import Replication
import Storage
import Terminal

/// Every command finds a group by the same words.
extension Look {
  /// The group whose identifier begins like this, that is the only one of this kind, or that is called
  /// so where this device can read titles.
  func group(_ text: String, among view: StoreView, office: GroupID?) throws(Failure) -> GroupID {
    do throws(Failure) {
      return try find(text, among: view.groups, "group")
    } catch {
      let wanted = text.lowercased()
      // Bodies are read only for a title that somebody knows and typed.
      let called = try groups(called: wanted, office: office)
      // More than one group is of two people, or of a list: that word names none of them.
      let ofKind = view.groups.filter { view.kind(of: $0) == wanted }
      let found = ofKind.count == 1 ? called.union(ofKind) : called
      if let only = found.first, found.count == 1 { return only }
      guard found.isEmpty else {
        throw .noSuchName(
          "\(quoted(text)) can mean \(found.count) groups",
          hints: found.sorted().prefix(5).map { "it may be \($0)" })
      }
      throw error
    }
  }

  /// The groups that were ever called so, capitals and small letters alike, as far as this device
  /// opens their titles; none where its keys are not here.
  private func groups(
    called wanted: String, office: GroupID?
  ) throws(Failure) -> Set<GroupID> {
    guard let reader = try? BodyReader(self, withBodies: true) else { return [] }
    var found: Set<GroupID> = []
    _ = try open(first: office.map { [$0] } ?? []) { batch, place, _, _ in
      let batch = batch.alone(place)
      for entry in batch.entries {
        guard case .content(.title(_, let title, _, _))? = reader.content(batch, entry),
          title.text.lowercased() == wanted
        else { continue }
        found.insert(batch.group)
      }
    }
    return found
  }
}
