"""The secrets of announced lots: bound by a hash from the beginning, shown once a witness has said a word."""

from __future__ import annotations

import secrets
from typing import Final

import msgspec

from models.documents import encode
from models.ids import STAFF_DATABASE
from models.patrols import commitment_of
from sync_api.couch import Couch, CouchError

_SECRET_BYTES: Final = 32


class _Kept(msgspec.Struct, kw_only=True):
    """``witness``: who was the first to say a ``word``, and is the only one from then on."""

    id: str = msgspec.field(name="_id")
    rev: str | msgspec.UnsetType = msgspec.field(name="_rev", default=msgspec.UNSET)
    secret: str
    witness: str = ""
    ulid: str = ""
    word: str = ""


class Witnessed(msgspec.Struct, frozen=True):
    """The word that counts, the secret that may be shown now, and the event's ULID, the same at each try."""

    secret: str
    witness: str
    ulid: str
    word: str


_decode = msgspec.json.Decoder(_Kept).decode


class Lots:
    """Keeps secrets in the staff data base, which is never replicated."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def bind(self, announcement: str) -> str:
        """The hash of the secret of an announcement, which is made at the first asking."""
        fresh = _Kept(id=_id_of(announcement), secret=secrets.token_hex(_SECRET_BYTES))
        try:
            await self._couch.put(STAFF_DATABASE, fresh.id, encode(fresh))
        except CouchError as error:
            if error.status != 409:
                raise
        kept = await self._find(announcement)
        return commitment_of((kept or fresh).secret)

    async def is_sealed(self, announcement: str, commitment: str | None) -> bool:
        """Whether it is the hash of the secret that is kept for an announcement."""
        kept = await self._find(announcement)
        return kept is not None and commitment_of(kept.secret) == commitment

    async def heard(self, announcement: str, alias: str, ulid: str, word: str) -> Witnessed | None:
        """The word that counts: the one that was bound before, else this one, which is not bound yet. None where no
        secret is kept."""
        kept = await self._find(announcement)
        if kept is None:
            return None
        return _witnessed(kept) if kept.witness else Witnessed(kept.secret, alias, ulid, word)

    async def witness(self, announcement: str, said: Witnessed) -> Witnessed | None:
        """Bind a word, which must be one that the door takes, while nothing is drawn: of several witnesses the first
        counts, of one witness's words the last, since an earlier one was never drawn by. None where no secret is
        kept."""
        kept = await self._find(announcement)
        if kept is None:
            return None
        if kept.witness in ("", said.witness):
            kept.witness, kept.ulid, kept.word = said.witness, said.ulid, said.word
            try:
                await self._couch.put(STAFF_DATABASE, kept.id, encode(kept))
            except CouchError as error:
                if error.status != 409:
                    raise
                kept = await self._find(announcement)
        return None if kept is None else _witnessed(kept)

    async def _find(self, announcement: str) -> _Kept | None:
        content = await self._couch.get(STAFF_DATABASE, _id_of(announcement))
        return None if content is None else _decode(content)


def _id_of(announcement: str) -> str:
    return f"lot:{announcement}"


def _witnessed(kept: _Kept) -> Witnessed:
    return Witnessed(kept.secret, kept.witness, kept.ulid, kept.word)
