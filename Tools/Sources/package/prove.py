"""Shows of both packages that they work on a new computer: one line a trial, then a count."""

import glob
import os
import signal
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import enclosure
import root
from machine import sweep
from process import Mistake, Skip
from world import World

TRIALS = {}
INSIDE = "ZURUF_PACKAGE_FOLDER"
SECONDS_MAX = 1500


def trial(name, sentence):
    """Adds a function to the trials, under a name to type and a sentence to read."""

    def add(function):
        TRIALS[name] = (sentence, function)
        return function

    return add


def listed():
    load()
    for name, (sentence, _) in TRIALS.items():
        print(f"{name:10} {sentence}")
    return 0


def load():
    # In this order: what is left on the computers at the end goes in the last one.
    import trials_computer  # noqa: F401
    import trials_office  # noqa: F401
    import trials_end  # noqa: F401


def run(folder, names):
    """Proves the packages of a folder; gives the exit status."""
    load()
    unknown = [name for name in names if name not in TRIALS]
    if unknown:
        print(f'package: error: no trial is named "{unknown[0]}"', file=sys.stderr)
        print("package: hint: Tools/package --list names every trial", file=sys.stderr)
        return 2
    made = {}
    for name in ("zurufd", "zuruf"):
        found = glob.glob(os.path.join(folder, f"{name}_*.deb"))
        if len(found) != 1:
            print(f'package: error: there is no one package "{name}" in {folder}', file=sys.stderr)
            print("package: hint: Tools/package makes it", file=sys.stderr)
            return 2
        made[name] = found[0]
    names = names or list(TRIALS)
    if INSIDE in os.environ:
        return prove(made, os.environ[INSIDE], names)
    enclosure.use_system_folders()
    reason = root.reason_to_skip()
    if reason:
        print(f"package: skipped ({reason})")
        print(f"0 passed, 0 failed, {len(names)} skipped")
        return 0
    return outside(folder, names)


def outside(folder, names):
    """Runs this again where every mount and process goes away with it."""
    work = tempfile.mkdtemp(prefix="zuruf-package-")
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
               "--mount-proc", "--", sys.executable, os.path.join(root_folder(), "Tools/package"),
               "--prove", folder, *names]  # fmt: skip
    inside = subprocess.Popen(command, env=dict(os.environ, **{INSIDE: work}))
    try:
        return inside.wait(timeout=SECONDS_MAX)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        print("package: error: not done in time, ended", file=sys.stderr)
        return 1
    finally:
        inside.kill()
        inside.wait()
        sweep(os.path.basename(work))
        shutil.rmtree(work, ignore_errors=True)


def root_folder():
    return os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def prove(made, folder, names):
    """The trials in their order, in one world; inside."""
    enclosure.use_memory_for(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    world = World(made, folder)
    try:
        for name in names:
            counts[hold(name, world)] += 1
    finally:
        world.close()
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0


def hold(name, world):
    sentence, function = TRIALS[name]
    began, outcome = time.monotonic(), "failed"
    try:
        remark = function(world)
        outcome = "passed"
    except Skip as skip:
        outcome, remark = "skipped", str(skip)
    except Mistake as mistake:
        remark = str(mistake)
    except Exception:
        remark = traceback.format_exc()
    took = time.monotonic() - began
    remark = f" ({remark})" if remark else ""
    print(f"{outcome:7} {name:10} {took:5.1f} s  {sentence}{remark}", flush=True)
    if outcome == "failed":
        world.show()
    return outcome
