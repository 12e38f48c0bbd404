"""Real nodes on loopback, and what is asked of them."""

import os
import re
import signal
import subprocess
import time

import processes
from control import Control, Refused, messages  # noqa: F401
from ports import free_ports

READY_SECONDS = 20
# Names that trials give to people, and texts, which a log may use as words.
ORDINARY = {"first", "guest", "ahead", "behind", "before", "after", "kept", "second"}


class Mistake(Exception):
    """Something did not come out as it must."""


class Skip(Exception):
    """This machine cannot hold the trial; the text says why."""


# What a node says in its log of a fork.
TWICE = "wrote two things at one place"


def expect(truth, sentence):
    """Goes on only if the truth is one."""
    if not truth:
        raise Mistake(sentence)


def until(true, what, within=10, every=0.02):
    """Asks again and again; gives the first answer that is true."""
    found = processes.awaited(true, within, every)
    expect(found, f"{what} (within {within} s)")
    return found


class Node(processes.Measured):
    """One `zurufd` with data of its own."""

    def __init__(self, field, name, seeds=(), environment=None):
        self.field, self.name = field, name
        self.folder = os.path.join(field.folder, name)
        os.makedirs(self.folder, mode=0o700)
        self.home = os.path.join(self.folder, "data")
        self.socket = os.path.join(self.folder, "s")
        self.port, self.seeds = free_ports(1)[0], list(seeds)
        # Nothing that this computer's own node is told may reach this one.
        self.config = "/dev/null"
        self.environment = environment or {}
        # A node keeps a head lock here wherever its data lies.
        self.runtime = os.path.join(self.folder, "run")
        os.mkdir(self.runtime, mode=0o700)
        self.process, self.one = None, None
        # Words before its command.
        self.before = []

    def command(self):
        command = [self.field.program("zurufd"), "--config", self.config, "--no-discovery"]
        command += ["--home", self.home]
        command += ["--state", os.path.join(self.folder, "state"), "--socket", self.socket]
        command += ["--port", str(self.port)]
        for seed in self.seeds:
            command += ["--seed", f"127.0.0.1:{seed}"]
        return command

    def surroundings(self):
        """The environment it is started in."""
        return {**os.environ, "XDG_RUNTIME_DIR": self.runtime, **self.environment}

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                self.before + self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.surroundings())  # fmt: skip
        deadline = time.monotonic() + READY_SECONDS
        while True:
            expect(self.process.poll() is None, f"{self.name} ended with {self.process.poll()}")
            try:
                self.one = Control(self.socket)
                # The first answer comes from the loop, which listens by then.
                self.ask("status")
                return self
            except OSError:
                expect(time.monotonic() < deadline, f"{self.name} is not ready")
                time.sleep(0.01)

    def stop(self, how=signal.SIGTERM):
        if self.one:
            self.one.close()
            self.one = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self

    def ask(self, method, **parameters):
        self.field.note(parameters)
        return self.one.ask(method, **parameters)

    def run(self, program, *arguments, data=b"", code=0, output=False):
        """A program on this node's socket or data: its output, with the exit code expected."""
        where = ["--home", self.home] if program == "zuruf-inspect" else ["--socket", self.socket]
        command = [self.field.program(program), *arguments[:1], *where, *arguments[1:]]
        done = subprocess.run(command, input=data, capture_output=True, timeout=60)
        told = f"{program} {arguments[:3]} gave {done.returncode}: {done.stderr[-300:]!r}"
        expect(done.returncode == code, told)
        return done.stdout if code == 0 or output else done.stderr

    def log(self):
        path = os.path.join(self.folder, "log")
        if not os.path.exists(path):
            return ""
        with open(path, errors="replace") as file:
            return file.read()

    # What people do.

    def ticket(self, uses=1, **more):
        return self.ask("ticket.new", kind="member", groups=[], uses=uses, **more)["text"]

    def join(self, ticket):
        self.ask("join", ticket=ticket, name=self.name, device="pc-" + self.name)
        # The office's log came first; everyone's group and its name follow.
        until(lambda: "everyone" in self.titles(), "everyone's group does not come")
        return self

    def titles(self):
        return [group.get("title") for group in self.ask("group.list")["groups"]]

    def say(self, text, to="everyone", **more):
        return self.ask("send", to=to, text=text, **more)

    def messages(self, group="everyone"):
        """Every message of the group, oldest first."""
        return messages(self.ask, group)

    def texts(self, group="everyone"):
        return [message.get("text") for message in self.messages(group)]

    def linked(self):
        """The names of devices that are linked."""
        return {p["device"]["name"] for p in self.ask("status")["peers"] if p["linked"]}

    def trouble(self, device):
        """What status says is wrong with a device."""
        for peer in self.ask("status")["peers"]:
            if peer["device"]["name"] == device:
                return peer.get("trouble", "")
        return ""

    def degraded(self):
        """Each degraded state with its sentence."""
        return {state["word"]: state["detail"] for state in self.ask("status")["degraded"]}


class Field:
    """Where one trial is held."""

    def __init__(self, folder, binaries, chance):
        self.folder, self.binaries, self.chance = folder, binaries, chance
        os.makedirs(folder, mode=0o700)
        self.nodes, self.closing = [], []
        # What people wrote and how they and their things are called: no log may say it.
        self.private = set()

    def program(self, name):
        return os.path.join(self.binaries, name)

    def node(self, name, seeds=(), environment=None):
        node = Node(self, name, seeds, environment)
        self.nodes.append(node)
        return node

    def office(self, *names):
        """Nodes of one office that are linked with each other; the first founded it."""
        nodes = []
        for name in names:
            nodes.append(self.node(name, [each.port for each in nodes]).start())
        first = nodes[0]
        first.ask("office.new", office="Siege", name=first.name, device="pc-" + first.name)
        if len(nodes) > 1:
            ticket = first.ticket(uses=len(nodes) - 1)
            for node in nodes[1:]:
                node.join(ticket)
        for node in nodes:
            wanted = {"pc-" + name for name in names} - {"pc-" + node.name}
            until(lambda node=node, wanted=wanted: wanted <= node.linked(), "not all are linked")
        return nodes

    def serve(self, *nodes, within=10):
        """Each says something new, and all the others get it: nothing is stuck."""
        for node in nodes:
            text = f"{node.name} lives {self.chance.getrandbits(64):016x}"
            node.say(text)
            for other in nodes:
                if other is not node:
                    last = lambda other=other: text in [  # noqa: E731
                        m.get("text") for m in other.ask("read", group="everyone")["messages"]]
                    until(last, f"{other.name} does not get what {node.name} says", within)

    def note(self, parameters):
        """Remembers what a request says that is private."""
        for name in ("text", "title", "purpose", "name", "device", "office"):
            if parameters.get(name):
                self.private.add(parameters[name])

    def check_logs(self):
        """A log names no person and quotes no text."""
        words = {word for word in self.private if word not in ORDINARY}
        named = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
        for node in self.nodes:
            # Where its data lies is no secret, and a trial calls the folder like the person.
            for line in node.log().replace(self.folder, "").splitlines():
                found = words and named.search(line.replace(f"/{node.name}/", "/"))
                expect(not found, f"{node.name}'s log tells of {found and found[0]!r}: {line}")

    def check_alive(self):
        for node in self.nodes:
            if node.one:
                code = node.process.poll()
                expect(code is None, f"{node.name} ended with {code}")

    def close(self):
        for each in self.closing:
            each.close()
        for node in self.nodes:
            node.stop()
