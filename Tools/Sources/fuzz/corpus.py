"""The inputs that are kept: a file for each target, a line in base64 for each input, the short ones first.

Only what the seeds do not reach is kept, for these are made anew at each run, and inputs that once found
something: their lines stand in a file of the same name with "-found" behind it, and stay.
"""

import base64
import os
import shutil

#: No file grows beyond it; what reaches most with least comes first.
BYTES_MAX = 24_576


def path(root, name):
    return os.path.join(root, "Tools", "Sources", "fuzz", "corpus", name)


def read(root, name):
    """Every input that is kept of a target, those that once found something first."""
    found = []
    for part in (name + "-found", name):
        if os.path.exists(path(root, part)):
            with open(path(root, part), encoding="ascii") as file:
                found += [base64.b64decode(line, validate=True) for line in file.read().split()]
    return found


def keep(program, target):
    """Takes what runs have grown into the file, as few inputs as reach the same; says what it did."""
    program.lay_out(target)
    least = program.fresh(target, "least")
    shutil.copytree(program.folder(target, "seeds"), least, dirs_exist_ok=True)
    beginning = set(os.listdir(least))
    # Into the seeds alone: what they reach need not be kept.
    program.call(target, ["-set_cover_merge=1", least, program.folder(target, "kept"),
                          program.folder(target, "grown")])
    inputs = []
    for name in os.listdir(least):
        if name not in beginning:
            with open(os.path.join(least, name), "rb") as file:
                inputs.append(file.read())
    lines, size = [], 0
    for one in sorted(inputs, key=lambda content: (len(content), content)):
        line = base64.b64encode(one).decode()
        size += len(line) + 1
        if size > BYTES_MAX:
            break
        lines.append(line)
    with open(path(program.root, target.name), "w", encoding="ascii") as file:
        file.write("".join(line + "\n" for line in lines))
    left = len(inputs) - len(lines)
    return (f"{target.name}: {len(lines)} inputs kept, {sum(len(line) + 1 for line in lines)} bytes"
            + (f"; {left} longer ones left out" if left else ""))
