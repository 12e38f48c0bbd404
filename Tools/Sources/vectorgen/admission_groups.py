"""Vectors of 5-authority at the layer admit: groups in which one thing is not allowed."""

from stories import (
    CARA, DORA, EMIL, OTHER, Story, group_add, group_remove, message, remove, roster, ticket,
)  # fmt: skip
from wire import Feed, joined, seeded, u8
from world import ANNA, BERT, TICKET, founding


def groups(log):
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    bert = s.join(BERT, group)
    bert.next(3, group_add(CARA))
    cara = s.join(CARA, group, bert.last)
    message(cara)
    log("ok-log-listed", "ok", "A-8", "a manager adds a member, who writes", s,
        members=roster(anna=0, bert=1, cara=2))  # fmt: skip
    s = Story()
    group = s.found(BERT, 2)
    message(s.join(CARA, group))
    log("ok-log-everyone", "ok", "A-8", "a group of everyone, without the box", s,
        members=roster(anna=2, bert=0, cara=2))  # fmt: skip
    s = Story()
    group = s.found(BERT, 3, [BERT.member, CARA.member])
    message(s.join(CARA, group))
    log("ok-log-direct", "ok", "A-8", "a conversation of two", s,
        members=roster(bert=2, cara=2))  # fmt: skip
    s = Story()
    group = s.found(BERT)
    group.next(3, group_add(CARA))
    s.join(ANNA, group).next(3, group_remove(CARA))
    log("ok-log-owner-from-outside", "ok", "A-8", "an owner who is no member removes one", s,
        members=roster(bert=0))  # fmt: skip
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(DORA))
    message(s.join(DORA, group))
    log("ok-log-box-added", "ok", "A-9", "a box writes where it was added", s,
        members=roster(anna=0, dora=2))  # fmt: skip
    s = Story()
    group = s.found(ANNA)
    s.anna.next(3, ticket(group_count=u8(1) + group.group))
    s.anna.next(3, s.admitting(EMIL, TICKET))
    s.certified[EMIL] = s.anna.last
    message(s.join(EMIL, group))
    log("ok-log-came-by-ticket", "ok", "A-13", "a ticket's group needs no group-add", s,
        members=roster(anna=0, emil=2))  # fmt: skip

    s = Story()
    group = s.found(CARA, flags=1)
    group.next(3, group_add(BERT, grade=1))
    made = s.cara.next(3, ticket(group_count=u8(1) + group.group))
    s.certified[EMIL] = s.anna.next(3, s.admitting(EMIL, TICKET), deps=[made])
    group.next(3, group_remove(CARA), deps=[s.certified[EMIL]])
    message(s.join(EMIL, group))
    log("ok-log-came-by-ticket-before", "ok", "A-13", "the issuer leaves, and has seen who came", s,
        members=roster(bert=1, emil=2))  # fmt: skip
    s = Story()
    group = s.found(BERT, flags=1)
    group.next(3, group_add(CARA, grade=1))
    group.next(3, group_remove(CARA))
    group.next(3, group_add(CARA, grade=1))
    made = s.cara.next(3, ticket(group_count=u8(1) + group.group))
    s.certified[EMIL] = s.anna.next(3, s.admitting(EMIL, TICKET), deps=[made])
    message(s.join(EMIL, group))
    log("ok-log-came-by-ticket-of-one-back", "ok", "A-13", "a manager removed and added again", s,
        members=roster(bert=0, cara=1, emil=2))  # fmt: skip

    for build in (witness_of_no_say, two_witnesses):
        path, comment, s, members = build()
        log(path, "ok", "A-14", comment, s, members=members)

    def refused(path, rule, comment, build):
        s = Story()
        build(s)
        log(path, "admit", rule, comment, s)

    def listed(s, *added, **more):
        group = s.found(ANNA, **more)
        if added:
            group.next(3, group_add(*added))
        return group

    refused("group-founded-by-a-box", "A-8", "a box founds a group", lambda s: s.found(DORA))
    refused("direct-group-of-two-others", "A-8", "the author is neither of the two",
            lambda s: s.found(ANNA, 3, [BERT.member, CARA.member]))  # fmt: skip
    refused("feed-of-no-member", "A-8", "a feed of who was not added",
            lambda s: s.join(BERT, listed(s)))  # fmt: skip
    refused("feed-in-anothers-conversation", "A-8", "a third in a direct group",
            lambda s: s.join(CARA, s.found(ANNA, 3, [ANNA.member, BERT.member])))  # fmt: skip
    refused("message-of-an-owner-from-outside", "A-8", "an owner may look after a group, not write",
            lambda s: message(owner_outside(s)))  # fmt: skip
    refused("feed-of-an-owner-below-the-creator", "A-8", "flag bit 0: owners do not outrank",
            lambda s: s.join(ANNA, s.found(BERT, flags=1)))  # fmt: skip
    refused("feed-of-a-box-not-added", "A-9", "a box that was not added",
            lambda s: s.join(DORA, listed(s)))  # fmt: skip
    refused("feed-of-a-box-in-everyone", "A-9", "a box in a group of everyone",
            lambda s: s.join(DORA, s.found(ANNA, 2)))  # fmt: skip
    refused("group-add-by-a-member-of-grade-two", "A-8", "a plain member adds",
            lambda s: s.join(BERT, listed(s, BERT)).next(3, group_add(CARA)))  # fmt: skip
    refused("group-add-a-manager-by-a-manager", "A-8", "a manager makes a manager",
            lambda s: managed(s).next(3, group_add(CARA, grade=1)))  # fmt: skip
    refused("group-add-lowers-the-creator", "A-8", "a manager adds the creator with grade 2",
            lambda s: managed(s).next(3, group_add(ANNA)))  # fmt: skip
    refused("group-add-in-everyone", "A-8", "a group of everyone has no list",
            lambda s: s.found(ANNA, 2).next(3, group_add(BERT)))  # fmt: skip
    refused("group-remove-the-creator", "A-8", "a manager removes the creator",
            lambda s: managed(s).next(3, group_remove(ANNA)))  # fmt: skip
    refused("office-operation-in-a-group", "A-1", "a certify in a group log",
            lambda s: listed(s).next(3, s.admitting(EMIL)))  # fmt: skip
    refused("group-add-of-a-stranger", "A-6", "who is not in the office",
            lambda s: listed(s).next(3, group_add(EMIL)))  # fmt: skip

    def foreign(path, comment, build):
        s = Story()
        build(s)
        log(path, "verify", "E-12", comment, s)

    foreign("group-of-another-office", "ext 4 names another office",
            lambda s: s.found(ANNA, office=seeded("another office")))  # fmt: skip
    foreign("office-beside-the-office", "another office's genesis",
            lambda s: s.feeds.append(Feed(OTHER, bytes(32), body=joined(founding(OTHER)))))  # fmt: skip


def witness_of_no_say():
    """Cara founds a group and is removed by Anna, who is not in it; Bert has not seen all she did."""
    s = Story()
    group = s.found(CARA)
    group.next(3, group_add(BERT))
    bert = s.join(BERT, group)
    group.next(3, group_add(DORA))
    gone = s.anna.next(3, remove(CARA.member))
    bert.next(3, u8(200), deps=[gone])
    return ("ok-log-added-by-who-left-beside-a-member", "a plain member hears of it first", s,
            roster(bert=2, dora=2))  # fmt: skip


def two_witnesses():
    """The same, where Bert and Anna are managers; Anna has seen what Bert has not."""
    s = Story()
    group = s.found(CARA, flags=1)
    group.next(3, group_add(ANNA, BERT, grade=1))
    bert = s.join(BERT, group)
    group.next(3, group_add(DORA))
    gone = s.anna.next(3, remove(CARA.member))
    bert.next(3, u8(200), deps=[gone])
    s.join(ANNA, group).next(3, u8(200))
    return ("ok-log-added-by-who-left-seen-by-another", "the second who hears of it saw more", s,
            roster(anna=1, bert=1, dora=2))  # fmt: skip


def managed(s):
    """Bert's feed as a manager of a group of Anna's that owners do not outrank."""
    group = s.found(ANNA, flags=1)
    group.next(3, group_add(BERT, grade=1))
    return s.join(BERT, group)


def owner_outside(s):
    group = s.found(BERT)
    return s.join(ANNA, group)
