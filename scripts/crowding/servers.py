"""Gateways and a Redis of their own for one run, and what happens to them in the middle."""

import asyncio
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from .wire import Wire

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def listening(port, seconds=15):
    for _ in range(int(seconds * 20)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


class Heir:
    """A process that a gateway started; used like those that were started here."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        state = pathlib.Path(f"/proc/{self.pid}/stat")
        try:
            return 0 if state.read_text().rsplit(")", 1)[1].split()[0] == "Z" else None
        except OSError:
            return 0

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self):
        while self.poll() is None:
            time.sleep(0.01)


class Servers:
    def __init__(self, options, backend_port):
        self.options, self.backend_port = options, backend_port
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="crowd-"))
        self.ports = [free_port() for _ in range(options.gateways)]
        self.admins = [free_port() for _ in range(options.gateways)]
        self.redis_port, self.wire_port = free_port(), free_port()
        self.wire = Wire(self.redis_port)
        self.gateways = [None] * options.gateways
        self.redis = None

    def configuration(self, index):
        o = self.options
        port = self.redis_port if index else self.wire_port
        redis = f"redis: {{url: redis://127.0.0.1:{port}}}" if o.store == "redis" else ""
        return f"""
workers: {o.workers}
listeners: [{{address: "127.0.0.1:{self.ports[index]}"}}]
admin: {{address: "127.0.0.1:{self.admins[index]}"}}
limits: {{connections_per_client: 1000000, connections: 1000000}}
timeouts: {{keep_alive: 5m, drain: 8s}}
signing_secret: {self.folder}/signing.key
state: {self.folder}/state-{index}
{redis}
rooms:
  - {{name: onsale, paths: ["/x/*"], capacity: {o.capacity}, rate: "{o.rate}/s", burst: {o.burst},
     session: {o.session}s, grace: 120s, store: {o.store}{self.against_hoarders()}}}
upstreams: [{{name: shop, servers: ["127.0.0.1:{self.backend_port}"], keep_alive: 256}}]
routes: [{{proxy: shop}}]
log: {{access: "{'off' if not o.log else f'{self.folder}/access-{index}.log'}"}}
"""

    def against_hoarders(self):
        o = self.options
        cap = f", client_percent: {o.client_percent}" if o.client_percent else ""
        # Little work, since all visitors together have one machine here.
        return cap + (", challenge: true, challenge_bits: 8, challenge_bits_most: 14" if o.challenge else "")

    async def start(self):
        (self.folder / "signing.key").write_text("crowd" * 10)
        if self.options.store == "redis":
            await self.start_redis()
            await self.wire.listen(self.wire_port)
        for index in range(self.options.gateways):
            await self.start_gateway(index)

    async def start_redis(self):
        log = open(self.folder / "redis.log", "ab")
        self.redis = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port), "--dir", str(self.folder),
             "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"], stdout=log, stderr=log)
        await listening(self.redis_port)

    async def start_gateway(self, index):
        path = self.folder / f"haniel-{index}.yaml"
        path.write_text(self.configuration(index))
        log = open(self.folder / f"haniel-{index}.log", "ab")
        self.gateways[index] = subprocess.Popen(
            [str(self.options.haniel), "serve", "--config", str(path)], stdout=log, stderr=log, cwd=self.folder)
        await listening(self.ports[index])

    def redis_command(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.redis_port), *words], capture_output=True, text=True).stdout

    def redis_calls(self):
        lines = self.redis_command("INFO", "commandstats").splitlines()
        outer = [line for line in lines if line.startswith(("cmdstat_fcall:", "cmdstat_xrange:", "cmdstat_get:"))]
        return sum(int(line.split("calls=")[1].split(",")[0]) for line in outer)

    # What happens in the middle.

    async def kill_redis(self):
        self.redis.kill()
        self.redis.wait()
        await asyncio.sleep(self.options.outage)
        await self.start_redis()

    async def lose_redis(self):
        """Killed, and back without its data."""
        self.redis.kill()
        self.redis.wait()
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        await asyncio.sleep(self.options.outage)
        await self.start_redis()

    async def flush_redis(self):
        self.redis_command("FLUSHALL")

    async def pause_redis(self):
        self.redis.send_signal(signal.SIGSTOP)
        await asyncio.sleep(self.options.outage)
        self.redis.send_signal(signal.SIGCONT)

    async def cut_gateway(self):
        """The first gateway and Redis do not hear of each other any more; the others go on."""
        await self.wire.cut(self.options.outage)

    async def kill_gateway(self):
        self.gateways[0].kill()
        self.gateways[0].wait()
        await asyncio.sleep(min(self.options.outage, 2))
        await self.start_gateway(0)

    async def upgrade_gateway(self):
        """The program starts its successor, which takes over while both run."""
        old = self.gateways[0]
        old.send_signal(signal.SIGUSR2)
        heirs = []
        while not heirs:
            await asyncio.sleep(0.05)
            heirs = pathlib.Path(f"/proc/{old.pid}/task/{old.pid}/children").read_text().split()
        self.gateways[0] = Heir(int(heirs[0]))
        while old.poll() is None:
            await asyncio.sleep(0.05)

    def room(self):
        """What the first gateway knows of the room; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admins[-1]}/rooms", timeout=1) as answer:
                rooms = json.load(answer)
            return (rooms["rooms"] if isinstance(rooms, dict) else rooms)[0]
        except (OSError, ValueError, LookupError):
            return None

    def stop(self):
        self.wire.stop()
        for process in [*self.gateways, self.redis]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        if not self.options.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
