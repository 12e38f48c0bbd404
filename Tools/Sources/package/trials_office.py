"""Trials of several computers: what the README says to type, with what the packages installed."""

import json
import time

from process import Mistake
from processes import awaited
from prove import trial
from world import expect

PATIENCE_SECONDS = 40


def until(truth, sentence, seconds=PATIENCE_SECONDS):
    """Waits for what the network does by itself."""
    expect(awaited(truth, seconds, 0.1), sentence)


def logs_in(machine, person):
    """A login, as one at a screen: the person's service manager starts with it."""
    machine.run(["systemd-run", "--quiet", f"--uid={person}", "--property=PAMName=login",
                 f"--unit=login-{person}", "sleep", "infinity"])  # fmt: skip
    runtime = f"/run/user/{machine.people[person]}/systemd/private"
    until(lambda: machine.run(["test", "-S", runtime], check=False).status == 0,
          f"{person} has no service manager")  # fmt: skip


def objects(process, kind):
    lines = [json.loads(line) for line in process.text().splitlines()]
    return [each for each in lines if each["type"] == kind]


def first(process, kind):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not objects(process, kind):
        if not process.runs or time.monotonic() > deadline:
            raise Mistake(f"{process.name} prints no {kind}: {process.text('stderr')[-300:]}")
        time.sleep(0.05)
    return objects(process, kind)[0]


def reads(machine, person, text):
    said = machine.run(["zuruf", "read", "Werkstatt"], user=person, check=False).out
    return text in said


@trial("start", "a person opens Zuruf: the node starts, at every login too, and a hint says how")
def start(world):
    anna, ben = world.anna, world.ben
    for machine, person in ((anna, "anna"), (ben, "ben")):
        logs_in(machine, person)
    told = anna.run(["zuruf"], user="anna", check=False)
    expect(told.status == 3 and "systemctl --user enable --now zuruf" in told.err,
           f"no way on: {told.err}")  # fmt: skip
    link = anna.run(["zuruf", "open", "--print"], user="anna")
    expect(link.out.startswith("http://127.0.0.1:"), f"no link: {link.out}")
    expect("it runs now" in link.err, f"not said that it runs: {link.err}")
    ben.run(["systemctl", "--user", "enable", "--now", "zuruf"], user="ben")
    # Both leave at once; only ben asked for a node that runs without him.
    ben.run(["loginctl", "enable-linger", "ben"])
    for machine in (anna, ben):
        machine.run(["systemctl", "stop", f"login-{machine.name.removeprefix('pc-')}"])
    until(lambda: not anna.listening(), "the node outlives its person's last session")
    expect(ben.listening(), "the node that was to stay went with its person")
    logs_in(anna, "anna")
    until(lambda: anna.listening(), "the node does not start at login")
    # Only the page's port is this computer's alone; the node's is for the office.
    for line in anna.listening():
        expect("127.0.0.1:474" in line or "[::1]:474" in line or ":47474 " in line, line)
    return None


@trial("lines", "the README's lines make an office of two computers, by six digits")
def lines(world):
    anna, ben = world.anna, world.ben
    until(lambda: anna.run(["zuruf", "status"], user="anna", check=False).status == 0,
          "anna's node does not answer")  # fmt: skip
    anna.run(["zuruf", "office", "new", "Müller GmbH", "--name", "Anna Weber"], user="anna")
    anna.run(["zuruf", "group", "new", "Werkstatt"], user="anna")
    admit = anna.start(["zuruf", "--json", "admit", "-g", "Werkstatt"], user="anna")
    first(admit, "door")
    began = time.monotonic()
    join = ben.start(["zuruf", "--json", "join", "--door", "Müller GmbH", "--name", "Ben Vogel"], user="ben")
    knock, request = first(join, "knock"), first(admit, "request")
    expect(knock["digits"] == request["digits"], "the digits differ")
    anna.run(["zuruf", "admit", "--digits", knock["digits"], "-g", "Werkstatt"], user="anna")
    expect(join.wait(PATIENCE_SECONDS) == 0, f"ben is not in: {join.text('stderr')[-300:]}")
    anna.run(["zuruf", "send", "Werkstatt", "Die", "Presse", "steht"], user="anna")
    until(lambda: reads(ben, "ben", "Anna Weber: Die Presse steht"), "ben does not read it")
    ben.run(["zuruf", "send", "Werkstatt", "Ich komme"], user="ben")
    until(lambda: reads(anna, "anna", "Ben Vogel: Ich komme"), "anna does not read it")
    return f"both read each other {time.monotonic() - began:.1f} s after the knock"


@trial("box", "a box joins by the ticket in /etc/zuruf, which is nobody's to read and then gone")
def box(world):
    anna, box = world.anna, world.box
    ticket = "/etc/zuruf/ticket"
    # What is no ticket stays, and the log says why.
    box.run(["sh", "-c", f"echo nonsense > {ticket}"])
    box.run(["systemctl", "start", "zurufd"])
    said = box.journal("--unit=zurufd")
    expect(f'the ticket in "{ticket}" cannot be used' in said, f"not told: {said[-300:]}")
    box.run(["test", "-f", ticket])
    line = anna.run(["zuruf", "ticket", "new", "--box", "--name", "Lager"], user="anna").out
    box.run(["sh", "-c", f"umask 022; rm {ticket}; cat > {ticket}"], input=line)
    looked = box.run(["cat", ticket], user="admin", check=False)
    expect(looked.status == 1, "anybody can read the ticket")
    box.run(["systemctl", "restart", "zurufd"])
    until(lambda: box.run(["test", "-e", ticket], check=False).status == 1, "the ticket is there")
    until(lambda: "Lager" in box.run(["zuruf", "status"], check=False).out, "the box is not in")
    expect(line.strip() not in box.journal(), "the log tells the ticket")
    refused = box.run(["zuruf", "status"], user="admin", check=False)
    expect(refused.status == 5 and "adduser" in refused.err, f"anybody may: {refused.err}")
    box.run(["adduser", "--quiet", "admin", "zuruf"])
    box.run(["zuruf", "status"], user="admin")
    box.run(["zuruf-inspect", "verify"])
    return closed(box)


def closed(box):
    """What the service's process may do."""
    process = box.properties("zurufd")["MainPID"]
    status = dict(
        line.split(":\t", 1)
        for line in box.run(["cat", f"/proc/{process}/status"]).out.splitlines() if ":\t" in line
    )  # fmt: skip
    user = box.run(["id", "--user", "zuruf"]).out.strip()
    expect(status["Uid"].split() == [user] * 4, f"it runs as {status['Uid']}")
    expect(status["CapBnd"].strip("0") == "", f"it could have {status['CapBnd']}")
    expect(status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", "it is not confined")
    modes = box.run(["stat", "--format=%a %U", "/var/lib/zuruf", "/run/zuruf"]).out.split("\n")
    expect(modes[:2] == ["700 zuruf", "750 zuruf"], f"modes {modes}")
    return None
