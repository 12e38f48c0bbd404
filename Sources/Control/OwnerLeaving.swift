/// What an owner does before leaving the office, for hints of the node and of `zuruf`.
package enum OwnerLeaving {
  /// The steps up to giving the rank away, to go on with: who is one of several owners does not decide
  /// that alone.
  ///
  /// - Parameters:
  ///   - own: the owner's name, as a shell takes it.
  ///   - owners: how many own the office, with this one; at least 1.
  package static func steps(own: String, owners: Int) -> String {
    let (first, who) =
      owners > 1
      ? ("", "another") : ("makes another one first: zuruf member rank NAME owner, ", "the other")
    return
      "an owner \(first)gives the rank up: zuruf member rank \(own) member, which prints a line "
      + "that \(who) owner agrees to: zuruf office agree LINE"
  }
}
