"""Who belongs to a group and who may change that (5-authority, A-8, A-9, A-13, A-14)."""

from control import BOX, DEVICES_MAX, MEMBER, OWNER, PASSES, RECIPIENTS_MAX, beyond
from entry import DIRECT, EVERYONE, LISTED
from refusal import Refusal, need
from witnesses import ABOVE, MANAGER, PLAIN, Witnesses


class Group(Witnesses):
    """The admitted control entries of one group log, judged with the office's."""

    def __init__(self, office, group, facts, creator, founding_view):
        self.office, self.group, self.creator = office, group, creator
        self.kind = facts[5][0]
        self.pair = [facts[6][:16], facts[6][16:]] if 6 in facts else []
        self.owners_above = not (7 in facts and facts[7][0] & 1)
        self.founding_view = founding_view
        self.all, self.levels, self.demands = {}, {}, {}

    def insert(self, control):
        self.all[control.id] = control

    def in_order(self, view, *names):
        found = [self.all[each] for each in view if not names or self.all[each].name in names]
        return sorted(found, key=lambda control: control.order)

    def counts(self, control, view, voids):
        return control.id in view and control.id not in voids

    # Members.

    def current(self, member, office_past, group_past, view, voids, scope):
        """No removal from group or office lies outside a past."""
        for each in self.in_order(view, "group-remove"):
            out = each.id not in group_past
            if each.fields["member"] == member and self.counts(each, view, voids) and out:
                return False
        removals = self.office.removals_of(scope, None, member)
        return all(each.id in office_past for each in removals)

    def grade(self, member, view, voids, scope):
        """0 creator, 1 manager, 2 member; None for who is not in the group."""
        rank = self.office.rank(member, scope)
        if rank is None:
            return None
        if self.kind == EVERYONE:
            return None if rank > MEMBER else (0 if member == self.creator else 2)
        if self.kind == DIRECT:
            return 2 if member in self.pair and rank <= MEMBER else None
        adds = [each for each in self.in_order(view, "group-add")
                if member in each.fields["members"] and self.counts(each, view, voids)
                and self.current(member, each.past, each.group_past, view, voids, scope)]  # fmt: skip
        adds = self.above_equals(adds, adds, member)
        last = [each for each in adds if not any(each.id in o.group_past for o in adds)]
        if last:
            return max(each.fields["grade"] for each in last)
        founded = self.current(member, self.founding_view, frozenset(), view, voids, scope)
        if member == self.creator and founded:
            return 0
        return 2 if self.came_by_ticket(member, view, voids, scope) else None

    def last_grade(self, member, view, voids, scope):
        """The grade, or that at the last removal with effect at whose place there was one."""
        grade = self.grade(member, view, voids, scope)
        for each in reversed(self.in_order(view, "group-remove")):
            if grade is None and each.fields["member"] == member and self.counts(each, view, voids):
                place = self.office.scope(each.past, scope.voids)
                grade = self.grade(member, each.group_past, voids, place)
        return grade

    def came_by_ticket(self, member, view, voids, scope):
        """A-13."""
        for each in self.office.in_order(scope.view, "certify"):
            if each.fields["certificate"].member != member or not self.office.counts(each, scope):
                continue
            here = self.current(member, each.past, frozenset(), view, voids, scope)
            if here and any(self.issuer_may_add(ticket, each, view, voids, scope)
                            for ticket in self.office.tickets_of(each, scope)
                            if self.group in ticket.fields["groups"]):  # fmt: skip
                return True
        return False

    def issuer_may_add(self, ticket, certify, view, voids, scope):
        author = self.office.author_certificate(ticket)
        issuer = author.member
        ends = [each for each in self.in_order(view, "group-remove", "group-add")
                if self.counts(each, view, voids) and ends_adding(each, issuer)]  # fmt: skip
        adds = [each for each in self.in_order(view, "group-add")
                if issuer in each.fields["members"] and self.counts(each, view, voids)]  # fmt: skip
        ends = self.above_equals(ends, adds, issuer)

        def holds(group_past):
            return all(each.id in group_past or certify.id in each.past
                       or self.leaves_behind(each, issuer, certify, ends, view, scope)
                       for each in ends)  # fmt: skip

        if issuer == self.creator and holds(frozenset()):
            return True
        if self.owners_above and issuer in self.office.owners_in(certify.past)[0]:
            strike = self.office.strike(author, certify.past, scope.owners, scope.owners_id)
            if strike is None or certify.id in strike.past:
                return True
        return any(issuer in each.fields["members"] and each.fields["grade"] == 1
                   and self.counts(each, view, voids) and holds(each.group_past)
                   for each in self.in_order(view, "group-add"))  # fmt: skip

    def leaves_behind(self, end, issuer, certify, ends, view, scope):
        """Whether one's own leaving lets a certificate pass that it had not seen."""
        if end.name != "group-remove" or self.office.author_certificate(end).member != issuer:
            return False
        if any(certify.id in each.past for each in ends if each.name == "group-add"):
            return True
        found = [each for each in self.witnesses(end, issuer, view, scope)
                 if self.stood(each) < PLAIN]  # fmt: skip
        return not found or any(certify.id in each.past for each in found)

    def level(self, author, rank, view, voids, scope):
        if rank == OWNER and self.owners_above:
            return ABOVE
        grade = self.grade(author.member, view, voids, scope)
        return None if grade is None else grade + 1

    # Rights.

    def check(self, control, view, voids, scope):
        """A-8 and A-9 at the place of a control entry."""
        author, rank = self.office.standing(control.author, control.certificate, scope)
        level = self.level(author, rank, view, voids, scope)
        need(level is not None, "A-9" if rank == BOX else "A-8", "not in the group", "admit")
        if control.name in ("unknown", "heard"):
            return
        need(control.name in ("group-add", "group-remove"), "A-1", "of another log", "admit")
        need(self.kind == LISTED, "A-8", "a group without a list", "admit")
        if control.name == "group-add":
            self.check_add(control.fields, level, view, voids, scope)
            return
        grade = self.last_grade(control.fields["member"], view, voids, scope)
        need(grade is not None, "A-6", "not a member", "admit")
        own = control.fields["member"] == author.member
        need(own or (level < PLAIN and level < grade + 1), "A-8", "may not remove", "admit")

    def check_add(self, fields, level, view, voids, scope):
        need(level < PLAIN and level < fields["grade"] + 1, "A-8", "may not add", "admit")
        for member in fields["members"]:
            known = self.office.rank(member, scope) is not None
            need(known, "A-6", "no such member in the office", "admit")
            grade = self.grade(member, view, voids, scope)
            need(grade is None or level < grade + 1, "A-8", "may not lower", "admit")

    def check_writer(self, key, certificate, view, office_view, opens):
        """Whether a device may write a message or an epoch, or open a feed."""
        scope = self.office.scope_at(office_view)
        voids = self.evaluate(view, office_view)
        author, rank = self.office.standing(key, certificate, scope)
        level = self.level(author, rank, view, voids, scope)
        need(level is not None, "A-9" if rank == BOX else "A-8", "not in the group", "admit")
        member = self.grade(author.member, view, voids, scope) is not None
        need(member or opens, "A-8", "not a member", "admit")

    # Evaluation.

    def evaluate(self, view, office_view):
        """What is void of the group log in a pair of views."""
        _, office_gathered = self.office.evaluate(office_view)
        gathered, voids, passes = {}, set(), []  # of each entry, whom it removes or lowers
        for number in range(PASSES):
            voids = set()
            for control in self.in_order(view):
                taken = gathered, voids, passes
                if self.is_void(control, view, office_view, office_gathered, *taken):
                    voids.add(control.id)
            passes.append(voids)
            if number < PASSES - 1:
                more = {each.id: self.gathers(each, number // 2, view, voids, office_view, gathered)
                        for each in self.in_order(view, "group-remove", "group-add")
                        if each.id not in gathered and (number % 2 or self.leaves(each))}  # fmt: skip
                gathered |= {each: members for each, members in more.items() if members}
        return voids

    def place_scope(self, control, view, office_view, gathered, voids):
        """What an entry sees of the office, with what is void in the whole view."""
        here = self.office.scope_at(office_view)
        scope = self.office.scope(control.past, here.voids)
        author = self.office.author_certificate(control)
        strike = self.office.strike(author, control.past, here.owners, here.owners_id)
        if strike and self.unseen(control, strike, view, here, gathered, voids):
            scope.owners = [each for each in scope.owners if each != author.member]
        return scope

    def is_void(self, control, view, office_view, office_gathered, gathered, voids, passes):
        if control.name == "heard":
            return False
        author = self.office.author_certificate(control)
        for each in office_gathered:
            removal = self.office.all[each]
            if self.office.concerns(removal, author):
                if self.office_cuts(removal, control, view, office_view, gathered, voids):
                    return True
        if control.id in gathered or stands(control, passes):
            return False
        if passes and self.is_below_raise(control, view, passes[-1]):
            return True
        ending = [self.all[each] for each, members in gathered.items()
                  if author and author.member in members]  # fmt: skip
        lowerings = [each for each in ending if each.name == "group-add"]
        if any(lowers(each, control, author.member) for each in lowerings):
            return True
        if any(self.cut_off(each, control, lowerings, view, office_view, gathered, voids)
               for each in ending if each.name == "group-remove"):  # fmt: skip
            return True
        try:
            scope = self.place_scope(control, view, office_view, gathered, voids)
            self.check(control, control.group_past, voids, scope)
            return False
        except Refusal:
            return True

    def is_below_raise(self, control, view, before):
        """Whether an equal removes somebody whom an addition beside it made a manager."""
        member = control.fields.get("member")
        if control.name != "group-remove" or self.leaves(control):
            return False
        raises = [each for each in self.in_order(view, "group-add")
                  if member in each.fields["members"] and each.id not in before]  # fmt: skip
        return self.is_beside_raise(control, raises)

    def above_equals(self, entries, adds, member):
        """The entries but for additions as a mere member by an equal beside one as a manager."""
        return [each for each in entries
                if each.name != "group-add" or each.fields["grade"] != 2
                or self.office.author_certificate(each).member == member
                or not self.is_beside_raise(each, adds)]  # fmt: skip

    def is_beside_raise(self, control, adds):
        """Whether one of additions as managers and an equal's entry know nothing of each other."""
        beside = any(each.fields["grade"] == 1 and each.id not in control.group_past
                     and control.id not in each.group_past for each in adds)  # fmt: skip
        return beside and self.stood(control) >= MANAGER

    def leaves(self, control):
        """Whether an entry removes its author's own member."""
        if control.name != "group-remove":
            return False
        return self.office.author_certificate(control).member == control.fields["member"]

    def gathers(self, control, number, view, voids, office_view, gathered):
        """Whom an entry removes or lowers, if it belongs to a pass's stratum."""
        if control.id in voids:
            return set()
        scope = self.place_scope(control, view, office_view, gathered, voids)
        try:
            author, rank = self.office.standing(control.author, control.certificate, scope)
        except Refusal:
            return set()
        level = self.level(author, rank, control.group_past, voids, scope)
        if level is None or level > number:
            return set()
        if control.name == "group-remove":
            return {control.fields["member"]}
        grades = {member: self.grade(member, control.group_past, voids, scope)
                  for member in control.fields["members"]}  # fmt: skip
        return {member for member, grade in grades.items()
                if grade is not None and grade < control.fields["grade"]}  # fmt: skip

    def cut_off(self, removal, control, lowerings, view, office_view, gathered, voids):
        """A-14 in the log of the removal itself."""
        if not self.cuts(removal, control):
            return False
        if not self.leaves(removal):
            return True
        # Who leaves takes back nothing that was seen, and throws out nobody by itself.
        if any(control.id in each.group_past for each in [removal] + lowerings):
            return False
        if control.name == "group-add" and not self.takes(control):
            scope = self.office.scope_at(office_view)
            return self.unseen(control, removal, view, scope, gathered, voids)
        return True

    def cuts(self, removal, control):
        if removal.id == control.id or removal.id in control.group_past:
            return False
        for feed, seq, entry in removal.fields["cuts"]:
            if feed == control.feed:
                return beyond(control, seq, entry)
        return control.id not in removal.group_past

    def members(self, view, office_view):
        """Members and grades, ascending."""
        scope, voids = self.office.scope_at(office_view), self.evaluate(view, office_view)
        found = [(member, self.grade(member, view, voids, scope))
                 for member, _ in self.office.roster(office_view)]  # fmt: skip
        return [(member, grade) for member, grade in found if grade is not None]

    def recipients(self, view, office_view):
        """K-3: the devices of the members, of each and of all the first; no fork is here."""
        scope, found = self.office.scope_at(office_view), {}
        for member, _ in self.members(view, office_view):
            mine = []
            for each in self.office.live_certificates(member, scope):
                device = self.office.certificate_of(each).device
                if device not in [key for _, _, key in mine]:
                    mine.append((self.office.rank(member, scope), each.order, device))
            for rank, order, device in mine[:DEVICES_MAX]:
                known = found.get(device)
                found[device] = (rank, order) if known is None or order < known[1] else known
        first = sorted(found, key=lambda device: found[device])
        return sorted(first[:RECIPIENTS_MAX])

    def binding(self, view, office_view):
        """A-17: the unknown operations that hold back who does not know them."""
        voids, scope = self.evaluate(view, office_view), self.office.scope_at(office_view)
        found = []
        for each in self.in_order(view, "unknown"):
            author = self.office.author_certificate(each)
            here = self.counts(each, view, voids) and self.decides(each, view, voids, scope)
            here = here and self.current(
                author.member, each.past, each.group_past, view, voids, scope)
            place = self.office.scope(each.past, scope.voids)
            if here and self.decides(each, each.group_past, voids, place):
                found.append(each)
        return found

    def decides(self, control, view, voids, scope):
        try:
            author, rank = self.office.standing(control.author, control.certificate, scope)
        except Refusal:
            return False
        level = self.level(author, rank, view, voids, scope)
        return level is not None and level < PLAIN


def ends_adding(control, member):
    """Whether an entry takes from a member the right to add: removed, or a mere member."""
    if control.name == "group-remove":
        return control.fields["member"] == member
    return member in control.fields["members"] and control.fields["grade"] == 2


def stands(control, passes):
    """Whether an addition makes managers above all that owners and the creator took away."""
    made = control.name == "group-add" and control.fields["grade"] == 1
    return made and len(passes) > 2 * MANAGER and control.id not in passes[2 * MANAGER]


def lowers(lowering, control, member):
    """Whether an addition that lowers a member cuts off what that one did beside it (A-14)."""
    if control.name == "group-remove" and control.fields["member"] == member:
        return False
    return lowering.id not in control.group_past and control.id not in lowering.group_past


def check_founding(office, facts, key, certificate, view):
    """A-8: who may write the first genesis of a group."""
    author, rank = office.standing(key, certificate, office.scope_at(view))
    pair = [facts[6][:16], facts[6][16:]] if 6 in facts else [author.member]
    right = facts[4] == office.office and rank <= MEMBER and author.member in pair
    need(right, "A-8", "not the author's to found", "admit")
    return author.member


