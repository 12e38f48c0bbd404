"""A person at a terminal: reads what a program shows there, and types."""

import os
import pty
import re
import select
import signal
import time

# What a terminal takes as a command, such as Readline's switching of bracketed paste.
STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Person:
    """A program on a terminal of its own, and all that it showed."""

    def __init__(self, command, environment):
        self.text, self._seen, self._status = "", 0, None
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            try:
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)

    def sees(self, wanted, within=20):
        """Waits until the program shows something new; gives all that came with it."""
        deadline = time.monotonic() + within
        while True:
            found = self.text.find(wanted, self._seen)
            if found >= 0:
                shown = self.text[self._seen : found + len(wanted)]
                self._seen = found + len(wanted)
                return shown
            if not self._read(deadline - time.monotonic()):
                raise OSError(f"the terminal does not show \"{wanted}\": {self.text[-600:]}")

    def types(self, line, wanted):
        """Types a line; gives what is shown from there until what is wanted."""
        os.write(self._terminal, line.encode() + b"\n")
        # The terminal echoes what is typed before anything comes of it.
        return (self.sees(line) if line else "") + self.sees(wanted)

    def ends(self, within=20):
        """Reads until the program closes the terminal."""
        deadline = time.monotonic() + within
        while self._read(deadline - time.monotonic()):
            pass

    def status(self):
        """The exit status; waits for it."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self._status

    def close(self):
        if self._status is None:
            os.kill(self._pid, signal.SIGHUP)
            self.status()
        os.close(self._terminal)

    def _read(self, seconds):
        if seconds <= 0 or not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self._terminal, 65536)
        except OSError:
            return False  # the last one at the other end went
        self.text += STEERING.sub("", piece.decode(errors="replace"))
        return bool(piece)
