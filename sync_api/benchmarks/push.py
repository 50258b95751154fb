"""Throughput of pushes through the gateway, all checks, receipts and lights on, beside ``_bulk_docs`` straight to the
store: batches of 100 from several tablets at once, each of a village of its own, in turn here and there."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Final

import aiohttp
import msgspec
from ulid import ULID

from models.figures import Figure, share
from models.ids import database_of
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.station import Station, informant_of, revised

BATCH_DOCUMENTS: Final = 100
#: Tablets that push at the same time, and how many batches they push here and there.
AT_ONCE: Final = (1, 8)
BATCHES: Final = 96
GOAL: Final = 1 / 0.9
#: Before it counts: connections, log-ins, compiled parts of the store.
WARM_UP_ROUNDS: Final = 2


def measure_push(gateway: GatewayProcess, station: Station) -> list[Figure]:
    """Seconds that a batch takes, from one tablet after another and from several at once."""
    return [
        share(f"push_seconds_a_batch_{at_once}_at_once", *asyncio.run(_measure(gateway, station, at_once)), GOAL)
        for at_once in AT_ONCE
    ]


async def _measure(gateway: GatewayProcess, station: Station, at_once: int) -> tuple[float, str, float]:
    store_url, database = station.store_url, station.database
    turn = cycle(village for village in station.informants if database_of(village) == database)
    ours: list[float] = []
    direct: list[float] = []
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        for number in range(WARM_UP_ROUNDS + BATCHES // at_once):
            chosen = list(islice(turn, 2 * at_once))
            there = [_post(session, f"{store_url}/{database}/_bulk_docs", _batch(v), "") for v in chosen[:at_once]]
            here = [
                _post(session, f"{gateway.address}/db/{database}/_bulk_docs", _batch(v), gateway.token(informant_of(v)))
                for v in chosen[at_once:]
            ]
            for work, times in ((there, direct), (here, ours)):
                began = time.perf_counter()
                await asyncio.gather(*work)
                if number >= WARM_UP_ROUNDS:
                    times.append((time.perf_counter() - began) / at_once)
    return statistics.median(ours), "s", statistics.median(direct)


def _batch(village: str) -> bytes:
    return b'{"new_edits":false,"docs":[' + b",".join(_reports(village)) + b"]}"


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, data=body, headers=headers) as answer:
        rows = await answer.json()
        if answer.status != 201 or any("error" in row for row in rows):
            raise RuntimeError(f"a push was answered {answer.status}: {str(rows)[:200]}")


def _reports(village: str) -> Iterator[bytes]:
    at = datetime.now(UTC)
    for number in range(BATCH_DOCUMENTS):
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
