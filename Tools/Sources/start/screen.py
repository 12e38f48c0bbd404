"""What the demo shows: plain lines, with colours where there is a terminal."""

import os
import sys
import textwrap
import threading

COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34",
           "magenta": "35", "cyan": "36"}
NAME_COLUMNS = 10


class Screen:
    """Standard output, shared by the threads that print."""

    def __init__(self):
        self._coloured = (sys.stdout.isatty() and not os.environ.get("NO_COLOR")
                          and os.environ.get("TERM", "dumb") != "dumb")
        self._lock = threading.Lock()
        # Set while a person types, so that a line that comes in between leaves the typing whole.
        self.prompt = None

    def painted(self, text, colour):
        """The text in a colour, or as it is."""
        if not self._coloured or not colour:
            return text
        return f"\033[{COLOURS[colour]}m{text}\033[0m"

    def line(self, text=""):
        """One line; what is being typed is shown again below it."""
        with self._lock:
            if self.prompt is None:
                print(text, flush=True)
                return
            shown, typed = self.prompt()
            clear = "\r\033[K" if self._coloured else "\n"
            print(f"{clear}{text}\n{shown}{typed}", end="", flush=True)

    def paragraph(self, text):
        """A few sentences, broken into lines."""
        for line in textwrap.wrap(text, 92):
            self.line(line)

    def heading(self, text):
        """What comes next."""
        self.line()
        self.line(self.painted(text, "bold"))

    def step(self, person, text, note=""):
        """What somebody did or said, and after a gap how long it took."""
        name = self.painted(person.name.ljust(NAME_COLUMNS), person.colour)
        if not note:
            self.line(f"  {name}{text}")
            return
        gap = max(2, 46 - len(text))
        self.line(f"  {name}{text}{' ' * gap}{self.painted(note, 'dim')}")


def milliseconds(seconds):
    """A duration as a person reads it."""
    value = seconds * 1000
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"
