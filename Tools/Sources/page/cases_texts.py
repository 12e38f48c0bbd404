"""What can be said of the page's files without looking at them in a browser, and their weight."""

import os
import re

from mock import PAGE
from suite import case, expect

SCRIPTS = os.path.join(PAGE, "js")
#: What the page may weigh until a conversation is shown: the figure `page-open` of the project.
WEIGHT_BYTES_MAX = 200_000


def source(name):
    with open(os.path.join(SCRIPTS, name), encoding="utf-8") as file:
        return file.read()


def scripts():
    return sorted(name for name in os.listdir(SCRIPTS) if name.endswith(".js"))


def texts(language):
    """Name to text, or to its forms, as they stand in the file."""
    found = {}
    for line in source(f"texts-{language}.js").splitlines():
        match = re.fullmatch(r"  '([\w.-]+)': (.*),", line)
        if match:
            expect(match[1] not in found, f"{language} has {match[1]} twice")
            found[match[1]] = match[2]
    return found


@case("texts", "German and English have the same names, forms and places for values")
def same_texts(_stage):
    german, english = texts("de"), texts("en")
    expect(len(german) > 300, "the texts were not read")
    expect(not set(german) ^ set(english), f"only one has {sorted(set(german) ^ set(english))}")
    for name in german:
        places = [set(re.findall(r"\{(\w+)\}", one[name])) - {"said"} for one in (german, english)]
        expect(places[0] == places[1], f"{name} names other values: {places}")
        forms = [set(re.findall(r"(\w+): '", one[name])) for one in (german, english)]
        expect(forms[0] == forms[1], f"{name} has other forms: {forms}")
    return f"{len(german)} texts"


@case("texts-used", "every text that is asked for is there, and every one that is there is used")
def used_texts(_stage):
    there = set(texts("en"))
    code = "\n".join(source(name) for name in scripts() if not name.startswith("texts-"))
    asked = set(re.findall(r"'([a-z]+\.[a-z0-9-]+)'", code)) & {
        name for name in re.findall(r"'([a-z]+\.[a-z0-9-]+)'", code)
        if name.split(".")[0] in {one.split(".")[0] for one in there}}
    methods = set(re.findall(r"ask\('([a-z.]+)'", code))
    missing = {name for name in asked - there - methods if not name.endswith(".js")}
    expect(not missing, f"no text is called {sorted(missing)}")
    # Names that are made of a word and what the node said.
    made = re.findall(r"`([a-z]+\.[a-z-]*)\$\{", code)
    unused = {name for name in there - asked if not any(name.startswith(begin) for begin in made)}
    expect(not unused, f"nobody asks for {sorted(unused)}")


@case("plain", "no inline script or style, no HTML made of texts, nothing from elsewhere")
def plain(_stage):
    with open(os.path.join(PAGE, "index.html"), encoding="utf-8") as file:
        index = file.read()
    expect(not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", index),
           "inline in index.html")
    with open(os.path.join(PAGE, "style.css"), encoding="utf-8") as file:
        style = file.read()
    expect(not re.search(r"url\(|@import", style), "the style fetches something")
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser"
                           r"|eval\(|new Function|\.srcdoc|setAttribute\('style'"
                           r"|createContextualFragment")
    for name in scripts():
        text = source(name)
        found = forbidden.search(text)
        expect(not found, f"{name} uses {found and found[0]}")
        for address in re.findall(r"https?://[\w./-]+", text):
            expect(address == "http://www.w3.org/2000/svg", f"{name} names {address}")
        # A drawing, a text and a pattern stay whole.
        whole = re.compile(r"^  '?[\w.-]+'?: |^const (?:address|fewEmoji) = ")
        long = [line for line in text.splitlines() if len(line) > 100 and not whole.match(line)]
        expect(not long, f"{name} has a line of more than 100 characters: {long[:1]}")


@case("words", "no word that only cryptography knows, in either language")
def words(_stage):
    for language, forbidden in (
            ("en", r"\b(hash|epoch|feed|head|cipher\w*|signature|certificate)\b"),
            ("de", r"\b(Hash|Epoche|Feed|Signatur|Zertifikat)\b")):
        for name, text in texts(language).items():
            expect(not re.search(forbidden, text), f"{name}: {text}")


def tree(name, seen):
    """All modules that one needs before it runs; what is imported on demand is not among them."""
    if name not in seen:
        seen.add(name)
        for other in re.findall(r"^(?:import|\} from).*?'\./([\w-]+\.js)'", source(name), re.M):
            tree(other, seen)
    return seen


@case("weight", "a conversation is shown with less than 200 KB, and no request goes elsewhere")
def weight(stage):
    tab = stage.office()
    tab.wait("document.querySelector('.conversation .message')")
    size = {url: tab.run(f"fetch({url!r}).then((one) => one.arrayBuffer())"
                         ".then((all) => all.byteLength)", waits=True)
            for url in set(tab.requests) if "/rpc" not in url and "/events" not in url
            and "/enter" not in url}
    for url in tab.requests:
        expect(url.startswith((stage.mock.origin + "/", "data:")), f"a request to {url}")
    total = sum(size.values())
    whole = sum(os.path.getsize(os.path.join(folder, name))
                for folder, _, names in os.walk(PAGE) for name in names)
    expect(total <= WEIGHT_BYTES_MAX, f"{total} bytes")
    return f"{total / 1000:.0f} KB until a conversation is shown, {whole / 1000:.0f} KB in all"


@case("preload", "index.html names the modules that the first paint needs, and no others")
def preload(_stage):
    with open(os.path.join(PAGE, "index.html"), encoding="utf-8") as file:
        named = set(re.findall(r'modulepreload" href="/js/([\w-]+\.js)"', file.read()))
    needed = tree("main.js", set()) - {"main.js"}
    expect(named == needed, f"differ in {sorted(named ^ needed)}")
