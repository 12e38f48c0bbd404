"""Builds the programs that a command runs."""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
# As Tools/test builds, or the two would undo each other's work.
BUILD = ["swift", "build", "-c", "release", "-Xswiftc", "-enable-testing"]
BUILD += ["--explicit-target-dependency-import-check", "error"]


def build(products, who):
    """The folder of freshly built programs, or None; `who` complains."""
    for product in products:
        if subprocess.run(BUILD + ["--product", product], cwd=ROOT, stdout=sys.stderr).returncode:
            print(f"{who}: error: the build did not come through", file=sys.stderr)
            return None
    shown = subprocess.run(BUILD + ["--show-bin-path"], cwd=ROOT, capture_output=True, text=True)
    return shown.stdout.strip()
