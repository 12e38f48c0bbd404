internal import Glibc

/// A user of this computer, as the system's list of users knows it.
package struct Account: Hashable, Sendable {
  package let user: UInt32
  package let group: UInt32
  /// The name to log in with; the number in digits where the list does not know it.
  package let name: String
  /// The person's name as the list has it, or nil where it has none.
  package let fullName: String?
  package let home: String?

  /// The user this process acts as.
  package static func current() -> Account { Account(user: geteuid(), group: getegid()) }

  private init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
    var room = [CChar](repeating: 0, count: 1 << 16)
    // The texts lie in the room, so they are copied out before it may move.
    let texts = unsafe room.withUnsafeMutableBufferPointer { room -> [String?]? in
      var entry = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let start = room.baseAddress else { return nil }
      let result = unsafe getpwuid_r(user, &entry, start, room.count, &found)
      guard result == 0, unsafe found != nil else { return nil }
      return unsafe [text(entry.pw_name), text(entry.pw_gecos), text(entry.pw_dir)]
    }
    name = texts?[0] ?? String(user)
    // The field may go on with rooms and telephones after a comma.
    let person = (texts?[1] ?? "").prefix { $0 != "," }
    fullName = person.isEmpty ? nil : String(person)
    home = texts?[2]
  }

  /// What a person is called who does not say so: root is on every computer and nobody's name.
  package func defaultName(on computer: String) -> String {
    user == 0 ? computer : fullName ?? name
  }

  /// The number of the group of that name, or nil where there is none.
  package static func groupNumber(named name: String) -> UInt32? {
    guard !name.utf8.contains(0) else { return nil }
    var entry = unsafe Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var room = [CChar](repeating: 0, count: 1 << 18)
    let result = unsafe getgrnam_r(name, &entry, &room, room.count, &found)
    guard result == 0, unsafe found != nil else { return nil }
    return unsafe entry.gr_gid
  }
}

private func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
  guard let pointer = unsafe pointer else { return nil }
  return unsafe String(cString: pointer)
}
