"""Vectors of 5-authority whose refusal follows from what has effect: A-10, A-11, A-13, A-14, A-16.

These rules refuse nothing themselves. Each case is a small office in which a right is missing
because of one of them; `because` names it, `rule` the right that is missing.
"""

from stories import (
    CARA, DORA, EMIL, FOLDER, Story, group_add, group_remove, message, owners, rank, remove, ticket,
)  # fmt: skip
from wire import Device, u8
from world import ANNA, BERT, RECOVERY, TICKET

SECOND = Device("bert's second", member=BERT.member)


def add(out):
    def refused(path, because, rule, comment, story):
        out.add(f"{FOLDER}{path}.txt", "admit", rule, comment, "log", story.parts(),
                because=because)  # fmt: skip

    for build in (removal_wins, owner_lists, ranks, by_ticket, cuts, group_cuts, unseen,
                  ended):
        build(refused)


def bert_gone(s, cuts=True):
    """Anna removes Bert, whose office feed she had seen."""
    listed = [(s.bert, s.bert.last.seq)] if cuts else []
    return s.anna.next(3, remove(BERT.member, cuts=listed), deps=[s.bert.last])


def removal_wins(refused):
    s = Story()
    bert_gone(s)
    again = s.cara.next(3, s.admitting(SECOND))
    s.certified[SECOND] = again
    s.office(SECOND, deps=[again])
    refused("certified-beside-a-removal", "A-10", "A-4",
            "a device certified by who did not know of its member's removal", s)  # fmt: skip
    s = Story()
    s.cara.next(3, remove(DORA.member, cuts=[(s.dora, 0)]), deps=[s.dora.last])
    s.bert.next(3, u8(200), deps=[s.cara.last])
    s.dora.next(3, u8(200), deps=[s.bert.last])
    refused("removed-and-told-by-another", "A-10", "A-4",
            "the removal is in the past by way of a third feed", s)  # fmt: skip
    s = Story()
    gone = bert_gone(s)
    group = s.found(ANNA)
    group.next(3, group_add(BERT), deps=[gone])
    refused("group-add-of-one-removed", "A-10", "A-6", "who was removed is added to a group", s)


def owner_lists(refused):
    anna, zero = (ANNA.signer.public, ANNA.signer), (bytes(32), RECOVERY)
    bert = (BERT.signer.public, BERT.signer)
    s = Story()
    s.anna.next(3, owners(s.id, [CARA.member], [anna]))
    s.anna.next(3, rank(BERT, 1))
    refused("rank-by-a-struck-owner", "A-11", "A-6",
            "who was struck from the list of owners has rank 2", s)  # fmt: skip
    s = Story()
    mine = s.anna.next(3, owners(s.id, [ANNA.member, BERT.member], [anna]))
    other = s.cara.next(3, owners(s.id, [CARA.member], [zero]))
    s.bert.next(3, rank(DORA, 2), deps=[mine, other])
    refused("rank-by-an-owner-of-a-list-not-in-force", "A-11", "A-6",
            "the recovery key's list stands above the one that names Bert", s)  # fmt: skip
    s = Story()
    one = s.anna.next(3, owners(s.id, [ANNA.member, BERT.member], [anna]))
    two = s.anna.next(3, owners(s.id, [ANNA.member, CARA.member], [anna, bert], one.id))
    s.bert.next(3, rank(DORA, 2), deps=[two])
    refused("rank-by-an-owner-of-the-list-before", "A-11", "A-6",
            "the list that names Bert was followed by another", s)  # fmt: skip


def ranks(refused):
    s = Story()
    s.anna.next(3, rank(CARA, 2))
    s.cara.next(3, s.admitting(EMIL), deps=[s.anna.last])
    refused("certify-by-a-lowered-admin", "A-11", "A-5", "the last rank operation counts", s)
    s = Story()
    s.anna.next(3, rank(BERT, 1))
    s.anna.next(3, rank(BERT, 2))
    s.bert.next(3, ticket(), deps=[s.anna.last])
    refused("ticket-by-who-was-admin-for-a-while", "A-11", "A-7",
            "raised, then lowered again, both in the past", s)  # fmt: skip


def ticketed(s, issuer, group):
    """A ticket into a group, used by Emil at Anna's node; his feed in the group."""
    made = issuer.next(3, ticket(group_count=u8(1) + group.group))
    seen = [made] if issuer is not s.anna else []
    s.certified[EMIL] = s.anna.next(3, s.admitting(EMIL, TICKET), deps=seen)
    return s.join(EMIL, group)


def by_ticket(refused):
    s = Story()
    group = s.found(BERT, flags=1)
    ticketed(s, s.cara, group)
    refused("came-by-ticket-of-no-manager", "A-13", "A-8",
            "the issuer is neither creator nor manager of the ticket's group", s)  # fmt: skip
    s = Story()
    group = s.found(BERT, flags=1)
    ticketed(s, s.anna, group)
    refused("came-by-ticket-of-an-owner-below", "A-13", "A-8",
            "an owner's ticket, where owners do not outrank the creator", s)  # fmt: skip
    s = Story()
    group = s.found(ANNA)
    feed = ticketed(s, s.anna, group)
    gone = group.next(3, group_remove(EMIL), deps=[feed.last])
    message(feed, deps=[gone])
    refused("removed-though-came-by-ticket", "A-13", "A-8",
            "a removal from the group ends what the ticket gave", s)  # fmt: skip
    for build in (gone_creator, gone_manager, gone_beside, lowered_manager):
        build(refused)


def ticket_of(s, issuer, group, deps=()):
    """A ticket into a group that Anna's node knows; Emil comes by it."""
    made = issuer.next(3, ticket(group_count=u8(1) + group.group))
    s.certified[EMIL] = s.anna.next(3, s.admitting(EMIL, TICKET), deps=[made, *deps])


def gone_creator(refused):
    s = Story()
    group = s.found(CARA)
    group.next(3, group_add(BERT))
    gone = s.join(ANNA, group).next(3, group_remove(CARA))
    ticket_of(s, s.cara, group)
    s.join(EMIL, group, group.last, gone)
    refused("came-by-ticket-of-a-removed-creator", "A-13", "A-8",
            "the creator was removed from the group, then Emil came by its ticket", s)  # fmt: skip


def gone_manager(refused):
    s = Story()
    group = s.found(BERT, flags=1)
    group.next(3, group_add(CARA, grade=1))
    gone = group.next(3, group_remove(CARA))
    ticket_of(s, s.cara, group)
    s.join(EMIL, group, gone)
    refused("came-by-ticket-of-a-removed-manager", "A-13", "A-8",
            "a manager was removed from the group, then Emil came by its ticket", s)  # fmt: skip


def gone_beside(refused):
    s = Story()
    group = s.found(BERT, flags=1)
    group.next(3, group_add(CARA, grade=1))
    ticket_of(s, s.cara, group)
    # Bert has seen neither the ticket nor who came by it.
    gone = group.next(3, group_remove(CARA))
    s.join(EMIL, group, gone)
    refused("came-by-ticket-beside-its-issuers-removal", "A-13", "A-8",
            "the removal of the issuer has not seen who came", s)  # fmt: skip


def lowered_manager(refused):
    s = Story()
    group = s.found(BERT, flags=1)
    group.next(3, group_add(CARA, grade=1))
    lowered = group.next(3, group_add(CARA))
    ticket_of(s, s.cara, group)
    s.join(EMIL, group, lowered)
    refused("came-by-ticket-of-a-lowered-manager", "A-13", "A-8",
            "a manager was made a mere member, then Emil came by its ticket", s)  # fmt: skip


def cuts(refused):
    """Cara is removed by Anna; what she did beyond the cut is void for who has seen both."""
    s = Story()
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 0)]), deps=[s.cara.last])
    s.certified[EMIL] = s.cara.next(3, s.admitting(EMIL))
    s.office(EMIL, deps=[s.certified[EMIL]])
    refused("written-by-who-was-admitted-beyond-a-cut", "A-14", "A-4",
            "the certificate lies beyond the cut of the removal", s)  # fmt: skip
    s = Story()
    s.anna.next(3, remove(CARA.member), deps=[])
    made = s.cara.next(3, ticket())
    s.bert.next(3, s.admitting(EMIL, TICKET), deps=[s.anna.last, made])
    refused("certify-by-a-ticket-beside-a-removal", "A-14", "A-5",
            "the removal lists no feed of Cara's and has not seen her ticket", s)  # fmt: skip
    s = Story()
    s.cara.next(3, u8(200))
    forged = s.cara.entries[1]
    s.cara.next(3, s.admitting(EMIL))
    s.certified[EMIL] = s.cara.last
    wrong = remove(CARA.member, cuts=[(s.cara, 2)]).replace(s.cara.entries[2].id, forged.id)
    s.anna.next(3, wrong, deps=[s.cara.entries[0]])
    s.office(EMIL, deps=[s.certified[EMIL]])
    refused("written-by-who-was-admitted-at-a-cut", "A-14", "A-4",
            "at the cut stands another entry than the removal names", s)  # fmt: skip


def group_cuts(refused):
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    bert = s.join(BERT, group)
    added = bert.next(3, group_add(CARA))
    gone = group.next(3, group_remove(BERT))
    s.join(CARA, group, added, gone)
    refused("feed-of-who-was-added-beside-a-removal", "A-14", "A-8",
            "a manager adds while being removed, and the removal has not seen it", s)  # fmt: skip


def unseen(refused):
    """Who leads a group is removed by Anna, who is not in it; nobody who vouches saw all it did."""

    def case(path, comment, build, creator=CARA, gone=CARA):
        s = Story(EMIL)
        group = s.found(creator)
        group.next(3, group_add(CARA if creator is BERT else BERT, grade=1))
        added, heard = build(s, group, lambda: s.anna.next(3, remove(gone.member)))
        s.join(EMIL, group, added, heard)
        refused(f"feed-of-who-was-added-{path}", "A-14", "A-8", comment, s)

    def before(s, group, removed):
        bert = s.join(BERT, group)
        added = group.next(3, group_add(EMIL))
        return added, bert.next(3, u8(200), deps=[removed()])

    def heard_later(s, group, removed):
        added, _ = before(s, group, removed)
        return added, s.feeds[-1].next(3, u8(200), deps=[added])

    def after(s, group, removed):
        bert = s.join(BERT, group)
        heard = bert.next(3, u8(200), deps=[removed()])
        return group.next(3, group_add(EMIL)), heard

    def outside(s, group, removed):
        anna = s.join(ANNA, group)
        added = group.next(3, group_add(EMIL))
        removed()
        return added, anna.next(3, u8(200), deps=[s.anna.last])

    def by_manager(s, group, removed):
        cara = s.join(CARA, group)
        added = cara.next(3, group_add(EMIL))
        return added, group.next(3, u8(200), deps=[removed()])

    case("by-one-gone", "the one manager who knows that the creator left had not seen it", before)
    case("by-one-gone-and-seen-later", "a manager sees it in a second operation", heard_later)
    case("after-ones-removal", "the creator adds and has not heard yet of being removed", after)
    case("beside-an-owner", "an owner from outside knows of the removal first", outside)
    case("by-a-manager-gone", "the creator had not seen what a manager did", by_manager, BERT)


def ended(refused):
    s = Story()
    s.certified[SECOND] = s.bert.next(3, s.admitting(SECOND))
    s.anna.next(3, remove(BERT.member), deps=[s.bert.last])
    s.office(SECOND, deps=[s.certified[SECOND]])
    refused("written-by-a-removed-members-other-device", "A-16", "A-4",
            "removing a member ends all its certificates", s)  # fmt: skip
    s = Story()
    bert_gone(s)
    s.certified[BERT] = s.anna.next(3, s.admitting(BERT))
    s.bert.next(3, u8(200), deps=[s.anna.last])
    refused("written-after-ones-return-in-the-old-feed", "A-16", "A-4",
            "the old feed names the certificate that ended", s)  # fmt: skip
    s = Story()
    bert_gone(s)
    s.office(BERT)
    refused("feed-opened-after-ones-removal", "A-16", "A-4",
            "a new feed by the certificate that ended", s)  # fmt: skip
