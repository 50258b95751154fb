"""What was refused, kept for an office to look at before the tablet is told: who, when, why, and the very text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from models.ids import QUARANTINE_DATABASE, database_of
from models.personal_numbers import has_personal_number, mask_personal_numbers
from models.setup import Setup
from sync_api.access.accounts import Account, Session
from sync_api.couch import Couch
from sync_api.errors import StoreUnavailable
from sync_api.quarantine.budget import RefusalBudget
from sync_api.replication.content import CODED_FIELDS
from sync_api.replication.intake import UNREADABLE
from sync_api.replication.refusals import Refusal

#: A document of CouchDB holds 8 MB at most; a text of 1 MB is kept whole.
RAW_CHARACTERS_MAX: Final = 1_500_000


#: A hash, a revision, a ULID, a code of a division, or an id of a document.
_CODED: Final = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{64}|1-[0-9a-f]{32}|[0-9A-Z]{26}|[0-9]{12}"
    r"|[0-9]{4,12}:[a-z]+(:[a-z][a-z0-9_.-]{0,96})?(:[0-9A-Z]{26}|:[0-9]{4}[0-9HY-]*)?"
)


Outcome = Literal["released", "dismissed"]


class Decision(msgspec.Struct, frozen=True):
    """What an office made of it: released into the store as the author's, or dismissed with a word to the author. It is
    taken first and carried out then, so that of two at once one takes effect; ``is_done`` once it is."""

    outcome: Outcome
    by: str
    at: datetime
    text: str = ""
    is_done: bool = True


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
    return f"{division}:quarantine:{author}:{digest}"


def struck_out(raw: bytes) -> str:
    """A refused text without personal numbers. Ids, hashes and codes, whose digits mean something else, stay what they
    are, so that the document can still be released."""
    text = raw.decode("utf-8", errors="replace")
    if not has_personal_number(text):
        return text
    try:
        # written anew in any case: of a key that stands there twice only one value was looked at
        return msgspec.json.encode(_without_numbers(msgspec.json.decode(text))).decode()
    except UNREADABLE:
        return mask_personal_numbers(text)


def _without_numbers(value: object, is_id: bool = False) -> object:
    if isinstance(value, str):
        return value if is_id and _CODED.fullmatch(value) else mask_personal_numbers(value)
    if isinstance(value, dict):
        return {
            mask_personal_numbers(str(key)): _without_numbers(inner, key in CODED_FIELDS)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_numbers(inner, is_id) for inner in value]
    if isinstance(value, int | float) and has_personal_number(str(value)):
        return mask_personal_numbers(str(value))
    return value


def keeper_of(account: Account, document_id: str) -> str:
    """The division whose offices judge a refused document: the one that it was written for, as far as its author works
    or worked there; else the author's."""
    return account.place_covering(document_id.partition(":")[0]) or account.divisions[0]


async def keep(
    couch: Couch,
    session: Session,
    setup: Setup,
    database: str | None,
    refused: Sequence[tuple[Refusal, bytes]],
    now: datetime,
    budget: RefusalBudget,
) -> set[str]:
    """Keep refused documents, which were to go into a ``database``, or each into the one that its id names. Gives the
    ids, as the documents say them, of those that the author's ``budget`` leaves no room for; what is kept already costs
    nothing. Raises ``StoreUnavailable`` unless all others are kept."""
    if not refused:
        return set()
    account = session.account
    documents = [
        Quarantined(
            id=quarantine_id(keeper_of(account, refusal.document_id), account.alias, raw),
            received_at=now,
            database=database or _database_named(refusal.document_id, account, setup),
            author=account.alias,
            device=session.device,
            document_id=str(_without_numbers(refusal.document_id, is_id=True)),
            code=refusal.code,
            zh=mask_personal_numbers(refusal.zh),  # reasons repeat what they are about
            en=mask_personal_numbers(refusal.en),
            raw=struck_out(raw)[:RAW_CHARACTERS_MAX],
            raw_bytes=len(raw),
        )
        for refusal, raw in refused
    ]
    kept = await couch.rows_of(QUARANTINE_DATABASE, sorted({document.id for document in documents}))
    known = {row.id for row in kept if row.value is not None}
    new = list({document.id: document for document in documents if document.id not in known}.values())
    affordable = budget.afford(account.alias, [document.raw_bytes for document in new], now)
    bodies = [msgspec.json.encode(document) for document in new[:affordable]]
    saved = await couch.bulk_docs(QUARANTINE_DATABASE, bodies, new_edits=True) if bodies else []
    # a conflict says that it is already kept
    if failed := [row for row in saved if row.error is not None and row.error != "conflict"]:
        raise StoreUnavailable(f"quarantine: {failed[0].error}")
    return {document.document_id for document in new[affordable:]}


def _database_named(document_id: str, account: Account, setup: Setup) -> str:
    division = document_id.partition(":")[0]
    return database_of(division if division in setup.register.divisions else account.divisions[0])
