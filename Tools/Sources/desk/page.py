"""A node with its page, and a browser that may send anything: raw bytes over a socket."""

import json
import os
import re
import socket

import binding
from nodes import Node, expect, until
from ports import free_ports

# What every answer carries (W-8, W-15).
EVERYWHERE = {
    "connection": "close",
    "content-security-policy": binding.policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}  # fmt: skip
JSON = "application/json"


class Answer:
    """One answer, taken apart; `rest` is what came behind it."""

    def __init__(self, data):
        head, gap, body = data.partition(b"\r\n\r\n")
        expect(gap, f"no answer but {data[:80]!r}")
        first, *lines = head.decode("ascii").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 ([0-9]{3}) [\w' -]+", first)
        expect(match, f"no status line: {first!r}")
        self.status, self.fields = int(match[1]), {}
        for line in lines:
            name, _, value = line.partition(": ")
            expect(name.lower() not in self.fields, f"{name} stands twice")
            self.fields[name.lower()] = value
        if self.fields.get("transfer-encoding") == "chunked":
            self.body, self.rest = unchunked(body)
        else:
            length = int(self.fields.get("content-length", 0))
            self.body, self.rest = body[:length], body[length:]

    def json(self):
        return json.loads(self.body)

    def check(self):
        """What holds for every answer there is."""
        for name, value in EVERYWHERE.items():
            expect(self.fields.get(name) == value, f"{self.status}: {name} is not there")
        grants = [name for name in self.fields if name.startswith("access-control")]
        expect(not grants, f"it grants {grants}")
        return self


def unchunked(data):
    """The body of a chunked answer, as far as it came, and what is behind it."""
    body, place = bytearray(), 0
    while True:
        end = data.find(b"\r\n", place)
        if end < 0:
            return bytes(body), b""
        length, place = int(data[place:end], 16), end + 2
        if length == 0:
            return bytes(body), data[place + 2 :]
        body += data[place : place + length]
        place += length + 2


class Tab:
    """One connection of a browser."""

    def __init__(self, port, host="127.0.0.1", within=10):
        self.socket = socket.create_connection((host, port), timeout=within)
        self.data = bytearray()

    def send(self, data):
        """Sends; a server that has closed meanwhile is no mistake of the sender."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def more(self):
        """Reads what is there or comes next; False at the end."""
        try:
            more = self.socket.recv(262144)
        except ConnectionResetError:
            more = b""
        self.data += more
        return bool(more)

    def all(self):
        """Everything until the other end closes."""
        while self.more():
            pass
        self.close()
        return bytes(self.data)

    def until(self, wanted):
        """Reads until the bytes have come."""
        searched = 0
        while self.data.find(wanted, searched) < 0:
            searched = max(0, len(self.data) - len(wanted))
            expect(self.more(), f"it ended before {wanted[:60]!r}")
        return self

    def close(self):
        self.socket.close()


class Page(Node):
    """One `zuruf-desk` with data of its own."""

    def __init__(self, field, name, seconds=60, port=None):
        """At a port of its own; where one is given, that is where the page is expected by itself."""
        super().__init__(field, name)
        self.asks, self.seconds = port is None, seconds
        self.web = free_ports(1)[0] if port is None else port

    def command(self):
        command = super().command()
        command[0] = self.field.program("zuruf-desk")
        if self.asks:
            command += ["--page-port", str(self.web)]
        return command + ["--page-seconds", str(self.seconds)]

    def start(self):
        super().start()
        self.cookie = self.enter()
        return self

    @property
    def host(self):
        return f"127.0.0.1:{self.web}"

    def taken(self):
        """How many connections of browsers it has taken and not closed. Other descriptors come and go
        by themselves, and a connection that it has not taken yet stands in no file of its own."""
        folder, own, count = f"/proc/{self.process.pid}", set(), 0
        for number in os.listdir(f"{folder}/fd"):
            try:
                own.add(os.readlink(f"{folder}/fd/{number}"))
            except FileNotFoundError:
                pass  # It was closed meanwhile.
        with open(f"{folder}/net/tcp") as table:
            for line in list(table)[1:]:
                words = line.split()
                here, state, inode = words[1], words[3], words[9]
                connected = state in ("01", "08")
                if connected and here.endswith(f":{self.web:04X}") and f"socket:[{inode}]" in own:
                    count += 1
        return count

    # The way in.

    def link(self):
        """A new link, as `zuruf open` gets it."""
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(10)
            one.connect(self.socket + "-page")
            line = b""
            while not line.endswith(b"\n"):
                more = one.recv(4096)
                expect(more, "no link is given")
                line += more
        link = json.loads(line)["link"]
        token = re.fullmatch(rf"http://127\.0\.0\.1:{self.web}/enter\?link=([0-9a-f]{{64}})", link)
        expect(token, f"no link: {link}")
        self.field.private.add(token[1])
        return token[1]

    def enter(self):
        """The cookie for a new link."""
        answer = self.get(f"/enter?link={self.link()}", cookie=None)
        expect(answer.status == 303 and answer.fields["location"] == "/", "the link does not lead in")
        cookie = answer.fields["set-cookie"]
        form = rf"zuruf-{self.web}=([0-9a-f]{{64}}); Path=/; HttpOnly; SameSite=Strict"
        match = re.fullmatch(form, cookie)
        expect(match, f"the cookie is {cookie}")
        self.field.private.add(match[1])
        return f"zuruf-{self.web}={match[1]}"

    # What is sent.

    def lines(self, method, path, cookie="own", body=None, **fields):
        """The bytes of a request as the page makes it; a field that is None is left out."""
        all = {"Host": self.host}
        if cookie:
            all["Cookie"] = self.cookie if cookie == "own" else cookie
        if body is not None:
            all |= {"Origin": f"http://{self.host}", "Content-Type": JSON}
            all["Content-Length"] = str(len(body))
        all |= {name.replace("_", "-"): value for name, value in fields.items()}
        head = [f"{method} {path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in all.items() if value is not None]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + (body or b"")

    def raw(self, data, host="127.0.0.1"):
        """Everything that comes back for some bytes."""
        return Tab(self.web, host).send(data).all()

    def sole(self, data, host="127.0.0.1"):
        """The one answer to some bytes, with nothing behind it."""
        answer = Answer(self.raw(data, host)).check()
        expect(answer.rest == b"", f"something came behind the answer: {answer.rest[:80]!r}")
        return answer

    def get(self, path, **more):
        return self.sole(self.lines("GET", path, **more))

    def post(self, path, body, **more):
        return self.sole(self.lines("POST", path, body=body, **more))

    def call(self, method, **parameters):
        """The node's answer to a request of the page."""
        self.field.note(parameters)
        request = {"id": 7, "jsonrpc": "2.0", "method": method, "params": parameters}
        answer = self.post("/rpc", json.dumps(request).encode())
        expect(answer.status == 200, f"{method} gives {answer.status}")
        return answer.json()

    def watch(self, **parameters):
        """An open stream of events."""
        tab = Tab(self.web).send(
            self.lines("POST", "/events", body=json.dumps(parameters).encode()))
        tab.until(b'"kind":"subscribed"')
        return tab

    def lives(self):
        """The page is served, and the node answers it."""
        expect(self.get("/").status == 200, "the page is not served any more")
        expect("result" in self.call("status"), "the node does not answer any more")


def events(tab):
    """The events that came so far, whole ones only."""
    body = Answer(bytes(tab.data)).body.decode()
    found = []
    for block in body.split("\n\n")[:-1]:
        if block.startswith("data: "):
            found.append(json.loads(block[6:]))
        else:
            expect(block.startswith(":"), f"neither event nor comment: {block[:80]!r}")
    return found


def open_files(page, base):
    """Waits until the node has no more descriptors open than before, but for a few that it keeps:
    both ends of four connections to itself, for the next calls."""
    until(lambda: page.descriptors() <= base + 8, f"it keeps more than {base} and 8 files open")


def page(field, name="anna", seconds=60):
    """A node with its page, in an office of its own."""
    one = Page(field, name, seconds)
    field.nodes.append(one)
    one.start()
    one.ask("office.new", office="Desk", name=name, device="pc-" + name)
    return one


def shared_cases(name):
    """The public cases of one kind, none where they are not there."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    folder = os.environ.get("ZURUF_SHARED", os.path.join(root, "..", "shared"))
    path = os.path.join(folder, "vectors", name + ".json")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)["cases"]
