"""The small office all vectors speak of: a founder, a colleague, a box, a group."""

import nacl.bindings as sodium

from wire import (
    Device, Exchanger, Feed, Signer, ext_item, hash_of, joined, seeded, u8, u16, u32, u64,
)  # fmt: skip

ANNA = Device("anna", rank=0, flags=3)
BERT = Device("bert", rank=2, flags=2)
RECOVERY = Signer("recovery key")
OFFICE_SECRET = seeded("office secret")
TICKET_SEED = seeded("ticket seed")
TICKET = Signer("", seed=hash_of("zr1.ticket", TICKET_SEED))
HANDSHAKE = seeded("handshake hash of bert's link")
REQUEST = seeded("request", 16)


def founding(device=ANNA, **change):
    segments = device.certificate() + [
        ("recovery public key", RECOVERY.public),
        ("office secret", OFFICE_SECRET),
    ]
    return [(name, change.get(name.replace(" ", "_"), data)) for name, data in segments]


def field(tag, value, length=None):
    return u8(tag) + u16(len(value) if length is None else length) + value


def text_content(text, request=REQUEST):
    return u8(1) + field(1, request) + field(2, text.encode())


def title_content(title, purpose="", again=b""):
    first = field(3, again) if again else b""
    return u8(2) + field(1, REQUEST) + first + field(4, title.encode()) + field(5, purpose.encode())


def name_content(name, tag=None, subject=b""):
    middle = field(tag, subject) if tag else b""
    return u8(3) + field(1, REQUEST) + middle + field(9, name.encode())


def certify_proof(office, device, ticket_key, handshake=HANDSHAKE):
    return b"".join([
        office, ticket_key, device.member, device.signer.public, device.noise.public,
        device.sealing.public, handshake,
    ])  # fmt: skip


def certify(office, device=BERT, ticket=TICKET, **change):
    """The segments of a certify operation."""
    key = ticket.public if ticket else bytes(32)
    proof = certify_proof(office, device, key)
    segments = [("op", u8(1))] + device.certificate()
    segments += [
        ("ticket key", key),
        ("handshake hash", HANDSHAKE),
        ("device signature", device.signer.sign("zr1 certify", proof)),
        ("ticket signature", ticket.sign("zr1 certify", proof) if ticket else bytes(64)),
    ]
    return [(name, change.get(name.replace(" ", "_"), data)) for name, data in segments]


def ticket_operation(groups=(), **change):
    segments = [
        ("op", u8(4)),
        ("ticket key", TICKET.public),
        ("rank", u8(2)),
        ("flags", u8(2)),
        ("member_id", bytes(16)),
        ("expires_ms", u64(1_790_000_600_000)),
        ("uses", u16(3)),
        ("group count", u8(len(groups))),
    ] + [(f"group_id {index}", group) for index, group in enumerate(groups)]
    return [(name, change.get(name.replace(" ", "_"), data)) for name, data in segments]


def padded(content, size=None):
    """Length, content and zeros to the least size that fits, or to `size`."""
    sizes = [128 << k for k in range(9)] + [65_496]
    size = size or next(each for each in sizes if each >= len(content) + 2)
    return (u16(len(content)) + content).ljust(size, b"\0")


def epoch_id(secret, group, feed, seq):
    return hash_of("zr1.epochid", secret, group, feed, u32(seq), size=16)


def sealed_copy(secret, device, ephemeral, group, epoch, nonce=bytes(24)):
    key = hash_of(
        "zr1.sealkey", ephemeral.with_public(device.sealing.public), ephemeral.public,
        device.sealing.public, group, epoch,
    )  # fmt: skip
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(secret, group + epoch, nonce, key)


def epoch_body(secret, devices, ephemeral, group, epoch):
    """The segments of an epoch's body, ascending by device key."""
    segments = [("ephemeral key", ephemeral.public), ("count", u16(len(devices)))]
    ordered = sorted(devices, key=lambda device: device.signer.public)
    for index, device in enumerate(ordered):
        segments.append((f"device key {index}", device.signer.public))
        copy = sealed_copy(secret, device, ephemeral, group, epoch)
        segments.append((f"sealed secret {index}", copy))
    return segments


def encrypted(plain, secret, group, feed, seq, epoch, kind=2, label="nonce of a message"):
    """The body of an encrypted message."""
    key = hash_of("zr1.msgkey", feed, u32(seq), key=secret)
    nonce = hash_of("zr1.nonce", seeded(label, 16), plain, key=key, size=24)
    associated = group + feed + u32(seq) + u8(kind) + epoch
    sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, associated, nonce, key)
    return nonce + sealed


class Office:
    """Anna founds the office, makes a ticket, admits Bert, and opens a group with him."""

    def __init__(self):
        self.anna = Feed(ANNA, bytes(32), body=joined(founding()), nonce="anna office")
        self.id = self.anna.group
        self.anna.next(2, name_content("Kontor Hafenstra\u00dfe"))
        self.anna.next(2, name_content("Anna", 6, ANNA.member))
        self.ticket = self.anna.next(3, joined(ticket_operation()))
        self.certified = self.anna.next(3, joined(certify(self.id)))
        facts = ext_item(4, self.id) + ext_item(5, u8(1))
        self.group = Feed(ANNA, self.id, facts=facts, deps=[self.certified], nonce="anna group")
        self.group.next(3, u8(8) + u8(1) + BERT.member + u8(2))
        self.secret = seeded("epoch secret")
        self.ephemeral = Exchanger("epoch ephemeral")
        seq = self.group.last.seq + 1
        self.epoch = epoch_id(self.secret, self.group.group, self.group.id, seq)
        body = epoch_body(
            self.secret, [ANNA, BERT], self.ephemeral, self.group.group, self.epoch
        )
        self.epoch_entry = self.group.next(4, joined(body), epoch=self.epoch)
        self.message = self.say("Der Aufzug geht wieder.")
        self.bert = Feed(
            BERT, self.certified.id, group=self.group.group,
            deps=[self.certified, self.message], nonce="bert group",
        )  # fmt: skip

    def say(self, text, feed=None, deps=(), **more):
        """A message of a feed in the group, under its epoch."""
        feed = feed or self.group
        seq = feed.last.seq + 1
        plain = padded(text_content(text))
        body = encrypted(plain, self.secret, feed.group, feed.id, seq, self.epoch)
        return feed.next(2, body, deps=deps, epoch=self.epoch, **more)

