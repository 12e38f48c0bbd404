"""Writing and reading: what a conversation shows and says."""

from browser import SHIFT
from suite import case, expect

OWN = "[...document.querySelectorAll('.message.own')].at(-1)"
LAST = "[...document.querySelectorAll('.message')].at(-1)"
CHOSEN = "document.querySelector('.suggestions [aria-selected=true]')?.innerText"
SUGGESTED = "document.querySelectorAll('.suggestions:not([hidden]) li').length"


def talk(stage, group="Werkstatt", **look):
    tab = stage.office(**look)
    show(stage, tab, group)
    return tab


def show(stage, tab, group):
    tab.run(f"location.hash = '#/g/{stage.node.group(group)['id']}'")
    room = stage.node.group(group)
    title = "Alle" if room["kind"] == "everyone" else room["title"].lstrip("@")
    tab.wait(f"document.querySelector('.conversation h1')?.innerText === {title!r}")
    tab.wait("document.querySelector('.conversation .message')")


def write(tab, text):
    tab.click(".composer textarea")
    tab.type(text)
    tab.key("Enter")


@case("writes", "Enter sends, Shift and Enter breaks; it counts as sent only once it is durable")
def writes(stage):
    tab = talk(stage)
    held = stage.node.hold("send")
    tab.click(".composer textarea")
    tab.type("Erste Zeile")
    tab.key("Enter", SHIFT)
    tab.type("Zweite Zeile")
    tab.key("Enter")
    params = stage.node.wait_for_call("send")
    tab.wait_text("wird geschrieben", OWN)
    expect(params["text"] == "Erste Zeile\nZweite Zeile", f"sent was {params['text']!r}")
    expect(len(params["id"]) == 32, "without an id a retry would double")
    held.set()
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(tab.run("document.querySelectorAll('.message.own').length") == 4, "it is shown twice")
    expect(tab.run("document.querySelector('.composer textarea').value") == "", "the text stays")


@case("sends-twice", "two equal messages at once are two, whatever comes first: answer or event")
def sends_twice(stage):
    tab = talk(stage)
    held = stage.node.hold("send")
    for _ in range(2):
        write(tab, "ja")
    stage.node.wait_for_call("send")
    held.set()
    tab.wait("[...document.querySelectorAll('.message.own')].filter((one) => "
             "one.innerText.startsWith('ja') && one.querySelector('button.delivery')).length === 2")
    expect(tab.run("document.querySelectorAll('.message.own').length") == 5, "more than two")


@case("retries", "a refused message stays with its reason, and a retry has the same id")
def retries(stage):
    tab = talk(stage)
    stage.node.fail("send", "read-only", "the disk cannot be written to")
    write(tab, "Noch einmal bitte")
    tab.wait_text("kann gerade nichts geschrieben werden", OWN)
    tab.click(".failed .link", "Noch einmal")
    second = stage.node.wait_for_call("send", count=2)
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    expect(second["id"] == stage.node.wait_for_call("send")["id"], "another id would double it")
    stage.node.fail("send", "read-only")
    write(tab, "Weg damit")
    tab.click(".failed .link", "Verwerfen")
    tab.wait("!document.body.innerText.includes('Weg damit')")


@case("incoming", "what comes is shown, read out, counted elsewhere, and seen once it was shown")
def incoming(stage):
    tab = talk(stage)
    stage.node.incoming("Werkstatt", "Ben Vogel", "Fertig!")
    tab.wait_text("Fertig!", LAST)
    tab.wait_text("Ben Vogel: Fertig!", "document.getElementById('live')")
    stage.node.incoming("everyone", "Carla Özdemir", "Kuchen in der Küche 🍰")
    tab.wait("[...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle') "
             "&& one.querySelector('.count').innerText.includes('1'))")
    tab.wait("document.title.startsWith('(4)')")
    tab.click(".item .title", "Alle")
    tab.wait_text("Eine ungelesene Nachricht", "document.querySelector('.timeline')")
    tab.wait("![...document.querySelectorAll('.item.unread')].some((one) => "
             "one.innerText.includes('Alle'))")
    tab.wait("document.title.startsWith('(3)')")


@case("delivery", "how far a message has come is said in words, with every device on a click")
def delivery(stage):
    tab = talk(stage)
    write(tab, "Wer kommt mit?")
    entry = stage.node.wait_for_call("send") and stage.node.messages[
        stage.node.group("Werkstatt")["id"]][-1]["entry"]
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    stage.node.delivered(entry, 2)
    tab.wait_text("auf 2 von 4 Geräten, noch nicht: Dirk Hansen; box-3 bewahrt sie auf", OWN)
    tab.click("li:last-child .delivery")
    tab.wait_text("halle-2", "document.querySelector('dialog')")
    tab.wait_text("Bewahrt sie ungelesen auf", "document.querySelector('dialog')")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog')")
    expect(tab.run(f"{OWN}.contains(document.activeElement)"), "the focus did not come back")
    stage.node.delivered(entry, 4)
    tab.wait_text("bei allen angekommen", OWN)
    # Somebody came since, has it, and cannot read it.
    asked = stage.node.m_delivery

    def later(entry):
        answer = asked(entry)
        next(one for one in answer["devices"] if not one["keeper"])["reads"] = False
        return answer

    stage.node.m_delivery = later
    with stage.node.lock:
        del stage.node.entry(entry)["state"]["everyone"]
        stage.node.tell("delivery", delivery={
            "entry": entry, "group": stage.node.entry(entry)["group"],
            "state": stage.node.entry(entry)["state"]})
    tab.wait_text("auf allen 4, die sie lesen können", OWN)
    tab.click("li:last-child .delivery")
    tab.wait_text("Kann sie nicht lesen", "document.querySelector('dialog')")


@case("late-absent", "late and absent messages are told so in words")
def late_absent(stage):
    tab = talk(stage)
    tab.wait_text("Kam verspätet an")
    tab.wait_text("Noch nicht lesbar")
    with stage.node.lock:
        closed = next(one for one in stage.node.messages[stage.node.group("Werkstatt")["id"]]
                      if "absence" in one)
        del closed["absence"]
        stage.node.tell("message", message={**closed, "text": "Jetzt lesbar"})
    tab.wait_text("Jetzt lesbar")
    expect(not tab.run("document.body.innerText.includes('Noch nicht lesbar')"),
           "it is there twice")
    # One that was written before others stands before them.
    earlier = stage.node.messages[stage.node.group("Werkstatt")["id"]][-1]["time"]["ms"] - 60_000
    stage.node.incoming("Werkstatt", "Dirk Hansen", "Von vorhin", late=True, ms=earlier)
    tab.wait_text("Von vorhin")
    expect("Schlussdienst" in tab.run(f"{LAST}.innerText"), "a late one stands behind all")


@case("reply-react", "a message can be answered to and reacted to, and both come back")
def reply_react(stage):
    tab = talk(stage)
    tab.hover(".message.other", "Halle 2")
    tab.click(".message.other:hover .actions .icon-button", None)
    tab.wait("document.querySelector('.emoji-panel')")
    tab.click(".emoji-panel .emoji", "👍")
    tab.wait("[...document.querySelectorAll('.message')].find((one) => "
             "one.innerText.includes('Halle 2')).querySelector('.reaction.own')")
    expect(stage.node.wait_for_call("react")["text"] == "👍", "another reaction")
    tab.click(".message .reaction.own", "1")
    expect(stage.node.wait_for_call("react", count=2).get("remove"), "it is not taken back")
    tab.hover(".message.other", "Halle 2")
    tab.click(".message.other:hover .actions .icon-button:last-child")
    tab.wait("document.activeElement.matches('.composer textarea')")
    tab.type("Alles klar")
    tab.key("Enter")
    params = stage.node.wait_for_call("send")
    expect(stage.node.entry(params["reply"])["text"].startswith("Ich bin heute"), "to another one")
    tab.wait_text("Ich bin heute ab 14 Uhr in Halle 2", OWN)
    tab.click("li:last-child .quote")
    tab.wait("document.activeElement.innerText.includes('Halle 2 zu finden')")


@case("mentions", "@ completes a member's name, by keys and by click, and a mention stands out")
def mentions(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("Frag mal @ha")
    tab.wait("!document.querySelector('.suggestions').hidden")
    expect(tab.run("document.querySelectorAll('.suggestions li').length") == 1, "not only Hansen")
    tab.key("Enter")
    expect(tab.run("document.querySelector('.composer textarea').value")
           == "Frag mal @Dirk Hansen ", "the name was not completed")
    tab.type("und @")
    tab.wait("!document.querySelector('.suggestions').hidden")
    tab.key("ArrowDown")
    tab.key("Escape")
    tab.wait("document.querySelector('.suggestions').hidden")
    tab.key("Enter")
    tab.wait("[...document.querySelectorAll('.own .mention')].some((one) => "
             "one.innerText === '@Dirk Hansen')")
    stage.node.incoming("Werkstatt", "Ben Vogel", "@Anna Weber, @Annabell und a@Anna Weber")
    tab.wait_text("@Annabell", LAST)
    expect(tab.run(f"[...{LAST}.querySelectorAll('.mention')].map((one) => one.innerText).join()")
           == "@Anna Weber", "somebody else is mentioned too")


@case("emoji", "the small picker puts an emoji where the cursor stands")
def emoji(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("Kaffee ")
    tab.click(".composer .icon-button")
    tab.wait("document.activeElement.matches('.emoji')")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        tab.key(key)
    tab.key("Enter")
    tab.wait("document.querySelector('.composer textarea').value === 'Kaffee 😘'")
    expect(tab.run("document.activeElement.matches('.composer textarea')"),
           "the focus is elsewhere")
    tab.click(".composer .icon-button")
    tab.key("Escape")
    tab.wait("!document.querySelector('.emoji-panel')")


@case("direct", "a person to whom nobody has written yet is written to, and that opens it")
def direct(stage):
    tab = stage.office()
    tab.click(".item .title", "Carla")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Carla Özdemir'")
    tab.wait_text("Noch keine Nachricht")
    write(tab, "Hallo Carla")
    to = f"@id:{stage.node.member('Carla Özdemir')['id']}"
    expect(stage.node.wait_for_call("send")["to"] == to, "it went elsewhere")
    tab.wait_text("noch auf keinem anderen Gerät", OWN)
    write(tab, "Noch etwas")
    second = stage.node.wait_for_call("send", count=2)
    expect(second["to"] == to, f"the second went to {second['to']}")
    stage.node.incoming("@Carla Özdemir", "Carla Özdemir", "Hallo Anna")
    tab.wait_text("Hallo Anna", LAST)


@case("direct-first", "who is written to first by somebody whose empty conversation is open sees it")
def direct_first(stage):
    tab = stage.office()
    tab.click(".item .title", "Carla")
    tab.wait_text("Noch keine Nachricht")
    with stage.node.lock:
        stage.node.add_group("direct", "@Carla Özdemir", ["Carla Özdemir"])
        stage.node.incoming("@Carla Özdemir", "Carla Özdemir", "Hallo Anna")
    tab.wait_text("Hallo Anna", LAST)
    tab.wait("![...document.querySelectorAll('.item.unread .title')].some((one) => "
             "one.innerText.includes('Carla'))")


@case("drafts", "what was begun in one conversation is there again after another one")
def drafts(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("Noch nicht fert")
    tab.click(".item .title", "Vertrieb")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Vertrieb'")
    expect(tab.run("document.querySelector('.composer textarea').value") == "", "it came along")
    tab.click(".item .title", "Werkstatt")
    tab.wait("document.querySelector('.composer textarea').value === 'Noch nicht fert'")


@case("too-long", "what is too long for one message is not sent, and it says so")
def too_long(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("ü" * 30_001)
    tab.wait_text("zu lang", "document.querySelector('.composer')")
    tab.key("Enter")
    tab.key("Backspace")
    tab.key("Enter")
    expect(len(stage.node.wait_for_call("send")["text"]) == 30_000, "the long one was sent")


@case("notifies", "the desktop is told of others' messages, and only after a click asked for it")
def notifies(stage):
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    tab = stage.browser.tab(language="de-DE")
    stage.tabs.append(tab)
    # The system's own notifications cannot be seen from here: this one notes what it is told.
    tab.call("Page.addScriptToEvaluateOnNewDocument", source="""
      window.told = []; window.asked = 0;
      window.Notification = class {
        static permission = 'default';
        static async requestPermission() {
          window.asked += 1;
          return (this.permission = 'granted');
        }
        constructor(title, options) { window.told.push(`${title}: ${options.body}`); }
        addEventListener() {}
        close() {}
      };
      Object.defineProperty(document, 'hidden', { get: () => true });""")
    tab.open(stage.mock.link())
    tab.wait("document.querySelector('.conversation .message')")
    stage.mock.wait_for_stream()
    expect(tab.run("window.asked") == 0, "it asked without a click")
    tab.run("location.hash = '#/settings'")
    tab.click(".card .button.primary", "Einschalten")
    tab.wait_text("weist dich auf Neues hin")
    stage.node.call("send", {"to": "Werkstatt", "text": "von mir, am anderen Rechner"})
    stage.node.incoming("Werkstatt", "Ben Vogel", "von Ben")
    stage.node.incoming("@Ben Vogel", "Ben Vogel", "nur an dich")
    tab.wait("window.told.length === 2")
    expect(tab.run("window.told") == ["Ben Vogel in Werkstatt: von Ben", "Ben Vogel: nur an dich"],
           f"told was {tab.run('window.told')}")


@case("others-go", "whoever comes or goes takes the composer from nobody's hands in a group of many")
def others_go(stage):
    tab = talk(stage)
    tab.click(".composer textarea")
    tab.type("Mitten im")
    tab.run("window.area = document.querySelector('.composer textarea')")
    held = stage.node.hold("group.list")
    # Who stands first of the others is out of the list of members before the groups are told.
    stage.node.call("member.remove", {"member": "Ben Vogel"})
    tab.run(f"location.hash = '#/g/{stage.node.group('Werkstatt')['id']}'")
    tab.wait("![...document.querySelectorAll('.item')].some((one) => "
             "one.querySelector('.title').innerText.includes('Ben') "
             "&& !one.innerText.includes('entfernt'))")
    tab.type(" Satz")
    expect(tab.run("document.querySelector('.composer textarea') === area "
                   "&& area.value") == "Mitten im Satz", "it was taken away")
    held.set()


def crowd(stage):
    """An office with a group of which not all members have room in the list."""
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    node = stage.node
    group = node.group("Werkstatt")
    for number in range(20):
        name = node.add_member(f"Mitglied {number}", "member", [(f"pc-{number}", "away", False)])
        group["members"].append({"id": name["id"], "name": name["name"]})
    node.named_max = 4
    return node, group


@case("further", "who has no room in an answer is counted, and named where it matters")
def further(stage):
    node, group = crowd(stage)
    last = node.messages[group["id"]][-1]
    last["reactions"] = [{"text": "🎉", "members": group["members"][:8], "further": 12, "own": True}]
    node.messages[node.everyone["id"]] = []
    tab = talk(stage)
    tab.wait_text("20", f"{LAST}.querySelector('.reaction')")
    expect("14 weitere" in tab.run(f"{LAST}.querySelector('.reaction').title"), "some have no word")
    # A group without a purpose or a message says in the list how many are in it.
    tab.wait_text("25 Mitglieder", "[...document.querySelectorAll('.item')].find((one) => "
                  "one.innerText.includes('Alle'))")
    tab.click(".composer textarea")
    tab.type("@Mitglied 19")
    tab.key("Backspace")
    tab.wait(f"{SUGGESTED} === 6")
    tab.key("Escape")
    tab.click(".head [data-part=info]")
    tab.wait_text("23 Mitglieder", "document.querySelector('dialog')")
    tab.wait_text("Mitglied 19", "document.querySelector('dialog')")
    tab.key("Escape")
    readers = [{"id": one["id"], "name": one["name"]} for one in node.members[:6]]
    node.m_stored = lambda: {"groups": [{
        "group": node.group_ref(group), "messages": 9, "devices": 3, "readers": readers,
        "further": 17}], "keepers": [], "devices": 3}
    tab.run("location.hash = '#/stored'")
    tab.wait_text("17 weitere", "document.querySelector('.facts')?.parentElement")


@case("further-late", "who begins a name before all members are known is offered them as they come")
def further_late(stage):
    node, _ = crowd(stage)
    tab = talk(stage, "Vertrieb")
    asked, held = node.count("group.list"), node.hold("group.list")
    show(stage, tab, "Werkstatt")
    node.wait_for_call("group.list", count=asked + 1)
    tab.click(".composer textarea")
    tab.type("@Mitglied 1")
    tab.settle()
    expect(tab.run(SUGGESTED) == 0, "somebody is offered whom nobody named")
    held.set()
    tab.wait(f"{SUGGESTED} === 6")
    # Who is chosen stays so, and a list that was closed stays closed, whoever comes.
    tab.key("ArrowDown")
    chosen = tab.run(CHOSEN)

    tab.run("""window.plainFetch = fetch;
      window.fetch = async (...all) => {
        const answer = await plainFetch(...all);
        if (all[1]?.body?.includes('"group":"id:')) {
          answer.clone().text().then(() => window.learnt = true);
        }
        return answer;
      };""")

    def comes(name):
        node.add_member(name, "member", [(f"pc of {name}", "away", False)])
        tab.run("window.learnt = false")
        node.call("group.add", {"group": "Werkstatt", "members": [name]})
        tab.wait("learnt")
        tab.settle()

    comes("Mitglied 1 A")
    tab.wait_text("Mitglied 1 A", "document.querySelector('.suggestions')")
    expect(tab.run(CHOSEN) == chosen, "somebody else is chosen")
    tab.key("Escape")
    comes("Mitglied 1 B")
    expect(tab.run(SUGGESTED) == 0, "it opens by itself")
    # Nor does one open over a draft to which somebody comes back.
    show(stage, tab, "Vertrieb")
    tab.run("window.learnt = false")
    show(stage, tab, "Werkstatt")
    tab.wait("learnt && document.activeElement.value === '@Mitglied 1'")
    tab.settle()
    expect(tab.run(SUGGESTED) == 0, "it opens over a draft")


@case("list-newest", "the list shows how the newest message of each conversation begins, and follows")
def list_newest(stage):
    tab = talk(stage)
    line = ("[...document.querySelectorAll('.item')].find((one) => "
            "one.querySelector('.title').innerText === {!r}).querySelector('.sub').innerText").format
    tab.wait(f"{line('Werkstatt')}.startsWith('Du: Wer macht am Freitag')")
    tab.wait(f"{line('Vertrieb')} === 'Carla Özdemir: Sie wollen bis Mittwoch antworten. 🤞'")
    tab.wait(f"{line('Ben Vogel')} === 'Klar, bin in fünf Minuten da.'")
    stage.node.incoming("Vertrieb", "Ben Vogel", "Sie haben\nzugesagt\u202e!")
    tab.wait(f"{line('Vertrieb')}.startsWith('Ben Vogel: Sie haben zugesagt')")
    expect("\u202e" not in tab.run(line("Vertrieb")), "a stranger's text turns the line round")
    write(tab, "Dann ich.")
    tab.wait(f"{line('Werkstatt')} === 'Du: Dann ich.'")
    # What cannot be read is no line.
    stage.node.close_off("Vertrieb", "Carla Özdemir", 1, stage.node.messages[
        stage.node.group("Vertrieb")["id"]][-1]["time"]["ms"] + 1)
    stage.node.tell("changed", list="groups")
    tab.wait(f"{line('Vertrieb')} === '3 Mitglieder'")


@case("talk-across", "what comes in the other group of the same two people is shown where they talk")
def talk_across(stage):
    tab = talk(stage, "@Ben Vogel")
    item = ("[...document.querySelectorAll('.item')].find((one) => "
            "one.querySelector('.title').innerText === 'Ben Vogel')")
    # The first one comes before the list knows of the group.
    stage.node.across("Ben Vogel", "Aus der anderen", is_listed=False)
    tab.wait_text("Aus der anderen", LAST)
    entry = stage.node.across("Ben Vogel", "Noch eine")
    tab.wait_text("Noch eine", LAST)
    stage.node.group("Vertrieb")["unread"] = 7
    stage.node.tell("changed", list="groups")
    tab.wait("[...document.querySelectorAll('.item .count')].some((one) => one.innerText[0] === '7')")
    tab.wait(f"!{item}.querySelector('.count')")
    # What changes of such a message is shown, too.
    stage.node.tell("reaction", reaction={
        "group": stage.node.entry(entry)["group"], "entry": entry,
        "reactions": [{"text": "👍", "members": [{"id": stage.node.own["id"], "name": "Anna"}]}]})
    tab.wait_text("👍", LAST)
    # Somebody else's conversation gets none of it.
    show(stage, tab, "Werkstatt")
    stage.node.across("Ben Vogel", "Und noch eine")
    tab.wait(f"{item}.querySelector('.count')?.innerText[0] === '1'")
    expect("Und noch eine" not in tab.run("document.querySelector('.messages').innerText"),
           "it stands in another conversation")
