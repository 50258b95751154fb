"""What was refused, kept for an office to look at before the tablet is told: who, when, why, and the very text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from models.ids import QUARANTINE_DATABASE
from models.personal_numbers import mask_personal_numbers
from sync_api.access.accounts import Session
from sync_api.couch import Couch
from sync_api.errors import StoreUnavailable
from sync_api.replication.intake import Refusal

#: A document of CouchDB holds 8 MB at most; a text of 1 MB is kept whole.
RAW_CHARACTERS_MAX: Final = 1_500_000


class Decision(msgspec.Struct, frozen=True):
    """What an office made of it: released into the store as the author's, or dismissed with a word to the author."""

    outcome: Literal["released", "dismissed"]
    by: str
    at: datetime
    text: str = ""


class Quarantined(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refused document. ``raw`` is the text as it came: undecodable bytes replaced, personal numbers struck out (they
    may be kept nowhere but in the staff register), and cut off at ``RAW_CHARACTERS_MAX``; ``raw_bytes`` is its length.
    """

    id: str = msgspec.field(name="_id")
    received_at: datetime
    database: str
    author: str
    device: str
    document_id: str
    code: str
    zh: str
    en: str
    raw: str
    raw_bytes: int
    decision: Decision | None = None
    rev: str | msgspec.UnsetType = msgspec.field(name="_rev", default=msgspec.UNSET)


def quarantine_id(division: str, author: str, raw: bytes) -> str:
    """The same refused text of the same author has one id, so a repeated push is kept once."""
    digest = hashlib.sha256(author.encode() + b"\0" + raw).hexdigest()[:32]
    return f"{division}:quarantine:{digest}"


async def keep(
    couch: Couch, session: Session, database: str, refused: Sequence[tuple[Refusal, bytes]], now: datetime
) -> None:
    """Keep refused documents. Raises ``StoreUnavailable`` unless all of them are kept."""
    if not refused:
        return
    account = session.account
    documents = [
        Quarantined(
            id=quarantine_id(account.divisions[0], account.alias, raw),
            received_at=now,
            database=database,
            author=account.alias,
            device=session.device,
            document_id=refusal.document_id,
            code=refusal.code,
            zh=refusal.zh,
            en=refusal.en,
            raw=mask_personal_numbers(raw.decode("utf-8", errors="replace"))[:RAW_CHARACTERS_MAX],
            raw_bytes=len(raw),
        )
        for refusal, raw in refused
    ]
    saved = await couch.bulk_docs(QUARANTINE_DATABASE, [msgspec.json.encode(d) for d in documents], new_edits=True)
    # a conflict says that it is already kept
    if failed := [row for row in saved if row.error is not None and row.error != "conflict"]:
        raise StoreUnavailable(f"quarantine: {failed[0].error}")
