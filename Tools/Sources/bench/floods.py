"""A flood: one peer brings very many valid entries at once while others go on talking."""

import os
import re
import subprocess
import threading
import time

import limits
from control import Refused
from node import Node, wait_until

GROUP = "Flut"


class Flood:
    """A and B talk; C, linked to A alone, has written a group of its own and A's full."""

    def __init__(self, world, append):
        self.world = world
        office = world.small("flood")
        self.a, self.b = office.a, office.b
        self.c = Node(
            world.binaries, os.path.dirname(self.a.folder), "c", [f"127.0.0.1:{self.a.port}"])
        world.nodes.append(self.c)
        self.c.start()
        ticket = self.a.ask("ticket.new", kind="member", groups=[])["text"]
        self.c.ask("join", ticket=ticket, name="Cleo", device="c")
        wait_until(lambda: self.c.ask("group.list")["groups"], "everyone's group")
        self.c.ask("group.new", title=GROUP, members=["Anna"])
        self.c.ask("send", to=GROUP, text="first")
        wait_until(lambda: self._arrived() >= 1, "the group of the flood")
        self.c.stop()
        append(self.c, GROUP, world.flood, 64)

    def _arrived(self):
        for group in self.a.ask("group.list")["groups"]:
            if group.get("title") == GROUP:
                return group["messages"]
        return 0

    def run(self):
        """Milliseconds of each hop while the flood lasted, its seconds, and A's highest MiB."""
        command = [os.path.join(self.world.binaries, "zuruf"), "--socket", self.b.socket]
        reader = subprocess.Popen(
            command + ["--json", "read", "everyone", "-f"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        control = self.a.control()
        # The first that is printed shows that the reader follows.
        _hop(control, reader, "hop first")
        values = []
        self.c.start()
        began, ended = time.monotonic(), []

        def watch():
            # A connection of its own, asked seldom: it must not be part of what is measured.
            while not ended:
                if self._arrived() > self.world.flood:
                    ended.append(time.monotonic())
                elif time.monotonic() - began > 300:
                    ended.append(None)
                else:
                    time.sleep(0.1)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        while not ended:
            values.append(_hop(control, reader, f"hop {len(values)}."))
        watcher.join()
        reader.kill()
        reader.wait()
        reader.stdout.close()
        control.close()
        if ended[0] is None:
            raise Refused("the flood did not arrive within 300 s")
        with open(f"/proc/{self.a.process.pid}/status") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024
        return values, ended[0] - began, peak


def _hop(control, reader, words):
    control.ask("send", to="everyone", text=words)
    accepted = time.monotonic()
    while words.encode() not in (line := reader.stdout.readline()):
        if not line:
            raise Refused("zuruf read -f ended")
    return (time.monotonic() - accepted) * 1000


def limit(folder):
    """Milliseconds of one way over loopback and one flush, as for a hop without a flood."""
    return (limits.passing() + 1 / limits.flushing(folder)) * 1000
