"""Serves the page and a FakeOffice on loopback, as zuruf-desk serves it and its node.

usage: python3 mock.py [--empty] [--past N] [--port N]     prints the link to open

Host, Origin, cookie and content type are checked as the contract says, so that a page that would
not pass there does not pass here. It is a test double: nothing of it is shipped.
"""

import argparse
import json
import os
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

for folder in ("page", "shared"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

import binding  # noqa: E402
from fakemethods import Methods  # noqa: E402
from fakeoffice import Refused  # noqa: E402

HEADERS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store"}
FILES = {"/icon.svg": "image/svg+xml", "/texts/de.json": "application/json",
         "/texts/en.json": "application/json"}
BODY_BYTES_MAX = 1_048_576
BEAT_SECONDS = 15


class Mock:
    """A server with its office; `link` opens the page once."""

    def __init__(self, office, port=0):
        self.office = office
        self.cookie = secrets.token_hex(16)
        self.links, self.squatted = set(), []
        self.pages = {one: binding.document(one) for one in binding.LANGUAGES}
        self.policy = binding.policy(self.pages["en"])
        self.is_away, self.squatter = False, None
        self.served = 0
        self.refusals = []
        self.streams = 0
        self.dropped = 0
        mock = self

        class Handler(_Handler):
            pass

        Handler.mock = mock
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def link(self):
        token = secrets.token_hex(16)
        self.links.add(token)
        return f"{self.origin}/enter?link={token}"

    def set_away(self, is_away):
        """The node under the server is gone, or back; streams end."""
        with self.office.lock:
            self.is_away = is_away
            self.office.changed.notify_all()

    def drop_streams(self):
        """Every stream of events ends; whoever begins one anew hears what comes from then on."""
        with self.office.lock:
            self.dropped += 1
            self.office.changed.notify_all()

    def renew(self):
        """As a node that begins anew: its cookies count no more, and every stream ends."""
        self.cookie = secrets.token_hex(16)
        self.drop_streams()

    def squat(self, script):
        """Somebody else has the port from now on, and answers every path with that script."""
        self.squatter = script.encode()

    def wait_for_stream(self, seconds=20):
        with self.office.lock:
            return self.office.changed.wait_for(lambda: self.streams > 0, seconds)

    def wait_for_no_stream(self, seconds=20):
        with self.office.lock:
            return self.office.changed.wait_for(lambda: self.streams == 0, seconds)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mock = None

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            # A browser that is closed lets its connections fall.
            pass

    def log_message(self, *_arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Security-Policy": self.mock.policy, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            # The tab was closed, or went elsewhere, before its answer came.
            self.close_connection = True
        self.mock.served += len(body)

    def refuse(self, status, reason):
        self.mock.refusals.append((self.path, reason))
        self.answer(status)

    def is_known(self):
        return f"zuruf-{self.mock.port}={self.mock.cookie}" in self.headers.get("Cookie", "")

    def do_GET(self):
        if self.headers.get("Host") != f"127.0.0.1:{self.mock.port}":
            return self.refuse(403, "host")
        if self.path.startswith("/enter?link="):
            token = self.path.split("=", 1)[1]
            if token not in self.mock.links:
                return self.refuse(401, "link")
            self.mock.links.discard(token)
            cookie = f"zuruf-{self.mock.port}={self.mock.cookie}; HttpOnly; SameSite=Strict; Path=/"
            return self.answer(303, Location="/", Set_Cookie=cookie)
        if self.mock.squatter is not None:
            self.mock.squatted.append(self.path)
            return self.answer(200, self.mock.squatter, Content_Type="text/javascript")
        if self.path == "/":
            asked = [one.strip()[:2] for one in self.headers.get("Accept-Language", "").split(",")]
            language = next((one for one in asked if one in binding.LANGUAGES), "en")
            return self.answer(200, self.mock.pages[language],
                               Content_Type="text/html; charset=utf-8")
        if self.path in FILES:
            return self.answer(200, binding.source(self.path[1:]).encode(),
                               Content_Type=FILES[self.path])
        return self.refuse(404, "no such file")

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            return self.refuse(413, "body")
        body = self.rfile.read(length)
        if self.headers.get("Host") != f"127.0.0.1:{self.mock.port}":
            return self.refuse(403, "host")
        if self.headers.get("Origin") != self.mock.origin:
            return self.refuse(403, "origin")
        if self.headers.get("Content-Type") != "application/json":
            return self.refuse(415, "type")
        if not self.is_known():
            return self.refuse(401, "cookie")
        request = json.loads(body)
        if self.path == "/rpc":
            return self.rpc(request)
        if self.path == "/events":
            return self.events(request)
        return self.refuse(404, "no such path")

    def rpc(self, request):
        answer = {"jsonrpc": "2.0", "id": request["id"]}
        status = 200
        if set(request) != {"jsonrpc", "id", "method", "params"}:
            answer["error"] = {"code": -32600, "message": "invalid request",
                               "data": {"name": "invalid-request", "candidates": []}}
        elif self.mock.is_away:
            status = 503
            answer["error"] = {"code": 3001, "message": "no node answers",
                               "data": {"name": "no-node", "candidates": []}}
        else:
            try:
                answer["result"] = self.mock.office.call(request["method"], request["params"])
            except Refused as refused:
                answer["error"] = refused.as_error()
            except TypeError as error:
                answer["error"] = Refused("invalid-parameters", str(error)).as_error()
        with self.mock.office.lock:
            text = json.dumps(answer).encode()
        return self.answer(status, text, Content_Type="application/json")

    def events(self, request):
        office, mock = self.mock.office, self.mock
        if mock.is_away:
            return self.refuse(503, "away")
        self.send_response(200)
        for name, value in {**HEADERS, "Content-Type": "text/event-stream",
                            "Content-Security-Policy": mock.policy}.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with office.lock:
            place = self.place_after(request.get("after"))
            dropped = mock.dropped
            mock.streams += 1
            office.changed.notify_all()
        try:
            self.push({"kind": "subscribed", "cursor": f"{place:016x}"})
            self.push({"kind": "caught-up", "cursor": f"{place:016x}"})
            while True:
                with office.lock:
                    office.changed.wait_for(
                        lambda: len(office.events) > place or mock.is_away
                        or mock.dropped > dropped, BEAT_SECONDS)
                    if mock.is_away or mock.dropped > dropped:
                        return None
                    fresh = json.loads(json.dumps(office.events[place:]))
                    place = len(office.events)
                for event in fresh:
                    self.push(event)
                    if event["kind"] == "lagged":
                        return None
                if not fresh:
                    self.wfile.write(b": \n\n")
        except OSError:
            return None
        finally:
            with office.lock:
                mock.streams -= 1
                office.changed.notify_all()

    def place_after(self, cursor):
        """Where in the events a stream goes on; a message's cursor means behind that message."""
        events = self.mock.office.events
        if cursor is None:
            return len(events)
        for index, event in enumerate(events):
            if event.get("message", {}).get("cursor") == cursor:
                return index + 1
        return min(int(cursor, 16), len(events)) if len(cursor) == 16 else len(events)

    def push(self, event):
        text = json.dumps(event, ensure_ascii=False)
        self.wfile.write(f"data: {text}\n\n".encode("utf-8", "replace"))
        self.wfile.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--empty", action="store_true", help="the computer belongs to no office")
    parser.add_argument("--past", type=int, default=0, metavar="N", help="messages of a long group")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    mock = Mock(Methods(options.empty, options.past), options.port)
    print(mock.link(), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        mock.close()


if __name__ == "__main__":
    main()
