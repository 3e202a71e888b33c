"""What the Core Rule Set at paranoia 1 adds to a proxied request: two gateways of ours, alike but for the rules."""

import statistics

from . import configurations, loads, report, rules
from .servers import SERVER_CORE, Server, free_port

REQUESTS = {"GET": "/", "GET, 5 arguments": "/search?q=piano+concert&city=Wien&from=2026-12-01&page=2&sort=date"}
# Microseconds of processor time for a simple GET.
GOAL = 60


def start(bench, origin, name, files):
    plain, tls = free_port(), free_port()
    path = bench.folder / f"{name}.yaml"
    text = configurations.haniel(bench.folder, plain, tls, [origin], bench.certificate, bench.key)
    starter = f'  files: ["{configurations.REPOSITORY_RULES}"]\n  mode: block'
    ours = f'  files: ["{files}"]\n  mode: block' if files else "  mode: off"
    if starter not in text:
        raise RuntimeError("the benchmark's configuration has no rules to replace")
    path.write_text(text.replace(starter, ours))
    process = bench.spawn(name, [bench.haniel_binary, "serve", "--config", path], SERVER_CORE, plain)
    return Server(name, process, plain, tls)


def cost(server, path, seconds):
    before = server.cpu_seconds()
    url = f"http://127.0.0.1:{server.plain_port}{path}"
    # A numeric host would match a rule, and each request would be logged.
    completed, _ = loads.requests(url, seconds, fields=["Host: tickets.example.org"])
    return (server.cpu_seconds() - before) / completed * 1e6


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
    report.write(path, bench, options, {"microseconds": samples})
