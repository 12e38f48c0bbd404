"""What a start makes of a group log on a disk (B-store): written from the chapter's tables alone."""

import struct

from cursor import Cursor
from entry import ERASABLE, decode_header
from primitives import hashed
from refusal import Refusal, need

HEAD, GROUP_HEAD, PREFIX = 128, 160, 16
HEADER_MIN, ENTRIES_MAX = 155, 256
GROUP_MAX = 1 << 20
ERASED = b"erased.."
ZERO16 = bytes(16)


def table():
    values = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        values.append(value)
    return values


TABLE = table()


def crc(data):
    """S-4."""
    register = 0xFFFFFFFF
    for byte in data:
        register = TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return register ^ 0xFFFFFFFF


class Broken(Exception):
    """A record group of which something does not hold."""


class Chain:
    """Entries of a feed, or of a branch: the beginnings of their IDs and their lamports, from `start` on."""

    def __init__(self, start, head):
        self.start, self.head = start, head
        self.ids, self.lamports, self.erased = [], [], {}
        # Whether it was split at its end.
        self.is_parted = False

    @property
    def next(self):
        return self.start + len(self.ids)

    def id(self, seq):
        return self.ids[seq - self.start] if self.start <= seq < self.next else None


class Group:
    """A record group as its head tells it, and its entries once they were checked."""

    def __init__(self, raw):
        self.length, self.count, flags, zero, self.first = struct.unpack(">IHBBI", raw[4:16])
        self.feed, self.branch = raw[16:32], raw[32:48]
        self.signature, self.last_id = raw[56:120], raw[120:152]
        self.durable, self.sum = struct.unpack(">II", raw[152:160])
        self.entries = []
        self.is_form = (flags < 2 and zero == 0 and GROUP_HEAD <= self.length
                        and 1 <= self.count <= ENTRIES_MAX and self.first <= 0xFFFFFFFF - self.count)  # fmt: skip

    @property
    def last(self):
        return self.first + self.count - 1

    @property
    def ids(self):
        return [fields.prev[:16] for fields, _ in self.entries[1:]] + [self.last_id[:16]]


class Log:
    """Reads the segments of one group in order and says what is held, reported and left."""

    def __init__(self, group, files, promised):
        self.group, self.files, self.promised = group, files, promised
        self.chains, self.reports, self.left = {}, [], {}
        # What a gap kept out when it was read.
        self.kept_out = []
        self.link = None
        # The number of a segment that is begun because nothing else would keep a damage; and whether the
        # segment read last has such a damage.
        self.successor, self.cuttable = None, False
        numbers = [number for number, data in files.items() if data is not None]
        self.highest = max(numbers, default=0)
        self.run(sorted(numbers))

    def run(self, numbers):
        expected = 1
        for number in numbers:
            if number > expected:
                self.report(expected, 0, "missing")
                self.link = None
            expected = number + 1
            self.left[number] = len(self.files[number])
            self.segment(number, self.files[number], number == self.highest)
        if self.successor:
            self.left[self.successor] = HEAD
        self.take_up()
        self.fold()

    def report(self, number, offset, word, lost=None, missing=None):
        self.reports.append((number, offset, word, lost, missing))

    def take_up(self):
        """S-15: what a gap kept out is taken up where what was missing was stored anew behind it."""
        for place, first, group, report in sorted(self.kept_out, key=lambda each: each[:2]):
            number, at, _, lost, _ = report
            chain = self.chains.get(place)
            if chain is None or first > chain.next and not chain.is_parted:
                continue
            group.branch = self.branch(group)
            word = self.judge((group.feed, group.branch), group, group.ids)[0]
            if word == "gap":
                continue
            self.reports.remove(report)
            if word:
                self.report(number, at, "conflict", lost)
            elif group.last >= self.chains[(group.feed, group.branch)].next:
                # Where all of it came anew the later copy counts.
                self.take(number, at, group)
        self.reports.sort(key=lambda each: each[:2])

    def branch(self, group):
        """S-15: behind where a chain was split its entries stand on branches."""
        place = (group.feed, group.branch)
        while place in self.chains and self.chains[place].is_parted:
            chain = self.chains[place]
            word = self.judge(place, group, group.ids)[0]
            if word is None and group.last >= chain.next:
                place = (group.feed, group.ids[chain.next - group.first])
                continue
            before = group.entries[0][0].prev[:16]
            found = [of for of, each in sorted(self.chains.items(), key=lambda each: each[0])
                     if word == "gap" and of[0] == group.feed and each.id(group.first - 1) == before]  # fmt: skip
            if not found:
                break
            place = found[0]
        return place[1]

    def fold(self):
        """S-15: all that one gap keeps out of a feed is reported once."""
        seen, kept = set(), []
        for each in self.reports:
            key = (each[3][0], each[4]) if each[2] == "gap" else None
            if key is None or key not in seen:
                kept.append(each)
            seen.add(key)
        self.reports = kept

    def lacks_promised(self):
        for feed, seq, identity in self.promised:
            held = [chain.id(seq) for (of, _), chain in self.chains.items() if of == feed]
            if identity[:16] not in held:
                return True
        return False

    # Segments (the first table of Recovery).

    def segment(self, number, data, is_last):
        was_cuttable, self.cuttable = self.cuttable, False
        raw = data[:HEAD]
        is_good = len(raw) == HEAD and raw[:4] == b"ZRS1" and crc(raw[:124]) == number_of(raw[124:])
        if is_good:
            need(raw[4:6] == b"\0\1", "S-5", "a segment of a later version")
            if raw[8:40] != self.group or number_of(raw[40:44]) != number:
                self.report(number, 0, "foreign" if raw[8:40] != self.group else "misnamed")
                self.link = None
                return
            cited = (number_of(raw[48:56]), number_of(raw[56:60]))
            if self.link is not None and self.link != cited and not (cited[0] == 0 and number > 1):
                self.report(number, 0, "unlinked")
            self.scan(number, data, raw[60:64], number_of(raw[124:]), is_last)
            return
        mark = data[HEAD : HEAD + 4]
        is_read = self.head(number, data, HEAD, mark) is not None
        if is_read:
            if not is_last:
                self.report(number, 0, "headless")
                self.scan(number, data, mark, None, is_last)
                return
            before = len(self.reports)
            if self.scan(number, data, mark, None, is_last) > 0:
                self.reports.insert(before, (number, 0, "headless", None, None))
            return
        if is_last and not self.lacks_promised() and not self.is_vouched(number, data):
            self.report(number, 0, "tornCreation")
            self.left[number] = None
            self.successor = number if was_cuttable else None
            return
        self.report(number, 0, "unreadable")
        self.link, self.cuttable = None, True
        self.successor = number + 1 if is_last else None

    def is_vouched(self, number, data):
        """Whether any head of a record group, whatever its mark, states a flushed offset."""
        for at in range(HEAD, len(data) - GROUP_HEAD + 1):
            # Most places cannot be a head: asked before the checksum.
            if data[at + 11] == 0 and data[at + 10] < 2:
                found = self.head(number, data, at, data[at : at + 4])
                if found is not None and found.durable > 0:
                    return True
        return False

    # Record groups (the second table).

    def sum(self, number, offset, data):
        return crc(self.group + struct.pack(">IQ", number, offset) + data)

    def head(self, number, data, at, mark):
        raw = data[at : at + GROUP_HEAD]
        if len(raw) < GROUP_HEAD or raw[:4] != mark or mark == bytes(4):
            return None
        if self.sum(number, at, raw[:156]) != number_of(raw[156:]):
            return None
        found = Group(raw)
        return found if found.is_form else None

    def heads(self, number, data, at, mark):
        """Each head that can be read from a place on."""
        while (at := data.find(mark, at)) >= 0:
            found = self.head(number, data, at, mark)
            if found is not None:
                yield at, found
            at += GROUP_HEAD if found is not None else 1

    def scan(self, number, data, mark, checksum, is_last):
        """Reads the record groups behind a head; gives the highest flushed offset that one of them states."""
        at, durable, certified, damaged, last = HEAD, 0, None, False, -1
        while at < len(data):
            found = self.head(number, data, at, mark)
            if found is not None and found.length > len(data) - at:
                found = None
            try:
                if found is None:
                    if not any(data[at:]):
                        break
                    raise Broken
                self.entries(number, data, at, found)
            except Broken:
                if certified is None:
                    later = self.heads(number, data, at, mark)
                    certified = max((head.durable for _, head in later), default=0)
                # Also where no good record group vouches for a damage before it.
                is_kept = is_last and certified <= at and (durable <= last or self.lacks_promised())
                self.successor = number + 1 if is_kept else self.successor
                self.cuttable = self.cuttable or certified <= at
                if is_last and certified <= at and not is_kept:
                    self.report(number, at, "tornTail")
                    self.left[number] = at
                    break
                self.report(number, at, "damage")
                damaged, last = True, at
                if found is not None:
                    at += found.length
                else:
                    at = next((place for place, _ in self.heads(number, data, at + 1, mark)), len(data))
                continue
            damaged = not self.take(number, at, found) or damaged
            durable, checksum = max(durable, found.durable), found.sum
            at += found.length
        self.link = None if damaged or checksum is None else (at, checksum)
        return durable

    def entries(self, number, data, start, group):
        """S-7: checksums, the form of headers, and what ties them to the head."""
        at, end, lamport = start + GROUP_HEAD, start + group.length, 0
        for index in range(group.count):
            if end - at < PREFIX:
                raise Broken
            prefix = data[at : at + PREFIX]
            size, state, zero, extent, of_header, of_body = struct.unpack(">HBBIII", prefix)
            header = data[at + PREFIX : at + PREFIX + size]
            body = data[at + PREFIX + size : at + PREFIX + size + extent]
            if size < HEADER_MIN or at + PREFIX + size + extent > end:
                raise Broken
            if self.sum(number, at, prefix[:2] + b"\0" + prefix[3:8] + header) != of_header:
                raise Broken
            try:
                fields = decode_header(header)
            except Refusal:
                raise Broken from None
            seq = group.first + index
            if (zero or fields.seq != seq or fields.lamport <= lamport
                    or extent not in (0, fields.body_size)
                    or fields.seq > 0 and fields.feed != group.feed
                    or fields.group != self.group and not (seq == 0 and fields.group == bytes(32))):  # fmt: skip
                raise Broken
            gone = self.is_erased(number, at, state, of_body, fields, body)
            group.entries.append([fields, gone])
            lamport = fields.lamport
            at += PREFIX + size + extent
        if at != end:
            raise Broken

    def is_erased(self, number, at, state, checksum, fields, body):
        """S-8."""
        is_whole = len(body) == fields.body_size
        is_present = is_whole and checksum == self.sum(number, at, body)
        is_erased = (checksum == self.sum(number, at, ERASED) and fields.body_size > 0
                     and fields.kind in ERASABLE)  # fmt: skip
        if state == 0 and is_present:
            return False
        if state == 1 and is_erased:
            return True
        if is_present:
            return False
        if is_erased and not any(body):
            return True
        if is_whole and (not body or hashed("zr1.body", body) == fields.body_hash):
            return False
        raise Broken

    # Chains.

    def take(self, number, at, group):
        """S-13 to S-15; gives whether the record group is used."""
        place = (group.feed, group.branch)
        if not any(group.signature):
            self.report(number, at, "unsigned")
            return False
        ids = group.ids
        word, expected = self.judge(place, group, ids)
        if word:
            self.report(number, at, word, (place, group.last), expected)
            if word == "gap":
                self.kept_out.append((place, group.first, group, self.reports[-1]))
            return False
        chain = self.chains[place]
        for index, (fields, gone) in enumerate(group.entries):
            if fields.seq < chain.start:
                continue
            if fields.seq == chain.next:
                chain.ids.append(ids[index])
                chain.lamports.append(fields.lamport)
                chain.head = group.last_id
            chain.erased[fields.seq] = gone
        return True

    def judge(self, place, group, ids):
        """The word of what is wrong, or none; and for a gap which entry is missing."""
        if place not in self.chains:
            word = self.begin(place, group, ids)
            if word:
                return word, 0
        chain = self.chains[place]
        if group.first > chain.next:
            return "gap", chain.next
        if group.last < chain.start:
            return "conflict", None
        for index in range(group.count):
            held = chain.id(group.first + index)
            if held is not None and held != ids[index]:
                return "conflict", None
        if group.last >= chain.next == group.first > chain.start:
            first = group.entries[0][0]
            if first.prev != chain.head or first.lamport <= chain.lamports[-1]:
                return "conflict", None
        return None, None

    def begin(self, place, group, ids):
        """A chain that is new: a feed from entry 0 on, or a branch, which splits the chain it leaves."""
        feed, branch = place
        if branch == ZERO16:
            if group.first != 0:
                return "gap"
            self.chains[place] = Chain(0, bytes(32))
            return None
        index = next((index for index, each in enumerate(ids) if each == branch), None)
        if index is None:
            return "gap"
        fields = group.entries[index][0]
        if fields.seq == 0:
            return "conflict"
        parents = sorted((of, chain) for of, chain in self.chains.items()
                         if of[0] == feed and chain.id(fields.seq - 1) == fields.prev[:16])  # fmt: skip
        if not parents:
            return "gap"
        chain = parents[0][1]
        if fields.lamport <= chain.lamports[fields.seq - 1 - chain.start]:
            return "conflict"
        other = chain.id(fields.seq)
        if other == branch:
            return "conflict"
        if other is not None:
            tail, cut = Chain(fields.seq, fields.prev), fields.seq - chain.start
            tail.ids, tail.lamports, tail.head = chain.ids[cut:], chain.lamports[cut:], chain.head
            tail.is_parted, chain.is_parted = chain.is_parted, True
            tail.erased = {seq: gone for seq, gone in chain.erased.items() if seq >= fields.seq}
            chain.ids, chain.lamports, chain.head = chain.ids[:cut], chain.lamports[:cut], fields.prev
            chain.erased = {seq: gone for seq, gone in chain.erased.items() if seq < fields.seq}
            self.chains[(feed, other)] = tail
        self.chains[place] = Chain(fields.seq, fields.prev)
        return None


def number_of(data):
    return int.from_bytes(data, "big")


def read_store(v):
    """Every segment after its length; a length of 0 is a file that is not there."""
    cursor, files = Cursor(v.data, "S-4"), {}
    while cursor.left():
        size = cursor.u32()
        files[len(files) + 1] = cursor.take(size) if size else None
    promised = []
    if v.has("promised"):
        raw = v.hex("promised")
        promised.append((raw[:16], number_of(raw[16:20]), raw[20:]))
    log = Log(v.hex("group"), files, promised)
    chains = sorted(f"{feed[:4].hex()}/{branch[:4].hex()}:{chain.start}-{chain.next - 1}"
                    for (feed, branch), chain in log.chains.items() if chain.ids)  # fmt: skip
    count = max([len(files), *log.left])
    return {
        "kept": " ".join(chains),
        "erased": str(sum(gone for chain in log.chains.values() for gone in chain.erased.values())),
        "reports": " ".join(f"{each[0]}:{each[1]}:{each[2]}" for each in sorted(
            log.reports, key=lambda each: each[:3])),
        "left": " ".join(str(log.left.get(number) or "-") for number in range(1, count + 1)),
    }  # fmt: skip
