"""Builds the program that holds every target, and runs targets of it."""

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import corpus
import places
from processes import catches, processor

#: Where it is built and where it works: beside the ordinary build, which it must not disturb.
SCRATCH = ".build-fuzz"
BUILD = ["swift", "build", "-c", "release", "-Xswiftc", "-enable-testing", "--scratch-path", SCRATCH,
         "--explicit-target-dependency-import-check", "error", "--product", "fuzz"]
# The toolchain's own linker: that of older systems cannot cope with the main function that libFuzzer
# has besides ours. Of what the debugger could know a trace of a crash needs the lines alone. Package.swift
# says what the sanitizer watches and what is counted.
for flag in ("-use-ld=lld", "-gline-tables-only"):
    BUILD += ["-Xswiftc", flag]

#: One input may take that long; where a target is fed for a time, that long of the processor, for the
#: computer may have so much else to do that it takes minutes.
TIMEOUT_SECONDS = 60
MEMORY_MB = 3_072
#: How long a target is fed where nothing else is said, and how often that it may take on a busy computer.
SECONDS = 15
WAIT_FACTOR = 40
#: How often it is looked how much of the processor a target took.
LOOK_SECONDS = 0.2
#: How long a crash is made smaller.
SMALLER_SECONDS = 20


@dataclass(frozen=True)
class Target:
    name: str
    kind: str
    size_max: int
    #: Modules, and files of modules, whose places say whether an input is new.
    reaches: tuple
    abstract: str


@dataclass(frozen=True)
class Limit:
    """How long targets are fed; with neither number fifteen seconds, or nothing new at all."""

    #: Of the processor: what comes of them does not depend on what else the computer has to do.
    seconds: int | None
    runs: int | None
    replays: bool

    def words(self):
        if self.replays:
            return ["-runs=0"]
        if self.runs is not None:
            return [f"-runs={self.runs}"]
        # Somebody may wait for it, even where hardly anything is left of the processor.
        return [f"-max_total_time={WAIT_FACTOR * self.processor_seconds()}"]

    def processor_seconds(self):
        """After how many seconds of the processor a target is to end; None where it ends by itself."""
        return None if self.replays or self.runs is not None else self.seconds or SECONDS


@dataclass
class Outcome:
    target: Target
    #: How many inputs were tried.
    executions: int
    #: How many places were reached that what was kept does not reach.
    new: int
    #: Of the processor.
    seconds: float
    #: What was found; empty where nothing was.
    crash: str = ""
    #: The line that tries it again.
    line: str = ""

    def text(self):
        rate = int(self.executions / self.seconds) if self.seconds else 0
        told = (f"{self.target.name}: {self.executions} executions, {rate} a second, "
                f"{self.new} new places reached, {1 if self.crash else 0} crashes")
        if self.crash:
            told += f"\n{self.target.name}: failed: {self.crash}\n{self.target.name}: again: {self.line}"
        return told


class Program:
    def __init__(self, root):
        self.root = root
        self.path = os.path.join(root, SCRATCH, "release", "fuzz")
        self.work = os.path.join(root, SCRATCH, "runs")
        self.map = os.path.join(root, SCRATCH, "map")
        self.places = places.Places(self.map)

    def build(self):
        with tempfile.TemporaryDirectory() as temporary:
            environment = dict(os.environ, ZURUF_FUZZ="1", TMPDIR=temporary)
            print("fuzz: building (the first time this takes about five minutes)", file=sys.stderr,
                  flush=True)
            done = subprocess.run(BUILD + ["-Xlinker", f"-Map={self.map}"], cwd=self.root,
                                  env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.stderr.write(done.stdout.decode("utf-8", "replace"))
            print("fuzz: error: the build did not come through", file=sys.stderr)
        return done.returncode == 0

    def environment(self, target, careful=False):
        """What a process of a target runs in; a careful one looks for all that the sanitizer can find."""
        # Who allocated what, and that no frame is used behind its end, cost a fifth of the time.
        cares = ("malloc_context_size=30:detect_stack_use_after_return=1:quarantine_size_mb=64"
                 if careful else
                 "malloc_context_size=0:detect_stack_use_after_return=0:quarantine_size_mb=16")
        return dict(
            os.environ,
            ZURUF_FUZZ_TARGET=target.name if target else "",
            ZURUF_FUZZ_PLACES=self.places.ranges(target.reaches) if target else "",
            # The same order of sets and dictionaries in every process, so that an input does the same.
            SWIFT_DETERMINISTIC_HASHING="1",
            # A crash is told by the sanitizer; two that look at it get in each other's way.
            SWIFT_BACKTRACE="enable=no",
            ASAN_OPTIONS=f"abort_on_error=0:detect_leaks=0:allocator_may_return_null=1:{cares}",
            ASAN_SYMBOLIZER_PATH=shutil.which("llvm-symbolizer") or "")

    def targets(self):
        shown = subprocess.run([self.path, "--list"], capture_output=True, text=True, check=True)
        found = []
        for line in shown.stdout.splitlines():
            name, kind, size_max, reaches, abstract = line.split("\t")
            found.append(Target(name, kind, int(size_max), tuple(reaches.split()), abstract))
        return found

    def folder(self, target, name):
        """One of the target's folders: grown, kept, seeds, found."""
        path = os.path.join(self.work, target.name, name)
        os.makedirs(path, exist_ok=True)
        return path

    def fresh(self, target, name):
        shutil.rmtree(os.path.join(self.work, target.name, name), ignore_errors=True)
        return self.folder(target, name)

    def lay_out(self, target):
        """Writes what a target begins with: the seeds, and what was kept."""
        subprocess.run([self.path, "--seeds", target.name, self.fresh(target, "seeds")],
                       env=self.environment(None), stdout=subprocess.DEVNULL, check=True)
        kept = self.fresh(target, "kept")
        for number, one in enumerate(corpus.read(self.root, target.name)):
            with open(os.path.join(kept, f"{number:06}"), "wb") as file:
                file.write(one)

    def call(self, target, words, careful=False, limit=None):
        """libFuzzer with these options, for at most so many seconds of the processor; what it said, its
        exit code, and how many seconds it took."""
        patience = TIMEOUT_SECONDS * (1 if limit is None else WAIT_FACTOR)
        common = [f"-max_len={target.size_max}", f"-timeout={patience}", f"-rss_limit_mb={MEMORY_MB}", "-print_final_stats=1", "-detect_leaks=0"]
        if target.kind != "decoder":
            # It weighs inputs by how rare the places are that they reach: of a sequence, which reaches
            # tens of thousands, that takes as long as to try it.
            common.append("-entropic=0")
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen([self.path] + common + words, stdout=told,
                                       stderr=subprocess.STDOUT, env=self.environment(target, careful))
            taken = watch(process, limit)
            told.seek(0)
            return told.read().decode("utf-8", "replace"), process.returncode, taken

    # Running

    def run(self, targets, limit, jobs):
        outcomes = {}
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            waiting = [pool.submit(self.run_one, target, limit) for target in targets]
            for done in as_completed(waiting):
                outcome = done.result()
                outcomes[outcome.target.name] = outcome
                print(outcome.text(), flush=True)
        return [outcomes[target.name] for target in targets]

    def run_one(self, target, limit):
        self.lay_out(target)
        folders = [self.folder(target, name) for name in ("grown", "kept", "seeds")]
        if limit.replays:
            folders = folders[1:]
        found = self.folder(target, "found")
        output, code, taken = self.call(
            target, [f"-artifact_prefix={found}/"] + limit.words() + folders, limit.replays,
            limit.processor_seconds())
        with open(os.path.join(self.work, target.name, "log"), "w", encoding="utf-8") as file:
            file.write(output)
        outcome = Outcome(target, executions(output), new_places(output), taken)
        if code:
            outcome.crash = reason(output)
            if is_stuck(taken, limit.processor_seconds()):
                outcome.crash = f"an input took more than {TIMEOUT_SECONDS} s of the processor"
            outcome.line = f"Tools/fuzz {target.name} --input {self.smaller(target, output)}"
        return outcome

    def smaller(self, target, output):
        """The input that was found, as small as it gets in a moment: in base64, or a file's name."""
        match = re.search(r"Test unit written to (\S+)", output)
        if not match:
            return "(none was written: see the log)"
        path, less = match.group(1), match.group(1) + "-small"
        self.call(target, ["-minimize_crash=1", f"-max_total_time={SMALLER_SECONDS}",
                           f"-exact_artifact_path={less}", path])
        if os.path.exists(less):
            path = less
        with open(path, "rb") as file:
            content = file.read()
        return base64.b64encode(content).decode() if len(content) <= 600 else path

    def try_input(self, target, word):
        """Tries one input, and shows all that is said of it."""
        if os.path.exists(word):
            path = word
        else:
            try:
                content = base64.b64decode(word, validate=True)
            except ValueError:
                print("fuzz: error: --input is neither a file nor base64", file=sys.stderr)
                return 2
            path = os.path.join(self.folder(target, "found"), "input")
            with open(path, "wb") as file:
                file.write(content)
        output, code, _ = self.call(target, [path], careful=True)
        print(output if code else f"{target.name}: nothing was found")
        print(f"{0 if code else 1} passed, {1 if code else 0} failed")
        return 1 if code else 0


def watch(process, limit):
    """Waits for libFuzzer, which is asked to end when it took so many seconds of the processor; gives how
    many it took. An input that it does not come back from is one that it crashes with."""
    taken, is_asked = 0.0, False
    while process.poll() is None:
        taken = processor(process.pid)
        # Before libFuzzer has its handler the signal would end it as if by a crash.
        if (limit is not None and taken >= limit and not is_asked
                and catches(process.pid, signal.SIGUSR1)):
            process.send_signal(signal.SIGUSR1)
            is_asked = True
        if is_stuck(taken, limit):
            process.send_signal(signal.SIGABRT)
        try:
            process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    return taken


def is_stuck(taken, limit):
    return limit is not None and taken >= limit + TIMEOUT_SECONDS


def executions(output):
    found = re.findall(r"stat::number_of_executed_units:\s*(\d+)", output)
    if found:
        return int(found[-1])
    # After a crash the last line that counts says how far it came.
    found = re.findall(r"^#(\d+)\s", output, re.M)
    return int(found[-1]) if found else 0


def new_places(output):
    """How many places were reached that were not at the beginning."""
    begun = re.search(r"INITED\s+cov: (\d+)", output)
    found = re.findall(r"cov: (\d+)", output)
    return int(found[-1]) - int(begun.group(1)) if begun and found else 0


def reason(output):
    """What was found, in one line."""
    for pattern in (r"Fatal error: (.*)", r"ERROR: AddressSanitizer: (.*)", r"ERROR: libFuzzer: (.*)",
                    r"SUMMARY: (.*)"):
        found = re.search(pattern, output)
        if found:
            return found.group(1).strip() + where(output)
    return "the process ended"


def where(output):
    """The first line of our own in a trace."""
    found = re.search(r"/(Sources/[^\s:]+\.swift:\d+)", output)
    return f" ({found.group(1)})" if found else ""
