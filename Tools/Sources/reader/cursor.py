"""Reads values from bytes, front to back (2-encoding, Values)."""

from refusal import decode_error


class Cursor:
    """A place in bytes. Bytes that end too early break `rule`, which the caller may change."""

    def __init__(self, data, rule):
        self.data = data
        self.at = 0
        self.rule = rule

    def take(self, count):
        if count > len(self.data) - self.at:
            raise decode_error(self.rule, f"{count} bytes wanted, {len(self.data) - self.at} left")
        part = self.data[self.at : self.at + count]
        self.at += count
        return part

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def u8(self):
        return self.number(1)

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def rest(self):
        return self.take(len(self.data) - self.at)

    def left(self):
        return len(self.data) - self.at

    def end(self):
        if self.left():
            raise decode_error(self.rule, f"{self.left()} bytes too many")

    def varint(self):
        """N-2: fewest bytes, at most 64 bits."""
        value = 0
        for index in range(10):
            byte = self.u8()
            value |= (byte & 0x7F) << (7 * index)
            if byte & 0x80:
                continue
            if byte == 0 and index > 0:
                raise decode_error("N-2", "a varint in more bytes than it needs")
            if value >= 1 << 64:
                raise decode_error("N-2", "a varint of more than 64 bits")
            return value
        raise decode_error("N-2", "a varint of more than ten bytes")


def unzigzag(value):
    """The signed 64-bit difference of a zigzag number."""
    return (value >> 1) ^ -(value & 1)


def ascending(items):
    """Whether items stand strictly ascending."""
    return all(a < b for a, b in zip(items, items[1:]))


def text_of(data, rule, why):
    """The text of UTF-8 bytes (N-4), refused by `rule`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise decode_error(rule, why) from None


def name_of(data, rule="N-3"):
    """A name: 1 to 128 bytes of UTF-8 without control characters (N-3)."""
    if not 1 <= len(data) <= 128:
        raise decode_error(rule, f"a name of {len(data)} bytes")
    name = text_of(data, rule, "a name that is not UTF-8")
    for character in name:
        point = ord(character)
        if point < 0x20 or 0x7F <= point <= 0x9F or point in (0x2028, 0x2029):
            raise decode_error(rule, f"control character U+{point:04X} in a name")
    return name
