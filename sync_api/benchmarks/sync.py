"""``d110 bench sync``: the tablet's client through the gateway, beside a stock PouchDB on the store itself, both in one
Chromium and over one thin line; and what costs the gateway."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from ulid import ULID

from models.figures import Figure, limit, share, times_faster
from sync_api.benchmarks import PARTS
from sync_api.benchmarks.crowd import measure_crowd
from sync_api.benchmarks.live import measure_live
from sync_api.benchmarks.process import GatewayProcess
from sync_api.benchmarks.push import measure_push
from sync_api.benchmarks.station import Station, documents, serving_station, write
from sync_api.benchmarks.thin_line import ThinLine
from sync_api.couch import Couch
from sync_api.embedded.launcher import find_node

DOCUMENTS: Final = 12_000
CATCH_UP: Final = 506
#: Documents a user may hold.
HELD: Final = (DOCUMENTS, 58_000, 250_000)
#: Pulls without news at each; the first ones, which open a connection and fill what is remembered, do not count.
NO_OP_WARM_UP: Final = 10
NO_OP_REPEATS: Final = 40
ROUND_TRIP_S: Final = 0.3
BITS_PER_S: Final = 1e6
WAIT_MS_MAX: Final = 900_000
WEB: Final = Path(__file__).parents[1] / "web"
POUCHDB: Final = Path(__file__).parents[1] / "embedded" / "node_modules" / "pouchdb" / "dist" / "pouchdb.min.js"

Say = Callable[[str], None]

_OURS: Final = """async ([alias, database, token, divisions]) => {
    const began = performance.now();
    const send = (input, init = {}) =>
        fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
    window.vault ??= await tablet.Vault.make(alias, '271828');
    const store = (window.store ??= new tablet.Store(window.vault, database));
    await store.prepare();
    let first;
    const feed = store.db.changes({ live: true, since: 'now' });
    feed.on('change', () => { first ??= performance.now() - began; });
    let done;
    const isDone = new Promise((resolve) => { done = resolve; });
    const session = {
        fetchOf: () => send, hasLapsed: { value: false }, clockOffsetMs: 0, reread: async () => {},
    };
    const account = { alias, divisions };
    // done when all that was written here is receipted, too
    const pulled = async () => { if (!(await store.outbox()).waiting.length) done(); };
    const sync = new tablet.Synchroniser(
        store, session, account, () => [], () => 0, pulled, async () => false,
    );
    sync.start();
    await isDone;
    const seconds = (performance.now() - began) / 1000;
    sync.stop();
    feed.cancel();
    const { doc_count: held } = await store.db.info();
    const { waiting } = await store.outbox();
    return { seconds, first: first / 1000, held, waiting: waiting.length };
}"""
_STOCK: Final = """async ([database, url, options]) => {
    const began = performance.now();
    const db = (window.dbs ??= {})[database] ??= new PouchDB(database);
    await db.sync(url, options);
    const { doc_count: held } = await db.info();
    return { seconds: (performance.now() - began) / 1000, held };
}"""
_WRITE_OURS: Final = "async (events) => { for (const event of events) await window.store.save(event); }"
_WRITE_STOCK: Final = "async ([database, events]) => { await window.dbs[database].bulkDocs(events); }"


@dataclass
class Run:
    """One transfer: seconds, requests, bytes over the line both ways, documents held in the end."""

    seconds: float
    requests: int
    down: int
    up: int
    held: int
    first: float = 0.0


def measure_sync(
    open_store: Any, folder: Path, chromium: str, flags: list[str], say: Say, parts: Collection[str] = PARTS
) -> list[Figure]:
    """The figures of some ``PARTS``; ``folder`` is a place for what is thrown away."""
    client = folder / "client.js"
    subprocess.run([find_node(), Path(__file__).with_name("client.mjs"), WEB, client], check=True)
    with open_store(folder / "store") as store_url, serving_station(store_url, folder, DOCUMENTS) as served:
        gateway, station = served
        return [
            *(_transfers(gateway, station, client, chromium, flags, say) if "transfers" in parts else []),
            *(_no_ops(gateway, station, say) if "no-ops" in parts else []),
            *(measure_push(gateway, station) if "push" in parts else []),
            *(measure_crowd(gateway, station) if "crowd" in parts else []),
            *(measure_live(gateway, station, say) if "live" in parts else []),
        ]


def _transfers(
    gateway: GatewayProcess, station: Station, client: Path, chromium: str, flags: list[str], say: Say
) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        say("首次同步，平板 / first sync, the tablet's client")
        with _page(browser, gateway.address, client) as ours:
            alias = station.aliases[0]
            asked = [alias, station.database, gateway.token(alias), list(station.villages)]
            first = ours.run(_OURS, asked)
            say("追赶，平板 / catch-up, the tablet's client")
            _write_in_store(station, "A")
            ours.page.evaluate(_WRITE_OURS, _own_events(station, "B"))
            late = ours.run(_OURS, asked)
            none = ours.run(_OURS, asked)
        say("首次同步，原版 PouchDB，每批 1000 / first sync, stock PouchDB, batches of 1000")
        with _page(browser, station.store_url, POUCHDB) as stock:
            wide = stock.run(_STOCK, ["wide", stock.url(station.database), {"batch_size": 1000}])
        say("首次同步，原版 PouchDB（需数分钟）/ first sync, stock PouchDB (takes minutes)")
        with _page(browser, station.store_url, POUCHDB) as stock:
            plain = stock.run(_STOCK, ["plain", stock.url(station.database), {}])
            _write_in_store(station, "C")
            stock.page.evaluate(_WRITE_STOCK, ["plain", _own_events(station, "D")])
            stock_late = stock.run(_STOCK, ["plain", stock.url(station.database), {}])
        browser.close()
    bytes_s = first.down * 8 / BITS_PER_S + ROUND_TRIP_S
    return [
        share("first_sync", first.seconds, "s", plain.seconds, 1 / 15),
        times_faster("first_sync_vs_stock_in_batches_of_1000", first.seconds, "s", wide.seconds),
        limit("first_sync_requests", first.requests, "requests", 3),
        share("first_sync_vs_time_of_its_bytes", first.seconds, "s", bytes_s, 1.2),
        limit("first_sync_first_documents", first.first, "s", 2),
        times_faster("first_sync_bytes", first.down, "B", plain.down),
        limit("catch_up_requests", late.requests, "requests", 10),
        times_faster("catch_up_requests_vs_stock", late.requests, "requests", stock_late.requests),
        times_faster("catch_up", late.seconds, "s", stock_late.seconds),
        limit("no_op_requests", none.requests, "requests", 2),
    ]


class _Page:
    """A page of Chromium at the far end of a thin line."""

    def __init__(self, page: Any, line: ThinLine, address: str) -> None:
        self.page, self._line, self._address = page, line, address
        self._requests = 0
        page.on("request", lambda _: self._count())

    def _count(self) -> None:
        self._requests += 1

    def url(self, database: str) -> str:
        return f"{self._address}/{database}"

    def run(self, script: str, arguments: list[Any]) -> Run:
        self._requests, down, up = 0, self._line.down.carried, self._line.up.carried
        got = self.page.evaluate(script, arguments)
        if got.get("waiting"):
            raise RuntimeError(f"{got['waiting']} events were not receipted")
        carried = self._line.down.carried - down, self._line.up.carried - up
        return Run(got["seconds"], self._requests, *carried, got["held"], got.get("first", 0.0))


@contextmanager
def _page(browser: Any, address: str, script: Path) -> Iterator[_Page]:
    parts = urlsplit(address)
    line = ThinLine(parts.port or 80, ROUND_TRIP_S, BITS_PER_S)
    with _open_line(line) as port:
        credentials = f"{parts.username}:{parts.password}@" if parts.username else ""
        context = browser.new_context(bypass_csp=True)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS_MAX)
        origin = f"http://{credentials}127.0.0.1:{port}"
        page.goto(f"{origin}/db")  # any page of that origin: what is measured is asked for by the script alone
        page.add_script_tag(path=script)
        yield _Page(page, line, origin)
        context.close()


@contextmanager
def _open_line(line: ThinLine) -> Iterator[int]:
    """The line, in a thread of its own; gives its port."""
    loop, opened, closing, ports = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), list[int]()

    async def carry() -> None:
        async with line.open() as port:
            ports.append(port)
            opened.set()
            await closing.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(carry()), name="thin-line")
    thread.start()
    opened.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()
        loop.close()


def _write_in_store(station: Station, mark: str) -> None:
    """What others wrote while the tablet was away."""
    events = [_report(station, number, "informant", mark) for number in range(CATCH_UP // 2)]
    answer = httpx.post(f"{station.store_url}/{station.database}/_bulk_docs", json={"docs": events}, timeout=60)
    answer.raise_for_status()


def _own_events(station: Station, mark: str) -> list[dict[str, Any]]:
    """What the tablet's user wrote meanwhile."""
    return [_report(station, number, station.aliases[0], mark) for number in range(CATCH_UP - CATCH_UP // 2)]


def _report(station: Station, number: int, author: str, mark: str) -> dict[str, Any]:
    at = datetime.now(UTC)
    village = station.villages[number % len(station.villages)]
    return {
        "_id": f"{village}:report:{author}:{ULID.from_datetime(at)}",
        "type": "report",
        "observed_at": at.isoformat(),
        "saved_at": at.isoformat(),
        "indicator": "4.2.1",
        "severity": "minor",
        "text": f"测量用的第 {number} 条（{mark}）：村务公开栏三个月没有更新。",
    }


def _no_ops(gateway: GatewayProcess, station: Station, say: Say) -> list[Figure]:
    """A pull that brings nothing, by how much is held; the smallest is the reference of the others."""
    seconds: dict[int, float] = {}
    headers = {"Authorization": f"Bearer {gateway.token(station.aliases[0])}"}
    path = f"/db/{station.database}/_pull"
    held = DOCUMENTS
    with httpx.Client(base_url=gateway.address, headers=headers, timeout=300) as client:
        for size in HELD:
            say(f"无更新的同步，已有 {size} 份 / a sync without news, {size} documents held")
            if size > held:
                asyncio.run(_grow(station, held, size))
                held = size
            lines = client.post(path, json={}).text.splitlines()
            head, end = json.loads(lines[0]), json.loads(lines[-1])
            asked = {"epoch": head["epoch"], "since": end["since"], "holds": head["scope"]}
            seconds[size] = _median_s(client, path, asked)
    smallest = seconds[HELD[0]]
    return [share(f"no_op_{size}_held", seconds[size], "s", smallest, 1.5) for size in HELD[1:]]


async def _grow(station: Station, held: int, size: int) -> None:
    async with Couch(station.store_url) as couch:
        bodies = documents(size, station.villages)
        for _ in range(held):
            next(bodies)
        await write(couch, station.database, bodies)


def _median_s(client: httpx.Client, path: str, asked: dict[str, Any]) -> float:
    times = []
    for _ in range(NO_OP_WARM_UP + NO_OP_REPEATS):
        began = time.perf_counter()
        answer = client.post(path, json=asked)
        times.append(time.perf_counter() - began)
        if len(answer.text.splitlines()) != 2:
            raise RuntimeError("a sync without news brought news")
    return statistics.median(times[NO_OP_WARM_UP:])
