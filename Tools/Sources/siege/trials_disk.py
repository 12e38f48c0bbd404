"""Disks that run full or rot, under a node that runs or has stopped (faults b 4, 5)."""

import glob
import os
import signal
import subprocess
import time

import disks
from nodes import TWICE, Refused, expect, until
from trial import trial


def segments(node):
    """The segments of a node's logs, the largest last."""
    found = glob.glob(os.path.join(node.home, "logs", "*", "*.segment"))
    return sorted(found, key=written)


def written(path):
    """How many bytes of a segment are not yet room taken beforehand."""
    with open(path, "rb") as file:
        return len(file.read().rstrip(b"\0"))


def rot(node, path, at, count=8):
    """Alters some bytes of a file in place."""
    with open(path, "r+b") as file:
        file.seek(at)
        was = file.read(count)
        file.seek(at)
        file.write(bytes(byte ^ 0xA5 for byte in was))
        file.flush()
        os.fsync(file.fileno())


def ids(node, *own):
    """The ID of every message here, with its text: what must come back as it was."""
    return {message["entry"]: message.get("text") for message in node.messages()}


def whole(node, wanted, within=20):
    """Waits until every message is here again, and none that is new but what was said since."""
    until(lambda: wanted.items() <= ids(node).items(), "not everything came back", within, 0.1)


def equal(field, a, b):
    """The logs of both are equal, entry by entry, by the admin's tool."""
    done = lambda: subprocess.run(  # noqa: E731
        [field.program("zuruf-inspect"), "diff", a.home, b.home], capture_output=True)
    # The damaged places stay where they are, so that its status is not 0.
    until(lambda: b"\nequal: " in done().stdout, "the logs stay different", 20, 0.2)


@trial("rot", "bytes of a log altered on a stopped node: said, fetched again, not signed anew", 90)
def rot_stopped(field):
    a, b = field.office("anna", "ben")
    for number in range(60):
        (a if number % 2 else b).say(f"{number} " + "words " * 40)
    wanted = until(lambda: len(ids(a)) == len(ids(b)) == 60 and ids(a), "not all are there")
    told = []
    # In the middle, near the begin, near the end, in the segment's head; then the office log too.
    for place in (0.5, 0.1, 0.9, 0, "office"):
        b.stop()
        path = segments(b)[-1] if place != "office" else segments(b)[0]
        at = int(written(path) * (0.5 if place == "office" else place))
        rot(b, path, max(at, 40))
        b.start()
        state = b.degraded().get("data-damaged")
        expect(state, f"status does not speak of the damage at {place}")
        told.append(state)
        until(lambda: b.linked(), "ben does not link again", 15)
        whole(b, wanted)
        equal(field, a, b)
        until(lambda: "missing" not in b.degraded()["data-damaged"], "it still says missing")
        # Own entries came back as they were; what is new goes on from there.
        text = f"after the damage at {place}"
        sent = b.say(text)["entry"]
        wanted[sent] = text
        whole(a, wanted)
        expect(TWICE not in a.log() + b.log(), "the damage led to a fork")
    field.serve(a, b)
    equal(field, a, b)
    shown = b.run("zuruf", "status").decode()
    expect("stored data damaged" in shown, f"zuruf status is silent: {shown}")
    return told[0]


@trial("rot-running", "bytes of a log altered under a running node: noticed, fetched again", 60)
def rot_running(field):
    a, b = field.office("anna", "ben")
    for number in range(60):
        (a if number % 2 else b).say(f"{number} " + "words " * 40)
    wanted = until(lambda: len(ids(a)) == len(ids(b)) == 60 and ids(a), "not all are there")
    path = segments(b)[-1]
    rot(b, path, int(written(path) * 0.5))
    # Whoever reads it finds it: a person here, or a newcomer who is served from here.
    b.messages()
    until(lambda: "data-damaged" in b.degraded(), "the damage is not noticed", 10)
    until(lambda: "read anew" in b.log(), "the damaged part is not forgotten", 10)
    whole(b, wanted)
    equal(field, a, b)
    until(lambda: "missing" not in b.degraded()["data-damaged"], "it still says missing")
    # The same with nobody to fetch it from: said, and mended when somebody is there again.
    a.stop()
    until(lambda: not b.linked(), "ben still sees anna")
    rot(b, path, int(written(path) * 0.95))
    lost = 60 - len(ids(b))
    expect(lost > 0, "nothing was damaged")
    text = "said with a damaged disk"
    wanted[b.say(text)["entry"]] = text
    until(lambda: "data-damaged" in b.degraded(), "the damage is not noticed")
    a.start()
    until(lambda: b.linked(), "ben does not link again", 15)
    whole(b, wanted)
    whole(a, wanted)
    equal(field, a, b)
    expect(TWICE not in a.log() + b.log(), "the damage led to a fork")
    # A restart finds the same.
    b.stop().start()
    whole(b, wanted)
    field.serve(a, b)
    return b.degraded()["data-damaged"]


@trial("full", "a disk without room: nothing half sent, reading goes on, then all goes on", 90)
def full(field):
    a, b = field.office("anna", "ben")
    a.say("before")
    until(lambda: "before" in b.texts(), "not there")
    small = disks.small(field, "40m")
    c = field.node("carla", [a.port, b.port])
    c.home = os.path.join(small, "data")
    try:
        c.start().join(a.ticket())
        until(lambda: {"pc-anna", "pc-ben"} <= c.linked(), "carla is not linked")
        c.say("room enough")
        filler = os.path.join(small, "filler")
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass
        try:
            for number in range(100):
                c.say(f"no room {number} " + "x" * 50_000)
            expect(False, "a full disk takes everything")
        except Refused as refused:
            expect("full" in str(refused) or "room" in str(refused) or "free" in str(refused),
                   f"a full disk is refused with {refused}")  # fmt: skip
        expect("disk-full" in c.degraded(), f"status says {c.degraded()}")
        checks = {check["name"]: check for check in c.ask("doctor")["checks"]}
        expect(checks["disk"]["verdict"] == "warning", f"doctor says {checks['disk']}")
        expect("make room" in checks["disk"]["advice"], f"doctor says {checks['disk']}")
        # What was said before carla came she cannot read.
        acknowledged = {text for text in c.texts() if text}
        a.say("while it is full")
        until(lambda: "while it is full" in b.texts(), "the others wait for the full disk")
        # Where others find no room own entries still do: who filled the disk can be removed.
        os.truncate(filler, os.path.getsize(filler) - (12 << 20))

        def says_little():
            try:
                return c.say("with little room")
            except Refused as refused:
                expect("full disk" in str(refused), f"for want of room it says {refused}")
                return None

        until(says_little, "an own message finds no room", 25, 0.5)
        # What others wrote waits for more room than that; meanwhile it costs nobody a message or a link.
        resumed = c.log().count("takes writes again")
        for number in range(24):
            c.say(f"meanwhile {number}")
            acknowledged.add(f"meanwhile {number}")
            time.sleep(0.5)
        expect({"pc-anna", "pc-ben"} <= c.linked(), "its links ended")
        expect(c.log().count("takes writes again") == resumed, "all was read anew again and again")
        until(lambda: "with little room" in a.texts(), "what was kept is not told", 20)
        expect("disk-full" in c.degraded(), f"status says {c.degraded()}")
        expect("while it is full" not in c.texts(), "others have the room of own entries")
        acknowledged.add("with little room")
        os.remove(filler)
        until(lambda: "disk-full" not in c.degraded(), "it does not go on by itself", 25, 0.2)
        # A node of another port than the usual one says what that asks of others.
        told = {check["name"]: check["advice"] for check in c.ask("doctor")["checks"]
                if check.get("advice")}  # fmt: skip
        expect("must name this port" in told["port"], f"doctor says {told['port']}")
        until(lambda: "while it is full" in c.texts(), "what was missed does not come", 20)
        until(lambda: a.linked() >= {"pc-ben", "pc-carla"}, "not linked again", 20)
        field.serve(a, b, c)
        for node in (a, b, c):
            until(lambda node=node: acknowledged <= set(node.texts()),
                  f"{node.name} lacks what was acknowledged")  # fmt: skip
            expect(len(node.texts()) == len(set(node.texts())), f"{node.name} shows a text twice")
    finally:
        c.stop(signal.SIGTERM)
        disks.unmount(small)


@trial("read-only", "a start on a disk that may only be read: refused in words, then as before", 40)
def read_only(field):
    disk = disks.small(field, "40m")
    a = field.node("anna")
    a.home = os.path.join(disk, "data")
    try:
        a.start().ask("office.new", office="Siege", name="anna", device="pc-anna")
        a.say("kept")
        a.stop()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = subprocess.run(a.command(), capture_output=True, timeout=20)
        told = done.stderr.decode()
        expect(done.returncode == 9, f"it ended with {done.returncode}: {told}")
        expect("read-only file system" in told and "hint: " in told, f"it says {told}")
        # Whoever looks needs no leave to write.
        a.run("zuruf-inspect", "verify")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        a.start()
        expect(a.texts() == ["kept"], f"there is {a.texts()}")
        b = field.node("ben", [a.port]).start().join(a.ticket())
        until(lambda: "pc-ben" in a.linked(), "ben is not linked")
        field.serve(a, b)
    finally:
        a.stop(signal.SIGTERM)
        disks.unmount(disk)
    return "ended with 9"
