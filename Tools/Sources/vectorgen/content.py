"""Vectors of 3-entry: whole entries, the content of bodies, padding."""

from headers import FOLDER
from wire import Feed, seeded, u8, u16
from world import (
    ANNA, BERT, REQUEST, field, name_content, padded, text_content, title_content,
)  # fmt: skip


def add_entries(out, office):
    def entry(path, expect, rule, comment, it, body=None, signature=None, log="group", **more):
        segments = it.segments + [("signature", signature or it.signature(ANNA.signer))]
        body = it.body if body is None else body
        if body:
            segments = segments + [("body", body)]
        out.add(f"{FOLDER}{path}.txt", expect, rule, comment, "entry", segments,
                device_key=ANNA.signer.public, log=log, **more)  # fmt: skip

    message, control = office.message, office.certified
    named = office.anna.entries[1]
    entry("ok-entry", "ok", "F-2", "a message with its signature and body", message,
          before=message.values["prev"], gives_id=message.id)  # fmt: skip
    entry("ok-entry-erased", "ok", "E-13", "the same entry after its body was erased", message, b"",
          gives_id=message.id)  # fmt: skip
    entry("ok-entry-of-the-office", "ok", "E-15", "the office's name, not encrypted", named,
          log="office", gives_id=named.id)  # fmt: skip
    entry("ok-entry-control", "ok", "E-13", "a certify entry with its body", control, log="office",
          gives_id=control.id)  # fmt: skip
    entry("entry-control-without-body", "decode", "E-13", "a control entry is nothing without",
          control, b"", log="office")  # fmt: skip
    founder = office.anna.entries[0]
    entry("entry-genesis-without-body", "decode", "E-13", "an office genesis without its body",
          founder, b"", log="office")  # fmt: skip
    entry("entry-with-a-body-cut", "decode", "E-13", "a body of one byte less than body_size",
          message, message.body[:-1])  # fmt: skip
    other = message.body[:-1] + bytes([message.body[-1] ^ 1])
    entry("entry-with-another-body", "verify", "E-20", "the last bit of the body differs", message,
          other)  # fmt: skip
    entry("entry-with-another-prev", "verify", "F-1", "prev is not the entry before", message,
          before=seeded("another entry"))  # fmt: skip
    entry("entry-with-anothers-signature", "verify", "F-2", "signed by Bert", message,
          signature=message.signature(BERT.signer))  # fmt: skip
    entry("entry-with-the-signature-before", "verify", "F-2", "the signature of the entry before",
          message, signature=office.epoch_entry.signature(ANNA.signer))  # fmt: skip
    plain = next_of_copy(office, text_content("unverschl\u00fcsselt"), bytes(16))
    entry("entry-in-clear-in-a-group", "verify", "E-15", "a message without epoch_id in a group",
          plain)  # fmt: skip
    entry("entry-encrypted-in-the-office", "verify", "E-15", "a message with epoch_id in the office",
          message, log="office")  # fmt: skip
    odd = next_of_copy(office, bytes(167), office.epoch)
    entry("entry-of-an-odd-size", "verify", "K-6", "an encrypted body of 167 bytes", odd)


def next_of_copy(office, body, epoch):
    """A message that would follow in a feed of its own, so that no other vector moves."""
    feed = Feed(ANNA, office.id, group=office.group.group, deps=[office.certified], nonce="copy")
    return feed.next(2, body, epoch=epoch)


#: The ID of a message that others answer, and of one that they say again.
ANSWERED = seeded("answered message")


def add_content(out):
    def content(path, expect, comment, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "E-17", comment, "content", data, **gives)

    known = {"gives_known": "01"}
    one = u8(1) + field(1, REQUEST)
    content("ok-text", "ok", "a text", text_content("Gr\u00fc\u00dfe"), **known)
    content("ok-text-of-one-byte", "ok", "the shortest text", one + field(2, b"x"), **known)
    content("ok-text-of-60000-bytes", "ok", "the longest text", one + field(2, b"x" * 60_000),
            **known)  # fmt: skip
    content("ok-text-with-nul", "ok", "any UTF-8 is a text", one + field(2, b"a\0b\n"), **known)
    content("ok-text-with-unknown-tag", "ok", "tag 200 is ignored",
            text_content("x") + field(200, b"later"), **known)  # fmt: skip
    content("ok-text-with-tag-of-another-type", "ok", "tag 9 says nothing in a text",
            text_content("x") + field(9, b""), **known)  # fmt: skip
    content("ok-title", "ok", "a title and its purpose", title_content("Lager", "Was fehlt"),
            **known)  # fmt: skip
    content("ok-title-without-purpose", "ok", "an empty purpose", title_content("Lager"), **known)
    content("ok-title-said-again", "ok", "tag 3 names the message that said it first",
            title_content("Lager", "Was fehlt", ANSWERED), **known)  # fmt: skip
    content("ok-name-of-the-office", "ok", "a name without subject", name_content("Kontor"),
            **known)  # fmt: skip
    content("ok-name-of-a-member", "ok", "subject by tag 6", name_content("Anna", 6, ANNA.member),
            **known)  # fmt: skip
    content("ok-name-of-a-device", "ok", "subject by tag 7",
            name_content("Laptop", 7, ANNA.signer.public), **known)  # fmt: skip
    content("ok-name-of-a-ticket", "ok", "subject by tag 8",
            name_content("Empfang", 8, seeded("ticket key")), **known)  # fmt: skip
    content("ok-text-in-answer", "ok", "tag 3 names the message that it answers",
            text_content("Ja") + field(3, ANSWERED), **known)  # fmt: skip
    four = u8(4) + field(1, REQUEST) + field(3, ANSWERED)
    content("ok-reaction", "ok", "an emoji", four + field(10, "\U0001f44d".encode()), **known)
    content("ok-reaction-of-64-bytes", "ok", "the longest sign", four + field(10, b"x" * 64), **known)
    content("ok-reaction-taken-back", "ok", "no sign", four + field(10, b""), **known)
    content("ok-reaction-with-text", "ok", "tag 2 says nothing in a reaction",
            u8(4) + field(1, REQUEST) + field(2, b"") + field(3, ANSWERED) + field(10, b"+"),
            **known)  # fmt: skip
    content("ok-unknown-type", "ok", "type 5 needs a newer version", u8(5) + b"whatever",
            gives_known="00")  # fmt: skip

    def bad(path, comment, data):
        content(path, "decode", comment, data)

    bad("content-empty", "no byte at all", b"")
    bad("text-without-request", "tag 1 missing", u8(1) + field(2, b"x"))
    bad("text-with-short-request", "a request id of 15 bytes",
        u8(1) + field(1, REQUEST[:15]) + field(2, b"x"))  # fmt: skip
    bad("text-missing", "tag 2 missing", one)
    bad("text-empty", "a text of no bytes", one + field(2, b""))
    bad("text-too-long", "60,001 bytes", one + field(2, b"x" * 60_001))
    bad("text-not-utf8", "a byte that no text has", one + field(2, b"a\xffb"))
    bad("text-with-surrogate", "half a surrogate pair", one + field(2, b"\xed\xbf\xbf"))
    bad("content-tags-descending", "tag 2 before tag 1",
        u8(1) + field(2, b"x") + field(1, REQUEST))  # fmt: skip
    bad("content-tag-twice", "tag 2 twice", one + field(2, b"x") + field(2, b"y"))
    bad("content-value-cut", "a value longer than the content", one + field(2, b"x", length=2))
    bad("content-tag-alone", "a tag without its length", text_content("x") + u8(200))
    two = u8(2) + field(1, REQUEST)
    for count in (31, 33):
        bad(f"title-said-again-of-{count}-bytes", f"an entry ID of {count} bytes",
            title_content("Lager", again=(ANSWERED + b"x")[:count]))  # fmt: skip
    bad("title-said-again-of-nothing", "an entry ID of no bytes",
        two + field(3, b"") + field(4, b"Lager") + field(5, b""))  # fmt: skip
    bad("title-missing", "tag 4 missing", two + field(5, b""))
    bad("title-without-purpose-field", "tag 5 missing", two + field(4, b"Lager"))
    bad("title-too-long", "129 bytes", two + field(4, b"x" * 129) + field(5, b""))
    bad("title-with-line-end", "a control character in the title",
        two + field(4, b"La\nger") + field(5, b""))  # fmt: skip
    bad("purpose-too-long", "1,025 bytes", two + field(4, b"x") + field(5, b"x" * 1_025))
    bad("purpose-not-utf8", "a byte that no text has", two + field(4, b"x") + field(5, b"\x80"))
    three = u8(3) + field(1, REQUEST)
    bad("name-missing", "tag 9 missing", three + field(6, ANNA.member))
    bad("name-with-two-subjects", "tags 6 and 7",
        three + field(6, ANNA.member) + field(7, seeded("k")) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-short-member", "a member_id of 15 bytes",
        three + field(6, ANNA.member[:15]) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-long-device", "a device key of 33 bytes",
        three + field(7, seeded("k", 33)) + field(9, b"x"))  # fmt: skip
    bad("name-of-a-short-ticket", "a ticket key of 16 bytes",
        three + field(8, seeded("k", 16)) + field(9, b"x"))  # fmt: skip
    bad("name-empty", "a name of no bytes", three + field(9, b""))
    bad("name-too-long", "129 bytes", three + field(9, b"x" * 129))
    bad("name-not-utf8", "a byte that no text has", three + field(9, b"A\xfe"))
    bad("name-with-control", "an escape character", three + field(9, b"A\x1b[31m"))
    bad("name-of-a-long-member", "a member_id of 17 bytes",
        three + field(6, ANNA.member + b"x") + field(9, b"x"))  # fmt: skip
    bad("name-with-three-subjects", "tags 6, 7 and 8",
        three + field(6, ANNA.member) + field(7, seeded("k")) + field(8, seeded("t"))
        + field(9, b"x"))  # fmt: skip
    bad("name-without-request", "tag 1 missing", u8(3) + field(9, b"x"))
    bad("text-with-long-request", "a request id of 17 bytes",
        u8(1) + field(1, REQUEST + b"x") + field(2, b"x"))  # fmt: skip
    bad("title-empty", "a title of no bytes", two + field(4, b"") + field(5, b""))
    bad("title-not-utf8", "a byte that no text has", two + field(4, b"\xc0") + field(5, b""))
    bad("text-overlong", "a letter in two bytes", one + field(2, b"\xc1\x81"))
    bad("text-cut-in-a-character", "UTF-8 that ends within a character", one + field(2, b"\xe2\x82"))
    bad("text-in-answer-to-31-bytes", "an entry ID of 31 bytes",
        text_content("Ja") + field(3, ANSWERED[:31]))  # fmt: skip
    bad("reaction-to-nothing", "tag 3 missing", u8(4) + field(1, REQUEST) + field(10, b"+"))
    bad("reaction-to-33-bytes", "an entry ID of 33 bytes",
        u8(4) + field(1, REQUEST) + field(3, ANSWERED + b"x") + field(10, b"+"))  # fmt: skip
    bad("reaction-without-sign-field", "tag 10 missing", four)
    bad("reaction-without-request", "tag 1 missing", u8(4) + field(3, ANSWERED) + field(10, b"+"))
    bad("reaction-too-long", "65 bytes", four + field(10, b"x" * 65))
    bad("reaction-not-utf8", "a byte that no text has", four + field(10, b"\xff"))
    bad("reaction-with-control", "a line feed", four + field(10, b"+\n"))
    bad("text-in-answer-to-33-bytes", "an entry ID of 33 bytes",
        text_content("Ja") + field(3, ANSWERED + b"x"))  # fmt: skip
    bad("text-in-answer-to-nothing", "an entry ID of no bytes", text_content("Ja") + field(3, b""))
    bad("reaction-to-31-bytes", "an entry ID of 31 bytes",
        u8(4) + field(1, REQUEST) + field(3, ANSWERED[:31]) + field(10, b"+"))  # fmt: skip
    bad("reaction-before-its-message", "tag 10 before tag 3",
        u8(4) + field(1, REQUEST) + field(10, b"+") + field(3, ANSWERED))  # fmt: skip
    bad("reaction-twice", "tag 10 twice", four + field(10, b"+") + field(10, b"-"))
    bad("reaction-cut", "a sign longer than the content", four + field(10, b"+", length=2))
    bad("reaction-with-escape", "an escape character", four + field(10, b"\x1b[7m"))
    bad("reaction-overlong", "a letter in two bytes", four + field(10, b"\xc1\x81"))
    bad("content-length-cut", "a tag with one byte of length", text_content("x") + b"\xc8\0")


def add_padding(out):
    def plain(path, expect, comment, data, **gives):
        out.add(f"{FOLDER}{path}.txt", expect, "E-19", comment, "padded", data, **gives)

    for size in (0, 126, 127, 32_766):
        content = b"\x5a" * size
        plain(f"ok-padding-of-{size}-bytes", "ok", f"content of {size} bytes", padded(content),
              **({"gives_content": content} if size < 200 else {}))  # fmt: skip
    largest = b"\x5a" * 65_494
    plain("ok-padding-of-65494-bytes", "ok", "as much as fits", padded(largest))
    content = seeded("content", 100)
    right = padded(content)
    plain("padding-empty", "decode", "no byte at all", b"")
    plain("padding-of-one-byte", "decode", "half a length", b"\0")
    plain("padding-too-large", "decode", "256 bytes where 128 do", padded(content, 256))
    plain("padding-of-an-odd-size", "decode", "129 bytes", right + b"\0")
    plain("padding-cut", "decode", "127 bytes", right[:-1])
    plain("padding-not-zero", "decode", "a one in the last byte", right[:-1] + b"\1")
    plain("padding-shorter-than-content", "decode", "a length of 127 in 128 bytes",
          u16(127) + bytes(126))  # fmt: skip
    plain("padding-without-room", "decode", "a length of 65,535 in 65,496 bytes",
          u16(65_535) + bytes(65_494))  # fmt: skip
