"""People and devices, groups, and what is needed now and then."""

from cases_talk import talk
from suite import case, expect


def open_page(stage, name, selector, **look):
    tab = stage.office(**look)
    tab.run(f"location.hash = '#/{name}'")
    tab.wait(f"document.querySelector({selector!r})")
    return tab


@case("said-in-dialog", "what goes wrong while a dialog is open is said in it")
def said_in_dialog(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Ben")
    tab.click(".folk details[open] [data-part^=rank]")
    tab.click("dialog label", "Mitglied")
    stage.node.fail("member.rank", "not-allowed")
    tab.click("dialog .button.primary")
    tab.wait_text("Das darfst du nicht", "document.querySelector('dialog #toasts')")
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    expect(any("darfst" in str(node.get("name", {}).get("value")) and not node.get("ignored")
               for node in nodes), "no screen reader can find it")
    expect(tab.run("""(() => {
      const at = document.querySelector('.toast').getBoundingClientRect();
      const shown = document.querySelector('.toast');
      shown.style.pointerEvents = 'auto';
      return shown.contains(document.elementFromPoint((at.left + at.right) / 2,
        (at.top + at.bottom) / 2));
    })()"""), "something stands before it")
    tab.key("Escape")
    tab.wait("!document.querySelector('dialog') && document.querySelector('body > #toasts')"
             " && document.querySelector('body > #live')")


@case("renames", "oneself and this computer are renamed, and a name that is taken is told so")
def renames(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Anna")
    tab.click(".folk details[open] .button", "Namen ändern")
    tab.wait("document.querySelector('dialog input')")
    for name, words in (("Ben Vogel", "So heißt schon jemand"), ("Anna Weber-Kurz", None)):
        tab.run("document.querySelector('dialog input').select()")
        tab.type(name)
        tab.key("Enter")
        if words:
            tab.wait_text(words, "document.querySelector('dialog')")
    tab.wait("!document.querySelector('dialog')")
    tab.wait_text("Anna Weber-Kurz", "document.querySelector('.folk')")
    expect(stage.node.wait_for_call("name.set", count=2) == {"name": "Anna Weber-Kurz"},
           "the computer was renamed too")


@case("removes", "before somebody is removed it says what will happen, and then it does")
def removes(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Dirk")
    tab.click(".folk details[open] .danger-quiet")
    tab.wait_text("Ein Gerät wird entfernt:", "document.querySelector('dialog')")
    tab.wait_text("bekommt keine Nachricht, die ab jetzt geschrieben wird",
                  "document.querySelector('dialog')")
    expect(stage.node.wait_for_call("member.remove")["look"], "it was removed without a question")
    tab.click("dialog .button.quiet")
    tab.wait("!document.querySelector('dialog')")
    expect(not stage.node.member("Dirk Hansen")["removed"], "cancelled, and yet removed")
    tab.click(".folk details[open] .danger-quiet")
    tab.click("dialog .button.danger")
    tab.wait("![...document.querySelectorAll('.folk li')].some((one) => "
             "one.innerText.includes('Dirk'))")
    tab.wait_text("Dirk Hansen wurde entfernt.", "document.getElementById('toasts')")


@case("removes-device", "a device is removed, and it says whether its member is out then")
def removes_device(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Ben")
    tab.click(".folk details[open] .rows .icon-button")
    tab.wait_text("Es ist das einzige Gerät von Ben Vogel", "document.querySelector('dialog')")
    tab.key("Escape")
    tab.click(".folk summary", "Carla")
    tab.click(".folk li .rows .icon-button[aria-label*=laptop]")
    tab.wait("document.querySelector('dialog') && "
             "!document.querySelector('dialog').innerText.includes('einzige')")
    tab.click("dialog .button.danger")
    tab.wait("!document.querySelector('.icon-button[aria-label*=laptop]')")
    expect(tab.run("document.querySelectorAll('.folk details[open]').length") == 2,
           "what was open closed by itself")


@case("ranks", "an owner makes another owner, and hands the line on where more must agree")
def ranks(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Ben")
    tab.click(".folk details[open] [data-part^=rank]")
    tab.click("dialog label", "Inhaber")
    tab.click("dialog .button.primary")
    tab.wait_text("zr1-owners-", "document.querySelector('dialog')")
    expect(stage.node.wait_for_call("member.rank")["rank"] == "owner", "another rank")


@case("groups", "a group is made with its purpose, somebody is added and removed, and it is left")
def groups(stage):
    tab = stage.office()
    tab.click(".list-head .icon-button")
    tab.wait("document.activeElement.matches('dialog input')")
    tab.type("Kantine")
    tab.key("Tab")
    tab.type("Was es heute gibt")
    tab.click("dialog .check label", "Carla")
    tab.click("dialog .button.primary")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Kantine'")
    expect(stage.node.wait_for_call("group.new") == {
        "title": "Kantine", "purpose": "Was es heute gibt",
        "members": [f"id:{stage.node.member('Carla Özdemir')['id']}"]}, "another group")
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=add]")
    tab.wait("document.querySelectorAll('dialog').length === 2")
    tab.click("dialog .check label", "Ben")
    tab.click("dialog:last-of-type .button.primary")
    tab.wait_text("3 Mitglieder", "document.querySelector('dialog')")
    tab.click("dialog .icon-button[aria-label^=Carla]")
    tab.wait_text("bekommt nichts, was ab jetzt geschrieben wird",
                  "document.querySelector('dialog:last-of-type')")
    tab.click("dialog:last-of-type .button.danger")
    tab.wait_text("2 Mitglieder", "document.querySelector('dialog')")
    tab.click("dialog [data-part=leave]")
    tab.wait_text("Wieder hinzufügen können dich: Ben Vogel",
                  "document.querySelector('dialog:last-of-type')")
    tab.click("dialog:last-of-type .button.danger")
    tab.wait_text("Du hast diese Gruppe verlassen.", "document.querySelector('.foot-frame')")
    tab.wait("!document.querySelector('.composer')")


@case("doctor", "the doctor says first what is wrong, and what to do")
def doctor(stage):
    tab = open_page(stage, "doctor", ".checks li")
    tab.wait_text("Eine Sache braucht Aufmerksamkeit.")
    expect("ufw allow" in tab.run("document.querySelector('.checks li').innerText"),
           "what is wrong does not stand first")


@case("stored", "what is stored about oneself: how much, where, until when, for whom")
def stored(stage):
    tab = open_page(stage, "stored", ".facts")
    for words in ("214", "Kein Ende festgelegt", "Ungelesen aufbewahrt von box-3", "Lesbar für",
                  "auf Rechnern, die entfernt wurden", "(auf einem Gerät, bis ",
                  "Verlässt etwas das Büro?"):
        tab.wait_text(words)


@case("recovery", "the recovery key is shown, and read back before the reminders end")
def recovery(stage):
    tab = open_page(stage, "recovery", ".card .button")
    tab.wait_text("noch nicht verwahrt", "document.querySelector('.banners')")
    tab.click(".card .button", "Schlüssel zeigen")
    tab.wait("document.querySelector('.line-box')")
    line = tab.run("document.querySelector('.line-box').innerText")
    tab.click(".form input")
    tab.type("zr1-recovery-falsch")
    tab.key("Enter")
    tab.wait_text("nicht der Wiederherstellungsschlüssel dieses Büros")
    tab.run("document.querySelector('.form input').select()")
    tab.type(line)
    tab.key("Enter")
    tab.wait_text("ist verwahrt", "document.querySelector('main')")
    tab.wait("!document.querySelector('.banners').innerText.includes('nicht verwahrt')")


@case("removed", "a removed computer still shows what is here, and says that it was removed")
def removed(stage):
    tab = talk(stage)
    stage.node.standing = "removed"
    stage.node.tell("changed", list="office")
    stage.node.degrade("removed", "this computer was removed from its office by Ben Vogel")
    tab.wait_text("Dieser Rechner wurde aus dem Büro entfernt",
                  "document.querySelector('.banners')")
    tab.click(".item", "Vertrieb")
    tab.wait_text("Das Angebot für Brandt ist raus.")
    tab.wait("!document.querySelector('.composer')")


@case("themes", "light and dark follow the system or a choice, which stays")
def themes(stage):
    tab = open_page(stage, "settings", ".segments", theme="dark")
    dark = tab.run("getComputedStyle(document.body).backgroundColor")
    tab.click(".segments label", "Hell")
    light = tab.run("getComputedStyle(document.body).backgroundColor")
    expect(dark != light, "the theme does not change")
    tab.open(stage.mock.link())
    tab.wait("document.querySelector('.message')")
    expect(tab.run("getComputedStyle(document.body).backgroundColor") == light, "it does not stay")
