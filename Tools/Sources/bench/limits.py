"""What this machine can do at this moment: the limits that figures stand beside.

libsodium is called straight, without a line of the product.
"""

import ctypes
import ctypes.util
import multiprocessing
import os
import socket
import statistics
import subprocess
import threading
import time

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
ROUNDS = 5


def _seconds(body, count):
    """Seconds that one call takes: the median of five rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(count):
            body()
        taken.append((time.perf_counter() - began) / count)
    return statistics.median(taken)


class Keys:
    def __init__(self):
        if sodium.sodium_init() < 0:
            raise OSError("libsodium cannot be used")
        self.public = ctypes.create_string_buffer(32)
        self.secret = ctypes.create_string_buffer(64)
        self.signature = ctypes.create_string_buffer(64)
        self.message = ctypes.create_string_buffer(42)
        sodium.crypto_sign_keypair(self.public, self.secret)
        self.sign()

    def sign(self):
        sodium.crypto_sign_detached(
            self.signature, None, self.message, ctypes.c_ulonglong(42), self.secret)

    def verify(self):
        sodium.crypto_sign_verify_detached(
            self.signature, self.message, ctypes.c_ulonglong(42), self.public)


def signing():
    """Signatures a second of one core."""
    return 1 / _seconds(Keys().sign, 400)


def verifying():
    """Checked signatures a second of one core."""
    return 1 / _seconds(Keys().verify, 200)


def verifying_everywhere():
    """Checked signatures a second of all cores at work at once: two that share a core count so."""
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        # One call for each process; all have begun before the first has ended.
        rates = pool.map(_rate_of_verifying, [0.7] * os.cpu_count(), chunksize=1)
    return sum(rates)


def _rate_of_verifying(seconds):
    keys, count, began = Keys(), 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(50):
            keys.verify()
        count += 50
    return count / took


def flushing(folder, size=512, count=200):
    """Appends of that size a second, each made durable, to a file with room taken before."""
    path = os.path.join(folder, "flush")
    number = os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600)
    os.posix_fallocate(number, 0, 1 << 22)
    os.fsync(number)
    state = [0]

    def once():
        os.pwrite(number, b"x" * size, state[0])
        state[0] += size
        os.fdatasync(number)

    rate = 1 / _seconds(once, count)
    os.close(number)
    os.remove(path)
    return rate


def writing(folder, size=1 << 25):
    """Seconds that a byte takes to be written and made durable in pieces of 4 MiB."""
    path, piece = os.path.join(folder, "write"), os.urandom(1 << 22)
    number = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)

    def once():
        for at in range(0, size, len(piece)):
            os.pwrite(number, piece, at)
            os.fdatasync(number)

    taken = _seconds(once, 1) / size
    os.close(number)
    os.remove(path)
    return taken


def catching_up(folder):
    """Entries a second that two cores could take in and send if nothing else were to do.

    Per entry of 205 bytes of text: 3 blocks of BLAKE2b for the body, 2 for the header, a 256th
    of a signature check, sealing and opening 306 bytes, 487 bytes to the disk.
    """
    work = _hashing() + 2 * 306 * _sealing() + 487 * writing(folder)
    return 2 / work


def proving():
    """Entries a second that all cores could hash and check if nothing else were to do."""
    return os.cpu_count() / _hashing()


def _hashing():
    """Seconds of both hashes of an entry and of its part of a signature over 256."""
    room, out = ctypes.create_string_buffer(65536), ctypes.create_string_buffer(32)
    size = ctypes.c_ulonglong(64000)
    block = _seconds(lambda: sodium.crypto_generichash(out, 32, room, size, None, 0), 100) / 500
    return 5 * block + 1 / verifying() / 256


def _sealing():
    """Seconds in which a byte is sealed."""
    room, out = ctypes.create_string_buffer(65536), ctypes.create_string_buffer(65600)
    size, nothing = ctypes.c_ulonglong(64000), ctypes.c_ulonglong(0)
    key, nonce = ctypes.create_string_buffer(32), ctypes.create_string_buffer(12)
    return _seconds(
        lambda: sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
            out, None, room, size, None, nothing, None, nonce, key), 100) / 64000


def passing():
    """Seconds of one way of a short message over loopback TCP between two threads."""
    listener = socket.create_server(("127.0.0.1", 0))

    def echo():
        other, _ = listener.accept()
        other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while more := other.recv(4096):
            other.sendall(more)
        other.close()

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    one = socket.create_connection(listener.getsockname())
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def there_and_back():
        one.sendall(b"x" * 300)
        one.recv(4096)

    taken = _seconds(there_and_back, 200) / 2
    one.close()
    thread.join(5)
    listener.close()
    return taken


def starting(command, environment=None):
    """Seconds that a program takes which does nothing but tell its version."""

    def once():
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    return _seconds(once, 5)


def reading(path, size, count=20):
    """Seconds of one read of that many bytes which the page cache does not hold."""
    number = os.open(path, os.O_RDONLY)
    total = max(os.fstat(number).st_size - size, 1)
    state = [0]

    def once():
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        os.pread(number, size, (state[0] * 7919 * 4096) % total)
        state[0] += 1

    taken = _seconds(once, count)
    os.close(number)
    return taken
