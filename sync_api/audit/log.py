"""Writes and reads the audit log: documents ``audit:{number}`` in a database of their own, that no client reaches.

A number is taken by creating its document, so that two gateways never write one number twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

import msgspec

from models.audit import AuditAction, AuditEntry, decision_of, next_entry
from models.documents import AnyEvent
from models.ids import AUDIT_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable

READ_AT_ONCE: Final = 1_000
#: Numbers that other gateways may take first before one gives up.
TRIES_MAX: Final = 200
_PREFIX, _END = "audit:", "audit;"
_decode = msgspec.json.Decoder(AuditEntry).decode


class AuditLog:
    """One gateway's pen."""

    def __init__(self, couch: Couch, clock: Callable[[], datetime]) -> None:
        self._couch, self._clock = couch, clock
        self._last: AuditEntry | None = None
        self._pen = asyncio.Lock()

    async def record(self, actor: str, action: AuditAction, subject: str, **details: str) -> AuditEntry:
        """Append an entry. To be called before what it says takes effect. Raises ``StoreUnavailable``."""
        async with self._pen:
            for _ in range(TRIES_MAX):
                entry = next_entry(self._last, self._clock(), actor, action, subject, details)
                try:
                    await self._couch.put_making(AUDIT_DATABASE, _id(entry.number), msgspec.json.encode(entry))
                except CouchError as error:
                    if error.status != 409:
                        raise
                    await self._read_on()
                    continue
                self._last = entry
                return entry
        raise StoreUnavailable("the audit log is being written by others all the time")

    async def record_decision(self, actor: str, document_id: str, event: AnyEvent) -> None:
        """Append what an event decides, if it decides anything."""
        said = decision_of(event)
        if said is not None:
            action, details = said
            await self.record(actor, action, document_id, **details)

    async def entries(self) -> AsyncIterator[AuditEntry]:
        """All of them, in order; none where nothing was logged yet."""
        key, is_end = _PREFIX, False
        while not is_end:
            try:
                rows = await self._couch.range_of(AUDIT_DATABASE, key, _END, READ_AT_ONCE, include_docs=True)
            except CouchError as error:
                if error.status == 404:
                    return
                raise
            for row in rows:
                if row.has_doc:
                    yield _decode(row.doc)
            is_end = len(rows) < READ_AT_ONCE
            key = f"{rows[-1].id}!" if rows else key

    async def _read_on(self) -> None:
        """Go to the last entry there is."""
        start = 1 if self._last is None else self._last.number + 1
        rows = await self._couch.range_of(AUDIT_DATABASE, _id(start), _END)
        if rows and rows[-1].id is not None:
            content = await self._couch.get(AUDIT_DATABASE, rows[-1].id)
            self._last = self._last if content is None else _decode(content)


def _id(number: int) -> str:
    return f"{_PREFIX}{number:012d}"
