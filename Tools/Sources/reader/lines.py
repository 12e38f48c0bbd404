"""Typed lines: tickets and recovery keys (2-encoding)."""

from bodies import op_owners
from cursor import Cursor
from primitives import hashed
from refusal import Refusal, decode_error, need

ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"


def decode_line(line, prefix):
    """The content of a typed line with this prefix (N-1, N-5, N-6)."""
    line = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in line)
    line = bytes(byte for byte in line if byte not in b" \t\r\n")
    need(line.startswith(prefix), "N-5", "another prefix")
    data = unbase32(line[len(prefix) :])
    need(len(data) >= 4, "N-1", "too short for its checksum")
    content, check = data[:-4], data[-4:]
    expected = hashed("zr1.check", prefix, content, size=16)[:4]
    need(check == expected, "N-1", "the checksum does not hold")
    return READERS[prefix](content)


def unbase32(letters):
    value, bits, data = 0, 0, bytearray()
    for letter in letters:
        need(letter in ALPHABET, "N-1", f"byte {letter} is no base32 letter")
        value, bits = (value << 5) | ALPHABET.index(letter), bits + 5
        if bits >= 8:
            bits -= 8
            data.append(value >> bits)
            value &= (1 << bits) - 1
    need(bits < 5, "N-1", "a letter too many")
    need(value == 0, "N-1", "unused bits that are not zero")
    return bytes(data)


def ticket(content):
    c = Cursor(content, "N-1")
    version = c.u8()
    need(version in (1, 2), "N-6", "another version of tickets")
    fields = {"office": c.take(32), "psk": c.take(32), "seed": c.take(32), "addresses": []}
    for _ in range(c.u8()):
        kind = c.u8()
        need(kind in (4, 6), "N-1", f"address of kind {kind}")
        fields["addresses"].append((c.take(4 if kind == 4 else 16), c.u16()))
    if version == 2:
        fields["member"] = c.take(16)
        need(fields["member"] != bytes(16), "N-1", "for nobody")
    c.end()
    return fields


def recovery(content):
    c = Cursor(content, "N-1")
    need(c.u8() == 1, "N-6", "another version of recovery keys")
    fields = {"office": c.take(32), "seed": c.take(32)}
    c.end()
    return fields


def owners(content):
    c = Cursor(content, "N-1")
    need(c.u8() == 1, "N-6", "another version of changes of owners")
    office = c.take(32)
    try:
        fields = op_owners(c)
    except Refusal as refusal:
        raise decode_error("N-1", refusal.why) from refusal
    c.end()
    return {"office": office, **fields}


READERS = {b"zr1-ticket-": ticket, b"zr1-recovery-": recovery, b"zr1-owners-": owners}
