"""Every screen of the page and how to get there, for screenshots and for what holds on all of them.

    @screen("people")
    def people(stage, look):
        return stage.office(hash="#/people", **look)      # the tab, once the screen is whole
"""

SCREENS = {}


def screen(name):
    def add(function):
        SCREENS[name] = function
        return function

    return add


@screen("start-doors")
def start_doors(stage, look):
    tab = stage.office(empty=True, **look)
    stage.node.open_doors(("Müller GmbH", "Anna Weber"))
    tab.wait("document.querySelector('.door-list li')")
    return tab


@screen("start-none")
def start_none(stage, look):
    tab = stage.office(empty=True, **look)
    tab.wait("document.querySelector('.no-door')")
    return tab


@screen("start-ticket")
def start_ticket(stage, look):
    tab = start_none(stage, look)
    tab.click(".others summary")
    tab.wait("document.querySelector('.others details[open]')")
    return tab


@screen("found")
def found(stage, look):
    tab = start_none(stage, look)
    tab.click(".found .button")
    tab.wait("document.querySelector('.card.wide h1')")
    return tab


@screen("digits")
def digits(stage, look):
    tab = start_doors(stage, look)
    tab.click(".door-list .button")
    tab.wait("document.querySelector('.compare .digits')")
    return tab


@screen("stored-before")
def stored_before(stage, look):
    tab = start_none(stage, look)
    tab.click(".small-print .link")
    tab.wait("document.querySelector('dialog[open] .answers')")
    return tab


@screen("alone")
def alone(stage, look):
    tab = stage.office(empty=True, **look)
    stage.node.call("office.new", {"office": "Müller GmbH", "name": "Anna Weber",
                                   "device": "anna-pc"})
    tab.wait("document.querySelector('.list .empty')")
    if look.get("width", 1280) >= 760:
        tab.wait("document.querySelector('.blank')")
    return tab


def group_hash(stage, title):
    return f"#/g/{stage.node.group(title)['id']}"


def conversation(stage, look, title):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = stage.mock or Mock(Methods())
    tab = stage.office(hash=group_hash(stage, title), **look)
    tab.wait("document.querySelector('.conversation .message')")
    return tab


@screen("talk")
def talk(stage, look):
    tab = conversation(stage, look, "Werkstatt")
    tab.wait("[...document.querySelectorAll('.delivery')].some((one) => "
             "one.innerText.includes('box-3'))")
    return tab


@screen("talk-direct")
def talk_direct(stage, look):
    return conversation(stage, look, "@Ben Vogel")


@screen("list")
def conversation_list(stage, look):
    tab = stage.office(**look)
    tab.wait("document.querySelector('.list .item')")
    if look.get("width", 1280) < 760:
        tab.run("location.hash = '#/'")
        tab.wait("document.querySelector('.shell').dataset.view === 'list'")
    return tab


@screen("mention")
def mention(stage, look):
    tab = talk(stage, look)
    tab.click(".composer textarea")
    tab.type("Kommst du mit, @")
    tab.wait("!document.querySelector('.suggestions').hidden")
    return tab


@screen("emoji")
def emoji(stage, look):
    tab = talk(stage, look)
    tab.click(".composer .icon-button")
    tab.wait("document.querySelector('.emoji-panel')")
    return tab


@screen("reply")
def reply(stage, look):
    tab = talk(stage, look)
    tab.hover(".message.other", "Getauscht")
    tab.click(".message.other .actions .icon-button:last-child") if look.get(
        "width", 1280) >= 760 else tab.run(
        "document.querySelector('.message.other .actions .icon-button:last-child').click()")
    tab.wait("!document.querySelector('.reply-bar').hidden")
    return tab


@screen("delivery")
def delivery(stage, look):
    tab = talk(stage, look)
    tab.click(".message:last-child .delivery, li:last-child .delivery")
    tab.wait("document.querySelector('dialog[open] .rows')")
    return tab


@screen("failed")
def failed(stage, look):
    tab = talk(stage, look)
    stage.node.fail("send", "read-only", "the disk cannot be written to")
    tab.click(".composer textarea")
    tab.type("Das hier kommt nicht an.")
    tab.key("Enter")
    tab.wait("document.querySelector('.failed')")
    return tab


@screen("group")
def group(stage, look):
    tab = talk(stage, look)
    tab.click(".head .icon-button[data-part=info]")
    tab.wait("document.querySelector('dialog[open] .rows')")
    return tab


@screen("group-new")
def group_new(stage, look):
    tab = conversation_list(stage, look)
    tab.click(".list-head .icon-button")
    tab.wait("document.querySelector('dialog[open] .picker')")
    return tab


@screen("group-left")
def group_left(stage, look):
    tab = talk(stage, look)
    stage.node.call("group.leave", {"group": "Vertrieb"})
    tab.run(f"location.hash = {group_hash(stage, 'Vertrieb')!r}")
    tab.wait("document.querySelector('.closed')")
    return tab


def page(stage, look, name, selector):
    tab = stage.office(**look)
    tab.run(f"location.hash = '#/{name}'")
    tab.wait(f"document.querySelector({selector!r})")
    return tab


@screen("people")
def people(stage, look):
    tab = page(stage, look, "people", ".folk li")
    tab.click(".folk summary", "Carla")
    tab.wait("document.querySelector('.folk details[open] .rows li')")
    return tab


@screen("remove")
def remove(stage, look):
    tab = people(stage, look)
    tab.click(".folk details[open] .danger-quiet")
    tab.wait("document.querySelector('dialog[open] .points')")
    return tab


@screen("rank")
def rank(stage, look):
    tab = people(stage, look)
    tab.click(".folk details[open] [data-part^=rank]")
    tab.wait("document.querySelector('dialog[open] .options')")
    return tab


@screen("admit-closed")
def admit_closed(stage, look):
    return page(stage, look, "admit", ".rows li")


@screen("admit")
def admit(stage, look):
    tab = admit_closed(stage, look)
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Emre Kaya", "emre-laptop")
    tab.wait("document.querySelector('.request .digits')")
    return tab


@screen("admit-choices")
def admit_choices(stage, look):
    tab = admit(stage, look)
    tab.click(".choices summary")
    tab.wait("document.querySelector('.choices[open]')")
    return tab


@screen("admit-device")
def admit_device(stage, look):
    """Somebody at the door has a name that is taken, and it was said whose device it is."""
    tab = admit_closed(stage, look)
    tab.click(".door-state .button")
    tab.wait("document.querySelector('.door-card.open')")
    stage.node.knock("Carla Özdemir", "carla-neu")
    tab.wait("document.querySelector('.choices[open] select')")
    tab.run("""(() => {
      const kind = document.querySelector('.choices select');
      kind.value = 'known';
      kind.dispatchEvent(new Event('change'));
    })()""")
    return tab


@screen("toast")
def toast(stage, look):
    """What goes wrong in a dialog is said in it."""
    tab = ticket_made(stage, look)
    tab.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    tab.click("dialog[open] .button.primary")
    tab.wait("document.querySelector('dialog .toast')")
    return tab


@screen("ticket-new")
def ticket_new(stage, look):
    tab = admit_closed(stage, look)
    tab.click(".page-body > .card .button",
              "ticket" if look.get("language") == "en-GB" else "Ticket")
    tab.wait("document.querySelector('dialog[open] #ticket-kind')")
    return tab


@screen("ticket-made")
def ticket_made(stage, look):
    tab = ticket_new(stage, look)
    tab.click("dialog[open] .button.primary")
    tab.wait("document.querySelector('dialog[open] .line-box')")
    return tab


@screen("more")
def more(stage, look):
    return page(stage, look, "more", ".tiles li")


@screen("settings")
def settings(stage, look):
    return page(stage, look, "settings", ".segments")


@screen("stored")
def stored(stage, look):
    return page(stage, look, "stored", ".facts")


@screen("doctor")
def doctor(stage, look):
    return page(stage, look, "doctor", ".checks li")


@screen("recovery")
def recovery(stage, look):
    tab = page(stage, look, "recovery", ".card .button")
    tab.click(".card .button")
    tab.wait("document.querySelector('.line-box')")
    return tab


@screen("degraded")
def degraded(stage, look):
    tab = talk(stage, look)
    stage.node.degrade("no-peers", "no other computer of the office is linked")
    stage.node.degrade("disk-full", "12 MiB are free at /home")
    tab.wait("document.querySelector('.banner.bad')")
    return tab


@screen("degraded-details")
def degraded_details(stage, look):
    tab = degraded(stage, look)
    tab.click(".banner.bad .link")
    tab.wait("document.querySelector('dialog[open] .states')")
    return tab


@screen("removed")
def removed(stage, look):
    tab = talk(stage, look)
    stage.node.remove_own("Ben Vogel")
    tab.wait("document.querySelector('.closed') && document.querySelectorAll('.banner').length === 1"
             " && document.querySelector('.banner.bad a')")
    return tab


@screen("returning")
def returning(stage, look):
    tab = removed(stage, look)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    # The banner is drawn anew while the list beside it still is.
    tab.settle()
    tab.click(".banner.bad a")
    tab.wait("document.querySelector('.door-list li')")
    return tab


@screen("returning-sure")
def returning_sure(stage, look):
    tab = returning(stage, look)
    tab.click(".door-list .button")
    tab.wait("document.querySelector('dialog[open] .buttons')")
    return tab


@screen("locked")
def locked(stage, look):
    tab = stage.office(**look)
    stage.expects("401", "cookie")
    stage.mock.cookie = "another"
    stage.mock.set_away(True)
    stage.mock.wait_for_no_stream()
    stage.mock.set_away(False)
    tab.wait("document.querySelector('.plain:not(.waiting) h1')")
    return tab


@screen("away")
def away(stage, look):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = stage.mock or Mock(Methods())
    stage.expects("503", "away")
    stage.mock.set_away(True)
    tab = stage.browser.tab(**{"language": "de-DE", **look})
    stage.tabs.append(tab)
    tab.open(stage.mock.link())
    tab.wait("getComputedStyle(document.querySelector('.slow')).opacity === '1'")
    return tab
