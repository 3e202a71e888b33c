"""The wire between one gateway and Redis, which can be cut without either end hearing of it."""

import asyncio


class Wire:
    """Passes bytes on between whoever connects and a port; while it is cut they wait, as TCP would send them again."""

    def __init__(self, port):
        self.port = port
        self.whole = asyncio.Event()
        self.whole.set()
        self.server = None

    async def listen(self, port):
        self.server = await asyncio.start_server(self.join, "127.0.0.1", port)

    async def cut(self, seconds):
        self.whole.clear()
        await asyncio.sleep(seconds)
        self.whole.set()

    async def join(self, reader, writer):
        await self.whole.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await self.whole.wait()
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def stop(self):
        if self.server:
            self.server.close()
