"""The list of error branches that no test reaches."""

import os
import re
from collections import Counter

LIST = "Tools/Sources/coverage/UNHIT.md"


class Mistake(Exception):
    """What is wrong with the list itself."""


def read(root):
    """How many branches each name stands for: (file, quote of the line) and a number."""
    named = Counter()
    reason = None
    with open(os.path.join(root, LIST), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("## "):
                reason = line[3:].strip()
            elif line.startswith("- "):
                match = re.fullmatch(r"- (?:(\d+) × )?`([^`]+)`: `(.+)`", line.strip())
                if not match or not reason:
                    raise Mistake(f"line {number} of {LIST} names no branch under a reason")
                named[match[2], match[3]] += int(match[1] or 1)
    return named


def compare(branches, named):
    """What is wrong: branches that are neither reached nor named, names without such a branch."""
    missed = Counter((one.file, one.quote) for one in branches if not one.is_hit)
    faults = []
    for one in branches:
        key = (one.file, one.quote)
        if not one.is_hit and key not in named:
            faults.append(f"{one.file}:{one.line}: no test reaches: {one.quote}")
    for key, count in named.items():
        if missed[key] != count:
            faults.append(f"{key[0]}: named {count} times, unreached {missed[key]}: {key[1]}")
    return faults
