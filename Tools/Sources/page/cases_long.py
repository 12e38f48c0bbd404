"""A group of 100,000 messages: shown at once, scrolled through without a jump or a gap."""

from suite import case, expect

MESSAGES = 100_000
ROWS_MAX = 400
#: The numbers that the mock wrote into its messages, of the rows that are there now.
NUMBERS = """[...document.querySelectorAll('.message .text')]
  .map((one) => Number(/\\((\\d+)\\)$/.exec(one.textContent)?.[1])).filter(Number.isFinite)"""


def contiguous(tab):
    numbers = tab.run(NUMBERS)
    expect(numbers and numbers == list(range(numbers[0], numbers[0] + len(numbers))),
           f"a gap or a repeat: {numbers}")
    expect(len(numbers) <= ROWS_MAX, f"{len(numbers)} rows are in the page")
    return numbers


@case("long-open", "a group of 100,000 messages is shown at once, from the list and from a link")
def long_open(stage):
    tab = stage.office(past=MESSAGES)
    # Again, so that what is measured is the page and not the first compiling of its scripts.
    times = []
    tab.wait("[...document.querySelectorAll('.item')].some((one) => "
             "one.innerText.includes('Archiv'))")
    for title in ("Archiv", "Werkstatt", "Archiv"):
        times.append(tab.run(f"""new Promise((done) => {{
          const link = [...document.querySelectorAll('.item')].find((one) =>
            one.innerText.includes({title!r}));
          const began = performance.now();
          link.click();
          const look = () => {{
            if (document.querySelector('h1').innerText === {title!r}
              && document.querySelector('.conversation .message')) {{
              requestAnimationFrame(() => done(performance.now() - began));
            }} else requestAnimationFrame(look);
          }};
          look();
        }})""", waits=True))
    contiguous(tab)
    tab.run(f"localStorage.setItem('zuruf-last', {stage.node.group('Archiv')['id']!r})")
    tab.open(stage.mock.link())
    tab.wait("document.querySelector('.conversation .message')")
    whole = tab.wait("performance.getEntriesByName('zuruf-shown')[0]?.startTime")
    return f"{times[2]:.0f} ms from the click, {whole:.0f} ms from the link, to the first paint"


@case("long-scroll", "scrolling up loads older messages without a jump, and down without a gap",
      seconds=180)
def long_scroll(stage):
    tab = stage.office(past=MESSAGES)
    tab.click(".item .title", "Archiv")
    tab.wait("document.querySelector('h1').innerText === 'Archiv'"
             " && document.querySelector('.conversation .message')")
    tab.wait("document.querySelectorAll('.message').length >= 60")
    worst = 0
    for _ in range(25):
        # A row that is in sight stays where it is while older ones come in above.
        moved = tab.run("""new Promise((done) => {
          const scroller = document.querySelector('.timeline');
          const first = document.querySelector('.message .text').textContent;
          scroller.scrollTop = 300;
          const row = [...document.querySelectorAll('.message')].find((one) =>
            one.getBoundingClientRect().top > scroller.getBoundingClientRect().top + 40);
          const text = row.querySelector('.text').textContent;
          const top = row.getBoundingClientRect().top;
          const look = () => {
            if (document.querySelector('.message .text').textContent === first) {
              return requestAnimationFrame(look);
            }
            const now = [...document.querySelectorAll('.message')].find((one) =>
              one.querySelector('.text').textContent === text);
            return requestAnimationFrame(() =>
              done(now ? Math.abs(now.getBoundingClientRect().top - top) : -1));
          };
          look();
        })""", waits=True)
        expect(moved >= 0, "the row in sight was taken away")
        worst = max(worst, moved)
        numbers = contiguous(tab)
    expect(worst <= 2, f"what was in sight jumped by {worst} pixels")
    expect(numbers[0] < MESSAGES - 1200, f"only up to {numbers[0]}")
    # Something new meanwhile is counted, not shown: whoever reads old messages is not torn away.
    stage.node.incoming("Archiv", "Ben Vogel", "Neu von eben")
    tab.wait_text("Eine neue Nachricht", "document.querySelector('.jump')")
    for _ in range(60):
        if tab.run("document.querySelector('.messages').innerText.includes('Neu von eben')"):
            break
        tab.run("""new Promise((done) => {
          const scroller = document.querySelector('.timeline');
          const last = [...document.querySelectorAll('.message .text')].at(-1).textContent;
          scroller.scrollTop = scroller.scrollHeight;
          const ends = performance.now() + 8000;
          const look = () => {
            const now = [...document.querySelectorAll('.message .text')].at(-1).textContent;
            if (now !== last || performance.now() > ends) return done(true);
            return requestAnimationFrame(look);
          };
          look();
        })""", waits=True)
        contiguous(tab)
    expect(tab.run("[...document.querySelectorAll('.message .text')].at(-1).textContent")
           == "Neu von eben", "the newest is not reached by scrolling")
    return f"{worst:.1f} pixels at most"


@case("long-jump", "from far above one click leads to the newest message")
def long_jump(stage):
    tab = stage.office(past=MESSAGES)
    tab.click(".item .title", "Archiv")
    tab.wait("document.querySelector('h1').innerText === 'Archiv'"
             " && document.querySelectorAll('.message').length >= 60")
    for _ in range(8):
        first = tab.run("document.querySelector('.message .text').textContent")
        tab.run("document.querySelector('.timeline').scrollTop = 0")
        tab.wait(f"document.querySelector('.message .text').textContent !== {first!r}")
    tab.click(".jump")
    tab.wait(f"{NUMBERS}.at(-1) === {MESSAGES - 1}")
    tab.wait("document.querySelector('.jump').hidden")
    contiguous(tab)


@case("long-break", "whoever reads further up in a break of the stream misses nothing, and stays")
def long_break(stage):
    tab = stage.office(past=MESSAGES)
    stage.expects("503", "away", "ERR_")
    tab.click(".item .title", "Archiv")
    tab.wait("document.querySelector('h1').innerText === 'Archiv'"
             " && document.querySelectorAll('.message').length >= 60")
    tab.run("document.querySelector('.timeline').scrollTop -= 900")
    tab.wait("!document.querySelector('.jump').hidden")
    # First so few that they fit below what is shown, then more than a page.
    for count in (3, 80):
        stage.mock.set_away(True)
        tab.wait_text("Keine Verbindung zu Zuruf", "document.querySelector('.banners')")
        for number in range(count):
            stage.node.incoming("Archiv", "Ben Vogel", f"In der Pause {count} {number}")
        top = tab.run("document.querySelector('.timeline').scrollTop")
        stage.mock.set_away(False)
        tab.wait("!document.querySelector('.banners').innerText.includes('Keine Verbindung')")
        if count == 3:
            tab.wait_text("In der Pause 3 2", "document.querySelector('.messages')")
        expect(tab.run("document.querySelector('.timeline').scrollTop") == top, "it was torn away")
    tab.wait("document.querySelector('.timeline').scrollTop = 1e9,"
             " document.querySelector('.messages').innerText.includes('In der Pause 80 79')")
    texts = tab.run("[...document.querySelectorAll('.message .text')].map((one) => one.innerText)")
    news = [text for text in texts if text.startswith("In der Pause 80")]
    expect(news == [f"In der Pause 80 {number}" for number in range(80)][-len(news):],
           f"a gap or a repeat: {news}")
    # One that is older than all that is shown comes with the page it stands in.
    oldest = stage.node.messages[stage.node.group("Archiv")["id"]][0]["time"]["ms"] - 7_200_000
    stage.node.incoming("Archiv", "Dirk Hansen", "Von damals", late=True, ms=oldest)
    stage.node.incoming("Archiv", "Ben Vogel", "Von eben")
    tab.wait_text("Von eben", "document.querySelector('.messages')")
    texts = tab.run("[...document.querySelectorAll('.message .text')].map((one) => one.innerText)")
    if "Von damals" in texts:
        # Its page was read meanwhile: it stands behind the last one of long ago.
        at = texts.index("Von damals")
        expect(at > 0 and texts[at - 1].endswith(f"({MESSAGES - 1})"),
               f"a late one stands above a gap: {texts[max(at - 1, 0):at + 2]}")
