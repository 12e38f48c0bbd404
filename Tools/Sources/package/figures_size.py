"""The figure "package": how large both packages are, and what they take on a disk."""

import os
import subprocess

MEGABYTE = 1_000_000
PACKED_MAX = 15 * MEGABYTE
INSTALLED_MAX = 50 * MEGABYTE


def sizes(made):
    """Bytes of both packages, and bytes of their files on a disk."""
    packed = sum(os.path.getsize(path) for path in made.values())
    shown = [
        subprocess.run(
            ["dpkg-deb", "--field", path, "Installed-Size"], capture_output=True, text=True,
            check=True,
        ).stdout
        for path in made.values()
    ]  # fmt: skip
    return packed, 1024 * sum(int(one) for one in shown)


def figures(made):
    """Prints the figure beside its limits; 1 where it is over one."""
    packed, installed = sizes(made)
    print(
        f"package: {packed / MEGABYTE:.1f} MB, limit {PACKED_MAX // MEGABYTE}; "
        f"installed {installed / MEGABYTE:.1f} MB, limit {INSTALLED_MAX // MEGABYTE}"
    )
    return 0 if packed <= PACKED_MAX and installed <= INSTALLED_MAX else 1
