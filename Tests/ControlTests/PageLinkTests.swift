import Platform
import TestSupport
import Testing

@testable import Control

/// Asking for a link where something else than a page answers, or nothing.
struct PageLinkTests {
  @Test func `a socket that says nothing is not waited for without end`() throws {
    let folder = TemporaryDirectory()
    let path = folder.path + "/page"
    // It takes connections and serves none.
    let listener = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
    #expect(throws: ControlFault.connection("the node has given no link for 0 seconds")) {
      try PageLink.ask(paths: [path], patienceSeconds: 0)
    }
    withExtendedLifetime(folder) {}
    _ = consume listener
  }

  @Test func `where there is no socket, or one that nobody serves, there is no page`() throws {
    let folder = TemporaryDirectory()
    let path = folder.path + "/page"
    #expect(throws: ControlFault.noNode([path])) { try PageLink.ask(paths: [path]) }
  }
}
