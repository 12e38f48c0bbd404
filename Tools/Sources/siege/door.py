"""Strangers at an open door: the newcomer's end of a link, and a false door of one's own."""

import socket
import time

from link import Link, Writing
from noise import GREETING, NAMES
from nodes import Mistake
from primitives import hashed
from visit import digits as digits_of
from wire import Exchanger, u8, u16

PREFACE = b"ZRF1" + u8(1) + u8(2)
PROLOGUE = PREFACE + bytes(32)
DOOR, KNOCK, NONCE, OPENING, ANSWER = 12, 13, 14, 15, 16


def names(*texts):
    return b"".join(u8(len(text.encode())) + text.encode() for text in texts)


def commitment(handshake, nonce):
    return hashed("zr1.commit", handshake, nonce)


class Visitor(Link):
    """Somebody who comes to a node's door with keys of its own; after `enter` messages go both ways."""

    def enter(self):
        state = Writing(NAMES[2], PROLOGUE)
        self.static = Exchanger(f"visitor {time.monotonic_ns()}")
        ephemeral = Exchanger(f"visitor's ephemeral {time.monotonic_ns()}")
        state.mix_hash(ephemeral.public)
        self.raw(PREFACE + u16(32) + ephemeral.public + state.encrypt(b""))
        second = self.frame()
        theirs, sealed, payload = second[:32], second[32:80], second[80:]
        state.mix_hash(theirs)
        state.mix_key(ephemeral.with_public(theirs))
        self.peer = state.decrypt(sealed)
        state.mix_key(ephemeral.with_public(self.peer))
        self.greeting = state.decrypt(payload)
        third = state.encrypt(self.static.public)
        state.mix_key(self.static.with_public(theirs))
        third += state.encrypt(bytes(GREETING))
        self.raw(u16(len(third)) + third)
        self.keys, self.hash = state.split(), state.h
        return self

    def knock(self, nonce, person="Ben", device="pc-ben", bound=None):
        """Knocks, committed to a nonce; gives the sponsor's."""
        self.send(KNOCK, commitment(bound or self.hash, nonce) + names(person, device))
        kind, content = self.receive()
        if kind != NONCE:
            raise Mistake(f"a knock is answered by kind {kind}")
        return content

    def digits(self, own, other):
        """What the sponsor sees after the opening."""
        return digits_of(self.hash, self.static.public, self.peer, own, other)


class Guest(Link):
    """The other end of a false door: a node that knocks at it. It is the initiator of the link."""

    def __init__(self, connection):
        self.socket, self.rest, self.stream, self.sent = connection, b"", b"", b""
        self.counters, self.bye = [0, 0], None
        preface = self.take(6)
        if preface != PREFACE:
            raise Mistake(f"a guest begins with {preface!r}")
        state = Writing(NAMES[2], PROLOGUE)
        first = self.frame()
        state.mix_hash(first)
        state.decrypt(b"")
        self.static = Exchanger(f"false door {time.monotonic_ns()}")
        ephemeral = Exchanger(f"false door's ephemeral {time.monotonic_ns()}")
        state.mix_hash(ephemeral.public)
        state.mix_key(ephemeral.with_public(first))
        second = ephemeral.public + state.encrypt(self.static.public)
        state.mix_key(self.static.with_public(first))
        second += state.encrypt(bytes(GREETING))
        self.raw(u16(len(second)) + second)
        third = self.frame()
        self.peer = state.decrypt(third[:48])
        state.mix_key(ephemeral.with_public(self.peer))
        state.decrypt(third[48:])
        # What this end sends goes under the responder's key.
        self.keys, self.hash = tuple(reversed(state.split())), state.h

    def digits(self, own, other):
        """What the newcomer shows."""
        return digits_of(self.hash, self.peer, self.static.public, own, other)


class FalseDoor:
    """A port at which somebody waits who says that it is a sponsor."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]

    def guest(self):
        connection, _ = self.socket.accept()
        connection.settimeout(10)
        return Guest(connection)

    def close(self):
        self.socket.close()
