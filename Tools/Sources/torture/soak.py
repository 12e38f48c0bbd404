"""An office that is used for a long time, while computers come and go: what grows?

Twelve nodes on loopback; ten messages a second are written at nodes in turn, with their own list of
acknowledgements. All the while one node is killed or stopped and started again, or one is removed
and one more joins, as the seed says. Some nodes are left alone: of those memory is looked at each
second, and from the end of the warming up on it may rise by what the messages themselves take, by
what serving one newcomer took for a moment, and by MEMORY_BYTES in ten minutes; the count of
descriptors must be flat, and no log may grow by more than LOG_BYTES in an hour. In the end
everything acknowledged is everywhere exactly once.

    Tools/torture --soak MINUTES [--seed N] [--keep]
"""

import os
import threading
import time

from control import Control, Refused
from office import Node, Writer, demands_on, found, leave, offices, on_disk, settled
from ports import free_ports

NODES = 12
# They found the office and are left alone: what is measured is theirs.
STILL = 4
WRITERS = 4
PER_SECOND = 10
# Between two of what happens to nodes, in seconds.
SPAN_SECONDS = 5
WARM_SHARE = 0.3
# Of ten minutes, beside the next two.
MEMORY_BYTES = 1 << 20
# What an entry takes that was stored alone, its own id with it: 130 to 350 were seen.
ENTRY_BYTES = 400
# As much as waits for one link (sendQueueBytesMax); the allocator keeps it once it was had.
QUEUE_BYTES = 4 << 20
LOG_BYTES = 1 << 20
DESCRIPTORS = 4


def slope(points):
    """The rise of the line through (seconds, value) that fits best, for each second."""
    count = len(points)
    middle = sum(at for at, _ in points) / count
    mean = sum(value for _, value in points) / count
    spread = sum((at - middle) ** 2 for at, _ in points)
    return sum((at - middle) * (value - mean) for at, value in points) / spread if spread else 0.0


class Meter(threading.Thread):
    """Each second the memory, descriptors and log of each node that is left alone."""

    def __init__(self, nodes):
        super().__init__(daemon=True)
        self.nodes, self.stopping, self.began = nodes, False, time.monotonic()
        self.seen = {node: [] for node in nodes}

    def run(self):
        while not self.stopping:
            at = time.monotonic() - self.began
            for node in self.nodes:
                self.seen[node].append(
                    (at, node.memory(), node.descriptors(), os.path.getsize(node.folder + "/log")))
            time.sleep(1)

    def since(self, seconds, node, column):
        return [(row[0], row[column]) for row in self.seen[node] if row[0] >= seconds]


class Reader(threading.Thread):
    """A person with a page: asks one node for everything once a second, each time anew."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.stopping, self.trouble = node, False, None

    def run(self):
        while not self.stopping:
            try:
                control = Control(self.node.path)
                control.ask("subscribe")
                for method in ("status", "member.list", "device.list", "group.list", "doctor"):
                    control.ask(method)
                control.ask("read", group="everyone", limit=50)
                control.close()
            except (OSError, ConnectionError, Refused) as error:
                self.trouble = f"{self.node.name} does not answer whoever asks: {error}"
            time.sleep(1)


class Office:
    """Twelve nodes, of which some are left alone, some are restarted, and some come and go."""

    def __init__(self, folder, chance):
        self.folder, self.chance, self.number = folder, chance, 0
        names = [f"person{index}" for index in range(NODES)]
        self.nodes = offices(folder, names)
        for node in self.nodes:
            node.start()
        found(self.nodes)
        self.still, self.restless = self.nodes[:STILL], self.nodes[STILL:-STILL]
        self.passing, self.away, self.gone = self.nodes[-STILL:], None, []
        self.done = dict.fromkeys(("killed", "stopped", "left and joined"), 0)

    def happen(self):
        """One of what happens to computers."""
        if self.away:
            self.away.start()
            self.away = None
        what = self.chance.choices(list(self.done), (6, 5, 1))[0]
        self.done[what] += 1
        if what == "killed":
            node = self.chance.choice(self.restless + self.passing)
            node.kill()
            node.start()
        elif what == "stopped":
            self.away = self.chance.choice(self.restless)
            self.away.stop()
        else:
            self.replace(self.chance.randrange(len(self.passing)))

    def replace(self, index):
        """Somebody is removed from the office, and somebody else comes."""
        first, old = self.still[0], self.passing[index]
        first.ask("member.remove", member=old.name)
        old.stop()
        self.gone.append(old)
        self.number += 1
        name, seeds = f"guest{self.number}", [node.port for node in self.still]
        new = Node(self.folder, name, free_ports(1)[0], seeds)
        self.passing[index] = new
        new.start()
        ticket = first.ask("ticket.new", kind="member", groups=[])["text"]
        new.ask("join", ticket=ticket, name=name, device="pc-" + name)

    def stop(self):
        for node in self.nodes + self.passing:
            node.stop()


def told(meter, warm, acknowledged, seconds):
    """Prints the slopes; gives what is wrong with them."""
    entries = acknowledged / seconds * 600
    spans = (seconds - warm) / 600
    for node in meter.nodes:
        memory = slope(meter.since(warm, node, 1)) * 600
        rows = meter.since(warm, node, 2)
        early = max(value for _, value in rows[: len(rows) // 2])
        late = max(value for _, value in rows[len(rows) // 2 :])
        log = slope(meter.since(warm, node, 3)) * 3600
        last = meter.seen[node][-1]
        print(f"soak: {node.name}: {last[1] / 1e6:.1f} MB, {memory / 1e6:+.2f} MB in 10 min "
              f"({memory / entries:.0f} bytes for each of {entries:.0f} messages); descriptors "
              f"{early} at most, then {late}; log {log / 1e3:+.0f} kB an hour")  # fmt: skip
        most = spans * (MEMORY_BYTES + entries * ENTRY_BYTES) + QUEUE_BYTES
        yield (f"{node.name} grew by {memory * spans / 1e6:.2f} MB, not {most / 1e6:.2f}"
               if memory * spans > most else None)  # fmt: skip
        yield (f"{node.name} has {late} descriptors, after {early}"
               if late > early + DESCRIPTORS else None)  # fmt: skip
        yield f"{node.name}'s log grows by {log:.0f} bytes an hour" if log > LOG_BYTES else None


def run(minutes, chance, options):
    """The whole of it; gives what is wrong, with None for each demand that is met."""
    folder, kind = on_disk()
    print(f"soak: seed {options.seed}, {minutes:g} minutes, on {kind}", flush=True)
    demands, office, seconds = ["it did not come to its end"], None, minutes * 60
    try:
        office = Office(folder, chance)
        talking = office.still + office.restless
        writers = [Writer(node, chance.random(), 2 * len(talking) / PER_SECOND)
                   for node in talking]  # fmt: skip
        readers = [Reader(node) for node in office.still]
        meter = Meter(office.still)
        for thread in [*writers, *readers, meter]:
            thread.start()
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            office.happen()
            time.sleep(SPAN_SECONDS * 2 * chance.random())
        took = time.monotonic() - began
        for thread in [*writers, *readers, meter]:
            thread.stopping = True
        for thread in [*writers, *readers, meter]:
            thread.join(15)
        if office.away:
            office.away.start()
        wanted = [text for writer in writers for text in writer.acknowledged]
        held = settled(talking, wanted)
        print(f"soak: {len(wanted)} acknowledged in {took:.0f} s; {office.done}")
        demands = demands_on(talking, held, wanted)
        demands += told(meter, took * WARM_SHARE, len(wanted), took)
        demands.append(None if len(wanted) > took * PER_SECOND / 2
                       else f"only {len(wanted)} were acknowledged")  # fmt: skip
        for node in office.still:
            code = node.process.poll()
            demands.append(f"{node.name} ended with {code}" if code is not None else None)
        demands += [reader.trouble for reader in readers]
    finally:
        if office:
            office.stop()
        leave(folder, "soak", options.keep or any(demands))
    return demands
