"""Tickets that are not good, requests that lie, and what a person is told of each."""

from lines import decode_line
from link import Closed, Link
from member import Member
from nodes import Refused, expect
from trial import trial
from trials_clock import Clock, redirected
from wire import Exchanger, u8


@trial("tickets", "tickets cut, of another office, used up, revoked, expired; lying requests", 90)
def tickets(field):
    a, b = field.office("anna", "ben")
    other = field.node("olga").start()
    other.ask("office.new", office="Other", name="olga", device="pc-olga")
    guest = field.node("guest").start()
    # A ticket of olga's office where only anna's node answers: nobody there knows the office.
    lost = field.node("lost").start()
    lost.one.send(
        "join", ticket=redirected(other.ticket(), a.port), name="lost", device="pc-lost")

    def refused(ticket, name, *words):
        before = devices(a)
        try:
            guest.ask("join", ticket=ticket, name="guest", device="pc-guest")
        except Refused as refusal:
            expect(refusal.name == name, f"{name}: {refusal} ({refusal.name})")
            for word in words:
                expect(word in str(refusal), f"\"{refusal}\" does not say \"{word}\"")
        else:
            expect(False, f"a ticket gets in that must be refused as {name}")
        expect(devices(a) == before, "somebody was admitted all the same")

    good = a.ticket()
    for at in (20, len(good) // 2, len(good) - 1):
        refused(good[:at], "ticket-malformed", "cut")
    letter = "a" if good[-20] != "a" else "b"
    refused(good[:-20] + letter + good[-19:], "ticket-malformed")
    refused("hello", "ticket-malformed", "not a ticket")
    used = a.ticket()
    first = field.node("first").start().join(used)
    refused(used, "ticket-used-up", "used")
    revoked = a.ask("ticket.new", kind="member", groups=[], uses=1)
    a.ask("ticket.revoke", ticket=revoked["ticket"]["id"])
    refused(revoked["text"], "ticket-revoked", "revoked")
    # A minute is the least; anna's clock goes on by an hour, and nobody is there who knows better.
    expired = a.ticket(validSeconds=60)
    for node in (a, b, first):
        node.stop()
    a.environment = Clock(field, "anna", 3600).environment
    a.start()
    refused(expired, "ticket-expired", "expired")
    a.stop().environment = {}
    for node in (a, b, first):
        node.start()
    # A ticket of anna's office that leads to olga's node: it does not even answer.
    elsewhere = decode_line(other.ticket().encode(), b"zr1-ticket-")
    try:
        Link(a.port).shake(elsewhere["office"], elsewhere["psk"], Exchanger("foreign"), mode=1)
        expect(False, "a ticket for another office is answered")
    except Closed:
        pass
    # What a person is told who has such a line; it was asked at the begin, for it takes a while.
    lost.one.socket.settimeout(40)
    try:
        lost.one.answer()
        expect(False, "a ticket of another office gets in")
    except Refused as refusal:
        expect(refusal.name == "no-answer", f"{refusal} ({refusal.name})")
        expect("zuruf doctor" in refusal.hint, f"nothing is said that one could do: {refusal.hint}")
        told = f"{refusal}; {refusal.hint}"
    lying = requests_that_lie(field, a)
    guest.join(good)
    field.serve(a, b, guest)
    return (f"5 reasons, each in words of its own; {lying} requests that lie; of another office: "
            f"{told}")  # fmt: skip


def requests_that_lie(field, a):
    """Over what they show: another's ticket key, keys of others, no names. Gives how many."""
    lies = (
        {"noise": bytes(32)}, {"by device": bytes(64)}, {"by ticket": bytes(64)},
        {"member": bytes(16)}, {"name": u8(3) + b"a\nb"}, {"name": u8(0)},
        {"ticket": bytes(32)}, {"device": bytes(32)}, {"sealing": a_key(field)},
    )  # fmt: skip
    for wrong in lies:
        mole = Member(field, "mole", a.ticket())
        link = mole.dial(a.port, mode=1)
        before = devices(a)
        mole.request(link, **wrong)
        try:
            kind, content = link.receive()
            expect((kind, content[0]) != (10, 0), f"admitted with a wrong {list(wrong)[0]}")
        except Closed:
            pass
        expect(devices(a) == before, f"admitted with {list(wrong)[0]}")
    return len(lies)


def devices(node):
    return [each["id"] for each in node.ask("device.list")["devices"]]


def a_key(field):
    return field.chance.randbytes(32)
