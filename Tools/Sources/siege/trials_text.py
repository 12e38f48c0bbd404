"""Every string that ever hurt a program, as message, group name and person's name."""

import base64
import json
import os
import unicodedata

from nodes import Refused, Skip, expect, until
from trial import trial

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
NAME_BYTES, TEXT_BYTES = 128, 60_000


def strings():
    """The public cases as bytes, the same string once; and what lies at the borders."""
    found = {}
    for name, decode in (("naughty_strings", lambda c: base64.b64decode(c["base64"])),
                         ("utf8", lambda c: bytes.fromhex(c["hex"]))):  # fmt: skip
        for case in cases(name):
            found.setdefault(decode(case), f"{name} {case['id']}")
    for size in (NAME_BYTES - 1, NAME_BYTES, NAME_BYTES + 1, TEXT_BYTES, TEXT_BYTES + 1):
        found.setdefault(b"\xc3\xa4" * (size // 2) + b"x" * (size % 2), f"{size} bytes")
    return found


def cases(name):
    """The cases of `<name>.json`, in ZURUF_SHARED or the nearest shared/vectors above."""
    folders = [os.environ["ZURUF_SHARED"]] if "ZURUF_SHARED" in os.environ else []
    place = os.path.realpath(ROOT)
    while place != "/":
        place = os.path.dirname(place)
        folders.append(os.path.join(place, "shared"))
    for folder in folders:
        path = os.path.join(folder, "vectors", f"{name}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return json.load(file)["cases"]
    raise Skip("no public test cases lie beside the package")


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


# Default_Ignorable_Code_Point of the Unicode standard: what is shown as nothing.
LOOKLESS = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]  # fmt: skip


# White_Space of the Unicode standard: what a name loses at both ends (C-18).
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B)))  # fmt: skip


def is_lookless(c):
    return any(a <= ord(c) <= z for a, z in LOOKLESS)


def typed(data):
    """The name that is made of what was typed."""
    return (data.decode().strip(WHITE) or " ").encode()


def name_fault(data):
    """What a refusal of a name must say (N-3, C-18), or None for a name."""
    if not data:
        return "empty"
    if utf8(data) is None:
        return "UTF-8"
    text = typed(data).decode()
    if len(text.encode()) > NAME_BYTES:
        return f"{len(text.encode())} bytes"
    if any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or c in "\u2028\u2029" for c in text):
        return "control character"
    if all(c in WHITE or is_lookless(c) for c in text):
        return "nothing to see"
    joins = "\u200c\u200d" + "".join(map(chr, range(0xFE00, 0xFE10)))
    hidden = any(c not in joins and (is_lookless(c) or unicodedata.category(c) == "Cf")
                 for c in text)  # fmt: skip
    return "cannot be seen" if hidden else None


def person_fault(data):
    """The same of a person's name, which stands behind an @ where it is typed."""
    fault = name_fault(data)
    if fault or not typed(data).startswith((b"@", b"id:")):
        return fault
    return "cannot begin with"


def title_fault(data):
    """The same of a title, which must be typed as a TO (C-15)."""
    fault = name_fault(data)
    if fault:
        return fault
    return "begins with" if typed(data).startswith((b"@", b"-", b"id:")) else None


def text_fault(data):
    """The same of a text (N-4)."""
    if not data:
        return "no text"
    if utf8(data) is None:
        return "UTF-8"
    return f"{len(data)} bytes" if len(data) > TEXT_BYTES else None


def line(data):
    """Bytes as they stand in a line to the node, where JSON may escape what must be."""
    text = utf8(data)
    if text is not None:
        return json.dumps(text).encode()
    out = b""
    for byte in data:
        escaped = byte < 0x20 or byte in b'"\\'
        out += b"\\u%04x" % byte if escaped else bytes([byte])
    return b'"' + out + b'"'


def refusal(node, method, parameters):
    """What the node says to a line with raw bytes in it; None where it takes it."""
    node.one.number += 1
    node.one.raw(b'{"jsonrpc":"2.0","id":%d,"method":"%s","params":{%s}}'
                 % (node.one.number, method.encode(), parameters))  # fmt: skip
    try:
        node.one.answer()
    except Refused as refused:
        return str(refused)
    return None


@trial("messages", "naughty strings and UTF-8 as messages through send, read and dump", 120)
def messages(field):
    a, b = field.office("anna", "ben")
    wanted, refused = [], 0
    for data, case in strings().items():
        fault = text_fault(data)
        # Every third by the command, which takes a moment to start; each by the node's own door.
        if field.chance.randrange(3) == 0 or fault is None and b"\0" in data:
            told = a.run("zuruf", "send", "everyone", "-", data=data + b"\n",
                         code=1 if fault else 0)  # fmt: skip
            expect(not fault or fault.encode() in told, f"{case} is refused with {told!r}")
        elif not fault:
            expect(refusal(a, "send", b'"to":"everyone","text":%s' % line(data)) is None, case)
        if fault:
            told = refusal(a, "send", b'"to":"everyone","text":%s' % line(data))
            expect(told and fault in told, f"{case} is refused with {told}")
            refused += 1
        else:
            wanted.append(data)
    until(lambda: len(b.texts()) == len(wanted), "not all came to ben", 20)
    for node in (a, b):
        lines = node.run("zuruf", "read", "everyone", "-n", "1000", "--json").splitlines()
        told = [json.loads(each) for each in lines]
        read = [each["text"].encode() for each in told if "text" in each]
        expect(read == wanted, f"zuruf read differs at {node.name}: {difference(wanted, read)}")
        dumped = [json.loads(each) for each in node.run(
            "zuruf-inspect", "dump", "--bodies").splitlines()]  # fmt: skip
        read = [each["content"]["text"].encode() for each in dumped
                if "text" in each.get("content", {})]  # fmt: skip
        expect(read == wanted, f"dump differs at {node.name}: {difference(wanted, read)}")
        # For people nothing that steers a terminal comes through.
        shown = node.run("zuruf", "read", "everyone", "-n", "1000").decode("utf-8")
        expect(not steers(shown), f"a terminal is steered by {steers(shown)[:3]}")
    field.serve(a, b)
    return f"{len(wanted)} went through byte for byte, {refused} were refused by name"


def steers(text):
    """Control characters but the line feed, and those that turn the direction of a text."""
    bidi = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or c in bidi)]


def difference(wanted, found):
    """The first place at which two lists differ."""
    for one, other in zip(wanted, found):
        if one != other:
            return f"{one[:60]!r} came as {other[:60]!r}"
    return f"{len(wanted)} wanted, {len(found)} found"


def same(data):
    """What two titles have in common that differ in case or in how characters are put together."""
    return unicodedata.normalize("NFC", data.decode().lower())


@trial("groups", "naughty strings and UTF-8 as names of groups", 90)
def groups(field):
    a, b = field.office("anna", "ben")
    wanted, refused, alike, taken = [], 0, 0, set()
    for data, case in strings().items():
        fault = title_fault(data)
        told = refusal(a, "group.new", b'"title":%s,"members":["ben"]' % line(data))
        if fault:
            expect(told and fault in told, f"{case} is refused with {told}")
            refused += 1
        elif same(typed(data)) in taken:
            # Two groups that people would call the same are one too many.
            expect(told and ("already" in told or "looks like" in told), f"{case} is taken twice: {told}")
            refused += 1
        elif told and "looks like" in told:
            # Which letters people take for each other the rules of the node say (C-18).
            alike += 1
        else:
            expect(told is None, f"{case} is refused: {told}")
            wanted.append(typed(data))
            taken.add(same(typed(data)))

    expect(alike * 10 < len(wanted), f"{alike} names are taken for others")

    def titles(node):
        listed = node.ask("group.list")["groups"]
        return sorted(g["title"].encode() for g in listed if g["kind"] == "listed" and "title" in g)

    until(lambda: titles(b) == sorted(wanted), "the names differ at ben", 30, every=0.2)
    expect(titles(a) == sorted(wanted), "the names differ at anna")
    dumped = [json.loads(each) for each in b.run(
        "zuruf-inspect", "dump", "--bodies").splitlines()]  # fmt: skip
    read = sorted({each["content"]["title"].encode() for each in dumped
                   if "title" in each.get("content", {})} - {b"everyone"})  # fmt: skip
    expect(read == sorted(set(wanted)), f"dump differs: {difference(sorted(wanted), read)}")
    # By the command, as somebody would type it; and each can be written to by its whole name.
    for data in field.chance.sample(wanted, 25):
        a.run("zuruf", "send", "--", data, "found by its name")
    a.run("zuruf", "group", "new", "--", "Ka\x07ntine", code=1)
    field.serve(a, b)
    return f"{len(wanted)} names went through, {refused + alike} were refused by name"


@trial("people", "naughty strings and UTF-8 as names of people", 60)
def people(field):
    a, b = field.office("anna", "ben")
    taken, refused = 0, 0
    own = b.ask("status")["member"]["id"]
    for data, case in strings().items():
        fault = person_fault(data)
        told = refusal(b, "name.set", b'"name":%s' % line(data))
        if fault:
            expect(told and fault in told, f"{case} is refused with {told}")
            refused += 1
        elif data == b"anna":
            expect(told and "already" in told, "two people of one name")
        else:
            expect(told is None, f"{case} is refused: {told}")
            taken += 1
            last = typed(data)
            here = b.ask("status")["member"]["name"].encode()
            expect(here == last, f"{case} came as {here!r}")

    def there():
        listed = a.ask("member.list")["members"]
        return [m["name"].encode() for m in listed if m["id"] == own] == [last]

    until(there, "the last name is not known to anna", 10)
    names = [json.loads(each).get("content", {}) for each in a.run(
        "zuruf-inspect", "dump", "--bodies").splitlines()]  # fmt: skip
    told = [each["name"].encode() for each in names if each.get("of") == {"member": own}]
    wanted = [typed(data) for data in strings() if not person_fault(data) and data != b"anna"]
    expect(told[1:] == wanted, f"dump differs: {difference(wanted, told[1:])}")
    field.serve(a, b)
    return f"{taken} names went through, {refused} were refused by name"
