"""The header of an entry and the facts of a genesis (3-entry)."""

from dataclasses import dataclass, field

from cursor import Cursor, ascending
from primitives import entry_id
from refusal import need

GENESIS, MESSAGE, CONTROL, EPOCH, SHARE, ERASE, SEAL, KEYS, ADOPT = range(1, 10)
ZERO16, ZERO32 = bytes(16), bytes(32)
BODY_MAX, DEPS_MAX, EXT_MAX = 65_536, 16, 512
NEVER_ENCRYPTED = (GENESIS, CONTROL, ERASE, SEAL, KEYS, ADOPT)
ERASABLE = (MESSAGE, EPOCH, SHARE)
UNDERSTOOD = (GENESIS, MESSAGE, CONTROL, EPOCH)
LISTED, EVERYONE, DIRECT = 1, 2, 3


@dataclass(frozen=True)
class Reference:
    feed: bytes
    seq: int
    start: bytes

    def encoded(self):
        return self.feed + self.seq.to_bytes(4, "big") + self.start


@dataclass
class Header:
    kind: int
    flags: int
    group: bytes
    feed: bytes
    seq: int
    prev: bytes
    wall: int
    lamport: int
    epoch: bytes
    body_size: int
    body_hash: bytes
    deps: list = field(default_factory=list)
    ext: bytes = b""

    @property
    def opaque(self):
        """E-2, E-10: chained and relayed, not looked into."""
        return self.kind not in UNDERSTOOD or self.flags & 0xFF00 != 0

    def encoded(self):
        return b"".join(
            [
                bytes([1, self.kind]),
                self.flags.to_bytes(2, "big"),
                self.group,
                self.feed,
                self.seq.to_bytes(4, "big"),
                self.prev,
                self.wall.to_bytes(8, "big"),
                self.lamport.to_bytes(4, "big"),
                self.epoch,
                self.body_size.to_bytes(4, "big"),
                self.body_hash,
                bytes([len(self.deps)]),
                *[dep.encoded() for dep in self.deps],
                len(self.ext).to_bytes(2, "big"),
                self.ext,
            ]
        )

    @property
    def id(self):
        return entry_id(self.encoded())


def read_reference(cursor):
    return Reference(cursor.take(16), cursor.u32(), cursor.take(16))


def read_header(cursor):
    """One header off the front of the bytes, by E-1 to E-11."""
    cursor.rule = "E-3"
    start = cursor.at
    need(cursor.u8() == 1, "E-1", "fmt is not 1")
    kind, flags = cursor.u8(), cursor.u16()
    group, feed, seq, prev = cursor.take(32), cursor.take(16), cursor.u32(), cursor.take(32)
    wall, lamport, epoch = cursor.u64(), cursor.u32(), cursor.take(16)
    size, digest = cursor.u32(), cursor.take(32)
    count = cursor.u8()
    need(count <= DEPS_MAX, "E-6", f"{count} deps")
    deps = [read_reference(cursor) for _ in range(count)]
    ext_size = cursor.u16()
    need(ext_size <= EXT_MAX, "E-7", f"ext of {ext_size} bytes")
    ext = cursor.take(ext_size)
    header = Header(
        kind, flags, group, feed, seq, prev, wall, lamport, epoch, size, digest, deps, ext
    )
    check_header(header)
    assert header.encoded() == cursor.data[start : cursor.at]
    return header


def decode_header(data):
    """A header that fills the bytes exactly."""
    cursor = Cursor(data, "E-3")
    header = read_header(cursor)
    cursor.end()
    return header


def check_header(h):
    """E-2 and E-4 to E-11, on the fields alone."""
    need(h.kind != 0, "E-2", "kind 0")
    need(h.body_size <= BODY_MAX, "E-4", f"body_size {h.body_size}")
    need((h.body_hash == ZERO32) == (h.body_size == 0), "E-4", "body_hash zero iff no body")
    need(h.seq < 0xFFFFFFFF, "E-5", "seq without a successor")
    first = h.seq == 0
    need((h.kind == GENESIS) == first, "E-5", "genesis iff seq 0")
    need((h.prev == ZERO32) == first, "E-5", "prev zero iff seq 0")
    need((h.feed == ZERO16) == first, "E-5", "feed_id zero iff seq 0")
    need(first or h.group != ZERO32, "E-5", "group_id zero at seq > 0")
    need(len(h.deps) <= DEPS_MAX, "E-6", f"{len(h.deps)} deps")
    feeds = [dep.feed for dep in h.deps]
    need(ascending(feeds), "E-6", "deps do not ascend")
    need(ZERO16 not in feeds, "E-6", "a dep with a zero feed_id")
    need(first or h.feed not in feeds, "E-6", "a dep on the own feed")
    facts = read_ext(h.ext)
    least = first and not h.deps
    need(h.lamport == 1 if least else h.lamport >= 2, "E-8", f"lamport {h.lamport}")
    need(h.kind not in NEVER_ENCRYPTED or h.epoch == ZERO16, "E-9", "epoch_id on a plain kind")
    need(h.kind not in (EPOCH, SHARE) or h.epoch != ZERO16, "E-9", "no epoch_id on an epoch")
    if first:
        check_genesis(h, facts)
    check_body_size(h)


def check_body_size(h):
    """E-16: the sizes that the kind alone fixes."""
    if h.kind == GENESIS:
        want = 178 if is_office_genesis(h) else 0
        need(h.body_size == want, "E-16", f"genesis body of {h.body_size} bytes")
    if h.kind == CONTROL:
        need(h.body_size >= 1, "E-16", "a control entry without body")


def read_ext(ext):
    """E-7: the items of an ext by their type."""
    need(len(ext) <= EXT_MAX, "E-7", "ext too long")
    cursor = Cursor(ext, "E-7")
    items = []
    while cursor.left():
        kind = cursor.u8()
        items.append((kind, cursor.take(cursor.u8())))
    need(ascending([kind for kind, _ in items]), "E-7", "ext types do not ascend")
    return dict(items)


def is_office_genesis(h):
    return h.seq == 0 and h.group == ZERO32 and 4 not in read_ext(h.ext)


def check_genesis(h, facts):
    """E-11: the facts of a feed."""
    for kind, size in ((1, 32), (2, 32), (3, 16)):
        need(kind in facts, "E-11", f"ext {kind} missing")
        need(len(facts[kind]) == size, "E-11", f"ext {kind} of {len(facts[kind])} bytes")
    for kind, size in ((4, 32), (5, 1), (6, 32), (7, 1)):
        if kind in facts:
            need(h.group == ZERO32, "E-11", f"ext {kind} in a later genesis of a group")
            need(len(facts[kind]) == size, "E-11", f"ext {kind} of {len(facts[kind])} bytes")
    need((4 in facts) == (5 in facts), "E-11", "ext 5 iff 4")
    need(7 not in facts or 4 in facts, "E-11", "ext 7 without 4")
    group_kind = facts[5][0] if 5 in facts else None
    need(group_kind in (None, LISTED, EVERYONE, DIRECT), "E-11", f"group kind {group_kind}")
    need((6 in facts) == (group_kind == DIRECT), "E-11", "ext 6 iff direct")
    if 6 in facts:
        need(facts[6][:16] < facts[6][16:], "E-11", "the two members do not ascend")
    if 7 in facts:
        need(facts[7][0] & ~1 == 0, "E-11", "unknown group flags")
    office = h.group == ZERO32 and 4 not in facts
    need((facts[2] == ZERO32) == office, "E-11", "certificate zero iff office genesis")
