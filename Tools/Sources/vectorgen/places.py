"""Vectors of 5-authority in which an author takes an old place, or cuts what is others'."""

from stories import (
    CARA, EMIL, FOLDER, Story, owners, rank, remove, roster, ticket,
)  # fmt: skip
from wire import Device
from world import ANNA, BERT, TICKET

SECOND = Device("bert's second", member=BERT.member)


def add(out):
    def accepted(path, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        out.add(f"{FOLDER}{path}.txt", "ok", rule, comment, "log", story.parts(), **gives)

    def refused(path, because, rule, comment, story):
        more = {"because": because} if because != rule else {}
        out.add(f"{FOLDER}{path}.txt", "admit", rule, comment, "log", story.parts(), **more)

    for build in (sponsors,):
        build(accepted, refused)


def let_in(s, device=EMIL):
    """Bert lets somebody in by a ticket of Anna's."""
    made = s.anna.next(3, ticket())
    s.certified[device] = s.bert.next(3, s.admitting(device, TICKET), deps=[made])
    return s.certified[device]


def sponsors(accepted, refused):
    """Who let somebody in takes that back by no removal that speaks of others."""
    s = Story()
    second = s.bert.next(3, s.admitting(SECOND))
    s.certified[SECOND] = second
    came = let_in(s)
    gone = remove(device=BERT.signer.public, cuts=[(s.bert, 1)])
    left = s.office(SECOND, deps=[came]).next(3, gone)
    s.anna.next(3, s.admitting(EMIL), deps=[left])
    refused("certify-again-whose-sponsor-cut-itself", "A-14", "A-3",
            "Bert removes the device that let Emil in, and cuts: Emil's certificate is live", s)  # fmt: skip
    s = Story()
    came = let_in(s)
    left = s.early(BERT).next(3, remove(BERT.member))
    s.anna.next(3, s.admitting(EMIL), deps=[came, left])
    refused("certify-again-whose-sponsor-left-early", "A-14", "A-3",
            "Bert leaves at a place that lacks whom he let in: Emil's certificate is live", s)  # fmt: skip
    s = Story()
    came = let_in(s)
    s.anna.next(3, rank(EMIL, 1), deps=[came])
    gone = remove(BERT.member, cuts=[(s.bert, 0)])
    gone = s.cara.next(3, gone, deps=[s.anna.last])
    s.anna.next(3, s.admitting(EMIL), deps=[gone])
    refused("certify-again-an-equal-whose-sponsor-was-removed", "A-14", "A-3",
            "an admin cuts who let in another admin: that one's certificate is live", s)  # fmt: skip
    s = Story()
    let_in(s)
    listed = owners(s.id, [ANNA.member, EMIL.member], [(ANNA.signer.public, ANNA.signer)])
    s.anna.next(3, listed, deps=[s.bert.last])
    s.cara.next(3, remove(BERT.member, cuts=[(s.bert, 0)]), deps=[s.anna.last])
    accepted("ok-log-sponsor-of-an-owner-removed", "A-14", "an admin cuts who let an owner in", s,
             roster=roster(anna=0, cara=1, dora=3, emil=0), void="")  # fmt: skip
    plotted(refused)


def plotted(refused):
    """A removal of an owner that had no effect gets none by the next list."""
    anna, emil = (ANNA.signer.public, ANNA.signer), (EMIL.signer.public, EMIL.signer)
    s = Story()
    came = let_in(s)
    plot = s.early(CARA, came)
    both = [ANNA.member, EMIL.member]
    first = s.anna.next(3, owners(s.id, both, [anna]), deps=[came])
    plot.next(3, remove(EMIL.member))
    more = owners(s.id, [*both, CARA.member], [anna, emil], first.id)
    s.anna.next(3, more, deps=[plot.last])
    s.anna.next(3, s.admitting(EMIL))
    refused("certify-again-an-owner-named-twice", "A-10", "A-3",
            "the list that named Emil first had not seen the removal: his certificate is live", s)  # fmt: skip
