"""A program running on a host of the lab, and what it has said so far."""

import glob
import signal
import subprocess
import threading
import time

import processes


class Mistake(Exception):
    """Something in a story did not come out as told."""


class Skip(Exception):
    """A story cannot be told on this machine; the text says why."""


class Result:
    """What a finished command left behind."""

    def __init__(self, status, out, err, seconds):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds


class Line:
    """One line of output and when it came, in seconds of the monotonic clock."""

    def __init__(self, text, moment, stream):
        self.text, self.moment, self.stream = text, moment, stream


class Process:
    """A running program with captured output. Its pid is the program's own."""

    LINES_MAX = 200_000  # a program that never stops talking must not fill the memory

    def __init__(self, name, command, environment, folder=None):
        self.name = name
        self.started = time.monotonic()
        self.lines = []
        self._changed = threading.Condition()
        self._readers = []
        self._popen = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        for stream in ("stdout", "stderr"):
            reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
            reader.start()
            self._readers.append(reader)

    @property
    def pid(self):
        return self._popen.pid

    @property
    def status(self):
        """The exit status, or None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def runs(self):
        return self.status is None

    def _read(self, stream):
        for raw in getattr(self._popen, stream):
            text = raw.decode("utf-8", "backslashreplace").rstrip("\n")
            with self._changed:
                if len(self.lines) < self.LINES_MAX:
                    self.lines.append(Line(text, time.monotonic(), stream))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def write(self, text):
        """Types text into the program's standard input."""
        self._popen.stdin.write(text.encode())
        self._popen.stdin.flush()

    def close_input(self):
        self._popen.stdin.close()

    @property
    def mark(self):
        """How many lines there are now: hand it to wait_for to look at later ones only."""
        with self._changed:
            return len(self.lines)

    def text(self, stream="stdout"):
        """All output of one stream so far."""
        with self._changed:
            return "\n".join(line.text for line in self.lines if line.stream == stream)

    def wait_for(self, wanted, within=10, since=0, count=1):
        """Waits for count lines that hold the text (or satisfy the function); gives the last."""
        matches = wanted if callable(wanted) else (lambda text: wanted in text)
        deadline = time.monotonic() + within
        at, seen = since, 0
        with self._changed:
            while True:
                while at < len(self.lines):
                    line = self.lines[at]
                    at += 1
                    if matches(line.text):
                        seen += 1
                        if seen == count:
                            return line
                left = deadline - time.monotonic()
                if left <= 0:
                    what = "the awaited line" if callable(wanted) else f'"{wanted}"'
                    raise Mistake(f"{self.name} did not say {what} within {within} s")
                if not any(reader.is_alive() for reader in self._readers):
                    raise Mistake(f"{self.name} ended (status {self._popen.wait()}) while awaited")
                self._changed.wait(left)

    def signal(self, number):
        if self.runs:
            self._popen.send_signal(number)

    def freeze(self):
        """SIGSTOP: the program stands still until thawed."""
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL, and gone when this returns."""
        self.signal(signal.SIGKILL)
        return self.wait(5)

    def stop(self, within=5):
        """SIGTERM, SIGKILL if that does not end it in time; gives the exit status."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            return self.wait(within)
        except Mistake:
            return self.kill()

    def wait(self, within=10):
        """Waits for the end and all output; gives the exit status."""
        try:
            status = self._popen.wait(timeout=within)
        except subprocess.TimeoutExpired:
            raise Mistake(f"{self.name} was still running after {within} s") from None
        for reader in self._readers:
            reader.join(timeout=2)
        return status

    def memory_kib(self):
        """Resident memory in KiB."""
        return processes.memory(self.pid) // 1024

    def cpu_seconds(self):
        """Processor time used so far, in seconds."""
        return processes.processor(self.pid)

    def wakeups(self):
        """How often its threads went to sleep of their own accord so far."""
        total = 0
        for path in glob.glob(f"/proc/{self.pid}/task/*/status"):
            with open(path) as file:
                for line in file:
                    if line.startswith("voluntary_ctxt_switches:"):
                        total += int(line.split()[1])
        return total
