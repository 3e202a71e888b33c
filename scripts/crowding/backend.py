"""The witness: a backend that writes down who reaches it, and counts who is inside by its own clock."""

import asyncio
import collections
import time


class Turns:
    """When the event loop last looked for what had come.

    What is read now has come since the look before the last: a tool that stands still for half a second would otherwise
    count people as inside for half a second longer than they are.
    """

    def __init__(self):
        self.looks = collections.deque([time.monotonic()] * 3, maxlen=3)
        selector = asyncio.get_running_loop()._selector
        select = selector.select

        def looking(timeout=None):
            events = select(timeout)
            self.looks.append(time.monotonic())
            return events

        selector.select = looking

    def earliest(self):
        """Before this moment nothing of what is read now had come."""
        return self.looks[0]


class Backend:
    def __init__(self, capacity, session):
        self.capacity, self.session = capacity, session
        self.last, self.left, self.first = {}, set(), {}
        self.requests = 0
        self.highest, self.excess = 0, 0
        self.excess_times = []
        self.forged_seen = 0
        self.inside = 0
        self.port = None

    async def start(self):
        self.turns = Turns()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def count(self, now):
        """People who may still be served: seen within a session and not gone."""
        over = [who for who, at in self.last.items() if at + self.session <= now]
        for who in over:
            del self.last[who]
        self.inside = len(self.last)
        return self.inside

    def leave(self, who):
        self.last.pop(who, None)
        self.left.add(who)

    def _note(self, who):
        now = time.monotonic()
        self.requests += 1
        self.first.setdefault(who, now)
        self.last[who] = self.turns.earliest()
        inside = self.count(now)
        self.highest = max(self.highest, inside)
        if inside > self.capacity:
            self.excess = max(self.excess, inside - self.capacity)
            self.excess_times.append(now)

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = dict((k.lower(), v.strip()) for k, _, v in (line.partition(":") for line in head[1:] if line))
                who = fields.get("x-visitor", "?")
                if "forged" in fields.get("x-waiting-room-session", ""):
                    self.forged_seen += 1
                self._note(who)
                extra = ""
                if "/done" in head[0]:
                    self.leave(who)
                    extra = "Waiting-Room-Command: revoke\r\n"
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n{extra}\r\nok\n".encode())
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
