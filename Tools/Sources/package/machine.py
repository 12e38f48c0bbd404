"""A computer of the proof: a layer that is started with its own service manager, on a network that
exists for the proof alone."""

import glob
import os
import subprocess
import time
import uuid

from process import Mistake, Process, Result
from root import Layer, output

SECONDS_TO_START = 60


class Network:
    """A bridge in a namespace of its own: nothing on it reaches another network."""

    def __init__(self):
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE
        )
        self._holder.stdout.readline()
        self.enter = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]
        output(self.enter + ["ip", "link", "add", "office", "type", "bridge"])
        output(self.enter + ["ip", "link", "set", "office", "up"])

    def close(self):
        self._holder.kill()
        self._holder.wait()


class Machine:
    """A computer that runs, with people on it."""

    def __init__(self, name, below, folder, network, number, people=()):
        self.name, self.address = name, f"10.77.0.{number}"
        self.layer = Layer(name, below, folder)
        self.people = {}
        for place, person in enumerate(people):
            self.layer.must(["useradd", "--create-home", "--shell", "/bin/bash", person])
            self.people[person] = 1000 + place
        for path, text in (("etc/hostname", name), ("etc/hosts", "127.0.0.1 localhost " + name)):
            with open(os.path.join(self.layer.path, path), "w") as file:
                file.write(text + "\n")
        with open(os.path.join(self.layer.path, "etc/machine-id"), "w") as file:
            file.write(uuid.uuid4().hex + "\n")
        self._groups = Groups(f"{os.path.basename(folder)}-{name}")
        self._log = open(os.path.join(folder, name + ".log"), "wb")
        self._supervisor = subprocess.Popen(
            network.enter + [
                "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no",
                f"--machine={name}", "--network-bridge=office", "--resolv-conf=off",
                "--timezone=off", "--link-journal=no", "--directory", self.layer.path, "--boot",
            ], stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
            preexec_fn=self._groups.enter,
        )  # fmt: skip
        self._first = self._await_first()
        self._await_start()
        self._connect()

    def _await_first(self):
        """The first process inside, once it is the service manager."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._supervisor.poll() is not None:
                raise Mistake(f"{self.name} does not start: {self.said()}")
            for child in children(self._supervisor.pid):
                if comm(child) == "systemd":
                    return child
            time.sleep(0.05)
        raise Mistake(f"{self.name} has no service manager: {self.said()}")

    def _await_start(self):
        state = ""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self._supervisor.poll() is None:
            state = self.run(["systemctl", "is-system-running"], check=False).out.strip()
            if state in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise Mistake(f"{self.name} has not started: {state}; {self.said()}")

    def _connect(self):
        into = ["nsenter", "--target", str(self._first), "--net", "ip"]
        output(into + ["link", "set", "host0", "name", "eth0"])
        output(into + ["link", "set", "eth0", "up"])
        output(into + ["address", "add", f"{self.address}/24", "dev", "eth0"])

    def said(self):
        self._log.flush()
        with open(self._log.name, errors="replace") as file:
            return " | ".join(file.read().splitlines()[-6:])

    def _command(self, command, user):
        enter = ["nsenter", "--target", str(self._first), "--mount", "--uts", "--ipc", "--net",
                 "--pid", "--cgroup", "--root", "--wd", "env", "-i", "LANG=C.UTF-8", "TERM=dumb",
                 "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]  # fmt: skip
        if user is None:
            return enter + ["HOME=/root", *command]
        runtime = f"/run/user/{self.people[user]}"
        return enter + [
            f"HOME=/home/{user}", f"XDG_RUNTIME_DIR={runtime}", "setpriv", f"--reuid={user}",
            f"--regid={user}", "--init-groups", *command,
        ]  # fmt: skip

    def run(self, command, user=None, check=True, within=60, input=None):
        """Runs a program on it to its end."""
        began = time.monotonic()
        done = subprocess.run(
            self._command(command, user), capture_output=True, text=True, timeout=within,
            errors="backslashreplace", input=input,
        )  # fmt: skip
        if check and done.returncode:
            told = (done.stderr.strip() or done.stdout.strip())[-500:]
            raise Mistake(f"{self.name}: {' '.join(command)}: {done.returncode}: {told}")
        return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def start(self, command, user=None):
        """Starts a program on it."""
        name = f"{self.name}:{os.path.basename(command[0])}"
        return Process(name, self._command(command, user), dict(os.environ))

    def journal(self, *words):
        return self.run(["journalctl", "--no-pager", "--output=cat", *words]).out

    def properties(self, unit, *words):
        """What the service manager tells of a unit."""
        shown = self.run(["systemctl", *words, "show", unit]).out
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def listening(self):
        """Programs that wait for somebody or may hear from the network, one a line."""
        lines = self.run(["ss", "-Hltunp"]).out.splitlines()
        return [line for line in lines if "zuruf" in line]

    def close(self):
        self._supervisor.kill()
        self._supervisor.wait()
        self._log.close()


class Groups:
    """Control groups of one machine: two service managers must not share any."""

    def __init__(self, name):
        self.paths = [os.path.join(each, name) for each in hierarchies()]
        for path in self.paths:
            os.makedirs(path, exist_ok=True)

    def enter(self):
        """Puts this process in; one of some hierarchies takes none without further settings."""
        for path in self.paths:
            try:
                with open(os.path.join(path, "cgroup.procs"), "w") as file:
                    file.write("0")
            except OSError:
                pass



def children(process):
    """Its children and theirs."""
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            own = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return own + [one for child in own for one in children(child)]


def comm(process):
    try:
        with open(f"/proc/{process}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def hierarchies():
    """Where control groups are made: one place, or one for each kind."""
    with open("/proc/mounts") as file:
        mounts = [line.split() for line in file]
    return [mount[1] for mount in mounts if mount[2] in ("cgroup", "cgroup2")]


def sweep(prefix, seconds=10):
    """Takes groups away, the innermost first, once the kernel has ended all in them."""
    deadline = time.monotonic() + seconds
    while True:
        left = [one for each in hierarchies() for one in glob.glob(f"{each}/{prefix}-*")]
        if not left or time.monotonic() > deadline:
            return
        for path in left:
            for at, _, _ in os.walk(path, topdown=False):
                try:
                    os.rmdir(at)
                except OSError:
                    pass  # somebody is in it still
        time.sleep(0.05)
