"""Lights after a push are those of all events in the store, and no event is read twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from models import calendar
from models.catalogue import default_catalogue
from models.documents import Event, LightsDocument, decode_document
from models.policy import default_policy
from models.village import Rulebook, lights_of_documents
from sync_api.board import lights as module
from sync_api.board.lights import LightKeeper
from sync_api.couch import IdRow, RevValue, Saved
from sync_api.held_events import HeldEvents
from tests.event_documents import MARCH_FIRST_MS, NEIGHBOUR, VILLAGE, report, visit

NOW = datetime.fromtimestamp(MARCH_FIRST_MS / 1000, UTC) + timedelta(days=20)
VILLAGES = (VILLAGE, NEIGHBOUR)
TODAY = calendar.local_day(NOW)
RULEBOOK = Rulebook(default_catalogue(), default_policy(), watched_since=TODAY - 400, is_simulated=False)
YES_NO = next(one.code for one in RULEBOOK.catalogue.indicators if one.kind == "yesno")


class Store:
    """A store of documents by id that counts the bodies it gives."""

    rulebook = RULEBOOK  # it stands for the set-up, too

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.read: list[str] = []
        self.listed: list[str] = []
        self.written = asyncio.Event()
        self.after_listing: Callable[[], object] = int
        self._writes = 0

    async def setup(self) -> Store:
        return self

    def put(self, document: dict[str, Any]) -> Event:
        body = msgspec.json.encode(document)
        self.documents[document["_id"]] = body
        event = decode_document(body)
        assert isinstance(event, Event)
        return event

    async def range_of(self, _: str, start: str, end: str, include_docs: bool = False) -> list[IdRow]:
        self.listed.append(start)
        found = [self._row(i, include_docs) for i in sorted(self.documents) if start <= i < end]
        self.after_listing()
        return found

    async def rows_of(self, _: str, ids: Sequence[str], include_docs: bool = False) -> list[IdRow]:
        return [self._row(i, include_docs) for i in ids]

    async def bulk_docs(self, _: str, documents: Sequence[bytes], new_edits: bool) -> list[Saved]:
        for body in documents:
            self._writes += 1
            content = msgspec.json.decode(body) | {"_rev": f"{self._writes}-a"}
            self.documents[content["_id"]] = msgspec.json.encode(content)
        self.written.set()
        return [Saved(id=json["_id"], rev=json["_rev"]) for json in map(self._held, documents)]

    def _held(self, body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.documents[msgspec.json.decode(body)["_id"]])
        return found

    def _row(self, identity: str, include_docs: bool) -> IdRow:
        if identity not in self.documents:
            return IdRow(key=identity, error="not_found")
        if not include_docs:
            return IdRow(id=identity, key=identity, value=RevValue(rev="1-a"))
        self.read.append(identity)
        return IdRow(id=identity, key=identity, value=RevValue(rev="1-a"), doc=Raw(self.documents[identity]))

    def lights(self, village: str) -> LightsDocument:
        found = decode_document(self.documents[f"{village}:lights"])
        assert isinstance(found, LightsDocument)
        return found

    def right_lights(self) -> list[str]:
        events = [e for e in map(decode_document, self.documents.values()) if isinstance(e, Event)]
        return [one.lights for one in lights_of_documents(VILLAGES, events, RULEBOOK, TODAY)]


def keeper_of(store: Any, held: HeldEvents) -> LightKeeper:
    return LightKeeper(store, store, held, lambda: NOW)


#: A village, the day of a report, how bad it is, or of a round, what it says, and whether this gateway took it (or
#: another one).
writes = st.lists(
    st.tuples(
        st.sampled_from(VILLAGES),
        st.integers(0, 15),
        st.sampled_from(["minor", "general", "major", True, False]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("held_max", [0, 2, 20_000])
@given(writes=writes)
async def test_lights_are_those_of_all_events_whoever_took_them(
    writes: list[tuple[str, int, str | bool, bool]], held_max: int
) -> None:
    store, held = Store(), HeldEvents(held_max)
    keeper = keeper_of(store, held)
    for number, (village, day, said, is_ours) in enumerate(writes):
        if isinstance(said, str):
            event = store.put(report(village, day, "3.1.1", said, number))
        else:
            event = store.put(visit(village, day, {YES_NO: said}, number))
        if is_ours:
            held.hold([event])
            keeper.touch([event.id])
        else:
            keeper.hear(event.id)
        await keeper.recompute(VILLAGES)
        assert [store.lights(code).lights for code in VILLAGES] == store.right_lights()


async def test_an_event_is_read_once_and_a_village_that_is_known_is_not_listed_again() -> None:
    store, held = Store(), HeldEvents()
    keeper = keeper_of(store, held)
    for number in range(5):
        store.put(report(VILLAGE, number, "3.1.1", "minor", number))
    await keeper.recompute([VILLAGE])
    assert len(store.read) == 5
    store.read.clear()
    store.listed.clear()
    event = store.put(report(VILLAGE, 6, "3.1.2", "major", 6))
    held.hold([event])
    keeper.touch([event.id])
    await keeper.recompute([VILLAGE])
    assert store.read == []
    foreign = store.put(report(VILLAGE, 7, "3.1.2", "major", 7))
    keeper.hear(foreign.id)
    await keeper.recompute([VILLAGE])
    assert (store.read, store.listed) == ([foreign.id], [])
    assert store.lights(VILLAGE).lights == store.right_lights()[0]


async def test_what_a_store_that_was_put_back_has_lost_has_no_say() -> None:
    store, held = Store(), HeldEvents()
    keeper = keeper_of(store, held)
    event = store.put(report(VILLAGE, 6, "3.1.1", "major", 6))
    held.hold([event])
    keeper.touch([event.id])
    await keeper.recompute(VILLAGES)
    lost = store.lights(VILLAGE).lights
    del store.documents[event.id]
    keeper.hear_connected("d110-371724")
    await keeper.recompute(VILLAGES)
    assert store.lights(VILLAGE).lights == store.right_lights()[0] != lost


async def test_what_comes_while_a_village_is_read_counts() -> None:
    store, held = Store(), HeldEvents()
    keeper = keeper_of(store, held)
    store.put(report(VILLAGE, 1, "3.1.1", "minor", 1))

    def meanwhile() -> None:
        keeper.hear(store.put(report(VILLAGE, 2, "3.1.2", "major", 2)).id)

    store.after_listing = meanwhile
    await keeper.recompute([VILLAGE])
    assert store.lights(VILLAGE).lights == store.right_lights()[0]


async def test_of_two_keepers_the_one_that_is_overtaken_reads_again() -> None:
    store = Store()
    keepers = [keeper_of(store, HeldEvents()) for _ in range(2)]
    for keeper in keepers:
        await keeper.recompute([VILLAGE])
    for number, keeper in enumerate(keepers):  # neither has heard of what the other one took, nor of its lights
        keeper.touch([store.put(report(VILLAGE, number, "3.1.1", ("minor", "major")[number], number)).id])
        await keeper.recompute([VILLAGE])
    assert store.lights(VILLAGE).lights == store.right_lights()[0]


async def test_lights_of_a_row_of_pushes_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    store, held = Store(), HeldEvents()
    keeper = keeper_of(store, held)
    steps: list[str] = []
    done = asyncio.Event()

    def push(number: int) -> None:
        event = store.put(report(VILLAGE, number, "3.1.1", "minor", number))
        held.hold([event])
        keeper.touch([event.id])

    async def write(database: str, documents: Sequence[bytes], new_edits: bool) -> list[Saved]:
        steps.append("write")
        if len(steps) == 1:
            push(2)  # while the first is written
        else:
            done.set()
        return await Store.bulk_docs(store, database, documents, new_edits)

    async def pause(_: float) -> None:
        if len(steps) == 1:
            steps.append("pause")
            push(3)

    monkeypatch.setattr(store, "bulk_docs", write)
    monkeypatch.setattr(module, "sleep", pause)
    push(1)
    working = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        await done.wait()
    working.cancel()
    assert steps == ["write", "pause", "write"]
    assert len(store.lights(VILLAGE).cases) == 3


async def test_an_event_of_another_gateway_that_comes_after_its_lights_is_looked_at_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FOREIGN_S", 0.0)
    store = Store()
    keeper = keeper_of(store, HeldEvents())
    await keeper.recompute([VILLAGE])
    event = store.put(report(VILLAGE, 3, "3.1.1", "major", 3))
    keeper.hear(event.id)
    store.written.clear()
    working = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        await store.written.wait()
    working.cancel()
    assert store.lights(VILLAGE).lights == store.right_lights()[0]
