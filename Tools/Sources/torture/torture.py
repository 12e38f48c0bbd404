"""Kills nodes at any moment while they talk, and counts.

An office of three on loopback. A writer on each node sends numbered messages and keeps its own list
of what was acknowledged; in every 0.75 s, at any moment of them, one node is killed with SIGKILL
and started again at once: 200 times in 150 s, on a disk and not in memory. At the end every writer
must have written much, everything acknowledged must be on every node exactly once, every node must
hold the same, none may have needed help, and no log names a person or quotes a text. Ends with the
plain line `N passed, N failed`, which counts these demands and not the kills.

    Tools/torture [--cycles N] [--seed N] [--keep]
    Tools/torture --copied [--keep]     computers that were copied instead; see copied.py
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "shared"))
sys.dont_write_bytecode = True

from building import ROOT  # noqa: E402
from control import Control, Refused  # noqa: E402
from ports import free_ports  # noqa: E402

NAMES = ("anna", "ben", "cleo")
OFFICE = "Torture"
SPAN_SECONDS = 0.75
# Of each writer. A computer that is busy with other things does seven times as many.
ACKNOWLEDGED_PER_KILL = 5
IN_MEMORY = ("tmpfs", "ramfs")
BUILD = os.environ.get("ZURUF_BUILD", os.path.join(ROOT, ".build", "release"))


class Node:
    """One zurufd with data of its own."""

    def __init__(self, folder, name, port, seeds):
        self.folder, self.name, self.port = os.path.join(folder, name), name, port
        os.mkdir(self.folder, 0o700)
        self.path = os.path.join(self.folder, "s")
        self.arguments = [
            # Nothing that this computer's own node is told may reach these.
            os.path.join(BUILD, "zurufd"), "--config", "/dev/null",
            "--home", self.folder + "/data", "--state", self.folder + "/state",
            "--socket", self.path, "--port", str(port), "--no-discovery",
        ]
        for seed in seeds:
            self.arguments += ["--seed", f"127.0.0.1:{seed}"]
        # A node keeps a head lock here wherever its data lies.
        os.mkdir(self.folder + "/run", 0o700)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder + "/run")
        self.process = None

    def start(self):
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment)

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(
                    f"torture: error: node {self.name} ended with {self.process.returncode}: "
                    + open(self.folder + "/log").read()[-400:])
            try:
                return Control(self.path)
            except OSError:
                time.sleep(0.01)
        raise SystemExit(f"torture: error: node {self.name} does not answer")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Writer(threading.Thread):
    """Sends numbered messages on one node; what was not acknowledged is sent again with its id."""

    def __init__(self, node, seed):
        super().__init__(daemon=True)
        self.node, self.random = node, random.Random(seed)
        self.acknowledged, self.stopping = [], False

    def run(self):
        number, control, pending = 0, None, None
        while not self.stopping:
            if pending is None:
                number += 1
                pending = (f"{self.node.name} {number}", self.random.randbytes(16).hex())
            try:
                if control is None:
                    control = Control(self.node.path, within=10)
                control.ask("send", to="everyone", text=pending[0], id=pending[1])
                self.acknowledged.append(pending[0])
                pending = None
                time.sleep(self.random.random() * 0.02)
            except (OSError, ConnectionError, ValueError):
                # The same id again: a retry never doubles.
                control = None
                time.sleep(0.01)
            except Refused as error:
                # A node that has just started says what it waits for.
                time.sleep(0.05)
                self.last = str(error)


def read_all(control):
    """Every text of the group, oldest first."""
    texts, before = [], None
    while True:
        params = {"group": "everyone", "limit": 1000}
        if before:
            params["before"] = before
        page = control.ask("read", **params)
        texts = [message.get("text") for message in page["messages"]] + texts
        if not page["more"] or not page["messages"]:
            return texts
        before = page["messages"][0]["cursor"]


def on_disk():
    """A new folder that does not lie in memory, with its file system; the last resort if all do."""
    for place in (tempfile.gettempdir(), "/var/tmp", BUILD):
        if os.path.isdir(place):
            shown = subprocess.run(
                ["stat", "-f", "-c", "%T", place], capture_output=True, text=True, check=True)
            kind = shown.stdout.strip()
            if kind not in IN_MEMORY:
                break
    return tempfile.mkdtemp(prefix="zuruf-torture-", dir=place), kind


def found(nodes):
    """An office of the nodes, which run."""
    controls = [node.wait() for node in nodes]
    controls[0].ask("office.new", office=OFFICE, name="anna", device="pc-anna")
    ticket = controls[0].ask("ticket.new", kind="member", groups=[], uses=2)["text"]
    for node, control in zip(nodes[1:], controls[1:]):
        control.ask("join", ticket=ticket, name=node.name, device="pc-" + node.name)
    for control in controls:
        control.close()


def kill_again_and_again(nodes, writers, cycles, chance):
    """One kill in each span, at any moment of it; gives the seconds of all and of the slowest
    start."""
    slowest, began = 0, time.monotonic()
    for cycle in range(cycles):
        time.sleep(max(0, began + SPAN_SECONDS * (cycle + chance.random()) - time.monotonic()))
        node = chance.choice(nodes)
        node.kill()
        killed = time.monotonic()
        node.start()
        node.wait().close()
        slowest = max(slowest, time.monotonic() - killed)
        if (cycle + 1) % 50 == 0:
            print(f"torture: {cycle + 1} kills, "
                  f"{sum(len(w.acknowledged) for w in writers)} acknowledged", flush=True)
    time.sleep(max(0, began + SPAN_SECONDS * cycles - time.monotonic()))
    return time.monotonic() - began, slowest


def settled(nodes, wanted):
    """What each node shows, once all show the same and everything acknowledged or after 60 s."""
    deadline = time.monotonic() + 60
    while True:
        held = []
        for node in nodes:
            control = node.wait()
            held.append(read_all(control))
            control.close()
        complete = all(set(wanted) <= set(texts) for texts in held)
        if (complete and are_equal(held)) or time.monotonic() > deadline:
            return held
        time.sleep(0.5)


def are_equal(held):
    return all(sorted(map(str, texts)) == sorted(map(str, held[0])) for texts in held)


def demands_on(nodes, held, wanted):
    """What is demanded of what the nodes hold and say, each with what is wrong or None."""
    demands = []
    for node, texts in zip(nodes, held):
        shown = set(texts)
        missing = [text for text in wanted if text not in shown]
        doubled = len(texts) - len(shown)
        demands.append(
            f"{node.name} lacks {len(missing)} acknowledged, e.g. {missing[0]}"
            if missing else None)
        demands.append(f"{node.name} shows {doubled} twice" if doubled else None)
    demands.append(None if are_equal(held) else "the nodes do not hold the same")
    private = re.compile(r"(?<![\w/])(?:pc-)?(?:" + "|".join([OFFICE, *NAMES]) + r")(?![\w/])")
    for node in nodes:
        with open(node.folder + "/log") as file:
            text = file.read()
        for word in ("damaged", "wrote two things at one place", "Fatal error",
                     "nothing proves which own messages"):
            demands.append(f"{node.name}'s log says \"{word}\"" if word in text else None)
        # Every text begins with a name, so that this finds names and texts.
        said = private.search(text)
        demands.append(f"{node.name}'s log tells of {said[0]!r}" if said else None)
    return demands


def main():
    parser = argparse.ArgumentParser(prog="Tools/torture")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the nodes' data for a look")
    parser.add_argument("--copied", action="store_true", help="tell of copied computers instead")
    options = parser.parse_args()
    # However it is ended, no node and no folder stays behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    if options.copied:
        import copied

        return copied.run(options.keep)
    return torture(options.cycles, random.Random(options.seed), options)


def torture(cycles, chance, options):
    """The whole of it; gives the exit status."""
    folder, kind = on_disk()
    print(f"torture: seed {options.seed}, {cycles} kills, on {kind}", flush=True)
    ports = free_ports(len(NAMES))
    nodes = [
        Node(folder, name, port, [other for other in ports if other != port])
        for name, port in zip(NAMES, ports)
    ]
    demands = [f"{folder} lies in memory ({kind})" if kind in IN_MEMORY else None]
    try:
        for node in nodes:
            node.start()
        found(nodes)
        writers = [Writer(node, chance.random()) for node in nodes]
        for writer in writers:
            writer.start()
        took, slowest = kill_again_and_again(nodes, writers, cycles, chance)
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join(15)
        least = SPAN_SECONDS * cycles
        demands.append(
            f"{cycles} kills took {took:.0f} s, not {least:.0f}" if took < least else None)
        for writer in writers:
            count = len(writer.acknowledged)
            demands.append(
                f"{writer.node.name} acknowledged {count} in {cycles} kills"
                if count < cycles * ACKNOWLEDGED_PER_KILL else None)
        wanted = [text for writer in writers for text in writer.acknowledged]
        demands += demands_on(nodes, settled(nodes, wanted), wanted)
        print(f"torture: {len(wanted)} acknowledged in {took:.0f} s, slowest start "
              f"{slowest * 1000:.0f} ms")
    finally:
        for node in nodes:
            node.stop()
        if options.keep or any(demands):
            print(f"torture: data kept in {folder}")
        else:
            shutil.rmtree(folder)
    failures = [demand for demand in demands if demand]
    for failure in failures:
        print("torture: failed: " + failure)
    print(f"{len(demands) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
