"""Every screen: no error, every control named, contrast, widths; and what axe says."""

import itertools

from access import axe_script, check_axe, check_look, check_names
from browser import BrowserFault
from screens import SCREENS
from shots import LOOKS
from suite import Mistake, Stage, case, expect

#: Each language, theme and width once.
CHECKED = ["de-light-narrow", "en-dark-wide"]
#: What is seen most, in the other pairs too.
OFTEN = {
    "start-doors": ["en-dark-narrow", "de-light-wide", "de-light-large"],
    "talk": ["en-dark-narrow", "de-light-wide", "de-dark-large"],
    "people": ["de-dark-narrow", "en-light-large"],
    "admit-choices": ["en-light-narrow", "de-light-large"],
    "group": ["de-dark-wide", "en-dark-large"], "stored": ["de-light-large"]}


def each_screen(stage, looks, check):
    """Runs a check on every screen; each has a mock of its own, and must end without an error."""
    total, wrong = 0, []
    for name, show in SCREENS.items():
        for look in looks(name):
            inner = Stage(stage.browser, stage.options)
            try:
                tab = show(inner, LOOKS[look])
                tab.settle()
                total += check(tab, f"{name} in {look}")
                inner.end()
            except (Mistake, BrowserFault) as mistake:
                wrong.append(str(mistake))
            finally:
                inner.close()
    expect(not wrong, "\n".join(wrong))
    return total


@case("screens", "each screen: controls named, contrast, nothing too wide, no error", seconds=900)
def screens(stage):
    def check(tab, where):
        check_names(tab, where)
        return check_look(tab, where)

    total = each_screen(stage, lambda name: CHECKED + OFTEN.get(name, []), check)
    return f"{len(SCREENS)} screens, {total} texts"


@case("axe", "axe finds nothing on any screen, each in one of two looks", seconds=900)
def axe(stage):
    script = axe_script(stage.options)
    turns = itertools.cycle(["de-light-wide", "en-dark-narrow"])
    total = each_screen(stage, lambda _name: [next(turns)],
                        lambda tab, where: check_axe(tab, script, where))
    return f"{total} rules passed"
