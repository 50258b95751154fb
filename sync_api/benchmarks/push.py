"""Throughput of pushes through the gateway, all checks, receipts and lights on, beside ``_bulk_docs`` straight to the
store: bursts of batches of 100, each by the tablet of another village, which has pushed before (what it left to be done
is waited for), in turn here and there. There is a database of its own that holds as much and that no gateway follows:
else the gateway's reading of what others wrote would be paid by the reference."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec
from ulid import ULID

from models.figures import Figure, share
from models.ids import database_of
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.station import Station, documents, informant_of, revised, write
from sync_api.couch import Couch

BATCH_DOCUMENTS: Final = 100
#: Tablets that push at the same time.
AT_ONCE: Final = (1, 8)
#: Batches that are pushed without a pause, here and then there: so many that the lights of all but the last are
#: computed while others come.
BURST_BATCHES: Final = 64
BURSTS: Final = 3
#: The database that is written to directly.
REFERENCE: Final = "reference"
QUIET_S: Final = 0.5
QUIET_LOOKS_MAX: Final = 100
GOAL: Final = 1 / 0.9


def measure_push(gateway: GatewayProcess, station: Station) -> list[Figure]:
    """Seconds that a batch takes, from one tablet after another and from several at once."""
    asyncio.run(_fill_reference(station))
    villages = iter([village for village in station.informants if database_of(village) == station.database])
    return [
        share(
            f"push_seconds_a_batch_{at_once}_at_once",
            *asyncio.run(_measure(gateway, station, villages, at_once)),
            GOAL,
        )
        for at_once in AT_ONCE
    ]


async def _fill_reference(station: Station) -> None:
    async with Couch(station.store_url) as couch:
        await couch.create_database(REFERENCE)
        await write(couch, REFERENCE, documents(station.documents, station.villages))


async def _measure(
    gateway: GatewayProcess, station: Station, villages: Iterator[str], at_once: int
) -> tuple[float, str, float]:
    store_url, database = station.store_url, station.database
    ours: list[float] = []
    direct: list[float] = []
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:

        def there(village: str, count: int) -> Coroutine[None, None, None]:
            return _post(session, f"{store_url}/{REFERENCE}/_bulk_docs", _batch(village, count), "")

        def here(village: str, count: int) -> Coroutine[None, None, None]:
            token = gateway.token(informant_of(village))
            return _post(session, f"{gateway.address}/db/{database}/_bulk_docs", _batch(village, count), token)

        async def quiet() -> None:
            await _quiet(session, f"{store_url}/{database}")
            await _quiet(session, f"{store_url}/{REFERENCE}")

        for number in range(1 + BURSTS):
            for push, times in ((there, direct), (here, ours)):
                burst = [next(villages) for _ in range(BURST_BATCHES)]
                for village in burst:
                    await push(village, 1)
                pushes = [push(village, BATCH_DOCUMENTS) for village in burst]
                await quiet()
                began = time.perf_counter()
                for at in range(0, BURST_BATCHES, at_once):
                    await asyncio.gather(*pushes[at : at + at_once])
                if number:  # the first one warms up: connections, compiled parts of the store, villages that are new
                    times.append((time.perf_counter() - began) / BURST_BATCHES)
                await quiet()
    return statistics.median(ours), "s", statistics.median(direct)


async def _quiet(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until nothing is written any more: what one side leaves to be done is not done in the other's time."""
    before = ""
    for _ in range(QUIET_LOOKS_MAX):
        async with session.get(url) as answer:
            now = str((await answer.json())["update_seq"])
        if now == before:
            return
        before = now
        await asyncio.sleep(QUIET_S)
    raise RuntimeError("the store is written to and nobody pushes")


def _batch(village: str, count: int) -> bytes:
    return b'{"new_edits":false,"docs":[' + b",".join(_reports(village, count)) + b"]}"


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, data=body, headers=headers) as answer:
        rows = await answer.json()
        if answer.status != 201 or any("error" in row for row in rows):
            raise RuntimeError(f"a push was answered {answer.status}: {str(rows)[:200]}")


def _reports(village: str, count: int) -> Iterator[bytes]:
    at = datetime.now(UTC)
    for number in range(count):
        report = {
            "_id": f"{village}:report:{informant_of(village)}:{ULID.from_datetime(at)}",
            "type": "report",
            "observed_at": at.isoformat(),
            "saved_at": at.isoformat(),
            "app_version": "0.1.0",
            "indicator": "4.2.1",
            "severity": "minor",
            "text": f"测量用的第 {number} 条：村务公开栏三个月没有更新，群众有意见，已同村委会说明，请管理站督促。" * 2,
            "place": "村委会门前",
        }
        yield revised(msgspec.json.encode(report))
