import Authority
import Control
import Cryptography
import Format
import Platform
import Replication
import Storage

/// Tickets that outlast a start of the program.
extension NodeLoop {
  // MARK: The file of the configuration

  /// Joins with the ticket that the configuration names, for a box without a screen: tried until it
  /// succeeds, and removed then, for it is a secret that has done its work.
  func joinByTicketFile() { tell(tryTicketFile()) }

  /// Logs once what is wrong with the file, and shows it as long as it is so.
  private func tell(_ trouble: Shortfall?) {
    if let info = trouble?.info, info.detail != ticketFileTrouble?.info.detail {
      log(.warning, info.detail)
      if let hint = info.hint { log(.warning, "hint: \(hint)") }
    }
    ticketFileTrouble = trouble
  }

  /// Why the ticket there does nothing; nil where it does, or where there is none.
  private func tryTicketFile() -> Shortfall? {
    guard let path = configuration.ticketFile else { return nil }
    let text: String
    do {
      guard let bytes = try SmallFile.read(path, limit: 4_096) else {
        return .ticketRefused("\"\(path)\" is longer than a ticket can be", hint: nil)
      }
      text = String(decoding: bytes, as: UTF8.self)
    } catch {
      // Whoever is in its office needs none.
      let isUnneeded = office.map { !$0.isRemoved } ?? false
      return error == .notFound || isUnneeded
        ? nil : .ticketRefused("cannot read \"\(path)\": \(error)", hint: nil)
    }
    if let reason = whyUnused { return unused(text, path, for: reason) }
    if let office {
      // It may be for a way back; a restart says whether one is needed (H-9).
      guard !office.isStopped else { return nil }
      // The node was ended after it was let in and before it knew so.
      let line = try? TicketLine(decoding: text, lineChecksum)
      let isUsed = joining == nil && office.isReady && line?.office == office.office
      return isUsed ? tryRemoving(path) : nil
    }
    // What a person asked for goes on; another ticket in the file takes the place of the one before.
    if let joining {
      guard joining.isFromFile, joining.ticketKey != ticketKey(text) else { return nil }
    }
    let account = Account.current()
    let call = JoinCall(
      ticket: text, name: nil, account: account.fullName ?? Computer.hostName(), device: nil)
    do {
      try joinUnattended(call, isFromFile: true)
      return nil
    } catch {
      return .ticketRefused(
        "the ticket in \"\(path)\" cannot be used: \(error.message)", hint: error.hint)
    }
  }

  /// Why a ticket is not used before a person sets aside what is here. The original of a copy is none of
  /// them: a restart does for it.
  private var whyUnused: String? {
    if isCarried { return "what is stored here comes from another computer" }
    guard let office else { return nil }
    let kept = ", and keeps what it had"
    if office.isRemoved { return "this computer was removed from its office" + kept }
    return office.isCopied && office.copied.info.form != nil
      ? "this computer was copied" + kept : nil
  }

  /// What is said of a ticket that waits for a way back, or that did its work before there was need of one.
  private func unused(_ text: String, _ path: String, for reason: String) -> Shortfall {
    let way = "zuruf join --anew --file \(shellWord(path))"
    let line = try? TicketLine(decoding: text, lineChecksum)
    if let line, line.office == membership?.office {
      // The log that could say it stays closed.
      if isCarried {
        return .ticketUsed(
          "the ticket in \"\(path)\" is for the office that what is stored here is of, so it has most "
            + "likely let that in",
          hint: "remove it then; should it be for a way back: \(way)")
      }
      if let office, let key = ticketKey(text), let trouble = knownTrouble(of: key) {
        return office.replica.rosterNow().came(office.replica.member, by: key)
          ? .ticketUsed(
            "the ticket in \"\(path)\" let in what is stored here, and counts no more",
            hint: "remove it: it is a secret that has done its work")
          : .ticketRefused(
            "the ticket in \"\(path)\" cannot be used: \(trouble.message)", hint: trouble.hint)
      }
    }
    return .ticketUnused(
      "the ticket in \"\(path)\" was not used: \(reason)",
      hint: "\(way) sets that aside, deletes nothing, and joins with it")
  }

  private func ticketKey(_ text: String) -> TicketKey? {
    guard let line = try? TicketLine(decoding: text, lineChecksum),
      let key = try? SigningKey(ticketSeed: line.seed.array.span)
    else { return nil }
    return TicketKey(Bytes32(key.publicKey.bytes))
  }

  /// The ticket in the file has done its work.
  func removeTicketFile() { tell(configuration.ticketFile.flatMap(tryRemoving)) }

  private func tryRemoving(_ path: String) -> Shortfall? {
    do {
      try keepOwed()
    } catch {
      return .ticketUsed(
        "the ticket was used, and \"\(path)\" stays until what it gave is kept: \(error)",
        hint: "it goes by itself once the data directory can be written again")
    }
    do {
      try SmallFile.remove(path)
      return nil
    } catch {
      return .ticketUsed(
        "the ticket was used, and \"\(path)\" cannot be removed: \(error)",
        hint: "remove it: it is a secret that has done its work")
    }
  }

  // MARK: What a person asked for

  /// Writes down a ticket that a person gave, as the request that joins with it.
  func rememberJoining(_ attempt: JoinAttempt) throws(ControlError) {
    let call = JoinCall(
      ticket: attempt.line.encode(lineChecksum),
      name: attempt.line.member.isZero ? attempt.memberName.text : nil,
      account: nil, device: attempt.deviceName.text)
    do {
      try home.writeText(
        Home.joining, RequestLine(id: .number(1), request: .join(call)).encoded())
      owesForgetting = false
    } catch {
      throw ControlError(.readOnly, error.description, hint: "zuruf doctor says what to do")
    }
  }

  /// Goes on with the ticket that a person gave before this start.
  func resumeJoining() {
    guard office == nil, !owesForgetting else { return forgetJoining() }
    guard var line = try? home.text(Home.joining, limit: 65_536) else { return }
    if line.last == 0x0A { line.removeLast() }
    guard let request = try? RequestLine(line: line), case .join(let call) = request.request else {
      return log(.warning, "the file \"joining\" is damaged: the ticket must be given again")
    }
    do {
      try joinUnattended(call, isFromFile: false)
    } catch {
      log(.warning, "the ticket of before cannot be used: \(error.message)")
    }
  }

  /// The ticket of a person has done its work, or does none. It stays forgotten when the power is cut: who
  /// has heard that it was refused waits for nothing more to come of it (C-9). Where the disk does not do
  /// that it is owed, and tried again.
  func forgetJoining() {
    do {
      if try disk.status(at: Home.joining) != nil {
        try keepOwed()
        try disk.remove(Home.joining)
      } else if !owesForgetting {
        return
      }
      try disk.flushDirectory(Home.joining.parent)
      owesForgetting = false
    } catch {
      if !owesForgetting {
        log(.warning, "the ticket of before is there, or may be again, at the next start: \(error)")
      }
      owesForgetting = true
    }
  }
}
