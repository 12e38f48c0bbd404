"""What was counted: lines, regions, and which of these are error branches."""

import os
import re
from collections import defaultdict
from dataclasses import dataclass

#: The kind of a region that is code, in what llvm-cov exports.
CODE = 0
#: How far back the words are looked for that a region belongs to.
BYTES_BEFORE = 600


@dataclass(frozen=True, order=True)
class Region:
    """A piece of a source file; lines and columns (bytes) begin with 1, the end is behind it."""

    file: str
    line: int
    column: int
    last_line: int
    last_column: int


@dataclass(frozen=True)
class Branch:
    """An error branch: where it begins, that line, and whether a test reached it."""

    file: str
    line: int
    quote: str
    is_hit: bool


class Source:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.lines = file.read().split(b"\n")

    def text(self, region):
        rows = self.lines[region.line - 1:region.last_line]
        rows[-1] = rows[-1][:region.last_column - 1]
        rows[0] = rows[0][region.column - 1:]
        return b"\n".join(rows).decode().strip()

    def before(self, region):
        """What stands before the region, without comments."""
        rows = self.lines[max(0, region.line - 12):region.line - 1]
        rows = [row for row in rows if not row.lstrip().startswith(b"//")]
        rows.append(self.lines[region.line - 1][:region.column - 1])
        return b"\n".join(rows).decode()[-BYTES_BEFORE:].rstrip()

    def quote(self, line):
        return self.lines[line - 1].decode().strip()


def is_error_branch(text, before):
    """Whether a region refuses something: see README.md."""
    if re.fullmatch(r"\{\s*preconditionFailure\(.*\)\s*\}", text, re.S):
        return False
    if re.search(r"\bcatch( let \w+)?$", before):
        return True
    if text.startswith("{") and before.endswith("else"):
        # The nearest word before it that takes an else.
        words = re.findall(r"(?:^|[^\w.])(guard|if|while|else)(?=[^\w:]|$)", before[:-4])
        return bool(words) and words[-1] == "guard"
    if text.startswith("{"):
        body = text[1:-1].strip()
        return re.fullmatch(r"(throw\b.*|return( nil| false| \[\])?)", body) is not None
    if text.startswith(("case ", "default:")):
        body = text.partition(":")[2].strip()
        return re.search(r"(^|\n)\s*throw\b", body) is not None or body in ("return nil",
                                                                          "return false")
    return False


class Book:
    def __init__(self, root, counts):
        self.root = root
        self.files = counts["files"]
        self.sources = {}
        self.hits = defaultdict(int)
        # A region of a generic function, or of one that another module took over, is counted more
        # than once.
        for function in counts["functions"]:
            for *place, count, file, _, kind in function["regions"]:
                if kind == CODE:
                    self.hits[Region(self.name(function["filenames"][file]), *place)] += count
        self.branches = sorted(self.find(), key=lambda branch: (branch.file, branch.line))

    def name(self, path):
        return os.path.relpath(path, os.path.join(self.root, "Sources"))

    def source(self, name):
        if name not in self.sources:
            self.sources[name] = Source(os.path.join(self.root, "Sources", name))
        return self.sources[name]

    def find(self):
        for region, count in self.hits.items():
            source = self.source(region.file)
            if is_error_branch(source.text(region), source.before(region)):
                yield Branch(region.file, region.line, source.quote(region.line), count > 0)

    def table(self, modules):
        """Lines, regions and error branches of each module and of all."""
        rows = []
        for module in modules:
            lines = [one["summary"]["lines"] for one in self.files
                     if self.name(one["filename"]).startswith(module + "/")]  # fmt: skip
            mine = [n for region, n in self.hits.items() if region.file.startswith(module + "/")]
            branches = [one for one in self.branches if one.file.startswith(module + "/")]
            rows.append((module, sum(one["covered"] for one in lines),
                         sum(one["count"] for one in lines), sum(n > 0 for n in mine), len(mine),
                         sum(one.is_hit for one in branches), len(branches)))  # fmt: skip
        rows.append(("all", *(sum(row[at] for row in rows) for at in range(1, 7))))
        told = [f"{'':14}{'lines':>25}{'regions':>25}{'error branches':>25}"]
        for name, *numbers in rows:
            pairs = zip(numbers[::2], numbers[1::2])
            told.append(f"{name:14}" + "".join(f"{share(*pair):>25}" for pair in pairs))
        return told

    def lines(self):
        """Where what no test reached begins."""
        seen = {}
        for region, count in sorted(self.hits.items()):
            if not count:
                seen.setdefault((region.file, region.line), region)
        return [f"{file}:{line}: {self.source(file).quote(line)}" for file, line in seen]


def share(part, whole):
    return f"{part} of {whole} {100 * part / whole:6.1f} %" if whole else "none"
