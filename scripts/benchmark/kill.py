"""One of two backends is killed under load and comes back: how many GETs fail meanwhile."""

import dataclasses
import signal
import time

from . import report
from .steady import SteadyLoad

CONNECTIONS = 50


def run(bench, options, path):
    times = 2 if options.quick else 10
    results, rows = {}, []
    for name in ["nginx", "haniel"] if options.only is None else [options.only]:
        first, _ = bench.start_origin(name=f"{name}-backend-1")
        second, victim = bench.start_origin(name=f"{name}-backend-2")
        server = bench.start(name, [first, second])[0]
        with SteadyLoad(server.plain_port, CONNECTIONS) as load:
            for turn in range(times):
                report.progress(f"{name}: kill {turn + 1} of {times}")
                time.sleep(1)
                bench.stop(victim, signal.SIGKILL)
                time.sleep(1)
                _, victim = bench.start_origin(second, name=f"{name}-backend-2")
        report.progress("")
        tally = load.total()
        results[name] = dataclasses.asdict(tally)
        rows.append([name, tally.completed, tally.failed, tally.lost, tally.closed])
    report.table(["server", "completed", "5xx", "lost", "connections closed"], rows)
    print(f"\nkill -9 of one of two backends, {times} times, {CONNECTIONS} kept-alive connections sending GETs.")
    report.write(path, bench, options, {"kills": times, "servers": results})
