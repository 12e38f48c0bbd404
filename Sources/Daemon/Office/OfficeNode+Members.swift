import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension OfficeNode {
  func memberInfo(_ member: RosterMember) -> MemberInfo {
    // Whoever is out has no rank, but was a box or a person.
    let rank = rankWord(member.rank)
    return MemberInfo(
      id: identifier(member.id.bytes.array), name: memberName(member.id),
      rank: member.isRemoved && rank != .box ? .member : rank, own: member.id == replica.member,
      removed: member.isRemoved, devices: member.devices.count,
      seen: member.devices.compactMap { lastSeen($0.key) }.max(),
      left: member.isRemoved && outTaker(member.id) == member.id ? true : nil)
  }

  func deviceInfo(_ device: RosterDevice) -> DeviceInfo {
    let state: DeviceStateWord =
      if !device.isLive {
        .removed
      } else if device.isSuspended || replica.hasFork(of: device.key) {
        .suspended
      } else if device.key == replica.secrets.device {
        .own
      } else {
        replica.isLinked(device.key) ? .linked : .away
      }
    return DeviceInfo(
      id: identifier(device.key.bytes.array), name: deviceName(device.key),
      member: memberRef(device.member), keeper: device.isKeeper, state: state,
      seen: lastSeen(device.key))
  }

  func memberList(_ call: MemberListCall) -> MemberListCall.Answer {
    .init(
      members: replica.rosterNow().members
        .filter { !$0.isRemoved || call.removed ?? false }.map { memberInfo($0) }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) })
  }

  func deviceList(_ call: DeviceListCall) throws(ControlError) -> DeviceListCall.Answer {
    var wanted: MemberID?
    if let text = call.member { wanted = try directory().member(text) }
    return .init(
      devices: replica.rosterNow().devices
        .filter { $0.isLive || call.removed ?? false }
        .filter { wanted == nil || $0.member == wanted }.map { deviceInfo($0) }
        .sorted { ($0.member.name, $0.name, $0.id) < ($1.member.name, $1.name, $1.id) })
  }

  func memberRemove(_ call: MemberRemoveCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let member = try directory().member(call.member)
      guard let before = replica.rosterNow().member(member) else {
        throw ControlError(.noSuchMember, "nobody here is called that", hint: nil)
      }
      if let refusal = refusalAmongOwners(member) { throw refusal }
      let drafts = [
        Draft.control(.remove(.member(member), replica.cuts(of: before.devices.map(\.key))))
      ]
      if call.look ?? false {
        try checkAllowed(drafts, in: office)
        return answer(
          .success(
            .memberRemove(
              .init(member: memberInfo(before), devices: before.devices.map { deviceInfo($0) }))))
      }
      write(office, drafts) { [self] result in
        switch result {
        case .success:
          renewEpochs { [self] in
            let now = replica.rosterNow()
            answer(
              .success(
                .memberRemove(
                  .init(
                    member: memberInfo(now.member(member) ?? before),
                    devices: before.devices.map { deviceInfo(now.device($0.key) ?? $0) }))))
          }
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  func deviceRemove(_ call: DeviceRemoveCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let key = try device(call.device)
      if let owner = replica.rosterNow().device(key)?.member,
        let refusal = refusalAmongOwners(owner, device: key)
      {
        throw refusal
      }
      let drafts = [Draft.control(.remove(.device(key), replica.cuts(of: [key])))]
      if call.look ?? false {
        try checkAllowed(drafts, in: office)
        guard let device = replica.rosterNow().device(key) else {
          throw ControlError(.noSuchDevice, "this device is not known here any more", hint: nil)
        }
        let isOnly = replica.rosterNow().member(device.member)?.devices.map(\.key) == [key]
        return answer(.success(.deviceRemove(.init(device: deviceInfo(device), only: isOnly))))
      }
      write(office, drafts) { [self] result in
        switch result {
        case .success:
          renewEpochs { [self] in
            guard let device = replica.rosterNow().device(key) else { return }
            answer(.success(.deviceRemove(.init(device: deviceInfo(device)))))
          }
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  func nameSet(_ call: NameSetCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      var drafts: [Draft] = []
      if let text = call.name {
        let name = try TypedName.name(text, .person)
        try checkFree(name, for: replica.member)
        drafts.append(.message(.name(request(), .member(replica.member), name)))
      }
      if let text = call.device {
        let name = try TypedName.name(text, .device)
        try checkFree(device: name)
        drafts.append(.message(.name(request(), .device(replica.secrets.device), name)))
      }
      let done = { [self] in
        Result<ControlResult, ControlError>.success(
          .nameSet(
            .init(member: memberRef(replica.member), device: deviceRef(replica.secrets.device))))
      }
      if drafts.isEmpty { return answer(done()) }
      write(office, drafts) { result in
        switch result {
        case .success: answer(done())
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// Names of people are unique in the office, as far as this node knows, also for the eye (C-18).
  func checkFree(_ name: Name, for member: MemberID?) throws(ControlError) {
    guard let other = namesake(of: name, but: member) else { return }
    let taken = memberName(other)
    throw ControlError(
      .nameTaken,
      taken == name.text
        ? "somebody here is called \"\(taken)\" already"
        : "\"\(name.text)\" looks like \"\(taken)\", as somebody here is called",
      hint: "add a second name or a department")
  }

  /// Somebody here, other than that one, whose name looks the same.
  func namesake(of name: Name, but member: MemberID?) -> MemberID? {
    let wanted = likeness(name.text)
    return replica.rosterNow().members.first { other in
      !other.isRemoved && other.id != member
        && replica.name(of: other.id).map { likeness($0.text) == wanted } ?? false
    }?.id
  }

  /// The names of devices likewise, where one is typed; a newcomer's gets a number instead.
  private func checkFree(device name: Name) throws(ControlError) {
    let wanted = likeness(name.text)
    let other = replica.rosterNow().devices.first { device in
      device.isLive && device.key != replica.secrets.device
        && likeness(deviceName(device.key)) == wanted
    }
    guard let other else { return }
    throw ControlError(
      .nameTaken, "a device of \"\(memberName(other.member))\" is called so already",
      hint: "zuruf device list shows them all")
  }
}
