"""How somebody comes back: after a removal, with an older disk, with a disk that lost everything."""

import os
import re
import shutil

from control import Refused, messages
from stories import (Image, Typing, begin, degraded, devices, emptied, in_order, inspect, say, texts,
                     typed)

# Where a node reads which start of the kernel this is.
BOOT = "/proc/sys/kernel/random/boot_id"


def elsewhere(node, place, content):
    """Lets a node find other content in a file of the system, from its next start on."""
    path = os.path.join(node.folder, os.path.basename(place))
    with open(path, "w") as file:
        file.write(content + "\n")
    node.before = ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                   f'mount --bind "{path}" "{place}"; exec "$@"', "sh"]  # fmt: skip


def restored(story, folder):
    """A computer is put back to an image of before, and starts while others hold what it wrote since."""
    if os.getuid():
        print("copied: skipped: only root can let a node find another start of the kernel", flush=True)
        return
    anna, ben, cleo = nodes = begin(folder, ["anna3", "ben3", "cleo3"])
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in nodes))
        said = ["before"]
        say(story, ben, "before")
        story.until("all read what Ben wrote", lambda: all(in_order(n) == said for n in nodes))
        ben.stop()
        image = Image(ben.folder)
        ben.start()
        for text in ("since 1", "since 2"):
            say(story, ben, text)
        said += ["since 1", "since 2"]
        story.until("and what he wrote since", lambda: all(in_order(n) == said for n in nodes))
        set_back(story, ben, image)
        ben.start()
        # At once: whatever it has to learn first, it learns while this waits.
        say(story, ben, "after")
        said += ["after"]
        story.until("with others in reach it learns what it wrote since, before it writes",
                    lambda: all(in_order(n) == said for n in nodes))  # fmt: skip
        unforked(story, nodes)
        third(story, nodes, said)
        unforked(story, nodes)
    finally:
        for node in nodes:
            node.stop()


def third(story, nodes, said):
    """The same where only Cleo holds it, and she comes when Ben wants to write already."""
    anna, ben, cleo = nodes
    ben.stop()
    image = Image(ben.folder)
    anna.stop()
    ben.start()
    say(story, ben, "for Cleo")
    said += ["for Cleo"]
    story.until("Cleo alone has what he wrote next", lambda: in_order(cleo) == said)
    cleo.stop()
    set_back(story, ben, image)
    ben.start()
    control = ben.wait()
    waiting = control.send("send", to="everyone", text="after Cleo", id=story.drawn())
    cleo.start()
    control.answer(waiting)
    control.close()
    said += ["after Cleo"]
    anna.start()
    story.until("and so it does where a third alone has it, who comes a moment later",
                lambda: all(in_order(n) == said for n in nodes))  # fmt: skip


def set_back(story, node, image):
    """A machine is switched off and an image put back: another start of its kernel, which keeps nothing
    of the one before in memory."""
    node.stop()
    image.put_back()
    emptied(os.path.join(node.folder, "run"))
    elsewhere(node, BOOT, story.drawn())


def unforked(story, nodes):
    """Nobody wrote two things at one place, and all hold the same."""
    homes = [node.home for node in nodes]
    story.until("the logs are equal", lambda: all(
        inspect("diff", homes[0], home)[0] == 0 for home in homes[1:]))  # fmt: skip
    proven = [inspect("verify", "--home", home) for home in homes]
    story.check("and proven, and no series parts",
                all(code == 0 and "R-10" not in told for code, told in proven))  # fmt: skip
    story.check("nobody is suspended or stopped", not any(
        {"suspended", "copied"} & set(degraded(node)) for node in nodes))  # fmt: skip
    story.check("no log says that something was written twice", not any(
        "wrote two things at one place" in node.log() for node in nodes))  # fmt: skip


def comes_back(story, node, sponsor, hint, kept):
    """A person types what the node said, with where the sponsor is, as nobody is found by mDNS here, and
    with a yes, as nobody is there to be asked; an admin types what it said beside that. `kept` are
    texts of before, which can be read where they were set aside."""
    told, admit = (re.search(pattern, hint) for pattern in (
        r"zuruf join --anew", r"zuruf admit --for .+ --replaces .+$"))  # fmt: skip
    story.check(f"{node.name}'s computer says what to do: {hint}", told and admit)
    if told and admit:
        command = f"{told[0]} --yes --at 127.0.0.1:{sponsor.port}"
        said = at_door(story, node, sponsor, command, admit[0])
        set_aside(story, node, said, kept)


def at_door(story, node, sponsor, command, admit):
    """Lets a computer in at a door; gives what the command said there."""
    door = Typing(sponsor, admit)
    door.until("open until")
    join = Typing(node, f"{command} --device new-{node.name}")
    digits = join.until(r"^ +(\d{3} \d{3})$")
    hinted = door.until(r"if it shows the same digits: (zuruf admit .*)")
    story.check(f"both show the same digits: {hinted}",
                digits and hinted == f"{admit} --digits " + digits.replace(" ", ""))
    yes = typed(sponsor, hinted)
    codes = (join.ended(), yes[0], door.ended())
    story.check(f"one command there, and who comes is let in: {codes}", codes == (0, 0, 0))
    return join.said


def by_ticket(story, node, sponsor, command, member, kept):
    """The same with a ticket, whose line the command is given."""
    code, line = typed(sponsor, f"zuruf ticket new --for @{member}")
    line = next((one for one in line.splitlines() if one.startswith("zr1-ticket-")), "")
    code, said = typed(node, f"{command} --yes --device new-{node.name}", line=line + "\n")
    story.check(f"with a ticket it takes one command as well: {code}", code == 0)
    set_aside(story, node, said, kept)


def set_aside(story, node, said, kept):
    """What was here lies in a folder, where the command that was printed reads it."""
    readable = re.search(r"zuruf-inspect --home .*$", said, re.M)
    code, dump = typed(node, readable[0]) if readable else (None, "")
    story.check(f"what was set aside is readable by the command that it names: {', '.join(kept)}",
                code == 0 and all(f'"text":"{text}"' in dump for text in kept))  # fmt: skip


def talks(story, nodes, back):
    """Whoever came back reads and writes as all do, and all hold the same."""
    say(story, back, f"{back.name} is back")
    say(story, nodes[0], f"welcome {back.name}")
    wanted = {f"{back.name} is back", f"welcome {back.name}"}
    story.until("it reads and writes again", lambda: all(wanted <= set(texts(n)) for n in nodes))
    homes = [node.home for node in nodes]
    story.until("and holds what all hold", lambda: all(
        inspect("diff", homes[0], home)[0] == 0 for home in homes[1:]))  # fmt: skip


def own(node, member):
    """The names of a member's devices."""
    return sorted(name for name, owner, _ in devices(node) if owner == member)


def by(node, member):
    """What a member wrote, by whichever device."""
    control = node.wait()
    found = {one.get("text") for one in messages(control.ask) if one["member"]["name"] == member}
    control.close()
    return found


def is_out(story, node):
    """Whether it writes nothing, for it was removed."""
    try:
        say(story, node, "never")
    except Refused as error:
        return error.name == "removed"
    return False


def lost(story, folder):
    """A disk is lost with all that was on it; later somebody finds it and starts it."""
    anna, ben, cleo, found = begin(folder, ["anna4", "ben4", "cleo4", "found4"])
    nodes = [anna, ben, cleo]
    try:
        story.until("the three are ready", lambda: all(texts(n) == [] for n in nodes))
        say(story, ben, "before")
        story.until("all read what Ben wrote", lambda: all(in_order(n) == ["before"] for n in nodes))
        ben.stop()
        for part in ("data", "state"):
            shutil.move(f"{ben.folder}/{part}", f"{found.folder}/{part}")
        emptied(os.path.join(ben.folder, "run"))
        ben.start()
        ben.wait().close()
        code, said = typed(ben, "zuruf")
        story.check("with an empty disk the node belongs to no office, and says how one joins",
                    code == 0 and "this computer belongs to no office yet" in said
                    and "zuruf join " in said and ben.ask("status")["degraded"] == [])  # fmt: skip
        at_door(story, ben, anna, f"zuruf join --at 127.0.0.1:{anna.port}",
                "zuruf admit --for @ben4 --replaces 'pc ben4'")  # fmt: skip
        story.until("it is another computer of the same person, and the one of before is out", lambda: all(
            own(node, "ben4") == ["new-ben4"] for node in (anna, cleo)))  # fmt: skip
        talks(story, nodes, ben)
        story.check("the others read what was written before, under the same person", all(
            by(node, "ben4") == {"before", "ben4 is back"} for node in (anna, cleo)))  # fmt: skip
        story.check("which the new one holds, and cannot open, as was said at joining",
                    in_order(ben).count("before") == 0 and len(in_order(ben)) >= 2)  # fmt: skip
        found.start()
        story.until("the lost disk is told that it is out", lambda: "removed" in degraded(found))
        story.check("and writes nothing", is_out(story, found))
        story.check("and reads nothing that was written since", "welcome ben4" not in texts(found))
    finally:
        for node in (*nodes, found):
            node.stop()
