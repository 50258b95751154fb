"""A client that hangs up: what the gateway was asking the store for it is given up, and so is its turn."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiohttp import ClientSession, web

from sync_api.access.admission import AT_ONCE_A_USER, WAITING_MAX
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.replication.parking import PREPARED_AT_ONCE
from tests.city import DIANHUTUN, City, Clock, bulk, fill, report, running_gateway, small_register, wait_until_healthy

DB = "/db/d110-371724"
#: Bounds a failure; it is noticed within milliseconds.
NOTICED_S_MAX = 10.0


class SlowStore:
    """Stands between gateway and store, and keeps whoever asks for ``held`` waiting. ``left`` says that the gateway has
    hung up on it; ``is_cut`` lets it hang up on the gateway."""

    def __init__(self, store_url: str) -> None:
        self._store_url = store_url
        self.url = ""
        self.held: str | None = None
        self.is_cut = False
        self.waiting, self.left = threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        assert self._ready.wait(NOTICED_S_MAX)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join()

    async def _serve(self) -> None:
        application = web.Application(client_max_size=10**8)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        async with ClientSession() as self._session:
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._end.wait()
            await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.held is not None and self.held in request.path_qs:
            await self._keep_waiting(request)
        headers = {"Content-Type": "application/json"}
        url = self._store_url + request.raw_path
        async with self._session.request(request.method, url, data=body, headers=headers) as upstream:
            answer = web.StreamResponse(status=upstream.status, headers=headers)
            await answer.prepare(request)
            async for chunk in upstream.content.iter_any():
                await answer.write(chunk)
            return answer

    async def _keep_waiting(self, request: web.Request) -> None:
        if self.is_cut and request.transport is not None:
            request.transport.abort()
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()

    def hold(self, held: str | None, *, is_cut: bool = False) -> None:
        self.held, self.is_cut = held, is_cut
        self.waiting.clear()
        self.left.clear()


@pytest.fixture(scope="module")
def slow_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, SlowStore]]:
    folder, secret = tmp_path_factory.mktemp("city"), token_hex(32)
    with EmbeddedStore(folder / "store") as store:
        fill(store.url, small_register(), datetime.now(UTC).date())
        slow = SlowStore(store.url)
        with slow.serving(), running_gateway(slow.url, clock := Clock(), folder, secret) as url:
            wait_until_healthy(url)
            city = City(store, url, clock, secret)
            city.add_account("z109", "station", DIANHUTUN[:9])
            documents = [report(DIANHUTUN, "z109") for _ in range(20)]
            assert all(row["ok"] for row in city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(*documents)).json())
            yield city, slow
            city.close()


def ask(city: City, method: str, path: str, body: Any = None) -> socket.socket:
    """A request on a line of its own, whose answer nobody waits for."""
    parts, content = urlsplit(city.url), json.dumps(body).encode() if body is not None else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: {city.client('z109').headers['authorization']}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    line = socket.create_connection((parts.hostname or "", parts.port or 0))
    line.sendall(head.encode() + content)
    return line


@pytest.mark.parametrize(
    ("method", "path", "body", "held"),
    [
        ("POST", f"{DB}/_pull", {}, "include_docs=true"),
        ("POST", f"{DB}/_bulk_get", {"docs": [{"id": f"{DIANHUTUN}:lights"}]}, "_bulk_get"),
        ("GET", f"{DB}/_changes?since=0&limit=100", None, "_all_docs"),
        ("GET", f"{DB}/_changes?since=0", None, "_all_docs"),
        ("GET", f"{DB}/_changes?feed=longpoll&since=0", None, "_all_docs"),
        ("GET", f"{DB}/_changes?feed=continuous&since=0&timeout=60000", None, "_all_docs"),
    ],
)
def test_what_is_asked_of_the_store_ends_when_the_client_hangs_up(
    slow_city: tuple[City, SlowStore], method: str, path: str, body: Any, held: str
) -> None:
    city, slow = slow_city
    for _ in range(AT_ONCE_A_USER + 1):  # more than have a turn at once: each gives its own back
        slow.hold(held)
        line = ask(city, method, path, body)
        assert slow.waiting.wait(NOTICED_S_MAX)
        assert not slow.left.is_set()
        line.close()
        assert slow.left.wait(NOTICED_S_MAX)
    slow.hold(None)
    assert city.client("z109").post(f"{DB}/_pull", json={}).text.count('"type":"report"') == 20


def test_a_store_that_falls_inside_a_pull_is_said_in_the_last_line(slow_city: tuple[City, SlowStore]) -> None:
    city, slow = slow_city
    slow.hold("include_docs=true", is_cut=True)
    answer = city.client("z109").post(f"{DB}/_pull", json={})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.status_code == 200
    assert "epoch" in lines[0]
    assert (lines[-1]["error"], lines[-1]["code"]) == ("service_unavailable", "store_unavailable")
    assert not any(line.get("done") for line in lines)
    slow.hold(None)
    following = httpx.post(f"{city.url}{DB}/_pull", json={}, headers=city.client("z109").headers)
    assert json.loads(following.text.splitlines()[-1])["done"]


def test_one_who_asks_for_ever_more_keeps_nobody_else_from_the_feed(slow_city: tuple[City, SlowStore]) -> None:
    city, slow = slow_city
    city.add_account("z110", "station", DIANHUTUN[:9])
    neighbour = city.client("z110")
    since = neighbour.get(f"{DB}/_changes", params={"since": "now"}).json()["last_seq"]
    slow.hold("_all_docs")
    lines = [ask(city, "GET", f"{DB}/_changes?since=0") for _ in range(PREPARED_AT_ONCE + WAITING_MAX)]
    assert slow.waiting.wait(NOTICED_S_MAX)
    try:
        answer = neighbour.get(f"{DB}/_changes", params={"since": since, "limit": 1}, timeout=NOTICED_S_MAX)
        assert answer.json()["results"] == []
        refused = lines[-1].recv(4_096)  # more than any client needs, and so told
        assert refused.startswith(b"HTTP/1.1 429")
        assert b"retry-after" in refused
    finally:
        for line in lines:
            line.close()
        slow.hold(None)
