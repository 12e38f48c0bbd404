"""The stream of events breaks, falls behind, or is refused; the node is gone and comes back."""

from cases_talk import LAST, OWN, show, talk, write
from suite import case, expect


@case("reconnects", "after a break it says so, comes back by itself, and nothing is missing")
def reconnects(stage):
    tab = talk(stage)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    stage.node.incoming("Werkstatt", "Ben Vogel", "Während du weg warst")
    stage.node.incoming("everyone", "Carla Özdemir", "Auch hier")
    write(tab, "Kommt später an")
    tab.wait_text("antwortet gerade nicht", OWN)
    stage.mock.set_away(False)
    tab.wait("!document.querySelector('.banners').innerText.includes('Keine Verbindung')")
    tab.wait_text("Während du weg warst")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle'))")
    # What could not be sent is sent now, once.
    stage.node.wait_for_call("send")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(tab.run("[...document.querySelectorAll('.message')].filter((one) => "
                   "one.innerText.includes('Kommt später an')).length") == 1, "it is there twice")


@case("lagged", "whoever read too slowly begins anew, and shows everything")
def lagged(stage):
    tab = talk(stage)
    with stage.node.lock:
        room = stage.node.group("Werkstatt")
        for number in range(3):
            message = stage.node.written(room, stage.node.member("Ben Vogel"), f"Überholt {number}",
                                         room["latest"]["ms"] + number + 1, f"lag {number}")
            stage.node.messages[room["id"]].append(message)
        stage.node.tell("lagged", cursor=f"{len(stage.node.events) + 1:016x}")
    tab.wait_text("Überholt 2", LAST)
    stage.node.incoming("Werkstatt", "Ben Vogel", "Und weiter")
    tab.wait_text("Und weiter", LAST)


@case("overtaken", "what is told while a conversation is still being read stands in it")
def overtaken(stage):
    tab = talk(stage, "@Ben Vogel")
    held = stage.node.hold_answers("read")
    count = stage.node.count("read")
    tab.run(f"location.hash = '#/g/{stage.node.group('Werkstatt')['id']}'")
    stage.node.wait_for_call("read", count=count + 1)
    own = next(one for one in reversed(stage.node.messages[stage.node.group("Werkstatt")["id"]])
               if one["own"])
    stage.node.incoming("Werkstatt", "Ben Vogel", "Mitten hinein")
    stage.node.delivered(own["entry"], 2)
    # It was heard before the answer that does not know it.
    tab.wait("[...document.querySelectorAll('[aria-live]')].some((one) => "
             "one.innerText.includes('Mitten hinein'))")
    held.set()
    tab.wait_text("Mitten hinein", LAST)
    tab.wait_text("auf 2 von", OWN)
    expect(tab.run("[...document.querySelectorAll('.message')].filter((one) => "
                   "one.innerText.includes('Mitten hinein')).length") == 1, "it is there twice")
    expect(tab.run("document.querySelector('.jump').hidden"), "it counts as unread")


@case("locked", "without its cookie the page says how to open it again")
def locked(stage):
    tab = talk(stage)
    stage.expects("401", "cookie", "ERR_")
    stage.mock.cookie = "another"
    write(tab, "Geht nicht mehr")
    tab.wait_text("Öffne Zuruf noch einmal aus dem Menü")
    tab.wait("!document.getElementById('live').textContent")
    tab.wait_text("zuruf open")


@case("away", "while the node is not there the page says so, and comes by itself when it is")
def away(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    stage.expects("503", "away")
    stage.mock.set_away(True)
    tab = stage.browser.tab(language="de-DE")
    stage.tabs.append(tab)
    tab.open(stage.mock.link())
    tab.wait_text("läuft auf diesem Rechner nicht")
    stage.mock.set_away(False)
    tab.wait("document.querySelector('.conversation .message')")


@case("presence", "who is in reach is shown as it changes, in words too")
def presence(stage):
    tab = talk(stage, "@Ben Vogel")
    tab.wait_text("Erreichbar", "document.querySelector('.head')")
    stage.node.peer("ben-pc", False)
    tab.wait_text("Nicht erreichbar", "document.querySelector('.head')")
    stage.node.peer("ben-pc", True)
    tab.wait("document.querySelector('.head .dot.here')")


@case("news", "who was added, left or came in stands among the messages")
def news(stage):
    tab = talk(stage)
    stage.node.happened("Werkstatt", "added", "Ben Vogel", "Carla Özdemir")
    tab.wait_text("Ben Vogel hat Carla Özdemir hinzugefügt",
                  "document.querySelector('.messages')")
    stage.node.happened("Werkstatt", "group-renamed", "Ben Vogel", "Ben Vogel", was="Halle\u202e")
    words = "Ben Vogel hat die Gruppe Halle⟨U+202E⟩ in Werkstatt umbenannt"
    tab.wait_text(words, "document.querySelector('.messages')")
    tab.wait_text(words, "document.getElementById('live')")
    # What a newer node says is told of as far as it can be.
    stage.node.happened("Werkstatt", "one-of-tomorrow", "Ben Vogel")
    tab.wait_text("Ben Vogel hat etwas geändert", "document.querySelector('.messages')")


@case("degraded", "each state has its words and its next step, in both languages")
def degraded(stage):
    tab = talk(stage, language="en-GB")
    words = ["waiting-for-a-key", "stored-here-only", "read-only-disk", "disk-full", "data-damaged",
             "continuity-not-proven", "copied", "joining", "ticket-refused", "limit-reached",
             "discovery-down", "no-peers", "clock-off", "newer-version", "said-removed",
             "suspended", "removed-from-group", "owners-pending", "rank-changed", "removed",
             "one-of-tomorrow"]
    for word in words:
        stage.node.degrade(word, f"detail of {word}", by="Anna", device="pc-ben", of="Ben",
                           groups="Lohn", group="Lohn", names="Anna", signed="1", needed="2")
    tab.wait("document.querySelectorAll('.banner').length >= 3")
    tab.wait_text("more notes: 18", "document.querySelector('.banners')")
    tab.click(".banner .link")
    tab.wait(f"document.querySelectorAll('.states li').length === {len(words)}")
    expect(tab.run("[...document.querySelectorAll('.states li')].every((one) => "
                   "one.querySelector('p') || one.querySelector('.buttons') "
                   "|| /one-of-tomorrow|rank/.test(one.innerText)"
                   "|| one.innerText.includes('may do'))"),
           "a state has no words of its own")
    text = tab.run("document.querySelector('.states').innerText")
    expect("{" not in text, "a sentence has an empty place")
    expect(text.count("etail of") == 1, "a state is told in the node's words")
    show(stage, tab, "Vertrieb")


@case("tabs", "many tabs share one stream; when the one that follows is closed another goes on",
      seconds=180)
def tabs(stage):
    first = talk(stage)
    others = [stage.browser.tab(language="de-DE") for _ in range(7)]
    stage.tabs += others
    for tab in others:
        tab.open(stage.mock.link())
        tab.wait("document.querySelector('.conversation .message')")
        expect(not tab.run("document.querySelector('.banner.bad')"), "it thinks it is cut off")
    expect(stage.mock.streams == 1, f"{stage.mock.streams} streams for 8 tabs")
    stage.node.incoming("Werkstatt", "Ben Vogel", "An alle Fenster")
    for tab in [first, *others]:
        tab.wait_text("An alle Fenster", LAST)
    stage.tabs.remove(first)
    first.close()
    # Written while nobody follows, or already the next one: either way it is shown.
    stage.node.incoming("Werkstatt", "Ben Vogel", "Und danach")
    for tab in others:
        tab.wait_text("Und danach", LAST)
        expect(tab.run("[...document.querySelectorAll('.message')].filter((one) => "
                       "one.innerText.includes('Und danach')).length") == 1, "it is there twice")
