import Control
package import Platform

/// Opens what a node needs before it can run.
extension NodeLoop {
  /// A node on this computer, with everything open that it needs.
  package convenience init(
    _ configuration: Configuration, _ environment: Environment
  ) throws(Fatal) {
    let account = Account.current()
    guard let path = configuration.home ?? environment.dataHome.map({ $0 + "/zuruf" }) else {
      throw Fatal(.usage, "there is no home directory to keep data in", hint: "zurufd --home DIR")
    }
    let disk = try Self.openDirectory(path, account)
    let lock = try Self.lock(disk)
    let socketPath = try Self.socketPath(configuration, environment, account)
    let surroundings = try Self.opened { () throws(SocketError) -> Surroundings in
      try .linux(disk, configuration, environment)
    }
    var poller = Poller(surroundings.watch)
    let signals = try Self.opened { () throws(SocketError) -> SignalDescriptor in
      try SignalDescriptor.open([.terminate, .interrupt, .hangUp])
    }
    let mailbox = try Self.opened { () throws(SocketError) -> Mailbox<Letter> in
      try poller.add(signals.descriptor, token: LoopToken.signals, interest: .read)
      return try Self.mailbox(&poller)
    }
    let control = try Self.openControl(socketPath, configuration, account, &poller)
    self.init(
      configuration, environment, in: surroundings, lock: lock, signals: signals,
      control: control, at: socketPath, poller: poller, mailbox: mailbox)
  }

  /// A node in other surroundings: no program speaks to it but this one, through `ask`, and it runs
  /// from `start` on only as far as `turn` is called.
  package convenience init(
    _ configuration: Configuration, in surroundings: Surroundings
  ) throws(SocketError) {
    var poller = Poller(surroundings.watch)
    let mailbox = try Self.mailbox(&poller)
    self.init(
      configuration, Environment([:]), in: surroundings, lock: nil, signals: nil,
      control: ControlServer(account: Account.current()), at: "", poller: poller,
      mailbox: mailbox)
  }

  /// What a node must have from the system.
  private static func opened<Value: ~Copyable>(
    _ body: () throws(SocketError) -> Value
  ) throws(Fatal) -> Value {
    do throws(SocketError) {
      return try body()
    } catch {
      throw Fatal(.bug, error.description, hint: Fatal.descriptorsHint(error))
    }
  }

  /// So many letters wait for the loop at most: half of them hints, which may be dropped; the rest has
  /// room for whatever the disk's queue and the names that are looked up can answer meanwhile.
  static let lettersMax = 16_384
  /// So many names wait to be looked up; as many may be under way.
  static let namesMax = 64

  /// What other threads tell the loop, watched.
  private static func mailbox(_ poller: inout Poller) throws(SocketError) -> Mailbox<Letter> {
    let mailbox = try Mailbox<Letter>(capacity: lettersMax)
    try poller.add(mailbox.waker.descriptor, token: LoopToken.mailbox, interest: .read)
    return mailbox
  }

  private static func openControl(
    _ path: String, _ configuration: Configuration, _ account: Account, _ poller: inout Poller
  ) throws(Fatal) -> ControlServer {
    var group: UInt32?
    if let name = configuration.socketGroup {
      group = Account.groupNumber(named: name)
      if group == nil { throw Fatal(.usage, "there is no Unix group \"\(name)\"") }
    }
    do throws(SocketError) {
      return try ControlServer(
        path: path, mode: group == nil ? 0o600 : 0o660, group: group, account: account,
        poller: &poller)
    } catch {
      throw Fatal(
        .socketUnavailable, error.description,
        hint: error.reason == .addressInUse
          ? "another node may be running: zuruf status"
          : Fatal.descriptorsHint(error) ?? "choose another: zurufd --socket PATH")
    }
  }

  private static func openDirectory(_ path: String, _ account: Account) throws(Fatal) -> LinuxDisk {
    let disk: LinuxDisk
    do {
      disk = try LinuxDisk.creating(root: path)
    } catch {
      throw Fatal(Fatal.cause(of: error), error.description)
    }
    do {
      try disk.checkPrivacy(owner: account.user, depth: 3)
    } catch {
      // What cannot be looked at may well be private.
      if case .unreadable(let fault) = error {
        throw Fatal(Fatal.cause(of: fault), error.description)
      }
      throw Fatal(.directoryNotPrivate, error.description, hint: error.hint)
    }
    return disk
  }

  static func lock(_ disk: LinuxDisk) throws(Fatal) -> DirectoryLock {
    do {
      return try DirectoryLock.take("lock", in: disk)
    } catch {
      guard error.reason == .locked else {
        throw Fatal(
          Fatal.cause(of: error), error.description,
          hint: error.reason == .readOnly
            ? "nothing can be stored there; what is there can be looked at: zuruf-inspect" : nil)
      }
      throw Fatal(
        .directoryInUse, "another node uses the data directory \"\(disk.place)\"",
        hint: "zuruf status asks it; a second node needs --home and --socket of its own")
    }
  }

  private static func socketPath(
    _ configuration: Configuration, _ environment: Environment, _ account: Account
  ) throws(Fatal) -> String {
    let path =
      configuration.socket
      ?? ControlSocketPath.user(
        runtimeDirectory: environment.runtimeDirectory, user: account.user)
    guard let slash = path.lastIndex(of: "/") else { return path }
    do {
      _ = try LinuxDisk.creating(root: String(path[..<slash]))
    } catch {
      throw Fatal(.socketUnavailable, error.description, hint: "zurufd --socket PATH")
    }
    return path
  }
}
