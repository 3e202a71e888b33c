"""Attacks on each server in turn: what they cost it, and what a well-behaved client notices meanwhile."""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import ssl
import statistics
import struct
import time

from . import report
from .servers import LOAD_CORE
from .steady import SteadyLoad

ATTACKER, CLIENT = "127.0.0.1", "127.0.0.2"
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


class Attack:
    """Many connections, each opened again as soon as the server ends it."""

    def __init__(self, name, connections, start, more=b"", pause=1.0, tls=False, reads=True, window=None, resets=False):
        self.name, self.connections, self.start, self.more = name, connections, start, more
        self.pause, self.tls, self.reads, self.window, self.resets = pause, tls, reads, window, resets

    async def one(self, server):
        raw = socket.socket()
        raw.setblocking(False)
        if self.window:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(raw, (ATTACKER, server.tls_port if self.tls else server.port))
            await loop.sock_sendall(raw, self.start)
            while True:
                await asyncio.sleep(self.pause)
                if self.reads:
                    with contextlib.suppress(BlockingIOError):
                        if not raw.recv(4096):
                            return
                if self.resets:
                    return
                if self.more:
                    await loop.sock_sendall(raw, self.more)
        finally:
            if self.resets:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()

    async def again(self, server):
        while True:
            try:
                await asyncio.wait_for(self.one(server), 60)
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)

    def run(self, server):
        """In a process of its own, until it is ended."""
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})

        async def all_at_once():
            await asyncio.gather(*(self.again(server) for _ in range(self.connections)))
        asyncio.run(all_at_once())


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        side.do_handshake()
    return outgoing.read()


def attacks():
    return [
        Attack("idle connections", 2000, b""),
        Attack("slow head", 1000, HEAD, b"X: y\r\n", pause=2),
        Attack("slow head, byte by byte", 1000, HEAD + b"X: ", b"y", pause=0.5),
        Attack("slow content", 1000, POST + b"Content-Length: 100000\r\n\r\n", b"x", pause=1),
        Attack("slow chunks", 1000, POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", pause=1),
        Attack("slow reading", 1000, (HEAD.replace(b"/ ", b"/assets/app.css ", 1) + b"\r\n") * 200, pause=5,
               reads=False, window=2048),
        Attack("half a handshake", 1000, client_hello()[:50], tls=True),
        Attack("handshakes without an end", 500, client_hello(), pause=0.05, tls=True, resets=True),
        Attack("large heads", 200, HEAD + (b"X-A: " + b"a" * 900 + b"\r\n") * 60, pause=0.02, resets=True),
        Attack("many fields", 200, HEAD + b"A: b\r\n" * 3000, pause=0.02, resets=True),
        Attack("bad requests", 200, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", pause=0.02, resets=True),
        Attack("requests given up at once", 200, HEAD + b"\r\n", pause=0.005, resets=True),
        Attack("pipelined requests", 100, (HEAD + b"\r\n") * 500, (HEAD + b"\r\n") * 100, pause=0.1),
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


def run(bench, options, path):
    port, _ = bench.start_origin()
    seconds = 4 if options.quick else max(options.seconds, 8)
    starts = {"nginx": bench.start_nginx, "haproxy": bench.start_haproxy,
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
