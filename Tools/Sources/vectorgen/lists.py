"""Vectors of 5-authority: owner lists that are written again, and by whom."""

from stories import CARA, DORA, EMIL, FOLDER, Story, owners, rank, remove, roster
from wire import u8
from world import ANNA, BERT, RECOVERY

SIGNERS = {each: (each.signer.public, each.signer) for each in (ANNA, BERT, CARA)}
KEY = (bytes(32), RECOVERY)


def add(out):
    def accepted(path, rule, comment, story, **gives):
        gives = {f"gives_{key}": value for key, value in gives.items()}
        out.add(f"{FOLDER}{path}.txt", "ok", rule, comment, "log", story.parts(), **gives)

    def refused(path, because, rule, comment, story):
        more = {"because": because} if because != rule else {}
        out.add(f"{FOLDER}{path}.txt", "admit", rule, comment, "log", story.parts(), **more)

    writers(refused)
    again(accepted, refused)
    recovered(refused)


def listed(s, members, signers, before=None):
    signed = [SIGNERS.get(each, KEY) for each in signers]
    return owners(s.id, [each.member for each in members], signed, before.id if before else bytes(32))


def writers(refused):
    s = Story()
    s.dora.next(3, listed(s, [ANNA, BERT], [ANNA]))
    refused("owners-written-by-who-did-not-sign", "A-7", "A-7",
            "a box writes the list that Anna signed", s)  # fmt: skip
    s = Story()
    s.cara.next(3, listed(s, [BERT], [None]))
    refused("owners-by-recovery-written-by-another", "A-7", "A-7",
            "Cara writes that Bert is to be it", s)  # fmt: skip


def again(accepted, refused):
    """One list, written twice: the next one follows either."""
    s = Story()
    both = s.anna.next(3, listed(s, [ANNA, BERT], [ANNA]))
    copy = s.early(ANNA, s.certified[BERT]).next(3, listed(s, [ANNA, BERT], [ANNA]))
    s.bert.next(3, listed(s, [BERT, CARA], [ANNA, BERT], both), deps=[both, copy])
    accepted("ok-log-owners-written-again", "A-11",
             "Anna writes a list again at an old place; what follows it follows it still", s,
             roster=roster(anna=2, bert=0, cara=0, dora=3), void="")  # fmt: skip


    s = Story(EMIL)
    both = s.anna.next(3, listed(s, [ANNA, BERT], [ANNA]))
    raised = s.anna.next(3, rank(EMIL, 1))
    raised = s.anna.next(3, rank(DORA, 2))
    s.bert.next(3, listed(s, [BERT], [ANNA, BERT], both), deps=[raised])
    s.early(ANNA, both).next(3, listed(s, [BERT], [ANNA, BERT], both))
    s.cara.next(3, remove(EMIL.member), deps=[s.bert.last, s.feeds[-1].last])
    refused("remove-an-equal-whose-raise-a-list-had-seen", "A-11", "A-6",
            "what Bert wrote stands for the list: that Anna made Emil an admin is not beside it", s)  # fmt: skip
    s = Story(EMIL)
    both = s.anna.next(3, listed(s, [ANNA, BERT], [ANNA]))
    raised = s.anna.next(3, rank(EMIL, 1))
    s.bert.next(3, listed(s, [BERT], [ANNA, BERT], both), deps=[raised])
    copied = s.early(ANNA, both)
    copied.next(3, listed(s, [BERT], [ANNA, BERT], both))
    left = copied.next(3, remove(ANNA.member))
    s.cara.next(3, remove(EMIL.member), deps=[s.bert.last, left])
    refused("remove-an-equal-whose-raiser-left-behind-a-copy", "A-14", "A-6",
            "nor is it beside the list for Anna, who is no owner behind what she wrote again", s)  # fmt: skip


def recovered(refused):
    s = Story()
    first = s.bert.next(3, listed(s, [BERT], [None]))
    s.cara.next(3, listed(s, [CARA], [None], first), deps=[first])
    again = s.early(BERT)
    while again.last.lamport <= s.cara.last.lamport:
        again.next(3, u8(200))
    again.next(3, listed(s, [BERT], [None]))
    again.next(3, rank(CARA, 2), deps=[s.cara.last])
    refused("rank-by-an-owner-of-a-list-written-again", "A-11", "A-6",
            "the list that another of the recovery key follows is not the last of them", s)  # fmt: skip
