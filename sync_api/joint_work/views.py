"""What pages show of meetings, resolutions and teams."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from models.divisions import Register
from models.documents import Agenda, AgendaItem, AgendaSection, Meeting, Notice, Topic
from models.ids import parse_id
from models.joint_work.agenda import Point
from models.joint_work.resolutions import ResolutionState, Standing
from models.joint_work.teams import Difficulty, TeamLevel, TeamState
from models.notices.offices import number_text
from models.policy import Policy
from sync_api.casework.views import office_name, place_of


class PointView(msgspec.Struct):
    """A proposed point of an agenda."""

    section: AgendaSection
    zh: str
    en: str
    village: str | None
    case: str | None


class AgendaView(msgspec.Struct, kw_only=True):
    """``is_past``: its day went by without minutes; ``withdrawn``: why nobody met on it. ``paper``: the notice by which
    those invited were called."""

    id: str
    topic: Topic
    held_on: date
    begins_at: str
    place: str
    departments: list[str]
    items: list[AgendaItem]
    author: str
    is_held: bool
    is_past: bool
    withdrawn: str | None
    paper: str | None
    paper_number: str | None


class SaidView(msgspec.Struct):
    """One word on a resolution."""

    at: datetime
    author: str
    step: str
    text: str


class ResolutionView(msgspec.Struct, kw_only=True):
    """A line of minutes as it stands. ``may_report``, ``may_accept``: what the reader may say of it now."""

    meeting: str
    line: int
    topic: Topic
    held_on: date
    division: str
    division_name: str
    matter: str
    decision: str
    lead: str
    lead_name: str
    helpers: list[str]
    checker: str
    due: date
    village: str | None
    case: str | None
    place: list[str]
    standing: Standing
    is_overdue: bool
    said: list[SaidView]
    may_report: bool
    may_accept: bool


class MeetingView(msgspec.Struct, kw_only=True):
    """A meeting that was held. ``paper``: its minutes as they were issued."""

    id: str
    topic: Topic
    division: str
    division_name: str
    at: datetime
    place: str
    departments: list[str]
    excused: list[str]
    observers: list[str]
    chair: str
    text: str
    dissent: str
    next_on: date | None
    paper: str | None
    paper_number: str | None
    resolutions: list[ResolutionView]


class TeamView(msgspec.Struct, kw_only=True):
    """A village that needs a team, or has one. ``level``: whose team is proposed; ``office``: whose is there."""

    village: str
    place: list[str]
    points: int
    zh: str
    en: str
    level: TeamLevel | None
    id: str | None = None
    office: str | None = None
    office_name: str | None = None
    sent_on: datetime | None = None
    until: date | None = None
    is_overdue: bool = False
    departments: list[str] = []
    members: int = 0
    text: str = ""
    withdrawn_at: datetime | None = None
    outcome: str = ""


def point_view(point: Point) -> PointView:
    return PointView(point.section, point.zh, point.en, point.village, point.case)


def agenda_view(
    found: Agenda, *, is_held: bool, is_past: bool, withdrawal: Agenda | None, paper: Notice | None
) -> AgendaView:
    return AgendaView(
        id=found.id,
        topic=found.topic,
        held_on=found.held_on,
        begins_at=found.begins_at,
        place=found.place,
        departments=found.departments,
        items=found.items,
        author=parse_id(found.id).owner or "",
        is_held=is_held,
        is_past=is_past and not is_held,
        withdrawn=withdrawal.text if withdrawal else None,
        paper=paper.id if paper else None,
        paper_number=number_text(paper) if paper else None,
    )


def meeting_view(
    meeting: Meeting, register: Register, resolutions: list[ResolutionView], paper: Notice | None
) -> MeetingView:
    """``meeting`` as last corrected; its id is that of the first minutes."""
    division = parse_id(meeting.id).division
    return MeetingView(
        id=meeting.amends or meeting.id,
        topic=meeting.topic,
        division=division,
        division_name=register.divisions[division].name,
        at=meeting.observed_at,
        place=meeting.place,
        departments=meeting.departments,
        excused=meeting.excused,
        observers=meeting.observers,
        chair=meeting.chair,
        text=meeting.text,
        dissent=meeting.dissent,
        next_on=meeting.next_on,
        paper=paper.id if paper else None,
        paper_number=number_text(paper) if paper else None,
        resolutions=resolutions,
    )


def resolution_view(
    state: ResolutionState, register: Register, today: int, offices: tuple[str, ...], alias: str
) -> ResolutionView:
    one, last = state.resolution, state.said[-1] if state.said else None
    is_own = last is not None and parse_id(last.id).owner == alias
    return ResolutionView(
        meeting=state.about,
        line=state.line,
        topic=state.meeting.topic,
        held_on=state.meeting.observed_at.date(),
        division=state.office,
        division_name=office_name(register, state.office) or "",
        matter=one.matter,
        decision=one.decision,
        lead=one.lead,
        lead_name=office_name(register, one.lead) or "",
        helpers=[office_name(register, unit) or unit for unit in one.helpers],
        checker=office_name(register, state.checker) or "",
        due=one.due,
        village=one.village,
        case=one.case,
        place=place_of(register, one.village) if one.village is not None else [],
        standing=state.standing,
        is_overdue=state.is_overdue(today),
        said=[SaidView(word.observed_at, parse_id(word.id).owner or "", word.step, word.text) for word in state.said],
        may_report=state.standing == "open" and one.lead in offices,
        may_accept=state.standing == "done" and state.checker in offices and not is_own,
    )


def team_view(state: TeamState, found: Difficulty, register: Register, policy: Policy, today: int) -> TeamView:
    sent, end = state.sent, state.withdrawn
    zh, en = found.words()
    return TeamView(
        village=state.village,
        place=place_of(register, state.village),
        points=found.points,
        zh=zh,
        en=en,
        level=found.level(policy),
        id=sent.id,
        office=sent.office,
        office_name=office_name(register, sent.office),
        sent_on=sent.observed_at,
        until=sent.until,
        is_overdue=state.is_overdue(today),
        departments=sent.departments,
        members=sent.members,
        text=sent.text,
        withdrawn_at=end.observed_at if end is not None else None,
        outcome=end.text if end is not None else "",
    )
