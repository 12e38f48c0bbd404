"""The sign in the list that something unread names oneself: when it comes, stays and goes."""

from cases_talk import show, talk
from fakemethods import Methods
from fakeoffice import now
from mock import Mock
from suite import case, expect

#: What stands at the conversations with something unread, as eyes see it.
SIGNS = "[...document.querySelectorAll('.item .count [aria-hidden]')].map((one) => one.innerText).join()"


@case("named", "a conversation in which something unread names oneself says so in the list")
def named(stage):
    with_mention = "[...document.querySelectorAll('.item')].filter((one) => " \
        "[...one.querySelectorAll('.count')].some((count) => count.innerText.startsWith('@')))" \
        ".map((one) => one.querySelector('.title').innerText).join()"
    stage.mock = Mock(Methods())
    stage.node.incoming("Vertrieb", "Carla Özdemir", "@Anna Weber kommst du?")
    tab = talk(stage)
    tab.wait(f"{with_mention} === 'Vertrieb'")
    stage.node.incoming("everyone", "Ben Vogel", "@Anna kommst du, @Ben Vogel?")
    stage.node.incoming("everyone", "Ben Vogel", "Oder @Anna Weber?")
    tab.wait(f"{with_mention} === 'Alle,Vertrieb'")
    show(stage, tab, "everyone")
    tab.wait(f"{with_mention} === 'Vertrieb'")


@case("named-seen", "a sign that names oneself goes once what names one was seen")
def named_seen(stage):
    stage.mock = Mock(Methods())
    node = stage.node
    for group in node.groups:
        group["unread"] = 0
    node.incoming("Vertrieb", "Ben Vogel", "@Anna Weber kommst du?")
    # It is seen elsewhere while this page looks for it.
    held = node.hold_answers("read")
    tab = stage.browser.tab(language="de-DE")
    stage.tabs.append(tab)
    tab.open(stage.mock.link())
    node.wait_for_call("read")
    stage.mock.wait_for_stream()
    tab.wait_text("eine ungelesene Nachricht", "document.querySelector('.list')")
    node.m_group_seen("Vertrieb")
    node.tell("changed", list="groups")
    tab.wait("!document.querySelector('.item .count')")
    held.set()
    del node.late["read"]
    node.incoming("Vertrieb", "Carla Özdemir", "Bin da.")
    tab.wait("document.querySelector('.item .count')")
    expect("@" not in tab.run(SIGNS), f"what was seen names her: {tab.run(SIGNS)}")
    # Of three only the first is seen.
    first = node.incoming("Vertrieb", "Ben Vogel", "Und @Anna Weber?")
    for text in ("Sie kommt.", "Gut."):
        node.incoming("Vertrieb", "Ben Vogel", text)
    tab.wait(f"{SIGNS}.startsWith('@')")
    node.m_group_seen("Vertrieb", node.entry(first)["cursor"])
    node.tell("changed", list="groups")
    tab.wait(f"{SIGNS}.startsWith('2')")


def quiet(stage):
    """A tab in front of "Werkstatt", in an office in which nothing is unread."""
    stage.mock = Mock(Methods())
    for group in stage.node.groups:
        group["unread"] = 0
    return talk(stage)


def unseen(stage, *texts, group="Vertrieb"):
    """Ben writes these in a group that is not open; gives their entries."""
    return [stage.node.incoming(group, "Ben Vogel", text) for text in texts]


def see(stage, entry, group="Vertrieb"):
    """Another page says that all up to this one was shown."""
    stage.node.m_group_seen(group, stage.node.entry(entry)["cursor"])
    stage.node.tell("changed", list="groups")


def heard(stage, tab, text):
    """All that was told and answered before is in the page: what Ben writes in it now is shown."""
    stage.node.incoming("Werkstatt", "Ben Vogel", text)
    tab.wait_text(text, "document.querySelector('.messages')")


@case("named-fresh", "no list or answer of before takes the sign of a message that just came away")
def named_fresh(stage):
    tab = quiet(stage)
    node = stage.node
    # A list that was made before the message comes after it.
    asked, lists = node.count("group.list"), node.hold_answers("group.list")
    node.tell("changed", list="groups")
    node.wait_for_call("group.list", count=asked + 1)
    unseen(stage, "@Anna Weber kommst du?")
    heard(stage, tab, "eins")
    lists.set()
    del node.late["group.list"]
    tab.wait(f"{SIGNS} === '@,1'")
    # So does what was unread before it.
    first, *_ = unseen(stage, "Sie kommt.", "Gut.")
    tab.wait(f"{SIGNS} === '@,3'")
    reads, answers = node.count("read"), node.hold_answers("read")
    see(stage, first)
    node.wait_for_call("read", count=reads + 1)
    unseen(stage, "Und @Anna Weber?")
    tab.wait(f"{SIGNS} === '@,2'")
    heard(stage, tab, "zwei")
    answers.set()
    del node.late["read"]
    heard(stage, tab, "drei")
    unseen(stage, "Ja.")
    tab.wait(f"{SIGNS} === '@,3'")


@case("named-other", "that another group is looked at takes no sign of a message that just came away")
def named_other(stage):
    tab = quiet(stage)
    node = stage.node
    first, *_ = unseen(stage, "@Anna Weber", "Moin", "Halle 2", group="everyone")
    tab.wait(f"{SIGNS} === '@,3'")
    reads, answers = node.count("read"), node.hold_answers("read")
    see(stage, first, "everyone")
    node.wait_for_call("read", count=reads + 1)
    # The answer comes while no list has the message yet.
    lists = node.hold("group.list")
    unseen(stage, "@Anna Weber kommst du?")
    heard(stage, tab, "eins")
    answers.set()
    del node.late["read"]
    tab.wait(f"{SIGNS} === '2'")
    lists.set()
    del node.held["group.list"]
    tab.wait(f"{SIGNS} === '2,@,1'")


@case("named-read", "neither a failed answer nor one that is newer than the list takes the sign away")
def named_read(stage):
    tab = quiet(stage)
    node = stage.node
    # What stands last was written before this computer came, and is not unread.
    node.close_off("Vertrieb", "Ben Vogel", 3, now() + 60_000)
    first, second, naming = unseen(stage, "eins", "zwei", "@Anna Weber drei")
    tab.wait(f"{SIGNS} === '@,3'")
    node.fail("read", "busy")
    reads = node.count("read")
    see(stage, first)
    node.wait_for_call("read", count=reads + 1)
    tab.wait(f"{SIGNS} === '@,2'")
    unseen(stage, "vier")
    tab.wait(f"{SIGNS} === '@,3'")
    reads, held = node.count("read"), node.hold("read")
    see(stage, second)
    node.wait_for_call("read", count=reads + 1)
    tab.wait(f"{SIGNS} === '@,2'")
    lists = node.hold("group.list")
    unseen(stage, "fünf")
    held.set()
    del node.held["read"]
    heard(stage, tab, "eins")
    lists.set()
    del node.held["group.list"]
    tab.wait(f"{SIGNS} === '@,3'")
    # Where the answer failed it is looked at again with the next list.
    node.fail("read", "busy")
    reads = node.count("read")
    see(stage, naming)
    node.wait_for_call("read", count=reads + 1)
    unseen(stage, "sechs")
    tab.wait(f"{SIGNS} === '3'")


@case("named-many", "the sign stays while more is unread than is looked at")
def named_many(stage):
    tab = quiet(stage)
    numbers = (f"Nummer {number}" for number in range(130))
    first, *_, late = unseen(stage, "eins", "@Anna Weber zwei", *numbers)
    tab.wait(f"{SIGNS} === '@,132'")
    reads = stage.node.count("read")
    see(stage, first)
    stage.node.wait_for_call("read", count=reads + 1)
    tab.wait(f"{SIGNS} === '@,131'")
    unseen(stage, "Nummer 130")
    tab.wait(f"{SIGNS} === '@,132'")
    see(stage, late)
    tab.wait(f"{SIGNS} === '1'")


@case("late-above", "what came late and stands above all that is in sight is led to")
def late_above(stage):
    tab = quiet(stage)
    room, ben = stage.node.group("Vertrieb"), stage.node.member("Ben Vogel")
    newest = room["latest"]["ms"]
    for number in range(150):
        stage.node.say(room, ben, f"Nummer {number}", newest - (200 - number) * 60_000)
    up = "document.querySelector('.jump.up:not([hidden])')"
    in_sight = ("(() => { const row = [...document.querySelectorAll('.message')]"
                ".find((one) => one.innerText.includes('@Anna Weber')); const place = row"
                "?.getBoundingClientRect(); return place && place.top > 0 && place.bottom < 800"
                " && row.contains(document.activeElement); })()")
    # One that came while another conversation was open; and one more while this one is read.
    for minutes, text in ((195, "@Anna Weber eins"), (190, "@Anna Weber zwei")):
        if minutes == 190:
            tab.run("document.querySelector('.jump:not(.up)').click()")
            tab.wait("document.querySelector('.jump:not(.up)').hidden")
        expect(not tab.run(f"Boolean({up})"), "it leads to nothing")
        stage.node.incoming("Vertrieb", "Carla Özdemir", text, late=True,
                            ms=newest - minutes * 60_000)
        tab.wait(f"{SIGNS}.startsWith('@') || {up}")
        if minutes == 195:
            show(stage, tab, "Vertrieb")
        tab.wait(up)
        expect("zwei" in text or not tab.run("document.body.innerText.includes('@Anna Weber')"),
               "it is in sight already")
        tab.click(".jump.up", "Kam verspätet an")
        tab.wait(in_sight.replace("@Anna Weber", text))
        tab.wait(f"!{up}")


@case("named-late", "a mention that came late is signed, also when the page opens, until it is seen")
def named_late(stage):
    stage.mock = Mock(Methods())
    node = stage.node
    for group in node.groups:
        group["unread"] = 0
    node.incoming("Vertrieb", "Carla Özdemir", "von elf Uhr", ms=now() - 60_000)
    node.m_group_seen("Vertrieb")
    late = {"late": True, "ms": now() - 3_600_000}
    node.incoming("Vertrieb", "Ben Vogel", "@Anna Weber von neun Uhr", **late)
    tab = talk(stage)
    tab.wait(f"{SIGNS} === '@,1'")
    # Something newer comes and is seen; what came late is not.
    newer = node.entry(node.incoming("Vertrieb", "Carla Özdemir", "zwölf"))["cursor"]
    tab.wait(f"{SIGNS} === '@,2'")
    node.m_group_seen("Vertrieb", newer, **{"from": newer})
    node.tell("changed", list="groups")
    node.wait_for_call("group.list")
    node.incoming("everyone", "Ben Vogel", "Und hier")
    tab.wait(f"{SIGNS} === '1,@,2'")
    node.m_group_seen("Vertrieb")
    node.tell("changed", list="groups")
    tab.wait(f"{SIGNS} === '1'")


@case("called-otherwise", "the dialog about a group is called as the group is")
def called_otherwise(stage):
    tab = talk(stage)
    tab.click(".head [data-part=info]")
    tab.wait("document.querySelector('dialog h2')?.innerText === 'Werkstatt'")
    stage.node.m_group_rename("Werkstatt", "Halle 9")
    tab.wait("document.querySelector('dialog h2').innerText === 'Halle 9'")


@case("not-oneself", "in the list nobody's text looks like one's own")
def not_oneself(stage):
    tab = talk(stage)
    stage.node.incoming("@Ben Vogel", "Ben Vogel", "Du: Ich komme.")
    tab.wait("[...document.querySelectorAll('.item .sub')].some((one) => "
             "one.innerText.startsWith('Ben Vogel: Du: Ich komme.'))")
