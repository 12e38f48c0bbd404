"""What the stories of copied, restored and lost computers are told with: images of a machine, what a
node shows and says, and the commands that a person types there."""

import os
import re
import shlex
import shutil
import subprocess
import threading

from control import Refused
from office import BUILD, offices, read_all
from processes import awaited

COMMAND_SECONDS = 60


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
    """What was checked, and what is drawn."""

    def __init__(self, chance):
        self.passed, self.failed, self.chance = 0, 0, chance

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

    def drawn(self):
        """An identifier as the system writes them down: 32 hexadecimal digits."""
        return f"{self.chance.getrandbits(128):032x}"


def begin(folder, names):
    """An office of the first three; further nodes are in none."""
    nodes = offices(folder, names)
    for node in nodes[:3]:
        node.start()
    controls = [node.wait() for node in nodes[:3]]
    controls[0].ask("office.new", office="Copied", name=nodes[0].name, device=pc(nodes[0]))
    ticket = controls[0].ask("ticket.new", kind="member", groups=[], uses=2)["text"]
    for node, control in zip(nodes[1:3], controls[1:3]):
        control.ask("join", ticket=ticket, name=node.name, device=pc(node))
    for control in controls:
        control.close()
    return nodes


def pc(node):
    """What a node's device is called."""
    return "pc " + node.name


def texts(node):
    """All texts that the node shows, an empty one for each that it cannot read."""
    control = node.wait()
    try:
        return sorted(text or "" for text in read_all(control))
    finally:
        control.close()


def in_order(node):
    """The texts as the node shows them, oldest first."""
    control = node.wait()
    try:
        return read_all(control)
    finally:
        control.close()


def say(story, node, text):
    node.ask("send", to="everyone", text=text, id=story.drawn())


def degraded(node):
    return {state["word"]: state for state in node.ask("status")["degraded"]}


def devices(node):
    """Each device of the office with the name of its member and its state."""
    return [(each["name"], each["member"]["name"], each["state"])
            for each in node.ask("device.list")["devices"]]  # fmt: skip


def device(node, name):
    """The state of a device by its name; None where there is none."""
    return next((state for found, _, state in devices(node) if found == name), None)


def refuses(story, node):
    """Whether it writes nothing, and says why and what to do as its status does."""
    try:
        say(story, node, "never")
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


class Typing:
    """A command that a person types on a node's computer, as it was printed there; it goes on beside the
    story until it ends. `given` is one more word, `line` what its input holds."""

    def __init__(self, node, command, *given, line=""):
        program, *words = shlex.split(command)
        self.process = subprocess.Popen(
            [os.path.join(BUILD, program), *words, *given], env=surroundings(node), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        self.process.stdin.write(line)
        self.process.stdin.close()
        self.watch = threading.Timer(COMMAND_SECONDS, self.process.kill)
        self.watch.daemon = True
        self.watch.start()
        self.said = ""

    def until(self, pattern):
        """Reads on until a line matches; gives what it looked for in it, or nothing at the end."""
        for line in self.process.stdout:
            self.said += line
            found = re.search(pattern, line)
            if found:
                return found[found.re.groups]
        return ""

    def ended(self):
        """Its exit status, once it has ended; what it said is in `said`."""
        self.said += self.process.stdout.read()
        code = self.process.wait()
        self.watch.cancel()
        return code


def dumped(home):
    """The texts that the logs of a data directory hold, as far as its keys open them."""
    _, said = inspect("dump", "--home", home, "--bodies")
    return set(re.findall(r'"content":\{"text":"([^"]*)"', said))


def typed(node, command, *given, line=""):
    """The exit status of such a command, and what it said."""
    one = Typing(node, command, *given, line=line)
    return one.ended(), one.said


def surroundings(node):
    """Where a person finds the node: in the environment, so that nothing is added to a command."""
    return dict(node.environment, ZURUF_SOCKET=node.path)


def emptied(folder):
    """Leaves a folder as a new one."""
    shutil.rmtree(folder)
    os.mkdir(folder, 0o700)
