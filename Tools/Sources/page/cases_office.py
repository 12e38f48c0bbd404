"""People and devices, groups, and what is needed now and then."""

from cases_start import tries_in_vain
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
    # The pointer shall not rest on the next one's button.
    tab.wait("document.activeElement.matches('h1')")
    expect(not tab.run("document.querySelector('.folk details[open]')"), "somebody stays open")
    whom = stage.node.wait_for_call("member.remove", count=3)["member"]
    expect(len(whom) == 3 + 32, f"asked was {whom}")


@case("removes-device", "a device is removed, and it says whether its member is out then")
def removes_device(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Ben")
    tab.click(".folk details[open] .rows .button")
    tab.wait_text("Es ist das einzige Gerät von Ben Vogel", "document.querySelector('dialog')")
    tab.key("Escape")
    tab.click(".folk summary", "Carla")
    tab.click(".folk li .rows .button[aria-label*=laptop]")
    tab.wait("document.querySelector('dialog') && "
             "!document.querySelector('dialog').innerText.includes('einzige')")
    tab.click("dialog .button.danger")
    tab.wait("!document.querySelector('.button[aria-label*=laptop]')")
    which = stage.node.wait_for_call("device.remove", count=3)["device"]
    expect(len(which) == 3 + 64, f"asked was {which}")
    expect(tab.run("document.querySelectorAll('.folk details[open]').length") == 2,
           "what was open closed by itself")


@case("ranks", "an owner makes another owner, and hands the line on where more must agree")
def ranks(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Ben")
    tab.click(".folk details[open] [data-part^=rank]")
    tab.click("dialog label", "Inhaber")
    tab.click("dialog .button.primary")
    tab.wait_text("Inhaber", "[...document.querySelectorAll('.folk summary')].find((one) => "
                  "one.innerText.includes('Ben'))")
    expect(stage.node.wait_for_call("member.rank")["rank"] == "owner", "another rank")
    tab.wait("!document.querySelector('dialog')")
    # From here on it takes both.
    tab.click(".folk summary", "Ben")
    tab.click(".folk summary", "Carla")
    tab.click(".folk details[open] [data-part^=rank]")
    tab.click("dialog label", "Inhaber")
    tab.click("dialog .button.primary")
    tab.wait_text("zr1-owners-", "document.querySelector('dialog')")


@case("owner-leaves", "an owner is told what to do before leaving, and can do it")
def owner_leaves(stage):
    tab = open_page(stage, "people", ".folk li")
    part = "document.querySelector('.folk details[open] [data-part^={}]')".format
    tab.click(".folk summary", "Anna")
    tab.wait_text("Mach erst jemand anderen zum Inhaber", "document.querySelector('.folk details[open]')")
    expect(not tab.run(f"{part('leave')} || {part('rank')}"), "the only owner may go")
    with stage.node.lock:
        stage.node.member("Ben Vogel")["rank"] = "owner"
        stage.node.tell("changed", list="office")
    tab.wait(part("rank"))
    tab.click(".folk details[open] [data-part^=rank]")
    tab.click("dialog label", "Mitglied")
    tab.click("dialog .button.primary")
    tab.wait_text("zr1-owners-", "document.querySelector('dialog')")
    tab.key("Escape")
    with stage.node.lock:
        stage.node.own["rank"] = "member"
        stage.node.tell("changed", list="office")
        stage.node.tell("changed", list="members")
    tab.wait(part("leave"))
    expect(not tab.run(part("rank")), "who owns nothing gives ranks")
    expect("Inhaber gehen will" not in tab.run("document.querySelector('.folk').innerText"),
           "it is said to who is no owner")


@case("group-renamed", "whoever is in a group can call it otherwise, and sees it so at once")
def group_renamed(stage):
    tab = talk(stage)
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=rename]")
    tab.wait("document.querySelectorAll('dialog').length === 2")
    dialog = "document.querySelector('dialog:last-of-type')"
    values = f"[...{dialog}.querySelectorAll('input')].map((one) => one.value).join()"
    expect(tab.run(values) == "Werkstatt,Schicht 1 und 2, Maschinen und Material", "other words")
    for title, words in (("", "Gib der Gruppe einen Namen."), ("Vertrieb", "Eine deiner Gruppen"),
                         ("Halle 2", None)):
        tab.run(f"{dialog}.querySelector('input').select()")
        tab.key("Backspace")
        if title:
            tab.type(title)
        tab.key("Enter")
        if words:
            tab.wait_text(words, dialog)
    tab.wait("!document.querySelector('dialog')")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Halle 2'")
    tab.wait_text("Halle 2", "document.querySelector('.list')")
    tab.wait_text("Du hast die Gruppe Werkstatt in Halle 2 umbenannt",
                  "document.querySelector('.messages')")
    asked = stage.node.wait_for_call("group.rename", count=2)
    group = {"group": f"id:{stage.node.group('Halle 2')['id']}"}
    expect(asked == {**group, "title": "Halle 2"}, f"asked was {asked}")
    # What somebody else changes meanwhile stays, and what is not changed is not asked for.
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=rename]")
    tab.wait("document.querySelectorAll('dialog').length === 2")
    stage.node.m_group_rename("Halle 2", "Halle 3")
    tab.key("Tab")
    tab.run("document.activeElement.select()")
    tab.key("Backspace")
    tab.key("Enter")
    tab.wait("!document.querySelector('dialog')")
    asked = stage.node.wait_for_call("group.rename", count=3)
    expect(asked == {**group, "purpose": ""}, f"asked was {asked}")
    tab.wait("document.querySelector('.conversation h1').innerText === 'Halle 3'")
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=rename]")
    tab.wait("document.querySelectorAll('dialog').length === 2")
    tab.key("Enter")
    tab.wait("!document.querySelector('dialog')")
    expect(stage.node.count("group.rename") == 3, "nothing was changed, and it was asked for")


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
    tab.click("dialog .button[aria-label^=Carla]")
    tab.wait_text("bekommt nichts Neues",
                  "document.querySelector('dialog:last-of-type')")
    tab.click("dialog:last-of-type .button.danger")
    tab.wait_text("2 Mitglieder", "document.querySelector('dialog')")
    tab.click("dialog [data-part=leave]")
    tab.wait_text("Wer dich wieder hinzufügen kann: Ben Vogel",
                  "document.querySelector('dialog:last-of-type')")
    tab.click("dialog:last-of-type .button.danger")
    tab.wait_text("Du hast diese Gruppe verlassen.", "document.querySelector('.foot-frame')")
    tab.wait("!document.querySelector('.composer')")


@case("doctor", "the doctor says first what is wrong, and what to do")
def doctor(stage):
    tab = open_page(stage, "doctor", ".checks li")
    tab.wait_text("3 Sachen brauchen Aufmerksamkeit.")
    first = tab.run("document.querySelector('.checks li').innerText")
    expect("TCP-Anschluss 47474" in first, "what is wrong does not stand first")
    tab.wait_text("Verbindung zu halle-2 von Dirk Hansen")
    tab.wait_text("182,6 GB sind frei.")
    expect(not tab.run("document.querySelector('main [lang=en], main code')"),
           "the page does not say it itself")
    # What wants doing is a button, where the page has one for it.
    tab.click(".checks .button", "Verwahren")
    # Two changes of place in one breath are one: what is shown must be the other page first.
    tab.wait_text("Er rettet das Büro", "document.querySelector('main')")
    # A finding of tomorrow is said in the node's words.
    stage.node.checks = [{"name": "moon", "verdict": "failed", "finding": "it is not full",
                          "word": "moon-new"}]
    tab.run("location.hash = '#/doctor'")
    tab.wait_text("It is not full.", "document.querySelector('main [lang=en]')")


@case("refused", "what is refused is said in the page's words, by the reason that the node gives")
def refused(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Dirk")
    stage.node.fail("member.remove", "not-allowed", "you may not", reason="not-senior")
    tab.click(".folk details[open] .danger-quiet")
    tab.wait_text("nur Leute entfernen, die weniger Rechte haben",
                  "document.getElementById('toasts')")


@case("may-remove", "nobody is offered to remove whom the office would not let go")
def may_remove(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Anna")
    tab.wait("document.querySelector('.folk details[open] [data-part^=rename]')")
    expect(not tab.run("document.querySelector('.folk details[open] [data-part^=remove]')"),
           "an owner's last computer can be removed")
    with stage.node.lock:
        stage.node.own["rank"], stage.node.member("Carla Özdemir")["rank"] = "admin", "owner"
        stage.node.tell("changed", list="office")
        stage.node.tell("changed", list="members")
    offered = ("(name) => [...document.querySelectorAll('.folk > li')].find((one) => "
               "one.innerText.startsWith(name) || one.innerText.includes(name))"
               ".querySelector('[data-part^=remove]') !== null")
    tab.wait(f"!({offered})('Carla')")
    for name, may in (("Ben Vogel", False), ("Carla", False), ("Dirk", True), ("Anna", True)):
        # The lists of members and what oneself may come one by one.
        tab.wait(f"({offered})({name!r}) === {str(may).lower()}")


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
    tab.wait_text("zuruf office recovery use")
    tab.click(".card .button", "Schlüssel zeigen")
    tab.wait("document.querySelector('.line-groups li')")
    groups = tab.run("[...document.querySelectorAll('.line-groups li')].map((one) => "
                     "one.innerText)")
    expect("zr1-recovery-" + "".join(groups) == stage.node.recovery_line, "it is not all shown")
    tab.click(".card .button", "Ich habe ihn auf Papier")
    tab.wait("document.querySelectorAll('.form input').length === 3")
    expect(not tab.run(f"document.body.innerText.includes({groups[1]!r})"), "the key is still shown")
    asked = tab.run("[...document.querySelectorAll('.form label')].map((one) => "
                    "Number(one.innerText.split(' ')[1]))")
    expect(len(set(asked)) == 3 and asked == sorted(asked), f"asked for {asked}")
    tab.key("Enter")
    tab.wait_text(f"Tippe Block {asked[0]} ein.", "document.activeElement.closest('.field')")
    for wanted, words in (([groups[asked[0] - 1], "falsch", "falsch"],
                           f"Block {asked[1]} stimmt nicht"),
                          ([groups[number - 1] for number in asked], None)):
        for at, text in enumerate(wanted):
            tab.run(f"document.querySelectorAll('.form input')[{at}].select()")
            tab.type(text)
        expect(stage.node.count("recovery.confirm") == 0, "it was said before it was compared")
        tab.key("Enter")
        if words:
            tab.wait_text(words)
    tab.wait_text("ist verwahrt", "document.querySelector('main')")
    tab.wait("!document.querySelector('.banners').innerText.includes('nicht verwahrt')")


@case("removed", "a removed computer still shows what is here, and says that it was removed")
def removed(stage):
    tab = talk(stage)
    stage.node.standing = "removed"
    stage.node.tell("changed", list="office")
    stage.node.degrade("removed", "this computer was removed from its office")
    tab.wait_text("Dieser Rechner wurde aus dem Büro entfernt",
                  "document.querySelector('.banners')")
    tab.click(".item .title", "Vertrieb")
    tab.wait_text("Das Angebot für Brandt ist raus.")
    tab.wait("!document.querySelector('.composer')")


def removed_here(stage):
    tab = talk(stage)
    stage.node.remove_own("Ben Vogel")
    tab.wait_text("Ben Vogel hat diesen Rechner aus dem Büro entfernt",
                  "document.querySelector('.banners')")
    return tab


@case("removed-pages", "a removed computer's pages say what is so, and offer nothing that it may not")
def removed_pages(stage):
    tab = removed_here(stage)
    tab.wait_text("Müller GmbH", "document.querySelector('.list-head')")
    # What was talked about stands where it stood, and nobody can be written to anew.
    # The lists come one by one.
    tab.wait("[...document.querySelectorAll('.list-body h2')].map((one) => one.innerText).join()"
             " === 'Gruppen,Leute'")
    tab.wait("!document.querySelector('.list').innerText.includes('Sag Hallo')")
    tab.click(".item .title", "Ben Vogel")
    tab.wait_text("Klar, bin in fünf Minuten da.")
    tab.wait_text("Ben Vogel hat diesen Rechner aus dem Büro entfernt",
                  "document.querySelector('.foot-frame')")
    tab.run("location.hash = '#/settings'")
    tab.wait("document.querySelector('.pairs')")
    text = tab.run("document.querySelector('main').innerText")
    expect("undefined" not in text and "Namen ändern" not in text and "anna-pc" in text, text)
    tab.run("location.hash = '#/people'")
    tab.wait_text("Carla")
    tab.wait("!document.querySelector('[data-part^=write], [data-part^=remove]')")
    tab.run("location.hash = '#/stored'")
    tab.wait_text("Lesbar für Du")


@case("comes-back", "a removed computer joins again by a button, and nothing of before is left")
def comes_back(stage):
    tab = removed_here(stage)
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.click(".banner a", "Wieder beitreten")
    tab.click(".door-list .button")
    tab.wait_text("kommt in einen Ordner", "document.querySelector('dialog')")
    tab.click("dialog .button.quiet")
    tab.wait("!document.querySelector('dialog')")
    expect(stage.node.count("office.aside") + stage.node.count("knock") == 0, "it was not wanted")
    tab.click(".door-list .button")
    tab.click("dialog .button.primary")
    tab.wait("document.querySelector('.compare .digits')")
    expect(stage.node.wait_for_call("knock")["name"] == "Anna Weber", "under another name")
    stage.node.answer_knock("admitted")
    tab.wait("document.querySelector('.list .item')")
    tab.wait("!document.querySelector('.banner.bad')")
    tab.wait("document.querySelector('.conversation .message')")


@case("comes-back-no", "who finds no way in keeps what is here, and can read it again")
def comes_back_no(stage):
    tab = removed_here(stage)
    tab.click(".banner .link", "Einzelheiten")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait("!document.querySelector('dialog') && document.querySelector('.no-door')")
    tab.wait_text("bleibt hier alles lesbar")
    # Neither of them costs anything.
    tries_in_vain(tab)
    expect(stage.node.wait_for_call("doors", count=2) is not None
           and stage.node.count("knock") == 0, "it knocked")
    tab.click(".hello a", "Zurück")
    tab.wait_text("Die Presse steht", "document.querySelector('.messages')")
    expect(stage.node.count("office.aside") == 0, "what is here was set aside")
    # A good one is asked about once it is known to be good.
    tab.click(".banner a", "Wieder beitreten")
    tab.click(".others summary")
    tab.click(".others textarea")
    tab.type("zr1-ticket-abc")
    tab.click(".others details[open] .button")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait("document.querySelector('.conversation .message')")
    expect([name for name, _ in stage.node.calls if name in ("join", "office.aside")]
           == ["join", "join", "office.aside", "join"], "in another order")


@case("said-removed-back", "who is said to be removed is shown the way back, and keeps all until then")
def said_removed_back(stage):
    tab = talk(stage)
    stage.node.degrade("said-removed", "pc-ben says that this device was removed", by="pc-ben")
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.click(".banner .link", "Einzelheiten")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.wait_text("bleibt hier alles lesbar")
    tab.click(".hello a", "Zurück")
    tab.wait("document.querySelector('.conversation .message')")
    expect(stage.node.count("office.aside") == 0, "what is here was set aside")
    tab.click(".banner .link", "Einzelheiten")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.click(".door-list .button")
    tab.click("dialog .button.primary")
    tab.wait("document.querySelector('.compare .digits')")
    expect(stage.node.count("office.aside") == 1, "what is here is in the way still")


@case("copied-back", "a copied computer that writes nothing is shown the way to become a new one")
def copied_back(stage):
    tab = talk(stage)
    # Of two the original goes on without that, and what somebody says alone takes nothing from anybody.
    stage.node.degrade("copied", "this computer was copied")
    for form in ("said", "overruled"):
        stage.node.degrade("copied", "pc-ben says that this one was copied", form=form, by="pc-ben")
    tab.click(".banner .link", "Einzelheiten")
    for words in ("Beende die Kopie", "(pc-ben) sagt", "starte Zuruf neu", "Ist es so"):
        tab.wait_text(words, "document.querySelector('dialog')")
    expect(not tab.run("!!document.querySelector('dialog .states .button')"),
           "it offers to set aside what is here")
    tab.key("Escape")
    stage.node.degrade("copied", "this computer was copied", form="both-wrote")
    tab.wait_text("weitere Hinweise: 1", "document.querySelector('.banners')")
    stage.node.open_doors(("Müller GmbH", "Ben Vogel"))
    tab.click(".banner .link", "Einzelheiten")
    tab.click("dialog .button.primary", "Wieder beitreten")
    tab.click(".door-list .button")
    expect(stage.node.count("office.aside") == 0, "what is here was set aside unasked")
    tab.click("dialog .button.primary")
    tab.wait("document.querySelector('.compare .digits')")
    expect(stage.node.count("office.aside") == 1, "what is here is in the way still")


@case("past-partner", "what two wrote stays readable after one was removed, and is called so")
def past_partner(stage):
    tab = talk(stage)
    # One who came back is called the same, and is somebody else.
    with stage.node.lock:
        ben = stage.node.member("Ben Vogel")
        stage.node.m_member_remove(f"id:{ben['id']}")
        fresh = stage.node.add_member("Ben Neu", "member", [("ben-neu", "linked", False)])
        fresh["name"] = "Ben Vogel"
        stage.node.tell("changed", list="groups")
        stage.node.tell("changed", list="members")
    tab.wait_text("Ben Vogel (entfernt)", "document.querySelector('.list')")
    tab.click(".item .title", "Ben Vogel (entfernt)")
    tab.wait_text("Klar, bin in fünf Minuten da.")
    expect(tab.run("document.querySelector('.head h1').innerText") == "Ben Vogel (entfernt)",
           "the head names somebody else")
    tab.wait_text("Entfernt", "document.querySelector('.head .sub')")
    tab.wait_text("Ben Vogel ist nicht mehr im Büro", "document.querySelector('.foot-frame')")
    expect(not tab.run("document.querySelector('.composer')"), "something can be written")
    expect(f"@id:{ben['id']}" in [params.get("group") for name, params in stage.node.calls
                                  if name == "read"], "it was asked for by the name alone")
    tab.click(".head [data-part=info]")
    tab.wait_text("2 Mitglieder", "document.querySelector('dialog')")


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
