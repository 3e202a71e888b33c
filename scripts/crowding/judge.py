"""What was seen, held against what was promised."""

import bisect
import collections
import statistics
import time

# Seconds after the end of a cut until a gateway has heard of everything.
HEARD_AFTER = 2
# Seconds after the end of a session until nothing of it can be in use any more: what is signed is good for a lease.
OVER_FOR = 5


class World:
    """What visitors share, and where faults are written down."""

    def __init__(self, options, backend, servers):
        self.options, self.backend, self.servers = options, backend, servers
        self.capacity, self.session = options.capacity, options.session
        self.faults = collections.defaultdict(list)
        self.visitors = []
        self.tickets = {}
        self.spent, self.passes = [], []
        self.admitted = self.attempts = self.cheats_in = self.bot_entries = self.broken = 0
        self.samples = []       # (time, inside, honest waiting)
        self.looks = []         # (time, inside, called, waiting) as the room says
        self.turns = 0
        self.addresses = {}     # by name
        self.held_back = set()  # names
        self.cuts = []          # (from, to) in which the first gateway and Redis did not hear of each other

    def longest_pause(self):
        """A tool that stands still sees nothing, and its visitors take no turn."""
        times = [at for at, _, _ in self.samples]
        return round(1000 * max((b - a - 0.1 for a, b in zip(times, times[1:])), default=0))

    def any_port(self):
        self.turns += 1
        return self.servers.ports[self.turns % len(self.servers.ports)]

    def fault(self, kind, text):
        self.faults[kind].append(text)

    def numbered(self, visitor, ticket):
        other = self.tickets.setdefault(ticket, visitor.name)
        if other != visitor.name:
            self.fault("I3", f"ticket {ticket} was given to {other} and to {visitor.name}")

    def used(self, visitor):
        self.spent.append((time.monotonic(), dict(visitor.cookies)))

    def any_used(self):
        """Cookies of somebody whose session is long over."""
        over = time.monotonic() - self.session - OVER_FOR
        return next((cookies for left, cookies in reversed(self.spent) if left < over), None)

    def any_pass(self):
        for visitor in reversed(self.visitors):
            if visitor.kind == "honest" and visitor.admitted_at and "wrs" in visitor.cookies:
                return visitor.cookies["wrs"]
        return None

    def knew_nothing(self, visitor, at):
        """Whether the gateway that told somebody it is paused could not know of those whom another one lets in."""
        return visitor.client.port == self.servers.ports[0] and any(a <= at <= b + HEARD_AFTER for a, b in self.cuts)

    def honest_waiting(self):
        return sum(1 for v in self.visitors if v.kind == "honest" and v.first_answer and not v.admitted_at)


def order_faults(world):
    """Inversions of numbers, and people who were told to wait after somebody who came later was in."""
    visitors = world.visitors
    known = [v for v in visitors if v.ticket and v.first_answer and v.kind in ("honest", "impatient")]
    by_answer = sorted(known, key=lambda v: v.first_answer)
    answers, highest = [v.first_answer for v in by_answer], []
    for v in by_answer:
        highest.append(max(v.ticket, highest[-1] if highest else 0))
    inversions, worst = 0, 0.0
    for v in known:
        index = bisect.bisect_left(answers, v.first_sent) - 1
        if index >= 0 and highest[index] > v.ticket:
            inversions += 1
            later = [w for w in by_answer[: index + 1] if w.ticket > v.ticket]
            worst = max(worst, max(v.first_sent - w.first_answer for w in later))
    inside = sorted((v for v in visitors if v.admitted_at and v.kind == "honest"), key=lambda v: v.admitted_at)
    times, latest = [v.admitted_at for v in inside], []
    for v in inside:
        latest.append(max(v.first_sent, latest[-1] if latest else 0))
    overtaken, paused = [], 0
    for v in known:
        if v.kind != "honest":
            continue
        since = None
        for sent, answered, state in v.told:
            index = bisect.bisect_left(times, sent) - 1
            calm = bisect.bisect_right(times, since) if state == "paused" and since else index + 1
            since = (since or answered) if state == "paused" else None
            if state == "paused" and world.knew_nothing(v, sent):
                continue
            if index >= 0 and latest[index] > v.first_answer:
                if state == "paused" and not any(w.first_sent > v.first_answer for w in inside[calm: index + 1]):
                    # The turn had come when a failure stopped everybody, and nobody was let in since that was told.
                    paused += 1
                    continue
                by = next(w for w in reversed(inside[: index + 1]) if w.first_sent > v.first_answer)
                overtaken.append(f"{v.name} (ticket {v.ticket}, via {v.client.port}) was told {state} "
                                 f"{sent - by.admitted_at:.3f} s after {by.name} (ticket {by.ticket}, via "
                                 f"{by.client.port}) came in at {by.admitted_at - inside[0].admitted_at:.1f} s")
                break
    return inversions, worst, overtaken, paused


def rate_excess(times, rate, burst):
    """The most admissions beyond rate · w + burst in windows of 1, 10 and 60 s."""
    times, worst = sorted(times), 0
    for width in (1, 10, 60):
        start = 0
        for end, at in enumerate(times):
            while times[start] <= at - width:
                start += 1
            worst = max(worst, end - start + 1 - (rate * width + burst))
    return worst


def estimates(visitors, began, outages=(), across=False):
    """What was told of the wait against how long it was.

    Nobody can know of an outage to come: what was told before one to somebody who was let in after it is judged apart.
    """
    errors, kept, count = [], 0, 0
    for v in visitors:
        if v.kind != "honest" or not v.admitted_at:
            continue
        for at, eta, high in v.estimates:
            if at - began < 10 or across != any(at <= b and a <= v.admitted_at for a, b in outages):
                continue
            real = v.admitted_at - at
            errors.append((abs(eta - real), real))
            kept += real <= high + 1
            count += 1
    if not errors:
        return None, None, None
    relative = statistics.median(e / real if real > 0.5 else 0 for e, real in errors)
    allowed = sum(e <= max(2, 0.15 * real) for e, real in errors) / count
    return relative, allowed, kept / count


def utilisation(samples, options, outages=()):
    """Slots in use while somebody honest waited, without the outages in which nobody may be let in.

    An outage ends when the store can be reached again: all that it takes to go on from there counts. The room has to be
    filled, first and after an outage, which the rate forbids to do at once: what it allows since then counts as full.
    """
    rows, began, before = [], None, 0
    for at, inside, waiting in samples:
        if waiting == 0:
            continue
        if any(a <= at <= b for a, b in outages):
            began, before = None, inside
            continue
        began = began if began is not None else at
        possible = min(options.capacity, before + options.burst + options.rate * (at - began))
        rows.append(min(inside / possible, 1) if possible < options.capacity else inside / options.capacity)
    return statistics.mean(rows) if rows else float("nan")


def hoard(world, first):
    """What those who took many places from one address came to, and what it cost them."""
    names = {v.name for v in world.visitors if v.kind == "hoarding"}
    if not names:
        return None
    # While more honest people wait than there are slots, everybody who comes in takes the place of somebody.
    contested = [at for at, _, waiting in world.samples if waiting > world.capacity] or [0]
    entries = sorted((at, who) for who, at in first.items() if contested[0] <= at <= contested[-1])
    inside, excess = 0, 0
    for count, (_, who) in enumerate(entries, 1):
        inside += who in names
        excess = max(excess, inside - count * (world.options.client_percent or 100) / 100 - 1)
    hashes = {kind: [v.hashes for v in world.visitors if v.hashes and (v.kind == "hoarding") == (kind == "hoarding")]
              for kind in ("honest", "hoarding")}
    return {
        "places": sum(v.ticket is not None for v in world.visitors if v.kind == "hoarding"),
        "let_in_while_others_waited": inside, "all_let_in_meanwhile": len(entries),
        "share": round(inside / max(len(entries), 1), 3), "most_beyond_the_share": round(excess, 2),
        "told_held_back": len(world.held_back & names), "others_told_held_back": len(world.held_back - names),
        "hashes_per_place": {kind: round(statistics.mean(counts)) for kind, counts in hashes.items() if counts},
    }


def called_share(looks, capacity):
    """Slots that were kept for somebody who was called up and had not come yet, while others waited."""
    rows = [called for _, _, called, waiting in looks if waiting > 0]
    return round(statistics.mean(rows) / capacity, 3) if rows else None
