"""Everything by the keyboard alone, and where the focus is."""

from browser import SHIFT
from cases_talk import OWN, talk
from suite import case, expect

FOCUS = "document.activeElement"


def tab_to(tab, condition, most=60, modifiers=0):
    """Presses Tab until the focus is where it shall be."""
    for _ in range(most):
        if tab.run(f"Boolean({condition})"):
            return
        tab.key("Tab", modifiers)
    expect(False, f"Tab does not lead to {condition}: it is at "
           + tab.run(f"{FOCUS}.outerHTML.slice(0, 200)"))


@case("keys-talk", "from the list to a message sent, by keys alone")
def keys_talk(stage):
    tab = stage.office()
    tab.wait("document.querySelector('.conversation .message')")
    tab.run("document.activeElement.blur()")
    tab_to(tab, f"{FOCUS}.matches('.item') && {FOCUS}.querySelector('.title').innerText === 'Vertrieb'")
    tab.key("Enter")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Vertrieb'")
    tab.wait(f"{FOCUS}.matches('.composer textarea')")
    tab.type("Von der Tastatur")
    tab.key("Enter")
    tab.wait_text("Von der Tastatur", OWN)
    expect(tab.run(f"{FOCUS}.matches('.composer textarea')"), "the focus left the composer")


@case("keys-messages", "arrow keys walk through messages, Tab reaches what can be done with one")
def keys_messages(stage):
    tab = talk(stage)
    tab.wait(f"{FOCUS}.matches('.composer textarea')")
    tab_to(tab, f"{FOCUS}.closest('article')", modifiers=SHIFT)
    tab.run(f"{FOCUS}.closest('article').focus()")
    # Which of them, and not what it says: who has a message is told as it becomes known.
    last = f"{FOCUS} === [...document.querySelectorAll('.conversation article')].at(-1)"
    expect(tab.run(last), "Tab does not lead to the newest message")
    tab.key("ArrowUp")
    tab.key("ArrowUp")
    expect("Dirk Hansen" in tab.run(f"{FOCUS}.innerText"), "the arrow keys do not walk")
    tab_to(tab, f"{FOCUS}.matches('.actions .icon-button')", most=4)
    tab.key("Enter")
    tab.wait(f"{FOCUS}.matches('.emoji')")
    tab.key("ArrowRight")
    tab.key("Enter")
    tab.wait("document.querySelector('.message .reaction.own')")
    expect(stage.node.wait_for_call("react")["text"] == "❤️", "another emoji")
    tab.wait(f"{FOCUS}.closest('article')?.innerText.includes('Dirk Hansen')")
    tab.key("End")
    tab.wait(last)
    tab.key("Tab", SHIFT)
    expect(not tab.run(f"{FOCUS}.closest('article')"), "every message is a stop of Tab")


@case("keys-dialog", "a dialog holds the focus, Escape closes it, and the focus comes back")
def keys_dialog(stage):
    tab = talk(stage)
    tab_to(tab, f"{FOCUS}.matches('[data-part=info]')")
    tab.key("Enter")
    tab.wait("document.querySelector('dialog[open]')")
    tab.wait("document.querySelector('dialog').contains(document.activeElement)")
    for _ in range(12):
        tab.key("Tab")
        expect(tab.run(f"document.querySelector('dialog').contains({FOCUS}) || {FOCUS} === "
                       "document.body"), "Tab leaves the dialog")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog')")
    expect(tab.run(f"{FOCUS}.matches('[data-part=info]')"), "the focus did not come back")


@case("keys-list", "the focus stays on its conversation when the list is drawn anew")
def keys_list(stage):
    tab = talk(stage)
    tab_to(tab, f"{FOCUS}.matches('.item') && {FOCUS}.querySelector('.title').innerText === 'Ben Vogel'")
    stage.node.incoming("everyone", "Carla Özdemir", "Etwas Neues")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle'))")
    expect(tab.run(f"{FOCUS}.querySelector('.title').innerText === 'Ben Vogel'"), "the focus is lost")


@case("keys-skip", "the first Tab offers to skip to the content")
def keys_skip(stage):
    tab = talk(stage)
    # As after a fresh load: from the page's beginning on.
    tab.run("document.body.tabIndex = -1; document.body.focus(); "
            "document.body.removeAttribute('tabindex')")
    tab.key("Tab")
    tab.wait(f"{FOCUS}.matches('.skip')")
    tab.key("Enter")
    tab.wait(f"{FOCUS}.id === 'main'")


@case("keys-admit", "somebody is let in by keys alone")
def keys_admit(stage):
    tab = stage.office()
    tab.wait("document.querySelector('.conversation .message')")
    tab.run("document.activeElement.blur()")
    tab_to(tab, f"{FOCUS}.matches('.rail a') && {FOCUS}.innerText.includes('Einlassen')")
    tab.key("Enter")
    tab.wait("document.querySelector('.door-state .button')")
    tab_to(tab, f"{FOCUS}.matches('.door-state .button')")
    tab.key("Enter")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.wait("document.querySelector('.request .digits')")
    tab_to(tab, f"{FOCUS}.matches('.request .button.primary')")
    tab.key("Enter")
    expect(stage.node.wait_for_call("admit.answer")["yes"], "it was a no")


@case("keys-start", "an office is joined by keys alone, from the first Tab on")
def keys_start(stage):
    tab = stage.office(empty=True)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.wait("document.querySelector('.door-list')")
    tab_to(tab, f"{FOCUS}.matches('.door-list .button')")
    tab.key("Enter")
    tab.wait("document.querySelector('.compare .digits')")
    stage.node.wait_for_call("knock.wait")
    stage.node.answer_knock("admitted")
    tab.wait(f"{FOCUS}.matches('.composer textarea')")
