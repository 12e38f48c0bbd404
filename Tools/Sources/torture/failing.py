"""Calls that fail at random under running nodes: what they acknowledge, say, and are afterwards.

An office of three on loopback, with a writer on each node. In each round one of them is started
again, or somebody new tries to join, under libfiu (faults.c), and some of its calls fail: drawn
which, how often, with which errors, and whether from the start on or while it runs. It may refuse,
and end at its start with a word; it may neither end later nor say nothing while it cannot write;
what it says goes on by itself must, once no call fails any more. Then it is killed or stopped and
started without faults, with which whoever is new gets in. In the end everything acknowledged is
everywhere exactly once, all logs are proven and equal, and nothing is left to say.

    Tools/torture --failing [--rounds N] [--seed N] [--keep]
"""

import collections
import os
import subprocess
import time

from control import Control, Refused
from faults import FIU, Faults, drawn, environment, short
from office import BUILD, Node, Writer, demands_on, found, leave, offices, on_disk, settled
from ports import free_ports
from preload import NoCompiler
from processes import awaited

# Seconds between two looks at the same thing.
EVERY = 0.05
SPAN_SECONDS = 1.5
# Of so many rounds one is a newcomer's.
NEWCOMER = 5
# What a node may say of itself when a program that writes is refused.
WORDS = {"read-only-disk", "disk-full", "data-damaged"}
REFUSED_SECONDS = 1.0
# Calls by which a program reaches a node: while one of them fails it may be silent, and else never.
REACHED_BY = {"posix/io/net/recv", "posix/io/net/send", "posix/io/rw/read", "zuruf/accept4"}
# Of a round. A node whose links fail says so of each; of a disk that fails once for each reason until it
# is written again.
LOG_BYTES = 8000
FAULT_LINES = 8
RESUMED_SECONDS = 30
# The configuration cannot be read, the socket, the port, a disk fault, too few descriptors; neither
# damage nor another's data.
EXITS = {2, 7, 8, 9, 70}


class Failing:
    """The rounds, and what is wrong of what they showed."""

    def __init__(self, nodes, writers, folder, chance):
        self.nodes, self.writers, self.chance = nodes, writers, chance
        self.faults = {node: Faults(os.path.join(folder, node.name + "-faults")) for node in nodes}
        self.folder, self.guests, self.trouble = folder, [], None
        self.wrong, self.failures = [], collections.Counter()
        self.ended = self.refused = self.said = self.silent = self.resumed = 0

    def drawn(self, who, number):
        """What fails in a round, and whether from the start on."""
        chances, from_start = drawn(self.chance), self.chance.random() < 0.3
        self.what = f"round {number}, {who}, {chances}" + (", from the start" * from_start)
        self.may_be_silent = not REACHED_BY.isdisjoint(chances)
        return chances, from_start

    def start(self, node, faults, chances, is_on):
        faults.set(self.chance.getrandbits(64), chances, is_on)
        self.said_before = len(node.log()) if os.path.exists(node.folder + "/log") else 0
        node.start(**environment(self.folder, faults))

    def round(self, number):
        chance = self.chance
        index = chance.randrange(len(self.nodes))
        node, writer = self.nodes[index], self.writers[index]
        faults = self.faults[node]
        chances, from_start = self.drawn(node.name, number)
        node.kill()
        self.start(node, faults, chances, from_start)
        if self.is_up(node, from_start):
            faults.turn(True)
            time.sleep(SPAN_SECONDS)
            self.look(node, writer)
            faults.turn(chance.random() < 0.5)
            if chance.random() < 0.3:
                self.stop(node)
            else:
                node.kill()
        self.failures.update(faults.failures())
        node.start()
        count = len(writer.acknowledged)
        if not awaited(lambda: len(writer.acknowledged) > count, 20, EVERY):
            self.blame(f"after it nothing is acknowledged: {writer.refusal}")

    def newcomer(self, number):
        """Somebody new, whose first calls fail: gets in once they do not, and is removed again."""
        first = self.nodes[0]
        name = f"guest{number}"
        node = Node(self.folder, name, free_ports(1)[0], [first.port])
        self.guests.append(node)
        faults = Faults(node.folder + "-faults")
        chances, from_start = self.drawn(name, number)
        self.start(node, faults, chances, from_start)
        if self.is_up(node, from_start):
            faults.turn(True)
            self.joins(node, name)
            code = node.process.poll()
            if code is not None:
                self.blame(f"it ended with {code} and says: {node.log()[-300:]}")
            else:
                node.kill()
        self.failures.update(faults.failures())
        node.start()
        if not awaited(lambda: self.joins(node, name + "x"), 40, EVERY):
            self.blame(f"it does not get in: {self.trouble}")
            return node.stop()
        said = f"{name} says"
        if not awaited(lambda: self.says(node, said), 10, EVERY):
            self.blame(f"it is in and cannot write: {self.trouble}")
        for other in self.nodes:
            if not awaited(lambda other=other: said in newest(other), 10, EVERY):
                self.blame(f"{other.name} does not hear {name}")
        for member in first.ask("member.list")["members"]:
            if member["name"].startswith(name):
                first.ask("member.remove", member="id:" + member["id"])
        node.stop()

    def joins(self, node, name):
        """Whether it is in the office, which it tries to join where it is in none."""
        try:
            control = Control(node.path, within=5)
            if control.ask("office.status")["standing"] == "no-office":
                ticket = self.nodes[0].ask("ticket.new", kind="member", groups=[])["text"]
                control.ask("join", ticket=ticket, name=name, device="pc-" + name)
            standing = control.ask("office.status")["standing"]
            control.close()
            return standing == "ready"
        except (OSError, ConnectionError, ValueError, Refused) as error:
            self.trouble = error
            return False

    def says(self, node, text):
        """Whether it could; everyone's group comes a moment after the certificate."""
        try:
            node.ask("send", to="everyone", text=text)
            return True
        except Refused as error:
            self.trouble = error
            return False

    def blame(self, sentence):
        self.wrong.append(f"{self.what}: {sentence}")

    def is_up(self, node, may_end):
        """Waits for an answer; False where it ended at its start, which it may do with a word."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            code = node.process.poll()
            if code is not None:
                self.ended += 1
                said = node.log()[self.said_before:]
                if not may_end or code not in EXITS or "cannot " not in said:
                    self.blame(f"it ended with {code} and says: {said[-300:]}")
                return False
            # The socket is there before the office is opened.
            if self.degraded(node, 1) is not None:
                return True
        self.blame("it does not answer")
        node.kill()
        return False

    def degraded(self, node, seconds=10):
        """Each word of its state with its hint; asked again where a call failed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                control = Control(node.path, within=5)
                states = control.ask("status")["degraded"]
                control.close()
                return [(state["word"], state.get("hint", "")) for state in states]
            except (OSError, ConnectionError, ValueError, Refused):
                if node.process.poll() is not None:
                    break
                time.sleep(0.02)
        return None

    def look(self, node, writer):
        """What a node says of itself under faults, and once they are over."""
        said = node.log()[self.said_before :]
        if len(said) > LOG_BYTES or said.count("nothing can be stored") > FAULT_LINES:
            self.blame(f"its log grew by {len(said)} bytes, and ends: {said[-300:]}")
        code = node.process.poll()
        if code is not None:
            return self.blame(f"it ended with {code} and says: {node.log()[-300:]}")
        faults = self.faults[node]
        refusal, since = writer.refusal, writer.refused_since
        if refusal and time.monotonic() - since > REFUSED_SECONDS:
            self.refused += 1
            words = self.degraded(node)
            if words is None:
                # That it answers once nothing fails any more is asked below.
                self.silent += 1
                if not self.may_be_silent:
                    self.blame(f"it refuses with {refusal!r}, and does not answer who asks why")
            elif WORDS & {word for word, _ in words}:
                self.said += 1
            elif writer.refused_since == since:
                self.blame(f"it refuses with {refusal!r} and says only {words}")
        faults.turn(False)
        words = self.degraded(node)
        if words is None:
            return self.blame("it does not answer, though no call fails any more")
        final = [hint for _, hint in words if "restart the node" in hint]
        if final and any("by itself" in hint for word, hint in words if word == "read-only-disk"):
            self.blame(f"it says both that a restart helps and that none is needed: {words}")
        count, tries = len(writer.acknowledged), writer.tries
        if final:
            # One may have been under way, two more were made knowing better.
            if not awaited(lambda: writer.tries > tries + 2, RESUMED_SECONDS, EVERY):
                self.blame("nothing is asked of it any more")
            if len(writer.acknowledged) > count + 1:
                self.blame("it says that it is read-only, and acknowledges")
        elif not awaited(lambda: len(writer.acknowledged) > count + 1, RESUMED_SECONDS, EVERY):
            self.blame(f"it does not go on by itself: {writer.refusal}, {self.degraded(node)}")
        elif WORDS & {word for word, _ in words}:
            self.resumed += 1

    def stop(self, node):
        """Asks it to end, which it does with 0 whatever fails."""
        node.process.terminate()
        try:
            code = node.process.wait(15)
            if code:
                self.blame(f"asked to end it ends with {code}: {node.log()[-300:]}")
        except subprocess.TimeoutExpired:
            self.blame("asked to end it goes on")
            node.kill()


def newest(node):
    return [message.get("text") for message in node.ask("read", group="everyone")["messages"]]


def inspected(nodes):
    """What the admin's tool says against what is stored."""
    homes = [node.home for node in nodes]
    calls = [["verify", "--home", home] for home in homes]
    calls += [["diff", homes[0], home] for home in homes[1:]]
    for call in calls:
        run = subprocess.run(
            [os.path.join(BUILD, "zuruf-inspect"), *call], capture_output=True, text=True)
        said = (run.stdout + run.stderr)[-400:]
        yield f"zuruf-inspect {call}: {said}" if run.returncode else None


def run(rounds, chance, options):
    """The whole of it; gives what is wrong, with None for each demand that is met."""
    if not os.path.exists(FIU):
        print("torture: error: libfiu is missing")
        print("torture: hint: sudo apt install fiu-utils")
        return ["libfiu is missing"]
    folder, kind = on_disk()
    print(f"failing: seed {options.seed}, {rounds} rounds, on {kind}", flush=True)
    nodes, demands, failing = offices(folder), ["it did not come to its end"], None
    try:
        for node in nodes:
            node.start()
        found(nodes)
        writers = [Writer(node, chance.random()) for node in nodes]
        failing = Failing(nodes, writers, folder, chance)
        for writer in writers:
            writer.start()
        for number in range(rounds):
            failing.newcomer(number) if number % NEWCOMER == NEWCOMER - 1 else failing.round(number)
            if (number + 1) % 50 == 0:
                print(f"failing: {number + 1} rounds, {len(failing.wrong)} blamed", flush=True)
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join(15)
        for node in nodes:
            node.kill()
            node.start()
        wanted = [text for writer in writers for text in writer.acknowledged]
        demands = failing.wrong or [None]
        demands += demands_on(nodes, settled(nodes, wanted), wanted,
                              ("wrote two things at one place", "Fatal error"))  # fmt: skip
        # What a start told of itself it tells no more at the next.
        for node in nodes:
            node.stop()
            node.start()
        for node in nodes:
            awaited(lambda node=node: not node.ask("status")["degraded"], 20, EVERY)
            left = node.ask("status")["degraded"]
            demands.append(f"{node.name} still says {left}" if left else None)
        for node in nodes:
            node.stop()
        demands += inspected(nodes)
        failures = {short(name): count for name, count in sorted(failing.failures.items()) if count}
        demands.append(None if failures else "no call failed")
        print(f"failing: {sum(failures.values())} calls failed: {failures}")
        print(f"failing: {len(wanted)} acknowledged; ended at the start {failing.ended} times, "
              f"refused for more than {REFUSED_SECONDS:.0f} s {failing.refused} times and said so "
              f"{failing.said} times, was silent {failing.silent} times, "
              f"went on by itself {failing.resumed} times")
    except NoCompiler as error:
        demands = [str(error)]
    finally:
        for node in nodes + (failing.guests if failing else []):
            node.stop()
        leave(folder, "failing", options.keep or any(demands))
    return demands
