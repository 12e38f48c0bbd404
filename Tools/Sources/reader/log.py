"""Several feeds together: what is stored, how far each is admitted, and who belongs (4, 5)."""

from authority import Office
from batch import decode_batch, verify_batch
from bodies import decode_founding, decode_operation
from control import Control
from cursor import Cursor
from entry import CONTROL, GENESIS, ZERO32, read_ext
from groups import Group, check_founding
from refusal import need


class Feed:
    """One feed as stored, and how many of its entries are admitted."""

    def __init__(self, batch):
        genesis = batch.entries[0][0]
        self.group = batch.group
        self.facts = read_ext(genesis.ext)
        self.entries = []
        self.admitted = 0
        self.office_pasts = []  # of each admitted entry: office control entries up to and with it
        self.group_pasts = []


class Log:
    """Stored feeds by feed_id; the first batch founds the office."""

    def __init__(self):
        self.feeds = {}
        self.office_id = None
        self.office = None
        self.groups = {}

    def store(self, data):
        feed_id = data[32:48]
        feed = self.feeds.get(feed_id)
        held = feed.entries[-1][0] if feed else None
        batch = decode_batch(data, held)
        if self.office_id is None:
            self.office_id, self.office = batch.group, Office(batch.group)
        key = feed.facts[1] if feed else None
        verify_batch(batch, held, key, batch.group == self.office_id)
        for header, _ in batch.entries:
            self.check_founding(header, batch.group)
        if feed is None:
            feed = self.feeds[feed_id] = Feed(batch)
        feed.entries += batch.entries

    def check_founding(self, header, group):
        """E-12: a first genesis is the office's own, or names this office."""
        if header.kind == GENESIS and header.group == ZERO32 and not header.opaque:
            named = read_ext(header.ext).get(4, header.id)
            own = header.id == self.office_id if group == self.office_id else True
            need(own and named == self.office_id, "E-12", "of another office", "verify")

    def stored(self, reference, group):
        """The header a dep names; None if it is not here, though another may stand there (F-4)."""
        feed = self.feeds.get(reference.feed)
        if feed is None or reference.seq >= len(feed.entries):
            return None
        header = feed.entries[reference.seq][0]
        named = header.id[:16] == reference.start and feed.group in (group, self.office_id)
        return header if named else None

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
        header, body = feed.entries[feed.admitted]
        lamports, office_past, group_past = [], set(), set()
        if feed.admitted:
            lamports.append(feed.entries[feed.admitted - 1][0].lamport)
            office_past |= feed.office_pasts[-1]
            group_past |= feed.group_pasts[-1]
        for dep in header.deps:
            found = self.stored(dep, feed.group)
            if found is None or dep.seq >= self.feeds[dep.feed].admitted:
                return False
            lamports.append(found.lamport)
            office_past |= self.feeds[dep.feed].office_pasts[dep.seq]
            group_past |= self.feeds[dep.feed].group_pasts[dep.seq]
        lamport = 1 + max(lamports, default=0)
        need(header.lamport == lamport, "F-5", f"lamport is not {lamport}", "admit")
        self.check_right(feed, header, body, frozenset(office_past), frozenset(group_past))
        self.hear(feed, header, frozenset(office_past), frozenset(group_past))
        self.keep(feed, header, office_past, group_past)
        feed.admitted += 1
        return True

    def hear(self, feed, header, office_past, group_past):
        """Takes in the entry by which a feed of a group first knows of a removal or an owner list."""
        group = self.groups.get(feed.group)
        if group is None or header.id in group.all:
            return
        here = group.heard_of(group_past, office_past)
        before = set()
        if feed.admitted:
            before = group.heard_of(feed.group_pasts[-1], feed.office_pasts[-1])
        if here - before:
            feed_id = header.id[:16] if header.seq == 0 else header.feed
            group.insert(Control(header.id, feed_id, header.seq, header.lamport, feed.facts[1],
                                 self.certificate(feed), "heard", {}, office_past, group_past))  # fmt: skip

    def keep(self, feed, header, office_past, group_past):
        if header.id in self.office.all:
            office_past.add(header.id)
        if feed.group in self.groups and header.id in self.groups[feed.group].all:
            group_past.add(header.id)
        feed.office_pasts.append(frozenset(office_past))
        feed.group_pasts.append(frozenset(group_past))

    def check_right(self, feed, header, body, office_past, group_past):
        """F-6 and chapter 5 at the place of an entry; what has its right is taken in."""
        key, certificate = feed.facts[1], self.certificate(feed)
        if header.seq == 0 and feed.facts[2] != ZERO32:
            named = certificate in office_past
            found = self.office.certificate_of(self.office.all[certificate]) if named else None
            held = found is not None and found.device == key
            need(held, "F-6", "the certificate of the device is not in the past", "admit")
        control = self.control(feed, header, body, office_past, group_past)
        if header.seq == 0 and header.group not in (ZERO32, self.office_id):
            cited = any(self.feeds[dep.feed].group == feed.group for dep in header.deps)
            need(cited, "F-16", "a feed that cites nothing of its group", "admit")
        if feed.group == self.office_id:
            if control:
                self.office.check(control, self.office.scope_at(office_past))
                self.office.check_place(control, self.office.scope_at(office_past))
                self.office.check_signatures(control)
                self.office.insert(control)
            else:
                self.office.standing(key, certificate, self.office.scope_at(office_past))
            return
        if header.group == ZERO32:
            creator = check_founding(self.office, feed.facts, key, certificate, office_past)
            group = Group(self.office, feed.group, feed.facts, creator, office_past)
            self.groups[feed.group] = group
            return
        group = self.groups[feed.group]
        if control is None:
            group.check_writer(key, certificate, group_past, office_past, header.seq == 0)
            return
        voids = group.evaluate(group_past, office_past)
        group.check(control, group_past, voids, self.office.scope_at(office_past))
        group.insert(control)

    def certificate(self, feed):
        """A-4: what the genesis names; in the feed of the office genesis that genesis."""
        return self.office_id if feed.facts[2] == ZERO32 else feed.facts[2]

    def control(self, feed, header, body, office_past, group_past):
        """The control entry that a header and body make; None for any other entry."""
        if header.opaque:
            return None
        if header.kind == GENESIS and header.id == self.office_id:
            certificate, recovery, _ = decode_founding(body)
            name, fields = "founding", {"certificate": certificate, "recovery": recovery}
        elif header.kind == CONTROL:
            name, fields = decode_operation(body)
        else:
            return None
        feed_id = header.id[:16] if header.seq == 0 else header.feed
        return Control(header.id, feed_id, header.seq, header.lamport, feed.facts[1],
                       self.certificate(feed), name, fields, office_past, group_past)  # fmt: skip


def listed(pairs):
    return " ".join(f"{member.hex()[:8]}={number}" for member, number in pairs)


def admit_log(v):
    """Batches, each after its length u32, stored in this order and then admitted."""
    log, cursor = Log(), Cursor(v.data, "F-13")
    while cursor.left():
        log.store(cursor.take(cursor.u32()))
    log.admit()
    counts = [feed.admitted for _, feed in sorted(log.feeds.items())]
    everything = frozenset(log.office.all)
    gives = {"admitted": " ".join(str(count) for count in counts)}
    gives["roster"] = listed(log.office.roster(everything))
    voids, _ = log.office.evaluate(everything)
    gives["void"] = " ".join(sorted(each.hex()[:8] for each in voids))
    binding = log.office.binding(everything)
    for group in log.groups.values():
        all_of_it = frozenset(group.all)
        gives["members"] = listed(group.members(all_of_it, everything))
        recipients = group.recipients(all_of_it, everything)
        gives["recipients"] = " ".join(key.hex()[:8] for key in recipients)
        binding += group.binding(all_of_it, everything)
    gives["newer"] = "yes" if binding else "no"
    return gives
