"""Vectors of 2-encoding: names, typed lines, varints, hashes, signatures."""

import base64

import nacl.bindings as sodium
from stories import owners
from packing import batch
from wire import hash_of, replaced, seeded, u8, u16
from world import ANNA, BERT, OFFICE_SECRET, RECOVERY, TICKET, TICKET_SEED

FOLDER = "2-encoding/"


def add(out, office):
    add_names(out)
    add_hashes(out, office)
    add_signatures(out)
    add_lines(out, office)
    add_varints(out, office)


def add_names(out):
    def name(path, expect, comment, data):
        out.add(f"{FOLDER}{path}.txt", expect, "N-3", comment, "name", data)

    name("ok-name", "ok", "a name with an umlaut and an emoji", "J\u00fcrgen \U0001f44b".encode())
    name("ok-name-of-128-bytes", "ok", "the longest name", b"x" * 128)
    name("name-empty", "decode", "a name of no bytes", b"")
    name("name-of-129-bytes", "decode", "one byte too long", b"x" * 129)
    name("name-with-u001f", "decode", "a control character of C0", b"An\x1fna")
    name("name-with-u007f", "decode", "delete", b"An\x7fna")
    name("name-with-u009f", "decode", "a control character of C1", "An\u009fna".encode())
    name("name-with-u2028", "decode", "a line separator", "An\u2028na".encode())
    name("name-with-u2029", "decode", "a paragraph separator", "An\u2029na".encode())
    name("name-with-line-end", "decode", "a line end", b"An\nna")

    def not_utf8(path, comment, data):
        out.add(f"{FOLDER}{path}.txt", "decode", "N-3", comment, "name", data)

    not_utf8("name-cut-in-a-character", "UTF-8 that ends within a character", b"J\xc3")
    not_utf8("name-overlong", "a slash in two bytes", b"a\xc0\xafb")
    not_utf8("name-surrogate", "half a surrogate pair", b"\xed\xa0\x80")
    not_utf8("name-above-u10ffff", "a code point that does not exist", b"\xf4\x90\x80\x80")


def add_hashes(out, office):
    def kat(path, comment, label, data, size, key=b""):
        more = {"key": key} if key else {}
        digest = hash_of(label, data, key=key, size=size)
        out.add(f"{FOLDER}{path}.txt", "ok", "N-8", comment, "hash", data,
                label=label, size=size, **more, gives_hash=digest)  # fmt: skip

    kat("ok-hash", "the body hash of 5 bytes", "zr1.body", b"hallo", 32)
    kat("ok-hash-of-nothing", "of no bytes at all", "zr1.body", b"", 32)
    kat("ok-hash-with-a-key", "24 bytes under a key: the nonce of a message", "zr1.nonce",
        seeded("nonce input", 144), 24, seeded("message key"))  # fmt: skip
    kat("ok-hash-of-16-bytes", "the office hint in mDNS is its first 8", "zr1.hint",
        seeded("salt", 8) + office.id, 16)  # fmt: skip


def add_signatures(out):
    content = seeded("signed content", 48)
    right = ANNA.signer.sign("zr1 entry", content)
    low_key = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

    def signature(path, expect, comment, sign, data=content, key=ANNA.signer.public):
        segments = [("signature", sign), ("content", data)]
        out.add(f"{FOLDER}{path}.txt", expect, "N-7", comment, "signature", segments,
                label="zr1 entry", key=key)  # fmt: skip

    signature("ok-signature", "ok", "48 bytes under the label of an entry", right)
    signature("signature-of-other-content", "verify", "the last bit of the content differs", right,
              content[:-1] + bytes([content[-1] ^ 1]))  # fmt: skip
    signature("signature-under-another-label", "verify", "made for a certificate",
              ANNA.signer.sign("zr1 certify", content))  # fmt: skip
    signature("signature-without-the-zero-byte", "verify", "label and content not parted",
              sign_raw(b"zr1 entry" + content))  # fmt: skip
    signature("signature-of-another-key", "verify", "Bert's key for Anna's signature", right,
              key=RECOVERY.public)  # fmt: skip
    order = (1 << 252) + 27742317777372353535851937790883648493
    scalar = int.from_bytes(right[32:], "little") + order
    signature("signature-with-s-not-reduced", "verify", "s plus the order of the group",
              right[:32] + scalar.to_bytes(32, "little"))  # fmt: skip
    signature("signature-under-a-low-order-key", "verify", "a key of order 8, R and s zero-ish",
              low_key + bytes(32), key=low_key)  # fmt: skip
    signature("signature-under-a-key-not-reduced", "verify", "y of the key is 2^255 - 18",
              right, key=b"\xee" + b"\xff" * 30 + b"\x7f")  # fmt: skip
    signature("signature-of-zeros", "verify", "64 zero bytes", bytes(64))


def sign_raw(data):
    return sodium.crypto_sign(data, ANNA.signer.secret)[:64]


def line(prefix, content, check=None):
    check = hash_of("zr1.check", prefix, content, size=16)[:4] if check is None else check
    return prefix + letters(content + check)


def letters(data):
    return base64.b32encode(data).decode().rstrip("=").lower().encode()


def ticket_content(office):
    return b"".join([
        u8(1), office.id, hash_of("zr1.psk", OFFICE_SECRET, office.id), TICKET_SEED, u8(2),
        u8(4), bytes([192, 0, 2, 7]), u16(47_474),
        u8(6), bytes.fromhex("fe800000000000000211223344556677"), u16(47_475),
    ])  # fmt: skip


def add_lines(out, office):
    content = ticket_content(office)
    prefix, other = b"zr1-ticket-", b"zr1-recovery-"
    right = line(prefix, content)
    gives = {
        "gives_office": office.id,
        "gives_psk": hash_of("zr1.psk", OFFICE_SECRET, office.id),
        "gives_ticket_key": TICKET.public,
    }

    def typed(path, expect, rule, comment, data, prefix="zr1-ticket-", **more):
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "line", data, prefix=prefix, **more)

    typed("ok-ticket", "ok", "N-1", "a ticket with two addresses", right, **gives)
    spread = b" " + right.upper()[:40] + b"\r\n\t" + right[40:90] + b" " + right[90:] + b"\n"
    typed("ok-ticket-as-typed", "ok", "N-1", "upper case, spaces, a tab and line ends", spread,
          **gives)  # fmt: skip
    bare = content[:97] + u8(0)
    typed("ok-ticket-without-addresses", "ok", "N-1", "no address", line(prefix, bare), **gives)
    key = u8(1) + office.id + RECOVERY.seed
    typed("ok-recovery-key", "ok", "N-1", "a recovery key", line(other, key),
          prefix="zr1-recovery-", gives_office=office.id, gives_seed=RECOVERY.seed)  # fmt: skip

    typed("line-with-another-prefix", "decode", "N-5", "a recovery key where a ticket belongs",
          line(other, key))  # fmt: skip
    typed("line-with-another-number", "decode", "N-5", "zr2", right.replace(b"zr1", b"zr2"))
    typed("line-empty", "decode", "N-5", "nothing at all", b"")
    typed("line-of-the-prefix-alone", "decode", "N-1", "cut behind its prefix", prefix)
    typed("line-cut", "decode", "N-1", "the last eight letters are missing", right[:-8])
    swapped = right[:30] + right[31:32] + right[30:31] + right[32:]
    assert swapped != right
    typed("line-with-two-letters-swapped", "decode", "N-1", "letters 30 and 31 swapped", swapped)
    typed("line-with-a-foreign-letter", "decode", "N-1", "a 1 for an l",
          right[:50] + b"1" + right[51:])  # fmt: skip
    typed("line-with-padding", "decode", "N-1", "an equals sign at its end", right + b"=")
    typed("line-with-a-letter-too-many", "decode", "N-1", "one more letter, of no whole byte",
          right + b"a")  # fmt: skip
    typed("line-with-unused-bits", "decode", "N-1", "the last letter's unused bits are not zero",
          with_unused_bits(prefix, bare))  # fmt: skip
    add_owner_lines(typed, office)
    further = u8(2) + content[1:] + ANNA.member
    typed("ok-ticket-for-a-member", "ok", "N-1", "for a further device of Anna",
          line(prefix, further), gives_member=ANNA.member, **gives)  # fmt: skip
    typed("ticket-for-a-member-without-one", "decode", "N-1", "version 2 ends behind its addresses",
          line(prefix, u8(2) + content[1:]))  # fmt: skip
    typed("ticket-for-the-zero-member", "decode", "N-1", "version 2 names nobody",
          line(prefix, u8(2) + content[1:] + bytes(16)))  # fmt: skip
    typed("ticket-for-a-new-member-with-one", "decode", "N-1", "version 1 with a member behind",
          line(prefix, content + ANNA.member))  # fmt: skip
    typed("line-of-a-later-version", "decode", "N-6", "version 3",
          line(prefix, u8(3) + content[1:]))  # fmt: skip
    typed("recovery-key-of-a-later-version", "decode", "N-6", "version 2",
          line(other, u8(2) + key[1:]), prefix="zr1-recovery-")  # fmt: skip
    typed("ticket-with-a-foreign-address", "decode", "N-1", "an address of kind 5",
          line(prefix, bare[:97] + u8(1) + u8(5) + bytes(6)))  # fmt: skip
    typed("ticket-with-a-cut-address", "decode", "N-1", "its last address ends too early",
          line(prefix, content[:-1]))  # fmt: skip
    typed("ticket-with-more-behind", "decode", "N-1", "a byte behind its addresses",
          line(prefix, content + b"\0"))  # fmt: skip
    typed("recovery-key-too-long", "decode", "N-1", "a byte too many", line(other, key + b"\0"),
          prefix="zr1-recovery-")  # fmt: skip


def add_owner_lines(typed, office):
    """A change of owners that one of two has signed."""
    prefix = b"zr1-owners-"
    anna = (ANNA.signer.public, ANNA.signer)
    change = owners(office.id, [ANNA.member, BERT.member], [anna])[1:]
    more = {"prefix": "zr1-owners-"}
    gives = {"gives_office": office.id, "gives_signatures": u8(1)}
    typed("ok-owners-line", "ok", "N-1", "two owners, signed by one",
          line(prefix, u8(1) + office.id + change), **more, **gives)  # fmt: skip
    typed("owners-line-of-a-later-version", "decode", "N-6", "version 2",
          line(prefix, u8(2) + office.id + change), **more)  # fmt: skip
    typed("owners-line-cut", "decode", "N-1", "its signature lacks a byte",
          line(prefix, u8(1) + office.id + change[:-1]), **more)  # fmt: skip
    typed("owners-line-with-more-behind", "decode", "N-1", "a byte behind its signatures",
          line(prefix, u8(1) + office.id + change + bytes(1)), **more)  # fmt: skip
    unsigned = change[: 32 + 1 + 32] + u8(0)
    typed("owners-line-unsigned", "decode", "N-1", "nobody has signed",
          line(prefix, u8(1) + office.id + unsigned), **more)  # fmt: skip


def with_unused_bits(prefix, content):
    """The line of a content whose last letter has unused bits, one of them set."""
    right = line(prefix, content)
    assert (len(right) - len(prefix)) * 5 % 8 != 0
    alphabet = b"abcdefghijklmnopqrstuvwxyz234567"
    return right[:-1] + bytes([alphabet[alphabet.index(right[-1]) | 1]])


def add_varints(out, office):
    message = office.message
    right = batch([message], ANNA.signer, head={"before": office.epoch_entry})
    wall = next(data for name, data in right if name == "0 wall difference")

    def varint(path, comment, data):
        segments = replaced(right, "0 wall difference", data)
        out.add(f"{FOLDER}{path}.txt", "decode", "N-2", comment, "batch", segments,
                held=office.epoch_entry.header, device_key=ANNA.signer.public,
                log="group")  # fmt: skip

    longer = wall[:-1] + bytes([wall[-1] | 0x80]) + b"\0"
    varint("varint-in-a-byte-too-many", "the difference of times in three bytes", longer)
    varint("varint-of-65-bits", "ten bytes that hold 65 bits", b"\xff" * 9 + b"\x02")
    varint("varint-of-eleven-bytes", "eleven bytes", b"\x80" * 10 + b"\x01")
    varint("varint-zero-in-ten-bytes", "zero in ten bytes", b"\x80" * 9 + b"\x00")
