"""Lights right after a push: villages touched are recomputed by the same function as in the nightly run."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from models import calendar
from models.documents import AnyDocument, Event, LightsDocument, encode
from models.ids import database_of, office_scope, parse_id
from models.setup import Setup
from models.village import LIT_KINDS, lights_of_documents
from sync_api.couch import Couch, CouchError, IdRow
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


class LightKeeper:
    """Recomputes touched villages in the background; touching one many times while it waits costs once."""

    def __init__(
        self, couch: Couch, installation: Installation, held: HeldEvents, clock: Callable[[], datetime]
    ) -> None:
        self._couch, self._installation, self._held, self._clock = couch, installation, held, clock
        self._touched: set[str] = set()
        self._work = asyncio.Event()

    def touch(self, villages: set[str]) -> None:
        """These villages have new events."""
        if villages:
            self._touched |= villages
            self._work.set()

    async def run(self) -> None:
        """Work until cancelled. What could not be done, since the store is down, is done when it is back."""
        while True:
            await self._work.wait()
            self._work.clear()
            batch = self._take()
            try:
                await self.recompute(batch)
            except (StoreUnavailable, CouchError) as error:
                log.warning("lights of %d villages wait for the store: %s", len(batch), error)
                self.touch(set(batch))
                await asyncio.sleep(RETRY_S)
            if not self._touched:
                await asyncio.sleep(GATHERED_S)

    def _take(self) -> list[str]:
        batch = sorted(self._touched)[:VILLAGES_AT_ONCE]
        self._touched.difference_update(batch)
        if self._touched:
            self._work.set()
        return batch

    async def recompute(self, villages: Sequence[str]) -> None:
        """Recompute the lights of villages from all of their events and write those that changed."""
        setup = await self._installation.setup()
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
        documents: list[AnyDocument] = []
        old: dict[str, LightsDocument] = {}
        for found in await asyncio.gather(*(self._documents(database, v) for v in villages)):
            for document in found:
                if isinstance(document, LightsDocument):
                    old[document.id] = document
                else:
                    documents.append(document)
        changed = [
            new
            for new in lights_of_documents(villages, documents, setup.rulebook, today)
            if _differs(new, old.get(new.id))
        ]
        if not changed:
            return []
        saved = await self._couch.bulk_docs(database, [encode(new) for new in changed], new_edits=True)
        if failed := [row for row in saved if row.error not in (None, "conflict")]:
            raise StoreUnavailable(f"{failed[0].id}: {failed[0].error}")
        return [parse_id(row.id).division for row in saved if row.error == "conflict"]

    async def _documents(self, database: str, village: str) -> list[AnyDocument]:
        """The events that a village's lights come from, and its lights document, as the store has them: what is held
        of them is not read."""
        [(start, end)] = office_scope([village]).key_ranges()
        if not self._held.has_some_of(village):
            found = list(_decode(await self._couch.range_of(database, start, end, include_docs=True)))
        else:
            rows = await self._couch.range_of(database, start, end)
            held, lacking = self._held.split(row.id for row in rows if row.id is not None and _has_say(row.id))
            found = list(_decode(await self._couch.rows_of(database, lacking, include_docs=True) if lacking else []))
            found += held
        self._held.hold(document for document in found if isinstance(document, Event))
        return found


def _has_say(document_id: str) -> bool:
    """Whether a village's lights come from such documents, or are it."""
    return document_id.split(":", 2)[1] in (LIT_KINDS | {"lights"})


def _decode(rows: Sequence[IdRow]) -> Iterator[AnyDocument]:
    """The documents that have a say in lights."""
    return readable(row for row in rows if row.id is not None and _has_say(row.id))


def _differs(new: LightsDocument, old: LightsDocument | None) -> bool:
    """Whether ``new`` says something else; if so it gets the old one's revision, to be written over it."""
    if old is None:
        return True
    revision = old.rev
    old.rev = UNSET
    is_new = msgspec.structs.asdict(new) != msgspec.structs.asdict(old)
    new.rev = revision
    return is_new
