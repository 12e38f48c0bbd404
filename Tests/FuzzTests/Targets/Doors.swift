import Cryptography
import Format
import Platform
import TestSupport

@testable import Transport

/// A stranger's visit at an open door, from the end of the handshake on: both sides with their links and
/// their turns, and whatever else either may say.
enum Doors {
  static let target = FuzzTarget(
    name: "door", kind: .sequence,
    abstract:
      "digits are shown after the turns of H-13 alone, and alike where nobody lied; all else ends"
      + " the visit", reaches: ["Transport", "Format"], sizeMax: 512, seeds: { seeds() },
    run: { try run($0) })

  private static let messages = Vector.of("message").compactMap { vector -> Message? in
    guard vector.bytes.count >= Message.headSize else { return nil }
    let content = Array(vector.bytes.dropFirst(Message.headSize))
    return try? Message.decode(kind: vector.bytes[0], content)
  }

  private static func seeds() -> [[UInt8]] {
    let visit: [UInt8] = [0, 1]
    var seeds: [[UInt8]] = [
      visit, visit + [7, 0, 3, 1, 2, 3], visit + [7, 1, 0, 1, 7, 0, 0], [7, 0, 0], [7, 3, 0, 0],
      [1, 0, 7, 2, 0, 1], visit + [0, 1], [2, 1, 3, 3, 66, 101, 110, 1, 97, 3, 3],
      [2, 0, 3, 3, 66, 101, 110, 1, 97, 3, 3], visit + [10, 255, 10, 255],
      visit + [12, 10, 99, 7, 0],
      [0, 3, 0], [0, 11, 0], visit + [11, 1], [6, 2, 0, 17, 0, 1],
    ]
    for number in messages.indices.prefix(250) {
      let number = UInt8(number)
      seeds += [
        [4, number], visit + [4, number], [8, number], [0, 8, number], visit + [8, number],
      ]
    }
    // What both sides say in the vectors, as the one says it and as the other does.
    for vector in Vector.of("visit") where vector.bytes.count < 256 {
      for kind in [5, 9] as [UInt8] {
        seeds.append([kind, UInt8(vector.bytes.count)] + vector.bytes)
      }
    }
    return seeds
  }

  static func run(_ input: [UInt8]) throws {
    try SeededRandomness.from(9) {
      let scene = try Scene()
      var choices = Choices(input)
      while !choices.isOver {
        try scene.step(&choices)
        try scene.settle()
      }
      try scene.judge()
    }
  }

  /// One end of the link, and what it heard.
  private final class Side {
    var machine: LinkMachine
    var up: LinkUp?
    var heard: [Message] = []
    var isDown = false
    /// Which of the messages broke a rule of the visit.
    var brokenAt: Int?
    var digits: SixDigits?
    /// Whether it said nothing but what its side of the visit gave it to say.
    var isTrue = true

    init(_ machine: consuming LinkMachine) { self.machine = machine }

    func hear(_ bytes: [UInt8], at now: Moment) {
      var scrap = bytes
      machine.received(&scrap, count: bytes.count, at: now)
    }

    /// A frame with any content, sealed with the link's own key.
    func sealed(_ plain: [UInt8]) throws -> [UInt8] {
      let length = plain.count + FrameLayout.tagSize
      var frame = [UInt8(length >> 8), UInt8(length & 255)] + plain
      frame += [UInt8](repeating: 0, count: FrameLayout.tagSize)
      var span = frame.mutableSpan
      _ = try machine.session?.sending.seal(
        in: &span, at: FrameLayout.headSize, count: plain.count)
      return frame
    }
  }

  private final class Scene {
    private let newcomer: Side
    private let sponsor: Side
    private var visit: DoorVisit
    private var knock: Knock
    private let terms: DoorTerms
    private var opening: Message?
    private var now = Moment(nanoseconds: 0)
    /// How many messages the newcomer had heard when it knocked.
    private var knockedAfter: Int?
    /// How many messages the sponsor had heard when it answered for good.
    private var answeredAfter: Int?
    private var answers: [Message.DoorAnswer] = []

    private static let nonces = (newcomer: Bytes32(repeating: 1), sponsor: Bytes32(repeating: 2))
    private static let names = ["Werk", "Anna", "Ben", "pc"].compactMap { try? Name($0) }

    init() throws {
      let keys = (newcomer: DoorKey(NoiseKey()), sponsor: DoorKey(NoiseKey()))
      let hello = LinkHello(bootNonce: BootNonce(Bytes16()), wallMilliseconds: 1, port: 2)
      let (a, b) = (
        Side(LinkMachine(knockingWith: keys.newcomer, at: now)),
        Side(
          LinkMachine(answeringFor: [Handshakes.ben], door: keys.sponsor, hello: hello, at: now))
      )
      for _ in 0..<3 {
        b.hear(a.machine.takeOutput(), at: now)
        a.hear(b.machine.takeOutput(), at: now)
      }
      guard case .up(let toSponsor)? = a.machine.nextEvent(),
        case .up(let toNewcomer)? = b.machine.nextEvent()
      else { throw Found("a handshake that nobody disturbs does not end") }
      (newcomer, sponsor) = (a, b)
      knock = Knock(toSponsor, key: keys.newcomer.identity, nonce: Self.nonces.newcomer)
      visit = DoorVisit(toNewcomer, key: keys.sponsor.identity, nonce: Self.nonces.sponsor)
      terms = DoorTerms(
        handshake: toNewcomer.handshakeHash, newcomer: toNewcomer.remoteKey,
        sponsor: keys.sponsor.identity)
      _ = b.machine.send(.door(office: Self.names[0], sponsor: Self.names[1], member: nil))
      try settle()
    }

    // MARK: What happens

    func step(_ choices: inout Choices) throws {
      switch choices.below(13) {
      case 0:
        if let said = knock.knock(person: Self.names[2], device: Self.names[3]) {
          knockedAfter = newcomer.heard.count
          _ = newcomer.machine.send(said)
        }
      case 1:
        if let said = opening { _ = newcomer.machine.send(said) }
        opening = nil
      case 2:
        let share = Bytes32(repeating: choices.byte())
        let names = (try? Name(choices.piece()), try? Name(choices.piece()))
        let knock = Message.knock(
          commitment: share.array[0] & 1 == 0 ? share : terms.commitment(to: share),
          person: names.0 ?? Self.names[2], device: names.1 ?? Self.names[3])
        try lie(newcomer, knock)
      case 3: try lie(newcomer, .opening(Bytes32(repeating: choices.byte())))
      case 4: if let any = choices.one(of: messages) { try lie(newcomer, any) }
      case 5: try seal(newcomer, choices.piece())
      case 6: raw(to: sponsor, from: newcomer, choices.piece())
      case 7: answer(&choices)
      case 8: if let any = choices.one(of: messages) { try lie(sponsor, any) }
      case 9: try seal(sponsor, choices.piece())
      case 10:
        now = now + .milliseconds(2_500 * Int(choices.byte()))
        newcomer.machine.tick(at: now)
        sponsor.machine.tick(at: now)
      case 11:
        choices.byte() & 1 == 0 ? newcomer.machine.close(.done) : sponsor.machine.close(.notNow)
      default: sponsor.machine.hold(until: now + .seconds(600))
      }
    }

    private func answer(_ choices: inout Choices) {
      guard let answer = Message.DoorAnswer(rawValue: choices.byte() & 3), answeredAfter == nil
      else { return }
      // A yes means the digits, and gives a ticket; whoever is told no is listened to no more.
      if answer == .admitted, sponsor.digits == nil { return }
      let ticket = answer == .admitted ? choices.piece() : []
      _ = sponsor.machine.send(.doorAnswer(answer, ticket: ticket))
      visit.isSentAway = true
      answeredAfter = sponsor.heard.count
    }

    private func lie(_ side: Side, _ message: Message) throws {
      side.isTrue = false
      _ = side.machine.send(message)
    }

    private func seal(_ side: Side, _ plain: [UInt8]) throws {
      guard side.machine.isUp else { return }
      raw(to: side === newcomer ? sponsor : newcomer, from: side, try side.sealed(plain))
    }

    private func raw(to side: Side, from other: Side, _ bytes: [UInt8]) {
      other.isTrue = false
      side.hear(bytes, at: now)
    }

    /// Carries what is said, and lets both sides hear it, until nobody says more.
    func settle() throws {
      var isNews = true
      while isNews {
        sponsor.hear(newcomer.machine.takeOutput(), at: now)
        newcomer.hear(sponsor.machine.takeOutput(), at: now)
        let heard = (sponsor.heard.count, newcomer.heard.count)
        try look(sponsor) { try takeAtDoor($0) }
        try look(newcomer) { try takeOutside($0) }
        isNews = (sponsor.heard.count, newcomer.heard.count) != heard
      }
    }

    private func look(_ side: Side, _ take: (Message) throws -> Void) throws {
      while let event = side.machine.nextEvent() {
        try need(!side.isDown, "a link that is over tells more")
        switch event {
        case .up: throw Found("a link comes up twice")
        case .message(let message):
          // As in the node: a violation ends the link, and with it the visit.
          if side.brokenAt == nil { try take(message) }
          side.heard.append(message)
        case .answered: break
        case .down: side.isDown = true
        }
      }
    }

    private func takeAtDoor(_ message: Message) throws {
      if visit.isSentAway { return }
      let step: DoorVisit.Step
      do throws(DecodeError) {
        step = try visit.take(message)
      } catch {
        try need(error.rule == .h13 || error.rule == .h14, "a visit breaks \(error.rule)")
        sponsor.brokenAt = sponsor.heard.count
        return sponsor.machine.close(.violation)
      }
      switch step {
      case .knocked(let nonce):
        try need(
          nonce == .doorNonce(Scene.nonces.sponsor), "a knock is answered with another nonce")
        _ = sponsor.machine.send(nonce)
      case .compares(let digits):
        try need(sponsor.digits == nil, "a sponsor is shown digits twice")
        sponsor.digits = digits
        sponsor.machine.hold(until: now + .seconds(600))
      }
    }

    private func takeOutside(_ message: Message) throws {
      do throws(DecodeError) {
        switch try knock.take(message) {
        case .door: break
        case .compares(let digits, let opening):
          newcomer.digits = digits
          self.opening = opening
        case .answered(let answer, _): answers.append(answer)
        }
      } catch {
        newcomer.brokenAt = newcomer.heard.count
        newcomer.machine.close(.violation)
      }
    }

    // MARK: What must be

    func judge() throws(Found) {
      try judgeSponsor()
      try judgeNewcomer()
      guard newcomer.isTrue, sponsor.isTrue else { return }
      try need(
        newcomer.brokenAt == nil && sponsor.brokenAt == nil, "a visit ends that broke no rule")
      if let shown = sponsor.digits {
        try need(shown == newcomer.digits, "two to whom nobody lied are shown different digits")
      }
    }

    /// What the sponsor heard before it answered is a knock and what that committed to, or breaks a rule.
    private func judgeSponsor() throws(Found) {
      let heard = sponsor.heard.prefix(answeredAfter ?? .max)
      var (right, who) = (0, DoorVisit.Newcomer?.none)
      var digits: SixDigits?
      if case .knock(let commitment, let person, let device)? = heard.first {
        (right, who) = (1, DoorVisit.Newcomer(person: person, device: device))
        if case .opening(let share)? = heard.dropFirst().first,
          terms.commitment(to: share) == commitment
        {
          right = 2
          digits = terms.digits(newcomer: share, sponsor: Scene.nonces.sponsor)
        }
      }
      try need(
        sponsor.brokenAt == (heard.count > right ? right : nil), "a turn is judged otherwise")
      try need(visit.who == who && visit.knowsNonce == (who != nil), "another one knocked")
      try need(sponsor.digits == digits, "a sponsor is shown other digits")
    }

    /// The newcomer sees digits after the door, its own knock and a nonce, and hears a yes only then.
    private func judgeNewcomer() throws(Found) {
      let heard = newcomer.heard
      var digits: SixDigits?
      if case .door? = heard.first, knockedAfter == 1, heard.count > 1,
        case .doorNonce(let share) = heard[1]
      {
        digits = terms.digits(newcomer: Scene.nonces.newcomer, sponsor: share)
      }
      try need(newcomer.digits == digits, "a newcomer is shown other digits")
      try need(answers.count <= 1, "a newcomer is answered twice")
      try need(answers.first != .admitted || digits != nil, "a yes came before the digits")
    }
  }
}
