"""Who vouches for what somebody wrote whom the office removed or struck, or who left (5-authority, A-14)."""

from control import beyond
from entry import LISTED
from refusal import Refusal

ABOVE, CREATOR, MANAGER, PLAIN = range(4)  # levels; a grade is a level less one


class Witnesses:
    """The part of a group that asks who had seen what."""

    def heard_of(self, group_view, office_view):
        """The removals and lists that may take something here, as far as a past tells."""
        if self.kind != LISTED:
            return set()
        found = {each.id for each in self.in_order(group_view, "group-remove")}
        for each in self.office.in_order(office_view, "remove", "owners"):
            if each.name == "owners" or any(
                    self.concerned(certify, group_view, office_view)
                    for certify in self.office.in_order(office_view, "founding", "certify")
                    if self.office.concerns(each, self.office.certificate_of(certify))):  # fmt: skip
                found.add(each.id)
        return found

    def concerned(self, certify, group_view, office_view):
        """Whether the member of a certificate may have written a control entry here."""
        member = self.office.certificate_of(certify).member
        lists = self.office.in_order(office_view, "owners")
        if member == self.creator or certify.name == "founding":
            return True
        if any(member in each.fields["owners"] for each in lists):
            return True
        if any(member in each.fields["members"] for each in self.in_order(group_view, "group-add")):
            return True
        mine = [each for each in self.office.in_order(office_view, "founding", "certify")
                if self.office.certificate_of(each).member == member]  # fmt: skip
        names = {each.id for each in mine}
        if any(each.certificate in names and each.name != "heard"
               for each in self.in_order(group_view)):  # fmt: skip
            return True
        return any(ticket.fields["ticket"] == each.fields["ticket"]
                   and self.group in ticket.fields["groups"]
                   for each in mine if each.name == "certify"
                   for ticket in self.office.in_order(each.past, "ticket"))  # fmt: skip

    def office_cuts(self, removal, control, view, office_view, gathered, voids):
        """A-14: what a removal in the office cuts off here."""
        if removal.id in control.past:
            return False
        scope = self.office.scope_at(office_view)
        own = self.office.removes_own(removal)
        for feed, seq, entry in removal.fields["cuts"]:
            if feed == control.feed and not own:
                if not beyond(control, seq, entry):
                    return False
                if not self.adds_beyond_reach(control, removal, scope):
                    return True
        if removal.name != "remove":
            return False
        return self.unseen(control, removal, view, scope, gathered, voids)

    def adds_beyond_reach(self, control, removal, scope):
        """Whether an addition names only those whom a removal's author could not remove itself."""
        if control.name != "group-add":
            return False
        place = self.office.scope(removal.past, scope.voids)
        own = self.office.rank(self.office.author_certificate(removal).member, place)
        ranks = [self.office.rank(member, scope) for member in control.fields["members"]]
        return all(rank is not None and own is not None and rank <= own for rank in ranks)

    def unseen(self, control, end, view, scope, gathered, voids):
        """Whether a witness tells against an entry by its silence, and none has seen the entry."""
        own = self.office.author_certificate(control).member
        but = own if end.name in ("owners", "group-remove") else None
        found = [each for each in self.witnesses(end, but, view, scope)
                 if not self.taken_back(each, control, gathered, voids)]  # fmt: skip
        level, takes = self.demand(control)
        stood = {each.id: self.stood_beside(each, gathered) for each in found}
        # Nobody decides about itself, but by silence against who may have been no owner any more, and
        # by a word on what it lost.
        fair = [each.id for each in found if stood[each.id] < level
                or not self.is_named(each, control)]  # fmt: skip
        led = any(stood[each] < PLAIN for each in fair)
        counting = [each for each in found if not led or stood[each.id] < PLAIN]
        if any(control.id in each.group_past for each in counting if takes or each.id in fair):
            return False
        if takes:
            return any(end.name == "owners" or each.id in fair for each in counting)
        return any(stood[each.id] < level for each in counting)

    def witnesses(self, end, but, view, scope):
        """Those of a removal, a list or a leaving, but for a member's own."""
        found = [each for each in self.in_order(view) if self.is_witness(each, end, scope)]
        return [each for each in found if self.office.author_certificate(each).member != but]

    def is_witness(self, control, end, scope):
        """The first of its feed that knows of it, by who stayed or whose word was listed."""
        named = self.office.all.get(control.certificate)
        if not knows(control, end) or not named or end.id in named.past:
            return False
        for each in control.group_past:
            if self.all[each].feed == control.feed and knows(self.all[each], end):
                return False
        return self.is_said(control, named, scope)

    def is_said(self, control, named, scope):
        """Whether what ends the certificate, if anything does, lists the entry."""
        certificate = self.office.certificate_of(named)
        if certificate is None or not self.office.counts(named, scope):
            return False
        ended = [each for each in
                 self.office.removals_of(scope, certificate.device, certificate.member)
                 if each.id not in named.past]  # fmt: skip
        return all(any(feed == control.feed and not beyond(control, seq, entry)
                       for feed, seq, entry in each.fields["cuts"])
                   for each in ended)  # fmt: skip

    def stood(self, control):
        """The author's level at the place; what is in a past stays so."""
        if control.id not in self.levels:
            voids = self.evaluate(control.group_past, control.past)
            scope = self.office.scope_at(control.past)
            level = None
            try:
                author, rank = self.office.standing(control.author, control.certificate, scope)
                level = self.level(author, rank, control.group_past, voids, scope)
            except Refusal:
                pass
            self.levels[control.id] = PLAIN if level is None else level
        return self.levels[control.id]

    def demand(self, control):
        """The level above which its author stands (A-8), and whether it takes a grade."""
        if control.id not in self.demands:
            self.demands[control.id] = self.find_demand(control)
        return self.demands[control.id]

    def find_demand(self, control):
        voids = self.evaluate(control.group_past, control.past)
        scope = self.office.scope_at(control.past)
        if control.name == "group-remove":
            grade = self.last_grade(control.fields["member"], control.group_past, voids, scope)
            return min(PLAIN, PLAIN if grade is None else grade + 1), True
        if control.name != "group-add":
            return PLAIN, False
        new = control.fields["grade"]
        old = [self.grade(member, control.group_past, voids, scope)
               for member in control.fields["members"]]  # fmt: skip
        old = [grade for grade in old if grade is not None]
        return min([new] + old) + 1, any(grade < new for grade in old)

    def takes(self, control):
        return self.demand(control)[1]

    def is_named(self, witness, control):
        """Whether an entry gives or takes a grade of a witness's own member."""
        fields = control.fields
        named = {"group-add": fields.get("members"),
                 "group-remove": [fields.get("member")]}.get(control.name, [])  # fmt: skip
        return self.office.author_certificate(witness).member in named

    def taken_back(self, witness, control, gathered, voids):
        """Whether a removal from the group cuts a witness off itself, for who judges an entry."""
        member = self.office.author_certificate(witness).member
        before = [each for each in control.group_past if each not in voids]
        return any(self.all[each].name == "group-remove"
                   and self.all[each].fields["member"] == member
                   and self.cuts(self.all[each], witness)
                   for each in [*gathered, *before])  # fmt: skip

    def stood_beside(self, witness, gathered):
        """The level at the place; that of members beside a lowering."""
        member = self.office.author_certificate(witness).member
        lowered = any(member in members and self.all[each].name == "group-add"
                      and each not in witness.group_past
                      and witness.id not in self.all[each].group_past
                      for each, members in gathered.items())  # fmt: skip
        return PLAIN if lowered else self.stood(witness)


def knows(control, end):
    return end.id in control.past or end.id in control.group_past or end.id == control.id

