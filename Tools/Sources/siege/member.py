"""A member of an office that is no node of ours: it has valid keys and writes what it likes.

It writes with the generator of the vectors and reads with the independent reader, so that nothing
here shares a line with the product.
"""

from batch import decode_batch
from bodies import open_epoch
from entry import EPOCH
from lines import decode_line
from link import Link
from messages import decode_message, digest
from nodes import Mistake, expect
from packing import batch as pack
from primitives import hashed
from wire import Device, Feed, Signer, hash_of, joined, u8, u16, u32
from world import certify_proof, encrypted, padded, text_content

DIGESTS, FRONTIER, WANT, ENTRIES, HAVE, BYE = 1, 2, 3, 4, 5, 6
ADMIT_REQUEST, ADMIT_ANSWER = 9, 10
NO_BRANCH = bytes(16)


class Cited:
    """An entry as the writer needs it: to cite it, or to write behind it."""

    def __init__(self, header, group):
        self.id, self.seq, self.lamport = header.id, header.seq, header.lamport
        self.feed = self.id[:16] if header.seq == 0 else header.feed
        self.wall, self.group = header.wall, group


class Member:
    """A device with keys of its own, its links, and what it has read of the logs."""

    def __init__(self, field, name, ticket):
        self.name = name
        # Other keys in every run: the node has never seen them.
        self.device = Device(f"{name} {field.chance.getrandbits(64)}")
        line = decode_line(ticket.encode(), b"zr1-ticket-")
        self.office, self.psk = line["office"], line["psk"]
        self.ticket = Signer("", seed=hash_of("zr1.ticket", line["seed"]))
        self.certificate, self.boot = bytes(32), None
        self.logs, self.links, self.field = {}, [], field
        field.closing.append(self)

    def close(self):
        for link in self.links:
            link.close()

    # Joining and linking.

    def dial(self, port, mode=0):
        link = Link(port)
        self.links.append(link)
        return link.shake(
            self.office, self.psk, self.device.noise, self.certificate, mode, boot=self.boot)

    def request(self, link, **wrong):
        """Asks for admission; `wrong` replaces a field."""
        proof = certify_proof(self.office, self.device, self.ticket.public, link.hash)
        name = self.name.encode()
        fields = {
            "ticket": self.ticket.public,
            "member": self.device.member,
            "device": self.device.signer.public,
            "noise": self.device.noise.public,
            "sealing": self.device.sealing.public,
            "by device": self.device.signer.sign("zr1 certify", proof),
            "by ticket": self.ticket.sign("zr1 certify", proof),
            "name": u8(len(name)) + name,
            "device name": u8(len(name) + 3) + b"pc-" + name,
        } | wrong
        link.send(ADMIT_REQUEST, b"".join(fields.values()))

    def join(self, node):
        """Is admitted by a node, and stays linked to it."""
        link = self.dial(node.port, mode=1)
        self.request(link)
        while True:
            kind, content = link.receive()
            if kind == ADMIT_ANSWER:
                expect(content[0] == 0, f"{self.name} is not admitted: {content[0]}")
                self.certificate = content[1:]
                return link

    # Reading.

    def items(self, group):
        """The frontier of what was read."""
        heads = [(feed, entries[-1][0]) for feed, entries in self.logs.get(group, {}).items()]
        return sorted((feed, NO_BRANCH, head.seq, head.id[:16]) for feed, head in heads)

    def say_digest(self, link, group):
        link.send(DIGESTS, u16(1) + group + digest(group, self.items(group)))

    def fetch(self, link, group):
        """Reads a whole group log over a link."""
        link.send(FRONTIER, group + u32(0))
        theirs = None
        while theirs is None:
            kind, content = link.receive()
            if kind == FRONTIER and content[:32] == group:
                _, (_, theirs) = decode_message(u8(kind) + u32(len(content)) + content)
        log = self.logs.setdefault(group, {})
        lacking = self.lacking(log, theirs)
        wants = [feed + NO_BRANCH + u32(len(log.get(feed, []))) for feed in sorted(lacking)]
        if wants:
            link.send(WANT, group + u16(len(wants)) + b"".join(wants))
        while any(seq >= len(log.get(feed, [])) for feed, seq in lacking.items()):
            kind, content = link.receive()
            if kind == ENTRIES and content[16:48] == group:
                self.take(content)
        return log

    def lacking(self, log, items):
        """Feeds that are longer elsewhere; of a forked one what its branches share is enough."""
        return {feed: seq for feed, branch, seq, _ in items
                if branch == NO_BRANCH and seq >= len(log.get(feed, []))}  # fmt: skip

    def take(self, content):
        """Takes in the content of an `entries` message."""
        if content[:16] != NO_BRANCH:
            return
        group, data = content[16:48], content[16:]
        log = self.logs.setdefault(group, {})
        feed, first = data[32:48], int.from_bytes(data[48:52], "big")
        known = log.setdefault(feed, [])
        if first != len(known):
            return
        known += decode_batch(data, known[-1][0] if known else None).entries

    def catch_up(self, link):
        """Reads the office log, then everyone's group, which it names; gives the group."""
        self.fetch(link, self.office)
        self.say_digest(link, self.office)
        while True:
            kind, content = link.receive()
            if kind == DIGESTS and content[2:34] != self.office:
                self.group = content[2:34]
                self.fetch(link, self.group)
                return self.group
            if kind == DIGESTS:
                # The log has grown meanwhile.
                self.fetch(link, self.office)
                self.say_digest(link, self.office)

    def follow(self, link):
        """Takes in one message: what is pushed is read, what is announced is asked for."""
        kind, content = link.receive()
        if kind == ENTRIES:
            self.take(content)
        if kind == HAVE:
            _, (group, items) = decode_message(u8(kind) + u32(len(content)) + content)
            log = self.logs.setdefault(group, {})
            wants = [feed + NO_BRANCH + u32(len(log.get(feed, [])))
                     for feed in sorted(self.lacking(log, items))]  # fmt: skip
            if wants:
                link.send(WANT, group + u16(len(wants)) + b"".join(wants))

    def heads(self, group):
        return [Cited(entries[-1][0], group) for entries in self.logs[group].values()]

    def find(self, group, wanted):
        for entries in self.logs[group].values():
            for header, _ in entries:
                if header.id == wanted:
                    return Cited(header, group)
        raise Mistake("an entry that was looked for is not there")

    def epochs(self):
        """Every epoch of everyone's group: its lamport, feed, header and body."""
        return [(header.lamport, feed, header, body)
                for feed, entries in self.logs[self.group].items()
                for header, body in entries if header.kind == EPOCH]  # fmt: skip

    def is_left_out(self):
        """Whether the latest epoch of everyone's group has no copy for this device."""
        latest = max(self.epochs(), key=lambda each: each[0])
        return self.device.signer.public not in latest[3]

    def epoch(self):
        """The latest epoch of everyone's group that this device can open: its secret and name."""
        found = [each for each in self.epochs() if self.device.signer.public in each[3]]
        if not found:
            return None
        _, feed, header, body = max(found, key=lambda each: each[0])
        place = {"group": self.group, "feed": feed, "seq": header.seq, "epoch": header.epoch}
        sealing = self.device.sealing
        secret = open_epoch(
            body, place, self.device.signer.public, sealing.secret, sealing.public)
        return secret, header.epoch

    # Writing.

    def begin(self):
        """A feed of its own in everyone's group, which is right."""
        self.secret, self.epoch_id = self.epoch()
        cited = [self.find(self.office, self.certificate)]
        cited += sorted(self.heads(self.group), key=lambda head: -head.lamport)[:15]
        self.feed = Feed(
            self.device, self.certificate, group=self.group, deps=cited,
            nonce=f"{self.name} {self.field.chance.getrandbits(64)}")  # fmt: skip
        return self.feed

    def text(self, text, feed=None, **more):
        """One more message on a feed, rightly encrypted."""
        feed = feed or self.feed
        seq = feed.last.seq + 1
        # Each message has a request of its own, or the later ones would be repetitions.
        request = hashed("zr1.siege", text.encode(), size=16)
        plain = padded(text_content(text, request))
        body = encrypted(plain, self.secret, feed.group, feed.id, seq, self.epoch_id, label=text)
        return feed.next(2, body, epoch=self.epoch_id, **more)

    def content(self, entries, feed=None, before=None, **wrong):
        """The content of an `entries` message that is signed, unless it is told otherwise."""
        feed = feed or self.feed
        head = {"before": before} if before else None
        return NO_BRANCH + joined(pack(entries, self.device.signer, head=head, **wrong))

    def shows(self, link):
        """Answers wants of its feed with what stands in it, as any peer would."""

        def answer(kind, content):
            if kind != WANT or content[:32] != self.group:
                return
            for at in range(34, len(content), 36):
                first = int.from_bytes(content[at + 32 : at + 36], "big")
                if content[at : at + 16] == self.feed.id and 0 < first < len(self.feed.entries):
                    some, before = self.feed.entries[first:], self.feed.entries[first - 1]
                    self.push(link, some, before=before)

        return answer

    def push(self, link, entries, feed=None, before=None, **wrong):
        link.send(ENTRIES, self.content(entries, feed, before, **wrong))


def enlist(field, node, name, ticket=None, through=None):
    """A member that has joined, read everything and begun a feed; with its link."""
    member = Member(field, name, ticket or node.ticket())
    link = member.join(through or node)
    member.catch_up(link)
    # Whoever admits makes the new epoch right after (K-5).
    while not member.epoch():
        member.follow(link)
    member.begin()
    return member, link
