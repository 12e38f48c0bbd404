"""Who belongs to the office and what each may do, judged in a view (5-authority)."""

from dataclasses import dataclass, field

from bodies import verify_certify, verify_owners
from entry import ZERO16, ZERO32
from refusal import Refusal, need

OWNER, ADMIN, MEMBER, BOX = range(4)
PASSES = 5
DEVICES_MAX = 16
RECIPIENTS_MAX = 800


@dataclass
class Control:
    """A control entry, or the office genesis, with the control entries in its past by ID."""

    id: bytes
    feed: bytes
    seq: int
    lamport: int
    author: bytes
    certificate: bytes
    name: str
    fields: dict
    past: frozenset  # of office entries
    group_past: frozenset = field(default_factory=frozenset)

    @property
    def order(self):
        """F-8."""
        return (self.lamport, self.id)


@dataclass
class Scope:
    """What is seen from a place: a view, what is void in it, and the owner list in force."""

    view: frozenset
    voids: set
    owners: list
    owners_id: bytes = ZERO32


class Office:
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
        certificates = self.live_certificates(member, scope)
        if not certificates:
            return None
        if member in scope.owners:
            return OWNER
        ranks = [each for each in self.in_order(scope.view, "rank")
                 if each.fields["member"] == member and self.counts(each, scope)
                 and self.current(each, None, member, scope)]  # fmt: skip
        last = [each for each in ranks if not any(each.id in other.past for other in ranks)]
        if last:
            return max(each.fields["rank"] for each in last)
        rank = self.certificate_of(certificates[0]).rank
        return MEMBER if rank == OWNER else rank

    def owners_in(self, view):
        """The list in force and its entry's ID: from recovery or the founder, along `previous`."""
        lists = self.in_order(view, "owners")
        by_recovery = [index for index, each in enumerate(lists)
                       if any(key == ZERO32 for key, _ in each.fields["signatures"])]  # fmt: skip
        genesis = self.all.get(self.office)
        members = [genesis.fields["certificate"].member] if genesis else []
        last, start = ZERO32, 0
        if by_recovery:
            start = by_recovery[-1] + 1
            members, last = lists[start - 1].fields["owners"], lists[start - 1].id
        for each in lists[start:]:
            if each.fields["previous"] == last:
                members, last = each.fields["owners"], each.id
        return members, last

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
                             if self.gathers(each, number, passes[-1])}  # fmt: skip
        self.known[view] = passes[-1], gathered
        return passes[-1], gathered

    def run(self, view, gathered, owners, owners_id, passes):
        voids = set()
        for control in self.in_order(view):
            void = self.is_void(control, view, gathered, owners, owners_id, voids, passes)
            if void and not self.stands(control, view, gathered, owners, owners_id, passes):
                voids.add(control.id)
        return voids

    def cutting(self, control, gathered):
        """What was gathered and cuts an entry off."""
        author = self.author_certificate(control)
        return [removal for removal in (self.all[each] for each in gathered)
                if self.concerns(removal, author) and self.cuts(removal, control)]  # fmt: skip

    def is_void(self, control, view, gathered, owners, owners_id, voids, passes):
        if control.name == "owners" or control.id in gathered:
            return False
        strike = self.strike(self.author_certificate(control), control.past, owners, owners_id)
        if strike and control.id not in strike.past:
            return True
        if self.cutting(control, gathered):
            return True
        if self.removes_owner(control, owners, owners_id):
            return True
        if passes and self.raised(control, view, owners, passes[-1]):
            return True
        try:
            self.check(control, self.scope(control.past, voids))
            return False
        except Refusal:
            return True

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
                   for each in self.cutting(control, gathered)):  # fmt: skip
                return True
        if len(passes) > 1 and control.id not in passes[1]:
            rank = self.rank(member, Scope(view, passes[1], owners, owners_id))
            if rank is not None and rank <= ADMIN:
                return True
        return len(passes) > 2 and control.id not in passes[2]

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
        member = target if len(target) == 16 else self.member_of(target)
        author = self.author_certificate(control)
        own = author is not None and author.member == member
        return not own and self.unknown_to_lists(control, member, owners_id)

    def raised(self, control, view, owners, voids):
        """Whether an owner made an admin of its target, and neither knew of the other."""
        target, author = self.target(control), self.author_certificate(control)
        if target is None or author is None or author.member in owners:
            return False
        member = target if len(target) == 16 else self.member_of(target)
        return member != author.member and any(
            each.fields["member"] == member and each.fields["rank"] == ADMIN
            and each.id not in voids and each.id not in control.past
            and control.id not in each.past for each in self.in_order(view, "rank"))  # fmt: skip

    def member_of(self, device):
        for each in sorted(self.all.values(), key=lambda control: control.order):
            certificate = self.certificate_of(each)
            if certificate and certificate.device == device:
                return certificate.member
        return None

    def gathers(self, control, number, voids):
        author = self.author_certificate(control)
        if control.id in voids or author is None:
            return False
        scope = self.scope(control.past, voids)
        if control.name == "rank":
            before = self.rank(control.fields["member"], scope)
            if before is None or control.fields["rank"] <= before:
                return False
        rank = self.rank(author.member, scope)
        return rank is not None and rank <= number

    def cuts(self, removal, control):
        """A-14 in the log of the removal itself."""
        if removal.id == control.id or removal.id in control.past:
            return False
        for feed, seq, entry in removal.fields["cuts"]:
            if feed == control.feed:
                return beyond(control, seq, entry)
        return control.id not in removal.past

    # Rights.

    def standing(self, key, certificate, scope):
        """A-4: the author's certificate and rank."""
        named = self.all.get(certificate)
        held = named is not None and self.counts(named, scope)
        held = held and self.certificate_of(named) and self.certificate_of(named).device == key
        need(held, "A-4", "the certificate is not in the past", "admit")
        found = self.certificate_of(named)
        current = self.current(named, key, found.member, scope)
        rank = self.rank(found.member, scope) if current else None
        need(rank is not None, "A-4", "the certificate has ended", "admit")
        return found, rank

    def check(self, control, scope):
        """A-3 to A-7 at the place of an entry."""
        if control.name == "founding":
            need(control.id == self.office, "A-4", "not the office genesis", "admit")
            return
        author, rank = self.standing(control.author, control.certificate, scope)
        check = getattr(self, "check_" + control.name.replace("-", "_"), None)
        need(check, "A-1", "an operation of another log", "admit")
        check(control.fields, author, rank, scope)

    def check_unknown(self, fields, author, rank, scope):
        pass

    def check_suspend(self, fields, author, rank, scope):
        pass

    def check_certify(self, fields, author, rank, scope):
        new = fields["certificate"]
        self.check_keys(new, scope)
        room = len(self.live_certificates(new.member, scope)) < DEVICES_MAX
        need(room, "A-5", "too many devices of one member", "admit")
        if fields["ticket"] != ZERO32:
            self.check_by_ticket(fields, author, scope)
            return
        listed = new.member in scope.owners
        need(new.rank != OWNER or listed, "A-5", "rank 0 outside the owner list", "admit")
        has = self.rank(new.member, scope)
        if new.member == author.member:
            wide = new.flags & ~author.flags != 0 and rank > ADMIN
            need(new.rank >= rank and not wide, "A-5", "more than the author is", "admit")
        elif listed:
            need(has is None and rank == OWNER, "A-5", "a device for an owner", "admit")
        else:
            need(rank <= ADMIN and rank < new.rank, "A-5", "not senior to the rank", "admit")
            need(has is None or rank < has, "A-5", "not senior to the member", "admit")

    def check_keys(self, new, scope):
        for each in self.in_order(scope.view, "founding", "certify"):
            old = self.certificate_of(each)
            if not {old.device, old.noise, old.sealing} & {new.device, new.noise, new.sealing}:
                continue
            keys = (old.member, old.device, old.noise, old.sealing)
            same = keys == (new.member, new.device, new.noise, new.sealing)
            need(same and not self.live(each, scope), "A-3", "a key that was used", "admit")
        known = any(self.certificate_of(each).member == new.member and self.counts(each, scope)
                    for each in self.in_order(scope.view, "founding", "certify"))  # fmt: skip
        named = new.member == new.device[:16]
        need(known or named, "A-3", "a new member not named by its key", "admit")

    def check_by_ticket(self, fields, author, scope):
        new = fields["certificate"]
        need(author.flags & 2, "A-5", "the author may not admit", "admit")
        tickets = self.tickets(fields["ticket"], scope)
        need(tickets, "A-5", "the ticket is not in the past", "admit")
        good = any(self.lets_in(each, new, scope) for each in tickets)
        need(good, "A-5", "not what the ticket allows", "admit")

    def lets_in(self, ticket, new, scope):
        """Whether one operation of a ticket's key lets in whom a certificate names."""
        grant = ticket.fields
        if self.revoked(ticket, scope) or not self.entitled(ticket, scope):
            return False
        if grant["member"] == ZERO16:
            known = any(self.certificate_of(each).member == new.member and self.counts(each, scope)
                        for each in self.in_order(scope.view, "founding", "certify"))  # fmt: skip
            if known or new.member in scope.owners:
                return False
        return allows(grant, new)

    def entitled(self, ticket, scope):
        """The issuer has the right, and whom the ticket names was not removed since."""
        issuer, member = self.author_certificate(ticket).member, ticket.fields["member"]
        if member != ZERO16 and not self.current(ticket, None, member, scope):
            return False
        rank = self.rank(issuer, scope)
        return rank is not None and self.may_issue(ticket.fields, issuer, rank, scope)

    def revoked(self, ticket, scope):
        for each in self.in_order(scope.view, "ticket-revoke"):
            same = each.fields["ticket"] == ticket.fields["ticket"] and self.counts(each, scope)
            if same and ticket.id in each.past:
                author = self.author_certificate(each).member
                place = self.scope(each.past, scope.voids)
                rank = self.rank(author, place)
                if rank is not None and self.may_revoke(ticket, author, rank, place):
                    return True
        return False

    def tickets(self, key, scope):
        return [each for each in self.in_order(scope.view, "ticket")
                if each.fields["ticket"] == key and self.counts(each, scope)]  # fmt: skip

    def tickets_of(self, certify, scope):
        """What a certificate can have been let in by: what allows it, in its past (A-13)."""
        if certify.fields["ticket"] == ZERO32:
            return []
        return [each for each in self.tickets(certify.fields["ticket"], scope)
                if each.id in certify.past
                and allows(each.fields, certify.fields["certificate"])]  # fmt: skip

    def check_uses(self, control, scope):
        """A-5, asked of an entry at its place alone: how often a ticket lets in, and by whom."""
        if control.name != "certify" or control.fields["ticket"] == ZERO32:
            return
        key, new = control.fields["ticket"], control.fields["certificate"]
        left = [each for each in self.tickets(key, scope) if self.lets_in(each, new, scope)
                and self.uses(each, key, scope) < each.fields["uses"]]  # fmt: skip
        need(left, "A-5", "used as often as it may be", "admit")
        author = self.author_certificate(control).member
        own = any(each.fields["certificate"].member == author and self.counts(each, scope)
                  and each.fields["ticket"] == key
                  for each in self.in_order(scope.view, "certify"))  # fmt: skip
        further = any(each.fields["member"] != ZERO16 for each in left)
        need(further or not own, "A-5", "the author came by this ticket", "admit")

    def uses(self, ticket, key, scope):
        found = [each for each in self.in_order(scope.view, "certify")
                 if each.fields["ticket"] == key and self.counts(each, scope)
                 and any(ticket.id == one.id for one in self.tickets_of(each, scope))]  # fmt: skip
        return len({each.fields["certificate"].device for each in found})

    def may_issue(self, grant, issuer, rank, scope):
        if grant["rank"] < rank:
            return False
        if grant["member"] == ZERO16:
            return rank <= ADMIN
        if grant["member"] == issuer:
            return True
        has = self.rank(grant["member"], scope)
        return rank <= ADMIN and grant["member"] not in scope.owners and (has is None or rank < has)

    def check_remove(self, fields, author, rank, scope):
        target = fields["target"]
        if len(target) == 32:
            found = [each for each in self.in_order(scope.view, "founding", "certify")
                     if self.certificate_of(each).device == target and self.live(each, scope)]  # fmt: skip
            need(found, "A-6", "no such device", "admit")
            member = self.certificate_of(found[0]).member
            last = len(self.live_certificates(member, scope)) == 1
        else:
            member, last = target, True
        has = self.rank(member, scope)
        need(has is not None, "A-6", "no such member", "admit")
        if member == author.member:
            need(not (has == OWNER and last), "A-6", "an owner stays", "admit")
        else:
            need(rank <= ADMIN and rank < has, "A-6", "not senior to the target", "admit")

    def check_rank(self, fields, author, rank, scope):
        has = self.rank(fields["member"], scope)
        need(has is not None, "A-6", "no such member", "admit")
        new = fields["rank"]
        need(has != OWNER and ADMIN <= new <= BOX, "A-6", "not a rank to give", "admit")
        lesser = rank == ADMIN and has in (MEMBER, BOX) and new in (MEMBER, BOX)
        need(rank == OWNER or lesser, "A-6", "not the author's to give", "admit")

    def check_ticket(self, fields, author, rank, scope):
        allowed = self.may_issue(fields, author.member, rank, scope)
        wide = fields["flags"] & ~author.flags != 0 and rank > ADMIN
        need(allowed and not wide, "A-7", "not the author's to issue", "admit")
        again = any(each.fields["ticket"] == fields["ticket"]
                    for each in self.in_order(scope.view, "ticket"))  # fmt: skip
        need(not again, "A-7", "the ticket's key was used", "admit")

    def check_ticket_revoke(self, fields, author, rank, scope):
        tickets = self.tickets(fields["ticket"], scope)
        need(tickets, "A-5", "the ticket is not in the past", "admit")
        may = any(self.may_revoke(each, author.member, rank, scope) for each in tickets)
        need(may, "A-7", "not the author's to revoke", "admit")

    def may_revoke(self, ticket, member, rank, scope):
        issuer = self.author_certificate(ticket).member
        its_rank = self.rank(issuer, scope)
        its_rank = MEMBER if its_rank is None else its_rank
        return member == issuer or rank < its_rank or rank == OWNER

    def check_owners(self, fields, author, rank, scope):
        need(fields["previous"] == scope.owners_id, "A-7", "not after the last list", "admit")
        present = any(self.live_certificates(each, scope) for each in fields["owners"])
        need(present, "A-7", "no owner has a device", "admit")
        if any(key == ZERO32 for key, _ in fields["signatures"]):
            return
        signers = set()
        for key, _ in fields["signatures"]:
            members = [m for m in scope.owners for each in self.live_certificates(m, scope)
                       if self.certificate_of(each).device == key]  # fmt: skip
            need(members and members[0] not in signers, "A-7", "not an owner's device", "admit")
            signers.add(members[0])
        need(2 * len(signers) > len(scope.owners), "A-7", "too few owners signed", "admit")

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

    def check_signatures(self, control):
        """A-2 and A-7, which views do not change."""
        if control.name == "certify":
            verify_certify(self.office, control.fields)
        if control.name == "owners":
            recovery = self.all[self.office].fields["recovery"]
            verify_owners(self.office, control.fields, recovery)

    def roster(self, view):
        """Live members and their ranks, ascending."""
        scope = self.scope_at(view)
        members = {self.certificate_of(each).member
                   for each in self.in_order(view, "founding", "certify")}  # fmt: skip
        ranks = [(member, self.rank(member, scope)) for member in sorted(members)]
        return [(member, rank) for member, rank in ranks if rank is not None]


def allows(grant, new):
    """Whether a ticket's rank, flags and member are those of a certificate."""
    same = (new.rank, new.flags) == (grant["rank"], grant["flags"])
    return same and grant["member"] in (ZERO16, new.member)


def beyond(control, seq, entry):
    """Whether an entry lies beyond a cut of its feed."""
    return control.seq > seq or (control.seq == seq and control.id != entry)

