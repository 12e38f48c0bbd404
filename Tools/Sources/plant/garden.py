"""The copy of the tree that bugs are planted in, and the levels that look for them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from commit import commit

FLAGS = ["-c", "release", "-Xswiftc", "-enable-testing",
         "--explicit-target-dependency-import-check", "error"]  # fmt: skip
#: Seconds that a level may take: a tenth of what it takes in `Tools/test`.
BUDGETS = {"tests": 45, "siege": 15, "desk": 15, "simulate": 30, "torture": 15}
#: How much longer a level may go on, to be told apart from one that finds nothing: it counts as late.
PATIENCE = 4
SECONDS_TO_BUILD = 1_800
SECONDS_WITHOUT = 600
#: What each level has to have built: test targets by their names, or programs.
PRODUCTS = {
    "siege": ("zurufd", "zuruf", "zuruf-inspect"), "desk": ("zurufd", "zuruf-desk"),
    "simulate": ("simulate",), "torture": ("zurufd",),
}  # fmt: skip
#: What tells that a level has found something, before it is at its end.
SIGNS = {
    "tests": r"✘ Test (?:\".*?\"|\S+) (?:recorded|failed)|Fatal error: ",
    "siege": r"(?m)^failed ", "desk": r"(?m)^failed ",
    "simulate": r"(?m)^seed \d+ failed", "torture": r"(?m)^torture: (?:failed|error):",
}  # fmt: skip
TABLE = "Tools/Sources/plant/TABLE.md"


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


def run(root, plants):
    """Plants each in turn; closes with the plain line."""
    if os.geteuid() != 0:
        print("plant: error: this takes root", file=sys.stderr)
        return 2
    if check(root, plants):
        return 1
    stand = commit(root)
    folder = tempfile.mkdtemp(prefix="zuruf-plant-")
    copy = os.path.join(folder, "tree")
    missed = 0
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", root, copy], check=True)
        garden = Garden(root, copy, folder)
        for plant in plants:
            found = garden.grow(plant)
            missed += not is_found(found)
            note(root, stand, plant, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(plants) - missed} passed, {missed} failed")
    return 1 if missed else 0


def is_found(found):
    return any(one["found"] for one in found.values())


class Garden:
    def __init__(self, root, copy, folder):
        self.root, self.copy, self.folder = root, copy, folder
        #: By the command of a level, whether it passes on the tree as it is: else it finds nothing.
        self.passes = {}

    def passes_without(self, plant, level, command, targets):
        """Whether what found a bug finds nothing where there is none."""
        key = tuple(command)
        if key not in self.passes:
            path = os.path.join(self.copy, plant.file)
            with open(os.path.join(self.root, plant.file)) as file:
                whole = file.read()
            with open(path, "w") as file:
                file.write(whole)
            try:
                reason = self.builds(level, targets)
                status, said = (1, reason) if reason else self.inside(
                    command, SECONDS_WITHOUT, targets=targets)
            finally:
                with open(path, "w") as file:
                    file.write(whole.replace(plant.old, plant.new))
            self.passes[key] = status == 0
            if status:
                print(f"plant: without a bug {' '.join(command)} ends with {status}: "
                      f"{witness(level, said) or said[-200:]}", flush=True)  # fmt: skip
        return self.passes[key]

    def inside(self, command, seconds, sign=None, targets=None):
        """Runs a command in the copy, which stands where the tree does, for so long at most and until it
        says what a sign looks for; its status and words. Of the tree only some targets may be there."""
        words = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                 "--kill-child", "--mount-proc", "bash", "-c",
                 'mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"',
                 self.copy, self.root, *command]  # fmt: skip
        log = os.path.join(self.folder, "log")
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
            has_sign = sign is not None and re.search(sign, said) is not None
            if status is None and not has_sign and time.monotonic() < end:
                continue
            if status is None:
                process.kill()
                process.wait()
            return (1 if has_sign else status), said

    def grow(self, plant):
        """Plants a bug, and gives what each level said of it until one found it."""
        path = os.path.join(self.copy, plant.file)
        with open(path) as file:
            whole = file.read()
        with open(path, "w") as file:
            file.write(whole.replace(plant.old, plant.new))
        try:
            return self.look(plant)
        finally:
            with open(path, "w") as file:
                file.write(whole)

    def builds(self, level, targets):
        """Builds what a level needs, and no more; why it does not build, or None."""
        if level == "tests":
            builds = [["swift", "build", *FLAGS, "--build-tests"]]
        else:
            builds = [["swift", "build", *FLAGS, "--product", one] for one in PRODUCTS[level]]
        for command in builds:
            status, said = self.inside(command, SECONDS_TO_BUILD, targets=targets)
            if status != 0:
                return next((one for one in said.splitlines() if "error:" in one), "in no time")
        return None

    def look(self, plant):
        found = {}
        for level, command, targets in levels(plant):
            reason = self.builds(level, targets)
            if reason:
                print(f"failed  {plant.name}: it does not build: {reason}", flush=True)
                return {level: {"found": False, "seconds": 0, "by": "", "says": "does not build"}}
            began = time.monotonic()
            status, said = self.inside(
                command, BUDGETS[level] * PATIENCE, SIGNS[level], targets)
            took = time.monotonic() - began
            by = witness(level, said) if status else None
            is_real = by is not None and self.passes_without(plant, level, command, targets)
            is_late = took > BUDGETS[level]
            found[level] = {"found": is_real and not is_late, "seconds": round(took), "by": by or "",
                            "says": "found" if is_real and not is_late else
                            "too late" if is_real else
                            f"ended with {status}, which tells nothing" if status else "not found"}  # fmt: skip
            if is_real:
                break
        words = "; ".join(
            f"{level}: {one['says']} in {one['seconds']} s" + (f" by {one['by']}" if one["by"] else "")
            for level, one in found.items())  # fmt: skip
        outcome = "passed" if is_found(found) else "failed"
        print(f"{outcome}  {plant.name}: {words}", flush=True)
        return found


def levels(plant):
    """The levels that look for one, the cheapest first: name, command and what is built of the tree."""
    for target in plant.tests:
        command = ["swift", "test", *FLAGS, "--skip-build", "--filter", rf"^{target}\b"]
        yield "tests", command, target.partition(".")[0]
    if plant.trials:
        yield "siege", ["Tools/siege", "--binaries", ".build/release", *plant.trials], None
    if plant.desk:
        yield "desk", ["Tools/desk", "--binaries", ".build/release", *plant.desk], None
    yield "simulate", ["Tools/simulate", "--seeds", "1-30"], None
    yield "torture", ["Tools/torture", "--cycles", "20"], None


def witness(level, said):
    """Who found it: the first test, trial or seed that failed; None where nobody says so."""
    patterns = {
        "tests": [r"✘ Test (\".*?\"|\S+) (?:recorded|failed)", r"(Fatal error: .*)"],
        "siege": [r"(?m)^failed +(\S+)"],
        "desk": [r"(?m)^failed +(\S+)"],
        "simulate": [r"(?m)^(seed \d+) failed", r"(Fatal error: .*)"],
        "torture": [r"(?m)^torture: (?:failed|error): (.*)$"],
    }
    for pattern in patterns[level]:
        match = re.search(pattern, said)
        if match:
            return match.group(1).strip('"')[:80]
    return None


def note(root, stand, plant, found):
    """Writes one line of the table, in its place: of the tree as it stood when it was copied."""
    path = os.path.join(root, TABLE)
    rows = {}
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if line.startswith("| ") and len(cells) == 6 and cells[0] != "planted":
                    rows[cells[0]] = cells
    level = next((one for one in found if found[one]["found"]), None)
    by = found[level]["by"].replace("|", "/") if level else ", ".join(
        f"{one}: {what['says']}" for one, what in found.items())  # fmt: skip
    seconds = str(found[level]["seconds"]) if level else ""
    rows[plant.name] = [plant.name, plant.sentence, level or "**none**", by, seconds, stand]
    with open(path, "w") as file:
        file.write(
            "# Planted bugs and what found them\n"
            "Written by `Tools/plant`; a line tells of the commit beside it, with a + where something was "
            "not committed yet.\nA level found it within a tenth of its time in `Tools/test`, the cheapest "
            "first, and finds nothing in the tree\nas it is.\n\n"
            "| planted | what is broken | found by | which | seconds | commit |\n"
            "|---|---|---|---|---|---|\n")
        for name in sorted(rows):
            file.write("| " + " | ".join(rows[name]) + " |\n")

