"""Vectors of 7-handshake: preface, greeting, whole handshakes, transport frames."""

import noise
from wire import Exchanger, hash_of, joined, replaced, seeded, u8, u16, u32, u64
from world import ANNA, BERT, OFFICE_SECRET

FOLDER = "7-handshake/"
PREFACE = b"ZRF1" + u8(1)
LOW_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


def add(out, office):
    add_prefaces(out)
    add_greetings(out, office)
    add_frames(out)
    add_handshakes(out, office)
    add_doors(out, office)
    add_visits(out)


def add_prefaces(out):
    def preface(path, expect, comment, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "H-1", comment, "preface", data, **gives)

    for mode, name in enumerate(("member", "ticket", "digits")):
        preface(f"ok-preface-{name}", "ok", f"mode {mode}", PREFACE + u8(mode),
                gives_mode=u8(mode))  # fmt: skip
    for path, comment, data in (
        ("preface-cut", "five bytes", PREFACE),
        ("preface-with-more-behind", "seven bytes", PREFACE + bytes(2)),
        ("preface-of-http", "a browser", b"GET / "),
        ("preface-in-lower-case", "zrf1", b"zrf1\1\0"),
        ("preface-of-the-next-magic", "ZRF2", b"ZRF2\1\0"),
        ("preface-version-zero", "version 0", b"ZRF1\0\0"),
        ("preface-version-two", "version 2", b"ZRF1\2\0"),
        ("preface-mode-three", "mode 3", b"ZRF1\1\3"),
        ("preface-of-zeros", "six zero bytes", bytes(6)),
    ):
        preface(path, "decode", comment, data)


def greeting(certificate, who, port=47_474):
    return [
        ("certificate", certificate),
        ("boot nonce", seeded(f"boot nonce of {who}", 16)),
        ("wall_ms", u64(1_790_000_300_000)),
        ("port", u16(port)),
        ("reserved", bytes(6)),
    ]


def add_greetings(out, office):
    right = greeting(office.certified.id, "bert")

    def one(path, expect, comment, segments, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "H-3", comment, "greeting", segments, **gives)

    one("ok-greeting", "ok", "Bert's node", right, gives_certificate=office.certified.id)
    one("greeting-cut", "decode", "63 bytes", joined(right)[:-1])
    one("greeting-with-more-behind", "decode", "65 bytes", right + [("more", b"\0")])
    one("greeting-empty", "decode", "no byte at all", b"")
    one("greeting-with-reserved-byte", "decode", "a one in the last byte",
        replaced(right, "reserved", bytes(5) + b"\1"))  # fmt: skip


def add_frames(out):
    def frames(path, expect, comment, segments):
        out.add(f"{FOLDER}{path}.txt", expect, "H-8", comment, "frames", segments)

    frames("ok-frames", "ok", "two frames, of 16 and of 65,535 bytes",
           [("length", u16(16)), ("", b"\xaa" * 16), ("length", u16(65_535)),
            ("", b"\xaa" * 65_535)])  # fmt: skip
    for size in (0, 1, 15):
        frames(f"frame-of-{size}-bytes", "decode", f"{size} bytes hold no tag",
               [("length", u16(size)), ("", bytes(size))])  # fmt: skip
    frames("frame-cut", "decode", "a byte of 32 is missing", [("length", u16(32)), ("", bytes(31))])
    frames("frame-length-cut", "decode", "half a length", b"\0")


class Link:
    """Anna calls Bert's node; every part of it can be changed."""

    def __init__(self, office):
        self.office = office.id
        self.psk = hash_of("zr1.psk", OFFICE_SECRET, office.id)
        self.initiator = (ANNA.noise, Exchanger("anna ephemeral"))
        self.responder = (BERT.noise, Exchanger("bert ephemeral"))
        certificates = (office.id, office.certified.id)
        names = ("anna", "bert")
        self.greetings = [joined(greeting(c, n)) for c, n in zip(certificates, names)]
        self.after = (b"\7" + bytes(3) + b"\10" + bytes(8), b"\10" + bytes(3) + b"\10" + bytes(8))

    def written(self, mode=0, psk=True, greetings=None, after=None, **more):
        return noise.transcript(
            PREFACE + u8(mode), self.office, self.psk if psk else None, self.initiator,
            self.responder, greetings or self.greetings, self.after if after is None else after,
            **more,
        )  # fmt: skip

    def inputs(self, psk=True):
        shared = {"psk": self.psk} if psk else {}
        return {"office": self.office} | shared | {
            "initiator_static": self.initiator[0].secret,
            "initiator_ephemeral": self.initiator[1].secret,
            "responder_static": self.responder[0].secret,
            "responder_ephemeral": self.responder[1].secret,
        }  # fmt: skip


def add_handshakes(out, office):
    link = Link(office)
    right, digest = link.written()

    def shaken(path, expect, rule, comment, segments, with_psk=True, **more):
        inputs = link.inputs(with_psk) | more
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "handshake", segments, **inputs)

    plain = b"".join(link.after)
    shaken("ok-handshake", "ok", "H-2", "mode 0, then a ping and a pong", right,
           gives_hash=digest, gives_plain=plain)  # fmt: skip
    joiner = [joined(greeting(bytes(32), "bert", 0)), link.greetings[1]]
    ticket, its_digest = link.written(1, greetings=joiner)
    shaken("ok-handshake-ticket", "ok", "H-2", "mode 1: the joiner has no certificate", ticket,
           gives_hash=its_digest, gives_plain=plain)  # fmt: skip

    def bad(path, comment, segments, rule="H-2"):
        shaken(path, "decode", rule, comment, segments)

    def longer(number, name, data):
        whole = dict(right)
        size = int.from_bytes(whole[f"length {number}"], "big")
        changed = replaced(right, f"length {number}", u16(size + len(data) - len(whole[name])))
        return replaced(changed, name, data)

    parts = dict(right)
    bad("handshake-message-1-of-32-bytes", "message 1 without its tag",
        longer(1, "payload 1", b""))  # fmt: skip
    bad("handshake-message-1-of-49-bytes", "a byte behind message 1",
        longer(1, "payload 1", parts["payload 1"] + b"\0"))  # fmt: skip
    bad("handshake-message-1-of-0-bytes", "an empty frame",
        replaced(longer(1, "payload 1", b""), "length 1", u16(0))[:2])  # fmt: skip
    bad("handshake-message-2-of-159-bytes", "a byte of the greeting is missing",
        longer(2, "payload 2", parts["payload 2"][:-1]))  # fmt: skip
    bad("handshake-message-2-of-176-bytes", "sixteen bytes too many",
        longer(2, "payload 2", parts["payload 2"] + bytes(16)))  # fmt: skip
    bad("handshake-message-3-of-127-bytes", "a byte of the greeting is missing",
        longer(3, "payload 3", parts["payload 3"][:-1]))  # fmt: skip
    bad("handshake-message-3-of-144-bytes", "sixteen bytes too many",
        longer(3, "payload 3", parts["payload 3"] + bytes(16)))  # fmt: skip
    bad("handshake-ends-early", "message 3 is missing", right[: index_of(right, "length 3")])
    bad("handshake-of-another-version", "version 2",
        replaced(right, "preface", b"ZRF1\2\0"), "H-1")  # fmt: skip
    bad("handshake-then-a-short-frame", "a transport frame of 15 bytes",
        longer(4, "transport 4", bytes(15)), "H-8")  # fmt: skip
    reserved = [link.greetings[0], link.greetings[1][:-1] + b"\1"]
    bad("handshake-with-a-reserved-byte", "a one in the greeting of message 2",
        link.written(greetings=reserved)[0], "H-3")  # fmt: skip

    def shut(path, comment, segments, **more):
        shaken(path, "verify", "H-2", comment, segments, **more)

    shut("handshake-of-another-office", "the office_id of the prologue differs", right,
         office=seeded("another office"))  # fmt: skip
    shut("handshake-with-another-psk", "the PSK of another office", right,
         psk=seeded("another psk"))  # fmt: skip
    shut("handshake-in-another-mode", "mode 1 in the preface, mode 0 in the prologue",
         replaced(right, "preface", PREFACE + u8(1)))  # fmt: skip
    shut("handshake-without-the-static-key", "the responder does not have the key it shows",
         link.written(signs=Exchanger("a stranger"))[0])  # fmt: skip
    for name in ("payload 1", "s 2", "payload 2", "s 3", "payload 3", "transport 4"):
        data = parts[name]
        shut(f"handshake-with-a-wrong-{name.replace(' ', '-')}", f"one bit of {name} differs",
             replaced(right, name, data[:-1] + bytes([data[-1] ^ 1])))  # fmt: skip
    for name in ("e 1", "e 2"):
        shut(f"handshake-with-a-zero-{name.replace(' ', '-')}", f"{name} is zero",
             replaced(right, name, bytes(32)))  # fmt: skip
    shut("handshake-with-a-low-order-key", "e 2 has order 8: X25519 gives zero",
         low_order(link))  # fmt: skip
    swapped = frames_swapped(right)
    shut("handshake-then-frames-swapped", "the pong where the ping belongs", swapped)
    replayed = right[:-2] + right[-4:-2]
    shut("handshake-then-a-frame-replayed", "the initiator's frame comes back", replayed)


NOWHERE = bytes(32)
SILENT = [bytes(64), bytes(64)]


def add_doors(out, office):
    """Mode 2: no office in the prologue, nothing in the greetings."""
    link = Link(office)
    link.office, link.greetings = NOWHERE, SILENT

    def shaken(path, expect, rule, comment, segments, **more):
        inputs = link.inputs(psk=False) | more
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "handshake", segments, **inputs)

    right, digest = link.written(2, psk=False)
    shaken("ok-handshake-digits", "ok", "H-12", "mode 2, without PSK, office and greeting", right,
           gives_hash=digest, gives_plain=b"".join(link.after))  # fmt: skip
    named = greeting(office.id, "anna", 0)
    for side, who in ((0, "the newcomer"), (1, "the sponsor")):
        for field in ("certificate", "boot nonce", "wall_ms", "port"):
            said = dict(greeting(NOWHERE, who)) | dict(named)
            only = [(n, said[n] if n == field else bytes(len(d))) for n, d in named]
            if field == "port":
                only = [(n, u16(47_474) if n == "port" else d) for n, d in only]
            greetings = list(SILENT)
            greetings[side] = joined(only)
            name = f"handshake-at-a-door-with-a-{field.replace(' ', '-')}-{side + 1}"
            shaken(name, "decode", "H-12", f"{who} says its {field}",
                   link.written(2, psk=False, greetings=greetings)[0])  # fmt: skip
    shaken("handshake-at-a-door-with-an-office", "verify", "H-2", "an office_id in the prologue",
           right, office=office.id)  # fmt: skip
    whole = dict(right)
    shaken("handshake-at-a-door-with-33-bytes-in-message-1", "decode", "H-2", "a byte behind the key",
           replaced(replaced(right, "length 1", u16(33)), "payload 1", bytes(1)))  # fmt: skip
    data = whole["payload 3"]
    shaken("handshake-at-a-door-with-a-wrong-payload-3", "verify", "H-2", "one bit differs",
           replaced(right, "payload 3", data[:-1] + bytes([data[-1] ^ 1])))  # fmt: skip


def said(kind, parts):
    return [("kind", u8(kind)), ("length", u32(len(joined(parts))))] + parts


def named(*names):
    return [part for what, name in names for part in (("name length", u8(len(name))), (what, name))]


class Visit:
    """A newcomer at a door; every part of it can be changed."""

    hash, newcomer, sponsor = (seeded(f"visit {n}") for n in ("handshake", "newcomer", "sponsor"))

    def __init__(self, own="newcomer's nonce", other="sponsor's nonce", bound=None):
        self.own, self.other = seeded(own), seeded(other)
        commitment = hash_of("zr1.commit", bound or self.hash, self.own)
        names = named(("newcomer", "Ben Vogel".encode()), ("device", b"pc-ben"))
        whose = named(("office", "Müller GmbH".encode()), ("sponsor", b"Anna Weber"))
        self.door = said(12, whose + [("of nobody", u8(0))])
        self.knock = said(13, [("commitment", commitment)] + names)
        self.nonce = said(14, [("sponsor's nonce", self.other)])
        self.opening = said(15, [("newcomer's nonce", self.own)])
        self.yes = said(16, [("code", u8(0)), ("ticket length", u16(12)), ("ticket", b"zr1-ticket-x")])
        self.no = said(16, [("code", u8(1)), ("ticket length", u16(0))])

    def digits(self):
        whole = hash_of("zr1.digits", self.hash, self.newcomer, self.sponsor, self.own, self.other,
                        size=16)  # fmt: skip
        return f"{int.from_bytes(whole[:8], 'big') % 10**6:06}"


def add_visits(out):
    visit = Visit()

    def one(path, expect, rule, comment, messages, **gives):
        inputs = {"hash": Visit.hash, "newcomer_key": Visit.newcomer, "sponsor_key": Visit.sponsor}
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "visit", sum(messages, []),
                **inputs, **gives)  # fmt: skip

    v = visit
    shown = v.digits()
    one("ok-visit", "ok", "H-13", "the sponsor says yes", [v.door, v.knock, v.nonce, v.opening, v.yes],
        gives_digits=shown)  # fmt: skip
    zero = Visit("nonce 3", "nonce 20")
    number = 0
    while not zero.digits().startswith("0"):
        number += 1
        zero = Visit(f"newcomer {number}")
    one("ok-visit-with-zeros-in-front", "ok", "H-14", "digits below a hundred thousand, and a kind that nobody knows",
        [zero.door, said(100, [("later", b"later")]), zero.knock, zero.nonce, zero.opening],
        gives_digits=zero.digits())  # fmt: skip
    one("ok-visit-that-only-looks", "ok", "H-13", "no knock, no digits", [v.door], gives_digits="")
    one("ok-visit-refused-before-the-digits", "ok", "H-13", "too many stand there",
        [v.door, v.knock, v.no], gives_digits="")  # fmt: skip

    for path, comment, messages in (
        ("visit-without-door", "a knock before the door said whose it is", [v.knock]),
        ("visit-with-two-doors", "the names again", [v.door, v.door]),
        ("visit-opened-before-the-knock", "no commitment", [v.door, v.opening]),
        ("visit-with-the-nonce-first", "the sponsor's nonce before the commitment", [v.door, v.nonce]),
        ("visit-with-two-knocks", "a second commitment", [v.door, v.knock, v.knock]),
        ("visit-with-a-knock-after-the-nonce", "a commitment that has seen the sponsor's nonce",
         [v.door, v.knock, v.nonce, v.knock]),
        ("visit-opened-before-the-nonce", "the newcomer's nonce shown too early",
         [v.door, v.knock, v.opening]),
        ("visit-with-two-nonces", "the sponsor's nonce twice", [v.door, v.knock, v.nonce, v.nonce]),
        ("visit-opened-twice", "the nonce again", [v.door, v.knock, v.nonce, v.opening, v.opening]),
        ("visit-with-a-yes-before-the-digits", "a ticket for who opened nothing",
         [v.door, v.knock, v.yes]),
        ("visit-with-a-yes-to-who-looks", "a ticket for who did not knock", [v.door, v.yes]),
        ("visit-that-goes-on-after-the-end", "a nonce after the no", [v.door, v.no, v.nonce]),
        ("visit-with-digests", "a message of another kind of link",
         [v.door, said(1, [("count", u16(0))])]),
        ("visit-with-an-admit-answer", "the answer to a ticket",
         [v.door, said(10, [("code", u8(7)), ("certificate", bytes(32))])]),
    ):  # fmt: skip
        one(path, "decode", "H-13", comment, messages)
    other = Visit("another nonce")
    bound = Visit(bound=seeded("another handshake"))
    bit = bytearray(v.own)
    bit[31] ^= 1
    for path, comment, messages in (
        ("visit-with-another-opening", "not what was committed to",
         [v.door, v.knock, v.nonce, other.opening]),
        ("visit-with-one-bit-opened-otherwise", "the last bit differs",
         [v.door, v.knock, v.nonce, said(15, [("nonce", bytes(bit))])]),
        ("visit-with-the-commitment-of-another-link", "it names another handshake",
         [v.door, bound.knock, v.nonce, v.opening]),
        ("visit-opened-with-the-commitment", "the commitment itself",
         [v.door, v.knock, v.nonce, said(15, [v.knock[2]])]),
        ("visit-opened-with-the-sponsors-nonce", "its own nonce back",
         [v.door, v.knock, v.nonce, said(15, [("nonce", v.other)])]),
    ):  # fmt: skip
        one(path, "verify", "H-14", comment, messages)


def index_of(segments, name):
    return next(index for index, (each, _) in enumerate(segments) if each == name)


def frames_swapped(segments):
    return segments[:-4] + segments[-2:] + segments[-4:-2]


def low_order(link):
    """Everything right up to e 2, which is a point of order 8."""
    segments, _ = link.written()
    return replaced(segments, "e 2", LOW_ORDER)
