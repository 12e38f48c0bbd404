"""Real nodes whose links pass through a proxy that spoils them: what arrives, and what that costs.

First two nodes: the connection of one to the other is cut at one byte after the other, in both
directions, and the one that called is killed and started again each time. Then an office of six,
with a writer on each node, whose every connection is cut, reset, half closed, swallowed, made
deaf, stalled (a zero window), dribbled, delayed, or has bytes doubled, out of order or spoilt, as
the seed says. Once the proxy behaves everything acknowledged must be everywhere exactly once within
CALM_SECONDS; no node may have ended, grown, kept descriptors or been busy, and at rest none is.

    Tools/torture --proxied [--seconds N] [--cuts N] [--seed N] [--keep]
"""

import os
import threading
import time

from office import Writer, demands_on, found, leave, offices, on_disk, settled
from preload import NoCompiler, library
from processes import awaited
from proxy import Cut, Proxy

NAMES = ("anna", "ben", "cleo", "dora", "emil", "frida")
# A dead peer is noticed within 60 s (deadSeconds and what comes before it), a dial waits 10 s at
# most, and an address that is merely remembered is tried once in 60 s: not by its seed.
CALM_SECONDS = 75
# Beside what it had at the beginning.
MEMORY_BYTES = 48 << 20
DESCRIPTORS = 40
# Of one processor: in the weather, and at rest.
BUSY, AT_REST = 0.25, 0.03
REST_SECONDS = 10
UNSOUND = ("wrote two things at one place", "Fatal error", "damaged",
           "nothing proves which own messages")  # fmt: skip


class Meter(threading.Thread):
    """Looks at each node once a second: the most memory and the most descriptors that it had."""

    def __init__(self, nodes):
        super().__init__(daemon=True)
        self.nodes, self.stopping = nodes, False
        self.first = {node: (node.memory(), node.descriptors()) for node in nodes}
        self.most = dict(self.first)

    def run(self):
        while not self.stopping:
            for node in self.nodes:
                try:
                    now = (node.memory(), node.descriptors())
                except (OSError, AttributeError):
                    continue
                self.most[node] = tuple(map(max, self.most[node], now))
            time.sleep(1)

    def demands(self):
        for node in self.nodes:
            memory, descriptors = (
                most - first for most, first in zip(self.most[node], self.first[node]))
            yield (f"{node.name} grew by {memory >> 20} MiB" if memory > MEMORY_BYTES else None)
            yield (f"{node.name} had {descriptors} descriptors more"
                   if descriptors > DESCRIPTORS else None)


def led(nodes, proxy, preload):
    """Leads each node to each other one through the proxy."""
    for node in nodes:
        ways = [f"{other.port}>{proxy.way(node.name + '-' + other.name, other.port)}"
                for other in nodes if other is not node]  # fmt: skip
        node.environment.update(LD_PRELOAD=preload, ZURUF_DETOUR=",".join(ways))


def waited(holds, seconds):
    """How long it took until it holds; None where it did not."""
    began = time.monotonic()
    return time.monotonic() - began if awaited(holds, seconds, 0.02) else None


def linked(node):
    return {peer["device"]["name"] for peer in node.ask("status")["peers"] if peer["linked"]}


def cut_everywhere(nodes, proxy, cuts, chance):
    """Cuts at one byte after the other; gives what is wrong."""
    anna, ben = nodes
    if waited(lambda: "pc-ben" in linked(anna), 30) is None:
        return ["two nodes do not link through a proxy that behaves"]
    sizes = measured(nodes, proxy)
    if sizes is None:
        return [f"a connection of two idle nodes carries bytes for {CALM_SECONDS} s on end"]
    places = [(way, at) for way in (0, 1) for at in range(sizes[way])]
    if cuts and cuts < len(places):
        places = sorted(chance.sample(places, cuts))
    before, proxy.struck["cut"] = anna.descriptors(), 0
    due = []

    def draw(way, number):
        return Cut(*due.pop()) if way == "ben-anna" and due else None

    proxy.turn(draw)
    for place in places:
        ben.kill()
        cut = proxy.struck["cut"]
        due[:] = [place]
        ben.start()
        waited(lambda cut=cut: proxy.struck["cut"] > cut, 2)
    proxy.turn(proxy.honest)
    ben.kill()
    ben.start()
    took = waited(lambda: "pc-ben" in linked(anna) and "pc-anna" in linked(ben), CALM_SECONDS)
    cut = proxy.struck["cut"]
    print(f"proxied: {cut} of {len(places)} connections cut at their byte, of {sizes[0]} there and "
          f"{sizes[1]} back; linked {took or 0:.1f} s after the last", flush=True)
    wrong = [None if took is not None else "two nodes do not link after all the cuts",
             None if cut > len(places) * 0.9 else f"only {cut} of {len(places)} cuts took place"]
    now = anna.descriptors()
    wrong.append(f"anna holds {now} descriptors, not {before}" if now > before + 2 else None)
    return wrong


def measured(nodes, proxy):
    """How many bytes a connection carries until it is at rest, there and back; None where it never is."""
    anna, ben = nodes
    proxy.turn(lambda way, number: proxy.honest(way, number) if way == "ben-anna" else None)
    ben.kill()
    proxy.latest = None
    ben.start()
    waited(lambda: proxy.latest and "pc-ben" in linked(anna) and "pc-anna" in linked(ben), 30)
    return at_rest(lambda: tuple(proxy.latest.carried))


def at_rest(look):
    """What a look gives that is the same for a second; None where it never is within CALM_SECONDS."""
    seen, since = look(), time.monotonic()

    def is_same():
        nonlocal seen, since
        now = look()
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since >= 1

    return seen if awaited(is_same, CALM_SECONDS, 0.02) else None


def weather(nodes, proxy, seconds, chance):
    """An office whose links are spoilt for so long; gives what is wrong."""
    writers = [Writer(node, chance.random(), pause=0.3) for node in nodes]
    if waited(lambda: all(len(linked(node)) == len(nodes) - 1 for node in nodes), 30) is None:
        return ["an office does not link through a proxy that behaves"]
    meter = Meter(nodes)
    meter.start()
    proxy.turn(proxy.drawn)
    began = {node: node.processor() for node in nodes}
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    proxy.behave()
    used = {node: (node.processor() - began[node]) / seconds for node in nodes}
    calm = time.monotonic()
    for writer in writers:
        writer.stopping = True
    for writer in writers:
        writer.join(15)
    wanted = [text for writer in writers for text in writer.acknowledged]
    held = settled(nodes, wanted, CALM_SECONDS)
    took = time.monotonic() - calm
    waited(lambda: all(len(linked(node)) == len(nodes) - 1 for node in nodes), CALM_SECONDS)
    at_rest = {node: node.processor() for node in nodes}
    time.sleep(REST_SECONDS)
    rest = {node: (node.processor() - at_rest[node]) / REST_SECONDS for node in nodes}
    meter.stopping = True
    meter.join(5)
    struck = {kind: count for kind, count in proxy.struck.items() if count}
    print(f"proxied: {sum(proxy.tempers.values())} connections, struck: {struck}")
    print(f"proxied: {len(wanted)} acknowledged in {seconds} s, all everywhere {took:.1f} s after "
          "the proxy behaved")
    for node in nodes:
        first, most = meter.first[node], meter.most[node]
        print(f"proxied: {node.name}: {first[0] >> 20} MiB, {most[0] >> 20} at most; {first[1]} "
              f"descriptors, {most[1]} at most, {node.descriptors()} at rest; "
              f"{used[node]:.1%} of a processor in the weather, {rest[node]:.1%} at rest")
    wrong = demands_on(nodes, held, wanted, UNSOUND) + list(meter.demands())
    wrong.append(None if took < CALM_SECONDS else f"it took {took:.0f} s")
    for writer in writers:
        least = seconds
        wrong.append(f"{writer.node.name} acknowledged {len(writer.acknowledged)} in {seconds} s"
                     if len(writer.acknowledged) < least else None)
    for node in nodes:
        left = node.descriptors() - meter.first[node][1]
        wrong.append(f"{node.name} keeps {left} descriptors" if left > 2 else None)
        wrong.append(f"{node.name} took {used[node]:.0%} of a processor"
                     if used[node] > BUSY else None)  # fmt: skip
        wrong.append(f"{node.name} takes {rest[node]:.1%} of a processor at rest"
                     if rest[node] > AT_REST else None)  # fmt: skip
        code = node.process.poll()
        wrong.append(f"{node.name} ended with {code}" if code is not None else None)
    return wrong


def run(seconds, cuts, chance, options):
    """The whole of it; gives what is wrong, with None for each demand that is met."""
    folder, kind = on_disk()
    print(f"proxied: seed {options.seed}, {seconds} s, on {kind}", flush=True)
    demands, started = ["it did not come to its end"], []
    proxy = Proxy(options.seed)
    try:
        preload = library(folder, os.path.join(os.path.dirname(__file__), "detour.c"))
        stories = [(NAMES[:2], lambda nodes: cut_everywhere(nodes, proxy, cuts, chance)),
                   (NAMES, lambda nodes: weather(nodes, proxy, seconds, chance))]  # fmt: skip
        done = []
        for number, (names, story) in enumerate(stories):
            place = os.path.join(folder, str(number))
            os.mkdir(place, 0o700)
            nodes = offices(place, names)
            started += nodes
            proxy.turn(proxy.honest)
            led(nodes, proxy, preload)
            for node in nodes:
                node.start()
            found(nodes)
            done += story(nodes)
            for node in nodes:
                node.stop()
        demands = done
    except NoCompiler as error:
        demands = [str(error)]
    finally:
        for node in started:
            node.stop()
        proxy.close()
        leave(folder, "proxied", options.keep or any(demands))
    return demands
