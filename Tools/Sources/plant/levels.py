"""The levels of testing that look for a planted bug, the cheapest first."""

import re

FLAGS = ["-c", "release", "-Xswiftc", "-enable-testing",
         "--explicit-target-dependency-import-check", "error"]  # fmt: skip
LEVELS = ("tests", "siege", "desk", "simulate", "torture")
#: Seconds that a level may take: a tenth of what it takes in `Tools/test`, as measured there on two cores
#: that others used as well: all tests 254 s, siege 209 s, desk 24 s, torture 178 s.
BUDGETS = {"tests": 25, "siege": 20, "desk": 2, "torture": 17}
#: The simulation's budget are seeds, of the 300 in `Tools/test`, one after the other: which of them fails first is
#: the same on every machine.
SEEDS = 30
#: How much longer a level may go on, to be told apart from one that finds nothing: it counts as late.
PATIENCE = 4
#: What no number of seeds takes, however busy the machine is; a bug may keep a run from ending.
SECONDS_OF_SEEDS = 1_200
#: What each level has to have built: test targets by their names, or programs.
PRODUCTS = {
    "siege": ("zurufd", "zuruf", "zuruf-inspect"), "desk": ("zurufd", "zuruf-desk"),
    "simulate": ("simulate",), "torture": ("zurufd",),
}  # fmt: skip
#: What tells that a level has found something, before it is at its end, and who it was.
SIGNS = {
    "tests": [r"✘ Test (\".*?\"|\S+) (?:recorded|failed)", r"(Fatal error: .*)"],
    "siege": [r"(?m)^failed +(\S+)"],
    "desk": [r"(?m)^failed +(\S+)"],
    "simulate": [r"(?m)^seed \d+ failed: (.*)$", r"(Fatal error: .*)"],
    "torture": [r"(?m)^torture: (?:failed|error): (.*)$"],
}


def levels(plant, only=None):
    """The levels that look for one, or one of them: name, command and what is built of the tree."""
    return [one for one in every(plant) if only in (None, one[0])]


def every(plant):
    for target in plant.tests:
        # Between letters a dot is no end of a word to Swift. The authority model, which computes for most of
        # a minute, would keep the other tests of its target waiting.
        command = ["swift", "test", *FLAGS, "--skip-build", "--filter", rf"^{target}[./]",
                   "--skip", r"\.ModelTests/"]  # fmt: skip
        yield "tests", command, target.partition(".")[0]
    if plant.trials:
        yield "siege", ["Tools/siege", "--binaries", ".build/release", *plant.trials], None
    if plant.desk:
        yield "desk", ["Tools/desk", "--binaries", ".build/release", *plant.desk], None
    if not plant.beyond:
        yield "simulate", simulation(1, SEEDS), None
    yield "torture", ["Tools/torture", "--cycles", "20"], None


def simulation(first, last):
    """Runs seeds in one process, which names each before it begins."""
    return [".build/release/simulate", "--seeds", f"{first}-{last}", "--part", "0/1"]


def builds(level):
    """What builds all that a level needs, and no more."""
    if level == "tests":
        return [["swift", "build", *FLAGS, "--build-tests"]]
    return [["swift", "build", *FLAGS, "--product", one] for one in PRODUCTS[level]]


def seconds(level):
    """How long a level may go on."""
    return SECONDS_OF_SEEDS if level == "simulate" else BUDGETS[level] * PATIENCE


def witness(level, said):
    """Who found it: the first test, trial or word of a seed that failed; None where nobody says so."""
    for pattern in SIGNS[level]:
        match = re.search(pattern, said)
        if match:
            return match.group(1).strip('"')[: 160 if level == "simulate" else 80]
    return None


def seed(said):
    """The first seed that failed; of a run that ended otherwise, or did not, the one it was at."""
    failed = re.search(r"(?m)^seed (\d+) failed", said)
    begun = re.findall(r"(?m)^begin (\d+)$", said)
    return int(failed.group(1) if failed else begun[-1] if begun else 1)


def is_in_time(level, took):
    return level == "simulate" or took <= BUDGETS[level]


def without(level, command, said):
    """What has to pass where there is no bug: the same, but of seeds only the one that failed."""
    return simulation(seed(said), seed(said)) if level == "simulate" else command
