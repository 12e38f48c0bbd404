"""A newcomer at an open door: what is said there, in turn, and the digits (7-handshake)."""

from cursor import Cursor
from messages import decode_message
from primitives import hashed
from refusal import need

#: What may follow what was said last.
TURNS = {
    None: {"door"},
    "door": {"knock", "no"},
    "knock": {"door-nonce", "no"},
    "door-nonce": {"opening", "no"},
    "opening": {"no", "yes"},
    "no": set(),
    "yes": set(),
}


def stream(data):
    """The messages of a stream, one after the other."""
    cursor = Cursor(data, "R-1")
    while cursor.left():
        kind, length = cursor.u8(), cursor.u32()
        head = bytes([kind]) + length.to_bytes(4, "big")
        yield decode_message(head + cursor.take(length))


def digits(handshake, newcomer, sponsor, own, other):
    whole = hashed("zr1.digits", handshake, newcomer, sponsor, own, other, size=16)
    return f"{int.from_bytes(whole[:8], 'big') % 1_000_000:06d}"


def read_visit(data, handshake, newcomer, sponsor):
    """The digits that both sides show, or an empty text where it did not come to that."""
    last, shown = None, ""
    commitment = other = b""
    for name, fields in stream(data):
        if name == "unknown":
            continue
        turn = name
        if name == "door-answer":
            turn = "yes" if fields[0] == 0 else "no"
        need(turn in TURNS[last], "H-13", f"{turn} after {last}")
        last = turn
        if name == "knock":
            commitment = fields[0]
        elif name == "door-nonce":
            other = fields
        elif name == "opening":
            fits = commitment == hashed("zr1.commit", handshake, fields)
            need(fits, "H-14", "another nonce than committed to", "verify")
            shown = digits(handshake, newcomer, sponsor, fields, other)
    return shown
