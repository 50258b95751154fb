"""Devices that were shut off. They lie with the accounts, whose changes every gateway follows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from models.documents import encode
from models.ids import STAFF_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.devices.records import Revocation, revocation_id

_decode = msgspec.json.Decoder(Revocation).decode


class Revocations:
    """Reads and writes them."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def find(self, alias: str, device: str) -> Revocation | None:
        content = await self._couch.get(STAFF_DATABASE, revocation_id(alias, device))
        return None if content is None else _decode(content)

    async def all(self) -> dict[tuple[str, str], Revocation]:
        """All of the city, by alias and device."""
        rows = await self._couch.range_of(STAFF_DATABASE, "device:", "device;", include_docs=True)
        found = [_decode(row.doc) for row in rows if row.has_doc]
        return {(one.alias, one.device): one for one in found}

    async def revoke(self, alias: str, device: str, by: str, now: datetime) -> None:
        """Shut a device off. One that was shut off already stays as it is."""
        if await self.find(alias, device) is None:
            await self._put(Revocation(id=revocation_id(alias, device), alias=alias, device=device, by=by, at=now))

    async def note_wiped(self, alias: str, device: str, now: datetime) -> None:
        """The device says that it holds nothing any more."""
        found = await self.find(alias, device)
        if found is not None and found.wiped_at is None:
            found.wiped_at = now
            await self._put(found)

    async def _put(self, revocation: Revocation) -> None:
        try:
            await self._couch.put(STAFF_DATABASE, revocation.id, encode(revocation))
        except CouchError as error:
            if error.status != 409:  # somebody else has just said the same
                raise
