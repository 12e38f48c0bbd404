import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// What `send` does.
extension OfficeNode {
  /// Writes a message and answers when it is durable here; a repeated id is answered with the first
  /// (C-7).
  func send(_ call: SendCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let text = Array(call.text.utf8)
      guard !TypedTitle.isBlank(call.text) else {
        throw ControlError(.textEmpty, "there is no text to send", hint: nil)
      }
      guard text.count <= Limits.textBytesMax else { throw SendCall.tooLong(text.count) }
      let id = try requestID(call)
      switch try directory().resolve(call.to) {
      case .group(let group):
        let reply = try call.reply.map { text throws(ControlError) in try answered(text, in: group)
        }
        deliver(
          group, id, .text(id, text, reply: reply), isRetryable: call.id != nil,
          waiting(call, answer))
      case .member(let member):
        try checkReads(member)
        let group = replica.directGroup(MemberPair(a: replica.member, b: member))
        let reply = try call.reply.map { text throws(ControlError) in try answered(text, in: group)
        }
        sendDirect(
          to: member, id, .text(id, text, reply: reply), isRetryable: call.id != nil,
          waiting(call, answer))
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// The message that is answered, which must stand in the group that is written to.
  private func answered(_ text: String, in group: GroupID?) throws(ControlError) -> EntryID {
    let (found, entry) = try messageCalled(text)
    guard found == group else {
      throw ControlError(
        .refused, "the message that this answers was written in another group",
        hint: "write to \(shellWord(title(found) ?? "id:\(found)"))")
    }
    return entry
  }

  /// The caller's id, or one that was never used.
  private func requestID(_ call: SendCall) throws(ControlError) -> Format.RequestID {
    guard let given = call.id else { return request() }
    guard let bytes = Bytes16(given.bytes) else {
      throw ControlError(
        .invalidParameters, "\"id\" has \(SendCall.idBytes) bytes in hexadecimal digits", hint: nil)
    }
    return Format.RequestID(bytes)
  }

  /// Two people write to each other; a box reads and writes in groups alone.
  private func checkReads(_ member: MemberID) throws(ControlError) {
    let roster = replica.rosterNow()
    func isBox(_ member: MemberID) -> Bool { roster.rank(of: member).map { $0 > .member } ?? false }
    if isBox(replica.member) {
      throw ControlError(
        .notAllowed, "a box writes to groups, not to one person",
        hint: "write to a group that it was added to: zuruf group list shows them", reason: .box)
    }
    guard isBox(member) else { return }
    throw ControlError(
      .notAllowed, "\"\(memberName(member))\" is a box and reads only groups it was added to",
      hint: "add it to one: zuruf group add GROUP \(typedName(of: member))", reason: .box)
  }

  private func sendDirect(
    to member: MemberID, _ id: Format.RequestID, _ content: Content, isRetryable: Bool,
    _ answer: @escaping Answer
  ) {
    guard member != replica.member else {
      return answer(
        .failure(ControlError(.refused, "that is you", hint: "write to a group or to someone else"))
      )
    }
    let pair = MemberPair(a: replica.member, b: member)
    if let group = replica.directGroup(pair) {
      return deliver(group, id, content, isRetryable: isRetryable, answer)
    }
    foundGroup(.direct, pair: pair, [], title: nil) { [self] result in
      switch result {
      case .success(let group): deliver(group, id, content, isRetryable: false, answer)
      case .failure(let error): answer(.failure(error))
      }
    }
  }

  private func deliver(
    _ group: GroupID, _ id: Format.RequestID, _ content: Content, isRetryable: Bool,
    _ answer: @escaping Answer
  ) {
    whenWritable(group) { [self] result in
      if case .failure(let error) = result { return answer(.failure(error)) }
      // Asked only now: what the first peer brought may hold the first one of a repetition.
      if isRetryable {
        if inFlight[group]?[id]?.append(answer) != nil { return }
        let hidden = collectRequests(group)
        if let sent = requests[group]?[id] {
          return answer(.success(.send(sentInfo(group, sent, isRepeated: true))))
        }
        if let hidden { return answer(.failure(cannotTell(hidden))) }
        inFlight[group, default: [:]][id] = []
      }
      writeText(group, id, content, isRetryable: isRetryable, answer)
    }
  }

  private func writeText(
    _ group: GroupID, _ id: Format.RequestID, _ content: Content, isRetryable: Bool,
    _ answer: @escaping Answer
  ) {
    write(group, [.message(content)]) { [self] result in
      let repetitions = isRetryable ? inFlight[group]?.removeValue(forKey: id) ?? [] : []
      switch result {
      case .success(let composed):
        guard let entry = composed.entries.last, let seq = composed.seqs.last else {
          preconditionFailure("a commit of one message has one entry")
        }
        let sent = SentMessage(
          entry: entry, place: EntryPlace(place: composed.place, seq: seq), wall: composed.wall)
        // Where nobody asked yet, the log tells when somebody does.
        requests[group]?[id] = sent
        answer(.success(.send(sentInfo(group, sent, isRepeated: false))))
        for other in repetitions {
          other(.success(.send(sentInfo(group, sent, isRepeated: true))))
        }
      case .failure(let error):
        answer(.failure(error))
        for other in repetitions { other(.failure(error)) }
      }
    }
  }

  func sentInfo(
    _ group: GroupID, _ sent: SentMessage, isRepeated: Bool
  ) -> SendCall.Answer {
    .init(
      entry: identifier(sent.entry.bytes.array), group: groupRef(group),
      time: ClaimedTime(ms: Int64(clamping: sent.wall)), durable: true,
      repeated: isRepeated, state: delivery(group, sent.place, under: nil), inReach: nil)
  }

  /// Reads the ids of own messages back from the log, once for each group that is asked about:
  /// after a restart a retry must still be known.
  ///
  /// A record group that cannot be read hides its own ids alone, and is tried again with each request.
  /// Gives why, where it was the last one before the start: what a retry repeats was written then,
  /// whatever has been since. What the store gave up for lost hides nothing for good.
  private func collectRequests(_ group: GroupID) -> StorageError? {
    let due = requests[group] == nil ? ownRecords(in: group) : unreadRequests[group] ?? []
    var unread: [UnreadRecord] = []
    var hidden: StorageError?
    for record in due {
      do throws(StorageError) {
        let (place, seq) = (record.at.place, record.at.seq)
        for batch in try store.read(group, place, from: seq, bytesMax: 1) {
          collectRequests(group, place, batch)
        }
      } catch {
        unread.append(record)
        let isThere = store.index(group)?[record.at.place]?.contains(record.at.seq) ?? false
        if record.isLast, isThere { hidden = error }
      }
    }
    requests[group, default: [:]].reserveCapacity(due.count)
    unreadRequests[group] = unread.isEmpty ? nil : unread
    return hidden
  }

  private func cannotTell(_ fault: StorageError) -> ControlError {
    ControlError(
      .readOnly, "whether this was written before cannot be told: \(fault)",
      hint: "nothing was sent; zuruf doctor says what to do, and a start of the node gives up what "
        + "no computer has any more")
  }

  /// The record groups of the own feeds.
  private func ownRecords(in group: GroupID) -> [UnreadRecord] {
    replica.ownPlaces(in: group).flatMap { place in
      (store.index(group)?[place]?.pieces ?? []).map { piece in
        let at = EntryPlace(place: place, seq: piece.first)
        return UnreadRecord(at: at, isLast: at == lastOwn[group])
      }
    }
  }

  /// Notes what was written last in each group, before anything is written: the latest of the own feeds
  /// is the one whose last entry has the highest lamport.
  func noteLastOwn() {
    for group in replica.groupIDs {
      var latest: (lamport: UInt32, at: EntryPlace)?
      for place in replica.ownPlaces(in: group) {
        guard let chain = store.index(group)?[place], let piece = chain.pieces.last,
          let lamport = chain.lamport(piece.end - 1), lamport > latest?.lamport ?? 0
        else { continue }
        latest = (lamport, EntryPlace(place: place, seq: piece.first))
      }
      lastOwn[group] = latest?.at
    }
  }

  private func collectRequests(_ group: GroupID, _ place: FeedPlace, _ batch: Batch) {
    for entry in batch.entries where entry.kind == EntryKind.message.rawValue {
      guard let header = try? batch.header(entry),
        case .content(let content) = replica.read(group, header, batch.body(entry)),
        let id = content.request, requests[group]?[id] == nil
      else { continue }
      requests[group, default: [:]][id] = SentMessage(
        entry: entry.id, place: EntryPlace(place: place, seq: entry.seq),
        wall: entry.wallMilliseconds)
    }
  }
}
