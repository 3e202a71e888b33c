"""The load generators: wrk for requests, h2load for streams, openssl for handshakes, and echo.py for messages. All say
how much they completed."""

import pathlib
import re
import subprocess
import sys

from .servers import LOAD_CORE

# What a browser sends with an ordinary navigation: nine fields, counting wrk's own Host.
BROWSER_FIELDS = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: https://tickets.example.org/events/haniel-arena",
    "Cookie: theme=dark; consent=eyJ2IjoxLCJhIjpbImZ1bmN0aW9uYWwiXX0; "
    "visitor=8f14e45fceea167a5a36dedd4bea2543; lang=en",
    "Sec-Fetch-Mode: navigate",
    "Upgrade-Insecure-Requests: 1",
]


def requests(url, seconds, connections=32, fields=()):
    """Keep-alive GETs by wrk; returns requests completed and requests per second."""
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    for field in [*BROWSER_FIELDS, *fields]:
        command += ["-H", field]
    output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output) or re.search(r"Socket errors: (.*)", output)
    if failed:
        raise RuntimeError(f"{url}: {failed.group(0)}")
    completed = int(re.search(r"(\d+) requests in", output).group(1))
    return completed, float(re.search(r"Requests/sec:\s*([0-9.]+)", output).group(1))


def streams(url, seconds, connections=8, at_once=4):
    """GETs over HTTP/2 by h2load, several at once on each connection; returns how many completed and how many per
    second."""
    command = ["taskset", "-c", str(LOAD_CORE), "h2load", "-t1", f"-c{connections}", f"-m{at_once}",
               "-D", str(max(1, round(seconds)))]
    for field in BROWSER_FIELDS:
        command += ["-H", field]
    output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    found = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if not found or any(int(found.group(place)) for place in (2, 3, 4)):
        raise RuntimeError(f"{url}: {output[-500:]}")
    completed = int(found.group(1))
    return completed, completed / max(1, round(seconds))


def messages(port, path, seconds, connections=32):
    """Small messages over WebSockets, each sent when the last one has come back."""
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, pathlib.Path(__file__).with_name("echo.py"),
               str(port), path, str(max(1, round(seconds))), str(connections)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    completed = int(output)
    return completed, completed / max(1, round(seconds))


def handshakes(port, seconds, clients=4):
    """Full TLS handshakes, each on a new connection; returns how many completed and how many per second."""
    duration = max(1, round(seconds))
    command = ["taskset", "-c", str(LOAD_CORE), "openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new",
               "-time", str(duration)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
               for _ in range(clients)]
    completed = 0
    for client in running:
        output = client.communicate()[0]
        found = re.search(r"(\d+) connections in \d+ real seconds", output)
        if client.returncode != 0 or not found:
            raise RuntimeError(f"openssl s_time against port {port} failed: {output[-500:]}")
        completed += int(found.group(1))
    return completed, completed / duration
