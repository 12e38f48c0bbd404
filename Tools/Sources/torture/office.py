"""An office of real nodes on loopback, its writers, and what must hold of them in the end."""

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import processes
from building import ROOT
from control import Control, Refused, messages
from ports import free_ports

NAMES = ("anna", "ben", "cleo")
OFFICE = "Torture"
IN_MEMORY = ("tmpfs", "ramfs")
BUILD = os.environ.get("ZURUF_BUILD", os.path.join(ROOT, ".build", "release"))
# What no log may say where nothing was done to a disk.
UNSOUND = ("damaged", "wrote two things at one place", "Fatal error",
           "nothing proves which own messages")  # fmt: skip


class Node(processes.Measured):
    """One zurufd with data of its own."""

    def __init__(self, folder, name, port, seeds, environment=None):
        self.folder, self.name, self.port = os.path.join(folder, name), name, port
        os.mkdir(self.folder, 0o700)
        self.path = os.path.join(self.folder, "s")
        self.home = os.path.join(self.folder, "data")
        self.arguments = [
            # Nothing that this computer's own node is told may reach these.
            os.path.join(BUILD, "zurufd"), "--config", "/dev/null",
            "--home", self.home, "--state", self.folder + "/state",
            "--socket", self.path, "--port", str(port), "--no-discovery",
        ]
        for seed in seeds:
            self.arguments += ["--seed", f"127.0.0.1:{seed}"]
        # A node keeps a head lock here wherever its data lies.
        os.mkdir(self.folder + "/run", 0o700)
        self.environment = dict(
            os.environ, XDG_RUNTIME_DIR=self.folder + "/run", **environment or {})
        self.process = None
        # Words before its command.
        self.before = []

    def start(self, **more):
        """Starts it, with more in its environment."""
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(
                self.before + self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(self.environment, **more))

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(
                    f"torture: error: node {self.name} ended with {self.process.returncode}: "
                    + self.log()[-400:])
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

    def ask(self, method, **parameters):
        """The result of one request, on a connection of its own."""
        control = self.wait()
        try:
            return control.ask(method, **parameters)
        finally:
            control.close()

    def log(self):
        with open(self.folder + "/log", errors="replace") as file:
            return file.read()


class Writer(threading.Thread):
    """Sends numbered messages on one node; what was not acknowledged is sent again with its id.

    pause is the longest between two messages, in seconds.
    """

    def __init__(self, node, seed, pause=0.02):
        super().__init__(daemon=True)
        self.node, self.random, self.pause = node, random.Random(seed), pause
        self.acknowledged, self.stopping = [], False
        self.refusal, self.refused_since = None, None
        # How often something was asked to be sent.
        self.tries = 0

    def run(self):
        number, control, pending = 0, None, None
        while not self.stopping:
            if pending is None:
                number += 1
                pending = (f"{self.node.name} {number}", self.random.randbytes(16).hex())
            try:
                if control is None:
                    control = Control(self.node.path, within=10)
                self.tries += 1
                control.ask("send", to="everyone", text=pending[0], id=pending[1])
                self.acknowledged.append(pending[0])
                pending, self.refusal, self.refused_since = None, None, None
                time.sleep(self.random.random() * self.pause)
            except (OSError, ConnectionError, ValueError):
                # The same id again: a retry never doubles.
                control, self.refusal, self.refused_since = None, None, None
                time.sleep(0.01)
            except Refused as error:
                # A node that has just started says what it waits for.
                self.refusal = error
                self.refused_since = self.refused_since or time.monotonic()
                time.sleep(0.05)


def offices(folder, names=NAMES, **more):
    """Nodes that have each other's addresses, in no office yet."""
    ports = free_ports(len(names))
    return [Node(folder, name, port, [other for other in ports if other != port], **more)
            for name, port in zip(names, ports)]  # fmt: skip


def read_all(control):
    """Every text of the group, oldest first."""
    return [message.get("text") for message in messages(control.ask)]


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


def leave(folder, word, is_kept):
    """Takes a folder away in the end, or says under a word of the command that it is kept."""
    if is_kept:
        print(f"{word}: data kept in {folder}")
    else:
        shutil.rmtree(folder)


def found(nodes):
    """An office of the nodes, which run."""
    controls = [node.wait() for node in nodes]
    first = nodes[0].name
    controls[0].ask("office.new", office=OFFICE, name=first, device="pc-" + first)
    ticket = controls[0].ask("ticket.new", kind="member", groups=[], uses=len(nodes) - 1)["text"]
    for node, control in zip(nodes[1:], controls[1:]):
        control.ask("join", ticket=ticket, name=node.name, device="pc-" + node.name)
    for control in controls:
        control.close()


def settled(nodes, wanted, seconds=60):
    """What each node shows, once all show the same and everything acknowledged, or in the end."""
    deadline = time.monotonic() + seconds
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


def demands_on(nodes, held, wanted, unsound=UNSOUND):
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
    words = [OFFICE, *(node.name for node in nodes)]
    private = re.compile(r"(?<![\w/])(?:pc-)?(?:" + "|".join(words) + r")(?![\w/])")
    for node in nodes:
        text = node.log()
        for word in unsound:
            demands.append(f"{node.name}'s log says \"{word}\"" if word in text else None)
        # Every text begins with a name, so that this finds names and texts.
        said = private.search(text)
        demands.append(f"{node.name}'s log tells of {said[0]!r}" if said else None)
    return demands
