"""One user who asks for all that he may, many times over, beside one with a small request now and then."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Final

import aiohttp

from models.figures import Figure, limit, times_faster
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.station import Station, informant_of

#: Requests that the heavy user has under way at any time, each for a whole first reading.
HEAVY_AT_ONCE: Final = 24
SMALL_REQUESTS: Final = 200
SMALL_EACH_S: Final = 0.05
P95_S_MAX: Final = 0.25


def measure_crowd(gateway: GatewayProcess, station: Station) -> list[Figure]:
    """What an informant's request takes, alone and while a station has two dozen first readings under way."""
    alone, beside = asyncio.run(_measure(gateway, station))
    return [
        limit("small_request_p95_beside_a_heavy_user", _p95(beside), "s", P95_S_MAX),
        times_faster("small_request_p95_beside_a_heavy_user_vs_alone", _p95(beside), "s", _p95(alone)),
    ]


async def _measure(gateway: GatewayProcess, station: Station) -> tuple[list[float], list[float]]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        alone = await _small_requests(session, gateway, station)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(HEAVY_AT_ONCE):
                tasks.create_task(_read_all(session, gateway, station, stop))
            beside = await _small_requests(session, gateway, station)
            stop.set()
    return alone, beside


async def _small_requests(session: aiohttp.ClientSession, gateway: GatewayProcess, station: Station) -> list[float]:
    village = station.villages[0]
    headers = {"Authorization": f"Bearer {gateway.token(informant_of(village))}"}
    times = []
    for _ in range(SMALL_REQUESTS):
        began = time.perf_counter()
        url = f"{gateway.address}/db/{station.database}/_pull"
        async with session.post(url, json={}, headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()
        times.append(time.perf_counter() - began)
        await asyncio.sleep(SMALL_EACH_S)
    return times


async def _read_all(
    session: aiohttp.ClientSession, gateway: GatewayProcess, station: Station, stop: asyncio.Event
) -> None:
    """As a client that is out of order would: the whole feed with its documents, without end."""
    headers = {"Authorization": f"Bearer {gateway.token(station.aliases[0])}"}
    url = f"{gateway.address}/db/{station.database}/_changes?include_docs=true&limit=10000"
    while not stop.is_set():
        async with session.get(url, headers=headers) as answer:
            await answer.read()
            if not answer.ok:
                await asyncio.sleep(float(answer.headers["Retry-After"]))


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]
