"""Ports for nodes of this computer."""

import socket


def free_ports(count):
    """So many ports that nobody uses now, on any address."""
    held = []
    for _ in range(count):
        one = socket.socket(socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET)
        one.bind(("", 0))
        held.append(one)
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
