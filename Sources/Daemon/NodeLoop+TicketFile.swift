import Control
import Format
import Platform

extension NodeLoop {
  /// Joins with the ticket that the configuration names, for a box without a screen: tried until it
  /// succeeds, and removed then, for it is a secret that has done its work.
  func joinByTicketFile() {
    guard let path = configuration.ticketFile, office == nil, joining == nil,
      let text = readTicket(path)
    else { return }
    let account = Account.current()
    let call = JoinCall(
      ticket: text, name: nil, account: account.fullName ?? Computer.hostName(), device: nil)
    join(call) { result in
      switch result {
      case .success:
        log(.notice, "joined with the ticket of the configuration")
        do {
          try SmallFile.remove(path)
        } catch {
          log(.warning, "the ticket was used, and \"\(path)\" cannot be removed: \(error)")
        }
      case .failure(let error):
        log(.warning, "not joined yet: \(error.message)")
        if let hint = error.hint { log(.warning, "hint: \(hint)") }
      }
    }
  }

  /// The ticket's line; nil where there is no file, or none that can be read.
  private func readTicket(_ path: String) -> String? {
    do {
      return try SmallFile.read(path, limit: 4_096).map { String(decoding: $0, as: UTF8.self) }
    } catch {
      if error != .notFound { log(.warning, "cannot read \"\(path)\": \(error)") }
      return nil
    }
  }
}
