"""Two things at once: answers and events, somebody who writes and somebody who goes away."""

from cases_talk import LAST, OWN, show, talk, write
from suite import case, expect

INPUT = "document.querySelector('.composer textarea').value"
TITLE = "document.querySelector('.conversation h1').innerText"


def rows_with(tab, text):
    return tab.run("[...document.querySelectorAll('.message')].filter((one) => "
                   f"one.innerText.includes({text!r})).map((one) => one.innerText)")


def far_up(stage):
    """A tab so far up in a long group that its newest pages were taken out."""
    tab = stage.office(past=3000)
    show(stage, tab, "Archiv")
    tab.wait("document.querySelectorAll('.message').length >= 60")
    for _ in range(6):
        first = tab.run("document.querySelector('.message .text').textContent")
        tab.run("document.querySelector('.timeline').scrollTop = 0")
        tab.wait(f"document.querySelector('.message .text').textContent !== {first!r}")
    return tab


@case("unsent-leave", "what could not be sent waits where it was written, while one reads elsewhere")
def unsent_leave(stage):
    tab = talk(stage)
    stage.node.fail("send", "read-only")
    write(tab, "Bitte die Presse abschalten")
    tab.wait_text("kann gerade nichts geschrieben", OWN)
    show(stage, tab, "Vertrieb")
    show(stage, tab, "Werkstatt")
    tab.wait_text("Bitte die Presse abschalten", OWN)
    tab.wait_text("kann gerade nichts geschrieben", OWN)
    tab.click(".failed .link", "Noch einmal")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    first, second = (stage.node.wait_for_call("send", count=number) for number in (1, 2))
    expect(first == second, "another id would double it")
    # One that fails only after it was left says so where one is by then.
    held = stage.node.hold("send")
    stage.node.fail("send", "read-only")
    write(tab, "Unterwegs")
    stage.node.wait_for_call("send", count=3)
    show(stage, tab, "Vertrieb")
    held.set()
    tab.wait_text("konnte nicht gesendet werden", "document.getElementById('toasts')")
    show(stage, tab, "Werkstatt")
    tab.wait_text("Unterwegs", OWN)


@case("unsent-away", "what could not be sent is sent when the node is back, whatever is shown by then")
def unsent_away(stage):
    tab = talk(stage)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    texts = [f"Kommt noch {number}" for number in range(7)]
    for text in texts:
        write(tab, text)
        tab.wait_text(text, OWN)
        tab.wait_text("antwortet gerade nicht", OWN)
    expect(len(rows_with(tab, texts[0])) == 1, "one took the place of the other")
    tab.run("location.hash = '#/people'")
    stage.mock.set_away(False)
    sent = [stage.node.wait_for_call("send", count=at + 1)["text"] for at in range(len(texts))]
    expect(sent == texts, f"sent was {sent}")
    show(stage, tab, "Werkstatt")
    tab.wait("document.querySelectorAll('.message.own .delivery.here').length >= 7")
    # What is read may come before the answer that tells whose it is: then both stand there until that.
    for text in sent:
        tab.wait(f"[...document.querySelectorAll('.message.own')]"
                 f".filter((one) => one.innerText.includes({text!r})).length === 1", 5)


@case("far-send", "what is written from far above stands at the end once, or goes back to be sent",
      seconds=120)
def far_send(stage):
    tab = far_up(stage)
    held = stage.node.hold_answers("read")
    count = stage.node.count("read")
    write(tab, "Einmal geschrieben")
    stage.node.wait_for_call("read", count=count + 1)
    held.set()
    tab.wait_text("Einmal geschrieben", OWN)
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    found = rows_with(tab, "Einmal geschrieben")
    expect(len(found) == 1 and "wird geschrieben" not in found[0], f"there is {found}")


@case("far-send-away", "what is written from far above while the node is away is not lost",
      seconds=120)
def far_send_away(stage):
    tab = far_up(stage)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung")
    write(tab, "Geht nicht verloren")
    tab.wait(f"{INPUT} === 'Geht nicht verloren'")
    stage.mock.set_away(False)
    tab.wait("!document.querySelector('.banners').innerText.includes('Keine Verbindung')")
    expect(stage.node.count("send") == 0, "it was sent, and nobody could see it")
    tab.click(".composer textarea")
    tab.key("Enter")
    tab.wait_text("Geht nicht verloren", OWN)
    expect(len(rows_with(tab, "Geht nicht verloren")) == 1, "it is there twice")


@case("seen-above", "what came last but stands above is seen with the rest")
def seen_above(stage):
    tab = talk(stage)
    with stage.node.lock:
        before = stage.node.messages[stage.node.group("Vertrieb")["id"]][-1]["time"]["ms"]
        stage.node.incoming("Vertrieb", "Ben Vogel", "Kam später an", ms=before - 1000)
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Vertrieb'))")
    show(stage, tab, "Vertrieb")
    tab.wait("![...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Vertrieb'))")
    expect(stage.node.group("Vertrieb")["unread"] == 0, "the node counts it still")


@case("seen-jump", "what was jumped down to counts as seen, and the line goes when one answers")
def seen_jump(stage):
    tab = stage.office(past=3000)
    show(stage, tab, "Archiv")
    tab.wait("document.querySelectorAll('.message').length >= 60")
    tab.run("document.querySelector('.timeline').scrollTop -= 900")
    tab.wait("!document.querySelector('.jump').hidden")
    stage.node.incoming("Archiv", "Ben Vogel", "Von eben")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Archiv'))")
    tab.click(".jump", "Eine neue Nachricht")
    tab.wait("![...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Archiv'))")
    show(stage, tab, "Vertrieb")
    tab.wait("document.querySelector('.unread-line')")
    write(tab, "Danke!")
    tab.wait("!document.querySelector('.unread-line')")


@case("direct-cross", "where both write to each other first, both are shown what the other wrote")
def direct_cross(stage):
    tab = stage.office()
    tab.click(".item .title", "Carla")
    tab.wait_text("Noch keine Nachricht")
    held = stage.node.hold("group.list")
    with stage.node.lock:
        stage.node.add_group("direct", "@Carla Özdemir", ["Carla Özdemir"])
        stage.node.incoming("@Carla Özdemir", "Carla Özdemir", "Hallo Anna, dringend")
    write(tab, "Hallo Carla")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    tab.wait_text("Hallo Anna, dringend", "document.querySelector('.messages')")
    held.set()
    tab.wait("[...document.querySelectorAll('.item[aria-current=page]')].some((one) => "
             "one.innerText.includes('Carla') && one.getAttribute('href').startsWith('#/g/'))")
    for text in ("Hallo Anna, dringend", "Hallo Carla"):
        expect(len(rows_with(tab, text)) == 1, f"{text} is there {rows_with(tab, text)}")


@case("direct-draft", "what was begun to somebody stays when they write first")
def direct_draft(stage):
    tab = stage.office()
    tab.click(".item .title", "Carla")
    tab.wait_text("Noch keine Nachricht")
    tab.click(".composer textarea")
    tab.type("Liebe Carla, wegen")
    with stage.node.lock:
        stage.node.add_group("direct", "@Carla Özdemir", ["Carla Özdemir"])
        stage.node.incoming("@Carla Özdemir", "Carla Özdemir", "Hallo Anna")
    tab.wait_text("Hallo Anna", LAST)
    show(stage, tab, "Werkstatt")
    # The list puts her in her new place a moment later, and a click would meet who stood there before.
    tab.wait("[...document.querySelectorAll('.item')].some((one) => "
             "one.querySelector('.title').innerText.includes('Carla') "
             "&& one.innerText.includes('Hallo Anna'))")
    tab.click(".item .title", "Carla")
    tab.wait(f"{INPUT} === 'Liebe Carla, wegen'")


@case("newer-told", "what is told of a page on its way down stands in it",
      seconds=120)
def newer_told(stage):
    tab = far_up(stage)
    last = int(tab.run("/\\((\\d+)\\)$/.exec([...document.querySelectorAll('.message .text')]"
                       ".at(-1).textContent)[1]"))
    expect(last < 2990, f"nothing was taken out below: {last}")
    held = stage.node.hold_answers("read")
    count = stage.node.count("read")
    tab.run("document.querySelector('.timeline').scrollTop = 1e9")
    stage.node.wait_for_call("read", count=count + 1)
    archive, ben = stage.node.group("Archiv"), stage.node.member("Ben Vogel")
    stage.node.tell("reaction", reaction={
        "entry": stage.node.past[archive["id"]].message(last + 5)["entry"],
        "group": stage.node.group_ref(archive), "reactions": [
            {"text": "🎉", "members": [{"id": ben["id"], "name": ben["name"]}], "own": False}]})
    stage.node.incoming("everyone", "Carla Özdemir", "Das ist angekommen")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle'))")
    held.set()
    tab.wait(f"[...document.querySelectorAll('.message')].find((one) => "
             f"one.innerText.includes('({last + 5})'))?.querySelector('.reaction')")


@case("react-race", "the answer to an own reaction does not take away what was told since")
def react_race(stage):
    tab = talk(stage)
    held = stage.node.hold_answers("react")
    tab.hover(".message.other", "Halle 2")
    tab.click(".message.other:hover .actions .icon-button", None)
    tab.wait("document.querySelector('.emoji-panel')")
    tab.click(".emoji-panel .emoji", "👍")
    stage.node.wait_for_call("react")
    room, ben = stage.node.group("Werkstatt"), stage.node.member("Ben Vogel")
    message = next(one for one in stage.node.messages[room["id"]]
                   if (one.get("text") or "").startswith("Ich bin heute"))
    with stage.node.lock:
        message["reactions"].append(
            {"text": "🎉", "members": [{"id": ben["id"], "name": ben["name"]}], "own": False})
        stage.node.tell("reaction", reaction={
            "entry": message["entry"], "group": stage.node.group_ref(room),
            "reactions": message["reactions"]})
    signs = ("[...document.querySelectorAll('.message')].find((one) => "
             "one.innerText.includes('Halle 2')).querySelectorAll('.reaction').length")
    tab.wait(f"{signs} === 2")
    held.set()
    # Whatever the page does with that answer it has done before the next one is shown.
    write(tab, "Danach")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(tab.run(signs) == 2, f"{tab.run(signs)} signs are left")


@case("removed-writing", "whoever is removed while writing can write no more, and keeps the text")
def removed_writing(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("Ich wollte noch sagen")
    stage.node.standing = "removed"
    stage.node.tell("changed", list="office")
    tab.wait("!document.querySelector('.composer')")
    tab.wait_text("Ich wollte noch sagen", "document.querySelector('.foot-frame')")
    expect(stage.node.count("send") == 0, "it was sent")


@case("renamed-open", "a new name reaches the messages that are open")
def renamed_open(stage):
    tab = talk(stage)
    with stage.node.lock:
        stage.node.member("Ben Vogel")["name"] = "Benjamin Vogel"
        stage.node.tell("changed", list="members")
    tab.wait("[...document.querySelectorAll('.message .author')].some((one) => "
             "one.innerText === 'Benjamin Vogel')")
    tab.wait("![...document.querySelectorAll('.message .author')].some((one) => "
             "one.innerText === 'Ben Vogel')")
