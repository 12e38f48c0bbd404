"""Which calls of a node fail, and with which errors: the file that faults.c reads."""

import errno
import mmap
import os
import struct

from preload import library

FIU = "/usr/lib/fiu/fiu_posix_preload.so"
NAME_BYTES, ERRORS = 40, 8
HEAD, POINT = struct.Struct("<QII"), struct.Struct(f"<{NAME_BYTES}sQQII{ERRORS}i")
# How many of the calls fail: rarely, now and then, nearly always; more of those that are seldom.
CHANCES, SELDOM = (0.004, 0.05, 0.6), (0.05, 0.3, 0.8)
OFTEN = {"posix/io/sync/fdatasync", "posix/io/rw/pwrite", "posix/io/rw/pwrite/reduce",
         "posix/io/rw/pread", "posix/io/rw/pread/reduce", "posix/io/net/recv",
         "posix/io/net/send"}  # fmt: skip
DISK = [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS]
LOOK = [errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE]
WIRE = [errno.ECONNRESET, errno.ETIMEDOUT, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN, errno.EINTR]
POINTS = {
    "posix/io/sync/fdatasync": DISK,
    "posix/io/sync/fsync": DISK,
    "posix/io/rw/pwrite": DISK + [errno.EFBIG, errno.EINTR],
    "posix/io/rw/pwrite/reduce": [0],
    "posix/io/rw/pread": [errno.EIO, errno.ENOMEM, errno.EINTR],
    "posix/io/rw/pread/reduce": [0],
    "posix/io/rw/read": [errno.EIO, errno.EINTR, errno.EAGAIN],
    "posix/io/rw/ftruncate": DISK + [errno.EINTR],
    "posix/io/oc/open": LOOK,
    "posix/io/dir/fdopendir": [errno.ENOMEM, errno.EMFILE],
    "posix/io/dir/readdir": [errno.EIO],
    "posix/io/net/socket": [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM],
    "posix/io/net/connect": [errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH,
                             errno.ETIMEDOUT, errno.EADDRNOTAVAIL],
    "posix/io/net/recv": WIRE,
    "posix/io/net/send": WIRE + [errno.EPIPE],
    "zuruf/openat": LOOK,
    "zuruf/openat/create": LOOK + [errno.ENOSPC, errno.EROFS, errno.EDQUOT],
    "zuruf/renameat2": DISK,
    "zuruf/posix_fallocate": DISK + [errno.EFBIG, errno.EOPNOTSUPP, errno.EINTR],
    "zuruf/mkdirat": DISK,
    "zuruf/unlinkat": DISK,
    "zuruf/fstat": [errno.EIO, errno.ENOMEM],
    "zuruf/fstatat": [errno.EIO, errno.ENOMEM],
    "zuruf/fstatvfs": [errno.EIO, errno.ENOMEM, errno.EINTR],
    "zuruf/accept4": [errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.ENOMEM, errno.EINTR],
}  # fmt: skip


class Faults:
    """The file that says which calls of a node fail, shared with it."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(HEAD.size + POINT.size * len(POINTS))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def set(self, seed, chances, is_on):
        """What fails from now on; calls are counted anew."""
        self.memory[8:12] = struct.pack("<I", 0)
        self.memory[: HEAD.size] = HEAD.pack(seed, 0, len(POINTS))
        for index, (name, errors) in enumerate(POINTS.items()):
            chance = min(int(chances.get(name, 0) * 2**32), 2**32 - 1)
            filled = errors + [0] * (ERRORS - len(errors))
            POINT.pack_into(self.memory, HEAD.size + POINT.size * index, name.encode(), 0, 0,
                            chance, len(errors), *filled)  # fmt: skip
        self.turn(is_on)

    def turn(self, is_on):
        self.memory[8:12] = struct.pack("<I", int(is_on))

    def failures(self):
        """How many calls of each point failed."""
        found = {}
        for index, name in enumerate(POINTS):
            values = POINT.unpack_from(self.memory, HEAD.size + POINT.size * index)
            found[name] = values[2]
        return found


def drawn(chance):
    """Which calls fail in a round, and how many of them."""
    names = chance.sample(sorted(POINTS), chance.choice((1, 1, 2, 4)))
    return {name: chance.choice(CHANCES if name in OFTEN else SELDOM) for name in names}


def short(name):
    """A failure point as it is shown."""
    return name.rpartition("posix/io/")[2].rpartition("zuruf/")[2]


def environment(folder, faults):
    """What a node is started with whose calls fail so; the library is made in the folder."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
    preload = library(folder, source, "-l:libfiu.so.0")
    return {"LD_PRELOAD": f"{preload} {FIU}", "ZURUF_FAULTS": faults.path}
