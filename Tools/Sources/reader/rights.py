"""What the author of an entry of the office log may do at its place (5-authority, A-3 to A-7)."""

from bodies import verify_certify, verify_owners
from control import ADMIN, BOX, DEVICES_MAX, MEMBER, OWNER, allows
from entry import ZERO16, ZERO32
from refusal import need


class Rights:
    """The rights of an office's operations; authority.Office says what has effect."""

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

    def check(self, control, scope, lowered=OWNER):
        """A-3 to A-7 at the place of an entry; for who is lowered beside it with that rank."""
        if control.name == "founding":
            need(control.id == self.office, "A-4", "not the office genesis", "admit")
            return
        author, rank = self.standing(control.author, control.certificate, scope)
        check = getattr(self, "check_" + control.name.replace("-", "_"), None)
        need(check, "A-1", "an operation of another log", "admit")
        check(control.fields, author, max(rank, lowered), scope)

    def check_unknown(self, fields, author, rank, scope):
        pass

    def check_suspend(self, fields, author, rank, scope):
        pass

    def check_certify(self, fields, author, rank, scope):
        new = fields["certificate"]
        self.check_keys(new, scope)
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
            need(same, "A-3", "a key that was used", "admit")
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

    def tickets(self, key, scope, view=None):
        """What has effect of a ticket's key, of each issuer the first (A-7)."""
        found = {}
        for each in self.in_order(scope.view if view is None else view, "ticket"):
            if each.fields["ticket"] == key and self.counts(each, scope):
                found.setdefault(self.author_certificate(each).member, each)
        return list(found.values())

    def tickets_of(self, certify, scope):
        """What a certificate can have been let in by: what allows it, in its past (A-13)."""
        if certify.fields["ticket"] == ZERO32:
            return []
        return [each for each in self.tickets(certify.fields["ticket"], scope, certify.past)
                if allows(each.fields, certify.fields["certificate"])]  # fmt: skip

    def check_place(self, control, scope):
        """A-3 and A-5, asked of an entry at its place alone, and never again."""
        if control.name != "certify":
            return
        new = control.fields["certificate"]
        live = self.live_certificates(new.member, scope)
        again = any(self.certificate_of(each).device == new.device for each in live)
        need(not again, "A-3", "a key that was used", "admit")
        need(len(live) < DEVICES_MAX, "A-5", "too many devices of one member", "admit")
        if control.fields["ticket"] != ZERO32:
            self.check_uses(control, scope)

    def check_uses(self, control, scope):
        """How often a ticket lets in, and by whom."""
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
        found = [each for each in self.in_order(scope.view, "founding", "certify")
                 if self.counts(each, scope)
                 and target in (self.certificate_of(each).device, self.certificate_of(each).member)]  # fmt: skip
        need(found, "A-6", "no such member or device", "admit")
        live = [each for each in found if self.live(each, scope)]
        members = [self.certificate_of(each).member for each in live or found]
        member = author.member if author.member in members else members[0]
        if member == author.member:
            last = len(target) == 16 or len(self.live_certificates(member, scope)) == 1
            need(not live or rank != OWNER or not last, "A-6", "an owner stays", "admit")
            return
        gone = not live and member not in scope.owners
        has = self.last_rank(member, scope) if gone else self.rank(member, scope)
        need(has is not None, "A-6", "no such member", "admit")
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
        follows = self.list_name(fields["previous"]) == self.list_name(scope.owners_id)
        need(follows, "A-7", "not after the last list", "admit")
        present = any(self.live_certificates(each, scope) for each in fields["owners"])
        need(present, "A-7", "no owner has a device", "admit")
        keys, signers = [key for key, _ in fields["signatures"]], set()
        if ZERO32 in keys:
            named = author.member in fields["owners"]
            need(named, "A-7", "not written by one whom it names", "admit")
            return
        for key in keys:
            members = [m for m in scope.owners for each in self.live_certificates(m, scope)
                       if self.certificate_of(each).device == key]  # fmt: skip
            need(members and members[0] not in signers, "A-7", "not an owner's device", "admit")
            signers.add(members[0])
        need(2 * len(signers) > len(scope.owners), "A-7", "too few owners signed", "admit")
        need(author.device in keys, "A-7", "not written by one who signed", "admit")

    def check_signatures(self, control):
        """A-2 and A-7, which views do not change."""
        if control.name == "certify":
            verify_certify(self.office, control.fields)
        if control.name == "owners":
            recovery = self.all[self.office].fields["recovery"]
            verify_owners(self.office, control.fields, recovery)
