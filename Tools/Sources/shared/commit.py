#!/usr/bin/python3
"""The commit that the tree stands at, for ledgers of what was run with it: to be asked for before a run,
for a commit that is made meanwhile has no part in it. Run as a program it prints that."""

import os
import subprocess

#: What only notes what came of runs.
NOTES = ["Tools/Sources/*/LEDGER", "Tools/Sources/plant/TABLE.md"]


def commit(root):
    """The commit, with a + behind it where anything but those notes was changed or added since."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True,
                              check=True).stdout.strip()
    name = git("rev-parse", "--short=12", "HEAD")
    changed = git("status", "--porcelain", "--", ".", *(f":(exclude){one}" for one in NOTES))
    return name + ("+" if changed else "")


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    print(commit(os.path.dirname(os.path.dirname(os.path.dirname(here)))))
