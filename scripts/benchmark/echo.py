"""WebSockets that return every message: the server behind the gateways and the load before them, in one file.

A run of it as a program is the load: `echo.py PORT PATH SECONDS CONNECTIONS` prints how many messages came back."""

import selectors
import socket
import sys
import threading
import time

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
         b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
# A text of 26 bytes, masked by zeros: what a chat or a seat map sends.
MESSAGE = b"\x81\x9a\x00\x00\x00\x00abcdefghijklmnopqrstuvwxyz"


class Echo:
    """The server; it returns bytes, since no gateway looks into a message."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        selector = selectors.DefaultSelector()
        selector.register(self.listener, selectors.EVENT_READ, "listener")
        while True:
            for key, _ in selector.select():
                if key.data == "listener":
                    try:
                        connection, _ = self.listener.accept()
                    except OSError:
                        return
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    selector.register(connection, selectors.EVENT_READ, "head")
                    continue
                bytes_ = received(key.fileobj)
                if not bytes_:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                elif key.data == "head":
                    key.fileobj.sendall(ANSWER)
                    selector.modify(key.fileobj, selectors.EVENT_READ, "messages")
                else:
                    key.fileobj.sendall(bytes_)


def received(connection):
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def opened(port, path):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(4096)
        if not piece:
            raise RuntimeError(f"no WebSocket: {head!r}")
        head += piece
    if not head.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(f"no WebSocket: {head!r}")
    return connection


def main(port, path, seconds, count):
    selector = selectors.DefaultSelector()
    for _ in range(count):
        connection = opened(port, path)
        connection.sendall(MESSAGE)
        selector.register(connection, selectors.EVENT_READ)
    completed, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(1):
            if len(key.fileobj.recv(4096)) != len(MESSAGE):
                raise RuntimeError("a message came back changed")
            completed += 1
            key.fileobj.sendall(MESSAGE)
    print(completed)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
