"""Links the programs of the packages: from the very objects that were tested, with Swift inside.

The build of Tools/test links Swift's libraries dynamically. Its objects are linked here once more,
statically, which takes seconds; a static build of its own would take minutes and be another build
than the one that was tested.
"""

import os
import shutil
import subprocess
import sys

from building import ROOT, build

HERE = os.path.dirname(os.path.abspath(__file__))
# The programs of a computer without a screen share one file; see programs.c.
TOGETHER = ["zurufd", "zuruf", "zuruf-inspect"]
PAGE = "zuruf-desk"
FLAGS = [
    "-static-stdlib", "-emit-executable", "-use-ld=lld",
    # Nothing is looked up in the programs by name, so that what is not used can go.
    "-Xlinker", "--gc-sections", "-Xlinker", "-O2",
    "-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now",
]  # fmt: skip
# What the static FoundationEssentials needs and a build against the dynamic one does not name.
LIBRARIES = ["-l_FoundationCShims", "-l_FoundationCollections"]


class Fault(Exception):
    """Why nothing was linked, in one sentence."""


def programs(folder, who):
    """Builds and links all programs into a folder; gives a path for each name."""
    binaries = build(TOGETHER + [PAGE], who)
    if binaries is None:
        raise Fault("the programs do not build")
    os.makedirs(folder, exist_ok=True)
    local = os.path.join(folder, "local.map")
    with open(local, "w") as file:
        file.write("{ local: *; };\n")
    start = os.path.join(folder, "programs.o")
    run([clang(), "-c", "-O2", "-fPIE", "-Wall", "-o", start, os.path.join(HERE, "programs.c")])
    lists = [objects(binaries, name) for name in TOGETHER]
    together = list(dict.fromkeys(one for each in lists for one in each))
    link(os.path.join(folder, "zurufd"), [start] + together, [], local)
    main = ["-Xlinker", "--defsym", "-Xlinker", "main=zuruf_desk_main"]
    link(os.path.join(folder, PAGE), objects(binaries, PAGE), main, local)
    for name in TOGETHER[1:]:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            os.remove(path)
        os.link(os.path.join(folder, "zurufd"), path)
    return {name: os.path.join(folder, name) for name in TOGETHER + [PAGE]}


def objects(binaries, product):
    """The objects that SwiftPM linked a product from."""
    with open(os.path.join(binaries, product + ".product", "Objects.LinkFileList")) as file:
        return [line.strip().strip("'") for line in file if line.strip()]


def link(path, inputs, flags, local):
    """Links one program, without symbols and without anything that depends on when or where."""
    names = path + ".objects"
    with open(names, "w") as file:
        file.writelines(f"'{one}'\n" for one in inputs)
    script = ["-Xlinker", f"--version-script={local}"]
    run([shutil.which("swiftc")] + FLAGS + script + flags + [f"@{names}", "-o", path] + LIBRARIES)
    run(["strip", "--strip-all", path])


def clang():
    """The C compiler that comes with Swift."""
    beside = os.path.join(os.path.dirname(os.path.realpath(shutil.which("swiftc"))), "clang")
    return beside if os.path.exists(beside) else "clang"


def run(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-4000:], file=sys.stderr)
        raise Fault(f"{os.path.basename(command[0])} ended with {done.returncode}")
