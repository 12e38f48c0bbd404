"""How a node starts, or does not: directories, configuration, a second node; and a retried send."""

import fcntl
import grp
import os
import subprocess
import sys

import disks
from nodes import Refused, Skip, expect, until
from trial import trial


def started(node, *more):
    """A start that must fail: its exit status and what it says."""
    done = subprocess.run(
        node.command() + list(more), capture_output=True, timeout=20, env=node.surroundings())
    return done.returncode, done.stderr.decode()


@trial("directories", "a second node on a directory; directories of others or open to them", 40)
def directories(field):
    [a] = field.office("anna")
    a.say("kept")
    second = field.node("second")
    second.home = a.home
    code, told = started(second)
    expect(code == 3 and a.home in told and "another node" in told, f"{code}: {told}")
    field.serve(a)
    a.stop()
    # What others can read or write: the directory, one below, a file, the keys.
    logs = os.path.join(a.home, "logs")
    group = os.path.join(logs, sorted(os.listdir(logs))[0])
    for path, mode in ((a.home, 0o755), (a.home, 0o770), (logs, 0o750), (group, 0o701),
                       (os.path.join(group, "00000001.segment"), 0o644),
                       (os.path.join(a.home, "keys"), 0o640)):  # fmt: skip
        was = os.stat(path).st_mode & 0o777
        os.chmod(path, mode)
        code, told = started(a)
        expect(code == 4, f"it starts with {mode:o} on {os.path.basename(path)}: {code} {told}")
        expect("chmod" in told and os.path.basename(path) in told, f"no fix is named: {told}")
        os.chmod(path, was)
    others = 0
    if os.getuid() == 0:
        for path in (a.home, os.path.join(a.home, "keys"), group):
            os.chown(path, 12345, -1)
            code, told = started(a)
            expect(code == 4 and "belongs to user 12345" in told, f"another's: {code} {told}")
            os.chown(path, 0, -1)
            others += 1
    # A disk that cannot be used: the directory's place is below a file.
    lost = field.node("lost")
    lost.home = os.path.join(a.folder, "log", "data")
    code, told = started(lost)
    expect(code == 9 and lost.home in told, f"below a file it ends with {code}: {told}")
    # A link in place of a file is not followed.
    keys = os.path.join(a.home, "keys")
    os.rename(keys, os.path.join(a.folder, "elsewhere"))
    os.symlink(os.path.join(a.folder, "elsewhere"), keys)
    code, told = started(a)
    expect(code not in (0, 70) and "keys" in told, f"a link is followed: {code} {told}")
    os.remove(keys)
    os.rename(os.path.join(a.folder, "elsewhere"), keys)
    # A node that was killed leaves nothing that keeps the next one from starting.
    a.start()
    a.stop(9)
    a.start()
    expect(a.texts()[0] == "kept", "something was lost on the way")
    field.serve(a)
    return f"6 modes, {others} owners" + ("" if others else " (owners only as root)")


@trial("carried", "a data directory carried to another computer stays closed there, and joins anew", 40)
def carried(field):
    a, b = field.office("anna", "ben")
    b.say("written at home")
    b.stop()
    # Another computer is another machine-id, here for one process only.
    machine = os.path.join(field.folder, "machine-id")
    with open(machine, "w") as file:
        file.write(f"{field.chance.getrandbits(128):032x}\n")
    elsewhere = disks.in_mounts(f"mount --bind {machine} /etc/machine-id")
    b.before = elsewhere
    b.start()
    status = b.ask("status")
    [state] = status["degraded"]
    expect("comes from another computer" in state["detail"], f"it says {state}")
    expect("zuruf join --anew" in state["hint"], f"no way out is named: {state}")
    expect(status["standing"] == "no-office" and not status["peers"], f"it opens it: {status}")
    expect(state["detail"] in b.log() and state["hint"] in b.log(), "its log does not say it")
    try:
        b.say("never")
        expect(False, "it writes as the computer that it comes from")
    except Refused as error:
        expect(error.hint == state["hint"], f"a send hears {error}: {error.hint}")
    # A directory that computers share keeps the one whose it is not out, nor is it moved under it.
    with open(os.path.join(b.home, "lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            b.ask("office.aside")
            expect(False, "what another computer uses is set aside")
        except Refused as error:
            expect("another node uses" in str(error), f"it says {error}")
    # Nothing was written there that would harm it at home.
    b.stop()
    b.before = []
    b.start()
    expect("continuity-not-proven" not in b.degraded(), "the journey closed its feeds")
    field.serve(a, b)
    # What it says to type is all that there is to do, with a ticket.
    b.stop()
    b.before = elsewhere
    b.start()
    ticket = a.run("zuruf", "ticket", "new", "--for", "@ben").strip() + b"\n"
    told = b.run("zuruf", "join", "--anew", "--yes", "--device", "pc-new", data=ticket).decode()
    expect("as \"ben\" on \"pc-new\"" in told, f"it joins as {told}")
    until(lambda: "everyone" in b.titles(), "everyone's group does not come")
    field.serve(a, b)
    # Nothing is deleted: what was written at home lies there, and opens.
    [aside] = [name for name in os.listdir(b.home) if name.startswith("removed-")]
    dumped = subprocess.run(
        [field.program("zuruf-inspect"), "dump", "--home", os.path.join(b.home, aside), "--bodies"],
        capture_output=True, timeout=20, text=True)
    expect('"written at home"' in dumped.stdout, "what was set aside is not there")
    return state["detail"]


STRANGER = 12345
ASK = """
import json, socket, sys
one = socket.socket(socket.AF_UNIX)
one.settimeout(10)
try:
    one.connect(sys.argv[1])
    one.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status","params":{}}\\n')
    print("answered" if one.recv(1) else "turned away")
except PermissionError:
    print("kept out")
except ConnectionError:
    print("turned away")
"""


@trial("socket", "other users of the computer at a node's socket, and the group that may", 40)
def socket_door(field):
    if os.getuid():
        raise Skip("only root can be another user")
    a = field.node("anna").start()
    # An ordinary user may pass to the socket. It is asked for from its folder, for the folders above are the
    # machine's, which may be open to nobody else.
    os.chmod(a.folder, 0o711)

    def asked(user, group):
        words = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--"]
        done = subprocess.run(
            words + [sys.executable, "-c", ASK, os.path.basename(a.socket)],
            cwd=os.path.dirname(a.socket), capture_output=True, text=True, timeout=20)
        return done.stdout.strip() or done.stderr[-300:]

    def mode():
        shown = os.stat(a.socket)
        return shown.st_mode & 0o777, shown.st_gid

    expect(mode() == (0o600, 0), f"the socket of a user's own node is {mode()}")
    expect(asked(STRANGER, STRANGER) == "kept out", "the socket's mode keeps nobody out")
    # Whatever becomes of its mode, the kernel says who is there.
    os.chmod(a.socket, 0o666)
    told = asked(STRANGER, STRANGER)
    expect(told == "turned away", f"at an open socket another user is {told}")
    expect(asked(0, 0) == "answered", "root is not answered")
    a.stop()
    # With a group its members are let in, and still nobody else.
    group = grp.getgrnam("users")
    a.config = os.path.join(a.folder, "zurufd.conf")
    with open(a.config, "w") as file:
        file.write(f"socket-group = {group.gr_name}\n")
    a.start()
    expect(mode() == (0o660, group.gr_gid), f"the socket of a group is {mode()}")
    expect(asked(STRANGER, group.gr_gid) == "answered", "a member of the group is not answered")
    expect(asked(STRANGER, STRANGER) == "kept out", "who is not of the group comes in")
    a.stop()
    with open(a.config, "w") as file:
        file.write("socket-group = nosuchgroup\n")
    code, told = started(a)
    expect(code == 2 and "nosuchgroup" in told, f"a group that is none: {code} {told}")
    return "6 ways to the door"


@trial("settings", "a configuration with an unknown key or a wrong value, named with its line", 30)
def settings(field):
    node = field.node("anna")
    node.config = path = os.path.join(node.folder, "zurufd.conf")

    def told(text):
        with open(path, "wb") as file:
            file.write(text)
        code, said = started(node)
        expect(code == 2, f"it starts with {text!r}: {code} {said}")
        return said

    for number, (line, *words) in enumerate((
        (b"colour = red", "colour"), (b"Port = 47474", "Port"), (b"port = 0", "port"),
        (b"port = 65536", "65536"), (b"port", "="), (b"port =", "port"), (b"= 5", ""),
        (b"home = relative", "home"), (b"seed = :::", "seed"), (b"discovery = maybe", "discovery"),
        (b"discovery = no\ndiscovery = no", "twice"), (b"port = 1" + b"0" * 5000, "port"),
        (b"se\xc3\xa9d = x", "se\xe9d"), (b"col\x1b[31mour = red", "col"),
    )):  # fmt: skip
        said = told(b"# a comment\n\n" * number + line + b"\n")
        expected = 2 * number + 1 + line.count(b"\n")
        expect(f"line {expected}" in said or f":{expected}" in said, f"no line is named: {said}")
        expect(all(word in said for word in words), f"{words} not named: {said}")
        expect("\x1b" not in said, "a setting steers the terminal")
    # As editors of other systems write it: no line, and no setting, is swallowed by a comment.
    said = told(b"\xef\xbb\xbf# a comment\r\n\r\nport = 47474\r\ncolour = red\r\n")
    expect("line 4" in said and "colour" in said, f"no line is named: {said}")
    said = told(b"port = 47474x\r\n")
    expect('"47474x"' in said, f"the value is not named alone: {said}")
    told(b"port = 1\xff\n")
    node.config = path + ".no"
    expect(started(node)[0] == 2, "a missing file is no mistake")
    node.config = path
    with open(path, "w") as file:
        file.write("# nothing but comments\n\n")
    node.start()
    return "16 mistakes, each with its line"


@trial("retry", "a send that is tried again with its id, during, after and over a restart", 40)
def retry(field):
    a, b = field.office("anna", "ben")
    ids = [field.chance.randbytes(16).hex() for _ in range(20)]
    first = [a.say(f"once {n}", id=one) for n, one in enumerate(ids)]
    for how in ("again", "killed", "stopped"):
        if how != "again":
            a.stop(9 if how == "killed" else 15).start()
        for number, one in enumerate(ids):
            # Even under another text: the id is what counts.
            answer = a.say(f"once {number}" if number % 2 else "twice", id=one)
            expect(answer["repeated"], f"{number} is written again ({how})")
            expect(answer["entry"] == first[number]["entry"], f"{number} is another ({how})")
    # Asked for twice before the first is answered.
    one = field.chance.randbytes(16).hex()
    a.one.send("send", to="everyone", text="at once", id=one)
    a.one.send("send", to="everyone", text="at once", id=one)
    answers = [a.one.answer(), a.one.answer()]
    expect(answers[0]["entry"] == answers[1]["entry"], "two at once are two")
    # By the command; and the same id of another device is another message.
    told = a.run("zuruf", "send", "--id", ids[0], "everyone", "once 0").decode()
    expect("sent before" in told, f"the command says {told}")
    expect(not b.say("once 0", id=ids[0])["repeated"], "an id of another device counts")
    for wrong in ("", "00", ids[0] + "00", "x" * 32):
        try:
            a.say("wrong id", id=wrong)
            expect(False, f"the id \"{wrong}\" is taken")
        except Refused:
            pass
    field.serve(a, b)
    for node in (a, b):
        texts = node.texts()
        expect(texts.count("at once") == 1 and "twice" not in texts, "something came twice")
        for number in range(1, 20):
            expect(texts.count(f"once {number}") == 1, f"\"once {number}\" came twice")
    return "20 messages, 3 times each"
