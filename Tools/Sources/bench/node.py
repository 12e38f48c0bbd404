"""Nodes on loopback with data of their own; each is ended by the number of its process."""

import glob
import os
import re
import signal
import socket
import subprocess
import time

import processes
from control import Control, Refused
from ports import free_ports


class Node:
    """One `zurufd` with a folder of its own, which can be started again and again."""

    program, options = "zurufd", ()

    def __init__(self, binaries, folder, name, seeds=()):
        self.binaries, self.name = binaries, name
        self.folder = os.path.join(folder, name)
        self.seeds, self.port, self.process = list(seeds), free_ports(1)[0], None
        self.socket = os.path.join(self.folder, "s")
        # A node keeps a head lock here wherever its data lies.
        self.runtime = os.path.join(self.folder, "run")
        os.makedirs(self.folder, mode=0o700)
        os.mkdir(self.runtime, mode=0o700)

    def start(self):
        """Seconds from exec until it says that it is ready."""
        path = os.path.join(self.folder, "notify")
        if os.path.exists(path):
            os.remove(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(60)
            command = [os.path.join(self.binaries, self.program), "--no-discovery"]
            command += self.options
            # Nothing that this computer's own node is told may reach this one.
            command += ["--config", "/dev/null"]
            command += ["--home", os.path.join(self.folder, "data")]
            command += ["--state", os.path.join(self.folder, "state")]
            command += ["--socket", self.socket, "--port", str(self.port)]
            for seed in self.seeds:
                command += ["--seed", seed]
            with open(os.path.join(self.folder, "log"), "ab") as log:
                began = time.monotonic()
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                    env=dict(os.environ, NOTIFY_SOCKET=path, XDG_RUNTIME_DIR=self.runtime),
                )  # fmt: skip
            try:
                manager.recv(4096)
            except TimeoutError:
                raise Refused(f"{self.name} was not ready within 60 s") from None
            return time.monotonic() - began

    def stop(self, kill=False):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def control(self):
        return Control(self.socket)

    def ask(self, method, **parameters):
        one = self.control()
        try:
            return one.ask(method, **parameters)
        finally:
            one.close()

    def messages(self, connection):
        """How many messages of everyone's group are admitted, hence durable, here."""
        groups = connection.ask("group.list")["groups"]
        return groups[0]["messages"] if groups else 0

    def forget_cache(self):
        """Drops this node's files from the page cache, as far as nobody maps them."""
        for path in glob.glob(os.path.join(self.folder, "data", "**"), recursive=True):
            if os.path.isfile(path):
                number = os.open(path, os.O_RDONLY)
                os.fsync(number)
                os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(number)

    def resident(self):
        """VmRSS in bytes."""
        return processes.memory(self.process.pid)

    def wakes(self):
        """Voluntary context switches of all threads so far."""
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/status"):
            with open(path) as file:
                found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M)
                total += int(found.group(1))
        return total

    def link_bytes(self):
        """Bytes of TCP payload this node sent and received on links that stand."""
        shown = subprocess.run(["ss", "-tinpH"], capture_output=True, text=True).stdout
        total, ours = 0, False
        for one in shown.splitlines():
            if not one.startswith((" ", "\t")):
                ours = f"pid={self.process.pid}," in one
            elif ours:
                for kind in ("bytes_acked", "bytes_received"):
                    found = re.search(kind + r":(\d+)", one)
                    total += int(found.group(1)) if found else 0
        return total


def wait_until(true, what, within=60, every=0.01):
    """Asks again and again; gives the moment at which it was so."""
    if not processes.awaited(true, within, every):
        raise Refused(f"{what} did not come within {within} s")
    return time.monotonic()
