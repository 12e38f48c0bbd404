"""Vectors of 5-authority at the layer admit: offices in which one thing is not allowed."""

from admission_groups import groups
from stories import (
    CARA, DEVICES_MAX, DORA, EMIL, FOLDER, Story, group_add, group_remove, hexes, owners, rank, remove, roster, ticket,
)  # fmt: skip
from wire import Device, Entry, Feed, joined, seeded, u8, u16
from world import ANNA, BERT, RECOVERY, TICKET, certify, founding, name_content

def add(out):
    def log(path, expect, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        folder = "6-epochs/" if rule == "K-3" else FOLDER
        out.add(f"{folder}{path}.txt", expect, rule, comment, "log", story.parts(), **gives)

    for build in (certificates, by_tickets, removals, tickets, owner_lists, groups, concurrent,
                  unknown):
        build(log)


def certificates(log):
    s = Story()
    s.cara.next(3, s.admitting(EMIL))
    log("ok-log-admin-certifies", "ok", "A-5", "an admin certifies a member", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3, emil=2), void="")  # fmt: skip
    s = Story()
    s.cara.next(3, s.admitting(Device("emil", rank=3, flags=3)))
    s.bert.next(3, s.admitting(Device("bert's second", rank=2, member=BERT.member)))
    log("ok-log-box-and-second-device", "ok", "A-5",
        "an admin certifies a box that is a keeper, a member a second device of its own", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3, emil=3), void="")  # fmt: skip

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
    refused("certify-a-box-by-a-member", "A-5", "a member certifies a box", "bert",
            lambda s: s.admitting(Device("emil", rank=3, flags=1)))  # fmt: skip
    for_dora = Device("dora's second", rank=3, flags=1, member=DORA.member)
    refused("certify-a-device-of-a-box-by-a-member", "A-5", "a member's key for a box", "bert",
            lambda s: s.admitting(for_dora))  # fmt: skip
    refused("certify-a-keeper-by-a-box", "A-5", "a box certifies a keeper of a reserved rank",
            "dora", lambda s: s.admitting(Device("emil", rank=4, flags=1)))  # fmt: skip
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
    s = Story(admin)
    s.cara.next(3, s.admitting(Device("emil's second", rank=2, member=admin.member)))
    log("certify-for-an-equal", "admit", "A-5", "a device for an admin, by an admin", s)
    refused("certify-for-a-senior", "A-5", "a device for an admin, by an admin's equal", "bert",
            lambda s: s.admitting(for_cara))  # fmt: skip
    for_owner = Device("anna's second", rank=2, member=ANNA.member)
    refused("certify-for-an-owner", "A-5", "a device for an owner, by an admin", "cara",
            lambda s: s.admitting(for_owner))  # fmt: skip
    many_devices(log)


def many_devices(log):
    """Bert has as many devices as one may have, and more."""
    def story(ticket_for_bert=False):
        s = Story()
        if ticket_for_bert:
            s.cara.next(3, ticket(member_id=BERT.member, uses=u16(9)))
        s.more = [s.bert.next(3, s.admitting(bert_number(2)), deps=s.cara.entries[1:])]
        s.more += [s.bert.next(3, s.admitting(bert_number(number)))
                   for number in range(3, DEVICES_MAX + 1)]  # fmt: skip
        return s

    s = story()
    s.bert.next(3, s.admitting(bert_number(DEVICES_MAX + 1)))
    log("certify-a-device-too-many", "admit", "A-5", "as many devices as one may have, and one", s)
    s = story(ticket_for_bert=True)
    s.bert.next(3, s.admitting(bert_number(DEVICES_MAX + 1), TICKET))
    log("certify-by-ticket-a-device-too-many", "admit", "A-5", "so by a ticket", s)
    s = story()
    s.bert.next(3, remove(device=bert_number(2).signer.public))
    s.bert.next(3, s.admitting(bert_number(DEVICES_MAX + 1)))
    log("ok-log-device-in-place-of-another", "ok", "A-5", "one is removed, another comes", s,
        roster=roster(anna=0, cara=1, bert=2, dora=3), void="")  # fmt: skip

    s = story()
    second = bert_number(2)
    s.certified[second] = s.more[0]
    other = s.office(second, deps=[s.more[0]])
    beside = [bert_number(number) for number in (30, 31)]
    s.more += [other.next(3, s.admitting(each)) for each in beside]
    s.found(ANNA, 2)
    devices = [bert_number(number) for number in range(2, DEVICES_MAX + 1)] + beside
    # By lamport, then entry ID; his first device was certified before all of these.
    first = sorted(zip(s.more, devices), key=lambda pair: (pair[0].lamport, pair[0].id))
    kept = [device for _, device in first[:DEVICES_MAX - 1]]
    log("ok-log-more-devices-than-read", "ok", "K-3",
        "two devices certify beside each other more than one may have: the first are recipients", s,
        recipients=keys(ANNA, CARA, BERT, *kept))  # fmt: skip


    s = Story()
    s.bert.next(3, s.admitting(second))
    both = Device("bert's device 2", member=CARA.member)
    s.early(CARA).next(3, s.admitting(both))
    s.found(ANNA, 2)
    log("ok-log-device-of-two-members", "ok", "K-3",
        "Cara certifies Bert's second device as well: it is a recipient once", s,
        recipients=keys(ANNA, BERT, CARA, second))  # fmt: skip


def bert_number(number):
    return Device(f"bert's device {number}", member=BERT.member)


def keys(*devices):
    return " ".join(sorted(device.signer.public.hex()[:8] for device in devices))


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
    admin = Device("emil", rank=1)
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

    refused("remove-by-a-member", "A-6", "a member removes an admin", "bert",
            lambda s: remove(CARA.member))  # fmt: skip
    refused("remove-a-box-by-a-member", "A-6", "a member removes a box", "bert",
            lambda s: remove(DORA.member))  # fmt: skip
    refused("remove-a-device-of-a-box-by-a-member", "A-6", "a box's only device", "bert",
            lambda s: remove(device=DORA.signer.public))  # fmt: skip
    refused("remove-a-member-by-a-box", "A-6", "a box removes a member", "dora",
            lambda s: remove(BERT.member))  # fmt: skip
    s = Story(admin)
    s.cara.next(3, remove(admin.member))
    log("remove-an-equal", "admit", "A-6", "an admin removes an admin", s)
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


def concurrent(log):
    """Entries that did not know of each other: which have effect."""
    s = Story()
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 0)]), deps=[s.cara.last])
    s.cara.next(3, s.admitting(EMIL))
    void = hexes(s.cara.last)
    s.cara.next(2, name_content("Kontor der Entlassenen", 6, BERT.member))
    log("ok-log-admitted-beyond-a-cut", "ok", "A-14", "an admin who was removed admits and names on",
        s, roster=roster(anna=0, bert=2, dora=3), void=void)  # fmt: skip
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


def unknown(log):
    """Operations of a later version, and whether they bind who does not know them (A-17)."""
    later = u8(200) + b"of a later version"

    def said(path, comment, newer, build):
        s = Story()
        build(s)
        log(path, "ok", "A-17", comment, s, newer=newer)

    said("ok-log-unknown-by-an-admin", "an admin's binds", "yes", lambda s: s.cara.next(3, later))
    said("ok-log-unknown-by-a-member", "a member's does not", "no", lambda s: s.bert.next(3, later))

    def removed(s):
        s.cara.next(3, later)
        s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 1)]), deps=[s.cara.last])

    said("ok-log-unknown-of-a-removed-admin", "nor one of who was removed, though it counts", "no",
         removed)  # fmt: skip

    def raised(s):
        s.bert.next(3, later)
        s.anna.next(3, rank(BERT, 1), deps=[s.bert.last])

    said("ok-log-unknown-of-one-raised-later", "nor what was written before one was admin", "no",
         raised)  # fmt: skip

    def managed(grade):
        def build(s):
            group = s.found(ANNA)
            group.next(3, group_add(BERT, grade=grade))
            s.join(BERT, group).next(3, later)

        return build

    said("ok-log-unknown-by-a-manager", "in a group, a manager's binds", "yes", managed(1))
    said("ok-log-unknown-by-a-member-of-a-group", "a mere member's does not", "no", managed(2))

    def out_of_group(s):
        group = s.found(ANNA)
        group.next(3, group_add(BERT, grade=1))
        bert = s.join(BERT, group)
        bert.next(3, later)
        group.next(3, group_remove(BERT), deps=[bert.last])
        group.next(3, group_add(BERT, grade=1))

    said("ok-log-unknown-of-a-removed-manager", "nor one from before a removal from the group",
         "no", out_of_group)  # fmt: skip
