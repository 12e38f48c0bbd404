"""Trials, and how they are run: one line each, then a count.

    @trial("flood", "one member floods while the others talk", seconds=60)
    def flood(field):
        a, b = field.office("anna", "ben")
        …
        return "0.4 s"      # optional: what a reader wants to know beside "passed"

A trial raises Mistake when something did not come out as it must, Skip where this machine cannot
hold it. Each gets a field of its own, whose nodes are ended whatever happened.
"""

import os
import random
import shutil
import signal
import time
import traceback

from nodes import Field, Mistake, Skip

TRIALS = {}
LOG_LINES_SHOWN = 12


class Trial:
    """A named trial and the seconds it may take."""

    def __init__(self, name, sentence, hold, seconds):
        self.name, self.sentence, self.hold, self.seconds = name, sentence, hold, seconds


def trial(name, sentence, seconds=60):
    """Adds a function to the trials, under a name to type and a sentence to read."""

    def add(function):
        assert name not in TRIALS, name
        TRIALS[name] = Trial(name, sentence, function, seconds)
        return function

    return add


def _too_long(_number, _frame):
    raise Mistake("it took too long")


def _run(one, folder, binaries, seed):
    """Holds one trial; gives "passed", "failed" or "skipped" and prints its line."""
    # Of its own seed, so that a trial alone draws what it draws among the others.
    field = Field(os.path.join(folder, one.name), binaries, random.Random(f"{seed} {one.name}"))
    began = time.monotonic()
    signal.alarm(one.seconds)
    outcome, remark = "failed", None
    try:
        remark = one.hold(field)
        field.check_alive()
        field.check_logs()
        outcome = "passed"
    except Skip as skip:
        outcome, remark = "skipped", str(skip)
    except Mistake as mistake:
        remark = str(mistake)
    except Exception:
        remark = traceback.format_exc()
    finally:
        signal.alarm(0)
    took = time.monotonic() - began
    remark = f" ({remark})" if remark else ""
    print(f"{outcome:7} {one.name:16} {took:5.1f} s  {one.sentence}{remark}", flush=True)
    if outcome == "failed":
        for node in field.nodes:
            print(f"    {node.name}'s log ends:")
            for line in node.log().splitlines()[-LOG_LINES_SHOWN:]:
                print(f"      {line[:200]}")
    field.close()
    return outcome


def run_all(names, folder, binaries, seed, keep):
    """Holds the named trials in turn and ends with the count; gives the exit status."""
    signal.signal(signal.SIGALRM, _too_long)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        for name in names:
            counts[_run(TRIALS[name], folder, binaries, seed)] += 1
    finally:
        if keep or counts["failed"]:
            print(f"data kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0
