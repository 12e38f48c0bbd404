"""What was written and is not sent, or was begun: it is lost by no reload, break or other tab."""

from cases_races import INPUT, rows_with
from cases_tabs import another
from cases_talk import OWN, show, talk, write
from suite import case, expect


@case("unsent-reload", "what could not be sent is there after the page is loaded anew, and is sent once")
def unsent_reload(stage):
    tab = talk(stage)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    texts = [f"Vor dem Neuladen {number}" for number in range(3)]
    for text in texts:
        write(tab, text)
        tab.wait_text(text, OWN)
        tab.wait_text("antwortet gerade nicht", OWN)
    # One that is on its way while the page goes may be durable: its id keeps it from doubling.
    tab.open(stage.mock.link())
    tab.wait_text("läuft auf diesem Rechner nicht")
    stage.mock.set_away(False)
    sent = [stage.node.wait_for_call("send", count=at + 1)["text"] for at in range(len(texts))]
    expect(sent == texts, f"sent was {sent}")
    show(stage, tab, "Werkstatt")
    for text in texts:
        tab.wait_text(text, "document.querySelector('.messages')")
        expect(len(rows_with(tab, text)) == 1, f"{text} is there twice")


@case("unsent-on-its-way", "a message that was on its way while the page was loaded anew is there once")
def unsent_on_its_way(stage):
    tab = talk(stage)
    held = stage.node.hold_answers("send")
    write(tab, "Unterwegs")
    first = stage.node.wait_for_call("send")
    tab.open(stage.mock.link())
    second = stage.node.wait_for_call("send", count=2)
    held.set()
    expect(first["id"] == second["id"], "another id would double it")
    show(stage, tab, "Werkstatt")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(len(rows_with(tab, "Unterwegs")) == 1, "it is there twice")


@case("locked-joins", "what a locked tab leaves stands beside what was begun in the next one, and in no third",
      seconds=90)
def locked_joins(stage):
    first = talk(stage)
    stage.expects("401", "cookie", "503", "away", "ERR_")
    stage.mock.set_away(True)
    first.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    write(first, "Nicht gesendet")
    first.wait_text("antwortet gerade nicht", OWN)
    first.click(".composer textarea")
    first.type("Eine lange Nachricht, fast fertig")
    stage.mock.renew()
    stage.mock.set_away(False)
    first.wait_text("Öffne Zuruf noch einmal")
    group = stage.node.group("Werkstatt")["id"]
    second = stage.browser.tab(language="de-DE")
    stage.tabs.append(second)
    # As whoever types before the stream of events is asked for.
    second.call("Page.addScriptToEvaluateOnNewDocument", source=f"""
      sessionStorage['zuruf-drafts'] ??= JSON.stringify([[{group!r}, 'Ha']]);""")
    second.open(stage.mock.link())
    second.wait("document.querySelector('.conversation .message')")
    show(stage, second, "Werkstatt")
    second.wait(f"{INPUT} === 'Eine lange Nachricht, fast fertig\\nHa'")
    second.wait_text("Nicht gesendet", OWN)
    second.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(stage.node.count("send") == 1, "it was sent more than once")
    first.wait("sessionStorage['zuruf-drafts'] === '[]' && sessionStorage['zuruf-outbox'] === '[]'")
    third = another(stage)
    third.wait("document.querySelector('.conversation .message')")
    show(stage, third, "Werkstatt")
    expect(third.run(INPUT) == "", f"a third tab has {third.run(INPUT)!r}")
