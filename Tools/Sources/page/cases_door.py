"""Letting in: the door with its six digits, and tickets."""

from cases_office import open_page
from cases_tabs import another
from cases_talk import talk
from suite import case, expect


@case("admits", "the door is held open, the digits are compared, and one click admits")
def admits(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button", "Tür offen halten")
    tab.wait_text("Die Tür ist offen bis")
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.wait_text("482", "document.querySelector('.digits')")
    tab.wait_text("4 8 2 9 1 3", "document.getElementById('live')")
    tab.click(".request .button.primary")
    params = stage.node.wait_for_call("admit.answer")
    expect(params == {"request": "r1", "yes": True, "rank": "member", "groups": []},
           f"answered was {params}")
    tab.wait_text("Emre Kaya ist drin.")
    tab.click(".door-state .button", "Tür schließen")
    tab.wait_text("Die Tür ist zu")


@case("door-time", "a door that closes by its time is shown closed without anybody telling, and who knocked as gone")
def door_time(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button", "Tür offen halten")
    tab.wait_text("Die Tür ist offen bis")
    request = stage.node.knock("Emre Kaya", "emre-laptop")
    tab.wait_text("482", "document.querySelector('.digits')")
    asked = stage.node.count("admit.status")
    # The end is near; when it comes the node tells nothing, and the page asks by itself.
    stage.node.let_door_close(seconds=1)
    tab.wait_text("Die Tür ist zu")
    expect(stage.node.count("admit.status") >= asked + 2, "the page did not ask by itself")
    tab.wait_text("Emre Kaya stand noch davor, als die Tür zuging.")
    expect(not tab.run("document.querySelector('.request .button')"), "who is gone can be let in")
    expect(stage.node.requests[0]["id"] == request, "another one knocked")
    # It can be held open again at once.
    tab.click(".door-state .button", "Tür offen halten")
    tab.wait_text("Die Tür ist offen bis")


@case("admit-choices", "rank and groups are chosen before, and a no is a no")
def admit_choices(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.click(".choices summary")
    tab.click(".choices label", "Werkstatt")
    tab.run("""(() => {
      const rank = [...document.querySelectorAll('.choices select')][1];
      rank.value = 'admin';
      rank.dispatchEvent(new Event('change'));
    })()""")
    tab.wait_text("Wird Admin. Gruppen: Alle und Werkstatt",
                  "document.querySelector('.choices summary')")
    tab.wait_text("Lässt Leute ein und entfernt sie", "document.querySelector('.choices')")
    # Another one at the door does not undo what is being chosen.
    stage.node.knock("Fremder", "pc-7", digits="111222")
    tab.wait("document.querySelectorAll('.request').length === 2")
    tab.click(".request:last-child .danger-quiet")
    tab.wait_text("Fremder wurde abgewiesen.")
    tab.click(".request .button.primary")
    params = stage.node.wait_for_call("admit.answer", count=2)
    expect(params["rank"] == "admin" and params["groups"] == [
        f"id:{stage.node.group('Werkstatt')['id']}"], f"answered was {params}")


@case("admit-over", "what became of somebody goes when they knock again, or by a button")
def admit_over(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.click(".request .danger-quiet")
    tab.wait_text("Emre Kaya wurde abgewiesen.")
    # Who waits stands above what is over.
    stage.node.knock("Fremder", "pc-7", digits="111222")
    tab.wait_text("111", "document.querySelector('.request:first-child')")
    tab.click(".request:first-child .danger-quiet")
    tab.wait_text("Fremder wurde abgewiesen.")
    stage.node.knock("Emre Kaya", "emre-laptop", digits="333444")
    tab.wait_text("333", "document.querySelector('.request:first-child')")
    expect("Kaya wurde" not in tab.run("document.querySelector('.requests').innerText"),
           "what is over stands there still")
    tab.click(".request .button.primary")
    tab.wait_text("Emre Kaya ist drin.")
    tab.click(".request.refused .icon-button")
    tab.wait("!document.querySelector('.request.refused')")
    tab.run("location.hash = '#/people'")
    tab.wait("document.querySelector('.folk')")
    tab.run("location.hash = '#/admit'")
    tab.wait("document.querySelector('.door-card.open')")
    tab.wait("document.querySelector('.door-card .busy').checkVisibility()")
    expect(not tab.run("document.querySelector('.request')"), "it came back")


@case("admit-device", "a new computer of somebody replaces the lost one in the same step")
def admit_device(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Carla Özdemir", "carla-neu")
    # Whoever knocks writes the name: nothing is taken from it.
    tab.wait_text("Carla Özdemir heißt hier schon jemand", "document.querySelector('.request')")
    choose(tab, "known")
    tab.wait_text("als weiteres Gerät von Carla Özdemir einlassen",
                  "document.querySelector('.request .button.primary')")
    tab.wait_text("liest dann alles, was Carla Özdemir liest",
                  "document.querySelector('.request')")
    lost = stage.node.device("carla-laptop")["id"]
    tab.run(f"""(() => {{
      const lost = [...document.querySelectorAll('.choices select')].find((one) =>
        [...one.options].some((option) => option.value === {lost!r}));
      lost.value = {lost!r};
      lost.dispatchEvent(new Event('change'));
    }})()""")
    tab.click(".request .button.primary")
    params = stage.node.wait_for_call("admit.answer")
    expect(params == {"request": "r1", "yes": True, "remove": f"id:{lost}",
                      "member": f"id:{stage.node.member('Carla Özdemir')['id']}"}, f"was {params}")
    tab.run("location.hash = '#/people'")
    tab.click(".folk summary", "Carla")
    tab.wait_text("carla-neu")
    expect(not tab.run("document.body.innerText.includes('carla-laptop')"), "the lost one is there")


def choose(tab, kind):
    """Says who it is that knocks: somebody `new`, or somebody `known`."""
    tab.run(f"""(() => {{
      const kind = document.querySelector('.choices select');
      kind.value = {kind!r};
      kind.dispatchEvent(new Event('change'));
    }})()""")


@case("admit-same", "a name that somebody here has makes nobody that person: who lets in says so")
def admit_same(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Anna Weber", "pc-7")
    tab.wait_text("Anna Weber heißt hier schon jemand", "document.querySelector('.request')")
    tab.click(".request .button.primary")
    tab.wait("document.activeElement.matches('.choices select')")
    expect(stage.node.count("admit.answer") == 0, "one click made a device of the owner")
    choose(tab, "new")
    tab.run("document.querySelector('.choices input[type=text]').select()")
    tab.type("Anna Weber-Kurz")
    tab.click(".request .button.primary")
    params = stage.node.wait_for_call("admit.answer")
    expect(params == {"request": "r1", "yes": True, "name": "Anna Weber-Kurz", "rank": "member",
                      "groups": []}, f"answered was {params}")


@case("admit-early", "who knocks is asked about only once it is known who is here")
def admit_early(stage):
    tab = talk(stage)
    stage.node.m_admit_open()
    stage.node.knock("Ben Vogel", "ben-neu")
    held = stage.node.hold("member.list")
    asked = stage.node.count("member.list")
    tab = another(stage, f"{stage.mock.origin}/#/admit")
    stage.node.wait_for_call("member.list", count=asked + 1)
    tab.wait_text("Die Tür ist offen bis")
    held.set()
    tab.wait_text("Ben Vogel heißt hier schon jemand", "document.querySelector('.request')")
    choose(tab, "known")
    tab.click(".request .button.primary")
    ben = stage.node.member("Ben Vogel")["id"]
    expect(stage.node.wait_for_call("admit.answer").get("member") == f"id:{ben}", "somebody else")


@case("admit-late", "of whoever has a yes and does not come in it is not said that they are in")
def admit_late(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button", "Tür offen halten")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.is_link_gone = True
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.click(".request .button.primary")
    tab.wait_text("Emre Kaya hat deine Zusage", "document.getElementById('toasts')")
    expect(not tab.run("document.body.innerText.includes('jetzt im Büro')"), "it says that it is in")


@case("admit-door-for", "a door that was opened for one person's devices means that person")
def admit_door_for(stage):
    tab = open_page(stage, "admit", ".door-state")
    carla = stage.node.member("Carla Özdemir")
    with stage.node.lock:
        stage.node.door_for = {"id": carla["id"], "name": carla["name"]}
        stage.node.m_admit_open()
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Carla", "carla-neu")
    tab.wait_text("als weiteres Gerät von Carla Özdemir einlassen",
                  "document.querySelector('.request .button.primary')")
    tab.click(".request .button.primary")
    expect(stage.node.wait_for_call("admit.answer").get("member") == f"id:{carla['id']}",
           "somebody else")


@case("admit-focus", "whoever chooses in one card is left alone while others knock and go")
def admit_focus(stage):
    tab = open_page(stage, "admit", ".door-state")
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Gast", "gast-pc", "111111")
    stage.node.knock("Emre", "emre-pc")
    tab.wait("document.querySelectorAll('.request .digits').length === 2")
    tab.run("""(() => {
      const card = [...document.querySelectorAll('.request')].at(-1);
      card.querySelector('details').open = true;
      card.querySelector('input[type=text]').focus();
      card.querySelector('input[type=text]').setSelectionRange(9, 9);
    })()""")
    tab.type(" Ka")
    stage.node.knock("Noch jemand", "pc-9", "222222")
    tab.wait("document.querySelectorAll('.request').length === 3")
    with stage.node.lock:
        del stage.node.requests[0]
        stage.node.tell("changed", list="door")
    tab.wait("document.querySelectorAll('.request').length === 2")
    tab.type("ya")
    expect(tab.run("document.activeElement.value") == "Emre Kaya",
           f"the focus is on {tab.run('document.activeElement.outerHTML.slice(0, 80)')}")


@case("dialog-kept", "what is told once, or was typed, is not taken away by Escape or a press beside")
def dialog_kept(stage):
    tab = open_page(stage, "admit", ".rows li")
    tab.click(".page-body > .card .button", "Neues Ticket")
    tab.wait("document.querySelector('#ticket-kind')")
    beside = "document.querySelector('dialog').dispatchEvent(new MouseEvent('mousedown'))"

    def stays():
        for _ in range(2):
            tab.key("Escape")
        tab.run(beside)
        return tab.run("Boolean(document.querySelector('dialog[open]'))")

    tab.click("dialog input[type=text]")
    tab.type("Emre")
    expect(stays(), "what was typed is gone")
    tab.click("dialog .button.primary")
    tab.wait_text("zr1-ticket-", "document.querySelector('dialog')")
    expect(stays(), "the ticket is gone, and nobody has its line")
    tab.click("dialog .button", "Fertig")
    tab.wait("!document.querySelector('dialog')")
    # One with nothing in it goes as ever.
    tab.click(".page-body > .card .button", "Neues Ticket")
    tab.wait("document.querySelector('#ticket-kind')")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog')")


@case("lists-last", "of two answers about tickets the one that was asked for last is shown")
def lists_last(stage):
    tab = open_page(stage, "admit", ".rows li")
    ended = "performance.getEntriesByType('resource').filter((one) => one.responseEnd).length"
    held = stage.node.hold_answers("ticket.list")
    asked = stage.node.count("ticket.list")
    stage.node.tell("changed", list="tickets")
    stage.node.wait_for_call("ticket.list", count=asked + 1)
    del stage.node.late["ticket.list"]
    with stage.node.lock:
        stage.node.tickets[0]["state"] = "revoked"
        stage.node.tell("changed", list="tickets")
        stage.node.incoming("everyone", "Carla Özdemir", "Danach")
    tab.wait("document.title.startsWith('(4)')")
    before = tab.run(ended)
    held.set()
    tab.wait(f"{ended} > {before}")
    tab.run("new Promise((done) => setTimeout(done))", waits=True)
    tab.wait_text("Kein Ticket ist offen")
    expect(stage.node.count("ticket.list") == asked + 2, "they were asked for more often")


@case("knock-elsewhere", "whoever knocks while one reads elsewhere is told of")
def knock_elsewhere(stage):
    tab = talk(stage)
    stage.node.m_admit_open()
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.wait_text("Emre Kaya ist an der Tür", "document.getElementById('toasts')")
    tab.wait("[...document.querySelectorAll('.rail a')].some((one) => "
             "one.querySelector('.badge')?.innerText === '1' && one.href.endsWith('admit'))")


@case("tickets", "a ticket is made, shown once, listed and revoked")
def tickets(stage):
    tab = open_page(stage, "admit", ".rows li")
    tab.click(".page-body > .card .button", "Neues Ticket")
    tab.click("dialog label", "Werkstatt")
    tab.click("dialog .button.primary")
    tab.wait_text("zr1-ticket-", "document.querySelector('dialog')")
    params = stage.node.wait_for_call("ticket.new")
    expect(params == {"kind": "member", "validSeconds": 86_400, "uses": 1,
                      "groups": [f"id:{stage.node.group('Werkstatt')['id']}"]}, f"was {params}")
    tab.click("dialog .button.quiet", "Fertig")
    tab.wait("document.querySelectorAll('.card > div > .rows > li').length === 2")
    tab.click(".card > div > .rows .danger-quiet")
    tab.click("dialog .button.danger")
    tab.wait("document.querySelectorAll('.card > div > .rows > li').length === 1")


@case("ticket-words", "tickets say for whom they are; those of a door are none, and one can be on hold")
def ticket_words(stage):
    day = {"ms": 1_795_000_000_000, "utc": "2026-11-18T11:06:40.000Z"}
    soon = {**day, "ms": day["ms"] + 600_000}
    late = {**day, "ms": day["ms"] + 86_400_000}

    def ticket(number, **values):
        return {"id": f"{number:064x}", "kind": "member", "keeper": False, "groups": [],
                "issuer": {"id": "11" * 16, "name": "Ben Vogel"}, "created": day, "expires": late,
                "uses": 1, "used": 0, "state": "open", **values}

    tab = open_page(stage, "more", "h1")
    stage.node.tickets = [
        ticket(1, state="on-hold", name="Gast"), ticket(2, state="one-of-tomorrow"),
        ticket(3, state="used-up", name="An der Tür", expires=soon), ticket(4), ticket(5, uses=3)]
    tab.run("location.hash = '#/admit'")
    tab.wait_text("Ein Ticket, das nicht mehr gilt")
    rows = tab.run("[...document.querySelectorAll('.card > div > .rows > li')].map((one) => "
                   "one.innerText)")
    expect(len(rows) == 3 and "Für mehrere" in rows[0] and "Für eine Person" in rows[1], f"{rows}")
    expect("Ruht:" in rows[2] and "ausgestellt von Ben Vogel" in rows[2]
           and "Zurückziehen" in rows[2], f"{rows[2]}")
    expect(not tab.run("document.body.innerText.includes('An der Tür')"), "a door's is listed")


@case("box-ticket", "a ticket for a box says whether it is a keeper, one for a device whose it is")
def box_ticket(stage):
    tab = open_page(stage, "admit", ".rows li")
    for kind, wanted in (("box", {"kind": "box", "keeper": True, "groups": []}),
                         ("device", {"kind": "member", "uses": 1, "groups": [],
                                     "member": f"id:{stage.node.own['id']}"})):
        tab.click(".page-body > .card .button", "Neues Ticket")
        tab.wait("document.querySelector('#ticket-kind')")
        tab.run(f"""(() => {{
          const kind = document.querySelector('#ticket-kind');
          kind.value = {kind!r};
          kind.dispatchEvent(new Event('change'));
        }})()""")
        tab.click("dialog .button.primary")
        tab.wait_text("zr1-ticket-", "document.querySelector('dialog')")
        params = dict(stage.node.wait_for_call("ticket.new", count=1 if kind == "box" else 2))
        params.pop("validSeconds")
        expect(params == wanted, f"the node was asked {params}")
        tab.click("dialog .button.quiet", "Fertig")
        tab.wait("!document.querySelector('dialog')")
