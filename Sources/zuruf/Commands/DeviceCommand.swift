import Control
import Platform
import Terminal

/// `zuruf device`: lists and removes devices.
enum DeviceCommand {
  static let description = Command("device", "list and remove devices")
    .verbs(
      [
        Command("list", "list the devices of the office, or of one member")
          .taking(Operand("MEMBER", .optional, "whose devices"))
          .options(.flag("all", "a", "removed ones too")),
        Command("remove", "remove one device from the office, such as a lost one")
          .taking(Operand("DEVICE", .one, "its name, any beginning that only one has"))
          .options(.flag("yes", "y", "do it without a question")),
      ], otherwise: "list")

  static func run(_ session: Session) throws(Failure) {
    if session.invocation.path.last == "remove" {
      try remove(session)
    } else {
      try list(session)
    }
  }

  private static func list(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let devices = try client.ask(
      DeviceListCall(
        member: session.invocation.text("MEMBER"),
        removed: session.invocation.has("all") ? true : nil)
    ).devices
    if session.json {
      for device in devices { try session.printLine("device", device) }
      return
    }
    var table = Table()
    let alike = Alike(devices.filter { $0.state != .removed }.map(\.name))
    for device in devices {
      table.add([
        alike.told(device.name, device.id), device.member.name, device.keeper ? "keeper" : "",
        words(device.state),
        device.seen.map { "seen \(session.ago($0))" } ?? "",
      ])
    }
    try session.print(table.text(indent: 0))
  }

  private static func words(_ state: DeviceStateWord) -> String {
    switch state {
    case .own: "this one"
    case .linked: "linked"
    case .away: "away"
    case .suspended: "copied or restored: it joins anew, in the place of this one"
    case .removed: "removed"
    }
  }

  private static func remove(_ session: Session) throws(Failure) {
    let name = session.invocation.text("DEVICE") ?? ""
    try session.checkCanConfirm()
    var client = try session.connect()
    let look = try client.ask(DeviceRemoveCall(device: name, look: true))
    let found = look.device
    let which = found.state == .own ? "this very device" : "the device"
    let owner = quoted(found.member.name)
    if look.only ?? false {
      session.note(
        "it is the only one of \(owner), who is then out of the office; the way back is a ticket: "
          + "zuruf ticket new --again --for "
          // Somebody else may be called so by then.
          + typedName(found.member.name, id: found.member.id.text, isUnique: false))
    }
    try DeviceInfo.noteLastKeeper(among: [found], &client, session)
    try session.confirm("remove \(which) \(quoted(found.name)) of \(owner) from the office?")
    // The one that the question named, whichever is called so by now.
    let device = try client.ask(
      DeviceRemoveCall(device: "id:\(found.id.text.prefix(32))", look: nil)
    ).device
    try session.show(
      "device", device, "removed \(quoted(device.name)) of \(quoted(device.member.name))\n")
  }
}

extension DeviceInfo {
  /// Says that nobody keeps all messages any more once these are gone, where that is so.
  static func noteLastKeeper(
    among gone: [DeviceInfo], _ client: inout ControlClient, _ session: Session
  ) throws(Failure) {
    guard !session.json, gone.contains(where: \.keeper) else { return }
    let all = try client.ask(DeviceListCall(member: nil, removed: nil)).devices
    let ids = Set(gone.map(\.id))
    guard !all.contains(where: { $0.keeper && !ids.contains($0.id) }) else { return }
    session.note(
      "no other keeper is there: nobody keeps messages for those who are off then; another one: "
        + "zuruf ticket new --box")
  }
}
