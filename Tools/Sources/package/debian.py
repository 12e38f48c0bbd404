"""Makes .debs of the linked programs and what lies in zurufd/ and zuruf/ beside this file.

A tree there looks as it will on a computer; what is made from other sources is added: programs, man
pages, completions, the settings, the icon. The same commit gives the same bytes.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time

from building import ROOT
from link import PAGE, TOGETHER, Fault
from manual import manual

HERE = os.path.dirname(os.path.abspath(__file__))
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/zuruf",
    "zsh": "usr/share/zsh/vendor-completions/_zuruf",
    "fish": "usr/share/fish/vendor_completions.d/zuruf.fish",
}
DESCRIPTIONS = {
    "zurufd": (
        "messenger for an office on its own network: node, command line, inspection",
        "Every computer runs a node; there is no server, no cloud and no account.\n"
        " This package is all that a computer without a screen needs. It starts nothing:\n"
        " an admin does, with \"systemctl enable --now zurufd\".",
    ),
    "zuruf": (
        "messenger for an office on its own network: the page for a browser",
        "Every computer runs a node; there is no server, no cloud and no account.\n"
        " This package adds a page in German and English, which a browser shows on this\n"
        " computer alone. It starts nothing: each person does, by opening Zuruf.",
    ),
}  # fmt: skip
FIELDS = {
    "zurufd": [("Depends", "{needs}, adduser"), ("Recommends", "avahi-daemon"),
               ("Suggests", "zuruf, ufw | firewalld")],
    "zuruf": [("Depends", "{needs}, zurufd (= {version})"), ("Recommends", "xdg-utils")],
}  # fmt: skip
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Zuruf

Files: *
Copyright: 2026 the authors of Zuruf
License: unsettled
 The sources name no licence yet.

Files: usr/bin/*
Copyright: 2014-2026 Apple Inc. and the Swift project authors
License: Apache-2.0 with Runtime Library Exception
 The programs contain the Swift standard library, libdispatch and
 FoundationEssentials. On Debian systems the text of the Apache License 2.0 is
 in /usr/share/common-licenses/Apache-2.0; the exception permits binaries with
 these parts in them without further notice.
"""


class Version:
    """Which state of the sources this is: for people and for dpkg, and when it was."""

    def __init__(self):
        with open(os.path.join(ROOT, "Sources/Control/ControlVersion.swift")) as file:
            self.product = re.search(r'product = "([^"]+)"', file.read())[1]
        self.author = git("log", "-1", "--format=%an <%ae>")
        self.commit = git("rev-parse", "--short=8", "HEAD")
        self.seconds = int(git("log", "-1", "--format=%ct"))
        moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(self.seconds))
        # A tag of a release is the version; everything before it sorts before it.
        released = git("tag", "--points-at", "HEAD", "--list", f"v{self.product}")
        changed = git("status", "--porcelain", "--untracked-files=no")
        self.text = self.product if released else f"{self.product}~{moment}.{self.commit}"
        self.text += "+changed" if changed else ""

    @property
    def date(self):
        return time.strftime("%Y-%m-%d", time.gmtime(self.seconds))

    @property
    def changelog(self):
        day = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(self.seconds))
        return (
            f"zuruf ({self.text}) unstable; urgency=medium\n\n"
            f"  * Built from commit {self.commit}.\n\n -- {self.author}  {day}\n"
        )


def git(*words):
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True)
    if done.returncode:
        raise Fault(f"git does not tell the version: {done.stderr.strip()}")
    return done.stdout.strip()


def make(programs, folder):
    """Makes both packages in a folder; gives a path for each."""
    version, made = Version(), {}
    for name in ("zurufd", "zuruf"):
        with tempfile.TemporaryDirectory() as work:
            tree = os.path.join(work, "tree")
            shutil.copytree(os.path.join(HERE, name), tree)
            (fill_box if name == "zurufd" else fill_page)(tree, programs, version)
            fill_common(tree, name, version)
            made[name] = pack(tree, name, version, folder)
    return made


def fill_box(tree, programs, version):
    """The node, the command line and what an admin needs."""
    place(tree, "usr/bin/zurufd", source=programs["zurufd"], mode=0o755)
    for other in TOGETHER[1:]:
        os.link(os.path.join(tree, "usr/bin/zurufd"), os.path.join(tree, "usr/bin", other))
    place(tree, "etc/zuruf/zurufd.conf", said(programs["zurufd"], "--print-config"))
    place(tree, "DEBIAN/conffiles", "/etc/zuruf/zurufd.conf\n/etc/ufw/applications.d/zuruf\n")
    for name in TOGETHER:
        manual_page(tree, programs, name, version)
    for shell, path in COMPLETIONS.items():
        place(tree, path, said(programs["zuruf"], "completion", shell))


def fill_page(tree, programs, version):
    """What a person without a terminal needs."""
    place(tree, f"usr/bin/{PAGE}", source=programs[PAGE], mode=0o755)
    icon = os.path.join(ROOT, "Sources/Desk/Page/icon.svg")
    place(tree, "usr/share/icons/hicolor/scalable/apps/zuruf.svg", source=icon)
    manual_page(tree, programs, PAGE, version)


def manual_page(tree, programs, name, version):
    text = manual(programs[name], version.date, version.product, TOGETHER + [PAGE])
    place(tree, f"usr/share/man/man1/{name}.1.gz", squeezed(text))


def fill_common(tree, name, version):
    place(tree, f"usr/share/doc/{name}/copyright", COPYRIGHT)
    place(tree, f"usr/share/doc/{name}/changelog.gz", squeezed(version.changelog))


def said(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout


def squeezed(text):
    return gzip.compress(text.encode(), 9, mtime=0)


def place(tree, path, content=None, source=None, mode=0o644):
    """Puts a text, bytes or a copy of a file into the tree."""
    target = os.path.join(tree, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if source:
        shutil.copyfile(source, target)
    else:
        with open(target, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(target, mode)


def pack(tree, name, version, folder):
    """Writes the control files of a tree and makes the package of it."""
    files = []
    for at, folders, names in os.walk(tree):
        folders.sort()
        os.chmod(at, 0o755)
        files += [os.path.join(at, one) for one in sorted(names)]
    for path in files:
        is_script = os.path.dirname(path) == os.path.join(tree, "DEBIAN") and "conf" not in path
        is_program = os.path.relpath(os.path.dirname(path), tree) in ("usr/bin", "usr/lib/zuruf")
        os.chmod(path, 0o755 if is_script or is_program else 0o644)
    content = [path for path in files if not path.startswith(os.path.join(tree, "DEBIAN"))]
    sums = [f"{digest(path)}  {os.path.relpath(path, tree)}\n" for path in content]
    place(tree, "DEBIAN/md5sums", "".join(sums))
    place(tree, "DEBIAN/control", control(tree, name, version, content))
    architecture = said("dpkg", "--print-architecture").strip()
    path = os.path.join(folder, f"{name}_{version.text}_{architecture}.deb")
    environment = dict(os.environ, SOURCE_DATE_EPOCH=str(version.seconds))
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Fault(f"dpkg-deb: {done.stderr.strip()}")
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


def control(tree, name, version, content):
    """The package's control file."""
    short, long = DESCRIPTIONS[name]
    values = {"needs": needs(tree, content), "version": version.text}
    fields = [
        ("Package", name), ("Version", version.text), ("Section", "net"),
        ("Priority", "optional"), ("Architecture", said("dpkg", "--print-architecture").strip()),
        ("Maintainer", version.author), ("Installed-Size", str(installed(content) // 1024)),
    ]  # fmt: skip
    fields += [(field, text.format(**values)) for field, text in FIELDS[name]]
    return "".join(f"{field}: {text}\n" for field, text in fields) + (
        f"Description: {short}\n {long}\n"
    )


def installed(content):
    """Bytes on a disk, a file with several names once."""
    files = {os.stat(path).st_ino: os.stat(path).st_blocks * 512 for path in content}
    return sum(files.values())


def needs(tree, content):
    """The packages that hold the libraries the programs are linked to."""
    programs = [path for path in content if os.path.dirname(path).endswith("usr/bin")]
    with tempfile.TemporaryDirectory() as work:
        place(work, "debian/control", "Source: zuruf\n\nPackage: zuruf\nArchitecture: any\n")
        done = subprocess.run(
            ["dpkg-shlibdeps", "-O", *programs], cwd=work, capture_output=True, text=True
        )
    if done.returncode:
        raise Fault(f"dpkg-shlibdeps: {done.stderr.strip()}")
    return done.stdout.strip().removeprefix("shlibs:Depends=")
