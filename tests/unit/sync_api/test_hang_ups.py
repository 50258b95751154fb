"""Who hangs up is worked for no longer; a store that fails within a pull is said in its last line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from models.ids import Scope, office_scope
from sync_api.access.gate import ENDLESS, Watch
from sync_api.couch import IdRow
from sync_api.errors import StoreUnavailable
from sync_api.replication import pull as module
from sync_api.replication.changes import ChangesPage
from sync_api.replication.feed import Feed, Waiter
from sync_api.replication.flights import Flights
from sync_api.replication.longpoll import longpoll
from sync_api.replication.parking import answer_parked
from sync_api.replication.pull import Asked, encoded, encoder, pull
from tests.unit.sync_api.test_channel_log import FakeFeed
from tests.unit.sync_api.upstream import Upstream

VILLAGE = "371724109217"
SCOPE = office_scope([VILLAGE])
PAGE = 2


class Attached(Feed):
    """A feed that counts who waits at it."""

    def __init__(self) -> None:
        super().__init__(Upstream(), "d110-371724")
        self.here = 0

    def attach(self, scope: Scope, watch: Watch = ENDLESS) -> Waiter:
        self.here += 1
        return super().attach(scope, watch)

    def detach(self, waiter: Waiter) -> None:
        self.here -= 1
        super().detach(waiter)


class Client:
    """Asks by a long poll, and hangs up when told to."""

    def __init__(self) -> None:
        self.hung_up, self.answered = asyncio.Event(), asyncio.Event()
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)
        self.answered.set()

    async def ask(self, feed: Feed, read: Any) -> None:
        request: dict[str, Any] = {}
        await longpoll(feed, SCOPE, read, heartbeat_s=60, timeout_s=60)(request, self.receive, self.send)
        await answer_parked(request, self.send)


async def test_hanging_up_ends_a_long_poll_that_waits_and_nothing_more_is_read_for_it() -> None:
    feed, client, reads = Attached(), Client(), 0

    async def read() -> ChangesPage:
        nonlocal reads
        reads += 1
        return ChangesPage([], "0")

    asking = asyncio.create_task(client.ask(feed, read))
    async with asyncio.timeout(5):
        await client.answered.wait()
        assert feed.here == 1
        client.hung_up.set()
        await asking
    assert (reads, len(client.sent), feed.here) == (1, 1, 0)


class Failing(Upstream):
    """Falls after some pages; counts those that were asked for."""

    def __init__(self, pages_good: int) -> None:
        super().__init__()
        self.pages, self.pages_good = 0, pages_good
        for name in "ABCDEFGH":
            self.write(f"{VILLAGE}:report:i1:{name}")

    async def range_of(
        self, database: str, start: str, end: str, limit: int | None = None, include_docs: bool = False
    ) -> list[IdRow]:
        self.pages += 1
        if self.pages > self.pages_good:
            raise StoreUnavailable("the store fell")
        return await super().range_of(database, start, end, limit, include_docs)


@asynccontextmanager
async def no_turns(_: bool) -> AsyncIterator[None]:
    yield


async def lines_of(upstream: Upstream, asked: Asked, done: Callable[[], None]) -> Sequence[dict[str, Any]]:
    """What a tablet reads of a pull."""
    pages = pull(upstream, FakeFeed(upstream, 100), SCOPE, [VILLAGE], asked, PAGE)
    first, (_, encode) = await anext(pages), encoder("")
    content = encoded(first, pages, encode, no_turns, Flights().begin("z109"), done)
    return [json.loads(line) async for piece in content for line in piece.splitlines()]


@pytest.mark.parametrize("pages_good", [0, 1, 3])
async def test_a_store_that_falls_within_a_pull_is_said_in_the_last_line_and_the_next_pull_goes_on(
    pages_good: int,
) -> None:
    upstream, ended = Failing(pages_good), list[bool]()
    *came, last = await lines_of(upstream, Asked(), lambda: ended.append(True))
    assert (last["error"], last["code"]) == ("service_unavailable", "store_unavailable")
    held = [line["_id"] for line in came if "_id" in line]
    assert len(held) == pages_good * PAGE
    assert not [line for line in came if "done" in line]
    assert not ended, "a pull that was cut is noted as a success"
    upstream.pages_good = 100
    since = next((line["since"] for line in reversed(came) if "since" in line), "")
    following = await lines_of(upstream, Asked(came[0]["epoch"], since), lambda: ended.append(True))
    assert (following[-1]["done"], ended) == (True, [True])
    assert sorted([*held, *(line["_id"] for line in following if "_id" in line)]) == sorted(upstream.revisions)


async def test_a_pull_that_is_hung_up_on_reads_no_further_page_and_is_no_longer_under_way() -> None:
    upstream, flights = Failing(100), Flights()
    pages = pull(upstream, FakeFeed(upstream, 100), SCOPE, [VILLAGE], Asked(), PAGE)
    first, (_, encode) = await anext(pages), encoder("")
    flight = flights.begin("z109", "tablet", "d110-371724")
    content = encoded(first, pages, encode, no_turns, flight, lambda: None)
    for _ in range(3):  # the head, the lights, a page
        await anext(content)
    read = upstream.pages
    await content.aclose()
    assert upstream.pages == read < len(upstream.revisions) // PAGE
    assert not flights._last


async def test_a_pull_gives_way_once_it_is_no_small_one_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first pages take their turns among all, the others among those who read much."""
    monkeypatch.setattr(module, "SMALL_LINES", 2 * PAGE)
    upstream, turns = Failing(100), list[bool]()

    @asynccontextmanager
    async def turn(is_much: bool) -> AsyncIterator[None]:
        turns.append(is_much)
        yield

    pages = pull(upstream, FakeFeed(upstream, 100), SCOPE, [VILLAGE], Asked(), PAGE)
    first, (_, encode) = await anext(pages), encoder("")
    sent = [
        len(piece.splitlines())
        async for piece in encoded(first, pages, encode, turn, Flights().begin("z109"), lambda: None)
    ]
    assert sum(sent) > 4 * PAGE
    assert turns == sorted(turns)
    assert {True, False} == set(turns)
