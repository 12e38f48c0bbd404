"""The copy of the tree that all bugs are planted in, and what the levels find while each is awake."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import levels
from commit import commit
from plants import PLANTS
from table import note

SECONDS_TO_BUILD = 1_800
SECONDS_WITHOUT = 600


@dataclass(frozen=True)
class Outcome:
    """What one level said of a planted bug."""

    level: str
    says: str
    is_found: bool = False
    #: Something found it, in time or not.
    is_real: bool = False
    seconds: int = 0
    by: str = ""
    seed: int = 0

    def __str__(self):
        place = f" by seed {self.seed}:" if self.seed else " by" if self.by else ""
        return f"{self.level}: {self.says} in {self.seconds} s{place} {self.by}".rstrip()


def check(root, plants):
    """Whether each can be planted beside all others; closes with the plain line."""
    failed = 0
    for plant in plants:
        path = os.path.join(root, plant.file)
        if not os.path.exists(path):
            reason = f"there is no {plant.file}"
        else:
            count = planted(root, plant.file)[1][plant.name]
            reason = None if count == 1 else f"its place is there {count} times in {plant.file}"
        if reason:
            failed += 1
            print(f"failed  {plant.name}: {reason}")
    print(f"{len(plants) - failed} passed, {failed} failed")
    return 1 if failed else 0


def planted(root, name):
    """The text of a file with all its bugs, and how often each found its place there, which is to be once."""
    with open(os.path.join(root, name)) as file:
        text = file.read()
    counts, names = {}, []
    for plant in PLANTS:
        if plant.file == name:
            counts[plant.name] = text.count(plant.old)
            words = plant.name.split("-")
            names.append((plant.name, "bug" + "".join(map(str.capitalize, words))))
            text = text.replace(plant.old, re.sub(r"\bBUG\b", names[-1][1], plant.new))
    # A process that gets no environment of ours still sees a file.
    text += "\nimport Glibc\n\n" + "".join(
        f'private let {bug} = unsafe access("{root}/{sign(of)}", F_OK) == 0\n' for of, bug in names)
    return text, counts


def sign(name):
    """The file in the tree that wakes a bug."""
    return f".build/planted-{name}"


def run(root, plants, only, kept):
    """Wakes each in turn, and has all levels or one look for it; closes with the plain line."""
    if os.geteuid() != 0:
        print("plant: error: this takes root", file=sys.stderr)
        return 2
    if check(root, PLANTS):
        return 1
    stand = commit(root)
    folder = kept or tempfile.mkdtemp(prefix="zuruf-plant-")
    missed = 0
    try:
        garden = Garden(Tree(root, os.path.join(folder, "tree")))
        for plant in plants:
            outcomes = garden.grow(plant, only)
            if only == "simulate" and plant.beyond:
                print(f"passed  {plant.name}: not simulated: {plant.beyond}", flush=True)
            elif not any(one.is_found for one in outcomes):
                missed += 1
            note(root, stand, plant, outcomes, only)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(plants) - missed} passed, {missed} failed")
    return 1 if missed else 0


class Tree:
    """A copy of the tree with all bugs, and with what was built of it, which stands where the tree does
    while it is used."""

    def __init__(self, root, path):
        self.root, self.path = root, path
        os.makedirs(path, exist_ok=True)
        # What was built in a copy that was kept is as good, for files keep their times.
        old = [os.path.join(path, name) for name in os.listdir(path) if name != ".build"]
        subprocess.run(["rm", "-rf", *old], check=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
            capture_output=True, check=True).stdout  # fmt: skip
        names = [name for name in listed.decode().split("\0")
                 if name and os.path.lexists(os.path.join(root, name))]  # fmt: skip
        if not os.path.exists(self.file(".build")) and os.path.exists(os.path.join(root, ".build")):
            names.append(".build")
        subprocess.run(
            ["xargs", "-0", "cp", "-a", "--parents", "--reflink=auto", "-t", path], cwd=root,
            input="\0".join(names).encode(), check=True)  # fmt: skip
        # A bug that was awake when this was ended would be awake beside the others.
        for plant in PLANTS:
            subprocess.run(["rm", "-f", self.file(sign(plant.name))], check=True)
            self.plant(plant.file)

    def plant(self, name):
        """Puts the bugs into a file. Where they were built before, the file keeps the time of that."""
        text = planted(self.root, name)[0]
        before, path = self.file(os.path.join(".build", "planted", name)), self.file(name)
        if os.path.exists(before):
            with open(before) as file:
                if file.read() == text:
                    shutil.copy2(before, path)
                    return
        with open(path, "w") as file:
            file.write(text)
        os.makedirs(os.path.dirname(before), exist_ok=True)
        shutil.copy2(path, before)

    def file(self, name):
        return os.path.join(self.path, name)

    def inside(self, command, seconds, signs=(), targets=None):
        """Runs a command in it for so long at most and until it says what a sign looks for; its status
        and words. Of the tree only some targets may be there."""
        words = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                 "--kill-child", "--mount-proc", "bash", "-c",
                 'mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"',
                 self.path, self.root, *command]  # fmt: skip
        log = self.path + ".log"
        # SwiftPM's lock lies there too, by the path of a tree: builds of others are not waited for.
        temporary = self.path + ".tmp"
        os.makedirs(temporary, exist_ok=True)
        environment = dict(os.environ, TMPDIR=temporary)
        if targets:
            environment["ZURUF_TARGETS"] = targets
        end = time.monotonic() + seconds
        with open(log, "wb") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)
        try:
            while True:
                try:
                    status = process.wait(0.5)
                except subprocess.TimeoutExpired:
                    status = None
                with open(log, errors="replace") as file:
                    said = file.read()
                has_sign = any(re.search(sign, said) for sign in signs)
                if status is not None or has_sign or time.monotonic() >= end:
                    return (1 if has_sign else status), said
        finally:
            # Also where this is ended itself: all that was begun ends with it.
            process.kill()
            process.wait()

    def builds(self, level, targets):
        """Builds what a level needs, and no more; why it does not build, or None."""
        for command in levels.builds(level):
            status, said = self.inside(command, SECONDS_TO_BUILD, targets=targets)
            if status != 0:
                return next((one for one in said.splitlines() if "error:" in one), "in no time")
        return None


class Garden:
    def __init__(self, tree):
        self.tree = tree
        #: By the command of a level, whether it passes while all bugs sleep: else it finds nothing.
        self.passes = {}

    def passes_without(self, level, command, targets):
        """Whether what found a bug finds nothing where none is awake."""
        key = tuple(command)
        if key not in self.passes:
            status, said = self.tree.inside(command, SECONDS_WITHOUT, targets=targets)
            self.passes[key] = status == 0
            if status != 0:
                print(f"plant: without a bug {' '.join(command)} ends with {status}: "
                      f"{levels.witness(level, said) or said[-200:]}", flush=True)  # fmt: skip
        return self.passes[key]

    def grow(self, plant, only):
        """What each level said of a bug until one found it."""
        outcomes = []
        for level, command, targets in levels.levels(plant, only):
            outcomes.append(self.look(plant, level, command, targets))
            if outcomes[-1].is_real or outcomes[-1].says == "does not build":
                break
        if outcomes:
            outcome = "passed" if any(one.is_found for one in outcomes) else "failed"
            print(f"{outcome}  {plant.name}: {'; '.join(map(str, outcomes))}", flush=True)
        return outcomes

    def look(self, plant, level, command, targets):
        reason = self.tree.builds(level, targets)
        if reason:
            print(f"failed  {plant.name}: it does not build: {reason}", flush=True)
            return Outcome(level, "does not build")
        began = time.monotonic()
        wake = self.tree.file(sign(plant.name))
        with open(wake, "w"):
            pass
        try:
            status, said = self.tree.inside(
                command, levels.seconds(level), levels.SIGNS[level], targets)
        finally:
            os.remove(wake)
        took = time.monotonic() - began
        by = levels.witness(level, said) if status else None
        is_real = by is not None and self.passes_without(
            level, levels.without(level, command, said), targets)
        is_found = is_real and levels.is_in_time(level, took)
        seed = levels.seed(said) if level == "simulate" and status != 0 else 0
        if is_real:
            says = "found" if is_found else "too late"
        elif status is None:
            says = f"not at its end in time, at seed {seed}" if seed else "not at its end in time"
        elif "Test run with 0 tests" in said:
            says = "asks no test"
        else:
            says = f"ended with {status}, which tells nothing" if status else "not found"
        return Outcome(level, says, is_found, is_real, round(took), by or "", seed)
