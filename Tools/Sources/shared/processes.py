"""What Linux says of a process, and of waiting for one."""

import os
import re
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def memory(process):
    """Resident bytes of the process with this number."""
    with open(f"/proc/{process}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024


def descriptors(process):
    """How many files it has open."""
    return len(os.listdir(f"/proc/{process}/fd"))


def processor(process):
    """Seconds of a processor that it took so far."""
    with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
        # Behind the name, which may hold anything.
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def catches(process, number):
    """Whether it has a handler for a signal; False where it is gone."""
    try:
        with open(f"/proc/{process}/status") as file:
            found = re.search(r"SigCgt:\s+([0-9a-f]+)", file.read())
    except (FileNotFoundError, ProcessLookupError):
        return False
    return bool(found) and bool(int(found.group(1), 16) >> (number - 1) & 1)


class Measured:
    """Whatever runs as its `process`, with what Linux says of that."""

    def memory(self):
        return memory(self.process.pid)

    def descriptors(self):
        return descriptors(self.process.pid)

    def processor(self):
        return processor(self.process.pid)


def awaited(true, seconds, every):
    """Asks again and again, `every` so many seconds; gives the first answer that is true, or in the end the
    last one."""
    deadline = time.monotonic() + seconds
    while True:
        found = true()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(every)
