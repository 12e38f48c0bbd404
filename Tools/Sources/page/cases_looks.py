"""What stands where it can be read, and leaving the office."""

from cases_office import open_page
from cases_talk import talk
from fakemethods import Methods
from mock import Mock
from suite import case, expect


@case("says-below", "what is said for a moment covers nothing")
def says_below(stage):
    tab = talk(stage)
    tab.wait("document.querySelector('.banner')")
    stage.node.m_admit_open()
    stage.node.knock("Eva", "pc-eva")
    tab.wait_text("Eva ist an der Tür", "document.getElementById('toasts')")
    covered = tab.run("""(() => {
      const at = document.querySelector('.toast').getBoundingClientRect();
      return ['.banner', '.head', '.timeline', '.composer', '.list', '.rail'].filter((one) => {
        const other = document.querySelector(one).getBoundingClientRect();
        return other.bottom > at.top + 1 && other.right > at.left && other.left < at.right;
      }).join();
    })()""")
    expect(covered == "", f"it covers {covered}")
    expect(tab.run("document.querySelector('#toasts').getBoundingClientRect().bottom"
                   " <= innerHeight"), "it is not on the screen")


@case("leaves-office", "one leaves the office by a button that says first what it means")
def leaves_office(stage):
    tab = open_page(stage, "people", ".folk li")
    tab.click(".folk summary", "Anna")
    tab.wait("document.querySelector('.folk details[open] [data-part^=rename]')")
    expect(not tab.run("document.querySelector('[data-part^=leave]')"), "an owner can leave")
    with stage.node.lock:
        stage.node.own["rank"], stage.node.member("Carla Özdemir")["rank"] = "admin", "owner"
        stage.node.tell("changed", list="office")
        stage.node.tell("changed", list="members")
    tab.click(".folk details[open] [data-part^=leave]")
    tab.wait_text("Müller GmbH verlassen?", "document.querySelector('dialog')")
    for words in ("Alle deine Rechner gehen mit: anna-pc", "Was hier ist, bleibt lesbar"):
        tab.wait_text(words, "document.querySelector('dialog')")
    expect(stage.node.wait_for_call("member.remove")["look"], "gone without a question")
    tab.click("dialog .button.danger")
    tab.wait_text("Du hast das Büro verlassen", "document.querySelector('.banner')")
    whom = stage.node.wait_for_call("member.remove", count=2)
    expect(whom == {"member": f"id:{stage.node.own['id']}"}, f"asked was {whom}")
    tab.wait("!document.querySelector('[data-part^=leave]')")


@case("looks-small", "no word is cut: headings, and the sections on the left")
def looks_small(stage):
    tab = open_page(stage, "recovery", ".card", width=360)
    cut = """[...document.querySelectorAll('h1, h2, .rail a > span:not([class])')].filter((one) =>
      one.scrollWidth > one.clientWidth + 1 && one.clientWidth
      || one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1
    ).map((one) => one.innerText).join()"""
    expect(tab.run(cut) == "", f"cut: {tab.run(cut)}")
    for width in (800, 1280):
        tab = open_page(stage, "recovery", ".card", width=width)
        expect(tab.run(cut) == "", f"cut at {width}: {tab.run(cut)}")


@case("looks-signs", "a sign stands at the height of its text, and a timeline has no frame of its own")
def looks_signs(stage):
    tab = talk(stage)
    tab.wait("document.querySelector('.absent')")
    apart = tab.run("""(() => {
      const [sign, words] = document.querySelector('.absent').childNodes;
      const line = document.createRange();
      line.selectNodeContents(words);
      const middle = ({ top, bottom }) => (top + bottom) / 2;
      return middle(sign.getBoundingClientRect()) - middle(line.getClientRects()[0]);
    })()""")
    expect(abs(apart) < 2, f"{apart} pixels apart")
    tab.key("Escape")
    tab.run("document.querySelector('.timeline').focus({ focusVisible: true })")
    expect(tab.run("getComputedStyle(document.activeElement).outlineStyle") == "none"
           and tab.run("document.activeElement.matches('.timeline')"), "it has a frame")


@case("group-refused", "why a group is not made is in sight in a low window: at the name, or at the buttons")
def group_refused(stage):
    stage.mock = Mock(Methods())
    for number in range(20):
        stage.node.add_member(f"Gast {number}", "member", [(f"gast-{number}", "away", False)])
    tab = stage.office(width=360, height=480, hash="#/")
    tab.click(".list-head .icon-button")
    tab.wait("document.activeElement.matches('dialog input')")
    tab.type("Vertrieb")
    in_sight = """(() => {
      const edge = document.querySelector('.dialog-body').getBoundingClientRect();
      const error = document.querySelector('dialog .form-error').getBoundingClientRect();
      return error.height > 0 && error.top > edge.top - 1 && error.bottom < edge.bottom + 1;
    })()"""
    tab.click("dialog .button.primary")
    tab.wait_text("Eine deiner Gruppen heißt schon so",
                  "document.querySelector('dialog .field:has(input[maxlength=\"60\"])')")
    expect(tab.run(in_sight), "what is wrong with the name is out of sight")
    expect(tab.run("document.activeElement.value") == "Vertrieb", "the name has not the focus")
    stage.node.fail("group.new", "disk-fault", "the disk is full")
    # The field still has the focus, and the buttons are below the edge.
    tab.key("Enter")
    tab.wait_text("The disk is full", "document.querySelector('dialog .form-error')")
    expect(tab.run(in_sight), "what is wrong is out of sight")


@case("dialogs-over", "of two dialogs the one below is not seen, and the focus comes back to it")
def dialogs_over(stage):
    tab = talk(stage)
    tab.click(".head [data-part=info]")
    tab.click("dialog [data-part=add]")
    tab.wait("document.querySelectorAll('dialog[open]').length === 2")
    expect(tab.run("getComputedStyle(document.querySelector('dialog')).visibility") == "hidden",
           "two stand above each other")
    tab.key("Escape")
    tab.wait("document.querySelectorAll('dialog[open]').length === 1")
    tab.wait("document.activeElement.dataset.part === 'add'")
