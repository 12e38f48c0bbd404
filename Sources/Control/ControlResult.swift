/// What a method answered: the case of the same name as the request's.
package enum ControlResult: Equatable, Sendable {
  case officeNew(OfficeNewCall.Answer)
  case officeAside(OfficeAsideCall.Answer)
  case officeStatus(OfficeStatusCall.Answer)
  case recoveryShow(RecoveryShowCall.Answer)
  case recoveryConfirm(RecoveryConfirmCall.Answer)
  case recoveryUse(RecoveryUseCall.Answer)
  case ownersAgree(OwnersAgreeCall.Answer)
  case ticketNew(TicketNewCall.Answer)
  case ticketList(TicketListCall.Answer)
  case ticketRevoke(TicketRevokeCall.Answer)
  case join(JoinCall.Answer)
  case admitOpen(AdmitOpenCall.Answer)
  case admitClose(AdmitCloseCall.Answer)
  case admitStatus(AdmitStatusCall.Answer)
  case admitCheck(AdmitCheckCall.Answer)
  case admitAnswer(AdmitAnswerCall.Answer)
  case doors(DoorsCall.Answer)
  case knock(KnockCall.Answer)
  case knockWait(KnockWaitCall.Answer)
  case knockCancel(KnockCancelCall.Answer)
  case send(SendCall.Answer)
  case react(ReactCall.Answer)
  case read(ReadCall.Answer)
  case subscribe(SubscribeCall.Answer)
  case delivery(DeliveryCall.Answer)
  case groupNew(GroupNewCall.Answer)
  case groupAdd(GroupAddCall.Answer)
  case groupRename(GroupRenameCall.Answer)
  case groupRemove(GroupRemoveCall.Answer)
  case groupLeave(GroupLeaveCall.Answer)
  case groupSeen(GroupSeenCall.Answer)
  case groupList(GroupListCall.Answer)
  case memberList(MemberListCall.Answer)
  case memberRank(MemberRankCall.Answer)
  case memberRemove(MemberRemoveCall.Answer)
  case deviceList(DeviceListCall.Answer)
  case deviceRemove(DeviceRemoveCall.Answer)
  case nameSet(NameSetCall.Answer)
  case status(StatusCall.Answer)
  case doctor(DoctorCall.Answer)
  case stored(StoredCall.Answer)
}

extension ControlResult {
  /// The answer, whatever method it belongs to.
  var answer: any Encodable {
    switch self {
    case .officeNew(let answer): answer
    case .officeAside(let answer): answer
    case .officeStatus(let answer): answer
    case .recoveryShow(let answer): answer
    case .recoveryConfirm(let answer): answer
    case .recoveryUse(let answer): answer
    case .ownersAgree(let answer): answer
    case .ticketNew(let answer): answer
    case .ticketList(let answer): answer
    case .ticketRevoke(let answer): answer
    case .join(let answer): answer
    case .admitOpen(let answer): answer
    case .admitClose(let answer): answer
    case .admitStatus(let answer): answer
    case .admitCheck(let answer): answer
    case .admitAnswer(let answer): answer
    case .doors(let answer): answer
    case .knock(let answer): answer
    case .knockWait(let answer): answer
    case .knockCancel(let answer): answer
    case .send(let answer): answer
    case .react(let answer): answer
    case .read(let answer): answer
    case .subscribe(let answer): answer
    case .delivery(let answer): answer
    case .groupNew(let answer): answer
    case .groupAdd(let answer): answer
    case .groupRename(let answer): answer
    case .groupRemove(let answer): answer
    case .groupLeave(let answer): answer
    case .groupSeen(let answer): answer
    case .groupList(let answer): answer
    case .memberList(let answer): answer
    case .memberRank(let answer): answer
    case .memberRemove(let answer): answer
    case .deviceList(let answer): answer
    case .deviceRemove(let answer): answer
    case .nameSet(let answer): answer
    case .status(let answer): answer
    case .doctor(let answer): answer
    case .stored(let answer): answer
    }
  }
}
