"""What the sanitizers reported, and what is counted."""

import glob
import os
import re
import tempfile

#: The first line of a report, and what tells two of them apart.
BEGINNING = re.compile(r"^(WARNING: ThreadSanitizer|==\d+==ERROR: \w+Sanitizer): ", re.MULTILINE)
SUMMARY = re.compile(r"^SUMMARY: \w+Sanitizer: (.*)$", re.MULTILINE)
LINES_SHOWN = 60
#: One leak in a report of leaks.
LEAK = re.compile(r"^(?:Direct|Indirect) leak of .*?(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
#: What a weak reference needs is found from the object by an address that the Swift runtime keeps
#: shifted by three bits, where nobody looks for it. It is told here and not to the sanitizer, which
#: would take everything it leads to for found as well; the object, where it leaks, is a leak itself.
WEAK = re.compile(r"#2 .*formWeakReference")


def is_leak_of_weak_references(report):
    """Whether a report tells of nothing else."""
    leaks = LEAK.findall(report)
    return bool(leaks) and all(WEAK.search(leak) for leak in leaks)


class Tally:
    """What passed, failed and was skipped."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, passed=0, failed=0, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def line(self):
        told = f"{self.passed} passed, {self.failed} failed"
        return f"{told}, {self.skipped} skipped" if self.skipped else told


class Reports:
    """A folder into which everything that runs writes its reports; gone at the end."""

    def __init__(self, sanitizer):
        self.sanitizer = sanitizer

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="zuruf-sanitize-")
        self.environment = self.sanitizer.environment(os.path.join(self.folder.name, "report"))
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def take(self):
        """Each report since this was asked last, once, by its summary."""
        found = {}
        for path in sorted(glob.glob(os.path.join(self.folder.name, "report.*"))):
            with open(path, errors="replace") as file:
                text = file.read()
            os.remove(path)
            starts = [match.start() for match in BEGINNING.finditer(text)] + [len(text)]
            for start, end in zip(starts, starts[1:]):
                report = text[start:end]
                if is_leak_of_weak_references(report):
                    continue
                summary = SUMMARY.search(report)
                found.setdefault(summary[1] if summary else report.splitlines()[0], report)
        return found

    def show(self, what, tally):
        """Prints and counts the reports there are; true where there was one."""
        found = self.take()
        for summary, report in found.items():
            print(f"failed: {what}: {summary}")
            print("\n".join("    " + line for line in report.splitlines()[:LINES_SHOWN]))
        tally.add(failed=len(found))
        return bool(found)
