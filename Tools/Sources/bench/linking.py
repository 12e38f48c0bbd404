"""How fast a node finds another: hosts of the lab, real mDNS, exec to authenticated link.

Run inside an enclosure by `measure`: python3 linking.py BINARIES ROUNDS RESULT
"""

import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("lan", "shared"):
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), folder))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import enclosure  # noqa: E402

SECONDS_FOR_NAMESPACES = 60
SECONDS_A_ROUND = 15


def reason_to_skip():
    """Why no hosts can be made here, or None."""
    enclosure.use_system_folders()
    return enclosure.reason_to_skip()


def measure(binaries, folder, rounds):
    """Seconds of each round, and the seconds that Avahi alone takes to name a service there."""
    result = os.path.join(folder, "linking.json")
    status = enclosure.run(
        [sys.executable, os.path.abspath(__file__), binaries, str(rounds), result],
        SECONDS_FOR_NAMESPACES + SECONDS_A_ROUND * rounds)
    if status != 0:
        raise OSError(f"the hosts of the lab ended with status {status}")
    with open(result) as file:
        told = json.load(file)
    return told["rounds"], told["limit"]


def _inside(binaries, rounds, result):
    from control import Control
    from lab import Lab
    from stories_office import Node, linked, office

    folder = os.environ["ZURUF_LAN_FOLDER"]
    enclosure.use_memory_for(folder)
    lab = Lab(os.path.join(folder, "linking"), binaries)
    try:
        a, b = lab.hosts("a", "b")
        owner = office(a)
        member = Node(b).join(owner.ticket())
        linked(owner, member)
        taken, least = [], []
        control = Control(owner.socket)
        for number in range(rounds):
            member.daemon.stop()
            while _holds_link(control):
                time.sleep(0.01)
            # Neither knows where the other is: discovery alone tells. Another port and not another
            # address, for then Avahi would begin anew on that network, which is not what is measured.
            member.forget()
            began = time.monotonic()
            member.daemon = member.host.start(
                ["zurufd", "--config", "/dev/null", *member.places, "--socket", member.socket,
                 "--port", str(47_500 + number)],
                name="b-zurufd")
            while not _holds_link(control):
                time.sleep(0.001)
            taken.append(time.monotonic() - began)
            least.append(_browse(b))
        control.close()
        with open(result, "w") as file:
            json.dump({"rounds": taken, "limit": sorted(least)[len(least) // 2]}, file)
    finally:
        lab.close()


def _holds_link(control):
    return any(peer["linked"] for peer in control.ask("status")["peers"])


def _browse(host):
    """Seconds in which a program that does nothing else sees the other's service by Avahi."""
    began = time.monotonic()
    seen = host.start(["sightings"], name="sightings")
    seen.wait_for(" sighted ", within=10)
    took = time.monotonic() - began
    seen.stop()
    return took


if __name__ == "__main__":
    _inside(sys.argv[1], int(sys.argv[2]), sys.argv[3])
