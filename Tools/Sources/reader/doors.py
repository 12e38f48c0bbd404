"""One door a form: takes a vector, returns what it gives, or refuses."""

import nacl.bindings as sodium

from batch import decode_batch, verify_batch, verify_place
from bodies import (
    check_body, decode_content, decode_founding, decode_operation, open_epoch, open_message, unpad,
    verify_certify, verify_owners,
)  # fmt: skip
from cursor import Cursor, ascending, name_of
from discovery import decode_record
from entry import decode_header, read_header
from lines import decode_line
from log import admit_log
from messages import decode_message, digest, read_item
from noise import decode_greeting, decode_preface, frames, handshake
from primitives import hashed, signature_holds
from refusal import need
from store import read_store
from visit import read_visit


def header(v):
    found = decode_header(v.data)
    return {"id": found.id, "opaque": b"\1" if found.opaque else b"\0"}


def entry(v):
    """header | signature | body; an empty rest is no body, or an erased one."""
    cursor = Cursor(v.data, "E-3")
    found = read_header(cursor)
    signature, body = cursor.take(64), cursor.rest()
    if body:
        need(len(body) == found.body_size, "E-13", "not the body's size")
        check_body(found, body)
    else:
        erasable = found.body_size == 0 or found.kind in (2, 4, 5)
        need(erasable, "E-13", "incomplete without its body")
    if body:
        whole = hashed("zr1.body", body) == found.body_hash
        need(whole, "E-20", "body_hash is of other bytes", "verify")
    if v.has("log"):
        verify_place(found, v.text("log") == "office")
    if v.has("before"):
        need(found.prev == v.hex("before"), "F-1", "prev is another entry", "verify")
    key = v.hex("device-key")
    held = signature_holds("zr1 entry", found.id, signature, key)
    need(held, "F-2", "the signature does not hold", "verify")
    return {"id": found.id}


def batch(v):
    held = decode_header(v.hex("held")) if v.has("held") else None
    found = decode_batch(v.data, held)
    key = v.hex("device-key") if v.has("device-key") else None
    verify_batch(found, held, key, v.text("log") == "office")
    if v.has("branch"):
        begins = found.entries[0][0].id[:16] == v.hex("branch")
        need(begins, "R-13", "the first entry is not the branch's", "verify")
    return {"id": found.entries[-1][0].id, "headers": b"".join(h.encoded() for h, _ in found.entries)}


def operation(v):
    name, fields = decode_operation(v.data)
    if v.has("office") and name == "certify":
        verify_certify(v.hex("office"), fields)
    if v.has("office") and name == "owners":
        verify_owners(v.hex("office"), fields, v.hex("recovery-key"))
    return {"operation": name}


def founding(v):
    certificate, recovery, secret = decode_founding(
        v.data, v.hex("device-key") if v.has("device-key") else None
    )
    gives = {"member": certificate.member, "recovery-key": recovery}
    if v.has("office"):
        gives["psk"] = hashed("zr1.psk", secret, v.hex("office"))
    return gives


def place(v):
    return {
        "group": v.hex("group"),
        "feed": v.hex("feed"),
        "seq": v.number("seq"),
        "epoch": v.hex("epoch"),
    }


def epoch(v):
    secret = v.hex("sealing-secret")
    public = sodium.crypto_scalarmult_base(secret)
    return {"secret": open_epoch(v.data, place(v), v.hex("device-key"), secret, public)}


def sealed(v):
    return {"content": open_message(v.data, place(v), v.hex("secret"))}


def content(v):
    kind, fields = decode_content(v.data)
    return {"known": b"\0" if fields is None else b"\1", "type": bytes([kind])}


def message(v):
    name, _ = decode_message(v.data)
    return {"message": name}


def line(v):
    found = decode_line(v.data, v.text("prefix").encode())
    gives = {"office": found["office"]}
    if "signatures" in found:
        return gives | {"signatures": bytes([len(found["signatures"])])}
    gives["seed"] = found["seed"]
    if "member" in found:
        gives["member"] = found["member"]
    if "psk" in found:
        gives["psk"] = found["psk"]
        seed = hashed("zr1.ticket", found["seed"])
        gives["ticket-key"] = sodium.crypto_sign_seed_keypair(seed)[0]
    return gives


def transcript(v):
    ends = [
        (v.hex(f"{end}-static"), v.hex(f"{end}-ephemeral")) for end in ("initiator", "responder")
    ]
    # One that was spoilt may ask for a secret that its vector does not have.
    psk = v.hex("psk") if v.has("psk") else bytes(32)
    found = handshake(v.data, v.hex("office"), psk, *ends)
    return {"hash": found["hash"], "plain": b"".join(found["plain"])}


def frontier_digest(v):
    cursor, found = Cursor(v.data, "R-1"), []
    while cursor.left():
        found.append(read_item(cursor))
    need(ascending([item[:2] for item in found]), "R-1", "items do not ascend")
    return {"digest": digest(v.hex("group"), found)}


def label_hash(v):
    key = v.hex("key") if v.has("key") else b""
    return {"hash": hashed(v.text("label"), v.data, key=key, size=v.number("size"))}


def signature(v):
    """signature 64 | content."""
    held = signature_holds(v.text("label"), v.data[64:], v.data[:64], v.hex("key"))
    need(held, "N-7", "the signature does not hold", "verify")
    return {}


def name(v):
    name_of(v.data)
    return {}


def stream_frames(v):
    for frame in frames(v.data):
        need(len(frame) >= 16, "H-8", "a transport frame too short for its tag")
    return {}


def record(v):
    _, door = decode_record(v.data, v.hex("office"))
    return {"door": b"\1" if door else b"\0"}


def visit(v):
    keys = (v.hex("hash"), v.hex("newcomer-key"), v.hex("sponsor-key"))
    return {"digits": read_visit(v.data, *keys)}


DOORS = {
    "header": header,
    "entry": entry,
    "batch": batch,
    "log": admit_log,
    "operation": operation,
    "founding": founding,
    "epoch": epoch,
    "sealed": sealed,
    "padded": lambda v: {"content": unpad(v.data)},
    "content": content,
    "name": name,
    "message": message,
    "line": line,
    "preface": lambda v: {"mode": bytes([decode_preface(v.data)])},
    "greeting": lambda v: {"certificate": decode_greeting(v.data)[0]},
    "frames": stream_frames,
    "record": record,
    "visit": visit,
    "handshake": transcript,
    "digest": frontier_digest,
    "hash": label_hash,
    "signature": signature,
    "store": read_store,
}
