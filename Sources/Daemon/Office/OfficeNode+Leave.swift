import Authority
import Control
import Format
import Replication

extension OfficeNode {
  /// Takes this device's member out of a group, or tells what would be then.
  func groupLeave(_ call: GroupLeaveCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let group = try directory().group(call.group)
      guard replica.kind(of: group) == .listed else {
        throw ControlError(
          .notAllowed, "\(title(group) ?? "this group") is for everybody in the office",
          hint: "whoever leaves the office leaves it too: zuruf office leave")
      }
      let then = afterLeaving(group)
      if call.look ?? false { return answer(.success(.groupLeave(then))) }
      let cuts = replica.cuts(of: replica.member, in: group)
      write(group, [.control(.groupRemove(replica.member, cuts))]) { [self] result in
        answer(
          result.map { _ in
            .groupLeave(.init(group: groupInfo(group), mayAdd: then.mayAdd, owners: then.owners))
          })
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// The group without this member, and who may add it again.
  private func afterLeaving(_ group: GroupID) -> GroupLeaveCall.Answer {
    let owners = replica.rosterNow().owners
    let rest = (replica.membershipNow(group)?.members ?? []).filter { $0.id != replica.member }
    let mayAdd = rest.filter { $0.grade < .member || owners.contains($0.id) }.map(\.id)
    return .init(
      group: groupInfo(group).without([replica.member], leaver: memberRef(replica.member)),
      mayAdd: mayAdd.map { memberRef($0) }.sorted { ($0.name, $0.id) < ($1.name, $1.id) },
      owners: owners.filter { !mayAdd.contains($0) }.map { memberRef($0) }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) })
  }
}
