"""A steady load whose every request is accounted for: kept-alive connections that count what they lose."""

import dataclasses
import random
import socket
import ssl
import threading
import time


@dataclasses.dataclass
class Tally:
    completed: int = 0
    failed: int = 0  # answered, but with 500 or above
    lost: int = 0  # sent, and never answered in full
    closed: int = 0  # connections the server ended although the client wanted to go on
    statuses: dict = dataclasses.field(default_factory=dict)

    def add(self, other):
        for name in ("completed", "failed", "lost", "closed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count


def read_answer(connection):
    """Reads one answer with a Content-Length; returns its status and whether the server announced a close."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("closed before an answer")
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    fields = dict(line.split(b":", 1) for line in lines[1:])
    missing = int(fields.get(b"content-length", b"0")) - len(body)
    while missing > 0:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("closed inside an answer")
        missing -= len(chunk)
    return int(lines[0].split()[1]), b"close" in fields.get(b"connection", b"")


class SteadyLoad:
    """`connections` threads, each with one connection and a short pause between requests.

    With `reconnects` every request goes over a connection of its own."""

    def __init__(self, port, connections, context=None, path="/", pause=0.005, reconnects=False, source=None):
        self.port, self.context, self.path, self.pause = port, context, path, pause
        self.reconnects, self.source = reconnects, source
        self.seconds = []  # of each request, its connection included where that is new
        self.stopping = threading.Event()
        self.tallies = [Tally() for _ in range(connections)]
        self.threads = [threading.Thread(target=self.client, args=(tally,), daemon=True) for tally in self.tallies]

    def connect(self):
        source = (self.source, 0) if self.source else None
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10, source_address=source)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(raw, server_hostname="localhost") if self.context else raw

    def client(self, tally):
        request = f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: steady\r\n\r\n".encode()
        connection = None
        while not self.stopping.is_set():
            started = time.monotonic()
            try:
                connection = connection or self.connect()
                connection.sendall(request)
                status, closing = read_answer(connection)
            except (OSError, ValueError, ssl.SSLError):
                tally.lost += 1
                tally.closed += 1
                connection = None
                continue
            self.seconds.append(time.monotonic() - started)
            tally.completed += 1
            tally.failed += status >= 500
            tally.statuses[status] = tally.statuses.get(status, 0) + 1
            if closing or self.reconnects:
                tally.closed += closing
                connection.close()
                connection = None
            time.sleep(self.pause * (0.5 + random.random()))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=15)

    def total(self):
        total = Tally()
        for tally in self.tallies:
            total.add(tally)
        return total
