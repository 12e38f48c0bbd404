"""Vectors of 5-authority, A-8 and A-14: what becomes of those who are made managers, and by them."""

from stories import CARA, DORA, EMIL, FRITZ, Story, group_add, group_remove, message, remove
from world import ANNA, BERT


def raised(accepted, refused):
    """Bert, a manager, acts against Emil from places where he was none yet."""

    def story():
        s = Story(EMIL)
        group = s.found(CARA)
        first = group.next(3, group_add(BERT, grade=1))
        second = group.next(3, group_add(EMIL))
        group.next(3, group_add(EMIL, grade=1))
        return s, group, first, second

    s, group, first, _ = story()
    lowered = s.early_in(BERT, group, s.certified[EMIL], first).next(3, group_add(EMIL))
    s.join(BERT, group, group.last, lowered).next(3, group_remove(EMIL))
    refused("group-remove-an-equal-lowered-from-an-old-place",
            "the creator made a manager of him, which the addition as a member does not know", s,
            "A-11")  # fmt: skip
    s, group, _, second = story()
    out = s.early_in(BERT, group, second).next(3, group_remove(EMIL))
    s.join(BERT, group, group.last, out).next(3, group_add(EMIL))
    refused("group-add-an-equal-removed-from-an-old-place",
            "he is in still, as a manager, for equals do not throw each other out", s,
            "A-11")  # fmt: skip


def raised_along(accepted, refused):
    """Bert, a manager, adds Emil and Fritz in one, while Cara makes a manager of Emil."""

    def story():
        s = Story(EMIL, FRITZ)
        group = s.found(CARA)
        first = group.next(3, group_add(BERT, grade=1))
        return s, group, first

    s, group, _ = story()
    both = s.join(BERT, group).next(3, group_add(EMIL, FRITZ))
    group.next(3, group_add(EMIL, grade=1))
    accepted("ok-log-added-along-with-whom-the-creator-raises",
             "for Emil alone the addition as a member does not count", s,
             {BERT: 1, CARA: 0, EMIL: 1, FRITZ: 2})  # fmt: skip
    s, group, first = story()
    bert = s.join(BERT, group)
    both = bert.next(3, group_add(EMIL, FRITZ))
    group.next(3, group_add(EMIL, grade=1))
    s.early_in(BERT, group, both, group.last).next(3, group_remove(EMIL))
    refused("group-remove-an-equal-who-was-added-along",
            "he is a manager, and no equal removes him", s)  # fmt: skip
    s, group, first = story()
    both = s.early_in(ANNA, group, s.anna.last, first).next(3, group_add(EMIL, FRITZ))
    group.next(3, group_add(EMIL, grade=1))
    s.join(EMIL, group, both, group.last).next(3, group_remove(FRITZ))
    refused("group-remove-by-whom-an-owner-added-as-a-member-beside",
            "an owner stands above managers, and the higher number counts", s)  # fmt: skip
    s, group, first = story()
    both = s.join(BERT, group).next(3, group_add(EMIL, FRITZ))
    group.next(3, group_add(EMIL, grade=1))
    s.anna.next(3, remove(CARA.member, cuts=[(group, first.seq)]))
    s.join(EMIL, group, both, group.last).next(3, group_remove(FRITZ))
    refused("group-remove-by-whom-nobody-raised-with-effect",
            "the addition as a manager is void, and the one as a member counts", s)  # fmt: skip


def risen(accepted, refused):
    """Cara is gone, which Anna says in the group; from before she makes managers of some, who know both."""

    def story(raised, *others):
        s = Story(EMIL, FRITZ)
        group = s.found(CARA)
        group.next(3, group_add(ANNA, BERT))
        first = group.next(3, group_add(FRITZ, grade=1))
        gone = s.anna.next(3, remove(CARA.member))
        heard = s.join(ANNA, group)
        late = s.early_in(CARA, group, s.certified[FRITZ], first).next(3, group_add(*raised, grade=1))
        words = [s.early_in(device, group, gone, late) for device in (*raised, *others)]
        return s, group, [feed.last for feed in (heard, *words)]

    s, group, known = story([BERT])
    s.join(BERT, group, *known).next(3, group_add(EMIL))
    refused("group-add-by-who-vouches-for-its-own-grade",
            "he says himself that he is a manager, and an owner knows nothing of that", s)  # fmt: skip
    s, group, known = story([EMIL])
    s.join(EMIL, group, *known)
    refused("feed-of-who-vouches-for-its-own-addition",
            "he says himself that he is in the group", s)  # fmt: skip
    s, group, known = story([BERT, EMIL])
    s.join(BERT, group, *known).next(3, group_add(DORA))
    refused("group-add-by-one-of-two-who-vouch-for-one-addition",
            "neither says it of the other, whom the same entry names", s)  # fmt: skip
    s, *_ = story([BERT], FRITZ)
    accepted("ok-log-made-a-manager-by-one-gone-as-an-equal-knows",
             "another manager says it", s, {ANNA: 2, BERT: 1, FRITZ: 1})  # fmt: skip


BUILDS = (raised, raised_along, risen)
