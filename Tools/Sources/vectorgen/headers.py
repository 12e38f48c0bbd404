"""Vectors of 3-entry: the fields of a header, its deps and its ext."""

from wire import Feed, ext_item, seeded, u8, u16, u32
from world import ANNA

FOLDER = "3-entry/"


def header(out, path, expect, rule, comment, entry, **gives):
    segments = entry if isinstance(entry, (list, bytes)) else entry.segments
    if expect == "ok":
        gives["gives_id"] = entry.id
    out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "header", segments, **gives)


def add_headers(out, office):
    message, control = office.message, office.certified
    founder = office.anna.entries[0]
    ok = "ok"
    header(out, "ok-message", ok, "E-3", "an encrypted message, without deps", message,
           gives_opaque="00")  # fmt: skip
    header(out, "ok-office-genesis", ok, "E-11", "the founder's first entry", founder,
           gives_opaque="00")  # fmt: skip
    header(out, "ok-group-genesis", ok, "E-11", "the first genesis of a listed group",
           office.group.entries[0], gives_opaque="00")  # fmt: skip
    header(out, "ok-later-genesis", ok, "E-11", "Bert's feed in the same group",
           office.bert.entries[0], gives_opaque="00")  # fmt: skip
    header(out, "ok-control", ok, "E-9", "a certify entry", control, gives_opaque="00")
    header(out, "ok-epoch", ok, "E-9", "an epoch entry", office.epoch_entry, gives_opaque="00")
    header(out, "ok-unknown-kind", ok, "E-2", "kind 10: opaque, not refused",
           message.changed(kind=u8(10)), gives_opaque="01")  # fmt: skip
    header(out, "ok-later-kind", ok, "E-2", "kind 7: opaque in this version",
           message.changed(kind=u8(7), epoch_id=bytes(16)), gives_opaque="01")  # fmt: skip
    header(out, "ok-unknown-critical-flag", ok, "E-10", "flag 0x8000: opaque, not refused",
           message.changed(flags=u16(0x8000)), gives_opaque="01")  # fmt: skip
    header(out, "ok-unknown-other-flag", ok, "E-10", "flag 0x0002: ignored",
           message.changed(flags=u16(2)), gives_opaque="00")  # fmt: skip
    header(out, "ok-title-hint", ok, "E-21", "flag 0x0001: perhaps a title, certainly not opaque",
           message.changed(flags=u16(1)), gives_opaque="00")  # fmt: skip
    header(out, "ok-no-body", ok, "E-4", "a message that never had a body",
           message.changed(body_size=u32(0), body_hash=bytes(32)), gives_opaque="00")  # fmt: skip
    header(out, "ok-largest-body", ok, "E-4", "body_size 65,536",
           message.changed(body_size=u32(65_536)), gives_opaque="00")  # fmt: skip
    header(out, "ok-highest-seq", ok, "E-5", "seq 4,294,967,294",
           message.changed(seq=u32(0xFFFFFFFE)), gives_opaque="00")  # fmt: skip
    header(out, "ok-highest-lamport", ok, "E-8", "lamport 4,294,967,295",
           message.changed(lamport=u32(0xFFFFFFFF)), gives_opaque="00")  # fmt: skip

    no = "decode"
    header(out, "fmt-zero", no, "E-1", "fmt 0", message.changed(fmt=u8(0)))
    header(out, "fmt-two", no, "E-1", "fmt 2", message.changed(fmt=u8(2)))
    header(out, "kind-zero", no, "E-2", "kind 0", message.changed(kind=u8(0)))
    header(out, "fmt-255", no, "E-1", "fmt 255", message.changed(fmt=u8(255)))
    header(out, "lamport-zero-in-a-genesis", no, "E-8", "lamport 0 at seq 0",
           founder.changed(lamport=u32(0)))  # fmt: skip
    header(out, "highest-lamport-in-a-genesis", no, "E-8", "lamport 4,294,967,295 without deps",
           founder.changed(lamport=u32(0xFFFFFFFF)))  # fmt: skip
    header(out, "body-too-large", no, "E-4", "body_size 65,537",
           message.changed(body_size=u32(65_537)))  # fmt: skip
    header(out, "body-size-highest", no, "E-4", "body_size 4,294,967,295",
           message.changed(body_size=u32(0xFFFFFFFF)))  # fmt: skip
    header(out, "body-without-hash", no, "E-4", "body_size 168 and a zero body_hash",
           message.changed(body_hash=bytes(32)))  # fmt: skip
    header(out, "hash-without-body", no, "E-4", "body_size 0 and a body_hash",
           message.changed(body_size=u32(0)))  # fmt: skip
    header(out, "genesis-later", no, "E-5", "kind 1 at seq 3",
           control.changed(kind=u8(1), body_size=u32(0), body_hash=bytes(32)))  # fmt: skip
    header(out, "message-at-seq-zero", no, "E-5", "kind 2 at seq 0",
           founder.changed(kind=u8(2)))  # fmt: skip
    header(out, "genesis-with-prev", no, "E-5", "prev at seq 0",
           founder.changed(prev=seeded("prev")))  # fmt: skip
    header(out, "no-prev", no, "E-5", "a zero prev at seq 3", message.changed(prev=bytes(32)))
    header(out, "genesis-with-feed", no, "E-5", "feed_id at seq 0",
           founder.changed(feed_id=seeded("feed", 16)))  # fmt: skip
    header(out, "no-feed", no, "E-5", "a zero feed_id at seq 3",
           message.changed(feed_id=bytes(16)))  # fmt: skip
    header(out, "no-group", no, "E-5", "a zero group_id at seq 3",
           message.changed(group_id=bytes(32)))  # fmt: skip
    header(out, "seq-without-successor", no, "E-5", "seq 4,294,967,295",
           message.changed(seq=u32(0xFFFFFFFF)))  # fmt: skip
    header(out, "lamport-zero", no, "E-8", "lamport 0", message.changed(lamport=u32(0)))
    header(out, "lamport-one-later", no, "E-8", "lamport 1 at seq 3",
           message.changed(lamport=u32(1)))  # fmt: skip
    header(out, "genesis-lamport-two", no, "E-8", "lamport 2 in a genesis without deps",
           founder.changed(lamport=u32(2)))  # fmt: skip
    header(out, "genesis-with-deps-lamport-one", no, "E-8", "lamport 1 in a genesis with deps",
           office.bert.entries[0].changed(lamport=u32(1)))  # fmt: skip
    header(out, "control-with-epoch", no, "E-9", "an encrypted control entry",
           control.changed(epoch_id=office.epoch))  # fmt: skip
    header(out, "genesis-with-epoch", no, "E-9", "an encrypted genesis",
           founder.changed(epoch_id=office.epoch))  # fmt: skip
    for kind, name in ((6, "erase"), (7, "seal"), (8, "keys"), (9, "adopt")):
        header(out, f"{name}-with-epoch", no, "E-9", f"kind {kind} with an epoch_id",
               message.changed(kind=u8(kind)))  # fmt: skip
    header(out, "epoch-without-epoch", no, "E-9", "an epoch entry with a zero epoch_id",
           office.epoch_entry.changed(epoch_id=bytes(16)))  # fmt: skip
    header(out, "share-without-epoch", no, "E-9", "kind 5 with a zero epoch_id",
           message.changed(kind=u8(5), epoch_id=bytes(16)))  # fmt: skip
    header(out, "control-without-body", no, "E-16", "a control entry with body_size 0",
           control.changed(body_size=u32(0), body_hash=bytes(32)))  # fmt: skip
    header(out, "office-genesis-without-body", no, "E-16", "body_size 0",
           founder.changed(body_size=u32(0), body_hash=bytes(32)))  # fmt: skip
    header(out, "office-genesis-with-another-body", no, "E-16", "body_size 179",
           founder.changed(body_size=u32(179)))  # fmt: skip
    header(out, "group-genesis-with-body", no, "E-16", "body_size 178 in a group's genesis",
           office.group.entries[0].changed(body_size=u32(178), body_hash=seeded("body")))  # fmt: skip


def add_structure(out, office):
    """E-3: the header ends where its lengths say."""
    message = office.message
    raw, no = message.header, "decode"
    header(out, "header-empty", no, "E-3", "no byte at all", b"")
    header(out, "header-cut-in-fixed-fields", no, "E-3", "100 bytes of 155", raw[:100])
    header(out, "header-cut-by-one", no, "E-3", "one byte of the ext length is missing", raw[:-1])
    header(out, "header-with-more-behind", no, "E-3", "a byte behind the header",
           message.segments + [("more", b"\0")])  # fmt: skip
    header(out, "header-with-a-dep-too-few", no, "E-3", "ndeps 1 and no dep",
           message.changed(ndeps=u8(1)))  # fmt: skip
    header(out, "header-with-ext-cut", no, "E-3", "ext length 4 and no ext",
           message.changed(**{"ext length": u16(4)}))  # fmt: skip
    two = some_message(office, ext=ext_item(9, b"a") + ext_item(10, b"b"))
    header(out, "header-with-ext-longer-than-its-length", no, "E-3", "the last item left over",
           two.changed(**{"ext length": u16(3)}))  # fmt: skip


def some_message(office, raw_deps=None, ext=b""):
    """A further message of Anna's feed that is not part of it."""
    feed = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="extra")
    return feed.next(2, b"x" * 168, epoch=office.epoch, lamport=40, raw_deps=raw_deps or [], ext=ext)


def foreign_deps(count):
    return sorted(seeded(f"feed {index}", 16) + u32(index) + seeded(f"id {index}", 16)
                  for index in range(count))  # fmt: skip


def add_deps_and_ext(out, office):
    no = "decode"
    deps = foreign_deps(17)
    header(out, "ok-sixteen-deps", "ok", "E-6", "as many deps as there may be",
           some_message(office, deps[:16]), gives_opaque="00")  # fmt: skip
    header(out, "deps-seventeen", no, "E-6", "ndeps 17", some_message(office, deps))
    header(out, "deps-descending", no, "E-6", "two deps in the wrong order",
           some_message(office, [deps[1], deps[0]]))  # fmt: skip
    header(out, "deps-twice-the-same-feed", no, "E-6", "two deps of one feed",
           some_message(office, [deps[0], deps[0][:16] + u32(9) + deps[0][20:]]))  # fmt: skip
    header(out, "dep-on-a-zero-feed", no, "E-6", "feed_id zero in a dep",
           some_message(office, [bytes(16) + deps[0][16:], deps[1]]))  # fmt: skip
    one = some_message(office)
    own = one.feed + u32(0) + seeded("own", 16)
    header(out, "dep-on-the-own-feed", no, "E-6", "a dep names the entry's own feed",
           some_message(office, [own]))  # fmt: skip

    def ext(path, expect, comment, data):
        header(out, path, expect, "E-7", comment, some_message(office, ext=data),
               **({"gives_opaque": "00"} if expect == "ok" else {}))  # fmt: skip

    ext("ok-unknown-ext", "ok", "an ext of a type nobody knows yet", ext_item(200, b"later"))
    full = b"".join(ext_item(kind, bytes(250)) for kind in (1, 2)) + ext_item(3, bytes(6))
    ext("ok-largest-ext", "ok", "512 bytes of ext in a message", full)
    ext("ext-too-large", no, "513 bytes of ext", full[:-7] + u8(7) + bytes(7))
    ext("ext-descending", no, "type 9 before type 8", ext_item(9, b"a") + ext_item(8, b"b"))
    ext("ext-twice-the-same-type", no, "type 9 twice", ext_item(9, b"a") + ext_item(9, b"b"))
    ext("ext-value-cut", no, "a value longer than the ext", u8(9) + u8(5) + b"abcd")
    ext("ext-without-length", no, "a type and nothing behind", ext_item(9, b"a") + u8(10))
