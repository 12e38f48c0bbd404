"""Stories about what fails under an office: Avahi, D-Bus, a host that stands still, a network
without IPv4."""

import time

from stories_office import LINKED_AGAIN_SECONDS, Node, checks, has, linked, office, office_of, s
from stories_office import until
from story import expect, story

# Promised: how long a dead peer is believed to be there, and a service is missing on the network.
DEAD_PEER_SECONDS = 60
ANNOUNCED_AGAIN_SECONDS = 10
STANDSTILL_SECONDS = 130


def undiscovered(node):
    return any(state["word"] == "discovery-down" for state in node.status()["degraded"])


@story("office-avahi", "Avahi is frozen, killed and started again while people write", 90)
def avahi(lab):
    hosts = lab.hosts("anna", "ben", "carla")
    a, b, c = office_of(hosts)
    linked(a, b, c)
    linked(b, c)
    for host in hosts:
        host.avahi.freeze()
    a.send("frozen")
    frozen = max(has(node, "frozen", 5) for node in (b, c))
    c.daemon.stop()
    started = c.start()
    linked(c, a, b)
    remembered = time.monotonic() - started
    for host in hosts:
        host.avahi.thaw()
    until(lambda: not undiscovered(b), 15, "discovery stays down after the thaw")
    b.host.avahi.kill()
    told = until(lambda: undiscovered(b), 10, "no word of Avahi")
    advice = checks(b, avahi="failed")["avahi"]["advice"]
    expect("start avahi-daemon" in advice, f"doctor advises {advice}")
    b.send("killed")
    killed = max(has(node, "killed", 5) for node in (a, c))
    b.host.start_avahi()
    back = until(lambda: not undiscovered(b), 10, "discovery stays down")
    finding = checks(b, avahi="ok")["avahi"]["finding"]
    # The name that the network sees of the computer is not Zuruf's doing, but said.
    expect('"ben"' in finding, f"doctor does not tell of the computer's name: {finding}")
    return (
        f"shown after {s(frozen)} frozen, {s(killed)} killed; linked by remembered addresses "
        f"{s(remembered)} after the start; told after {s(told)}, back after {s(back)}"
    )


def loses_bus(lab, node, other):
    """A host loses D-Bus and with it Avahi; its node says so, goes on, and is announced again."""
    host = node.host
    host.dbus.kill()
    host.avahi.kill()
    until(lambda: undiscovered(node), 10, "no word of D-Bus")
    until(lambda: "system bus" in checks(node, avahi="failed")["avahi"]["finding"], 10,
          "doctor does not speak of the system bus")  # fmt: skip
    node.send("without a bus")
    has(other, "without a bus", 5)
    # A host whose Avahi remembers nothing of it sees the others and not this one.
    (witness,) = lab.hosts("witness")
    seen = witness.start(["sightings"], name="sightings")
    seen.wait_for(f" {other.host.address}:", within=10)
    expect(f" {host.address}:" not in seen.text(), "it is announced without Avahi")
    host.start_dbus()
    host.start_avahi()
    ready = time.monotonic()
    seen.wait_for(f" {host.address}:", within=ANNOUNCED_AGAIN_SECONDS)
    took = time.monotonic() - ready
    until(lambda: not undiscovered(node), 10, "discovery stays down")
    return took


@story("office-suspended", "a host stands still for 130 s while another loses its D-Bus", 220)
def suspended(lab):
    hosts = lab.hosts("anna", "ben", "carla")
    a, b, c = office_of(hosts)
    linked(a, b, c)
    b.host.freeze()
    stood = time.monotonic()
    a.send("while ben sleeps")
    has(c, "while ben sleeps", 5)
    announced = loses_bus(lab, c, a)
    left = DEAD_PEER_SECONDS - (time.monotonic() - stood)
    until(lambda: "ben" not in a.linked(), left, "anna believes ben to be there")
    gone = time.monotonic() - stood
    a.send("much later")
    time.sleep(max(0, STANDSTILL_SECONDS - (time.monotonic() - stood)))
    b.host.thaw()
    resumed = time.monotonic()
    linked(a, b, within=LINKED_AGAIN_SECONDS)
    took = time.monotonic() - resumed
    for text in ("while ben sleeps", "without a bus", "much later"):
        has(b, text, 5)
    b.send("ben is awake")
    has(c, "ben is awake", 10)
    return (f"gone after {s(gone)}, linked again {s(took)} after it went on; announced "
            f"{s(announced)} after Avahi was ready")  # fmt: skip


@story("office-link-local", "a seed with a link-local address and its interface, no IPv4")
def link_local(lab):
    a, b = lab.hosts("anna", "ben", discovery=False)
    for host in (a, b):
        host.run(["ip", "-4", "address", "flush", "dev", "eth0"])
    shown = a.run(["ip", "-6", "-o", "address", "show", "dev", "eth0", "scope", "link"]).out
    address = shown.split()[3].split("/")[0]
    seed = f"[{address}%eth0]:47474"
    owner = office(a, options=["--no-discovery"])
    guest = Node(b, options=["--no-discovery", "--seed", seed]).join(owner.ticket())
    linked(guest, owner)
    used = [each["address"] for peer in guest.status()["peers"] for each in peer["addresses"]
            if each["used"]]  # fmt: skip
    expect(used == [seed], f"the guest uses {used}")
    told = checks(guest, **{f"seed {seed}": "ok"})
    expect(told["avahi"]["verdict"] == "skipped", f"doctor says {told['avahi']}")
    guest.send("over the link alone")
    there = has(owner, "over the link alone", 5)
    # Nothing remembered: the seed leads there again.
    guest.daemon.stop()
    guest.forget()
    guest.start()
    again = linked(guest, owner)
    owner.send("and back")
    back = has(guest, "and back", 5)
    return f"shown after {s(there, back)}; linked again {s(again)} after a start"
