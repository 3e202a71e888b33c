"""What an idle TLS connection costs, of HTTP/1.1 and of HTTP/2: opens many, each having been served once, and divides
what memory grew."""

import socket
import ssl
import time

from . import report

REQUEST = b"GET /fixed HTTP/1.1\r\nHost: localhost\r\nUser-Agent: idle\r\n\r\n"


# The preface, SETTINGS, and GET /fixed on stream 1: its fields by their places in the static table, or as they are.
HEAD2 = b"\x82\x87\x04\x06/fixed\x01\x09localhost"
REQUEST2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) \
    + bytes([0, 0, len(HEAD2), 1, 5, 0, 0, 0, 1]) + HEAD2
SETTINGS_ACKNOWLEDGED = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])


def served2(connection):
    """Whether the response on stream 1 comes to its end."""
    received = b""
    while True:
        piece = connection.recv(4096)
        if not piece:
            return False
        received += piece
        while len(received) >= 9:
            length = int.from_bytes(received[:3], "big")
            if len(received) < 9 + length:
                break
            kind, flags, stream = received[3], received[4], int.from_bytes(received[5:9], "big")
            received = received[9 + length:]
            if kind == 0 and stream == 1 and flags & 1:
                connection.sendall(SETTINGS_ACKNOWLEDGED)
                return True


def opened2(port, count, context):
    """The same over HTTP/2."""
    connections = []
    for index in range(count):
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection = context.wrap_socket(raw, server_hostname="localhost")
        connection.sendall(REQUEST2)
        if not served2(connection):
            raise RuntimeError(f"connection {index} was not served")
        connections.append(connection)
        if index % 250 == 0:
            report.progress(f"{index} connections of HTTP/2 to port {port}")
    report.progress("")
    return connections


def opened(port, count, context):
    """Connections that have finished their handshake and one request, and now say nothing."""
    connections = []
    for index in range(count):
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection = context.wrap_socket(raw, server_hostname="localhost")
        connection.sendall(REQUEST)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"connection {index} was not served")
        connections.append(connection)
        if index % 250 == 0:
            report.progress(f"{index} connections to port {port}")
    report.progress("")
    return connections


def run(bench, options, path):
    port, _ = bench.start_origin()
    count = 1000 if options.quick else options.connections
    results, rows = {}, []
    for version, open_all, protocols in [("1.1", opened, ["http/1.1"]), ("2", opened2, ["h2"])]:
        context = ssl.create_default_context(cafile=bench.certificate)
        context.set_alpn_protocols(protocols)
        for server in bench.start(options.only, [port]):
            row = measure(server, open_all, count, context)
            results[f"{server.name} {version}"] = {"connections": count, **row}
            rows.append([server.name, version, *(f"{row[key] / 2**20:.1f}" for key in ("before", "after", "closed")),
                         f"{row['bytes_per_connection'] / 1024:.1f}"])
            bench.stop(server.process)
    report.table(["server", "HTTP", "PSS before, MiB", f"with {count}", "after closing", "KiB per connection"], rows)
    report.write(path, bench, options, {"servers": results})


def measure(server, open_all, count, context):
    for connection in open_all(server.tls_port, 200, context):
        connection.close()
    time.sleep(1)
    before = server.pss_bytes()
    connections = open_all(server.tls_port, count, context)
    time.sleep(3)
    after = server.pss_bytes()
    for connection in connections:
        connection.close()
    time.sleep(2)
    return {"before": before, "after": after, "closed": server.pss_bytes(),
            "bytes_per_connection": (after - before) / count}
