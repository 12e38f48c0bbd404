"""Writes the protocol's bytes, right or wrong on purpose; shares nothing with any decoder.

Bytes are kept as segments, (comment, bytes), so that a vector can say what stands where.
"""

import hashlib

import nacl.bindings as sodium


def seeded(name, count=32):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(b"zuruf vectors: " + name.encode()).digest(count)


def hash_of(label, *parts, key=b"", size=32):
    return hashlib.blake2b(b"".join(parts), digest_size=size, key=key, person=label.encode()).digest()


def u8(value):
    return value.to_bytes(1, "big")


def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def u64(value):
    return value.to_bytes(8, "big")


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    return bytes(out) + bytes([value])


def zigzag(difference):
    return varint(difference << 1 if difference >= 0 else (-difference << 1) - 1)


def joined(segments):
    return b"".join(data for _, data in segments)


def replaced(segments, name, data):
    """The segments with the one called `name` changed to `data`."""
    assert any(each == name for each, _ in segments), name
    return [(each, data if each == name else old) for each, old in segments]


class Signer:
    """An Ed25519 key from a name."""

    def __init__(self, name, seed=None):
        self.seed = seed or seeded(name)
        self.public, self.secret = sodium.crypto_sign_seed_keypair(self.seed)

    def sign(self, label, content):
        signed = sodium.crypto_sign(label.encode() + b"\0" + content, self.secret)
        return signed[:64]


class Exchanger:
    """An X25519 key from a name."""

    def __init__(self, name):
        self.secret = seeded(name)
        self.public = sodium.crypto_scalarmult_base(self.secret)

    def with_public(self, other):
        return sodium.crypto_scalarmult(self.secret, other)


class Device:
    """The three keys of a device and the member it stands for."""

    def __init__(self, name, rank=2, flags=2, member=None):
        self.signer = Signer(f"{name} signing")
        self.noise = Exchanger(f"{name} noise")
        self.sealing = Exchanger(f"{name} sealing")
        # a member is named by the key of its first device.
        self.member = member or self.signer.public[:16]
        self.rank, self.flags = rank, flags

    def certificate(self):
        return [
            ("member_id", self.member),
            ("device key", self.signer.public),
            ("noise key", self.noise.public),
            ("sealing key", self.sealing.public),
            ("rank", u8(self.rank)),
            ("certificate flags", u8(self.flags)),
        ]


def reference(entry, seq=None):
    """36 bytes that name an entry, by default at its true place."""
    return entry.feed + u32(entry.seq if seq is None else seq) + entry.id[:16]


def ext_item(kind, value):
    return u8(kind) + u8(len(value)) + value


FIELDS = (
    "fmt kind flags group_id feed_id seq prev wall_ms lamport epoch_id body_size body_hash ndeps"
)


class Entry:
    """One entry: header segments, body, and what follows from them."""

    def __init__(self, values, deps=(), ext=b"", body=b"", change=None):
        """`values` are header fields; `change` replaces segments by other bytes."""
        self.body = body
        fields = {
            "fmt": u8(1),
            "flags": u16(0),
            "epoch_id": bytes(16),
            "body_size": u32(len(body)),
            "body_hash": hash_of("zr1.body", body) if body else bytes(32),
            "ndeps": u8(len(deps)),
        } | values
        segments = [(name, fields[name]) for name in FIELDS.split()]
        segments += [(f"dep {index}", dep) for index, dep in enumerate(deps)]
        segments += [("ext length", u16(len(ext)))]
        if ext:
            segments.append(("ext", ext))
        for name, data in (change or {}).items():
            segments = replaced(segments, name, data)
        self.segments = segments
        self.deps = list(deps)
        self.ext = ext
        self.header = joined(segments)
        self.id = hash_of("zr1.entry", self.header)
        self.seq = int.from_bytes(fields["seq"], "big")
        self.lamport = int.from_bytes(fields["lamport"], "big")
        self.wall = int.from_bytes(fields["wall_ms"], "big")
        self.values = fields
        self.feed = self.id[:16] if self.seq == 0 else fields["feed_id"]
        first = self.seq == 0 and fields["group_id"] == bytes(32)
        self.group = self.id if first else fields["group_id"]

    def signature(self, signer):
        return signer.sign("zr1 entry", self.id)

    def changed(self, **change):
        """The same entry with header segments replaced, deps and ext kept as they are."""
        return Entry(self.values, self.deps, self.ext, self.body, change)


class Feed:
    """Writes one device's entries in one group, right by default."""

    def __init__(self, device, certificate, group=None, facts=b"", wall=1_790_000_000_000,
                 deps=(), lamport=None, body=b"", nonce="series"):  # fmt: skip
        self.device, self.wall = device, wall
        ext = ext_item(1, device.signer.public) + ext_item(2, certificate)
        ext += ext_item(3, seeded(nonce, 16)) + facts
        values = {
            "kind": u8(1),
            "group_id": group or bytes(32),
            "feed_id": bytes(16),
            "seq": u32(0),
            "prev": bytes(32),
            "wall_ms": u64(wall),
            "lamport": u32(lamport or 1 + max([dep.lamport for dep in deps], default=0)),
        }
        references = sorted(reference(dep) for dep in deps)
        self.entries = [Entry(values, references, ext, body)]

    @property
    def last(self):
        return self.entries[-1]

    @property
    def group(self):
        return self.entries[0].group

    @property
    def id(self):
        return self.entries[0].feed

    def next(self, kind, body=b"", deps=(), epoch=bytes(16), lamport=None, flags=0, ext=b"",
             later=1_000, change=None, values=None, raw_deps=None):  # fmt: skip
        """Appends an entry. `deps` are entries; `change` and `values` set fields by hand."""
        last = self.last
        least = 1 + max([last.lamport] + [dep.lamport for dep in deps])
        self.wall = (self.wall + later) % (1 << 64)
        fields = {
            "kind": u8(kind),
            "flags": u16(flags),
            "group_id": self.group,
            "feed_id": self.id,
            "seq": u32(last.seq + 1),
            "prev": last.id,
            "wall_ms": u64(self.wall),
            "lamport": u32(least if lamport is None else lamport),
            "epoch_id": epoch,
        } | (values or {})
        references = sorted(reference(dep) for dep in deps) if raw_deps is None else raw_deps
        self.entries.append(Entry(fields, references, ext, body, change))
        return self.last
