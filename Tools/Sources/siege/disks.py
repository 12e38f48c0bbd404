"""Disks of a trial's own. They are mounted where only this process and its nodes see them, so that
they go with it however it ends."""

import ctypes
import os
import subprocess
import tempfile

from nodes import Skip

CLONE_NEWNS = 0x20000
_apart = []


def _mount(*words):
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"no disk can be mounted here: {done.stderr.strip()}")


def _apart_from_the_machine():
    """From the first disk on, this process has mounts of its own."""
    if _apart:
        return
    if os.getuid():
        raise Skip("only root can mount a disk")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise Skip("no mounts of one's own here: " + os.strerror(ctypes.get_errno()))
    _mount("--make-rprivate", "/")
    _apart.append(True)


def small(field, size):
    """A disk in memory of so many bytes; gives where it is."""
    _apart_from_the_machine()
    place = tempfile.mkdtemp(dir=field.folder)
    _mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "zuruf", place)
    return place


def frail(field, image=None):
    """A disk with a file system that turns read-only at its first error; gives where it is and the
    file that it lies in, with which it can be mounted again."""
    _apart_from_the_machine()
    if image is None:
        image = os.path.join(field.folder, "image")
        with open(image, "wb") as file:
            file.truncate(160 << 20)
        try:
            subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, capture_output=True)
        except OSError:
            raise Skip("there is no mkfs.ext4 here") from None
    place = tempfile.mkdtemp(dir=field.folder)
    _mount("-o", "loop,errors=remount-ro", image, place)
    os.chmod(place, 0o700)
    return place, image


def fail(place):
    """Lets the file system of a frail disk find an error."""
    source = subprocess.run(
        ["findmnt", "-no", "SOURCE", place], capture_output=True, text=True, check=True)
    device = os.path.basename(source.stdout.strip())
    try:
        with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w") as file:
            file.write("zuruf")
    except OSError as error:
        raise Skip(f"no error can be made here: {error}") from None


def set_read_only(place, is_read_only):
    """Makes a folder read-only or writable again by a mount over itself."""
    _apart_from_the_machine()
    if not os.path.ismount(place):
        _mount("--bind", place, place)
    _mount("-o", f"remount,bind,{'ro' if is_read_only else 'rw'}", place)


def unmount(place):
    subprocess.run(["umount", place], capture_output=True)


def in_mounts(script):
    """The words before a command that run it among mounts of its own, changed by a script."""
    if os.getuid():
        raise Skip("only root can change mounts")
    return ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
            script + '\nexec "$@"', "sh"]  # fmt: skip
