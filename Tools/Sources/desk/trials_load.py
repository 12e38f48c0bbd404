"""How much and how slowly: deadlines, crowds, streams that nobody reads, and the end."""

import json
import resource
import signal
import socket
import threading
import time

from nodes import expect, until
from page import Answer, Page, Tab, events, open_files, page
from trial import trial

CALL = b'{"id":1,"jsonrpc":"2.0","method":"status"}'


@trial("slow", "a head, a body or a reader that takes too long is cut off; others are served", 60)
def slow(field):
    a = page(field, seconds=1)
    head = a.lines("GET", "/")
    whole = a.lines("POST", "/rpc", body=CALL)
    quiet, begun = Tab(a.web), Tab(a.web).send(head[:20])
    stuck = Tab(a.web).send(whole[:-10])
    waits = a.lines("POST", "/rpc", body=CALL, Expect="100-continue")
    told = Tab(a.web).send(waits[: -len(CALL)])
    # A byte now and then does not buy more time.
    dripping = [Tab(a.web).send(head[:10]), Tab(a.web).send(whole[:-30])]
    stopped = threading.Event()

    def drip():
        rests = [head[10:], whole[-30:]]
        while not stopped.wait(0.2):
            for number, tab in enumerate(dripping):
                if len(rests[number]) > 1:
                    try:
                        tab.socket.send(rests[number][:1])
                    except OSError:
                        continue
                    rests[number] = rests[number][1:]

    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        a.lives()
        for tab in (quiet, begun, dripping[0]):
            expect(Answer(tab.all()).check().status == 408, "a slow head is not told so")
        for tab in (stuck, told, dripping[1]):
            back = tab.all()
            expect(b"HTTP/1.1 200" not in back, f"half a body is answered: {back[:40]!r}")
    finally:
        stopped.set()
        dripper.join()
    # A page that does not read its answer: the longest there is, into a small window.
    for _ in range(12):
        a.say("x" * 60000)
    base = a.descriptors()
    read = json.dumps({"id": 1, "jsonrpc": "2.0", "method": "read",
                       "params": {"group": "everyone", "limit": 12}}).encode()  # fmt: skip
    deaf = []
    for _ in range(10):
        tab = Tab(a.web)
        tab.socket.setsockopt(1, 8, 4096)  # SOL_SOCKET, SO_RCVBUF
        deaf.append(tab.send(a.lines("POST", "/rpc", body=read)))
    a.lives()
    open_files(a, base)
    for tab in deaf:
        tab.close()
    a.lives()


def opened(page):
    """A new stream, or None where there are too many."""
    tab = Tab(page.web).send(page.lines("POST", "/events", body=b"{}"))
    tab.until(b"\r\n\r\n")
    if Answer(bytes(tab.data)).status == 200:
        return tab
    tab.close()
    return None


@trial("crowd", "65 connections: whoever asks is served, who only waits gives way", 60)
def crowd(field):
    a = page(field)
    a.lives()
    base = a.descriptors()
    idle = [Tab(a.web) for _ in range(64)]
    for tab in idle:
        tab.send(b"GET / HT")
    until(lambda: a.taken() == 64, "64 are not let in")
    answer = a.get("/")
    expect(answer.status == 200, "the sixty-fifth is not served")
    expect(Answer(idle[0].all()).check().status == 503, "the oldest does not give way")
    for _ in range(200):
        idle.append(Tab(a.web).send(b"GET"))
    a.lives()
    expect(a.descriptors() <= base + 70, f"{a.descriptors() - base} connections are open")
    for tab in idle[1:]:
        tab.close()
    open_files(a, base)
    # Sixteen streams; the next one hears that there are too many, and calls go on.
    tabs = [a.watch() for _ in range(16)]
    more = a.post("/events", b"{}")
    expect(more.status == 503, f"a seventeenth stream gives {more.status}")
    expect(more.json()["error"]["data"]["name"] == "busy", more.body)
    a.lives()
    tabs.pop().close()
    tabs.append(until(lambda: opened(a), "a place that became free is not given"))
    # Calls that wait hold up neither others nor the command line.
    waiting = [Tab(a.web).send(a.lines("POST", "/rpc", body=CALL)) for _ in range(40)]
    for tab in waiting:
        expect(Answer(tab.all()).status == 200, "one of many calls is not answered")
    expect(a.run("zuruf", "status"), "the command line is not let in")
    for tab in tabs:
        tab.close()
    a.lives()


@trial("events", "streams: what happens is told in order, to each page, until it is closed", 60)
def stream(field):
    a = page(field)
    a.lives()
    base = a.descriptors()
    one, two = a.watch(), a.watch(group="everyone")
    # A text that looks like the end of an event is none.
    texts = ["first", "data: {}\n\n", "\r\n\r\n: x\n\nevent: y", "Grüße \u2028 👋", "last"]
    for text in texts:
        a.say(text)
    for tab in (one, two):
        tab.until(b'"text":"last"')
        got = [e["message"]["text"] for e in events(tab) if e["kind"] == "message"]
        expect(got == texts, f"the stream tells {got}")
        expect(Answer(bytes(tab.data)).check().fields["content-type"] == "text/event-stream", "no stream")
    first = events(one)[0]
    expect(first["kind"] == "subscribed" and first["cursor"], f"it begins with {first}")
    # Again from there: the same, then `caught-up`.
    again = a.watch(after=first["cursor"])
    again.until(b'"kind":"caught-up"')
    got = [e["message"]["text"] for e in events(again) if e["kind"] == "message"]
    expect(got == texts, f"from its cursor it tells {got}")
    for body, name in ((b'{"group":"nobody"}', "no-such-group"), (b'{"after":"00"}', "cursor-unknown"),
                       (b'{"x":1}', "invalid-parameters"), (b"[]", "invalid-parameters"),
                       (b'{}}{"a":1', "parse-error"), (b'{},"id":{}', "parse-error"),
                       (b"null", "invalid-parameters"), (b"", "parse-error")):  # fmt: skip
        answer = a.post("/events", body)
        expect(answer.status == 400, f"{body} gives {answer.status} {answer.body}")
        expect(answer.json()["error"]["data"]["name"] == name, f"{body}: {answer.body}")
    # Tabs that are closed leave nothing behind.
    for tab in (one, two, again):
        tab.close()
    open_files(a, base)
    for _ in range(60):
        a.watch().close()
    open_files(a, base)
    a.lives()


@trial("deaf", "a stream that is not read is bounded, then told that it lagged, and ends", 120)
def deaf(field):
    a = page(field)
    tab = Tab(a.web)
    tab.socket.setsockopt(1, 8, 65536)
    tab.send(a.lines("POST", "/events", body=b"{}"))
    tab.until(b'"kind":"subscribed"')
    other = a.watch()
    reader = threading.Thread(target=other.until, args=(b'"text":"last"',))
    reader.start()
    before = a.memory()
    # Full windows and buffers first. Messages wait in the log and not in memory, so that no number
    # of them is too many; then more of what else happens than the node keeps for anyone.
    texts = [f"{number} " + "x" * 59000 for number in range(300)]
    for begin in range(0, len(texts), 100):
        asked = [a.one.send("send", to="everyone", text=text) for text in texts[begin : begin + 100]]
        for number in asked:
            a.one.answer(number)
    for number in range(2200):
        a.ask("name.set", device=f"pc-{number % 2}")
    a.say("last")
    grown = a.memory() - before
    reader.join()
    expect(b'"text":"last"' in other.data, "who reads is held up by who does not")
    other.close()
    data = tab.all()
    tab.data = data
    told = events(tab)
    expect(told[-1]["kind"] == "lagged", f"it ends with {told[-1]['kind']}")
    got = [e["message"]["text"] for e in told if e["kind"] == "message"]
    expect(got == texts[: len(got)], "something is missing within")
    # From its cursor nothing is lost and nothing is told twice.
    rest = a.watch(after=told[-1]["cursor"])
    rest.until(b'"kind":"caught-up"')
    more = [e["message"]["text"] for e in events(rest) if e["kind"] == "message"]
    expect(got + more == texts + ["last"], f"{len(got)} and then {len(more)} of {len(texts)}")
    rest.close()
    a.lives()
    return f"{len(got)} of {len(texts)} told, {grown >> 20} MiB held"


@trial("end", "SIGTERM ends streams and calls that wait, and the program", 40)
def end(field):
    a = page(field)
    streams = [a.watch() for _ in range(4)]
    # A second node that waits for an office which nobody answers for.
    ticket = a.ticket()
    b = Page(field, "ben")
    field.nodes.append(b)
    b.start()
    # Who is in no office yet follows the doors.
    watching = b.watch()
    a.process.send_signal(signal.SIGSTOP)
    join = json.dumps({"id": 1, "jsonrpc": "2.0", "method": "join",
                       "params": {"ticket": ticket, "name": "ben", "device": "pc-ben"}}).encode()  # fmt: skip
    calls = [Tab(b.web).send(b.lines("POST", "/rpc", body=join)) for _ in range(3)]
    half = [Tab(b.web).send(b"GET /"), Tab(b.web).send(b.lines("POST", "/rpc", body=CALL)[:-3])]
    until(lambda: b.ask("office.status")["standing"] == "joining", "it does not join")
    b.lives()
    process = b.process
    b.process.send_signal(signal.SIGTERM)
    expect(process.wait(10) == 0, f"it ends with {process.returncode}")
    watching.all()
    expect(events(watching)[0]["kind"] == "subscribed", "the stream is spoilt")
    for tab in calls + half:
        back = tab.all()
        if back:
            answer = Answer(back).check()
            expect(answer.status in (200, 503), f"a call that waited gives {answer.status}")
            if answer.status == 503 and answer.body:
                expect(answer.json()["error"]["data"]["name"] == "no-node", answer.body)
    a.process.send_signal(signal.SIGCONT)
    process = a.process
    a.process.send_signal(signal.SIGTERM)
    expect(process.wait(10) == 0, f"it ends with {process.returncode}")
    for tab in streams:
        tab.all()
        expect(events(tab)[0]["kind"] == "subscribed", "the stream is spoilt")
    b.one = None
    # What was killed leaves a socket behind that the next start takes the place of.
    a.start()
    a.stop(9)
    a.start()
    a.lives()


@trial("descriptors", "with no descriptor left the page waits without spinning, and goes on after", 40)
def descriptors(field):
    a = page(field)
    a.lives()
    kept = resource.prlimit(a.process.pid, resource.RLIMIT_NOFILE)
    # No number below this is free, so that none can be opened.
    resource.prlimit(a.process.pid, resource.RLIMIT_NOFILE, (3, kept[1]))
    tab = Tab(a.web).send(a.lines("GET", "/"))
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect(a.socket + "-page")
        # What is measured is an interval, not an event; a busy machine only lowers the figure.
        before = a.processor()
        time.sleep(1)
        used = a.processor() - before
        resource.prlimit(a.process.pid, resource.RLIMIT_NOFILE, kept)
        link = json.loads(one.makefile().readline())["link"]
        field.private.add(link.partition("=")[2])
    expect(Answer(tab.all()).check().status == 200, "who waited is not let in")
    expect(used < 0.3, f"it spun for {used:.2f} s of one")
    a.lives()
    return f"{used:.2f} s of one"
