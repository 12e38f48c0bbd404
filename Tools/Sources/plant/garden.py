"""The copies of the tree: one that bugs are planted in, and one without, for what passes there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import levels
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
    """Whether each can be planted; closes with the plain line."""
    failed = 0
    for plant in plants:
        reason = misfit(root, plant)
        if reason:
            failed += 1
            print(f"failed  {plant.name}: {reason}")
    print(f"{len(plants) - failed} passed, {failed} failed")
    return 1 if failed else 0


def misfit(root, plant):
    path = os.path.join(root, plant.file)
    if not os.path.exists(path):
        return f"there is no {plant.file}"
    with open(path) as file:
        count = file.read().count(plant.old)
    return None if count == 1 else f"its place is there {count} times in {plant.file}"


def run(root, plants, only, kept):
    """Plants each in turn, and has all levels or one look for it; closes with the plain line."""
    if os.geteuid() != 0:
        print("plant: error: this takes root", file=sys.stderr)
        return 2
    if check(root, plants):
        return 1
    folder = kept or tempfile.mkdtemp(prefix="zuruf-plant-")
    os.makedirs(folder, exist_ok=True)
    missed = 0
    try:
        garden = Garden(root, folder)
        for plant in plants:
            outcomes = garden.grow(plant, only)
            if only == "simulate" and plant.beyond:
                print(f"passed  {plant.name}: not simulated: {plant.beyond}", flush=True)
            elif not any(one.is_found for one in outcomes):
                missed += 1
            note(root, plant, outcomes, only)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(plants) - missed} passed, {missed} failed")
    return 1 if missed else 0


class Tree:
    """A copy of the tree with what was built of it, which stands where the tree does while it is used."""

    def __init__(self, root, path):
        self.root, self.path = root, path
        os.makedirs(path, exist_ok=True)
        built = os.path.join(path, ".build")
        # What was built in a copy that was kept is as good, for files keep their times.
        for name in os.listdir(path):
            if name != ".build":
                subprocess.run(["rm", "-rf", os.path.join(path, name)], check=True)
        names = [name for name in os.listdir(root) if name != ".build" or not os.path.exists(built)]
        paths = [os.path.join(root, name) for name in names]
        subprocess.run(["cp", "-a", "--reflink=auto", "-t", path, *paths], check=True)

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
        environment = dict(os.environ, **({"ZURUF_TARGETS": targets} if targets else {}))
        end = time.monotonic() + seconds
        with open(log, "wb") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)
        while True:
            try:
                status = process.wait(0.5)
            except subprocess.TimeoutExpired:
                status = None
            with open(log, errors="replace") as file:
                said = file.read()
            has_sign = any(re.search(sign, said) for sign in signs)
            if status is None and not has_sign and time.monotonic() < end:
                continue
            if status is None:
                process.kill()
                process.wait()
            return (1 if has_sign else status), said

    def builds(self, level, targets):
        """Builds what a level needs, and no more; why it does not build, or None."""
        for command in levels.builds(level):
            status, said = self.inside(command, SECONDS_TO_BUILD, targets=targets)
            if status != 0:
                return next((one for one in said.splitlines() if "error:" in one), "in no time")
        return None


class Garden:
    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.tree = Tree(root, os.path.join(folder, "planted"))
        #: The tree as it is, in a copy of its own: what is built there is never built twice.
        self.whole = None
        #: By the command of a level, whether it passes on the tree as it is: else it finds nothing.
        self.passes = {}

    def passes_without(self, level, command, targets):
        """Whether what found a bug finds nothing where there is none."""
        key = tuple(command)
        if key not in self.passes:
            if self.whole is None:
                self.whole = Tree(self.root, os.path.join(self.folder, "whole"))
            reason = self.whole.builds(level, targets)
            status, said = (1, reason) if reason else self.whole.inside(
                command, SECONDS_WITHOUT, targets=targets)
            self.passes[key] = status == 0
            if status != 0:
                print(f"plant: without a bug {' '.join(command)} ends with {status}: "
                      f"{levels.witness(level, said) or said[-200:]}", flush=True)  # fmt: skip
        return self.passes[key]

    def grow(self, plant, only):
        """Plants a bug, and gives what each level said of it until one found it."""
        path = self.tree.file(plant.file)
        with open(path) as file:
            whole = file.read()
        outcomes = []
        with open(path, "w") as file:
            file.write(whole.replace(plant.old, plant.new))
        try:
            for level, command, targets in levels.levels(plant, only):
                outcomes.append(self.look(plant, level, command, targets))
                if outcomes[-1].is_real or outcomes[-1].says == "does not build":
                    break
        finally:
            with open(path, "w") as file:
                file.write(whole)
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
        status, said = self.tree.inside(
            command, levels.seconds(level), levels.SIGNS[level], targets)
        took = time.monotonic() - began
        by = levels.witness(level, said) if status else None
        is_real = by is not None and self.passes_without(
            level, levels.without(level, command, said), targets)
        is_found = is_real and levels.is_in_time(level, took, said)
        seed = levels.last_seed(said) if level == "simulate" and status != 0 else 0
        if is_real:
            says = "found" if is_found else f"too late: seed {seed}: {by}" if seed else "too late"
        elif status is None:
            says = f"not at its end in time, at seed {seed}" if seed else "not at its end in time"
        else:
            says = f"ended with {status}, which tells nothing" if status else "not found"
        return Outcome(level, says, is_found, is_real, round(took), by or "", seed)
