"""The dialling end of a link, which may do everything wrong (7-handshake, 8-replication)."""

import socket
import time

import nacl.bindings as sodium

from noise import GREETING, NAMES, Symmetric, open_frame
from nodes import Mistake
from wire import Exchanger, seeded, u8, u16, u32, u64

TAG = 16
PLAIN_MAX = 65_535 - TAG
BYE, PING, PONG = 6, 7, 8


class Writing(Symmetric):
    """The reader's symmetric state, which this end also writes with."""

    def encrypt(self, plain):
        if self.key is None:
            data = plain
        else:
            data = seal(self.key, self.counter, plain, self.h)
            self.counter += 1
        self.mix_hash(data)
        return data


def seal(key, counter, plain, associated=b""):
    nonce = bytes(4) + counter.to_bytes(8, "little")
    return sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, associated, nonce, key)


def greeting(certificate, nonce, port=0):
    wall = int(time.time() * 1000)
    return certificate + nonce + u64(wall) + u16(port) + bytes(6)


class Closed(Exception):
    """The node ended the connection."""


class Link:
    """A connection to a node; after `shake` messages go both ways."""

    def __init__(self, port, seconds=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.rest, self.stream = b"", b""
        self.sent = b""
        self.keys, self.counters, self.hash, self.bye = None, [0, 0], None, None

    def close(self):
        self.socket.close()

    def raw(self, data):
        self.sent += data[:4096]
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from None

    def take(self, count):
        while len(self.rest) < count:
            try:
                more = self.socket.recv(1 << 18)
            except TimeoutError:
                raise Mistake("the node does not answer") from None
            except OSError as error:
                raise Closed(str(error)) from None
            if not more:
                raise Closed("the node ended the connection")
            self.rest += more
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def frame(self):
        return self.take(int.from_bytes(self.take(2), "big"))

    # The handshake.

    def shake(
        self, office, psk, noise, certificate=bytes(32), mode=0, change=None, boot=None
    ):
        """Does the whole handshake as the owner of `noise`; `change` alters each message sent.

        `boot` is the nonce of one start; without it each link is of another.
        """
        change = change or (lambda number, data: data)
        preface = b"ZRF1" + u8(1) + u8(mode)
        state = Writing(NAMES[mode], preface + office)
        ephemeral = Exchanger(f"ephemeral {time.monotonic_ns()}")
        state.mix_psk(psk)
        state.mix_hash(ephemeral.public)
        state.mix_key(ephemeral.public)
        first = change(1, ephemeral.public + state.encrypt(b""))
        self.raw(preface + u16(len(first)) + first)
        second = self.frame()
        theirs, static, payload = second[:32], second[32:80], second[80:]
        state.mix_hash(theirs)
        state.mix_key(theirs)
        state.mix_key(ephemeral.with_public(theirs))
        node = state.decrypt(static)
        state.mix_key(ephemeral.with_public(node))
        self.greeting = state.decrypt(payload)
        assert len(self.greeting) == GREETING
        third = state.encrypt(noise.public)
        state.mix_key(noise.with_public(theirs))
        nonce = boot or seeded(f"boot {id(self)} {time.monotonic_ns()}", 16)
        third += state.encrypt(greeting(certificate, nonce))
        third = change(3, third)
        self.raw(u16(len(third)) + third)
        self.keys, self.hash = state.split(), state.h
        return self

    # Messages.

    def seal_frame(self, plain):
        data = seal(self.keys[0], self.counters[0], plain)
        self.counters[0] += 1
        return u16(len(data)) + data

    def send_stream(self, data):
        """Plaintext, in full frames."""
        out = [self.seal_frame(data[at : at + PLAIN_MAX]) for at in range(0, len(data), PLAIN_MAX)]
        self.raw(b"".join(out))

    def send(self, kind, content):
        self.send_stream(u8(kind) + u32(len(content)) + content)

    def receive(self):
        """The next message: kind and content. Pings are answered on the way."""
        while True:
            kind, content = self._message()
            if kind == PING:
                self.send(PONG, content)
            else:
                if kind == BYE:
                    self.bye = content[0]
                return kind, content

    def _message(self):
        while True:
            if len(self.stream) >= 5:
                size = 5 + int.from_bytes(self.stream[1:5], "big")
                if len(self.stream) >= size:
                    message, self.stream = self.stream[:size], self.stream[size:]
                    return message[0], message[5:]
            self.stream += open_frame(self.keys[1], self.counters[1], self.frame())
            self.counters[1] += 1

    def ended(self, within=8, answering=None):
        """Waits until the node has ended the link; gives the code of its farewell, or None.

        What comes meanwhile is handed to `answering`.
        """
        self.socket.settimeout(within)
        try:
            while True:
                if self.keys:
                    message = self.receive()
                    if answering:
                        answering(*message)
                else:
                    self.take(1)
        except Closed:
            return self.bye
