"""Speaks to a node as Protocol/A-control.md says: one JSON object a line over a Unix socket."""

import json
import select
import socket
import time


class Refused(Exception):
    """The node answered with an error, which has a name, a sentence and perhaps a hint."""

    def __init__(self, sentence, name="", hint=""):
        self.name, self.hint = name, hint
        super().__init__(sentence)


class Control:
    """One connection. Events that come among the answers wait in `events` with their moment."""

    def __init__(self, path, within=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(within)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self.rest, self.number = b"", 0
        self.answers, self.events = {}, []

    def close(self):
        self.socket.close()

    def ask(self, method, **parameters):
        """The result of one request."""
        return self.answer(self.send(method, **parameters))

    def send(self, method, **parameters):
        """Sends a request without waiting; gives its number."""
        self.number += 1
        self.socket.sendall(line(self.number, method, parameters))
        return self.number

    def raw(self, data):
        """Sends a line as it is."""
        self.socket.sendall(data + b"\n")

    def answer(self, number=None):
        """The result of the request of that number, else of the one that was answered next."""
        while not self.answers if number is None else number not in self.answers:
            self.take()
        return result(self.answers.pop(next(iter(self.answers)) if number is None else number))

    def take(self, within=None):
        """Reads what is there, or waits for it; False where nothing came in time."""
        if within is not None and not select.select([self.socket], [], [], within)[0]:
            return False
        more = self.socket.recv(262144)
        moment = time.monotonic()
        if not more:
            raise ConnectionError("the node closed the connection")
        lines = (self.rest + more).split(b"\n")
        self.rest = lines.pop()
        for one in lines:
            value = json.loads(one)
            if "id" in value:
                self.answers[value["id"]] = value
            else:
                self.events.append((moment, value["params"]))
        return True

    def event(self, wanted, within=10):
        """The moment at which the first event came of which `wanted` is true."""
        deadline = time.monotonic() + within
        while True:
            for index, (moment, value) in enumerate(self.events):
                if wanted(value):
                    del self.events[: index + 1]
                    return moment
            self.events.clear()
            left = deadline - time.monotonic()
            if left <= 0 or not self.take(left):
                raise Refused(f"no such event within {within} s")


def messages(ask, group="everyone"):
    """Every message of a group, oldest first, by as many requests as it takes."""
    found, before = [], {}
    while True:
        page = ask("read", group=group, limit=1000, **before)
        found = page["messages"] + found
        if not page["more"] or not page["messages"]:
            return found
        before = {"before": page["messages"][0]["cursor"]}


def line(number, method, parameters):
    """One request as it goes over the socket."""
    request = {"id": number, "jsonrpc": "2.0", "method": method, "params": parameters}
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def result(value):
    """What an answer carries; raises where it is an error."""
    if "error" in value:
        error = value["error"]
        data = error.get("data") or {}
        raise Refused(error["message"], data.get("name", ""), data.get("hint", ""))
    return value["result"]
