"""Tables for people, JSON for later."""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def spread(values):
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} [{min(values):.2f}, {max(values):.2f}]"


def table(heads, rows):
    widths = [max(len(str(row[column])) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, ["-" * width for width in widths], *rows]:
        cells = [str(cell).ljust(width) if column == 0 else str(cell).rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def write(path, bench, options, results):
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True,
                           env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
    path.write_text(json.dumps({
        "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": {"system": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()},
        "nginx": nginx.stderr.strip(),
        "haniel": str(bench.haniel_binary) if bench.haniel_binary else None,
        "rounds": options.rounds, "seconds": options.seconds, "quick": options.quick,
        **results,
    }, indent=2) + "\n")
    print(f"\nWritten to {os.path.relpath(path)}")
