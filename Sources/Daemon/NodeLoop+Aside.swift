import Control
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// How a computer that was removed from its office, or of which others say so, or that never got as far as
/// being in it, or that was copied, becomes free for another one, or for the same one again: all that it
/// has of the office is set aside in a folder, and nothing is deleted (C-19).
extension NodeLoop {
  func setAside(_ answer: @escaping Answer) {
    let old = office
    guard mayBeSetAside else { return answer(.failure(keptAside)) }
    do throws(ControlError) {
      if isCarried { try takeCarried() }
    } catch {
      return answer(.failure(error))
    }
    do throws(HomeFault) {
      // From here on a start, or whoever makes new keys, does the rest.
      try home.beginSettingAside()
    } catch {
      if isCarried { lock = nil }
      return answer(
        .failure(
          ControlError(
            .readOnly, "it cannot be set aside: \(error)", hint: "zuruf doctor says what to do")))
    }
    let now = clock.now()
    for link in up.keys.sorted() { links.close(link, .done, at: now) }
    closeDoor(nil, now)
    old?.stop()
    // What its disk still did is told to whoever waited for it; the rest is not done any more.
    takeLetters(now)
    old?.giveUp()
    leaveOffice()
    do throws(HomeFault) {
      let folder = try home.finishSettingAside(clock.wall()) ?? disk.place
      log(.notice, "what was here of the office lies in \"\(folder)\" now")
      answer(.success(.officeAside(.init(folder: folder))))
    } catch {
      answer(
        .failure(
          ControlError(
            .readOnly, "not all of it could be set aside: \(error)",
            hint: "the node does the rest when it is started again")))
    }
  }

  /// Takes a directory of another computer for this node alone, if what the start found is still there: until
  /// now others may have used it.
  private func takeCarried() throws(ControlError) {
    lock = nil
    do throws(Fatal) {
      if let shared = disk as? LinuxDisk { lock = try Self.lock(shared) }
      let now: Home.Membership?
      do throws(HomeFault) { now = try home.readMembership() } catch { throw Fatal(reading: error) }
      if now == membership, isElsewhere(try readSecrets().device) { return }
    } catch {
      lock = nil
      throw error.cause == .directoryInUse
        ? ControlError(
          .refused, error.text,
          hint: "the computer that uses it goes on; a node here needs --home of its own")
        : ControlError(.readOnly, error.text, hint: error.hint ?? "zuruf doctor says what to do")
    }
    lock = nil
    throw ControlError(
      .refused, "what is stored here is not what this node found when it was started",
      hint: "restart this node: it says what there is now")
  }

  /// Why what is here stays where it is.
  private var keptAside: ControlError {
    guard let office else { return noOffice }
    // Nobody's word alone takes what may lie here only.
    if office.isStopped, let said = ofCopies(office).first(where: { $0.info.form == .said })?.info {
      return ControlError(.refused, said.detail, hint: said.hint)
    }
    return ControlError(
      .refused, "this computer is in its office; only what one has that is not is set aside",
      hint: secondOffice)
  }

  /// Forgets the office that was open here: from now on this node belongs to none.
  private func leaveOffice() {
    office = nil
    membership = nil
    isCarried = false
    forgetAdmissions()
    giveUpJoining(ControlError(.joining, "what was here is set aside", hint: nil))
    keys = nil
    links.identities = []
    recognised.set(nil)
    discovery?.announce(nil)
    dialBook = DialBook(entropy: entropy)
    addSeeds()
    // Whoever follows goes on with the next office.
    for subscriber in control.subscribers {
      (subscriber.position, subscriber.followed) = (0, .all)
    }
    control.changed(.office)
  }
}

extension Home {
  /// All that a node writes of its office, and of itself in it.
  private static let ofOffice = [
    HomeFile.keys.path, HomeFile.office.path, recovery, recoveryDone, copyWords, origin,
    joining, founding, ownersLine, newsSeen, addresses, seen, DeliveredFile.path,
    DiskPath.root.appending("logs"),
  ]
  /// Where it lies until all of it is there: a start that finds this folder goes on with the move.
  private static let moving = DiskPath.root.appending("setting-aside")

  /// Begins to move what is here of an office into a folder of its own: whatever comes, it goes on.
  func beginSettingAside() throws(HomeFault) {
    do throws(DiskError) {
      try disk.ensureDirectory(Self.moving)
    } catch {
      throw .disk(error)
    }
  }

  /// Goes on with a move that began, and gives the path of the folder, which is named by the day; nil
  /// where none began. Each file is moved whole, and the folder gets
  /// its name when it has all of them, so a crash in between loses nothing and mixes nothing.
  @discardableResult
  func finishSettingAside(_ now: Timestamp) throws(HomeFault) -> String? {
    do throws(DiskError) {
      guard try disk.status(at: Self.moving) != nil else { return nil }
      for path in Self.ofOffice where try disk.status(at: path) != nil {
        guard let name = path.names.last else { continue }
        // A power cut may leave what was being moved under both names.
        try disk.rename(path, to: try freePath(name, in: Self.moving), replacing: false)
      }
      try disk.flushDirectory(Self.moving)
      try disk.flushDirectory(.root)
      let folder = try freeFolder(now)
      try disk.rename(Self.moving, to: folder, replacing: false)
      try disk.flushDirectory(.root)
      return disk.place + "/" + folder.description
    } catch {
      throw .disk(error)
    }
  }

  /// The first name of the day that nothing has.
  private func freeFolder(_ now: Timestamp) throws(DiskError) -> DiskPath {
    let wall = WallTime(milliseconds: Int64(clamping: now.milliseconds))
    func part(_ number: Int?, _ digits: Int) -> FileName {
      .number(UInt64(clamping: number ?? 0), digits: digits)
    }
    let day =
      "removed-" + part(wall?.year, 4) + "-" + part(wall?.month, 2) + "-" + part(wall?.day, 2)
    return try freePath(day, in: .root)
  }

  /// Where nothing lies yet: under this name, or the first one with a number behind it.
  private func freePath(_ name: FileName, in folder: DiskPath) throws(DiskError) -> DiskPath {
    var (path, number) = (folder.appending(name), UInt64(1))
    while try disk.status(at: path) != nil {
      number += 1
      path = folder.appending(name + "-" + .number(number, digits: 1))
    }
    return path
  }
}
