"""Each state in which a node does less than it should: said while it lasts, and no longer."""

import os
import shutil

import disks
from nodes import TWICE, Control, Refused, expect, until
from trial import trial
from trials_clock import redirected


def said(node, word, *words):
    """What status says of a state, which must come; `zuruf status` shows it to people."""
    told = ""

    def shows():
        nonlocal told
        # It may say more a moment later, as when one more file cannot be written.
        told = node.degraded()[word]
        return told in node.run("zuruf", "status").decode()

    told = until(lambda: node.degraded().get(word), f"{node.name} does not say {word}", 15)
    until(shows, f"zuruf status does not show {word}", 15)
    for each in words:
        expect(each in told, f"{word} does not speak of \"{each}\": {told}")
    return told


def gone(node, word, within=15):
    until(lambda: word not in node.degraded(), f"{node.name} still says {word}", within)


def refused(node, text, name, *words):
    """A message is refused under a name, with words of an office."""
    try:
        node.say(text)
    except Refused as refusal:
        expect(refusal.name == name, f"refused as {refusal.name}: {refusal}")
        for each in words:
            expect(each in str(refusal), f"the refusal does not speak of \"{each}\": {refusal}")
        return
    expect(False, f"\"{text}\" is taken, although it must be refused as {name}")


@trial("states", "stored here only, continuity not proven: said, borne, and over", 60)
def states(field):
    a, b = field.office("anna", "ben")
    field.serve(a, b)
    expect(not a.degraded(), f"all is well, and status says {a.degraded()}")
    # Nobody is there who could keep it.
    b.stop()
    said(a, "no-peers")
    gone(a, "stored-here-only")
    a.say("for nobody but me")
    said(a, "stored-here-only", "on this computer only")
    b.start()
    for word in ("stored-here-only", "no-peers"):
        gone(a, word)
    until(lambda: "for nobody but me" in b.texts(), "it does not come to ben")
    # What tells where the own feeds ended is lost, as with a restored backup.
    b.stop()
    shutil.rmtree(os.path.join(b.folder, "state"))
    shutil.rmtree(os.path.join(b.runtime, "zuruf"))
    b.start()
    told = said(b, "continuity-not-proven")
    expect("continuity-not-proven" not in a.degraded(), "anna says it of herself")
    before = set(b.texts())
    field.serve(a, b)
    expect(before <= set(a.texts()) & set(b.texts()), "something was lost with it")
    expect(TWICE not in a.log() + b.log(), "the new feeds led to a fork")
    # The next start can prove what this one wrote.
    b.stop().start()
    expect("continuity-not-proven" not in b.degraded(), "it is said for ever")
    field.serve(a, b)
    return told


@trial("key", "messages before their key: said, and readable from the next key on", 60)
def waiting_for_key(field):
    a, b, d = field.office("anna", "ben", "dora")
    a.ask("group.new", title="Einkauf", members=["ben"])
    until(lambda: "Einkauf" in b.titles(), "ben is not in the group")
    a.say("before carla", to="Einkauf")
    until(lambda: "before carla" in b.texts("Einkauf"), "ben does not read it")
    # A keeper holds the group and cannot open it.
    box = field.node("box", [a.port, b.port, d.port]).start()
    box.ask("join", ticket=a.ask("ticket.new", kind="box", name="box", groups=[])["text"],
            account="box", device="pc-box")  # fmt: skip
    until(lambda: holds_all(a, box), "the keeper does not hold the group")
    ticket = a.ask("ticket.new", kind="member", groups=["Einkauf"], uses=1)["text"]
    until(lambda: len(d.ask("ticket.list")["tickets"]) == len(a.ask("ticket.list")["tickets"]),
          "dora does not know the ticket")  # fmt: skip
    # Whoever admits carla has no key to give, and whoever has one is off.
    for node in (a, b):
        node.stop()
    c = field.node("carla", [a.port, b.port, d.port, box.port]).start()
    # Its answer may wait for the key too, so that it is not waited for here.
    asking = Control(c.socket)
    asking.send("join", ticket=redirected(ticket, d.port), name="carla", device="pc-carla")
    told = said(c, "waiting-for-a-key", "a group without a name yet")
    asking.answer()
    asking.close()
    listed = [group for group in c.ask("group.list")["groups"] if group["kind"] == "listed"]
    texts = c.texts("id:" + listed[0]["id"])
    expect(texts == [None], f"carla reads {texts} without a key")
    a.start()
    until(lambda: "pc-carla" in a.linked(), "anna does not learn of carla")
    a.say("with carla", to="Einkauf")
    gone(c, "waiting-for-a-key")
    until(lambda: "Einkauf" in c.titles(), "carla does not learn the group's name", 20)
    until(lambda: "with carla" in c.texts("Einkauf"), "carla does not read what comes after")
    expect("before carla" not in c.texts("Einkauf"), "carla reads what came before her")
    field.serve(a, d)
    return told


def holds_all(node, other):
    """Whether another device holds all that is in this one's logs."""
    status = node.ask("status")
    waits = {waiting["device"]["name"] for waiting in status["waiting"]}
    return f"pc-{other.name}" in node.linked() and f"pc-{other.name}" not in waits


@trial("disk-error", "a file system that turns read-only under a node: said, read, mended", 60)
def disk_error(field):
    a, b = field.office("anna", "ben")
    place, image = disks.frail(field)
    c = field.node("carla", [a.port, b.port])
    c.home = os.path.join(place, "data")
    try:
        c.start().join(a.ticket())
        until(lambda: {"pc-anna", "pc-ben"} <= c.linked(), "carla is not linked")
        c.say("while it takes writes")
        disks.fail(place)
        refused(c, "on no disk", "read-only", "cannot store")
        told = said(c, "read-only-disk", "read-only file system")
        # The others go on, reading goes on, and nothing is shown that is not stored.
        a.say("while carla cannot store")
        until(lambda: "while carla cannot store" in b.texts(), "the others wait for the disk")
        expect(c.texts() == ["while it takes writes"], f"carla shows {c.texts()}")
        # Stopped, there is no node to be had on that disk; mended, nothing is missing.
        c.stop()
        disks.unmount(place)
        place, _ = disks.frail(field, image)
        c.home = os.path.join(place, "data")
        c.start()
        expect("read-only-disk" not in c.degraded(), "it is said of a disk that was mended")
        until(lambda: "while carla cannot store" in c.texts(), "what was missed does not come")
        field.serve(a, b, c)
        expect("on no disk" not in a.texts() + b.texts() + c.texts(), "what was refused is shown")
    finally:
        c.stop()
        disks.unmount(place)
    return told.rpartition(": ")[2]


@trial("lock", "a head lock that cannot be written: nothing own is written until it can", 40)
def read_only(field):
    a, b = field.office("anna", "ben")
    field.serve(a, b)
    b.stop()
    state = os.path.join(b.folder, "state")
    disks.set_read_only(state, True)
    b.start()
    told = said(b, "read-only-disk", state)
    refused(b, "without a lock", "read-only", "cannot store")
    a.say("ben still hears")
    until(lambda: "ben still hears" in b.texts(), "ben hears nothing any more")
    disks.set_read_only(state, False)
    gone(b, "read-only-disk")
    field.serve(a, b)
    b.stop()
    disks.unmount(state)
    return told.replace(state, "…")
