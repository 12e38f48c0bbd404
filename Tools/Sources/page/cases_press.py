"""Whoever presses on something means that, whatever comes before they let it go."""

from cases_talk import LAST, OWN, talk
from suite import case, expect


def settle(tab):
    """Until the page has had the time to show what it was told, and what it asks for then."""
    # Lists are asked for four times a second at most.
    tab.run("""(async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        await fetch('/icon.svg');
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
      }
    })()""", waits=True)


def pressed(tab, change, selector, text=None):
    """Presses on something, and lets it go once `change` came and could be shown."""
    release = tab.press(selector, text)
    change()
    settle(tab)
    release()


@case("press-list", "the conversation that was pressed on opens, wherever its line goes meanwhile")
def press_list(stage):
    tab = talk(stage)
    with stage.node.lock:
        stage.node.add_group("direct", "@Carla Özdemir", ["Carla Özdemir"])
        stage.node.incoming("@Carla Özdemir", "Carla Özdemir", "Hallo Anna")
    tab.wait("[...document.querySelectorAll('.item.unread .title')].some((one) => "
             "one.innerText.includes('Carla'))")
    # The lines change places, and so does what stands in them.
    pressed(tab, lambda: stage.node.incoming("@Ben Vogel", "Ben Vogel", "Bist du da?"),
            ".item .title", "Carla")
    tab.wait_text("Hallo Anna", LAST)
    tab.wait("[...document.querySelectorAll('.item .title')].findIndex((one) => "
             "one.innerText.includes('Ben Vogel')) < [...document.querySelectorAll('.item .title')]"
             ".findIndex((one) => one.innerText.includes('Carla'))")
    # A line that only counts on, and stays where it is.
    pressed(tab, lambda: stage.node.incoming("Vertrieb", "Ben Vogel", "Und noch etwas"),
            ".item .title", "Vertrieb")
    tab.wait_text("Und noch etwas", LAST)


@case("press-people", "whoever was pressed on unfolds, and not who stands there by then")
def press_people(stage):
    tab = stage.office(hash="#/people")
    tab.wait("document.querySelectorAll('.folk summary').length > 3")

    def change():
        with stage.node.lock:
            stage.node.add_member("Berta Adam", "member", [("berta-pc", "linked", False)])
            stage.node.tell("changed", list="members")
            stage.node.peer("carla-laptop", True)

    pressed(tab, change, ".folk summary", "Carla")
    tab.wait("[...document.querySelectorAll('.folk details[open]')].map((one) => "
             "one.querySelector('strong').innerText).join() === 'Carla Özdemir'")
    tab.wait_text("Berta Adam")


@case("press-door", "the door that was pressed on is knocked at, whichever is opened or closed")
def press_door(stage):
    tab = stage.office(empty=True)
    stage.node.open_doors(("Erste GmbH", "Ben Vogel"), ("Zweite GmbH", "Carla Özdemir"))
    tab.wait("document.querySelectorAll('.door-list li').length === 2")

    def change():
        with stage.node.lock:
            del stage.node.doors[0]
            stage.node.tell("doors", doors=stage.node.doors)

    pressed(tab, change, ".door-list li:last-child .button")
    expect(stage.node.wait_for_call("knock")["door"] == "d1", "it knocked elsewhere")
    tab.wait_text("Zweite GmbH", "document.querySelector('.compare')")


@case("press-ticket", "the ticket that was pressed on is revoked, whatever others are made")
def press_ticket(stage):
    tab = stage.office(hash="#/admit")
    tab.wait_text("Emre Kaya", "document.querySelector('main')")
    first = stage.node.tickets[0]["id"]

    def change():
        with stage.node.lock:
            stage.node.m_ticket_new("member", [], name="Frieda Lang")
            stage.node.tell("changed", list="tickets")

    pressed(tab, change, ".rows .danger-quiet")
    tab.click("dialog .button.danger")
    expect(stage.node.wait_for_call("ticket.revoke")["ticket"] == first, "another one was revoked")
    tab.wait_text("Frieda Lang")


@case("press-message", "a press on a message does what it says, whatever comes and changes there")
def press_message(stage):
    tab = talk(stage)
    room, ben = stage.node.group("Werkstatt"), stage.node.member("Ben Vogel")
    own = next(one for one in reversed(stage.node.messages[room["id"]]) if one["own"])

    def arrives():
        stage.node.delivered(own["entry"], 3)
        stage.node.incoming("Werkstatt", "Ben Vogel", "Ich.\nUnd Dirk auch.")

    # The line grows by who keeps the message: where it is pressed is measured behind that.
    tab.wait_text("bewahrt sie auf", OWN)
    pressed(tab, arrives, ".message.own:last-child .delivery, li:last-child .own .delivery")
    tab.wait("document.querySelector('dialog[open] .rows')")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog')")
    tab.wait_text("Und Dirk auch", LAST)
    message = next(one for one in stage.node.messages[room["id"]] if one.get("reactions"))

    def reacts():
        with stage.node.lock:
            message["reactions"].insert(0, {
                "text": "😀", "members": [{"id": ben["id"], "name": ben["name"]}], "own": False})
            stage.node.tell("reaction", reaction={
                "entry": message["entry"], "group": stage.node.group_ref(room),
                "reactions": message["reactions"]})

    pressed(tab, reacts, ".reaction", "👍")
    call = stage.node.wait_for_call("react")
    expect(call["text"] == "👍" and not call.get("remove"), f"it was {call}")
    # What failed is sent again, although something came above it.
    stage.node.fail("send", "read-only")
    tab.click(".composer textarea")
    tab.type("Ich mache es")
    tab.key("Enter")
    tab.wait("document.querySelector('.failed')")
    pressed(tab, arrives, ".failed .link", "Noch einmal")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)


@case("press-banner", "a press on what a line above says opens it, whatever lines come")
def press_banner(stage):
    tab = talk(stage)
    stage.node.degrade("disk-full", "12 MiB are free at /home")
    tab.wait("document.querySelector('.banner.bad')")
    pressed(tab, lambda: stage.node.degrade("clock-ahead", "the clock is ahead"),
            ".banner.bad .link")
    tab.wait("document.querySelector('dialog[open] .states')")


@case("press-key", "a button pressed with the space bar does what it says, whatever comes meanwhile")
def press_key(stage):
    tab = stage.office(hash="#/people")
    tab.wait("document.querySelectorAll('.folk summary').length > 3")
    tab.run("""[...document.querySelectorAll('.folk summary')].find((one) =>
      one.innerText.includes('Carla')).focus()""")
    space = {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32}
    tab.call("Input.dispatchKeyEvent", type="keyDown", text=" ", **space)
    stage.node.peer("carla-laptop", True)
    settle(tab)
    tab.call("Input.dispatchKeyEvent", type="keyUp", **space)
    tab.wait_text("carla-laptop", "document.querySelector('.folk details[open]')")


@case("press-ends", "what comes while something is pressed is shown once it is let go, or left")
def press_ends(stage):
    tab = talk(stage)
    release = tab.press(".composer-row .icon-button")
    stage.node.incoming("Werkstatt", "Ben Vogel", "Währenddessen")
    settle(tab)
    expect("Währenddessen" not in tab.run(f"{LAST}.innerText"), "it was shown under the press")
    release()
    tab.wait_text("Währenddessen", LAST)
    # Whoever drags away or goes to another window lets nothing go here.
    tab.press(".item", "Vertrieb")
    stage.node.incoming("Werkstatt", "Ben Vogel", "Und dann")
    settle(tab)
    tab.run("dispatchEvent(new Event('blur'))")
    tab.wait_text("Und dann", LAST, 2)


@case("press-finger", "what a finger is on stays until its click has come")
def press_finger(stage):
    tab = stage.office(hash="#/people", width=360, height=740, touch=True)
    tab.call("Emulation.setTouchEmulationEnabled", enabled=True)
    tab.wait("document.querySelectorAll('.folk summary').length > 3")
    x, y = tab.place(".folk summary", "Carla")

    def change():
        with stage.node.lock:
            stage.node.add_member("Berta Adam", "member", [("berta-pc", "linked", False)])
            stage.node.tell("changed", list="members")

    tab.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    change()
    tab.run("new Promise((done) => setTimeout(done, 150))", waits=True)
    tab.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    tab.wait("[...document.querySelectorAll('.folk details[open]')].map((one) => "
             "one.querySelector('strong').innerText).join() === 'Carla Özdemir'")
    tab.wait_text("Berta Adam")
    # A finger that draws the page along presses on nothing.
    tab.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    tab.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x, "y": y - 80}])
    tab.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x, "y": y - 160}])
    stage.node.peer("carla-laptop", True)
    tab.wait("[...document.querySelectorAll('.folk details[open] .mark.good')].length === 2", 3)
