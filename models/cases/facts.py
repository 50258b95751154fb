"""What one event says about one case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from models import calendar
from models.documents import CaseEvent, CaseStep, Report, Severity
from models.ids import parse_id

if TYPE_CHECKING:
    from models.documents import AnyDocument


class CaseFact(msgspec.Struct, frozen=True):
    """One event, reduced to what the fold needs. ``at_ms``: when it happened, which is when a matter was observed, but
    of a step when it was saved: nothing is done before it is written down. ``saved_ms``: when it was saved, 0 where
    that is not known; ``author`` an alias; ``office`` the division or department in whose name a step is taken, of an
    assignment the one that is asked, of a step that came with a paper the one that issued it; ``notice``: the paper."""

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
    saved_ms: int = 0
    notice: str | None = None


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
            saved_ms=calendar.to_ms(document.saved_at),
        )
    if isinstance(document, CaseEvent):
        identity = parse_id(document.id)
        if identity.owner is None or identity.ulid is None:
            return None
        saved_ms = calendar.to_ms(document.saved_at)
        return CaseFact(
            identity.division,
            identity.owner,
            calendar.to_ms(document.observed_at) if document.step == "opened" else saved_ms,
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
            saved_ms=saved_ms,
            notice=document.notice,
        )
    return None


def known_by(facts: Iterable[CaseFact], last_day: int) -> list[CaseFact]:
    """What counts of a span that ends with an epoch day: what was written down by then, and of a matter that was seen
    in it and told of later, that there was one. So nothing that is written afterwards makes the span look better."""
    known: list[CaseFact] = []
    told_of: set[tuple[str, str]] = set()
    told_later: dict[tuple[str, str], CaseFact] = {}
    for fact in facts:
        key = fact.village, fact.case
        if calendar.local_day_of_ms(fact.at_ms) > last_day:
            continue
        if calendar.local_day_of_ms(fact.saved_ms) <= last_day:
            known.append(fact)
            if fact.step == "opened":
                told_of.add(key)
        else:
            told_later[key] = min(fact, told_later.get(key, fact), key=lambda one: one.ulid)
    return known + [fact for key, fact in told_later.items() if key not in told_of]


def _issuer(event: CaseEvent) -> str | None:
    """The office whose paper a step was issued with."""
    return None if event.notice is None else event.notice.partition(":")[0]
