"""What stands in a conversation beside what can be read: what happened, and what is closed here."""

from cases_talk import show, talk
from fakeoffice import DAY, now
from suite import case, expect

#: What stands in a timeline from top to bottom: days, notes and messages.
LINES = """[...document.querySelectorAll(
  '.messages .day, .messages .note, .closed-before p, .bubble .text')].map((one) => one.innerText)"""


@case("news-past", "what happened stands among the messages of then, also when they are read later")
def news_past(stage):
    tab = stage.office()
    base = now() - 7_200_000
    stage.node.happened("Werkstatt", "added", "Ben Vogel", "Dirk Hansen", ms=base + 400_000,
                        is_told=False)
    stage.node.happened("everyone", "renamed", "Carla Özdemir", "Carla Özdemir", ms=base,
                        is_told=False, was="Carla Meier")
    show(stage, tab, "Werkstatt")
    tab.wait_text("Ben Vogel hat Dirk Hansen hinzugefügt")
    lines = tab.run(LINES)
    at = lines.index("Ben Vogel hat Dirk Hansen hinzugefügt")
    expect("Endschalter bestellen" in lines[at - 1] and "Bestellt" in lines[at + 1], f"{lines}")
    expect("Carla Meier" not in str(lines), "what concerns the office stands in a group")
    show(stage, tab, "everyone")
    tab.wait_text("Carla Meier heißt jetzt Carla Özdemir")
    expect(tab.run(LINES)[-1].startswith("Carla Meier"), "it happened after all messages")
    # Live and read meet: it stands there once, however often.
    stage.node.happened("everyone", "left", "Dirk Hansen", "Dirk Hansen")
    tab.wait_text("Dirk Hansen hat das Büro verlassen")
    stage.mock.set_away(True)
    stage.mock.wait_for_no_stream()
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(False)
    reads = stage.node.count("read")
    stage.mock.wait_for_stream()
    stage.node.wait_for_call("read", count=reads + 1)
    stage.node.incoming("everyone", "Ben Vogel", "Schade.")
    tab.wait_text("Schade.", "document.querySelector('.messages')")
    lines = tab.run(LINES)
    expect(sum("verlassen" in one for one in lines) == 1, f"twice: {lines}")
    expect(sum("heißt jetzt" in one for one in lines) == 1, f"twice: {lines}")


@case("news-called", "what happened stands there once also where all are called otherwise since")
def news_called(stage):
    tab = talk(stage)
    stage.node.happened("Werkstatt", "added", "Ben Vogel", "Dirk Hansen")
    tab.wait_text("Ben Vogel hat Dirk Hansen hinzugefügt")
    with stage.node.lock:
        group = stage.node.group("Werkstatt")
        group["title"] = "Halle 2"
        stage.node.member("Ben Vogel")["name"] = "Benjamin Vogel"
        for news in stage.node.news[group["id"]]:
            news["group"]["title"] = "Halle 2"
            news["by"]["name"] = "Benjamin Vogel"
        stage.node.tell("changed", list="members")
        stage.node.tell("changed", list="groups")
    stage.mock.set_away(True)
    stage.mock.wait_for_no_stream()
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(False)
    tab.wait_text("Benjamin Vogel hat Dirk Hansen hinzugefügt",
                  "document.querySelector('.messages')")
    lines = tab.run(LINES)
    expect(sum("hinzugefügt" in one for one in lines) == 1, f"more than once: {lines}")


@case("news-own", "what oneself did in a group stands there at once, though nobody tells of it")
def news_own(stage):
    tab = talk(stage)
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=add]")
    tab.click("dialog label", "Carla")
    tab.click("dialog .button.primary")
    tab.wait_text("Anna Weber hat Carla Özdemir hinzugefügt",
                  "document.querySelector('.messages')")


@case("news-pages", "what happened comes with the page of its time, and once")
def news_pages(stage):
    tab = stage.office(past=2000)
    archive = stage.node.group("Archiv")
    past = stage.node.past[archive["id"]]
    times = [past.message(index)["time"]["ms"] for index in (1890, 1950, 1995)]
    for number, ms in enumerate(times):
        stage.node.happened("Archiv", "renamed", "Ben Vogel", "Ben Vogel", ms=ms + 1000,
                            is_told=False, was=f"Ben {number}")
    show(stage, tab, "Archiv")
    tab.wait_text("Ben 2 heißt jetzt")
    tab.run("document.querySelector('.timeline').scrollTop = 0")
    tab.wait_text("Ben 1 heißt jetzt")
    tab.run("document.querySelector('.timeline').scrollTop = 0")
    tab.wait_text("Ben 0 heißt jetzt")
    lines = tab.run(LINES)
    for number, index in enumerate((1890, 1950, 1995)):
        found = [at for at, one in enumerate(lines) if one.startswith(f"Ben {number} heißt jetzt")]
        expect(len(found) == 1, f"{number} stands at {found}")
        expect(lines[found[0] - 1].endswith(f"({index})"), f"behind {lines[found[0] - 1]}")


@case("news-again", "what happens once more stands there once more, also while a page is on its way")
def news_again(stage):
    tab = stage.office()
    words = "Ben Vogel hat Carla Özdemir hinzugefügt"
    stage.node.happened("Werkstatt", "added", "Ben Vogel", "Carla Özdemir", is_told=False,
                        ms=now() - 3_600_000)
    # The first page is made before it happens again, and comes after.
    reads, held = stage.node.count("read"), stage.node.hold_answers("read")
    tab.run(f"location.hash = '#/g/{stage.node.group('Werkstatt')['id']}'")
    stage.node.wait_for_call("read", count=reads + 1)
    stage.node.happened("Werkstatt", "added", "Ben Vogel", "Carla Özdemir")
    tab.wait_text(words, "document.getElementById('live')")
    held.set()
    del stage.node.late["read"]
    tab.wait_text("Schlussdienst", "document.querySelector('.messages')")
    tab.wait(f"{LINES}.filter((one) => one === {words!r}).length === 2")
    for word in ("removed", "added"):
        stage.node.happened("Werkstatt", word, "Ben Vogel", "Carla Özdemir")
    tab.wait(f"{LINES}.filter((one) => one === {words!r}).length === 3")


@case("news-before", "what happened while one was in a group stands there, though one was out since")
def news_before(stage):
    tab = stage.office()
    at = now() - 2 * DAY
    base = at - 7_200_000

    def happened(word, name, minutes):
        stage.node.happened("Vertrieb", word, "Ben Vogel", name, is_told=False,
                            ms=base + minutes * 60_000)

    room = stage.node.group("Vertrieb")
    stage.node.say(room, stage.node.member("Ben Vogel"), "Willkommen!", base + 120_000)
    happened("added", "Dirk Hansen", 0)
    happened("added", "Anna Weber", 1)
    happened("removed", "Dirk Hansen", 3)
    happened("removed", "Anna Weber", 4)
    stage.node.close_off("Vertrieb", "Carla Özdemir", 3, base + 300_000)
    happened("added", "Dirk Hansen", 6)
    happened("added", "Anna Weber", 9)
    show(stage, tab, "Vertrieb")
    tab.wait_text("(3 Nachrichten)")
    lines = [one for one in tab.run(LINES) if "Vogel" in one or "Nachrichten" in one]
    expect([one.split(" ")[3] if "Vogel" in one else one[-15:] for one in lines]
           == ["dich", "Dirk", "dich", "3 Nachrichten).", "dich"], f"{lines}")


@case("closed-run", "what was written before this computer came is one line, and offers nothing")
def closed_run(stage):
    tab = stage.office()
    stage.node.close_off("Vertrieb", "Carla Özdemir", 150, now() - 3 * DAY)
    stage.node.happened("Vertrieb", "added", "Ben Vogel", "Carla Özdemir", is_told=False,
                        ms=now() - 3 * DAY + 60_500)
    show(stage, tab, "Vertrieb")
    tab.wait_text("Was vorher geschrieben wurde, ist hier nicht zu lesen (150 Nachrichten).")
    lines = tab.run(LINES)
    expect(sum("vorher" in one for one in lines) == 1 and len(lines) == 5, f"{lines}")
    expect(tab.run("document.querySelectorAll('.message').length") == 3, "a bubble for each")
    expect(tab.run("document.querySelectorAll('.messages .actions').length") == 2,
           "one can answer what one cannot read")
    # One more that comes late stands in the same line.
    show(stage, tab, "Werkstatt")
    stage.node.close_off("Vertrieb", "Carla Özdemir", 1, now() - 4 * DAY)
    show(stage, tab, "Vertrieb")
    tab.wait_text("(151 Nachrichten)")
    return f"{stage.node.count('read')} pages"


@case("closed-live", "what comes and is closed here is counted in the line that is there")
def closed_live(stage):
    tab = stage.office()
    stage.node.close_off("Vertrieb", "Carla Özdemir", 1, now() - 1000)
    show(stage, tab, "Vertrieb")
    tab.wait_text("(eine Nachricht)")
    room, carla = stage.node.group("Vertrieb"), stage.node.member("Carla Özdemir")
    for number in range(3):
        message = stage.node.written(room, carla, None, now(), f"closed {number}")
        message["absence"] = "before-joining"
        stage.node.messages[room["id"]].append(message)
        stage.node.tell("message", message=message)
    tab.wait_text("(4 Nachrichten)")
    stage.node.incoming("Vertrieb", "Carla Özdemir", "Und jetzt?")
    tab.wait_text("Und jetzt?", "document.querySelector('.messages')")
    expect(tab.run(LINES)[-2:] == [
        "Was vorher geschrieben wurde, ist hier nicht zu lesen (4 Nachrichten).", "Und jetzt?"],
        f"{tab.run(LINES)}")


@case("closed-key", "what cannot be read yet has no buttons")
def closed_key(stage):
    tab = talk(stage)
    tab.wait_text("Noch nicht lesbar")
    expect(tab.run("""[...document.querySelectorAll('.message')].every((one) =>
      Boolean(one.querySelector('.absent')) !== Boolean(one.querySelector('.actions')))"""),
        "one can react to what one cannot read")


@case("news-break", "what happened above what is shown comes with the page it stands in, also after a break")
def news_break(stage):
    tab = stage.office()
    room, ben = stage.node.group("Vertrieb"), stage.node.member("Ben Vogel")
    base = now() - 3_600_000
    with stage.node.lock:
        stage.node.messages[room["id"]].clear()
        room["unread"] = 0
        for number in range(50):
            text = f"Nummer {number}\n" + "Zeile\n" * 25
            stage.node.say(room, ben, text, base + number * 60_000)
        stage.node.happened("Vertrieb", "added", "Ben Vogel", "Dirk Hansen", is_told=False,
                            ms=base + 10 * 60_000 + 30_000)
    show(stage, tab, "Vertrieb")
    tab.wait_text("Nummer 49", "document.querySelector('.messages')")
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    stage.mock.wait_for_no_stream()
    count = stage.node.count("read")
    stage.mock.set_away(False)
    stage.mock.wait_for_stream()
    stage.node.wait_for_call("read", count=count + 1)
    rows = ("[...document.querySelectorAll('.messages .note, .messages .message .text')]"
            ".map((one) => one.innerText.slice(0, 9).trim())")
    tab.wait(f"document.querySelector('.timeline').scrollTop = 0, {rows}.includes('Nummer 10')")
    tab.wait(f"document.querySelector('.timeline').scrollTop = 0, {rows}.includes('Nummer 0')")
    lines = tab.run(rows)
    at = next(at for at, one in enumerate(lines) if one.startswith("Ben Vogel"))
    expect(lines[at - 1] == "Nummer 10", f"it stands behind {lines[at - 1]!r}")
