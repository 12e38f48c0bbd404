/// One request as it travels: `{"jsonrpc":"2.0","id":1,"method":"send","params":{…}}`.
package struct RequestLine: Equatable, Sendable {
  package let id: RequestID
  package let request: ControlRequest
  package init(id: RequestID, request: ControlRequest) {
    self.id = id
    self.request = request
  }

  /// Why a line is no request; the node answers with this and, where the id was read, with the id.
  package struct Refusal: Error, Equatable, Sendable {
    package let id: RequestID?
    package let error: ControlError
    /// Whether the connection closes, because nobody can say where the next line begins.
    package let closes: Bool

    /// A refusal, with the id where it was read.
    package init(id: RequestID?, error: ControlError, closes: Bool) {
      (self.id, self.error, self.closes) = (id, error, closes)
    }
  }

  /// Reads one line without its line feed.
  package init(line: [UInt8]) throws(Refusal) {
    do throws(LineFault) {
      try LineGuard.check(line)
    } catch {
      throw Refusal(id: nil, error: error.asError, closes: error == .tooLong)
    }
    do {
      self = try LineCoding.value(RequestLine.self, from: line)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal.invalid("the line is not one object", id: nil)
    }
  }

  /// Writes the line with its line feed.
  package func encoded() -> [UInt8] {
    LineCoding.line(self)
  }

  /// Writes the line of a call, for a client that keeps the call's own type.
  package static func encoded(id: RequestID, call: some ControlCall) -> [UInt8] {
    LineCoding.line(CallLine(id: id, call: call))
  }

  private struct CallLine<Call: ControlCall>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let method = Call.method
    let params: Call

    init(id: RequestID, call: Call) {
      self.id = id
      params = call
    }
  }
}

extension RequestLine: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case jsonrpc, id, method, params
  }

  package init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: CodingKeys.self),
      let present = try? decoder.container(keyedBy: PlainKey.self).allKeys
    else { throw Refusal.invalid("the line is not one object", id: nil) }
    guard let id = try? container.decode(RequestID.self, forKey: .id) else {
      throw Refusal.invalid(
        "\"id\" is neither a whole number nor a text of at most 64 bytes", id: nil)
    }
    guard (try? container.decode(String.self, forKey: .jsonrpc)) == "2.0" else {
      throw Refusal.invalid("\"jsonrpc\" is not \"2.0\"", id: id)
    }
    let known = CodingKeys.allCases.map(\.rawValue)
    if let other = present.map(\.stringValue).filter({ !known.contains($0) }).min() {
      throw Refusal.invalid("a request has no \"\(other)\"", id: id)
    }
    guard let name = try? container.decode(String.self, forKey: .method) else {
      throw Refusal.invalid("\"method\" is not a text", id: id)
    }
    guard let method = ControlMethod(rawValue: name) else {
      throw Refusal(
        id: id,
        error: ControlError(
          .noSuchMethod, "there is no method \"\(name)\"",
          hint: "zuruf and zurufd may be of different versions"),
        closes: false)
    }
    let params =
      container.contains(.params) ? try? container.superDecoder(forKey: .params) : nil
    do {
      let source = Parameters(decoder: params)
      self.init(id: id, request: try ControlRequest(method, from: source))
    } catch {
      throw Refusal(
        id: id,
        error: ControlError(
          .invalidParameters, "\(name): \(ParameterFault.text(of: error))", hint: nil),
        closes: false)
    }
  }

  /// Writes the object of a request, `params` always included.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("2.0", forKey: .jsonrpc)
    try container.encode(id, forKey: .id)
    try container.encode(request.method, forKey: .method)
    try container.encode(request.call, forKey: .params)
  }
}

extension RequestLine.Refusal {
  static func invalid(_ message: String, id: RequestID?) -> Self {
    Self(id: id, error: ControlError(.invalidRequest, message, hint: nil), closes: false)
  }
}

/// The `params` of one request; absent ones count as an empty object.
private struct Parameters: ParameterSource {
  let decoder: (any Decoder)?

  func parameters<Call: ControlCall>(_ type: Call.Type) throws -> Call {
    guard let decoder else { return try LineCoding.value(type, from: Array("{}".utf8)) }
    let present = try decoder.container(keyedBy: PlainKey.self).allKeys.map(\.stringValue)
    if let other = present.filter({ !Call.fields.contains($0) }).min() {
      throw ParameterFault.unknown(other)
    }
    return try Call(from: decoder)
  }
}

/// What is wrong with the parameters of a request.
enum ParameterFault: Error {
  case unknown(String)

  /// One sentence for whatever decoding threw.
  static func text(of error: any Error) -> String {
    if case .unknown(let name)? = error as? ParameterFault {
      return "there is no parameter \"\(name)\""
    }
    guard let error = error as? DecodingError else { return "the parameters cannot be read" }
    switch error {
    case .keyNotFound(let key, _): return "the parameter \"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      guard let name = context.codingPath.last(where: { $0.intValue == nil })?.stringValue,
        name != "params"
      else { return "the parameters are not one object" }
      return "the parameter \"\(name)\" has a value that it cannot have"
    @unknown default: return "the parameters cannot be read"
    }
  }
}

extension LineFault {
  /// What the node answers.
  package var asError: ControlError {
    switch self {
    case .tooLong:
      ControlError(.parseError, "the line is longer than \(LineGuard.bytesMax) bytes", hint: nil)
    case .encoding: ControlError(.parseError, "the line is not UTF-8", hint: nil)
    case .loneSurrogate:
      ControlError(.parseError, "an escape in the line is half a character", hint: nil)
    case .tooDeep:
      ControlError(.parseError, "the line is nested deeper than \(LineGuard.depthMax)", hint: nil)
    case .duplicateKey:
      ControlError(.parseError, "an object in the line has the same name twice", hint: nil)
    case .grammar: ControlError(.parseError, "the line is not JSON", hint: nil)
    }
  }
}
