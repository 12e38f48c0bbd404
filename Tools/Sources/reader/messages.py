"""Messages of the decrypted stream (8-replication)."""

from batch import decode_batch
from cursor import Cursor, ascending, name_of
from entry import ZERO32
from primitives import hashed
from refusal import need

MESSAGE_MAX, ITEMS_MAX, GROUPS_MAX = 327_680, 4_096, 1_024
SEQ_MAX, TICKET_MAX = 4_294_967_294, 8_192


def decode_message(data):
    """Name and fields of one message: kind u8, length u32, content (R-1)."""
    cursor = Cursor(data, "R-1")
    kind, length = cursor.u8(), cursor.u32()
    need(length <= MESSAGE_MAX, "R-1", f"a message of {length} bytes")
    content = Cursor(cursor.take(length), "R-1")
    cursor.end()
    if kind not in MESSAGES:
        need(1 <= kind < 128, "R-1", f"unknown kind {kind}")
        return "unknown", None
    name, read = MESSAGES[kind]
    fields = read(content)
    content.end()
    return name, fields


def read_list(cursor, count, most, read):
    need(count <= most, "R-1", f"{count} in a list of at most {most}")
    return [read(cursor) for _ in range(count)]


def digests(c):
    pairs = read_list(c, c.u16(), GROUPS_MAX, lambda c: (c.take(32), c.take(32)))
    need(ascending([group for group, _ in pairs]), "R-1", "groups do not ascend")
    return pairs


def read_seq(c):
    seq = c.u32()
    need(seq <= SEQ_MAX, "R-1", f"seq {seq} has no successor")
    return seq


def read_item(c):
    return (c.take(16), c.take(16), read_seq(c), c.take(16))


def items(c, count):
    found = read_list(c, count, ITEMS_MAX, read_item)
    need(ascending([item[:2] for item in found]), "R-1", "items do not ascend")
    return found


def frontier(c):
    return c.take(32), items(c, c.u32())


def have(c):
    return c.take(32), items(c, c.u16())


def want(c):
    group = c.take(32)
    wants = read_list(c, c.u16(), ITEMS_MAX, lambda c: (c.take(16), c.take(16), read_seq(c)))
    need(ascending([each[:2] for each in wants]), "R-1", "wants do not ascend")
    return group, wants


def entries(c):
    branch = c.take(16)
    return branch, decode_batch(c.rest())


def bye(c):
    code = c.u8()
    need(1 <= code <= 7, "R-1", f"code {code}")
    return code


def admit_request(c):
    keys = [c.take(size) for size in (32, 16, 32, 32, 32, 64, 64)]
    return keys, c.take(c.u8()), c.take(c.u8())


def admit_answer(c):
    code, certificate = c.u8(), c.take(32)
    need(code <= 7, "R-1", f"answer {code}")
    need((code == 0) == (certificate != ZERO32), "R-1", "a certificate iff admitted")
    return code, certificate


def name(c):
    return name_of(c.take(c.u8()), "R-1")


def name_or_none(c):
    data = c.take(c.u8())
    return name_of(data, "R-1") if data else None


def knock(c):
    return c.take(32), name(c), name(c)


def door_answer(c):
    code, line = c.u8(), c.take(c.u16())
    need(code <= 3, "R-1", f"answer {code}")
    need(len(line) <= TICKET_MAX, "R-1", f"a ticket of {len(line)} bytes")
    need((code == 0) == (line != b""), "R-1", "a ticket iff the answer is yes")
    return code, line


def digest(group, found):
    """The digest of a group: over its frontier items in order."""
    parts = [a + b + seq.to_bytes(4, "big") + start for a, b, seq, start in found]
    return hashed("zr1.frontier", group, *parts)


MESSAGES = {
    1: ("digests", digests),
    2: ("frontier", frontier),
    3: ("want", want),
    4: ("entries", entries),
    5: ("have", have),
    6: ("bye", bye),
    7: ("ping", lambda c: c.u64()),
    8: ("pong", lambda c: c.u64()),
    9: ("admit-request", admit_request),
    10: ("admit-answer", admit_answer),
    12: ("door", lambda c: (name(c), name(c), name_or_none(c))),
    13: ("knock", knock),
    14: ("door-nonce", lambda c: c.take(32)),
    15: ("opening", lambda c: c.take(32)),
    16: ("door-answer", door_answer),
}
