"""What the control entries of the office log say in a view, and which have effect (5-authority)."""

from control import ADMIN, MEMBER, OWNER, PASSES, Scope, allows, beyond
from entry import ZERO32
from refusal import Refusal
from rights import Rights


class Office(Rights):
    """The admitted control entries of the office log, and what they say in a view."""

    def __init__(self, office):
        self.office = office
        self.all = {}
        self.known = {}

    def insert(self, control):
        self.all[control.id] = control
        self.known.clear()

    def in_order(self, view, *names):
        found = [self.all[each] for each in view if not names or self.all[each].name in names]
        return sorted(found, key=lambda control: control.order)

    # What entries say.

    def certificate_of(self, control):
        if control.name in ("founding", "certify"):
            return control.fields["certificate"]
        return None

    def author_certificate(self, control):
        if control.name == "founding":
            return control.fields["certificate"]
        named = self.all.get(control.certificate)
        return self.certificate_of(named) if named else None

    def counts(self, control, scope):
        return control.id in scope.view and control.id not in scope.voids

    def removals_of(self, scope, device, member):
        """`remove` entries with effect of a device or member."""
        targets = {device, member}
        return [each for each in self.in_order(scope.view, "remove")
                if self.counts(each, scope) and each.fields["target"] in targets]  # fmt: skip

    def current(self, control, device, member, scope):
        """No removal with effect lies outside the entry's past (A-10)."""
        return all(r.id in control.past for r in self.removals_of(scope, device, member))

    def live(self, control, scope):
        c = self.certificate_of(control)
        return c and self.counts(control, scope) and self.current(control, c.device, c.member, scope)

    def live_certificates(self, member, scope):
        found = self.in_order(scope.view, "founding", "certify")
        return [each for each in found
                if self.certificate_of(each).member == member and self.live(each, scope)]  # fmt: skip

    def rank(self, member, scope):
        """A-11; None for who has no live certificate."""
        if not self.live_certificates(member, scope):
            return None
        if member in scope.owners:
            return OWNER
        ranks = [each for each in self.in_order(scope.view, "rank")
                 if each.fields["member"] == member and self.counts(each, scope)
                 and self.current(each, None, member, scope)]  # fmt: skip
        last = [each for each in ranks if not any(each.id in other.past for other in ranks)]
        if last:
            return max(each.fields["rank"] for each in last)
        first = next(each for each in self.in_order(scope.view, "founding", "certify")
                     if self.certificate_of(each).member == member and self.counts(each, scope)
                     and self.current(each, None, member, scope))  # fmt: skip
        rank = self.certificate_of(first).rank
        return MEMBER if rank == OWNER else rank

    def list_name(self, entry):
        """What an owner list says and follows: lists of one name are one list (A-11)."""
        named = self.all.get(entry)
        if named is None or named.name != "owners":
            return () if entry == ZERO32 else (entry,)
        return self.list_name(named.fields["previous"]), tuple(named.fields["owners"])

    def last_rank(self, member, scope):
        """The rank, or that at the last removal with effect at whose place there was one."""
        rank = self.rank(member, scope)
        devices = {self.certificate_of(each).device
                   for each in self.in_order(scope.view, "founding", "certify")
                   if self.certificate_of(each).member == member}  # fmt: skip
        for each in reversed(self.in_order(scope.view, "remove")):
            named = each.fields["target"] == member or each.fields["target"] in devices
            if rank is None and named and self.counts(each, scope):
                rank = self.rank(member, self.scope(each.past, scope.voids))
        return rank

    def owners_in(self, view):
        """The list in force and its entry's ID: from recovery or the founder, along `previous`."""
        lists = [(self.list_name(each.id), each) for each in self.in_order(view, "owners")]
        by_recovery = [name for name, each in lists
                       if any(key == ZERO32 for key, _ in each.fields["signatures"])]  # fmt: skip
        followed = set()
        for name, _ in by_recovery:
            while name:
                followed.add(name)
                name = name[0]
        last = ([()] + [name for name in by_recovery if name not in followed])[-1]
        found = [each for name, each in lists if name == last]
        while follow := [(name, each) for name, each in lists if name[0] == last]:
            last = follow[0][0]
            found = [each for name, each in follow if name == last]
        if found:
            own = [each for each in found
                   if self.author_certificate(each).member in each.fields["owners"]]  # fmt: skip
            return found[0].fields["owners"], (own or found)[0].id
        genesis = self.all.get(self.office)
        return [genesis.fields["certificate"].member] if genesis else [], ZERO32

    def scope(self, view, voids):
        return Scope(view, voids, *self.owners_in(view))

    def scope_at(self, view):
        return self.scope(view, self.evaluate(view)[0])

    # Evaluation.

    def evaluate(self, view):
        """What is void in a view, and which removals and lowerings were gathered."""
        if view in self.known:
            return self.known[view]
        owners, owners_id = self.owners_in(view)
        gathered, passes = set(), []
        for number in range(PASSES):
            passes.append(self.run(view, gathered, owners, owners_id, passes))
            if number < PASSES - 1:
                gathered |= {each.id for each in self.in_order(view, "remove", "rank")
                             if (number % 2 or self.removes_own(each))
                             and self.gathers(each, number // 2, gathered, passes[-1], owners, owners_id)}  # fmt: skip
        self.known[view] = passes[-1], gathered
        return passes[-1], gathered

    def run(self, view, gathered, owners, owners_id, passes):
        voids = set()
        for control in self.in_order(view):
            void = self.is_void(control, view, gathered, owners, owners_id, voids, passes)
            if void and not self.stands(control, view, gathered, owners, owners_id, passes):
                voids.add(control.id)
        return voids

    def cutting(self, control, gathered, owners, owners_id):
        """What was gathered and cuts an entry off."""
        author = self.author_certificate(control)
        return [removal for removal in (self.all[each] for each in gathered)
                if self.concerns(removal, author) and self.cuts(removal, control)
                and not self.outlasts(control, removal, owners, owners_id)
                and not (self.removes_own(removal) and self.by_ticket_of_another(control))]  # fmt: skip

    def by_ticket_of_another(self, control):
        """Whether a certificate was let in by a ticket that another member issued."""
        if control.name != "certify" or control.fields["ticket"] == ZERO32:
            return False
        member = self.author_certificate(control).member
        return any(each.fields["ticket"] == control.fields["ticket"]
                   and allows(each.fields, control.fields["certificate"])
                   and self.author_certificate(each).member != member
                   for each in self.in_order(control.past, "ticket"))  # fmt: skip

    def outlasts(self, control, removal, owners, owners_id):
        """What an owner wrote, and the list that struck it has seen, for who is no owner (A-14)."""
        remover, now_id = self.author_certificate(removal), owners_id
        beside = self.strike(remover, removal.past, owners, owners_id)
        if beside is None or removal.id in beside.past:
            owners, owners_id = self.owners_in(removal.past)
            if remover.member in owners:
                return False
        author = self.author_certificate(control)
        strike = self.strike(author, control.past, owners, owners_id)
        return strike is not None and control.id in self.standing_for(strike, now_id).past

    def standing_for(self, control, owners_id):
        """The entry that stands for a list in the view whose list in force is this (A-11)."""
        name = self.list_name(control.id)
        while owners_id != ZERO32:
            if self.list_name(owners_id) == name:
                return self.all[owners_id]
            owners_id = self.all[owners_id].fields["previous"]
        return control

    def is_void(self, control, view, gathered, owners, owners_id, voids, passes):
        if control.name == "owners" or control.id in gathered:
            return False
        cutting = self.cutting(control, gathered, owners, owners_id)
        if any(each.name == "remove" for each in cutting):
            return True
        if self.removes_owner(control, owners, owners_id):
            return True
        if passes and self.raised(control, view, owners, passes[-1]):
            return True
        try:
            place = self.place(control, voids, owners, owners_id)
            self.check(control, place, self.lowered(cutting))
            return False
        except Refusal:
            return True

    def lowered(self, cutting):
        """The rank that lowerings leave to who wrote what they cut off."""
        return max((each.fields["rank"] for each in cutting if each.name == "rank"), default=OWNER)

    def place(self, control, voids, owners, owners_id):
        """What an entry sees; who was struck by a list that has not seen it is no owner there."""
        scope = self.scope(control.past, voids)
        author = self.author_certificate(control)
        strike = self.strike(author, control.past, owners, owners_id)
        if strike and control.id not in strike.past:
            scope.owners = [each for each in scope.owners if each != author.member]
        return scope

    def strike(self, author, view, owners, owners_id):
        """The list that struck who is an owner seen from a place, and is none now (A-11)."""
        if owners_id == ZERO32 or author is None or author.member in owners:
            return None
        if author.member not in self.owners_in(view)[0]:
            return None
        found = self.all[owners_id]
        while found.fields["previous"] != ZERO32:
            before = self.all[found.fields["previous"]]
            if author.member in before.fields["owners"]:
                break
            found = before
        return found

    def stands(self, control, view, gathered, owners, owners_id, passes):
        """Whether a certificate that lets somebody in has effect whatever is taken from others."""
        member = self.let_in(control)
        if member is None or not passes:
            return False
        if control.id not in passes[0] and member in owners:
            if all(self.unknown_to_lists(each, member, owners_id)
                   for each in self.cutting(control, gathered, owners, owners_id)):  # fmt: skip
                return True
        if len(passes) > 2 and control.id not in passes[2]:
            rank = self.rank(member, Scope(view, passes[2], owners, owners_id))
            if rank is not None and rank <= ADMIN:
                return True
        return len(passes) > 4 and control.id not in passes[4]

    def let_in(self, control):
        """The member that a certificate lets in; None where the member's own word lets it."""
        if control.name != "certify":
            return None
        member = control.fields["certificate"].member
        words = [each for each in self.in_order(control.past, "ticket")
                 if each.fields["ticket"] == control.fields["ticket"]
                 and each.fields["member"] == member]  # fmt: skip
        authors = [self.author_certificate(each) for each in [control] + words]
        return None if any(each.member == member for each in authors) else member

    def unknown_to_lists(self, control, member, owners_id):
        """Whether the lists that name a member, back from the one in force, had not seen an entry."""
        first = None
        while owners_id != ZERO32 and member in self.all[owners_id].fields["owners"]:
            first = self.all[owners_id]
            owners_id = first.fields["previous"]
        founder = self.all[self.office].fields["certificate"].member
        since_founding = owners_id == ZERO32 and member == founder
        return first is not None and (since_founding or control.id not in first.past)

    def target(self, control):
        if control.name == "remove":
            return control.fields["target"]
        return control.fields["member"] if control.name == "rank" else None

    def concerns(self, removal, certificate):
        if certificate is None:
            return False
        names = {certificate.member} | ({certificate.device} if removal.name == "remove" else set())
        return self.target(removal) in names

    def removes_owner(self, control, owners, owners_id):
        target = self.target(control)
        if target is None:
            return False
        member = target if len(target) == 16 else self.member_of(target, control)
        author = self.author_certificate(control)
        own = len(target) == 32 and author is not None and author.member == member
        return not own and self.unknown_to_lists(control, member, owners_id)

    def raised(self, control, view, owners, voids):
        """Whether an owner made an admin of its target, and neither knew of the other."""
        target, author = self.target(control), self.author_certificate(control)
        if target is None or author is None or author.member in owners:
            return False
        if control.name == "rank" and control.fields["rank"] == ADMIN:
            return False
        member = target if len(target) == 16 else self.member_of(target, control)
        return member != author.member and any(
            each.fields["member"] == member and each.fields["rank"] == ADMIN
            and each.id not in voids and each.id not in control.past
            and control.id not in each.past for each in self.in_order(view, "rank"))  # fmt: skip

    def member_of(self, device, control):
        """The member of a device: who removes it, or else of the first certificate in the past."""
        certificates = [self.certificate_of(each)
                        for each in self.in_order(control.past, "founding", "certify")]  # fmt: skip
        members = [each.member for each in certificates if each.device == device]
        author = self.author_certificate(control)
        if author is not None and author.member in members:
            return author.member
        return members[0] if members else None

    def removes_own(self, control):
        """Whether an entry removes its author's own member or device."""
        author = self.author_certificate(control)
        target = self.target(control)
        member = target if len(target) == 16 else self.member_of(target, control)
        return control.name == "remove" and author is not None and author.member == member

    def gathers(self, control, number, gathered, voids, owners, owners_id):
        author = self.author_certificate(control)
        if control.id in voids or author is None:
            return False
        scope = self.place(control, voids, owners, owners_id)
        if control.name == "rank":
            before = self.rank(control.fields["member"], scope)
            if before is None or control.fields["rank"] <= before:
                return False
        rank = self.rank(author.member, scope)
        lowered = self.lowered(self.cutting(control, gathered, owners, owners_id))
        return rank is not None and max(rank, lowered) <= number

    def cuts(self, removal, control):
        """A-14 in the log of the removal itself."""
        if removal.id == control.id or removal.id in control.past:
            return False
        for feed, seq, entry in removal.fields["cuts"]:
            if feed == control.feed:
                return beyond(control, seq, entry)
        return control.id not in removal.past

    def binding(self, view):
        """A-17: the unknown operations that hold back who does not know them."""
        scope = self.scope_at(view)
        return [each for each in self.in_order(view, "unknown")
                if self.counts(each, scope) and self.decides(each, scope)
                and self.decides(each, self.scope(each.past, scope.voids))]  # fmt: skip

    def decides(self, control, scope):
        try:
            return self.standing(control.author, control.certificate, scope)[1] <= ADMIN
        except Refusal:
            return False

    def roster(self, view):
        """Live members and their ranks, ascending."""
        scope = self.scope_at(view)
        members = {self.certificate_of(each).member
                   for each in self.in_order(view, "founding", "certify")}  # fmt: skip
        ranks = [(member, self.rank(member, scope)) for member in sorted(members)]
        return [(member, rank) for member, rank in ranks if rank is not None]
