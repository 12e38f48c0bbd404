"""Trials of what comes later: an upgrade, and the end of a package on a computer."""

import os

from process import Mistake
from prove import trial
from world import expect


@trial("leave", "an upgrade restarts what ran, removing keeps data, purging says what it deletes")
def leave(world):
    box, anna = world.box, world.anna
    box.run(["systemctl", "start", "zurufd"])
    before = box.properties("zurufd")["MainPID"]
    again(box, world.made["zurufd"])
    after = box.properties("zurufd")["MainPID"]
    expect(after not in ("0", before), f"an upgrade left {before} as {after}")
    again(anna, world.made["zurufd"])
    expect(anna.properties("zurufd")["ActiveState"] == "inactive", "an upgrade started a node")
    before = process_of(anna)
    again(anna, world.made["zuruf"])
    expect(process_of(anna) not in ("0", before), "an upgrade left a person's node as it was")
    box.run(["systemctl", "enable", "zurufd"])
    said = box.run(["dpkg", "--remove", "zurufd"]).out
    expect("stay in /var/lib/zuruf" in said, f"not said what stays: {said}")
    expect(not box.listening(), "it runs on without its package")
    wants = "/etc/systemd/system/multi-user.target.wants/zurufd.service"
    expect(box.run(["test", "-L", wants], check=False).status == 1, "it is enabled still")
    expect(box.run(["ls", "-A", "/var/lib/zuruf"]).out, "the data went with the package")
    box.run(["test", "-f", "/etc/zuruf/zurufd.conf"])
    said = box.run(["dpkg", "--purge", "zurufd"]).out
    for what in ("/var/lib/zuruf: the keys and messages", "/etc/zuruf", "user and group zuruf"):
        expect(f"deleting {what}" in said or f"deleting the {what}" in said, f"unsaid: {what}")
    for path in ("/var/lib/zuruf", "/etc/zuruf", "/run/zuruf", "/usr/bin/zurufd"):
        expect(box.run(["test", "-e", path], check=False).status == 1, f"{path} is there still")
    expect(box.run(["getent", "passwd", "zuruf"], check=False).status == 2, "the user is there")
    return stays(anna)


def process_of(anna):
    """The process of a person's node, as the person's service manager tells it."""
    words = ["systemctl", "--user", "show", "--property=MainPID", "--value", "zuruf"]
    return anna.run(words, user="anna").out.strip()


def again(machine, package):
    """Installs a package over itself, as an upgrade does."""
    place = f"/root/{os.path.basename(package)}"
    with open(package, "rb") as source, open(machine.layer.path + place, "wb") as target:
        target.write(source.read())
    machine.run(["dpkg", "--install", place], within=120)


def stays(anna):
    """Purging never touches what is people's."""
    home = "/home/anna/.local/share/zuruf"
    if anna.run(["test", "-d", home], check=False).status:
        raise Mistake("anna's node has no data to keep")
    said = anna.run(["dpkg", "--purge", "zuruf", "zurufd"]).out
    expect("~/.local/share/zuruf" in said, f"not said where people's data are: {said}")
    expect("~/.config/systemd/user/default.target.wants/zuruf.service" in said,
           f"not said what would start it again: {said}")  # fmt: skip
    anna.run(["test", "-d", home])
    expect(not anna.listening(), "a person's node runs on without its package")
    return None
