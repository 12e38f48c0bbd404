"""Writes Noise handshakes, both ends at once, right or wrong on purpose (7-handshake)."""

import hashlib
import hmac

import nacl.bindings as sodium

from wire import u16


class State:
    """Chaining key, hash and cipher key while a handshake is written."""

    def __init__(self, protocol, prologue):
        digest = hashlib.sha256(protocol).digest()
        self.h = digest if len(protocol) > 32 else protocol + bytes(32 - len(protocol))
        self.ck, self.key, self.n = self.h, None, 0
        self.absorb(prologue)

    def absorb(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def hkdf(self, material, count):
        secret = hmac.new(self.ck, material, hashlib.sha256).digest()
        out = [hmac.new(secret, b"\1", hashlib.sha256).digest()]
        while len(out) < count:
            block = out[-1] + bytes([len(out) + 1])
            out.append(hmac.new(secret, block, hashlib.sha256).digest())
        return out

    def mix(self, material):
        self.ck, self.key = self.hkdf(material, 2)
        self.n = 0

    def mix_shared(self, psk):
        self.ck, middle, self.key = self.hkdf(psk, 3)
        self.absorb(middle)
        self.n = 0

    def seal(self, plain):
        data = plain if self.key is None else chacha(self.key, self.n, plain, self.h)
        self.n += 1
        self.absorb(data)
        return data


def chacha(key, number, plain, associated=b""):
    nonce = bytes(4) + number.to_bytes(8, "little")
    return sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, associated, nonce, key)


def transcript(preface, office, psk, initiator, responder, greetings, after=(), signs=None):
    """The segments of a whole handshake and what is sent after it, and the handshake hash.

    `initiator` and `responder` are (static, ephemeral) exchangers; `greetings` are those of
    messages 3 and 2; `after` are plaintexts of the initiator and the responder in turn.
    """
    name = b"Noise_XXpsk0_25519_ChaChaPoly_SHA256" if psk else b"Noise_XX_25519_ChaChaPoly_SHA256"
    state = State(name, preface + office)
    (i_s, i_e), (r_s, r_e) = initiator, responder
    segments = [("preface", preface)]
    if psk:
        state.mix_shared(psk)
    state.absorb(i_e.public)
    if psk:
        state.mix(i_e.public)
    segments += framed("1", [("e", i_e.public), ("payload", state.seal(b""))])
    state.absorb(r_e.public)
    if psk:
        state.mix(r_e.public)
    state.mix(r_e.with_public(i_e.public))
    static = ("s", state.seal(r_s.public))
    state.mix((signs or r_s).with_public(i_e.public))
    payload = ("payload", state.seal(greetings[1]))
    segments += framed("2", [("e", r_e.public), static, payload])
    static = ("s", state.seal(i_s.public))
    state.mix(i_s.with_public(r_e.public))
    payload = ("payload", state.seal(greetings[0]))
    segments += framed("3", [static, payload])
    keys, numbers = state.hkdf(b"", 2), [0, 0]
    for index, plain in enumerate(after):
        side = index % 2
        data = chacha(keys[side], numbers[side], plain)
        segments += framed(str(index + 4), [("transport", data)])
        numbers[side] += 1
    return segments, state.h


def framed(number, parts):
    size = sum(len(data) for _, data in parts)
    return [(f"length {number}", u16(size))] + [(f"{name} {number}", data) for name, data in parts]
