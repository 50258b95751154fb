"""For any interleaving of writes, cuts and changes of scope, a tablet that keeps pulling ends with exactly the
documents of its scope, and is never sent a foreign one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from models.ids import Scope, informant_scope, office_scope
from sync_api.replication.pull import Asked, pull
from tests.unit.sync_api.test_channel_log import SCOPES, VILLAGES, FakeFeed, ids
from tests.unit.sync_api.upstream import Upstream

PAGE = 3
GRANTS = (*SCOPES, Scope.of([]), informant_scope(VILLAGES[0], "i1", "t1"))


class Tablet:
    """Takes an answer line by line, as far as the line carries."""

    def __init__(self) -> None:
        self.asked, self.held = Asked(), dict[str, str]()

    async def pull(self, upstream: Upstream, feed: FakeFeed, scope: Scope, lines_max: int = 10_000) -> bool:
        came = 0
        async for lines in pull(upstream, feed, scope, VILLAGES, self.asked, PAGE):
            for line in lines:
                came += 1
                if came > lines_max:
                    return False
                if self._take(json.loads(line), scope):
                    self.asked.holds = list(scope.prefixes)
                    return True
        return False

    def _take(self, content: dict[str, object], scope: Scope) -> bool:
        if "epoch" in content:
            if self.asked.epoch != content["epoch"]:
                self.asked, self.held = Asked(epoch=str(content["epoch"])), {}
            self.held = {identity: rev for identity, rev in self.held.items() if scope.allows(identity)}
            self.asked.holds = [prefix for prefix in self.asked.holds if scope.allows(prefix)]
        elif "since" in content:
            self.asked.since = str(content["since"])
        else:
            assert scope.allows(str(content["_id"]))
            self.held[str(content["_id"])] = str(content["_rev"])
        return "done" in content


steps = st.one_of(
    st.tuples(st.just("write"), ids),
    st.tuples(st.just("deliver"), st.integers(0, 5)),
    st.tuples(st.just("pull"), st.integers(0, 12)),
    st.tuples(st.just("write while reading"), ids),
    st.tuples(st.just("grant"), st.sampled_from(GRANTS)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("reset"), st.none()),
)


async def play(script: Sequence[tuple[str, object]], scope: Scope, kept: int) -> None:
    upstream, tablet = Upstream(), Tablet()
    feed = FakeFeed(upstream, kept)
    for step, argument in script:
        if step == "write":
            upstream.write(str(argument))
        elif step == "deliver":
            feed.deliver(int(str(argument)))
        elif step == "pull":
            await tablet.pull(upstream, feed, scope, int(str(argument)))
        elif step == "write while reading":
            upstream.after_read = partial(upstream.write, str(argument))
        elif step == "grant":
            assert isinstance(argument, Scope)
            scope = argument
        elif step == "restart":
            feed.restart()
        else:
            upstream = Upstream()
            upstream.epoch = f"epoch-{id(upstream)}"
            feed = FakeFeed(upstream, kept)
    feed.deliver(len(upstream.history))
    assert await tablet.pull(upstream, feed, scope)
    feed.deliver(len(upstream.history))
    assert await tablet.pull(upstream, feed, scope)
    expected = {i: f"{r}-a" for i, r in upstream.revisions.items() if scope.allows(i)}
    assert tablet.held == expected


@settings(max_examples=400, deadline=None)
@given(st.lists(steps, max_size=60), st.sampled_from(GRANTS), st.integers(1, 8))
def test_a_tablet_that_keeps_pulling_ends_with_exactly_its_documents(
    script: list[tuple[str, object]], scope: Scope, kept: int
) -> None:
    asyncio.run(play(script, scope, kept))


async def test_lights_come_first_and_a_wider_scope_brings_only_what_is_new() -> None:
    upstream, tablet = Upstream(), Tablet()
    for village in VILLAGES[:3]:
        for tail in ("lights", "report:i1:A", "round:a1:A"):
            upstream.write(f"{village}:{tail}")
    feed = FakeFeed(upstream, 100)
    assert await tablet.pull(upstream, feed, office_scope([VILLAGES[0]]))
    assert next(iter(tablet.held)).endswith(":lights")
    had = set(tablet.held)
    came = [
        line async for lines in pull(upstream, feed, office_scope(["371724"]), VILLAGES, tablet.asked) for line in lines
    ]
    new = [json.loads(line)["_id"] for line in came if b'"_id"' in line]
    assert [identity.endswith(":lights") for identity in new[:3]] == [True, True, True]
    # the wider prefix is not held whole, so its part that was held comes again, and nothing is missing
    assert had | set(new) == set(upstream.revisions)


async def test_a_first_reading_that_was_cut_begins_anew_when_the_scope_is_another() -> None:
    upstream, tablet = Upstream(), Tablet()
    for village in VILLAGES[:3]:
        for name in "ABCDE":
            upstream.write(f"{village}:report:i1:{name}")
    feed = FakeFeed(upstream, 100)
    assert not await tablet.pull(upstream, feed, office_scope([VILLAGES[1]]), lines_max=5)
    assert await tablet.pull(upstream, feed, office_scope([VILLAGES[0]]))
    assert set(tablet.held) == {f"{VILLAGES[0]}:report:i1:{name}" for name in "ABCDE"}
