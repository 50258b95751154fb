"""The seams at which documents get lost, each forced open: these fail when the order in the code is turned round."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from models.documents import RegisterDocument
from models.ids import QUARANTINE_DATABASE, office_scope
from models.setup import Setup, setup_of
from sync_api.access.accounts import Account, Session
from sync_api.app import utc_now
from sync_api.audit.log import AuditLog
from sync_api.held_events import Held, HeldEvents
from sync_api.replication.changes import read_changes
from sync_api.replication.feed import Feed
from sync_api.replication.feeds import Feeds
from sync_api.replication.longpoll import longpoll
from sync_api.replication.parking import answer_parked
from sync_api.replication.push import Push
from tests.city import report, small_register
from tests.unit.sync_api.upstream import Upstream

DATABASE = "d110-371724"
VILLAGE = "371724109217"
SCOPE = office_scope([VILLAGE])
FIRST, SECOND = (f"{VILLAGE}:report:i1:{name}" for name in "AB")


class Ear:
    """Hears what a feed tells."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._came = asyncio.Event()

    def hear(self, identity: str) -> None:
        self.heard.append(identity)
        self._came.set()

    async def until(self, identity: str) -> None:
        while identity not in self.heard:
            self._came.clear()
            await self._came.wait()


@asynccontextmanager
async def following(upstream: Upstream) -> AsyncIterator[tuple[Feed, Ear]]:
    feed, ear = Feed(upstream, DATABASE), Ear()
    feed.listen(ear.hear)
    task = asyncio.create_task(feed.run())
    try:
        async with asyncio.timeout(5):
            await feed.connected.wait()
            yield feed, ear
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def answer_of_longpoll(upstream: Upstream, feed: Feed, since: str) -> list[str]:
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event.get("body", b""))

    async def read() -> Any:
        return await read_changes(upstream, feed, SCOPE, since, 100)

    request: dict[str, Any] = {}
    await longpoll(feed, SCOPE, read, heartbeat_s=60, timeout_s=60)(request, receive, send)
    await answer_parked(request, send)
    return [row["id"] for row in json.loads(b"".join(sent))["results"]]


async def test_what_is_written_while_a_long_poll_reads_wakes_it() -> None:
    upstream = Upstream()
    async with following(upstream) as (feed, _):
        upstream.after_read = lambda: upstream.write(FIRST)
        assert await answer_of_longpoll(upstream, feed, "0") == [FIRST]


async def test_what_is_written_while_the_first_reading_goes_on_comes_afterwards() -> None:
    upstream = Upstream()
    upstream.write(SECOND)
    async with following(upstream) as (feed, _):
        upstream.after_read = lambda: upstream.write(FIRST)
        page = await read_changes(upstream, feed, SCOPE, "0", 100)
        assert [row.id for row in page.results] == [SECOND]
        page = await read_changes(upstream, feed, SCOPE, page.last_seq, 100)
        assert [row.id for row in page.results] == [FIRST]


async def test_a_feed_that_was_cut_goes_on_behind_the_last_row_it_saw() -> None:
    upstream = Upstream()
    async with following(upstream) as (feed, ear):
        upstream.write(FIRST)
        await ear.until(FIRST)
        await upstream.cut()
        assert not feed.connected.is_set()
        upstream.write(SECOND)
        assert await feed.attach(office_scope(["371725001001"])).wait(60)
        await ear.until(SECOND)
        assert ear.heard == [FIRST, SECOND]
        assert feed.log.holds("0") and feed.log.holds("1")


async def test_an_id_that_is_written_while_ids_are_learned_is_known() -> None:
    upstream = Upstream()
    async with following(upstream) as (feed, ear):
        upstream.after_read = lambda: upstream.write(FIRST)
        assert feed.may_hold(SECOND)  # nothing is surely absent before all is learned
        await feed.learn()
        await ear.until(FIRST)
        assert feed.may_hold(FIRST)
        assert not feed.may_hold(SECOND)


async def test_two_contents_of_one_id_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    upstream = Upstream()
    async with following(upstream) as (_, ear):
        upstream.write(FIRST)
        await ear.until(FIRST)
        assert not caplog.records
        upstream.rivals[SECOND] = "1-b"
        upstream.write(SECOND)
        await ear.until(SECOND)
    [record] = [one for one in caplog.records if one.levelname == "ERROR"]
    assert all(word in record.getMessage() for word in (SECOND, "1-a", "1-b"))


def _push_of(upstream: Upstream, told: list[str]) -> tuple[Push, Setup, Session]:
    """A door to an upstream for a village's informant, and what it tells."""

    async def tell(stored: Sequence[Held]) -> None:
        told.extend(document.id for document in stored)

    setup = setup_of(
        RegisterDocument(id="3717:register", csv=small_register(), watched_since=datetime.now(UTC).date()), None
    )
    audit = AuditLog(upstream, utc_now)
    push = Push(upstream, Feeds(upstream, None), None, utc_now, HeldEvents(), tell, audit, lambda _, __: None)
    return push, setup, Session(Account(alias="i0421", role="informant", divisions=(VILLAGE,)), "device")


async def test_a_refusal_is_told_when_it_lies_in_the_quarantine_and_not_before() -> None:
    upstream = Upstream()
    push, setup, session = _push_of(upstream, [])
    bad = Raw(msgspec.json.encode(report(VILLAGE, "i0421", indicator="9.9.9")))
    [row] = await push.take(session, setup, DATABASE, [bad])
    assert row.error == "forbidden"
    [kept] = upstream.saved[QUARANTINE_DATABASE]
    assert json.loads(kept)["document_id"] == row.id


async def test_what_was_stored_is_told_here_before_the_feed_brings_it() -> None:
    """The ledger has it for who asks next, even while the feed is cut."""
    told: list[str] = []
    push, setup, session = _push_of(Upstream(), told)
    sound = Raw(msgspec.json.encode(report(VILLAGE, "i0421")))
    for _ in range(2):  # pushed again, too: the first time the gateway may have died in between
        [row] = await push.take(session, setup, DATABASE, [sound])
        assert row.ok
        assert (told[0], told[1].split(":")[1]) == (row.id, "receipt")
        told.clear()
