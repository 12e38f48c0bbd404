"""Raw multicast DNS (RFC 6762), to say what no honest host would. Run on a host of the lab:

    mdns.py claim NAME TIMES          conflicting SRV and TXT records for an instance
    mdns.py flood KIND COUNT RATE     COUNT announcements of a kind, RATE a second
    mdns.py echo ADDRESS              what nodes announce, again under other names at ADDRESS
"""

import hashlib
import random
import re
import socket
import struct
import sys
import time

GROUP, PORT = "224.0.0.251", 5353
SERVICE = [b"_zuruf", b"_tcp", b"local"]
A, PTR, TXT, SRV = 1, 12, 16, 33
IN, IN_FLUSH = 1, 0x8001
SECONDS_TO_LIVE = 120
ECHO_QUIET_SECONDS = 1


def encode_name(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(labels, kind, data, cache_class=IN_FLUSH, ttl=SECONDS_TO_LIVE):
    head = struct.pack(">HHIH", kind, cache_class, ttl, len(data))
    return encode_name(labels) + head + data


def response(records):
    return struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def announcement(name, host, address, port, text, ttl=SECONDS_TO_LIVE):
    """The whole packet by which an instance comes to be known, or with ttl 0 goes."""
    instance = [name] + SERVICE
    target = [host, b"local"]
    return response([
        record(SERVICE, PTR, encode_name(instance), IN, ttl),
        record(instance, SRV, struct.pack(">HHH", 0, 0, port) + encode_name(target), ttl=ttl),
        record(instance, TXT, text, ttl=ttl),
        record(target, A, socket.inet_aton(address), ttl=ttl),
    ])  # fmt: skip


def text_record(*strings):
    return b"".join(bytes([len(string)]) + string for string in strings)


def open_socket(interface="eth0"):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.bind(("", PORT))
    index = socket.if_nametoindex(interface)
    choice = struct.pack("=4s4si", bytes(4), bytes(4), index)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, choice)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    return sender


def name_of(number):
    """A well-formed node's name."""
    return hashlib.blake2b(b"%d" % number, digest_size=8).hexdigest().encode()


def hint_of(number):
    return b"h=" + hashlib.blake2b(b"hint %d" % number, digest_size=16).hexdigest().encode()


def plain(number):
    """What an honest node might say, of an office nobody knows; all of one host."""
    text = text_record(b"v=1", hint_of(number))
    return announcement(name_of(number), b"flood", "10.77.1.250", 40000 + number % 20000, text)


def unanswered(number):
    """An instance nobody can resolve: only its pointer exists."""
    return response([record(SERVICE, PTR, encode_name([name_of(number)] + SERVICE), IN)])


def spread(number):
    """Every instance on a host and an address of its own."""
    text = text_record(b"v=1", hint_of(number))
    address = f"10.77.{number // 250 % 250}.{number % 250 + 1}"
    return announcement(name_of(number), b"flood%d" % number, address, 47000, text)


NAMES = [
    b"a.b.c", b"dots...", b"nul\0byte", b"<script>alert(1)</script>", b"\xe2\x80\xaegnp.exe",
    b"\x1b[31mred\x1b[0m", b"\xff\xfe\xfd", b"x" * 63, b" ", b"0123456789ABCDEF", b"..", b"\\000",
    b"0123456789abcde\0", b"0123456789abcdeg", b"%n%s%x", b"0123456789abcdef0",
]  # fmt: skip
TEXTS = [
    b"", b"\0", text_record(b"v=2", hint_of(1)), text_record(b"v=1"), text_record(b"=", b"v=1"),
    text_record(b"v=1", b"h=" + b"g" * 32), text_record(b"v=1", b"h=" + b"0" * 31),
    text_record(*[b"k%d=v" % n for n in range(200)]), text_record(*[b"x" * 255] * 4),
    text_record(b"v=1", b"h=\0" + b"0" * 31), b"\xffv=1", text_record(b"V=1", b"H=" + b"A" * 32),
]  # fmt: skip
ADDRESSES = ["0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.255"]


def odd(number):
    """Names, texts, ports and addresses that no node has."""
    name = NAMES[number % len(NAMES)] if number % 2 else name_of(number)
    text = TEXTS[number // 2 % len(TEXTS)]
    port = 0 if number % 5 == 0 else 47000
    address = ADDRESSES[number % 4] if number % 3 == 0 else "10.77.1.250"
    return announcement(name[:63], b"odd%d" % (number % 7), address, port, text)


def flapping(number):
    """Few instances that come and go all the time."""
    text = text_record(b"v=1", hint_of(number))
    ttl = 0 if number % 2 else SECONDS_TO_LIVE
    return announcement(name_of(number // 2 % 20), b"flap", "10.77.1.250", 47000, text, ttl)


def garbage(number):
    """A packet of which something is wrong anywhere."""
    random.seed(number)
    packet = bytearray(spread(number))
    for _ in range(random.randrange(1, 8)):
        packet[random.randrange(len(packet))] = random.randrange(256)
    return bytes(packet[: random.randrange(12, len(packet) + 1)])


KINDS = {
    "plain": plain, "unanswered": unanswered, "spread": spread, "odd": odd, "flapping": flapping,
    "garbage": garbage,
}  # fmt: skip


def flood(kind, count, rate):
    sender = open_socket()
    began = time.monotonic()
    for number in range(count):
        sender.sendto(KINDS[kind](number), (GROUP, PORT))
        ahead = number / rate - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)
    print(f"sent {count} in {time.monotonic() - began:.1f} s")


def claim(name, times):
    sender = open_socket()
    for _ in range(times):
        packet = announcement(name.encode(), b"impostor", "10.77.1.66", 666, text_record(b"v=1"))
        sender.sendto(packet, (GROUP, PORT))
        time.sleep(0.1)


def echo(address):
    """Hears hints and claims that whoever has them is at an address."""
    sender = open_socket()
    group = struct.pack("=4s4si", socket.inet_aton(GROUP), bytes(4), socket.if_nametoindex("eth0"))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    sender.settimeout(ECHO_QUIET_SECONDS)
    hints = set()
    question = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + encode_name(SERVICE)
    sender.sendto(question + struct.pack(">HH", PTR, IN), (GROUP, PORT))
    while True:
        try:
            packet = sender.recv(9000)
        except TimeoutError:
            packet = b""
        for found in re.findall(rb"h=[0-9a-f]{32}", packet):
            if found not in hints:
                hints.add(found)
                print(f"echoed {len(hints)} hints", flush=True)
        for number, hint in enumerate(sorted(hints)):
            text = text_record(b"v=1", hint)
            false = announcement(name_of(900_000 + number), b"echo", address, 47474, text)
            sender.sendto(false, (GROUP, PORT))


if __name__ == "__main__":
    if sys.argv[1] == "echo":
        echo(sys.argv[2])
    elif sys.argv[1] == "claim":
        claim(sys.argv[2], int(sys.argv[3]))
    else:
        flood(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
