"""Vectors of 3-entry: headers, genesis facts, bodies, content, padding."""

from wire import Feed, ext_item, hash_of, joined, seeded, u8, u16, u32
from world import (
    ANNA, BERT, OFFICE_SECRET, RECOVERY, REQUEST, field, founding, name_content, padded,
    text_content, title_content,
)  # fmt: skip

FOLDER = "3-entry/"


def add(out, office):
    add_headers(out, office)
    add_structure(out, office)
    add_deps_and_ext(out, office)
    add_genesis(out, office)
    add_founding(out, office)
    add_entries(out, office)
    add_content(out)
    add_padding(out)


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


def genesis(office, *items, group=bytes(32), certificate=None, deps=None):
    """A genesis with exactly these ext items."""
    feed = Feed(ANNA, certificate or office.id, group=group or None,
                deps=[office.certified] if deps is None else deps)  # fmt: skip
    first = feed.entries[0]
    first.ext = b"".join(items)
    change = {"ext length": u16(len(first.ext)), "ext": first.ext}
    return first.changed(**change)


def add_genesis(out, office):
    key, cert = ext_item(1, ANNA.signer.public), ext_item(2, office.id)
    nonce, its_office = ext_item(3, seeded("nonce", 16)), ext_item(4, office.id)
    listed, direct = ext_item(5, u8(1)), ext_item(5, u8(3))
    pair = ext_item(6, b"".join(sorted([ANNA.member, BERT.member])))
    other = office.group.group
    everyone = genesis(office, key, cert, nonce, its_office, ext_item(5, u8(2)))
    for path, comment, entry in (
        ("ok-genesis-everyone", "a group of everyone", everyone),
        ("ok-genesis-direct", "a direct group of two",
         genesis(office, key, cert, nonce, its_office, direct, pair)),
        ("ok-genesis-with-group-flag", "the owners do not outrank the creator",
         genesis(office, key, cert, nonce, its_office, listed, ext_item(7, u8(1)))),
        ("ok-genesis-with-a-later-fact", "ext 9 is ignored",
         genesis(office, key, cert, nonce, ext_item(9, b"later"), group=other)),
    ):  # fmt: skip
        header(out, path, "ok", "E-11", comment, entry, gives_opaque="00")
    three = (key, cert, nonce)
    new = three + (its_office,)
    for path, comment, entry in (
        ("genesis-without-device-key", "ext 1 missing", genesis(office, cert, nonce, group=other)),
        ("genesis-without-certificate", "ext 2 missing", genesis(office, key, nonce, group=other)),
        ("genesis-without-nonce", "ext 3 missing", genesis(office, key, cert, group=other)),
        ("genesis-with-short-key", "a device key of 31 bytes",
         genesis(office, ext_item(1, bytes(31)), cert, nonce, group=other)),
        ("genesis-with-long-certificate", "a certificate of 33 bytes",
         genesis(office, key, ext_item(2, seeded("c", 33)), nonce, group=other)),
        ("genesis-with-short-nonce", "a nonce of 8 bytes",
         genesis(office, key, cert, ext_item(3, bytes(8)), group=other)),
        ("genesis-later-with-office", "ext 4 and 5 where group_id is not zero",
         genesis(office, *new, listed, group=other)),
        ("genesis-later-with-group-flag", "ext 7 where group_id is not zero",
         genesis(office, *three, ext_item(7, u8(1)), group=other)),
        ("genesis-with-short-office", "an office_id of 16 bytes",
         genesis(office, *three, ext_item(4, bytes(16)), listed)),
        ("genesis-without-group-kind", "ext 4 without 5", genesis(office, *new)),
        ("genesis-with-group-kind-alone", "ext 5 without 4", genesis(office, *three, listed)),
        ("genesis-with-long-group-kind", "a group kind of two bytes",
         genesis(office, *new, ext_item(5, b"\1\1"))),
        ("genesis-with-group-kind-zero", "group kind 0", genesis(office, *new, ext_item(5, u8(0)))),
        ("genesis-with-group-kind-four", "group kind 4", genesis(office, *new, ext_item(5, u8(4)))),
        ("genesis-direct-without-members", "direct without ext 6", genesis(office, *new, direct)),
        ("genesis-listed-with-members", "listed with ext 6", genesis(office, *new, listed, pair)),
        ("genesis-direct-with-one-member", "ext 6 of 16 bytes",
         genesis(office, *new, direct, ext_item(6, ANNA.member))),
        ("genesis-direct-descending", "the two members in the wrong order",
         genesis(office, *new, direct,
                 ext_item(6, b"".join(sorted([ANNA.member, BERT.member], reverse=True))))),
        ("genesis-direct-with-oneself", "twice the same member",
         genesis(office, *new, direct, ext_item(6, ANNA.member * 2))),
        ("genesis-with-unknown-group-flag", "group flags 2",
         genesis(office, *new, listed, ext_item(7, u8(2)))),
        ("genesis-with-group-flag-alone", "ext 7 without 4",
         genesis(office, *three, ext_item(7, u8(1)))),
        ("genesis-of-a-group-without-certificate", "a zero certificate in a group",
         genesis(office, key, ext_item(2, bytes(32)), nonce, its_office, listed)),
        ("genesis-later-without-certificate", "a zero certificate in a later genesis",
         genesis(office, key, ext_item(2, bytes(32)), nonce, group=other)),
        ("office-genesis-with-certificate", "the founder names a certificate",
         founder_with_certificate(office)),
    ):  # fmt: skip
        header(out, path, "decode", "E-11", comment, entry)


def founder_with_certificate(office):
    first = office.anna.entries[0]
    ext = first.ext[:34] + ext_item(2, seeded("certificate")) + first.ext[68:]
    return first.changed(ext=ext)


def add_founding(out, office):
    def body(path, expect, rule, comment, segments, **more):
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "founding", segments,
                device_key=ANNA.signer.public, **more)  # fmt: skip

    right = founding()
    body("ok-founding", "ok", "E-14", "the body of the office genesis", right, office=office.id,
         gives_member=ANNA.member, gives_recovery_key=RECOVERY.public,
         gives_psk=hash_of("zr1.psk", OFFICE_SECRET, office.id))  # fmt: skip
    body("founding-by-an-admin", "decode", "E-14", "rank 1", founding(rank=u8(1)))
    body("founding-of-an-unknown-rank", "decode", "E-14", "rank 6", founding(rank=u8(6)))
    body("founding-with-another-key", "decode", "E-14", "not the device key of ext 1",
         founding(device_key=BERT.signer.public))  # fmt: skip
    body("founding-with-unknown-flags", "decode", "E-14", "certificate flags 4",
         founding(certificate_flags=u8(4)))  # fmt: skip
    body("founding-cut", "decode", "E-16", "177 bytes", joined(right)[:-1])
    body("founding-with-more-behind", "decode", "E-16", "179 bytes", right + [("more", b"\0")])


def add_entries(out, office):
    def entry(path, expect, rule, comment, it, body=None, signature=None, log="group", **more):
        segments = it.segments + [("signature", signature or it.signature(ANNA.signer))]
        body = it.body if body is None else body
        if body:
            segments = segments + [("body", body)]
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "entry", segments,
                device_key=ANNA.signer.public, log=log, **more)  # fmt: skip

    message, control = office.message, office.certified
    named = office.anna.entries[1]
    entry("ok-entry", "ok", "F-2", "a message with its signature and body", message,
          before=message.values["prev"], gives_id=message.id)  # fmt: skip
    entry("ok-entry-erased", "ok", "E-13", "the same entry after its body was erased", message, b"",
          gives_id=message.id)  # fmt: skip
    entry("ok-entry-of-the-office", "ok", "E-15", "the office's name, not encrypted", named,
          log="office", gives_id=named.id)  # fmt: skip
    entry("ok-entry-control", "ok", "E-13", "a certify entry with its body", control, log="office",
          gives_id=control.id)  # fmt: skip
    entry("entry-control-without-body", "decode", "E-13", "a control entry is nothing without",
          control, b"", log="office")  # fmt: skip
    founder = office.anna.entries[0]
    entry("entry-genesis-without-body", "decode", "E-13", "an office genesis without its body",
          founder, b"", log="office")  # fmt: skip
    entry("entry-with-a-body-cut", "decode", "E-13", "a body of one byte less than body_size",
          message, message.body[:-1])  # fmt: skip
    other = message.body[:-1] + bytes([message.body[-1] ^ 1])
    entry("entry-with-another-body", "verify", "E-20", "the last bit of the body differs", message,
          other)  # fmt: skip
    entry("entry-with-another-prev", "verify", "F-1", "prev is not the entry before", message,
          before=seeded("another entry"))  # fmt: skip
    entry("entry-with-anothers-signature", "verify", "F-2", "signed by Bert", message,
          signature=message.signature(BERT.signer))  # fmt: skip
    entry("entry-with-the-signature-before", "verify", "F-2", "the signature of the entry before",
          message, signature=office.epoch_entry.signature(ANNA.signer))  # fmt: skip
    plain = next_of_copy(office, text_content("unverschl\u00fcsselt"), bytes(16))
    entry("entry-in-clear-in-a-group", "verify", "E-15", "a message without epoch_id in a group",
          plain)  # fmt: skip
    entry("entry-encrypted-in-the-office", "verify", "E-15", "a message with epoch_id in the office",
          message, log="office")  # fmt: skip
    odd = next_of_copy(office, bytes(167), office.epoch)
    entry("entry-of-an-odd-size", "verify", "K-6", "an encrypted body of 167 bytes", odd)


def next_of_copy(office, body, epoch):
    """A message that would follow in a feed of its own, so that no other vector moves."""
    feed = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="copy")
    return feed.next(2, body, epoch=epoch)


def add_content(out):
    def content(path, expect, comment, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "E-17", comment, "content", data, **gives)

    known = {"gives_known": "01"}
    one = u8(1) + field(1, REQUEST)
    content("ok-text", "ok", "a text", text_content("Gr\u00fc\u00dfe"), **known)
    content("ok-text-of-one-byte", "ok", "the shortest text", one + field(2, b"x"), **known)
    content("ok-text-of-60000-bytes", "ok", "the longest text", one + field(2, b"x" * 60_000),
            **known)  # fmt: skip
    content("ok-text-with-nul", "ok", "any UTF-8 is a text", one + field(2, b"a\0b\n"), **known)
    content("ok-text-with-unknown-tag", "ok", "tag 200 is ignored",
            text_content("x") + field(200, b"later"), **known)  # fmt: skip
    content("ok-text-with-tag-of-another-type", "ok", "tag 9 says nothing in a text",
            text_content("x") + field(9, b""), **known)  # fmt: skip
    content("ok-title", "ok", "a title and its purpose", title_content("Lager", "Was fehlt"),
            **known)  # fmt: skip
    content("ok-title-without-purpose", "ok", "an empty purpose", title_content("Lager"), **known)
    content("ok-name-of-the-office", "ok", "a name without subject", name_content("Kontor"),
            **known)  # fmt: skip
    content("ok-name-of-a-member", "ok", "subject by tag 6", name_content("Anna", 6, ANNA.member),
            **known)  # fmt: skip
    content("ok-name-of-a-device", "ok", "subject by tag 7",
            name_content("Laptop", 7, ANNA.signer.public), **known)  # fmt: skip
    content("ok-name-of-a-ticket", "ok", "subject by tag 8",
            name_content("Empfang", 8, seeded("ticket key")), **known)  # fmt: skip
    content("ok-unknown-type", "ok", "type 4 needs a newer version", u8(4) + b"whatever",
            gives_known="00")  # fmt: skip

    def bad(path, comment, data):
        content(path, "decode", comment, data)

    bad("content-empty", "no byte at all", b"")
    bad("text-without-request", "tag 1 missing", u8(1) + field(2, b"x"))
    bad("text-with-short-request", "a request id of 15 bytes",
        u8(1) + field(1, REQUEST[:15]) + field(2, b"x"))  # fmt: skip
    bad("text-missing", "tag 2 missing", one)
    bad("text-empty", "a text of no bytes", one + field(2, b""))
    bad("text-too-long", "60,001 bytes", one + field(2, b"x" * 60_001))
    bad("text-not-utf8", "a byte that no text has", one + field(2, b"a\xffb"))
    bad("text-with-surrogate", "half a surrogate pair", one + field(2, b"\xed\xbf\xbf"))
    bad("content-tags-descending", "tag 2 before tag 1",
        u8(1) + field(2, b"x") + field(1, REQUEST))  # fmt: skip
    bad("content-tag-twice", "tag 2 twice", one + field(2, b"x") + field(2, b"y"))
    bad("content-value-cut", "a value longer than the content", one + field(2, b"x", length=2))
    bad("content-tag-alone", "a tag without its length", text_content("x") + u8(200))
    two = u8(2) + field(1, REQUEST)
    bad("title-missing", "tag 4 missing", two + field(5, b""))
    bad("title-without-purpose-field", "tag 5 missing", two + field(4, b"Lager"))
    bad("title-too-long", "129 bytes", two + field(4, b"x" * 129) + field(5, b""))
    bad("title-with-line-end", "a control character in the title",
        two + field(4, b"La\nger") + field(5, b""))  # fmt: skip
    bad("purpose-too-long", "1,025 bytes", two + field(4, b"x") + field(5, b"x" * 1_025))
    bad("purpose-not-utf8", "a byte that no text has", two + field(4, b"x") + field(5, b"\x80"))
    three = u8(3) + field(1, REQUEST)
    bad("name-missing", "tag 9 missing", three + field(6, ANNA.member))
    bad("name-with-two-subjects", "tags 6 and 7",
        three + field(6, ANNA.member) + field(7, seeded("k")) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-short-member", "a member_id of 15 bytes",
        three + field(6, ANNA.member[:15]) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-long-device", "a device key of 33 bytes",
        three + field(7, seeded("k", 33)) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-short-ticket", "a ticket key of 16 bytes",
        three + field(8, seeded("k", 16)) + field(9, b"x"))  # fmt: skip
    bad("name-empty", "a name of no bytes", three + field(9, b""))
    bad("name-too-long", "129 bytes", three + field(9, b"x" * 129))
    bad("name-not-utf8", "a byte that no text has", three + field(9, b"A\xfe"))
    bad("name-with-control", "an escape character", three + field(9, b"A\x1b[31m"))
    bad("name-of-a-long-member", "a member_id of 17 bytes",
        three + field(6, ANNA.member + b"x") + field(9, b"x"))  # fmt: skip
    bad("name-with-three-subjects", "tags 6, 7 and 8",
        three + field(6, ANNA.member) + field(7, seeded("k")) + field(8, seeded("t"))
        + field(9, b"x"))  # fmt: skip
    bad("name-without-request", "tag 1 missing", u8(3) + field(9, b"x"))
    bad("text-with-long-request", "a request id of 17 bytes",
        u8(1) + field(1, REQUEST + b"x") + field(2, b"x"))  # fmt: skip
    bad("title-empty", "a title of no bytes", two + field(4, b"") + field(5, b""))
    bad("title-not-utf8", "a byte that no text has", two + field(4, b"\xc0") + field(5, b""))
    bad("text-overlong", "a letter in two bytes", one + field(2, b"\xc1\x81"))
    bad("text-cut-in-a-character", "UTF-8 that ends within a character", one + field(2, b"\xe2\x82"))
    bad("content-length-cut", "a tag with one byte of length", text_content("x") + b"\xc8\0")


def add_padding(out):
    def plain(path, expect, comment, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "E-19", comment, "padded", data, **gives)

    for size in (0, 126, 127, 32_766):
        content = b"\x5a" * size
        plain(f"ok-padding-of-{size}-bytes", "ok", f"content of {size} bytes", padded(content),
              **({"gives_content": content} if size < 200 else {}))  # fmt: skip
    largest = b"\x5a" * 65_494
    plain("ok-padding-of-65494-bytes", "ok", "as much as fits", padded(largest))
    content = seeded("content", 100)
    right = padded(content)
    plain("padding-empty", "decode", "no byte at all", b"")
    plain("padding-of-one-byte", "decode", "half a length", b"\0")
    plain("padding-too-large", "decode", "256 bytes where 128 do", padded(content, 256))
    plain("padding-of-an-odd-size", "decode", "129 bytes", right + b"\0")
    plain("padding-cut", "decode", "127 bytes", right[:-1])
    plain("padding-not-zero", "decode", "a one in the last byte", right[:-1] + b"\1")
    plain("padding-shorter-than-content", "decode", "a length of 127 in 128 bytes",
          u16(127) + bytes(126))  # fmt: skip
    plain("padding-without-room", "decode", "a length of 65,535 in 65,496 bytes",
          u16(65_535) + bytes(65_494))  # fmt: skip

