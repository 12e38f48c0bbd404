"""Several tabs, one after another or at once; and much that comes in at once."""

from cases_talk import show, talk
from suite import case, expect

INPUT = "document.querySelector('.composer textarea').value"
TITLE = "document.querySelector('.conversation h1').innerText"


def another(stage, address=None, **look):
    """One more tab of the same browser."""
    tab = stage.browser.tab(**{"language": "de-DE", **look})
    stage.tabs.append(tab)
    tab.open(address or stage.mock.link())
    return tab


@case("tabs-apart", "what another tab shows takes nobody away from where they are writing")
def tabs_apart(stage):
    first = stage.office()
    first.wait("document.querySelector('.conversation .message')")
    shown = first.run(TITLE)
    second = another(stage)
    # What comes after the first paint must not move under a click.
    second.wait("performance.getEntriesByName('zuruf-ready').length > 0")
    second.click(".item .title", "Vertrieb")
    second.wait(f"{TITLE} === 'Vertrieb'")
    first.call("Page.bringToFront")
    first.click(".composer textarea")
    first.type("Die Kündigung von Ca")
    asked = stage.node.count("group.list")
    stage.node.incoming("Werkstatt", "Ben Vogel", "irgendwas")
    stage.node.wait_for_call("group.list", count=asked + 1)
    first.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
               "one.innerText.includes('Werkstatt'))")
    first.type("rla ist raus")
    first.key("Enter")
    params = stage.node.wait_for_call("send")
    expect(params["text"] == "Die Kündigung von Carla ist raus", f"sent was {params['text']!r}")
    expect(first.run(TITLE) == shown and stage.node.group(params["to"])["kind"] == "everyone",
           f"it went to {params['to']}")


@case("unread-told", "unread is what the node counts, however often a message is told of")
def unread_told(stage):
    tab = talk(stage)
    room, carla = stage.node.group("Vertrieb"), stage.node.member("Carla Özdemir")
    closed = []
    with stage.node.lock:
        for number in range(3):
            ms = room["latest"]["ms"] + number + 1
            message = stage.node.written(room, carla, None, ms, f"closed {number}")
            message["absence"] = "waiting-for-a-key"
            stage.node.messages[room["id"]].append(message)
            room["unread"] += 1
            closed.append(message)
            stage.node.tell("message", message=message)
    count = ("[...document.querySelectorAll('.item')].find((one) => "
             "one.innerText.includes('Vertrieb')).querySelector('.count span').innerText")
    tab.wait(f"{count} === '5'")
    asked = stage.node.count("group.list")
    with stage.node.lock:
        for message in closed:
            del message["absence"]
            stage.node.tell("message", message={**message, "text": "jetzt lesbar"})
    stage.node.wait_for_call("group.list", count=asked + 1)
    # The list that was asked for behind them is drawn once the next one is.
    stage.node.incoming("everyone", "Carla Özdemir", "Das Nächste")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle'))")
    expect(tab.run(count) == "5", f"the list says {tab.run(count)}")


@case("handover", "what changes while no tab follows is there when the next one does", seconds=90)
def handover(stage):
    first = talk(stage)
    second = another(stage)
    second.wait("document.querySelector('.conversation .message')")
    second.wait("!document.querySelector('.banner.bad')")
    stage.tabs.remove(first)
    first.close()
    # Told to nobody: as if it had happened in the gap.
    with stage.node.lock:
        stage.node.add_group("listed", "Neue Gruppe", ["Ben Vogel"])
    stage.mock.drop_streams()
    second.wait_text("Neue Gruppe", "document.querySelector('.list')")


@case("locked-next", "a locked tab leaves the stream, and what was begun in it, to the next one",
      seconds=90)
def locked_next(stage):
    first = talk(stage)
    stage.expects("401", "cookie", "ERR_")
    first.click(".composer textarea")
    first.type("Eine lange Nachricht, fast fertig")
    # The node began anew: its cookies count no more.
    stage.mock.renew()
    first.wait_text("Öffne Zuruf noch einmal")
    expect(first.run("document.getElementById('live').innerText") == "", "something is said still")
    second = another(stage)
    second.wait("document.querySelector('.conversation .message')")
    expect(stage.mock.wait_for_stream(), "nobody follows")
    show(stage, second, "Werkstatt")
    second.wait(f"{INPUT} === 'Eine lange Nachricht, fast fertig'")
    second.run("""window.heard = 0;
      new BroadcastChannel('zuruf-events').addEventListener('message', () => { heard += 1; });""")
    stage.node.incoming("everyone", "Carla Özdemir", "Eins")
    second.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
                "one.innerText.includes('Alle'))")
    # That one message, and the list of it; two tabs that answer each other make hundreds.
    expect(second.run("heard") <= 3, f"{second.run('heard')} messages between two resting tabs")
    expect(stage.mock.streams == 1, f"{stage.mock.streams} streams")


@case("locked-draft", "what was begun is there again in the same tab when its link is opened")
def locked_draft(stage):
    tab = talk(stage)
    stage.expects("401", "cookie", "ERR_")
    tab.click(".composer textarea")
    tab.type("Fast fertig")
    stage.mock.renew()
    tab.wait_text("Öffne Zuruf noch einmal")
    tab.open(stage.mock.link())
    tab.wait("document.querySelector('.conversation .message')")
    show(stage, tab, "Werkstatt")
    tab.wait(f"{INPUT} === 'Fast fertig'")
    expect(tab.run("Object.keys(localStorage).every((one) => !localStorage[one].includes('fertig'))"),
           "it lies on the disk")


@case("no-such-place", "an address that names nothing here leads to what there is")
def no_such_place(stage):
    tab = stage.office(width=360, height=640)
    for address in ("g/" + "0" * 64, "p/" + "0" * 32, "nonsense"):
        narrow = another(stage, f"{stage.mock.origin}/#/{address}", width=360, height=640)
        narrow.wait("document.querySelector('.shell')?.dataset.view === 'list'"
                    " && document.querySelector('.item')")
        wide = another(stage, f"{stage.mock.origin}/#/{address}")
        wide.wait("document.querySelector('.conversation .message')")
    expect(tab.run("document.querySelector('.shell').dataset.view") == "list", "another view")


@case("busy-office", "the page answers while messages of a whole office come in", seconds=170)
def busy_office(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    node = stage.node
    for number in range(500):
        node.add_member(f"Mitglied {number}", "member", [(f"pc-{number}", "linked", False)])
    for number in range(200):
        node.add_group("listed", f"Gruppe {number}",
                       [f"Mitglied {other}" for other in range(number, number + 30)])
    tab = stage.office()
    tab.run("""window.longest = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      }, 20);""")
    asked = node.count("group.list")
    with node.lock:
        for number in range(1000):
            node.incoming(f"Gruppe {number % 200}", f"Mitglied {number % 200}", f"text {number}")
    tab.wait("document.title.startsWith('(1003)')", seconds=120)
    asked = node.count("group.list") - asked
    expect(asked < 100, f"the list was asked for {asked} times for 1000 messages")
    drawn = tab.run("document.querySelectorAll('.item').length")
    expect(drawn > 700, f"{drawn} lines")
    longest = tab.run("longest")
    expect(longest < 1500, f"the page stood still for {longest:.0f} ms")
    return f"{longest:.0f} ms at most without an answer, {asked} lists"
