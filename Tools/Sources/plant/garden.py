"""The copy of the tree that bugs are planted in, and the levels that look for them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = ["-c", "release", "-Xswiftc", "-enable-testing",
         "--explicit-target-dependency-import-check", "error"]  # fmt: skip
#: Seconds that a level may take: a tenth of what it takes in `Tools/test`.
BUDGETS = {"tests": 45, "siege": 15, "desk": 15, "simulate": 30, "torture": 15}
#: A computer that is busy with other things takes that many times as long.
PATIENCE = 4
SECONDS_TO_BUILD = 1_800
#: What each level has to have built: test targets by their names, or programs.
PRODUCTS = {
    "siege": ("zurufd", "zuruf", "zuruf-inspect"), "desk": ("zurufd", "zuruf-desk"),
    "simulate": ("simulate",), "torture": ("zurufd",),
}  # fmt: skip
#: What tells that a level has found something, before it is at its end.
SIGNS = {
    "tests": r"✘ Test (?:\".*?\"|\S+) (?:recorded|failed)|Fatal error: ",
    "siege": r"(?m)^failed ", "desk": r"(?m)^failed ",
    "simulate": r"(?m)^seed \d+ failed", "torture": r"(?m)^(?:failed|torture: error)",
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
    folder = tempfile.mkdtemp(prefix="zuruf-plant-")
    copy = os.path.join(folder, "tree")
    missed = 0
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", root, copy], check=True)
        garden = Garden(root, copy, folder)
        for plant in plants:
            found = garden.grow(plant)
            missed += not any(one["found"] for one in found.values())
            note(root, plant, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(plants) - missed} passed, {missed} failed")
    return 1 if missed else 0


class Garden:
    def __init__(self, root, copy, folder):
        self.root, self.copy, self.folder = root, copy, folder

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
                return {level: {"found": False, "seconds": 0, "by": "does not build"}}
            began = time.monotonic()
            status, said = self.inside(
                command, BUDGETS[level] * PATIENCE, SIGNS[level], targets)
            took = time.monotonic() - began
            by = witness(level, said) if status else ""
            found[level] = {"found": bool(status), "seconds": round(took), "by": by}
            if status:
                break
        words = "; ".join(
            f"{level}: " + (f"found in {one['seconds']} s by {one['by']}" if one["found"] else
                            "not found") for level, one in found.items())  # fmt: skip
        outcome = "passed" if any(one["found"] for one in found.values()) else "failed"
        print(f"{outcome}  {plant.name}: {words}", flush=True)
        return found


def levels(plant):
    """The levels that look for one, the cheapest first: name, command and what is built of the tree."""
    for target in plant.tests:
        yield "tests", ["swift", "test", *FLAGS, "--skip-build", "--filter", target], target
    if plant.trials:
        yield "siege", ["Tools/siege", "--binaries", ".build/release", *plant.trials], None
    if plant.desk:
        yield "desk", ["Tools/desk", "--binaries", ".build/release", *plant.desk], None
    yield "simulate", ["Tools/simulate", "--seeds", "1-30"], None
    yield "torture", ["Tools/torture", "--cycles", "20"], None


def witness(level, said):
    """Who found it: the first test, trial or seed that failed."""
    patterns = {
        "tests": [r"✘ Test (\".*?\"|\S+) (?:recorded|failed)", r"(Fatal error: .*)"],
        "siege": [r"(?m)^failed +(\S+)"],
        "desk": [r"(?m)^failed +(\S+)"],
        "simulate": [r"(?i)seed (\d+)", r"(Fatal error: .*)"],
        "torture": [r"(?m)^(?:torture: )?(.*(?:lost|fail).*)$"],
    }
    for pattern in patterns[level]:
        match = re.search(pattern, said)
        if match:
            return match.group(1).strip('"')[:80]
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip()[:80] if lines else "its end"


def note(root, plant, found):
    """Writes one line of the table, in its place."""
    path = os.path.join(root, TABLE)
    rows = {}
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if line.startswith("| ") and len(cells) == 5 and cells[0] != "planted":
                    rows[cells[0]] = cells
    commit = subprocess.run(
        ["git", "-C", root, "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    level = next((one for one in found if found[one]["found"]), None)
    by = found[level]["by"].replace("|", "/") if level else ", ".join(found)
    rows[plant.name] = [plant.name, plant.sentence, level or "**none**", by, commit]
    with open(path, "w") as file:
        file.write(
            "# Planted bugs and what found them\n"
            "Written by `Tools/plant`; a line tells of the commit beside it. Each level had a tenth "
            "of its time in\n`Tools/test`, the cheapest first, and was the last one asked.\n\n"
            "| planted | what is broken | found by | which | commit |\n|---|---|---|---|---|\n")
        for name in sorted(rows):
            file.write("| " + " | ".join(rows[name]) + " |\n")

