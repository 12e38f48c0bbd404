"""Texts that were written to do harm, or are only strange, stay texts."""

import base64
import itertools
import json
import os

import binding
from binding import PAGE
from cases_talk import talk
from suite import Skip, case, expect

VECTORS = os.path.normpath(os.path.join(PAGE, "..", "..", "..", "..", "shared", "vectors"))
#: What a text may become: links, mentions, and nothing else.
LOOK = """[...document.querySelectorAll('.message.other')].slice(-%d).map((one) => {
  const text = one.querySelector('.text');
  return {
    shown: text.textContent,
    tags: [...text.querySelectorAll('*')].map((tag) => tag.tagName
      + (tag.tagName === 'A' || tag.className.startsWith('mention') ? '' : `.${tag.className}`)),
    attributes: [...text.querySelectorAll('*')].flatMap((tag) => tag.getAttributeNames()),
    links: [...text.querySelectorAll('a')].map((a) => [a.protocol, a.rel, a.target, a.username]),
  };
})"""
SHOWN = "(() => { %s return %s.map(visible); })()"
CHUNK = 50
ENDS = itertools.count()


def vectors(name):
    path = os.path.join(VECTORS, name)
    if not os.path.isfile(path):
        raise Skip("shared/vectors is not beside this repository")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["cases"]


def texts_of(name):
    """The texts of a set; those that a node would not take, for they are blank, are left out."""
    texts = [one["text"] if "text" in one
             else base64.b64decode(one["base64"]).decode("utf-8", "replace")
             for one in vectors(name)]
    return [text for text in texts if text.strip()]


def check(tab, texts, stage):
    """Shows the texts as messages, and compares what stands there with what was written."""
    for start in range(0, len(texts), CHUNK):
        some = texts[start:start + CHUNK]
        for text in some:
            stage.node.incoming("Werkstatt", "Ben Vogel", text)
        # Of its own for each chunk of each set: an older one stands in the page still.
        end = f"bis {next(ENDS)}."
        stage.node.incoming("Werkstatt", "Ben Vogel", end)
        tab.wait_text(end, "document.querySelector('.messages')")
        looks = tab.run(LOOK % (len(some) + 1))[:-1]
        wanted = tab.run(SHOWN % (binding.bound("text"), json.dumps(some)))
        for text, look, shown in zip(some, looks, wanted):
            expect(look["shown"] == shown, f"{text!r} is shown as {look['shown']!r}")
            expect(set(look["tags"]) <= {"A", "SPAN"}, f"{text!r} became {look['tags']}")
            expect(set(look["attributes"]) <= {"href", "title", "target", "rel", "class"},
                   f"{text!r} has {look['attributes']}")
            for protocol, rel, target, user in look["links"]:
                expect(protocol in ("http:", "https:", "mailto:"), f"{text!r} leads to {protocol}")
                expect(rel == "noopener noreferrer" and target == "_blank" and not user,
                       f"{text!r} leads away with {rel} {target} {user}")


@case("naughty", "the big list of naughty strings stays text, in messages", seconds=180)
def naughty_strings(stage):
    tab = talk(stage)
    count = 0
    for name in ("naughty_strings.json", "unicode_spoof_lines.json", "emoji_zwj.json"):
        texts = texts_of(name)
        expect(len(texts) > 30, f"{name} was not read")
        check(tab, texts, stage)
        count += len(texts)
    expect("Werkstatt" in tab.run("document.title"), "a script changed the page")
    return f"{count} texts"


@case("links", "only http, https and mail addresses can be clicked, and lead where they say")
def links(stage):
    tab = talk(stage)
    cases = {
        "https://example.org/a?b=c#d": ["https://example.org/a?b=c#d"],
        "Siehe (http://intranet.local/x).": ["http://intranet.local/x"],
        "http://example.org/wiki/Zuruf_(Messenger)": ["http://example.org/wiki/Zuruf_(Messenger)"],
        "anna.weber@example.org schreibt": ["mailto:anna.weber@example.org"],
        "mailto:anna@example.org?subject=x": ["mailto:anna@example.org?subject=x"],
        "javascript:alert(1)": [], "data:text/html,<b>x</b>": [], "file:///etc/passwd": [],
        "https://user:secret@example.org/": [], "https://bank.example@evil.example/": [],
        "vbscript:x": [], "http://": [], "//example.org": [], "https://exa mple": ["https://exa/"],
        "JaVaScRiPt:alert(1) https://a.example": ["https://a.example/"],
        "https://a.example\"onmouseover=\"x": ["https://a.example/"],
        "<a href='https://a.example'>b</a>": ["https://a.example/"],
    }
    check(tab, list(cases), stage)
    for text, hrefs in cases.items():
        stage.node.incoming("Werkstatt", "Ben Vogel", text)
        stage.node.incoming("Werkstatt", "Ben Vogel", f"nach {text}")
        tab.wait(f"[...document.querySelectorAll('.message.other .text')].at(-1).textContent === "
                 f"{json.dumps('nach ' + text)}")
        found = tab.run("[...[...document.querySelectorAll('.message.other')].at(-2)"
                        ".querySelectorAll('a')].map((a) => a.href)")
        expect(found == hrefs, f"{text!r} leads to {found}")


@case("spoofs", "characters that turn or hide a text are shown as what they are")
def spoofs(stage):
    tab = talk(stage)
    stage.node.incoming("Werkstatt", "Ben Vogel", "a\u202ecba\u2066b\u0007c\u001b[31m")
    tab.wait_text("⟨U+202E⟩cba⟨U+2066⟩b␇c␛[31m")
    stage.node.incoming("Werkstatt", "Ben Vogel", "1\u200f2\u2060\u00ad👩\u200d🔧")
    tab.wait_text("1⟨U+200F⟩2⟨U+2060⟩⟨U+00AD⟩👩\u200d🔧")


@case("hostile-names", "names of people, groups and devices stay names, everywhere", seconds=120)
def hostile_names(stage):
    bad = ["<img src=x onerror=window.pwned=1>", "\"><script>window.pwned=1</script>",
           "{name} {n} {by}", "a" * 128, "\u202eanna"]
    tab = talk(stage)
    with stage.node.lock:
        for index, name in enumerate(bad):
            member = stage.node.add_member(name, "member", [(f"{name} {index}", "linked", False)])
            stage.node.add_group("listed", f"{name} g", [name], purpose=name)
            stage.node.incoming("everyone", name, name, reply=None)
            stage.node.tickets.append({**stage.node.tickets[0], "id": member["id"] * 2,
                                       "name": name})
    for kind in ("members", "devices", "groups"):
        stage.node.tell("changed", list=kind)
    tab.wait("document.querySelectorAll('.list .item').length > 12")
    stage.node.m_admit_open()
    stage.node.knock(bad[0], bad[1])
    stage.node.degrade("one-of-tomorrow", bad[0])
    for route in ("people", "admit", "stored", "more",
                  f"g/{stage.node.group('everyone')['id']}"):
        tab.run(f"location.hash = '#/{route}'")
        tab.wait("document.querySelector('main h1')")
        if not route.startswith(("admit", "more")):
            tab.wait_text("{name} {n} {by}", "document.querySelector('main')")
        tab.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        expect(not tab.run("window.pwned || document.querySelector('main img, main script')"),
               f"a name became an element on {route}")
        expect(tab.run("document.documentElement.scrollWidth <= innerWidth"),
               f"a long name widens {route}")
    tab.wait("document.querySelector('.messages').textContent.includes('{by}')")
