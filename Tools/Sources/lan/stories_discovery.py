"""Stories about discovery alone, told with the tool `sightings` on every host."""

import re
import time

import mdns
from process import Mistake
from processes import awaited
from story import expect, story

ANNOUNCED_AGAIN_SECONDS = 10
# How long a story waits for what takes milliseconds: it ends long after a busy machine would have done it.
PATIENCE_SECONDS = 20
NAME = re.compile(r"publication: announced as ([0-9a-f]{16})$")


def start(host, port=47000, office="office", user=None):
    """A node that announces a port, unless that is None, and tells what it sees."""
    command = ["sightings", "--office", office]
    return host.start(command + (["--port", str(port)] if port else []), user=user)


def announced_name(node, within=ANNOUNCED_AGAIN_SECONDS, since=0):
    """Waits until the node is announced; gives its name."""
    return NAME.search(node.wait_for(lambda text: NAME.search(text), within, since).text).group(1)


def sees(node, name, within=PATIENCE_SECONDS, since=0, family=None):
    """Waits until the node has sighted a name; gives the line."""

    def wanted(text):
        if f"sighted {name} " not in text:
            return False
        return family is None or ("[" in text) == (family == 6)

    return node.wait_for(wanted, within, since)


def milliseconds(line, process):
    return round((line.moment - process.started) * 1000)


def ask(node, command):
    """Types a command; gives the line it answers with."""
    mark = node.mark
    node.write(command + "\n")
    return node.wait_for("status: ", PATIENCE_SECONDS, since=mark).text


@story("both-ways", "two hosts find each other by IPv4 and IPv6")
def both_ways(lab):
    a, b = lab.hosts("a", "b")
    first = start(a, 47001)
    name = announced_name(first)
    second = start(b, 47002)
    found = sees(second, name)
    for family in (4, 6):
        expect(sees(second, name, family=family).text.endswith("recognised"), "not recognised")
    expect(f"{a.address}:47001" in sees(second, name, family=4).text, "another address")
    seen_back = sees(first, announced_name(second))
    expect("sighted" not in seen_back.text or "recognised" in seen_back.text, "not recognised")
    took = milliseconds(found, second)
    own = [line.text for line in first.lines if f"sighted {name}" in line.text]
    expect(not own, "the node sees itself")
    return f"found after {took} ms, seen after {milliseconds(seen_back, second)} ms"


@story("strangers", "another office's node is sighted, but not recognised")
def strangers(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a, office="north"), start(b, office="south")
    line = sees(second, announced_name(first)).text
    expect(line.endswith("stranger"), f"taken for one of ours: {line}")


@story("two-on-one-host", "two OS users on one host find each other")
def two_on_one_host(lab):
    (a,) = lab.hosts("a")
    first, second = start(a, 47001, user="anna"), start(a, 47002, user="ben")
    expect(":47001 " in sees(second, announced_name(first)).text, "another port")
    expect(":47002 " in sees(first, announced_name(second)).text, "another port")


@story("off-and-on", "a host is switched off and on: lost, then found under a new name")
def off_and_on(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    sees(first, name)
    b.power_off()
    b.power_on()
    again = announced_name(start(b))
    expect(again != name, "the name of the former boot")
    line = sees(first, again)
    return f"seen again {round((line.moment - first.started) * 1000)} ms after the first start"


@story("clean-stop", "a node that stops is gone for the others at once")
def clean_stop(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    sees(first, name)
    second.write("stop\n")
    expect(second.wait() == 0, "no clean end")
    return first.wait_for(f"lost {name}").text.split(" ", 1)[1]


@story("new-address", "a host gets another address and is found there")
def new_address(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b, 47002)
    name = announced_name(second)
    sees(first, name, family=4)
    b.set_address("10.77.1.99")
    for _ in range(10):
        mark = first.mark
        first.write("refresh\n")
        try:
            if "10.77.1.99:47002" in sees(first, name, within=1.5, since=mark, family=4).text:
                return "after a refresh"
        except Mistake:
            continue
    raise Mistake("never seen at its new address")


@story("text-update", "what a node says of itself changes under the same name, without a gap")
def text_update(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b, 47002)
    name = announced_name(second)
    sees(first, name)
    mark, quiet = first.mark, second.mark
    second.write("announce 47002\n")
    second.write("status\n")
    expect(f"announced as {name}" in ask(second, "status"), "another name")
    second.write("announce 47003\n")
    expect(announced_name(second, since=quiet) == name, "another name for another port")
    # What changed is on its way when this one asks for the first time.
    for _ in range(10):
        first.write("refresh\n")
        try:
            first.wait_for(":47003 ", within=1.5, since=mark)
            return
        except Mistake:
            continue
    raise Mistake("never seen with its new port")


@story("avahi-absent", "Avahi is absent at the start, and discovery begins when it comes")
def avahi_absent(lab):
    (a,) = lab.hosts("a")
    b = lab.add_host("b")
    b.start_dbus()
    name = announced_name(start(a))
    node = start(b)
    node.wait_for("state: Avahi is not running")
    b.start_avahi()
    ready = time.monotonic()
    sees(node, name)
    announced_name(node)
    return f"announced {time.monotonic() - ready:.1f} s after Avahi was ready"


@story("bus-absent", "D-Bus is absent at the start, and discovery begins when it comes")
def bus_absent(lab):
    b = lab.add_host("b")
    node = start(b)
    node.wait_for("state: the system bus cannot be reached")
    b.start_dbus()
    node.wait_for("state: Avahi is not running")
    b.start_avahi()
    ready = time.monotonic()
    announced_name(node)
    return f"announced {time.monotonic() - ready:.1f} s after Avahi was ready"


@story("avahi-killed", "Avahi is killed and started again, twice", seconds=90)
def avahi_killed(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    times = []
    for _ in range(2):
        mark = second.mark
        b.avahi.kill()
        second.wait_for("state: Avahi is not running", since=mark)
        b.start_avahi()
        ready = time.monotonic()
        expect(announced_name(second, since=mark) == name, "another name")
        times.append(time.monotonic() - ready)
        sees(second, announced_name(first), since=mark)
    expect(max(times) < ANNOUNCED_AGAIN_SECONDS, f"announced again only after {times}")
    return f"announced again after {max(times):.1f} s"


@story("avahi-stopped", "Avahi is stopped properly, and started again a while later")
def avahi_stopped(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    sees(first, name)
    mark = first.mark
    b.avahi.stop()
    second.wait_for("state: Avahi is not running")
    first.wait_for(f"lost {name}", since=mark)
    b.start_avahi()
    sees(first, name, since=mark, within=ANNOUNCED_AGAIN_SECONDS)


@story("bus-killed", "D-Bus dies and takes Avahi with it; both come back")
def bus_killed(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    mark = second.mark
    b.dbus.kill()
    second.wait_for("state: the system bus cannot be reached", since=mark)
    b.avahi.kill()
    b.start_dbus()
    b.start_avahi()
    ready = time.monotonic()
    expect(announced_name(second, since=mark) == name, "another name")
    sees(second, announced_name(first), since=mark)
    return f"announced again after {time.monotonic() - ready:.1f} s"


@story("avahi-frozen", "Avahi hangs: that is shown, stopping does not hang, thawing heals")
def avahi_frozen(lab):
    a, b = lab.hosts("a", "b")
    first, second, third = start(a), start(b, 47002), start(b, 47003)
    name = announced_name(first)
    for node in (second, third):
        sees(node, name)
        announced_name(node)
    b.avahi.freeze()
    for node in (second, third):
        node.write("refresh\n")
    until(lambda: "does not answer" in ask(second, "status"), PATIENCE_SECONDS, "shown as running")
    late = start(b, 47004)
    late.write("stop\n")
    expect(late.wait() == 0, "no clean end of one that began meanwhile")
    asked = time.monotonic()
    third.write("stop\n")
    expect(third.wait() == 0, "no clean end")
    took = time.monotonic() - asked
    b.avahi.thaw()
    until(lambda: "discovery is running" in ask(second, "status"), PATIENCE_SECONDS, "not running again")
    until(lambda: "announced as" in ask(second, "status"), PATIENCE_SECONDS, "not announced again")
    return f"stopped after {took:.1f} s"


@story("avahi-frozen-long", "Avahi hangs for longer than D-Bus waits, and is then thawed", 120)
def avahi_frozen_long(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    name = announced_name(second)
    sees(second, announced_name(first))
    b.avahi.freeze()
    second.write("refresh\n")
    second.wait_for("state: connecting to Avahi again", within=40)
    mark = second.mark
    until(lambda: "does not answer" in ask(second, "status"), PATIENCE_SECONDS, "not shown")
    b.avahi.thaw()
    thawed = time.monotonic()
    expect(announced_name(second, since=mark) == name, "another name")
    return f"announced again {time.monotonic() - thawed:.1f} s after the thaw"


@story("bus-frozen", "D-Bus hangs: that is shown, stopping does not hang, thawing heals")
def bus_frozen(lab):
    a, b = lab.hosts("a", "b")
    first, second, third = start(a), start(b, 47002), start(b, 47003)
    for node in (second, third):
        sees(node, announced_name(first))
    b.dbus.freeze()
    for node in (second, third):
        node.write("refresh\n")
    until(lambda: "does not answer" in ask(second, "status"), PATIENCE_SECONDS, "shown as running")
    asked = time.monotonic()
    third.write("stop\n")
    expect(third.wait() == 0, "no clean end")
    took = time.monotonic() - asked
    b.dbus.thaw()
    until(lambda: "discovery is running" in ask(second, "status"), PATIENCE_SECONDS, "not running again")
    return f"stopped after {took:.1f} s"


@story("name-collision", "somebody claims a node's name: it takes a new random one")
def name_collision(lab):
    a, b = lab.hosts("a", "b")
    c = lab.add_host("c")
    first, second = start(a), start(b)
    name = announced_name(second)
    sees(first, name)
    mark = second.mark
    # Conflicting unique records: the holder must give way or defend; Avahi reports a collision.
    c.run(["python3", mdns.__file__, "claim", name, "20"])
    again = announced_name(second, since=mark)
    expect(again != name and re.fullmatch("[0-9a-f]{16}", again), f"now {again}")
    sees(first, again)


@story("few-objects", "Avahi allows few objects to a client: one after the other is resolved")
def few_objects(lab):
    a, b = lab.hosts("a", "b", discovery=False)
    a.configure_avahi(server="objects-per-client-max=3")
    for host in (a, b):
        host.start_dbus()
        host.start_avahi()
    nodes = [start(b, 47100 + number) for number in range(12)]
    names = [announced_name(node) for node in nodes]
    node = start(a)
    for name in names:
        sees(node, name)


@story("publishing-forbidden", "Avahi forbids announcing: that is shown, and browsing goes on")
def publishing_forbidden(lab):
    (a,) = lab.hosts("a")
    b = lab.add_host("b")
    b.start_dbus()
    b.configure_avahi(server="[publish]\ndisable-user-service-publishing=yes\n[server]")
    b.start_avahi()
    name = announced_name(start(a))
    node = start(b)
    sees(node, name)
    return node.wait_for("publication: not announced: ").text.split(" ", 1)[1]


@story("quiet", "a node that has nothing to do sleeps")
def quiet(lab):
    a, b = lab.hosts("a", "b")
    first, second = start(a), start(b)
    sees(first, announced_name(second)), sees(second, announced_name(first))
    time.sleep(3)
    before, began = first.wakeups(), time.monotonic()
    time.sleep(10)
    rate = (first.wakeups() - before) / (time.monotonic() - began)
    expect(rate <= 1, f"{rate:.1f} wake-ups a second")
    return f"{rate:.1f} wake-ups a second"


def until(truth, seconds, sentence):
    """Waits until something is true, asking four times a second."""
    expect(awaited(truth, seconds, 0.25), sentence)
