/// Searches that begin in the middle: somebody was removed, lowered or struck, or a feed is forked,
/// and what comes now is written from any place, before or after that.
extension Search {
  /// Of rights, behind what took some away.
  static let late: [Search] = [
    Search(
      name: "after a removal", opening: History(),
      start: """
        1 owner1: remove admin1 unlisted; saw nothing
        2 owner2: certify admin1 member; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .restore], authors: [0, 2, 3], targets: [2, 3, 4],
        ranks: [1], choices: [.none], seriesMax: 2),
      depth: 2),
    Search(
      name: "after a lowering", opening: History(),
      start: """
        1 owner1: rank admin1 member unlisted; saw nothing
        2 owner1: rank member1 admin unlisted; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .device], authors: [2, 3, 4], targets: [2, 3, 4],
        ranks: [1], choices: [.none], seriesMax: 2),
      depth: 2),
    Search(
      name: "after a struck owner", opening: History(),
      start: """
        1 owner1: owners owner1+admin1 by owner1+owner2; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .recover, .agree], authors: [0, 1, 2], targets: [1, 2, 4],
        ranks: [1], choices: [.none], lists: [0b001, 0b011], seriesMax: 2),
      depth: 2),
    Search(
      name: "after a struck owner and a removal", opening: History(),
      start: """
        1 owner1: owners owner1 by owner1+owner2; saw nothing
        2 owner1: remove owner2 unlisted; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.remove, .rank, .admit, .ticket, .join], authors: [1, 2, 4], targets: [2, 4],
        ranks: [1], choices: [.none], seriesMax: 2),
      depth: 2),
    Search(
      name: "an admin made by an owner of before", opening: History(),
      start: """
        1 owner2: rank member1 admin unlisted; saw nothing
        2 owner1: owners owner1 by owner1+owner2; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.remove, .rank], authors: [0, 1, 2, 4], targets: [1, 2, 4], ranks: [1],
        choices: [.none, .nothing]),
      depth: 2),
    Search(
      name: "tickets after a removal", opening: listed,
      start: """
        1 admin1: ticket 1 for anybody; saw nothing
        2 owner1: remove admin1 unlisted; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.ticket, .join, .revoke, .restore], authors: [0, 2, 4, 5], targets: [2],
        ranks: [1], choices: [.none], seriesMax: 2),
      depth: 2),
    Search(
      name: "witnesses of a removal", opening: listed,
      start: """
        1 owner1: remove member2 unlisted; saw nothing
        2 member2: add admin1 member; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel], authors: [0, 2, 4, 5, 6], targets: [2, 6], choices: [.none],
        seriesMax: 2),
      depth: 2),
    Search(
      name: "witnesses of a list", opening: listed,
      start: """
        1 owner2: add admin1 member; saw nothing
        2 owner1: owners owner1 by owner1+owner2; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel], authors: [1, 4, 5], targets: [2, 6], choices: [.none],
        seriesMax: 2),
      depth: 2),
    Search(
      name: "messages as witnesses of a removal", opening: shared,
      start: """
        1 owner1: remove member1 unlisted; saw nothing
        2 member2: send; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel, .send], authors: [4, 5, 6], targets: [2, 5, 6], choices: [.none],
        seriesMax: 2),
      depth: 2),
    Search(
      name: "messages as witnesses of a leaving", opening: listed,
      start: """
        1 member2: add admin1 member; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel, .send], authors: [4, 5], targets: [2, 5], choices: [.none],
        seriesMax: 2),
      depth: 3),
    Search(
      name: "a cut of the office in a group", opening: listed,
      start: """
        1 member1: add admin2 manager; saw nothing
        2 admin1: remove member1 nothing; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel, .rank, .send], authors: [0, 3, 4, 5], targets: [3, 5, 6],
        ranks: [2], choices: [.none]),
      depth: 2),
    Search(
      name: "after a lowered manager", opening: listed,
      start: """
        1 member1: add member2 member; saw nothing
        2 member2: add admin1 member; saw nothing
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel], authors: [0, 4, 5, 6], targets: [2, 5], choices: [.none],
        seriesMax: 2),
      depth: 2),
    Search(
      name: "a manager made by a plain member", opening: listed,
      start: """
        1 owner1: add owner1 member; saw nothing
        2 owner1: add admin1 manager; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel], authors: [0, 2, 4, 5], targets: [0, 2, 6],
        choices: [.none, .nothing]),
      depth: 2),
    Search(
      name: "a creator who came back", opening: shared,
      start: """
        1 member1: expel member1 unlisted; saw nothing
        2 member2: add member1 member; saw 1
        """,
      alphabet: Alphabet(
        verbs: [.add, .expel], authors: [4, 5, 6], targets: [2, 4, 5],
        choices: [.none, .nothing]),
      depth: 2),
  ]

  /// Of epochs, where the feed of a member is forked that was added at last.
  static let forkedEpochs = Search(
    name: "epochs behind a fork",
    opening: History(group: 4, ownersDoNotOutrank: false, adding: [(member: 6, grade: 2)]),
    start: """
      1 member2: ticket 1 for member2; saw nothing
      2 member2: ticket 2 for member2; saw nothing; forks behind 0
      3 member1: add member2 member; saw nothing
      """,
    alphabet: Alphabet(verbs: [.suspend, .send, .share], authors: [4, 6], targets: [5]),
    depth: 3)
}
