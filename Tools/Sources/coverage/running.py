"""Builds the tests with counters, runs them and reads what was counted."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

#: The modules whose lines are counted.
COUNTED = ["Format", "Cryptography", "Storage", "Replication", "Authority"]
#: The test targets that are built and run: those of the modules, and such as reach much of them.
TESTS = ["FormatTests", "CryptographyTests", "StorageTests", "ReplicationTests", "AuthorityTests",
         "ConformanceTests", "DaemonTests", "SimulationTests"]  # fmt: skip
#: Tests that take minutes to say about many inputs what others say about few.
SKIPPED = ["SpoiltVectorTests", "ModelTests", "HostileCostTests", "ScaleTests", "FailingCallTests",
           "every single flipped bit is found", "CrashImageTests", "NodeCrashTests",
           "NodeFailingTests"]  # fmt: skip
#: Where it is built: beside the ordinary build, which counters must not slow down.
SCRATCH = ".build-coverage"
BUILD = ["swift", "build", "-c", "release", "-Xswiftc", "-enable-testing",
         "--scratch-path", SCRATCH, "--explicit-target-dependency-import-check", "error",
         "--build-tests"]  # fmt: skip
SECONDS_TO_RUN = 1_800


class Run:
    def __init__(self, root):
        self.root = root
        self.folder = os.path.join(root, SCRATCH, "counts")
        self.program = os.path.join(root, SCRATCH, "release", "zurufPackageTests.xctest")

    def build(self):
        """Whether the tests were built."""
        with tempfile.TemporaryDirectory() as temporary:
            environment = dict(os.environ, TMPDIR=temporary, ZURUF_TARGETS=" ".join(TESTS),
                               ZURUF_COUNTED=" ".join(COUNTED))  # fmt: skip
            code = subprocess.run(
                BUILD, cwd=self.root, env=environment, stdout=sys.stderr).returncode
        if code:
            print("coverage: error: the build did not come through", file=sys.stderr)
        return code == 0

    def test(self):
        """Runs the tests; whether all passed. What they say is kept beside what they count."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        words = [self.program, "--testing-library", "swift-testing"]
        for name in SKIPPED:
            words += ["--skip", name]
        # A test that lets a process of its own die counts there, too.
        pattern = os.path.join(self.folder, "%p.profraw")
        log = os.path.join(self.folder, "log")
        with open(log, "wb") as file:
            try:
                code = subprocess.run(
                    words, cwd=self.root, env=dict(os.environ, LLVM_PROFILE_FILE=pattern),
                    stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                    timeout=SECONDS_TO_RUN).returncode  # fmt: skip
            except FileNotFoundError:
                return self.complain("the tests were not built yet", "leave out --built")
            except subprocess.TimeoutExpired:
                return self.complain(f"the tests took more than {SECONDS_TO_RUN} s", f"see {log}")
        if code:
            with open(log, errors="replace") as file:
                print("".join(line for line in file if "✘" in line or "Fatal" in line), end="")
            self.complain("a test failed", f"see {log}")
            print("0 passed, 1 failed")
        return code == 0

    def complain(self, error, hint):
        print(f"coverage: error: {error}", file=sys.stderr)
        print(f"coverage: hint: {hint}", file=sys.stderr)
        return False

    def counts(self):
        """What llvm-cov tells of the counted modules, or None."""
        parts = glob.glob(os.path.join(self.folder, "*.profraw"))
        if not parts:
            self.complain("nothing was counted yet", "leave out --counted")
            return None
        whole = os.path.join(self.folder, "all.profdata")
        tools = os.path.dirname(os.path.realpath(shutil.which("swift")))
        subprocess.run([os.path.join(tools, "llvm-profdata"), "merge", "-sparse", "-o", whole,
                        *parts], check=True)  # fmt: skip
        sources = [os.path.join(self.root, "Sources", name) for name in COUNTED]
        shown = subprocess.run(
            [os.path.join(tools, "llvm-cov"), "export", "-format=text", "-instr-profile", whole,
             self.program, *sources], capture_output=True, text=True, check=True)  # fmt: skip
        return json.loads(shown.stdout)["data"][0]
