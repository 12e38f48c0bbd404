"""Preface, greeting and both ends of the Noise handshake (7-handshake)."""

import hashlib
import hmac

import nacl.bindings as sodium
import nacl.exceptions

from cursor import Cursor
from primitives import exchanged
from refusal import need, verify_error

NAMES = {
    0: b"Noise_XXpsk0_25519_ChaChaPoly_SHA256",
    1: b"Noise_XXpsk0_25519_ChaChaPoly_SHA256",
    2: b"Noise_XX_25519_ChaChaPoly_SHA256",
}
GREETING = 64
LENGTHS = (48, 160, 128)


def decode_preface(data):
    """The mode of six bytes in clear (H-1)."""
    need(len(data) == 6, "H-1", f"a preface of {len(data)} bytes")
    need(data[:4] == b"ZRF1", "H-1", "another magic")
    need(data[4] == 1, "H-1", f"version {data[4]}")
    need(data[5] in NAMES, "H-1", f"mode {data[5]}")
    return data[5]


def decode_greeting(data):
    """H-3: certificate, boot nonce, time and port."""
    need(len(data) == GREETING, "H-3", f"a greeting of {len(data)} bytes")
    c = Cursor(data, "H-3")
    greeting = (c.take(32), c.take(16), c.u64(), c.u16())
    need(c.rest() == bytes(6), "H-3", "reserved bytes that are not zero")
    return greeting


class Symmetric:
    """The symmetric state of the Noise specification, SHA-256 and ChaCha20-Poly1305."""

    def __init__(self, name, prologue):
        self.h = name.ljust(32, b"\0") if len(name) <= 32 else hashlib.sha256(name).digest()
        self.ck, self.key, self.counter = self.h, None, 0
        self.mix_hash(prologue)

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def derive(self, material, count):
        temp = hmac.digest(self.ck, material, "sha256")
        outputs, last = [], b""
        for number in range(1, count + 1):
            last = hmac.digest(temp, last + bytes([number]), "sha256")
            outputs.append(last)
        return outputs

    def mix_key(self, material):
        self.ck, self.key = self.derive(material, 2)
        self.counter = 0

    def mix_psk(self, psk):
        self.ck, hashed, self.key = self.derive(psk, 3)
        self.mix_hash(hashed)
        self.counter = 0

    def decrypt(self, data):
        if self.key is None:
            self.mix_hash(data)
            return data
        plain = open_frame(self.key, self.counter, data, self.h)
        self.counter += 1
        self.mix_hash(data)
        return plain

    def split(self):
        return self.derive(b"", 2)


def open_frame(key, counter, data, associated=b""):
    nonce = bytes(4) + counter.to_bytes(8, "little")
    try:
        return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(data, associated, nonce, key)
    except nacl.exceptions.CryptoError:
        raise verify_error("H-2", "a tag does not hold") from None


def frames(data):
    """The frames of a byte stream: u16 length, that many bytes."""
    cursor, found = Cursor(data, "H-8"), []
    while cursor.left():
        found.append(cursor.take(cursor.u16()))
    return found


def handshake(data, office, psk, initiator, responder):
    """Reads a recorded handshake, and what was sent after it, with the secrets of both ends.

    `initiator` and `responder` are (static secret, ephemeral secret). Frames after the third are
    transport frames: the first of the initiator, the second of the responder, and so on.
    """
    need(len(data) >= 6, "H-1", "no preface")
    mode = decode_preface(data[:6])
    messages = frames(data[6:])
    need(len(messages) >= 3, "H-2", "fewer than three messages")
    lengths = LENGTHS if mode != 2 else (32, 160, 128)
    for message, length in zip(messages, lengths):
        need(len(message) == length, "H-2", f"{len(message)} bytes where {length} belong")
    for message in messages[3:]:
        need(len(message) >= 16, "H-8", "a transport frame too short for its tag")
    state = Symmetric(NAMES[mode], data[:6] + office)
    with_psk = mode != 2

    first = Cursor(messages[0], "H-2")
    if with_psk:
        state.mix_psk(psk)
    initiator_e = first.take(32)
    state.mix_hash(initiator_e)
    if with_psk:
        state.mix_key(initiator_e)
    need(state.decrypt(first.rest()) == b"", "H-2", "a payload in message 1")

    second = Cursor(messages[1], "H-2")
    responder_e = second.take(32)
    state.mix_hash(responder_e)
    if with_psk:
        state.mix_key(responder_e)
    state.mix_key(exchanged(initiator[1], responder_e, "H-2"))
    responder_s = state.decrypt(second.take(48))
    state.mix_key(exchanged(initiator[1], responder_s, "H-2"))
    answer = decode_greeting(state.decrypt(second.rest()))
    silent = decode_greeting(bytes(GREETING))
    need(mode != 2 or answer == silent, "H-12", "a greeting at a door")

    third = Cursor(messages[2], "H-2")
    initiator_s = state.decrypt(third.take(48))
    state.mix_key(exchanged(responder[1], initiator_s, "H-2"))
    greeting = decode_greeting(state.decrypt(third.rest()))
    need(mode != 2 or greeting == silent, "H-12", "a greeting at a door")
    own = [(initiator_s, initiator[0]), (responder_s, responder[0])]
    for public, secret in own:
        need(sodium.crypto_scalarmult_base(secret) == public, "H-2", "another static", "verify")

    keys, counters, plain = state.split(), [0, 0], []
    for index, message in enumerate(messages[3:]):
        side = index % 2
        plain.append(open_frame(keys[side], counters[side], message))
        counters[side] += 1
    return {"hash": state.h, "greetings": (greeting, answer), "plain": plain}

