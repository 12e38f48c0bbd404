"""Writes batches (4-feed), right or wrong on purpose."""

from wire import u8, u16, u32, u64, varint, zigzag

KEEP = object()


def batch(entries, signer, erased=(), change=None, head=None, signed=None):
    """The segments of a batch of consecutive entries of one feed.

    `erased` holds the indexes of entries whose body does not travel. `change` maps segment names,
    such as "1 control", to other bytes; `head` does so for the head before it is derived.
    """
    first = entries[0]
    before = head.get("before") if head else None
    wall = before.wall if before else 0
    lamport = before.lamport if before else 0
    last = signed or entries[-1]
    segments = [
        ("group_id", first.group),
        ("feed_id", first.feed),
        ("first", u32(first.seq)),
        ("count", u16(len(entries))),
        ("wall base", u64(wall)),
        ("lamport base", u32(lamport)),
        ("signature", last.signature(signer)),
    ]
    state = {"kind": u8(2) + u16(0), "epoch": bytes(16), "deps": []}
    for index, entry in enumerate(entries):
        segments += packed(index, entry, state, wall, lamport, index in erased)
        wall, lamport = entry.wall, entry.lamport
    for name, data in (change or {}).items():
        assert any(each == name for each, _ in segments), name
        segments = [(each, data if each == name else old) for each, old in segments]
    return segments


def packed(index, entry, state, wall, lamport, erased):
    control, segments = 0, []
    kind = entry.values["kind"] + entry.values["flags"]
    if kind != state["kind"]:
        control |= 1
        segments += [(f"{index} kind", kind[:1]), (f"{index} flags", kind[1:])]
        state["kind"] = kind
    epoch = entry.values["epoch_id"]
    if epoch != state["epoch"]:
        control |= 2
        segments.append((f"{index} epoch_id", epoch))
        state["epoch"] = epoch
    if entry.deps:
        bit, more = packed_deps(index, entry.deps, state["deps"])
        control |= bit
        segments += more
    state["deps"] = entry.deps
    if entry.ext:
        control |= 32
        segments += [(f"{index} ext length", u16(len(entry.ext))), (f"{index} ext", entry.ext)]
    if entry.values["group_id"] == bytes(32):
        control |= 64
    difference = (entry.wall - wall + (1 << 63)) % (1 << 64) - (1 << 63)
    segments.append((f"{index} wall difference", zigzag(difference)))
    segments.append((f"{index} lamport difference", varint(entry.lamport - lamport - 1)))
    size = int.from_bytes(entry.values["body_size"], "big")
    segments.append((f"{index} body_size", varint(size)))
    if erased:
        control |= 4
        segments.append((f"{index} body_hash", entry.values["body_hash"]))
    elif entry.body:
        segments.append((f"{index} body", entry.body))
    return [(f"{index} control", u8(control))] + segments


def packed_deps(index, deps, before):
    same = [dep[:16] for dep in deps] == [dep[:16] for dep in before]
    steps = [int.from_bytes(new[16:20], "big") - int.from_bytes(old[16:20], "big")
             for new, old in zip(deps, before)]  # fmt: skip
    if same and all(step >= 0 for step in steps):
        data = b"".join(varint(step) + dep[20:] for step, dep in zip(steps, deps))
        return 16, [(f"{index} advanced deps", data)]
    return 8, [(f"{index} dep count", u8(len(deps)))] + [
        (f"{index} dep {number}", dep) for number, dep in enumerate(deps)
    ]
