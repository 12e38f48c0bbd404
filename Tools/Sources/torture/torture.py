"""Kills nodes at any moment while they talk, and counts.

An office of three on loopback. A writer on each node sends numbered messages and keeps its own list
of what was acknowledged; every 0.3-0.9 s one node is killed with SIGKILL and started again at once.
At the end everything acknowledged must be on every node exactly once, every node must hold the same,
and no node may have needed help. Ends with the plain line `N passed, N failed`, which counts these
demands and not the kills.

    Tools/torture [--cycles N] [--seed N] [--keep]
    Tools/torture --copied [--keep]     computers that were copied instead; see copied.py
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.environ.get("ZURUF_BUILD", os.path.join(ROOT, ".build", "release"))


class Refused(Exception):
    """The node answered with an error."""


class Control:
    """One connection to a node's local API."""

    def __init__(self, path, timeout=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.number = 0

    def call(self, method, **params):
        self.number += 1
        line = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.socket.sendall(json.dumps(line).encode() + b"\n")
        answer = self.file.readline()
        if not answer:
            raise ConnectionError("the node is gone")
        answer = json.loads(answer)
        if "error" in answer:
            raise Refused(answer["error"]["message"])
        return answer["result"]

    def close(self):
        self.file.close()
        self.socket.close()


class Node:
    """One zurufd with data of its own."""

    def __init__(self, folder, name, port, seeds):
        self.folder, self.name, self.port = os.path.join(folder, name), name, port
        os.mkdir(self.folder, 0o700)
        self.path = os.path.join(self.folder, "s")
        self.arguments = [
            # Nothing that this computer's own node is told may reach these.
            os.path.join(BUILD, "zurufd"), "--config", "/dev/null",
            "--home", self.folder + "/data", "--state", self.folder + "/state",
            "--socket", self.path, "--port", str(port), "--no-discovery",
        ]
        for seed in seeds:
            self.arguments += ["--seed", f"127.0.0.1:{seed}"]
        # A node keeps a head lock here wherever its data lies.
        os.mkdir(self.folder + "/run", 0o700)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder + "/run")
        self.process = None

    def start(self):
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment)

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(
                    f"torture: error: node {self.name} ended with {self.process.returncode}: "
                    + open(self.folder + "/log").read()[-400:])
            try:
                return Control(self.path)
            except OSError:
                time.sleep(0.01)
        raise SystemExit(f"torture: error: node {self.name} does not answer")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Writer(threading.Thread):
    """Sends numbered messages on one node; what was not acknowledged is sent again with its id."""

    def __init__(self, node, seed):
        super().__init__(daemon=True)
        self.node, self.random = node, random.Random(seed)
        self.acknowledged, self.stopping = [], False

    def run(self):
        number, control, pending = 0, None, None
        while not self.stopping:
            if pending is None:
                number += 1
                pending = (f"{self.node.name} {number}", self.random.randbytes(16).hex())
            try:
                if control is None:
                    control = Control(self.node.path, timeout=10)
                control.call("send", to="everyone", text=pending[0], id=pending[1])
                self.acknowledged.append(pending[0])
                pending = None
                time.sleep(self.random.random() * 0.02)
            except (OSError, ConnectionError, ValueError):
                # The same id again: a retry never doubles.
                control = None
                time.sleep(0.01)
            except Refused as error:
                # A node that has just started says what it waits for.
                time.sleep(0.05)
                self.last = str(error)


def read_all(control):
    """Every text of the group, oldest first."""
    texts, before = [], None
    while True:
        params = {"group": "everyone", "limit": 1000}
        if before:
            params["before"] = before
        page = control.call("read", **params)
        texts = [message.get("text") for message in page["messages"]] + texts
        if not page["more"] or not page["messages"]:
            return texts
        before = page["messages"][0]["cursor"]


def free_ports(count):
    """Ports that nobody uses now."""
    ports = []
    for _ in range(count):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    return ports


def main():
    parser = argparse.ArgumentParser(prog="Tools/torture")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the nodes' data for a look")
    parser.add_argument("--copied", action="store_true", help="tell of copied computers instead")
    options = parser.parse_args()
    # However it is ended, no node and no folder stays behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    if options.copied:
        import copied

        return copied.run(options.keep)
    print(f"torture: seed {options.seed}, {options.cycles} kills", flush=True)
    chance = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="zuruf-torture-")
    ports = free_ports(3)
    nodes = [
        Node(folder, name, port, [other for other in ports if other != port])
        for name, port in zip(("anna", "ben", "cleo"), ports)
    ]
    # What was demanded, each with what is wrong or None.
    demands = []
    try:
        for node in nodes:
            node.start()
        controls = [node.wait() for node in nodes]
        controls[0].call("office.new", office="Torture", name="anna", device="pc-anna")
        ticket = controls[0].call("ticket.new", kind="member", groups=[], uses=2)["text"]
        for node, control in zip(nodes[1:], controls[1:]):
            control.call("join", ticket=ticket, name=node.name, device="pc-" + node.name)
        writers = [Writer(node, chance.random()) for node in nodes]
        for writer in writers:
            writer.start()
        slowest = 0
        for cycle in range(options.cycles):
            time.sleep(0.3 + chance.random() * 0.4)
            node = chance.choice(nodes)
            node.kill()
            began = time.monotonic()
            node.start()
            node.wait().close()
            slowest = max(slowest, time.monotonic() - began)
            if (cycle + 1) % 50 == 0:
                print(f"torture: {cycle + 1} kills, "
                      f"{sum(len(w.acknowledged) for w in writers)} acknowledged", flush=True)
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join(15)
        wanted = [text for writer in writers for text in writer.acknowledged]
        deadline = time.monotonic() + 60
        while True:
            held = []
            for node in nodes:
                control = node.wait()
                held.append(read_all(control))
                control.close()
            complete = all(set(wanted) <= set(texts) for texts in held)
            equal = all(sorted(map(str, texts)) == sorted(map(str, held[0])) for texts in held)
            if (complete and equal) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        for node, texts in zip(nodes, held):
            shown = set(texts)
            missing = [text for text in wanted if text not in shown]
            doubled = len(texts) - len(shown)
            demands.append(
                f"{node.name} lacks {len(missing)} acknowledged, e.g. {missing[0]}"
                if missing else None)
            demands.append(f"{node.name} shows {doubled} twice" if doubled else None)
        demands.append(None if equal else "the nodes do not hold the same")
        for node in nodes:
            text = open(node.folder + "/log").read()
            for word in ("damaged", "forked", "Fatal error", "continuity is not proven"):
                demands.append(f"{node.name}'s log says \"{word}\"" if word in text else None)
        print(f"torture: {len(wanted)} acknowledged, slowest start {slowest * 1000:.0f} ms")
    finally:
        for node in nodes:
            node.stop()
        if options.keep or any(demands):
            print(f"torture: data kept in {folder}")
        else:
            shutil.rmtree(folder)
    failures = [demand for demand in demands if demand]
    for failure in failures:
        print("torture: failed: " + failure)
    print(f"{len(demands) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
