"""A fresh Debian without a compiler, and layers on it: what a package does to a new computer.

The Debian is made by debootstrap once and kept in the user's cache, outside of these sources. Where
it comes from is what this machine's own apt says, at the time it runs; no address stands here.
"""

import hashlib
import os
import shutil
import subprocess
import time

from process import Mistake, Skip

# Beside the smallest system: a service manager with logins, who reads manuals, and three shells.
INCLUDED = ["systemd-sysv", "libpam-systemd", "dbus", "man-db", "bash-completion", "zsh", "fish",
            "iproute2"]  # fmt: skip
PROGRAMS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
}
DAYS_KEPT = 30


def reason_to_skip():
    """Why no fresh Debian can be made and started here, or None."""
    if os.geteuid() != 0:
        return "needs root: a new computer has users and services of its own"
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None


def source():
    """The release of this machine and where it gets that one's packages from."""
    with open("/etc/os-release") as file:
        facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    codename = facts.get("VERSION_CODENAME", "").strip('"')
    shown = output(["apt-get", "indextargets", "--format", "$(CODENAME) $(SITE)",
                    "Created-By: Packages"])  # fmt: skip
    sites = [line.split(" ", 1) for line in shown.splitlines() if " " in line]
    for name, site in sites:
        if name == codename:
            return codename, site
    raise Skip("this machine's apt names no place for its own release")


def base():
    """The folder with the fresh Debian; made where there is none."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    codename, site = source()
    kind = hashlib.sha256(" ".join(INCLUDED).encode()).hexdigest()[:8]
    path = os.path.join(cache, "zuruf-package", f"{codename}-{kind}")
    done = os.path.join(path, "var/lib/zuruf-package-made")
    if os.path.exists(done) and age_days(done) < DAYS_KEPT:
        return path
    print("package: making a fresh Debian (once; it is kept in the cache)", flush=True)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    # In memory, since dpkg waits for the disk after every file.
    output(["mount", "-t", "tmpfs", "-o", "mode=755,dev", "tmpfs", "/mnt"])
    output(["debootstrap", "--variant=minbase", f"--include={','.join(INCLUDED)}", codename,
            "/mnt", site], within=900)  # fmt: skip
    shutil.rmtree("/mnt/var/cache/apt/archives", ignore_errors=True)
    output(["cp", "-a", "/mnt/.", path], within=300)
    output(["umount", "/mnt"])
    with open(done, "w"):
        pass
    return path


def age_days(path):
    return (time.time() - os.path.getmtime(path)) / 86400


def output(command, within=60):
    """Runs a command of the proof itself, which must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=within)
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Mistake(f"{command[0]} ended with {done.returncode}: {told}")
    return done.stdout


class Layer:
    """A file system over others, of which only the newest is written to."""

    def __init__(self, name, below, folder):
        self.path = os.path.join(folder, name)
        self.upper = os.path.join(folder, name + ".upper")
        work = os.path.join(folder, name + ".work")
        for each in (self.path, self.upper, work):
            os.makedirs(each)
        lower = ":".join(below)
        options = f"lowerdir={lower},upperdir={self.upper},workdir={work}"
        output(["mount", "-t", "overlay", "-o", options, "overlay", self.path])
        self.below = [self.upper] + below

    def inside(self, command, within=60, online=False):
        """Runs a command in it with no service manager, and no network unless one is needed."""
        values = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
                  "DEBIAN_FRONTEND": "noninteractive"}  # fmt: skip
        for name in ("http_proxy", "https_proxy"):
            if name in os.environ:
                values[name] = os.environ[name]
        # Without /proc a program of Swift does not learn its own command line.
        enter = ["unshare", "--mount"] + ([] if online else ["--net"])
        enter += ["sh", "-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', self.path]
        return subprocess.run(
            enter + command, env=values, capture_output=True, text=True,
            timeout=within,
        )  # fmt: skip

    def must(self, command, within=60, online=False):
        done = self.inside(command, within, online)
        if done.returncode:
            told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-10:])
            raise Mistake(f"{' '.join(command)}: {done.returncode}: {told}")
        return done.stdout

    def install(self, *packages, more=()):
        """What an admin types, with the packages brought along, and more from where Debian has it."""
        shutil.copy("/etc/resolv.conf", os.path.join(self.path, "etc/resolv.conf"))
        for path in packages:
            shutil.copy(path, os.path.join(self.path, "root"))
        names = [f"/root/{os.path.basename(path)}" for path in packages]
        self.must(["apt-get", "update", "-qq"], 300, online=True)
        # Of what is recommended Avahi alone is tried here; the rest opens a browser.
        command = ["apt-get", "install", "-y", "--no-install-recommends", "avahi-daemon"]
        return self.must(command + [*more] + names, 600, online=True)
