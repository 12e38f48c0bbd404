"""Kills nodes at any moment while they talk, and counts.

An office of three on loopback. A writer on each node sends numbered messages and keeps its own list
of what was acknowledged; in every 0.75 s, at any moment of them, one node is killed with SIGKILL
and started again at once: 200 times in 150 s, on a disk and not in memory. At the end every writer
must have written much, everything acknowledged must be on every node exactly once, every node must
hold the same, none may have needed help, and no log names a person or quotes a text. Ends with the
plain line `N passed, N failed`, which counts these demands and not the kills.

    Tools/torture [--cycles N] [--seed N] [--keep]
    Tools/torture --copied | --failing | --proxied | --soak MINUTES …    see README.md
"""

import argparse
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "shared"))
sys.dont_write_bytecode = True

from office import (IN_MEMORY, Writer, demands_on, found, leave, offices, on_disk,  # noqa: E402
                    settled)

SPAN_SECONDS = 0.75
# Of each writer. A computer that is busy with other things does seven times as many.
ACKNOWLEDGED_PER_KILL = 5


def kill_again_and_again(nodes, writers, cycles, chance):
    """One kill in each span, at any moment of it; gives the seconds of all and of the slowest
    start."""
    slowest, began = 0, time.monotonic()
    for cycle in range(cycles):
        time.sleep(max(0, began + SPAN_SECONDS * (cycle + chance.random()) - time.monotonic()))
        node = chance.choice(nodes)
        node.kill()
        killed = time.monotonic()
        node.start()
        node.wait().close()
        slowest = max(slowest, time.monotonic() - killed)
        if (cycle + 1) % 50 == 0:
            print(f"torture: {cycle + 1} kills, "
                  f"{sum(len(w.acknowledged) for w in writers)} acknowledged", flush=True)
    time.sleep(max(0, began + SPAN_SECONDS * cycles - time.monotonic()))
    return time.monotonic() - began, slowest


def main():
    parser = argparse.ArgumentParser(prog="Tools/torture")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the nodes' data for a look")
    parser.add_argument("--copied", action="store_true", help="tell of copied computers instead")
    parser.add_argument("--failing", action="store_true", help="let calls fail instead")
    parser.add_argument("--rounds", type=int, default=30, help="of --failing")
    parser.add_argument("--proxied", action="store_true", help="spoil the links instead")
    parser.add_argument("--seconds", type=int, default=45, help="of --proxied: of spoilt links")
    parser.add_argument("--cuts", type=int, default=120,
                        help="of --proxied: places of a connection to cut at; 0: each byte")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="use an office for so long")
    options = parser.parse_args()
    # However it is ended, no node and no folder stays behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    chance = random.Random(options.seed)
    if options.copied:
        import copied

        return copied.run(chance, options)
    if options.failing:
        import failing

        return told("failing", failing.run(options.rounds, chance, options))
    if options.proxied:
        import proxied

        return told("proxied", proxied.run(options.seconds, options.cuts, chance, options))
    if options.soak:
        import soak

        return told("soak", soak.run(options.soak, chance, options))
    return told("torture", torture(options.cycles, chance, options))


def told(who, demands):
    """Prints what is wrong and the count; gives the exit status."""
    failures = [demand for demand in demands if demand]
    for failure in failures:
        print(f"{who}: failed: {failure}")
    print(f"{len(demands) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


def torture(cycles, chance, options):
    """The whole of it; gives what is wrong, with None for each demand that is met."""
    folder, kind = on_disk()
    print(f"torture: seed {options.seed}, {cycles} kills, on {kind}", flush=True)
    nodes = offices(folder)
    demands = [f"{folder} lies in memory ({kind})" if kind in IN_MEMORY else None]
    try:
        for node in nodes:
            node.start()
        found(nodes)
        writers = [Writer(node, chance.random()) for node in nodes]
        for writer in writers:
            writer.start()
        took, slowest = kill_again_and_again(nodes, writers, cycles, chance)
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join(15)
        least = SPAN_SECONDS * cycles
        demands.append(
            f"{cycles} kills took {took:.0f} s, not {least:.0f}" if took < least else None)
        for writer in writers:
            count = len(writer.acknowledged)
            demands.append(
                f"{writer.node.name} acknowledged {count} in {cycles} kills"
                if count < cycles * ACKNOWLEDGED_PER_KILL else None)
        wanted = [text for writer in writers for text in writer.acknowledged]
        demands += demands_on(nodes, settled(nodes, wanted), wanted)
        print(f"torture: {len(wanted)} acknowledged in {took:.0f} s, slowest start "
              f"{slowest * 1000:.0f} ms")
    finally:
        for node in nodes:
            node.stop()
        leave(folder, "torture", options.keep or any(demands))
    return demands


if __name__ == "__main__":
    sys.exit(main())
