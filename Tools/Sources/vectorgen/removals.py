"""Vectors of 5-authority: what removals take, and what no removal takes."""

from stories import (
    CARA, DORA, EMIL, FOLDER, FRITZ, Story, group_add, group_remove, hexes, owners, rank, remove,
    roster, ticket,
)  # fmt: skip
from wire import Device, u8
from world import ANNA, BERT, TICKET

SECOND = Device("bert's second", member=BERT.member)


def add(out):
    def accepted(path, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        out.add(f"{FOLDER}{path}.txt", "ok", rule, comment, "log", story.parts(), **gives)

    def refused(path, because, rule, comment, story):
        more = {"because": because} if because != rule else {}
        out.add(f"{FOLDER}{path}.txt", "admit", rule, comment, "log", story.parts(), **more)

    for build in (raised_by_who_retired, of_two_members, stolen, retired, gone, old_device,
                  let_in_again, sponsors, left_a_group, first_computer):
        build(accepted, refused)


def anna(s, members, previous=bytes(32)):
    """A list that Anna signs alone."""
    return owners(s.id, members, [(ANNA.signer.public, ANNA.signer)], previous)


def raised_by_who_retired(accepted, refused):
    """Anna makes Bert an admin and hands the office to Cara: his removals are those of an admin."""
    s = Story(EMIL)
    made = s.anna.next(3, ticket())
    s.anna.next(3, rank(BERT, 1))
    listed = s.anna.next(3, anna(s, [CARA.member]))
    s.certified[FRITZ] = s.early(EMIL, made).next(3, s.admitting(FRITZ, TICKET))
    s.early(FRITZ, s.bert.next(3, remove(EMIL.member), deps=[listed]), s.certified[FRITZ])
    refused("feed-of-whom-an-admin-removed-with-who-let-it-in", "A-14", "A-4",
            "whom a member let in at an old place goes with it, though who made the admin retired", s)  # fmt: skip


def of_two_members(accepted, refused):
    """A device that Bert certified as his, and Emil, who is raised meanwhile, from an old place."""

    def story(first):
        s = Story(EMIL)
        ours = Device("a device of two", member=BERT.member)
        theirs = Device("a device of two", member=EMIL.member)
        s.bert.next(3, u8(200))
        s.certified[ours] = s.bert.next(3, s.admitting(ours))
        if first:
            s.early(EMIL).next(3, s.admitting(theirs))
        raised = s.anna.next(3, rank(EMIL, 1))
        gone = s.bert.next(3, remove(device=ours.signer.public))
        s.early(ours, gone, raised)
        return s

    for path, first in (("", False), ("-of-two-members", True)):
        refused(f"feed-opened-by-ones-removed-device{path}", "A-10", "A-4",
                "the first certificate in the past of the removal says whose the device is",
                story(first))  # fmt: skip


def stolen(accepted, refused):
    """A computer of Anna's, removed by another of hers, removes Bert and Cara from an old place."""
    s = Story()
    phone = Device("anna's second", rank=0, member=ANNA.member)
    s.certified[phone] = s.anna.next(3, s.admitting(phone))
    thief = s.early(ANNA, s.anna.last)
    gone = remove(device=ANNA.signer.public, cuts=[(s.anna, s.anna.last.seq)])
    mine = s.early(phone)
    mine.next(3, gone)
    thief.next(3, remove(BERT.member))
    mine.next(3, s.admitting(BERT), deps=[thief.last])
    refused("certify-again-whom-a-removed-device-removed", "A-14", "A-3",
            "her own removal of it is gathered before, and cuts it off: his certificate is live", s)  # fmt: skip


def retired(accepted, refused):
    """Anna made Emil and Bert admins and hands the office to Cara; Emil removes Anna, and cuts."""
    s = Story(EMIL)
    mine = s.anna.next(3, rank(EMIL, 1))
    s.anna.next(3, rank(BERT, 1))
    listed = s.anna.next(3, anna(s, [CARA.member]))
    gone = remove(ANNA.member, cuts=[(s.anna, mine.seq)])
    plot = s.early(EMIL, listed)
    plot.next(3, gone)
    plot.next(3, remove(BERT.member))
    refused("remove-an-equal-whose-raise-was-cut", "A-14", "A-6",
            "an admin takes back nothing that she did as an owner and the list had seen", s)  # fmt: skip


def gone(accepted, refused):
    """Emil leaves, and lets Fritz in at an old place; he is removed again."""
    s = Story(EMIL)
    made = s.anna.next(3, ticket())
    left = s.early(EMIL, made).next(3, remove(EMIL.member))
    s.certified[FRITZ] = s.early(EMIL, made).next(3, s.admitting(FRITZ, TICKET))
    s.early(FRITZ, s.cara.next(3, remove(EMIL.member), deps=[left]), s.certified[FRITZ])
    refused("feed-of-whom-somebody-let-in-who-had-left", "A-6", "A-4",
            "whom he let in goes with it", s)  # fmt: skip
    s = Story(EMIL)
    s.anna.next(3, rank(EMIL, 1))
    left = s.office(EMIL).next(3, remove(EMIL.member))
    s.cara.next(3, remove(EMIL.member), deps=[left])
    refused("remove-an-equal-who-had-left", "A-6", "A-6",
            "an admin who left is removed again by owners alone", s)  # fmt: skip


def old_device(accepted, refused):
    s = Story()
    s.certified[SECOND] = s.bert.next(3, s.admitting(SECOND))
    s.anna.next(3, anna(s, [BERT.member]), deps=[s.bert.last])
    s.early(SECOND).next(3, remove(BERT.member))
    s.bert.next(3, s.admitting(BERT), deps=[s.anna.last, s.feeds[-1].last])
    refused("certify-again-an-owner-whom-its-device-removed-early", "A-6", "A-3",
            "a device of Bert's removes him at a place that lacks the list: he is live", s)  # fmt: skip


def let_in_again(accepted, refused):
    """Cara removes Bert, Anna lets him in again, and removes Cara with what she did."""
    s = Story()
    bad = s.cara.next(3, remove(BERT.member))
    again = s.anna.next(3, s.admitting(BERT), deps=[bad])
    s.anna.next(3, remove(CARA.member, cuts=[(s.cara, 0)]))
    s.office(BERT, again).next(3, ticket(member_id=BERT.member))
    accepted("ok-log-let-in-again-after-a-removal-that-came-to-nothing", "A-3",
             "the second certificate has effect though the first is live after all", s,
             roster=roster(anna=0, bert=2, dora=3), void=hexes(bad))  # fmt: skip


def sponsors(accepted, refused):
    """Cara lets somebody in, while she is lowered, or replaces the computer that does it."""
    s = Story()
    made = s.anna.next(3, ticket())
    s.anna.next(3, rank(CARA, 2))
    came = s.early(CARA, made).next(3, s.admitting(EMIL, TICKET))
    s.anna.next(3, s.admitting(EMIL), deps=[came])
    refused("certify-again-whose-sponsor-was-lowered", "A-14", "A-3",
            "let in by Anna's ticket, as a member may: Emil's certificate is live", s)  # fmt: skip
    s = Story()
    lowered = s.anna.next(3, rank(CARA, 2))
    s.certified[EMIL] = s.early(CARA).next(3, s.admitting(EMIL))
    s.early(EMIL, s.certified[EMIL], lowered)
    refused("feed-of-who-was-let-in-beside-a-lowering", "A-14", "A-4",
            "without a ticket, as an admin alone may", s)  # fmt: skip
    s = Story()
    made = s.anna.next(3, ticket())
    second = Device("cara's second", rank=1, member=CARA.member)
    s.certified[second] = s.cara.next(3, s.admitting(second))
    gone = remove(device=CARA.signer.public, cuts=[(s.cara, s.cara.last.seq)])
    gone = s.early(second).next(3, gone)
    came = s.cara.next(3, s.admitting(EMIL, TICKET), deps=[made])
    s.anna.next(3, s.admitting(EMIL), deps=[came, gone])
    refused("certify-again-whose-sponsor-replaced-its-computer", "A-14", "A-3",
            "let in by Anna's ticket with the one that was removed: Emil's certificate is live", s)  # fmt: skip


def left_a_group(accepted, refused):
    """Bert, a manager, leaves, and adds Cara at an old place; Anna removes him again."""
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    left = s.join(BERT, group).next(3, group_remove(BERT))
    added = s.early_in(BERT, group, s.certified[CARA], group.last).next(3, group_add(CARA))
    group.next(3, group_remove(BERT), deps=[left])
    s.join(CARA, group, group.last, added)
    refused("feed-of-whom-somebody-added-who-had-left", "A-8", "A-8",
            "whom he added goes with it", s)  # fmt: skip
    s = Story(EMIL)
    group = s.found(ANNA)
    group.next(3, group_add(BERT, CARA, grade=1))
    left = s.join(BERT, group).next(3, group_remove(BERT))
    s.join(CARA, group, group.last, left).next(3, group_remove(BERT))
    refused("group-remove-of-an-equal-who-had-left", "A-8", "A-8",
            "a manager who left is removed again by those above managers alone", s)  # fmt: skip


def first_computer(accepted, refused):
    """Bert has a box and a second computer, and gives his first away."""
    s = Story()
    box = Device("bert's box", rank=3, flags=1, member=BERT.member)
    s.anna.next(3, ticket(member_id=BERT.member, rank=u8(3), flags=u8(1)))
    s.certified[box] = s.anna.next(3, s.admitting(box, TICKET))
    s.certified[SECOND] = s.bert.next(3, s.admitting(SECOND), deps=[s.anna.last])
    s.early(SECOND).next(3, remove(device=BERT.signer.public))
    accepted("ok-log-first-computer-given-away", "A-11", "he stays what he came as", s,
             roster=roster(anna=0, bert=2, cara=1, dora=3), void="")  # fmt: skip
