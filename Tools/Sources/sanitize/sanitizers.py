"""The two sanitizers: how each is built with, what it builds, and what it is told."""

import os
import platform
import subprocess
import sys
import tempfile

#: As Tools/test builds.
BUILD = ["swift", "build", "-c", "release", "-Xswiftc", "-enable-testing",
         "--explicit-target-dependency-import-check", "error", "--build-tests"]


class Sanitizer:
    """What both have in common; made with the folder of the repository."""

    name = ""
    #: The targets that are built with all they need, or None for all.
    targets = None
    #: Suites that are not run under it, each with the reason.
    left_out = {}
    #: Where its reports say so.
    variable = ""
    told = {}

    def __init__(self, root):
        self.root = root
        #: Beside the ordinary build, which it must not disturb.
        self.scratch = os.path.join(root, f".build-{self.name}")
        self.binaries = os.path.join(self.scratch, "release")
        self.sources = os.path.join(root, "Tools", "Sources", "sanitize")

    def absence(self):
        """Why it cannot be had here, or None."""
        return None

    def prepare(self):
        """Makes what is linked into everything; gives the arguments for the compiler."""
        os.makedirs(self.scratch, exist_ok=True)
        return []

    def environment(self, reports):
        """What a program is run with whose reports go to files that begin with that path."""
        told = dict(self.told, log_path=reports)
        return dict(
            os.environ,
            # A crash is told by the sanitizer; two that look at it get in each other's way.
            SWIFT_BACKTRACE="enable=no",
            **{self.variable: ":".join(f"{name}={value}" for name, value in told.items())})

    def build(self):
        """Builds tests and programs; false where that does not come through."""
        command = BUILD + [f"--sanitize={self.name}", "--scratch-path", self.scratch]
        for argument in self.prepare():
            command += ["-Xlinker", argument]
        # The compiler leaves folders of its own in the one for what is temporary.
        with tempfile.TemporaryDirectory() as temporary:
            environment = dict(os.environ, TMPDIR=temporary)
            if self.targets is not None:
                environment["ZURUF_TARGETS"] = " ".join(self.targets)
            output = os.path.join(temporary, "output")
            with open(output, "wb") as file:
                code = subprocess.run(
                    command, cwd=self.root, env=environment, stdout=file, stderr=file).returncode
            if code:
                with open(output, errors="replace") as file:
                    # The linker has a remark on each of the sanitizer's own functions.
                    lines = [line for line in file if "Cannot export local symbol" not in line]
                sys.stderr.write("".join(lines[-40:]))
        return code == 0


class Address(Sanitizer):
    """Memory that is read or written where it must not be, and memory that is never given back."""

    name = "address"
    variable = "ASAN_OPTIONS"
    told = {
        "detect_leaks": 1, "detect_stack_use_after_return": 1,
        # A program that leaks ends as it would; one that does what it must not is aborted.
        "exitcode": 0, "abort_on_error": 1,
    }


class Thread(Sanitizer):
    """What two threads do to the same memory without an order between them."""

    name = "thread"
    #: Where there is a second thread: that of the disk, of discovery, of the page, of names, of
    #: proofs; with the programs that start them. All else runs in one.
    targets = [
        "PlatformTests", "StorageTests", "DiscoveryTests", "ControlTests", "DaemonTests",
        "DeskTests", "LaunchTests", "InspectTests", "zurufdTests", "zurufd", "zuruf-desk",
        "zuruf", "zuruf-inspect",
    ]
    left_out = {
        "CrashImageTests": "thousands of starts, each of them in one thread, take ten minutes",
        "FailingCallTests": "thousands of starts, each of them in one thread, take ten minutes",
    }
    variable = "TSAN_OPTIONS"
    #: How far back it remembers what the other thread did.
    told = {"history_size": 4}

    def absence(self):
        if platform.machine() != "x86_64":
            return "Tools/Sources/sanitize/ordering.c is written for x86-64"
        return None

    def prepare(self):
        super().prepare()
        made = os.path.join(self.scratch, "ordering.o")
        subprocess.run(
            ["clang", "-O2", "-g", "-fPIC", "-Wall", "-Wextra", "-Werror", "-c",
             os.path.join(self.sources, "ordering.c"), "-o", made], check=True)
        return [made]


ALL = {one.name: one for one in (Address, Thread)}
