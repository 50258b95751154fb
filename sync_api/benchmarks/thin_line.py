"""A line as villages have it: a proxy on loopback that delays and narrows what passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

#: What is sent at a time: small enough that two connections share the line fairly.
CHUNK_BYTES = 4_096


@dataclass
class _Way:
    """One direction, shared by all connections."""

    bytes_per_s: float
    delay_s: float
    carried: int = 0
    _free_at: float = field(default=0.0)

    def arrival(self, size: int) -> float:
        """When a chunk sent now arrives at the other end (loop time)."""
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + size / self.bytes_per_s
        self.carried += size
        return self._free_at + self.delay_s


class ThinLine:
    """Forwards a port of its own to ``target_port``. ``round_trip_s`` seconds, ``bits_per_s`` each way."""

    def __init__(self, target_port: int, round_trip_s: float, bits_per_s: float) -> None:
        self._target_port = target_port
        self._round_trip_s = round_trip_s
        self.up = _Way(bits_per_s / 8, round_trip_s / 2)
        self.down = _Way(bits_per_s / 8, round_trip_s / 2)
        self._connections: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """The port to connect to."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        with suppress(asyncio.CancelledError):  # the line is closed
            # the handshake takes a round trip of its own
            await asyncio.sleep(self._round_trip_s)
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_carry(reader, target_writer, self.up))
                ways.create_task(_carry(target_reader, writer, self.down))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way) -> None:
    """Carry one direction of one connection to its end."""
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, chunk = await queue.get()
            await asyncio.sleep(at - loop.time())
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    # except*: whichever side has gone, the other one's way ends too
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(deliver())
            while chunk := await reader.read(CHUNK_BYTES):
                at = way.arrival(len(chunk))
                queue.put_nowait((at, chunk))
                # what a line has not yet taken waits at the sender
                await asyncio.sleep(max(0.0, at - way.delay_s - asyncio.get_running_loop().time()))
            queue.put_nowait((asyncio.get_running_loop().time() + way.delay_s, b""))
    except* OSError:
        writer.close()
