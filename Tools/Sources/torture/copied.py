"""A computer that was copied, or put back from an image, and wrote on both times: what people see.

Real nodes on loopback. Ben's disk is put back in place, file by file, as an image of a whole
machine would be, so that no lock notices; the two histories meet only between Anna and Cleo. Then a
directory that was copied runs beside the first. Ends with the plain line `N passed, N failed`.

    Tools/torture --copied [--keep]
"""

import re
import shutil
import tempfile

from office import offices
from returning import by, by_ticket, comes_back, lost, own, restored, talks
from stories import (Image, Listener, Story, Typing, begin, copied_words, degraded, device, dumped,
                     inspect, pc, refuses, say, texts, typed)


def put_back(story, folder):
    """Two images of one machine, which never met, wrote from one place on."""
    anna, ben, cleo, twin = begin(folder, ["anna", "ben", "cleo", "twin"])
    nodes = [anna, ben, cleo]
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in nodes))
        say(story, ben, "before")
        story.until("all read what Ben wrote", lambda: all(texts(n) == ["before"] for n in nodes))
        ben.stop()
        cleo.stop()
        image = Image(ben.folder)
        ben.start()
        say(story, ben, "first")
        story.until("Anna has the first", lambda: texts(anna) == ["before", "first"])
        ben.stop()
        anna.stop()
        first = Image(ben.folder)
        image.put_back()
        cleo.start()
        ben.start()
        say(story, ben, "second")
        story.until("Cleo has the second", lambda: texts(cleo) == ["before", "second"])
        ben.stop()
        anna.start()
        listener = Listener(anna)
        every = ["before", "first", "second"]
        story.until("Anna and Cleo have both", lambda: texts(anna) == texts(cleo) == every)
        story.until("both say so", lambda: "suspended" in degraded(anna) and
                    "suspended" in degraded(cleo))  # fmt: skip
        detail = degraded(anna)["suspended"]["detail"]
        story.check("in words of an office: " + detail,
                    "pc ben" in detail and "copied or restored from a backup" in detail)  # fmt: skip
        story.until("and so does the list of devices", lambda: device(anna, "pc ben") ==
                    device(cleo, "pc ben") == "suspended")  # fmt: skip
        for name, copy in (("second", None), ("first", first)):
            if copy:
                copy.put_back()
            ben.start()
            story.until(f"the copy that wrote the {name} says that it was copied",
                        lambda: "messages were written both times" in copied_words(ben))  # fmt: skip
            story.check("and writes nothing more", refuses(story, ben))
            if not copy:
                ben.stop()
                carry(ben, twin)
        say(story, anna, "without Ben")
        story.until("Anna and Cleo talk on", lambda: "without Ben" in texts(cleo))
        story.until("Ben's computer gets it and cannot read it", lambda: "" in texts(ben) and
                    "without Ben" not in texts(ben))  # fmt: skip
        settle(story, nodes)
        story.until("who follows Anna's node is told of it once, and that it is over", lambda:
                    listener.states("degraded").count("suspended") == 1 and
                    listener.states("recovered").count("suspended") == 1)  # fmt: skip
        listener.close()
        enrol_twin(story, nodes, twin)
    finally:
        for node in (*nodes, twin):
            node.stop()


def carry(node, other):
    """Copies what a node keeps to where another one keeps its own."""
    for part in ("data", "state"):
        shutil.copytree(f"{node.folder}/{part}", f"{other.folder}/{part}")


def settle(story, nodes):
    """The office ends it: the computer that was copied comes in anew in the place of its device of
    before, and the logs are equal."""
    anna, ben, cleo = nodes
    # A restart knows it from what is on the disk.
    cleo.kill()
    cleo.start()
    story.until("a restart still knows", lambda: "suspended" in degraded(cleo))
    homes = [node.home for node in (anna, cleo)]
    story.until("the logs are equal", lambda: inspect("diff", *homes)[0] == 0)
    for home in homes:
        code, said = inspect("verify", "--home", home)
        story.check("verify proves both branches", code == 0 and "R-10" in said)
    code, said = inspect("dump", "--home", homes[0])
    story.check("one node told the office", said.count('"op":"suspend"') == 1)
    comes_back(story, ben, anna, degraded(ben)["copied"]["hint"], ["before", "first", "second"])
    story.until("it is another computer of the same person, and the one of before is out", lambda: all(
        own(node, "ben") == ["new-ben"] for node in (anna, cleo)))  # fmt: skip
    story.until("and nothing is left to say", lambda: not any(
        {"suspended", "copied"} & set(degraded(node)) for node in nodes))  # fmt: skip
    talks(story, nodes, ben)
    story.check("the logs of the others still hold what either copy wrote", all(
        {"before", "first", "second"} <= dumped(home) for home in homes))  # fmt: skip
    # A removal keeps one of two branches.
    shown = by(anna, "ben")
    story.check("and they show the one that the office kept, under the same person",
                shown in ({"before", "ben is back", one} for one in ("first", "second"))
                and by(cleo, "ben") == shown)  # fmt: skip


def enrol_twin(story, nodes, twin):
    """The other copy, which was off, learns of it and comes in anew as well."""
    twin.start()
    story.until("the other copy learns that its device is out", lambda: "removed" in degraded(twin))
    hint = degraded(twin)["removed"]["hint"]
    story.check("and says what to do: " + hint, "zuruf join --anew" in hint)
    by_ticket(story, twin, nodes[0], "zuruf join --anew", "ben", ["before", "second"])
    story.until("now they are two computers of one person", lambda: all(
        own(node, "ben") == ["new-ben", "new-twin"] for node in nodes))  # fmt: skip
    talks(story, [*nodes, twin], twin)


def beside(story, folder):
    """A data directory that was copied runs beside the first."""
    nodes = anna, ben, cleo, copy = begin(folder, ["anna2", "ben2", "cleo2", "copy2"])
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in (anna, ben, cleo)))
        say(story, ben, "before")
        story.until("Anna reads it", lambda: texts(anna) == ["before"])
        ben.stop()
        carry(ben, copy)
        ben.start()
        ben.wait().close()
        copy.start()
        story.until("both say that the other runs as well", lambda: all(
                    "so both have stopped" in copied_words(node) for node in (ben, copy)), 90)
        story.check("and the copy that it is one",
                    "is a copy of another one" in copied_words(copy)
                    and "is a copy of another one" not in copied_words(ben))
        story.check("and neither writes", refuses(story, ben) and refuses(story, copy))
        say(story, anna, "we talk on")
        story.until("the others do", lambda: "we talk on" in texts(cleo))
        hint = degraded(copy)["copied"]["hint"]
        story.check("the copy says how it becomes a computer of its own: " + hint,
                    hint.startswith("end this copy for good and restart the original")
                    and "zuruf join --anew" in hint and "zuruf ticket new" not in hint)
        by_ticket(story, copy, anna, "zuruf join --anew", "ben2", ["before"])
        ben.stop()
        ben.start()
        talks(story, nodes, copy)
        say(story, ben, "the copy is none any more")
        story.until("then the original writes again after a restart", lambda: all(
            "the copy is none any more" in texts(node) for node in nodes))  # fmt: skip
        story.check("both are computers of one person", all(
            own(node, "ben2") == ["new-copy2", "pc ben2"] for node in nodes))  # fmt: skip
    finally:
        for node in nodes:
            node.stop()


def alone(story, folder):
    """The same where nobody else may let the copy in: the ticket is made while the copy is off."""
    dora, copy = nodes = offices(folder, ["dora", "copy5"])
    try:
        dora.start()
        dora.wait().ask("office.new", office="Alone", name="dora", device=pc(dora))
        say(story, dora, "before")
        dora.stop()
        carry(dora, copy)
        met(story, dora, copy)
        told = [re.search(r"zuruf ticket new --for \S+(?=;)", hint_of(node)) for node in nodes]
        story.check(f"both say where the ticket comes from: {hint_of(dora)}",
                    all(told) and told[0][0] == told[1][0])
        story.check("and which of them is the copy", [form_of(node) for node in nodes] == [None, "here"])
        copy.stop()
        dora.stop()
        dora.start()
        dora.wait().close()
        code, said = typed(dora, told[0][0])
        line = next((one for one in said.splitlines() if one.startswith("zr1-ticket-")), "")
        story.check("the original makes it, as it runs alone", code == 0 and line)
        met(story, copy)
        story.until("and stops again with the copy", lambda: copied_words(dora))
        story.check("each is still what it was", [form_of(node) for node in nodes] == [None, "here"])
        join = Typing(copy, "zuruf join --anew --yes --device new-copy5", line=line + "\n")
        story.until("the copy sets aside what it has", lambda:
                    copy.ask("office.status")["standing"] == "joining")  # fmt: skip
        dora.stop()
        dora.start()
        story.check("and is let in by the original once that runs again", join.ended() == 0)
        talks(story, nodes, copy)
        story.check("both are computers of one person", all(
            own(node, "dora") == ["new-copy5", pc(dora)] for node in nodes))  # fmt: skip
    finally:
        for node in nodes:
            node.stop()


def owned(story, folder):
    """Both wrote, of the only computer that may let anybody in: the recovery key makes another owner."""
    emma, finn = nodes = offices(folder, ["emma", "finn"])
    try:
        for node in nodes:
            node.start()
        control = emma.wait()
        control.ask("office.new", office="Owned", name="emma", device=pc(emma))
        key = control.ask("recovery.show")["line"]
        ticket = control.ask("ticket.new", kind="member", groups=[])["text"]
        control.close()
        finn.wait().ask("join", ticket=ticket, name="finn", device=pc(finn))
        story.until("both are ready", lambda: all(texts(node) == [] for node in nodes))
        emma.stop()
        image = Image(emma.folder)
        emma.start()
        say(story, emma, "first")
        story.until("Finn has the first", lambda: texts(finn) == ["first"])
        for node in nodes:
            node.stop()
        image.put_back()
        emma.start()
        say(story, emma, "second")
        finn.start()
        story.until("the owner's computer says that it was copied",
                    lambda: "messages were written both times" in copied_words(emma))  # fmt: skip
        hint = hint_of(emma)
        use = re.search(r"zuruf office recovery use(?=;)", hint)
        story.check(f"and that nobody else may let it in: {hint}", use)
        told = typed(finn, use[0] if use else "zuruf", "--yes", line=key + "\n")
        story.check(f"the recovery key makes Finn the owner: {told}", told[0] == 0)
        comes_back(story, emma, finn, hint, ["second"])
        story.until("it is another computer of the same person, and the one of before is out",
                    lambda: own(finn, "emma") == ["new-emma"])  # fmt: skip
        talks(story, [finn, emma], emma)
    finally:
        for node in nodes:
            node.stop()


def met(story, *nodes):
    """Starts nodes with the same keys, and waits until each has met another one."""
    for node in nodes:
        node.start()
        node.wait().close()
    story.until("both have stopped", lambda: all(
        "so both have stopped" in copied_words(node) for node in nodes), 90)


def form_of(node):
    return degraded(node)["copied"].get("form")


def hint_of(node):
    return degraded(node)["copied"]["hint"]


def run(chance, options):
    print(f"copied: seed {options.seed}", flush=True)
    story = Story(chance)
    folder = tempfile.mkdtemp(prefix="zuruf-copied-")
    try:
        put_back(story, folder)
        beside(story, folder)
        alone(story, folder)
        owned(story, folder)
        restored(story, folder)
        lost(story, folder)
    finally:
        if options.keep:
            print(f"copied: kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{story.passed} passed, {story.failed} failed")
    return 1 if story.failed else 0
