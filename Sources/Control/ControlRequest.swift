/// One request of the local API with its parameters: what the node is asked to do.
package enum ControlRequest: Equatable, Sendable {
  case officeNew(OfficeNewCall)
  case officeAside(OfficeAsideCall)
  case officeStatus(OfficeStatusCall)
  case recoveryShow(RecoveryShowCall)
  case recoveryConfirm(RecoveryConfirmCall)
  case recoveryUse(RecoveryUseCall)
  case ownersAgree(OwnersAgreeCall)
  case ticketNew(TicketNewCall)
  case ticketList(TicketListCall)
  case ticketRevoke(TicketRevokeCall)
  case join(JoinCall)
  case admitOpen(AdmitOpenCall)
  case admitClose(AdmitCloseCall)
  case admitStatus(AdmitStatusCall)
  case admitCheck(AdmitCheckCall)
  case admitAnswer(AdmitAnswerCall)
  case doors(DoorsCall)
  case knock(KnockCall)
  case knockWait(KnockWaitCall)
  case knockCancel(KnockCancelCall)
  case send(SendCall)
  case react(ReactCall)
  case read(ReadCall)
  case subscribe(SubscribeCall)
  case delivery(DeliveryCall)
  case groupNew(GroupNewCall)
  case groupAdd(GroupAddCall)
  case groupRename(GroupRenameCall)
  case groupRemove(GroupRemoveCall)
  case groupLeave(GroupLeaveCall)
  case groupSeen(GroupSeenCall)
  case groupList(GroupListCall)
  case memberList(MemberListCall)
  case memberRank(MemberRankCall)
  case memberRemove(MemberRemoveCall)
  case deviceList(DeviceListCall)
  case deviceRemove(DeviceRemoveCall)
  case nameSet(NameSetCall)
  case status(StatusCall)
  case doctor(DoctorCall)
  case stored(StoredCall)
}

extension ControlRequest {
  /// The parameters, whatever method they belong to.
  package var call: any ControlCall {
    switch self {
    case .officeNew(let call): call
    case .officeAside(let call): call
    case .officeStatus(let call): call
    case .recoveryShow(let call): call
    case .recoveryConfirm(let call): call
    case .recoveryUse(let call): call
    case .ownersAgree(let call): call
    case .ticketNew(let call): call
    case .ticketList(let call): call
    case .ticketRevoke(let call): call
    case .join(let call): call
    case .admitOpen(let call): call
    case .admitClose(let call): call
    case .admitStatus(let call): call
    case .admitCheck(let call): call
    case .admitAnswer(let call): call
    case .doors(let call): call
    case .knock(let call): call
    case .knockWait(let call): call
    case .knockCancel(let call): call
    case .send(let call): call
    case .react(let call): call
    case .read(let call): call
    case .subscribe(let call): call
    case .delivery(let call): call
    case .groupNew(let call): call
    case .groupAdd(let call): call
    case .groupRename(let call): call
    case .groupRemove(let call): call
    case .groupLeave(let call): call
    case .groupSeen(let call): call
    case .groupList(let call): call
    case .memberList(let call): call
    case .memberRank(let call): call
    case .memberRemove(let call): call
    case .deviceList(let call): call
    case .deviceRemove(let call): call
    case .nameSet(let call): call
    case .status(let call): call
    case .doctor(let call): call
    case .stored(let call): call
    }
  }

  /// The method that is asked for.
  package var method: ControlMethod { type(of: call).method }

  /// Reads the parameters of one method through whatever holds them.
  init(_ method: ControlMethod, from source: some ParameterSource) throws {
    switch method {
    case .officeNew: self = .officeNew(try source.parameters(OfficeNewCall.self))
    case .officeAside: self = .officeAside(try source.parameters(OfficeAsideCall.self))
    case .officeStatus: self = .officeStatus(try source.parameters(OfficeStatusCall.self))
    case .recoveryShow: self = .recoveryShow(try source.parameters(RecoveryShowCall.self))
    case .recoveryConfirm: self = .recoveryConfirm(try source.parameters(RecoveryConfirmCall.self))
    case .recoveryUse: self = .recoveryUse(try source.parameters(RecoveryUseCall.self))
    case .ownersAgree: self = .ownersAgree(try source.parameters(OwnersAgreeCall.self))
    case .ticketNew: self = .ticketNew(try source.parameters(TicketNewCall.self))
    case .ticketList: self = .ticketList(try source.parameters(TicketListCall.self))
    case .ticketRevoke: self = .ticketRevoke(try source.parameters(TicketRevokeCall.self))
    case .join: self = .join(try source.parameters(JoinCall.self))
    case .admitOpen: self = .admitOpen(try source.parameters(AdmitOpenCall.self))
    case .admitClose: self = .admitClose(try source.parameters(AdmitCloseCall.self))
    case .admitStatus: self = .admitStatus(try source.parameters(AdmitStatusCall.self))
    case .admitCheck: self = .admitCheck(try source.parameters(AdmitCheckCall.self))
    case .admitAnswer: self = .admitAnswer(try source.parameters(AdmitAnswerCall.self))
    case .doors: self = .doors(try source.parameters(DoorsCall.self))
    case .knock: self = .knock(try source.parameters(KnockCall.self))
    case .knockWait: self = .knockWait(try source.parameters(KnockWaitCall.self))
    case .knockCancel: self = .knockCancel(try source.parameters(KnockCancelCall.self))
    case .send: self = .send(try source.parameters(SendCall.self))
    case .react: self = .react(try source.parameters(ReactCall.self))
    case .read: self = .read(try source.parameters(ReadCall.self))
    case .subscribe: self = .subscribe(try source.parameters(SubscribeCall.self))
    case .delivery: self = .delivery(try source.parameters(DeliveryCall.self))
    case .groupNew: self = .groupNew(try source.parameters(GroupNewCall.self))
    case .groupAdd: self = .groupAdd(try source.parameters(GroupAddCall.self))
    case .groupRename: self = .groupRename(try source.parameters(GroupRenameCall.self))
    case .groupRemove: self = .groupRemove(try source.parameters(GroupRemoveCall.self))
    case .groupLeave: self = .groupLeave(try source.parameters(GroupLeaveCall.self))
    case .groupSeen: self = .groupSeen(try source.parameters(GroupSeenCall.self))
    case .groupList: self = .groupList(try source.parameters(GroupListCall.self))
    case .memberList: self = .memberList(try source.parameters(MemberListCall.self))
    case .memberRank: self = .memberRank(try source.parameters(MemberRankCall.self))
    case .memberRemove: self = .memberRemove(try source.parameters(MemberRemoveCall.self))
    case .deviceList: self = .deviceList(try source.parameters(DeviceListCall.self))
    case .deviceRemove: self = .deviceRemove(try source.parameters(DeviceRemoveCall.self))
    case .nameSet: self = .nameSet(try source.parameters(NameSetCall.self))
    case .status: self = .status(try source.parameters(StatusCall.self))
    case .doctor: self = .doctor(try source.parameters(DoctorCall.self))
    case .stored: self = .stored(try source.parameters(StoredCall.self))
    }
  }
}

/// Where the parameters of a request are read from, once its method is known.
protocol ParameterSource {
  func parameters<Call: ControlCall>(_ type: Call.Type) throws -> Call
}
