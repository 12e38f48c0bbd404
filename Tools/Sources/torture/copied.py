"""A computer that was copied, or put back from an image, and wrote on both times: what people see.

Real nodes on loopback. Ben's disk is put back in place, file by file, as an image of a whole
machine would be, so that no lock notices; the two histories meet only between Anna and Cleo. Then a
directory that was copied runs beside the first. Ends with the plain line `N passed, N failed`.

    Tools/torture --copied [--keep]
"""

import os
import shutil
import subprocess
import tempfile

from control import Refused
from office import BUILD, offices, read_all
from processes import awaited


class Image:
    """All files below a folder; put back in place they keep their inodes."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}
        for path, _, names in os.walk(folder):
            for name in names:
                whole = os.path.join(path, name)
                if os.path.isfile(whole):
                    with open(whole, "rb") as file:
                        self.files[whole] = file.read()

    def put_back(self):
        for path, _, names in os.walk(self.folder):
            for name in names:
                whole = os.path.join(path, name)
                if os.path.isfile(whole) and whole not in self.files:
                    os.remove(whole)
        for whole, content in self.files.items():
            with open(whole, "r+b" if os.path.exists(whole) else "xb") as file:
                file.write(content)
                file.truncate()


class Story:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, sentence, holds):
        print(f"copied: {'ok' if holds else 'FAILED'}: {sentence}", flush=True)
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)

    def until(self, sentence, holds, seconds=30):
        def answers():
            try:
                return holds()
            except (OSError, Refused):
                return False

        self.check(sentence, awaited(answers, seconds, 0.05))


def texts(node):
    """All texts that the node shows, an empty one for each that it cannot read."""
    control = node.wait()
    try:
        return sorted(text or "" for text in read_all(control))
    finally:
        control.close()


def say(node, text):
    control = node.wait()
    control.ask("send", to="everyone", text=text, id=os.urandom(16).hex())
    control.close()


def degraded(node):
    control = node.wait()
    words = {state["word"]: state for state in control.ask("status")["degraded"]}
    control.close()
    return words


def device(node, name):
    control = node.wait()
    found = [each for each in control.ask("device.list")["devices"] if each["name"] == name]
    control.close()
    return found[0]["state"] if found else None


def refuses(node):
    """Whether it writes nothing, and says why and what to do as its status does."""
    try:
        say(node, "never")
    except Refused as error:
        state = degraded(node)["copied"]
        reason = state["detail"].split(";")[0]
        return error.name == "stopped" and reason in str(error) and error.hint == state["hint"]
    return False


def copied_words(node):
    """What its status says of the copy; nothing where it knows of none."""
    return degraded(node).get("copied", {}).get("detail", "")


class Listener:
    """A program that subscribed to a node, and the states that it was told of."""

    def __init__(self, node):
        self.control = node.wait()
        self.control.ask("subscribe")

    def states(self, kind):
        """The words of all states that appeared (`degraded`) or are over (`recovered`)."""
        while self.control.take(0):
            pass
        told = [event for _, event in self.control.events if event["kind"] == kind]
        return [event.get("word") or event["degraded"]["word"] for event in told]

    def close(self):
        self.control.close()


def inspect(*arguments):
    run = subprocess.run(
        [os.path.join(BUILD, "zuruf-inspect"), *arguments], capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def begin(folder, names):
    nodes = offices(folder, names)
    for node in nodes[:3]:
        node.start()
    controls = [node.wait() for node in nodes[:3]]
    controls[0].ask("office.new", office="Copied", name="anna", device="pc-anna")
    ticket = controls[0].ask("ticket.new", kind="member", groups=[], uses=2)["text"]
    for node, control in zip(nodes[1:3], controls[1:3]):
        control.ask("join", ticket=ticket, name=node.name, device="pc-" + node.name)
    for control in controls:
        control.close()
    return nodes


def put_back(story, folder):
    """Two images of one machine, which never met, wrote from one place on."""
    anna, ben, cleo = nodes = begin(folder, ["anna", "ben", "cleo"])
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in nodes))
        say(ben, "before")
        story.until("all read what Ben wrote", lambda: all(texts(n) == ["before"] for n in nodes))
        ben.stop()
        cleo.stop()
        image = Image(ben.folder)
        ben.start()
        say(ben, "first")
        story.until("Anna has the first", lambda: texts(anna) == ["before", "first"])
        ben.stop()
        anna.stop()
        first = Image(ben.folder)
        image.put_back()
        cleo.start()
        ben.start()
        say(ben, "second")
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
                    "pc-ben" in detail and "copied or restored from a backup" in detail)  # fmt: skip
        story.until("and so does the list of devices", lambda: device(anna, "pc-ben") ==
                    device(cleo, "pc-ben") == "suspended")  # fmt: skip
        for name, copy in (("second", None), ("first", first)):
            if copy:
                copy.put_back()
            ben.start()
            story.until(f"the copy that wrote the {name} says that it was copied",
                        lambda: "messages were written both times" in copied_words(ben))  # fmt: skip
            story.check("and writes nothing more", refuses(ben))
            if not copy:
                ben.stop()
        say(anna, "without Ben")
        story.until("Anna and Cleo talk on", lambda: "without Ben" in texts(cleo))
        story.until("Ben's computer gets it and cannot read it", lambda: "" in texts(ben) and
                    "without Ben" not in texts(ben))  # fmt: skip
        ben.stop()
        settle(story, nodes)
        story.until("who follows Anna's node is told of it once, and that it is over", lambda:
                    listener.states("degraded").count("suspended") == 1 and
                    listener.states("recovered").count("suspended") == 1)  # fmt: skip
        listener.close()
    finally:
        for node in nodes:
            node.stop()


def settle(story, nodes):
    """The office ends it: the computer that was copied is removed, and the logs are equal."""
    anna, _, cleo = nodes
    # A restart knows it from what is on the disk.
    cleo.kill()
    cleo.start()
    story.until("a restart still knows", lambda: "suspended" in degraded(cleo))
    homes = [node.folder + "/data" for node in (anna, cleo)]
    story.until("the logs are equal", lambda: inspect("diff", *homes)[0] == 0)
    for home in homes:
        code, said = inspect("verify", "--home", home)
        story.check("verify proves both branches", code == 0 and "R-10" in said)
    code, said = inspect("dump", "--home", homes[0])
    story.check("one node told the office", said.count('"op":"suspend"') == 1)
    control = anna.wait()
    control.ask("device.remove", device="pc-ben")
    control.close()
    story.until("Anna removes it, and Cleo follows", lambda: device(cleo, "pc-ben") is None)
    story.until("and nothing is left to say", lambda: "suspended" not in degraded(anna) and
                "suspended" not in degraded(cleo))  # fmt: skip
    story.until("both show the same of it", lambda: texts(anna) == texts(cleo))


def beside(story, folder):
    """A data directory that was copied runs beside the first."""
    nodes = anna, ben, cleo, copy = begin(folder, ["anna2", "ben2", "cleo2", "copy2"])
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in (anna, ben, cleo)))
        say(ben, "before")
        story.until("Anna reads it", lambda: texts(anna) == ["before"])
        ben.stop()
        for part in ("data", "state"):
            shutil.copytree(f"{ben.folder}/{part}", f"{copy.folder}/{part}")
        ben.start()
        ben.wait().close()
        copy.start()
        story.until("both say that the other runs as well", lambda: all(
                    "so both have stopped" in copied_words(node) for node in (ben, copy)), 90)
        story.check("and the copy that it is one",
                    "is a copy of another one" in copied_words(copy)
                    and "is a copy of another one" not in copied_words(ben))
        story.check("and neither writes", refuses(ben) and refuses(copy))
        say(anna, "we talk on")
        story.until("the others do", lambda: "we talk on" in texts(cleo))
        copy.stop()
        ben.stop()
        ben.start()
        ben.wait().close()
        say(ben, "the copy is gone")
        story.until("without the copy the original writes again after a restart",
                    lambda: "the copy is gone" in texts(anna))
    finally:
        for node in nodes:
            node.stop()


def run(keep):
    story = Story()
    folder = tempfile.mkdtemp(prefix="zuruf-copied-")
    try:
        put_back(story, folder)
        beside(story, folder)
    finally:
        if keep:
            print(f"copied: kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{story.passed} passed, {story.failed} failed")
    return 1 if story.failed else 0
