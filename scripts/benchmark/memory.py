"""What an idle TLS connection costs: opens many, each having been served once, and divides what memory grew."""

import socket
import ssl
import time

from . import report

REQUEST = b"GET /fixed HTTP/1.1\r\nHost: localhost\r\nUser-Agent: idle\r\n\r\n"


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
    context = ssl.create_default_context(cafile=bench.certificate)
    count = 1000 if options.quick else options.connections
    results, rows = {}, []
    for server in bench.start(options.only, [port]):
        for connection in opened(server.tls_port, 200, context):
            connection.close()
        time.sleep(1)
        before = server.pss_bytes()
        connections = opened(server.tls_port, count, context)
        time.sleep(3)
        after = server.pss_bytes()
        for connection in connections:
            connection.close()
        time.sleep(2)
        closed = server.pss_bytes()
        results[server.name] = {"connections": count, "before": before, "after": after, "closed": closed,
                                "bytes_per_connection": (after - before) / count}
        rows.append([server.name, f"{before / 2**20:.1f}", f"{after / 2**20:.1f}", f"{closed / 2**20:.1f}",
                     f"{(after - before) / count / 1024:.1f}"])
    report.table(["server", "PSS before, MiB", f"with {count}", "after closing", "KiB per connection"], rows)
    report.write(path, bench, options, {"servers": results})
