"""What somebody can do who does not belong to the office, or knows no more than its secret."""

import time

from link import Closed, Link
from member import Member, enlist
from nodes import expect, until
from trial import trial
from wire import Exchanger, seeded, u8, u16, u32

# X25519 keys of low order: zero, one, two of order eight, and the last three of the field.
LOW_ORDER = [bytes(32), u8(1) + bytes(31)] + [
    bytes.fromhex(text) for text in (
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
]  # fmt: skip


def knows_secret(field, node, name="somebody"):
    """Keys of nobody, with the office's secret out of a ticket: it gets a provisional link."""
    return Member(field, name, node.ticket())


def paced():
    """8 failures a second are answered; more are closed at once, which would prove nothing."""
    time.sleep(1 / 7)


def turned_away(node, send, **shake):
    """A connection on which `send` sends something is ended; says nothing of its own first."""
    paced()
    link = Link(node.port)
    try:
        send(link)
        link.ended()
    except Closed:
        pass
    finally:
        link.close()
    return link


@trial("strangers", "garbage, replays, zero and low-order keys in the handshake", 60)
def strangers(field):
    a, b = field.office("anna", "ben")
    member = knows_secret(field, a)
    noise = member.device.noise
    good = Link(a.port).shake(member.office, member.psk, noise)
    good.close()
    descriptors, memory = a.descriptors(), a.memory()
    count = 0
    # Prefaces and first messages that are none (H-1, H-2).
    garbage = [b"GET / HTTP/1.1\r\n\r\n", b"ZRF1\x01\x07", b"ZRF1\x02\x00"]
    garbage += [b"\x16\x03\x01\x02\x00\x01"]
    garbage += [b"ZRF1\x01\x00" + u16(size) + bytes(size) for size in (0, 1, 47, 48, 49, 65_535)]
    garbage += [field.chance.randbytes(field.chance.randrange(6, 400)) for _ in range(8)]
    for data in garbage:
        link = turned_away(a, lambda link, data=data: link.raw(data))
        expect(not link.rest, "a stranger gets an answer")
        count += 1
    # The whole of a handshake that was good, once more: its first message is answered, its third
    # does not fit the new ephemeral key, and nothing comes of it.
    turned_away(a, lambda link: link.raw(good.sent))
    # Keys of low order, as ephemeral in message 1 and, under the right secret, as static in 3.
    for key in LOW_ORDER:
        low = Exchanger("low")
        low.public = key

        def shake(link, low=low):
            link.shake(member.office, member.psk, low)
            link.ended()

        turned_away(a, shake)
        turned_away(a, lambda link, key=key: low_ephemeral(link, member, key))
        count += 2
    # Each message altered by one bit somewhere, and cut.
    for number in (1, 3):
        for _ in range(4):
            def flip(which, data, number=number):
                if which != number:
                    return data
                at = field.chance.randrange(len(data))
                return data[:at] + u8(data[at] ^ 1 << field.chance.randrange(8)) + data[at + 1 :]

            def cut(which, data, number=number):
                return data[: field.chance.randrange(len(data))] if which == number else data

            for change in (flip, cut):
                def wrong(link, change=change):
                    link.shake(member.office, member.psk, noise, change=change)
                    link.ended()

                turned_away(a, wrong)
                count += 1
    # Nobody came in, nothing is left over, and whoever knows the secret is still answered.
    until(lambda: a.descriptors() <= descriptors + 1, "connections are left over")
    expect(a.memory() - memory < 8 << 20, f"memory grew by {a.memory() - memory}")
    expect(a.linked() == {"pc-ben"}, "somebody came in")
    time.sleep(1)
    Link(a.port).shake(member.office, member.psk, noise).close()
    field.serve(a, b)
    return f"{count} handshakes turned away"


def low_ephemeral(link, member, key):
    """Message 1 with a key of low order as ephemeral, under the right secret."""
    from link import Writing
    from noise import NAMES

    preface = b"ZRF1\x01\x00"
    state = Writing(NAMES[0], preface + member.office)
    state.mix_psk(member.psk)
    state.mix_hash(key)
    state.mix_key(key)
    first = key + state.encrypt(b"")
    link.raw(preface + u16(len(first)) + first)
    link.ended()
    expect(not link.rest, "a low-order key gets an answer")


@trial("silence", "500 connections that say nothing, half a handshake, one byte a second", 60)
def silence(field):
    a, b = field.office("anna", "ben")
    member = knows_secret(field, a)
    memory, descriptors = a.memory(), a.descriptors()
    silent = []
    for number in range(500):
        link = Link(a.port)
        silent.append(link)
        try:
            # A third says nothing, a third begins, a third has sent a good first message.
            if number % 3 == 1:
                link.raw(b"ZRF1\x01"[: 1 + number % 5])
            if number % 3 == 2:
                half_open(link, member)
        except Closed:
            pass
    until(lambda: a.descriptors() <= descriptors + 64 + 8, "more than 64 are half-open")
    grown = a.memory() - memory
    expect(grown < 16 << 20, f"memory grew by {grown}")
    # Meanwhile the office goes on, and who knows the secret still gets in among the silent.
    field.serve(a, b)
    slow = Link(a.port)
    silent.append(slow)
    began = time.monotonic()
    preface = b"ZRF1\x01\x00" + u16(48) + bytes(48)
    dropped = None
    for at in range(len(preface)):
        try:
            slow.raw(preface[at : at + 1])
            slow.socket.settimeout(1)
            slow.take(1)
        except Closed:
            dropped = time.monotonic() - began
            break
        except Exception:
            continue
    expect(dropped is not None and dropped < 12, "one byte a second is not given up in time")
    until(lambda: a.descriptors() <= descriptors + 8, "silent connections stay", 12)
    for link in silent:
        link.close()

    def answered():
        try:
            Link(a.port).shake(member.office, member.psk, member.device.noise).close()
            return True
        except Closed:
            return False

    # So many failures use up the address's allowance, which is a second's (H-6).
    until(answered, "nobody is answered any more", 5, every=0.2)
    field.serve(a, b)
    return f"{grown >> 10:+} KiB; a byte a second given up after {dropped:.1f} s"


def half_open(link, member):
    from link import Writing
    from noise import NAMES

    preface = b"ZRF1\x01\x00"
    state = Writing(NAMES[0], preface + member.office)
    ephemeral = Exchanger(f"half {time.monotonic_ns()}")
    state.mix_psk(member.psk)
    state.mix_hash(ephemeral.public)
    state.mix_key(ephemeral.public)
    first = ephemeral.public + state.encrypt(b"")
    link.raw(preface + u16(len(first)) + first)


@trial("frames", "frame lengths 0-15 and cut, message lengths up to 2^32-1, on a standing link", 60)
def frames(field):
    a, b = field.office("anna", "ben")
    member = knows_secret(field, a)

    def attack(send, rule):
        before = len(a.log())
        link = Link(a.port).shake(member.office, member.psk, member.device.noise)
        link.send(7, seeded("ping", 8))
        expect(link.receive()[0] == 8, "the link does not stand")
        send(link)
        code = link.ended()
        link.close()
        if rule:
            expect(code == 5, f"the farewell says {code}, not that a rule was broken")
            named = lambda: f"the peer broke {rule}:" in a.log()[before:]  # noqa: E731
            until(named, f"the log does not name {rule}")

    for size in range(16):
        attack(lambda link, size=size: link.raw(u16(size) + bytes(size)), "H-8")
    attack(lambda link: link.raw(u16(300) + bytes(300)), "H-8")  # a tag that does not hold
    good = lambda link: link.seal_frame(u8(7) + u32(8) + bytes(8))  # noqa: E731
    # The same frame twice, and one from the future: their counters do not fit.
    attack(lambda link: link.raw(2 * good(link)), "H-8")
    attack(lambda link: (good(link), link.raw(good(link))), "H-8")
    # A frame that never ends, when the peer then goes.
    for cut in (1, 2, 3, 20):
        attack(lambda link, cut=cut: (link.raw(good(link)[:cut]), link.socket.shutdown(1)), None)
    too_long = (320 * 1024 + 1, 1 << 31, (1 << 32) - 1)
    for length in too_long:
        for kind in (1, 2, 3, 4, 10, 100):
            head = u8(kind) + u32(length)
            attack(lambda link, head=head: link.send_stream(head + bytes(100)), "R-1")
    for kind in (1, 2, 3, 5, 6, 7, 8, 9, 10):  # of length 0: none of them may be
        attack(lambda link, kind=kind: link.send(kind, b""), "R-1")
    attack(lambda link: link.send(4, b""), "F-13")
    for kind in (0, 128, 255):
        attack(lambda link, kind=kind: link.send(kind, b"x"), "R-1")
    # A kind of a later version is no fault.
    link = Link(a.port).shake(member.office, member.psk, member.device.noise)
    link.send(100, bytes(320 * 1024))
    link.send(7, bytes(8))
    expect(link.receive()[0] == 8, "a kind of a later version ends the link")
    link.close()
    field.serve(a, b)
    return f"{a.log().count('the peer broke')} named in the log"


@trial("door", "who knows the secret alone gets nothing, and stays no longer than ten seconds", 40)
def door(field):
    a, b = field.office("anna", "ben")
    a.say("not for you")
    inside, link = enlist(field, a, "mole")
    stranger = knows_secret(field, a)
    outside = Link(a.port).shake(stranger.office, stranger.psk, stranger.device.noise)
    began = time.monotonic()
    # It asks for everything, and is told of nothing.
    outside.send(1, u16(1) + stranger.office + bytes(32))
    outside.send(2, stranger.office + u32(0))
    outside.send(2, inside.group + u32(0))
    outside.send(3, inside.group + u16(1) + inside.feed.id + bytes(16) + u32(0))
    kinds = []
    try:
        while True:
            kind, content = outside.receive()
            kinds.append(kind)
            expect(kind in (2, 6), f"a stranger is sent a message {kind}")
            expect(kind != 2 or content[32:] == bytes(4), "a stranger is told what is here")
    except Closed:
        took = time.monotonic() - began
    expect(took < 12, f"a provisional link stood for {took:.0f} s")
    # Entries of a group on a provisional link have no place there (H-5).
    before = len(a.log())
    outside = Link(a.port).shake(stranger.office, stranger.psk, stranger.device.noise)
    inside.push(outside, inside.feed.entries[:1])
    outside.ended()
    until(lambda: "(H-5)" in a.log()[before:], "the log does not name H-5")
    field.serve(a, b)
    return f"a provisional link ended after {took:.1f} s"
