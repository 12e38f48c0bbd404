"""Vectors of 5-authority in which an author takes an old place, or cuts what is others'."""

from stories import (
    CARA, DORA, EMIL, FOLDER, FRITZ, Story, group_add, group_remove, owners, rank, remove, roster, ticket,
)  # fmt: skip
from wire import Device, u8, u16
from world import ANNA, BERT, RECOVERY, TICKET

SECOND = Device("bert's second", member=BERT.member)


def add(out):
    def accepted(path, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        out.add(f"{FOLDER}{path}.txt", "ok", rule, comment, "log", story.parts(), **gives)

    def refused(path, because, rule, comment, story):
        more = {"because": because} if because != rule else {}
        out.add(f"{FOLDER}{path}.txt", "admit", rule, comment, "log", story.parts(), **more)

    for build in (sponsors, repeated_keys, of_two, old_tickets, often, struck, struck_in_groups, lowered, lowered_own,
                  equals):
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
    gone = s.early(CARA, s.certified[BERT]).next(3, remove(BERT.member))
    s.anna.next(3, rank(BERT, 1))
    s.anna.next(3, s.admitting(BERT), deps=[gone])
    refused("certify-again-an-equal-removed-early", "A-6", "A-3",
            "an admin removes Bert at a place where he was none yet: his certificate is live", s)  # fmt: skip
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
    refused("certify-again-an-owner-named-twice", "A-10", "A-5",
            "the list that named Emil first had not seen the removal: his certificate is live", s)  # fmt: skip


def repeated_keys(accepted, refused):
    """A ticket's key stands in the log: anybody can write one more ticket with it."""
    def mole(s):
        feed = s.early(DORA)
        feed.next(3, ticket(member_id=DORA.member, rank=u8(3), flags=u8(0)))
        return feed.next(3, u8(5) + TICKET.public)

    s = Story()
    group = s.found(ANNA)
    made = s.anna.next(3, ticket(group_count=u8(1) + group.group))
    s.bert.next(3, s.admitting(EMIL, TICKET), deps=[made, mole(s)])
    accepted("ok-log-ticket-key-repeated", "A-5", "a box repeats the key before it, and revokes", s,
             roster=roster(anna=0, cara=1, bert=2, dora=3, emil=2), void="",
             members=roster(anna=0, emil=2))  # fmt: skip
    s = Story()
    s.bert.next(3, s.admitting(EMIL, TICKET), deps=[mole(s)])
    refused("certify-by-a-repeated-ticket", "A-5", "A-5",
            "in its past is what repeats the key, for another, and not the ticket", s)  # fmt: skip


    def twice(device):
        """Cara's ticket is one for a box at a place before that where it is one for a member."""
        s = Story()
        again = s.early(CARA).next(3, ticket(rank=u8(3)))
        s.cara.next(3, ticket())
        s.bert.next(3, s.admitting(device, TICKET), deps=[again, s.cara.last])
        return s

    refused("certify-by-the-second-ticket-of-an-issuer", "A-7", "A-5",
            "the same issuer had the key in another ticket, which comes first", twice(EMIL))  # fmt: skip
    accepted("ok-log-first-ticket-of-an-issuer", "A-7", "who is what that first ticket says comes in",
             twice(Device("emil", rank=3)), void="",
             roster=roster(anna=0, cara=1, bert=2, dora=3, emil=3))  # fmt: skip


def of_two(accepted, refused):
    """Bert's second device is certified for Cara too, from a place that comes first."""
    def story(*more):
        s = Story(*more)
        mine = s.bert.next(3, s.admitting(SECOND))
        return s, [mine, s.early(CARA).next(3, s.admitting(Device("bert's second", member=CARA.member)))]

    s, both = story()
    s.bert.next(3, remove(device=SECOND.signer.public), deps=both[1:])
    accepted("ok-log-device-of-two-members-removed", "A-6", "Bert removes it as his own", s,
             roster=roster(anna=0, cara=1, bert=2, dora=3), void="")  # fmt: skip
    s, both = story(ADMIN)
    s.office(ADMIN, deps=both).next(3, remove(device=SECOND.signer.public))
    refused("remove-a-device-of-two-members", "A-3", "A-6",
            "an admin removes it, for whom it is that of an admin", s)  # fmt: skip


def old_tickets(accepted, refused):
    s = Story()
    s.anna.next(3, ticket(member_id=BERT.member, uses=u16(3)))
    gone = s.anna.next(3, remove(BERT.member))
    s.cara.next(3, s.admitting(SECOND, TICKET), deps=[gone])
    refused("certify-by-ticket-from-before-a-removal", "A-10", "A-5",
            "a ticket for Bert's devices, made before Bert was removed", s)  # fmt: skip


def often(accepted, refused):
    """How often a ticket lets in, and by whom."""
    s = Story()
    made = s.anna.next(3, ticket(uses=u16(1)))
    came = s.bert.next(3, s.admitting(EMIL, TICKET), deps=[made])
    s.cara.next(3, s.admitting(FRITZ, TICKET), deps=[came])
    refused("certify-by-ticket-used-up", "A-5", "A-5", "a ticket of one use that let in Emil", s)
    s = Story()
    made = s.anna.next(3, ticket(uses=u16(9)))
    s.certified[EMIL] = s.bert.next(3, s.admitting(EMIL, TICKET), deps=[made])
    s.early(EMIL).next(3, s.admitting(FRITZ, TICKET))
    refused("certify-by-ones-own-ticket", "A-5", "A-5",
            "Emil came by the ticket, and lets in Fritz by it", s)  # fmt: skip
    s = Story()
    made = s.anna.next(3, ticket(uses=u16(9)))
    s.certified[EMIL] = s.bert.next(3, s.admitting(EMIL, TICKET), deps=[made])
    further = Device("emil's second", member=EMIL.member)
    s.certified[further] = s.early(EMIL).next(3, s.admitting(further))
    s.early(further).next(3, s.admitting(FRITZ, TICKET))
    refused("certify-by-ones-own-ticket-from-a-further-device", "A-5", "A-5",
            "so does his second computer", s)  # fmt: skip


ADMIN = Device("emil", rank=1)


def strike(s, key=ANNA.signer):
    """Cara is the only owner from here on."""
    signer = (bytes(32), RECOVERY) if key is RECOVERY else (ANNA.signer.public, ANNA.signer)
    by = s.cara if key is RECOVERY else s.anna
    return by.next(3, owners(s.id, [CARA.member], [signer]))


def taken_back():
    """Anna, struck, removes the device by which she made Bert an admin, at a place before both."""
    s, second = Story(ADMIN), Device("anna's second", member=ANNA.member)
    s.certified[second] = s.anna.next(3, s.admitting(second))
    s.anna.next(3, rank(BERT, 1))
    strike(s)
    return s, s.early(second).next(3, remove(device=ANNA.signer.public))


def struck(accepted, refused):
    """Who is no owner any more does nothing as one from a place before the list."""
    s = Story()
    strike(s)
    made = s.early(ANNA).next(3, s.admitting(ADMIN))
    s.certified[ADMIN] = made
    s.office(ADMIN, deps=[made])
    refused("written-by-who-a-struck-owner-certified", "A-11", "A-4",
            "Anna makes an admin at a place that lacks the list which struck her", s)  # fmt: skip
    s = Story()
    listed = strike(s)
    gone = s.early(ANNA, s.certified[BERT]).next(3, remove(BERT.member))
    s.cara.next(3, s.admitting(BERT), deps=[listed, gone])
    refused("certify-again-whom-a-struck-owner-removed", "A-11", "A-3",
            "so she removes Bert: his certificate is live", s)  # fmt: skip
    s, _ = taken_back()
    accepted("ok-log-struck-owner-takes-nothing-back", "A-14", "nor does she unmake an admin so", s,
             roster=roster(anna=2, bert=1, cara=0, dora=3, emil=1), void="")  # fmt: skip
    s, gone = taken_back()
    s.office(ADMIN, deps=[gone]).next(3, remove(BERT.member))
    refused("remove-an-equal-whose-raise-a-struck-owner-cut", "A-14", "A-6",
            "Bert stays an admin, whom another removes", s)  # fmt: skip
    further = Device("anna's second", member=ANNA.member)
    s = Story()
    listed = strike(s)
    made = s.early(ANNA).next(3, s.admitting(further))
    s.cara.next(3, s.admitting(further), deps=[listed, made])
    refused("certify-again-a-further-device-of-a-struck-owner", "A-11", "A-3",
            "a device of her own she may certify as any member may: it is live", s)  # fmt: skip
    s = Story()
    listed = strike(s, RECOVERY)
    mine = owners(s.id, [BERT.member], [(ANNA.signer.public, ANNA.signer)])
    mine = s.early(ANNA, s.certified[BERT]).next(3, mine)
    made = s.early(BERT, mine).next(3, s.admitting(ADMIN))
    s.certified[ADMIN] = made
    s.office(ADMIN, deps=[made, listed])
    refused("written-by-who-an-owner-of-no-list-in-force-certified", "A-11", "A-4",
            "Bert is an owner by a list of Anna's that did not come into force", s)  # fmt: skip


def struck_in_groups(accepted, refused):
    s = Story()
    group = s.found(CARA)
    group.next(3, u8(200), deps=[strike(s)])
    added = s.early_in(ANNA, group, group.entries[0]).next(3, group_add(BERT))
    s.join(BERT, group, group.last, added)
    refused("feed-of-who-a-struck-owner-added", "A-11", "A-8",
            "an owner looks after a group at a place that lacks the list which struck her", s)  # fmt: skip
    s = Story()
    group = s.found(BERT)
    made = s.anna.next(3, ticket(group_count=u8(1) + group.group))
    strike(s)
    s.certified[EMIL] = s.early(BERT, made).next(3, s.admitting(EMIL, TICKET))
    s.join(EMIL, group, group.last, s.certified[EMIL])
    refused("came-by-ticket-of-a-struck-owner", "A-13", "A-8",
            "by Anna's ticket, at a place that lacks the list which struck her", s)  # fmt: skip


def lowered(accepted, refused):
    """A manager who is a mere member again."""
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    group.next(3, group_add(BERT))
    added = s.early_in(BERT, group, s.certified[BERT], group.entries[1]).next(3, group_add(CARA))
    s.join(CARA, group, group.last, added)
    refused("feed-of-who-a-lowered-manager-added", "A-14", "A-8",
            "a manager adds at a place that lacks its lowering", s)  # fmt: skip
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    bert = s.join(BERT, group)
    bert.next(3, group_add(CARA))
    group.next(3, group_add(BERT), deps=[bert.last])
    bert.next(3, group_remove(BERT, cuts=[(bert, 0)]), deps=[group.last])
    accepted("ok-log-left-and-took-nobody-along", "A-14", "a lowered manager leaves, and cuts", s,
             members=roster(anna=0, cara=2))  # fmt: skip
    s = Story()
    group = s.found(ANNA)
    group.next(3, group_add(BERT, grade=1))
    bert = s.join(BERT, group)
    early = s.early_in(BERT, group, s.certified[BERT], group.entries[1])
    bert.next(3, group_add(CARA))
    group.next(3, group_add(BERT), deps=[bert.last])
    early.next(3, group_remove(BERT))
    bert.next(3, u8(200), deps=[group.last, early.last])
    refused("written-by-who-left-a-group-early", "A-8", "A-8",
            "who left at a place that lacks its lowering has left all the same", s)  # fmt: skip


def lowered_own(accepted, refused):
    """Cara, an admin, was lowered, and cuts by a computer of her own what she did as an admin."""
    second = Device("cara's second", member=CARA.member)

    def story(is_lowered=True, is_late=False):
        s = Story()
        made = s.cara.next(3, ticket())
        s.certified[EMIL] = s.bert.next(3, s.admitting(EMIL, TICKET), deps=[made])
        if is_lowered and not is_late:
            s.anna.next(3, rank(CARA, 2), deps=[s.bert.last])
        s.certified[second] = s.early(CARA).next(3, s.admitting(second))
        gone = remove(device=CARA.signer.public, cuts=[(s.cara, 0)])
        gone = s.early(second, s.certified[second], s.cara.entries[0]).next(3, gone)
        if is_late:
            s.anna.next(3, rank(CARA, 2), deps=[s.bert.last, gone])
        return s, gone

    s, _ = story()
    accepted("ok-log-own-ticket-cut-by-a-lowered-admin", "A-14",
             "Emil came by her ticket, and as a member she throws out nobody", s,
             roster=roster(anna=0, bert=2, cara=2, dora=3, emil=2), void=s.cara.entries[1].id.hex()[:8])  # fmt: skip
    s, gone = story(is_lowered=False)
    s.office(EMIL, deps=[s.bert.last, gone])
    refused("feed-of-who-came-by-a-ticket-that-an-admin-cut", "A-14", "A-4",
            "she is an admin, and might remove Emil", s)  # fmt: skip
    s, gone = story(is_late=True)
    s.office(EMIL, deps=[s.bert.last, gone])
    refused("feed-of-who-came-by-a-ticket-cut-before-its-issuer-was-lowered", "A-14", "A-4",
            "when she cut it she was an admin", s)  # fmt: skip
    s, gone = story()
    s.certified[FRITZ] = s.bert.next(3, s.admitting(FRITZ, TICKET), deps=[gone])
    refused("certify-by-a-ticket-that-a-lowered-admin-cut", "A-14", "A-5",
            "the ticket is void", s)  # fmt: skip


def equals(accepted, refused):
    """A manager removes a plain member who had made managers, and cuts."""
    s = Story(EMIL)
    group = s.found(BERT)
    group.next(3, group_add(CARA, grade=1))
    anna = s.join(ANNA, group)
    anna.next(3, group_add(ANNA))
    anna.next(3, group_add(EMIL, grade=1))
    anna.next(3, group_add(DORA))
    s.join(CARA, group, anna.last).next(3, group_remove(ANNA, cuts=[(anna, 1)]))
    accepted("ok-log-made-manager-by-a-plain-member", "A-14",
             "the owner who made Emil a manager is a plain member there, and added Dora", s,
             members=roster(bert=0, cara=1, emil=1))  # fmt: skip
    s = Story(EMIL)
    group = s.found(BERT, flags=1)
    group.next(3, group_add(CARA, EMIL, grade=1))
    left = group.next(3, group_remove(BERT))
    cara = s.join(CARA, group, left)
    cara.next(3, group_add(BERT))
    cara.next(3, group_remove(BERT, cuts=[(group, 0)]))
    accepted("ok-log-creator-removed-who-came-back", "A-14",
             "the creator left and came back, and a manager cuts all it did", s,
             members=roster(cara=1, emil=1))  # fmt: skip
