"""Enrolment by a one-time code: an office gives it out as a QR, a tablet redeems it once for a log-in and a device."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec

from models.documents import encode
from models.ids import STAFF_DATABASE
from sync_api.couch import Couch
from sync_api.errors import NotFound

#: Long enough to drive to the village, short enough that a photographed sheet soon serves nobody.
LIFE: Final = timedelta(hours=24)
#: 160 bits: nobody guesses one, with or without a brake.
CODE_BYTES: Final = 20


class Enrolment(msgspec.Struct, kw_only=True, frozen=True):
    """A code; only its hash is kept, in the id. ``redeemed_by``: the device and key that redeemed it, which get the
    same answer again as long as it is valid, since an answer may be lost on its way."""

    id: str = msgspec.field(name="_id")
    rev: str | msgspec.UnsetType = msgspec.field(name="_rev", default=msgspec.UNSET)
    alias: str
    by: str
    expires_at: datetime
    redeemed_by: str = ""


_decode = msgspec.json.Decoder(Enrolment).decode


class Enrolments:
    """The codes that were given out, in the staff data base."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def offer(self, alias: str, by: str, now: datetime) -> tuple[str, datetime]:
        """A new code for an account, and until when it serves. ``by`` is the office's alias."""
        code = secrets.token_urlsafe(CODE_BYTES)
        waiting = Enrolment(id=_id_of(code), alias=alias, by=by, expires_at=now + LIFE)
        await self._couch.put(STAFF_DATABASE, waiting.id, encode(waiting))
        return code, waiting.expires_at

    async def look(self, code: str, now: datetime, by: str = "") -> Enrolment:
        """What a code is for. Raises ``NotFound``, the same for one that never was, was redeemed by somebody else, or
        is too old."""
        content = await self._couch.get(STAFF_DATABASE, _id_of(code))
        found = None if content is None else _decode(content)
        if found is None or found.expires_at <= now or found.redeemed_by not in ("", by):
            raise _no_such_code()
        return found

    async def redeem(self, code: str, by: str, now: datetime) -> str:
        """The alias that a code is for, which serves nobody else from now on. Of two at the same moment one gets it.
        Raises ``NotFound``."""
        found = await self.look(code, now, by)
        if not found.redeemed_by:
            redeemed = msgspec.structs.replace(found, redeemed_by=by)
            [row] = await self._couch.bulk_docs(STAFF_DATABASE, [encode(redeemed)], new_edits=True)
            if row.error is not None:
                found = await self.look(code, now, by)
        return found.alias


def enrolment_address(public_address: str, code: str) -> str:
    """Where a tablet redeems a code; behind the ``#``, so that no server or proxy on the way logs it."""
    return f"{public_address.rstrip('/')}/tablet/#/enrol/{code}"


def _id_of(code: str) -> str:
    return "enrolment:" + hashlib.sha256(code.encode()).hexdigest()


def _no_such_code() -> NotFound:
    return NotFound(
        "no_such_enrolment",
        "登记码无效：可能已用过，或已超过 24 小时。请向管理站要一个新的。",
        "This code is not valid: it was used, or is older than 24 hours. Ask the station for a new one.",
    )
