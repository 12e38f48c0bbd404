"""One host of the lab: its namespaces, link, address, accounts, D-Bus, Avahi and programs."""

import os
import shutil
import signal
import subprocess
import time
import uuid

from process import Mistake, Process, Result, Skip

# Every host has these accounts beside root, so that stories can have people in them.
USERS = {"anna": 5001, "ben": 5002, "carla": 5003}

DBUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""

AVAHI_CONFIGURATION = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
enable-dbus={dbus}
{server}
[wide-area]
enable-wide-area=no
[publish]
disable-publishing=no
disable-user-service-publishing=no
publish-hinfo=no
publish-workstation=no
[reflector]
enable-reflector=no
"""


def command_output(command, text=None):
    """Runs a command of the lab itself, which must succeed."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise Mistake(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Host:
    """A host on a segment. Programs run on it see its network, /run, machine-id and accounts."""

    def __init__(self, name, segment, folder, binaries):
        self.name, self.segment, self.binaries = name, segment, binaries
        self.folder = os.path.join(folder, name)
        self.environment = {}  # given to every program on this host
        self.processes = []
        self.dbus = self.avahi = None
        self.address = None
        self._ports = []
        self._avahi_settings = {"dbus": "yes", "server": ""}
        os.makedirs(self.folder, mode=0o755)
        self._init = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "--propagation", "private", "sh", "-c",
             "echo ready; exec sleep infinity"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if self._init.stdout.readline() != b"ready\n":
            raise Mistake(f"no namespaces for host {name}")
        self._set_up()

    # Programs.

    def start(self, command, user=None, environment=None, name=None):
        """Starts a program; its standard input is a pipe."""
        label = name or os.path.basename(command[0])
        process = Process(
            f"{self.name}:{label}", self._enter(user) + list(command),
            self._environment(user, environment), self._home(user),
        )  # fmt: skip
        self.processes.append(process)
        return process

    def run(self, command, user=None, environment=None, input=None, within=30, check=True):
        """Runs a program to its end; unless check is False it must succeed."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                self._enter(user) + list(command), env=self._environment(user, environment),
                cwd=self._home(user), input=input, capture_output=True, text=True,
                errors="backslashreplace", timeout=within,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Mistake(f"{self.name}: {' '.join(command)}: not done in {within} s") from None
        result = Result(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
        if check and result.status != 0:
            told = (result.err.strip() or result.out.strip())[-400:]
            raise Mistake(f"{self.name}: {' '.join(command)}: status {result.status}: {told}")
        return result

    # The link.

    def connect(self, address, segment=None):
        """Plugs a cable into a segment and gives the interface an address (/24)."""
        segment = segment or self.segment
        interface = f"eth{len(self._ports)}"
        port = f"p{self._init.pid}x{len(self._ports)}"
        command_output(
            ["ip", "link", "add", port, "type", "veth", "peer", "name", interface, "netns",
             str(self._init.pid)]
        )  # fmt: skip
        command_output(["ip", "link", "set", port, "master", segment.bridge, "up"])
        # No duplicate address detection: nobody waits a second for a link-local address.
        self.run(["sysctl", "-qw", f"net.ipv6.conf.{interface}.accept_dad=0"])
        self.run(["ip", "link", "set", interface, "up"])
        self.run(["ip", "address", "add", f"{address}/24", "dev", interface])
        self._ports.append(port)
        if not segment.multicast:
            self._lose_mdns(interface)
        self.address = self.address or address
        if segment.router and segment.router != address:
            self.set_default_route()

    def _lose_mdns(self, interface):
        """Loses mDNS alone: without the other multicast there would be no IPv6."""
        rules = (
            "add table inet segment; "
            "add chain inet segment input { type filter hook input priority 0; }; "
            f'add rule inet segment input iifname "{interface}" udp dport 5353 drop;'
        )
        self.run(["nft", "-f", "-"], input=rules)

    def unplug(self):
        """Takes the cable out: no carrier, addresses stay."""
        for port in self._ports:
            command_output(["ip", "link", "set", port, "down"])

    def plug(self):
        for port in self._ports:
            command_output(["ip", "link", "set", port, "up"])

    def set_address(self, address):
        """Replaces the IPv4 address of eth0, as a new DHCP lease does."""
        self.run(["ip", "-4", "address", "flush", "dev", "eth0"])
        self.run(["ip", "address", "add", f"{address}/24", "dev", "eth0"])
        self.address = address
        self.set_default_route()

    def set_default_route(self):
        if self.segment.router and self.address != self.segment.router:
            self.run(["ip", "route", "replace", "default", "via", self.segment.router])

    def block(self, port=None, protocol="tcp", source=None):
        """Silently drops what comes in to a port, from an address, or both."""
        parts = [f"ip saddr {source}"] if source else []
        parts += [f"{protocol} dport {port}"] if port is not None else []
        rules = (
            "add table inet lab; "
            "add chain inet lab input { type filter hook input priority 0; }; "
            f"add rule inet lab input {' '.join(parts)} drop;"
        )
        self.run(["nft", "-f", "-"], input=rules)

    def unblock(self):
        """Lifts every block."""
        self.run(["nft", "delete", "table", "inet", "lab"], check=False)

    # D-Bus and Avahi.

    def start_dbus(self):
        """Starts this host's system bus and waits until it listens."""
        path = os.path.join(self.folder, "dbus.conf")
        with open(path, "w") as file:
            file.write(DBUS_CONFIGURATION)
        self.run(["rm", "-f", "/run/dbus/system_bus_socket"])
        self.dbus = self.start(
            ["dbus-daemon", f"--config-file={path}", "--nofork", "--nopidfile", "--nosyslog",
             "--print-address=1"], name="dbus",
        )  # fmt: skip
        self.dbus.wait_for("unix:path=")

    def configure_avahi(self, dbus="yes", server=""):
        """Sets lines of avahi-daemon.conf for its next start; dbus="warn" survives a lost bus."""
        self._avahi_settings = {"dbus": dbus, "server": server}

    def start_avahi(self, wait=True):
        """Starts this host's Avahi; its log is host.avahi.lines."""
        path = os.path.join(self.folder, "avahi.conf")
        with open(path, "w") as file:
            file.write(AVAHI_CONFIGURATION.format(name=self.name, **self._avahi_settings))
        self.run(["rm", "-f", "/run/avahi-daemon/pid"])
        self.avahi = self.start(
            ["avahi-daemon", "--no-chroot", "--no-rlimits", "--no-drop-root", "-f", path],
            name="avahi",
        )  # fmt: skip
        if wait:
            self.await_avahi()

    def await_avahi(self):
        """Waits until Avahi has its host name."""
        self.avahi.wait_for("Server startup complete", within=15)

    # The whole host.

    def freeze(self):
        """Suspends the host: every program on it stands still."""
        for process in self.processes:
            process.freeze()

    def thaw(self):
        for process in self.processes:
            process.thaw()

    def power_off(self):
        """Pulls the plug: every program dies at once and the link goes."""
        for process in self.processes:
            process.signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(5)
        self.unplug()
        self.dbus = self.avahi = None

    def power_on(self):
        """Starts the host again: an empty /run, a new boot_id, D-Bus and Avahi."""
        self.processes = [process for process in self.processes if process.runs]
        self._fill_run()
        self.plug()
        self.start_dbus()
        self.start_avahi()

    def close(self):
        """Ends everything on this host; its namespaces go with their last process."""
        for process in self.processes:
            process.signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(5)
        self._init.kill()
        self._init.wait(timeout=5)
        self._init.stdout.close()
        for port in self._ports:
            subprocess.run(["ip", "link", "delete", port], capture_output=True, timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Inside.

    def _set_up(self):
        """Gives the namespaces a name, /run, identity, accounts and a loopback."""
        passwd, group = self._write_accounts()
        identity = os.path.join(self.folder, "machine-id")
        with open(identity, "w") as file:
            file.write(uuid.uuid4().hex + "\n")
        self._write_boot_id()
        bindings = f"mount --bind {passwd} /etc/passwd; mount --bind {group} /etc/group;"
        bindings += f"mount --bind {identity} /etc/machine-id; mount --bind {self.folder}/boot_id /proc/sys/kernel/random/boot_id;"
        script = f"set -e; hostname {self.name}; mount -t tmpfs tmpfs /run; {bindings}"
        command_output(self._enter(None) + ["sh", "-c", script + "ip link set lo up"])
        for user in [None, *USERS]:
            os.makedirs(self._home(user), mode=0o700)
            if user and os.geteuid() == 0 and self._has_users():
                os.chown(self._home(user), USERS[user], USERS[user])
        self._fill_run()

    def _write_accounts(self):
        """This host's passwd and group. Avahi chowns to its account, which a user namespace of
        one user has not got: on a host of the lab that account is root under another name."""
        paths = []
        for kind, avahi in (("passwd", "avahi:x:0:0::/:/bin/false\n"), ("group", "avahi:x:0:\n")):
            with open(f"/etc/{kind}") as file:
                lines = [line for line in file if not line.startswith("avahi:")]
            for user, number in USERS.items():
                if kind == "passwd":
                    lines.append(f"{user}:x:{number}:{number}:{user}:{self._home(user)}:/bin/sh\n")
                else:
                    lines.append(f"{user}:x:{number}:\n")
            paths.append(os.path.join(self.folder, kind))
            with open(paths[-1], "w") as file:
                file.writelines(lines + [avahi])
        return paths

    def _fill_run(self):
        """Empties /run and makes what a booted host has there."""
        self._write_boot_id()
        script = (
            "set -e; umount -q /run/lab/bin || true; rm -rf /run/*; "
            "mkdir -p /run/dbus /run/avahi-daemon /run/lab/bin /run/user; mkdir -m 700 /run/user/0;"
        )
        if self._has_users():
            for number in USERS.values():
                script += f"install -d -m 700 -o {number} -g {number} /run/user/{number};"
        if self.binaries:
            script += f"mount --bind '{self.binaries}' /run/lab/bin;"
        command_output(self._enter(None) + ["sh", "-c", script])

    def _write_boot_id(self):
        with open(os.path.join(self.folder, "boot_id"), "w") as file:
            file.write(str(uuid.uuid4()) + "\n")

    def _enter(self, user):
        """The words before a command that run it on this host, as a user. All of them exec."""
        words = ["nsenter", f"--target={self._init.pid}", "--net", "--mount", "--uts", "--"]
        if user:
            if not self._has_users():
                raise Skip("other users need root")
            number = str(USERS[user])
            words += ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
        return words

    def _environment(self, user, extra):
        number = USERS[user] if user else 0
        environment = {
            "PATH": "/run/lab/bin:" + os.environ["PATH"],
            "HOME": self._home(user),
            "USER": user or "root",
            "LOGNAME": user or "root",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "XDG_RUNTIME_DIR": f"/run/user/{number}",
        }
        return {**environment, **self.environment, **(extra or {})}

    def _home(self, user):
        return os.path.join(self.folder, "home", user or "root")

    @staticmethod
    def _has_users():
        """True where the enclosure holds more user numbers than root's own."""
        with open("/proc/self/uid_map") as file:
            return int(file.readline().split()[2]) > max(USERS.values())
