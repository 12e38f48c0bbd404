package import Format

/// An entry that decides rights, or bears witness of what somebody did, with what is in its past.
package struct ControlEntry: Sendable {
  package let id: EntryID
  /// The feed or branch it stands in.
  package let place: FeedPlace
  package let seq: UInt32
  package let lamport: UInt32
  package let author: DeviceKey
  /// What the feed's genesis names; zero for the office genesis alone.
  package let certificate: EntryID
  package let content: Content
  /// The control entries of the office log in its past, itself left out.
  package let officeView: ViewID
  /// The control entries of its group's log in its past, itself left out; empty in the office log.
  package let groupView: ViewID

  /// What a control entry says.
  package enum Content: Hashable, Sendable {
    case founding(OfficeGenesis)
    case operation(Operation)
    /// No control entry: the one by which a feed of a group first knows of a removal or an owner list
    ///
    case heard
  }

  package init(
    id: EntryID, place: FeedPlace, seq: UInt32, lamport: UInt32, author: DeviceKey,
    certificate: EntryID, content: Content, officeView: ViewID, groupView: ViewID
  ) {
    (self.id, self.place, self.seq, self.lamport) = (id, place, seq, lamport)
    (self.author, self.certificate, self.content) = (author, certificate, content)
    (self.officeView, self.groupView) = (officeView, groupView)
  }

  /// Canonical order (F-8).
  static func precedes(_ a: ControlEntry, _ b: ControlEntry) -> Bool {
    a.lamport != b.lamport ? a.lamport < b.lamport : a.id < b.id
  }
}

/// Names a control entry that has an effect, for those who ask whether it is in some past.
package struct ControlReference: Hashable, Sendable {
  package let id: EntryID
  package let place: FeedPlace
  package let seq: UInt32

  init(_ entry: ControlEntry) {
    (id, place, seq) = (entry.id, entry.place, entry.seq)
  }
}
