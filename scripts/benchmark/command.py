"""The command line, and the lifetime of everything that is started."""

import argparse
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

from . import attack, compare, inspection, kill, line, memory, polls, reload, rules, soak, upgrade
from .servers import ROOT, Bench

MEASUREMENTS = {"compare": compare, "memory": memory, "reload": reload, "kill": kill, "upgrade": upgrade,
                "attack": attack, "rules": rules, "inspection": inspection, "polls": polls, "line": line, "soak": soak}


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "measurement", nargs="?", default="compare", choices=MEASUREMENTS,
        help="compare: CPU per request and requests per second (default); memory: idle TLS connections of both "
        "versions; "
        "reload: SIGHUPs under load; kill: a backend dies under load; upgrade: the program is replaced under load; "
        "attack: what attacks cost, and what a well-behaved client notices, beside nginx and HAProxy; "
        "rules: the rules alone, beside libmodsecurity 3; inspection: what they add to a proxied request; "
        "polls: a waiting room; line: a million places in it; soak: mixed traffic and reloads for half an hour")
    parser.add_argument("--quick", action="store_true", help="short rounds: a first look, not a figure to quote")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default 5, quick 3)")
    parser.add_argument("--seconds", type=float, help="seconds per case and round (default 8, quick 2)")
    parser.add_argument("--case", action="append", help="compare and line: run these cases (repeatable)")
    parser.add_argument("--only", choices=["nginx", "haproxy", "haniel"], help="one server alone, without ratios")
    parser.add_argument("--haniel", type=pathlib.Path, help="measure this binary instead of building one")
    parser.add_argument("--connections", type=int, default=5000, help="memory only: idle connections (default 5000)")
    parser.add_argument("--soak", type=float, help="seconds of the soak (default 1800, quick 60)")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (2 if options.quick else 8)
    return options


def built_haniel(options):
    """The release binary, built if it is not there yet or no longer fresh."""
    if options.haniel:
        return options.haniel.resolve()
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
    subprocess.run([*build, "--product", "haniel"], cwd=ROOT, check=True, stdout=sys.stderr)
    path = subprocess.run([*build, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return pathlib.Path(path.stdout.strip()) / "haniel"


def main():
    options = arguments()
    subprocess.run([ROOT / "scripts" / "bootstrap", "--bench"], check=True, stdout=sys.stderr)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    haniel = None if options.only == "nginx" else built_haniel(options)
    results = ROOT / ".run" / "bench"
    results.mkdir(parents=True, exist_ok=True)
    folder = results / f"servers-{os.getpid()}"
    try:
        with Bench(folder, haniel) as bench:
            MEASUREMENTS[options.measurement].run(bench, options, results / f"{options.measurement}.json")
    except KeyboardInterrupt:
        return 130
    except RuntimeError as problem:
        print(f"bench: {problem}", file=sys.stderr)
        print(f"bench: the servers' files are kept in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0
