"""One node of the demo: a zurufd of its own, on loopback, with data of its own."""

import ctypes
import os
import signal
import subprocess
import threading
import time

from control import Connection, Refused, Unreachable

SECONDS_TO_START = 15
SECONDS_TO_STOP = 10
LOG_LINES = 8
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Trouble(Exception):
    """The demo cannot go on; a sentence, and lines that help to see why."""

    def __init__(self, sentence, details=()):
        super().__init__(sentence)
        self.details = list(details)


def end_with_parent():
    """Asks the kernel to end this node if the demo is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Node:
    """A person's or a box's node, running or not."""

    def __init__(self, name, device, colour, folder, program, port, seeds):
        self.name = name
        self.device = device
        self.colour = colour
        self.folder = folder
        self.home = os.path.join(folder, "home")
        self.socket = os.path.join(folder, "control")
        self._program = program
        self._port = port
        self._seeds = seeds
        self._process = None
        self._control = None
        self._events = None
        self._in_office = False
        # By the wall clock, which all nodes of the demo share.
        self.started_ms = 0
        self._changed = threading.Condition()
        # The messages this node showed, by entry: the message and the moment it was shown.
        self._shown = {}
        # Called with each message of others as it is shown.
        self.on_message = None
        # A node keeps a head lock here wherever its data lies: never among the user's things.
        self._runtime = os.path.join(folder, "run")
        os.mkdir(folder, 0o700)
        os.mkdir(self._runtime, 0o700)

    @property
    def runs(self):
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Starts the node; returns the moment of starting and of being ready."""
        arguments = [
            self._program, "--config", "/dev/null", "--no-discovery", "--home", self.home,
            "--state", os.path.join(self.folder, "state"), "--socket", self.socket,
            "--port", str(self._port)]
        for port in self._seeds:
            arguments += ["--seed", f"127.0.0.1:{port}"]
        begun = time.perf_counter()
        self.started_ms = time.time() * 1000
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, XDG_RUNTIME_DIR=self._runtime),
                start_new_session=True, preexec_fn=end_with_parent)
        self._control = self._connect(begun)
        ready = time.perf_counter()
        if self._in_office:
            self.listen()
        return begun, ready

    def listen(self):
        """Hears from now on what the node shows; it must be in an office."""
        self._in_office = True
        self._events = Connection(self.socket, self._take)
        try:
            self._events.call("subscribe")
        except (Refused, Unreachable) as error:
            raise Trouble(f"{self.name}: {error}", self.log()) from error

    def stop(self):
        """Stops the node as a service manager would."""
        self._leave()
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Trouble(
                f"{self.name}'s node did not stop within {SECONDS_TO_STOP} s", self.log())
        if status != 0:
            raise Trouble(f"{self.name}'s node stopped with exit code {status}", self.log())

    def kill(self):
        """Ends the node's process whatever it does."""
        self._leave()
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()

    def call(self, method, **parameters):
        """Asks the node; returns its answer and how long it took."""
        if self._control is None:
            raise Trouble(f"{self.name}'s node is off")
        try:
            result, asked, answered = self._control.call(method, **parameters)
        except Unreachable as error:
            raise Trouble(f"{self.name}: {error}", self.log()) from error
        return result, asked, answered

    def must(self, method, **parameters):
        """Asks the node for something that it has no reason to refuse."""
        try:
            return self.call(method, **parameters)
        except Refused as error:
            hint = [f"hint: {error.hint}"] if error.hint else []
            raise Trouble(f"{self.name}: {error}", hint + self.log()) from error

    def wait_shown(self, entry, seconds):
        """The moment the message was shown here; nil where it was not in that time."""
        with self._changed:
            self._changed.wait_for(lambda: entry in self._shown, seconds)
            return self._shown.get(entry)

    def catch_up(self, group):
        """Asks for what was there before the node's events began."""
        page, _, answered = self.must("read", group=group, limit=200)
        for message in page.get("messages", []):
            self._note(message, answered)

    def log(self):
        """The last lines the node wrote."""
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()[-LOG_LINES:]
        except OSError:
            return []
        return [f"{self.name}'s node said: {line}" for line in lines]

    def _connect(self, begun):
        while time.perf_counter() - begun < SECONDS_TO_START:
            if self._process.poll() is not None:
                raise Trouble(
                    f"{self.name}'s node ended with exit code {self._process.returncode}",
                    self.log())
            try:
                return Connection(self.socket, lambda event, moment: None)
            except OSError:
                time.sleep(0.005)
        raise Trouble(f"{self.name}'s node opened no socket in {SECONDS_TO_START} s", self.log())

    def _leave(self):
        for connection in (self._control, self._events):
            if connection is not None:
                connection.close()
        self._control = self._events = None

    def _take(self, event, moment):
        if event.get("kind") == "message":
            self._note(event.get("message") or {}, moment)

    def _note(self, message, moment):
        if "text" not in message:
            return  # it comes again with its text
        with self._changed:
            if message.get("entry") in self._shown:
                return
            self._shown[message.get("entry")] = moment
            self._changed.notify_all()
        if self.on_message is not None and not message.get("own"):
            self.on_message(self, message)
