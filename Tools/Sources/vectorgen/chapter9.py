"""Vectors of 9-discovery: text records as DNS-SD writes them."""

from wire import hash_of, seeded, u8

FOLDER = "9-discovery/"


def strings(*each):
    return [(text.decode("ascii", "replace"), u8(len(text)) + text) for text in each]


def add(out, office):
    salt = seeded("salt", 8)
    hint = hash_of("zr1.hint", salt, office.id, size=16)[:8]
    version, right = b"v=1", b"h=" + (salt + hint).hex().encode()

    def record(path, expect, rule, comment, segments, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "record", segments, office=office.id,
                **gives)  # fmt: skip

    record("ok-record", "ok", "D-1", "what a node of this office announces",
           strings(version, right))  # fmt: skip
    record("ok-record-with-more", "ok", "D-1", "another order, keys nobody knows yet, upper case, two d",
           strings(b"later=1", b"H" + right[1:], b"flag", b"V=1", b"D=yes", b"d=1"),
           gives_door=u8(0))  # fmt: skip
    door = "a door is open: who belongs to no office looks at it"
    record("ok-record-with-an-open-door", "ok", "D-9", door, strings(version, right, b"d=1"),
           gives_door=u8(1))  # fmt: skip
    record("record-without-hint", "decode", "D-1", "h is missing", strings(version))
    record("record-without-version", "decode", "D-1", "v is missing", strings(right))
    record("record-of-version-2", "decode", "D-1", "another version", strings(b"v=2", right))
    record("record-with-a-short-hint", "decode", "D-1", "30 digits", strings(version, right[:-2]))
    record("record-with-a-foreign-digit", "decode", "D-1", "a g among the digits",
           strings(version, right[:-1] + b"g"))  # fmt: skip
    record("record-with-a-capital-digit", "decode", "D-1", "a hint in capitals",
           strings(version, b"h=" + right[2:].upper()))  # fmt: skip
    record("record-of-another-office", "verify", "D-1", "the hint of another office",
           strings(version, b"h=" + (salt + seeded("hint", 8)).hex().encode()))  # fmt: skip
    record("record-with-version-2-first", "decode", "D-1", "of two v the first counts",
           strings(b"v=2", version, right))  # fmt: skip
    record("record-cut", "decode", "D-2", "its last string passes its end",
           strings(version, right)[:1] + [("cut", u8(len(right)) + right[:-1])])  # fmt: skip
    record("record-too-long", "decode", "D-2", "1,301 bytes",
           strings(version, right) + [("", (u8(180) + b"x" * 180) * 6)] + [("", u8(175) + b"x" * 175)])  # fmt: skip
    record("record-of-17-strings", "decode", "D-2", "a string too many",
           strings(version, right, *[b"x"] * 15))  # fmt: skip
