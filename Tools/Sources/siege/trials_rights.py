"""What a member with valid keys takes for itself that is not its to take (5-authority)."""

import json

from member import ENTRIES, NO_BRANCH, enlist
from nodes import Mistake, Refused, expect, until
from packing import batch as pack
from stories import DEVICES_MAX, remove
from trial import trial
from trials_states import gone, said
from wire import Device, Feed, joined, u8
from world import certify

LATER = u8(200) + b"of a later version"
EPOCH_RECIPIENTS_MAX = 800


def office_feed(mole, deps=None):
    """One more feed of a liar in the office log; it may cite whatever it has read there."""
    cited = mole.heads(mole.office)[:16] if deps is None else deps
    return Feed(mole.device, mole.certificate, group=mole.office, deps=cited,
                nonce=f"{mole.name} {mole.field.chance.getrandbits(64)}")  # fmt: skip


def device(field, name, **more):
    return Device(f"{name} {field.chance.getrandbits(64)}", **more)


def certifying(office, new):
    return joined(certify(office, new, None))


def why(node, entry):
    """What a node's inspector says of an entry, once it is there."""
    def found():
        try:
            output = node.run("zuruf-inspect", "why", entry.id.hex(), "--json", output=True)
        except Mistake:
            return None
        return json.loads(output)

    return until(found, "an entry does not come to the disk", 30)


def refused_by(node, name, method, *words, **parameters):
    try:
        node.ask(method, **parameters)
    except Refused as refusal:
        expect(refusal.name == name, f"{method}: {refusal} ({refusal.name})")
        for word in words:
            expect(word in str(refusal), f"{method}: \"{refusal}\" does not say \"{word}\"")
        return
    expect(False, f"{method} is done, although it must be refused as {name}")


def member_of(node, name):
    everybody = node.ask("member.list", removed=True)["members"]
    return next(each for each in everybody if each["name"] == name)


@trial("newer", "operations of a later version: who may hold an office back, and how it is freed", 60)
def newer(field):
    a, b = field.office("anna", "ben")
    mole, link = enlist(field, a, "mole")
    # A member's is kept and holds nobody back, nor when its author is more later.
    feed = office_feed(mole)
    feed.next(3, LATER)
    mole.push(link, feed.entries, feed)
    expect(why(a, feed.last)["effect"], "it is not kept")
    field.serve(a, b)
    a.ask("ticket.new", kind="member", groups=[], uses=1)
    a.ask("member.rank", member="mole", rank="admin")
    until(lambda: member_of(b, "mole")["rank"] == "admin", "ben does not learn the rank")
    for node in (a, b):
        expect("newer-version" not in node.degraded(), f"{node.name} is held back by a member")
    # An admin's is another matter: said, talked on, and nobody is let in.
    mole.fetch(link, mole.office)
    before = feed.last
    feed.next(3, LATER, deps=[head for head in mole.heads(mole.office) if head.feed != feed.id])
    mole.push(link, [feed.last], feed, before=before)
    told = [said(node, "newer-version", "newer version") for node in (a, b)][0]
    field.serve(a, b)
    refused_by(a, "newer-version", "ticket.new", kind="member", groups=[], uses=1)
    refused_by(a, "newer-version", "member.rank", member="ben", rank="admin")
    a.stop().start()
    said(a, "newer-version")
    field.serve(a, b)
    # Then it has everybody wait for an epoch that nobody may make: it silences the office.
    before = feed.last
    second = device(field, "second", member=mole.device.member)
    feed.next(3, certifying(mole.office, second))
    until(lambda: {"pc-ben"} <= a.linked(), "anna is not linked again")
    again = mole.dial(a.port)
    mole.push(again, [feed.last], feed, before=before)
    why(a, feed.last)
    refused_by(a, "newer-version", "send", to="everyone", text="nobody hears it")
    # Whoever let it in can undo that, whatever it wrote.
    a.ask("member.remove", member="mole")
    for node in (a, b):
        gone(node, "newer-version")
    field.serve(a, b)
    a.ask("ticket.new", kind="member", groups=[], uses=1)
    return told


@trial("freed", "an office that is held back: removals go on, and so does talk among those who stay", 60)
def freed(field):
    a, b, c = field.office("anna", "ben", "carla")
    field.serve(a, b, c)
    mole, link = enlist(field, a, "mole")
    a.ask("member.rank", member="mole", rank="admin")
    until(lambda: member_of(b, "mole")["rank"] == "admin", "ben does not learn the rank")
    mole.fetch(link, mole.office)
    feed = office_feed(mole)
    feed.next(3, LATER)
    mole.push(link, feed.entries, feed)
    for node in (a, b, c):
        said(node, "newer-version")
    # While it lasts: somebody is removed, and goes from all that is said after.
    a.ask("member.remove", member="carla")
    until(lambda: c.ask("status")["standing"] == "removed", "carla does not learn it", 10)
    field.serve(a, b)
    expect("newer-version" in a.degraded(), "the office is not held back any more")
    a.say("without carla")
    until(lambda: "without carla" in b.texts(), "ben does not hear it")
    expect("without carla" not in c.texts(), "carla reads what was said without her")
    # Lowering is a way out too.
    a.ask("member.rank", member="mole", rank="member")
    for node in (a, b):
        gone(node, "newer-version")
    field.serve(a, b)


@trial("usurper", "a member's key for a box, a keeper of its own, a box removed by a member", 60)
def usurper(field):
    a, b = field.office("anna", "ben")
    box = field.node("plotter", [a.port, b.port]).start()
    box.ask("join", ticket=a.ask("ticket.new", kind="box", name="plotter", groups=[])["text"],
            name="plotter", device="pc-plotter")  # fmt: skip
    a.ask("group.new", title="Vorstand", members=["plotter"])
    a.say("for the board", to="Vorstand")
    mole, link = enlist(field, a, "mole")
    plotter = bytes.fromhex(member_of(a, "plotter")["id"])
    spy = device(field, "spy", rank=3, flags=3, member=plotter)
    lies = (
        ("A-5", certifying(mole.office, spy)),
        ("A-5", certifying(mole.office, device(field, "keeper", rank=3, flags=3))),
        ("A-6", remove(plotter)),
    )
    for rule, body in lies:
        # Each ends the feed that it stands in.
        feed = office_feed(mole)
        feed.next(3, body)
        mole.push(link, feed.entries, feed)
        found = why(a, feed.last)
        expect(not found["effect"] and found["rule"] == rule, f"{rule}: {found}")
    # Nor does the product do it for one who is no admin.
    until(lambda: any(each["name"] == "plotter" for each in b.ask("member.list")["members"]),
          "ben does not know the box")  # fmt: skip
    refused_by(b, "not-allowed", "member.remove", "only admins", member="plotter")
    expect(not member_of(a, "plotter")["removed"], "the box is gone")
    a.say("for the board alone", to="Vorstand")
    until(lambda: "Vorstand" in box.titles(), "the box is not in the group")
    until(lambda: "for the board alone" in box.texts("Vorstand"), "the box does not get it")
    owners = [each["member"]["name"] for each in a.ask("device.list")["devices"]]
    expect(owners.count("plotter") == 1, f"the box has {owners.count('plotter')} devices")
    field.serve(a, b)
    a.ask("member.remove", member="plotter")
    until(lambda: member_of(b, "plotter")["removed"], "an admin cannot remove a box")


@trial("left-over", "tickets of who was removed from a group add nobody to it any more", 60)
def left_over(field):
    a, b = field.office("anna", "ben")
    a.ask("member.rank", member="ben", rank="admin")
    until(lambda: member_of(b, "ben")["rank"] == "admin", "ben does not learn his rank")
    b.ask("group.new", title="Vorstand", members=["anna"])
    until(lambda: "Vorstand" in a.titles(), "anna is not in the group")
    ticket = b.ask("ticket.new", kind="member", groups=["Vorstand"], uses=2)["text"]
    until(lambda: a.ask("ticket.list")["tickets"], "anna does not know the ticket")
    early = field.node("early", [a.port, b.port]).start().join(ticket)
    until(lambda: "Vorstand" in early.titles(), "who comes in time is not in the group")
    until(lambda: any(each["name"] == "early" for each in a.ask("member.list")["members"]),
          "anna does not know who came")  # fmt: skip
    a.ask("group.remove", group="Vorstand", members=["ben"])
    until(lambda: "removed-from-group" in b.degraded() or "Vorstand" not in b.titles(),
          "ben does not learn it")  # fmt: skip
    late = field.node("late", [a.port, b.port]).start().join(ticket)
    a.say("secret after all", to="Vorstand")
    until(lambda: "secret after all" in early.texts("Vorstand"), "who stayed does not read it")
    field.serve(a, late)
    expect("Vorstand" not in late.titles(), "the ticket of who was removed lets into the group")


@trial("many", "more devices of one member than an epoch can name, certified beside each other", 120)
def many(field):
    a, b = field.office("anna", "ben")
    field.serve(a, b)
    mole, link = enlist(field, a, "mole")
    certificate = mole.find(mole.office, mole.certificate)
    # Each knows only of those on its own way, so that each may certify further ones.
    waiting = [(mole.device, certificate, 1)]
    count = 1
    last = None
    while count <= EPOCH_RECIPIENTS_MAX:
        author, named, seen = waiting.pop(0)
        feed = Feed(author, named.id, group=mole.office, deps=[named],
                    nonce=f"many {field.chance.getrandbits(64)}")  # fmt: skip
        for number in range(seen, DEVICES_MAX):
            new = device(field, "many", member=mole.device.member)
            entry = feed.next(3, certifying(mole.office, new))
            waiting.append((new, entry, number + 1))
            count += 1
        if len(feed.entries) > 1:
            link.send(ENTRIES, NO_BRANCH + joined(pack(feed.entries, author.signer)))
            last = feed.last
    expect(why(a, last)["effect"], "the devices are not certified")
    a.say("all the same")
    until(lambda: "all the same" in b.texts(), "ben does not hear it")
    field.serve(a, b)
    a.ask("member.remove", member="mole")
    field.serve(a, b)
    return f"{count} devices"
