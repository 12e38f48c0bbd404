"""What can be said of the page's files without looking at them in a browser, and their weight."""

import json
import os
import re

import binding
from binding import PAGE
from suite import case, expect

SCRIPTS = os.path.join(PAGE, "js")
#: What the page may weigh, with everything in it: the figure `page-weight` of the project.
WEIGHT_BYTES_MAX = 200_000
#: What a module has at its top.
TOP = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.M)

#: Ways to run something that the page did not bring, each with what came of it.
TRIES = """(async () => {
  const outcomes = {};
  const attempt = async (name, run) => {
    try {
      await run();
      outcomes[name] = 'went through';
    } catch (error) {
      outcomes[name] = 'blocked';
    }
  };
  const loaded = (element) => new Promise((resolve, reject) => {
    element.addEventListener('load', resolve);
    element.addEventListener('error', reject);
    document.head.append(element);
  });
  const script = (properties) => Object.assign(document.createElement('script'), properties);
  await attempt('import', () => import('/js/main.js'));
  await attempt('src', () => loaded(script({ src: '/js/main.js' })));
  await attempt('text', () => script({ textContent: 'window.owned = true' }));
  await attempt('inline', () => {
    const one = script({});
    one.append('window.owned = true');
    document.head.append(one);
    if (!window.owned) throw new Error('not run');
  });
  await attempt('markup', () => {
    document.createElement('div').innerHTML = '<img src=x onerror="window.owned = true">';
  });
  await attempt('eval', () => (0, eval)('window.owned = true'));
  await attempt('worker', () => navigator.serviceWorker.register('/js/main.js'));
  await attempt('style', () => loaded(Object.assign(document.createElement('link'),
    { rel: 'stylesheet', href: '/style.css' })));
  return outcomes;
})()"""


def source(name):
    with open(os.path.join(SCRIPTS, name), encoding="utf-8") as file:
        return file.read()


def scripts():
    return sorted(name for name in os.listdir(SCRIPTS) if name.endswith(".js"))


def texts(language):
    """Name to text, or to its forms."""

    def once(pairs):
        names = [name for name, _ in pairs]
        expect(len(names) == len(set(names)), f"{language} has a text twice")
        return dict(pairs)

    text = binding.source(f"texts/{language}.json")
    expect("</" not in text, f"the texts of {language} would end where they stand in the page")
    parts = json.loads(text, object_pairs_hook=once)
    return {f"{part}.{name}": one for part, names in parts.items() for name, one in names.items()}


def forms(text):
    return text if isinstance(text, dict) else {"": text}


@case("texts", "German and English have the same names, forms and places for values")
def same_texts(_stage):
    german, english = texts("de"), texts("en")
    expect(len(german) > 300, "the texts were not read")
    expect(not set(german) ^ set(english), f"only one has {sorted(set(german) ^ set(english))}")
    for name in german:
        places = [set(re.findall(r"\{(\w+)\}", " ".join(forms(one[name]).values()))) - {"said"}
                  for one in (german, english)]
        expect(places[0] == places[1], f"{name} names other values: {places}")
        has = [set(forms(one[name])) for one in (german, english)]
        expect(has[0] == has[1], f"{name} has other forms: {has}")
    return f"{len(german)} texts"


@case("texts-used", "every text that is asked for is there, and every one that is there is used")
def used_texts(_stage):
    there = set(texts("en"))
    code = "\n".join(source(name) for name in scripts())
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


#: An open ticket says until when; the page takes no line of another owner, and a file that cannot
#: be read is for who looks after the computer.
SAID_ELSEWHERE = {"tickets.open", "reason.owners-outdated", "reason.owners-unsigned",
                  "finding.page-unknown"}


def swift_words(path, enum):
    """The raw values of an enumeration in the sources of the node."""
    with open(os.path.join(PAGE, "..", "..", path), encoding="utf-8") as file:
        body = re.search(rf"enum {enum}\b.*?\n}}\n", file.read(), re.S)[0]
    words = []
    for line in re.findall(r"^ +case (\w.*)$", body, re.M):
        for one in line.split(", "):
            name, _, raw = one.partition(" = ")
            words.append(raw.strip('"') or name)
    expect(words, f"{enum} was not read")
    return words


@case("texts-made", "there is a text for every word that the node may say")
def made_texts(_stage):
    there, missing = texts("en"), []
    control = "Control/Values/StatusInfo.swift"
    for path, enum, begins in (
            (control, "DegradedWord", "state."), (control, "FindingWord", "finding."),
            (control, "CheckWord", "doctor."), ("Control/RefusalReason.swift", "RefusalReason", "reason."),
            ("Control/Values/People.swift", "RankWord", "rank."),
            ("Control/Values/Tickets.swift", "TicketStateWord", "tickets.")):
        missing += [begins + word for word in swift_words(path, enum)
                    if begins + word not in there and begins + word not in SAID_ELSEWHERE]
    # What a person can do nothing about in the page is said for who writes programs.
    internal = {"parse-error", "invalid-request", "no-such-method", "already-subscribed", "no-node"}
    missing += [f"error.{word}" for word in swift_words("Control/ErrorName.swift", "ErrorName")
                if word not in internal and f"error.{word}" not in there]
    forms = [word for word in swift_words(control, "DegradedForm") if not any(
        re.fullmatch(rf"state\..*-{word}(-do)?", name) for name in there)]
    expect(not missing and not forms, f"no text is called {missing}, and none is for {forms}")


@case("plain", "no style or listener in the markup, no HTML made of texts, nothing from elsewhere")
def plain(_stage):
    with open(os.path.join(PAGE, "index.html"), encoding="utf-8") as file:
        index = file.read()
    expect(not re.search(r"style=|src=|\son\w+=", index), "index.html runs what is not in it")
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
            for form in forms(text).values():
                expect(not re.search(forbidden, form), f"{name}: {form}")


@case("bound", "the modules make one scope: each name once, none of the window's, each import true")
def bound(stage):
    made = {}
    for name in scripts():
        for one in TOP.findall(source(name)):
            expect(one not in made, f"{name} and {made.get(one)} both have {one}")
            made[one] = name
    tab = stage.office()
    windows = tab.run(f"{json.dumps(sorted(made))}.filter((one) => "
                      "one in window && !(window[one] instanceof Element))")
    # The window's name is a text, which nobody here uses.
    expect(set(windows) == {"name"}, f"the window has {windows} too")
    for name in scripts():
        for names, other in re.findall(r"^import \{([^}]*)\} from '\./([\w-]+\.js)';$", source(name), re.M):
            exported = set(re.findall(r"^export (?:async )?(?:function|class|const|let) (\w+)",
                                      source(other), re.M))
            for one in filter(None, map(str.strip, names.split(","))):
                expect(one in exported, f"{name} imports {one}, which {other} has not")
                expect(len(re.findall(rf"\b{one}\b", source(name))) > 1, f"{name} does not use {one}")
    code = "".join(binding.lean(source(name)) for name in scripts())
    renamed = binding.made_in(name[:-3] for name in scripts())
    # Wherever one stands as a word it gets another name in the document.
    for found in re.finditer(r"(?<!\.\.)[.'`](\w+)|\b(\w+)['`]|[{,]\s*(\w+):", code):
        expect(not renamed & set(found.groups()), f"{found[0]} is no name of a module")
    left = set(scripts()) - {"early.js"} - {name for name in scripts() if name[:-3] in reached("main")}
    expect(not left, f"nobody imports {left}")
    odd = [name for name in scripts() if any(
        line.count("`") % 2 for line in source(name).splitlines() if not is_comment(line))]
    expect(not odd, f"{odd} has a text over several lines, which would change where blanks fall away")
    return f"{len(made)} names"


def is_comment(line):
    return line.lstrip().startswith(("//", "/*", "*"))


def reached(name, seen=None):
    """A module and all that it needs."""
    seen = set() if seen is None else seen
    if name not in seen:
        seen.add(name)
        for other in binding.IMPORT.findall(source(f"{name}.js")):
            reached(other, seen)
    return seen


@case("weight", "all of the page is there with less than 200 KB, and no request goes elsewhere")
def weight(stage):
    tab = stage.office()
    tab.wait("document.querySelector('.conversation .message')")
    for url in tab.requests:
        expect(url.startswith((stage.mock.origin + "/", "data:")), f"a request to {url}")
    icon = len(binding.source("icon.svg").encode())
    sizes = {language: len(page) + icon for language, page in stage.mock.pages.items()}
    expect(max(sizes.values()) <= WEIGHT_BYTES_MAX, f"{sizes} bytes")
    return ", ".join(f"{size / 1000:.0f} KB in {language}" for language, size in sizes.items())


@case("own-code", "an open tab runs nothing that it did not bring, whoever has its address by then")
def own_code(stage):
    tab = stage.office()
    tab.wait("document.querySelector('.conversation .message')")
    stage.expects("Content Security Policy", "TrustedScript", "TrustedHTML", "trusted types")
    # Somebody else has the port now: any file is a script, and there is no office.
    stage.mock.squat("window.owned = true; export class Start {}")
    stage.node.standing = "no-office"
    stage.node.tell("changed", list="office")
    tab.wait("document.querySelector('.first-steps h1')")
    for route in ("people", "admit", "more", "doctor", "stored", "recovery", "settings"):
        tab.run(f"location.hash = '#/{route}'")
    asked = set(tab.requests) - {stage.mock.origin + path for path in ("/", "/rpc", "/events")}
    expect(not {url for url in asked if "/enter?" not in url and "/icon.svg" not in url},
           f"the tab asked for {asked}")
    outcomes = tab.run(TRIES, waits=True)
    expect(len(outcomes) == 8 and set(outcomes.values()) == {"blocked"}, f"{outcomes}")
    expect(tab.run("window.owned") is None, "a script of somebody else ran")
    expect(not set(stage.mock.squatted) - {"/icon.svg"}, f"it got {stage.mock.squatted}")
