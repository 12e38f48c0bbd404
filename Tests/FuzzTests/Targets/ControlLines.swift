import FoundationEssentials

@testable import Control
@testable import Desk

/// Lines of the local API: what the node reads of programs, and programs of the node.
enum ControlLines {
  static let target = FuzzTarget(
    name: "control", kind: .decoder,
    abstract: "what is read of a request, event, answer or link says the same once written",
    reaches: ["Control", "Desk"], sizeMax: 2_048, seeds: { seeds() }, run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    var lines = ControlMethod.allCases.map { method in
      [0] + Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method.rawValue)","params":{}}"#.utf8)
    }
    lines += parameters.map { method, text in
      [0] + Array(#"{"jsonrpc":"2.0","id":"a","method":"\#(method)","params":\#(text)}"#.utf8)
    }
    lines.append([1] + Array(#"{"group":"Werk","after":"00ff","seen":true}"#.utf8))
    for text in events { lines.append([first(of: .status)] + Array(text.utf8)) }
    for (method, text) in AnswerLines.samples {
      lines.append([first(of: method)] + Array(text.utf8))
    }
    for text in links { lines.append([linkFirst] + Array(text.utf8)) }
    lines.append([15] + Array("one\ntwo\n\nthree".utf8))
    return lines
  }

  // The first byte, whose lower half is one of these, counts methods by its upper half, too.
  private static let (answersFrom, answersBelow, linkFirst) = (UInt8(2), UInt8(13), UInt8(13))

  /// The first byte of a line that is read as the answer of this method.
  private static func first(of method: ControlMethod) -> UInt8 {
    let number = ControlMethod.allCases.firstIndex(of: method) ?? 0
    let (upper, lower) = number.quotientAndRemainder(dividingBy: Int(answersBelow - answersFrom))
    return UInt8(upper << 4 + lower) + answersFrom
  }

  private static func method(_ first: UInt8) -> ControlMethod {
    let number = Int(first >> 4) * Int(answersBelow - answersFrom) + Int(first & 15 - answersFrom)
    return ControlMethod.allCases[number % ControlMethod.allCases.count]
  }

  private static let parameters = [
    ("office.new", #"{"office":"Müller","name":"Anna","device":"pc"}"#),
    ("join", #"{"ticket":"zr1-ticket-a","name":"Ben","account":"ben","device":"pc"}"#),
    ("ticket.new", #"{"kind":"box","keeper":true,"groups":["W"],"uses":2,"validSeconds":60}"#),
    ("admit.open", #"{"seconds":600,"hold":true,"member":"A"}"#),
    ("admit.answer", #"{"request":"00ff","yes":true,"rank":"admin","groups":["W"]}"#),
    ("knock", #"{"door":"00ff","address":"192.0.2.1","name":"Ben","hold":true}"#),
    ("send", #"{"to":"@Ben","text":"H\u00e4\n\ud83d\udc4d","id":"00ff","wait":true,"reply":"a"}"#),
    ("react", #"{"entry":"ab","text":"+","remove":false}"#),
    ("read", #"{"group":"W","limit":5,"sinceMs":-1,"untilMs":2e3,"before":"0a","news":true}"#),
    ("subscribe", #"{"group":null,"after":"00"}"#),
    ("group.new", #"{"title":"W","purpose":"p","members":["Ben"]}"#),
    ("group.seen", #"{"group":"W","cursor":"00","from":"01"}"#),
    ("member.rank", #"{"member":"Ben","rank":"owner"}"#),
  ]

  private static let links = [
    #"{"link":"http://127.0.0.1:7490/enter?link=\#(String(repeating: "0a", count: 32))"}"#,
    #"{"link":"http://127.0.0.1:1/enter?link=\#(String(repeating: "ff", count: 32))","burnt":[1]}"#,
    #"{"link":"http://127.0.0.2:1/enter?link=\#(String(repeating: "ff", count: 32))"}"#,
    #"{"link":"file:///a"}"#,
  ]

  private static let events = [
    #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m","data":{"name":"parse-error"}}}"#,
    #"{"jsonrpc":"2.0","method":"event","params":{"kind":"caught-up","cursor":"00ff"}}"#,
    #"{"jsonrpc":"2.0","method":"event","params":{"kind":"changed","list":"groups"}}"#,
    #"{"jsonrpc":"2.0","method":"event","params":{"kind":"recovered","word":"copied"}}"#,
  ]

  /// The first byte says who reads the rest.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let line = Array(input.dropFirst())
    switch first & 15 {
    case 0: try request(line)
    case 1: try subscription(line)
    case answersFrom..<answersBelow: try AnswerLines.run(line, as: method(first))
    case linkFirst: try link(line)
    case 14: try anything(line)
    default: try cut(line)
    }
  }

  private static func request(_ line: [UInt8]) throws {
    let read = try? RequestLine(line: line)
    if let read {
      let written = Array(read.encoded().dropLast())
      try need((try? RequestLine(line: written)) == read, "a request says something else again")
      try need(!written.contains(0x0a), "a request takes more than one line")
    }
    // The page's requests pass two readers, who must not differ.
    guard let passed = try? NodeLine.call(line) else { return }
    try need(!passed.contains { $0 == 0x0a || $0 == 0x0d }, "a call becomes more than one line")
    try need(
      (try? RequestLine(line: passed)) == read, "the node reads another call than the page's door")
    if case .subscribe? = read?.request { throw Found("a subscription passed as a call") }
  }

  private static func subscription(_ body: [UInt8]) throws {
    guard let passed = try? NodeLine.subscribe(body) else { return }
    try need(!passed.contains { $0 == 0x0a || $0 == 0x0d }, "a call becomes more than one line")
    guard case .subscribe? = (try? RequestLine(line: passed))?.request else {
      throw Found("what came as a subscription is another call")
    }
  }

  /// A link to the page, which is handed to a program that opens anything.
  private static func link(_ line: [UInt8]) throws {
    guard let link = PageLink.link(in: line) else { return }
    let written = Array(link.encoded().dropLast())
    try need(PageLink.link(in: written) == link, "a link says something else again")
    let parts = link.link.utf8.split(separator: 0x3a, maxSplits: 2)
    try need(
      link.link.hasPrefix("http://127.0.0.1:") && parts.count == 3
        && parts[2].allSatisfy {
          (0x30...0x39).contains($0) || "/enter?link=abcdef".utf8.contains($0)
        }, "a link leads elsewhere")
  }

  /// A line that a program reads; says whether it is an answer of this type.
  static func incoming<Answer: Codable & Equatable & Sendable>(
    _ line: [UInt8], _ type: Answer.Type
  ) throws -> Bool {
    switch IncomingLine<Answer>(line: line) {
    case .event(let event):
      let written = Array(EventLine(event: event).encoded().dropLast())
      guard case .event(event)? = IncomingLine<Answer>(line: written) else {
        throw Found("an event says something else again")
      }
    case .answer(_, let answer):
      let written = Array(LineCoding.line(answer).dropLast())
      let again = try? LineCoding.value(Answer.self, from: written)
      try need(again == answer, "an answer says something else again")
      return true
    case .error(_, let error):
      let written = Array(LineCoding.line(error).dropLast())
      let again = try? LineCoding.value(ControlError.self, from: written)
      try need(again == error, "an error says something else again")
    case .unknownEvent, nil: break
    }
    return false
  }

  /// What the guard lets pass a reader of JSON can read, and the other way round but for what the
  /// guard is there for.
  private static func anything(_ line: [UInt8]) throws {
    struct Anything: Decodable {
      init(from decoder: any Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: PlainKey.self) {
          for key in keyed.allKeys { _ = try keyed.decode(Anything.self, forKey: key) }
        } else if var list = try? decoder.unkeyedContainer() {
          while !list.isAtEnd { _ = try list.decode(Anything.self) }
        }
      }
    }
    guard (try? LineGuard.check(line)) != nil else { return }
    // JSONDecoder alone takes no number that is too large for what it may become.
    guard (try? LineCoding.value(Anything.self, from: line)) != nil else {
      throw Found("the guard let pass what is no JSON")
    }
  }

  /// However the bytes come in, the lines are the same.
  private static func cut(_ bytes: [UInt8]) throws {
    let bytesMax = 64
    func lines(_ step: Int) -> [[UInt8]?] {
      var buffer = LineBuffer(bytesMax: bytesMax)
      var found: [[UInt8]?] = []
      for start in stride(from: 0, to: bytes.count, by: step) {
        buffer.append(bytes[start..<min(bytes.count, start + step)])
        do throws(LineFault) {
          while let line = try buffer.next() { found.append(line) }
        } catch {
          return found + [nil]
        }
      }
      return found
    }
    let whole = lines(max(1, bytes.count))
    try need(lines(1) == whole && lines(7) == whole, "lines depend on how their bytes arrive")
    try need(whole.allSatisfy { $0?.count ?? 0 <= bytesMax }, "a line is longer than it may be")
  }
}
