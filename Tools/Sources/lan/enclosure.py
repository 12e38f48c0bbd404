"""Runs a command in namespaces of its own, so that nothing of a lab can outlive it.

The lab's bridges, hosts and daemons live inside one set of user, mount, network, process and name
namespaces. When the command ends, or this process dies in whatever way, the kernel kills
everything in the process namespace and every other namespace goes with it. Names cannot collide
with another run's, and no multicast packet can reach the machine's own network.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile

# What the lab runs, and the Debian package that holds it.
PROGRAMS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "ip": "iproute2",
    "nft": "nftables",
    "dbus-daemon": "dbus",
    "avahi-daemon": "avahi-daemon",
}

SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"]
SECONDS_TO_TEAR_DOWN = 10
# What ends a command from outside.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


def use_system_folders():
    """Adds the folders of system programs to PATH, where an ordinary user lacks them."""
    parts = os.environ.get("PATH", "/usr/bin:/bin").split(":")
    os.environ["PATH"] = ":".join(parts + [f for f in SYSTEM_FOLDERS if f not in parts])


def unshare():
    """The command that makes the namespaces; an ordinary user gets root inside them only."""
    command = ["unshare"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    return command + [
        "--mount", "--propagation", "private", "--net", "--uts", "--ipc", "--pid", "--fork",
        "--kill-child", "--mount-proc", "--",
    ]  # fmt: skip


def reason_to_skip():
    """Why no lab can be built here, or None."""
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if missing:
        return f"not installed: {', '.join(missing)}"
    trial = [
        "ip link add bridge0 type bridge",
        "ip link add end0 type veth peer name end1",
        "mount -t tmpfs tmpfs /run",
        "nft add table inet trial",
    ]
    for step in trial:
        done = subprocess.run(
            unshare() + ["sh", "-c", step], capture_output=True, text=True, timeout=20
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"cannot {step.split()[0]} in a namespace: {last}"
    return None


def use_memory_for(folder):
    """Puts the lab's files where they vanish with the enclosure; called inside."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)


def _die_with_parent():
    """Makes the kernel kill this process when its parent dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(command, seconds):
    """Runs command inside; gives its exit status. The folder in ZURUF_LAN_FOLDER is its to use."""
    folder = tempfile.mkdtemp(prefix=f"zuruf-lan-{os.getpid()}-")
    os.chmod(folder, 0o755)  # the hosts' other users pass through; each home below is 0700
    environment = dict(os.environ, ZURUF_LAN_FOLDER=folder)

    def interrupted(number, _frame):
        raise KeyboardInterrupt(f"signal {number}")

    before = {number: signal.getsignal(number) for number in ENDING}
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    inside = None
    try:
        inside = subprocess.Popen(unshare() + command, env=environment, preexec_fn=_die_with_parent)
        return inside.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"lan: error: not done after {seconds} s, ended", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        if inside is not None:
            inside.kill()  # its child is the first process of the namespace: all go with it
            inside.wait(timeout=SECONDS_TO_TEAR_DOWN)
        shutil.rmtree(folder, ignore_errors=True)
        # What a program ignores its children ignore too: one that is started later could not be ended.
        for number, action in before.items():
            signal.signal(number, action)
