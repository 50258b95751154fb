"""The lists of joint work as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models import calendar
from models.divisions import Register
from models.documents import Topic
from models.joint_work.resolutions import ResolutionState
from sync_api.casework.views import office_name, place_words
from sync_api.joint_work.views import AgendaView, MeetingView, TeamView
from sync_api.sheets import Cell

MEETING_COLUMNS: Final = (
    ("类型", "Kind"),
    ("单位", "Office"),
    ("代码", "Code"),
    ("会议", "Meeting"),
    ("日期", "Held on"),
    ("地点", "Place"),
    ("主持", "Chair"),
    ("出席（受邀）", "Present (invited)"),
    ("请假", "Excused"),
    ("列席", "Observing"),
    ("议定事项", "Resolutions"),
    ("未办结", "Open"),
    ("逾期", "Overdue"),
    ("不同意见", "Dissent"),
    ("下次会议", "Next"),
    ("文号", "Paper"),
    ("内容", "Text"),
)
RESOLUTION_COLUMNS: Final = (
    ("会议", "Meeting"),
    ("会议日期", "Held on"),
    ("事项", "Matter"),
    ("村", "Village"),
    ("代码", "Code"),
    ("决定", "Decision"),
    ("牵头单位", "Lead"),
    ("协办单位", "Helpers"),
    ("检查单位", "Checked by"),
    ("期限", "Due"),
    ("状态", "Standing"),
    ("逾期", "Overdue"),
    ("办理情况", "What was done"),
)
_STANDINGS: Final = {"open": ("在办", "open"), "done": ("待销号", "done"), "accepted": ("已销号", "accepted")}
_TOPICS: Final[dict[Topic, tuple[str, str]]] = {
    "joint_conference": ("联席会议", "joint conference"),
    "township_special": ("乡镇专题会", "township meeting"),
    "other": ("会议", "meeting"),
}
_AGENDAS: Final = {
    "coming": ("议程", "agenda"),
    "met": ("议程（已开会）", "agenda, met on"),
    "past": ("议程（未开会）", "agenda, not met on"),
    "withdrawn": ("议程（已撤回）", "agenda, withdrawn"),
}
TEAM_COLUMNS: Final = (
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("代码", "Code"),
    ("分值", "Points"),
    ("原因", "Reasons"),
    ("派出单位", "Sent by"),
    ("派出时间", "Sent at"),
    ("参加部门", "Departments"),
    ("人数", "Members"),
    ("期限", "Until"),
    ("撤回时间", "Withdrawn at"),
    ("成效", "Outcome"),
)


def _units(register: Register, units: Sequence[str]) -> str:
    return "、".join(office_name(register, unit) or unit for unit in units)


def agenda_row(view: AgendaView, register: Register, at: int) -> list[Cell]:
    """``at``: the place of the language in a pair of words."""
    state = "met" if view.is_held else "past" if view.is_past else "coming"
    state = state if view.withdrawn is None else "withdrawn"
    kind = _AGENDAS[state][at]
    code = view.id.partition(":")[0]
    said = "；".join(item.text for item in view.items)
    there: list[Cell] = [view.held_on, view.place, None, _units(register, view.departments)]
    return [
        kind,
        place_words(register, code),
        code,
        _TOPICS[view.topic][at],
        *there,
        *[None] * 7,
        view.paper_number,
        said,
    ]


def meeting_row(view: MeetingView, register: Register, at: int) -> list[Cell]:
    standings = [one.standing for one in view.resolutions]
    return [
        ("纪要", "minutes")[at],
        place_words(register, view.id.partition(":")[0]),
        view.id.partition(":")[0],
        _TOPICS[view.topic][at],
        calendar.day_of(calendar.local_day(view.at)),
        view.place,
        view.chair,
        *(_units(register, units) for units in (view.departments, view.excused, view.observers)),
        len(standings),
        len(standings) - standings.count("accepted"),
        sum(one.is_overdue for one in view.resolutions),
        view.dissent,
        view.next_on,
        view.paper_number,
        view.text,
    ]


def resolution_row(state: ResolutionState, register: Register, today: int, at: int) -> list[Cell]:
    one = state.resolution
    return [
        f"{place_words(register, state.office)} {_TOPICS[state.meeting.topic][at]}",
        calendar.day_of(calendar.local_day(state.meeting.observed_at)),
        one.matter,
        place_words(register, one.village) if one.village is not None else None,
        one.village,
        one.decision,
        office_name(register, one.lead),
        _units(register, one.helpers),
        office_name(register, state.checker),
        one.due,
        _STANDINGS[state.standing][at],
        ("是", "yes")[at] if state.is_overdue(today) else None,
        "; ".join(word.text for word in state.said),
    ]


def team_row(view: TeamView, at: int) -> list[Cell]:
    place: list[Cell] = [*view.place]
    reasons = (view.zh, view.en)[at]
    return [
        *place,
        view.village,
        view.points,
        reasons,
        view.office_name,
        view.sent_on,
        "、".join(view.departments),
        view.members or None,
        view.until,
        view.withdrawn_at,
        view.outcome,
    ]
