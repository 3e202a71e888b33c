"""Binary upgrades under load: the program is started anew with the same sockets (SIGUSR2), again and again."""

import dataclasses
import os
import pathlib
import signal
import ssl
import time

from . import report
from .steady import SteadyLoad

CONNECTIONS = 50
PATIENCE = 40  # seconds for one upgrade: longer than the drain time


def children(process):
    path = pathlib.Path(f"/proc/{process}/task/{process}/children")
    return {int(child) for child in path.read_text().split()} if path.exists() else set()


def is_running(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def replace(process):
    """Asks the process for its successor and waits until it has gone; returns the successor."""
    before = children(process)
    os.kill(process, signal.SIGUSR2)
    deadline, successor = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        successor = next(iter(children(process) - before), successor)
        if successor and not is_running(process):
            return successor
        time.sleep(0.02)
    raise RuntimeError(f"process {process} is still there; its successor: {successor}")


def run(bench, options, path):
    port, _ = bench.start_origin()
    context = ssl.create_default_context(cafile=bench.certificate)
    upgrades = 3 if options.quick else 10
    server = bench.start("haniel", [port])[0]
    process = server.process.pid
    try:
        with SteadyLoad(server.tls_port, CONNECTIONS, context) as kept:
            with SteadyLoad(server.plain_port, CONNECTIONS // 5, path="/fixed", reconnects=True) as fresh:
                time.sleep(1)
                for index in range(upgrades):
                    report.progress(f"upgrade {index + 1} of {upgrades}")
                    process = replace(process)
                    time.sleep(0.5)
                time.sleep(1)
    finally:
        if process != server.process.pid and is_running(process):
            os.kill(process, signal.SIGTERM)
    report.progress("")
    rows, results = [], {}
    for name, load in [("kept-alive, TLS", kept), ("new connections", fresh)]:
        tally = load.total()
        results[name] = dataclasses.asdict(tally)
        rows.append([name, tally.completed, tally.failed, tally.lost, tally.closed])
    report.table(["load", "completed", "5xx", "lost", "connections closed"], rows)
    print(f"\n{upgrades} binary upgrades, {CONNECTIONS} kept-alive TLS connections and {CONNECTIONS // 5} clients "
          "that connect anew for each request.")
    report.write(path, bench, options, {"upgrades": upgrades, "loads": results})
