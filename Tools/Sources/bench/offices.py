"""Offices to measure in: a small one for messages, a full one for 100,000 entries."""

import os
import time

from node import Node, wait_until

TEXT_BYTES = 205
SENTENCE = "Wo liegt der Lieferschein fuer die Presse in Halle 3? "


def text(number):
    """A message of 205 bytes, each another."""
    return (f"{number:08d} " + 4 * SENTENCE)[:TEXT_BYTES]


class Small:
    """A and B, linked, in one office."""

    def __init__(self, world, name="small"):
        folder = os.path.join(world.folder, name)
        os.makedirs(folder, mode=0o700)
        self.a = Node(world.binaries, folder, "a")
        self.b = Node(world.binaries, folder, "b", [f"127.0.0.1:{self.a.port}"])
        world.nodes += [self.a, self.b]
        self.a.start()
        self.b.start()
        self.a.ask("office.new", office="Werk", name="Anna", device="a")
        ticket = self.a.ask("ticket.new", kind="member", groups=[])["text"]
        self.b.ask("join", ticket=ticket, name="Ben", device="b")
        wait_until(lambda: self.b.ask("group.list")["groups"], "everyone's group")

    def stop(self):
        self.a.stop()
        self.b.stop()


class Full:
    """A with many entries, and newcomers who have been asleep since before the first of them."""

    def __init__(self, world):
        folder = os.path.join(world.folder, "full")
        os.makedirs(folder, mode=0o700)
        self.count = world.entries
        self.a = Node(world.binaries, folder, "a")
        world.nodes.append(self.a)
        self.a.start()
        self.a.ask("office.new", office="Werk", name="Anna", device="a")
        self.sleepers, self.awake = [], []
        # One of each round, and one that a round dropped because it was the first.
        for number in range(world.rounds + 1):
            node = Node(world.binaries, folder, f"b{number}", [f"127.0.0.1:{self.a.port}"])
            world.nodes.append(node)
            node.start()
            ticket = self.a.ask("ticket.new", kind="member", groups=[])["text"]
            node.ask("join", ticket=ticket, name=f"Ben {number}", device=f"b{number}")
            self.sleepers.append(node)
        control = self.a.control()
        wait_until(
            lambda: all(n.ask("group.list")["groups"] for n in self.sleepers), "everyone's group")
        for node in self.sleepers:
            node.stop()
        before = self.a.messages(control)
        control.close()
        self.a.stop()
        # One after the other, each signed by itself: what a person's node holds, and the most work
        # for whoever reads or proves it.
        from figures import appends

        world.say(f"writing {self.count} entries")
        took = appends(self.a, "everyone", self.count, 1)
        world.say(f"written in {took:.1f} s")
        self.a.start()
        control = self.a.control()
        self.expected = self.a.messages(control)
        control.close()
        assert self.expected - before == self.count, "not every entry was counted"

    def wake(self):
        """Starts the next sleeper; gives it, the seconds and the bytes until it has all."""
        # Other figures stop it, and each may be asked for alone and in any order.
        if self.a.process is None:
            self.a.start()
        node = self.sleepers.pop(0)
        node.start()
        began = time.monotonic()
        control = node.control()
        done = wait_until(
            lambda: node.messages(control) >= self.expected, "all entries", 180, 0.005)
        control.close()
        taken = node.link_bytes()
        self.awake.append(node)
        return node, done - began, taken
