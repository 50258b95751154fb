"""Names and the like of a case, under a key of its own.

Texts lie encrypted in ``d110-sealed``, the keys of cases in ``d110-keys``, themselves under the operator's secret. What
is to be forgotten loses its key: copies of the texts, in backups too, are noise from then on. So the two databases are
not backed up together, and copies of the keys are kept no longer than texts may be (``sealed.keep_days``, policy).
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.documents import Alias
from models.ids import KEYS_DATABASE, SEALED_DATABASE
from sync_api.couch import Couch, CouchError, IdRow
from sync_api.errors import Conflict, StoreUnavailable
from sync_api.replication.feed import END_KEY, FIRST_KEY

log = logging.getLogger(__name__)

_NONCE_BYTES: Final = 12


class SealingOff(StoreUnavailable):
    """The operator has set no secret for sealing."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "sealing_off"
        self.zh = "本系统没有启用封存：请系统管理员设置 D110_SEAL_SECRET。姓名请勿写在别处。"
        self.en = "Sealing is not set up: the operator sets D110_SEAL_SECRET. Do not write names anywhere else."


class SealedText(msgspec.Struct, frozen=True):
    author: Alias
    at: datetime
    text: str


class _Boxed(msgspec.Struct):
    """Something encrypted, as it lies in the store."""

    box: str


class SealedStore:
    """``secret``: the operator's; None where nothing can be sealed."""

    def __init__(self, couch: Couch, secret: str | None, clock: Callable[[], datetime]) -> None:
        self._couch, self._clock = couch, clock
        self._master = None if secret is None else AESGCM(hashlib.sha256(secret.encode()).digest())

    async def write(self, village: str, case: str, ulid: str, author: str, text: str) -> None:
        """Seal a text of a case. The same ``ulid`` again changes nothing. Raises ``SealingOff``."""
        identity = f"{_prefix(village, case)}{ulid}"
        sealed = msgspec.json.encode(SealedText(author, self._clock(), text))
        box = _boxed(await self._key(village, case, is_made=True), sealed, identity)
        try:
            await self._couch.put_making(SEALED_DATABASE, identity, msgspec.json.encode(_Boxed(box)))
        except CouchError as error:
            if error.status != 409:  # a repeated request
                raise

    async def read(self, village: str, case: str) -> list[SealedText]:
        """What is sealed of a case, oldest first. Raises ``SealingOff``."""
        rows = await self._rows(_prefix(village, case), include_docs=True)
        if not rows:
            return []
        key = await self._key(village, case, is_made=False)
        found = []
        for row in rows:
            box = msgspec.json.decode(row.doc, type=_Boxed).box
            found.append(msgspec.json.decode(_opened(key, box, row.id or ""), type=SealedText))
        return found

    async def has(self, village: str, case: str) -> bool:
        return bool(await self._rows(_prefix(village, case)))

    async def cases(self) -> set[tuple[str, str]]:
        """The cases (village, ULID) of which something is sealed."""
        rows = await self._rows("")
        ids = (row.id.split(":") for row in rows if row.id is not None)
        return {(parts[0], parts[2]) for parts in ids}

    async def closed_keys(self) -> list[str]:
        """Of the cases of which something is sealed those (village:case) whose key is gone, or does not open under this
        secret; all of them where there is no secret."""
        found = []
        for village, case in sorted(await self.cases()):
            try:
                await self._key(village, case, is_made=False)
            except (Conflict, SealingOff):
                found.append(f"{village}:{case}")
        return found

    async def erase(self, village: str, case: str) -> None:
        """Destroy the key of a case, then its texts. May be repeated."""
        keys = await self._couch.rows_of(KEYS_DATABASE, [_key_id(village, case)])
        await self._delete(KEYS_DATABASE, keys)
        await self._delete(SEALED_DATABASE, await self._rows(_prefix(village, case)))

    async def _key(self, village: str, case: str, *, is_made: bool) -> AESGCM:
        if self._master is None:
            raise SealingOff
        identity = _key_id(village, case)
        content = await self._couch.get(KEYS_DATABASE, identity)
        if content is None and is_made:
            made = _boxed(self._master, AESGCM.generate_key(256), identity)
            try:
                await self._couch.put_making(KEYS_DATABASE, identity, msgspec.json.encode(_Boxed(made)))
            except CouchError as error:
                if error.status != 409:  # another gateway made one at the same moment
                    raise
            content = await self._couch.get(KEYS_DATABASE, identity)
        if content is None:
            zh = "密钥已销毁，封存的内容不能再看。"
            raise Conflict("key_destroyed", zh, "Its key was destroyed: what was sealed cannot be read any more.")
        return AESGCM(_opened(self._master, msgspec.json.decode(content, type=_Boxed).box, identity))

    async def _rows(self, prefix: str, include_docs: bool = False) -> list[IdRow]:
        start, end = (prefix, f"{prefix[:-1]};") if prefix else (FIRST_KEY, END_KEY)
        try:
            return await self._couch.range_of(SEALED_DATABASE, start, end, include_docs=include_docs)
        except CouchError as error:
            if error.status == 404:  # nothing was ever sealed
                return []
            raise

    async def _delete(self, database: str, rows: list[IdRow]) -> None:
        there = [row for row in rows if row.value is not None and not row.value.deleted]
        documents = [
            msgspec.json.encode({"_id": row.id, "_rev": row.value.rev, "_deleted": True}) for row in there if row.value
        ]
        if documents:
            await self._couch.bulk_docs(database, documents, new_edits=True)
            # until then the store keeps what was deleted
            await self._couch.compact(database)


def _prefix(village: str, case: str) -> str:
    return f"{village}:sealed:{case}:"


def _key_id(village: str, case: str) -> str:
    return f"{village}:key:{case}"


def _boxed(key: AESGCM, content: bytes, identity: str) -> str:
    """Encrypted for one place only: elsewhere it does not open."""
    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + key.encrypt(nonce, content, identity.encode())).decode()


def _opened(key: AESGCM, box: str, identity: str) -> bytes:
    raw = base64.b64decode(box)
    try:
        return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], identity.encode())
    except InvalidTag as error:
        zh = "封存的内容打不开：D110_SEAL_SECRET 与封存时不同，或内容被改动过。"
        en = "What is sealed does not open: D110_SEAL_SECRET is another one than then, or it was changed."
        raise Conflict("seal_broken", zh, en) from error
