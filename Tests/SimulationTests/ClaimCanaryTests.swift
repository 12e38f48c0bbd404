import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// What nodes say is held against disks: each of these checks is shown once what is wrong.
@Suite struct ClaimCanaryTests {
  private let said = SaidInOffice()

  /// What is to be changed, with a book of all that was written, in which its author may write two things
  /// at one place.
  private func changeable(
    _ run: OfficeRun, _ isIt: (PlainEntry) -> Bool
  ) throws -> (one: Written, book: Book) {
    let all = said.written(at: 0, run)
    let one = try #require(all.first { (try? $0.entry).map(isIt) ?? false })
    let book = run.world.audit.book
    book.mayFork.insert(try #require(book.authors[try one.entry.feed]))
    return (one, book)
  }

  private func device(_ number: Int, _ run: OfficeRun) -> Long? {
    _ = said.say(in: "everyone", by: number, run)
    return run.world.audit.device(of: number)
  }

  @Test func `a feed that is said to be forked and is not`() throws {
    let run = said.office { run in
      _ = said.say(in: "everyone", by: 1, run)
      run.world.run(for: .seconds(5))
    }
    let (control, book) = try changeable(run) { $0.kind == PlainEntry.Kind.control }
    let accuser = try control.entry.feed
    var (other, _) = try changeable(run) { $0.feed != accuser && $0.seq > 0 }
    let feed = try other.entry.feed
    let name = [feed.high, feed.low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }
    var accusation = control.with([7] + name)
    #expect(
      book.take(try accusation.entry, isOwn: true)?.hasSuffix("is forked, which it is not") ?? false
    )
    // Another entry beside one of its: now it is.
    other.header[95] ^= 1
    #expect(book.take(try other.entry, isOwn: true) == nil)
    accusation.header[95] ^= 1
    #expect(book.take(try accusation.entry, isOwn: true) == nil)
  }

  @Test func `two texts under one nonce`() throws {
    let run = said.office { run in _ = said.say(in: "everyone", run) }
    let (message, book) = try changeable(run) { $0.kind == PlainEntry.Kind.message }
    var text = Array(try #require(message.body))
    text[30] ^= 1
    #expect(
      book.take(try message.with(text).entry, isOwn: true)?
        .hasSuffix("is closed under a nonce of another text") ?? false)
    text[0] ^= 1
    #expect(book.take(try message.with(text).entry, isOwn: true) == nil)
  }

  @Test func `somebody who is listed and was removed for good`() throws {
    let run = said.office { run in
      let ids = [1, 2].map { device($0, run).flatMap { HexIdentifier(bytes: $0.bytes) } }
      run.checkGone(ids.compactMap { $0 }, at: 0)
      let call = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: run.people[0], to: .memberRemove(call), "remove")
      run.world.run(for: .seconds(5))
      run.checkGone([ids[1]].compactMap { $0 }, at: 0)
      #expect(run.world.faults == [])
      run.checkGone([ids[0]].compactMap { $0 }, at: 0)
    }
    #expect(try #require(run.world.faults.first).hasSuffix("which was removed for good"))
  }

  @Test func `a last word that a linked device holds and is not said to`() throws {
    let run = said.office { run in
      let keys = [1, 2].compactMap { device($0, run) }
      guard let entry = said.say(in: "everyone", run), keys.count == 2 else { return }
      run.world.run(for: .seconds(5))
      let host = run.people[0].host
      let call = DeliveryCall(entry: "\(HexIdentifier(bytes: entry.bytes).map { "\($0)" } ?? "")")
      guard case .delivery(let told)? = run.peek(at: host, .delivery(call)) else {
        Issue.record("nothing is told")
        return
      }
      func check(_ holds: (Long) -> Bool, linked: [Long]) {
        let devices = told.devices.map { one in
          DeviceDelivery(
            device: one.device, member: one.member, keeper: one.keeper,
            holds: Long(one.device.id.bytes).map(holds) ?? false, seen: one.seen, reads: one.reads)
        }
        run.checkHeld(
          .init(entry: told.entry, group: told.group, state: told.state, devices: devices),
          linked: Set(linked), at: host)
      }
      run.checkHeld(told, linked: Set(keys), at: host)
      check({ _ in false }, linked: [])
      check({ $0 == keys[0] }, linked: [keys[0]])
      #expect(run.world.faults == [] && run.comparedTicks == 3)
      check({ $0 == keys[0] }, linked: keys)
      #expect(run.world.faults.count == 1)
      // Nor does it help to leave out who is in the group.
      run.checkHeld(
        .init(entry: told.entry, group: told.group, state: told.state, devices: []),
        linked: [keys[0]], at: host)
    }
    try #require(run.world.faults.count == 2)
    #expect(run.world.faults[0].contains("that its last word is on host 2"))
    #expect(run.world.faults[1].contains("that its last word is on host 1"))
  }

  @Test func `what let a computer in cannot be read`() throws {
    let path = DiskPath(names: ["office"])
    let run = said.office { run in
      let host = run.people[1].host
      let (own, book) = (OfficeFile(on: host.disk), run.world.audit.book)
      let known = book.certificates.first { $0.entry == own?.certificate }
      #expect(own != nil && own?.office == book.office && own?.member == known?.member)
      #expect(known?.device == device(1, run))
      run.checkCertificates()
      #expect(run.world.faults == [])
      guard var bytes = host.disk.files[path] else { return }
      for place in [0, 60, bytes.count - 1] {
        bytes[place] ^= 1
        #expect(OfficeFile(bytes) == nil)
        bytes[place] ^= 1
      }
      #expect(OfficeFile(bytes) != nil && OfficeFile(bytes + [0]) == nil)
      bytes[60] ^= 1
      #expect(throws: Never.self) { try host.disk.replace(path, with: bytes.span) }
      run.checkCertificates()
    }
    let told = try #require(run.world.faults.first)
    #expect(told == "host 1 is in the office, and its disk does not say by what")
  }

  @Test func `a keeper that has a key, or a word`() throws {
    var plan = Plan.quiet
    plan.keepers = 1
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    run.run {
      _ = said.say(in: "everyone", run)
      run.world.run(for: .seconds(5))
      #expect(run.people[2].isBox)
      run.checkKeeper(run.people[2])
      #expect(run.world.faults == [])
      run.checkKeeper(run.people[0])
      #expect(run.world.faults.contains { $0.contains("host 0, a keeper, was given the key of") })
      let words = Array("..everyone 1..".utf8)
      let path = DiskPath(names: ["words"])
      #expect(throws: Never.self) { try run.people[2].host.disk.replace(path, with: words.span) }
      run.checkKeeper(run.people[2])
    }
    let told = try #require(run.world.faults.last)
    #expect(told.hasPrefix("host 2, a keeper, has a word of everyone"))
  }

  @Test func `a head that is announced and not held`() throws {
    let run = said.office { run in
      guard let speaker = device(0, run), let entry = said.say(in: "everyone", run),
        let known = run.world.audit.book.entries[entry]?.entry
      else { return }
      var chance = SeededGenerator(seed: 2)
      run.takeOver(&chance)
      guard let liar = run.world.hosts.compactMap(\.liar).first else { return }
      func head(_ seq: Int) -> FrontierItem {
        FrontierItem(
          feed: FeedID(Bytes16(known.feed.high, known.feed.low)), branch: BranchID(Bytes16()),
          seq: UInt32(seq), prefix: Bytes16(known.id.first.high, known.id.first.low))
      }
      liar.hold([head(known.seq)], against: speaker)
      #expect(run.world.faults == [])
      liar.hold([head(known.seq + 1)], against: speaker)
    }
    #expect(try #require(run.world.faults.first).hasSuffix("which it never held"))
  }

  @Test func `a copy and what its original held that never wrote`() {
    var isShown: Bool?
    _ = said.office { run in
      let audit = run.world.audit
      guard let writer = device(1, run) else { return }
      #expect(audit.device(of: 2) == nil)
      let ways = [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] }
      run.world.blocked = Set(ways)
      guard let entry = said.say(in: "everyone", run) else { return }
      run.world.run(for: .seconds(5))
      #expect(audit.isHeld(entry, at: 2))
      #expect(audit.wasHeld(entry, by: writer) == false)
      audit.copy(to: 1, from: 2)
      isShown = audit.wasHeld(entry, by: writer)
    }
    #expect(isShown == true)
  }

  @Test func `a message that is said to be where it never was`() throws {
    let run = said.office { run in
      let other = device(1, run)
      run.world.blocked = Set(
        [0, 2].flatMap { [World.Path(from: $0, to: 1), World.Path(from: 1, to: $0)] })
      guard let other, let entry = said.say(in: "everyone", run),
        let id = HexIdentifier(bytes: entry.bytes),
        case .delivery(let told)? = run.answer(
          of: run.people[0], to: .delivery(DeliveryCall(entry: "\(id)")), "where it is")
      else { return }
      run.checkTicks(told)
      #expect(run.world.faults == [])
      let wrong = told.devices.map { one in
        DeviceDelivery(
          device: one.device, member: one.member, keeper: one.keeper,
          holds: one.holds || one.device.id.bytes == other.bytes, seen: one.seen)
      }
      run.checkTicks(
        DeliveryCall.Answer(
          entry: told.entry, group: told.group, state: told.state, devices: wrong))
    }
    #expect(try #require(run.world.faults.first).hasSuffix("where it never was"))
  }
}
