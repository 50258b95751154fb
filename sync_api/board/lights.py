"""Lights right after a push: villages touched are recomputed by the same function as in the nightly run."""

from __future__ import annotations

import asyncio
import logging
from asyncio import sleep
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from models import calendar
from models.cases import CaseFact, case_fact
from models.catalogue import Catalogue
from models.documents import AnyDocument, AnyEvent, LightsDocument, encode
from models.ids import database_of, office_scope, parse_id
from models.readings import Readings
from models.setup import Setup
from models.village import LIT_KINDS, lights_documents, reading_log
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable
from sync_api.held_events import HeldEvents
from sync_api.installation import Installation
from sync_api.stored import readable

log = logging.getLogger(__name__)

VILLAGES_AT_ONCE: Final = 40
#: Lights documents are rewritten by whoever sees more; a conflict is read again this often.
TRIES_MAX: Final = 5
RETRY_S: Final = 1.0
#: The first push after a pause has its lights at once; of a row of pushes they are written together, so often: a
#: write of its own for each would make the next push wait for the disk.
GATHERED_S: Final = 0.25
#: What another gateway took it lights, within this time.
FOREIGN_S: Final = 2.0
#: Villages that are remembered, those touched last: 4 kB of readings each, and some hundreds of ids.
VILLAGES_MAX: Final = 400


class _Village:
    """What is known of a village whose lights were computed here: the ids of all events they come from, as of what was
    heard; what the events say, but for those that are ``new``; its lights document, UNSET while that has to be read."""

    __slots__ = ("facts", "ids", "lights", "new", "readings")

    def __init__(self, catalogue: Catalogue) -> None:
        self.ids: set[str] = set()
        self.new: set[str] = set()
        self.readings = Readings.none(1, len(catalogue.indicators))
        self.facts: set[CaseFact] = set()
        self.lights: LightsDocument | UnsetType | None = UNSET

    def hear(self, identity: str) -> None:
        if identity not in self.ids:
            self.ids.add(identity)
            self.new.add(identity)


class LightKeeper:
    """Recomputes touched villages in the background; touching one many times while it waits costs once. A village is
    read whole once; from then on the feed says what came."""

    def __init__(
        self, couch: Couch, installation: Installation, held: HeldEvents, clock: Callable[[], datetime]
    ) -> None:
        self._couch, self._installation, self._held, self._clock = couch, installation, held, clock
        self._touched: set[str] = set()
        self._villages: OrderedDict[str, _Village] = OrderedDict()
        self._catalogue: Catalogue | None = None
        self._work = asyncio.Event()

    def touch(self, events: Iterable[str]) -> None:
        """These were stored just now, or found stored; those that lights come from make their villages due."""
        for identity in filter(_has_say, events):
            village = identity.partition(":")[0]
            self._touched.add(village)
            if (known := self._villages.get(village)) is not None:
                known.hear(identity)
            self._work.set()

    def hear(self, document_id: str) -> None:
        """A document changed. What another gateway took, it computes; should its lights have come here before the event
        itself, ours are looked at once more."""
        village, _, rest = document_id.partition(":")
        known = self._villages.get(village)
        if known is None:
            return
        if rest == "lights":
            known.lights = UNSET
        elif _has_say(document_id) and document_id not in known.ids:
            known.hear(document_id)
            if self._held.has(document_id):  # ours: it is touched as soon as its write is answered
                return
            asyncio.get_running_loop().call_later(FOREIGN_S, self.touch, [document_id])

    def hear_connected(self, database: str) -> None:
        """Something may have been missed: what was known is read again when it is needed."""
        for village in [village for village in self._villages if database_of(village) == database]:
            del self._villages[village]

    async def run(self) -> None:
        """Work until cancelled. What could not be done, since the store is down, is done when it is back."""
        while True:
            await self._work.wait()
            self._work.clear()
            batch = self._take()
            is_rest = bool(self._touched)
            try:
                await self.recompute(batch)
            except (StoreUnavailable, CouchError) as error:
                log.warning("lights of %d villages wait for the store: %s", len(batch), error)
                self._touched |= set(batch)
                self._work.set()
                await sleep(RETRY_S)
            if not is_rest:  # what comes from here on is gathered
                await sleep(GATHERED_S)

    def _take(self) -> list[str]:
        batch = sorted(self._touched)[:VILLAGES_AT_ONCE]
        self._touched.difference_update(batch)
        if self._touched:
            self._work.set()
        return batch

    async def recompute(self, villages: Sequence[str]) -> None:
        """Recompute the lights of villages from all of their events and write those that changed."""
        setup = await self._installation.setup()
        if setup.rulebook.catalogue is not self._catalogue:  # readings say something else in another edition
            self._catalogue = setup.rulebook.catalogue
            self._villages.clear()
        by_database: dict[str, list[str]] = defaultdict(list)
        for village in villages:
            by_database[database_of(village)].append(village)
        for database, codes in by_database.items():
            remaining = codes
            for _ in range(TRIES_MAX):
                remaining = await self._write(setup, database, remaining)
                if not remaining:
                    break
            else:
                raise StoreUnavailable(f"lights documents of {len(remaining)} villages keep conflicting")

    async def _write(self, setup: Setup, database: str, villages: Sequence[str]) -> list[str]:
        """Write what changed; the villages whose lights document someone else wrote meanwhile."""
        today = calendar.local_day(self._clock())
        catalogue = setup.rulebook.catalogue
        found = await asyncio.gather(*(self._known(database, village, catalogue) for village in villages))
        known = dict(zip(villages, found, strict=True))
        await self._read_lights(database, known)
        readings = await self._fold_new(database, known, catalogue)
        facts = (fact for one in found for fact in one.facts)
        changed: dict[str, LightsDocument] = {}
        for new in lights_documents(villages, readings, facts, setup.rulebook, today):
            village = parse_id(new.id).division
            old = known[village].lights
            if not isinstance(old, LightsDocument):
                changed[village] = new
            elif new != msgspec.structs.replace(old, rev=UNSET):
                changed[village] = msgspec.structs.replace(new, rev=old.rev)
        if not changed:
            return []
        saved = await self._couch.bulk_docs(database, [encode(new) for new in changed.values()], new_edits=True)
        conflicts = []
        for row in saved:
            village = parse_id(row.id).division
            if row.error is None and row.rev is not None:
                known[village].lights = msgspec.structs.replace(changed[village], rev=row.rev)
            elif row.error == "conflict":
                self._villages.pop(village, None)  # another gateway knows more
                conflicts.append(village)
            else:
                raise StoreUnavailable(f"{row.id}: {row.error}")
        return conflicts

    async def _fold_new(self, database: str, known: Mapping[str, _Village], catalogue: Catalogue) -> Readings:
        """Take in what is new of each; the readings of all, in their order."""
        new = {village: [*one.new] for village, one in known.items()}
        events = await self._events(database, [identity for ids in new.values() for identity in ids])
        index = {village: at for at, village in enumerate(known)}
        readings = Readings.end_to_end([one.readings for one in known.values()])
        readings.update(reading_log(events, index, catalogue).in_order())
        for village, one in known.items():
            one.new.difference_update(new[village])
            one.readings = readings.of_village(index[village])
        for fact in map(case_fact, events):
            if fact is not None:
                known[fact.village].facts.add(fact)
        return readings

    async def _known(self, database: str, village: str, catalogue: Catalogue) -> _Village:
        """A village as it stands in the store and was heard of since."""
        known = self._villages.get(village)
        if known is not None:
            self._villages.move_to_end(village)
        else:
            # heard of from here on; then read, so that nothing falls between
            known = self._villages[village] = _Village(catalogue)
            try:
                await self._read_whole(database, village, known)
            except BaseException:
                self._villages.pop(village, None)
                raise
        while len(self._villages) > VILLAGES_MAX:
            self._villages.popitem(last=False)
        return known

    async def _read_whole(self, database: str, village: str, known: _Village) -> None:
        [(start, end)] = office_scope([village]).key_ranges()
        with_bodies = not self._held.has_some_of(village)
        rows = await self._couch.range_of(database, start, end, include_docs=with_bodies)
        for row in rows:
            if row.id is not None and _has_say(row.id):
                known.hear(row.id)
        if with_bodies:
            lit = [row for row in rows if row.id is not None and _has_say(row.id)]
            self._held.hold(document for document in readable(lit) if isinstance(document, AnyEvent))

    async def _read_lights(self, database: str, known: Mapping[str, _Village]) -> None:
        """The lights documents that changed since they were read."""
        due = {f"{village}:lights": one for village, one in known.items() if one.lights is UNSET}
        if not due:
            return
        for one in due.values():
            one.lights = None  # what is heard from here on is read another time
        for document in readable(await self._couch.rows_of(database, [*due], include_docs=True)):
            if isinstance(document, LightsDocument) and due[document.id].lights is None:
                due[document.id].lights = document

    async def _events(self, database: str, ids: Sequence[str]) -> list[AnyDocument]:
        """Events by their ids: what is held of them is not read."""
        held, lacking = self._held.split(ids)
        if not lacking:
            return [*held]
        rows = await self._couch.rows_of(database, lacking, include_docs=True)
        read = [event for event in readable(rows) if isinstance(event, AnyEvent)]
        self._held.hold(read)
        return [*held, *read]


def _has_say(document_id: str) -> bool:
    """Whether a village's lights come from such events."""
    return document_id.split(":", 2)[1] in LIT_KINDS
