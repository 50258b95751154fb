"""The board in memory: every village's lamps as they stand in the store, and who is told of changes."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

import msgspec
from msgspec import Raw

from models.documents import LightsDocument, OpenCase
from models.ids import database_of
from models.lights import LETTERS
from sync_api.couch import Couch
from sync_api.following import Following
from sync_api.installation import Installation

log = logging.getLogger(__name__)

#: A board that was away longer than this many changes fetches everything again, which is a few tens of kilobytes.
CHANGES_KEPT: Final = 20_000
#: What a page that opens is told of what changed before; a village computed anew changes in ninety lamps at once.
LAMPS_TOLD: Final = 60
LAMPS_OF_A_VILLAGE: Final = 8
_LIGHTS_SUFFIX: Final = ":lights"
#: Before the first computation nothing is known of a village, and no news is not good news.
_UNKNOWN: Final = LETTERS[1]

_decode_lights = msgspec.json.Decoder(LightsDocument).decode


class LightsChange(msgspec.Struct, frozen=True):
    """A village's lamps changed; ``at`` is when this gateway saw it, ``before`` None when it read them first."""

    number: int
    village: str
    lights: str
    at: datetime
    before: str | None


class LampChange(msgspec.Struct, frozen=True):
    """One lamp became another; ``lamp`` is its position in the catalogue."""

    at: datetime
    village: str
    lamp: int
    before: str
    after: str


class BoardState(Following):
    """All lamps, kept up by the feeds. Numbers of changes rise by one and belong to this process (``epoch``)."""

    name = "the board"

    def __init__(self, couch: Couch, installation: Installation, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._couch, self._installation, self._clock = couch, installation, clock
        self.epoch = uuid4().hex[:8]
        self.number = 0
        self.is_stopping = False
        self._lights: dict[str, LightsDocument] = {}
        self._changes: deque[LightsChange] = deque(maxlen=CHANGES_KEPT)
        self._watchers: set[asyncio.Event] = set()

    def wants(self, document_id: str) -> bool:
        return document_id.endswith(_LIGHTS_SUFFIX)

    async def load(self, database: str) -> None:
        register = (await self._installation.setup()).register
        villages = [v for v in register.villages if database_of(v) == database]
        await self.read(database, [v + _LIGHTS_SUFFIX for v in villages])

    async def read(self, database: str, ids: Sequence[str]) -> None:
        if not ids:
            return
        rows = await self._couch.rows_of(database, ids, include_docs=True)
        for row in rows:
            if row.has_doc:
                self._take(row.doc)
        self.wake()

    def _take(self, raw: Raw) -> None:
        try:
            document = _decode_lights(raw)
        except msgspec.MsgspecError:
            # written past the gateway; the village keeps the lamps it had until the next night writes it anew
            log.exception("a lights document cannot be read: %s", bytes(raw)[:200])
            return
        village = document.id.removesuffix(_LIGHTS_SUFFIX)
        old = self._lights.get(village)
        self._lights[village] = document
        if old is None or old.lights != document.lights or old.cases != document.cases:
            self.number += 1
            before = None if old is None else old.lights
            self._changes.append(LightsChange(self.number, village, document.lights, self._clock(), before))

    def letters(self, villages: Sequence[str], width: int) -> str:
        """The lamps of villages end to end, ``width`` letters each; silent where nothing was computed yet."""
        unknown = _UNKNOWN * width
        return "".join(self._lights[v].lights if v in self._lights else unknown for v in villages)

    def cases(self, village: str) -> list[OpenCase]:
        document = self._lights.get(village)
        return [] if document is None else document.cases

    def changes_after(self, number: int, prefix: str) -> list[LightsChange] | None:
        """The changes of villages with a prefix after a number; None when they are no longer all kept."""
        if number > self.number:
            return None
        oldest = self._changes[0].number if self._changes else self.number + 1
        if number + 1 < oldest:
            return None
        return [c for c in self._changes if c.number > number and c.village.startswith(prefix)]

    def newest_lamps(self, prefix: str) -> list[LampChange]:
        """The lamps that changed last in villages with a prefix, the newest first, of a village the worst first; as far
        as this process saw them change."""
        found: list[LampChange] = []
        for change in reversed(self._changes):
            if change.before is None or not change.village.startswith(prefix):
                continue
            lamps = [
                LampChange(change.at, change.village, lamp, before, after)
                for lamp, (before, after) in enumerate(zip(change.before, change.lights, strict=False))
                if before != after
            ]
            lamps.sort(key=lambda one: -LETTERS.index(one.after))
            found += lamps[:LAMPS_OF_A_VILLAGE]
            if len(found) >= LAMPS_TOLD:
                break
        return found[:LAMPS_TOLD]

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """An event that is set when lamps changed."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    def wake(self) -> None:
        """Let every stream look whether it is over."""
        for watcher in self._watchers:
            watcher.set()

    def stop(self) -> None:
        """Let every stream end."""
        self.is_stopping = True
        self.wake()
