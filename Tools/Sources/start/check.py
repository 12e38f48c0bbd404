#!/usr/bin/env python3
"""Checks Tools/start as a person and as a script meet it; ends with the plain line.

The demo runs without a terminal and on one, and is ended from outside; a node is run and stopped; a
computer that lacks packages or a compiler is told what to type. Nothing may stay behind: no folder,
no process, nothing in the user's own places.

    Tools/Sources/start/check.py --binaries FOLDER
"""

import argparse
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from bare import Bare  # noqa: E402
from person import Person  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
START = os.path.join(ROOT, "Tools", "start")
DEMO = os.path.join(ROOT, "Tools", "Sources", "start", "demo.py")
SECONDS_FOR_ALL = 240
APT = "sudo apt-get install -y --no-install-recommends"


class Mistake(Exception):
    """Something did not come out as it must."""


def expect(truth, sentence):
    if not truth:
        raise Mistake(sentence)


class Place:
    """Where one check is held: folders that must be empty again at its end, and a mark that every
    process of it inherits."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries
        self.empty = {}
        for name in ("tmp", "runtime", "data", "state"):
            self.empty[name] = os.path.join(folder, name)
            os.mkdir(self.empty[name], 0o700)
        self.mark = f"START_CHECK={folder}"
        self.environment = dict(
            os.environ, START_CHECK=folder, TMPDIR=self.empty["tmp"],
            XDG_RUNTIME_DIR=self.empty["runtime"], XDG_DATA_HOME=self.empty["data"],
            XDG_STATE_HOME=self.empty["state"], TERM="xterm", NO_COLOR="1")  # fmt: skip

    def run(self, *command, status=0):
        """A command to its end, without a terminal: what it says on both its outputs."""
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=SECONDS_FOR_ALL, env=self.environment, text=True)
        expect(done.returncode == status, f"ended with {done.returncode}: {done.stdout[-600:]}")
        return done.stdout

    def expect_nothing_left(self):
        for name, folder in self.empty.items():
            # The compiler makes a folder "bin" for itself among the user's data.
            left = [one for one in os.listdir(folder) if one != "bin"]
            expect(not left, f"left in the {name} folder: {sorted(left)[:5]}")
        left = list(self._processes())
        expect(not left, f"left running: {left[:5]}")

    def _processes(self):
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{number}/environ", "rb") as file:
                    if self.mark.encode() in file.read().split(b"\0"):
                        with open(f"/proc/{number}/cmdline", "rb") as words:
                            yield words.read().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile, or is another user's


def demo_alone(place):
    """--demo without a terminal tells its story, ends with 0 and leaves nothing"""
    told = place.run(START, "--demo")
    for words in ("founds \"Müller GmbH\"", "Ben       shows all 3 messages, fetched from Empfang",
                  "all three show the same 8 messages", "Anna and Ben have the same messages",
                  "The demo is over; its data is removed."):  # fmt: skip
        expect(words in told, f"it does not say: {words}")
    expect(told.count("verify: whole:") == 3, "not all three are proven whole")


def demo_typed(place):
    """--demo on a terminal: text, /as, /stop, /start, /status and /quit do what they say"""
    person = Person([sys.executable, DEMO, "--binaries", place.binaries], place.environment)
    try:
        person.sees("Anna> ", 60)
        folders = os.listdir(place.empty["tmp"])
        expect(len(folders) == 1, f"the demo keeps its data in {folders}")
        folder = os.path.join(place.empty["tmp"], folders[0])

        def reads(name):
            return place.run(
                os.path.join(place.binaries, "zuruf"), "--socket",
                os.path.join(folder, name, "control"), "read", "Werkstatt")  # fmt: skip

        said = person.types("Typed by Anna", "Anna> ")
        expect("Ben " in said and " ms" in said, f"Ben is not said to show it: {said}")
        for name in ("ben", "empfang"):
            expect("Typed by Anna" in reads(name), f"{name} cannot read what was typed")
        person.types("/as ben", "Ben> ")
        person.types("Typed by Ben", "Ben> ")
        shown = [line for line in reads("anna").splitlines() if "Typed by Ben" in line]
        expect(shown and "Ben" in shown[0], f"Anna reads {shown}")
        expect("is off" in person.types("/stop emp", "Ben> "), "/stop says nothing")
        expect("Empfang is off" in person.types("While it is off", "Ben> "), "nobody is off")
        expect("Empfang   off" in person.types("/status", "Ben> "), "/status knows nobody off")
        missed = "catches up: Ben: While it is off"
        if missed not in person.types("/start emp", "Ben> "):
            person.sees(missed, 20)
        expect("While it is off" in reads("empfang"), "what was missed did not come")
        expect("on, linked with" in person.types("/status", "Ben> "), "/status says nothing")
        expect("say who: Anna, Ben, Empfang" in person.types("/as nobody", "Ben> "), "a nobody")
        expect("no command /dance" in person.types("/dance", "Ben> "), "a command that is none")
        person.types("/quit", "The demo is over; its data is removed.")
        expect(person.status() == 0, f"/quit ends it with {person.status()}")
    finally:
        person.close()


def demo_ended(place):
    """--demo that is ended in the midst leaves nothing"""
    process = subprocess.Popen(
        [sys.executable, DEMO, "--binaries", place.binaries], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=place.environment, text=True)
    try:
        for line in process.stdout:
            if line.startswith("They talk"):
                break
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
        expect(process.wait(30) == 130, f"ended with {process.returncode}")
        expect("its data is gone" in said, f"it says: {said[-300:]}")
    finally:
        process.kill()
        process.wait()


def typed_too_early(place, node):
    """What lies in the terminal before a question is shown does not answer it."""
    terminal, other = pty.openpty()
    os.write(terminal, b"y\n")
    process = subprocess.Popen(
        [*node, "group", "leave", "Probe"], stdin=other, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=place.environment, bufsize=0)
    try:
        asked = b""
        while not asked.endswith(b"[y/N] "):
            letter = process.stderr.read(1)
            expect(letter, f"it does not ask: {asked}")
            asked += letter
        os.write(terminal, b"n\n")
        said = process.stderr.read()
        expect(process.wait(30) == 1 and b"nothing was done" in said, f"it says: {said}")
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        os.close(other)


def own_node(place):
    """a node runs in the foreground, says what to type next, and Ctrl-C stops it"""
    home = os.path.join(place.folder, "home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        [START, "--home", home, "--no-discovery", "--port", port], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=place.environment, text=True)
    try:
        told = []
        for line in process.stdout:
            told.append(line)
            if "Ctrl-C stops the node" in line:
                break
        typed = [line.strip() for line in told if line.startswith("  ") and "office new" in line]
        expect(typed, f"it does not say how to begin: {''.join(told)[-600:]}")
        command = [*typed[0].split("office new")[0].split(), "office", "new", "Probe"]
        expect("Probe" in place.run(*command), "what it says to type does not work")
        place.run(*command[:-3], "group", "new", "Probe")
        typed_too_early(place, command[:-3])
        link = place.run(*command[:-3], "open", "--print")
        expect(link.startswith("http://127.0.0.1:"), f"it has no page: {link}")
        process.send_signal(signal.SIGINT)
        expect("the node has stopped" in process.stdout.read(), "it does not say that it stopped")
        expect(process.wait(30) == 0, f"Ctrl-C ends it with {process.returncode}")
        expect(os.path.isdir(os.path.join(home, "data")), "its data is gone")
        # A node that goes on tomorrow keeps a copy of its head lock until the computer restarts.
        shutil.rmtree(os.path.join(place.empty["runtime"], "zuruf"))
    finally:
        process.kill()
        process.wait()


def packages_missing(place):
    """without a terminal, missing packages end it with 2 and the exact line to type"""
    bare = Bare(place.folder, ROOT, missing=["libavahi-client-dev"])
    status, said = bare.run("start")
    line = f"start: hint: {APT} libavahi-client-dev"
    expect(status == 2 and line in said.splitlines(), f"{status}: {said}")
    status, said = bare.run("start", "--demo")
    expect(status == 2 and line in said.splitlines(), f"--demo: {status}: {said}")
    status, said = bare.run("test")
    line = "test: hint: sudo apt-get install --no-install-recommends libavahi-client-dev"
    expect(status == 2 and line in said.splitlines(), f"Tools/test: {status}: {said}")
    expect(bare.called() == [], f"it called {bare.called()} unasked")


def packages_asked(place):
    """on a terminal it asks before sudo, and does what was answered"""
    bare = Bare(place.folder, ROOT, missing=["libsodium-dev", "python3"])
    for answer, calls in (("n", []), ("", []), ("y", [
        "apt-get update -qq",
        "apt-get install -y --no-install-recommends libsodium-dev python3",
    ])):  # fmt: skip
        person = Person(bare.command("start", "--demo"), bare.environment)
        try:
            person.sees("[y/N] ", 20)
            person.types(answer, "start: error: ")
            person.ends()
            expect(person.status() == 2, f"\"{answer}\" ends it with {person.status()}")
        finally:
            person.close()
        expect(bare.called() == calls, f"\"{answer}\" calls {bare.called()}")
        # With the packages there, the compiler is what it lacks.
        lacks = "no Swift toolchain" if calls else f"{APT} libsodium-dev python3"
        expect(lacks in person.text, f"\"{answer}\": {person.text}")


def compiler_missing(place):
    """without a Swift toolchain it says where to get one"""
    bare = Bare(place.folder, ROOT, missing=[])
    for name in ("start", "test"):
        status, said = bare.run(name)
        expect(status == 2, f"Tools/{name}: {status}: {said}")
        expect(f"{name}: error: there is no Swift toolchain" in said, f"Tools/{name}: {said}")
        expect("https://www.swift.org/install/linux" in said, f"Tools/{name}: {said}")


def options_wrong(place):
    """options that do not fit are refused before anything is built"""
    for words, wrong in ((["--demo", "--port", "1"], "takes no other option"),
                         (["--home"], "needs a value"), (["--socket", "x"], "the node's own"),
                         (["--sede=x"], "no option \"--sede\"")):  # fmt: skip
        said = place.run(START, *words, status=2)
        expect(wrong in said and said.startswith("start: error: "), f"{words}: {said}")
    expect("Usage: Tools/start" in place.run(START, "--help"), "no help")


def _script(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("#!/bin/bash\n" + text + "\n")
    os.chmod(path, 0o755)


def tests_counted(place):
    """the simulation beside other suites is counted, and two runs that say nothing are no equal ones"""
    root = os.path.join(place.folder, "counted")
    tools, programs = os.path.join(root, "Tools"), os.path.join(root, "programs")
    os.makedirs(tools)
    os.mkdir(programs)
    shutil.copy(os.path.join(ROOT, "Tools", "test"), tools)
    _script(programs, "dpkg-query", "echo 'install ok installed'")
    _script(programs, "swift", "exit 0")
    _script(tools, "lan", "echo '5 passed, 0 failed, 1 skipped'")
    environment = dict(place.environment, PATH=f"{programs}:{os.environ['PATH']}")
    trap = "the plan ends the process"
    sums = "seq -f '%g ab' 20"
    unlike = "failed: simulate: seed 7 runs differently in two processes, or not at all"
    for hashes, trapped, wrong, status, line in (
        (sums, trap, 0, 0, "126 passed, 0 failed, 1 skipped"),
        ("exit 0", trap, 0, 1, unlike),
        (f"{sums} | sed \"s/^7 ab/7 $$/\"", trap, 0, 1, unlike),
        (f"{sums} | head -n 18", trap, 0, 1, "124 passed, 2 failed, 1 skipped"),
        (sums, trap, 3, 1, "failed: simulate: exit 1"),
        (sums, "", 0, 1, "failed: simulate: a seed that ends the process is not run again by its line"),
    ):
        _script(tools, "simulate", f"""
[ "$1" != --hash ] || {{ {hashes}; exit; }}
[ "$1" != 1 ] || {{ echo 'Fatal error: {trapped}'; exit 1; }}
[ "$4" != trap=5 ] || {{
  echo 'the first of them in small: Tools/simulate 1 minutes=1 trap=5'; echo '0 passed, 2 failed'; exit 1
}}
echo '100 passed, {wrong} failed'
exit {1 if wrong else 0}""")
        done = subprocess.run(
            [os.path.join(tools, "test"), "simulate", "lan"], stdin=subprocess.DEVNULL,
            capture_output=True, env=environment, text=True, timeout=60)
        expect(done.returncode == status and line in done.stdout.splitlines(),
               f"{hashes}: {done.returncode}: {done.stdout}")
    # A failure among a thousand lines is shown once more at the end, with what stood behind it.
    _script(tools, "lan", """
echo 'failed  quiet  3.0 s  a node sleeps (it does not)'; echo '    the last word of a node'
seq 1 1000; echo '5 passed, 1 failed'; exit 1""")
    done = subprocess.run(
        [os.path.join(tools, "test"), "lan"], stdin=subprocess.DEVNULL, capture_output=True,
        env=environment, text=True, timeout=60)
    end = done.stdout.splitlines()[-40:]
    expect(done.returncode == 1 and end[-1] == "5 passed, 1 failed"
           and "    the last word of a node" in end and "test: what failed in lan" in end,
           f"the failure is not shown at the end: {end}")


CHECKS = [options_wrong, packages_missing, packages_asked, compiler_missing, tests_counted,
          demo_alone, demo_typed, demo_ended, own_node]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="check.py", description=__doc__.split("\n")[0])
    parser.add_argument("--binaries", metavar="FOLDER", required=True)
    binaries = os.path.abspath(parser.parse_args().binaries)
    passed = failed = 0
    for check in CHECKS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="zuruf-start-") as folder:
            os.chmod(folder, 0o755)  # an ordinary user passes through
            place, wrong = Place(folder, binaries), None
            try:
                check(place)
                place.expect_nothing_left()
            except (Mistake, OSError, subprocess.SubprocessError) as mistake:
                wrong = str(mistake)
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        outcome = "passed" if wrong is None else "failed"
        print(f"{outcome} {check.__name__:17} {time.monotonic() - began:5.1f} s  {check.__doc__}"
              + (f" ({wrong})" if wrong else ""), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
