"""Who synchronises: each device's last success, written seldom and never in a sync's way."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from models.documents import encode
from models.ids import HEALTH_DATABASE, Scope
from sync_api.access.accounts import Session
from sync_api.couch import Couch, CouchError
from sync_api.devices.records import SyncHealth, TabletState, health_id
from sync_api.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: A device is written of this often at most, unless what it has pending or refused begins or ends.
WRITTEN_EACH: Final = timedelta(minutes=10)
REMEMBERED_MAX: Final = 20_000

_decode = msgspec.json.Decoder(SyncHealth).decode


class HealthLog:
    """Notes syncs in the background, and reads what was noted."""

    def __init__(self, couch: Couch, clock: Callable[[], datetime]) -> None:
        self._couch, self._clock = couch, clock
        #: When a device was written of last, and whether it then had anything pending or refused; None: it did not say.
        self._written: OrderedDict[str, tuple[datetime, tuple[bool, bool] | None]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, session: Session, state: TabletState | None = None) -> None:
        """A sync of this session's device went well."""
        now, account = self._clock(), session.account
        identity = health_id(account.divisions[0], account.alias, session.device)
        last = self._written.get(identity)
        said = None if state is None else (state.pending > 0, state.refused > 0)
        if last is not None and now - last[0] < WRITTEN_EACH and said in (None, last[1]):
            return
        self._written[identity] = (now, said)
        self._written.move_to_end(identity)
        while len(self._written) > REMEMBERED_MAX:
            self._written.popitem(last=False)
        health = SyncHealth(id=identity, alias=account.alias, device=session.device, synced_at=now, state=state)
        task = asyncio.create_task(self._write(health))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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

    async def _write(self, health: SyncHealth) -> None:
        try:
            await self._put(health)
        except (StoreUnavailable, CouchError) as error:
            # the next sync says it again
            self._written.pop(health.id, None)
            log.info("the sync of %s is not noted: %s", health.id, error)

    async def _put(self, health: SyncHealth) -> None:
        held = await self._couch.get(HEALTH_DATABASE, health.id)
        if held is not None:
            last = _decode(held)
            # a push says nothing of the device
            health.rev, health.state = last.rev, health.state or last.state
        await self._couch.put_making(HEALTH_DATABASE, health.id, encode(health))
