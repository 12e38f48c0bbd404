#!/usr/bin/env python3
"""An office of three on this computer, to watch and to try.

It runs three nodes of its own on loopback, without discovery, in a temporary directory that it
removes at the end. It never speaks to the user's own node.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "shared")]
sys.dont_write_bytecode = True

from control import Refused  # noqa: E402
from node import Node, Trouble  # noqa: E402
from ports import free_ports  # noqa: E402
from prompt import Prompt  # noqa: E402
from screen import Screen  # noqa: E402
from story import Story  # noqa: E402

# A Unix socket's path has at most 107 bytes.
FOLDER_BYTES_MAX = 80
PEOPLE = [("Anna", "Anna-PC", "green"), ("Ben", "Ben-PC", "cyan"), ("Empfang", "box-1", "yellow")]


class Ended(Exception):
    """Somebody asked the demo to end."""


def main():
    parser = argparse.ArgumentParser(prog="start --demo", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--binaries", metavar="FOLDER", required=True, help="where the built programs are")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        return run(os.path.abspath(options.binaries))
    except (KeyboardInterrupt, Ended):
        print("\nstart: the demo was ended; its data is gone", file=sys.stderr)
        return 130
    except Refused as refused:
        print(f"start: error: {refused}", file=sys.stderr)
        return 1
    except Trouble as trouble:
        print(f"start: error: {trouble}", file=sys.stderr)
        for line in trouble.details:
            print(f"  {line}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def run(binaries):
    """The story, then the prompt where there is a terminal."""
    programs = {name: os.path.join(binaries, name) for name in ("zurufd", "zuruf-inspect")}
    for path in programs.values():
        if not os.access(path, os.X_OK):
            raise Trouble(f"there is no program {path}")
    screen = Screen()
    folder = make_folder()
    nodes = []
    try:
        ports = free_ports(len(PEOPLE))
        for (name, device, colour), port in zip(PEOPLE, ports):
            seeds = [other for other in ports if other != port]
            nodes.append(Node(
                name, device, colour, os.path.join(folder, name.lower()), programs["zurufd"],
                port, seeds))
        screen.line(screen.painted("Zuruf: an office of three, without a server", "bold"))
        screen.line(f"Three nodes on this computer; their data lies in {folder}")
        screen.line("and is removed at the end. Your own node, if you have one, is left alone.")
        story = Story(nodes, screen, programs["zuruf-inspect"])
        story.tell()
        if sys.stdin.isatty() and sys.stdout.isatty():
            Prompt(story, screen).run()
        screen.line()
        for node in nodes:
            node.stop()
        screen.line("The demo is over; its data is removed.")
        return 0
    finally:
        # A second Ctrl-C must not leave nodes or data behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for node in nodes:
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def make_folder():
    """A fresh directory that only this user can look into, short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="zuruf-demo-")
    if len(os.fsencode(folder)) > FOLDER_BYTES_MAX:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="zuruf-demo-", dir="/tmp")
    return folder


def end(_number, _frame):
    """Ends the demo as Ctrl-C would."""
    raise Ended


if __name__ == "__main__":
    sys.exit(main())
