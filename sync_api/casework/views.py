"""What pages show of cases."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from models import calendar
from models.cases import ILLEGAL
from models.divisions import Register
from models.documents import CaseEvent, CaseStep, Channel, Report, Service, Severity, Stage
from models.ids import CODE_LENGTHS, parse_id
from models.notices.offices import short_name
from sync_api.casework.book import Matter


class CaseView(msgspec.Struct, kw_only=True):
    """One line of a list. ``place``: the names of county, township and village; ``owner_name``, ``asked_name`` …: of a
    division or a department; ``told``: the offices that have not seen it yet, ``told_names`` in the same order."""

    village: str
    case: str
    place: list[str]
    indicator: str
    severity: Severity
    stage: Stage
    owner: str
    owner_name: str
    asked: str | None
    asked_name: str | None
    first_asked_name: str
    told: list[str]
    told_names: list[str]
    departments: list[str]
    opened_on: date
    due: date
    is_overdue: bool
    taken_up_on: date | None
    cleared_on: date | None
    is_relapse: bool
    channel: Channel | None
    text: str
    observed_at: datetime
    saved_at: datetime
    found: str
    done: str
    verified_by: str | None


class Entry(msgspec.Struct, kw_only=True):
    """One event of a case's history. ``author`` is empty where it is not the reader's to know; ``notice``: the paper
    that it was issued with; ``set_aside``: why the step has no effect, Chinese and English."""

    id: str
    step: CaseStep
    at: datetime
    saved_at: datetime
    author: str
    office: str | None
    department: str | None
    severity: Severity | None
    due: date | None
    text: str
    found: str
    done: str
    verified_by: str | None
    notice: str | None
    is_better: bool | None
    is_correction: bool
    set_aside: tuple[str, str] | None


def office_name(register: Register, office: str | None) -> str | None:
    """The name of a division of the register; a department is named by itself."""
    division = register.divisions.get(office or "")
    return division.name if division is not None else office


def place_of(register: Register, division: str) -> list[str]:
    """The names of county, township and village, as far down as the division lies; a county's name at the head of its
    township's is not said twice."""
    codes = dict.fromkeys(division[: CODE_LENGTHS[level]] for level in ("county", "township", "village"))
    names = [register.divisions[code].name for code in codes if code in register.divisions]
    return [(name.removeprefix(names[0]) or name) if at == 1 else name for at, name in enumerate(names)]


def place_words(register: Register, division: str) -> str:
    """The same as people say it, in one text, by which it is told from others of its name; the code of one that is not
    there."""
    return " ".join(map(short_name, place_of(register, division))) or division


def case_view(matter: Matter, register: Register, today: int) -> CaseView:
    case, opening, clearing = matter.case, matter.opening, matter.clearing
    return CaseView(
        village=case.village,
        case=case.case,
        place=place_of(register, case.village),
        indicator=case.indicator,
        severity=case.severity,
        stage=case.stage_on(today),
        owner=case.owner,
        owner_name=office_name(register, case.owner) or "",
        asked=case.asked,
        asked_name=office_name(register, case.asked),
        first_asked_name=office_name(register, case.first_asked) or "",
        told=list(case.told),
        told_names=[office_name(register, code) or code for code in case.told],
        departments=list(case.departments),
        opened_on=calendar.day_of(case.opened_day),
        due=calendar.day_of(case.due_day),
        is_overdue=case.is_overdue(today),
        taken_up_on=None if case.taken_up_day is None else calendar.day_of(case.taken_up_day),
        cleared_on=None if case.cleared_day is None else calendar.day_of(case.cleared_day),
        is_relapse=matter.is_relapse,
        channel=opening.channel if isinstance(opening, Report) else None,
        text=opening.text,
        observed_at=opening.observed_at,
        saved_at=opening.saved_at,
        found=clearing.found if clearing else "",
        done=clearing.done if clearing else "",
        verified_by=clearing.verified_by if clearing else None,
    )


def entry(event: Report | CaseEvent, matter: Matter, author: str) -> Entry:
    """An event as history shows it; ``author`` as far as the reader may know."""
    ulid = parse_id(event.id).ulid or ""
    code = next((aside.code for aside in matter.case.set_aside if aside.ulid == ulid), None)
    step = event if isinstance(event, CaseEvent) else None
    return Entry(
        id=ulid,
        step="opened" if step is None else step.step,
        at=event.observed_at,
        saved_at=event.saved_at,
        author=author,
        office=event.office,
        department=step.department if step else None,
        severity=event.severity,
        due=step.due if step else None,
        text=event.text,
        found=step.found if step else "",
        done=step.done if step else "",
        verified_by=step.verified_by if step else None,
        notice=step.notice if step else None,
        is_better=step.is_better if step else None,
        is_correction=event.amends is not None,
        set_aside=None if code is None else (ILLEGAL[code].zh, ILLEGAL[code].en),
    )


class ServiceView(msgspec.Struct, kw_only=True):
    """One line of the ledger of services; ``may_correct``: the reader's office entered it."""

    id: str
    division: str
    division_name: str
    observed_at: datetime
    topic: str
    amount: float
    unit: str
    place: str
    text: str
    is_corrected: bool
    may_correct: bool


def service_view(service: Service, register: Register, *, may_correct: bool) -> ServiceView:
    division = parse_id(service.id).division
    return ServiceView(
        id=service.id,
        division=division,
        division_name=office_name(register, division) or division,
        observed_at=service.observed_at,
        topic=service.topic,
        amount=service.amount,
        unit=service.unit,
        place=service.place,
        text=service.text,
        is_corrected=service.amends is not None,
        may_correct=may_correct,
    )
