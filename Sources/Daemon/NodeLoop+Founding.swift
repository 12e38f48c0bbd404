import Authority
import Control
import Format
import Platform
import Replication
import Storage

/// What is told of an office once it is there: names, and a group of everyone. That takes several
/// commits, and whatever cuts them off, the rest is done as soon as it can be (C-21).
extension NodeLoop {
  /// Writes down what was asked for, before the office is there: the office, and in the next line the
  /// request.
  func rememberFounding(_ call: OfficeNewCall, of office: GroupID) throws(HomeFault) {
    let line = RequestLine(id: .number(1), request: .officeNew(call)).encoded()
    try home.writeText(Home.founding, Array("\(office)\n".utf8) + line)
  }

  /// Takes up what an earlier start was asked for and did not end.
  func recallFounding() {
    guard var text = try? home.text(Home.founding, limit: 65_536), let office else { return }
    if text.last == 0x0A { text.removeLast() }
    let lines = text.split(separator: 0x0A, maxSplits: 1)
    guard lines.count == 2, let request = try? RequestLine(line: Array(lines[1])),
      case .officeNew(let call) = request.request
    else {
      return log(.warning, "the file \"founding\" is damaged: what the office lacks is not made")
    }
    // Of another one, which came to nothing, nothing is owed.
    guard lines[0].elementsEqual("\(office.office)".utf8) else {
      return forgetFounding()
    }
    founding = .owed(call)
    resumeFounding()
  }

  /// Goes on with what is still to be told of the office that was founded here.
  func resumeFounding() {
    guard case .owed(let call) = founding, let office, office.isReady,
      office.storeState == .writing, let names = try? FoundingNames(call)
    else { return }
    name(office, names) { _ in }
  }

  /// Nothing is owed any more.
  func forgetFounding() {
    founding = .done
    do {
      guard try disk.status(at: Home.founding) != nil else { return }
      try disk.remove(Home.founding)
    } catch {
      log(.warning, "that an office was to be founded is still written down: \(error)")
    }
  }

  /// Tells the names and makes the group, as far as that is not done, and answers when all is.
  func name(_ node: OfficeNode, _ names: FoundingNames, _ answer: @escaping Answer) {
    guard case .owed(let call) = founding else { return }
    founding = .underway
    let done: Answer = { [self] result in
      switch result {
      case .success: forgetFounding()
      case .failure: founding = .owed(call)
      }
      answer(result)
    }
    if node.replica.officeName() != nil { return foundEveryone(node, done) }
    let drafts: [Draft] = [
      .message(.name(node.request(), .office, names.office)),
      .message(.name(node.request(), .member(node.replica.member), names.person)),
      .message(.name(node.request(), .device(node.replica.secrets.device), names.device)),
    ]
    node.write(node.office, drafts) { [self] result in
      if case .failure(let error) = result { return done(.failure(error)) }
      foundEveryone(node, done)
    }
  }

  private func foundEveryone(_ node: OfficeNode, _ answer: @escaping Answer) {
    let body: (Result<GroupID, ControlError>) -> Void = { [self] result in
      answer(
        result.map { group in
          .officeNew(
            .init(
              office: node.officeInfo(), member: node.memberRef(node.replica.member),
              device: node.deviceRef(node.replica.secrets.device),
              everyone: node.groupRef(group), recoveryFile: disk.place + "/recovery.key"))
        })
    }
    if let known = node.everyone { return body(.success(known)) }
    guard let title = try? Name(Directory.Room.everyone) else { return }
    let content = Content.title(node.request(), title: title, purpose: [])
    node.foundGroup(.everyone, pair: nil, [], title: content, then: body)
  }
}

/// How far the founding of an office is.
enum FoundingProgress {
  case done
  /// Asked for, and not ended.
  case owed(OfficeNewCall)
  case underway
}

/// The names that an office begins with.
struct FoundingNames {
  let office: Name
  let person: Name
  let device: Name

  /// Those of a request, if they are names.
  init(_ call: OfficeNewCall) throws(ControlError) {
    office = try TypedName.name(call.office, .office)
    person = try TypedName.name(call.name, .person)
    device = try TypedName.name(call.device, .device)
  }
}
