"""Those who attack: many connections at once, each begun again as soon as the server ends it."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import struct
import subprocess

from .servers import LOAD_CORE

ATTACKER = "127.0.0.1"


class Attacker:
    """`one` is a connection from its beginning to its end."""

    def __init__(self, name, connections):
        self.name, self.connections = name, connections

    async def again(self, server):
        while True:
            try:
                await asyncio.wait_for(self.one(server), 60)
            except (OSError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(0.05)

    def run(self, server):
        """In a process of its own, until it is ended."""
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})

        # That a server ended a connection is what is expected.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)

        async def all_at_once():
            await asyncio.gather(*(self.again(server) for _ in range(self.connections)))
        asyncio.run(all_at_once())


class Bytes(Attacker):
    """Sends `start`, then `more` again and again."""

    def __init__(self, name, connections, start, more=b"", pause=1.0, tls=False, reads=True, window=None, resets=False):
        super().__init__(name, connections)
        self.start, self.more = start, more
        self.pause, self.tls, self.reads, self.window, self.resets = pause, tls, reads, window, resets

    async def one(self, server):
        raw = socket.socket()
        raw.setblocking(False)
        if self.window:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(raw, (ATTACKER, server.tls_port if self.tls else server.port))
            await loop.sock_sendall(raw, self.start)
            while True:
                await asyncio.sleep(self.pause)
                if self.reads:
                    with contextlib.suppress(BlockingIOError):
                        if not raw.recv(4096):
                            return
                if self.resets:
                    return
                if self.more:
                    await loop.sock_sendall(raw, self.more)
        finally:
            if self.resets:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()


class Frames(Attacker):
    """HTTP/2 over TLS: sends `start`, then what `more` makes of the count of times that it was asked."""

    def __init__(self, name, connections, start, more, pause=0.0, reads=True):
        super().__init__(name, connections)
        self.start, self.more, self.pause, self.reads = start, more, pause, reads
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.context.set_alpn_protocols(["h2"])

    async def one(self, server):
        reader, writer = await asyncio.open_connection(
            ATTACKER, server.tls_port, ssl=self.context, server_hostname="localhost", limit=65536)
        reading = asyncio.create_task(self.read(reader)) if self.reads else None
        try:
            writer.write(self.start)
            for count in range(1 << 20):
                if reader.at_eof() or (reading and reading.done()):
                    return
                writer.write(self.more(count))
                await writer.drain()
                await asyncio.sleep(self.pause)
        finally:
            if reading:
                reading.cancel()
            writer.transport.abort()

    async def read(self, reader):
        with contextlib.suppress(OSError):
            while await reader.read(65536):
                pass


class Commands(Attacker):
    """`openssl s_client`, told one letter again and again: K updates the keys, R negotiates anew."""

    def __init__(self, name, connections, letter, version):
        super().__init__(name, connections)
        self.letter, self.version = letter, version

    async def one(self, server):
        # A letter counts where a read begins, so that each is a message of its own.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = subprocess.Popen(
            ["openssl", "s_client", self.version, "-connect", f"{ATTACKER}:{server.tls_port}"],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs.close()
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            while process.poll() is None:
                await loop.sock_sendall(ours, self.letter)
        finally:
            ours.close()
            process.kill()
            process.wait()
