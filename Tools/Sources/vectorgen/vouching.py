"""Vectors of 5-authority, A-14: who vouches in a group for what somebody did who is gone."""

import raising
from stories import CARA, EMIL, FOLDER, FRITZ, Story, group_add, group_remove, message, owners, remove
from wire import Device, u8
from world import ANNA, BERT


def add(out):
    def accepted(path, comment, story, members):
        found = sorted((device.member.hex()[:8], grade) for device, grade in members.items())
        listed = " ".join(f"{member}={grade}" for member, grade in found)
        out.add(f"{FOLDER}{path}.txt", "ok", "A-14", comment, "log", story.parts(),
                gives_members=listed)  # fmt: skip

    def refused(path, comment, story, because="A-14"):
        out.add(f"{FOLDER}{path}.txt", "admit", "A-8", comment, "log", story.parts(),
                because=because)  # fmt: skip

    for build in (heard, quiet, struck, equals, returned, out_of_reach, leaving, *raising.BUILDS, retired,
                  ended, spoken_for, replaced, unmet, own):
        build(accepted, refused)


def heard(accepted, refused):
    """Cara made Bert a manager; he writes a message on hearing that she was removed."""
    s = Story(EMIL)
    group = s.found(CARA)
    group.next(3, group_add(BERT, grade=1))
    bert = s.join(BERT, group)
    gone = s.anna.next(3, remove(CARA.member))
    message(bert, deps=[gone])
    added = group.next(3, group_add(EMIL))
    s.join(EMIL, group, added, bert.last)
    refused("feed-of-whom-one-gone-added-beside-a-message",
            "a manager's first message that knows of the removal has not seen it", s)  # fmt: skip
    # He comes in when he knows already: the first entry of his feed says so.
    s = Story(EMIL)
    group = s.found(CARA)
    group.next(3, group_add(BERT, grade=1))
    s.anna.next(3, remove(CARA.member))
    bert = s.join(BERT, group)
    added = group.next(3, group_add(EMIL))
    s.join(EMIL, group, added, bert.last)
    refused("feed-of-whom-one-gone-added-beside-a-feed",
            "a manager's feed begins with the removal and without it", s)  # fmt: skip


def quiet(accepted, refused):
    """In a group without managers Cara removes Bert and Emil, after they heard that she is gone."""
    s = Story(EMIL)
    group = s.found(CARA)
    group.next(3, group_add(BERT, EMIL))
    bert, emil = s.join(BERT, group), s.join(EMIL, group)
    gone = s.anna.next(3, remove(CARA.member))
    for feed in (bert, emil):
        message(feed, deps=[gone])
    group.next(3, group_remove(BERT))
    group.next(3, group_remove(EMIL))
    accepted("ok-log-removed-by-one-gone-beside-messages",
             "each vouches that it knows of no removal of the other", s, {BERT: 2, EMIL: 2})  # fmt: skip
    s = Story(EMIL)
    group = s.found(CARA)
    group.next(3, group_add(BERT, EMIL))
    bert, emil = s.join(BERT, group), s.join(EMIL, group)
    out = group.next(3, group_remove(BERT))
    gone = s.anna.next(3, remove(CARA.member))
    message(bert, deps=[gone])
    message(emil, deps=[gone, out])
    message(bert, deps=[emil.last])
    refused("message-of-whom-one-gone-had-removed",
            "somebody who stayed had seen it", s)  # fmt: skip


def struck(accepted, refused):
    """Emil, an owner for a while, acts in Bert's group after Bert has heard that he is none."""
    s = Story(EMIL, FRITZ)
    anna, emil = (ANNA.signer.public, ANNA.signer), (EMIL.signer.public, EMIL.signer)
    both = s.anna.next(3, owners(s.id, [ANNA.member, EMIL.member], [anna]))
    group = s.found(BERT)
    s.anna.next(3, owners(s.id, [ANNA.member], [anna, emil], both.id))
    message(group, deps=[s.anna.last])
    old = s.early_in(EMIL, group, both, group.entries[0])
    old.next(3, group_add(FRITZ, grade=1))
    added = old.next(3, group_remove(BERT))
    s.join(FRITZ, group, added, group.last)
    refused("feed-of-whom-a-struck-owner-added-beside-a-message",
            "the creator's first message that knows of the list has not seen it", s)  # fmt: skip


def equals(accepted, refused):
    """Bert and Emil are managers; Bert alone knows that Cara is gone, and not of Emil."""
    s = Story(EMIL, FRITZ)
    group = s.found(CARA)
    first = group.next(3, group_add(BERT, grade=1))
    group.next(3, group_add(EMIL, grade=1))
    added = s.join(EMIL, group).next(3, group_add(FRITZ))
    gone = s.anna.next(3, remove(CARA.member))
    s.early_in(BERT, group, gone, first).next(3, u8(200))
    s.join(FRITZ, group, added)
    accepted("ok-log-manager-throws-out-no-equal-by-silence",
             "a manager could not remove another", s, {BERT: 1, EMIL: 1, FRITZ: 2})  # fmt: skip


def returned(accepted, refused):
    """Bert, a manager whom Cara removed, writes as if from before when she is gone."""
    s = Story(EMIL)
    group = s.found(CARA)
    first = group.next(3, group_add(BERT, grade=1))
    group.next(3, group_remove(BERT))
    group.next(3, group_add(EMIL))
    gone = s.anna.next(3, remove(CARA.member))
    bert = s.early_in(BERT, group, gone, first)
    bert.next(3, u8(200))
    message(bert, deps=[group.last])
    refused("message-of-a-removed-manager-as-the-only-witness",
            "nobody says by silence that it was not removed itself", s)  # fmt: skip


def out_of_reach(accepted, refused):
    """Cara, an admin, removes Bert with a cut behind the first addition to his group."""

    def story():
        s = Story(EMIL, FRITZ)
        group = s.found(BERT)
        cut = group.next(3, group_add(EMIL))
        group.next(3, group_add(ANNA, grade=1))
        late = group.next(3, group_add(FRITZ))
        gone = s.cara.next(3, remove(BERT.member, cuts=[(group, cut.seq)]), deps=[s.anna.last])
        return s, group, gone, late

    s, _, _, _ = story()
    accepted("ok-log-cut-before-an-owner-was-added",
             "nobody takes out by a cut whom it cannot remove", s, {ANNA: 1, EMIL: 2})  # fmt: skip
    s, group, gone, late = story()
    s.join(FRITZ, group, late, gone)
    refused("feed-of-who-was-added-beyond-a-cut-of-the-office",
            "a member may be removed by an admin", s)  # fmt: skip
    s = Story(EMIL, FRITZ)
    group = s.found(BERT)
    cut = group.next(3, group_add(EMIL))
    late = group.next(3, group_add(ANNA, FRITZ))
    gone = s.cara.next(3, remove(BERT.member, cuts=[(group, cut.seq)]), deps=[s.anna.last])
    s.join(FRITZ, group, late, gone)
    refused("feed-of-who-was-added-with-an-owner-beyond-a-cut",
            "an owner who is named along takes nobody out of the cut", s)  # fmt: skip


def leaving(accepted, refused):
    """Bert, a manager, added Emil and leaves from a place before; then he adds Fritz so."""

    def story():
        s = Story(EMIL, FRITZ)
        group = s.found(CARA, flags=1)
        first = group.next(3, group_add(BERT, grade=1))
        s.join(BERT, group).next(3, group_add(EMIL))
        left = s.early_in(BERT, group, s.certified[BERT], first).next(3, group_remove(BERT))
        return s, group, first, left

    s, _, _, _ = story()
    accepted("ok-log-left-from-an-old-place", "who leaves takes nobody along", s,
             {CARA: 0, EMIL: 2})  # fmt: skip
    s, group, first, left = story()
    message(group, deps=[left])
    late = s.early_in(BERT, group, s.certified[FRITZ], first).next(3, group_add(FRITZ))
    s.join(FRITZ, group, late, group.last)
    refused("feed-of-who-was-added-by-one-who-had-left",
            "the creator knows that he left, and not of this", s)  # fmt: skip
    s = Story(EMIL)
    group = s.found(CARA, flags=1)
    group.next(3, group_add(BERT, grade=1))
    both = group.next(3, group_add(EMIL, grade=1))
    group.next(3, group_remove(CARA))
    out = s.early_in(CARA, group, both).next(3, group_remove(EMIL))
    s.join(BERT, group, group.last, out).next(3, group_add(EMIL))
    refused("group-add-a-manager-removed-by-a-creator-who-left",
            "of what the creator does the leaving is taken first", s)  # fmt: skip


def retired(accepted, refused):
    """Emil, an owner, removed Bert, who leads Cara's group; then Emil is no owner any more."""
    s = Story(EMIL, FRITZ)
    anna, emil = (ANNA.signer.public, ANNA.signer), (EMIL.signer.public, EMIL.signer)
    both = s.anna.next(3, owners(s.id, [ANNA.member, EMIL.member], [anna]))
    group = s.found(CARA)
    group.next(3, group_add(FRITZ))
    first = group.next(3, group_add(BERT, grade=1))
    left = group.next(3, group_remove(CARA))
    out = s.early_in(EMIL, group, both, left).next(3, group_remove(BERT))
    fritz = s.join(FRITZ, group, out)
    struck = s.anna.next(3, owners(s.id, [ANNA.member], [anna, emil], both.id))
    message(fritz, deps=[struck])
    bert = s.early_in(BERT, group, struck, first)
    message(bert, deps=[fritz.last])
    refused("message-of-a-manager-whom-a-retired-owner-removed",
            "he says nothing of his own removal in the place of others", s)  # fmt: skip


def ended(accepted, refused):
    """Cara made Emil a manager, and no more; he vouches from before for what she adds when gone."""
    for path, end, how in (("removed", group_remove(EMIL), "was removed"),
                           ("lowered", group_add(EMIL), "is a mere member")):  # fmt: skip
        s = Story(EMIL, FRITZ)
        group = s.found(CARA)
        first = group.next(3, group_add(BERT, EMIL, grade=1))
        group.next(3, end)
        bert = s.join(BERT, group)
        gone = s.anna.next(3, remove(CARA.member))
        message(bert, deps=[gone])
        late = s.early_in(CARA, group, s.certified[FRITZ], first).next(3, group_add(FRITZ))
        emil = s.early_in(EMIL, group, gone, late)
        s.join(FRITZ, group, late, bert.last, emil.last)
        refused(f"feed-of-whom-a-{path}-manager-vouches-for",
                f"Bert leads and knows nothing of it, and Emil {how}", s)  # fmt: skip


def spoken_for(accepted, refused):
    """Emil, whom Cara lowered or removed, knows only that she is gone; Fritz knows all of them."""
    s = Story(EMIL, FRITZ)
    group = s.found(CARA)
    first = group.next(3, group_add(EMIL, grade=1))
    group.next(3, group_add(EMIL))
    group.next(3, group_add(FRITZ))
    fritz = s.join(FRITZ, group)
    gone = s.anna.next(3, remove(CARA.member))
    message(fritz, deps=[gone])
    s.early_in(EMIL, group, gone, first)
    accepted("ok-log-lowered-manager-takes-nothing-by-silence",
             "a member's silence weighs no more than another's word", s, {EMIL: 2, FRITZ: 2})  # fmt: skip
    s = Story(EMIL, FRITZ)
    group = s.found(CARA)
    group.next(3, group_add(EMIL, BERT, grade=1))
    first = group.next(3, group_add(FRITZ))
    group.next(3, group_remove(EMIL))
    group.next(3, group_remove(BERT))
    fritz = s.join(FRITZ, group)
    s.early_in(BERT, group, s.certified[FRITZ], first).next(3, group_remove(FRITZ))
    gone = s.anna.next(3, remove(CARA.member))
    message(fritz, deps=[gone])
    s.early_in(EMIL, group, gone, first)
    accepted("ok-log-removed-manager-says-nothing-of-later-removals",
             "what removed Bert knows that Emil was removed", s, {FRITZ: 2})  # fmt: skip


def replaced(accepted, refused):
    """Bert, a manager, knows that Cara is gone; then he removes that computer for a newer one."""

    def story(seq):
        s = Story(EMIL)
        group = s.found(CARA)
        first = group.next(3, group_add(BERT, grade=1))
        bert = s.join(BERT, group)
        gone = s.anna.next(3, remove(CARA.member))
        message(bert, deps=[gone])
        second = Device("bert's second", member=BERT.member)
        s.certified[second] = s.bert.next(3, s.admitting(second), deps=[gone])
        out = s.early(second, s.certified[second]).next(
            3, remove(device=BERT.signer.public, cuts=[(bert, seq)]))  # fmt: skip
        late = s.early_in(CARA, group, s.certified[EMIL], first).next(3, group_add(EMIL))
        s.join(EMIL, group, late, bert.last, out)
        return s

    refused("feed-of-whom-one-gone-added-beside-a-replaced-computer",
            "what it wrote is listed, and it had not seen that", story(1))  # fmt: skip
    accepted("ok-log-witness-by-a-computer-removed-before",
             "the cut is before its first word that knows of it", story(0), {BERT: 1, EMIL: 2})  # fmt: skip


def unmet(accepted, refused):
    """Bert leads Cara's group and hears that Fritz is gone, who led it too and added Emil."""

    def story(*words, target=None):
        s = Story(EMIL, FRITZ)
        group = s.found(CARA)
        group.next(3, group_add(BERT, grade=1))
        bert = s.join(BERT, group)
        raised = group.next(3, group_add(FRITZ, grade=1))
        added = s.join(FRITZ, group).next(3, group_add(EMIL))
        gone = s.anna.next(3, remove(**(target or {"member": FRITZ.member})))
        known = {"raised": raised, "added": added, "gone": gone}
        for word in words:
            message(bert, deps=[known[word]])
        s.join(EMIL, group, added, bert.last)
        return s

    accepted("ok-log-first-word-of-who-had-not-met-one-gone",
             "it vouches for nothing: that Fritz was there he knows later, and with it what he did",
             story("gone", "added"), {BERT: 1, CARA: 0, EMIL: 2})  # fmt: skip
    refused("feed-of-whom-one-gone-added-whom-a-manager-met-later",
            "when he knows that Fritz was there, he knows nothing of that",
            story("gone", "raised"))  # fmt: skip
    refused("feed-of-whom-one-gone-added-whom-a-manager-had-met",
            "he knew that Fritz was there, and knows nothing of that",
            story("raised", "gone", "added"))  # fmt: skip
    refused("feed-of-whom-a-computer-gone-added-whom-a-manager-had-met",
            "the same of Fritz's computer",
            story("raised", "gone", "added", target={"device": FRITZ.signer.public}))  # fmt: skip


def own(accepted, refused):
    """Cara removes herself, or a computer of hers, and lists her group's feed with the genesis alone."""
    second = Device("cara's second", member=CARA.member)

    def story(removes=False, leaves=False, computer=False):
        s = Story(EMIL, FRITZ)
        s.certified[second] = s.cara.next(3, s.admitting(second))
        group = s.found(CARA, flags=1)
        group.next(3, group_add(BERT, grade=1))
        group.next(3, group_add(EMIL))
        if removes:
            group.next(3, group_remove(EMIL))
        if leaves:
            group.next(3, group_remove(CARA))
        bert = s.join(BERT, group)
        by = s.office(second, deps=[s.cara.last]) if computer else s.cara
        target = {"device": CARA.signer.public} if computer else {"member": CARA.member}
        gone = by.next(3, remove(cuts=[(group, 0)], **target))
        message(bert, deps=[gone])
        return s, group, bert, gone

    s, *_ = story()
    accepted("ok-log-cut-of-a-group-by-who-removes-itself",
             "the manager had seen whom it added", s, {BERT: 1, EMIL: 2})  # fmt: skip
    s, group, bert, _ = story()
    late = group.next(3, group_add(FRITZ))
    s.join(FRITZ, group, late, bert.last)
    refused("feed-of-whom-one-added-who-had-removed-itself",
            "the manager knows that she is gone, and not of this", s)  # fmt: skip
    s, group, bert, _ = story(removes=True)
    s.join(EMIL, group, bert.last)
    refused("feed-of-whom-one-removed-who-cuts-that-and-removes-itself",
            "the manager had seen that he was removed", s)  # fmt: skip
    s, group, bert, gone = story(leaves=True, computer=True)
    s.join(second, group, bert.last, gone)
    refused("feed-of-who-left-and-cuts-that-with-its-computer",
            "the manager had seen that she left", s)  # fmt: skip
