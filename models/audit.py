"""The audit log: who decided what about whom, chained so that no entry can be changed or taken out unseen.

Each entry holds the hash of the one before it. Whoever keeps a copy of a number and its hash can prove later that all
up to it is as it was; what was cut off at the end shows only against such a copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

#: What is logged: decisions, what makes an all-clear void, looks at what is sealed, changes of staff, work taken in for
#: somebody else.
AuditAction = Literal[
    "case_decided",
    "all_clear_void",
    "omission_decided",
    "evaluation_decided",
    "lot_announced",
    "lot_drawn",
    "team_decided",
    "paper_withdrawn",
    "record_corrected",
    "record_withdrawn",
    "sanction_decided",
    "appointment",
    "informant_named",
    "informant_read",
    "quarantine_released",
    "quarantine_dismissed",
    "sealed_written",
    "sealed_read",
    "sealed_erased",
    "account_added",
    "account_opened",
    "account_closed",
    "account_moved",
    "password_changed",
    "enrolment_offered",
    "device_revoked",
    "parcel_taken",
]
#: What the first entry has instead of the hash of one before it.
BEGINNING: Final = "0" * 64


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """``actor``: an alias, or ``d110`` for the operator's command line; ``subject``: the id of what was decided on or
    looked at; ``hash``: SHA-256 of all the other fields."""

    number: Annotated[int, Meta(ge=1)]
    at: datetime
    actor: str
    action: AuditAction
    subject: str
    details: dict[str, str]
    previous: str
    hash: str


def next_entry(
    before: AuditEntry | None, at: datetime, actor: str, action: AuditAction, subject: str, details: Mapping[str, str]
) -> AuditEntry:
    """The entry that follows ``before``."""
    entry = AuditEntry(
        number=1 if before is None else before.number + 1,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details),
        previous=BEGINNING if before is None else before.hash,
        hash="",
    )
    return msgspec.structs.replace(entry, hash=_hash(entry))


def first_fault(entries: Iterable[AuditEntry]) -> tuple[int, str, str] | None:
    """The first number at which a whole log is not what was written, with the reason in Chinese and English."""
    before: AuditEntry | None = None
    for number, entry in enumerate(entries, 1):
        if entry.number != number:
            return number, "缺少这一条", "this entry is missing"
        if entry.hash != _hash(entry):
            return number, "内容被改动过", "its content was changed"
        if entry.previous != (BEGINNING if before is None else before.hash):
            return number, "与上一条不相接", "it does not follow from the one before"
        before = entry
    return None


def _hash(entry: AuditEntry) -> str:
    fields = {name: value for name, value in msgspec.to_builtins(entry).items() if name != "hash"}
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()
