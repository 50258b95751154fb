"""For any interleaving of writes, feed lag, restarts, forgetting and paging, a tablet that keeps asking ends with
exactly the documents of its scope."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ids import Scope, office_scope
from sync_api.replication.changes import read_changes
from sync_api.replication.channel_log import ChannelLog
from tests.unit.sync_api.upstream import Upstream, row_of

VILLAGES = ("371724109217", "371724109218", "371724110001", "371725001001")
SCOPES = (
    office_scope(["371724109217"]),
    office_scope(["371724109"]),
    office_scope(["371724"]),
    Scope.of(["371724109217:lights", "371724110001:report:i1:"]),
)


class FakeFeed:
    """The feed's part that ``read_changes`` uses, delivered by hand."""

    database = "d110-371724"

    def __init__(self, upstream: Upstream, kept: int) -> None:
        self._upstream, self._kept = upstream, kept
        self.connected = asyncio.Event()
        self.restart()

    def restart(self) -> None:
        self.log = ChannelLog(self._kept)
        self._delivered = len(self._upstream.history)
        self.log.begin(f"{self._delivered}")
        self.connected.set()

    def cut(self) -> None:
        self.connected.clear()

    def deliver(self, count: int) -> None:
        self.connected.set()
        for change in self._upstream.history[self._delivered : self._delivered + count]:
            self.log.append(row_of(change))
            self._delivered += 1

    async def settle(self, _: Scope) -> None:
        return


class Tablet:
    def __init__(self, scope: Scope) -> None:
        self.scope, self.since = scope, "0"
        self.held: dict[str, str] = {}

    async def ask(self, upstream: Upstream, feed: FakeFeed, limit: int) -> int:
        page = await read_changes(upstream, feed, self.scope, self.since, limit)
        for row in page.results:
            assert self.scope.allows(row.id)
            self.held[row.id] = msgspec.json.decode(row.changes)[0]["rev"]
        # PouchDB goes on from the last row's sequence, or from last_seq at the end
        self.since = msgspec.json.decode(page.results[-1].seq) if len(page.results) == limit else page.last_seq
        return len(page.results)


ids = st.builds(
    lambda village, tail: f"{village}:{tail}",
    st.sampled_from(VILLAGES[:3]),
    st.sampled_from(["lights", "report:i1:A", "report:i1:B", "report:i2:A", "round:a1:A"]),
)
steps = st.one_of(
    st.tuples(st.just("write"), ids),
    st.tuples(st.just("deliver"), st.integers(0, 5)),
    st.tuples(st.just("ask"), st.integers(1, 4)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("cut"), st.none()),
)


async def play(script: Sequence[tuple[str, object]], scope: Scope, kept: int) -> None:
    upstream = Upstream()
    feed, tablet = FakeFeed(upstream, kept), Tablet(scope)
    for step, argument in script:
        if step == "write":
            upstream.write(str(argument))
        elif step == "deliver":
            feed.deliver(int(str(argument)))
        elif step == "ask":
            await tablet.ask(upstream, feed, int(str(argument)))
        else:
            getattr(feed, step)()
    feed.deliver(len(upstream.history))
    for _ in range(len(upstream.history) + 2):
        await tablet.ask(upstream, feed, 3)
    expected = {i: f"{r}-a" for i, r in upstream.revisions.items() if scope.allows(i)}
    assert tablet.held == expected


@settings(max_examples=400, deadline=None)
@given(st.lists(steps, max_size=60), st.sampled_from(SCOPES), st.integers(1, 8))
def test_a_tablet_that_keeps_asking_ends_with_exactly_its_documents(
    script: list[tuple[str, object]], scope: Scope, kept: int
) -> None:
    asyncio.run(play(script, scope, kept))


def filled(count: int, kept: int = 100) -> ChannelLog:
    log = ChannelLog(kept)
    log.begin("0")
    for number in range(1, count + 1):
        log.append(row_of((number, f"{VILLAGES[number % 3]}:round:a1:{number}", 1)))
    return log


def test_the_log_is_bounded_and_says_what_it_no_longer_holds() -> None:
    log = filled(1_000, kept=100)
    assert not log.holds("0")
    assert not log.holds("700")
    assert log.holds("1000")
    oldest = next(n for n in range(1_001) if log.holds(f"{n}"))
    assert 1_000 - 2 * 100 <= oldest <= 1_000 - 100
    rows, last = log.after(f"{oldest}", SCOPES[2], 10_000)
    assert (len(rows), last) == (1_000 - oldest, "1000")


def test_an_unknown_sequence_is_not_guessed_at() -> None:
    log = filled(10)
    assert not log.holds("11")
    with pytest.raises(KeyError):
        log.after("11", SCOPES[0], 10)


def test_a_document_that_changed_twice_is_told_once_with_its_last_revision() -> None:
    log = ChannelLog()
    log.begin("0")
    for number, revision in ((1, 1), (2, 2), (3, 3)):
        log.append(row_of((number, f"{VILLAGES[0]}:lights", revision)))
    rows, _ = log.after("0", SCOPES[0], 10)
    assert [bytes(row.changes) for row in rows] == [b'[{"rev":"3-a"}]']
    rows, last = log.after("3", SCOPES[0], 10)
    assert (rows, last) == ([], "3")


def test_what_others_write_moves_the_sequence_on_but_costs_no_row() -> None:
    log = filled(10)
    rows, last = log.after("0", office_scope(["371725"]), 10)
    assert (rows, last) == ([], "10")
