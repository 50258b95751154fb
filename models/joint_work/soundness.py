"""What a document of patrols and joint work must be by itself, whoever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from models import calendar, terms
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


Reason = tuple[str, str]
#: What is asked of a field whose name alone does not say what is wrong, and what else there must be; Chinese, English.
_WHY: Final[dict[str, tuple[str, str]]] = {
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
    "nobody": ("工作组至少要有一名成员或一个部门。", "A team has one member or one department at least."),
    "departments": ("所写的部门或单位不存在。", "There is no such department or office."),
    "village_unknown": ("没有这个村。", "There is no such village."),
    "village_outside": ("只能写本单位辖区内的村。", "The village is not of this office's division."),
    "village_twice": ("同一个村写了两次。", "A village is named twice."),
    "case_alone": ("写了事项的，也要写明是哪个村的。", "Say of which village the case is, too."),
    "unit_unknown": (
        "牵头、协办和检查单位应是本级部门，或者本单位及其下级单位。",
        "Who leads, helps or checks is a department, or an office of this division.",
    ),
    "lead_twice": ("牵头单位不能同时协办或检查。", "Who leads does not help or check as well."),
    "due": (
        f"办理期限应在会议当天起 {TERM_DAYS_MAX} 天之内。",
        f"It must be due within {TERM_DAYS_MAX} days from the day of the meeting.",
    ),
    "excused": (
        "同一单位不能既出席、列席又请假，也不能写两次。",
        "No office is both there and excused, or named twice.",
    ),
}


def joint_work_fault(event: AnyEvent, identity: DocumentId, catalogue: Catalogue, register: Register) -> Reason | None:
    """What is wrong first, Chinese and English; None if nothing is, and for any other kind of event."""
    day = calendar.local_day(event.observed_at)
    match event:
        case Patrol():
            return _first(_patrol_faults(event, identity, register, day))
        case Agenda() | Meeting():
            faults = _meeting_faults(event, identity, catalogue, register, day)
            return _first(faults) or _line_fault(event, identity.division, catalogue, register, day)
        case Team():
            return _first(_team_faults(event, catalogue, day))
    return None


def _first(faults: dict[str, bool]) -> Reason | None:
    name = next((name for name, is_wrong in faults.items() if is_wrong), None)
    if name is None or name in _WHY:
        return None if name is None else _WHY[name]
    return f"“{terms.FIELDS[name]}”填写不符合要求。", f"The field {name!r} is not as it must be."


def _patrol_faults(event: Patrol, identity: DocumentId, register: Register, day: int) -> dict[str, bool]:
    villages, fault = event.villages, patrol_fault(event)
    return {
        "village_unknown": any(village not in register.village_index for village in villages),
        "village_outside": any(not village.startswith(identity.division) for village in villages),
        "village_twice": len(set(villages)) != len(villages),
        **({} if fault is None else {fault: True}),
        "until": not _is_term(event.until, day),
    }


def _meeting_faults(
    event: Agenda | Meeting, identity: DocumentId, catalogue: Catalogue, register: Register, day: int
) -> dict[str, bool]:
    minutes = event if isinstance(event, Meeting) else None
    named = [*event.departments, *((*minutes.excused, *minutes.observers) if minutes else ())]
    next_on = minutes.next_on if minutes else None
    return {
        "no_agenda": minutes is not None and minutes.topic == "joint_conference" and minutes.about is None,
        "attended": minutes is not None and not minutes.departments,
        "chair": minutes is not None and not minutes.chair.strip(),
        "nothing_said": minutes is not None and not minutes.resolutions and not minutes.text.strip(),
        "topic": identity.level not in _LEVELS[event.topic],
        "held_on": isinstance(event, Agenda) and event.step == "approved" and not _is_term(event.held_on, day),
        "items": isinstance(event, Agenda) and bool(event.items) != (event.step == "approved"),
        "about": isinstance(event, Agenda) and (event.about is None) != (event.step == "approved"),
        "text": isinstance(event, Agenda) and event.step == "withdrawn" and not event.text.strip(),
        "departments": any(n not in catalogue.department_names and n not in register.divisions for n in named),
        "excused": len(set(named)) != len(named),
        "next_on": next_on is not None and not _is_term(next_on, day),
    }


def _line_fault(
    event: Agenda | Meeting, division: str, catalogue: Catalogue, register: Register, day: int
) -> Reason | None:
    """What is wrong with the first of its points or resolutions that is not right."""
    points: Sequence[AgendaItem | Resolution] = event.items if isinstance(event, Agenda) else event.resolutions
    for number, point in enumerate(points, 1):
        faults = _place_faults(point, division, register)
        if isinstance(point, Resolution):
            faults |= _lead_faults(point, division, day, catalogue, register)
        if (reason := _first(faults)) is not None:
            return f"第 {number} 项：{reason[0]}", f"Number {number}: {reason[1]}"
    return None


def _team_faults(event: Team, catalogue: Catalogue, day: int) -> dict[str, bool]:
    return {
        "nobody": event.step == "sent" and not event.members and not event.departments,
        "until": event.step == "sent" and event.until is not None and not _is_term(event.until, day),
        "departments": any(name not in catalogue.department_names for name in event.departments),
        "about": (event.about is None) != (event.step == "sent"),
    }


def _place_faults(point: AgendaItem | Resolution, division: str, register: Register) -> dict[str, bool]:
    village = point.village
    return {
        "village_unknown": village is not None and village not in register.village_index,
        "village_outside": village is not None and not village.startswith(division),
        "case_alone": point.case is not None and village is None,
    }


def _lead_faults(
    line: Resolution, division: str, day: int, catalogue: Catalogue, register: Register
) -> dict[str, bool]:
    """Its lead, who helps and who checks are departments or offices of the division; who leads does nothing else."""
    others = [*line.helpers, *([line.checker] if line.checker is not None else [])]
    are_known = all(
        unit in catalogue.department_names or (unit in register.divisions and unit.startswith(division))
        for unit in (line.lead, *others)
    )
    return {"unit_unknown": not are_known, "lead_twice": line.lead in others, "due": not _is_term(line.due, day)}


def _is_term(until: date, day: int) -> bool:
    return 0 <= calendar.epoch_day(until) - day <= TERM_DAYS_MAX
