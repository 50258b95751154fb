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


#: What is asked of a field whose name alone does not say what is wrong, and what else there must be; Chinese, English.
WHY: Final[dict[str, tuple[str, str]]] = {
    "since": ("开始日期不能晚于截止日期。", "It ends on the day it begins, or later."),
    "until": (
        f"截止日期应在今天起 {TERM_DAYS_MAX} 天之内。",
        f"The last day must lie within {TERM_DAYS_MAX} days from today.",
    ),
    "held_on": (
        f"会议日期应在今天起 {TERM_DAYS_MAX} 天之内。",
        f"The day of the meeting must lie within {TERM_DAYS_MAX} days from today.",
    ),
    "next_on": (
        f"下次会议日期应在本次会议之后 {TERM_DAYS_MAX} 天之内。",
        f"The next meeting must follow within {TERM_DAYS_MAX} days.",
    ),
    "attended": ("请填写哪些单位出席了会议。", "Say which offices came to the meeting."),
    "chair": ("请填写主持人的职务。", "Say which post took the chair."),
    "nothing_said": ("请至少写一项议定事项，或者写会议内容。", "Write what was decided, or what was said."),
    "no_agenda": (
        "联席会议按批准的议程召开：请先批准议程，再写这次会议的纪要。",
        "A joint conference meets on an approved agenda: approve one, then write its minutes.",
    ),
    "excused": (
        "同一单位不能既出席、列席又请假，也不能写两次。",
        "No office is both there and excused, or named twice.",
    ),
}


def joint_work_fault(event: AnyEvent, identity: DocumentId, catalogue: Catalogue, register: Register) -> str | None:
    """What is wrong first: a key of ``WHY`` or the name of a field; None if nothing is, and for any other event."""
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
    is_term = _is_term(event.until, day)
    return known | {"villages": is_unknown or fault == "villages", "until": not is_term}


def _meeting_faults(
    event: Agenda | Meeting, identity: DocumentId, catalogue: Catalogue, register: Register, day: int
) -> dict[str, bool]:
    minutes = event if isinstance(event, Meeting) else None
    points = event.items if isinstance(event, Agenda) else event.resolutions
    named = [*event.departments, *((*minutes.excused, *minutes.observers) if minutes else ())]
    is_outside = any(not _lies_in(point, identity.division, register) for point in points)
    is_unled = minutes is not None and any(
        not _is_led(line, identity.division, day, catalogue, register) for line in minutes.resolutions
    )
    next_on = minutes.next_on if minutes else None
    return {
        "no_agenda": minutes is not None and minutes.topic == "joint_conference" and minutes.about is None,
        "attended": minutes is not None and not minutes.departments,
        "chair": minutes is not None and not minutes.chair.strip(),
        "nothing_said": minutes is not None and not minutes.resolutions and not minutes.text.strip(),
        "topic": identity.level not in _LEVELS[event.topic],
        "held_on": isinstance(event, Agenda) and event.step == "approved" and not _is_term(event.held_on, day),
        "items": isinstance(event, Agenda) and (is_outside or bool(event.items) != (event.step == "approved")),
        "about": isinstance(event, Agenda) and (event.about is None) != (event.step == "approved"),
        "text": isinstance(event, Agenda) and event.step == "withdrawn" and not event.text.strip(),
        "resolutions": minutes is not None and (is_outside or is_unled),
        "departments": any(n not in catalogue.department_names and n not in register.divisions for n in named),
        "excused": len(set(named)) != len(named),
        "next_on": next_on is not None and not _is_term(next_on, day),
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


def _is_led(line: Resolution, division: str, day: int, catalogue: Catalogue, register: Register) -> bool:
    """Whether its lead, who helps and who checks are departments or offices of the division, each in one part only."""
    others = [*line.helpers, *([line.checker] if line.checker is not None else [])]
    are_known = all(
        unit in catalogue.department_names or (unit in register.divisions and unit.startswith(division))
        for unit in (line.lead, *others)
    )
    return are_known and line.lead not in others and _is_term(line.due, day)


def _is_term(until: date, day: int) -> bool:
    return 0 <= calendar.epoch_day(until) - day <= TERM_DAYS_MAX
