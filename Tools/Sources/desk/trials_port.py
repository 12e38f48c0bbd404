"""The port of the page, and other users of the computer."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

from network import own_network
from nodes import Skip, expect
from page import Page, page
from trial import trial
from trials_door import CALL

NOBODY = 65534


AS_OTHER = """
import os, socket, sys
os.setgid(%d); os.setuid(%d)
def tcp(data):
    try:
        one = socket.create_connection(("127.0.0.1", %d), timeout=10); one.sendall(data)
        back = b""
        while True:
            more = one.recv(65536)
            if not more: break
            back += more
    except OSError as error:
        back = str(error).encode()
    sys.stdout.buffer.write(back.split(b"\\r\\n")[0] + b"\\n")
for data in eval(sys.stdin.read()):
    tcp(data)
for path in sys.argv[1:]:
    one = socket.socket(socket.AF_UNIX)
    try:
        one.connect(path); one.settimeout(10); print("connected", len(one.recv(4096)))
    except OSError as error:
        print(type(error).__name__)
"""


def as_nobody(script):
    """Runs some Python as another user; what it prints can be read."""
    begin = f"import os, socket\nos.setgid({NOBODY}); os.setuid({NOBODY})\n"
    return subprocess.Popen([sys.executable, "-c", begin + script], stdout=subprocess.PIPE)


@trial("other-user", "another user of this computer is refused, even with our cookie and link", 30)
def other_user(field):
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    a = page(field)
    token = a.link()
    sent = [a.lines("GET", "/"), a.lines("POST", "/rpc", body=CALL),
            a.lines("GET", f"/enter?link={token}"), a.lines("POST", "/events", body=b"{}"),
            b"GET / HTTP/1.1\r\n"]  # fmt: skip
    # The folders above are opened, so that the sockets stand for themselves.
    for folder in (os.path.dirname(field.folder), field.folder, a.folder):
        os.chmod(folder, 0o711)
    sockets = [a.socket, a.socket + "-page"]
    done = subprocess.run(
        [sys.executable, "-c", AS_OTHER % (NOBODY, NOBODY, a.web), *sockets],
        input=repr(sent).encode(), capture_output=True, timeout=20)  # fmt: skip
    lines = done.stdout.decode().splitlines()
    expect(len(lines) == len(sent) + 2, f"the other user says {lines} {done.stderr[-300:]}")
    for line in lines[: len(sent)]:
        expect(line == "HTTP/1.1 403 Forbidden", f"another user gets {line}")
    expect(lines[-2:] == ["PermissionError"] * 2, f"the sockets give {lines[-2:]}")
    # Who is gone by the time of the look is nobody's: the kernel calls what was let go of root's.
    a.process.send_signal(signal.SIGSTOP)
    as_nobody(f"""
for _ in range(20):
    one = socket.create_connection(("127.0.0.1", {a.web}))
    one.sendall({a.lines("GET", f"/enter?link={token}")!r})
    one.close()
""").wait(10)
    a.process.send_signal(signal.SIGCONT)
    # The link was not used up by the stranger.
    expect("set-cookie" in a.get(f"/enter?link={token}").fields, "a stranger used our link up")
    # Nor is a link taken from a stranger.
    theirs = os.path.join(field.folder, "theirs")
    os.mkdir(theirs)
    os.chmod(theirs, 0o777)
    stranger = as_nobody(f"""
one = socket.socket(socket.AF_UNIX); one.bind({theirs + "/s-page"!r}); one.listen()
print("ready", flush=True)
while True:
    two = one.accept()[0]
    try: two.sendall(b'{{"link":"http://127.0.0.1:{a.web}/enter?link={"0" * 64}"}}\\n')
    except OSError: pass
""")
    try:
        stranger.stdout.readline()
        done = subprocess.run(
            [field.program("zuruf"), "open", "--socket", theirs + "/s", "--print"],
            capture_output=True, timeout=20)  # fmt: skip
        expect(done.returncode == 5, f"a stranger's link gives {done.returncode}")
        expect(b"another user's" in done.stderr and not done.stdout, f"it says {done.stderr}")
    finally:
        stranger.kill()
        stranger.wait()
    for path in sockets:
        expect(os.stat(path).st_mode & 0o777 == 0o600, f"{path} is open to others")
    a.lives()


SQUATTER = """
taken = socket.create_server(("127.0.0.1", %d))
print("ready", flush=True)
while True:
    taken.accept()
    print("somebody came", flush=True)
"""


@trial("squat", "a port that another user took while the node was down is told of and never used again", 60)
def squat(field):
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    with own_network():
        first, second = 47480, 47481
        a = started(field, "anna", first)
        # Beside a second node of our own the page moves on, and nothing is lost.
        b = started(field, "ben", second)
        expect("another account" not in b.log(), "a node beside our own warns")
        b.stop()
        a.stop()
        stranger = as_nobody(SQUATTER % first)
        try:
            stranger.stdout.readline()
            a.web = second
            a.start()
            warned = f"port {first} is taken by another account of this computer"
            expect(warned in a.log(), "the log does not warn")
            told = json.loads(a.run("zuruf", "open", "--json"))
            expect(told["burnt"] == [first], f"zuruf open says {told}")
            done = subprocess.run(
                [field.program("zuruf"), "open", "--socket", a.socket, "--print"],
                capture_output=True, timeout=20)  # fmt: skip
            expect(f"127.0.0.1:{first}".encode() in done.stderr, f"zuruf open says {done.stderr}")
            for link in (told["link"], done.stdout.decode().strip()):
                field.private.add(link.partition("=")[2])
            a.lives()
        finally:
            stranger.kill()
            came = stranger.communicate()[0]
        expect(came == b"", f"the other user is told: {came}")
        # The other user has let go of it, and may have left something in a browser.
        a.stop()
        a.start()
        a.lives()
        with socket.socket() as one:
            expect(one.connect_ex(("127.0.0.1", first)) != 0, "the page is back at the lost port")
        a.stop()
        asked = subprocess.run(
            a.command() + ["--page-port", str(first)], capture_output=True, timeout=20,
            env=a.surroundings())  # fmt: skip
        expect(asked.returncode == 8, f"asked for a lost port it ends with {asked.returncode}")
        expect(b"--page-port" in asked.stderr, f"it says {asked.stderr}")
        # All that a page may have: then it ends, and says what to do.
        c = Page(field, "cara", port=first)
        strangers = [as_nobody(SQUATTER % port) for port in range(first, first + 16)]
        try:
            for one in strangers:
                one.stdout.readline()
            done = subprocess.run(
                c.command(), capture_output=True, timeout=20, env=c.surroundings())
            expect(done.returncode == 8, f"where all ports are lost it ends with {done.returncode}")
            expect(done.stderr.count(b"is taken by another account of this computer") == 16, "not all are told of")
        finally:
            for one in strangers:
                one.kill()
                one.wait()
        a.start()
        a.lives()
        checks = json.loads(b"[" + b",".join(a.run("zuruf", "doctor", "--json").splitlines()) + b"]")
        [found] = [check for check in checks if check["name"] == "page"]
        expect(found["verdict"] == "warning" and str(first) in found["finding"], str(found))


def started(field, name, port):
    """A node whose page is to be at a port by itself."""
    one = Page(field, name, port=port)
    field.nodes.append(one)
    return one.start()


@trial("knocking", "strangers who connect without end hold up neither links nor streams nor the end", 60)
def knocking(field):
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    a = page(field)
    watching = a.watch()
    # Whether one more gets through the crowd at the door is the kernel's to say; not what goes on
    # inside.
    loop = f"""
print("ready", flush=True)
while True:
    many = [socket.socket() for _ in range(16)]
    for one in many:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", {a.web}))
    for one in many:
        one.close()
"""
    strangers = [as_nobody(loop) for _ in range(3)]
    longest = 0
    try:
        for one in strangers:
            one.stdout.readline()
        for number in range(50):
            began = time.monotonic()
            a.link()
            a.say(f"text {number}")
            watching.until(f'"text":"text {number}"'.encode())
            longest = max(longest, time.monotonic() - began)
        expect(all(one.poll() is None for one in strangers), "the strangers are gone")
        began = time.monotonic()
        a.stop()
        ended = time.monotonic() - began
        expect(a.process.returncode == 0, f"it ends with {a.process.returncode}")
    finally:
        for one in strangers:
            one.kill()
            one.wait()
    expect(longest < 3, f"a link and a message took {longest:.2f} s")
    expect(ended < 3, f"the end took {ended:.2f} s")
    a.start()
    a.lives()
    return f"at most {longest:.2f} s, the end {ended:.2f} s"


@trial("loopback", "the page listens on loopback alone, on both families, and says when it cannot", 30)
def loopback(field):
    a = page(field)
    listening = []
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name) as file:
            for line in file.readlines()[1:]:
                own, state = line.split()[1], line.split()[3]
                if state == "0A" and own.endswith(f":{a.web:04X}"):
                    listening.append(own.split(":")[0])
    expect(set(listening) <= {"0100007F", "00000000000000000000000001000000"}, str(listening))
    expect("0100007F" in listening, "it does not listen on 127.0.0.1")
    if len(listening) == 2:
        there = a.lines("GET", "/", Host=f"[::1]:{a.web}")
        expect(a.sole(there, host="::1").status == 200, "::1 is not served")
    # Somebody else has the port.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        second = page_that_fails(field, taken.getsockname()[1])
        expect(second.returncode == 8, f"on a taken port it ends with {second.returncode}")
        told = second.stderr.decode()
        expect("address already in use" in told and "--page-port" in told, told)
    a.lives()
    return f"{len(listening)} addresses"


def page_that_fails(field, port):
    """A start with a page at a port that is taken."""
    node = field.node("second")
    command = node.command()
    command[0] = field.program("zuruf-desk")
    return subprocess.run(
        command + ["--page-port", str(port)], capture_output=True, timeout=20,
        env=node.surroundings())  # fmt: skip
