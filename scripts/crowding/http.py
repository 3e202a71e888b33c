"""Just enough HTTP/1.1 for visitors: one connection each, kept while it lasts."""

import asyncio


class Gone(Exception):
    """The gateway broke off, or was not there."""


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def first(self, name):
        return next((value for key, value in self.fields if key == name), None)

    def cookies(self):
        found = {}
        for key, value in self.fields:
            if key == "set-cookie":
                name, _, rest = value.partition("=")
                found[name] = rest.split(";", 1)[0]
        return found


class Client:
    def __init__(self, port, address="127.0.0.1"):
        self.port, self.address, self.reader, self.writer = port, address, None, None

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def ask(self, method, target, fields=(), patience=20):
        """One answer; tries a new connection if a kept one was closed meanwhile."""
        for is_last in (False, True):
            fresh = self.writer is None
            try:
                async with asyncio.timeout(patience):
                    if fresh:
                        self.reader, self.writer = await asyncio.open_connection(
                            "127.0.0.1", self.port, local_addr=(self.address, 0))
                    return await self._exchange(method, target, fields)
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as problem:
                self.close()
                if fresh or is_last:
                    raise Gone(str(problem)) from problem

    async def _exchange(self, method, target, fields):
        lines = [f"{method} {target} HTTP/1.1", "Host: crowd.test", *(f"{k}: {v}" for k, v in fields)]
        if method == "POST":
            lines.append("Content-Length: 0")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        found = [(k.lower(), v.strip()) for k, _, v in (line.partition(":") for line in head[1:] if line)]
        answer = Answer(status, found, b"")
        length = answer.first("content-length")
        if length and method != "HEAD" and status not in (204, 304):
            answer.body = await self.reader.readexactly(int(length))
        if answer.first("connection") == "close":
            self.close()
        return answer
