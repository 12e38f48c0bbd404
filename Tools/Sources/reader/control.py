"""Control entries, and what is seen from a place among them (5-authority)."""

from dataclasses import dataclass, field

from entry import ZERO16, ZERO32

OWNER, ADMIN, MEMBER, BOX = range(4)
PASSES = 9
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


def allows(grant, new):
    """Whether a ticket's rank, flags and member are those of a certificate."""
    same = (new.rank, new.flags) == (grant["rank"], grant["flags"])
    return same and grant["member"] in (ZERO16, new.member)


def beyond(control, seq, entry):
    """Whether an entry lies beyond a cut of its feed."""
    return control.seq > seq or (control.seq == seq and control.id != entry)

