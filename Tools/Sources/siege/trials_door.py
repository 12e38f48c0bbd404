"""What somebody can do at an open door, who is no newcomer, or stands between one and the sponsor."""

import time

from control import Refused
from door import ANSWER, DOOR, KNOCK, NONCE, OPENING, FalseDoor, Visitor, commitment, names
from link import Closed, Link
from nodes import expect, until
from trial import trial
from trials_stranger import paced
from visit import digits as digits_of
from wire import seeded, u8, u16

PREFACE = b"ZRF1\x01\x02"
VIOLATION, NOT_NOW = 5, 7
PER_ADDRESS = 4
TRIES_MAX = 16


def comparing(node):
    return [r for r in node.ask("admit.status")["requests"] if r["state"] == "comparing"]


def knocking(node, port):
    """Lets a node without an office knock, without waiting; gives the number of the request."""
    return node.one.send("knock", address=f"127.0.0.1:{port}", name="Carla", device="pc-carla")


@trial("middle", "a machine between newcomer and sponsor, which answers to both, and grinds", 60)
def middle(field):
    (anna,) = field.office("anna")
    ben = field.node("ben").start()
    anna.ask("admit.open")
    false = FalseDoor()
    tries = 0

    def between():
        """The newcomer at a false door, and whoever keeps that at the sponsor's."""
        number = knocking(ben, false.port)
        guest, visitor = false.guest(), Visitor(anna.port).enter()
        kind, said = visitor.receive()
        expect(kind == DOOR, f"the door begins with kind {kind}")
        guest.send(DOOR, said)
        kind, knock = guest.receive()
        expect(kind == KNOCK, f"the newcomer says kind {kind}")
        return number, guest, visitor, knock

    # It commits to a nonce of its own, and hands the sponsor's on: both people see other digits.
    number, guest, visitor, knock = between()
    own = seeded("middle")
    theirs = visitor.knock(own)
    guest.send(NONCE, theirs)
    opening = guest.receive()[1]
    shown = ben.one.answer(number)
    visitor.send(OPENING, own)
    seen = until(lambda: comparing(anna), "the sponsor does not see who knocks")[0]
    expect(shown["digits"] == guest.digits(opening, theirs), "other digits than the rules say")
    expect(seen["digits"] == visitor.digits(own, theirs), "other digits than the rules say")
    expect(shown["digits"] != seen["digits"], "both see the same digits")
    # The people see it; the sponsor says no, and the false door may say what it likes.
    anna.ask("admit.answer", request=seen["id"], yes=False)
    expect(visitor.receive()[1][0] == 1, "the no does not arrive")
    guest.send(ANSWER, u8(0) + u16(5) + b"lies!")
    try:
        ben.ask("knock.wait")
        expect(False, "a lie lets somebody in")
    except Refused as refused:
        expect(refused.name == "ticket-malformed", f"{refused.name}: {refused}")
    expect(ben.ask("office.status")["standing"] == "no-office", "ben is in an office")
    tries += 1

    # It passes everything on as it is: the commitment names another link.
    number, guest, visitor, knock = between()
    visitor.send(KNOCK, knock)
    guest.send(NONCE, visitor.receive()[1])
    visitor.send(OPENING, guest.receive()[1])
    expect(visitor.ended() == VIOLATION, "a commitment of another link is taken")
    ben.ask("knock.cancel")
    tries += 1

    # It makes the newcomer show its digits first, and looks for a nonce that gives the sponsor the
    # same. Four of the six are found in a moment; all are a matter of minutes here, or of a faster
    # machine. It has committed to another nonce before it saw the sponsor's.
    number, guest, visitor, knock = between()
    guest.send(NONCE, seeded("false nonce"))
    shown = guest.digits(guest.receive()[1], seeded("false nonce"))
    theirs = visitor.knock(seeded("committed"))
    found = ground(visitor, theirs, shown)
    expect(visitor.digits(found, theirs)[2:] == shown[2:], "nothing was found")
    visitor.send(OPENING, found)
    expect(visitor.ended() == VIOLATION, "an opening that was not committed to is taken")
    expect(not comparing(anna), "the sponsor sees digits of who opened nothing")
    tries += 1

    # A second nonce to the newcomer, now that its own is known, is not heard.
    ben.ask("knock.cancel")
    number, guest, visitor, knock = between()
    guest.send(NONCE, seeded("first"))
    guest.receive()
    guest.send(NONCE, seeded("second"))
    expect(guest.ended() == VIOLATION, "a second nonce is taken")
    tries += 1
    expect(anna.ask("ticket.list")["tickets"] == [], "somebody got a ticket")
    expect(len(anna.ask("member.list")["members"]) == 1, "somebody came in")
    # The true newcomer still does.
    let_in(anna, ben)
    false.close()
    return f"{tries} attempts, none with equal digits or a ticket"


def ground(visitor, theirs, shown):
    """A nonce with which the sponsor would see the last four of these digits."""
    keys = (visitor.hash, visitor.static.public, visitor.peer)
    for number in range(1_000_000):
        nonce = number.to_bytes(32, "big")
        if digits_of(*keys, nonce, theirs)[2:] == shown[2:]:
            return nonce
    return bytes(32)


def let_in(sponsor, newcomer):
    newcomer.ask("knock", address=f"127.0.0.1:{sponsor.port}", name="Carla", device="pc-carla")
    number = newcomer.one.send("knock.wait")
    request = until(lambda: comparing(sponsor), "nobody knocks")[-1]
    sponsor.ask("admit.answer", request=request["id"], yes=True)
    newcomer.one.answer(number)
    until(lambda: "everyone" in newcomer.titles(), "everyone's group does not come")


@trial("doorstep", "strangers at a closed door, at an open one, many of them, and out of turn", 90)
def doorstep(field):
    a, b = field.office("anna", "ben")
    first = PREFACE + u16(32) + u8(9) + bytes(31)

    def silent():
        """A closed door says nothing to whoever knocks, whole or in part."""
        for data in (PREFACE, first, first + bytes(200), PREFACE + u16(48) + bytes(48)):
            paced()
            link = Link(a.port)
            try:
                link.raw(data)
                link.ended()
            except Closed:
                pass
            expect(not link.rest, "a closed door says something")
            link.close()

    silent()
    a.ask("admit.open")
    memory, descriptors = a.memory(), a.descriptors()
    visitor = Visitor(a.port).enter()
    expect(visitor.greeting == bytes(64), "the door says who it is before the digits")
    kind, said = visitor.receive()
    office = a.ask("office.status")
    told = names(office["office"]["name"], office["member"]["name"])
    expect(said == told + u8(0), "more than two names")
    other = Visitor(a.port).enter()
    expect(other.peer == visitor.peer, "one door has two keys")
    visitor.close()
    other.close()
    wrong_turns(a)
    # Many from one address: the oldest who only look give way, and a knock is heard all the same.
    crowd = []
    for _ in range(200):
        crowd.append(Visitor(a.port).enter())
    until(lambda: a.descriptors() <= descriptors + PER_ADDRESS + 4, "strangers are not bounded")
    expect(a.memory() - memory < 16 << 20, f"memory grew by {a.memory() - memory}")
    newcomer = field.node("carla").start()
    let_in(a, newcomer)
    for each in crowd:
        each.close()
    # Whoever says nothing after the handshake is sent away.
    idle = Visitor(a.port).enter()
    idle.receive()
    began = time.monotonic()
    expect(idle.ended(15) == NOT_NOW, "whoever says nothing stays")
    took = time.monotonic() - began
    # Who knocks and leaves, or opens something else, is counted; then the door closes by itself.
    failed = 0
    while a.ask("admit.status")["open"]:
        paced()
        guess = Visitor(a.port).enter()
        guess.receive()
        theirs = guess.knock(seeded(f"guess {failed}"))
        guess.send(OPENING, seeded(f"guess {failed}") if failed % 2 else theirs)
        if failed % 2:
            until(lambda: comparing(a), "a knock is not seen")
        guess.close()
        failed += 1
        until(lambda: not comparing(a), "who left stands at the door")
        expect(failed < 20, "tries are not counted")
    expect("not let in" in a.ask("admit.status")["reason"], "no reason is given")
    silent()
    # Nor does it help to see the sponsor's nonce, work out the digits, and go without a word: each
    # such visit is a try, however it ends, and who only looks costs nothing.
    a.ask("admit.open")
    for _ in range(2 * TRIES_MAX):
        looks = Visitor(a.port).enter()
        looks.receive()
        looks.close()
    expect(a.ask("admit.status")["open"], "who only looks closes the door")
    worked = 0
    while a.ask("admit.status")["open"]:
        guess = Visitor(a.port).enter()
        guess.receive()
        guess.knock(seeded(f"worked {worked}"))
        if worked % 2:
            guess.send(ANSWER, u8(0) + u16(1) + b"x")
            guess.ended()
        guess.close()
        worked += 1
        expect(worked <= TRIES_MAX + PER_ADDRESS, "who leaves before its opening is not counted")
    expect("not let in" in a.ask("admit.status")["reason"], "no reason is given")
    until(lambda: a.descriptors() <= descriptors + 3, "connections are left over")
    field.serve(a, b)
    return f"the idle left after {took:.0f} s, the door closed after {failed} tries and {worked}"


def wrong_turns(node):
    """Each message at the wrong time, of the wrong kind or form: closed, and nothing shown."""
    own = seeded("own")

    def sends(*messages, knocks=False):
        visitor = Visitor(node.port).enter()
        visitor.receive()
        if knocks:
            visitor.knock(own)
        for kind, content in messages:
            try:
                visitor.send(kind, content(visitor) if callable(content) else content)
            except Closed:
                break
        code = visitor.ended(12)
        visitor.close()
        expect(code == VIOLATION, f"{messages!r:.80} ends with {code}")

    knock = (KNOCK, lambda v: commitment(v.hash, own) + names("Ben", "pc"))
    sends((OPENING, own))
    sends((NONCE, own))
    sends((ANSWER, u8(0) + u16(1) + b"x"))
    sends((DOOR, names("Kontor", "Anna") + u8(0)))
    sends((1, u16(0)))
    sends((10, u8(7) + bytes(32)))
    sends((9, bytes(400)))
    sends((4, bytes(200)))
    sends((KNOCK, own + names("Ben\n", "pc")))
    sends((KNOCK, own + names("", "pc")))
    sends((KNOCK, own))
    sends((KNOCK, own + names("Ben", "pc") + b"\0"))
    sends(knock, knocks=True)
    sends((NONCE, own), knocks=True)
    sends((OPENING, own[:-1]), knocks=True)
    sends((200, b""))
    expect(not comparing(node), "somebody is compared with who broke a rule")
