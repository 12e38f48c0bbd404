"""Vectors of B-store: logs on a disk, whole, torn and spoilt, and what a start makes of them."""

from segments import Segment
from wire import Feed, seeded, u8, u32
from world import ANNA, BERT

FOLDER = "B-store/"


class Logs:
    """The small office's group as it is stored: Anna's feed, Bert's first entry, three messages."""

    def __init__(self, office):
        self.office, self.id = office, office.group.group
        for number in range(3):
            office.say(f"Palette {number + 1} ist da.")
        self.anna, self.bert = office.group.entries, office.bert.entries

    def sign(self, entry, device=ANNA):
        return entry.signature(device.signer)

    def annas(self, segment, first, last, **more):
        entries = self.anna[first : last + 1]
        return segment.add(entries, self.office.group.id, self.sign(entries[-1]), **more)

    def berts(self, segment, **more):
        return segment.add(self.bert, self.office.bert.id, self.sign(self.bert[-1], BERT), **more)

    def begun(self, **more):
        """A segment with what came first: entries 0 to 2 of Anna, entry 0 of Bert, entry 3 of Anna."""
        segment = self.annas(Segment(self.id, **more), 0, 2, own=True)
        return self.annas(self.berts(segment), 3, 3, own=True)

    def whole(self, **more):
        return self.annas(self.begun(**more), 4, 6, own=True)


def add(out, office):
    logs = Logs(office)

    def store(path, rule, comment, *segments, expect="ok", kept="", erased=0, reports="", left="",
              **inputs):  # fmt: skip
        data = []
        for number, segment in enumerate(segments, 1):
            parts = segment.parts if segment else []
            size = sum(len(part) for _, part in parts)
            data += [(f"size of segment {number}", u32(size)), *parts]
        gives = {} if expect != "ok" else {
            "gives_kept": kept, "gives_erased": str(erased), "gives_reports": reports,
            "gives_left": left}  # fmt: skip
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "store", data, group=logs.id, **inputs,
                **gives)  # fmt: skip

    anna, bert = office.group.id[:4].hex(), office.bert.id[:4].hex()

    def kept(last, berts=True):
        return " ".join(sorted([f"{anna}/00000000:0-{last}"] * (last >= 0) + [f"{bert}/00000000:0-0"] * berts))

    def end(segment):
        return str(segment.end)

    every = logs.whole()
    store("ok-log", "S-6", "four record groups", every, kept=kept(6), left=end(every))
    room = logs.whole().room()
    store("ok-room", "S-10", "zeros behind the end: room taken beforehand", room, kept=kept(6),
          left=end(room))  # fmt: skip
    first = logs.begun()
    second = logs.annas(Segment(logs.id, 2, first, mark=7), 4, 6)
    store("ok-two-segments", "S-5", "the second cites the end of the first", first, second, kept=kept(6),
          left=f"{first.end} {second.end}")  # fmt: skip
    gone = logs.annas(logs.begun(), 4, 6, erased=(4, 5))
    store("ok-erased", "S-8", "two bodies are gone", gone, kept=kept(6), erased=2, left=end(gone))
    again = logs.annas(logs.whole(), 3, 4)
    store("ok-again", "S-13", "two entries stand there twice", again, kept=kept(6), left=end(again))

    # Ends that nothing vouches for are cut.
    place = logs.begun().end
    torn = logs.whole().cut(40)
    store("torn-end", "S-17", "the last record group lacks 40 bytes", torn, kept=kept(3),
          reports=f"1:{place}:tornTail", left=str(place))  # fmt: skip
    for name, part, at in (("torn-head", "head of record group 3", 20), ("torn-mark", "head of record group 3", 0),
                           ("torn-header", "header 5 of record group 3", 80),
                           ("torn-body", "body 6 of record group 3", 30),
                           ("torn-prefix", "prefix 4 of record group 3", 8)):  # fmt: skip
        spoilt = logs.whole().flipped(part, at)
        store(name, "S-7" if "head" in name else "S-4", f"a bit of {part}", spoilt, kept=kept(3),
              reports=f"1:{place}:tornTail", left=str(place))  # fmt: skip
    moved = logs.annas(logs.begun(), 4, 6, at=place + 512)
    store("torn-elsewhere", "S-6", "checksums of another place", moved, kept=kept(3),
          reports=f"1:{place}:tornTail", left=str(place))  # fmt: skip
    size = Segment(logs.id).end
    unborn = logs.whole(number=2, before=first, mark=7).zeroed("head of the segment").zeroed("head of record group 0")
    for part in ("head of record group 1", "head of record group 2", "head of record group 3"):
        unborn.zeroed(part)
    store("torn-creation", "S-10", "a second segment that was never flushed", first, unborn, kept=kept(3),
          reports="2:0:tornCreation", left=f"{first.end} -")  # fmt: skip

    # Behind them something was written after they had been flushed.
    one = logs.annas(Segment(logs.id), 0, 2).end
    two = logs.berts(logs.annas(Segment(logs.id), 0, 2)).end
    damaged = logs.whole().flipped("header 0 of record group 1", 9)
    store("damage-vouched", "S-17", "a later record group says that it was flushed", damaged,
          kept=kept(6, berts=False), reports=f"1:{one}:damage", left=end(damaged))  # fmt: skip
    lost = logs.whole().flipped("head of record group 2", 60)
    store("damage-gap", "S-15", "entry 3 is missing, and so all that follows it", lost,
          kept=kept(2), reports=f"1:{two}:damage 1:{place}:gap", left=end(lost))  # fmt: skip
    spoilt = logs.begun().flipped("body 3 of record group 2", 5)
    mended = logs.annas(logs.whole().flipped("head of record group 2", 60), 3, 3)
    store("ok-taken-up", "S-15", "entry 3 rotted and was stored anew behind those that follow it",
          mended, kept=kept(6), reports=f"1:{two}:damage", left=end(mended))  # fmt: skip
    store("damage-before-a-successor", "S-10", "at the end of a segment that has a successor", spoilt,
          second, kept=kept(2), reports=f"1:{two}:damage 2:{size}:gap",
          left=f"{spoilt.end} {second.end}")  # fmt: skip
    uncited = logs.annas(Segment(logs.id, 2, mark=7), 4, 6)
    store("ok-uncited", "S-16", "a segment that cites no end: it was begun while the one before could not be read, "
          "whose end is written again", first, uncited, kept=kept(6), left=f"{first.end} {uncited.end}")  # fmt: skip
    store("damage-uncited", "S-10", "nor is what stands before such a one ever cut off", spoilt, uncited,
          kept=kept(2), reports=f"1:{two}:damage 2:{size}:gap",
          left=f"{spoilt.end} {uncited.end}")  # fmt: skip
    promised = logs.whole().flipped("head of record group 3", 60)
    head = office.group.id + u32(logs.anna[6].seq) + logs.anna[6].id
    store("damage-promised", "S-17", "the head lock knows an entry that the log lacks", promised,
          kept=kept(3), reports=f"1:{place}:damage", left=f"{promised.end} 128", promised=head)  # fmt: skip

    owed = Segment(logs.id, 2, mark=7).zeroed("head of the segment")
    store("damage-owed", "S-17", "the segment that was begun for a damage was never flushed: it is begun anew",
          promised, owed, kept=kept(3), reports=f"1:{place}:damage 2:0:tornCreation",
          left=f"{promised.end} 128")  # fmt: skip

    torn = logs.whole().flipped("header 3 of record group 2", 9).cut(40)
    store("damage-before-a-torn-end", "S-17", "the head of a torn record group alone vouches for it: kept",
          torn, kept=kept(2), reports=f"1:{two}:damage 1:{place}:damage", left=f"{torn.end} 128")  # fmt: skip

    # Heads of segments.
    headless = logs.whole().flipped("head of the segment", 70)
    store("headless-end", "S-5", "the head is spoilt, its record groups are good", headless, kept=kept(6),
          reports="1:0:headless", left=end(headless))  # fmt: skip
    fresh = logs.annas(Segment(logs.id), 0, 2, durable=0).zeroed("head of the segment")
    store("headless-unborn", "S-5", "a head that was never written whole: no flush vouches for it", fresh,
          kept=kept(2, berts=False), left=end(fresh))  # fmt: skip
    headless = logs.begun().flipped("head of the segment", 70)
    store("headless", "S-5", "the same before a successor", headless, second, kept=kept(6),
          reports="1:0:headless", left=f"{headless.end} {second.end}")  # fmt: skip
    blind = logs.begun().flipped("head of the segment", 70).flipped("head of record group 0", 60)
    store("unreadable", "S-5", "nor is the first record group good", blind, second, kept="",
          reports=f"1:0:unreadable 2:{size}:gap", left=f"{blind.end} {second.end}")  # fmt: skip
    blind = logs.whole().flipped("head of the segment", 70).flipped("head of record group 0", 60)
    store("unreadable-end", "S-17", "in the last segment, where a record group says that it was flushed",
          blind, kept="", reports="1:0:unreadable", left=f"{blind.end} 128")  # fmt: skip
    other = logs.annas(Segment(seeded("another group"), 2, first, mark=7), 4, 6)
    store("foreign", "S-5", "the second belongs to another group", first, other, kept=kept(3),
          reports="2:0:foreign", left=f"{first.end} {other.end}")  # fmt: skip
    other = logs.annas(Segment(logs.id, 3, first, mark=7), 4, 6)
    store("misnamed", "S-5", "the second says that it is the third", first, other, kept=kept(3),
          reports="2:0:misnamed", left=f"{first.end} {other.end}")  # fmt: skip
    other = logs.annas(Segment(logs.id, 2, (first.end, first.link ^ 1), mark=7), 4, 6)
    store("unlinked", "S-5", "the second follows another end", first, other, kept=kept(6),
          reports="2:0:unlinked", left=f"{first.end} {other.end}")  # fmt: skip
    third = logs.annas(Segment(logs.id, 3, first, mark=7), 4, 6)
    store("missing", "S-15", "there is no second segment", first, None, third, kept=kept(6),
          reports="2:0:missing", left=f"{first.end} - {third.end}")  # fmt: skip
    later = logs.annas(Segment(logs.id, 2, first, mark=7, version=2), 4, 6)
    store("too-new", "S-5", "a later version, whose checksum is good: nothing is opened", first, later,
          expect="decode")  # fmt: skip

    # Contents that contradict checksums or each other.
    unsigned = logs.begun().add(logs.anna[4:7], office.group.id, bytes(64))
    store("unsigned", "S-16", "nobody vouches for the last record group", unsigned, kept=kept(3),
          reports=f"1:{place}:unsigned", left=end(unsigned))  # fmt: skip
    wrong = logs.begun().add(logs.anna[4:7], office.group.id, logs.sign(logs.anna[6]), first=5)
    store("wrong-seq", "S-7", "its head says that it begins with entry 5", wrong, kept=kept(3),
          reports=f"1:{place}:tornTail", left=str(place))  # fmt: skip
    liar = Feed(ANNA, office.certified.id, group=logs.id, deps=[office.certified], nonce="anna group 2")
    wrong = logs.begun().add(logs.anna[4:7], liar.id, logs.sign(logs.anna[6]))
    store("wrong-feed", "S-7", "its head names another feed than its headers", wrong, kept=kept(3),
          reports=f"1:{place}:tornTail", left=str(place))  # fmt: skip
    twin = office.group.entries[4].changed(wall_ms=bytes(8))
    contradiction = logs.whole().add([twin], office.group.id, logs.sign(twin))
    store("conflict", "S-15", "another entry 4", contradiction, kept=kept(6),
          reports=f"1:{every.end}:conflict", left=end(contradiction))  # fmt: skip
    split = logs.annas(logs.begun(), 4, 4).flipped("head of record group 2", 60)
    instead = logs.annas(split, 3, 3).add([twin], office.group.id, logs.sign(twin))
    store("conflict-kept-out", "S-15", "entry 3 rotted and came anew, and then another entry 4 than the one that the "
          "gap kept out", instead, kept=kept(4), reports=f"1:{two}:damage 1:{place}:conflict",
          left=end(instead))  # fmt: skip
    anew = logs.annas(logs.whole().flipped("head of record group 2", 60), 3, 6)
    store("ok-came-anew", "S-15", "entry 3 rotted, and all from there came anew: what the gap kept out says the same",
          anew, kept=kept(6), reports=f"1:{two}:damage", left=end(anew))  # fmt: skip
    branch = twin.id[:16]
    third = office.group.entries[4].changed(wall_ms=bytes(7) + u8(1))
    for name, comment, brought in (
        ("ok-taken-up-branch", "and a branch, of which the gap kept out more", logs.anna[4]),
        ("ok-taken-up-new-branch", "and a branch, and the gap kept out one more", third),
    ):
        parted = logs.annas(logs.whole().flipped("head of record group 2", 60), 3, 3)
        parted.add([twin], office.group.id, logs.sign(twin))
        parted.add([brought], office.group.id, logs.sign(brought), branch=brought.id[:16])
        tails = {branch: 4, brought.id[:16]: 4, logs.anna[4].id[:16]: 6}
        names = [f"{anna}/{each[:4].hex()}:4-{last}" for each, last in tails.items()]
        store(name, "S-15", f"entry 3 rotted and came anew, and then another entry 4 {comment}", parted,
              kept=" ".join(sorted([f"{anna}/00000000:0-3", *names, f"{bert}/00000000:0-0"])),
              reports=f"1:{two}:damage", left=end(parted))  # fmt: skip
    forked = logs.whole().add([twin], office.group.id, logs.sign(twin), branch=branch)
    other = logs.anna[4].id[:4].hex()
    names = sorted([f"{anna}/00000000:0-3", f"{anna}/{other}:4-6", f"{anna}/{branch[:4].hex()}:4-4",
                    f"{bert}/00000000:0-0"])  # fmt: skip
    store("ok-branch", "S-14", "another entry 4, as a branch: what followed becomes one too", forked,
          kept=" ".join(names), left=end(forked))  # fmt: skip

    # Bodies whose state and checksum disagree (S-8).
    half = logs.annas(logs.begun(), 4, 6, erased=(4, 5))
    half.parts = [(name, logs.anna[5].body if name == "body 5 of record group 3" else data)
                  for name, data in half.parts]  # fmt: skip
    store("ok-erasing", "S-9", "an erasure that a crash interrupted is finished", half, kept=kept(6), erased=2,
          left=end(half))  # fmt: skip
    state = logs.whole().flipped("prefix 5 of record group 3", 2)
    store("ok-state-torn", "S-8", "state 1 beside the checksum of the bytes: they are there", state,
          kept=kept(6), left=end(state))  # fmt: skip
    state = logs.annas(logs.begun(), 4, 6, erased=(5,)).flipped("prefix 5 of record group 3", 2)
    store("ok-state-lost", "S-8", "state 0 beside the checksum of an erased one, and zeros: erased", state,
          kept=kept(6), erased=1, left=end(state))  # fmt: skip
    sums = logs.whole().flipped("prefix 5 of record group 3", 12)
    store("ok-sum-torn", "S-8", "a spoilt checksum beside bytes that fit body_hash", sums, kept=kept(6),
          left=end(sums))  # fmt: skip
