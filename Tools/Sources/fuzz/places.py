"""Where the counters of each module's places lie in the program: the linker's map tells."""

import re

#: A line of the map: address, load address, size, alignment, and the object file that it came from, which
#: lies in a folder of its module; or nothing, for all of them together.
LINE = re.compile(r"^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\d+ +"
                  r"(?:\S*/([^/]+)\.build/([^/]+)\.o:\(__sancov_cntrs\)|__sancov_cntrs)$")


class Places:
    def __init__(self, path):
        self.path = path
        self.files = None

    def read(self):
        """Of each object file the module, its name without ending, and where its counters begin and end."""
        files, start = [], None
        with open(self.path, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = LINE.match(line) if "__sancov_cntrs" in line else None
                if not found:
                    continue
                at, size = int(found.group(1), 16), int(found.group(2), 16)
                if found.group(3) is None:
                    start = at
                else:
                    stem = found.group(4).removesuffix(".swift")
                    files.append((found.group(3), stem, at - start, at - start + size))
        return files

    def ranges(self, reaches):
        """The counters of these modules and files of modules, as the program takes them."""
        if self.files is None:
            self.files = self.read()
        joined = []
        for name in reaches:
            if not any(name in (module, f"{module}/{stem}") for module, stem, _, _ in self.files):
                raise ValueError(f"no places are counted in {name}")
        for module, stem, begin, end in sorted(self.files, key=lambda one: one[2]):
            if begin == end or not {module, f"{module}/{stem}"} & set(reaches):
                continue
            if joined and joined[-1][1] == begin:
                joined[-1][1] = end
            else:
                joined.append([begin, end])
        return " ".join(f"{begin}-{end}" for begin, end in joined)
