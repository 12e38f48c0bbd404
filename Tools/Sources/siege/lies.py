"""Lies that a member with valid keys can tell on its link, each with a feed of its own."""

import time

from member import ENTRIES, HAVE, NO_BRANCH, WANT
from nodes import TWICE, until
from wire import Feed, ext_item, u8, u16, u32


def flipped(member, link):
    """A signature with one bit changed."""
    entry, last = member.text("wrong signature"), member.feed.entries[-2]
    wrong = bytearray(entry.signature(member.device.signer))
    wrong[5] ^= 4
    member.push(link, [entry], before=last, change={"signature": bytes(wrong)})


def unsigned(member, link):
    """A batch whose signature is zero."""
    last = member.feed.last
    some = [member.text(f"unsigned {n}") for n in range(3)]
    member.push(link, some, before=last, change={"signature": bytes(64)})


def signed_within(member, link):
    """The signature of the one before the last: the batch ends unsigned."""
    last = member.feed.last
    some = [member.text(f"signed within {n}") for n in range(3)]
    wrong = some[1].signature(member.device.signer)
    member.push(link, some, before=last, change={"signature": wrong})


def foreign(member, link):
    """Goes on with a feed of the node's own, signed with the member's key."""
    feed, entries = max(
        member.logs[member.group].items(), key=lambda each: len(each[1]))
    head = entries[-1][0]
    forged = Feed(member.device, member.certificate, group=member.group, nonce="x")
    entry = forged.next(2, bytes(168), epoch=member.epoch_id)
    values = entry.values | {"feed_id": feed, "seq": u32(head.seq + 1), "prev": head.id,
                             "lamport": u32(head.lamport + 1)}  # fmt: skip
    wrong = type(entry)(values, [], b"", bytes(168))
    before = type("Before", (), {"wall": head.wall, "lamport": head.lamport})
    member.push(link, [wrong], before=before)


def other_office(member, link):
    """A group of another office, and messages in it."""
    facts = ext_item(4, bytes([7]) * 32) + ext_item(5, u8(2))
    feed = Feed(member.device, member.certificate, facts=facts, nonce="elsewhere")
    member.push(link, feed.entries, feed)


def other_group(member, link):
    """An entry that belongs to one group, sent as another's."""
    entry, last = member.text("another group"), member.feed.entries[-2]
    moved = entry.changed(**{"group_id": member.office})
    wrong = member.content([moved], before=last)
    wrong = wrong[:16] + member.group + wrong[48:]
    link.send(ENTRIES, wrong)


def overlong(member, link):
    """The same entry in another encoding: a number in more bytes than it needs (N-2)."""
    entry, last = member.text("overlong"), member.feed.entries[-2]
    member.push(link, [entry], before=last, change={"0 lamport difference": b"\x80\x00"})


def repeated(member, link):
    """Flags that say what was said already (F-13)."""
    entry, last = member.text("repeated"), member.feed.entries[-2]
    data = member.content([entry], before=last)
    # Bit 0 and the kind and flags that stand there anyway.
    at = 16 + 130
    data = data[:at] + u8(data[at] | 1) + u8(2) + u16(0) + data[at + 1 :]
    link.send(ENTRIES, data)


def lying_lamport(member, link):
    """Too high a lamport: stored like any other, ended at admission, shown nowhere (F-5)."""
    last = member.feed.last
    member.text("too high", lamport=last.lamport + 1000)
    member.push(link, [member.feed.last], before=last)


def gap(member, link, heard):
    """What follows a gap is no violation: it is asked for (R-7), and then both are there."""
    last = member.feed.last
    skipped, sent = member.text("skipped"), member.text("sent")
    member.push(link, [sent], before=skipped)
    member.push(link, [skipped, sent], before=last)
    until(lambda: "sent" in heard(), "what followed a gap is not heard at last")


def rewritten(member, link, node):
    """Another content at a place that is taken (R-10): both are signed, so both are shown."""
    fork = Feed(member.device, member.certificate, group=member.group, nonce="same")
    fork.entries = list(member.feed.entries[:-1])
    member.text("second truth", feed=fork)
    item = fork.id + NO_BRANCH + u32(fork.last.seq) + fork.last.id[:16]
    # Announced; whoever asks gets the other truth.
    link.send(HAVE, member.group + u16(1) + item)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and TWICE not in node.log():
        kind, content = link.receive()
        if kind == WANT and content[:32] == member.group:
            first = int.from_bytes(content[66:70], "big")
            if first <= fork.last.seq:
                some = fork.entries[first:]
                member.push(link, some, before=fork.entries[first - 1] if first else None)
    until(lambda: TWICE in node.log(), "the fork is not found")


# A name for the member that tells it, the rule that it breaks, and the lie.
LIES = [
    ("flipped", "F-2", flipped),
    ("unsigned", "F-2", unsigned),
    ("within", "F-2", signed_within),
    ("foreign", "F-2", foreign),
    ("elsewhere", "E-12", other_office),
    ("moved", "F-2", other_group),
    ("overlong", "N-2", overlong),
    ("repeated", "F-13", repeated),
]
# What nobody may see of them.
UNSEEN = {
    "wrong signature", "unsigned 0", "signed within 0", "another group", "overlong", "repeated",
    "too high",
}  # fmt: skip
