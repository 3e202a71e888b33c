"""Visitors: those who behave, those who do not come back, and each kind of cheater."""

import asyncio
import hashlib
import json
import random
import time

from .http import Client, Gone

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOARD = "127.66.66.66"
OTHER_AGENT = "curl/8.0 thief"


class Visitor:
    """Keeps cookies, polls as told, and remembers everything that was said."""

    def __init__(self, world, name, kind):
        self.world, self.name, self.kind = world, name, kind
        # Everybody has an address, and those who take many places have one together.
        number = len(world.addresses)
        world.addresses[name] = HOARD if kind == "hoarding" else f"127.1.{number // 250 % 250}.{1 + number % 250}"
        self.client = self.connection()
        self.cookies = {}
        self.agent = AGENT
        self.first_sent = self.first_answer = self.admitted_at = None
        self.ticket = None
        self.ahead = None
        self.told = []          # (sent, answered, state)
        self.estimates = []     # (at, eta, eta_high)
        self.work = self.hashes = None

    def connection(self):
        return Client(self.world.any_port(), self.world.addresses[self.name])

    def fields(self, extra=()):
        fields = [("User-Agent", self.agent), ("X-Visitor", self.name), ("Accept", "application/json")]
        if self.cookies:
            fields.append(("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items())))
        return fields + list(extra)

    async def ask(self, method, target, extra=()):
        """Asks until some gateway answers."""
        while True:
            try:
                answer = await self.client.ask(method, target, self.fields(extra))
            except Gone:
                self.world.broken += 1
                await asyncio.sleep(0.2 + 0.3 * random.random())
                self.client = self.connection()
                continue
            for name, value in answer.cookies().items():
                if value:
                    self.cookies[name] = value
                else:
                    self.cookies.pop(name, None)
            return answer

    def hear(self, sent, answer):
        """Checks one answer of the room; its state."""
        world, now = self.world, time.monotonic()
        if answer.first("cache-control") != "no-store":
            world.fault("I15", f"{self.name}: a waiting answer without no-store")
        if not answer.first("waiting-room"):
            world.fault("contract", f"{self.name}: status {answer.status} without Waiting-Room")
            return {"state": "?", "poll": 1}
        status = json.loads(answer.body)
        state = status["state"]
        self.work = status.get("challenge")
        if status.get("reason") == "held-back":
            world.held_back.add(self.name)
        ticket = status.get("ticket")
        if ticket is not None:
            if self.ticket is None:
                self.ticket = ticket
                world.numbered(self, ticket)
            elif self.ticket != ticket:
                world.fault("I5", f"{self.name}: ticket {self.ticket} became {ticket}")
                self.ticket = ticket
            ahead = status.get("ahead")
            if self.ahead is not None and ahead is not None and ahead > self.ahead:
                world.fault("I5", f"{self.name}: ahead grew from {self.ahead} to {ahead}")
            self.ahead = ahead
        elif state == "expired" and self.ticket is not None:
            world.fault("I5", f"{self.name}: the place {self.ticket} is gone ({status.get('reason')})")
            self.ticket = self.ahead = None
        if state in ("queued", "paused") and ticket is not None and status.get("reason") != "held-back":
            self.told.append((sent, now, state))
            if "eta" in status:
                self.estimates.append((now, status["eta"], status.get("eta_high", status["eta"])))
        return status

    async def come(self):
        """The first request; True if it was let in at once."""
        self.first_sent = time.monotonic()
        answer = await self.ask("GET", "/x/")
        self.first_answer = time.monotonic()
        if answer.status == 200:
            self.admitted_at = self.first_answer
            return True
        self.poll = self.hear(self.first_sent, answer).get("poll") or 1
        return False

    async def wait(self, polls=None):
        """Polls as told until let in; False if patience ends first."""
        while polls is None or polls > 0:
            await asyncio.sleep(self.poll)
            target = await self.solve() if self.work else None
            sent = time.monotonic()
            answer = await self.ask("POST" if target else "GET", target or "/.wr/status?room=onsale")
            status = self.hear(sent, answer)
            if status["state"] == "admitted":
                self.admitted_at = time.monotonic()
                return True
            if status["state"] in ("expired", "open"):
                answer = await self.ask("GET", "/x/")
                if answer.status == 200:
                    self.admitted_at = time.monotonic()
                    return True
                status = self.hear(sent, answer)
            self.poll = status.get("poll") or 1
            polls = None if polls is None else polls - 1
        return False

    async def solve(self):
        """Does the work that is asked for, and says where it is to be shown."""
        puzzle, bits, nonce = self.work["puzzle"], self.work["difficulty"], 0
        while int.from_bytes(hashlib.sha256(f"{puzzle}.{nonce}".encode()).digest()[:8], "big") >> (64 - bits):
            nonce += 1
            if nonce % 1000 == 0:
                await asyncio.sleep(0)
        self.hashes = (self.hashes or 0) + nonce + 1
        return f"{self.work['post']}&nonce={nonce}"

    async def shop(self):
        """Some requests inside, then goes, saying so or not."""
        requests = random.randint(1, 4)
        for _ in range(requests):
            answer = await self.ask("GET", "/x/seat")
            if answer.status != 200:
                self.world.fault("I11", f"{self.name}: {answer.status} inside: {answer.first('waiting-room')}")
                return
            await asyncio.sleep(random.uniform(0.2, self.world.session * 0.3))
        how = random.random()
        if how < 0.4:
            await self.ask("GET", "/x/done")
        elif how < 0.6:
            # Whoever says so has gone already, however long the tool takes to hear the answer.
            self.world.backend.leave(self.name)
            await self.ask("POST", "/.wr/leave?room=onsale", [("Sec-Fetch-Site", "same-origin")])

    async def run(self):
        await getattr(self, "be_" + self.kind)()
        self.client.close()

    async def be_honest(self):
        if await self.come() or await self.wait():
            self.world.admitted += 1
            await self.shop()
            self.world.used(self)
        else:
            self.world.fault("I13", f"{self.name} was never let in")

    async def be_hoarding(self):
        """One of many places that one client takes, each kept and polled as a browser would."""
        if await self.come() or await self.wait():
            await self.shop()

    async def be_impatient(self):
        """Waits a while, then closes the page."""
        if await self.come() or await self.wait(polls=random.randint(1, 8)):
            await self.shop()

    async def be_vanishing(self):
        """Takes a place and does not come back."""
        if await self.come():
            await self.shop()

    async def be_bot(self):
        """Keeps no cookie: each request is a new visitor."""
        for _ in range(8):
            self.cookies = {}
            self.ticket = self.ahead = None
            answer = await self.ask("GET", "/x/")
            self.cookies = {}
            if answer.status == 200:
                self.world.bot_entries += 1
            await asyncio.sleep(random.uniform(1, 6))

    # Cheaters come while honest people wait; what reaches the backend under their names got in by cheating.

    async def be_cheating(self):
        tricks = [self.forge_cookies, self.forge_fields, self.spell, self.replay_ticket, self.share_pass,
                  self.replay_pass]
        trick = random.choice(tricks)
        self.name = f"cheat-{trick.__name__}-{self.name}"
        for _ in range(6):
            await asyncio.sleep(random.uniform(1, 4))
            if self.world.honest_waiting() > self.world.capacity:
                await trick()

    async def attempt(self, target="/x/", extra=(), cookies=None, method="GET", agent=None):
        """Cheats once, and only while honest people wait: an empty room is open to everybody."""
        if self.world.honest_waiting() <= self.world.capacity:
            return
        self.cookies = dict(cookies or {})
        self.agent = agent or AGENT
        answer = await self.ask(method, target, extra)
        self.cookies = {}
        self.world.attempts += 1
        if answer.status == 200:
            self.world.cheats_in += 1
            self.world.fault("I7", f"{self.name}: {method} {target} got in")
            self.world.backend.leave(self.name)

    async def forge_cookies(self):
        far = "v1.onsale.1795000000.1.AAAAAAAAAAAAAAAA.1795000000.0.k1.AAAAAAAAAAAAAAAAAAAAAA"
        await self.attempt(cookies={"wr": far, "wrs": far})
        for value in (self.world.any_used() or {}).values():
            flipped = value[:-3] + ("A" if value[-3] != "A" else "B") + value[-2:]
            await self.attempt(cookies={"wr": flipped, "wrs": flipped})

    async def forge_fields(self):
        await self.attempt(extra=[("X-Waiting-Room-Session", "forged"), ("X_Waiting_Room_Session", "forged"),
                                  ("Waiting-Room", "state=admitted"), ("Waiting-Room-Ticket", "v1.x.y")])

    async def spell(self):
        for target in ("//x/", "/x//seat", "/%78/", "/x/%2e%2e/x/", "/y/../x/", "/X/../x/", "/x/;a", "/./x/", "/x/?a"):
            await self.attempt(target)
        for method in ("POST", "HEAD", "OPTIONS"):
            await self.attempt(method=method)

    async def replay_ticket(self):
        used = self.world.any_used()
        if used and "wr" in used:
            await self.attempt(cookies={"wr": used["wr"]})

    async def share_pass(self):
        inside = self.world.any_pass()
        if inside:
            await self.attempt(cookies={"wrs": inside}, agent=OTHER_AGENT)

    async def replay_pass(self):
        used = self.world.any_used()
        if used and "wrs" in used:
            await self.attempt(cookies={"wrs": used["wrs"]})
