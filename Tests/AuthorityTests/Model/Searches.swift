/// The searches that are made: what happens in each, and how long its histories are in an ordinary
/// run. All together, late ones and walks with them, take some forty seconds of one processor.
extension Search {
  static let listed = History(
    group: 4, ownersDoNotOutrank: false, adding: [(member: 5, grade: 1), (member: 6, grade: 2)])
  private static let own = History(
    group: 4, ownersDoNotOutrank: true, adding: [(member: 5, grade: 1), (member: 6, grade: 2)])
  /// Its creator made two managers, and owners have no say.
  static let shared = History(
    group: 4, ownersDoNotOutrank: true, adding: [(member: 5, grade: 1), (member: 6, grade: 1)])

  /// Of rights.
  static let all: [Search] = [
    Search(
      name: "ranks", opening: History(),
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .restore], authors: Array(0..<7),
        targets: [2, 3, 4, 5, 6]),
      symmetries: Cast.symmetries([Cast.admins, Cast.members]), depth: 2),
    Search(
      name: "few ranks", opening: History(),
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .restore], authors: [0, 2, 3], targets: [2, 4], ranks: [1],
        choices: [.nothing]),
      depth: 3),
    Search(
      name: "owner lists", opening: History(),
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .recover, .agree], authors: [0, 1, 2],
        targets: [0, 1, 2], ranks: [1], choices: [.none], lists: [0b01, 0b10, 0b101],
        seriesMax: 2),
      depth: 2),
    Search(
      name: "devices", opening: History(),
      alphabet: Alphabet(
        verbs: [.remove, .drop, .device, .restore], authors: Array(0..<7),
        targets: [0, 1, 2, 4]),
      depth: 2),
    Search(
      name: "sponsors", opening: .sponsored(),
      alphabet: Alphabet(
        verbs: [.remove, .drop, .device, .restore, .rank], authors: [0, 1, 2, 4, 5],
        targets: [1, 4, 5], ranks: [1]),
      depth: 2),
    Search(
      name: "tickets", opening: listed,
      alphabet: Alphabet(
        verbs: [.remove, .ticket, .join, .revoke, .add, .expel], authors: [0, 2, 4, 5],
        targets: [2, 5], choices: [.none], seriesMax: 2),
      depth: 2),
    Search(
      name: "forks", opening: History(),
      alphabet: Alphabet(
        verbs: [.remove, .admit, .suspend], authors: [0, 2], targets: [2], ranks: [2],
        choices: [.none, .nothing, .seen(branch: 0), .seen(branch: 1)], forksMax: 1),
      depth: 3),
    Search(
      name: "groups", opening: listed,
      alphabet: Alphabet(
        verbs: [.remove, .restore, .add, .expel], authors: [0, 2, 4, 5, 6], targets: [2, 5, 6],
        ranks: [2]),
      depth: 2),
    Search(
      name: "groups of their creators", opening: own,
      alphabet: Alphabet(
        verbs: [.remove, .add, .expel], authors: [0, 4, 5], targets: [0, 4, 5, 6]),
      depth: 2),
  ]

  /// Everything at once.
  static let wander = Wander(
    opening: listed,
    alphabet: Alphabet(
      verbs: [
        .remove, .drop, .rank, .admit, .device, .restore, .recover, .agree, .suspend, .ticket,
        .join, .revoke, .add, .expel, .send,
      ], authors: Array(0..<Cast.count), targets: Array(0..<Cast.count),
      choices: [.none, .nothing, .seen(branch: 0), .seen(branch: 1)],
      lists: [0b01, 0b10, 0b101, 0b111], seriesMax: 2, forksMax: 1), length: 10)

  /// Of epochs: a member of the group, one who comes and goes, and an admin outside.
  static let epochs = Search(
    name: "epochs",
    opening: History(group: 4, ownersDoNotOutrank: false, adding: [(member: 5, grade: 2)]),
    alphabet: Alphabet(
      verbs: [.remove, .add, .expel, .send, .share], authors: [2, 4, 5],
      targets: [6], ranks: [2], choices: [.none]),
    depth: 4)

  func longer(by more: Int) -> Search {
    var search = self
    search.depth += more
    return search
  }
}
