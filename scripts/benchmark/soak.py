"""Mixed traffic and reloads for long: whether memory and open files stay where they are."""

import contextlib
import os
import signal
import ssl
import statistics
import threading
import time

from . import loads, report
from .attack import Target
from .attackers import Bytes
from .floods import floods
from .steady import SteadyLoad

RELOAD_SECONDS = 5
SAMPLE_SECONDS = 2
HOSTILE = ["rapid reset", "stalled windows", "fields by reference"]


def with_room(text):
    """A room that everybody gets into at once, and whose visitors are forgotten after ten seconds."""
    return text + """
rooms:
  - {name: onsale, paths: ["/onsale/*"], capacity: 100000, rate: "10000/s", session: 10s}
"""


def open_files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def repeat(stopping, work):
    """Does a short piece of work again and again, in a thread of its own."""
    def run():
        while not stopping.is_set():
            try:
                work()
            except RuntimeError as problem:
                report.progress(str(problem))
                time.sleep(0.5)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def hostile(server):
    """Few of each kind that attack, in a process of their own."""
    attackers = [flood for flood in floods() if flood.name in HOSTILE]
    attackers.append(Bytes("given up at once", 2, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", resets=True))
    children = []
    for attacker in attackers:
        attacker.connections, attacker.pause = 2, max(getattr(attacker, "pause", 0), 0.2)
        child = os.fork()
        if child == 0:
            with contextlib.suppress(KeyboardInterrupt):
                attacker.run(Target(server))
            os._exit(0)
        children.append(child)
    return children


def steady_loads(server, context):
    return [
        SteadyLoad(server.tls_port, 20, context, pause=0.03),
        SteadyLoad(server.tls_port, 4, context, path="/assets/app.css", pause=0.05, reconnects=True),
        SteadyLoad(server.plain_port, 4, path="/?id=1'%20or%20'1'='1", pause=0.05),
        SteadyLoad(server.plain_port, 4, path="/onsale/", pause=0.05, reconnects=True),
    ]


def watch(bench, server, seconds):
    """Reloads, and samples of memory and open files."""
    samples, started, reloaded = [], time.monotonic(), 0.0
    while (elapsed := time.monotonic() - started) < seconds:
        if elapsed - reloaded >= RELOAD_SECONDS:
            reloaded = elapsed
            with (bench.folder / "rules.conf").open("a") as rules:
                rules.write("# Changed, so that a reload has to read and compile everything.\n")
            server.process.send_signal(signal.SIGHUP)
        samples.append((elapsed, server.pss_bytes(), open_files(server)))
        report.progress(f"{elapsed:.0f} of {seconds:.0f} s: {samples[-1][1] / 2**20:.1f} MiB, {samples[-1][2]} files")
        time.sleep(SAMPLE_SECONDS)
    report.progress("")
    return samples


def run(bench, options, path):
    seconds = options.soak or (60 if options.quick else 1800)
    port, _ = bench.start_origin()
    context = ssl.create_default_context(cafile=bench.certificate)
    server = bench.start_haniel([port], change=with_room)
    url, stopping = f"https://127.0.0.1:{server.tls_port}/", threading.Event()
    children = hostile(server)
    try:
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(load) for load in steady_loads(server, context)]
            streams = repeat(stopping, lambda: (loads.streams(url, 1, connections=2), time.sleep(1)))
            samples = watch(bench, server, seconds)
            stopping.set()
            streams.join()
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    tallies = [load.total() for load in running]
    rows = []
    for name, column, unit in [("memory, MiB", 1, 2**20), ("open files", 2, 1)]:
        early, late = (statistics.median(row[column] / unit for row in samples if low <= row[0] / seconds < low + 1 / 6)
                       for low in (1 / 6, 5 / 6))
        rows.append([name, f"{early:.1f}", f"{late:.1f}", f"{(late / early - 1) * 100:+.1f} %"])
    report.table(["", "second sixth", "last sixth", "growth"], rows)
    print(f"\n{seconds:.0f} s, a reload each {RELOAD_SECONDS} s; answered {sum(t.completed for t in tallies)}, "
          f"with 5xx {sum(t.failed for t in tallies)}, lost {sum(t.lost for t in tallies)}.")
    report.write(path, bench, options, {"soak": rows, "samples": samples})
