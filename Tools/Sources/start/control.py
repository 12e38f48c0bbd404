"""Speaks to a node over its socket: JSON-RPC 2.0, one object a line (Protocol/A-control.md)."""

import json
import socket
import threading
import time

SECONDS_FOR_ANSWER = 20
LINE_BYTES_MAX = 1 << 20


class Refused(Exception):
    """The node answered a request with an error."""

    def __init__(self, method, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.hint = data.get("hint")
        self.sentence = error.get("message", "no reason given")
        super().__init__(f"the node refused \"{method}\": {self.sentence}")


class Unreachable(Exception):
    """The node closed the connection or did not answer in time."""


class Connection:
    """One connection; a thread reads its lines and notes when each arrived."""

    def __init__(self, path, on_event):
        self._on_event = on_event
        self._answers = {}
        self._next = 1
        self._closed = False
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method, seconds=SECONDS_FOR_ANSWER, **parameters):
        """Asks one thing; returns the result and the moments of asking and of the answer."""
        with self._changed:
            number = self._next
            self._next += 1
        line = json.dumps(
            {"id": number, "jsonrpc": "2.0", "method": method, "params": parameters},
            ensure_ascii=False).encode() + b"\n"
        asked = time.perf_counter()
        try:
            self._socket.sendall(line)
        except OSError as error:
            raise Unreachable(f"the node went away before \"{method}\"") from error
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or self._closed, seconds)
            if number not in self._answers:
                why = "went away during" if self._closed else f"gave no answer in {seconds} s to"
                raise Unreachable(f"the node {why} \"{method}\"")
            answer, answered = self._answers.pop(number)
        if "error" in answer:
            raise Refused(method, answer["error"])
        return answer.get("result") or {}, asked, answered

    def close(self):
        """Ends the connection."""
        with self._changed:
            self._closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the node was faster
        self._socket.close()

    def _read(self):
        rest = b""
        while True:
            try:
                piece = self._socket.recv(65536)
            except OSError:
                piece = b""
            moment = time.perf_counter()
            if not piece or len(rest) > LINE_BYTES_MAX:
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._take(json.loads(line), moment)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, value, moment):
        if value.get("method") == "event":
            self._on_event(value.get("params") or {}, moment)
            return
        with self._changed:
            self._answers[value.get("id")] = (value, moment)
            self._changed.notify_all()
