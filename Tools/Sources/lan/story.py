"""Stories about hosts on a network, and how they are told: one line each, then a count.

    @story("address-change", "a host gets another address and is found there")
    def address_change(lab):
        a, b = lab.hosts("a", "b")
        …
        return "found after 40 ms"      # optional: what a reader wants to know beside "passed"

A story raises Mistake when something did not come out as told, Skip where this machine cannot
tell it. Each gets a lab of its own, which is torn down whatever happened.
"""

import os
import signal
import sys
import time
import traceback

from lab import Lab
from process import Mistake, Skip

STORIES = {}
OUTPUT_LINES_SHOWN = 15


class Story:
    """A named story and the seconds it may take."""

    def __init__(self, name, sentence, tell, seconds):
        self.name, self.sentence, self.tell, self.seconds = name, sentence, tell, seconds


def story(name, sentence, seconds=60):
    """Adds a function to the stories, under a name to type and a sentence to read."""

    def add(function):
        if name in STORIES:
            raise ValueError(f"two stories are named {name}")
        STORIES[name] = Story(name, sentence, function, seconds)
        return function

    return add


def expect(truth, sentence):
    """Goes on only if the truth is one."""
    if not truth:
        raise Mistake(sentence)


def _too_long(_number, _frame):
    raise Mistake("the story took too long")


def _show(lab):
    """The last words of every program: what somebody needs who was not there."""
    for host in lab.everyone.values():
        for process in host.processes:
            status = "still running" if process.runs else f"status {process.status}"
            print(f"    {process.name} ({status})")
            for line in process.lines[-OUTPUT_LINES_SHOWN:]:
                print(f"      {line.moment - process.started:8.3f} {line.text[:200]}")


def _tell(story, folder, binaries):
    """Tells one story; gives "passed", "failed" or "skipped" and prints its line."""
    lab = Lab(os.path.join(folder, story.name), binaries)
    began = time.monotonic()
    signal.alarm(story.seconds)
    outcome, remark = "failed", None
    try:
        remark = story.tell(lab)
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
    print(f"{outcome:7} {story.name:20} {took:5.1f} s  {story.sentence}{remark}", flush=True)
    if outcome == "failed":
        _show(lab)
    lab.close()
    return outcome


def tell_all(names, folder, binaries):
    """Tells the named stories in turn and ends with the count; gives the exit status."""
    signal.signal(signal.SIGALRM, _too_long)
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    for name in names:
        outcomes[_tell(STORIES[name], folder, binaries)] += 1
    print(summary(outcomes), flush=True)
    return 1 if outcomes["failed"] else 0


def summary(outcomes):
    """The last line; the skipped are named only if there are any."""
    line = f"{outcomes['passed']} passed, {outcomes['failed']} failed"
    if outcomes["skipped"]:
        line += f", {outcomes['skipped']} skipped"
    return line


def usage_error(text):
    print(f"lan: error: {text}", file=sys.stderr)
    print("lan: hint: Tools/lan --list names every story", file=sys.stderr)
    return 2
