/// The answer of every method that makes or changes one group.
package struct GroupAnswer: Codable, Equatable, Sendable {
  package let group: GroupInfo
  /// Of `group.add`: who was not in it before.
  package let added: [MemberRef]?
  /// Of `group.remove`: whom it removes.
  package let removed: [MemberRef]?
  package init(group: GroupInfo, added: [MemberRef]? = nil, removed: [MemberRef]? = nil) {
    self.group = group
    (self.added, self.removed) = (added, removed)
  }
}

/// Makes a group with a list of members; the one who asks is on it.
package struct GroupNewCall: ControlCall {
  package static let method = ControlMethod.groupNew
  package static let fields = ["title", "purpose", "members"]

  package let title: String
  package let purpose: String?
  /// Names of members, each with or without `@`, any unambiguous beginning.
  package let members: [String]
  package init(title: String, purpose: String?, members: [String]) {
    self.title = title
    self.purpose = purpose
    self.members = members
  }

  package typealias Answer = GroupAnswer
}

/// Adds members to a group; each reads from here on.
package struct GroupAddCall: ControlCall {
  package static let method = ControlMethod.groupAdd
  package static let fields = ["group", "members"]

  package let group: String
  package let members: [String]
  package init(group: String, members: [String]) {
    self.group = group
    self.members = members
  }

  package typealias Answer = GroupAnswer
}

/// Gives a group another title, or says otherwise what it is for.
package struct GroupRenameCall: ControlCall {
  package static let method = ControlMethod.groupRename
  package static let fields = ["group", "title", "purpose"]

  package let group: String
  /// Nil: the one that it has.
  package let title: String?
  /// Empty for none; nil: the one that it has.
  package let purpose: String?
  package init(group: String, title: String?, purpose: String?) {
    (self.group, self.title, self.purpose) = (group, title, purpose)
  }

  package typealias Answer = GroupAnswer
}

/// Removes members from a group; what is written from then on they cannot open.
package struct GroupRemoveCall: ControlCall {
  package static let method = ControlMethod.groupRemove
  package static let fields = ["group", "members", "look"]

  package let group: String
  package let members: [String]
  /// Only tell how the group would be then.
  package let look: Bool?
  package init(group: String, members: [String], look: Bool? = nil) {
    self.group = group
    self.members = members
    self.look = look
  }

  package typealias Answer = GroupAnswer
}

/// Notes that a person has seen a group.
package struct GroupSeenCall: ControlCall {
  package static let method = ControlMethod.groupSeen
  package static let fields = ["group", "cursor", "from"]

  package let group: String
  /// All that stands up to this message; nil: all that is here.
  package let cursor: HexIdentifier?
  /// What stands before this message was not shown; nil: it was.
  package let from: HexIdentifier?
  package init(group: String, cursor: HexIdentifier?, from: HexIdentifier? = nil) {
    (self.group, self.cursor, self.from) = (group, cursor, from)
  }

  /// What is left.
  package struct Answer: Codable, Equatable, Sendable {
    package let unread: Int
    package init(unread: Int) { self.unread = unread }
  }
}

/// Takes the asking member out of a group.
package struct GroupLeaveCall: ControlCall {
  package static let method = ControlMethod.groupLeave
  package static let fields = ["group", "look"]

  package let group: String
  /// Only tell how the group would be then.
  package let look: Bool?
  package init(group: String, look: Bool?) {
    self.group = group
    self.look = look
  }

  /// The group without the member, and who may add it again.
  package struct Answer: Codable, Equatable, Sendable {
    package let group: GroupInfo
    /// Who stays in the group and may add members.
    package let mayAdd: [MemberRef]
    /// The owners of the office who do not stay: they may from a keeper of their own.
    package let owners: [MemberRef]
    package init(group: GroupInfo, mayAdd: [MemberRef], owners: [MemberRef]) {
      self.group = group
      self.mayAdd = mayAdd
      self.owners = owners
    }
  }
}

/// Lists the groups this member is in.
package struct GroupListCall: ControlCall {
  package static let method = ControlMethod.groupList
  package static let fields = ["group"]

  /// Only this one, with all its members; nil: all groups.
  package let group: String?
  package init(group: String? = nil) { self.group = group }

  /// The groups, everyone first, then by title.
  package struct Answer: Codable, Equatable, Sendable {
    package let groups: [GroupInfo]
    /// True where there are more of them than one answer has room for; nil where these are all.
    package let more: Bool?
    package init(groups: [GroupInfo], more: Bool? = nil) {
      self.groups = groups
      self.more = more
    }
  }
}
