"""A proxy between nodes that treats each connection as a temper says that is drawn from a seed.

What the n-th connection of a way suffers comes of the seed, the way's name and n alone, whatever
else goes on at the same time.
"""

import asyncio
import random
import socket
import struct
import threading

# Small, so that who is not read feels it soon.
BUFFER_BYTES = 4096
CHUNK_BYTES = 16384
# So long at most a connection stands still, and another one lasts.
STILL_SECONDS = 90
LIFE_SECONDS = 12
RESET = struct.pack("ii", 1, 0)
TEMPERS = ("honest", "cut", "reset", "half", "swallow", "deaf", "stall", "dribble", "delay",
           "duplicate", "reorder", "spoil")  # fmt: skip


class Ends(Exception):
    """The connection ends here: by a reset, or in order."""

    def __init__(self, is_reset):
        self.is_reset = is_reset
        super().__init__()


class Temper:
    """What one connection suffers, from which byte of which direction on."""

    def __init__(self, kind, chance):
        self.kind, self.chance = kind, chance
        # The handshake takes some hundred bytes; what comes behind may be much.
        self.at = chance.choice((chance.randrange(64), chance.randrange(700),
                                 int(700 * 10 ** chance.random())))  # fmt: skip
        self.direction = chance.randrange(2)
        self.pause = chance.choice((0.001, 0.02, 0.3))
        self.length = chance.choice((1, 16, 700))
        is_still = kind in ("half", "swallow", "deaf", "stall")
        # Nothing ends it where none is stated.
        self.seconds = (STILL_SECONDS if is_still else LIFE_SECONDS) * chance.random()

    def __str__(self):
        return f"{self.kind} at byte {self.at} of direction {self.direction}"


class Cut(Temper):
    """Ends at one byte of one direction: of a sweep."""

    def __init__(self, direction, at):
        super().__init__("cut", random.Random(at))
        self.direction, self.at, self.seconds = direction, at, None


class Honest(Temper):
    """Carries everything as it comes, as long as anybody wants."""

    def __init__(self):
        super().__init__("honest", random.Random(0))
        self.seconds = None


class Connection:
    """One connection and its other half; carries bytes both ways."""

    def __init__(self, proxy, near, target, temper):
        self.proxy, self.near, self.target, self.temper = proxy, near, target, temper
        self.far, self.carried, self.struck = None, [0, 0], False

    async def run(self):
        loop = asyncio.get_running_loop()
        self.far = socket.socket()
        try:
            for each in (self.near, self.far):
                each.setblocking(False)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            await loop.sock_connect(self.far, ("127.0.0.1", self.target))
            tasks = [asyncio.ensure_future(self.carry(0, self.near, self.far)),
                     asyncio.ensure_future(self.carry(1, self.far, self.near))]  # fmt: skip
            try:
                done, going = await asyncio.wait(
                    tasks, timeout=self.temper.seconds, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    task.result()
                if going:
                    raise Ends(True)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except Ends as end:
            if end.is_reset:
                for each in (self.near, self.far):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        except OSError:
            pass
        finally:
            self.near.close()
            self.far.close()

    async def carry(self, direction, source, sink):
        loop = asyncio.get_running_loop()
        is_struck = direction == self.temper.direction
        while True:
            data = await loop.sock_recv(source, CHUNK_BYTES)
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            start = self.carried[direction]
            self.carried[direction] += len(data)
            if self.temper.kind in ("dribble", "delay"):
                await self.slowly(sink, data, start)
                continue
            split = self.temper.at - start
            if is_struck and not self.struck and split < len(data):
                await loop.sock_sendall(sink, data[:split])
                self.struck = True
                self.proxy.struck[self.temper.kind] += 1
                data = await self.strike(source, sink, data[split:])
            await self.pass_on(direction, source, sink, data)

    async def pass_on(self, direction, source, sink, data):
        """Sends on what is there, as far as the temper lets it through from now on."""
        loop = asyncio.get_running_loop()
        if self.struck:
            kind = self.temper.kind
            is_struck = direction == self.temper.direction
            if kind == "stall":
                await asyncio.sleep(STILL_SECONDS)
            if kind == "swallow" or (kind == "deaf" and is_struck):
                return
        await loop.sock_sendall(sink, data)

    async def strike(self, source, sink, data):
        """Does it; gives what goes on from there."""
        loop = asyncio.get_running_loop()
        kind, length = self.temper.kind, self.temper.length
        if kind in ("cut", "reset"):
            raise Ends(kind == "reset")
        if kind == "half":
            sink.shutdown(socket.SHUT_WR)
            await asyncio.sleep(STILL_SECONDS)
        if kind == "duplicate":
            return data[:length] + data
        if kind == "reorder":
            while len(data) < 2 * length:
                more = await loop.sock_recv(source, CHUNK_BYTES)
                if not more:
                    break
                data += more
            return data[length : 2 * length] + data[:length] + data[2 * length :]
        if kind == "spoil":
            return bytes([data[0] ^ 1 << self.temper.chance.randrange(8)]) + data[1:]
        return data

    async def slowly(self, sink, data, start):
        loop = asyncio.get_running_loop()
        self.struck = True
        if self.temper.kind == "delay":
            await asyncio.sleep(self.temper.pause)
            return await loop.sock_sendall(sink, data)
        # Byte by byte up to a place, then as it comes.
        slow = max(0, min(len(data), self.temper.at - start))
        for index in range(slow):
            await loop.sock_sendall(sink, data[index : index + 1])
            await asyncio.sleep(self.temper.pause)
        await loop.sock_sendall(sink, data[slow:])


class Proxy:
    """Ways to nodes, all served by one thread; `draw(way, number)` gives a connection's temper."""

    def __init__(self, seed):
        self.seed, self.numbers = seed, {}
        self.tempers, self.struck = dict.fromkeys(TEMPERS, 0), dict.fromkeys(TEMPERS, 0)
        self.draw, self.connections, self.latest = self.honest, set(), None
        self.serving = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def way(self, name, target):
        """A port that leads to the target's."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        listening.setblocking(False)
        self.numbers[name] = 0

        async def begin():
            self.serving.add(asyncio.ensure_future(self.serve(name, listening, target)))

        asyncio.run_coroutine_threadsafe(begin(), self.loop).result(10)
        return listening.getsockname()[1]

    def honest(self, way, number):
        return Honest()

    def drawn(self, way, number):
        chance = random.Random(f"{self.seed} {way} {number}")
        return Temper(chance.choice(TEMPERS), chance)

    def turn(self, draw):
        """Treats new connections so from now on, and ends those that are there."""
        self.draw = draw
        self.end(self.connections)

    def behave(self):
        """Carries new connections honestly; those that are there suffer on."""
        self.draw = self.honest

    def end(self, tasks):
        async def end():
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*list(tasks), return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)

    async def serve(self, name, listening, target):
        while True:
            try:
                near, _ = await self.loop.sock_accept(listening)
            except asyncio.CancelledError:
                listening.close()
                raise
            number = self.numbers[name]
            self.numbers[name] += 1
            temper = self.draw(name, number)
            if temper is None:
                near.close()
                continue
            self.tempers[temper.kind] += 1
            connection = Connection(self, near, target, temper)
            self.latest = connection
            task = asyncio.ensure_future(connection.run())
            self.connections.add(task)
            task.add_done_callback(self.connections.discard)

    def close(self):
        self.end(self.serving)
        self.end(self.connections)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
