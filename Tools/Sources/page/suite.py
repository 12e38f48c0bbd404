"""Cases of the page's suite, and how they are run: one line each, then a count.

    @case("writes", "what is written is shown when it is durable")
    def writes(stage):
        tab = stage.office()
        …

A case raises Mistake, or an AssertionError, when something did not come out as it must. Each gets a
mock of its own; the browser is shared, its tabs are not. At the end of each case the page's console
must be empty and the mock must have refused nothing, but for what the case expects.
"""

import os
import signal
import time
import traceback

from browser import Browser, BrowserFault
from fakemethods import Methods
from mock import Mock

CASES = {}
SECONDS = 60


class Mistake(Exception):
    """Something is not as it must be."""


class Skip(Exception):
    """This machine cannot hold the case."""


class Case:
    def __init__(self, name, sentence, run, seconds):
        self.name, self.sentence, self.run, self.seconds = name, sentence, run, seconds


def case(name, sentence, seconds=SECONDS):
    """Adds a function to the cases, under a name to type and a sentence to read."""

    def add(function):
        assert name not in CASES, name
        CASES[name] = Case(name, sentence, function, seconds)
        return function

    return add


def expect(is_so, words):
    if not is_so:
        raise Mistake(words)


class Stage:
    """What one case needs: a mock office and tabs that look at it."""

    def __init__(self, browser, options):
        self.browser, self.options = browser, options
        self.mock, self.tabs = None, []
        self.expected = []

    def office(self, empty=False, past=0, hash="", **look):
        """A tab that shows the page of a mock office; German unless something else is asked."""
        if self.mock is None:
            self.mock = Mock(Methods(empty, past))
        tab = self.browser.tab(**{"language": "de-DE", **look})
        self.tabs.append(tab)
        tab.open(self.mock.link())
        if hash:
            tab.run(f"location.hash = {hash!r}")
        tab.wait("document.querySelector('main h1, main [role=heading]')")
        self.mock.wait_for_stream()
        # What comes after the first paint must not move under a click.
        tab.wait("performance.getEntriesByName('zuruf-ready').length > 0")
        return tab

    @property
    def node(self):
        return self.mock.office

    def expects(self, *words):
        """Problems of the console that belong to this case."""
        self.expected += words

    def end(self):
        """Nothing may have gone wrong that the case did not ask for."""
        for tab in self.tabs:
            tab.run("1")
            for problem in tab.problems:
                expect(any(words in problem for words in self.expected), problem)
        if self.mock:
            for path, reason in self.mock.refusals:
                expect(any(words in f"{path} {reason}" for words in self.expected),
                       f"the server refused {path}: {reason}")

    def close(self):
        for tab in self.tabs:
            try:
                tab.close()
            except BrowserFault:
                pass
        if self.mock:
            self.mock.close()


def _too_long(_number, _frame):
    raise Mistake("it took too long")


def run_all(names, options):
    """Runs the named cases in turn and ends with the count; gives the exit status."""
    signal.signal(signal.SIGALRM, _too_long)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    browser = None
    try:
        for name in names:
            if browser is None:
                browser = Browser()
            outcome = run_one(CASES[name], browser, options)
            counts[outcome] += 1
            if outcome == "failed":
                # A browser that is stuck shall not fail the cases after it.
                browser.close()
                browser = None
    finally:
        if browser:
            browser.close()
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0


def run_one(one, browser, options):
    """Holds one case; prints its line and gives its outcome."""
    stage = Stage(browser, options)
    began = time.monotonic()
    signal.alarm(one.seconds)
    outcome, remark = "failed", None
    try:
        remark = one.run(stage)
        stage.end()
        outcome = "passed"
    except Skip as skip:
        outcome, remark = "skipped", str(skip)
    except (Mistake, AssertionError, BrowserFault) as mistake:
        remark = f"{mistake}\n{where(mistake)}"
    except Exception:
        remark = traceback.format_exc()
    finally:
        signal.alarm(0)
    took = time.monotonic() - began
    remark = f" ({remark})" if remark else ""
    print(f"{outcome:7} {one.name:16} {took:5.1f} s  {one.sentence}{remark}", flush=True)
    stage.close()
    return outcome


def where(error):
    """The line of the case at which it failed."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if os.path.basename(frame.filename).startswith("cases_")]
    return f"at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
