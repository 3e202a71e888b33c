"""A line with a million places: what it costs gateway and Redis; and in which order numbers are given when 5,000
visitors arrive each second at two gateways that share it."""

import asyncio
import os
import re
import subprocess
import time

from . import report
from .servers import LOAD_CORE, SERVER_CORE, free_port

PLACES = 1_000_000
PER_SECOND, SECONDS, CONNECTIONS = 5_000, 6, 128


def room(store, redis):
    shared = f"redis: {{url: redis://127.0.0.1:{redis}}}\n" if store == "redis" else ""
    return (f'{shared}rooms:\n  - {{name: onsale, paths: ["/sale/*"], capacity: 1, session: 1h, queue_limit: 5000000, '
            f"store: {store}}}\n")


def start_redis(bench, core):
    port = free_port()
    bench.spawn("redis", ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(bench.folder),
                          "--save", "", "--appendonly", "no"], core, port)
    return port, bench.processes[-1]


def start_haniel(bench, origin, name, text, core):
    log = f'access: "{bench.folder}/haniel-access.log"'
    return bench.start_haniel(
        [origin], name=name, core=core, change=lambda usual: usual.replace(log, 'access: "off"') + text)


def resident(pid):
    rollup = open(f"/proc/{pid}/smaps_rollup").read()
    return int(re.search(r"Pss:\s+(\d+)", rollup).group(1)) * 1024


def fill(server, count):
    """Visitors without a cookie, each of whom gets a place, until there are so many."""
    def tail():
        answer = subprocess.run(["curl", "-s", f"http://127.0.0.1:{server.plain_port}/.wr/pulse/onsale"],
                                capture_output=True, text=True).stdout
        return int(re.search(r'"tail":(\d+)', answer).group(1))

    began = time.monotonic()
    while (known := tail()) < count:
        report.progress(f"{known} places")
        seconds = 5 if known == 0 else max(1, min(10, (count - known) / (known / (time.monotonic() - began))))
        subprocess.run(["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", "-c64", f"-d{round(seconds)}s",
                        "-H", "Accept: application/json", f"http://127.0.0.1:{server.plain_port}/sale/"],
                       check=True, capture_output=True)
        if time.monotonic() - began > 200:
            break
    report.progress("")
    return tail(), time.monotonic() - began


def memory(bench, origin, store):
    redis, process = start_redis(bench, LOAD_CORE) if store == "redis" else (0, None)
    server = start_haniel(bench, origin, f"haniel-{store}", room(store, redis), SERVER_CORE)
    fill(server, 2_000)     # connections, tables and buffers are there
    time.sleep(3)
    before = [resident(server.process.pid), resident(process.pid) if process else 0]
    count, seconds = fill(server, PLACES)
    time.sleep(5)
    after = [resident(server.process.pid), resident(process.pid) if process else 0]
    bench.stop(server.process)
    if process:
        bench.stop(process)
    grown = [(b - a) / 2**20 for a, b in zip(before, after)]
    return {"places": count, "seconds": seconds, "gateway_mib": grown[0], "redis_mib": grown[1]}


class Arrivals(asyncio.Protocol):
    """One kept connection on which one visitor after another arrives."""

    def __init__(self, idle):
        self.idle, self.sent, self.received = idle, 0.0, b""

    def connection_made(self, transport):
        self.transport = transport
        self.idle.append(self)

    def arrive(self, seen):
        self.seen, self.sent = seen, time.monotonic()
        self.transport.write(b"GET /sale/ HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n")

    def data_received(self, data):
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = re.search(rb"content-length: (\d+)", self.received[:end], re.I)
        if len(self.received) < end + 4 + int(length.group(1)):
            return
        ticket = re.search(rb"ticket=(\d+)", self.received)
        if ticket:
            self.seen.append((self.sent, time.monotonic(), int(ticket.group(1))))
        self.received = b""
        self.idle.append(self)


async def arrive(ports):
    """(sent, answered, number) of each visitor; they come as a Poisson process would, one gateway after the other."""
    loop, idle, seen, late = asyncio.get_running_loop(), [[], []], [], 0
    for index in range(CONNECTIONS):
        for side, port in enumerate(ports):
            await loop.create_connection(lambda side=side: Arrivals(idle[side]), "127.0.0.1", port)
    await asyncio.sleep(0.5)
    begin, count = time.monotonic(), 0
    while (now := time.monotonic() - begin) < SECONDS:
        while count < now * PER_SECOND:
            side = idle[count % 2]
            if not side:
                late += 1
                break
            side.pop(0).arrive(seen)
            count += 1
        await asyncio.sleep(0)
    await asyncio.sleep(1)
    return seen, count / SECONDS, late


def overtaking(seen):
    """By how many milliseconds somebody who came later got the smaller number, at worst; and the same for those who
    came when the other had been answered already."""
    by_number = sorted(seen, key=lambda row: row[2])
    worst = strict = overtaken = 0
    first_sent = first_answer = float("inf")
    for sent, answered, _ in reversed(by_number):
        if sent > first_sent:
            overtaken += 1
            worst = max(worst, sent - first_sent)
        if sent > first_answer:
            strict = max(strict, sent - first_answer)
        first_sent, first_answer = min(first_sent, sent), min(first_answer, answered)
    return 1000 * worst, 1000 * strict, overtaken / max(len(seen), 1)


def order(bench, origin):
    redis, process = start_redis(bench, SERVER_CORE)
    servers = [start_haniel(bench, origin, f"haniel-{index}", room("redis", redis), SERVER_CORE) for index in range(2)]
    os.sched_setaffinity(0, {LOAD_CORE})
    time.sleep(2)
    seen, rate, late = asyncio.run(arrive([server.plain_port for server in servers]))
    waits = sorted(answered - sent for sent, answered, _ in seen)
    worst, strict, share = overtaking(seen)
    numbers = [number for _, _, number in seen]
    for server in servers:
        bench.stop(server.process)
    bench.stop(process)
    return {"arrivals_per_second": rate, "answered": len(seen), "given_twice": len(numbers) - len(set(numbers)),
            "worst_overtaking_ms": worst, "worst_after_an_answer_ms": strict, "overtaken_share": share,
            "median_answer_ms": 1000 * waits[len(waits) // 2], "p99_answer_ms": 1000 * waits[len(waits) * 99 // 100],
            "tool_had_no_connection": late}


def run(bench, options, path):
    origin, _ = bench.start_origin()
    wanted = options.case or ["order", "memory", "redis"]
    results = {}
    if "order" in wanted:
        row = results["order"] = order(bench, origin)
        print(f"{row['arrivals_per_second']:.0f} arrivals per second at two gateways and one Redis: "
              f"{row['given_twice']} numbers given twice; worst overtaking {row['worst_overtaking_ms']:.1f} ms "
              f"({row['overtaken_share']:.0%} of all by something), of those who came after the other's answer "
              f"{row['worst_after_an_answer_ms']:.1f} ms; answers in {row['median_answer_ms']:.1f} ms, 99 of 100 in "
              f"{row['p99_answer_ms']:.1f} ms.")
    rows = []
    for store in (case for case in ("memory", "redis") if case in wanted):
        found = results[store] = memory(bench, origin, store)
        rows.append([store, found["places"], f"{found['gateway_mib']:.1f}", f"{found['redis_mib']:.1f}"])
    if rows:
        report.table(["store", "places", "gateway, MiB more", "Redis, MiB more"], rows)
    report.write(path, bench, options, results)
