"""Configuration reloads under load: what kept-alive connections lose while the server is told to reload."""

import dataclasses
import signal
import ssl
import time

from . import report
from .steady import SteadyLoad

CONNECTIONS = 50


def run(bench, options, path):
    port, _ = bench.start_origin()
    context = ssl.create_default_context(cafile=bench.certificate)
    reloads = 20 if options.quick else 100
    results, rows = {}, []
    for server in bench.start(options.only, [port]):
        before = server.pss_bytes()
        with SteadyLoad(server.tls_port, CONNECTIONS, context) as load:
            time.sleep(1)
            for index in range(reloads):
                report.progress(f"{server.name}: reload {index + 1} of {reloads}")
                with (bench.folder / "rules.conf").open("a") as rules:
                    rules.write("# Changed, so that a reload has to read and compile everything.\n")
                server.process.send_signal(signal.SIGHUP)
                time.sleep(0.2)
            time.sleep(1)
        report.progress("")
        tally = load.total()
        time.sleep(1)
        after = server.pss_bytes()
        results[server.name] = {**dataclasses.asdict(tally), "pss_before": before, "pss_after": after}
        rows.append([server.name, tally.completed, tally.failed, tally.lost, tally.closed,
                     f"{before / 2**20:.1f}", f"{after / 2**20:.1f}"])
    report.table(["server", "completed", "5xx", "lost", "connections closed", "PSS before, MiB", "after"], rows)
    print(f"\n{reloads} SIGHUPs, 200 ms apart, {CONNECTIONS} kept-alive TLS connections asking all the time.")
    report.write(path, bench, options, {"reloads": reloads, "connections": CONNECTIONS, "servers": results})
