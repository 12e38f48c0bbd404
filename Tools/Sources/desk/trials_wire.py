"""What is sent: smuggled and malformed requests, paths, JSON, sizes."""

import base64
import json

from nodes import Skip, expect
from page import Answer, Tab, page, shared_cases
from trial import trial

CALL = b'{"id":1,"jsonrpc":"2.0","method":"status"}'


def refused(page, data, what, statuses=(400,)):
    """One refusal and then the end, whatever follows."""
    answer = page.sole(data)
    expect(answer.status in statuses, f"{what}: {answer.status}")


def statuses(data):
    """Every status line that came, one answer after the other."""
    found = []
    while data:
        answer = Answer(data)
        found.append(answer.status)
        data = answer.rest
    return found


@trial("smuggle", "heads that two readers could understand differently are refused: 400 and close", 60)
def smuggle(field):
    a = page(field)
    # The request that is hidden behind: whatever is wrong, it must never be carried out.
    hidden = a.lines("POST", "/rpc", body=json.dumps(
        {"id": 2, "jsonrpc": "2.0", "method": "send", "params": {"to": "everyone", "text": "hidden"}}
    ).encode())  # fmt: skip
    own = a.lines("POST", "/rpc", body=CALL)
    head, _, body = own.partition(b"\r\n\r\n")
    get = a.lines("GET", "/")[:-2]

    def field_line(line, body=body):
        return head + b"\r\n" + line + b"\r\n\r\n" + body + hidden

    tries = {
        "both lengths": field_line(b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
        "two lengths": field_line(b"Content-Length: 0"),
        "the same length twice": field_line(b"Content-Length: %d" % len(CALL)),
        "two hosts": field_line(b"Host: evil.example"),
        "two origins": field_line(b"Origin: http://evil.example"),
        "two cookies": field_line(b"Cookie: a=b"),
        "folded": field_line(b"X-A: b\r\n c: d"),
        "folded by a tab": field_line(b"X-A: b\r\n\tContent-Length: 0"),
        "folded at the start": head.replace(b"\r\n", b"\r\n X: y\r\n", 1) + b"\r\n\r\n" + body,
        "space before the colon": field_line(b"Content-Length : 0"),
        "tab before the colon": field_line(b"Transfer-Encoding\t: chunked"),
        "no colon": field_line(b"Transfer-Encoding chunked"),
        "no name": field_line(b": x"),
        "bare line feed": field_line(b"X: y\nTransfer-Encoding: chunked"),
        "bare carriage return": field_line(b"X: y\rTransfer-Encoding: chunked"),
        "only line feeds": own.replace(b"\r\n", b"\n") + hidden,
        "NUL": field_line(b"X: a\0b"),
        "a control in a value": field_line(b"X: a\x0bb"),
        "a control in a name": field_line(b"X\x01: b"),
        "a quote in a name": field_line(b'"X": b'),
        "8 bits in a name": field_line("Ä: b".encode()),
        "an empty line first": b"\r\n" + own,
        "a line feed first": b"\n" + own,
        "a blank first": b" " + own,
        "two blanks in the first line": own.replace(b" /rpc", b"  /rpc") + hidden,
        "a tab in the first line": own.replace(b" /rpc", b"\t/rpc") + hidden,
        "no version": own.replace(b" HTTP/1.1", b"", 1) + hidden,
        "a small version": own.replace(b"HTTP/1.1", b"http/1.1", 1) + hidden,
        "more behind the version": own.replace(b"HTTP/1.1", b"HTTP/1.1 x", 1) + hidden,
        "a blank behind the version": own.replace(b"HTTP/1.1", b"HTTP/1.1 ", 1) + hidden,
        "a fragment's path": own.replace(b" /rpc", b" rpc", 1) + hidden,
        "an asterisk": own.replace(b" /rpc", b" *", 1) + hidden,
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    }  # fmt: skip
    for value in (b"+5", b"-1", b"0x10", b"5,5", b"5 5", b"", b"5.0", b"1e3", b"9" * 40, b"\x31\xb2",
                  b'"5"'):  # fmt: skip
        line = b"Content-Length: %d" % len(CALL)
        expect(line in own, "there is a length")
        tries[f"length {value[:8]!r}"] = own.replace(line, b"Content-Length: " + value) + hidden
    for value in (b"chunked", b"Chunked", b"identity", b"gzip, chunked", b"chunked, identity", b"x",
                  b"", b"\x0bchunked", b"chunked\0"):  # fmt: skip
        tries[f"encoding {value!r}"] = (
            get + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n" + hidden)
    for what, data in tries.items():
        refused(a, data, what)
    for version in (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.2", b"HTTP/11", b"HTTP/1.10"):
        refused(a, get.replace(b"HTTP/1.1", version) + b"\r\n", version, (400, 505))
    refused(a, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2", (400, 505))
    # A whole second request in the same bytes is not one of ours.
    for first in (a.lines("GET", "/"), own, a.lines("POST", "/rpc", body=CALL, Connection="keep-alive")):
        back = a.raw(first + hidden)
        expect(statuses(back) == [200], f"behind an answer comes {statuses(back)}")
    expect("hidden" not in a.texts(), "a smuggled request was carried out")
    a.lives()
    return f"{len(tries)} ways"


@trial("http-vectors", "the public cases of bad requests, each with a request hidden behind it", 120)
def http_vectors(field):
    requests, encodings = shared_cases("http_requests"), shared_cases("http_te_obfuscation")
    if not requests or not encodings:
        raise Skip("there are no public test cases")
    a = page(field)
    hidden = a.lines("POST", "/rpc", body=json.dumps(
        {"id": 2, "jsonrpc": "2.0", "method": "send", "params": {"to": "everyone", "text": "hidden"}}
    ).encode())  # fmt: skip
    unfinished = 0
    for case in requests:
        tab = Tab(a.web).send(base64.b64decode(case["base64"]))
        tab.socket.shutdown(1)
        back = tab.all()
        # None names one of our hosts; most are wrong before that.
        if not back:
            unfinished += 1
            continue
        expect(len(statuses(back)) == 1, f"{case['id']}: {statuses(back)}")
        expect(Answer(back).check().status in (400, 403, 431, 505), f"{case['id']}: {back[:20]!r}")
        if case["llhttp_strict"] == "error":
            expect(Answer(back).status != 200, f"{case['id']} is served")
    for case in encodings:
        line = base64.b64decode(case["header_base64"])
        for length, body in ((len(CALL), CALL), (len(CALL) + 5, b"0\r\n\r\n" + CALL)):
            own = a.lines("POST", "/rpc", body=CALL, Content_Length=str(length))
            head = own[: -len(CALL) - 2]
            for one in (head + line + b"\r\n\r\n" + body,
                        head.replace(b"\r\n", b"\r\n" + line + b"\r\n", 1) + b"\r\n" + body):  # fmt: skip
                tab = Tab(a.web).send(one + hidden)
                back = tab.all()
                found = statuses(back)
                expect(len(found) == 1, f"{case['id']}: {found}")
                # Refused, or the line ignored and the length believed.
                expect(found[0] == 400 or length == len(CALL) and found[0] == 200
                       or length != len(CALL) and found[0] in (200, 400), f"{case['id']}: {found}")  # fmt: skip
    expect("hidden" not in a.texts(), "a smuggled request was carried out")
    a.lives()
    return f"{len(requests)} requests ({unfinished} without an end), {4 * len(encodings)} encodings"


@trial("traversal", "paths that climb, hide or split lead nowhere", 60)
def traversal(field):
    cases = [base64.b64decode(case["base64"]) for case in shared_cases("path_traversal")]
    if not cases:
        raise Skip("there are no public test cases")
    a = page(field)
    cases += [b"js/../index.html", b"./", b"//", b"index.html", b"%2e%2e/", b"..%2fkeys", b"js/", b"js",
              b"style.css/", b"style.css%00", b"rpc/", b"Rpc", b"rpc?x", b"?x", b"#x", b"style.css;x",
              b"..\\keys", b"js//app.js", b"~", b"-", b".", b".."]  # fmt: skip
    page_bytes = a.get("/").body
    found = {}
    for case in cases:
        for path in (b"/" + case, b"/js/" + case):
            if path == b"/":
                continue
            tab = Tab(a.web).send(
                b"GET " + path + b" HTTP/1.1\r\nHost: " + a.host.encode() + b"\r\n\r\n")
            tab.socket.shutdown(1)
            answer = Answer(tab.all()).check()
            expect(answer.status in (400, 403, 404, 505), f"{path!r} gives {answer.status}")
            expect(answer.body == b"" and answer.rest == b"", f"{path!r} brings {answer.body[:60]!r}")
            found[answer.status] = found.get(answer.status, 0) + 1
    expect(a.get("/").body == page_bytes, "the page has changed")
    a.lives()
    return ", ".join(f"{count} of {status}" for status, count in sorted(found.items()))


def json_case(case):
    if "base64" in case:
        return base64.b64decode(case["base64"])
    repeat = base64.b64decode(case["repeat_base64"]) * case["repeat_count"]
    return repeat + base64.b64decode(case["tail_base64"])


@trial("json", "the public JSON cases as requests and within requests", 120)
def json_torture(field):
    cases = shared_cases("json_parsing")
    if not cases:
        raise Skip("there are no public test cases")
    a = page(field)
    # Ours is stricter: a name twice is refused, and an escape that is half a character.
    stricter = ("duplicated_key", "surrogate", "UTF-16", "utf16", "BOM", "utf8")
    counts = {"accept": 0, "reject": 0, "either": 0, "transform": 0}
    for case in cases:
        data = json_case(case)
        kind = "transform" if "transform" in case["id"] else case["expect"]
        counts[kind] = counts.get(kind, 0) + 1
        for path in ("/rpc", "/events"):
            if path == "/events" and data.strip() == b"{}":
                # The one case that says what a page may say: to follow everything.
                continue
            answer = a.post(path, data)
            expect(answer.status in (400, 413), f"{case['id']} at {path} gives {answer.status}")
            if answer.status == 413:
                continue
            name = answer.json()["error"]["data"]["name"]
            expect(name in ("parse-error", "invalid-request", "invalid-parameters"),
                   f"{case['id']} gives {name}")  # fmt: skip
            if case["expect"] == "reject":
                expect(name == "parse-error", f"{case['id']} is taken as JSON: {name}")
            if case["expect"] == "accept" and not any(word in case["id"] for word in stricter):
                expect(name != "parse-error", f"{case['id']} is not taken as JSON")
        # As a value within a request: the answer is JSON again, whatever it says.
        inside = b'{"id":1,"jsonrpc":"2.0","method":"send","params":{"to":"everyone","text":'
        answer = a.post("/rpc", inside + data + b"}}")
        if answer.status != 413:
            told = answer.json()
            if case["expect"] == "reject":
                expect("error" in told, f"{case['id']} is sent")
    for body, name in (
        (b"", "parse-error"), (b"[]", "invalid-request"), (b"[" + CALL + b"]", "invalid-request"),
        (b'{"jsonrpc":"2.0","method":"status"}', "invalid-request"),
        (b'{"id":null,"jsonrpc":"2.0","method":"status"}', "invalid-request"),
        (CALL + CALL, "parse-error"), (CALL + b"\n" + CALL, "parse-error"),
        (b"\xef\xbb\xbf" + CALL, "parse-error"), (CALL[:-1] + b',"id":2}', "parse-error"),
        (b'{"id":1,"jsonrpc":"2.0","method":"status","params":' + b"[" * 40 + b"]" * 40 + b"}",
         "parse-error"),
    ):  # fmt: skip
        answer = a.post("/rpc", body)
        expect(answer.status == 400, f"{body[:60]!r} gives {answer.status}")
        expect(answer.json()["error"]["data"]["name"] == name, f"{body[:60]!r}: {answer.body}")
    # Line ends between the parts are blanks, on the way to the node too.
    broken = CALL.replace(b",", b",\r\n\n\r ")
    expect("result" in a.post("/rpc", broken).json(), "a request of several lines is refused")
    # A subscription would change what its connection to the node is.
    answer = a.post("/rpc", CALL.replace(b"status", b"subscribe"))
    expect(answer.status == 400, f"subscribe gives {answer.status}")
    expect(answer.json()["error"]["data"]["name"] == "no-such-method", answer.body)
    a.lives()
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


@trial("huge", "heads and bodies at their limits and beyond", 60)
def huge(field):
    a = page(field)
    head = a.lines("GET", "/")[:-2]
    # The longest head that is read, to the byte.
    for more, status in ((16384 - len(head) - 7, 200), (16384 - len(head) - 6, 431)):
        answer = a.sole(head + b"X: " + b"x" * more + b"\r\n\r\n")
        expect(answer.status == status, f"a head of {len(head) + 7 + more} gives {answer.status}")
    own = head.count(b"\r\n") - 1
    for fields, status in ((100 - own, 200), (101 - own, 431)):
        answer = a.sole(head + b"X: y\r\n" * fields + b"\r\n")
        expect(answer.status == status, f"{fields + own} fields give {answer.status}")
    # Ends without end.
    for data in (b"x" * 20000, b"GET /" + b"x" * 20000, head + b"X: " + b"x" * 20000, head + b"X: y\r\n" * 9000):
        back = a.raw(data)
        if back:
            expect(Answer(back).check().status in (400, 431), f"{data[:20]!r} gives {back[:20]!r}")
    # The longest body, and one byte more; also one that nobody sends.
    padded = CALL + b" " * (1048576 - len(CALL))
    expect("result" in a.post("/rpc", padded).json(), "the longest body is refused")
    for length in (1048577, 2**31, 2**32, 2**63 - 1, 10**14):
        sent = a.lines("POST", "/rpc", body=b"", Content_Length=str(length))
        answer = a.sole(sent)
        expect(answer.status in (400, 413), f"a body of {length} gives {answer.status}")
    answer = a.sole(a.lines("POST", "/rpc", body=CALL, Content_Length=None))
    expect(answer.status == 411, f"a body without a length gives {answer.status}")
    # The longest text there is, each byte escaped, and back.
    text = "\u0001" * 59999 + "x"
    sent = json.dumps({"id": 1, "jsonrpc": "2.0", "method": "send",
                       "params": {"to": "everyone", "text": text}}).encode()  # fmt: skip
    expect("result" in a.post("/rpc", sent).json(), "the longest text is refused")
    expect(a.call("read", group="everyone", limit=1)["result"]["messages"][0]["text"] == text, "it changed")
    before = a.memory()
    for _ in range(40):
        a.post("/rpc", padded)
    grown = a.memory() - before
    expect(grown < 64 << 20, f"40 MiB of bodies left {grown} bytes")
    a.lives()
