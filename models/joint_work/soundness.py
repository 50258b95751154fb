"""What a document of patrols and joint work must be by itself, whoever wrote it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from models import calendar
from models.documents import Agenda, AgendaItem, Carrying, Meeting, Patrol, Resolution, Team, Topic
from models.ids import Level
from models.patrols import patrol_fault

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.divisions import Register
    from models.documents import AnyEvent
    from models.ids import DocumentId

#: The latest day that a resolution, a patrol or a team may be given, from the day it is decided on.
TERM_DAYS_MAX: Final = 366
_LEVELS: Final[dict[Topic, frozenset[Level]]] = {
    "joint_conference": frozenset({"city", "county"}),
    "township_special": frozenset({"township"}),
    "other": frozenset({"city", "county", "township"}),
}
#: Once said they stand: a lot is drawn once, and a word on a resolution or a team is followed by another one.
UNAMENDED: Final = Patrol | Agenda | Carrying | Team


def joint_work_fault(event: AnyEvent, identity: DocumentId, catalogue: Catalogue, register: Register) -> str | None:
    """The name of the first field that is not as it must be, or None; None for any other kind of event, too."""
    day = calendar.local_day(event.observed_at)
    match event:
        case Patrol():
            faults = _patrol_faults(event, register, day)
        case Agenda() | Meeting():
            faults = _meeting_faults(event, identity, catalogue, register, day)
        case Team():
            faults = _team_faults(event, catalogue, day)
        case _:
            return None
    return next((name for name, is_wrong in faults.items() if is_wrong), None)


def _patrol_faults(event: Patrol, register: Register, day: int) -> dict[str, bool]:
    fault = patrol_fault(event)
    known = {} if fault is None else {fault: True}
    is_unknown = any(village not in register.village_index for village in event.villages)
    return known | {"villages": is_unknown or fault == "villages", "until": not _is_term(event.until, day)}


def _meeting_faults(
    event: Agenda | Meeting, identity: DocumentId, catalogue: Catalogue, register: Register, day: int
) -> dict[str, bool]:
    points = event.items if isinstance(event, Agenda) else event.resolutions
    resolutions = [] if isinstance(event, Agenda) else event.resolutions
    named = event.departments if isinstance(event, Agenda) else [*event.departments, *event.excused]
    is_outside = any(not _lies_in(point, identity.division, register) for point in points)
    is_unled = any(_is_bad_lead(line, identity.division, day, catalogue, register) for line in resolutions)
    return {
        "topic": identity.level not in _LEVELS[event.topic],
        "items": isinstance(event, Agenda) and is_outside,
        "resolutions": isinstance(event, Meeting) and (is_outside or is_unled),
        "departments": any(n not in catalogue.department_names and n not in register.divisions for n in named),
    }


def _team_faults(event: Team, catalogue: Catalogue, day: int) -> dict[str, bool]:
    return {
        "until": event.step == "sent" and event.until is not None and not _is_term(event.until, day),
        "departments": any(name not in catalogue.department_names for name in event.departments),
        "about": (event.about is None) != (event.step == "sent"),
    }


def _lies_in(point: AgendaItem | Resolution, division: str, register: Register) -> bool:
    village = point.village
    is_here = village is None or (village.startswith(division) and village in register.village_index)
    return is_here and (point.case is None or village is not None)


def _is_bad_lead(line: Resolution, division: str, day: int, catalogue: Catalogue, register: Register) -> bool:
    is_own = line.lead in register.divisions and line.lead.startswith(division)
    return not (is_own or line.lead in catalogue.department_names) or not _is_term(line.due, day)


def _is_term(until: date, day: int) -> bool:
    return 0 <= calendar.epoch_day(until) - day <= TERM_DAYS_MAX
