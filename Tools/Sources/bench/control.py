"""Speaks to a node as Protocol/A-control.md says: one JSON object a line over a Unix socket."""

import json
import select
import socket
import time


class Refused(Exception):
    """The node answered with an error."""


class Control:
    """One connection. Events that come among the answers wait in `events` with their moment."""

    def __init__(self, path, within=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(within)
        self.socket.connect(path)
        self.rest, self.number = b"", 0
        self.answers, self.events = {}, []

    def close(self):
        self.socket.close()

    def ask(self, method, **parameters):
        """The result of one request."""
        return self.answer(self.start(method, **parameters))

    def start(self, method, **parameters):
        """Sends a request without waiting; gives its number."""
        self.number += 1
        self.socket.sendall(line(self.number, method, parameters))
        return self.number

    def answer(self, number):
        while number not in self.answers:
            self.take()
        return result(self.answers.pop(number))

    def take(self, within=None):
        """Reads what is there, or waits for it; False where nothing came in time."""
        if within is not None and not select.select([self.socket], [], [], within)[0]:
            return False
        more = self.socket.recv(262144)
        moment = time.monotonic()
        if not more:
            raise Refused("the node closed the connection")
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


def line(number, method, parameters):
    """One request as it goes over the socket."""
    request = {"id": number, "jsonrpc": "2.0", "method": method, "params": parameters}
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def result(value):
    """What an answer carries; raises where it is an error."""
    if "error" in value:
        raise Refused(value["error"]["message"])
    return value["result"]


def append_many(path, texts, callers, group="everyone"):
    """Sends every text, that many at a time; gives the seconds until the last is durable.

    Each caller is a connection of its own with one request under way, as programs are.
    """
    connections = []
    poll = select.epoll()
    for _ in range(callers):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(30)
        one.connect(path)
        poll.register(one, select.EPOLLIN)
        connections.append(one)
    by_number = {one.fileno(): one for one in connections}
    requests = [line(1, "send", {"to": group, "text": text}) for text in texts]
    requests.reverse()
    left = len(requests)
    began = time.monotonic()
    for one in connections:
        if requests:
            one.sendall(requests.pop())
    while left:
        ready = poll.poll(30)
        if not ready:
            raise Refused("no answer to a send within 30 s")
        for number, _ in ready:
            one = by_number[number]
            # One request is under way, so that what comes is one answer, short enough for one read.
            answer = one.recv(65536)
            while not answer.endswith(b"\n"):
                answer += one.recv(65536)
            if b'"durable":true' not in answer:
                raise Refused(answer.decode())
            left -= 1
            if requests:
                one.sendall(requests.pop())
    took = time.monotonic() - began
    poll.close()
    for one in connections:
        one.close()
    return took
