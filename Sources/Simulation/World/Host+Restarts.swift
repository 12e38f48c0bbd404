import Control
import Daemon
import TestSupport

/// What a node worked out step by step it works out anew at a start, from what lies on its disk alone.
extension Host {
  /// What a node knew when it was stopped, and what lay on its disk then.
  struct Before {
    let disk: MemoryDisk
    let heldCount: Int
    var picture: Picture
  }

  /// What a node answers at once. It is asked beside what happens in the world, which goes on as if it were
  /// not; nil where none runs, or it has no answer.
  func peek(_ request: ControlRequest) -> ControlResult? {
    var result: ControlResult?
    world.acting(as: number) {
      node?.ask(RequestLine(id: .number(1), request: request)) { outcome in
        if case .success(let answer) = outcome { result = answer }
      }
    }
    return result
  }

  /// What the node knows, before it stops; nil where a start may find something else on the disk: what is
  /// durable, but the node has not heard so yet, or was told by a flush that failed that it is not.
  func remembered() -> Before? {
    if world.audit.isRotten(number) || isStirred || isDiskDistrusted { return nil }
    let held = heldCount
    return Picture(asking: peek).map { Before(disk: disk, heldCount: held, picture: $0) }
  }

  /// Where nothing came to the log since, a node that was started knows what it knew before, and shows the
  /// same (study 3: 18).
  func compare(with before: Before) {
    guard before.disk === disk, !world.audit.isRotten(number), before.heldCount == heldCount,
      let picture = Picture(asking: peek)
    else { return }
    world.comparedStarts += 1
    if let what = before.picture.difference(from: picture) {
      world.fail("host \(number) was started again, and knows other \(what) than before")
    }
  }

  private var heldCount: Int {
    if hasNewLog { world.look(at: self) }
    return world.audit.held(at: number).count
  }
}

/// People.
extension Host {
  /// What a person at this host asks of the node; not asked where none runs.
  func ask(_ request: ControlRequest, _ answer: @escaping Answer) {
    guard let node else { return }
    world.acting(as: number) { node.ask(RequestLine(id: .number(1), request: request), answer) }
    stir()
  }
}
