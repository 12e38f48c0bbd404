import Authority
import Cryptography
import Format
import Replication
import TestSupport
import Testing

/// Doors for what stands in an entry: headers, bodies, content.
enum EntryDoors {
  static func header(_ vector: Vector) throws -> [String: String] {
    let header = try EntryHeader(decoding: vector.bytes)
    try needSame(header.encode(), vector.bytes)
    if header.kind == .genesis { try sameFacts(header) }
    return [
      "id": hashed(.entry, vector.bytes).hex, "opaque": header.isOpaque ? "01" : "00",
    ]
  }

  /// Facts that are read and written again are the same facts.
  private static func sameFacts(_ header: EntryHeader) throws {
    let facts = try #require(GenesisFacts(header))
    let again = GenesisFacts(
      device: facts.device, certificate: facts.certificate, nonce: facts.nonce,
      group: facts.group)
    #expect(facts == again)
    let known = header.ext.filter { $0.type <= 7 && !($0.type == 7 && $0.value == [0]) }
    #expect(facts.extensions == known)
  }

  static func entry(_ vector: Vector) throws -> [String: String] {
    let size = try headerSize(vector.bytes)
    let header = try EntryHeader(decoding: Array(vector.bytes[..<size]))
    try need(vector.bytes.count >= size + 64, .decode("E-3"))
    let signature = Array(vector.bytes[size..<size + 64])
    let body = Array(vector.bytes[(size + 64)...])
    if body.isEmpty {
      let mayMiss = header.bodySize == 0 || header.kind?.isErasable ?? false
      try need(mayMiss, .decode("E-13"))
    } else {
      try checkBody(header, body)
      let whole = hashed(.body, body) == header.bodyHash.bytes.array
      try need(whole, .verify("E-20"))
    }
    try place(header, isOffice: vector.text("log") == "office")
    if vector.text("before") != nil {
      try need(header.prev.bytes.array == vector.hex("before"), .verify("F-1"))
    }
    let id = hashed(.entry, header.encode())
    try need(
      isGenuine(signature, .entry, id, by: vector.hex("device-key")), .verify("F-2"))
    return ["id": id.hex]
  }

  /// E-15 and K-6, which take the group to know.
  static func place(_ header: EntryHeader, isOffice: Bool) throws {
    guard header.kind == .message, !header.isOpaque else { return }
    try need(header.epoch.isZero == isOffice, .verify("E-15"))
    try need(isOffice || Padding.isBodySize(Int(header.bodySize)), .verify("K-6"))
  }

  private static func headerSize(_ bytes: [UInt8]) throws -> Int {
    try need(bytes.count >= HeaderLayout.sizeMin, .decode("E-3"))
    let extAt = HeaderLayout.deps + Reference.size * Int(bytes[HeaderLayout.depCount])
    try need(bytes.count >= extAt + 2, .decode("E-3"))
    let size = extAt + 2 + Int(bytes[extAt]) << 8 + Int(bytes[extAt + 1])
    try need(bytes.count >= size, .decode("E-3"))
    return size
  }

  static func operation(_ vector: Vector) throws -> [String: String] {
    let operation = try Operation(decoding: vector.bytes)
    if case .unknown = operation {} else { try needSame(operation.encode(), vector.bytes) }
    if vector.text("office") != nil {
      let office = GroupID(try #require(Bytes32(vector.hex("office"))))
      try signatures(operation, office, vector)
    }
    return ["operation": name(operation)]
  }

  /// as an office's authority verifies them.
  private static func signatures(
    _ operation: Operation, _ office: GroupID, _ vector: Vector
  ) throws {
    let verifier = EntrySignatures()
    switch operation {
    case .certify(let value):
      let proof = value.certificate.proofContent(
        office: office, ticket: value.ticket, handshake: value.handshake)
      var signers = [(value.certificate.device.bytes, value.deviceSignature)]
      if !value.ticket.isZero { signers.append((value.ticket.bytes, value.ticketSignature)) }
      for (key, signature) in signers {
        try need(verifier.verify(.certify, proof, key: key, signature), .verify("A-2"))
      }
    case .owners(let list):
      let content = list.content(office: office)
      let recovery = try #require(Bytes32(vector.hex("recovery-key")))
      for one in list.signatures {
        let key = one.device.isZero ? recovery : one.device.bytes
        try need(verifier.verify(.owners, content, key: key, one.signature), .verify("A-7"))
      }
    default: break
    }
  }

  private static func name(_ operation: Operation) -> String {
    switch operation {
    case .certify: "certify"
    case .remove: "remove"
    case .rank: "rank"
    case .ticket: "ticket"
    case .ticketRevoke: "ticket-revoke"
    case .owners: "owners"
    case .suspend: "suspend"
    case .groupAdd: "group-add"
    case .groupRemove: "group-remove"
    case .unknown: "unknown"
    }
  }

  static func founding(_ vector: Vector) throws -> [String: String] {
    let device = DeviceKey(try #require(Bytes32(vector.hex("device-key"))))
    let body = try OfficeGenesis(decoding: vector.bytes, device: device)
    try needSame(body.encode(), vector.bytes)
    var gives = [
      "member": body.certificate.member.description,
      "recovery-key": body.recoveryKey.description,
    ]
    if vector.text("office") != nil {
      gives["psk"] = hashed(.psk, body.officeSecret.array, try vector.hex("office")).hex
    }
    return gives
  }

  static func content(_ vector: Vector) throws -> [String: String] {
    let content = try Content(decoding: vector.bytes)
    if case .unknown = content { return ["known": "00"] }
    #expect(try Content(decoding: content.encode()) == content)
    return ["known": "01"]
  }

  static func padded(_ vector: Vector) throws -> [String: String] {
    let content = try Padding.unpad(vector.bytes)
    try needSame(Padding.pad(content) ?? [], vector.bytes)
    return ["content": content.hex]
  }

  static func name(_ vector: Vector) throws -> [String: String] {
    do {
      try needSame(try Name(vector.bytes).bytes, vector.bytes)
    } catch is Name.Refusal {
      throw Refusal.decode("N-3")
    }
    return [:]
  }
}
