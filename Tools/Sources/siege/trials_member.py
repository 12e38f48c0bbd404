"""What a member with valid keys can do who keeps no rule."""

import json
import time

from link import Closed
from member import ENTRIES, FRONTIER, HAVE, NO_BRANCH, WANT, enlist
from nodes import Refused, expect, until
from trial import trial
from wire import Feed, u8, u16, u32

HIGHEST = 2**32 - 2  # the highest seq an entry can have (E-5)


def turned_out(node, link, name, rule, before, serve=None):
    """The node ends the link, names the rule in its log and says in status what became of whom.

    What it asks for meanwhile is served: it may be that the liar holds another branch (R-10).
    """
    # Whoever shows nothing has ten seconds to.
    code = link.ended(within=13, answering=serve)
    expect(code == 5, f"{name} ({rule}) is told {code}, not that a rule was broken")
    until(lambda: f"({rule})" in node.log()[before:], f"the log does not name {rule} for {name}")
    said = until(lambda: node.trouble(f"pc-{name}"), f"status does not say what {name} did")
    expect(rule in said, f"status says of {name}: {said}")


@trial("forgeries", "wrong signature, group, author, encoding; unsigned, gapped, rewritten", 60)
def forgeries(field):
    a, b = field.office("anna", "ben")
    a.say("before")
    ticket = a.ticket(uses=40)
    texts = lambda node: node.texts()  # noqa: E731

    def attack(name, rule, forge):
        """A new member, for one that broke a rule is turned away for a while."""
        member, link = enlist(field, a, name, ticket)
        member.push(link, member.feed.entries)
        member.text(f"first of {name}")
        member.push(link, [member.feed.last], before=member.feed.entries[0])
        until(lambda: f"first of {name}" in texts(b), f"{name} is not heard before it lies")
        before = len(a.log())
        forge(member, link)
        if rule:
            turned_out(a, link, name, rule, before, member.shows(link))
        return member, link

    def flipped(member, link):
        entry, last = member.text("wrong signature"), member.feed.entries[-2]
        wrong = bytearray(entry.signature(member.device.signer))
        wrong[5] ^= 4
        member.push(link, [entry], before=last, change={"signature": bytes(wrong)})

    def unsigned(member, link):
        last = member.feed.last
        some = [member.text(f"unsigned {n}") for n in range(3)]
        member.push(link, some, before=last, change={"signature": bytes(64)})

    def signed_within(member, link):
        last = member.feed.last
        some = [member.text(f"signed within {n}") for n in range(3)]
        # The signature of the one before the last: the batch ends unsigned.
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
        from wire import ext_item

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

    def gap(member, link):
        last = member.feed.last
        skipped, sent = member.text("skipped"), member.text("sent")
        member.push(link, [sent], before=skipped)
        # No violation: it is asked for, and then both are there.
        member.push(link, [skipped, sent], before=last)
        until(lambda: "sent" in texts(b), "what followed a gap is not heard at last")

    def rewritten(member, link):
        """Another content at a place that is taken (R-10): both are signed, so both are shown."""
        fork = Feed(member.device, member.certificate, group=member.group, nonce="same")
        fork.entries = list(member.feed.entries[:-1])
        member.text("second truth", feed=fork)
        item = fork.id + NO_BRANCH + u32(fork.last.seq) + fork.last.id[:16]
        # Announced; whoever asks gets the other truth.
        link.send(HAVE, member.group + u16(1) + item)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and "forked" not in a.log():
            kind, content = link.receive()
            if kind == WANT and content[:32] == member.group:
                first = int.from_bytes(content[66:70], "big")
                if first <= fork.last.seq:
                    some = fork.entries[first:]
                    member.push(link, some, before=fork.entries[first - 1] if first else None)
        until(lambda: "is forked" in a.log(), "the fork is not found")
        for node in (a, b):
            told = until(lambda node=node: node.degraded().get("suspended"), "no word of the fork")
            expect("pc-rewritten" in told, f"status says of the fork: {told}")
            until(lambda node=node: {"first of rewritten", "second truth"} <= set(texts(node)),
                  f"{node.name} shows one branch alone")  # fmt: skip
        # Who was copied, or writes two truths, gets no new secrets (K-3).
        while not member.is_left_out():
            member.follow(link)

    attack("flipped", "F-2", flipped)
    attack("unsigned", "F-2", unsigned)
    attack("within", "F-2", signed_within)
    attack("foreign", "F-2", foreign)
    attack("elsewhere", "E-12", other_office)
    attack("moved", "F-2", other_group)
    attack("overlong", "N-2", overlong)
    attack("repeated", "F-13", repeated)
    attack("gap", None, gap)
    attack("rewritten", None, rewritten)
    # The last one: whoever cites what is not admitted waits for it.
    attack("lamport", None, lying_lamport)
    until(lambda: "(F-5)" in a.log(), "the log does not say where F-5 ended a feed")
    shown = set(texts(a)) | set(texts(b))
    lies = ["wrong signature", "unsigned 0", "signed within 0", "another group", "overlong",
            "repeated", "too high"]  # fmt: skip
    expect(not shown & set(lies), f"shown: {shown & set(lies)}")
    field.serve(a, b)
    # Nothing of it was stored either, but the one that ended its feed: kept, and without effect.
    for node in (a, b):
        node.stop()
        found = node.run("zuruf-inspect", "verify", "--json", code=1, output=True).splitlines()
        wrong = [json.loads(line) for line in found]
        rules = [each["rule"] for each in wrong if each.get("weight") == "wrong"]
        expect(rules == ["F-5"], f"{node.name} has stored what breaks {rules}")
        node.start()
    return "11 lies, each by a member of its own"


@trial("frontiers", "lying frontiers and heads, made-up groups, own feeds that others claim", 60)
def frontiers(field):
    a, b = field.office("anna", "ben")
    # Both have a feed here that can be lied about.
    field.serve(a, b)
    mole, link = enlist(field, a, "mole")
    mole.push(link, mole.feed.entries)
    memory = a.memory()
    # Every feed it knows of, claimed to be as long as can be.
    known = sorted(mole.logs[mole.group])
    liars = [feed + NO_BRANCH + u32(HIGHEST) + bytes(16) for feed in known]
    for _ in range(50):
        link.send(FRONTIER, mole.group + u32(len(liars)) + b"".join(liars))
        link.send(HAVE, mole.group + u16(len(liars)) + b"".join(liars))
    # Feeds that nobody ever wrote, full messages of them, again and again.
    for _ in range(40):
        made_up = sorted(field.chance.randbytes(16) for _ in range(4096))
        items = b"".join(feed + NO_BRANCH + u32(9) + feed for feed in made_up)
        link.send(FRONTIER, mole.group + u32(4096) + items)
    # Groups that nobody ever founded: more of them than a node keeps.
    for _ in range(3000):
        group = field.chance.randbytes(32)
        link.send(FRONTIER, group + u32(1) + bytes([1]) * 16 + NO_BRANCH + u32(5) + bytes(16))
    for _ in range(8):
        groups = sorted(field.chance.randbytes(32) for _ in range(1024))
        link.send(1, u16(1024) + b"".join(group + bytes(32) for group in groups))
    drained(link)
    field.serve(a, b)
    grown = a.memory() - memory
    expect(grown < 48 << 20, f"memory grew by {grown >> 20} MiB")
    # A real group still finds room, and the liar cost this device one new feed of its own at most.
    a.ask("group.new", title="After the lies", members=["ben"])
    until(lambda: [g for g in b.ask("group.list")["groups"] if g.get("title") == "After the lies"],
          "a real group finds no room among those that were made up")  # fmt: skip
    closed = a.log().count("was written elsewhere")
    expect(closed <= 2, f"the liar had {closed} feeds closed")
    a.say("and on")
    for _ in range(5):
        link.send(HAVE, mole.group + u16(len(liars)) + b"".join(liars))
        a.say("and on")
    expect(a.log().count("was written elsewhere") == closed, "each lie closes another feed")
    return f"{grown >> 20:+} MiB, {closed} own feeds closed"


@trial("numbers", "well-formed messages with the lowest and highest numbers in every field", 60)
def numbers(field):
    a, b = field.office("anna", "ben")
    field.serve(a, b)
    ticket = a.ticket(uses=60)
    mole, link = enlist(field, a, "mole", ticket)
    mole.push(link, mole.feed.entries)
    chance, extremes = field.chance, [0, 1, 2, 7, 255, 1 << 16, 1 << 31, HIGHEST - 1, HIGHEST]
    groups = [mole.office, mole.group, bytes(32), b"\xff" * 32]
    feeds = [feed for log in mole.logs.values() for feed in log] + [bytes(16), b"\xff" * 16]
    heads = [entries[-1][0] for log in mole.logs.values() for entries in log.values()]

    def items(kind):
        chosen = sorted(chance.sample(feeds, chance.randrange(len(feeds) + 1)))
        out = b""
        for feed in chosen:
            branch = chance.choice([bytes(16), bytes(16), feed, b"\xff" * 16])
            out += feed + branch + u32(chance.choice(extremes))
            out += b"" if kind == WANT else chance.choice([bytes(16), heads[0].id[:16]])
        return (u32 if kind == FRONTIER else u16)(len(chosen)) + out

    sent = 0
    for _ in range(1500):
        kind = chance.choice([FRONTIER, WANT, HAVE, HAVE])
        link.send(kind, chance.choice(groups) + items(kind))
        sent += 1
        if sent % 100 == 0:
            drained(link)
            (b if sent % 200 else a).say(f"after {sent} messages")
    drained(link)
    # Batches, each of them by a member of its own, for most of them end the link.
    for number in range(24):
        name = f"mole{number}"
        mole, link = enlist(field, a, name, ticket)
        mole.push(link, mole.feed.entries)
        last, entry = mole.feed.last, mole.text("extreme")
        data = bytearray(mole.content([entry], before=last))
        at, size = chance.choice([(64, 4), (68, 2), (70, 8), (78, 4)])  # first, count, the bases
        high = (1 << 8 * size) - 1
        right = int.from_bytes(data[at : at + size], "big")
        value = chance.choice([v for v in (0, 1, high, high - 1, high >> 1) if v != right])
        data[at : at + size] = value.to_bytes(size, "big")
        try:
            link.send(ENTRIES, bytes(data))
            drained(link)
        except Closed:
            pass
    field.serve(a, b)
    expect("extreme" not in b.texts(), "a batch with a wrong number was taken")
    return f"{sent + 24} messages"


def drained(link):
    """Reads until the node has taken in everything: it answers a ping in turn."""
    link.send(7, b"in turn!")
    while link.receive()[0] != 8:
        pass


@trial("greedy", "one member asks for all history again and again and never reads it", 60)
def greedy(field):
    a, b = field.office("anna", "ben")
    for number in range(40):
        a.say(f"{number} " + "x" * 50_000)
    mole, link = enlist(field, a, "mole")
    feed, entries = max(mole.logs[mole.group].items(), key=lambda each: len(each[1]))
    memory = a.memory()
    want = mole.group + u16(1) + feed + NO_BRANCH + u32(0)
    asked = 0
    link.socket.settimeout(0.5)
    began = time.monotonic()
    try:
        # Without reading: what the node sends fills its queue and then waits.
        while time.monotonic() - began < 3:
            link.send(WANT, want)
            asked += 1
    except (Closed, TimeoutError):
        pass
    began = time.monotonic()
    field.serve(a, b)
    took = time.monotonic() - began
    grown = a.memory() - memory
    expect(grown < 48 << 20, f"memory grew by {grown >> 20} MiB")
    expect(took < 5, f"the others wait {took:.1f} s")
    return f"{asked} times, {grown >> 20:+} MiB; others served in {took * 1000:.0f} ms"


@trial("liar", "one member says: you were removed; and a device that is removed learns it", 60)
def liar(field):
    a, b = field.office("anna", "ben")
    mole, link = enlist(field, a, "mole", through=b)
    # Now ben has nobody but the liar.
    a.stop()
    until(lambda: b.linked() == {"pc-mole"}, "ben still sees anna", 10)
    link.send(6, u8(2))
    told = until(lambda: b.degraded().get("said-removed"), "ben does not say what it was told")
    expect("pc-mole" in told, f"status does not say who says so: {told}")
    expect(b.ask("status")["standing"] == "ready", "one liar's word removes")
    b.say("still here")
    a.start()
    field.serve(a, b)
    # A removal that is one is learnt, with its proof, by the device that it removes.
    c = field.node("carla", [a.port, b.port]).start().join(a.ticket())
    until(lambda: {"pc-anna", "pc-ben"} <= c.linked(), "carla is not linked")
    a.ask("member.remove", member="carla")
    until(lambda: c.ask("status")["standing"] == "removed", "carla does not learn it", 10)
    try:
        c.say("after all")
    except Refused as refused:
        expect("was removed" in str(refused), f"carla is told: {refused}")
    else:
        expect(False, "what carla writes is taken as sent")
    # So does one that was away then, when it comes back; and what it says is not taken as sent.
    d = field.node("dora", [a.port, b.port]).start().join(a.ticket())
    until(lambda: {"pc-anna", "pc-ben"} <= d.linked(), "dora is not linked")
    d.stop()
    a.ask("member.remove", member="dora")
    a.say("without dora")
    d.start()
    until(lambda: d.ask("status")["standing"] == "removed", "dora does not learn it", 10)
    field.serve(a, b)
    return told
