@testable import Control

/// What the node answers to each method, as a program reads it.
enum AnswerLines {
  /// Reads a line as the answer of this method; says whether it is one.
  @discardableResult
  static func run(_ line: [UInt8], as method: ControlMethod) throws -> Bool {
    let reader = Reader(line)
    _ = try? ControlRequest(method, from: reader)
    if let found = reader.found { throw found }
    return reader.isAnswer
  }

  /// Asked for the parameters of a method, it reads the line as that method's answer instead: so no
  /// method is left out, nor one that is yet to come.
  private final class Reader: ParameterSource {
    private struct NoParameters: Error {}
    private let line: [UInt8]
    var found: (any Error)?
    var isAnswer = false

    init(_ line: [UInt8]) { self.line = line }

    func parameters<Call: ControlCall>(_ type: Call.Type) throws -> Call {
      do { isAnswer = try ControlLines.incoming(line, Call.Answer.self) } catch { found = error }
      throw NoParameters()
    }
  }

  /// An answer of each method with all that it may say.
  static let samples: [(method: ControlMethod, line: String)] = ControlMethod.allCases.map {
    ($0, #"{"jsonrpc":"2.0","id":1,"result":"# + sample(of: $0) + "}")
  }

  private static func sample(of method: ControlMethod) -> String {
    switch method {
    case .officeNew:
      #"{"office":\#(ref),"member":\#(ref),"device":\#(ref),"everyone":\#(group),"recoveryFile":"f"}"#
    case .officeAside: #"{"folder":"removed-1"}"#
    case .officeStatus:
      #"{"standing":"ready","office":\#(ref),"member":\#(ref),"device":\#(ref),"rank":"owner","#
        + #""recovery":"not-put-away","owners":1,"members":2,"devices":3,"groups":4,"#
        + #""account":{"name":"a","device":"d"},"pending":\#(change),"door":\#(time)}"#
    case .recoveryShow: #"{"line":"zr1","file":"f","confirmed":false}"#
    case .recoveryUse, .ownersAgree: change
    case .ticketNew: #"{"ticket":\#(ticket),"text":"zr1-ticket-a"}"#
    case .ticketList: #"{"tickets":[\#(ticket)],"more":true}"#
    case .ticketRevoke: #"{"ticket":\#(ticket),"was":"used-up"}"#
    case .join, .knockWait:
      #"{"office":\#(ref),"member":\#(ref),"device":\#(ref),"groups":[\#(group)],"#
        + #""through":\#(ref),"by":\#(ref)}"#
    case .admitOpen: #"{"until":\#(time),"member":\#(ref)}"#
    case .admitStatus:
      #"{"open":true,"until":\#(time),"reason":"r","requests":[\#(admission)],"member":\#(ref)}"#
    case .admitCheck: #"{"member":\#(ref),"remove":\#(ref)}"#
    case .admitAnswer:
      #"{"request":\#(admission),"device":\#(ref),"member":\#(ref),"removed":\#(ref)}"#
    case .doors:
      #"{"doors":[{"id":"0a","office":"O","sponsor":"S","address":"192.0.2.1:7480","member":"M"}],"#
        + #""advice":"a","reason":"none-open"}"#
    case .knock: knock
    case .recoveryConfirm, .admitClose, .knockCancel: "{}"
    case .send:
      #"{"entry":"0a","group":\#(group),"time":\#(time),"durable":true,"repeated":false,"#
        + #""state":\#(delivery),"inReach":1,"onItsWay":2}"#
    case .react: #"{"entry":"0a","reactions":[\#(reaction)],"unchanged":true}"#
    case .read:
      #"{"messages":[\#(message)],"more":true,"before":"0a","cursor":"0b","group":\#(group),"#
        + #""unread":[\#(unread)],"news":[],"ended":"e"}"#
    case .subscribe: #"{"cursor":"0b","group":\#(group)}"#
    case .delivery:
      #"{"entry":"0a","group":\#(group),"state":\#(delivery),"devices":[{"device":\#(ref),"#
        + #""member":\#(ref),"keeper":true,"holds":true,"seen":\#(time),"reads":false}]}"#
    case .groupNew, .groupAdd, .groupRename, .groupRemove:
      #"{"group":\#(groupInfo),"added":[\#(ref)],"removed":[\#(ref)]}"#
    case .groupLeave: #"{"group":\#(groupInfo),"mayAdd":[\#(ref)],"owners":[\#(ref)]}"#
    case .groupSeen: #"{"unread":5}"#
    case .groupList: #"{"groups":[\#(groupInfo)],"more":true}"#
    case .memberList: #"{"members":[\#(member)]}"#
    case .memberRank: #"{"member":\#(member),"change":\#(change)}"#
    case .memberRemove: #"{"member":\#(member),"devices":[\#(device)]}"#
    case .deviceList: #"{"devices":[\#(device)]}"#
    case .deviceRemove: #"{"device":\#(device),"only":true}"#
    case .nameSet: #"{"member":\#(ref),"device":\#(ref)}"#
    case .status:
      #"{"version":"1","api":1,"standing":"joining","office":\#(ref),"member":\#(ref),"#
        + #""device":\#(ref),"rank":"box","recovery":"none","owners":1,"home":"h","#
        + #""listening":["0.0.0.0:7480"],"started":\#(time),"peers":[\#(peer)],"#
        + #""waiting":[{"device":\#(ref),"member":\#(ref),"entries":3}],"#
        + #""latest":{"entry":"0a","group":\#(group),"time":\#(time),"state":\#(delivery)},"#
        + #""unread":[\#(unread)],"degraded":[\#(degraded)],"door":\#(time),"knock":\#(knock),"#
        + #""keeps":9}"#
    case .doctor:
      #"{"checks":[{"name":"n","verdict":"warning","finding":"f","advice":"a","#
        + #""word":"port-free","state":\#(degraded),"values":{"a":"b"}}]}"#
    case .stored:
      #"{"groups":[{"group":\#(group),"messages":1,"oldest":\#(time),"devices":2,"#
        + #""readers":[\#(ref)],"further":3,"former":[{"member":\#(ref),"devices":4,"#
        + #""until":\#(time)}]}],"keepers":[\#(ref)],"formerKeepers":[\#(ref)],"devices":5}"#
    }
  }

  private static let ref = #"{"id":"0c","name":"N"}"#
  private static let time = #"{"ms":1795443600000,"utc":"2026-11-23T14:20:00.000Z"}"#
  private static let group = #"{"id":"0d","title":"W","kind":"listed"}"#
  private static let delivery =
    #"{"word":"on-devices","devices":1,"of":3,"missing":[\#(ref)],"further":1,"everyone":false}"#
  private static let unread = #"{"group":\#(group),"messages":2}"#
  private static let groupInfo =
    #"{"id":"0d","title":"W","kind":"direct","purpose":"p","members":[\#(ref)],"further":1,"#
    + #""readable":true,"messages":2,"unread":3,"latest":\#(time),"#
    + #""last":{"member":\#(ref),"own":true,"text":"t"},"gone":{"word":"not-added","by":\#(ref),"#
    + #""lost":1,"computer":true},"partner":\#(ref),"also":["0e"]}"#
  private static let member =
    #"{"id":"0c","name":"N","rank":"admin","own":true,"removed":false,"left":true,"devices":1,"#
    + #""seen":\#(time)}"#
  private static let device =
    #"{"id":"0c","name":"N","member":\#(ref),"keeper":true,"state":"away","seen":\#(time)}"#
  private static let reaction = #"{"text":"+","members":[\#(ref)],"further":1,"own":true}"#
  private static let message =
    #"{"entry":"0a","group":\#(group),"member":\#(ref),"device":\#(ref),"time":\#(time),"#
    + #""stands":\#(time),"text":"t","absence":"waiting-for-a-key","elsewhere":[\#(ref)],"#
    + #""state":\#(delivery),"late":true,"own":false,"cursor":"0b","#
    + #""reply":{"entry":"0a","member":\#(ref),"text":"t"},"reactions":[\#(reaction)]}"#
  private static let change =
    #"{"owners":[\#(ref)],"added":[\#(ref)],"removed":[\#(ref)],"signed":1,"needed":2,"line":"l"}"#
  private static let ticket =
    #"{"id":"0c","kind":"box","keeper":true,"name":"L","member":\#(ref),"groups":[\#(group)],"#
    + #""issuer":\#(ref),"created":\#(time),"expires":\#(time),"uses":1,"used":0,"state":"on-hold"}"#
  private static let admission =
    #"{"id":"0c","name":"B","device":"pc","digits":"012345","state":"comparing","since":\#(time)}"#
  private static let knock = #"{"digits":"012345","office":"O","sponsor":"S","member":"M"}"#
  private static let peer =
    #"{"device":\#(ref),"member":\#(ref),"keeper":true,"linked":false,"since":\#(time),"#
    + #""addresses":[{"address":"192.0.2.1:1","source":"mdns","used":true}],"trouble":"t"}"#
  private static let degraded =
    #"{"word":"disk-full","detail":"d","hint":"h","since":\#(time),"form":"low","values":{"a":"b"}}"#
}
