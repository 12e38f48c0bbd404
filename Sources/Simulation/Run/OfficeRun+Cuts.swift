extension OfficeRun {
  /// What a removal cuts off is shown to nobody (study 3: 21).
  func checkCuts(_ shown: [Shown], at host: Int, _ title: String, _ cuts: inout Cuts) {
    let (book, held) = (world.audit.book, world.audit.usable(at: host))
    for message in shown {
      guard let removal = cuts.removal(cuttingOff: message.entry, among: held),
        let known = book.entries[message.entry]?.entry,
        let end = book.entries[removal.entry]?.entry
      else { continue }
      let place = "\(known.feed.text):\(known.seq)"
      world.fail(
        "host \(host), \(title): \"\(message.text ?? place)\", \(place), is shown, which the removal "
          + "\(end.feed.text):\(end.seq) cuts off")
    }
  }
}
