"""Before there is an office: founding one, and every way into one."""

from suite import case, expect

DIGITS = "482913"


def tries_in_vain(tab):
    """Somebody gives what is no ticket, and an address at which nobody is."""
    tab.click(".others summary")
    tab.click(".others textarea")
    tab.type("no ticket")
    tab.click(".others details[open] .button")
    tab.wait_text("kein ganzes Ticket", "document.querySelector('.others')")
    tab.click(".others details:last-child summary")
    tab.click(".others details:last-child input")
    tab.type("192.168.1.20")
    tab.key("Enter")
    tab.wait_text("niemand geantwortet", "document.querySelector('.others')")


def start(stage, **look):
    tab = stage.office(empty=True, **look)
    tab.wait("document.querySelector('.no-door, .door-list')")
    return tab


@case("found", "an office is founded with two fields, of which one is filled in")
def found(stage):
    tab = start(stage)
    tab.click(".found .button")
    tab.wait("document.activeElement.matches('.form input')")
    expect(tab.run("[...document.querySelectorAll('.form input')].map((one) => one.value).join()")
           == ",Anna Weber,anna-pc", "the names of the account are not filled in")
    tab.key("Enter")
    tab.wait_text("Gib dem Büro einen Namen.", "document.activeElement.closest('.field')")
    tab.type("Müller GmbH")
    tab.key("Enter")
    tab.wait("document.querySelector('.list .item')")
    expect(stage.node.wait_for_call("office.new") == {
        "office": "Müller GmbH", "name": "Anna Weber", "device": "anna-pc"},
        "other names were sent")
    tab.wait_text("Müller GmbH", "document.querySelector('.office-name')")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Alle'")
    tab.wait_text("Noch keine Nachricht")


@case("alone-late", "nobody is called alone before it is known who is here")
def alone_late(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    stage.node.groups = [one for one in stage.node.groups if one["kind"] != "direct"]
    held = stage.node.hold("member.list")
    tab = stage.browser.tab(language="de-DE")
    stage.tabs.append(tab)
    tab.open(stage.mock.link())
    tab.wait_text("Werkstatt", "document.querySelector('.list')")
    expect(not tab.run("document.querySelector('.list .empty')"), "it says that she is alone")
    held.set()
    tab.wait_text("Carla Özdemir", "document.querySelector('.list')")


@case("error-moves", "what is wrong stands at its own field, and not where something was wrong before")
def error_moves(stage):
    tab = start(stage)
    tab.click(".found .button")
    tab.wait("document.activeElement.matches('.form input')")
    tab.key("Enter")
    tab.wait_text("Gib dem Büro einen Namen.", "document.activeElement.closest('.field')")
    tab.type("Müller GmbH")
    stage.node.fail("office.new", "busy", "the disk is slow")
    tab.key("Enter")
    tab.wait("document.querySelector('.form-error').innerText !== ''")
    tab.wait("!document.querySelector('.field .form-error')")


@case("found-refused", "what the node says against a name stands at the field, and nothing is lost")
def found_refused(stage):
    tab = start(stage)
    stage.node.fail("office.new", "name-malformed", "a name has no line break")
    tab.click(".found .button")
    tab.wait("document.activeElement.matches('.form input')")
    tab.type("M")
    tab.key("Enter")
    tab.wait_text("Dieser Name geht nicht", "document.querySelector('.form-error')")
    expect(tab.run("document.querySelector('.form input').value") == "M", "the field was emptied")


@case("name-kept", "a name that was typed stays on every way in: founding, a knock, and back")
def name_kept(stage):
    tab = start(stage)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.wait("document.querySelector('.door-list')")
    tab.run("document.querySelector('.who input').select()")
    tab.type("Clara Brandt")
    tab.click(".found .button")
    tab.wait("document.querySelector('.card.wide form')")
    names = "[...document.querySelectorAll('input')].map((one) => one.value).join()"
    expect("Clara Brandt,anna-pc" in tab.run(names), f"it is {tab.run(names)}")
    tab.click(".back-link")
    tab.click(".door-list .button")
    expect(stage.node.wait_for_call("knock")["name"] == "Clara Brandt", "another name knocked")
    stage.node.wait_for_call("knock.wait")
    stage.node.answer_knock("no-answer")
    tab.wait_text("niemand geantwortet")
    tab.click(".button.primary")
    tab.wait("document.querySelector('.who input')?.value === 'Clara Brandt'")


@case("join-door", "one click on Join, the same six digits, and the newcomer is in")
def join_door(stage):
    tab = start(stage)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"), ("Müller GmbH", "Carla Özdemir"))
    tab.wait("document.querySelectorAll('.door-list li').length === 2")
    tab.click(".door-list .button")
    tab.wait("document.querySelector('.digits')")
    shown = tab.run("[...document.querySelectorAll('.digits [aria-hidden]')]"
                    ".map((one) => one.innerText).join('')")
    expect(shown == DIGITS, f"the digits are {shown}")
    expect(stage.node.wait_for_call("knock") == {
        "door": "d0", "name": "Anna Weber", "account": "Anna Weber", "device": "anna-pc"},
        "another knock")
    stage.node.wait_for_call("knock.wait")
    stage.node.answer_knock("admitted")
    tab.wait("document.querySelector('.list .item')")
    expect(not tab.run("[...document.querySelectorAll('.rail a')].some((one) => "
                       "one.innerText.includes('Einlassen'))"), "a member may not admit")


@case("join-no", "a no has its sentence, and a way to begin anew")
def join_no(stage):
    tab = start(stage)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    for name, words in (("refused", "The other side said no."), ("no-answer", "niemand geantwort"),
                        ("door-closed", "Die Tür ging zu, bevor jemand Ja gesagt hat.")):
        tab.click(".door-list .button")
        tab.wait("document.querySelector('.compare')")
        stage.node.wait_for_call("knock.wait", count=["refused", "no-answer", "door-closed"].index(name) + 1)
        stage.node.answer_knock(name)
        tab.wait_text(words)
        tab.wait_text("Sprich mit Ben Vogel")
        tab.click(".button.primary")
        tab.wait("document.querySelector('.door-list')")


@case("join-cancel", "whoever cancels is back at the doors, and the node knows")
def join_cancel(stage):
    tab = start(stage)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.click(".door-list .button")
    tab.click(".compare .buttons .button")
    stage.node.wait_for_call("knock.cancel")
    tab.wait("document.querySelector('.door-list')")
    expect(not tab.run("document.body.innerText.includes('Das hat nicht geklappt')"),
           "a cancel is told as a failure")


@case("no-door", "there is never an empty list: each reason has its sentence and its next step")
def no_door(stage):
    tab = start(stage)
    for reason, words in (("none-open", "Tür offen halten"), ("no-network", "in keinem Netz"),
                          ("blocked", "wie in Gastnetzen"),
                          ("discovery-down", "nicht nach anderen"),
                          ("nobody", "zeigt sich kein Büro")):
        stage.node.reason = reason
        stage.node.open_doors()
        tab.wait_text(words, "document.querySelector('.no-door')")
    stage.node.reason, stage.node.advice = None, "only the node knows why"
    stage.node.open_doors()
    tab.wait_text("Only the node knows why.", "document.querySelector('.no-door')")


@case("join-ticket", "a wrong line is told so where it stands, and a right one lets in")
def join_ticket(stage):
    tab = start(stage)
    tab.click(".others summary")
    for line in ("no ticket", "zr1-ticket-abc"):
        tab.click(".others textarea")
        tab.run("document.activeElement.select()")
        tab.type(line)
        tab.click(".others details[open] .button")
        if line == "no ticket":
            tab.wait_text("kein ganzes Ticket", "document.querySelector('.others details[open]')")
            tab.wait("document.activeElement.matches('.others textarea')")
            expect(tab.run("document.activeElement.value") == line, "what was pasted is gone")
    tab.wait("document.querySelector('.list .item')")
    params = stage.node.wait_for_call("join", count=2)
    expect(params == {"ticket": "zr1-ticket-abc", "account": "Anna Weber", "device": "anna-pc"},
           f"the node was asked {params}")


@case("join-address", "where nobody answers it says so; where a door is open the digits come")
def join_address(stage):
    tab = start(stage)
    tab.click(".others details:last-child summary")
    tab.click(".others details:last-child input")
    tab.key("Enter")
    tab.wait_text("Gib eine Adresse ein.")
    tab.type("192.168.1.20")
    tab.key("Enter")
    tab.wait_text("niemand geantwortet")
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.key("Enter")
    tab.wait("document.querySelector('.compare')")
    expect(stage.node.wait_for_call("knock", count=2)["address"] == "192.168.1.20",
           "another address")


@case("stored-before", "what is stored about whom is told before joining too")
def stored_before(stage):
    tab = start(stage)
    tab.click(".small-print .link")
    tab.wait_text("Bis wann?", "document.querySelector('dialog')")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog')")
    expect(tab.run("document.activeElement.matches('.small-print .link')"), "the focus is lost")


@case("language", "the browser's language is taken, and another one can be chosen and stays")
def language(stage):
    tab = start(stage, language="en-GB")
    tab.wait_text("Welcome to Zuruf")
    tab.click(".corner label", "Deutsch")
    tab.wait_text("Willkommen bei Zuruf")
    expect(tab.run("document.documentElement.lang") == "de", "the page's language is not told")
    tab.open(stage.mock.link())
    tab.wait_text("Willkommen bei Zuruf")


@case("still-joining", "an attempt that goes on by itself is told of, beside every other way in")
def still_joining(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods(empty=True))
    stage.node.joining = True
    stage.node.degrade("joining", "nobody of the office answered yet")
    tab = start(stage)
    tab.wait_text("wartet darauf, eingelassen zu werden")
    tab.wait_text("Ein Rechner des Büros muss an sein.")
    expect("Nobody" not in tab.run("document.body.innerText"), "the node's words stand there")
    with stage.node.lock:
        stage.node.come_in("Müller GmbH", "Anna Weber", "anna-pc")
    tab.wait("document.querySelector('.list .item')")


@case("let-in-anew", "who was let in and is not in the office comes in by another ticket, or a door")
def let_in_anew(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods(empty=True))
    stage.node.degrade("joining", "others know nothing of it", form="unaware")
    tab = start(stage)
    # Neither of them costs anything.
    tries_in_vain(tab)
    expect(stage.node.count("office.aside") == 0, "what is here was set aside")
    tab.run("document.querySelector('.others textarea').value = ''")
    tab.click(".others textarea")
    tab.type("zr1-ticket-abc")
    tab.click(".others details[open] .button")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait("document.querySelector('.list .item')")
    expect([name for name, _ in stage.node.calls if name in ("join", "office.aside")]
           == ["join", "join", "office.aside", "join"], "in another order")


@case("log-lost", "where a disk lost the office's log that is said, and a ticket is a way out")
def log_lost(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods(empty=True))
    stage.node.degrade("data-damaged", "1 place of what is stored here cannot be read")
    tab = start(stage)
    tab.wait_text("ist zum Teil beschädigt")
    expect("eingelassen zu werden" not in tab.run("document.body.innerText"),
           "it seems to wait to be let in")
    tab.click(".others summary")
    tab.click(".others textarea")
    tab.type("zr1-ticket-abc")
    tab.click(".others details[open] .button")
    # Whoever waits may get all of it back.
    tab.wait_text("von anderen Rechnern neu geholt", "document.querySelector('dialog')")
    expect(stage.node.count("office.aside") == 0, "what is here was set aside unasked")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait("document.querySelector('.list .item')")
    expect([name for name, _ in stage.node.calls if name in ("join", "office.aside")]
           == ["join", "office.aside", "join"], "in another order")


@case("carried", "what is stored here of another computer is said to be, and a ticket is a way in")
def carried(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods(empty=True))
    stage.node.degrade("copied", "what is stored here comes from another computer", form="carried")
    tab = start(stage)
    tab.wait_text("schrieb ein anderer Rechner", "document.querySelector('.card')")
    tab.click(".others summary")
    tab.click(".others textarea")
    tab.type("zr1-ticket-abc")
    tab.click(".others details[open] .button")
    tab.wait_text("stell /etc/machine-id wieder her", "document.querySelector('dialog')")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait("document.querySelector('.list .item')")
    expect([name for name, _ in stage.node.calls if name in ("join", "office.aside")]
           == ["join", "office.aside", "join"], "in another order")


@case("doors-late", "an older answer about doors does not close the one that is open by now")
def doors_late(stage):
    tab = start(stage)
    asked = "performance.getEntriesByType('resource').filter((one) => one.responseEnd).length"
    held = stage.node.hold_answers("doors")
    count = stage.node.count("doors")
    stage.node.tell("doors", doors=[])
    stage.node.wait_for_call("doors", count=count + 1)
    del stage.node.late["doors"]
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.wait("document.querySelector('.door-list')")
    before = tab.run(asked)
    held.set()
    tab.wait(f"{asked} > {before}")
    tab.run("new Promise((done) => setTimeout(done))", waits=True)
    expect(tab.run("Boolean(document.querySelector('.door-list'))"), "the door is not there")
