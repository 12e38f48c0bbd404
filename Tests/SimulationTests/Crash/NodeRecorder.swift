import Platform
import TestSupport

@testable import Simulation

/// Writes down what a node does to its data directory and its state directories, and lets calls of these and
/// of its runtime directories fail. What lies in those no restart finds: it is on no tape.
final class NodeRecorder {
  /// One of the disks of a node; the directories of devices are numbered in the order of their coming.
  enum Place: Hashable, CustomStringConvertible {
    case data
    case state(Int)
    case runtime(Int)

    var description: String {
      switch self {
      case .data: "data directory"
      case .state(let number): "state directory \(number)"
      case .runtime(let number): "runtime directory \(number)"
      }
    }
  }

  let tape = DiskTape()
  private(set) var disks: [(place: Place, disk: RecordingDisk)] = []
  private(set) var states: [String] = []
  private var kept: [ObjectIdentifier: RecordingDisk] = [:]
  private let earlier: [DiskImage]

  /// Of a host that has not begun, whose disks hold this by now.
  init(_ host: Host, before: [DiskImage] = [], states: [String] = []) {
    (earlier, self.states) = (before, states)
    host.border = { [unowned self] disk, place in border(disk, place) }
  }

  private func border(_ disk: MemoryDisk, _ which: Host.Place) -> RecordingDisk {
    if let known = kept[ObjectIdentifier(disk)] { return known }
    let (place, number, tape) =
      switch which {
      case .data: (Place.data, 0, tape)
      case .state(let name): (Place.state(self.number(name)), 1 + self.number(name), tape)
      case .runtime(let name): (Place.runtime(self.number(name)), 0, DiskTape())
      }
    let recording = RecordingDisk(disk, number: number, tape: tape)
    kept[ObjectIdentifier(disk)] = recording
    disks.append((place, recording))
    if let fault, fault.place == place { recording.fail(fault.fault) }
    return recording
  }

  private func number(_ name: String) -> Int {
    if !states.contains(name) { states.append(name) }
    return states.firstIndex(of: name) ?? 0
  }

  /// Every disk that the node has had.
  var places: [Place] { [.data] + states.indices.flatMap { [.state($0), .runtime($0)] } }

  /// What fails from now on, on which of the disks.
  private var fault: (fault: CallFault, place: Place)?

  /// Lets calls of one disk fail from now on.
  func fail(_ fault: CallFault, on place: Place) {
    self.fault = (fault, place)
    for one in disks where one.place == place { one.disk.fail(fault) }
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
  func calls(of place: Place) -> [DiskError.Operation: Int] {
    disks.filter { $0.place == place }.reduce(into: [:]) { calls, one in
      calls.merge(one.disk.calls) { $0 + $1 }
    }
  }
}
