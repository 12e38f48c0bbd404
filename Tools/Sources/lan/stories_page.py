"""Stories told by people who know the page alone: a real browser on each host, real nodes, real mDNS.

A person's clicks are counted. What a program must do between two clicks is timed, not what a person
needs to read.
"""

import json
import time

import browser
from host import USERS
from process import Mistake, Skip
from stories_office import Node, s, until
from story import expect, story

# From the click on Join to a colleague's first message on the screen, and the clicks of each.
FIRST_DAY_SECONDS = 5


class Desk(Node):
    """A workstation: the node of one person with its page, and a browser on the same computer."""

    def __init__(self, host, user, language="de-DE"):
        if browser.program() is None:
            raise Skip("there is no Chromium")
        self.language, self.browser, self.tab, self.clicks = language, None, None, 0
        super().__init__(host, user=user)

    def start(self):
        command = ["zuruf-desk", "--config", "/dev/null", *self.places, "--socket", self.socket]
        self.daemon = self.host.start(command, user=self.user, name=f"{self.name}-desk")
        until(lambda: self.zuruf("status", check=False).status != 3, 15, "no node answers")
        return self.daemon.started

    def link(self):
        return self.zuruf("open", "--print").out.strip()

    def open(self, **look):
        """A window on the page, as after a click on its icon."""
        self.browser = browser.Browser(
            prefix=self.host._enter(self.user), owner=USERS[self.user],
            environment=self.host._environment(self.user, None),
        )  # fmt: skip
        self.tab = self.browser.tab(**{"language": self.language, **look})
        self.tab.open(self.link())
        self.clicks += 1
        self.tab.wait("document.querySelector('main h1')")
        return self.tab

    def click(self, selector, text=None):
        self.tab.click(selector, text)
        self.clicks += 1

    def talks(self, text=None):
        """Opens a conversation of the list, the first one or that of `text`, as who then reads it."""
        self.tab.click(".list .item .title", text)
        # Its address is told to the page a moment later: what is typed before is for another.
        self.tab.wait(f"({browser.found('.list .item .title', text)})?.closest('[aria-current]')")

    def shows(self, text, seconds=20):
        self.tab.wait(f"[...document.querySelectorAll('.bubble .text')].some((one) => "
                      f"one.innerText === {json.dumps(text)})", seconds)  # fmt: skip

    def says(self, text):
        self.tab.wait("document.querySelector('.composer textarea')")
        self.tab.run("document.querySelector('.composer textarea').focus()")
        self.tab.type(text)
        self.tab.key("Enter")

    def digits(self):
        return self.tab.wait("[...document.querySelectorAll('.digits [aria-hidden]')]"
                             ".map((one) => one.innerText).join('')")  # fmt: skip

    def close(self):
        """Closes the window; what went wrong in it is a mistake of the page."""
        if self.browser is None:
            return
        problems = [each for each in self.tab.problems if "net::ERR_" not in each]
        try:
            self.browser.close()
        finally:
            self.browser = None
        expect(not problems, f"{self.name}'s page: {problems}")


class Desks:
    """Those who take part; their windows are closed whatever happened."""

    def __init__(self, lab, *people, **languages):
        self.lab = lab
        hosts = lab.hosts(*people)
        self.all = [Desk(host, name, languages.get(name, "de-DE"))
                    for host, name in zip(hosts, people)]  # fmt: skip

    def __enter__(self):
        return self.all

    def __exit__(self, kind, error, _trace):
        mistakes = []
        for desk in self.all:
            try:
                if kind is not None and desk.tab is not None and desk.browser is not None:
                    print(f"    {desk.name}'s page: {desk.tab.describe()}")
                desk.close()
            except (Mistake, browser.BrowserFault) as mistake:
                mistakes.append(mistake)
        if kind is None and mistakes:
            raise mistakes[0]


def founds(desk, office="Müller GmbH"):
    """Founds an office from its page, with the two fields that are asked."""
    desk.tab.click(".found .button")
    desk.tab.wait("document.activeElement.matches('.form input')")
    desk.tab.type(office)
    desk.tab.key("Enter")
    desk.tab.wait("document.querySelector('.list .item')")


def meet(anna, ben):
    """An office of two, with a window on each computer; Ben's shows everyone's group."""
    anna.open()
    founds(anna)
    ben.zuruf("join", anna.ticket(), "--name", "Ben", "--device", "pc-ben")
    ben.open()
    ben.talks()


def holds_door(desk):
    desk.click(".rail a[href='#/admit']")
    desk.click(".door-state .button.primary")
    desk.tab.wait("document.querySelector('.door-card.open')")


def lets_in(sponsor, newcomer, returns=False):
    """The newcomer clicks once, both look at six digits, the sponsor clicks once.

    Who `returns` is asked before what is there of the office is set aside.
    """
    newcomer.tab.wait("document.querySelector('.door-list .button')", 30)
    newcomer.click(".door-list .button")
    if returns:
        newcomer.click("dialog .button.primary")
    began = time.monotonic()
    shown = newcomer.digits()
    expect(len(shown) == 6 and shown.isdigit(), f"the digits are {shown!r}")
    expect(sponsor.digits() == shown, "the digits differ")
    sponsor.click(".request .button.primary")
    newcomer.tab.wait("document.querySelector('.list .item')")
    return began


@story("page-first-day", "three windows: an office is founded, two come in by one click each, and talk", 150)
def first_day(lab):
    with Desks(lab, "anna", "ben", "carla", carla="en-GB") as (anna, ben, carla):
        for desk in (anna, ben, carla):
            desk.open()
        # Before a door is open each says so, in its language, with the next step.
        ben.tab.wait_text("Keine offene Tür in diesem Netz")
        founds(anna)
        ready = anna.clicks
        holds_door(anna)
        ready = anna.clicks - ready
        opened = time.monotonic()
        ben.tab.wait("document.querySelector('.door-list .button')", 30)
        found = time.monotonic() - opened
        ben.tab.wait_text("Müller GmbH")
        took = []
        for newcomer, text in ((ben, "Willkommen, Ben!"), (carla, "Welcome, Carla!")):
            before = anna.clicks
            began = lets_in(anna, newcomer)
            clicks = (newcomer.clicks, anna.clicks - before)
            anna.click(".rail a[href='#/']")
            anna.says(text)
            newcomer.shows(text)
            took.append(time.monotonic() - began)
            # The newcomer's from the icon on; of the sponsor's only the yes is left by then.
            expect((newcomer.clicks, *clicks) == (2, 2, 1), f"it took {newcomer.clicks}, {clicks}")
            anna.click(".rail a[href='#/admit']")
            anna.tab.wait("document.querySelector('.door-card')")
        expect(max(took) < FIRST_DAY_SECONDS, f"from Join to the first message: {s(*took)}")
        # Everyone talks with everyone, in words that say how far it came.
        ben.says("Hallo zusammen")
        for desk in (anna, carla):
            desk.tab.run("location.hash = '#/'")
            desk.talks()
            desk.shows("Hallo zusammen")
        ben.tab.wait("document.querySelector('.foot')")
        return (f"the door found after {s(found)}; Join to first message {s(*took)}; 2 clicks from the icon, "
                f"1 of the sponsor, who needed {ready} to hold the door open")


@story("page-reboot", "a host is switched off and on: its window finds all that was said meanwhile", 120)
def reboot(lab):
    with Desks(lab, "anna", "ben") as (anna, ben):
        meet(anna, ben)
        ben.says("vor dem Neustart")
        anna.talks()
        anna.shows("vor dem Neustart")
        ben.tab.wait("document.querySelector('.foot')")
        ben.browser.close()
        ben.browser = None
        ben.host.power_off()
        anna.says("während Ben aus ist")
        anna.shows("während Ben aus ist")
        # Presence of devices: Anna's page says that Ben is away.
        anna.tab.run("location.hash = '#/people'")
        anna.tab.wait("document.querySelector('.folk')")
        ben.host.power_on()
        ben.start()
        ben.open()
        ben.talks()
        for text in ("vor dem Neustart", "während Ben aus ist"):
            ben.shows(text)
        ben.says("wieder da")
        anna.tab.run("location.hash = '#/'")
        anna.talks()
        anna.shows("wieder da")


@story("page-restart", "a node begins anew under an open window: it says so, and a fresh link goes on", 90)
def restart(lab):
    with Desks(lab, "anna") as (anna,):
        anna.open()
        founds(anna)
        anna.talks()
        anna.says("eins")
        anna.shows("eins")
        anna.daemon.stop()
        anna.start()
        # Its cookie is no longer worth anything: the page says what to do.
        anna.tab.wait("document.querySelector('main.plain')", 30)
        anna.tab.open(anna.link())
        anna.tab.wait("document.querySelector('.list .item')")
        anna.talks()
        anna.shows("eins")
        anna.tab.problems.clear()


def removes(desk, name):
    """Removes somebody from the office, by clicks."""
    desk.tab.run("location.hash = '#/people'")
    desk.tab.click(".folk summary", name)
    desk.tab.click(".folk details[open] .danger-quiet")
    desk.tab.wait("document.querySelector('dialog .button.danger')")
    desk.tab.click("dialog .button.danger")
    desk.tab.wait("!document.querySelector('dialog')")


@story("page-returns", "who was removed comes back by a button and the door; what two wrote stays readable", 150)
def returns(lab):
    with Desks(lab, "anna", "ben") as (anna, ben):
        meet(anna, ben)
        ben.talks("Anna")
        ben.says("unter uns")
        ben.shows("unter uns")
        anna.talks("Ben")
        anna.shows("unter uns")
        removes(anna, "Ben")
        anna.tab.run("location.hash = '#/'")
        anna.talks("Ben (entfernt)")
        anna.shows("unter uns")
        anna.tab.wait_text("Ben (entfernt)", "document.querySelector('.head')")
        expect(not anna.tab.run("document.querySelector('.composer')"), "something can be written")
        # His window says so; opened again it does as well, is connected, and knows the office.
        ben.tab.wait_text("hat diesen Rechner aus dem Büro entfernt",
                          "document.querySelector('.banners')")  # fmt: skip
        ben.tab.open(ben.link())
        ben.tab.wait_text("Müller GmbH", "document.querySelector('.list-head')")
        ben.tab.wait("performance.getEntriesByName('zuruf-ready').length > 0")
        ben.tab.wait_text("Anna hat diesen Rechner aus dem Büro entfernt",
                          "document.querySelector('.banners')")  # fmt: skip
        expect(len(ben.tab.run("[...document.querySelectorAll('.banner.bad')]"
                               ".map((one) => one.innerText)")) == 1, "another banner is there")
        holds_door(anna)
        ben.clicks = 0
        ben.click(".banner a", "Wieder beitreten")
        # Until he knocks he has what he had.
        expect(ben.reads("unter uns", "@Anna") == 1, "it was set aside before there was a way in")
        lets_in(anna, ben, returns=True)
        back = ben.clicks
        anna.tab.run("location.hash = '#/'")
        anna.talks()
        anna.says("willkommen zurück")
        ben.talks()
        ben.shows("willkommen zurück")
        return f"{back} clicks"


@story("page-removed", "somebody is removed from the page: their window says so, and gets nothing more", 120)
def removed(lab):
    with Desks(lab, "anna", "ben") as (anna, ben):
        meet(anna, ben)
        removes(anna, "Ben")
        ben.tab.wait("document.body.innerText.includes('entfernt')", 30)
        anna.tab.run("location.hash = '#/'")
        anna.talks()
        anna.says("ohne Ben")
        anna.shows("ohne Ben")
        expect(ben.reads("ohne Ben") == 0, "who was removed reads on")


@story("page-keys", "without a mouse: an office is founded, a message written, by keys alone", 90)
def keys(lab):
    with Desks(lab, "anna") as (anna,):
        tab = anna.open()

        def reach(condition):
            """Goes on with Tab until what has the focus fits."""
            for _ in range(60):
                if tab.run(f"((one) => {condition})(document.activeElement)"):
                    return
                tab.key("Tab")
            raise Mistake(f"not reached by keys: {condition}")

        reach("one.matches('.found .button')")
        tab.key("Enter")
        tab.wait("document.activeElement.matches('.form input')")
        tab.type("Müller GmbH")
        tab.key("Enter")
        tab.wait("document.querySelector('.list .item')")
        reach("one.matches('.list .item')")
        tab.key("Enter")
        reach("one.matches('.composer textarea')")
        tab.type("nur mit Tasten")
        tab.key("Enter")
        anna.shows("nur mit Tasten")
