"""The audit log: who decided what about whom, chained so that no entry can be changed or taken out unseen.

Each entry holds the hash of the one before it. Whoever keeps a copy of a number and its hash can prove later that all
up to it is as it was. A decision's entry holds the hash of its event, too: the store must hold each of them as it was
logged, and no decision that was not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta

from models.documents import (
    AnyEvent,
    Appointment,
    CaseEvent,
    CaseStep,
    Decision,
    Omission,
    Patrol,
    Pledge,
    Record,
    Sanction,
    Service,
    Team,
    Training,
    Withdrawal,
)

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
#: The steps of a case by which an office decides.
_DECIDING: Final[frozenset[CaseStep]] = frozenset(
    {"assigned", "deadline", "team_sent", "escalated", "cleared", "reopened"}
)
_DECIDE = (CaseEvent, Omission, Decision, Patrol, Team, Withdrawal, Sanction, Appointment, Pledge, Training, Service)
#: The kinds of events that may decide something.
DECIDING_KINDS: Final = frozenset(str(one.__struct_config__.tag) for one in _DECIDE)
#: What an entry on an event says of it.
EVENT_ACTIONS: Final[frozenset[AuditAction]] = frozenset(
    {
        *("case_decided", "omission_decided", "evaluation_decided", "team_decided", "sanction_decided"),
        *("lot_announced", "lot_drawn", "appointment", "paper_withdrawn", "record_withdrawn", "record_corrected"),
    }
)
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


def decision_of(event: AnyEvent) -> tuple[AuditAction, dict[str, str]] | None:
    """What an event decides and what the log says of it; None if it decides nothing. ``event``: the hash of all of it,
    so that whatever was changed in the store shows."""
    said = _decision_of(event)
    if said is None:
        return None
    action, details = said
    bare = msgspec.structs.replace(event, rev=UNSET, revisions=UNSET)
    return action, details | {"event": hashlib.sha256(msgspec.json.encode(bare)).hexdigest()}


def _decision_of(event: AnyEvent) -> tuple[AuditAction, dict[str, str]] | None:
    said: tuple[AuditAction, dict[str, str]] | None = None
    match event:
        case CaseEvent(step=step) if step in _DECIDING:
            said = "case_decided", {"step": step}
        case Omission(step=stage, about=about) if stage != "found":
            said = "omission_decided", {"step": stage, "about": about}
        case Decision(about=about, grade=grade, measures=measures):
            said = "evaluation_decided", {"about": about, "grade": grade or "", "measures": " ".join(measures)}
        case Patrol(step=way, commitment=commitment, secret=secret) if way != "planned":
            said = ("lot_announced" if way == "announced" else "lot_drawn"), {"seal": commitment or secret or ""}
        case Team(step=move, office=office):
            said = "team_decided", {"step": move, "office": office}
        case Withdrawal(notice=notice):
            said = "paper_withdrawn", {"notice": notice}
        case Sanction(disciplines=disciplines, omissions=omissions):
            costs = {"withheld_months": str(event.withheld_months), "suspended_days": str(event.suspended_days)}
            costs |= {"disciplines": " ".join(disciplines), "omissions": " ".join(omissions)}
            said = "sanction_decided", costs
        case Appointment(alias=alias, is_dismissal=is_dismissal):
            said = "appointment", {"kind": "dismissal" if is_dismissal else "appointment", "alias": alias}
        case Record(amends=str(amends), withdrawn=withdrawn):
            said = ("record_withdrawn" if withdrawn else "record_corrected"), {"amends": amends}
        case _:
            pass
    return said


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
