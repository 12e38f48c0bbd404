"""Hosts on a network of their own, for stories about real mDNS and real sockets.

        segment "office" 10.77.1.0/24            segment "annex" 10.77.2.0/24, multicast=False

     a .11    b .12    c .13                       x .11     y .12
     eth0     eth0     eth0                        eth0      eth0
       |        |        |                           |         |
    +--+--------+--------+--+    +-----------+    +--+---------+--+
    |  bridge of "office"   +----+ router .1 +----+ bridge: annex |
    +-----------------------+    +-----------+    +---------------+

Bridges live in the enclosure's network namespace (see enclosure.py), where nothing else is. Every
host is a network, mount and name namespace: its own /run, machine-id, boot_id, accounts, D-Bus
and Avahi. IPv4 addresses are given, IPv6 ones are link-local. The router forwards no multicast.

    lab = Lab(folder, binaries)
    a, b = lab.hosts("a", "b")                    # on a segment "office" made at need
    node = a.start(["zurufd", "--foreground"])    # a Process: wait_for, freeze, kill, stop, …
    print(a.run(["zuruf", "status"]).out)
    lab.close()
"""

import os
import subprocess

from host import Host, command_output
from process import Mistake


class Segment:
    """A bridge: hosts on it hear each other's multicast unless it was made without."""

    def __init__(self, name, number, multicast):
        self.name, self.number, self.multicast = name, number, multicast
        self.bridge = f"br{number}"
        self.next_host = 11
        self.router = None  # the router's address here, once there is one

    def build(self):
        command_output(["ip", "link", "add", self.bridge, "type", "bridge", "mcast_snooping", "0"])
        # Frames pass the bridge; the enclosure itself never speaks on it.
        command_output(["sysctl", "-qw", f"net.ipv6.conf.{self.bridge}.disable_ipv6=1"])
        command_output(["ip", "link", "set", self.bridge, "up"])

    def close(self):
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True, timeout=10)

    def address(self, host_number):
        return f"10.77.{self.number}.{host_number}"


class Lab:
    """All hosts of one story; close() leaves nothing of them."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries
        self.segments, self.everyone = {}, {}
        self._router_number = 0
        os.makedirs(folder, exist_ok=True)

    def segment(self, name="office", multicast=True):
        """The segment of that name, made at its first use."""
        if name not in self.segments:
            self.segments[name] = Segment(name, len(self.segments) + 1, multicast)
            self.segments[name].build()
        return self.segments[name]

    def add_host(self, name, segment="office"):
        """A host that is on the network, without D-Bus and Avahi as yet."""
        if name in self.everyone:
            raise Mistake(f"there is a host {name} already")
        where = self.segment(segment)
        host = Host(name, where, self.folder, self.binaries)
        self.everyone[name] = host
        host.connect(where.address(where.next_host))
        where.next_host += 1
        return host

    def hosts(self, *names, segment="office", discovery=True):
        """Hosts with D-Bus and Avahi up, started side by side."""
        made = [self.add_host(name, segment) for name in names]
        if discovery:
            for host in made:
                host.start_dbus()
            for host in made:
                host.start_avahi(wait=False)
            for host in made:
                host.await_avahi()
        return made

    def host(self, name, segment="office"):
        """The host of that name, made with D-Bus and Avahi if there is none."""
        return self.everyone.get(name) or self.hosts(name, segment=segment)[0]

    def route(self, *names):
        """Joins segments by a router, which forwards packets but no multicast."""
        self._router_number += 1
        first = self.segment(names[0])
        router = Host(f"router{self._router_number}", first, self.folder, self.binaries)
        self.everyone[router.name] = router
        for name in names:
            segment = self.segment(name)
            segment.router = segment.address(1)
            router.connect(segment.router, segment)
        router.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        for host in self.everyone.values():
            if host is not router:
                host.set_default_route()
        return router

    def close(self):
        """Ends every process and removes every host and segment."""
        for host in self.everyone.values():
            host.close()
        for segment in self.segments.values():
            segment.close()
        self.everyone, self.segments = {}, {}
