import Control
import Format

/// What a node knows of its office and shows of it at one moment.
struct Picture {
  /// Each with what is said of it.
  var members: Set<[String]> = []
  var devices: Set<[String]> = []
  /// Each with its title, whether it is gone, and its members.
  var groups: [HexIdentifier: Set<String>] = [:]
  /// By the group what was said there last, in its order.
  var shown: [HexIdentifier: [Line]] = [:]
  /// Groups of which more was said than fits into one answer.
  private var parts: Set<HexIdentifier> = []

  struct Line: Equatable {
    let entry: HexIdentifier
    let device: HexIdentifier
    let text: String?
    let isLate: Bool
  }

  /// Nil where somebody does not answer at once.
  init?(asking ask: (ControlRequest) -> ControlResult?) {
    guard
      case .memberList(let members)? = ask(.memberList(MemberListCall(removed: true))),
      case .deviceList(let devices)? = ask(
        .deviceList(DeviceListCall(member: nil, removed: true))),
      case .groupList(let groups)? = ask(.groupList(GroupListCall()))
    else { return nil }
    for member in members.members {
      self.members.insert(
        ["\(member.id)", member.name, member.rank.rawValue, member.removed ? "removed" : ""])
    }
    for device in devices.devices {
      // Whether it is linked is another thing at each moment.
      let isLeftOut = [.suspended, .removed].contains(device.state)
      self.devices.insert(
        ["\(device.id)", "\(device.member.id)", isLeftOut ? device.state.rawValue : ""])
    }
    for group in groups.groups {
      self.groups[group.id] = Set(
        group.members.map { "\($0.id)" } + ["\(group.title ?? "")", "gone: \(group.gone != nil)"])
      let call = ReadCall(
        group: "id:\(group.id)", limit: 1_000, sinceMs: nil, untilMs: nil, before: nil)
      guard case .read(let page)? = ask(.read(call)) else { continue }
      if page.more { parts.insert(group.id) }
      shown[group.id] = page.messages.map {
        Line(entry: $0.entry, device: $0.device.id, text: $0.text, isLate: $0.late)
      }
    }
  }

  /// Of what another one says something else.
  func difference(from other: Picture) -> String? {
    if members != other.members { return "members" }
    if devices != other.devices { return "devices" }
    if groups != other.groups { return "groups" }
    for (group, lines) in shown.sorted(by: { $0.key < $1.key }) {
      guard let others = other.shown[group] else { return "groups to read" }
      // How many of the last ones fit into an answer depends on what is said of each at the moment.
      let isPart = parts.contains(group) && other.parts.contains(group)
      let count = isPart ? min(lines.count, others.count) : .max
      if lines.suffix(count) == others.suffix(count) { continue }
      return "messages of group \(group.text.prefix(8))"
    }
    return shown.count == other.shown.count ? nil : "groups to read"
  }
}
