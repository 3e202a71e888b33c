"""Attacks on each server in turn: what they cost it, and what a well-behaved client notices meanwhile."""

import contextlib
import multiprocessing
import ssl
import statistics
import time

from . import report
from .attackers import Bytes
from .floods import floods
from .steady import SteadyLoad

CLIENT = "127.0.0.2"
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        side.do_handshake()
    return outgoing.read()


def attacks():
    return [
        Bytes("idle connections", 2000, b""),
        Bytes("slow head", 1000, HEAD, b"X: y\r\n", pause=2),
        Bytes("slow head, byte by byte", 1000, HEAD + b"X: ", b"y", pause=0.5),
        Bytes("slow content", 1000, POST + b"Content-Length: 100000\r\n\r\n", b"x", pause=1),
        Bytes("slow chunks", 1000, POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", pause=1),
        Bytes("slow reading", 1000, (HEAD.replace(b"/ ", b"/assets/app.css ", 1) + b"\r\n") * 200, pause=5,
               reads=False, window=2048),
        Bytes("half a handshake", 1000, client_hello()[:50], tls=True),
        Bytes("handshakes without an end", 500, client_hello(), pause=0.05, tls=True, resets=True),
        Bytes("large heads", 200, HEAD + (b"X-A: " + b"a" * 900 + b"\r\n") * 60, pause=0.02, resets=True),
        Bytes("many fields", 200, HEAD + b"A: b\r\n" * 3000, pause=0.02, resets=True),
        Bytes("bad requests", 200, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", pause=0.02, resets=True),
        Bytes("requests given up at once", 200, HEAD + b"\r\n", pause=0.005, resets=True),
        Bytes("pipelined requests", 100, (HEAD + b"\r\n") * 500, (HEAD + b"\r\n") * 100, pause=0.1),
        *floods(),
    ]


class Target:
    def __init__(self, server):
        self.port, self.tls_port = server.plain_port, server.tls_port


def measure(server, attack, seconds):
    """CPU, peak memory and the client's p99 in milliseconds while the attack goes on."""
    process = multiprocessing.Process(target=attack.run, args=(Target(server),), daemon=True)
    process.start()
    peak, started = server.pss_bytes(), time.monotonic()
    cpu = server.cpu_seconds()
    with SteadyLoad(server.plain_port, 2, path="/", pause=0.02, reconnects=True, source=CLIENT) as load:
        while time.monotonic() - started < seconds:
            peak = max(peak, server.pss_bytes())
            time.sleep(0.2)
    cpu = (server.cpu_seconds() - cpu) / (time.monotonic() - started)
    process.kill()
    process.join()
    tally = load.total()
    p99 = statistics.quantiles(load.seconds, n=100)[98] * 1000 if len(load.seconds) > 2 else float("inf")
    return {"cpu": cpu, "peak": peak, "p99": p99, "completed": tally.completed,
            "failed": tally.failed + tally.lost}


def with_limits(nginx):
    """nginx's own limits on requests of a connection, which a benchmark of speed lifts."""
    return nginx.replace("keepalive_requests 100000000;", "").replace("http2_max_requests 100000000;", "")


def run(bench, options, path):
    port, _ = bench.start_origin()
    seconds = 4 if options.quick else max(options.seconds, 8)
    starts = {"nginx": lambda origins: bench.start_nginx(origins, change=with_limits), "haproxy": bench.start_haproxy,
              "haniel": lambda origins: bench.start_haniel(origins, defaults=True)}
    names = [options.only] if options.only else list(starts)
    results, rows = {}, []
    for attack in attacks():
        if options.case and attack.name not in options.case:
            continue
        for name in names:
            report.progress(f"{attack.name}: {name}")
            server = starts[name]([port])
            time.sleep(0.3)
            before = server.pss_bytes()
            result = measure(server, attack, seconds)
            bench.stop(server.process)
            results.setdefault(attack.name, {})[name] = {**result, "before": before}
            rows.append([attack.name, name, f"{result['cpu'] * 100:.0f}", f"{before / 2**20:.1f}",
                         f"{result['peak'] / 2**20:.1f}", f"{result['p99']:.1f}", result["completed"],
                         result["failed"]])
    report.progress("")
    heads = ["attack", "server", "CPU, %", "PSS before, MiB", "peak", "client's p99, ms", "served", "failed"]
    report.table(heads, rows)
    report.write(path, bench, options, {"attacks": results})
