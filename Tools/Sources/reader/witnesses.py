"""Who vouches for what somebody wrote whom the office removed or struck, or who left (5-authority, A-14)."""

from control import beyond
from refusal import Refusal

ABOVE, CREATOR, MANAGER, PLAIN = range(4)  # levels; a grade is a level less one


class Witnesses:
    """The part of a group that asks who had seen what."""

    def office_cuts(self, removal, control, view, office_view, gathered):
        """A-14: what a removal in the office cuts off here."""
        if removal.id in control.past:
            return False
        scope = self.office.scope_at(office_view)
        for feed, seq, entry in removal.fields["cuts"]:
            if feed == control.feed:
                if not beyond(control, seq, entry):
                    return False
                if not self.adds_beyond_reach(control, removal, scope):
                    return True
        if removal.name != "remove":
            return False
        return self.unseen(control, removal, view, scope, gathered)

    def adds_beyond_reach(self, control, removal, scope):
        """Whether an addition names only those whom a removal's author could not remove itself."""
        if control.name != "group-add" or self.office.removes_own(removal):
            return False
        place = self.office.scope(removal.past, scope.voids)
        own = self.office.rank(self.office.author_certificate(removal).member, place)
        ranks = [self.office.rank(member, scope) for member in control.fields["members"]]
        return all(rank is not None and own is not None and rank <= own for rank in ranks)

    def unseen(self, control, end, view, scope, gathered):
        """Whether a witness tells against an entry by its silence, and none has seen the entry."""
        own = self.office.author_certificate(control).member
        found = self.witnesses(end, own if end.name in ("owners", "group-remove") else None, view, scope)
        level, takes = self.demand(control)

        def stands_over(witness):
            return self.stood(witness) < level

        # Nobody decides by silence about itself, but against who may have been no owner any more.
        any_one = end.name == "owners" or not takes
        left = [each for each in found if not self.taken_back(each, gathered)
                and (any_one or stands_over(each) or not self.is_named(each, control))]  # fmt: skip
        above = any(self.stood(each) < PLAIN for each in left)

        def has_say(witness):
            return self.stood(witness) < PLAIN or not above

        if any(control.id in each.group_past for each in found if has_say(each)):
            return False
        return any(has_say(each) and (takes or stands_over(each)) for each in left)

    def witnesses(self, end, but, view, scope):
        """Those of a removal, a list or a leaving, but for a member's own."""
        found = [each for each in self.in_order(view) if self.is_witness(each, end, scope)]
        return [each for each in found if self.office.author_certificate(each).member != but]

    def is_witness(self, control, end, scope):
        """The first of its feed that knows of it, by who stayed."""
        named = self.office.all.get(control.certificate)
        if not knows(control, end) or not named or end.id in named.past:
            return False
        for each in control.group_past:
            if self.all[each].feed == control.feed and knows(self.all[each], end):
                return False
        return self.office.live(named, scope)

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
        """Whether an entry that takes a grade speaks of a witness's own member."""
        fields = control.fields
        named = fields["members"] if control.name == "group-add" else [fields["member"]]
        return self.office.author_certificate(witness).member in named

    def taken_back(self, witness, gathered):
        """Whether a removal from the group cuts a witness off itself."""
        author = self.office.author_certificate(witness)
        return any(author.member in members and self.all[each].name == "group-remove"
                   and self.cuts(self.all[each], witness)
                   for each, members in gathered.items())  # fmt: skip


def knows(control, end):
    return end.id in control.past or end.id in control.group_past or end.id == control.id

