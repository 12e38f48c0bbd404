"""Clocks that are wrong: nothing but what is displayed may depend on them (faults b 6)."""

import mmap
import os
import signal
import struct
import time

from nodes import TWICE, Skip, expect, until
from preload import NoCompiler, library
from trial import trial

TEN_YEARS = 3652 * 24 * 3600
HOUR = 3600
HANDS = struct.Struct("=qq")
# What Linux lets nobody set a clock beyond: in the year 2232.
LATEST = 8_277_292_036
# Of one processor.
BUSY = 0.25


class Clock:
    """The wall clock of one node, apart from all others."""

    def __init__(self, field, name, ahead=0):
        """ahead: by how many seconds."""
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clock.c")
        try:
            preload = library(field.folder, source)
        except NoCompiler:
            raise Skip("there is no C compiler to make a clock that is off") from None
        path = os.path.join(field.folder, name + "-clock")
        with open(path, "wb") as file:
            file.write(bytes(HANDS.size))
        with open(path, "r+b") as file:
            self.hands = mmap.mmap(file.fileno(), HANDS.size)
        self.environment = {"LD_PRELOAD": preload, "ZURUF_CLOCK": path}
        self.set(ahead)

    def set(self, ahead=0, stands=0):
        """Sets it ahead by seconds, or lets it stand at so many seconds since 1970."""
        self.hands[:] = HANDS.pack(int(ahead * 1000), int(stands * 1000))


@trial("clock", "one clock ten years ahead, one ten years behind: messages, order, tickets", 90)
def clocks(field):
    a, b = field.office("anna", "ben")
    a.say("in time")
    until(lambda: "in time" in b.texts(), "ben does not hear anna")
    ahead = field.node("ahead", [a.port, b.port], Clock(field, "ahead", TEN_YEARS).environment)
    ahead.start().join(a.ticket())
    # It takes two others to tell a node that its own clock is the wrong one.
    until(lambda: {"pc-anna", "pc-ben"} <= ahead.linked(), "ahead is not linked with both")
    behind = field.node("behind", [a.port, b.port, ahead.port],
                        Clock(field, "behind", -TEN_YEARS).environment)  # fmt: skip
    behind.start().join(a.ticket())
    nodes = [a, b, ahead, behind]
    for node in nodes:
        others = {"pc-" + other.name for other in nodes if other is not node}
        until(lambda node=node, others=others: others <= node.linked(), "not all are linked", 15)
    # The fault is there at all: each stamps its messages with its own year.
    stamps = {node.name: node.say(f"stamp of {node.name}")["time"]["ms"] for node in nodes}
    now = time.time() * 1000
    expect(stamps["ahead"] - now > TEN_YEARS * 900, "the clock ahead is not ahead")
    expect(now - stamps["behind"] > TEN_YEARS * 900, "the clock behind is not behind")
    # A conversation in which each answers the one before: shown everywhere in that order.
    said = []
    for turn in range(12):
        node = nodes[turn % 4]
        said.append(f"turn {turn} of {node.name}")
        node.say(said[-1])
        for other in nodes:
            until(lambda other=other: said[-1] in other.texts(), "a turn is not heard")
    for node in nodes:
        shown = [text for text in node.texts() if text in said]
        expect(shown == said, f"{node.name} shows another order: {shown}")
    for node in (a, b):
        check_late(node, said)
    # Who is off says so, and whoever is right does not.
    for node in (ahead, behind):
        told = until(lambda node=node: node.degraded().get("clock-off"), "no word of the clock")
        expect("years" in told or "days" in told, f"status says: {told}")
        checks = {check["name"]: check for check in node.ask("doctor")["checks"]}
        expect(checks["clock"]["verdict"] == "failed", f"doctor says: {checks['clock']}")
        expect("clock" in node.run("zuruf", "status").decode(), "zuruf status is silent")
    for node in (a, b):
        expect("clock-off" not in node.degraded(), f"{node.name} takes its own clock for wrong")
    # A ticket that is good is not refused by a node whose clock is ahead.
    guest = field.node("guest", [node.port for node in nodes])
    ticket = a.ticket()
    until(lambda: ticket_known(ahead, a), "the ticket is not known at ahead")
    for node in (a, b, behind):
        node.stop()
    guest.start().join(redirected(ticket, ahead.port))
    for node in (a, b, behind):
        node.start()
    # Nobody drops links or dials like mad: what was linked stays so.
    links = {node.name: node.log().count(" ended:") for node in (ahead, behind)}
    for node in (a, b, ahead, behind, guest):
        others = {"pc-" + other.name for other in nodes + [guest] if other is not node}
        until(lambda node=node, others=others: others <= node.linked(), "not all are linked", 20)
    field.serve(a, ahead, behind, guest)
    later = {node.name: node.log().count(" ended:") for node in (ahead, behind)}
    storm = max(later[name] - links[name] for name in later)
    expect(storm <= 8, f"{storm} links ended after the others came back")
    return told


@trial("clock-jumps", "a clock that jumps, stands and runs back under a running node", 90)
def clock_jumps(field):
    a, b = field.office("anna", "ben")
    hands = Clock(field, "cleo")
    c = field.node("cleo", [a.port, b.port], hands.environment).start().join(a.ticket())
    nodes = [a, b, c]
    for node in nodes:
        others = {"pc-" + other.name for other in nodes if other is not node}
        until(lambda node=node, others=others: others <= node.linked(), "not all are linked", 15)
    ended = {node.name: node.log().count(" ended:") for node in nodes}
    a.ask("member.rank", member="cleo", rank="admin")
    until(lambda: c.ask("office.status")["rank"] == "admin", "cleo is no admin")
    c.ask("admit.open", seconds=600)
    began, used, said = time.monotonic(), c.processor(), []

    def talk():
        """Each answers the one before, and is heard by all."""
        for node in (c, a, c, b):
            said.append(f"turn {len(said)} of {node.name}")
            node.say(said[-1])
            for other in nodes:
                until(lambda other=other: said[-1] in other.texts(), "a turn is not heard", 5)

    def jump(**to):
        hands.set(**to)
        # What is said gives its loop turns with the new time: a timer that is due by the wall clock
        # goes off in the first of them.
        talk()
        expect(c.ask("admit.status")["open"], f"the door closed when the clock went to {to}")

    now = time.time()
    for hours in range(1, 9):
        jump(ahead=-hours * HOUR)
    off = [TEN_YEARS, -TEN_YEARS, LATEST - now - 60, 1 - now]
    field.chance.shuffle(off)
    for ahead in off:
        jump(ahead=ahead)
        until(lambda: "clock-off" in c.degraded(), "it does not say that its clock is wrong")
        jump()
        until(lambda: "clock-off" not in c.degraded(), "it says still that its clock is wrong")
    jump(stands=now)
    jump(stands=1)
    for times in range(6):
        hands.set(ahead=field.chance.choice((TEN_YEARS, -TEN_YEARS)))
        talk()
    share = (c.processor() - used) / (time.monotonic() - began)
    for node in nodes:
        shown = [text for text in node.texts() if text in said]
        expect(shown == said, f"{node.name} shows another order: {shown}")
        expect(node.log().count(" ended:") == ended[node.name], f"links of {node.name} ended")
    for node in (a, b):
        late = [message["text"] for message in node.messages() if message["late"]]
        expect(not late, f"{node.name} marks as late: {late}")
    expect(share < BUSY, f"it took {share:.0%} of a processor")
    # A start in a year before its newest entries, then one in the right year.
    for ahead in (-TEN_YEARS, 0):
        c.stop(signal.SIGKILL)
        hands.set(ahead=ahead)
        c.start()
        until(lambda: {"pc-anna", "pc-ben"} <= c.linked(), "cleo does not link again", 20)
        field.serve(a, b, c)
        expect(c.texts()[: len(said)] == said, "a restart shows another order")
    expect("clock-off" not in c.degraded(), f"in the end it says {c.degraded()}")
    expect(TWICE not in a.log() + b.log() + c.log(), "the clock led to a fork")
    return f"{share:.1%} of a processor"


def check_late(node, said):
    """No clock makes late what everybody heard at once."""
    late = {message.get("text"): message["late"] for message in node.messages()}
    marked = [text for text in said + ["in time"] if late[text]]
    expect(not marked, f"{node.name} marks as late: {marked}")


def ticket_known(node, other):
    ids = lambda each: {t["id"] for t in each.ask("ticket.list")["tickets"]}  # noqa: E731
    return ids(other) <= ids(node)


def redirected(ticket, port):
    """The same ticket with the address of another node, as if its own were out of reach."""
    from lines import ALPHABET, decode_line, unbase32
    from primitives import hashed

    prefix = b"zr1-ticket-"
    addresses = decode_line(ticket.encode(), prefix)["addresses"]
    content = unbase32(ticket.encode()[len(prefix) :])[:-4]
    tail = 1 + sum(1 + len(address) + 2 for address, _ in addresses)
    content = content[:-tail] + bytes([1, 4, 127, 0, 0, 1]) + port.to_bytes(2, "big")
    data = content + hashed("zr1.check", prefix, content, size=16)[:4]
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    letters = (int(bits[at : at + 5], 2) for at in range(0, len(bits), 5))
    return (prefix + bytes(ALPHABET[letter] for letter in letters)).decode()
