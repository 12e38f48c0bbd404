"""Who is let in: hosts, origins, cookies, links, and other users of the computer."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import binding
from network import own_network
from nodes import Skip, expect
from page import JSON, Answer, Page, Tab, page
from trial import trial

CALL = b'{"id":1,"jsonrpc":"2.0","method":"status"}'
NOBODY = 65534


@trial("host", "DNS rebinding: only our three names with our port are answered", 30)
def host(field):
    a = page(field)
    good = [f"127.0.0.1:{a.web}", f"localhost:{a.web}", f"[::1]:{a.web}"]
    for name in good:
        expect(a.get("/", Host=name).status == 200, f"{name} is not served")
        answer = a.post("/rpc", CALL, Host=name, Origin=f"http://{name}")
        expect(answer.status == 200, f"{name} cannot call")
    bad = ["evil.example", f"evil.example:{a.web}", "127.0.0.1", "localhost", f"127.0.0.1:{a.web + 1}",
           f"127.0.0.2:{a.web}", f"0.0.0.0:{a.web}", f"::1:{a.web}", f"127.0.0.1.evil.example:{a.web}",
           f"localhost.:{a.web}", f"LOCALHOST:{a.web}", f"127.1:{a.web}", f"2130706433:{a.web}",
           f"user@127.0.0.1:{a.web}", f"127.0.0.1:{a.web},evil.example", f"127.0.0.1:0{a.web}",
           f"[::ffff:127.0.0.1]:{a.web}", f"127.0.0.1:{a.web}/", ""]  # fmt: skip
    for name in bad:
        for answer in (a.get("/", Host=name), a.get("/nothing", Host=name),
                       a.post("/rpc", CALL, Host=name, Origin=f"http://{name}"),
                       a.sole(a.lines("OPTIONS", "/rpc", Host=name))):  # fmt: skip
            expect(answer.status == 403, f"Host {name!r} gives {answer.status}")
            expect(answer.body == b"", "a refusal says something")
    link = a.link()
    expect(a.get(f"/enter?link={link}", Host="evil.example").status == 403, "a link works there")
    expect("set-cookie" in a.get(f"/enter?link={link}").fields, "a refused try used the link up")
    expect(a.get("/", Host=None).status in (400, 403), "no Host is served")
    # One Host in the line, another in the field.
    absolute = a.lines("GET", f"http://127.0.0.1:{a.web}/")
    expect(a.sole(absolute).status == 400, "an absolute target is served")
    a.lives()
    return f"{len(bad)} names"


@trial("origin", "pages of others: img, form, fetch and preflight get nothing", 30)
def origin(field):
    a = page(field)
    bad = ["null", "http://evil.example", f"http://evil.example:{a.web}", f"https://{a.host}",
           f"http://{a.host}/", f"http://{a.host} http://evil.example", "http://127.0.0.1",
           f"http://localhost:{a.web}", f"http://127.0.0.1:{a.web + 1}", f"HTTP://{a.host}", "",
           "file://", f"http://{a.host}.evil.example", "chrome-extension://abc"]  # fmt: skip
    for one in bad:
        for path in ("/rpc", "/events"):
            answer = a.post(path, CALL, Origin=one)
            expect(answer.status == 403, f"Origin {one!r} gives {answer.status} at {path}")
        expect(a.get("/", Origin=one).status == 403, f"Origin {one!r} gets the page")
        preflight = a.lines(
            "OPTIONS", "/rpc", Origin=one, Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="content-type")  # fmt: skip
        expect(a.sole(preflight).status == 403, f"Origin {one!r} gets a preflight")
    for path in ("/rpc", "/events"):
        expect(a.post(path, CALL, Origin=None).status == 403, "a POST without Origin works")
    own = a.sole(a.lines("OPTIONS", "/rpc", Origin=f"http://{a.host}"))
    expect(own.status == 204 and own.fields["allow"] == "POST", f"OPTIONS gives {own.status}")
    # What a form can send.
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
                 "text/plain; application/json", "application/json, text/plain", "application/jsonx",
                 "application/json; charset=utf-7", "", None):  # fmt: skip
        answer = a.post("/rpc", CALL, Content_Type=kind)
        expect(answer.status == 415, f"Content-Type {kind!r} gives {answer.status}")
    for kind in (JSON, JSON + "; charset=utf-8", "Application/JSON;charset=UTF-8"):
        expect(a.post("/rpc", CALL, Content_Type=kind).status == 200, f"{kind} is refused")
    a.lives()
    return f"{len(bad)} origins"


@trial("fetch-site", "what the browser says of where a request comes from is believed", 30)
def fetch_site(field):
    a = page(field)
    script = "/"
    for site in ("cross-site", "same-site", "none, same-origin", "Same-Origin", ""):
        for answer in (a.get(script, Sec_Fetch_Site=site), a.post("/rpc", CALL, Sec_Fetch_Site=site),
                       a.get(f"/enter?link={a.link()}", Sec_Fetch_Site=site)):  # fmt: skip
            expect(answer.status == 403, f"Sec-Fetch-Site {site!r} gives {answer.status}")
            expect("set-cookie" not in answer.fields, "a cookie was given")
    expect(a.get("/", Sec_Fetch_Site="none").status == 200, "a typed address is refused")
    entered = a.get(f"/enter?link={a.link()}", Sec_Fetch_Site="none", cookie=None)
    expect("set-cookie" in entered.fields, "a link that another program opened is refused")
    expect(a.post("/rpc", CALL, Sec_Fetch_Site="none").status == 403, "none may call")
    head = a.lines("HEAD", "/", Sec_Fetch_Site="none")
    expect(Answer(a.raw(head)).status == 403, "none may ask for a head")
    expect(a.post("/rpc", CALL, Sec_Fetch_Site="same-origin").status == 200, "the page is refused")
    # No script of ours stays in a browser.
    worker = a.get("/", Service_Worker="script", Sec_Fetch_Site="same-origin")
    expect(worker.status == 403 and worker.body == b"", f"a worker gets {worker.status}")
    # A WebSocket is offered nowhere.
    for path in ("/", "/rpc", "/events"):
        answer = a.get(path, Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Version="13",
                       Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
                       Sec_WebSocket_Extensions="permessage-deflate")  # fmt: skip
        expect(answer.status in (200, 405), f"an upgrade at {path} gives {answer.status}")
    a.lives()


@trial("document", "the page is one document that brings all it runs, in the browser's language", 30)
def document(field):
    a = page(field)
    for language, accepted in (("en", None), ("en", "en-GB,de;q=0.9"), ("de", "de-AT,en;q=0.5"),
                               ("de", "fr, de"), ("en", "fr"), ("en", ",;*\x7e")):  # fmt: skip
        lines = {} if accepted is None else {"Accept_Language": accepted}
        answer = a.get("/", cookie=None, **lines)
        expect(answer.status == 200 and answer.fields["content-type"] == "text/html; charset=utf-8",
               f"the page gives {answer.status}")
        expect(answer.body == binding.document(language), f"{accepted!r} gives another document")
    for path in ("/icon.svg", "/texts/de.json", "/texts/en.json"):
        answer = a.get(path)
        expect(answer.body == binding.source(path[1:]).encode(), f"{path} is another one")
    # What it was put together from is not there by itself.
    for path in ("/index.html", "/style.css", "/js/main.js", "/js/early.js", "/main.js", "/texts/"):
        expect(a.get(path).status == 404, f"{path} is served")
    scripts = re.findall(rb"<script([^>]*)>", a.get("/").body)
    expect(scripts == [b"", b' type="application/json" id="texts"', b' type="module"'],
           f"other scripts: {scripts}")  # fmt: skip
    a.lives()


@trial("cookie", "who has no cookie, an old or a made-up one, gets nothing but the page", 30)
def cookie(field):
    a = page(field)
    name, _, secret = a.cookie.partition("=")
    flipped = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    bad = [None, f"{name}=", f"{name}={flipped}", f"{name}={secret[:-1]}", f"{name}={secret}0",
           f"{name}={secret.upper()}" if secret.upper() != secret else f"{name}=x",
           f"zuruf-{a.web + 1}={secret}", f"x{name}={secret}", f"{name} ={secret}x", secret,
           f'{name}="{secret}"', f"{name}=={secret}", f"{name.upper()}={secret}",
           f"{name}={'0' * 64}"]  # fmt: skip
    for one in bad:
        for path in ("/rpc", "/events"):
            answer = a.post(path, CALL, cookie=one)
            expect(answer.status == 401, f"Cookie {one!r} gives {answer.status}")
            expect(answer.body == b"", "a refusal says something")
    expect(a.get("/", cookie=None).status == 200, "the page itself needs no cookie")
    # Another server of this computer may have set cookies of its own beside ours, even of our name.
    for one in (f"other=1; {a.cookie}", f"{name}=x; {a.cookie}; z=\u00e9"):
        expect(a.post("/rpc", CALL, cookie=one).status == 200, "another's cookie shuts us out")
    # A start forgets them all.
    old = a.cookie
    a.stop()
    a.start()
    expect(a.cookie != old, "two starts gave one cookie")
    expect(a.post("/rpc", CALL, cookie=old).status == 401, "a cookie of an earlier start works")
    a.lives()
    return f"{len(bad)} cookies"


@trial("link", "a link works once; used, made-up and crowded-out ones bring no cookie", 30)
def link(field):
    a = page(field)
    token = a.link()
    # A look ahead does not use it up.
    for method in ("HEAD", "POST", "OPTIONS", "PUT"):
        sent = a.lines(method, f"/enter?link={token}", Origin=f"http://{a.host}")
        answer = Answer(a.raw(sent))
        expect(answer.status in (204, 405) and "set-cookie" not in answer.fields, method)
    first = a.get(f"/enter?link={token}", cookie=None)
    expect("set-cookie" in first.fields, "a good link brings no cookie")
    bad = [token, token[:-1], token + "0", token.upper() + "x", "0" * 64, "", "%00", token + "&x=1",
           "x&link=" + token]  # fmt: skip
    for one in bad:
        answer = a.get(f"/enter?link={one}", cookie=None)
        expect(answer.status == 303 and answer.fields["location"] == "/", f"{one}: {answer.status}")
        expect("set-cookie" not in answer.fields, f"{one!r} brings a cookie")
    for path in ("/enter", "/enter?", "/enter?token=1"):
        expect("set-cookie" not in a.get(path, cookie=None).fields, f"{path} brings a cookie")
    # Eight may wait; a ninth takes the place of the first.
    links = [a.link() for _ in range(9)]
    expect("set-cookie" not in a.get(f"/enter?link={links[0]}").fields, "nine links wait")
    expect("set-cookie" in a.get(f"/enter?link={links[8]}").fields, "the newest link is gone")
    expect("set-cookie" in a.get(f"/enter?link={links[1]}").fields, "the second link is gone")
    # Sixteen browsers; the next one takes the place of the first.
    cookies = [a.enter() for _ in range(17)]
    expect(a.post("/rpc", CALL, cookie=cookies[0]).status == 401, "seventeen browsers are in")
    for one in cookies[1:]:
        expect(a.post("/rpc", CALL, cookie=one).status == 200, "one of sixteen is out")
    a.cookie = cookies[-1]
    a.lives()


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
        expect("never" not in b.log(), "a node beside our own warns")
        b.stop()
        a.stop()
        stranger = as_nobody(SQUATTER % first)
        try:
            stranger.stdout.readline()
            a.web = second
            a.start()
            warned = f"port {first} is taken, and not by a program of this user"
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
            expect(done.stderr.count(b"not by a program of this user") == 16, "not all are told of")
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


@trial("open", "zuruf open prints a link that leads in, and says what to do where there is none", 30)
def open_(field):
    a = page(field)
    link = a.run("zuruf", "open", "--print").decode().strip()
    field.private.add(link.partition("=")[2])
    path = link.removeprefix(f"http://{a.host}")
    expect("set-cookie" in a.get(path, cookie=None).fields, f"{link} does not lead in")
    told = json.loads(a.run("zuruf", "open", "--json"))
    field.private.add(told["link"].partition("=")[2])
    expect(told["type"] == "link", f"--json prints {told}")
    [b] = field.office("ben")
    said = b.run("zuruf", "open", code=3).decode()
    expect("serves no page" in said and "with its page" in said, said)
    b.stop()
    said = b.run("zuruf", "open", code=3).decode()
    expect("no node is running" in said and "hint: " in said, said)
    a.lives()


@trial("methods", "HEAD, OPTIONS, PUT and stranger verbs do nothing", 30)
def methods(field):
    a = page(field)
    whole = a.get("/")
    head = Answer(a.raw(a.lines("HEAD", "/")))
    expect(head.status == 200 and head.body == b"", "HEAD brings a body")
    expect(head.fields["content-length"] == str(len(whole.body)), "HEAD has another length")
    tries = 0
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "Post", "X"):
        for path in ("/", "/rpc", "/events", "/enter"):
            for body in (None, CALL):
                sent = a.lines(method, path, body=body, Origin=f"http://{a.host}")
                expect(a.sole(sent).status == 405, f"{method} {path}")
                tries += 1
    for path in ("/rpc", "/events"):
        expect(a.get(path).status == 405, f"GET {path}")
        answer = Answer(a.raw(a.lines("HEAD", path)))
        expect(answer.status == 405, f"HEAD {path}")
    expect(a.post("/", CALL).status == 405, "POST /")
    expect(a.sole(a.lines("OPTIONS", "/")).fields["allow"] == "GET, HEAD", "OPTIONS /")
    # A body behind GET is refused rather than left for a second request.
    for path in ("/", f"/enter?link={a.link()}"):
        sent = a.lines("GET", path, Content_Length="5") + b"hello"
        expect(a.sole(sent).status == 400, f"GET {path} with a body")
    expect(Tab(a.web).send(b"").socket.fileno() >= 0, "it cannot be connected to")
    a.lives()
    return f"{tries} requests"
