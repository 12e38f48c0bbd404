import Control
import Format
import Platform
import TestSupport

@testable import Simulation

/// Starts a node from what a power cut left of its disks, and says what is wrong with it.
final class NodeCheck {
  private let story: NodeStory
  private let place: Int
  private let world: World
  private let host: Host

  /// At a place of the story's tape.
  init(_ story: NodeStory, place: Int) {
    (self.story, self.place) = (story, place)
    world = World(seed: UInt64(place) &+ 1_000_000, keepsTrace: false)
    // The numbers of hosts tell computers apart.
    for _ in 0..<story.host.number { _ = world.addHost() }
    host = world.addHost()
  }

  /// Starts, looks, goes on, and starts once more after another power cut. Nil where all is well.
  func look(at images: [DiskImage]) -> String? {
    // What others know is what must not be contradicted.
    for entry in story.known(at: place) {
      if let wrong = world.audit.book.take(entry, isOwn: false) { return wrong }
    }
    host.clock.setWrong(by: 86_400_000)
    let states = story.recorder.states.enumerated().map { ($1, MemoryDisk(images[$0 + 1])) }
    host.begin(
      with: MemoryDisk(images[0]), states: Dictionary(uniqueKeysWithValues: states))
    var wrong: String?
    SeededRandomness.from(world.seed) {
      world.hearingLogs { wrong = live() }
    }
    return world.faults.first ?? wrong
  }

  private func live() -> String? {
    defer {
      host.kill()
      world.forgetAgenda()
    }
    host.start()
    if let wrong = standsAsItMust() { return wrong }
    let (wrong, said) = goesOn()
    if let wrong { return wrong }
    let held = world.audit.held(at: host.number)
    host.losePower()
    host.start()
    guard host.isRunning else { return "a second start fails: \(host.refusal ?? "")" }
    world.run(for: .seconds(5))
    guard held.isSubset(of: world.audit.held(at: host.number)) else {
      return "a second start has lost entries"
    }
    return said.flatMap { shows([$0]) }
  }

  /// What was so before the power cut.
  private func standsAsItMust() -> String? {
    guard host.isRunning else { return "it does not start: \(host.refusal ?? "")" }
    world.run(for: .seconds(1))
    let lost = story.mustHold(at: place).subtracting(world.audit.held(at: host.number))
    if let entry = lost.sorted().first, let known = story.world.audit.book.entries[entry]?.entry {
      return "\(known.feed.text):\(known.seq) was durable and is lost"
    }
    guard let standing else { return "it does not say where it stands" }
    if let word = story.standing(at: place), word != standing {
      return "it stands at \(standing), which was \(word)"
    }
    guard standing == .ready else { return nil }
    return shows(story.mustShow(at: place).map(\.text))
  }

  /// A node does what its standing allows: it writes, or belongs to an office again.
  private func goesOn() -> (wrong: String?, said: String?) {
    // A node asks the others first, and ends what it began.
    world.run(for: .seconds(12))
    guard let standing else { return ("it does not say where it stands", nil) }
    switch standing {
    case .ready: break
    // Nobody is there who could let it in.
    case .joining: return (nil, nil)
    case .removed:
      guard ask(.officeAside(OfficeAsideCall())) != nil else { return (refusal, nil) }
      fallthrough
    case .noOffice:
      // Set aside now, or by the start, which ended what the power cut broke off.
      world.audit.forgive(host.number)
      let call = OfficeNewCall(office: "Neu", name: "Carl", device: "c")
      guard ask(.officeNew(call)) != nil else { return (refusal, nil) }
    }
    let text = "after it"
    guard case .send(let sent)? = ask(.send(.init(to: "everyone", text: text, id: nil))) else {
      // Whoever was about to join may lack the group yet, which nobody is there to give it.
      let isJoining = story.part == .joiner && story.standing(at: place) == nil
      return (isJoining && lacksEveryone ? nil : refusal, nil)
    }
    if !world.isHeld(sent.entry, at: host) { return ("what was written is not durable", nil) }
    return (shows([text]), text)
  }

  private var lacksEveryone: Bool {
    guard case .groupList(let list)? = ask(.groupList(GroupListCall())) else { return false }
    return !list.groups.contains { $0.title == "everyone" }
  }

  private var standing: StandingWord? {
    guard case .officeStatus(let status)? = ask(.officeStatus(OfficeStatusCall())) else {
      return nil
    }
    return status.standing
  }

  /// Each text is shown once in "everyone".
  private func shows(_ texts: [String]) -> String? {
    guard !texts.isEmpty else { return nil }
    let call = ReadCall(group: "everyone", limit: 1_000, sinceMs: nil, untilMs: nil, before: nil)
    guard case .read(let page)? = ask(.read(call)) else { return refusal }
    let shown = page.messages.compactMap(\.text)
    for text in texts where shown.count(where: { $0 == text }) != 1 {
      return "\"\(text.prefix(20))\" is shown \(shown.count { $0 == text }) times"
    }
    return nil
  }

  /// Why the last request was refused.
  private var refusal: String?

  private func ask(_ request: ControlRequest) -> ControlResult? {
    var outcome: Result<ControlResult, ControlError>?
    host.ask(request) { outcome = $0 }
    _ = world.run(atMost: .seconds(60)) { outcome != nil }
    switch outcome {
    case .success(let result)?: return result
    case .failure(let error)?: refusal = "\(request.method) is refused: \(error.message)"
    case nil: refusal = "\(request.method) is not answered"
    }
    return nil
  }
}
