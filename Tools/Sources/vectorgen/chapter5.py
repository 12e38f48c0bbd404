"""Vectors of 5-authority: the shapes of operations and the signatures in them."""

import admission
import evaluation
import lists
import places
import removals
import vouching
from wire import Signer, joined, seeded, u8, u16, u32
from world import ANNA, BERT, RECOVERY, TICKET, certify, certify_proof, ticket_operation

FOLDER = "5-authority/"


def add(out, office):
    add_certify(out, office)
    add_tickets(out, office)
    add_owners(out, office)
    add_removals(out)
    add_groups(out)
    admission.add(out)
    evaluation.add(out)
    places.add(out)
    removals.add(out)
    vouching.add(out)
    lists.add(out)


def adder(out):
    def operation(path, expect, comment, segments, rule="A-1", name=None, **more):
        if name:
            more["gives_operation"] = name
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "operation", segments, **more)

    return operation


def add_certify(out, office):
    add_one = adder(out)
    right = certify(office.id)
    add_one("ok-certify", "ok", "Bert admitted by ticket", right, "A-2", "certify",
            office=office.id)  # fmt: skip
    plain = certify(office.id, ticket=None)
    add_one("ok-certify-without-ticket", "ok", "Bert admitted by Anna's rank", plain, "A-2",
            "certify", office=office.id)  # fmt: skip
    guest = certify(office.id, rank=u8(4))
    add_one("ok-certify-a-reserved-rank", "ok", "rank 4 has a form, but no rights", guest, "A-1",
            "certify")  # fmt: skip

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("certify-cut", "a byte of the last signature is missing", joined(right)[:-1])
    bad("certify-with-more-behind", "a byte behind it", right + [("more", b"\0")])
    bad("certify-an-unknown-rank", "rank 6", certify(office.id, rank=u8(6)))
    bad("certify-with-unknown-flags", "certificate flags 4",
        certify(office.id, certificate_flags=u8(4)))  # fmt: skip
    bad("certify-with-ticket-unsigned", "a ticket key and no ticket signature",
        certify(office.id, ticket_signature=bytes(64)))  # fmt: skip
    bad("certify-signed-without-ticket", "a ticket signature and no ticket key",
        certify(office.id, ticket_key=bytes(32)))  # fmt: skip

    def forged(path, comment, **change):
        add_one(path, "verify", comment, certify(office.id, **change), "A-2", office=office.id)

    proof = certify_proof(office.id, BERT, TICKET.public)
    forged("certify-signed-by-another-device", "the device signature is Anna's",
           device_signature=ANNA.signer.sign("zr1 certify", proof))  # fmt: skip
    forged("certify-signed-by-another-ticket", "the ticket signature is of another ticket",
           ticket_signature=Signer("another ticket").sign("zr1 certify", proof))  # fmt: skip
    forged("certify-with-another-noise-key", "a noise key that was not signed",
           noise_key=ANNA.noise.public)  # fmt: skip
    forged("certify-for-another-member", "a member_id that was not signed",
           member_id=ANNA.member)  # fmt: skip
    forged("certify-of-another-link", "the handshake hash of another link",
           handshake_hash=seeded("another link"))  # fmt: skip
    elsewhere = certify(seeded("another office"))
    add_one("certify-of-another-office", "verify", "a proof made for another office", elsewhere,
            "A-2", office=office.id)  # fmt: skip
    forged("certify-under-another-label", "signed as if it were an entry",
           device_signature=BERT.signer.sign("zr1 entry", proof))  # fmt: skip


def add_tickets(out, office):
    add_one = adder(out)
    groups = sorted([office.group.group, seeded("another group")])
    add_one("ok-ticket", "ok", "a ticket for three members", ticket_operation(), name="ticket")
    add_one("ok-ticket-with-groups", "ok", "a ticket into two groups", ticket_operation(groups),
            name="ticket")  # fmt: skip
    add_one("ok-ticket-revoke", "ok", "a ticket taken back", u8(5) + TICKET.public,
            name="ticket-revoke")  # fmt: skip

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("ticket-for-an-admin", "rank 1", ticket_operation(rank=u8(1)))
    bad("ticket-for-a-guest", "rank 4", ticket_operation(rank=u8(4)))
    bad("ticket-with-unknown-flags", "flags 4", ticket_operation(flags=u8(4)))
    bad("ticket-with-descending-groups", "two groups in the wrong order",
        ticket_operation(groups[::-1]))  # fmt: skip
    bad("ticket-with-a-group-twice", "twice the same group", ticket_operation(groups[:1] * 2))
    bad("ticket-with-a-group-too-few", "a count of 2 and one group",
        ticket_operation(groups[:1], group_count=u8(2)))  # fmt: skip
    bad("ticket-with-more-behind", "a byte behind its groups",
        ticket_operation() + [("more", b"\0")])  # fmt: skip
    bad("ticket-without-group-count", "it ends behind uses", joined(ticket_operation())[:-1])
    bad("ticket-revoke-cut", "31 bytes of a ticket key", u8(5) + TICKET.public[:-1])
    bad("ticket-revoke-with-more-behind", "a byte behind the key", u8(5) + TICKET.public + b"\0")


def owners(office, members, signers, previous=bytes(32), count=None, signatures=None):
    """The segments of an owners operation; `signers` are (key in the list, who signs)."""
    content = office + previous + u8(len(members)) + b"".join(members)
    segments = [("op", u8(6)), ("previous", previous)]
    segments.append(("member count", u8(len(members) if count is None else count)))
    segments += [(f"member_id {index}", member) for index, member in enumerate(members)]
    segments.append(("signature count", u8(len(signers))))
    for index, (key, signer) in enumerate(signers):
        segments.append((f"device key {index}", key))
        signature = signer.sign("zr1 owners", content)
        segments.append((f"signature {index}", (signatures or {}).get(index, signature)))
    return segments


def add_owners(out, office):
    add_one = adder(out)
    both = sorted([ANNA.member, BERT.member])
    anna, bert = (ANNA.signer.public, ANNA.signer), (BERT.signer.public, BERT.signer)
    two = sorted([anna, bert], key=lambda pair: pair[0])
    zero = (bytes(32), RECOVERY)
    check = {"office": office.id, "recovery_key": RECOVERY.public}
    add_one("ok-owners", "ok", "Anna makes Bert an owner beside her",
            owners(office.id, both, [anna]), "A-7", "owners", **check)  # fmt: skip
    add_one("ok-owners-of-two", "ok", "two owners, two signatures, one before it",
            owners(office.id, both, two, seeded("previous")), "A-7", "owners", **check)  # fmt: skip
    add_one("ok-owners-by-recovery", "ok", "the recovery key, named by a zero key",
            owners(office.id, both, [zero]), "A-7", "owners", **check)  # fmt: skip

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("owners-none", "no owner", owners(office.id, [], [anna]))
    many = sorted(seeded(f"owner {index}", 16) for index in range(33))
    bad("owners-33", "33 owners", owners(office.id, many, [anna]))
    bad("owners-descending", "two owners in the wrong order", owners(office.id, both[::-1], [anna]))
    bad("owners-twice-the-same", "twice the same owner",
        owners(office.id, [both[0]] * 2, [anna]))  # fmt: skip
    bad("owners-unsigned", "no signature", owners(office.id, both, []))
    bad("owners-signatures-descending", "two signatures in the wrong order",
        owners(office.id, both, two[::-1]))  # fmt: skip
    bad("owners-signed-twice-by-one", "two signatures of one key",
        owners(office.id, both, [anna, anna]))  # fmt: skip
    bad("owners-cut", "a byte of the signature is missing",
        joined(owners(office.id, both, [anna]))[:-1])  # fmt: skip

    def forged(path, comment, segments):
        add_one(path, "verify", comment, segments, "A-7", **check)

    forged("owners-signed-by-another", "Bert's signature beside Anna's key",
           owners(office.id, both, [(ANNA.signer.public, BERT.signer)]))  # fmt: skip
    forged("owners-of-another-office", "made for another office",
           owners(seeded("another office"), both, [anna]))  # fmt: skip
    forged("owners-by-another-recovery-key", "not the recovery key of the genesis",
           owners(office.id, both, [(bytes(32), Signer("another recovery key"))]))  # fmt: skip
    forged("owners-with-one-forged-signature", "one of two does not hold",
           owners(office.id, both, two, signatures={1: bytes(64)}))  # fmt: skip


def cut(index, name="cut"):
    return seeded(f"feed {index}", 16), u32(7 + index), seeded(f"{name} {index}")


def cuts(count):
    return sorted(b"".join(cut(index)) for index in range(count))


def listed(items, count=None):
    named = [(f"cut {index}", item) for index, item in enumerate(items)]
    return [("cut count", u16(len(items) if count is None else count))] + named


def add_removals(out):
    add_one = adder(out)
    member = [("op", u8(2)), ("target", u8(1)), ("member_id", BERT.member)]
    device = [("op", u8(2)), ("target", u8(2)), ("device key", BERT.signer.public)]
    two = cuts(2)
    add_one("ok-remove-member", "ok", "a member, two feeds cut", member + listed(two),
            name="remove")  # fmt: skip
    add_one("ok-remove-device", "ok", "a device, nothing cut", device + listed([]), name="remove")
    add_one("ok-remove-with-1000-cuts", "ok", "as many cuts as there may be",
            member + [("cut count", u16(1_000)), ("cuts", b"".join(cuts(1_000)))],
            name="remove")  # fmt: skip
    rank = [("op", u8(3)), ("member_id", BERT.member), ("rank", u8(1))]
    add_one("ok-rank", "ok", "Bert becomes admin", rank + listed([]), name="rank")
    leave = [("op", u8(9)), ("member_id", BERT.member)]
    add_one("ok-group-remove", "ok", "Bert leaves a group", leave + listed(two[:1]),
            name="group-remove")  # fmt: skip

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("remove-target-zero", "target 0",
        [("op", u8(2)), ("target", u8(0)), ("member_id", BERT.member)] + listed([]))  # fmt: skip
    bad("remove-target-three", "target 3",
        [("op", u8(2)), ("target", u8(3)), ("member_id", BERT.member)] + listed([]))  # fmt: skip
    bad("remove-member-by-32-bytes", "target 1 and a device key",
        [("op", u8(2)), ("target", u8(1)), ("device key", BERT.signer.public)] + listed([]))  # fmt: skip
    bad("remove-with-1001-cuts", "a cut too many",
        member + [("cut count", u16(1_001)), ("cuts", b"".join(cuts(1_001)))])  # fmt: skip
    bad("remove-with-descending-cuts", "two cuts in the wrong order", member + listed(two[::-1]))
    feed, seq, entry = cut(0)
    bad("remove-with-a-feed-cut-twice", "two cuts of one feed",
        member + listed([feed + seq + entry, feed + u32(99) + entry]))  # fmt: skip
    bad("remove-with-a-cut-too-few", "a count of 3 and two cuts", member + listed(two, 3))
    bad("remove-with-a-cut-too-many", "a count of 1 and two cuts", member + listed(two, 1))
    bad("remove-without-cut-count", "it ends behind the member", member)
    bad("rank-unknown", "rank 6", rank[:2] + [("rank", u8(6))] + listed([]))
    bad("rank-cut", "no list of cuts", rank)
    bad("group-remove-descending-cuts", "two cuts in the wrong order", leave + listed(two[::-1]))
    bad("group-remove-by-8-bytes", "half a member_id", [("op", u8(9)), ("half", BERT.member[:8])])


def add_groups(out):
    add_one = adder(out)
    both = sorted([ANNA.member, BERT.member])

    def added(members, grade=2, count=None):
        return [("op", u8(8)), ("count", u8(len(members) if count is None else count))] + [
            (f"member_id {index}", member) for index, member in enumerate(members)
        ] + [("grade", u8(grade))]  # fmt: skip

    ids = sorted([seeded("one"), seeded("two")])
    suspend = [("op", u8(7)), ("feed_id", seeded("feed", 16)), ("seq", u32(7))]
    add_one("ok-group-add", "ok", "two members", added(both), name="group-add")
    add_one("ok-group-add-manager", "ok", "a manager", added(both[:1], 1), name="group-add")
    add_one("ok-suspend", "ok", "a feed that forked at 7",
            suspend + [("first ID", ids[0]), ("second ID", ids[1])], name="suspend")  # fmt: skip
    add_one("ok-psk", "ok", "op 10 is reserved: kept, relayed, not understood",
            u8(10) + b"whatever", name="unknown")  # fmt: skip
    add_one("ok-unknown-operation", "ok", "op 200 needs a newer version", u8(200), name="unknown")

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("group-add-nobody", "no member", added([]))
    bad("group-add-descending", "two members in the wrong order", added(both[::-1]))
    bad("group-add-twice-the-same", "twice the same member", added([both[0]] * 2))
    bad("group-add-a-creator", "grade 0", added(both, 0))
    bad("group-add-grade-three", "grade 3", added(both, 3))
    bad("group-add-without-grade", "it ends behind the members", added(both)[:-1])
    bad("group-add-too-few", "a count of 3 and two members", added(both, count=3))
    bad("suspend-descending", "two IDs in the wrong order",
        suspend + [("first ID", ids[1]), ("second ID", ids[0])])  # fmt: skip
    bad("suspend-one-entry", "twice the same ID", suspend + [("IDs", ids[0] * 2)])
    bad("suspend-cut", "one ID", suspend + [("first ID", ids[0])])
    bad("suspend-with-more-behind", "a byte behind the IDs",
        suspend + [("IDs", ids[0] + ids[1]), ("more", b"\0")])  # fmt: skip
    bad("group-add-with-more-behind", "a byte behind the grade", added(both) + [("more", b"\0")])
