"""What is settled once is judged and written by one at a time, whichever gateway it comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec

from models.ids import STAFF_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable

#: Longer than any write takes: what is held still after that was left by a gateway that died.
_HELD_MAX: Final = timedelta(minutes=1)
_LOOK_S: Final = 0.05
_LOOKS_MAX: Final = 100


class _Held(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str = msgspec.field(name="_id")
    rev: str | msgspec.UnsetType = msgspec.field(name="_rev", default=msgspec.UNSET)
    until: datetime


class _Written(msgspec.Struct):
    rev: str


_decode = msgspec.json.Decoder(_Held).decode
_decode_written = msgspec.json.Decoder(_Written).decode


class Settling:
    """Holds divisions by documents in the staff data base, which are gone as soon as the work is done."""

    def __init__(self, couch: Couch, clock: Callable[[], datetime]) -> None:
        self._couch, self._clock = couch, clock

    @asynccontextmanager
    async def hold(self, divisions: Collection[str]) -> AsyncIterator[None]:
        """Nobody else settles anything in these divisions meanwhile. Raises ``StoreUnavailable`` when others do so for
        too long."""
        held: dict[str, str] = {}
        try:
            for division in sorted(divisions):  # in one order, so that no two wait for each other
                held[f"held:{division}"] = await self._take(f"held:{division}")
            yield
        finally:
            for key, rev in held.items():
                with suppress(CouchError, StoreUnavailable):  # it lapses
                    await self._couch.delete(STAFF_DATABASE, key, rev)

    async def _take(self, key: str) -> str:
        for _ in range(_LOOKS_MAX):
            if (rev := await self._try(key)) is not None:
                return rev
            await asyncio.sleep(_LOOK_S)
        raise StoreUnavailable(f"{key} is held by others")

    async def _try(self, key: str) -> str | None:
        now = self._clock()
        mine = _Held(id=key, until=now + _HELD_MAX)
        content = await self._couch.get(STAFF_DATABASE, key)
        if content is not None:
            other = _decode(content)
            if other.until > now:
                return None
            mine.rev = other.rev
        try:
            return _decode_written(await self._couch.put(STAFF_DATABASE, key, msgspec.json.encode(mine))).rev
        except CouchError as error:
            if error.status != 409:
                raise
            return None
