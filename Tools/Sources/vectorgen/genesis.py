"""Vectors of 3-entry: the facts of a genesis, and the body with which an office is founded."""

from headers import FOLDER, header
from wire import Feed, ext_item, hash_of, joined, seeded, u8, u16
from world import ANNA, BERT, OFFICE_SECRET, RECOVERY, founding


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
