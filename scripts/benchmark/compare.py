"""CPU per request and requests per second, case by case, in rounds that alternate between the servers."""

import statistics

from . import echo, loads, report

# name -> (load, path, over TLS). haniel has its rules, a rate limit and the session check on.
CASES = {
    "plain proxy": ("requests", "/", False),
    "TLS proxy": ("requests", "/", True),
    "TLS proxy with arguments": ("requests", "/guarded/event?id=7&page=2&sort=price&from=2026-11&q=jazz", True),
    "TLS local answer": ("requests", "/fixed", True),
    "TLS cached 16 KiB": ("requests", "/assets/app.css", True),
    "h2 TLS proxy": ("streams", "/", True),
    "h2 TLS local answer": ("streams", "/fixed", True),
    "websocket echo": ("messages", "/echo", False),
    "TLS full handshake": ("handshakes", "/", True),
}


def load(server, case, seconds):
    kind, path, tls = CASES[case]
    if kind == "handshakes":
        return loads.handshakes(server.tls_port, seconds)
    if kind == "messages":
        return loads.messages(server.plain_port, path, seconds)
    scheme, port = ("https", server.tls_port) if tls else ("http", server.plain_port)
    if kind == "streams":
        return loads.streams(f"{scheme}://127.0.0.1:{port}{path}", seconds)
    return loads.requests(f"{scheme}://127.0.0.1:{port}{path}", seconds)


def measure(server, case, seconds):
    before = server.cpu_seconds()
    completed, rate = load(server, case, seconds)
    used = server.cpu_seconds() - before
    if completed == 0:
        raise RuntimeError(f"{server.name} completed nothing in case '{case}'")
    return {"cpu_microseconds": used / completed * 1e6, "per_second": rate, "completed": completed}


def ratios(samples, key):
    return [ours[key] / theirs[key] for ours, theirs in zip(samples["haniel"], samples["nginx"]) if theirs[key]]


def run(bench, options, path):
    port, _ = bench.start_origin()
    with echo.Echo() as echoing:
        measure_all(bench, options, path, bench.start(options.only, [port], echoing.port))


def measure_all(bench, options, path, servers):
    cases = [case for case in CASES if not options.case or any(word in case for word in options.case)]
    samples = {case: {server.name: [] for server in servers} for case in cases}
    for case in cases:
        for server in servers:
            load(server, case, 1)
    for turn in range(options.rounds):
        for case in cases:
            for server in servers if turn % 2 == 0 else reversed(servers):
                report.progress(f"round {turn + 1} of {options.rounds}: {case}, {server.name}")
                samples[case][server.name].append(measure(server, case, options.seconds))
    report.progress("")
    show(samples, servers, options)
    report.write(path, bench, options, {"cases": samples})


def show(samples, servers, options):
    rows = []
    for case, of in samples.items():
        row = [case]
        for server in servers:
            row.append(f"{statistics.median(sample['cpu_microseconds'] for sample in of[server.name]):.1f}")
            row.append(f"{statistics.median(sample['per_second'] for sample in of[server.name]):.0f}")
        if len(servers) == 2:
            row += [report.spread(ratios(of, "cpu_microseconds")), report.spread(ratios(of, "per_second"))]
        rows.append(row)
    heads = ["case"]
    for server in servers:
        heads += [f"{server.name} CPU us", "per s"]
    if len(servers) == 2:
        heads += ["CPU haniel/nginx", "rate haniel/nginx"]
    report.table(heads, rows)
    print(f"\nMedians of {options.rounds} rounds of {options.seconds:g} s; ratios with [least, greatest]. CPU is user "
          "and system time of\nthe worker processes per completed request or handshake. Below 1, haniel is cheaper.")
