"""Live tablets, each in its own village, that wait for news by a long poll: how soon it comes and what they cost the
gateway, idle and while stations take their first sync; beside CouchDB's own way, long polls with ``_selector``."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
import numpy as np
from ulid import ULID

from models.figures import Figure, limit, times_faster
from models.ids import database_of
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.station import Station, informant_of

TABLETS: Final = 10_000
TABLETS_AT_THE_STORE: Final = 2_000
STATIONS: Final = 4
#: What the tablet's client asks for, too.
HEARTBEAT_MS: Final = 10_000
#: News are written this often, each for a village chosen by lot.
NEWS_PER_S: Final = 40
NEWS: Final = 800
NEWS_AT_THE_STORE: Final = 100
CONNECTS_AT_ONCE: Final = 100
READY_S_MAX: Final = 300.0
ARRIVE_S_MAX: Final = 60.0
SEED: Final = 110

Say = Callable[[str], None]


class _Tablet(asyncio.Protocol):
    """One long poll on a connection of its own, asked again with the last sequence whenever it was answered."""

    def __init__(self, city: _Waiting, village: str) -> None:
        self._city, self.village = city, village
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self.is_waiting = asyncio.Event()

    def ask(self, since: str) -> None:
        if self._transport is not None:
            self._received = b""
            self._transport.write(self._city.request(self.village, since))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport if isinstance(transport, asyncio.Transport) else None
        self.ask(self._city.since(self.village))

    def data_received(self, data: bytes) -> None:
        self._received += data
        # the head leaves when there is something to wait for: at the store with the first heartbeat
        self.is_waiting.set()
        if (at := self._received.find(b'"last_seq"')) < 0 or b"}" not in self._received[at:]:
            return
        self._city.arrived(self.village)
        last = self._received[at:].split(b":", 1)[1].split(b"}")[0].split(b",")[0].strip().strip(b'"')
        self.ask(last.decode())

    def connection_lost(self, exc: Exception | None) -> None:
        self._city.lost += 1

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@dataclass
class _Waiting:
    """Tablets that wait at one address; ``request`` is what each of them sends."""

    address: str
    request: Callable[[str, str], bytes]
    since: Callable[[str], str]
    tablets: dict[str, _Tablet] = field(default_factory=dict)
    written: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    lost: int = 0
    all_here: asyncio.Event = field(default_factory=asyncio.Event)

    def arrived(self, village: str) -> None:
        if (at := self.written.pop(village, None)) is not None:
            self.delays.append(time.perf_counter() - at)
        if not self.written:
            self.all_here.set()

    async def connect(self, villages: Sequence[str]) -> None:
        """Open a line for each and wait until all are waited for."""
        parts = urlsplit(self.address)
        gate = asyncio.Semaphore(CONNECTS_AT_ONCE)

        async def open_one(village: str) -> None:
            async with gate:
                tablet = self.tablets[village] = _Tablet(self, village)
                await asyncio.get_running_loop().create_connection(
                    lambda: tablet, parts.hostname or "", parts.port or 0
                )
            await tablet.is_waiting.wait()

        async with asyncio.timeout(READY_S_MAX):
            await asyncio.gather(*map(open_one, villages))

    async def deliver(self, session: aiohttp.ClientSession, store_url: str, count: int) -> list[float]:
        """Write news for villages chosen by lot, and take the seconds from each write's begin to its arrival."""
        chance = np.random.default_rng(SEED)
        self.delays = []
        writes = set[asyncio.Task[None]]()
        for village in chance.choice(sorted(self.tablets), count, replace=False).tolist():
            writes.add(asyncio.create_task(self._write(session, store_url, village)))
            await asyncio.sleep(chance.exponential(1 / NEWS_PER_S))
        await asyncio.gather(*writes)
        async with asyncio.timeout(ARRIVE_S_MAX):
            while self.written:
                self.all_here.clear()
                await self.all_here.wait()
        return self.delays

    async def _write(self, session: aiohttp.ClientSession, store_url: str, village: str) -> None:
        self.written[village] = time.perf_counter()
        at = datetime.now(UTC)
        identity = f"{village}:answer:{informant_of(village)}:{ULID.from_datetime(at)}"
        times = {"observed_at": at.isoformat(), "saved_at": at.isoformat()}
        answer = {"type": "answer", "author": "station", "about": identity, "text": "已收到。", **times}
        async with session.put(f"{store_url}/{database_of(village)}/{identity}", json=answer) as done:
            done.raise_for_status()

    def close(self) -> None:
        for tablet in self.tablets.values():
            tablet.close()


def measure_live(gateway: GatewayProcess, station: Station, say: Say) -> list[Figure]:
    """The figures. ``station`` holds what the stations' first sync brings."""
    return asyncio.run(_measure(gateway, station, say))


async def _measure(gateway: GatewayProcess, station: Station, say: Say) -> list[Figure]:
    async with aiohttp.ClientSession() as session:
        say(f"{TABLETS_AT_THE_STORE} 个长轮询直接连数据库 / {TABLETS_AT_THE_STORE} long polls at the store itself")
        with _at_the_store(station, await _sequences(session, station)) as there:
            await there.connect(station.informants[:TABLETS_AT_THE_STORE])
            reference = await there.deliver(session, station.store_url, NEWS_AT_THE_STORE)
        say(f"{TABLETS} 台平板在线 / {TABLETS} live tablets")
        before = gateway.memory_bytes()
        with _at_the_gateway(gateway, await _sequences(session, station)) as here:
            await here.connect(station.informants[:TABLETS])
            memory = gateway.memory_bytes()
            idle = await here.deliver(session, station.store_url, NEWS)
            say(f"同时 {STATIONS} 个管理站首次同步 / while {STATIONS} stations take their first sync")
            busy, syncs = await _while_stations_sync(session, gateway, station, here)
            lost = here.lost
    if lost:
        raise RuntimeError(f"{lost} long polls were cut")
    say(f"其间首次同步 {syncs} 次 / first syncs meanwhile: {syncs}")
    return [
        limit("live_tablets_delivery_p95", _p95(idle), "s", 0.1),
        times_faster("live_tablets_delivery_p95_vs_store", _p95(idle), "s", _p95(reference)),
        limit("live_tablets_memory_each", (memory - before) / TABLETS, "B", 16_000),
        limit("live_tablets_memory_in_all", memory, "B", 300e6),
        limit("live_tablets_delivery_p95_during_first_syncs", _p95(busy), "s", 0.25),
    ]


def _p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


async def _while_stations_sync(
    session: aiohttp.ClientSession, gateway: GatewayProcess, station: Station, here: _Waiting
) -> tuple[list[float], int]:
    """Deliveries while so many stations take their first sync, again and again."""
    counts = [0] * STATIONS
    stop = asyncio.Event()

    async def sync(number: int) -> None:
        headers = {
            "Authorization": f"Bearer {gateway.token(station.aliases[number])}",
            "Accept-Encoding": "br",
        }
        url = f"{gateway.address}/db/{station.database}/_pull"
        while not stop.is_set():
            async with session.post(url, json={}, headers=headers, auto_decompress=False) as answer:
                answer.raise_for_status()
                async for _ in answer.content.iter_any():
                    pass
            counts[number] += 1

    async with asyncio.TaskGroup() as tasks:
        for number in range(STATIONS):
            tasks.create_task(sync(number))
        delays = await here.deliver(session, station.store_url, NEWS)
        stop.set()
    return delays, sum(counts)


async def _sequences(session: aiohttp.ClientSession, station: Station) -> dict[str, str]:
    """Where each database stands: what a tablet that is up to date asks from."""
    found = {}
    for database in {database_of(village) for village in station.informants}:
        url = f"{station.store_url}/{database}/_changes"
        async with session.get(url, params={"since": "now", "limit": "1"}) as answer:
            found[database] = str((await answer.json())["last_seq"])
    return found


@contextmanager
def _at_the_gateway(gateway: GatewayProcess, sequences: dict[str, str]) -> Iterator[_Waiting]:
    host = urlsplit(gateway.address).netloc

    def request(village: str, since: str) -> bytes:
        path = f"/db/{database_of(village)}/_changes?feed=longpoll&limit=1&heartbeat={HEARTBEAT_MS}&since={since}"
        token = gateway.token(informant_of(village))
        return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    with _closing(_Waiting(gateway.address, request, lambda village: sequences[database_of(village)])) as waiting:
        yield waiting


@contextmanager
def _at_the_store(station: Station, sequences: dict[str, str]) -> Iterator[_Waiting]:
    parts = urlsplit(station.store_url)
    credentials = aiohttp.BasicAuth(parts.username or "", parts.password or "").encode() if parts.username else ""
    authorization = f"Authorization: {credentials}\r\n" if credentials else ""

    def request(village: str, since: str) -> bytes:
        prefix = f"{village}:answer:"
        selector: Any = {"selector": {"_id": {"$gte": prefix, "$lt": prefix + "~"}}}
        body = msgspec.json.encode(selector)
        path = f"/{database_of(village)}/_changes?feed=longpoll&filter=_selector&heartbeat={HEARTBEAT_MS}&since={since}"
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.hostname}\r\n{authorization}Content-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    with _closing(_Waiting(station.store_url, request, lambda village: sequences[database_of(village)])) as waiting:
        yield waiting


@contextmanager
def _closing(waiting: _Waiting) -> Iterator[_Waiting]:
    try:
        yield waiting
    finally:
        waiting.close()
