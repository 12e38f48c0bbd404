"""Vectors of 8-replication: messages, frontier digests, branches."""

from packing import batch
from wire import Feed, hash_of, joined, seeded, u8, u16, u32, u64
from world import ANNA, BERT, TICKET, certify_proof

FOLDER = "8-replication/"
LIMIT = 327_680


def add(out, office):
    add_frames(out)
    add_lists(out, office)
    add_small(out)
    add_admission(out, office)
    add_doors(out)
    add_entries(out, office)
    add_branches(out, office)
    add_digests(out, office)


def message(kind, content, length=None):
    segments = [("", content)] if isinstance(content, bytes) else content
    size = len(joined(segments)) if length is None else length
    return [("kind", u8(kind)), ("length", u32(size))] + segments


def adder(out):
    def add_one(path, expect, comment, segments, rule="R-1", name=None, **more):
        if name:
            more["gives_message"] = name
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "message", segments, **more)

    return add_one


def add_frames(out):
    add_one = adder(out)
    add_one("ok-unknown-kind", "ok", "kind 127 is ignored", message(127, b"later"), name="unknown")
    add_one("ok-unknown-empty-kind", "ok", "kind 20 without content is ignored", message(20, b""),
            name="unknown")  # fmt: skip
    add_one("ok-longest-message", "ok", "kind 100 with 327,680 bytes", message(100, b"\xaa" * LIMIT),
            name="unknown")  # fmt: skip

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("message-too-long", "327,681 bytes", message(100, b"\xaa" * (LIMIT + 1)))
    bad("message-of-2-31-bytes", "a length of 2,147,483,648", message(7, bytes(8), 1 << 31))
    bad("message-of-2-32-bytes", "a length of 4,294,967,295", message(7, bytes(8), (1 << 32) - 1))
    bad("message-cut", "a byte less than its length", message(100, b"later", 6))
    bad("message-head-cut", "four bytes", u8(7) + bytes(3))
    bad("message-empty", "no byte at all", b"")
    bad("kind-zero", "kind 0", message(0, b""))
    bad("kind-128", "kind 128", message(128, b""))
    bad("kind-255", "kind 255", message(255, bytes(8)))


def item(index, seq=7, branch=bytes(16)):
    feed = seeded(f"feed {index}", 16)
    return feed + branch + u32(seq) + seeded(f"head {index}", 16)


def items(count):
    return sorted(item(index) for index in range(count))


def add_lists(out, office):
    add_one = adder(out)
    group = office.group.group
    digests = sorted(g + seeded(f"digest of {n}") for n, g in (("office", office.id), ("g", group)))
    two = items(2)
    split = sorted(item(1, branch=seeded(f"branch {n}", 16)) for n in range(2))
    wants = [each[:36] for each in two]

    def good(path, comment, kind, name, *segments):
        add_one(path, "ok", comment, message(kind, list(segments)), name=name)

    count = ("count", u16(2))
    good("ok-digests", "two groups", 1, "digests", count, ("", digests[0]), ("", digests[1]))
    good("ok-digests-empty", "no group", 1, "digests", ("count", u16(0)))
    good("ok-frontier", "two heads", 2, "frontier", ("group_id", group), ("count", u32(2)),
         ("", two[0]), ("", two[1]))  # fmt: skip
    good("ok-frontier-forked", "a feed with its trunk and two branches", 2, "frontier",
         ("group_id", group), ("count", u32(3)), ("trunk", item(1)), ("", split[0]),
         ("", split[1]))  # fmt: skip
    good("ok-want", "two feeds", 3, "want", ("group_id", group), count, ("", wants[0]),
         ("", wants[1]))  # fmt: skip
    good("ok-have", "two heads", 5, "have", ("group_id", group), count, ("", two[0]), ("", two[1]))

    def bad(path, comment, kind, *segments):
        add_one(path, "decode", comment, message(kind, list(segments)))

    bad("digests-descending", "two groups in the wrong order", 1, count, ("", digests[1]),
        ("", digests[0]))  # fmt: skip
    bad("digests-twice-the-same", "twice the same group", 1, count, ("", digests[0]),
        ("", digests[0][:32] + seeded("d")))  # fmt: skip
    bad("digests-too-few", "a count of 2 and one group", 1, count, ("", digests[0]))
    bad("digests-with-more-behind", "a byte behind the last", 1, count, ("", digests[0]),
        ("", digests[1]), ("more", b"\0"))  # fmt: skip
    many = sorted(seeded(f"group {n}", 64) for n in range(1_025))
    bad("digests-of-1025-groups", "a group too many", 1, ("count", u16(1_025)), ("", b"".join(many)))
    bad("digests-without-count", "no byte", 1)

    head = ("group_id", group)
    for kind, name, wide in ((2, "frontier", u32), (5, "have", u16)):
        bad(f"{name}-descending", "two heads in the wrong order", kind, head, ("count", wide(2)),
            ("", two[1]), ("", two[0]))  # fmt: skip
        bad(f"{name}-twice-the-same", "two heads of one feed", kind, head, ("count", wide(2)),
            ("", item(1)), ("", item(1, 8)))  # fmt: skip
        bad(f"{name}-branches-descending", "two branches in the wrong order", kind, head,
            ("count", wide(2)), ("", split[1]), ("", split[0]))  # fmt: skip
        bad(f"{name}-too-few", "a count of 3 and two heads", kind, head, ("count", wide(3)),
            ("", two[0]), ("", two[1]))  # fmt: skip
        bad(f"{name}-too-many", "a count of 1 and two heads", kind, head, ("count", wide(1)),
            ("", two[0]), ("", two[1]))  # fmt: skip
        bad(f"{name}-of-the-last-seq", "a head of seq 4,294,967,295", kind, head,
            ("count", wide(1)), ("", item(1, 0xFFFFFFFF)))  # fmt: skip
        good(f"ok-{name}-of-the-highest-seq", "a head of seq 4,294,967,294", kind, name, head,
             ("count", wide(1)), ("", item(1, 0xFFFFFFFE)))  # fmt: skip
    bad("frontier-of-4097-heads", "a head too many", 2, head, ("count", u32(4_097)),
        ("", b"".join(items(4_097))))  # fmt: skip
    bad("frontier-of-2-32-heads", "a count of 4,294,967,295", 2, head, ("count", u32(0xFFFFFFFF)))
    bad("want-descending", "two feeds in the wrong order", 3, head, count, ("", wants[1]),
        ("", wants[0]))  # fmt: skip
    bad("want-twice-the-same", "one feed from two places", 3, head, count, ("", wants[0]),
        ("", wants[0][:32] + u32(9)))  # fmt: skip
    bad("want-cut", "a byte of the last place is missing", 3, head, count, ("", wants[0]),
        ("", wants[1][:-1]))  # fmt: skip
    bad("want-from-the-last-seq", "from seq 4,294,967,295", 3, head, ("count", u16(1)),
        ("", wants[0][:32] + u32(0xFFFFFFFF)))  # fmt: skip
    over = b"".join(each[:36] for each in items(4_097))
    bad("want-of-4097-feeds", "a feed too many", 3, head, ("count", u16(4_097)), ("", over))


def add_small(out):
    add_one = adder(out)
    add_one("ok-bye", "ok", "another link stays", message(6, u8(3)), name="bye")
    add_one("ok-ping", "ok", "a ping", message(7, u64(1)), name="ping")
    add_one("ok-pong", "ok", "and its pong", message(8, u64(1)), name="pong")

    def bad(path, comment, segments):
        add_one(path, "decode", comment, segments)

    bad("bye-without-code", "no code", message(6, b""))
    bad("bye-of-code-zero", "code 0", message(6, u8(0)))
    bad("bye-of-code-eight", "code 8", message(6, u8(8)))
    bad("bye-with-more-behind", "a byte behind the code", message(6, u8(1) + b"\0"))
    bad("ping-of-seven-bytes", "a byte less", message(7, bytes(7)))
    bad("ping-of-nine-bytes", "a byte more", message(7, bytes(9)))
    bad("pong-of-seven-bytes", "a byte less", message(8, bytes(7)))
    bad("pong-empty", "no nonce", message(8, b""))


def add_admission(out, office):
    add_one = adder(out)
    proof = certify_proof(office.id, BERT, TICKET.public)
    names = [("name length", u8(4)), ("member name", b"Bert"), ("name length", u8(6)),
             ("device name", b"Laptop")]  # fmt: skip
    request = [
        ("ticket key", TICKET.public),
        ("member_id", BERT.member),
        ("device key", BERT.signer.public),
        ("noise key", BERT.noise.public),
        ("sealing key", BERT.sealing.public),
        ("device signature", BERT.signer.sign("zr1 certify", proof)),
        ("ticket signature", TICKET.sign("zr1 certify", proof)),
    ]
    add_one("ok-admit-request", "ok", "Bert asks with his ticket", message(9, request + names),
            name="admit-request")  # fmt: skip
    odd = [("name length", u8(1)), ("member name", b"\n"), ("name length", u8(0))]
    add_one("ok-admit-request-with-an-odd-name", "ok", "no names, but a request: answered by code 6",
            message(9, request + odd), name="admit-request")  # fmt: skip
    add_one("ok-admit-answer", "ok", "admitted", message(10, u8(0) + office.certified.id),
            name="admit-answer")  # fmt: skip
    add_one("ok-admit-answer-expired", "ok", "expired", message(10, u8(1) + bytes(32)),
            name="admit-answer")  # fmt: skip

    def bad(path, comment, kind, segments):
        add_one(path, "decode", comment, message(kind, segments))

    bad("admit-request-name-cut", "a name longer than the message", 9,
        request + names[:2] + [("name length", u8(7)), ("device name", b"Laptop")])  # fmt: skip
    bad("admit-request-without-names", "it ends behind the signatures", 9, request)
    bad("admit-request-with-one-name", "no device name", 9, request + names[:2])
    bad("admit-request-with-more-behind", "a byte behind the device name", 9,
        request + names + [("more", b"\0")])  # fmt: skip
    bad("admit-answer-of-code-eight", "code 8", 10, u8(8) + bytes(32))
    bad("admit-answer-without-certificate", "admitted, and no certificate", 10, u8(0) + bytes(32))
    bad("admit-answer-refused-with-certificate", "expired, and a certificate", 10,
        u8(1) + office.certified.id)  # fmt: skip
    bad("admit-answer-cut", "31 bytes of a certificate", 10, u8(0) + office.certified.id[:-1])


def add_doors(out):
    add_one = adder(out)

    def names(*each):
        return [part for name in each for part in (("name length", u8(len(name))), ("name", name))]

    office, ben = "Müller GmbH".encode(), "Ben Vogel".encode()
    line = b"zr1-ticket-aeaq"
    nonce = [("nonce", seeded("nonce"))]
    knock = [("commitment", seeded("commitment"))]
    answer = [("code", u8(0)), ("ticket length", u16(len(line))), ("ticket", line)]
    nobody = [("of nobody", u8(0))]
    add_one("ok-door", "ok", "whose door it is", message(12, names(office, b"Anna") + nobody),
            name="door")  # fmt: skip
    add_one("ok-door-for-a-further-device", "ok", "only what is Ben's comes in",
            message(12, names(office, ben, ben)), name="door")  # fmt: skip
    add_one("ok-knock", "ok", "Ben knocks", message(13, knock + names(ben, b"pc-ben")), name="knock")
    add_one("ok-door-nonce", "ok", "the sponsor's share", message(14, nonce), name="door-nonce")
    add_one("ok-opening", "ok", "the newcomer's share", message(15, nonce), name="opening")
    add_one("ok-door-answer", "ok", "yes, with a ticket", message(16, answer), name="door-answer")
    add_one("ok-door-answer-refused", "ok", "no", message(16, u8(1) + u16(0)), name="door-answer")

    def bad(path, comment, kind, segments):
        add_one(path, "decode", comment, message(kind, segments))

    bad("door-without-names", "no content", 12, b"")
    bad("door-with-one-name", "no sponsor", 12, names(office))
    bad("door-without-member", "not even that it is of nobody", 12, names(office, b"Anna"))
    bad("door-with-an-empty-name", "an office without a name", 12, names(b"", b"Anna") + nobody)
    bad("door-with-an-empty-sponsor", "a sponsor without a name", 12, names(office, b"") + nobody)
    bad("door-with-a-line-feed", "no name", 12, names(office, b"Anna\nWeber") + nobody)
    bad("door-with-a-member-of-two-lines", "no name", 12, names(office, b"Anna", b"Anna\nWeber"))
    bad("door-with-a-name-of-129-bytes", "longer than a name", 12,
        names(office, b"a" * 129) + nobody)  # fmt: skip
    bad("door-with-half-a-character", "no UTF-8", 12, names(office[:2], b"Anna") + nobody)
    bad("door-name-cut", "a name longer than the message", 12, [("", u8(9) + b"Werk")])
    bad("door-with-more-behind", "a byte behind the names", 12,
        names(office, b"Anna") + nobody + [("", b"\0")])  # fmt: skip
    bad("knock-without-names", "a commitment alone", 13, knock)
    bad("knock-with-one-name", "no device", 13, knock + names(ben))
    bad("knock-with-an-empty-device", "a device without a name", 13, knock + names(ben, b""))
    bad("knock-cut", "31 bytes of a commitment", 13, knock[0][1][:-1])
    bad("knock-with-more-behind", "a byte behind the names", 13,
        knock + names(ben, b"pc") + [("", b"\0")])  # fmt: skip
    for kind, what in ((14, "door-nonce"), (15, "opening")):
        bad(f"{what}-cut", "31 bytes", kind, nonce[0][1][:-1])
        bad(f"{what}-with-more-behind", "33 bytes", kind, nonce[0][1] + b"\0")
        bad(f"{what}-empty", "no byte at all", kind, b"")
    bad("door-answer-empty", "no code", 16, b"")
    bad("door-answer-of-code-four", "code 4", 16, u8(4) + u16(0))
    bad("door-answer-yes-without-ticket", "yes, and nothing to join with", 16, u8(0) + u16(0))
    bad("door-answer-no-with-ticket", "no, and a ticket", 16, [("code", u8(1))] + answer[1:])
    bad("door-answer-with-a-ticket-cut", "a byte is missing", 16, joined(answer)[:-1])
    bad("door-answer-with-more-behind", "a byte behind the ticket", 16, joined(answer) + b"\0")
    bad("door-answer-with-a-ticket-too-long", "8,193 bytes", 16,
        u8(0) + u16(8_193) + b"a" * 8_193)  # fmt: skip


def add_entries(out, office):
    add_one = adder(out)
    packed = batch([office.message], ANNA.signer, head={"before": office.epoch_entry})
    branch = ("branch", bytes(16))
    add_one("ok-entries", "ok", "one message", message(4, [branch] + packed), name="entries")
    add_one("entries-with-more-behind", "decode", "a byte behind the batch",
            message(4, [branch] + packed + [("more", b"\0")]), "F-13")  # fmt: skip
    add_one("entries-without-batch", "decode", "a branch and no batch", message(4, [branch]), "F-13")
    add_one("entries-with-head-cut", "decode", "a byte of the batch's head is missing",
            message(4, [branch, ("", joined(packed)[:129])]), "F-13")  # fmt: skip
    add_one("entries-with-broken-entry", "decode", "kind 0 in the batch",
            message(4, [branch] + changed_control(packed)), "E-2")  # fmt: skip


def changed_control(packed):
    return [(n, u8(0x03) + u8(0) + u16(0) if n == "0 control" else d) for n, d in packed]


def two_branches(office):
    """Anna's feed as it is, and as a clone of her computer went on: both from seq 3."""
    group = office.group.entries
    other = Feed(ANNA, office.id, nonce="unused")
    other.entries = list(group[:3])
    other.wall = group[2].wall
    office.say("Der Aufzug steht noch.", other, later=2_000)
    office.say("Immer noch.", other)
    return [group[3]], other.entries[3:]


def add_branches(out, office):
    """The first entries of a branch, as a clone of Anna's computer wrote them."""
    first, second = two_branches(office)
    before = office.group.entries[2]

    def one(path, expect, comment, entries, name, signer=ANNA.signer, rule="R-13", held=before,
            change=None):  # fmt: skip
        segments = batch(entries, signer, (), change, {"before": before})
        more = {"held": held.header, "device_key": ANNA.signer.public, "log": "group"}
        if expect == "ok":
            more["gives_id"] = entries[-1].id
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "batch", segments, branch=name[:16],
                **more)  # fmt: skip

    one("ok-branch", "ok", "two entries of a clone", second, second[0].id)
    one("branch-of-another-name", "verify", "sent under the name of the other branch", second,
        first[0].id)  # fmt: skip
    one("branch-named-by-its-last", "verify", "sent under the name of its last entry", second,
        second[1].id)  # fmt: skip
    one("branch-of-another-device", "verify", "a branch that Bert signed", second, second[0].id,
        BERT.signer, "F-2")  # fmt: skip
    one("branch-with-a-gap", "verify", "the entry that it leaves is not the one held", second,
        second[0].id, rule="F-15", held=office.group.entries[1])  # fmt: skip
    one("branch-after-another-entry", "verify", "the held entry has other content", second,
        second[0].id, rule="F-2", held=before.changed(body_hash=seeded("another body")))  # fmt: skip
    one("branch-with-another-wall-base", "verify", "one more than that of the entry it leaves",
        second, second[0].id, rule="F-15", change={"wall base": u64(before.wall + 1)})  # fmt: skip
    one("branch-of-another-feed", "verify", "feed_id of Bert's feed", second, second[0].id,
        rule="E-12", change={"feed_id": office.bert.id})  # fmt: skip
    one("branch-of-another-group", "verify", "group_id of the office", second, second[0].id,
        rule="E-12", change={"group_id": office.id})  # fmt: skip
    one("branch-with-another-lamport-base", "verify", "one more than that of the entry it leaves",
        second, second[0].id, rule="F-15", change={"lamport base": u32(before.lamport + 1)})  # fmt: skip


def add_digests(out, office):
    group = office.group.group
    two = items(2)

    def one(path, expect, comment, rule, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "digest", data, group=group, **gives)

    one("ok-digest", "ok", "two heads", "R-3", b"".join(two),
        gives_digest=hash_of("zr1.frontier", group, *two))  # fmt: skip
    one("ok-digest-of-nothing", "ok", "a group of which nothing is held", "R-3", b"",
        gives_digest=hash_of("zr1.frontier", group))  # fmt: skip
    one("digest-descending", "decode", "two heads in the wrong order", "R-1", two[1] + two[0])
    one("digest-twice-the-same", "decode", "twice the same head", "R-1", two[0] * 2)
    one("digest-cut", "decode", "51 bytes of a head", "R-1", two[0][:-1])
