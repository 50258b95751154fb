"""Who synchronises: each device's last success, written seldom and never in a sync's way."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from models.documents import encode
from models.ids import HEALTH_DATABASE, Scope
from sync_api.access.accounts import Session
from sync_api.couch import Couch, CouchError, IdRow
from sync_api.devices.records import SyncHealth, TabletState, health_id
from sync_api.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: A device is written of this often at most, unless what it has pending or refused begins or ends.
WRITTEN_EACH: Final = timedelta(minutes=10)
#: What is noted is gathered for so long, and written together: a write of its own for each would cost a push a third.
GATHERED_S: Final = 1.0
WRITTEN_AT_ONCE: Final = 500
REMEMBERED_MAX: Final = 20_000

_decode = msgspec.json.Decoder(SyncHealth).decode


class HealthLog:
    """Notes syncs in the background, and reads what was noted."""

    def __init__(self, couch: Couch, clock: Callable[[], datetime]) -> None:
        self._couch, self._clock = couch, clock
        #: When a device was noted last: a push, which says nothing of it, is not noted again soon.
        self._noted: OrderedDict[str, datetime] = OrderedDict()
        self._waiting: dict[str, SyncHealth] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, session: Session, state: TabletState | None = None) -> None:
        """A sync of this session's device went well."""
        now, account = self._clock(), session.account
        identity = health_id(account.divisions[0], account.alias, session.device)
        last = self._noted.get(identity)
        if state is None and last is not None and now - last < WRITTEN_EACH:
            return
        self._noted[identity] = now
        self._noted.move_to_end(identity)
        while len(self._noted) > REMEMBERED_MAX:
            self._noted.popitem(last=False)
        health = SyncHealth(id=identity, alias=account.alias, device=session.device, synced_at=now, state=state)
        # a push says nothing of the device
        if health.state is None and (before := self._waiting.get(identity)) is not None:
            health.state = before.state
        self._waiting[identity] = health
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())

    async def within(self, scope: Scope) -> list[SyncHealth]:
        """What was noted of the devices of a scope's accounts."""
        found: list[SyncHealth] = []
        for start, end in scope.key_ranges():
            try:
                rows = await self._couch.range_of(HEALTH_DATABASE, start, end, include_docs=True)
            except CouchError as error:
                if error.status == 404:  # nothing was noted yet
                    return []
                raise
            found += [_decode(row.doc) for row in rows if row.has_doc]
        return found

    async def _write_waiting(self) -> None:
        await asyncio.sleep(GATHERED_S)
        while self._waiting:
            batch = {identity: self._waiting.pop(identity) for identity in [*self._waiting][:WRITTEN_AT_ONCE]}
            try:
                failed = await self._write(batch)
            except (StoreUnavailable, CouchError) as error:
                log.info("the syncs of %d devices are not noted: %s", len(batch), error)
                failed = [*batch]
            for identity in failed:  # the next sync says it again
                self._noted.pop(identity, None)

    async def _write(self, batch: Mapping[str, SyncHealth]) -> list[str]:
        """Write over what was noted before, by whatever gateway, if it says something else or is old; the ids of those
        that another gateway wrote at the same time."""
        news = dict(batch)
        for row in await self._held([*batch]):
            if row.id is None or not row.has_doc:
                continue
            last, health = _decode(row.doc), news[row.id]
            health.rev, health.state = last.rev, health.state or last.state
            if health.synced_at - last.synced_at < WRITTEN_EACH and _is_busy(health) == _is_busy(last):
                del news[row.id]
        if not news:
            return []
        saved = await self._couch.bulk_docs(HEALTH_DATABASE, [encode(one) for one in news.values()], new_edits=True)
        return [row.id for row in saved if row.error is not None]

    async def _held(self, ids: list[str]) -> list[IdRow]:
        try:
            return await self._couch.rows_of(HEALTH_DATABASE, ids, include_docs=True)
        except CouchError as error:
            if error.status != 404:
                raise
            await self._couch.create_database(HEALTH_DATABASE)
            return []


def _is_busy(health: SyncHealth) -> tuple[bool, bool] | None:
    """Whether a device has anything pending, or refused; None when it did not say."""
    return None if health.state is None else (health.state.pending + health.state.photos > 0, health.state.refused > 0)
