"""The command line, the course of a run, and its verdict."""

import argparse
import asyncio
import json
import pathlib
import random
import resource
import sys
import time

from .backend import Backend
from .judge import World, called_share, estimates, hoard, order_faults, rate_excess, utilisation
from .servers import ROOT, Servers
from .visitors import Visitor

# Faults during which a gateway may let in nobody, whatever it does: it cannot know who is inside.
OUTAGES = ["kill-redis", "lose-redis", "pause-redis", "cut-gateway"]
FAULTS = ["kill-redis", "lose-redis", "flush-redis", "pause-redis", "cut-gateway", "kill-gateway", "upgrade-gateway"]


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/crowd", description=__doc__)
    parser.add_argument("--visitors", type=int, default=5000, help="everybody together (default 5000)")
    parser.add_argument("--capacity", type=int, default=200)
    parser.add_argument("--rate", type=int, default=100, help="admissions per second")
    parser.add_argument("--burst", type=int, default=50)
    parser.add_argument("--session", type=int, default=10, help="seconds")
    parser.add_argument("--arrivals", type=float, default=250, help="visitors per second")
    parser.add_argument("--gateways", type=int, default=1, choices=[1, 2])
    parser.add_argument("--workers", type=int, default=1, help="of each gateway")
    parser.add_argument("--store", default="memory", choices=["memory", "redis"])
    parser.add_argument("--fault", action="append", default=[], choices=FAULTS, help="repeatable, in this order")
    parser.add_argument("--hoarders", type=int, default=0, help="further places, all taken from one address")
    parser.add_argument("--client-percent", type=int, help="the room's cap on those let in from one address")
    parser.add_argument("--challenge", action="store_true", help="let the room ask for work while waiting")
    parser.add_argument("--outage", type=float, default=4, help="seconds that a fault lasts")
    parser.add_argument("--limit", type=float, default=420, help="seconds after which the run is given up")
    parser.add_argument("--haniel", type=pathlib.Path, default=ROOT / ".build/release/haniel")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path, help="write the verdict there, too")
    parser.add_argument("--trace", type=pathlib.Path, help="write there what was seen and told, moment by moment")
    parser.add_argument("--keep", action="store_true", help="keep the servers' files")
    parser.add_argument("--log", action="store_true", help="let the gateways write access logs")
    return parser.parse_args()


def kinds(count, hoarders=0):
    """Two thirds behave; a fifth does not come back, the others leave early, keep no cookies or cheat.

    Those who hoard places are further ones, who come among the first.
    """
    shares = [("honest", 0.66), ("vanishing", 0.2), ("impatient", 0.05), ("bot", 0.05), ("cheating", 0.04)]
    crowd = random.choices([k for k, _ in shares], [s for _, s in shares], k=count)
    early = crowd[: count // 3] + ["hoarding"] * hoarders
    random.shuffle(early)
    return early + crowd[count // 3:]


async def watch(world):
    while True:
        now = time.monotonic()
        world.samples.append((now, world.backend.count(now), world.honest_waiting()))
        await asyncio.sleep(0.1)


async def look(world):
    """Asks the room itself, to know what idle slots were waiting for."""
    while True:
        room = await asyncio.to_thread(world.servers.room)
        if room:
            world.looks.append((time.monotonic(), room["inside"], room["called"], room["waiting"]))
        await asyncio.sleep(0.5)


async def afflict(world, windows):
    """Lets the faults happen, spread over the admissions."""
    total = sum(v.kind == "honest" for v in world.visitors)
    for index, fault in enumerate(world.options.fault):
        goal = total * (index + 1) / (len(world.options.fault) + 1)
        while world.admitted < goal:
            await asyncio.sleep(0.05)
        begin = time.monotonic()
        print(f"crowd: {fault} after {world.admitted} admissions", file=sys.stderr)
        await getattr(world.servers, fault.replace("-", "_"))()
        if fault in OUTAGES:
            windows.append((begin, time.monotonic()))
            if fault == "cut-gateway":
                world.cuts.append(windows[-1])
        print(f"crowd: {fault} over after {time.monotonic() - begin:.1f} s", file=sys.stderr)


async def run(options):
    backend = Backend(options.capacity, options.session)
    await backend.start()
    servers = Servers(options, backend.port)
    try:
        await servers.start()
        world = World(options, backend, servers)
        crowd = kinds(options.visitors, options.hoarders)
        world.visitors = [Visitor(world, f"v{i}", kind) for i, kind in enumerate(crowd)]
        windows, began = [], time.monotonic()
        helpers = [asyncio.create_task(work) for work in (watch(world), look(world), afflict(world, windows))]
        tasks = []
        for visitor in world.visitors:
            await asyncio.sleep(random.expovariate(options.arrivals))
            tasks.append(asyncio.create_task(visitor.run()))
        done, pending = await asyncio.wait(tasks, timeout=options.limit)
        for task in pending:
            task.cancel()
        for task in done:
            if task.exception():
                world.fault("crash", repr(task.exception()))
        for helper in helpers:
            helper.cancel()
        unserved = sum(v.kind == "honest" and not v.admitted_at for v in world.visitors)
        if unserved:
            world.fault("I13", f"{unserved} honest visitors were never let in")
        if options.trace:
            options.trace.write_text(json.dumps(trace(world, began, windows)))
        return verdict(world, began, windows)
    finally:
        servers.stop()


def trace(world, began, windows):
    """Everything with a time, in seconds since the beginning."""
    def since(at):
        return at and round(at - began, 3)

    return {
        "outages": [[since(a), since(b)] for a, b in windows],
        "samples": [[since(at), inside, waiting] for at, inside, waiting in world.samples],
        "looks": [[since(at), *numbers] for at, *numbers in world.looks],
        "visitors": [{"name": v.name, "kind": v.kind, "ticket": v.ticket, "came": since(v.first_sent),
                      "admitted": since(v.admitted_at), "told": [[since(a), since(b), s] for a, b, s in v.told],
                      "estimates": [[since(at), *told] for at, *told in v.estimates]} for v in world.visitors],
    }


def verdict(world, began, windows):
    o, backend = world.options, world.backend
    inversions, worst, overtaken, paused = order_faults(world)
    for text in overtaken:
        world.fault("I4", text)
    relative, allowed, covered = estimates(world.visitors, began, windows)
    across, _, _ = estimates(world.visitors, began, windows, across=True)
    entries = [at for who, at in backend.first.items()]
    cheaters = [who for who in backend.first if who.startswith("cheat-")]
    return {
        "visitors": o.visitors, "capacity": o.capacity, "gateways": o.gateways, "store": o.store, "faults": o.fault,
        "seconds": round(time.monotonic() - began, 1),
        "admitted": world.admitted, "requests_at_backend": backend.requests, "broken_requests": world.broken,
        "I1_over_admission": backend.excess, "most_inside": backend.highest,
        "I3_numbers_given_twice": len(world.faults["I3"]),
        "I4_inversions": inversions, "I4_worst_inversion_ms": round(1000 * worst, 2), "I4_overtaken": len(overtaken),
        "answers_paused_after_a_later_one_was_in": paused,
        "I5_lost_places": len(world.faults["I5"]),
        "I7_cheats_in": max(world.cheats_in, len(cheaters)), "cheating_attempts": world.attempts,
        "I9_utilisation": round(utilisation(world.samples, o), 3),
        "I9_utilisation_outside_outages": round(utilisation(world.samples, o, windows), 3),
        "called_share": called_share(world.looks, o.capacity), "longest_pause_of_the_tool_ms": world.longest_pause(),
        "I10_rate_excess": rate_excess(entries, o.rate, o.burst),
        "I11_thrown_out": len(world.faults["I11"]), "I12_forged_fields_seen": backend.forged_seen,
        "I13_never_let_in": len(world.faults["I13"]),
        "I14_error_median": relative and round(relative, 3), "I14_within": allowed and round(allowed, 3),
        "I14_range_coverage": covered and round(covered, 3),
        "error_median_of_what_was_told_before_an_outage": across and round(across, 3),
        "hoard": hoard(world, backend.first),
        "I15_may_be_stored": len(world.faults["I15"]), "bot_entries": world.bot_entries,
        "notes": {kind: texts[:5] for kind, texts in world.faults.items()},
    }


MUST_BE_ZERO = ["I1_over_admission", "I3_numbers_given_twice", "I4_overtaken", "I5_lost_places", "I7_cheats_in",
                "I10_rate_excess", "I11_thrown_out", "I12_forged_fields_seen", "I13_never_let_in", "I15_may_be_stored"]


def main():
    options = arguments()
    if options.store == "memory" and options.gateways > 1:
        print("crowd: gateways share a room in Redis only; --store redis", file=sys.stderr)
        return 2
    random.seed(options.seed)
    options.haniel = options.haniel.resolve()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    result = asyncio.run(run(options))
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    failed = [name for name in MUST_BE_ZERO if result[name] > 0]
    if not result["I9_utilisation_outside_outages"] >= 0.95:
        failed.append("I9_utilisation")
    print("crowd: " + ("all promises kept" if not failed else "not kept: " + ", ".join(failed)), file=sys.stderr)
    return 1 if failed else 0
