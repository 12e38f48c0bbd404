"""Vectors of 6-epochs: sealed copies of a secret, and messages encrypted under it."""

from wire import Exchanger, joined, replaced, seeded, u16
from world import (
    ANNA, BERT, encrypted, epoch_body, padded, sealed_copy, text_content,
)  # fmt: skip

FOLDER = "6-epochs/"


def add(out, office):
    add_epochs(out, office)
    add_messages(out, office)


def add_epochs(out, office):
    group, feed, seq = office.group.group, office.group.id, office.epoch_entry.seq

    def epoch(path, expect, rule, comment, segments, device=BERT, **place):
        place = {"group": group, "feed": feed, "seq": seq, "epoch": office.epoch} | place
        gives = {"gives_secret": office.secret} if expect == "ok" else {}
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "epoch", segments, **place,
                device_key=device.signer.public, sealing_secret=device.sealing.secret,
                **gives)  # fmt: skip

    right = epoch_body(office.secret, [ANNA, BERT], office.ephemeral, group, office.epoch)
    epoch("ok-epoch", "ok", "K-1", "opened by Bert", right)
    epoch("ok-epoch-for-anna", "ok", "K-1", "the same, opened by Anna", right, ANNA)
    raw = joined(right)
    copies = [raw[34:114], raw[114:194]]

    def bad(path, comment, data):
        epoch(path, "decode", "K-1", comment, data)

    bad("epoch-empty", "no byte at all", b"")
    bad("epoch-count-zero", "no sealed copy", raw[:32] + u16(0))
    bad("epoch-count-801", "801 sealed copies",
        raw[:32] + u16(801) + b"".join(sorted(seeded(f"copy {n}", 80) for n in range(801))))  # fmt: skip
    bad("epoch-descending", "two copies in the wrong order", raw[:34] + copies[1] + copies[0])
    bad("epoch-twice-the-same-device", "two copies for one device", raw[:34] + copies[0] * 2)
    bad("epoch-cut", "a byte of the last copy is missing", raw[:-1])
    bad("epoch-with-more-behind", "a byte behind the last copy", raw + b"\0")
    bad("epoch-count-too-high", "a count of 3 and two copies", raw[:32] + u16(3) + raw[34:])

    def shut(path, comment, segments, rule="K-2", **place):
        epoch(path, "verify", rule, comment, segments, **place)

    index = sorted([ANNA, BERT], key=lambda d: d.signer.public).index(BERT)
    name = f"sealed secret {index}"
    other = epoch_body(seeded("another secret"), [ANNA, BERT], office.ephemeral, group, office.epoch)
    shut("epoch-with-another-secret", "the secret makes another epoch_id", other)
    shut("epoch-moved-to-another-place", "seq of the entry after", right, seq=seq + 1)
    shut("epoch-moved-to-another-feed", "feed_id of Bert's feed", right, feed=office.bert.id)
    shut("epoch-of-another-group", "sealed for another group", right, group=office.id)
    shut("epoch-under-another-epoch-id", "sealed under another epoch_id", right,
         epoch=seeded("epoch", 16))  # fmt: skip
    copy = dict(right)[name]
    shut("epoch-with-a-wrong-tag", "one bit of the copy differs",
         replaced(right, name, copy[:-1] + bytes([copy[-1] ^ 1])))  # fmt: skip
    shut("epoch-sealed-to-another", "Anna's copy beside Bert's key",
         replaced(right, name, sealed_copy(office.secret, ANNA, office.ephemeral, group,
                                           office.epoch)))  # fmt: skip
    shut("epoch-with-a-nonce", "sealed with a nonce that is not zero",
         replaced(right, name, sealed_copy(office.secret, BERT, office.ephemeral, group,
                                           office.epoch, b"\1" + bytes(23))))  # fmt: skip
    shut("epoch-with-another-ephemeral", "the ephemeral key of another epoch",
         replaced(right, "ephemeral key", Exchanger("another ephemeral").public))  # fmt: skip
    shut("epoch-with-a-zero-ephemeral", "its X25519 result is zero",
         replaced(right, "ephemeral key", bytes(32)))  # fmt: skip
    low = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
    shut("epoch-with-a-low-order-ephemeral", "its X25519 result is zero",
         replaced(right, "ephemeral key", low))  # fmt: skip
    zero = replaced(right, name, bytes(48))
    epoch("ok-epoch-with-a-zero-copy", "ok", "K-9", "Anna's copy beside one for a key of low order",
          zero, ANNA)  # fmt: skip
    shut("epoch-with-a-zero-copy", "48 zero bytes in place of Bert's copy", zero)
    alone = epoch_body(office.secret, [ANNA], office.ephemeral, group, office.epoch)
    shut("epoch-without-a-copy-for-bert", "Bert is not among the recipients", alone, "K-3")


def add_messages(out, office):
    feed, group, secret, seq = office.group.id, office.group.group, office.secret, 3

    def sealed(path, expect, rule, comment, body, **place):
        place = {"group": group, "feed": feed, "seq": seq, "epoch": office.epoch} | place
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "sealed", body, **place)

    content = text_content("Der Aufzug geht wieder.")
    plain = padded(content)
    parts = cipher(encrypted(plain, secret, group, feed, seq, office.epoch))
    right = joined(parts)
    sealed("ok-message", "ok", "K-7", "a text under the group's epoch", parts, secret=secret,
           gives_content=content)  # fmt: skip
    clone = encrypted(padded(text_content("Ein anderer Text.")), secret, group, feed, seq,
                      office.epoch)  # fmt: skip
    assert clone[:24] != right[:24]
    sealed("ok-message-of-a-clone", "ok", "K-8",
           "the same place, key and random bytes, another text: another nonce", cipher(clone),
           secret=secret, gives_content=text_content("Ein anderer Text."))  # fmt: skip
    longest = text_content("x" * 60_000)
    sealed("ok-longest-message", "ok", "K-6", "60,000 bytes of text",
           cipher(encrypted(padded(longest), secret, group, feed, seq, office.epoch)),
           secret=secret)  # fmt: skip

    def shut(path, comment, body=right, rule="K-7", **place):
        sealed(path, "verify", rule, comment, body, **({"secret": secret} | place))

    shut("message-of-another-group", "moved to another group", group=office.id)
    shut("message-of-another-feed", "moved to Bert's feed", feed=office.bert.id)
    shut("message-of-another-place", "moved to the next seq", seq=seq + 1)
    shut("message-under-another-epoch-id", "moved to another epoch", epoch=seeded("e", 16))
    shut("message-under-another-secret", "a secret that is not its own", secret=seeded("another"))
    shut("message-of-another-kind", "encrypted as kind 5",
         encrypted(plain, secret, group, feed, seq, office.epoch, kind=5))  # fmt: skip
    for name, at in (("nonce", 0), ("ciphertext", 24), ("tag", len(right) - 1)):
        changed = bytearray(right)
        changed[at] ^= 1
        shut(f"message-with-a-wrong-{name}", f"one bit of the {name} differs", bytes(changed))
    shut("message-cut", "a byte of its tag is missing", right[:-1], "K-6")
    shut("message-with-more-behind", "a byte behind its tag", right + b"\0", "K-6")
    shut("message-of-a-size-between", "a plaintext of 192 bytes",
         encrypted(padded(content, 192), secret, group, feed, seq, office.epoch), "K-6")  # fmt: skip
    shut("message-empty", "no byte at all", b"", "K-6")
    sealed("message-badly-padded", "decode", "E-19", "a one in the padding, well encrypted",
           encrypted(plain[:-1] + b"\1", secret, group, feed, seq, office.epoch),
           secret=secret)  # fmt: skip


def cipher(body):
    return [("nonce", body[:24]), ("ciphertext", body[24:-16]), ("tag", body[-16:])]
