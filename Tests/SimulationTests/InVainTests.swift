import Control
import Platform
import Storage
import TestSupport
import Testing

@testable import Simulation

/// Whom the office may not know any more because of who let them in, and whom not.
@Suite struct InVainTests {
  private let said = SaidInOffice()

  /// How the founder takes from P1 the right to let anybody in.
  enum Taking: CaseIterable { case member, device, rank }

  private func take(_ taking: Taking, _ run: OfficeRun) {
    let device = run.world.audit.device(of: 1).map(OfficeRun.typed) ?? ""
    let request: ControlRequest =
      switch taking {
      case .member: .memberRemove(MemberRemoveCall(member: "@P1", look: nil))
      case .device: .deviceRemove(DeviceRemoveCall(device: device, look: nil))
      case .rank: .memberRank(MemberRankCall(member: "@P1", rank: .member))
      }
    _ = run.answer(of: run.people[0], to: request, "take")
    run.world.run(for: .seconds(5))
  }

  private func makeAdmin(_ number: Int, _ run: OfficeRun) {
    let call = MemberRankCall(member: "@P\(number)", rank: .admin)
    _ = run.answer(of: run.people[0], to: .memberRank(call), "a rank")
    run.world.run(for: .seconds(5))
  }

  /// Somebody makes itself the one owner of the office.
  private func recover(by number: Int, _ run: OfficeRun) {
    let call = RecoveryUseCall(line: run.recoveryLine, owners: ["@P\(number)"])
    _ = run.answer(of: run.people[number], to: .recoveryUse(call), "recover")
    (run.people[0].rank, run.people[number].rank) = (.member, .owner)
  }

  /// The admin P1 lets P3 in, of which the others hear or not.
  private func letIn(heard isHeard: Bool, _ run: OfficeRun) {
    makeAdmin(1, run)
    if !isHeard { run.world.blocked = .ways([1, 3], [0, 2]) }
    run.invite(by: run.people[1])
    run.world.run(for: .seconds(30))
    #expect(run.standing(of: run.people[3]) == .ready)
  }

  private func isInVain(_ number: Int, _ run: OfficeRun) -> Bool {
    guard let certificate = run.certificate(at: run.people[number].host) else {
      Issue.record("nothing let it in")
      return false
    }
    return run.world.audit.book.mayBeInVain(certificate: certificate, without: run.givenUp)
  }

  private func isMemberInVain(_ number: Int, _ run: OfficeRun) -> Bool? {
    let (book, certificate) = (run.world.audit.book, run.certificate(at: run.people[number].host))
    let member = book.certificates.first { $0.entry == certificate }?.member
    return member.map { book.mayBeLetInInVain(member: $0, without: run.givenUp) }
  }

  @Test(arguments: Taking.allCases, [false, true])
  func `whom somebody let in who lost the right to may be in vain if neither knew of the other`(
    taking: Taking, isHeard: Bool
  ) {
    let run = said.office { run in
      letIn(heard: isHeard, run)
      #expect(!isInVain(3, run))
      take(taking, run)
      #expect(isInVain(3, run) == !isHeard && isMemberInVain(3, run) == !isHeard)
      run.world.blocked = []
    }
    #expect(run.world.faults == [])
  }

  @Test(arguments: [false, true])
  func `who was made an admin in vain lets others in in vain`(isHeard: Bool) {
    let run = said.office([.recover]) { run in
      if !isHeard { run.world.blocked = .ways([1], [0, 2, 3]) }
      makeAdmin(2, run)
      run.invite(by: run.people[2])
      run.world.run(for: .seconds(30))
      #expect(run.standing(of: run.people[3]) == .ready && !isInVain(3, run))
      recover(by: 1, run)
      #expect(isInVain(3, run) == !isHeard)
      run.world.blocked = []
    }
    #expect(run.world.faults == [])
  }

  /// P1 makes itself the owner after P2 has done so, whose list is the last in canonical order.
  @Test func `who owns the office by a list beside the one in force lets others in in vain`() {
    let run = said.office([.recover]) { run in
      run.world.blocked = .ways([1, 3], [0, 2])
      for _ in 0..<2 {
        makeAdmin(2, run)
        let call = MemberRankCall(member: "@P2", rank: .member)
        _ = run.answer(of: run.people[0], to: .memberRank(call), "a rank")
        run.world.run(for: .seconds(5))
      }
      recover(by: 2, run)
      recover(by: 1, run)
      run.people[1].rank = .member
      run.invite(by: run.people[1])
      run.world.run(for: .seconds(30))
      #expect(run.standing(of: run.people[3]) == .ready && isInVain(3, run))
      run.world.blocked = []
    }
    #expect(run.world.faults == [])
  }

  /// P1, who has no say, lets P3 in by a ticket of the founder, of which everybody knows, and the admin P2
  /// removes P1.
  @Test(arguments: [false, true])
  func `whoever lies may cut off what they know of`(lies: Bool) {
    let run = said.office { run in
      makeAdmin(2, run)
      _ = said.say(in: "everyone", by: 2, run)
      run.world.blocked = .ways([3], [0, 2])
      run.invite(by: run.people[0])
      run.world.run(for: .seconds(90))
      let book = run.world.audit.book
      #expect(run.standing(of: run.people[3]) == .ready && !isInVain(3, run))
      if lies, let device = run.world.audit.device(of: 2) { book.liars.insert(device) }
      let remove = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: run.people[2], to: .memberRemove(remove), "remove")
      #expect(isInVain(3, run) == lies)
      run.isOver = true
    }
    #expect(run.world.faults == [])
  }

  /// P1 lets in a computer of its own, and the founder removes the one that did so.
  @Test(arguments: [false, true])
  func `a further computer hangs on the one that let it in`(isHeard: Bool) {
    let run = said.office { run in
      if !isHeard { run.world.blocked = .ways([1, 3], [0, 2]) }
      said.letInFurther(of: run.people[1], run)
      #expect(!isInVain(3, run))
      take(.device, run)
      #expect(isInVain(3, run) == !isHeard && isMemberInVain(3, run) == false)
      run.isOver = true
    }
    #expect(run.world.faults == [])
  }

  @Test func `a certificate that nobody has any more is no reason unless it is excused`() {
    let run = said.office { run in
      let book = run.world.audit.book
      for person in run.people { person.isIn = false }
      #expect(!isInVain(2, run))
      let certificate = run.certificate(at: run.people[2].host)
      let device = book.certificates.first { $0.entry == certificate }?.device
      run.ledger.excuse(Set(book.certificates.filter { $0.device == device }.map(\.entry)))
      #expect(isInVain(2, run))
      for person in run.people { person.isIn = true }
      #expect(!isInVain(2, run))
      run.isOver = true
    }
    #expect(run.world.faults == [])
  }

  /// P3 was let in by somebody without the right to; as if the founder had let it in like P2.
  @Test func `a computer that the office does not know is a fault unless it was let in in vain`() {
    let run = said.office { run in
      letIn(heard: false, run)
      take(.rank, run)
      run.world.blocked = []
      run.world.run(for: .seconds(120))
      #expect(run.standing(of: run.people[3]) == .joining && isInVain(3, run))
      let disks = [2, 3].map { run.world.hosts[$0].disk }
      do {
        let both = try disks.map { try #require(try HomeMembership.read($0)) }
        let other = HomeMembership(
          office: both[1].office, member: both[1].member, certificate: both[0].certificate,
          sharedKey: both[1].sharedKey)
        try disks[1].replace(
          HomeFile.office.path, with: HomeFile.office.encode(other.encode()).span)
      } catch {
        Issue.record(error)
      }
    }
    #expect(run.world.faults == ["the office has forgotten the device of host 3"])
  }
}
