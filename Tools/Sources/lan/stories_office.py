"""Stories about an office of real nodes: `zurufd` on hosts that find each other by mDNS, and what
`zuruf` says there. Times are printed, not judged, except where a limit is promised."""

import json
import os
import re
import time

import mdns
from processes import awaited
from story import expect, story

LINKED_AGAIN_SECONDS = 5
# How long a story waits for what the network does by itself; the machine may be busy.
PATIENCE_SECONDS = 30
TICKET = re.compile(r"zr1-ticket-[a-z2-7]+")


class Node:
    """A node on a host, with data that outlive the host's power, and its `zuruf`."""

    def __init__(self, host, user=None, options=(), name=None):
        self.host, self.user, self.options = host, user, list(options)
        home = os.path.join(host.folder, "home", user or "root")
        self.name = name or user or host.name
        self.places = ["--home", f"{home}/data", "--state", f"{home}/state"]
        # A service's socket has a path for the whole computer; a user's one of its own.
        self.socket = f"{home}/control"
        self.daemon = None
        self.start()

    def forget(self):
        """Takes from a stopped node where it reached others."""
        self.host.run(["rm", f"{self.places[1]}/addresses"])

    def start(self):
        """Starts the daemon and waits until `zuruf` reaches it; gives the moment of the exec."""
        # The hosts share /etc with this computer, whose own node may be configured there.
        command = ["zurufd", "--config", "/dev/null", *self.places, "--socket", self.socket]
        command += self.options
        self.daemon = self.host.start(command, user=self.user, name=f"{self.name}-zurufd")
        until(lambda: self.zuruf("status", check=False).status != 3, 15, "no node answers")
        return self.daemon.started

    def zuruf(self, *words, check=True, within=45, input=None):
        return self.host.run(
            ["zuruf", "--socket", self.socket, *words], user=self.user, check=check,
            within=within, input=input,
        )  # fmt: skip

    def json(self, *words, check=True):
        """The lines that `zuruf --json` prints, as objects."""
        out = self.zuruf("--json", *words, check=check).out
        return [json.loads(line) for line in out.splitlines()]

    def status(self):
        return self.json("status")[0]

    def linked(self):
        """Names of the devices this node is linked to."""
        return {peer["device"]["name"] for peer in self.status()["peers"] if peer["linked"]}

    def reads(self, text, group="everyone", check=False):
        """How many messages of a group have this text; `check` makes a read that fails a mistake."""
        return sum(m.get("text") == text for m in self.json("read", group, check=check))

    def send(self, text, to="everyone"):
        return self.zuruf("send", to, text)

    def ticket(self, *options):
        return TICKET.search(self.zuruf("ticket", "new", *options).out).group(0)

    def join(self, ticket, name=None):
        name = name or self.name.capitalize()
        self.zuruf("join", ticket, "--name", name, "--device", self.name)
        return self


def until(truth, seconds, sentence):
    """Waits until something is true, asking ten times a second; gives how long it took."""
    began = time.monotonic()
    expect(awaited(truth, seconds, 0.1), f"{sentence} within {seconds} s")
    return time.monotonic() - began


def has(node, text, within=PATIENCE_SECONDS, group="everyone"):
    """Waits until a node shows a message, once; gives how long it took."""
    took = until(lambda: node.reads(text, group), within, f'{node.name} does not show "{text}"')
    count = node.reads(text, group, check=True)
    expect(count == 1, f'{node.name} shows "{text}" {count} times')
    return took


def linked(node, *others, within=PATIENCE_SECONDS):
    names = {other.name for other in others}
    sentence = f"{node.name} is not linked to {', '.join(sorted(names))}"
    return until(lambda: names <= node.linked(), within, sentence)


def sources(node, other):
    """By what a node knows the addresses of another."""
    peers = {peer["device"]["name"]: peer for peer in node.status()["peers"]}
    return {each["source"] for each in peers[other.name]["addresses"]}


def checks(node, **verdicts):
    """What doctor finds, by name; the verdicts of some are as given."""
    found = {check["name"]: check for check in node.json("doctor", check=False)}
    for name, verdict in verdicts.items():
        expect(found[name]["verdict"] == verdict, f"doctor says {found[name]}, not {verdict}")
    return found


def office(host, **settings):
    """An owner's node with a new office."""
    node = Node(host, **settings)
    node.zuruf("office", "new", "Kontor", "--name", node.name.capitalize(), "--device", node.name)
    return node


def office_of(hosts, **settings):
    """An office whose owner is on the first host, and a member's node on each other."""
    owner = office(hosts[0], **settings)
    ticket = owner.ticket("--uses", "9")
    return [owner] + [Node(host, **settings).join(ticket) for host in hosts[1:]]


def s(*seconds):
    return ", ".join(f"{value:.1f}" for value in seconds) + " s"


@story("office", "three hosts find each other, and what one writes the others read")
def three(lab):
    nodes = office_of(lab.hosts("anna", "ben", "carla"))
    # Here as in all stories of one segment no host has a way to the internet.
    expect(not nodes[0].host.run(["ip", "route", "show", "default"]).out, "a default route")
    for node in nodes:
        linked(node, *(other for other in nodes if other is not node))
    times = []
    for node in nodes:
        node.send(f"from {node.name}")
        times.append(max(has(other, f"from {node.name}", 5) for other in nodes))
    # They may have met and talked before Avahi, which probes first, announces anybody.
    until(
        lambda: "mdns" in {a["source"] for node in nodes for p in node.status()["peers"]
                           for a in p["addresses"]},
        10, "nobody is found by mDNS")  # fmt: skip
    direct = nodes[0]
    direct.send("for two", to="@Ben")
    has(nodes[1], "for two", 5, group="@Anna")
    expect(not nodes[2].reads("for two", "@Anna"), "carla reads what is for ben")
    return f"shown everywhere after {s(*times)}"


@story("office-first-link", "a node starts beside a running one: exec to authenticated link")
def first_link(lab):
    a, b = office_of(lab.hosts("anna", "ben"))
    linked(b, a)
    times = []
    for number in range(3):
        b.daemon.stop()
        until(lambda: "ben" not in a.linked(), 10, "ben is not gone")
        # Nothing is remembered that leads anywhere, here or there: discovery alone finds the other.
        b.forget()
        b.host.set_address(f"10.77.1.{100 + number}")
        started = b.start()
        linked(b, a)
        times.append(time.monotonic() - started)
        # The other may have heard of this one and called first: whoever did says how.
        until(lambda: "mdns" in sources(b, a) | sources(a, b), PATIENCE_SECONDS, "none was found by mDNS")
    return f"{s(*times)}, asked through zuruf"


@story("office-off-and-on", "a host off and on again catches up while the author is off", 90)
def off_and_on(lab):
    hosts = lab.hosts("anna", "ben", "carla")
    a, b, c = office_of(hosts)
    linked(b, a, c)
    c.host.power_off()
    for number in range(5):
        a.send(f"while carla sleeps {number}")
    has(b, "while carla sleeps 4")
    a.host.power_off()
    c.host.power_on()
    started = c.start()
    for number in range(5):
        has(c, f"while carla sleeps {number}")
    took = time.monotonic() - started
    c.send("back again")
    has(b, "back again")
    a.host.power_on()
    a.start()
    has(a, "back again")
    return f"caught up {s(took)} after its start"


@story("office-newcomer", "a newcomer joins while the owner is off, then meets the owner alone", 90)
def newcomer(lab):
    hosts = lab.hosts("anna", "ben", "carla")
    a, b = office_of(hosts[:2])
    linked(a, b)
    ticket = a.ticket()
    a.send("before carla")
    has(b, "before carla")
    until(lambda: len(b.json("member")) == 2, PATIENCE_SECONDS, "ben does not know two members")
    a.daemon.stop()
    c = Node(hosts[2])
    began = time.monotonic()
    c.join(ticket)
    joined = time.monotonic() - began
    c.send("hello from carla")
    has(b, "hello from carla")
    b.daemon.stop()
    started = a.start()
    has(a, "hello from carla")
    met = time.monotonic() - started
    a.send("welcome")
    has(c, "welcome")
    return f"admitted in {s(joined)}, met the owner {s(met)} after its start"


@story("office-two-users", "two people on one host, each with a node, and one on another host")
def two_users(lab):
    first, second = lab.hosts("pc", "other")
    a = office(first, user="anna")
    ticket = a.ticket("--uses", "2")
    b = Node(first, user="ben").join(ticket)
    c = Node(second, name="carla").join(ticket)
    linked(a, b, c)
    linked(b, c)
    ports = {node.status()["listening"][0].rsplit(":", 1)[1] for node in (a, b)}
    expect(len(ports) == 2, f"both on port {ports}")
    checks(a, port="ok", interfaces="ok")
    # Another port than the usual one needs nothing as long as others come in by it. Who of two opens
    # their link is chance, so only carla can.
    second.block(port=47474)
    c.daemon.stop()
    c.start()
    linked(b, c)
    told = checks(b, port="ok", interfaces="ok")
    second.unblock()
    expect("other computers reach it" in told["port"]["finding"], f"doctor says {told['port']}")
    c.send("to both")
    times = s(has(a, "to both"), has(b, "to both"))
    # Without a network it is the cable that doctor speaks of.
    first.run(["ip", "link", "set", "eth0", "down"])
    told = checks(a, interfaces="warning")["interfaces"]
    expect("cable" in told["advice"], f"doctor says {told}")
    return f"ports {', '.join(sorted(ports))}; shown after {times}"


@story("office-hostile", "spoofed and 2,000 hostile records while people write", 90)
def hostile(lab):
    hosts = lab.hosts("anna", "ben")
    a, b = office_of(hosts)
    mallory = lab.add_host("mallory")
    linked(a, b)
    # The right hint, heard on the network by anybody, with an address where nobody is.
    spoof = mallory.start(["python3", mdns.__file__, "echo", "10.77.1.250"])
    floods = [
        mallory.start(["python3", mdns.__file__, "flood", kind, "1000", "400"])
        for kind in ("spread", "odd")
    ]
    times = []
    for number in range(8):
        a.send(f"in the flood {number}")
        times.append(has(b, f"in the flood {number}", 10))
    for flood in floods:
        flood.wait_for("sent ", within=30)
    b.daemon.stop()
    b.forget()
    b.host.set_address("10.77.1.100")
    started = b.start()
    spoof.wait_for("echoed ", within=PATIENCE_SECONDS)
    linked(b, a)
    took = time.monotonic() - started
    linked(a, b)
    until(lambda: "mdns" in sources(b, a) | sources(a, b), PATIENCE_SECONDS, "none was found by mDNS")
    b.send("found all the same")
    has(a, "found all the same")
    return f"shown after {s(max(times))} at most; linked {s(took)} after a start amid it all"


@story("office-new-address", "a host gets another address and is linked again")
def new_address(lab):
    a, b = office_of(lab.hosts("anna", "ben"))
    linked(a, b)
    linked(b, a)
    b.host.set_address("10.77.1.99")
    changed = time.monotonic()
    b.send("from another address")
    has(a, "from another address", LINKED_AGAIN_SECONDS)
    linked(b, a, within=LINKED_AGAIN_SECONDS)
    return f"message over after {s(time.monotonic() - changed)}"


@story("office-routed", "a segment without multicast: a seed line and a keeper join both", 90)
def routed(lab):
    a, b, box = lab.hosts("anna", "ben", "box")
    (x,) = lab.hosts("xaver", segment="annex")
    lab.route("office", "annex")
    owner, member = office_of([a, b])
    keeper = Node(box)
    keeper.zuruf("join", owner.ticket("--box", "--keeper", "--name", "Box"), "--device", "box")
    linked(keeper, owner, member)
    guest = Node(x, options=["--seed", keeper.host.address])
    guest.join(owner.ticket())
    guest.daemon.stop()
    # The ticket named the owner's address. From here on the one seed line must do: nothing of this
    # PC's reaches anyone of the other segment but the keeper.
    for host in (a, b):
        host.block(source=x.address)
    guest.start()
    linked(guest, keeper)
    member.send("from the office")
    there = has(guest, "from the office")
    guest.send("from the annex")
    back = has(member, "from the annex")
    expect(guest.linked() == {"box"}, f"the guest is linked to {sorted(guest.linked())}")
    for node in (owner, member):
        node.daemon.stop()
    sent = guest.json("send", "everyone", "while the office sleeps")[0]["entry"]
    until(lambda: held_by(guest, sent, "box"), 10, "the keeper does not hold it")
    guest.daemon.stop()
    member.start()
    kept = has(member, "while the office sleeps")
    expect(not keeper.reads("while the office sleeps"), "the keeper reads")
    return f"shown after {s(there)} and {s(back)}; through the keeper {s(kept)}"


def held_by(node, entry, device):
    devices = node.json("delivery", entry)[0]["devices"]
    return any(d["device"]["name"] == device and d["holds"] for d in devices)


@story("office-blocked", "a blocked port beyond a router is named by doctor", 90)
def blocked(lab):
    a, x = lab.hosts("anna", "ben")[0], lab.hosts("xaver", segment="annex")[0]
    lab.route("office", "annex")
    owner = office(a)
    guest = Node(x, options=["--seed", owner.host.address]).join(owner.ticket())
    linked(guest, owner)

    def named():
        """What doctor says against the owner's address and port."""
        checks = [c for c in guest.json("doctor", check=False) if c["verdict"] != "ok"]
        port = [c for c in checks if "47474" in c["finding"] + c.get("advice", "")]
        return [c for c in port if a.address in c["name"]]

    expect(not named(), "doctor finds fault with an open port")
    a.block(port=47474)
    guest.daemon.stop()
    guest.start()
    until(named, 20, "doctor does not name the port")
    told = named()[0]
    a.unblock()
    again = linked(guest, owner)
    words = f"{told['name']}: {told['finding']} - {told['advice']}"
    return f'"{words}"; linked {s(again)} after it was opened'


@story("office-removed", "a member is removed, and reads nothing that is written after it")
def removed(lab):
    a, b, c = office_of(lab.hosts("anna", "ben", "carla"))
    linked(a, b, c)
    a.send("with carla")
    has(c, "with carla")
    a.zuruf("member", "remove", "@Carla", "--yes")
    a.send("without carla")
    has(b, "without carla")
    b.send("nor from ben")
    has(a, "nor from ben")
    until(lambda: c.status()["standing"] == "removed", 10, "carla is not told")
    expect(not c.reads("without carla") and not c.reads("nor from ben"), "carla still reads")
    # Carla's node may take what it cannot deliver; nobody else must see it.
    c.zuruf("send", "everyone", "from carla after all", check=False)
    a.send("later than that")
    has(b, "later than that")
    seen = a.reads("from carla after all") + b.reads("from carla after all")
    expect(not seen, "others read what carla writes after her removal")
