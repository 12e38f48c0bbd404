"""The figures: each a function of the world that gives rounds of values and their limit."""

import os
import re
import statistics
import subprocess
import time

import limits
from appending import append_many
from control import Refused
from offices import Full, Small, text

FIGURES = {}


class Skip(Exception):
    """This machine, or the product as it is, cannot give this figure."""


class Figure:
    def __init__(self, name, unit, better, measure):
        self.name, self.unit, self.better, self.measure = name, unit, better, measure


def figure(name, unit, better):
    def add(function):
        FIGURES[name] = Figure(name, unit, better, function)
        return function

    return add


# A machine is not as quick at every moment: each round has a limit of its own, taken right before it,
# and the median of these stands beside the figure.


def _quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# Messages.


def _hops(world):
    """Milliseconds from accepted on A to printed by `zuruf read -f` on B, in rounds."""

    def make():
        office = world.small()
        command = [os.path.join(world.binaries, "zuruf"), "--socket", office.b.socket]
        reader = subprocess.Popen(
            command + ["--json", "read", "everyone", "-f"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        control = office.a.control()
        # The first that is printed shows that the reader follows.
        control.ask("send", to="everyone", text="hop first")
        _printed(reader, b"hop first")
        rounds, least = [], []
        for number in range(world.rounds):
            least.append((limits.passing() + 1 / limits.flushing(world.folder)) * 1000)
            values = []
            for step in range(world.hops):
                words = f"hop {number} {step}."
                control.ask("send", to="everyone", text=words)
                accepted = time.monotonic()
                _printed(reader, words.encode())
                values.append((time.monotonic() - accepted) * 1000)
            rounds.append(values)
        reader.terminate()
        reader.wait(5)
        reader.stdout.close()
        control.close()
        return rounds, statistics.median(least)

    return world.once("hops", make)


def _printed(reader, words):
    while True:
        line = reader.stdout.readline()
        if not line:
            raise Refused("zuruf read -f ended")
        if words in line:
            return


@figure("hop-p50", "ms", "low")
def hop_p50(world):
    rounds, limit = _hops(world)
    return [_quantile(values, 0.5) for values in rounds], limit


@figure("hop-p99", "ms", "low")
def hop_p99(world):
    rounds, limit = _hops(world)
    return [_quantile(values, 0.99) for values in rounds], limit


@figure("first-message", "s", "low")
def first_message(world):
    """From `office new` to a text on the other's screen: two nodes run, four commands are typed."""
    from node import Node

    rounds, least = [], []
    for number in range(world.rounds):
        least.append(limits.starting([os.path.join(world.binaries, "zuruf"), "--version"]))
        folder = os.path.join(world.folder, f"first{number}")
        os.makedirs(folder, mode=0o700)
        a = Node(world.binaries, folder, "a")
        b = Node(world.binaries, folder, "b")
        world.nodes += [a, b]
        a.start()
        b.start()

        def typed(node, *words):
            command = [os.path.join(world.binaries, "zuruf"), "--socket", node.socket, *words]
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            if done.returncode:
                raise Refused(done.stderr.strip() or f"zuruf {words[0]}: {done.returncode}")
            return done.stdout

        began = time.monotonic()
        typed(a, "office", "new", "Werk", "--name", "Anna", "--device", "a")
        shown = typed(a, "ticket", "new").split()
        ticket = next(word for word in shown if word.startswith("zr1-ticket-"))
        typed(b, "join", ticket, "--name", "Ben", "--device", "b")
        control = b.control()
        control.ask("subscribe")
        typed(a, "send", "everyone", "Hallo Ben")
        seen = control.event(
            lambda e: e["kind"] == "message" and e["message"].get("text") == "Hallo Ben")
        rounds.append(seen - began)
        control.close()
        a.stop()
        b.stop()
    # Four programs, each of which must at least start.
    return rounds, 4 * statistics.median(least)


def appends(node, group, count, callers):
    """Messages written at the append call of a node that is stopped; gives the seconds."""
    program = os.path.join(node.binaries, "appends")
    if not os.access(program, os.X_OK):
        raise Skip("appends is not built")
    # With nobody to call it writes for itself alone; addresses are learnt anew.
    addresses = os.path.join(node.folder, "data", "addresses")
    if os.path.exists(addresses):
        os.remove(addresses)
    done = subprocess.run(
        [program, os.path.join(node.folder, "data"), os.path.join(node.folder, "state"),
         str(callers), str(count), group],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise Refused(done.stderr.strip() or f"appends: {done.returncode}")
    return float(done.stdout)


def _append(world, callers, limit):
    """Durable messages a second, and the median of limits taken between the rounds."""

    def make():
        node = world.small("append").a
        node.stop()
        count = world.appends * (1 if callers == 1 else 16)
        rounds, least = [], []
        for _ in range(world.rounds):
            least.append(limit())
            rounds.append(count / appends(node, "everyone", count, callers))
        return rounds, statistics.median(least)

    return world.once(f"append-{callers}", make)


@figure("append-1", "1/s", "high")
def append_1(world):
    return _append(world, 1, lambda: limits.flushing(world.folder))


@figure("append-64", "1/s", "high")
def append_64(world):
    return _append(world, 64, limits.signing)


@figure("append-socket-64", "1/s", "high")
def append_socket_64(world):
    """The same through the control socket, by 64 programs: JSON, and Python on the other side."""
    node = world.small("append").a
    if node.process is None:
        node.start()
    count, rounds, least = world.appends * 8, [], []
    for _ in range(world.rounds):
        least.append(limits.signing())
        rounds.append(count / append_many(node.socket, [text(n) for n in range(count)], 64))
    return rounds, statistics.median(least)


# A node with 100,000 entries.


def _woken(world):
    """Each round wakes one more newcomer: entries a second, bytes of each, and the limit of the first.
    The first one is dropped."""

    def make():
        full = world.full()
        taken = []
        for number in range(world.rounds + 1):
            least = limits.catching_up(world.folder)
            node, seconds, size = full.wake()
            taken.append((full.count / seconds, size / full.count, least))
            # Two stay: they are the links of the figure `memory`.
            if len(full.awake) > 2:
                full.awake.pop(0).stop()
        return taken[1:]

    return world.once("woken", make)


@figure("catch-up", "entries/s", "high")
def catch_up(world):
    woken = _woken(world)
    return [one[0] for one in woken], statistics.median(one[2] for one in woken)


@figure("wire", "B/entry", "low")
def wire(world):
    # What no encoding can leave out: the padded body and its tag (256 + 16 + 24).
    return [one[1] for one in _woken(world)], 296


def _restarted(world):
    """Starts the full node again and again; gives seconds to ready, with its files in memory and
    without them, and to the first page, and the limits of the three."""

    def make():
        _woken(world)
        full, rounds = world.full(), []
        path = _largest(os.path.join(full.a.folder, "data"))
        program = [os.path.join(world.binaries, "zurufd"), "--version"]
        for _ in range(world.rounds):
            least = (
                limits.starting(program), limits.reading(path, os.path.getsize(path) - 1, count=5),
                limits.reading(path, 50 * 487))
            full.a.stop()
            full.a.forget_cache()
            cold = full.a.start()
            full.a.stop()
            warm = full.a.start()
            full.a.forget_cache()
            control = full.a.control()
            began = time.monotonic()
            page = control.ask("read", group="everyone", limit=50)
            rounds.append(((warm, cold, time.monotonic() - began), least))
            assert len(page["messages"]) == 50, "the page is not full"
            control.close()
        return rounds

    return world.once("restarted", make)


def _of_restart(world, which):
    """One of the three figures in milliseconds, with its limit."""
    rounds = _restarted(world)
    return (
        [taken[which] * 1000 for taken, _ in rounds],
        1000 * statistics.median(least[which] for _, least in rounds))


@figure("start", "ms", "low")
def start(world):
    return _of_restart(world, 0)


@figure("start-cold", "ms", "low")
def start_cold(world):
    """Nothing of the log in memory, as after the computer was switched on."""
    return _of_restart(world, 1)


@figure("read", "ms", "low")
def read(world):
    return _of_restart(world, 2)


def _largest(folder):
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return max(paths, key=os.path.getsize)


def _rest(world):
    """The full node with two links, left alone: bytes resident, wake-ups a second."""

    def make():
        _restarted(world)
        full = world.full()
        from node import wait_until

        def linked():
            return sum(peer["linked"] for peer in full.a.ask("status")["peers"]) >= 2

        wait_until(linked, "two links", 60, 0.1)
        time.sleep(1 if world.smoke else 3)
        rounds = []
        for _ in range(world.rounds):
            before, began = full.a.wakes(), time.monotonic()
            time.sleep(1 if world.smoke else 5)
            rounds.append(
                (full.a.resident(), (full.a.wakes() - before) / (time.monotonic() - began)))
        return rounds

    return world.once("rest", make)


@figure("memory", "MiB", "low")
def memory(world):
    rest = _rest(world)
    # The same node without an office, and without entries.
    empty, least = world.node("empty"), []
    for _ in range(world.rounds):
        empty.start()
        least.append(empty.resident() / (1 << 20))
        empty.stop()
    return [size / (1 << 20) for size, _ in rest], statistics.median(least)


@figure("idle", "1/s", "low")
def idle(world):
    # A link is known to live when something came within its time; less than that wakes nobody.
    return [wakes for _, wakes in _rest(world)], 3


WHOLE = re.compile(r"([\d,]+) entries, ([\d,]+) signatures")


def _verified_once(binaries, node):
    """What `zuruf-inspect verify` proves of a node's store: entries and signatures a second."""
    program = os.path.join(binaries, "zuruf-inspect")
    if not os.access(program, os.X_OK):
        raise Skip("zuruf-inspect is not built")
    began = time.monotonic()
    done = subprocess.run(
        [program, "--home", os.path.join(node.folder, "data"), "verify"], capture_output=True,
        text=True, timeout=300)
    took = time.monotonic() - began
    counts = WHOLE.search(done.stdout)
    if done.returncode or not counts:
        raise Refused(done.stderr.strip() or f"zuruf-inspect verify: {done.returncode}")
    return [int(count.replace(",", "")) / took for count in counts.groups()]


@figure("verify", "entries/s", "high")
def verify(world):
    """The store of a node that got its entries in runs, each with one signature."""
    _woken(world)
    node = world.full().awake[-1]
    rounds, least = [], []
    for _ in range(world.rounds):
        least.append(limits.proving())
        rounds.append(_verified_once(world.binaries, node)[0])
    return rounds, statistics.median(least)


@figure("verify-signatures", "1/s", "high")
def verify_signatures(world):
    """The store of the author, in which each entry was sent, and hence signed, by itself."""
    _woken(world)
    rounds, least = [], []
    for _ in range(world.rounds):
        least.append(limits.verifying_everywhere())
        rounds.append(_verified_once(world.binaries, world.full().a)[1])
    return rounds, statistics.median(least)


@figure("first-link", "ms", "low")
def first_link(world):
    """A node starts beside one that runs: exec to authenticated link, real mDNS in namespaces."""
    import linking

    reason = linking.reason_to_skip()
    if reason:
        raise Skip(reason)
    rounds, limit = linking.measure(world.binaries, world.folder, world.rounds)
    return [seconds * 1000 for seconds in rounds], limit * 1000


# Bad input.


def _flooded(world):
    def make():
        import floods

        least = [floods.limit(world.folder)]
        hops, seconds, peak = floods.Flood(world, appends).run()
        least.append(floods.limit(world.folder))
        world.say(
            f"flood: {world.flood} entries in {seconds:.1f} s, {len(hops)} hops meanwhile,"
            f" the flooded node at most {peak:.0f} MiB")
        return hops, peak, statistics.median(least)

    return world.once("flood", make)


@figure("flood", "ms", "low")
def flood(world):
    """The 99th of 100 hops between two others while one peer floods the sender."""
    hops, _, least = _flooded(world)
    # Parts of the one flood stand for rounds.
    size = max(1, len(hops) // world.rounds)
    parts = [hops[at : at + size] for at in range(0, size * world.rounds, size)]
    return [_quantile(part, 0.99) for part in parts if part], least


@figure("flood-memory", "MiB", "low")
def flood_memory(world):
    """The most memory of the flooded node, beside the 80 bytes an entry that its indexes take."""
    _, peak, _ = _flooded(world)
    return [peak], 80 * world.flood / (1 << 20)


__all__ = ["FIGURES", "Skip", "Full", "Small", "appends"]
