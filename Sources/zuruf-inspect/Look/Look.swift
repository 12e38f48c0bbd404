import Format
import Platform
import Storage
import Terminal

/// A data directory as it lies there, opened so that nothing in it can change.
struct Look {
  let disk: any ReadableDisk
  let path: String
  /// Opens the directories beside it.
  let openDisk: World.DiskOpener
  /// What the file `office` says; nil where there is none or it is damaged.
  let membership: HomeMembership?
  /// Why the file `office` cannot be used, if so.
  let membershipFault: HomeFault?

  /// Opens a directory; one without logs is no data directory.
  init(
    _ path: String, _ world: World,
    hint: String = "name a node's data directory with --home DIR"
  ) throws(Failure) {
    (self.path, openDisk) = (path, world.openDisk)
    do throws(DiskError) {
      disk = try openDisk(path)
      guard try disk.status(at: Self.logs)?.kind == .directory else {
        throw DiskError(.open, "\(path)/logs", .missing)
      }
    } catch {
      throw .refused(
        escaped(error.description, .shown), hints: [hint])
    }
    do throws(HomeFault) {
      membership = try HomeMembership.read(disk)
      membershipFault = nil
    } catch {
      (membership, membershipFault) = (nil, error)
    }
  }

  /// The office whose log is read before all others: what the file says, or else what the logs do.
  func findOffice() throws(Failure) -> GroupID? {
    if let membership { return membership.office }
    let view = try open(first: []) { _, _, _, _ in }.view
    return view.groups.first { view.founding(of: $0).map { $0.group == nil } ?? false }
  }

  /// Reads all logs, the office's first where it is known.
  func open(
    first: [GroupID], onGroup: (Batch, RecordPlace, _ isOwn: Bool, _ arrival: UInt64) -> Void
  ) throws(Failure) -> (view: StoreView, report: RecoveryReport) {
    do throws(StorageError) {
      let (view, report) = try StoreView.open(readOnly: disk, first: first, onGroup: onGroup)
      return (view, report)
    } catch {
      throw .fault(error)
    }
  }

  /// Files and bytes of a group's log, room reserved behind its end included.
  func size(of group: GroupID) -> (segments: Int, bytes: UInt64) {
    let directory = Self.logs.appending(.hex(group.bytes.array))
    var (segments, bytes): (Int, UInt64) = (0, 0)
    for entry in (try? disk.list(directory)) ?? [] where entry.kind == .file {
      guard let status = try? disk.status(at: directory.appending(entry.name)) else { continue }
      segments += 1
      bytes += status.size
    }
    return (segments, bytes)
  }

  private static let logs = DiskPath.root.appending("logs")
}

extension StoreView {
  /// What the first genesis of a group says, where it can be read.
  func founding(of group: GroupID) -> GenesisFacts? {
    let place = FeedPlace(feed: FeedID(group.bytes.prefix))
    guard let found = try? entry(group, place, 0), let header = try? found.batch.header(found.entry)
    else { return nil }
    return GenesisFacts(header)
  }

  /// The kind of a group in a word.
  func kind(of group: GroupID) -> String {
    guard let facts = founding(of: group) else { return "unknown" }
    return facts.group.map { "\($0.kind)" } ?? "office"
  }
}

extension Batch {
  /// The same batch by itself, out of the buffer that all are read into.
  func alone(_ place: RecordPlace) -> Batch {
    let start = Int(entries[0].headerAt) - RecordLayout.prefixSize - RecordLayout.headSize
    return Batch(
      group: group, feed: feed, branch: branch,
      records: Array(records[start..<start + Int(place.length)]),
      entries: entries.map { entry in
        var entry = entry
        entry.headerAt -= UInt32(start)
        return entry
      }, signature: signature)
  }
}
