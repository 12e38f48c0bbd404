"""Labelled hashes, signatures and the ciphers of libsodium (2-encoding)."""

import hashlib

import nacl.bindings as sodium
import nacl.exceptions

from refusal import verify_error


def hashed(label, *parts, key=b"", size=32):
    """H(label; parts…): BLAKE2b with the label as personal parameter."""
    state = hashlib.blake2b(digest_size=size, key=key, person=label.encode("ascii"))
    for part in parts:
        state.update(part)
    return state.digest()


def entry_id(header):
    return hashed("zr1.entry", header)


def signed_bytes(label, content):
    return label.encode("ascii") + b"\0" + content


def signature_holds(label, content, signature, key):
    """The verdict of crypto_sign_verify_detached."""
    try:
        sodium.crypto_sign_open(signature + signed_bytes(label, content), key)
        return True
    except nacl.exceptions.CryptoError:
        return False


def exchanged(secret, public, rule):
    """X25519; an all-zero result is refused."""
    try:
        result = sodium.crypto_scalarmult(secret, public)
    except nacl.exceptions.CryptoError:
        raise verify_error(rule, "an all-zero X25519 result") from None
    if result == bytes(32):
        raise verify_error(rule, "an all-zero X25519 result")
    return result


def opened(sealed, associated, nonce, key, rule):
    """XChaCha20-Poly1305 opened, or refused by `rule`."""
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, associated, nonce, key)
    except nacl.exceptions.CryptoError:
        raise verify_error(rule, "the tag does not hold") from None
