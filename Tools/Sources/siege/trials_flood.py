"""One member that writes without end while the others talk (faults b 14)."""

import hashlib
import threading
import time

import nacl.bindings as sodium

from link import Closed
from member import ENTRIES, NO_BRANCH, enlist
from nodes import Refused, expect, until
from trial import trial
from wire import hash_of, u8, u16, u32, u64, varint, zigzag
from world import padded, text_content

ENTRIES_IN_ALL = 100_000
RUN = 256
MEMORY_MAX = 96 << 20
# Of the messages of others meanwhile: half of them within the first, each within the second.
SECONDS_MEDIAN, SECONDS_MAX = 1, 5


def batches(member, count):
    """`count` messages of one feed, each rightly chained and encrypted, as `entries` messages.

    The same as `Feed.next` and `pack` would write, without their comments on every byte.
    """
    feed = member.feed
    prev, seq, lamport, wall = feed.last.id, feed.last.seq, feed.last.lamport, feed.last.wall
    plain = padded(text_content("flood", bytes(16)))
    size = len(plain) + 40
    start = u8(1) + u8(2) + u16(0) + feed.group + feed.id
    row = varint(size)
    while count:
        out, base = [], (wall, lamport)
        some = min(RUN, count)
        first = seq + 1
        for index in range(some):
            seq, wall, lamport = seq + 1, wall + 1, lamport + 1
            key = hash_of("zr1.msgkey", feed.id, u32(seq), key=member.secret)
            nonce = bytes(20) + u32(seq)
            associated = feed.group + feed.id + u32(seq) + u8(2) + member.epoch_id
            body = nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
                plain, associated, nonce, key)
            digest = hashlib.blake2b(body, digest_size=32, person=b"zr1.body").digest()
            header = b"".join((start, u32(seq), prev, u64(wall), u32(lamport), member.epoch_id,
                               u32(size), digest, bytes(3)))  # fmt: skip
            prev = hashlib.blake2b(header, digest_size=32, person=b"zr1.entry").digest()
            epoch = b"\x02" + member.epoch_id if index == 0 else b"\x00"
            out += [epoch, zigzag(1), varint(0), row, body]
        signature = member.device.signer.sign("zr1 entry", prev)
        head = feed.group + feed.id + u32(first) + u16(some) + u64(base[0]) + u32(base[1])
        yield NO_BRANCH + head + signature + b"".join(out)
        count -= some


def holds(node, entry):
    """Whether a message is here and shown."""
    try:
        return node.ask("delivery", entry=entry)
    except Refused:
        return None


@trial("flood", "one member floods 100,000 entries while the others go on talking", 110)
def flood(field):
    a, b = field.office("anna", "ben")
    mole, link = enlist(field, a, "mole")
    mole.push(link, mole.feed.entries)
    before = {node.name: (node.memory(), node.ask("group.list")["groups"][0]["messages"])
              for node in (a, b)}  # fmt: skip
    flooded = threading.Event()
    faults = []

    def write():
        try:
            for content in batches(mole, ENTRIES_IN_ALL):
                link.send(ENTRIES, content)
        except Closed as closed:
            faults.append(str(closed))
        flooded.set()

    def listen():
        """Whoever floods reads too, or its own window would hold it back."""
        try:
            while True:
                link.receive()
        except Exception:
            pass

    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=write, daemon=True).start()
    # Ben talks with Anna all the while, and hears what she says.
    waits, highest, number = [], {}, 0
    done = lambda: all(  # noqa: E731
        node.ask("group.list")["groups"][0]["messages"] - before[node.name][1] - number
        >= ENTRIES_IN_ALL for node in (a, b))
    deadline = time.monotonic() + 90
    while not done():
        expect(time.monotonic() < deadline, "the flood does not come to its end")
        expect(not faults, f"the flood is cut off: {faults}")
        number += 1
        began = time.monotonic()
        entry = a.say(f"above the flood {number}")["entry"]
        until(lambda entry=entry: holds(b, entry), f"message {number} does not arrive", 20)
        waits.append(time.monotonic() - began)
        for node in (a, b):
            highest[node.name] = max(highest.get(node.name, 0), node.memory())
        time.sleep(0.05)
    for node in (a, b):
        grown = highest[node.name] - before[node.name][0]
        expect(grown < MEMORY_MAX, f"{node.name} grew by {grown >> 20} MiB")
    field.serve(a, b)
    waits.sort()
    grown = max(highest[node.name] - before[node.name][0] for node in (a, b))
    middle, longest = waits[len(waits) // 2], waits[-1]
    expect(middle < SECONDS_MEDIAN, f"half of {number} messages wait longer than {middle:.1f} s")
    expect(longest < SECONDS_MAX, f"one of {number} messages waits {longest:.1f} s")
    return (f"{number} messages heard meanwhile, half within {middle * 1000:.0f} ms, all within "
            f"{longest:.1f} s; {grown >> 20:+} MiB")  # fmt: skip
