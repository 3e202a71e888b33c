"""What the Core Rule Set at paranoia 1 adds to a proxied request: two gateways of ours, alike but for the rules. And
whether reloading it leaves memory behind."""

import signal
import statistics
import time

from . import loads, report, rules

REQUESTS = {"GET": "/", "GET, 5 arguments": "/search?q=piano+concert&city=Wien&from=2026-12-01&page=2&sort=date"}
# Microseconds of processor time for a simple GET.
GOAL = 60
RELOADED = '"message":"reloaded"'


def start(bench, origin, name, files):
    usual = f'  files: ["{bench.folder}/rules.conf"]\n  mode: block'
    ours = f'  files: ["{files}"]\n  mode: block' if files else "  mode: off"

    def change(text):
        if usual not in text:
            raise RuntimeError("the usual configuration names no rules to replace")
        return text.replace(usual, ours)

    return bench.start_haniel([origin], name=name, change=change)


def cost(server, path, seconds):
    before = server.cpu_seconds()
    url = f"http://127.0.0.1:{server.plain_port}{path}"
    # A numeric host would match a rule, and each request would be logged.
    completed, _ = loads.requests(url, seconds, fields=["Host: tickets.example.org"])
    return (server.cpu_seconds() - before) / completed * 1e6


def memory_after_reloads(bench, server, count, rule_file):
    """MiB once so many reloads are over, each of rules that have changed, with requests in between."""
    log = bench.folder / f"{server.name}.out"
    for turn in range(count):
        report.progress(f"reload {turn + 1} of {count}")
        seen = log.read_text().count(RELOADED)
        with open(rule_file, "a") as text:
            text.write("# Changed, so that all is compiled again.\n")
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while log.read_text().count(RELOADED) == seen:
            if time.monotonic() > deadline:
                raise RuntimeError("a reload took more than 30 s")
            time.sleep(0.02)
        if turn % 5 == 4:
            loads.requests(f"http://127.0.0.1:{server.plain_port}/", 1, fields=["Host: tickets.example.org"])
    time.sleep(8)  # what the last generation held goes back to the system some seconds after the reload
    report.progress("")
    return server.pss_bytes() / 2**20


def run(bench, options, path):
    origin, _ = bench.start_origin()
    files = rules.rule_files(bench.folder)["haniel"]
    servers = [start(bench, origin, "without", None), start(bench, origin, "with", files)]
    samples = {case: {server.name: [] for server in servers} for case in REQUESTS}
    for turn in range(options.rounds + 1):
        for case, target in REQUESTS.items():
            for server in servers:
                report.progress(f"round {turn} of {options.rounds}: {case}, {server.name}")
                value = cost(server, target, options.seconds)
                if turn > 0:  # the first round warms up
                    samples[case][server.name].append(value)
    report.progress("")
    rows = []
    for case, of in samples.items():
        without, with_rules = (statistics.median(of[server.name]) for server in servers)
        rows.append([case, f"{without:.1f}", f"{with_rules:.1f}", f"{with_rules - without:.1f}",
                     f"{with_rules / without:.2f}"])
    report.table(["request", "without rules, us", "with CRS, us", f"difference, us (goal {GOAL})", "ratio"], rows)
    few, more = 5, 20 if options.quick else 95
    first = memory_after_reloads(bench, servers[1], few, files)
    last = memory_after_reloads(bench, servers[1], more, files)
    print(f"\nmemory after {few} reloads {first:.1f} MiB, after {few + more} {last:.1f} MiB: "
          f"{(last / first - 1) * 100:+.1f} % (goal 2)")
    report.write(path, bench, options, {"microseconds": samples, "reloads": [few, few + more],
                                        "mebibytes": [first, last]})
