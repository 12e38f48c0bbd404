"""The part of the demo that tells itself: founded, talked in, slept through, proven equal."""

import os
import subprocess
import time

from control import Refused
from node import Trouble
from screen import milliseconds

OFFICE = "Müller GmbH"
GROUP = "Werkstatt"
SECONDS_TO_SETTLE = 20
SECONDS_BETWEEN_LINES = 0.4

TALK = [
    ("Anna", "Good morning! The press is down again."),
    ("Ben", "On my way. Is it the hydraulics?"),
    ("Empfang", "Delivery at the gate: spare parts, 2 boxes"),
    ("Anna", "That was quick. Thank you 🙂"),
    ("Ben", "Läuft wieder. Coffee?"),
]
WHILE_AWAY = [
    "Ben, the technician comes at 14:00.",
    "The second box goes to the paint shop.",
    "I am off now. See you tomorrow!",
]


class Story:
    """An office of three, from its founding to the proof."""

    def __init__(self, nodes, screen, inspect):
        self.anna, self.ben, self.box = self.nodes = nodes
        self._screen = screen
        self._inspect = inspect

    def tell(self):
        """All of it, in order."""
        self._found()
        self._talk()
        self._sleep_and_catch_up()
        self._prove()

    def say(self, author, text):
        """Sends a text, waits until all running nodes show it, and tells how long that took."""
        answer, asked, answered = author.must("send", to=GROUP, text=text)
        others = [node for node in self.nodes if node is not author and node.runs]
        notes = [f"disk {milliseconds(answered - asked)}"]
        for node in others:
            shown = node.wait_shown(answer["entry"], SECONDS_TO_SETTLE)
            if shown is None:
                raise Trouble(
                    f"{node.name} did not show {author.name}'s message in {SECONDS_TO_SETTLE} s",
                    author.log() + node.log())
            notes.append(f"{node.name} {milliseconds(shown - asked)}")
        self._screen.step(author, text, ", ".join(notes))
        return answer["entry"]

    def _found(self):
        screen = self._screen
        screen.heading("An office is founded")
        for node in self.nodes:
            begun, ready = node.start()
            screen.step(node, "starts a node", milliseconds(ready - begun))
        founding = time.perf_counter()
        _, asked, answered = self.anna.must(
            "office.new", office=OFFICE, name=self.anna.name, device=self.anna.device)
        self.anna.listen()
        screen.step(self.anna, f"founds \"{OFFICE}\"", milliseconds(answered - asked))
        _, asked, answered = self.anna.must(
            "group.new", title=GROUP, purpose="Everything about the machines", members=[])
        screen.step(self.anna, f"makes the group \"{GROUP}\"", milliseconds(answered - asked))
        self._admit(self.ben, "member", "a ticket of Anna's")
        self._admit(self.box, "box", "a ticket for boxes, to keep all logs")
        for node in self.nodes:
            self._settle(
                f"{node.name} is not linked with both others",
                lambda: linked(node) == 2, list(self.nodes))
        screen.paragraph("  all three are linked; from nothing to here: "
                         + milliseconds(time.perf_counter() - founding))

    def _admit(self, newcomer, kind, how):
        ticket, asked, _ = self.anna.must(
            "ticket.new", kind=kind, name=newcomer.name, groups=[GROUP])
        _, _, answered = newcomer.must(
            "join", ticket=ticket["text"], account=newcomer.name, device=newcomer.device)
        newcomer.listen()
        self._screen.step(newcomer, f"joins with {how}", milliseconds(answered - asked))
        self._settle(
            f"{newcomer.name} cannot read \"{GROUP}\"", lambda: can_read(newcomer), [newcomer])

    def _talk(self):
        self._screen.heading(
            "They talk (after the text: on disk at its author, then shown at the others)")
        people = {node.name: node for node in self.nodes}
        for name, text in TALK:
            self.say(people[name], text)
            time.sleep(SECONDS_BETWEEN_LINES)

    def _sleep_and_catch_up(self):
        screen = self._screen
        screen.heading("Ben's node sleeps, and Anna writes")
        self.ben.stop()
        screen.step(self.ben, "is off")
        missed = []
        for text in WHILE_AWAY:
            missed.append(self.say(self.anna, text))
            time.sleep(SECONDS_BETWEEN_LINES)
        self.anna.stop()
        screen.step(self.anna, "is off too: the author cannot be asked any more")
        if self._run("diff", self.anna.home, self.ben.home)[0] == 0:
            raise Trouble("diff calls two logs equal, of which one lacks what Ben missed")
        screen.heading("Ben's node wakes, and only the box is there to ask")
        begun, ready = self.ben.start()
        screen.step(self.ben, "starts a node", milliseconds(ready - begun))
        self.ben.catch_up(GROUP)
        last = begun
        for entry in missed:
            shown = self.ben.wait_shown(entry, SECONDS_TO_SETTLE)
            if shown is None:
                raise Trouble(
                    f"Ben did not get what Anna wrote from {self.box.name} in "
                    f"{SECONDS_TO_SETTLE} s", self.ben.log() + self.box.log())
            last = max(last, shown)
        screen.step(
            self.ben, f"shows all {len(missed)} messages, fetched from {self.box.name}",
            f"{milliseconds(last - begun)} after his start")
        begun, ready = self.anna.start()
        screen.step(self.anna, "is back", milliseconds(ready - begun))
        self._settle(
            "Anna is not linked with both others", lambda: linked(self.anna) == 2,
            list(self.nodes))

    def _prove(self):
        screen = self._screen
        screen.heading("All three are asked what they hold")
        self._settle(
            "the three do not show the same messages",
            lambda: len({texts(node) for node in self.nodes}) == 1, list(self.nodes))
        screen.paragraph(f"  all three show the same {len(texts(self.anna))} messages")
        screen.heading("zuruf-inspect proves the logs whole and equal")
        for other in (self.ben, self.box):
            self._settle(
                f"the logs of {self.anna.name} and {other.name} are not equal",
                lambda: self._run("diff", self.anna.home, other.home)[0] == 0,
                [self.anna, other],
                lambda: self._run("diff", self.anna.home, other.home)[1])
        for node in self.nodes:
            status, lines = self._run("verify", "--home", node.home)
            if status != 0:
                raise Trouble(f"verify of {node.name}'s logs ended with {status}", lines)
            screen.step(node, f"verify: {lines[-1] if lines else 'nothing said'}")
        screen.line(f"  diff: {self.anna.name} and {self.ben.name} have the same messages and "
                    f"changes, and so do {self.anna.name} and {self.box.name}")
        screen.line("  (each checks what its own part of the groups needs, so the counts differ)")

    def _run(self, *arguments):
        done = subprocess.run(
            [self._inspect, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60, check=False, env=plain_environment())
        return done.returncode, done.stdout.decode(errors="replace").splitlines()[-12:]

    def _settle(self, sentence, holds, nodes, details=lambda: []):
        """Waits until something holds; the sentence says what is wrong where it never does."""
        end = time.monotonic() + SECONDS_TO_SETTLE
        while not holds():
            if time.monotonic() > end:
                lines = [line for node in nodes for line in node.log()]
                raise Trouble(f"{sentence} after {SECONDS_TO_SETTLE} s", details() + lines)
            time.sleep(0.02)


def can_read(node):
    """Whether the node can open the group and so write in it."""
    try:
        groups = node.call("group.list")[0].get("groups", [])
    except Refused:
        return False
    return any(group.get("title") == GROUP and group.get("readable") for group in groups)


def linked(node):
    """How many other nodes it is linked with."""
    return sum(1 for peer in node.must("status")[0].get("peers", []) if peer.get("linked"))


def texts(node):
    """What a node shows of the group, in an order that does not depend on arrival."""
    page = node.must("read", group=GROUP, limit=200)[0]
    return tuple(sorted(
        (message["entry"], message.get("text", "")) for message in page.get("messages", [])))


def plain_environment():
    """This process's environment without what points to the user's own node."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ZURUF_")}
