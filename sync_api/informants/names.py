"""Who an informant is: beside the accounts, never replicated, and read by the office that wrote it only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from models.documents import Alias
from models.ids import STAFF_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.errors import Conflict

_PREFIX: Final = "informant:"


class InformantName(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``office``: the division of the station that appointed them."""

    id: str = msgspec.field(name="_id")
    rev: str | None = msgspec.field(name="_rev", default=None)
    office: str
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    contact: Annotated[str, Meta(max_length=60)] = ""


_decode = msgspec.json.Decoder(InformantName).decode


class InformantNames:
    """The register of names."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def find(self, alias: Alias, offices: tuple[str, ...]) -> InformantName | None:
        """What one of these offices wrote of an informant; None where it was another, or nobody."""
        content = await self._couch.get(STAFF_DATABASE, f"{_PREFIX}{alias}")
        found = None if content is None else _decode(content)
        return found if found is not None and found.office in offices else None

    async def known(self, aliases: Iterable[Alias], offices: tuple[str, ...]) -> set[Alias]:
        """Of which informants one of these offices has written down who they are; nothing of it is told."""
        ids = [f"{_PREFIX}{alias}" for alias in sorted(aliases)]
        rows = await self._couch.rows_of(STAFF_DATABASE, ids, include_docs=True) if ids else []
        found = [_decode(row.doc) for row in rows if row.has_doc]
        return {one.id.removeprefix(_PREFIX) for one in found if one.office in offices}

    async def write(self, alias: Alias, office: str, name: str, contact: str) -> None:
        """Write, or correct, who an informant is. An office that has appointed them since begins anew."""
        content = await self._couch.get(STAFF_DATABASE, f"{_PREFIX}{alias}")
        rev = None if content is None else _decode(content).rev
        record = InformantName(id=f"{_PREFIX}{alias}", rev=rev, office=office, name=name, contact=contact)
        body = {key: value for key, value in msgspec.to_builtins(record).items() if value is not None}
        try:
            await self._couch.put(STAFF_DATABASE, record.id, msgspec.json.encode(body))
        except CouchError as error:
            if error.status != 409:
                raise
            zh, en = "这一登记刚刚被改动，请再试一次。", "This was changed just now: try again."
            raise Conflict("changed_meanwhile", zh, en) from error
