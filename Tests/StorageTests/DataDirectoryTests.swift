import Glibc
import Platform
import TestSupport
import Testing

@testable import Storage

/// One node per data directory, and nobody else in it.
struct DataDirectoryTests {
  let directory = TemporaryDirectory()
  let user = Account.current().user

  @Test func `a missing directory is created for its owner alone`() throws {
    let path = "\(directory.path)/a/b"
    let data = try DataDirectory.open(at: path, user: user)
    #expect(try data.disk.status(at: .root)?.mode == 0o700)
    #expect(try data.lockFile().mode == 0o600)
    try data.writeWhole("keys", [1, 2, 3])
    #expect(try data.readWhole("keys", limit: 10) == [1, 2, 3])
    #expect(try data.readWhole("none", limit: 10) == nil)
    #expect(try data.disk.status(at: .root.appending("keys"))?.mode == 0o600)
  }

  @Test func `a second opening is refused as long as the first lives`() throws {
    do {
      let first = try DataDirectory.open(at: directory.path, user: user)
      #expect(throws: StorageError.inUse(directory.path)) {
        _ = try DataDirectory.open(at: directory.path, user: user)
      }
      _ = try first.lockFile()
    }
    _ = try DataDirectory.open(at: directory.path, user: user)
  }

  @Test func `what others can read is refused by name and with the command that mends it`() throws {
    let path = "\(directory.path)/data"
    do {
      let data = try DataDirectory.open(at: path, user: user)
      var feed = SampleFeed(nonce: 1)
      let (store, _, _) = try open(data.disk)
      try store.append([feed.batch(1)])
    }
    for name in ["", "/lock", "/logs"] {
      let mode: mode_t = name == "/lock" ? 0o600 : 0o700
      #expect(unsafe chmod(path + name, mode | 0o044) == 0)
      do {
        _ = try DataDirectory.open(at: path, user: user)
        Issue.record("\(path + name) was taken")
      } catch {
        #expect(error.hint == "chmod \(name == "/lock" ? "600" : "700") \(path + name)")
      }
      #expect(unsafe chmod(path + name, mode) == 0)
    }
    #expect(throws: StorageError.self) {
      _ = try DataDirectory.open(at: path, user: user + 1)
    }
    _ = try DataDirectory.open(at: path, user: user)
  }

  @Test func `looking takes no lock and changes nothing`() throws {
    let data = try DataDirectory.open(at: directory.path, user: user)
    var feed = SampleFeed(nonce: 1)
    let (store, _, _) = try open(data.disk)
    try store.append([feed.batch(3)])
    let disk = try ReadOnlyDisk(root: directory.path)
    var places: [RecordPlace] = []
    let (view, report) = try StoreView.open(readOnly: disk, first: []) { _, place, _, _ in
      places.append(place)
    }
    #expect(places.map(\.offset) == [UInt32(SegmentHead.size)] && report.entries == 3)
    #expect(view.groups == [feed.group])
  }
}
