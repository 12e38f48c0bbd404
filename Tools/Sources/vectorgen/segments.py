"""Writes segments of a group log (B-store), right or wrong on purpose."""

from wire import joined, u8, u16, u32, u64

POLYNOMIAL = 0x82F63B78
MARK = 0xC0FFEE01
ARRIVAL = 1_790_000_100_000


def crc32c(data):
    """Castagnoli, bit by bit."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (POLYNOMIAL if register & 1 else 0)
    return register ^ 0xFFFFFFFF


class Segment:
    """One file: its head, then what is added, as parts that a case may change by name."""

    def __init__(self, group, number=1, before=None, mark=MARK, version=1):
        """`before` is the segment it follows, or (end, checksum) to be cited instead."""
        self.group, self.number, self.mark = group, number, mark
        end, checksum = (before.end, before.link) if isinstance(before, Segment) else before or (0, 0)
        head = b"ZRS1" + u16(version) + u16(128) + group + u32(number) + bytes(4)
        head += u64(end) + u32(checksum) + u32(mark) + bytes(60)
        self.link = crc32c(head)
        self.parts = [("head of the segment", head + u32(self.link))]
        self.groups = 0

    @property
    def end(self):
        return len(joined(self.parts))

    def sum(self, offset, data):
        """A checksum that begins with its place (S-6)."""
        return crc32c(self.group + u32(self.number) + u64(offset) + data)

    def add(self, entries, feed, signature, own=False, durable=None, branch=bytes(16), erased=(),
            first=None, at=None, last=None):  # fmt: skip
        """A record group. `erased` are the seqs whose bodies are gone; `at` is another place that its
        checksums begin with."""
        start = self.end
        shift = 0 if at is None else at - start
        name = f"record group {self.groups}"
        self.groups += 1
        records, offset = [], start + 160
        for entry in entries:
            gone = entry.seq in erased
            body = bytes(len(entry.body)) if gone else entry.body
            fixed = u16(len(entry.header)) + u8(0) + u8(0) + u32(len(body))
            header = self.sum(offset + shift, fixed + entry.header)
            rest = self.sum(offset + shift, b"erased.." if gone else body)
            prefix = fixed[:2] + u8(1 if gone else 0) + fixed[3:] + u32(header) + u32(rest)
            records += [(f"prefix {entry.seq} of {name}", prefix),
                        (f"header {entry.seq} of {name}", entry.header),
                        (f"body {entry.seq} of {name}", body)]  # fmt: skip
            offset += len(prefix + entry.header + body)
        head = u32(self.mark) + u32(offset - start) + u16(len(entries)) + u8(1 if own else 0) + u8(0)
        head += u32(entries[0].seq if first is None else first) + feed + branch + u64(ARRIVAL)
        head += signature + (last or entries[-1].id) + u32(start if durable is None else durable)
        checksum = self.sum(start + shift, head)
        self.parts.append((f"head of {name}", head + u32(checksum)))
        self.parts += [each for each in records if each[1]]
        self.link = checksum
        return self

    def room(self, count=256):
        """Zeros that were taken beforehand."""
        self.parts.append(("room", bytes(count)))
        return self

    def flipped(self, name, at=0, bit=1):
        """The same with one bit of a part turned."""
        assert any(each == name for each, _ in self.parts), name
        self.parts = [(each, data[:at] + u8(data[at] ^ bit) + data[at + 1 :] if each == name else data)
                      for each, data in self.parts]  # fmt: skip
        return self

    def zeroed(self, name):
        """The same with a part that is all zeros."""
        assert any(each == name for each, _ in self.parts), name
        self.parts = [(each, bytes(len(data)) if each == name else data) for each, data in self.parts]
        return self

    def cut(self, count):
        """The same without its last bytes."""
        data, parts = self.end - count, []
        for name, part in self.parts:
            parts.append((name, part[:data]))
            data -= len(parts[-1][1])
        self.parts = [each for each in parts if each[1]]
        return self
