"""Several feeds together: what is stored, and how far each is admitted (4-feed, F-4 to F-6)."""

from batch import decode_batch, verify_batch
from bodies import decode_operation
from cursor import Cursor
from entry import CONTROL, ZERO32, read_ext
from refusal import admit_error, need


class Feed:
    """One feed as stored, and how many of its entries are admitted."""

    def __init__(self, batch):
        genesis = batch.entries[0][0]
        self.group = batch.group
        self.facts = read_ext(genesis.ext)
        self.entries = []
        self.admitted = 0


class Log:
    """Stored feeds by feed_id; the first batch founds the office."""

    def __init__(self):
        self.feeds = {}
        self.office = None

    def store(self, data):
        feed_id = data[32:48]
        feed = self.feeds.get(feed_id)
        held = feed.entries[-1][0] if feed else None
        batch = decode_batch(data, held)
        self.office = self.office or batch.group
        key = feed.facts[1] if feed else None
        verify_batch(batch, held, key, batch.group == self.office)
        if feed is None:
            feed = self.feeds[feed_id] = Feed(batch)
        feed.entries += batch.entries

    def stored(self, reference):
        """The header a dep names, None if it is not here; F-4 where another entry stands there."""
        feed = self.feeds.get(reference.feed)
        if feed is None or reference.seq >= len(feed.entries):
            return None
        header = feed.entries[reference.seq][0]
        if header.id[:16] != reference.start:
            raise admit_error("F-4", "a dep with another ID")
        return header

    def admit(self):
        """Admits until nothing more can be; a feed waits at an entry whose past is not here."""
        moved = True
        while moved:
            moved = False
            for feed_id in sorted(self.feeds):
                while self.admit_next(feed_id):
                    moved = True

    def admit_next(self, feed_id):
        feed = self.feeds[feed_id]
        if feed.admitted == len(feed.entries):
            return False
        header = feed.entries[feed.admitted][0]
        past = [feed.entries[feed.admitted - 1][0]] if feed.admitted else []
        for dep in header.deps:
            found = self.stored(dep)
            if found is not None:
                allowed = (self.office, feed.group)
                here = self.feeds[dep.feed].group
                need(here in allowed and (feed.group != self.office or here == self.office),
                     "F-4", "a dep of another group", "admit")  # fmt: skip
            if found is None or dep.seq >= self.feeds[dep.feed].admitted:
                return False
            past.append(found)
        lamport = 1 + max([each.lamport for each in past], default=0)
        need(header.lamport == lamport, "F-5", f"lamport is not {lamport}", "admit")
        if header.seq == 0:
            self.check_right(feed, header)
        feed.admitted += 1
        return True

    def check_right(self, feed, header):
        """F-6: the genesis of a feed has the certificate of its device in its past."""
        named = feed.facts[2]
        if named == ZERO32 or named == self.office and self.is_founder(feed.facts[1]):
            return
        for past, body in self.past_of(header):
            if past.id == named and past.kind == CONTROL:
                operation, fields = decode_operation(body)
                if operation == "certify" and fields["certificate"].device == feed.facts[1]:
                    return
        raise admit_error("F-6", "the certificate of the device is not in the past")

    def is_founder(self, key):
        return any(
            feed.facts[2] == ZERO32 and feed.facts[1] == key for feed in self.feeds.values()
        )

    def past_of(self, header):
        """Every entry in the past of a header, each once."""
        seen, todo = set(), [(dep.feed, dep.seq) for dep in header.deps]
        while todo:
            feed_id, seq = todo.pop()
            if (feed_id, seq) in seen:
                continue
            seen.add((feed_id, seq))
            found, body = self.feeds[feed_id].entries[seq]
            yield found, body
            todo += [(dep.feed, dep.seq) for dep in found.deps]
            if seq:
                todo.append((feed_id, seq - 1))


def admit_log(v):
    """Batches, each after its length u32, stored in this order and then admitted."""
    log, cursor = Log(), Cursor(v.data, "F-13")
    while cursor.left():
        log.store(cursor.take(cursor.u32()))
    log.admit()
    counts = [feed.admitted for _, feed in sorted(log.feeds.items())]
    return {"admitted": " ".join(str(count) for count in counts)}
