"""Vectors of 5-authority at the layer admit: small offices in which one thing is not allowed."""

from packing import batch
from wire import Device, Entry, Feed, ext_item, joined, seeded, u8, u16, u32
from world import ANNA, BERT, RECOVERY, TICKET, certify, founding, ticket_operation

FOLDER = "5-authority/"
CARA = Device("cara", rank=1)
DORA = Device("dora", rank=3, flags=1)
EMIL = Device("emil")
OTHER = Device("another founder", rank=0, flags=3)


class Story:
    """Anna founds an office and certifies Cara (admin), Bert (member) and Dora (a box)."""

    def __init__(self, *more):
        self.anna = Feed(ANNA, bytes(32), body=joined(founding()), nonce="anna")
        self.feeds, self.id = [self.anna], self.anna.group
        self.certified = {ANNA: self.anna.last}
        for device in (CARA, BERT, DORA) + more:
            self.certified[device] = self.anna.next(3, self.admitting(device))
        self.cara, self.bert, self.dora = [self.office(each) for each in (CARA, BERT, DORA)]

    def admitting(self, device, ticket=None):
        return joined(certify(self.id, device, ticket))

    def office(self, device, certificate=None, deps=()):
        """Opens a feed of a device in the office log; cites the last entry of Anna's."""
        certificate = certificate or self.certified[device]
        feed = Feed(device, certificate.id, group=self.id, deps=[self.anna.last, *deps],
                    nonce=f"office {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def found(self, device, kind=1, pair=(), flags=None, office=None, deps=()):
        """Opens a group by its first genesis; cites the last entry of Anna's office feed."""
        facts = ext_item(4, office or self.id) + ext_item(5, u8(kind))
        facts += ext_item(6, b"".join(sorted(pair))) if pair else b""
        facts += ext_item(7, u8(flags)) if flags is not None else b""
        named = self.id if device is ANNA else self.certified[device].id
        feed = Feed(device, named, facts=facts, deps=[self.anna.last, *deps],
                    nonce=f"group {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def join(self, device, group, *deps):
        """Opens a device's feed in a group, citing a head of it and that of Anna's office feed."""
        named = self.id if device is ANNA else self.certified[device].id
        cited = [self.anna.last, *(deps or [group.last])]
        feed = Feed(device, named, group=group.group, deps=cited,
                    nonce=f"joined {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def parts(self):
        segments = []
        for index, feed in enumerate(self.feeds):
            data = joined(batch(feed.entries, feed.device.signer))
            segments += [(f"length of feed {index}", u32(len(data))), (f"feed {index}", data)]
        return segments


def remove(member=None, device=None, cuts=()):
    target = u8(1) + member if member else u8(2) + device
    listed = sorted(feed.id + u32(seq) + feed.entries[seq].id for feed, seq in cuts)
    return u8(2) + target + u16(len(listed)) + b"".join(listed)


def rank(device, number, cuts=()):
    listed = sorted(feed.id + u32(seq) + feed.entries[seq].id for feed, seq in cuts)
    return u8(3) + device.member + u8(number) + u16(len(listed)) + b"".join(listed)


def ticket(**change):
    return joined(ticket_operation(**change))


def owners(office, members, signers, previous=bytes(32)):
    members = sorted(members)
    content = office + previous + u8(len(members)) + b"".join(members)
    signed = sorted((key, signer.sign("zr1 owners", content)) for key, signer in signers)
    return u8(6) + content[32:] + u8(len(signed)) + b"".join(key + sign for key, sign in signed)


def group_add(*devices, grade=2):
    members = sorted(device.member for device in devices)
    return u8(8) + u8(len(members)) + b"".join(members) + u8(grade)


def group_remove(device):
    return u8(9) + device.member + u16(0)


def message(feed, deps=()):
    """A message of which nobody here has the key."""
    feed.next(2, b"\x55" * 168, epoch=seeded("some epoch", 16), deps=deps)


def roster(**ranks):
    """Live members and ranks as a reader lists them."""
    known = {"anna": ANNA, "bert": BERT, "cara": CARA, "dora": DORA, "emil": EMIL}
    pairs = sorted((known[name].member.hex()[:8], number) for name, number in ranks.items())
    return " ".join(f"{member}={number}" for member, number in pairs)


def add(out):
    def log(path, expect, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "log", story.parts(), **gives)

    for build in (certificates, by_tickets, removals, tickets, owner_lists, groups, concurrent):
        build(log)


def certificates(log):
    s = Story()
    s.cara.next(3, s.admitting(EMIL))
    log("ok-log-admin-certifies", "ok", "A-5", "an admin certifies a member", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3, emil=2), void="")  # fmt: skip

    s = Story()
    opaque = Feed(ANNA, bytes(32), body=joined(founding()), nonce="opaque")
    first = opaque.entries[0]
    flagged = Entry(first.values | {"flags": u16(0x0100)}, first.deps, first.ext, first.body)
    opaque.entries = [flagged]
    s.feeds = [opaque]
    log("opaque-office-genesis", "admit", "A-4", "a critical flag on the office genesis", s)

    def refused(path, rule, comment, feed, body, *more):
        s = Story(*more)
        getattr(s, feed).next(3, body(s))
        log(path, "admit", rule, comment, s)

    stranger = Device("stranger", member=seeded("a member of no key", 16))
    refused("member-not-named-by-key", "A-3", "a new member_id that is no key's beginning", "cara",
            lambda s: s.admitting(stranger))  # fmt: skip
    again = Device("again", member=BERT.member)
    again.noise = BERT.noise
    refused("certify-a-used-noise-key", "A-3", "Bert's noise key under another device key", "bert",
            lambda s: s.admitting(again))  # fmt: skip
    refused("certify-a-live-device-again", "A-3", "Bert's three keys while his certificate is live",
            "cara", lambda s: s.admitting(BERT))  # fmt: skip
    refused("certify-by-a-member", "A-5", "a member certifies another member", "bert",
            lambda s: s.admitting(EMIL))  # fmt: skip
    admin = Device("emil", rank=1)
    refused("certify-an-equal", "A-5", "an admin certifies an admin", "cara",
            lambda s: s.admitting(admin))  # fmt: skip
    owner = Device("emil", rank=0)
    refused("certify-an-owner", "A-5", "rank 0 for who is not in the owner list", "anna",
            lambda s: s.admitting(owner))  # fmt: skip
    second = Device("bert's second", rank=1, member=BERT.member)
    refused("certify-oneself-higher", "A-5", "a member gives its second device rank 1", "bert",
            lambda s: s.admitting(second))  # fmt: skip
    wide = Device("bert's second", flags=3, member=BERT.member)
    refused("certify-oneself-wider", "A-5", "a flag that the member's own certificate lacks", "bert",
            lambda s: s.admitting(wide))  # fmt: skip
    for_cara = Device("cara's second", rank=2, member=CARA.member)
    refused("certify-for-a-senior", "A-5", "a device for an admin, by an admin's equal", "bert",
            lambda s: s.admitting(for_cara))  # fmt: skip
    for_owner = Device("anna's second", rank=2, member=ANNA.member)
    refused("certify-for-an-owner", "A-5", "a device for an owner, by an admin", "cara",
            lambda s: s.admitting(for_owner))  # fmt: skip


def by_tickets(log):
    def story(body=None, issuer="anna"):
        s = Story()
        s.ticket = getattr(s, issuer).next(3, body or ticket())
        return s

    s = story(issuer="cara")
    s.bert.next(3, s.admitting(EMIL, TICKET), deps=[s.ticket])
    log("ok-log-admitted-by-ticket", "ok", "A-5", "an admin's ticket, used at a member's node", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3, emil=2), void="")  # fmt: skip

    s = Story()
    s.anna.next(3, ticket())
    s.bert.next(3, s.admitting(EMIL, TICKET))
    log("certify-by-unseen-ticket", "admit", "A-5", "the ticket is not in the past", s)

    def used(path, comment, device=EMIL, body=None, by="bert", between=None, issuer="anna"):
        s = story(body, issuer)
        last = between(s) if between else s.ticket
        getattr(s, by).next(3, s.admitting(device, TICKET), deps=[last])
        log(path, "admit", "A-5", comment, s)

    revoke = u8(5) + TICKET.public
    used("certify-by-revoked-ticket", "a revoke is in the past",
         between=lambda s: s.anna.next(3, revoke))  # fmt: skip
    used("certify-by-ticket-other-rank", "a box by a ticket for members",
         Device("emil", rank=3))  # fmt: skip
    used("certify-by-ticket-other-flags", "a keeper by a ticket for none", Device("emil", flags=3))
    used("certify-by-ticket-for-another", "a ticket for Bert's devices", body=ticket(
        member_id=BERT.member))  # fmt: skip
    used("certify-by-ticket-without-admit", "a box whose certificate may not admit", by="dora")
    known = Device("cara's second", member=CARA.member)
    used("certify-by-ticket-a-known-member", "a second device by a ticket for a new member", known)
    used("certify-by-ticket-of-one-removed", "the issuer was removed before",
         between=lambda s: s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 1)]), deps=[s.ticket]),
         issuer="cara")  # fmt: skip


def removals(log):
    s = Story()
    s.cara.next(3, remove(BERT.member, cuts=[(s.bert, 0)]), deps=[s.bert.last])
    log("ok-log-admin-removes", "ok", "A-6", "an admin removes a member", s,
        roster=roster(anna=0, cara=1, dora=3), void="")  # fmt: skip
    s = Story()
    s.bert.next(3, remove(BERT.member))
    log("ok-log-member-leaves", "ok", "A-6", "a member removes itself", s,
        roster=roster(anna=0, cara=1, dora=3), void="")  # fmt: skip
    s = Story()
    s.anna.next(3, rank(BERT, 1))
    s.bert.next(3, s.admitting(EMIL), deps=[s.anna.last])
    log("ok-log-raised", "ok", "A-11", "a member becomes an admin and certifies", s,
        roster=roster(anna=0, cara=1, bert=1, dora=3, emil=2), void="")  # fmt: skip

    def refused(path, rule, comment, feed, body, deps=None):
        s = Story()
        getattr(s, feed).next(3, body(s), deps=deps(s) if deps else ())
        log(path, "admit", rule, comment, s)

    refused("remove-by-a-member", "A-6", "a member removes a box", "bert",
            lambda s: remove(CARA.member))  # fmt: skip
    refused("remove-an-owner", "A-6", "an admin removes an owner", "cara",
            lambda s: remove(ANNA.member))  # fmt: skip
    refused("remove-the-last-owner", "A-6", "an owner removes itself", "anna",
            lambda s: remove(ANNA.member))  # fmt: skip
    refused("remove-the-last-device-of-an-owner", "A-6", "its only device", "anna",
            lambda s: remove(device=ANNA.signer.public))  # fmt: skip
    refused("remove-nobody", "A-6", "a member that is not in the view", "anna",
            lambda s: remove(EMIL.member))  # fmt: skip
    refused("remove-no-device", "A-6", "a device that is not in the view", "anna",
            lambda s: remove(device=EMIL.signer.public))  # fmt: skip
    refused("remove-a-device-of-a-senior", "A-6", "an admin's device, by a member", "bert",
            lambda s: remove(device=CARA.signer.public))  # fmt: skip
    refused("rank-by-a-member", "A-6", "a member raises a box", "bert", lambda s: rank(DORA, 2))
    refused("rank-by-an-admin", "A-6", "an admin makes an admin", "cara", lambda s: rank(BERT, 1))
    refused("rank-to-owner", "A-6", "rank 0 by an operation", "anna", lambda s: rank(BERT, 0))
    refused("rank-to-guest", "A-6", "rank 4 is reserved", "anna", lambda s: rank(BERT, 4))
    refused("rank-of-an-owner", "A-6", "the founder lowered", "anna", lambda s: rank(ANNA, 2))

    s = Story()
    gone = s.anna.next(3, remove(BERT.member, cuts=[(s.bert, 0)]), deps=[s.bert.last])
    s.bert.next(3, u8(200), deps=[gone])
    log("written-after-ones-removal", "admit", "A-4", "it has its own removal in its past", s)
    s = Story()
    gone = s.anna.next(3, remove(device=BERT.signer.public, cuts=[(s.bert, 0)]), deps=[s.bert.last])
    s.bert.next(3, u8(200), deps=[gone])
    log("written-after-ones-devices-removal", "admit", "A-4", "so does its device", s)
    s = Story()
    gone = s.anna.next(3, remove(BERT.member, cuts=[(s.bert, 0)]), deps=[s.bert.last])
    s.anna.next(3, s.admitting(BERT))
    back = s.office(BERT, certificate=s.anna.last)
    back.next(3, u8(200))
    log("ok-log-back-again", "ok", "A-16", "certified again with the removal in its past", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3), void="")  # fmt: skip
    s = Story()
    s.bert.next(3, group_add(EMIL))
    log("group-operation-in-the-office", "admit", "A-1", "a group-add in the office log", s)


def tickets(log):
    def refused(path, comment, feed, *bodies):
        s = Story()
        for body in bodies:
            getattr(s, feed).next(3, body)
        log(path, "admit", "A-7", comment, s)

    refused("ticket-by-a-member", "a ticket for a new member, by a member", "bert", ticket())
    refused("ticket-with-wider-flags", "a keeper's ticket for one's own device", "bert",
            ticket(member_id=BERT.member, flags=u8(3)))  # fmt: skip
    refused("ticket-for-an-owners-device", "by an admin", "cara", ticket(member_id=ANNA.member))
    refused("ticket-for-an-equals-device", "Bert's, by a box", "dora", ticket(
        member_id=BERT.member, rank=u8(3), flags=u8(0)))  # fmt: skip
    refused("ticket-with-a-used-key", "the same ticket twice", "anna", ticket(), ticket(
        uses=u16(9)))  # fmt: skip
    s = Story()
    made = s.cara.next(3, ticket())
    s.bert.next(3, u8(5) + TICKET.public, deps=[made])
    log("revoke-by-a-member", "admit", "A-7", "an admin's ticket, by a member", s)
    s = Story()
    s.bert.next(3, ticket(member_id=BERT.member))
    s.cara.next(3, u8(5) + TICKET.public, deps=[s.bert.last])
    log("ok-log-revoked-by-a-senior", "ok", "A-7", "a member's ticket for itself, by an admin", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3), void="")  # fmt: skip


def owner_lists(log):
    anna, cara = (ANNA.signer.public, ANNA.signer), (CARA.signer.public, CARA.signer)
    bert, zero = (BERT.signer.public, BERT.signer), (bytes(32), RECOVERY)
    both = [ANNA.member, CARA.member]
    s = Story()
    first = s.anna.next(3, owners(s.id, both, [anna]))
    s.cara.next(3, owners(s.id, [CARA.member], [anna, cara], first.id), deps=[first])
    log("ok-log-owners", "ok", "A-11", "two owners, then one of them alone, signed by both", s,
        roster=roster(anna=2, cara=0, bert=2, dora=3), void="")  # fmt: skip
    s = Story()
    s.anna.next(3, owners(s.id, both, [anna]))
    s.bert.next(3, owners(s.id, [BERT.member], [zero]))
    log("ok-log-recovered", "ok", "A-11", "the recovery key's list stands above another", s,
        roster=roster(anna=2, cara=1, bert=0, dora=3), void="")  # fmt: skip

    def refused(path, comment, *lists):
        s = Story()
        for members, signers, previous in lists:
            s.anna.next(3, owners(s.id, members, signers, previous(s) if previous else bytes(32)))
        log(path, "admit", "A-7", comment, s)

    refused("owners-not-after-the-last", "previous is zero, and there is a list",
            (both, [anna], None), ([ANNA.member], [anna, cara], None))  # fmt: skip
    refused("owners-after-another-entry", "previous is no owner list",
            (both, [anna], lambda s: s.anna.last.id))  # fmt: skip
    refused("owners-signed-by-half", "one of two owners signed", (both, [anna], None),
            (both[:1], [anna], lambda s: s.anna.last.id))  # fmt: skip
    refused("owners-signed-by-a-member", "a member who is no owner signed", (both, [bert], None))
    refused("owners-of-strangers", "nobody listed has a device", ([EMIL.member], [anna], None))


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


def managed(s):
    """Bert's feed as a manager of a group of Anna's that owners do not outrank."""
    group = s.found(ANNA, flags=1)
    group.next(3, group_add(BERT, grade=1))
    return s.join(BERT, group)


def owner_outside(s):
    group = s.found(BERT)
    return s.join(ANNA, group)


def concurrent(log):
    """Entries that did not know of each other: which have effect."""
    s = Story()
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 0)]), deps=[s.cara.last])
    s.cara.next(3, s.admitting(EMIL))
    log("ok-log-admitted-beyond-a-cut", "ok", "A-14", "an admin who was removed admits on", s,
        roster=roster(anna=0, bert=2, dora=3), void=hexes(s.cara.last))  # fmt: skip
    s = Story()
    s.cara.next(3, s.admitting(EMIL))
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 1)]), deps=[s.cara.last])
    log("ok-log-admitted-before-a-cut", "ok", "A-14", "what the remover had seen stays", s,
        roster=roster(anna=0, bert=2, dora=3, emil=2), void="")  # fmt: skip
    s = Story()
    s.cara.next(3, remove(BERT.member, cuts=[(s.bert, 0)]), deps=[s.bert.last])
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 0)]), deps=[s.cara.entries[0]])
    log("ok-log-removal-by-one-removed", "ok", "A-14", "an owner's removal undoes an admin's", s,
        roster=roster(anna=0, bert=2, dora=3), void=hexes(s.cara.last))  # fmt: skip
    second = Device("bert's second", member=BERT.member)
    s = Story()
    s.bert.next(3, joined(certify(s.id, second, None)))
    s.anna.next(3, remove(BERT.member))
    log("ok-log-removal-wins", "ok", "A-10", "a device certified beside its member's removal", s,
        roster=roster(anna=0, cara=1, dora=3), void=hexes(s.bert.last))  # fmt: skip
    s = Story()
    s.anna.next(3, rank(CARA, 2, cuts=[(s.cara, 0)]), deps=[s.cara.last])
    s.cara.next(3, ticket())
    log("ok-log-ticket-beside-a-lowering", "ok", "A-14", "an admin is lowered and issues a ticket", s,
        roster=roster(anna=0, cara=2, bert=2, dora=3), void=hexes(s.cara.last))  # fmt: skip
    s = Story()
    s.anna.next(3, rank(BERT, 1))
    s.anna.next(3, rank(BERT, 3), deps=[])
    log("ok-log-rank-replaced", "ok", "A-11", "a later rank operation replaces an earlier one", s,
        roster=roster(anna=0, cara=1, bert=3, dora=3), void="")  # fmt: skip


def hexes(*entries):
    return " ".join(sorted(entry.id.hex()[:8] for entry in entries))

