import Platform
import TestSupport

@testable import Simulation

/// Writes down what a node does to all of its disks: the data directory and the state directories.
final class NodeRecorder {
  let tape = DiskTape()
  /// The data directory first, then the state directory of each device in the order of their coming.
  private(set) var disks: [(number: Int, disk: RecordingDisk)] = []
  private(set) var states: [String] = []
  private var kept: [ObjectIdentifier: RecordingDisk] = [:]
  private let earlier: [DiskImage]

  /// Of a host that has not begun, whose disks hold this by now.
  init(_ host: Host, before: [DiskImage] = [], states: [String] = []) {
    (earlier, self.states) = (before, states)
    host.border = { [unowned self] disk, state in border(disk, state) }
  }

  private func border(_ disk: MemoryDisk, _ state: String?) -> RecordingDisk {
    if let known = kept[ObjectIdentifier(disk)] { return known }
    var number = 0
    if let state {
      if !states.contains(state) { states.append(state) }
      number = 1 + (states.firstIndex(of: state) ?? 0)
    }
    let recording = RecordingDisk(disk, number: number, tape: tape)
    kept[ObjectIdentifier(disk)] = recording
    disks.append((number, recording))
    if let fault, fault.disk == number { recording.fail(fault.fault) }
    return recording
  }

  /// What fails from now on, on which of the disks.
  private var fault: (fault: CallFault, disk: Int)?

  /// Lets calls of one disk fail from now on.
  func fail(_ fault: CallFault, on disk: Int) {
    self.fault = (fault, disk)
    for (number, recording) in disks where number == disk { recording.fail(fault) }
  }

  /// Nothing fails any more.
  func mend() {
    fault = nil
    for (_, recording) in disks { recording.fail(nil) }
  }

  /// What all disks held before the tape.
  var before: [DiskImage] {
    (0...states.count).map { $0 < earlier.count ? earlier[$0] : DiskImage() }
  }

  /// What all disks hold now.
  var now: [DiskImage] {
    var cut = PowerCut(tape.events, from: before)
    cut.advance(to: tape.count)
    return Leftover.everything.images(of: cut)
  }

  /// How often each kind of call was made of a disk.
  func calls(of disk: Int) -> [DiskError.Operation: Int] {
    disks.filter { $0.number == disk }.reduce(into: [:]) { calls, one in
      calls.merge(one.disk.calls) { $0 + $1 }
    }
  }
}
