"""What stands in bodies: certificates, operations, epochs, content (3-entry, 5-authority, 6-epochs)."""

from dataclasses import dataclass

from cursor import Cursor, ascending, name_of, text_of
from entry import CONTROL, EPOCH, GENESIS, MESSAGE, ZERO32, is_office_genesis, read_ext
from primitives import exchanged, hashed, opened, signature_holds
from refusal import need, verify_error

CONTENT_PADDED = [128 << k for k in range(9)] + [65_496]
ZERO64 = bytes(64)


@dataclass(frozen=True)
class Certificate:
    member: bytes
    device: bytes
    noise: bytes
    sealing: bytes
    rank: int
    flags: int


def read_certificate(cursor, rule):
    """114 bytes; the highest rank is 5 and two flags are known."""
    certificate = Certificate(
        cursor.take(16), cursor.take(32), cursor.take(32), cursor.take(32), cursor.u8(), cursor.u8()
    )
    need(certificate.rank <= 5, rule, f"rank {certificate.rank}")
    need(certificate.flags & ~3 == 0, rule, "unknown certificate flags")
    return certificate


def decode_founding(body, device_key=None):
    """The body of an office genesis: certificate, recovery key, office secret (E-14, E-16)."""
    need(len(body) == 178, "E-16", f"office genesis body of {len(body)} bytes")
    cursor = Cursor(body, "E-16")
    certificate = read_certificate(cursor, "E-14")
    need(certificate.rank == 0, "E-14", "the founder's rank is not 0")
    if device_key is not None:
        need(certificate.device == device_key, "E-14", "the device key is not that of ext 1")
    return certificate, cursor.take(32), cursor.take(32)


def read_cuts(cursor):
    count = cursor.u16()
    need(count <= 1_000, "A-1", f"{count} cuts")
    cuts = [(cursor.take(16), cursor.u32(), cursor.take(32)) for _ in range(count)]
    need(ascending([cut[0] for cut in cuts]), "A-1", "cuts do not ascend")
    return cuts


def read_ids(cursor, count, size):
    ids = [cursor.take(size) for _ in range(count)]
    need(ascending(ids), "A-1", "a list does not ascend")
    return ids


def op_certify(c):
    fields = {
        "certificate": read_certificate(c, "A-1"),
        "ticket": c.take(32),
        "handshake": c.take(32),
        "device signature": c.take(64),
        "ticket signature": c.take(64),
    }
    need(
        (fields["ticket"] == ZERO32) == (fields["ticket signature"] == ZERO64),
        "A-1",
        "ticket signature zero iff no ticket",
    )
    return fields


def op_remove(c):
    target = c.u8()
    need(target in (1, 2), "A-1", f"target {target}")
    return {"target": c.take(16 if target == 1 else 32), "cuts": read_cuts(c)}


def op_rank(c):
    fields = {"member": c.take(16), "rank": c.u8()}
    need(fields["rank"] <= 5, "A-1", f"rank {fields['rank']}")
    return fields | {"cuts": read_cuts(c)}


def op_ticket(c):
    fields = {"ticket": c.take(32), "rank": c.u8(), "flags": c.u8()}
    need(fields["rank"] in (2, 3), "A-1", f"rank {fields['rank']}")
    need(fields["flags"] & ~3 == 0, "A-1", "unknown certificate flags")
    fields |= {"member": c.take(16), "expires": c.u64(), "uses": c.u16()}
    return fields | {"groups": read_ids(c, c.u8(), 32)}


def op_ticket_revoke(c):
    return {"ticket": c.take(32)}


def op_owners(c):
    previous, count = c.take(32), c.u8()
    need(1 <= count <= 32, "A-1", f"{count} owners")
    owners = read_ids(c, count, 16)
    count = c.u8()
    need(1 <= count <= 32, "A-1", f"{count} signatures")
    signatures = [(c.take(32), c.take(64)) for _ in range(count)]
    need(ascending([key for key, _ in signatures]), "A-1", "signatures do not ascend")
    return {"previous": previous, "owners": owners, "signatures": signatures}


def op_suspend(c):
    fields = {"feed": c.take(16), "seq": c.u32(), "ids": [c.take(32), c.take(32)]}
    need(ascending(fields["ids"]), "A-1", "the two entry IDs do not ascend")
    return fields


def op_group_add(c):
    count = c.u8()
    need(count >= 1, "A-1", "nobody to add")
    members, grade = read_ids(c, count, 16), c.u8()
    need(grade in (1, 2), "A-1", f"grade {grade}")
    return {"members": members, "grade": grade}


def op_group_remove(c):
    return {"member": c.take(16), "cuts": read_cuts(c)}


OPERATIONS = {
    1: ("certify", op_certify),
    2: ("remove", op_remove),
    3: ("rank", op_rank),
    4: ("ticket", op_ticket),
    5: ("ticket-revoke", op_ticket_revoke),
    6: ("owners", op_owners),
    7: ("suspend", op_suspend),
    8: ("group-add", op_group_add),
    9: ("group-remove", op_group_remove),
}


def decode_operation(body):
    """The name and fields of an operation (A-1); an unknown one has no fields."""
    need(len(body) >= 1, "E-16", "an empty control body")
    if body[0] not in OPERATIONS:
        return ("unknown", {"op": body[0]})
    name, read = OPERATIONS[body[0]]
    cursor = Cursor(body[1:], "A-1")
    fields = read(cursor)
    cursor.end()
    return (name, fields)


def certify_content(office, fields):
    c = fields["certificate"]
    return b"".join(
        [office, fields["ticket"], c.member, c.device, c.noise, c.sealing, fields["handshake"]]
    )


def verify_certify(office, fields):
    """A-2: by the device key of the certificate and by the ticket key."""
    content = certify_content(office, fields)
    pairs = [("device", fields["certificate"].device, fields["device signature"])]
    if fields["ticket"] != ZERO32:
        pairs.append(("ticket", fields["ticket"], fields["ticket signature"]))
    for whose, key, signature in pairs:
        if not signature_holds("zr1 certify", content, signature, key):
            raise verify_error("A-2", f"the {whose} signature does not hold")


def verify_owners(office, fields, recovery):
    """A-7 in part: that each signature of an owners operation is genuine."""
    content = office + fields["previous"] + bytes([len(fields["owners"])])
    content += b"".join(fields["owners"])
    for key, signature in fields["signatures"]:
        signer = recovery if key == ZERO32 else key
        if not signature_holds("zr1 owners", content, signature, signer):
            raise verify_error("A-7", "a signature of the owners does not hold")


def decode_epoch(body):
    """K-1: ephemeral key and sealed copies by device key."""
    cursor = Cursor(body, "K-1")
    ephemeral, count = cursor.take(32), cursor.u16()
    need(1 <= count <= 800, "K-1", f"{count} sealed copies")
    copies = [(cursor.take(32), cursor.take(48)) for _ in range(count)]
    cursor.end()
    need(ascending([key for key, _ in copies]), "K-1", "device keys do not ascend")
    return ephemeral, copies


def open_epoch(body, header, device, sealing_secret, sealing_public):
    """The epoch secret for one device (K-2)."""
    ephemeral, copies = decode_epoch(body)
    sealed = dict(copies).get(device)
    if sealed is None:
        raise verify_error("K-3", "no sealed copy for this device")
    shared = exchanged(sealing_secret, ephemeral, "K-2")
    key = hashed(
        "zr1.sealkey", shared, ephemeral, sealing_public, header["group"], header["epoch"]
    )
    associated = header["group"] + header["epoch"]
    secret = opened(sealed, associated, bytes(24), key, "K-2")
    if epoch_id(secret, header["group"], header["feed"], header["seq"]) != header["epoch"]:
        raise verify_error("K-2", "the secret makes another epoch_id")
    return secret


def epoch_id(secret, group, feed, seq):
    return hashed("zr1.epochid", secret, group, feed, seq.to_bytes(4, "big"), size=16)


def open_message(body, header, secret):
    """The content of an encrypted message (K-6, K-7, E-19)."""
    if len(body) - 40 not in CONTENT_PADDED:
        raise verify_error("K-6", f"an encrypted body of {len(body)} bytes")
    place = header["feed"] + header["seq"].to_bytes(4, "big")
    key = hashed("zr1.msgkey", place, key=secret)
    associated = header["group"] + place + bytes([MESSAGE]) + header["epoch"]
    return unpad(opened(body[24:], associated, body[:24], key, "K-7"))


def unpad(padded):
    """E-19: the content of a padded plaintext."""
    need(len(padded) in CONTENT_PADDED, "E-19", f"a padded plaintext of {len(padded)} bytes")
    length = int.from_bytes(padded[:2], "big")
    need(length + 2 <= len(padded), "E-19", "the content is longer than its padding")
    least = next(size for size in CONTENT_PADDED if size >= length + 2)
    need(least == len(padded), "E-19", "not the least size that fits")
    need(not any(padded[2 + length :]), "E-19", "padding that is not zero")
    return padded[2 : 2 + length]


TAG_LENGTHS = {1: (16, 16), 2: (1, 60_000), 4: (1, 128), 5: (0, 1_024), 6: (16, 16), 7: (32, 32)}
TAG_LENGTHS |= {8: (32, 32), 9: (1, 128), 3: (32, 32), 10: (0, 64)}
NEEDED = {1: (1, 2), 2: (1, 4, 5), 3: (1, 9), 4: (1, 3, 10)}
POSSIBLE = {1: (1, 2, 3), 2: (1, 3, 4, 5), 3: (1, 6, 7, 8, 9), 4: (1, 3, 10)}


def decode_content(data):
    """Type and fields of a content (E-17); of an unknown type only the type."""
    cursor = Cursor(data, "E-17")
    kind = cursor.u8()
    if kind not in NEEDED:
        return kind, None
    items = []
    while cursor.left():
        tag = cursor.u8()
        items.append((tag, cursor.take(cursor.u16())))
    need(ascending([tag for tag, _ in items]), "E-17", "tags do not ascend")
    fields = {tag: value for tag, value in items if tag in POSSIBLE[kind]}
    for tag in NEEDED[kind]:
        need(tag in fields, "E-17", f"tag {tag} missing")
    for tag, value in fields.items():
        low, high = TAG_LENGTHS[tag]
        need(low <= len(value) <= high, "E-17", f"tag {tag} of {len(value)} bytes")
        if tag in (2, 5):
            text_of(value, "E-17", f"tag {tag} is not UTF-8")
        if tag in (4, 9) or (tag == 10 and value):
            name_of(value, "E-17")
    need(len({6, 7, 8} & fields.keys()) <= 1, "E-17", "a name with two subjects")
    return kind, fields


def check_body(header, body):
    """What the layer decode asks of a body that is here (E-14, A-1, K-1)."""
    if header.opaque:
        return
    if header.kind == GENESIS and is_office_genesis(header):
        decode_founding(body, read_ext(header.ext)[1])
    if header.kind == CONTROL:
        decode_operation(body)
    if header.kind == EPOCH and body:
        decode_epoch(body)

