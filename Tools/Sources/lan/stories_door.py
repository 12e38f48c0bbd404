"""Stories about joining by six digits: a door that is held open on one host, found by mDNS from
others that belong to no office yet."""

import json
import re
import time

from process import Mistake
from stories_office import Node, has, linked, office, s, until
from story import expect, story

DIGITS = re.compile(r"^ +(\d{3} \d{3})$", re.M)
# From the knock to the newcomer being in, machine time: a person compares in between.
JOINED_SECONDS = 5


class Zuruf:
    """A `zuruf` that goes on running, as one in a terminal does."""

    def __init__(self, node, *words):
        command = ["zuruf", "--socket", node.socket, *words]
        self.process = node.host.start(command, user=node.user, name=f"{node.name}-{words[-1]}")

    def objects(self, kind):
        lines = [json.loads(line) for line in self.process.text().splitlines()]
        return [each for each in lines if each["type"] == kind]

    def first(self, kind, within=10):
        until(lambda: self.objects(kind), within, f"no {kind} is printed")
        return self.objects(kind)[0]

    def ended(self, within=10):
        self.process.wait(within)
        return self.process.status


def holds(node):
    """The door of a node, held open by a program that tells who knocks."""
    admit = Zuruf(node, "--json", "admit", "--stay")
    admit.first("door")
    return admit


def knocks(node, *how, name=None):
    """A newcomer at a door; gives the program that waits, and the digits on its screen."""
    name = name or node.name.capitalize()
    words = ["--json", "join", *how, "--name", name, "--device", node.name]
    join = Zuruf(node, *words)
    return join, join.first("knock", 15)


def seen(admit, name):
    """The request of that name on the sponsor's screen."""
    def newest():
        return [each for each in admit.objects("request") if each["name"] == name]

    until(newest, 20, f"the sponsor does not see {name}")
    return newest()[-1]


def admitted(sponsor, admit, join, knock, name, *options):
    """The sponsor says yes to who shows these digits; gives how long it took until both were told."""
    expect(seen(admit, name)["digits"] == knock["digits"], "the digits differ")
    began = time.monotonic()
    sponsor.zuruf("admit", "--digits", knock["digits"], *options)
    expect(join.ended() == 0, "the newcomer is not in")
    return time.monotonic() - began


@story("door", "three hosts: a door is opened, found by mDNS, and two newcomers come in", 90)
def door(lab):
    a_host, b_host, c_host = lab.hosts("anna", "ben", "carla")
    anna, ben, carla = office(a_host), Node(b_host), Node(c_host)
    # An office is in reach, but its door is closed: whoever looks learns that, and no name.
    refused = ben.zuruf("join", "--door", "Kontor", check=False)
    expect(refused.status == 6, f"status {refused.status} where no door is open")
    expect("none holds its door open" in refused.err, f"not said why: {refused.err}")
    expect("Kontor" not in refused.err and "Anna" not in refused.err, "a closed door tells a name")
    admit = holds(anna)
    opened = time.monotonic()
    join, knock = knocks(ben, "--door", "Kontor")
    found = time.monotonic() - opened
    expect(knock["office"] == "Kontor" and knock["sponsor"] == "Anna", f"another door: {knock}")
    took = admitted(anna, admit, join, knock, "Ben")
    expect(took < JOINED_SECONDS, f"in after {took:.1f} s")
    anna.send("willkommen")
    has(ben, "willkommen")
    # The second one looks by the sponsor's name, and is let in by the newcomer's digits alone.
    join, knock = knocks(carla, "--door", "Anna")
    again = admitted(anna, admit, join, knock, "Carla")
    linked(carla, anna, ben)
    carla.send("from carla")
    for node in (anna, ben):
        has(node, "from carla", 5)
    # With the program that holds it open the door goes, and nobody knocks any more.
    admit.process.stop()
    dora = Node(lab.host("dora"))
    refused = dora.zuruf("join", "--at", a_host.address, check=False)
    expect("nobody holds a door open" in refused.err, f"the door is open still: {refused.err}")
    return f"found {s(found)} after it was opened; in {s(took, again)} after the yes"


@story("door-no", "a no, a door that closes, and a host that goes away at the door", 90)
def no(lab):
    a_host, b_host = lab.hosts("anna", "ben")
    anna, ben = office(a_host), Node(b_host)
    at = ["--at", a_host.address]
    admit = holds(anna)
    join, knock = knocks(ben, *at)
    request = seen(admit, "Ben")
    anna_says(anna, request, False)
    expect(join.ended() == 1, "a no is no error")
    expect("said no" in join.process.text("stderr"), "the no is not told")
    join, knock = knocks(ben, *at)
    seen(admit, "Ben")
    admit.process.stop()
    expect(join.ended() == 1, "a closed door is no error")
    expect("the door was closed" in join.process.text("stderr"), "the closing is not told")
    admit = holds(anna)
    join, knock = knocks(ben, *at)
    # The newcomer's host loses its power: the sponsor is told, sooner or later, by the silence.
    ben.host.power_off()
    until(lambda: seen(admit, "Ben")["state"] == "gone", 60, "whoever is off stands at the door")
    tickets = anna.json("ticket")
    expect(not tickets, f"something is left over: {tickets}")
    return None


def anna_says(node, request, yes):
    """Answers a request over the local API, as a window does."""
    script = json.dumps({"id": 1, "jsonrpc": "2.0", "method": "admit.answer",
                         "params": {"request": request["id"], "yes": yes}})  # fmt: skip
    code = (
        "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
        "s.sendall(sys.argv[2].encode()+b'\\n'); print(s.recv(65536).decode())"
    )
    out = node.host.run(["/usr/bin/python3", "-c", code, node.socket, script], user=node.user).out
    if "error" in json.loads(out):
        raise Mistake(out)


@story("door-two", "two offices hold a door open at once, and a newcomer chooses", 90)
def two(lab):
    a_host, b_host, c_host = lab.hosts("anna", "ben", "carla")
    anna, ben, carla = office(a_host), Node(b_host), Node(c_host)
    ben.zuruf("office", "new", "Lager", "--name", "Ben", "--device", "ben")
    doors = [holds(anna), holds(ben)]
    until(lambda: unclear(carla), 20, "the doors of both are not seen")
    join, knock = knocks(carla, "--door", "Lager")
    expect(knock["sponsor"] == "Ben", f"another door: {knock}")
    admitted(ben, doors[1], join, knock, "Carla")
    linked(carla, ben)
    expect(not doors[0].objects("request"), "a look is shown as a knock")
    return None


def unclear(node):
    """Whether a look finds both doors: a name that neither has is answered with the list."""
    result = node.zuruf("join", "--door", "nobody", check=False)
    return result.status == 4 and "Kontor" in result.err and "Lager" in result.err


@story("door-blind", "where no multicast passes the address of the sponsor's host does", 60)
def blind(lab):
    lab.segment("office", multicast=False)
    a_host, b_host = lab.hosts("anna", "ben")
    anna, ben = office(a_host), Node(b_host)
    admit = holds(anna)
    refused = ben.zuruf("join", "--door", "Kontor", check=False)
    expect(refused.status == 6 and "--at ADDRESS" in refused.err, f"no way on: {refused.err}")
    join, knock = knocks(ben, "--at", a_host.address)
    took = admitted(anna, admit, join, knock, "Ben")
    linked(ben, anna)
    return f"in {s(took)} after the yes"
