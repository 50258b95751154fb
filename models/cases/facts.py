"""What one event says about one case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from models import calendar
from models.documents import CaseEvent, CaseStep, Report, Severity
from models.ids import parse_id

if TYPE_CHECKING:
    from models.documents import AnyDocument


class CaseFact(msgspec.Struct, frozen=True):
    """One event, reduced to what the fold needs. ``at_ms`` is ``observed_at``; ``author`` an alias; ``office`` the
    division or department in whose name a step is taken, of an assignment the one that is asked."""

    village: str
    case: str
    at_ms: int
    ulid: str
    step: CaseStep
    indicator: str | None = None
    severity: Severity | None = None
    due_day: int | None = None
    author: str = ""
    office: str | None = None
    department: str | None = None
    verified_by: str | None = None
    is_better: bool | None = None


def case_fact(document: AnyDocument) -> CaseFact | None:
    """What a document says about a case, or None if it says nothing. Raises ``IdError`` for a malformed id."""
    if isinstance(document, Report):
        identity = parse_id(document.id)
        opened = document.id if document.amends is None else document.amends
        case, ulid = parse_id(opened).ulid, identity.ulid
        if case is None or ulid is None:
            return None
        return CaseFact(
            identity.division,
            case,
            calendar.to_ms(document.observed_at),
            ulid,
            "opened",
            indicator=document.indicator,
            severity=document.severity,
            author=identity.owner or "",
            office=document.office,
        )
    if isinstance(document, CaseEvent):
        identity = parse_id(document.id)
        if identity.owner is None or identity.ulid is None:
            return None
        return CaseFact(
            identity.division,
            identity.owner,
            calendar.to_ms(document.observed_at),
            identity.ulid,
            document.step,
            indicator=document.indicator,
            severity=document.severity,
            due_day=None if document.due is None else calendar.epoch_day(document.due),
            author=document.author,
            office=document.office or _issuer(document),
            department=document.department,
            verified_by=document.verified_by,
            is_better=document.is_better,
        )
    return None


def _issuer(event: CaseEvent) -> str | None:
    """The office whose paper a step was issued with."""
    return None if event.notice is None else event.notice.partition(":")[0]
