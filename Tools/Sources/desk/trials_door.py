"""Who is let in: hosts, origins, cookies and links."""

import json
import re
import socket

import binding
from nodes import expect
from page import JSON, Answer, Tab, page
from trial import trial

CALL = b'{"id":1,"jsonrpc":"2.0","method":"status"}'


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
