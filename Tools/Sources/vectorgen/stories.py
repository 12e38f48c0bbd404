"""Small offices of which one log is told, and the operations in it."""

from packing import batch
from wire import Device, Feed, ext_item, joined, seeded, u8, u16, u32
from world import ANNA, BERT, certify, founding, ticket_operation

FOLDER = "5-authority/"
CARA = Device("cara", rank=1)
DORA = Device("dora", rank=3, flags=1)
EMIL = Device("emil")
FRITZ = Device("fritz")
# devicesPerMemberMax of the limits chapter.
DEVICES_MAX = 16
OTHER = Device("another founder", rank=0, flags=3)


class Story:
    """Anna founds an office and certifies Cara (admin), Bert (member) and Dora (a box)."""

    def __init__(self, *more):
        self.anna = Feed(ANNA, bytes(32), body=joined(founding()), nonce="anna")
        self.feeds, self.id = [self.anna], self.anna.group
        self.certified = {ANNA: self.anna.last}
        for device in (CARA, BERT, DORA) + more:
            self.certified[device] = self.anna.next(3, self.admitting(device))
        self.cara, self.bert, self.dora = [self.office(each) for each in (CARA, BERT, DORA)]

    def admitting(self, device, ticket=None):
        return joined(certify(self.id, device, ticket))

    def office(self, device, certificate=None, deps=()):
        """Opens a feed of a device in the office log; cites the last entry of Anna's."""
        certificate = certificate or self.certified[device]
        feed = Feed(device, certificate.id, group=self.id, deps=[self.anna.last, *deps],
                    nonce=f"office {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def early(self, device, *deps):
        """One more office feed of a device that cites these entries alone, by default its certificate."""
        certificate = self.certified[device]
        feed = Feed(device, certificate.id, group=self.id, deps=deps or [certificate],
                    nonce=f"early {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def found(self, device, kind=1, pair=(), flags=None, office=None, deps=()):
        """Opens a group by its first genesis; cites the last entry of Anna's office feed."""
        facts = ext_item(4, office or self.id) + ext_item(5, u8(kind))
        facts += ext_item(6, b"".join(sorted(pair))) if pair else b""
        facts += ext_item(7, u8(flags)) if flags is not None else b""
        named = self.id if device is ANNA else self.certified[device].id
        feed = Feed(device, named, facts=facts, deps=[self.anna.last, *deps],
                    nonce=f"group {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def join(self, device, group, *deps):
        """Opens a device's feed in a group, citing a head of it and that of Anna's office feed."""
        named = self.id if device is ANNA else self.certified[device].id
        cited = [self.anna.last, *(deps or [group.last])]
        feed = Feed(device, named, group=group.group, deps=cited,
                    nonce=f"joined {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def early_in(self, device, group, *deps):
        """One more feed of a device in a group that cites these entries alone."""
        named = self.id if device is ANNA else self.certified[device].id
        feed = Feed(device, named, group=group.group, deps=deps,
                    nonce=f"early {len(self.feeds)}")  # fmt: skip
        self.feeds.append(feed)
        return feed

    def parts(self):
        segments = []
        for index, feed in enumerate(self.feeds):
            data = joined(batch(feed.entries, feed.device.signer))
            segments += [(f"length of feed {index}", u32(len(data))), (f"feed {index}", data)]
        return segments


def remove(member=None, device=None, cuts=()):
    target = u8(1) + member if member else u8(2) + device
    listed = sorted(feed.id + u32(seq) + feed.entries[seq].id for feed, seq in cuts)
    return u8(2) + target + u16(len(listed)) + b"".join(listed)


def rank(device, number, cuts=()):
    listed = sorted(feed.id + u32(seq) + feed.entries[seq].id for feed, seq in cuts)
    return u8(3) + device.member + u8(number) + u16(len(listed)) + b"".join(listed)


def ticket(**change):
    return joined(ticket_operation(**change))


def owners(office, members, signers, previous=bytes(32)):
    members = sorted(members)
    content = office + previous + u8(len(members)) + b"".join(members)
    signed = sorted((key, signer.sign("zr1 owners", content)) for key, signer in signers)
    return u8(6) + content[32:] + u8(len(signed)) + b"".join(key + sign for key, sign in signed)


def group_add(*devices, grade=2):
    members = sorted(device.member for device in devices)
    return u8(8) + u8(len(members)) + b"".join(members) + u8(grade)


def group_remove(device, cuts=()):
    listed = sorted(feed.id + u32(seq) + feed.entries[seq].id for feed, seq in cuts)
    return u8(9) + device.member + u16(len(listed)) + b"".join(listed)


def message(feed, deps=()):
    """A message of which nobody here has the key."""
    feed.next(2, b"\x55" * 168, epoch=seeded("some epoch", 16), deps=deps)


def roster(**ranks):
    """Live members and ranks as a reader lists them."""
    known = {"anna": ANNA, "bert": BERT, "cara": CARA, "dora": DORA, "emil": EMIL,
             "fritz": FRITZ}  # fmt: skip
    pairs = sorted((known[name].member.hex()[:8], number) for name, number in ranks.items())
    return " ".join(f"{member}={number}" for member, number in pairs)


def hexes(*entries):
    return " ".join(sorted(entry.id.hex()[:8] for entry in entries))
