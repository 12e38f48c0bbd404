"""The figures of the page: real browsers, real `zuruf-desk`, on loopback."""

import os
import subprocess
import time

import browser
from figures import Skip, _quantile, figure
from node import Node, wait_until
from ports import free_ports

# Sent in one page to shown in another, so many times a round.
HOPS = 100
FOLLOW = """window.seen = {};
  new MutationObserver(() => {
    const now = performance.timeOrigin + performance.now();
    for (const one of document.querySelectorAll('.bubble .text')) seen[one.innerText] ??= now;
  }).observe(document.body, { childList: true, subtree: true, characterData: true })"""
PRESSED = """addEventListener('keydown', (event) => {
    if (event.key === 'Enter') window.pressed = performance.timeOrigin + performance.now();
  }, true)"""


class Desk(Node):
    """A node with its page."""

    program = "zuruf-desk"

    def __init__(self, *words):
        super().__init__(*words)
        self.options = ("--page-port", str(free_ports(1)[0]))

    def link(self):
        done = subprocess.run(
            [os.path.join(self.binaries, "zuruf"), "--socket", self.socket, "open", "--print"],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return done.stdout.strip()

    def open(self, window):
        """A window in which the group of everyone is shown."""
        tab = window.tab(language="de-DE")
        tab.open(self.link())
        tab.wait("document.querySelector('.list .item')")
        tab.click(".list .item")
        tab.wait("document.querySelector('.composer textarea')")
        return tab


def _window(world, name="first"):
    """A browser; a window that is behind another one of the same is drawn once a second."""
    if browser.program() is None:
        raise Skip("there is no Chromium")
    return world.once(f"browser {name}", lambda: world.closing(browser.Browser()))


def _pair(world):
    """Two desks in one office, linked."""

    def make():
        folder = os.path.join(world.folder, "desks")
        os.makedirs(folder, mode=0o700)
        a = Desk(world.binaries, folder, "a")
        b = Desk(world.binaries, folder, "b", [f"127.0.0.1:{a.port}"])
        world.nodes += [a, b]
        a.start()
        b.start()
        a.ask("office.new", office="Werk", name="Anna", device="a")
        b.ask("join", ticket=a.ask("ticket.new", kind="member", groups=[])["text"], name="Ben",
              device="b")  # fmt: skip
        wait_until(lambda: b.ask("group.list")["groups"], "everyone's group")
        return a, b

    return world.once("desks", make)


def _page_hops(world):
    """Milliseconds from the press of Enter in one page to the text in the other, in rounds."""

    def make():
        a, b = _pair(world)
        writing, reading = a.open(_window(world)), b.open(_window(world, "second"))
        writing.run(PRESSED)
        reading.run(FOLLOW)
        rounds = []
        for number in range(world.rounds):
            values = []
            for step in range(HOPS if world.rounds > 1 else 5):
                words = f"hop {number} {step}."
                # The page in front is the one in which somebody types; both are drawn.
                writing.run("document.querySelector('.composer textarea').focus()")
                writing.type(words)
                writing.key("Enter")
                shown = reading.wait(f"window.seen[{words!r}]")
                values.append(shown - writing.run("window.pressed"))
            rounds.append(values)
        call = writing.run("""(async () => {
          const times = [];
          for (let one = 0; one < 50; one += 1) {
            const began = performance.now();
            await (await fetch('/rpc', { method: 'POST',
              headers: { 'Content-Type': 'application/json' },
              body: '{"jsonrpc":"2.0","id":1,"method":"group.list"}' })).json();
            times.push(performance.now() - began);
          }
          return times.sort((a, b) => a - b)[25];
        })()""", waits=True)
        writing.close()
        reading.close()
        return rounds, call

    return world.once("page-hops", make)


@figure("page-hop-p50", "ms", "low")
def page_hop_p50(world):
    # The limit is one call of a page to its own node.
    rounds, limit = _page_hops(world)
    return [_quantile(values, 0.5) for values in rounds], limit


@figure("page-hop-p99", "ms", "low")
def page_hop_p99(world):
    rounds, limit = _page_hops(world)
    return [_quantile(values, 0.99) for values in rounds], limit


def _opened(world):
    """A page of 100,000 messages: milliseconds to its first message, KB, and MiB of the node."""

    def make():
        window = _window(world)
        full = world.full()
        full.a.stop()
        desk = Desk.__new__(Desk)
        desk.__dict__.update(full.a.__dict__)
        desk.options = ("--page-port", str(free_ports(1)[0]))
        world.nodes.append(desk)
        desk.start()
        group = desk.ask("group.list")["groups"][0]["id"]
        rounds, weights, blank = [], [], []
        for _ in range(world.rounds + 1):
            tab = window.tab(language="de-DE")
            tab.open(desk.link())
            tab.run(f"location.hash = '#/g/{group}'")
            tab.wait("document.querySelectorAll('.bubble').length > 5")
            # The cookie is there now: what a window costs that is opened again, at this place.
            place = tab.run("location.href")
            tab.call("Page.addScriptToEvaluateOnNewDocument", source="""
              new MutationObserver((_, self) => {
                if (!document.querySelector('.bubble')) return;
                self.disconnect();
                requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
              }).observe(document, { childList: true, subtree: true })""")
            tab.open("about:blank")
            tab.requests.clear()
            tab.open(place)
            rounds.append(tab.wait("window.painted"))
            weights.append(tab.run("""[...performance.getEntriesByType('resource'),
              ...performance.getEntriesByType('navigation')].filter((one) =>
              !one.name.endsWith('/rpc') && !one.name.endsWith('/events'))
              .reduce((sum, one) => sum + one.encodedBodySize, 0)""") / 1000)
            elsewhere = [url for url in tab.requests if not url.startswith(place.split("/#")[0])]
            assert not elsewhere, f"the page asks elsewhere: {elsewhere}"
            memory = desk.resident() / 2**20
            # As the page before it: in a process that the browser makes for it.
            tab.open("about:blank")
            tab.open(place.split("/#")[0] + "/icon.svg")
            blank.append(tab.run("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            tab.close()
        desk.stop()
        return rounds[1:], weights[1:], memory, sorted(blank)[len(blank) // 2]

    return world.once("page-opened", make)


@figure("page-open", "ms", "low")
def page_open(world):
    # The limit is the time of a picture alone.
    rounds, _, _, blank = _opened(world)
    return rounds, blank


@figure("page-weight", "KB", "low")
def page_weight(world):
    return _opened(world)[1], 200


@figure("desk-memory", "MiB", "low")
def desk_memory(world):
    """At rest with one page open; the limit is the node without its page."""
    memory = _opened(world)[2]
    full = world.full()
    full.a.start()
    time.sleep(1)
    return [memory], full.a.resident() / 2**20
