"""A network of one's own, so that a trial can have the ports that a page takes by itself."""

import contextlib
import ctypes
import os
import subprocess

from nodes import Skip

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def own_network():
    """Everything opened or started meanwhile has a loopback that nobody else is on."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as before:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise Skip(f"no network of its own: {os.strerror(ctypes.get_errno())}")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(before.fileno(), CLONE_NEWNET)
