"""Sends many messages at once, as many programs would."""

import select
import socket
import time

from control import Refused, line


def append_many(path, texts, callers, group="everyone"):
    """Sends every text, that many at a time; gives the seconds until the last is durable.

    Each caller is a connection of its own with one request under way, as programs are.
    """
    connections = []
    poll = select.epoll()
    for _ in range(callers):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(30)
        one.connect(path)
        poll.register(one, select.EPOLLIN)
        connections.append(one)
    by_number = {one.fileno(): one for one in connections}
    requests = [line(1, "send", {"to": group, "text": text}) for text in texts]
    requests.reverse()
    left = len(requests)
    began = time.monotonic()
    for one in connections:
        if requests:
            one.sendall(requests.pop())
    while left:
        ready = poll.poll(30)
        if not ready:
            raise Refused("no answer to a send within 30 s")
        for number, _ in ready:
            one = by_number[number]
            # One request is under way, so that what comes is one answer, short enough for one read.
            answer = one.recv(65536)
            while not answer.endswith(b"\n"):
                answer += one.recv(65536)
            if b'"durable":true' not in answer:
                raise Refused(answer.decode())
            left -= 1
            if requests:
                one.sendall(requests.pop())
    took = time.monotonic() - began
    poll.close()
    for one in connections:
        one.close()
    return took
