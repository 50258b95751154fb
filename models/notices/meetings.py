"""The papers of a meeting: the notice that calls those who are invited (会议通知), and its minutes (会议纪要)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from models import calendar
from models.documents import (
    AGENDA_SECTIONS,
    Agenda,
    Attendance,
    Meeting,
    Notice,
    Paragraph,
    Presence,
    Receiver,
    Resolution,
    Topic,
)
from models.ids import CODE_LENGTHS
from models.notices.composition import Issue, full_name, items, sections, subsections
from models.notices.offices import day_text, mark_of, office_name
from models.notices.requests import MeetingRequest
from models.terms import AGENDA, MEETINGS

_VILLAGE: Final = CODE_LENGTHS["village"]
_COME: Final = "请按时参加；不能参加的，请在会前向本机关请假。"
#: Stands before the number of minutes.
_MINUTES_MARK: Final = "纪"


def compose_meeting(identity: str, request: MeetingRequest, source: Agenda | Meeting, issue: Issue) -> Notice:
    """The notice of an agenda, or the minutes of a meeting, to whom they concern."""
    office = _name(issue.office, issue)
    mark = mark_of(issue.office, issue.register, issue.rulebook.policy.notices)
    notice = Notice(
        id=identity,
        simulated=issue.rulebook.is_simulated,
        paper="meeting",
        request=request.ulid,
        issued_at=issue.at,
        author=issue.author,
        office=office,
        mark=mark,
        title="",
        receivers=receivers_of(source, issue),
        copies=request.copies,
        body=[],
        source=source.id,
        is_reserved=True,
    )
    if isinstance(source, Agenda):
        title = f"{office}关于召开{_what(source.held_on, source.topic)}的通知"
        return msgspec.structs.replace(notice, title=title, body=_invitation(source, issue))
    return msgspec.structs.replace(
        notice,
        paper="minutes",
        mark=mark + _MINUTES_MARK,
        title=f"{_what(_held_on(source), source.topic)}纪要",
        body=_minutes(source, office, issue),
        attendance=_attendance(source, issue),
    )


def _what(day: date, topic: Topic) -> str:
    return f"{day.year}年{day.month}月{MEETINGS[topic]}"


def _held_on(meeting: Meeting) -> date:
    return calendar.day_of(calendar.local_day(meeting.observed_at))


def receivers_of(source: Agenda | Meeting, issue: Issue) -> list[Receiver]:
    """Who is invited; or who was there or excused, and the offices that have something to do. Never the own office."""
    units = list(source.departments)
    if isinstance(source, Meeting):
        tasked = [unit for line in source.resolutions for unit in (line.lead, *line.helpers, line.checker) if unit]
        # a village hears of its own matter as a task, not of all the others
        units += [*source.excused, *source.observers, *(unit for unit in tasked if len(unit) != _VILLAGE)]
    return [_receiver(unit, issue) for unit in dict.fromkeys(units) if unit != issue.office]


def _receiver(unit: str, issue: Issue) -> Receiver:
    if unit in issue.register.divisions:
        return Receiver(unit, _name(unit, issue))
    # a township's meeting invites its county's departments
    return Receiver(issue.office[: CODE_LENGTHS["county"]], _name(unit, issue), unit)


def _name(unit: str, issue: Issue) -> str:
    if unit in issue.register.divisions:
        return office_name(unit, issue.register, issue.rulebook.policy.notices)
    return full_name(unit, issue)


def _names(units: Iterable[str], issue: Issue) -> str:
    return "、".join(_name(unit, issue) for unit in units)


def _invitation(agenda: Agenda, issue: Issue) -> list[Paragraph]:
    points = [
        (AGENDA[section], [*items([one.text for one in agenda.items if one.section == section])])
        for section in AGENDA_SECTIONS
    ]
    return [
        Paragraph(f"经研究，定于{day_text(agenda.held_on)}召开{MEETINGS[agenda.topic]}，现将有关事项通知如下。"),
        *sections(
            [
                ("时间", [f"{day_text(agenda.held_on)}{agenda.begins_at}。"]),
                ("地点", [f"{agenda.place}。"] if agenda.place else []),
                ("参加单位", [f"{_names(agenda.departments, issue)}。"]),
                ("议程", subsections([(title, texts) for title, texts in points if texts])),
                ("要求", [_COME]),
            ]
        ),
    ]


def _minutes(meeting: Meeting, office: str, issue: Issue) -> list[Paragraph]:
    day = day_text(_held_on(meeting))
    where = f"在{meeting.place}" if meeting.place else ""
    chair = f"，{meeting.chair}主持会议" if meeting.chair else ""
    next_on = [] if meeting.next_on is None else [f"下次会议定于{day_text(meeting.next_on)}召开。"]
    return [
        Paragraph(f"{day}，{office}{where}召开{MEETINGS[meeting.topic]}{chair}。现将会议议定的事项纪要如下。"),
        *sections(
            [
                ("议定事项", subsections([(line.matter, _decided(line, issue)) for line in meeting.resolutions])),
                ("不同意见", [meeting.dissent] if meeting.dissent else []),
                ("其他事项", [meeting.text] if meeting.text else []),
                ("下次会议", next_on),
            ]
        ),
    ]


def _decided(line: Resolution, issue: Issue) -> list[str]:
    helpers = f"协办单位：{_names(line.helpers, issue)}；" if line.helpers else ""
    duties = (
        f"牵头单位：{_name(line.lead, issue)}；{helpers}完成期限：{day_text(line.due)}；"
        f"检查单位：{_name(line.checker or issue.office, issue)}。"
    )
    return [f"决定：{line.decision}", duties]


def _attendance(meeting: Meeting, issue: Issue) -> list[Attendance]:
    how: dict[Presence, list[str]] = {
        "present": meeting.departments,
        "excused": meeting.excused,
        "observing": meeting.observers,
    }
    return [Attendance(one, [_name(unit, issue) for unit in units]) for one, units in how.items() if units]
