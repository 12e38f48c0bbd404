"""Much at once in the open conversation, and pages of it that do not come, or bring nothing."""

from cases_long import NUMBERS, contiguous
from cases_races import far_up
from cases_talk import LAST, show, talk
from suite import case, expect

#: The row in sight first: what it says, and how far below the edge it stands.
FIRST = """(() => {
  const edge = document.querySelector('.timeline').getBoundingClientRect().top;
  const row = [...document.querySelectorAll('.message')].find((one) =>
    one.getBoundingClientRect().top >= edge);
  return [row.querySelector('.text').textContent, row.getBoundingClientRect().top - edge];
})()"""
ROWS = "document.querySelectorAll('.message').length"


def long_group(stage, past=3000):
    """A tab with a long group, of which the first page above is there."""
    tab = stage.office(past=past)
    show(stage, tab, "Archiv")
    tab.wait(f"{ROWS} >= 76")
    return tab


def scroll_up(tab, rows):
    """Until there are so many rows."""
    while (now := tab.run(ROWS)) < rows:
        tab.run("document.querySelector('.timeline').scrollTop = 900")
        tab.wait(f"{ROWS} > {now}")


@case("busy-open", "hundreds of own messages and how far they come cost one layout a frame, and few calls")
def busy_open(stage):
    tab = talk(stage)
    tab.run("""(() => {
      window.reads = 0;
      window.frames = 0;
      const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
      Object.defineProperty(document.querySelector('.timeline'), 'scrollHeight', { get() {
        window.reads += 1;
        return get.call(this);
      } });
      const frame = () => {
        window.frames += 1;
        requestAnimationFrame(frame);
      };
      frame();
    })()""")
    asked = stage.node.count("delivery")
    with stage.node.lock:
        for number in range(300):
            entry = stage.node.m_send("Werkstatt", f"vom anderen Rechner {number}")["entry"]
            for devices in (2, 3, 4):
                stage.node.delivered(entry, devices)
    tab.wait_text("vom anderen Rechner 299", LAST)
    tab.wait_text("bei allen angekommen", LAST)
    reads, frames = tab.run("[reads, frames]")
    asked = stage.node.count("delivery") - asked
    # What is at the end is scrolled to, and the browser tells that it was scrolled.
    expect(reads <= 4 * frames + 10, f"{reads} layouts in {frames} frames")
    expect(asked <= 3, f"it was asked {asked} times who carries a message")
    return f"{reads} layouts in {frames} frames"


@case("row-stays", "a row stays while others react to it or more devices have it, and so does what is open at it")
def row_stays(stage):
    tab = talk(stage)
    own = next(one for one in reversed(stage.node.messages[stage.node.group("Werkstatt")["id"]])
               if one["own"])
    tab.run(f"""(() => {{
      window.row = {LAST};
      window.button = row.querySelector('.actions .icon-button');
      button.click();
    }})()""")
    tab.wait("document.querySelector('.emoji-panel')")
    stage.node.delivered(own["entry"], 4)
    tab.wait_text("bei allen angekommen", LAST)
    with stage.node.lock:
        ben = stage.node.member("Ben Vogel")
        stage.node.tell("reaction", reaction={
            "entry": own["entry"], "group": own["group"], "reactions": [
                {"text": "🎉", "members": [{"id": ben["id"], "name": ben["name"]}], "own": False}]})
    tab.wait(f"{LAST}.querySelector('.reaction')")
    expect(tab.run("row.isConnected && button.isConnected && document.activeElement"
                   ".closest('.emoji-panel') !== null"), "the row was made anew")


@case("hidden-flood", "what stands above messages that are shown to nobody is reached")
def hidden_flood(stage):
    tab = stage.office(past=3000)
    stage.node.hide("Archiv", "Ben Vogel", 7000)
    show(stage, tab, "Archiv")
    tab.wait_text("(2999)", LAST)
    count = stage.node.count("read")
    expect(count < 20, f"{count} pages were asked for")
    scroll_up(tab, 130)
    # And where they stand between what is shown and what is above.
    stage.node.incoming("Archiv", "Ben Vogel", "Danach")
    show(stage, tab, "Werkstatt")
    show(stage, tab, "Archiv")
    tab.wait_text("Danach", LAST)
    tab.wait_text("(2999)", "document.querySelector('.messages')")


@case("older-away", "a page that does not come is not asked for again and again, and comes with the node")
def older_away(stage):
    tab = long_group(stage)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    rows = tab.run(ROWS)
    tab.requests.clear()
    tab.run("""new Promise((done) => {
      const scroller = document.querySelector('.timeline');
      const ends = performance.now() + 1200;
      const scroll = () => {
        scroller.scrollTop = 300 + performance.now() % 9;
        if (performance.now() > ends) done();
        else requestAnimationFrame(scroll);
      };
      scroll();
    })""", waits=True)
    asked = sum(one.endswith("/rpc") for one in tab.requests)
    expect(0 < asked <= 4, f"{asked} calls in a second")
    stage.mock.set_away(False)
    tab.wait("!document.querySelector('.banners').innerText.includes('Keine Verbindung')")
    scroll_up(tab, rows + 1)


@case("opened-away", "a conversation that was opened while the node was away is whole when it is back")
def opened_away(stage):
    tab = stage.office(past=3000)
    stage.expects("503", "away", "ERR_")
    stage.mock.set_away(True)
    tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
    tab.run(f"location.hash = '#/g/{stage.node.group('Archiv')['id']}'")
    tab.wait_text("antwortet gerade nicht", "document.querySelector('.messages')")
    stage.mock.set_away(False)
    tab.wait_text("(2999)", LAST)
    expect(not tab.run("document.querySelector('.messages .note')"), "it says still that it is away")
    expect("fängt es an" not in tab.run("document.querySelector('.above').innerText"), "it begins here")
    scroll_up(tab, 130)


@case("read-above", "whoever reads further up stays there while so much comes that rows must go")
def read_above(stage):
    tab = long_group(stage)
    scroll_up(tab, 250)
    tab.run("document.querySelector('.timeline').scrollTop = 1700")
    tab.wait(f"{ROWS} < 300 && document.querySelector('.above').textContent === ''")
    text, top = tab.run(FIRST)
    for number in range(60):
        stage.node.incoming("Archiv", "Ben Vogel", f"Neu {number}")
    tab.wait_text("60 neue", "document.querySelector('.jump')")
    now, moved = tab.run(FIRST)
    expect(now == text and abs(moved - top) <= 2, f"{text!r} at {top} was in sight, now {now!r} at {moved}")
    tab.click(".jump")
    tab.wait_text("Neu 59", LAST)


@case("seen-far", "of more unread messages than are shown the others stay unread until they are in sight",
      seconds=90)
def seen_far(stage):
    tab = talk(stage)
    with stage.node.lock:
        for number in range(400):
            stage.node.incoming("Vertrieb", "Carla Özdemir", f"Viel {number}")
    tab.wait("document.title.startsWith('(403)')")
    show(stage, tab, "Vertrieb")
    tab.wait_text("ungelesene Nachrichten", "document.querySelector('.unread-line')")
    words = tab.run("document.querySelector('.unread-line').innerText")
    expect(words == "Darüber stehen noch 102 ungelesene Nachrichten", words)
    # The page above is there, and the line is in sight still.
    tab.wait_text("Viel 99", "document.querySelector('.messages')")
    tab.wait("document.querySelector('.unread-line').getBoundingClientRect().top"
             " > document.querySelector('.timeline').getBoundingClientRect().top")
    tab.wait("document.querySelector('.timeline').scrollTop = 1e9,"
             " document.querySelector('.jump').hidden")
    params = stage.node.wait_for_call("group.seen")
    newest = stage.node.messages[stage.node.group("Vertrieb")["id"]][-1]["cursor"]
    expect(params["cursor"] == newest and params.get("from"), f"seen was {params}")
    tab.wait("document.title.startsWith('(403)')")
    expect(stage.node.group("Vertrieb")["unread"] == 402, "what nobody saw counts as seen")
    for _ in range(12):
        if stage.node.group("Vertrieb")["unread"] == 0:
            break
        tab.run("""new Promise((done) => {
          document.querySelector('.timeline').scrollTop = 0;
          setTimeout(done, 500);
        })""", waits=True)
    expect(stage.node.group("Vertrieb")["unread"] == 0, "what was in sight counts as unread")


@case("quote-early", "a click on a quote leads there while a page is on its way")
def quote_early(stage):
    tab = stage.office(past=3000)
    with stage.node.lock:
        group = stage.node.group("Archiv")
        past = stage.node.past[group["id"]].message(2850)
        stage.node.incoming("Archiv", "Ben Vogel", "Wie gesagt")
        stage.node.messages[group["id"]][-1]["reply"] = {
            "entry": past["entry"], "member": past["member"], "text": past["text"]}
    show(stage, tab, "Archiv")
    tab.wait(f"{ROWS} >= 76")
    held = stage.node.hold("read")
    count = stage.node.count("read")
    tab.run("document.querySelector('.timeline').scrollTop = 300")
    stage.node.wait_for_call("read", count=count + 1)
    tab.run(f"{LAST}.querySelector('.quote').click()")
    held.set()
    tab.wait("document.activeElement.innerText?.includes('(2850)')")


@case("break-above", "after a break what changed far above is as it is by now")
def break_above(stage):
    tab = talk(stage)
    with stage.node.lock:
        for number in range(150):
            stage.node.incoming("Vertrieb", "Carla Özdemir", f"Viel {number}")
    tab.wait("document.title.startsWith('(153)')")
    show(stage, tab, "Vertrieb")
    tab.wait(f"{ROWS} >= 150")
    ben = stage.node.member("Ben Vogel")
    with stage.node.lock:
        message = stage.node.messages[stage.node.group("Vertrieb")["id"]][20]
        message["reactions"] = [
            {"text": "🎉", "members": [{"id": ben["id"], "name": ben["name"]}], "own": False}]
    stage.mock.drop_streams()
    tab.wait("document.querySelector('.reaction')")


@case("long-text", "a long text is folded: its beginning is drawn, and all of it by a click")
def long_text(stage):
    tab = talk(stage)
    stage.node.incoming("Werkstatt", "Ben Vogel", "Zeile @Anna Weber\n" * 3000 + "Schluss")
    tab.wait_text("Alles zeigen", LAST)
    height = tab.run(f"{LAST}.offsetHeight")
    expect(height < 2000, f"it stands {height} pixels high")
    expect(tab.run(f"{LAST}.querySelectorAll('.mention').length") <= 60, "all of it was drawn")
    tab.click(".message .link", "Alles zeigen")
    tab.wait_text("Schluss", LAST)
    expect(tab.run(f"document.activeElement === {LAST}"), "the focus is elsewhere")
    # Whatever is drawn anew of it stays unfolded.
    stage.node.incoming("Werkstatt", "Ben Vogel", "Kurz")
    tab.wait_text("Kurz", LAST)
    expect(tab.run("[...document.querySelectorAll('.message')].at(-2).innerText.includes('Schluss')"),
           "it was folded again")


@case("reply-unknown", "what is answered to and cannot be shown here keeps nothing else from being shown")
def reply_unknown(stage):
    tab = stage.office()
    with stage.node.lock:
        stage.node.incoming("Vertrieb", "Ben Vogel", "Dazu noch")
        stage.node.messages[stage.node.group("Vertrieb")["id"]][-1]["reply"] = {"entry": "ab" * 32}
    show(stage, tab, "Vertrieb")
    tab.wait_text("Dazu noch", LAST)
    tab.wait_text("Eine Nachricht, die hier nicht gezeigt werden kann", LAST)
    with stage.node.lock:
        stage.node.member("Ben Vogel")["name"] = "Benjamin Vogel"
        stage.node.tell("changed", list="members")
    tab.wait("[...document.querySelectorAll('.message .author')].some((one) => "
             "one.innerText === 'Benjamin Vogel')")


@case("burst-hidden", "of more than has room what came first is not drawn to be taken out again")
def burst_hidden(stage):
    tab = talk(stage)
    tab.run("""(() => {
      window.drawn = 0;
      new MutationObserver((all) => {
        for (const one of all) drawn += one.addedNodes.length;
      }).observe(document.querySelector('.messages'), { childList: true });
      // Nothing is done here meanwhile, as in a window in the background.
      setTimeout(() => {
        const ends = performance.now() + 2500;
        while (performance.now() < ends) { /* busy */ }
      });
    })()""")
    with stage.node.lock:
        for number in range(900):
            stage.node.incoming("Werkstatt", "Ben Vogel", f"Auf einmal {number}")
    tab.wait_text("Auf einmal 899", LAST)
    tab.wait("document.querySelector('.jump').hidden")
    drawn = tab.run("drawn")
    expect(drawn < 500, f"{drawn} rows were drawn")
    numbers = tab.run("""[...document.querySelectorAll('.message .text')]
      .map((one) => Number(/^Auf einmal (\\d+)$/.exec(one.textContent)?.[1]))
      .filter(Number.isFinite)""")
    expect(numbers == list(range(numbers[0], 900)), f"a gap or a repeat: {numbers}")
    # What was passed over was shown to nobody.
    params = stage.node.wait_for_call("group.seen", count=2)
    expect(params.get("from"), f"seen was {params}")
    return f"{drawn} rows"


@case("told-many", "of much that is told while a conversation is being read each stands once, in its place")
def told_many(stage):
    tab = talk(stage, "@Ben Vogel")
    # The answer is made behind it, then before it.
    for first, hold in ((0, stage.node.hold), (100, stage.node.hold_answers)):
        held = hold("read")
        count = stage.node.count("read")
        tab.run(f"location.hash = '#/g/{stage.node.group('Werkstatt')['id']}'")
        stage.node.wait_for_call("read", count=count + 1)
        with stage.node.lock:
            for number in range(first, first + 40):
                stage.node.incoming("Werkstatt", "Ben Vogel", f"Mitten hinein {number}")
        tab.wait("[...document.querySelectorAll('[aria-live]')].some((one) => "
                 f"one.innerText.includes('Mitten hinein {first + 39}'))")
        held.set()
        # How much of it lies above what is in sight is a matter of moments: what is far is not fetched.
        tab.wait("[document.querySelector('.timeline').scrollTop = 0] && "
                 "document.querySelector('.messages').innerText.includes('Die Presse steht')")
        numbers = tab.run("""[...document.querySelectorAll('.message .text')]
          .map((one) => Number(/hinein (\\d+)$/.exec(one.textContent)?.[1])).filter(Number.isFinite)""")
        expect(numbers == [*range(40), *range(100, 140)][:40 + (first and 40)],
               f"they stand so: {numbers}")
        show(stage, tab, "@Ben Vogel")


@case("newer-cut", "where a page downwards has no room in one answer nothing of it is left out", seconds=120)
def newer_cut(stage):
    tab = far_up(stage)
    stage.node.letters_max = 1000
    for _ in range(80):
        numbers = contiguous(tab)
        if numbers[-1] == 2999:
            break
        tab.run("document.querySelector('.timeline').scrollTop = 1e9")
        tab.wait(f"{NUMBERS}.at(-1) > {numbers[-1]}")
    expect(numbers[-1] == 2999, "the end was not reached")
