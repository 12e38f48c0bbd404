"""Batches: what travels of a run, and what its receiver rebuilds (4-feed)."""

from dataclasses import dataclass

from bodies import CONTENT_PADDED, check_body
from cursor import Cursor, unzigzag
from entry import (
    ERASABLE, MESSAGE, ZERO16, ZERO32, Header, Reference, check_header, read_ext, read_reference,
)  # fmt: skip
from primitives import hashed, signature_holds
from refusal import need

ENTRIES_MAX, BYTES_MAX, U32_MAX = 256, 262_144, (1 << 32) - 1


@dataclass
class Batch:
    group: bytes
    feed: bytes
    first: int
    wall: int
    lamport: int
    signature: bytes
    entries: list  # of (Header, body or None); prev of the first is the held entry's ID


def decode_batch(data, held=None):
    """Headers rebuilt and checked, bodies apart. `held` is the header of entry first-1."""
    cursor = Cursor(data, "F-13")
    group, feed, first, count = cursor.take(32), cursor.take(16), cursor.u32(), cursor.u16()
    wall, lamport, signature = cursor.u64(), cursor.u32(), cursor.take(64)
    need(count >= 1, "F-13", "no entry")
    need(count <= ENTRIES_MAX, "F-10", f"{count} entries")
    need(first + count - 1 < U32_MAX, "F-13", "seq leaves its field")
    need(first > 0 or (wall, lamport) == (0, 0), "F-13", "bases before a genesis")
    batch = Batch(group, feed, first, wall, lamport, signature, [])
    before = Header(2, 0, group, feed, first, ZERO32, wall, lamport, ZERO16, 0, ZERO32)
    size = 0
    for index in range(count):
        header, body = read_entry(cursor, batch, first + index, before, held)
        size += len(header.encoded()) + header.body_size
        need(size <= BYTES_MAX, "F-10", "more bytes than a batch may hold")
        batch.entries.append((header, body))
        before = header
    cursor.end()
    for header, body in batch.entries:
        if body is not None:
            check_body(header, body)
    return batch


def read_entry(cursor, batch, seq, before, held):
    control = cursor.u8()
    need(control & 0x80 == 0, "F-13", "bit 7")
    kind, flags, epoch = before.kind, before.flags, before.epoch
    if control & 0x01:
        kind, flags = cursor.u8(), cursor.u16()
        need((kind, flags) != (before.kind, before.flags), "F-13", "bit 0 repeats")
    if control & 0x02:
        epoch = cursor.take(16)
        need(epoch != before.epoch, "F-13", "bit 1 repeats")
    deps = read_deps(cursor, control, before.deps)
    ext = b""
    if control & 0x20:
        length = cursor.u16()
        need(length >= 1, "F-13", "an empty ext that stands there")
        need(length <= 512, "E-7", f"ext of {length} bytes")
        ext = cursor.take(length)
    wall = (before.wall + unzigzag(cursor.varint())) % (1 << 64)
    lamport = before.lamport + 1 + cursor.varint()
    need(lamport <= U32_MAX, "F-13", "lamport leaves its field")
    body_size = cursor.varint()
    need(body_size <= 65_536, "E-4", f"body_size {body_size}")
    body, digest = read_body(cursor, control, kind, body_size)
    if seq == 0:
        prev = ZERO32
    elif seq == batch.first:
        prev = held.id if held else b"\xff" * 32
    else:
        prev = before.id
    group = ZERO32 if control & 0x40 else batch.group
    feed = ZERO16 if seq == 0 else batch.feed
    header = Header(
        kind, flags, group, feed, seq, prev, wall, lamport, epoch, body_size, digest, deps, ext
    )
    check_header(header)
    return header, body


def read_deps(cursor, control, before):
    """None, a list of their own (bit 3), or those of the entry before, advanced (bit 4)."""
    own, advanced = control & 0x08, control & 0x10
    need(not (own and advanced), "F-13", "bits 3 and 4 together")
    if own:
        count = cursor.u8()
        need(count >= 1, "F-13", "no deps that stand there")
        need(count <= 16, "E-6", f"{count} deps")
        deps = [read_reference(cursor) for _ in range(count)]
        can = [d.feed for d in deps] == [d.feed for d in before]
        can = can and all(new.seq >= old.seq for new, old in zip(deps, before))
        need(not can, "F-13", "deps that bit 4 could say")
        return deps
    if advanced:
        need(before, "F-13", "bit 4 after an entry without deps")
        deps = []
        for old in before:
            seq = old.seq + cursor.varint()
            need(seq <= U32_MAX, "F-13", "seq of a dep leaves its field")
            deps.append(Reference(old.feed, seq, cursor.take(16)))
        return deps
    return []


def read_body(cursor, control, kind, body_size):
    if control & 0x04:
        need(body_size != 0 and kind in ERASABLE, "F-13", "bit 2 where no body can be erased")
        return None, cursor.take(32)
    if body_size == 0:
        return b"", ZERO32
    body = cursor.take(body_size)
    return body, hashed("zr1.body", body)


def verify_batch(batch, held, device_key, office_log):
    """F-14, F-15, E-12, E-15, K-6, R-16 and the one signature (F-2)."""
    first, _ = batch.entries[0]
    if batch.first == 0:
        need(first.id[:16] == batch.feed, "F-14", "feed_id is not the genesis'", "verify")
        own = first.group == ZERO32
        need(not own or first.id == batch.group, "F-14", "group_id is not the genesis'", "verify")
        device_key = read_ext(first.ext)[1]
    else:
        need(held is not None, "F-15", "the entry before is not here", "verify")
        need(held.seq + 1 == batch.first, "F-15", "does not follow the held entry", "verify")
        feed = held.id[:16] if held.seq == 0 else held.feed
        need(feed == batch.feed, "E-12", "feed_id is not the genesis'", "verify")
        group = held.id if held.group == ZERO32 else held.group
        need(group == batch.group, "E-12", "group_id is not the first genesis'", "verify")
        bases = (batch.wall, batch.lamport)
        need(bases == (held.wall, held.lamport), "F-15", "bases of another entry", "verify")
    for header, body in batch.entries:
        verify_place(header, office_log)
        need(body is not None, "R-16", "comes without its body", "verify")
    last, _ = batch.entries[-1]
    held_up = signature_holds("zr1 entry", last.id, batch.signature, device_key)
    need(held_up, "F-2", "the signature does not hold", "verify")


def verify_place(header, office_log):
    """What it takes the group to know (E-15, K-6)."""
    if header.kind != MESSAGE or header.opaque:
        return
    need((header.epoch == ZERO16) == office_log, "E-15", "epoch_id zero iff office log", "verify")
    if header.epoch != ZERO16:
        fits = header.body_size - 40 in CONTENT_PADDED
        need(fits, "K-6", f"an encrypted body of {header.body_size} bytes", "verify")

