"""Stories about a segment on which somebody announces thousands of things that are not there."""

import time

import mdns
from stories_discovery import announced_name, ask, milliseconds, sees, start
from story import expect, story

# Above what a node needs when nobody floods; a megabyte is what a thousand names would take.
MEMORY_KIB_MAX = 8_000
CORE_SHARE_MAX = 0.25


def flooded(lab, kind, count=2000, rate=1000):
    """A node goes through a flood; a newcomer is found during it and after it."""
    a, b = lab.hosts("a", "b")
    mallory = lab.add_host("m")
    node = start(a)
    announced_name(node)
    memory, processor = node.memory_kib(), node.cpu_seconds()
    flood = mallory.start(["python3", mdns.__file__, "flood", kind, str(count), str(rate)])
    during = start(b, 47002)
    sees(node, announced_name(during, within=30), within=40)
    flood.wait_for("sent ", within=40)
    after = start(b, 47003)
    name = announced_name(after, within=30)
    sees(node, name, within=40)
    share = (node.cpu_seconds() - processor) / (time.monotonic() - node.started)
    grown = node.memory_kib() - memory
    expect(grown < MEMORY_KIB_MAX, f"memory grew by {grown} KiB")
    expect(share < CORE_SHARE_MAX, f"took {share:.0%} of a core")
    told = ask(node, "status")
    mark = node.mark
    after.write("stop\n")
    node.wait_for(f"lost {name}", since=mark)
    expect("discovery is running" in told, told)
    counts = told.split("; ")[-1]
    return f"{share:.1%} of a core, {grown:+} KiB; {counts}; {milliseconds_to_see(node, name, after)}"


def milliseconds_to_see(node, name, other):
    line = next(line for line in node.lines if f"sighted {name} " in line.text)
    return f"newcomer after {milliseconds(line, other)} ms"


for kind, sentence in {
    "plain": "2,000 well-formed instances of one host",
    "unanswered": "2,000 instances that nobody can resolve",
    "spread": "2,000 instances, each on a host of its own",
    "odd": "names with dots, NUL, HTML and bidi, huge texts, port 0, loopback addresses",
    "flapping": "instances that come and go a thousand times",
    "garbage": "2,000 packets with something wrong in each",
}.items():
    story(f"hostile-{kind}", sentence, 150)(lambda lab, kind=kind: flooded(lab, kind))
