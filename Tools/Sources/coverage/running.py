"""Puts counters into the tests, runs them and reads what was counted.

The counters are in no program but one: the modules that are counted are compiled once more as in
the build of Tools/test, and linked with everything else of its tests. That takes a minute, where a
build of its own would take four, and what is packaged and measured has no counters.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from building import BUILD

#: The modules whose lines are counted.
COUNTED = ["Format", "Cryptography", "Storage", "Replication", "Authority"]
COUNTERS = ["-profile-generate", "-profile-coverage-mapping"]
SECONDS_TO_RUN = 3_600


class Fault(Exception):
    """What went wrong, and what helps."""


class Unplanned(Fault):
    """SwiftPM builds otherwise than is known here: the tests run as ever, and nothing counts."""


class Run:
    def __init__(self, root):
        self.root = root
        shown = subprocess.run(
            BUILD + ["--show-bin-path"], cwd=root, capture_output=True, text=True, check=True)
        self.binaries = shown.stdout.strip()
        self.plan = os.path.join(root, ".build", "release.yaml")
        self.folder = os.path.join(root, ".build", "counted")
        self.counts_folder = os.path.join(self.folder, "counts")
        #: Beside the programs that tests start, which they find by their own place.
        self.program = os.path.join(self.binaries, "counted.xctest")
        #: The same tests as SwiftPM links them.
        self.plain = os.path.join(self.binaries, "zurufPackageTests.xctest")

    def build(self):
        """Builds the tests like Tools/test, and once more with counters; Unplanned where the first alone
        is known how to."""
        words = BUILD + ["--build-tests"]
        if subprocess.run(words, cwd=self.root, stdout=sys.stderr).returncode:
            raise Fault("the tests do not build", "see above")
        commands = self.commands()
        os.makedirs(self.folder, exist_ok=True)
        print("coverage: compiling with counters", file=sys.stderr, flush=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda name: self.compile(name, commands), COUNTED):
                pass
        self.link(commands)

    def commands(self):
        """What SwiftPM calls to compile each module and to link the tests, by name."""
        commands, name = {}, None
        try:
            with open(self.plan, encoding="utf-8") as file:
                for line in file:
                    if match := re.fullmatch(r'  "C\.(.+)":\n', line):
                        name = match[1]
                    elif name and (match := re.fullmatch(r"    args: (\[.*\])\n", line)):
                        commands[name] = json.loads(match[1])
        except (OSError, ValueError):
            raise self.unplanned("anything") from None
        return commands

    def unplanned(self, what):
        return Unplanned(
            f"how SwiftPM makes {what} is not found in {self.plan}",
            "it may have changed with Swift: see Tools/Sources/coverage/running.py")

    def command(self, commands, name, kind):
        for key, words in commands.items():
            if key.startswith(name + "-") and key.endswith("." + kind):
                return list(words)
        raise self.unplanned(name)

    def place(self, words, name, wanted):
        """Where the first word of a command stands for which something holds."""
        for at, word in enumerate(words):
            if wanted(word):
                return at
        raise self.unplanned(name)

    def compile(self, name, commands):
        """One module, into a folder of ours, from what the build says of the others."""
        words = self.command(commands, name, "module")
        theirs, ours = os.path.join(self.binaries, name + ".build"), self.objects(name)
        os.makedirs(ours, exist_ok=True)
        at = self.place(words, name, "-output-file-map".__eq__) + 1
        module = self.place(words, name, "-emit-module-path".__eq__) + 1
        with open(words[at], encoding="utf-8") as file:
            places = file.read().replace(theirs + "/", ours + "/")
        words = [word.replace(theirs + "/include", ours) for word in words]
        words[at] = os.path.join(ours, "places.json")
        with open(words[at], "w", encoding="utf-8") as file:
            file.write(places)
        words[module] = os.path.join(ours, name + ".swiftmodule")
        self.call(words + COUNTERS)

    def link(self, commands):
        words = self.command(commands, "zurufPackageTests", "test")
        at = self.place(words, "the tests", lambda word: word.startswith("@"))
        output = self.place(words, "the tests", "-o".__eq__) + 1
        with open(words[at][1:], encoding="utf-8") as file:
            objects = file.read()
        for name in COUNTED:
            objects = objects.replace(os.path.join(self.binaries, name + ".build") + "/",
                                      self.objects(name) + "/")  # fmt: skip
        words[at] = "@" + os.path.join(self.folder, "objects")
        with open(words[at][1:], "w", encoding="utf-8") as file:
            file.write(objects)
        words[output] = self.program
        self.call(words + COUNTERS[:1])

    def objects(self, name):
        return os.path.join(self.folder, name)

    def call(self, words):
        done = subprocess.run(words, cwd=self.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)  # fmt: skip
        if done.returncode:
            print(done.stdout[-4000:], file=sys.stderr)
            raise Fault("what counts does not build", "see above")

    def pattern(self):
        """Where the tests are to count, for their environment: one that lets a process of its own
        die counts there, too. What was counted before is gone."""
        shutil.rmtree(self.counts_folder, ignore_errors=True)
        os.makedirs(self.counts_folder)
        return os.path.join(self.counts_folder, "%p.profraw")

    def test(self):
        """Runs the tests. What they say is kept beside what they count."""
        if not os.access(self.program, os.X_OK):
            raise Fault("the tests were not built yet", "leave out --built")
        environment = dict(os.environ, LLVM_PROFILE_FILE=self.pattern())
        log = os.path.join(self.counts_folder, "log")
        with open(log, "wb") as file:
            try:
                code = subprocess.run(
                    [self.program, "--testing-library", "swift-testing"], cwd=self.root,
                    env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                    timeout=SECONDS_TO_RUN).returncode  # fmt: skip
            except subprocess.TimeoutExpired:
                raise Fault(f"the tests took more than {SECONDS_TO_RUN} s", f"see {log}") from None
        if code:
            with open(log, errors="replace") as file:
                print("".join(line for line in file if "✘" in line or "Fatal" in line), end="")
            raise Fault("a test failed", f"see {log}")

    def counts(self):
        """What llvm-cov tells of the counted modules."""
        parts = glob.glob(os.path.join(self.counts_folder, "*.profraw"))
        if not parts:
            raise Fault("nothing was counted yet", "leave out --counted")
        whole = os.path.join(self.counts_folder, "all.profdata")
        tools = os.path.dirname(os.path.realpath(shutil.which("swift")))
        subprocess.run([os.path.join(tools, "llvm-profdata"), "merge", "-sparse", "-o", whole,
                        *parts], check=True)  # fmt: skip
        sources = [os.path.join(self.root, "Sources", name) for name in COUNTED]
        shown = subprocess.run(
            [os.path.join(tools, "llvm-cov"), "export", "-format=text", "-instr-profile", whole,
             self.program, *sources], capture_output=True, text=True, check=True)  # fmt: skip
        return json.loads(shown.stdout)["data"][0]
