"""Text records of mDNS (9-discovery)."""

from cursor import Cursor
from primitives import hashed
from refusal import need

BYTES_MAX, STRINGS_MAX = 1_300, 16


def decode_record(data, office):
    """Salt and hint of a record of this office, and whether its door is open (D-1, D-2, D-9)."""
    need(len(data) <= BYTES_MAX, "D-2", f"a record of {len(data)} bytes")
    cursor, pairs, count = Cursor(data, "D-2"), {}, 0
    while cursor.left():
        key, equals, value = cursor.take(cursor.u8()).partition(b"=")
        count += 1
        need(count <= STRINGS_MAX, "D-2", "too many strings")
        pairs.setdefault(key.lower(), value if equals else None)
    need(pairs.get(b"v") == b"1", "D-1", "another version")
    digits = pairs.get(b"h") or b""
    right = len(digits) == 32 and all(digit in b"0123456789abcdef" for digit in digits)
    need(right, "D-1", "no hint of 32 digits")
    both = bytes.fromhex(digits.decode())
    hint = hashed("zr1.hint", both[:8], office, size=16)[:8]
    need(both[8:] == hint, "D-1", "the hint of another office", "verify")
    return both, pairs.get(b"d") == b"1"
