"""The end of the demo: a person writes as one of the three."""

import time

from control import Refused
from node import Trouble
from screen import milliseconds
from story import GROUP, linked

HELP = [
    ("TEXT", f"write it in \"{GROUP}\""),
    ("/as NAME", "write as somebody else"),
    ("/stop NAME", "switch that node off"),
    ("/start NAME", "switch it on again; it fetches what it missed"),
    ("/status", "who is on, linked with whom, and what waits"),
    ("/quit", "end the demo and remove its data"),
]
SECONDS_TO_SHOW = 5


class Prompt:
    """Reads lines from the terminal until the person has had enough."""

    def __init__(self, story, screen):
        self._story = story
        self._screen = screen
        self._me = story.anna
        self._commands = {"/as": self._as, "/stop": self._stop, "/start": self._start}

    def run(self):
        """Goes on until /quit or the end of the input."""
        self._screen.heading(f"Now you: you are {self._me.name}")
        self._help()
        for node in self._story.nodes:
            node.on_message = self._arrived
        while True:
            try:
                line = self._read()
            except EOFError:
                self._screen.line()
                return
            if line in ("/quit", "/q", "/exit"):
                return
            try:
                self._obey(line)
            except (Trouble, Refused) as error:
                self._screen.line(f"  {self._screen.painted(str(error), 'red')}")
                if isinstance(error, Refused) and error.hint:
                    self._screen.line(f"  hint: {error.hint}")

    def _read(self):
        shown = f"{self._me.name}> "
        try:
            import readline  # gives line editing where Python has it
            typed = readline.get_line_buffer
        except ImportError:
            def typed():
                return ""
        self._screen.prompt = lambda: (shown, typed())
        try:
            return input(shown).strip()
        finally:
            self._screen.prompt = None

    def _obey(self, line):
        if not line:
            return
        word, _, rest = line.partition(" ")
        if word in ("/help", "/?"):
            self._help()
        elif word == "/status":
            self._status()
        elif word in self._commands:
            self._commands[word](self._node(rest.strip()))
        elif word.startswith("/"):
            self._screen.line(f"  there is no command {word}; /help lists them")
        else:
            self._send(line)

    def _help(self):
        for spelling, effect in HELP:
            self._screen.line(f"  {spelling:<13}{effect}")

    def _node(self, name):
        found = [
            node for node in self._story.nodes if node.name.lower().startswith(name.lower())]
        if not name or len(found) != 1:
            raise Trouble("say who: " + ", ".join(node.name for node in self._story.nodes))
        return found[0]

    def _as(self, node):
        self._me = node
        if not node.runs:
            self._screen.line(f"  {node.name}'s node is off; /start {node.name}")

    def _stop(self, node):
        if not node.runs:
            raise Trouble(f"{node.name}'s node is off already")
        node.stop()
        self._screen.step(node, "is off")

    def _start(self, node):
        if node.runs:
            raise Trouble(f"{node.name}'s node is on already")
        begun, ready = node.start()
        self._screen.step(node, "is on", milliseconds(ready - begun))
        node.catch_up(GROUP)

    def _send(self, text):
        answer, asked, answered = self._me.call("send", to=GROUP, text=text)
        notes = [f"disk {milliseconds(answered - asked)}"]
        end = time.monotonic() + SECONDS_TO_SHOW
        for node in self._story.nodes:
            if node is self._me:
                continue
            if not node.runs:
                notes.append(f"{node.name} is off")
                continue
            shown = node.wait_shown(answer["entry"], max(0.0, end - time.monotonic()))
            notes.append(f"{node.name} " + ("not yet" if shown is None
                                            else milliseconds(shown - asked)))
        self._screen.step(self._me, text, ", ".join(notes))

    def _arrived(self, node, message):
        """Tells of a message that a node shows although it was off when that was written."""
        age = time.time() - message["time"]["ms"] / 1000
        if message["time"]["ms"] < node.started_ms:
            author = (message.get("member") or {}).get("name", "?")
            self._screen.step(
                node, f"catches up: {author}: {printable(message['text'])}",
                f"written {age:.0f} s ago")

    def _status(self):
        for node in self._story.nodes:
            if not node.runs:
                self._screen.step(node, "off")
                continue
            status = node.call("status")[0]
            words = [f"on, linked with {linked(node)} of 2"]
            for waiting in status.get("waiting", []):
                who = (waiting.get("device") or {}).get("name", "?")
                count = waiting.get("entries")
                words.append(f"{count} to hand over to {who}")
            words += [state.get("word", "?") for state in status.get("degraded", [])]
            self._screen.step(node, "; ".join(words))


def printable(text):
    """A text within a line, with what would act on a terminal made visible."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
