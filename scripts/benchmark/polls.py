"""Polls of a waiting room against nginx answering a static file of the same size, both over TLS on kept connections."""

import http.client
import re
import ssl
import statistics
import subprocess

from . import configurations, report
from .servers import LOAD_CORE, SERVER_CORE, Server, free_port

ROOM = """rooms:
  - {name: onsale, paths: ["/sale/*"], capacity: 1, session: 1h}
"""


def start_nginx(bench, origin, body):
    """The same fields and the same bytes, from a file that stays in the page cache."""
    plain, tls = free_port(), free_port()
    folder = bench.folder / "nginx"
    folder.mkdir(exist_ok=True)
    (folder / "status.json").write_bytes(body)
    text = configurations.nginx(folder, plain, tls, [origin], bench.certificate, bench.key)
    location = (f"location = /.wr/status {{ alias {folder}/status.json; default_type application/json; "
                'add_header Cache-Control no-store; add_header Waiting-Room "state=queued"; etag off; }')
    text = text.replace("location = /fixed", f"open_file_cache max=10; {location}\n        location = /fixed", 1)
    return Server("nginx", bench.nginx("nginx", text, SERVER_CORE, plain), plain, tls)


# So many that a poll is answered at once: for those who are nearly first it is held until their turn comes. They count
# for some seconds after they came, so they come anew before each round.
BEFORE = 400


class Line:
    """People who come and wait."""

    def __init__(self, server, context):
        self.connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, context=context)
        self.connection.request("GET", "/sale/")
        first = self.connection.getresponse()
        first.read()
        if first.status != 200:
            raise RuntimeError(f"an empty room answered {first.status}")

    def last_cookie(self):
        """Of the last one of another crowd."""
        for _ in range(BEFORE):
            self.connection.request("GET", "/sale/", headers={"Accept": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
        return re.match("[^;]+", answer.getheader("Set-Cookie")).group(0)

    def ask(self, cookie):
        self.connection.request("GET", "/.wr/status", headers={"Cookie": cookie})
        return self.connection.getresponse().read()


def poll(server, cookie, seconds):
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", "-c64", f"-d{max(1, round(seconds))}s",
               "-H", f"Cookie: {cookie}", "-H", "Accept: application/json",
               f"https://127.0.0.1:{server.tls_port}/.wr/status"]
    before = server.cpu_seconds()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.cpu_seconds() - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    completed = int(re.search(r"(\d+) requests in", output).group(1))
    rate = float(re.search(r"Requests/sec:\s*([0-9.]+)", output).group(1))
    return {"cpu_microseconds": used / completed * 1e6, "per_second": rate, "completed": completed}


def run(bench, options, path):
    origin, _ = bench.start_origin()
    context = ssl.create_default_context(cafile=bench.certificate)
    haniel = bench.start_haniel([origin], change=lambda text: text + ROOM)
    line = Line(haniel, context)
    body = line.ask(line.last_cookie())
    servers = [start_nginx(bench, origin, body), haniel]
    samples = {server.name: [] for server in servers}
    for turn in range(options.rounds + 1):
        for server in servers if turn % 2 == 0 else reversed(servers):
            report.progress(f"round {turn} of {options.rounds}: {server.name}")
            sample = poll(server, line.last_cookie(), options.seconds)
            if turn > 0:  # the first round warms up
                samples[server.name].append(sample)
    report.progress("")
    rows = [[name, f"{statistics.median(s['cpu_microseconds'] for s in of):.1f}",
             f"{statistics.median(s['per_second'] for s in of):.0f}"] for name, of in samples.items()]
    report.table(["server", "CPU us per poll", "polls per s"], rows)
    for key, label in (("per_second", "rate"), ("cpu_microseconds", "CPU")):
        ratios = [a[key] / b[key] for a, b in zip(samples["haniel"], samples["nginx"])]
        print(f"{label} haniel/nginx {report.spread(ratios)}")
    print(f"\n{len(body)} bytes of JSON over TLS, 64 kept connections, the ticket checked with each poll.")
    report.write(path, bench, options, {"samples": samples})
