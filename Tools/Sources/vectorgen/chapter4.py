"""Vectors of 4-feed: batches as they travel, and what several feeds admit."""

from packing import batch
from wire import Device, Feed, ext_item, joined, reference, seeded, u8, u16, u32, u64, varint
from world import ANNA, BERT, Office, certify, name_content

FOLDER = "4-feed/"
STRANGER = Device("stranger", member=BERT.member)


def add(out, office):
    add_accepted(out, office)
    add_heads(out, office)
    add_encodings(out, office)
    add_bodies(out, office)
    add_places(out, office)
    add_logs(out)


class Writer:
    """Adds batch vectors of one feed."""

    def __init__(self, out, entries, signer, log="group"):
        self.out, self.entries, self.signer, self.log = out, entries, signer, log

    def __call__(self, path, expect, rule, comment, first, last, change=None, erased=(),
                 held=None, device=None, signed=None, because=None):  # fmt: skip
        chosen = self.entries[first : last + 1]
        before = self.entries[first - 1] if first else None
        segments = batch(chosen, self.signer, erased, change, {"before": before}, signed)
        more = {"log": self.log}
        if before is not None:
            more |= {"held": (held or before).header, "device_key": device or self.signer.public}
        if because:
            more["because"] = because
        if expect == "ok":
            more["gives_id"] = chosen[-1].id
            if last - first <= 2:
                more["gives_headers"] = b"".join(entry.header for entry in chosen)
        self.out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "batch", segments, **more)


def talk(office):
    """A feed of Bert's with deps that stay, advance, change and end."""
    feed = office.bert
    anna = office.group
    for _ in range(3):
        office.say("Noch eine Nachricht.", anna)
    own = [office.certified, anna.entries[4]]
    office.say("Danke.", feed, deps=own)
    office.say("Danke sehr.", feed, deps=[office.certified, anna.entries[5]])
    office.say("Und gleich noch einmal.", feed, later=-3_600_000)
    office.say("Die Uhr ging vor.", feed, deps=[anna.entries[6]])
    office.say("Bis morgen.", feed, ext=ext_item(200, b"later"), flags=1)
    return feed


def add_accepted(out, office):
    ok = Writer(out, office.anna.entries, ANNA.signer, "office")
    ok("ok-office-log", "ok", "F-14", "the office log from its first genesis", 0, 4)
    group = Writer(out, office.group.entries, ANNA.signer)
    group("ok-group-log", "ok", "F-14", "a group from its first genesis to a message", 0, 3)
    group("ok-one-message", "ok", "F-11", "live push of one entry", 3, 3)
    feed = talk(office)
    bert = Writer(out, feed.entries, BERT.signer)
    bert("ok-later-feed", "ok", "F-14", "the genesis of a second feed in the group", 0, 0)
    bert("ok-deps-that-advance", "ok", "F-13", "the same deps, one of them further on", 1, 2)
    bert("ok-time-going-back", "ok", "F-13", "an author's clock set back by an hour", 2, 3)
    bert("ok-cut-at-the-front", "ok", "F-11", "a receiver that holds two entries more", 3, 5)
    bert("ok-whole-feed", "ok", "F-11", "genesis, deps, ext and flags in one batch", 0, 5)
    many = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="many")
    for _ in range(255):
        many.next(2, b"", epoch=office.epoch, flags=0x8000, later=0)
    full = Writer(out, many.entries, ANNA.signer)
    full("ok-256-entries", "ok", "F-10", "as many entries as a batch may hold, opaque, empty",
         0, 255)  # fmt: skip
    many.next(2, b"", epoch=office.epoch, flags=0x8000, later=0)
    full("entries-257", "decode", "F-10", "one entry too many", 0, 256)
    fill = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="fill")
    first = len(fill.last.header)
    for _ in range(254):
        fill.next(2, b"\xaa" * (1_024 - 155), epoch=office.epoch, flags=0x8000)
    fill.next(2, b"\xaa" * (2_048 - 155 - first), epoch=office.epoch, flags=0x8000)
    assert sum(len(each.header) + len(each.body) for each in fill.entries) == 262_144
    brim = Writer(out, fill.entries, ANNA.signer)
    brim("ok-262144-bytes", "ok", "F-10", "full to the last byte, in 256 entries", 0, 255)
    over = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="over")
    for _ in range(3):
        over.next(2, b"\xaa" * 65_536, epoch=office.epoch, flags=0x8000)
    rest = 262_144 - sum(len(each.header) + len(each.body) for each in over.entries) - 155
    over.next(2, b"\xaa" * (rest + 1), epoch=office.epoch, flags=0x8000)
    more = Writer(out, over.entries, ANNA.signer)
    more("bytes-262145", "decode", "F-10", "one byte too many, all bodies here", 0, 4)
    more("bytes-262145-erased", "decode", "F-10", "one byte too many, though no body travels", 0, 4,
         erased=(1, 2, 3, 4))  # fmt: skip


def add_heads(out, office):
    group = Writer(out, office.group.entries, ANNA.signer)
    message, last = (3, 3), "F-2"

    def one(path, expect, rule, comment, change=None, **more):
        group(path, expect, rule, comment, *message, change=change, **more)

    one("count-zero", "decode", "F-13", "count 0", {"count": u16(0)})
    one("count-too-high", "decode", "F-13", "count 2 and one entry", {"count": u16(2)})
    group("entries-behind-the-last", "decode", "F-13", "count 1 and two entries", 2, 3,
          {"count": u16(1)})  # fmt: skip
    group("seq-without-successor-in-batch", "decode", "F-13", "the last seq is 4,294,967,295", 2, 3,
          {"first": u32(0xFFFFFFFE)})  # fmt: skip
    group("wall-base-before-a-genesis", "decode", "F-13", "wall base 5 where first is 0", 0, 0,
          {"wall base": u64(5)})  # fmt: skip
    group("lamport-base-before-a-genesis", "decode", "F-13", "lamport base 1 where first is 0",
          0, 0, {"lamport base": u32(1)})  # fmt: skip
    one("signature-wrong", "verify", last, "one bit of the signature differs",
        {"signature": flipped(office.message.signature(ANNA.signer))})  # fmt: skip
    one("signature-of-bert", "verify", last, "signed by another member",
        {"signature": office.message.signature(BERT.signer)})  # fmt: skip
    group("signature-of-an-entry-within", "verify", last,
          "the signature of the first entry, where the last one's belongs", 2, 3,
          signed=office.group.entries[2], because="F-11")  # fmt: skip
    group("cut-at-its-end", "verify", last, "the signature of an entry that does not travel", 1, 2,
          signed=office.group.entries[3], because="F-11")  # fmt: skip
    group("unsigned", "verify", last, "a signature of zeros", 2, 3, {"signature": bytes(64)},
          because="F-11")  # fmt: skip
    one("device-key-of-bert", "verify", last, "the feed is said to be Bert's",
        device=BERT.signer.public)  # fmt: skip
    lamport = office.epoch_entry.lamport
    one("lamport-base-of-another-entry", "verify", "F-15", "one more than that of the held entry",
        {"lamport base": u32(lamport + 1)})  # fmt: skip
    one("wall-base-of-another-entry", "verify", "F-15", "one more than that of the held entry",
        {"wall base": u64(office.epoch_entry.wall + 1)})  # fmt: skip
    one("gap", "verify", "F-15", "the receiver holds an entry less",
        held=office.group.entries[1])  # fmt: skip
    one("after-another-entry", "verify", last, "the held entry has other content",
        held=fork_of(office))  # fmt: skip
    one("of-another-feed", "verify", "E-12", "feed_id of Bert's feed",
        {"feed_id": office.bert.id})  # fmt: skip
    one("of-another-group", "verify", "E-12", "group_id of the office", {"group_id": office.id})
    group("genesis-of-another-feed", "verify", "F-14", "feed_id is not the genesis' ID", 0, 0,
          {"feed_id": seeded("feed", 16)})  # fmt: skip
    group("genesis-of-another-group", "verify", "F-14", "group_id is not the genesis' ID", 0, 0,
          {"group_id": seeded("group")})  # fmt: skip


def flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def fork_of(office):
    """Another entry at the place before the message: only its body differs."""
    return office.epoch_entry.changed(body_hash=seeded("another body"))


def add_encodings(out, office):
    feed = office.bert
    bert = Writer(out, feed.entries, BERT.signer)

    def bad(path, rule, comment, first, last, change):
        bert(path, "decode", rule, comment, first, last, change)

    control = 0x02 | 0x10
    bad("control-bit-7", "F-13", "bit 7", 3, 3, {"0 control": u8(0x82)})
    bad("control-bits-3-and-4", "F-13", "deps twice", 1, 2, {"1 control": u8(0x18)})
    bad("kind-repeated", "F-13", "bit 0 says kind 2, flags 0 before the first entry", 3, 3,
        {"0 control": u8(0x03) + u8(2) + u16(0)})  # fmt: skip
    bad("epoch-repeated", "F-13", "bit 1 says the epoch of the entry before", 2, 3,
        {"1 control": u8(0x02) + office.epoch})  # fmt: skip
    bad("epoch-zero-repeated", "F-13", "bit 1 says zero before the first entry", 3, 3,
        {"0 epoch_id": bytes(16)})  # fmt: skip
    deps = feed.entries[2].deps
    bad("deps-that-could-advance", "F-13", "bit 3 where bit 4 stands", 1, 2,
        {"1 control": u8(0x08), "1 advanced deps": u8(2) + b"".join(deps)})  # fmt: skip
    bad("advanced-deps-of-the-first", "F-13", "bit 4 with no entry before", 3, 3,
        {"0 control": u8(control)})  # fmt: skip
    bad("advanced-deps-after-none", "F-13", "bit 4 after an entry without deps", 3, 4,
        {"1 control": u8(0x10)})  # fmt: skip
    over = b"".join(varint(0xFFFFFFFF) + dep[20:] for dep in deps)
    bad("advanced-dep-too-far", "F-13", "seq of a dep leaves its 32 bits", 1, 2,
        {"1 advanced deps": over})  # fmt: skip
    bad("dep-count-zero", "F-13", "bit 3 and no dep", 1, 1,
        {"0 dep count": u8(0), "0 dep 0": b"", "0 dep 1": b""})  # fmt: skip
    bad("dep-count-seventeen", "E-6", "bit 3 and 17 deps", 1, 1,
        {"0 dep count": u8(17), "0 dep 0": b"".join(many_deps(17)), "0 dep 1": b""})  # fmt: skip
    bad("deps-descending-in-batch", "E-6", "two deps in the wrong order", 1, 1,
        {"0 dep 0": feed.entries[1].deps[1], "0 dep 1": feed.entries[1].deps[0]})  # fmt: skip
    bad("dep-on-the-own-feed-in-batch", "E-6", "a dep on the own feed", 4, 4,
        {"0 dep 0": reference(feed.entries[0])})  # fmt: skip
    bad("ext-empty", "F-13", "bit 5 and an ext of no bytes", 5, 5,
        {"0 ext length": u16(0), "0 ext": b""})  # fmt: skip
    bad("ext-too-long", "E-7", "bit 5 and an ext of 513 bytes", 5, 5,
        {"0 ext length": u16(513), "0 ext": ext_item(1, bytes(255)) + ext_item(2, bytes(254))})  # fmt: skip
    bad("ext-broken", "E-7", "a value longer than the ext", 5, 5,
        {"0 ext": u8(200) + u8(6) + b"later"})  # fmt: skip
    bad("lamport-too-far", "F-13", "lamport leaves its 32 bits", 3, 3,
        {"0 lamport difference": varint(0xFFFFFFFF)})  # fmt: skip
    bad("body-size-too-far", "E-4", "body_size 65,537", 3, 3,
        {"0 body_size": varint(65_537)})  # fmt: skip
    bad("body-size-of-40-bits", "E-4", "body_size 2^40", 3, 3, {"0 body_size": varint(1 << 40)})
    bad("body-cut", "F-13", "a byte of the last body is missing", 3, 3,
        {"0 body": feed.entries[3].body[:-1]})  # fmt: skip
    bad("more-behind", "F-13", "a byte behind the last entry", 3, 3,
        {"0 body": feed.entries[3].body + b"\0"})  # fmt: skip
    bad("kind-zero-in-batch", "E-2", "kind 0", 5, 5, {"0 kind": u8(0)})
    bad("genesis-in-the-middle", "E-5", "kind 1 at seq 3", 3, 3,
        {"0 control": u8(0x03) + u8(1) + u16(0)})  # fmt: skip
    bad("founding-bit-later", "E-5", "bit 6 at seq 3", 3, 3, {"0 control": u8(0x42)})
    bad("erased-without-size", "F-13", "bit 2 and body_size 0", 3, 3,
        {"0 control": u8(0x06), "0 body_size": varint(0), "0 body": seeded("hash")})  # fmt: skip
    bad("erased-with-zero-hash", "E-4", "bit 2 and a body_hash of zeros", 3, 3,
        {"0 control": u8(0x06), "0 body": bytes(32)})  # fmt: skip


def many_deps(count):
    return sorted(seeded(f"batch feed {index}", 16) + u32(index) + seeded(f"batch id {index}", 16)
                  for index in range(count))  # fmt: skip


def add_bodies(out, office):
    anna = Writer(out, office.anna.entries, ANNA.signer, "office")
    group = Writer(out, office.group.entries, ANNA.signer)
    anna("control-erased", "decode", "F-13", "a control entry whose body does not travel", 3, 3,
         erased=(0,))  # fmt: skip
    anna("office-genesis-erased", "decode", "F-13", "the office genesis without its body", 0, 0,
         erased=(0,))  # fmt: skip
    anna("control-with-broken-operation", "decode", "A-1", "a ticket of rank 1 in a batch", 3, 3,
         {"0 body": broken_ticket(office)})  # fmt: skip
    group("message-without-body", "verify", "R-16", "a message without its body", 3, 3,
          erased=(0,))  # fmt: skip
    group("epoch-without-body", "verify", "R-16", "an epoch entry without its body", 2, 2,
          erased=(0,))  # fmt: skip
    body = bytearray(office.epoch_entry.body)
    body[33] = 3
    group("epoch-with-broken-body", "decode", "K-1", "a count of 3 over two sealed copies", 2, 2,
          {"0 body": bytes(body)})  # fmt: skip
    body = bytearray(office.anna.entries[0].body)
    body[112] = 1
    admin = Feed(ANNA, bytes(32), body=bytes(body), nonce="anna office")
    Writer(out, admin.entries, ANNA.signer, "office")(
        "office-genesis-of-an-admin", "decode", "E-14", "rank 1 in the body", 0, 0)  # fmt: skip


def broken_ticket(office):
    body = bytearray(office.ticket.body)
    body[33] = 1
    return bytes(body)


def add_places(out, office):
    clear = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="clear")
    clear.next(2, name_content("unverschl\u00fcsselt"))
    Writer(out, clear.entries, ANNA.signer)(
        "message-in-clear", "verify", "E-15", "a message without epoch_id in a group", 1, 1)  # fmt: skip
    odd = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="odd")
    odd.next(2, bytes(169), epoch=office.epoch)
    Writer(out, odd.entries, ANNA.signer)(
        "message-of-an-odd-size", "verify", "K-6", "an encrypted body of 169 bytes", 1, 1)  # fmt: skip
    bare = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="bare")
    bare.next(2, b"", epoch=office.epoch)
    Writer(out, bare.entries, ANNA.signer)(
        "message-without-a-body", "verify", "K-6", "an encrypted body of no byte", 1, 1)  # fmt: skip
    later = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="later")
    later.next(2, b"\xaa" * 7, flags=0x0100)
    Writer(out, later.entries, ANNA.signer)(
        "ok-opaque-in-clear", "ok", "E-15", "what an opaque entry's body is, is not known", 1, 1)  # fmt: skip
    hidden = Feed(ANNA, bytes(32), body=office.anna.entries[0].body, nonce="anna office")
    hidden.next(2, bytes(168), epoch=office.epoch)
    Writer(out, hidden.entries, ANNA.signer, "office")(
        "message-encrypted-in-the-office", "verify", "E-15", "an epoch_id in the office log",
        1, 1)  # fmt: skip


def add_logs(out):
    """Several feeds: how far each is admitted."""

    def log(path, expect, rule, comment, *parts, **gives):
        segments = []
        for name, feed, first, last, signer in parts:
            entries = feed.entries[first:last]
            before = feed.entries[first - 1] if first else None
            data = joined(batch(entries, signer, head={"before": before}))
            segments += [(f"length of {name}", u32(len(data))), (name, data)]
        if gives:
            ordered = sorted({feed.id: name for name, feed, *_ in parts}.items())
            gives = {"gives_admitted": " ".join(str(gives[name.split()[0]]) for _, name in ordered)}
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "log", segments, **gives)

    def parts(office, bert_first=0):
        return [
            ("office", office.anna, 0, None, ANNA.signer),
            ("group", office.group, 0, None, ANNA.signer),
            ("bert", office.bert, bert_first, None, BERT.signer),
        ]

    office = Office()
    office.say("Gut.", office.bert, deps=[office.message])
    log("ok-log", "ok", "F-5", "an office, a group, and an answer", *parts(office),
        office=5, group=4, bert=2)  # fmt: skip
    three = parts(office)
    log("ok-log-in-another-order", "ok", "F-7", "stored in another order, admitted alike",
        three[0], three[2], three[1], office=5, group=4, bert=2)  # fmt: skip
    log("ok-log-waiting", "ok", "F-4", "the feed of a dep is not here: Bert's waits",
        three[0], three[2], office=5, bert=0)  # fmt: skip

    def answer(path, expect, rule, comment, **more):
        office = Office()
        office.say("Gut.", office.bert, **more)
        log(path, expect, rule, comment, *parts(office))

    answer("lamport-too-high", "admit", "F-5", "one more than prev and deps allow", lamport=13)
    high = Office()
    answer("lamport-too-low", "admit", "F-5", "the message it cites has this one",
           deps=[high.message], lamport=high.bert.last.lamport + 2)  # fmt: skip
    wrong = high.message.feed + u32(high.message.seq) + seeded("another ID", 16)
    office = Office()
    office.say("Gut.", office.bert, raw_deps=[wrong])
    log("ok-dep-with-another-id", "ok", "F-4", "another entry stands there: the feed waits",
        *parts(office), office=5, group=4, bert=1)  # fmt: skip

    office = Office()
    other = Feed(ANNA, office.id, facts=ext_item(4, office.id) + ext_item(5, u8(2)),
                 deps=[office.certified], nonce="another group")  # fmt: skip
    office.say("Gut.", office.bert, deps=[other.last])
    log("ok-dep-in-another-group", "ok", "F-4", "a dep in a third group: the feed waits",
        *parts(office)[:2], ("other", other, 0, None, ANNA.signer), parts(office)[2],
        office=5, group=4, bert=1, other=1)  # fmt: skip

    office = Office()
    office.anna.next(3, joined(certify(office.id)), deps=[office.message])
    log("ok-office-entry-citing-a-group", "ok", "F-4", "an office entry cites a group: it waits",
        *parts(office)[:2], office=5, group=4)  # fmt: skip

    office = Office()
    early = Feed(BERT, seeded("no certificate"), group=office.group.group, nonce="no certificate",
                 deps=[office.certified, office.message])  # fmt: skip
    log("genesis-with-unknown-certificate", "admit", "F-6", "no such certify entry in its past",
        *parts(office)[:2], ("bert", early, 0, None, BERT.signer))  # fmt: skip
    foreign = Feed(BERT, office.ticket.id, group=office.group.group, nonce="wrong certificate",
                   deps=[office.certified, office.message])  # fmt: skip
    log("genesis-with-another-entry-as-certificate", "admit", "F-6", "the ticket's entry is named",
        *parts(office)[:2], ("bert", foreign, 0, None, BERT.signer))  # fmt: skip
    alone = Feed(BERT, office.certified.id, group=office.group.group, nonce="alone",
                 deps=[office.anna.entries[2]])  # fmt: skip
    log("genesis-without-its-certificate-in-its-past", "admit", "F-6",
        "it cites an office entry before its certificate", *parts(office)[:2],
        ("bert", alone, 0, None, BERT.signer))  # fmt: skip
    apart = Feed(BERT, office.certified.id, group=office.group.group, nonce="apart",
                 deps=[office.certified])  # fmt: skip
    log("genesis-without-its-group-in-its-past", "admit", "F-16", "it cites the office log alone",
        *parts(office)[:2], ("bert", apart, 0, None, BERT.signer))  # fmt: skip
    stolen = Feed(STRANGER, office.certified.id, group=office.group.group, nonce="stolen",
                  deps=[office.certified, office.message])  # fmt: skip
    log("genesis-with-anothers-certificate", "admit", "F-6", "Bert's certificate, another key",
        *parts(office)[:2], ("bert", stolen, 0, None, STRANGER.signer))  # fmt: skip
