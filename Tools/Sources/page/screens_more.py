"""Screens that tell what happened, or ask once more."""

from screens import admit, conversation, found, group, page, screen


@screen("past")
def past(stage, look):
    """What happened, what is closed here, a mention in the list, and something said for a moment."""
    from fakemethods import Methods
    from fakeoffice import DAY, now
    from mock import Mock
    stage.mock = Mock(Methods())
    stage.node.close_off("Vertrieb", "Carla Özdemir", 50, now() - 3 * DAY)
    stage.node.happened("Vertrieb", "added", "Ben Vogel", "Anna Weber", ms=now() - DAY)
    stage.node.happened("Vertrieb", "added", "Anna Weber", "Dirk Hansen", ms=now() - DAY + 60_000)
    stage.node.happened("Vertrieb", "group-renamed", "Ben Vogel", "Ben Vogel", was="Außendienst",
                        ms=now() - DAY + 120_000)
    stage.node.incoming("everyone", "Ben Vogel", "@Anna Weber kommst du?")
    tab = conversation(stage, look, "Vertrieb")
    tab.wait("document.querySelector('.closed-before')")
    stage.node.m_admit_open()
    stage.node.knock("Eva", "pc-eva")
    tab.wait("document.querySelector('.toast')")
    return tab


@screen("late")
def late(stage, look):
    """Something came late and stands further up than what is in sight."""
    from fakemethods import Methods
    from mock import Mock
    stage.mock = Mock(Methods())
    tab = conversation(stage, look, "Werkstatt")
    room = stage.node.group("Werkstatt")
    first = stage.node.messages[room["id"]][0]["time"]["ms"]
    stage.node.incoming("Werkstatt", "Ben Vogel", "@Anna Weber?", late=True, ms=first - 60_000)
    tab.wait("document.querySelector('.jump.up:not([hidden])')")
    return tab


@screen("admit-over")
def admit_over(stage, look):
    tab = admit(stage, look)
    stage.node.call("admit.answer", {"request": "r1", "yes": False})
    stage.node.knock("Fremder", "pc-7")
    stage.node.call("admit.close", {})
    tab.wait("document.querySelectorAll('.request-end').length === 2")
    return tab


@screen("leave")
def leave(stage, look):
    tab = page(stage, look, "people", ".folk li")
    # Who owns the office stays in it.
    with stage.node.lock:
        stage.node.own["rank"], stage.node.member("Carla Özdemir")["rank"] = "admin", "owner"
        stage.node.tell("changed", list="office")
        stage.node.tell("changed", list="members")
    # Buttons move until both lists are there.
    tab.wait("[...document.querySelectorAll('.rank.owner')].length === 1 && "
             "document.querySelector('.rank.owner').closest('li').innerText.includes('Carla')")
    tab.click(".folk summary", "Anna")
    tab.click(".folk details[open] [data-part^=leave]")
    tab.wait("document.querySelector('dialog[open] .prose')")
    return tab


@screen("group-add")
def group_add(stage, look):
    tab = group(stage, look)
    tab.click("dialog [data-part=add]")
    tab.wait("document.querySelectorAll('dialog[open]').length === 2")
    return tab


@screen("group-rename")
def group_rename(stage, look):
    tab = group(stage, look)
    tab.click("dialog [data-part=rename]")
    tab.wait("document.querySelectorAll('dialog[open]').length === 2")
    return tab


@screen("owner")
def owner(stage, look):
    tab = page(stage, look, "people", ".folk li")
    with stage.node.lock:
        stage.node.member("Carla Özdemir")["rank"] = "owner"
        stage.node.tell("changed", list="office")
    tab.click(".folk summary", "Anna")
    tab.wait("document.querySelector('.folk details[open] [data-part^=rank]')")
    return tab


@screen("found-missing")
def found_missing(stage, look):
    tab = found(stage, look)
    tab.key("Enter")
    tab.wait("document.querySelector('.field .form-error')")
    return tab
