"""A computer that lacks packages: a PATH with few programs, of which some are false."""

import os
import shutil
import subprocess

NEEDED = ["bash", "dirname", "grep", "env", "seq", "sed", "cat", "mktemp", "rm", "tail"]
# Where whoever runs this is root, these are run as nobody: root is never asked.
NOBODY = 65534


class Bare:
    """A copy of the commands, to be run by an ordinary user of a bare computer."""

    def __init__(self, folder, root, missing):
        self._tools = os.path.join(folder, "Tools")
        self._missing, self._calls = os.path.join(folder, "missing"), os.path.join(folder, "calls")
        programs = os.path.join(folder, "programs")
        for made in (self._tools, programs):
            os.mkdir(made, 0o755)
        for name in ("start", "test"):
            shutil.copy(os.path.join(root, "Tools", name), self._tools)
        for name in NEEDED:
            os.symlink(shutil.which(name), os.path.join(programs, name))
        number = os.getuid() or NOBODY
        self._write(programs, "id", f"echo {number}")
        # As dpkg-query -W -f='${Status}' says it: nothing of a package that is not there.
        self._write(programs, "dpkg-query", f"""
package=${{!#}}
grep -qx "$package" '{self._missing}' && exit 1
echo 'install ok installed'""")
        self._write(programs, "apt-get", "exit 1")
        # What is asked of it is done: the packages are there afterwards.
        self._write(programs, "sudo", f"""echo "$*" >> '{self._calls}'
[ "$2" != install ] || : > '{self._missing}'""")
        self.set_missing(missing)
        self.environment = {"PATH": programs, "HOME": folder, "TERM": "xterm"}
        self._as_nobody = []
        if os.getuid() == 0:
            self._as_nobody = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}",
                               "--clear-groups", "--"]  # fmt: skip
            for path in (self._missing, self._calls):
                os.chown(path, NOBODY, NOBODY)

    def set_missing(self, packages):
        with open(self._missing, "w") as file:
            file.writelines(package + "\n" for package in packages)
        open(self._calls, "w").close()

    def command(self, name, *arguments):
        return [*self._as_nobody, os.path.join(self._tools, name), *arguments]

    def run(self, name, *arguments):
        """Its exit status and all that it says, without a terminal."""
        done = subprocess.run(
            self.command(name, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment, text=True, timeout=60)
        return done.returncode, done.stdout

    def called(self):
        """What was asked of sudo so far."""
        with open(self._calls) as file:
            return file.read().splitlines()

    @staticmethod
    def _write(folder, name, script):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write("#!/usr/bin/env bash\n" + script + "\n")
        os.chmod(path, 0o755)
