"""The monthly circular (通报): how each unit below an office stands, by unit and never by person (mission 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

from models import calendar
from models.documents import Annex, Notice, Paragraph, Receiver, Ulid, Words
from models.notices.composition import Issue, items, sections
from models.notices.offices import day_text, mark_of, office_name
from models.statistics import Happening, statistics

if TYPE_CHECKING:
    from models.cases import Case
    from models.policy import Policy

#: Units with the most that is overdue are named, so many at most.
NAMED_MAX: Final = 3
_HEAD: Final = ("单位", "黄色警示", "红色警示", "撤销", "按时撤销", "月末逾期", "反弹", "抽查")


class CircularRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A circular on a month, with what the office remarks and asks for next; ``again``: though the office has issued
    one on that month already."""

    ulid: Ulid
    month: Annotated[str, Meta(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
    asked: Annotated[list[Words], Meta(min_length=1, max_length=12)]
    remarks: Annotated[list[Words], Meta(max_length=12)] = []
    again: bool = False


class UnitMonth(msgspec.Struct, frozen=True):
    """A unit's month: warnings issued by colour, cases cleared and those of them in time, overdue on its last day,
    reopened, inspections."""

    name: str
    yellow: int
    red: int
    cleared: int
    in_time: int
    overdue: int
    relapses: int
    inspections: int


def month_days(month: str) -> tuple[int, int]:
    """The first and last epoch day of a month such as 2026-10."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return calendar.epoch_day(first), calendar.epoch_day(following) - 1


def unit_month(
    name: str,
    division: str,
    cases: Iterable[Case],
    happenings: Sequence[Happening],
    days: tuple[int, int],
    policy: Policy,
) -> UnitMonth:
    """A unit's month from its cases as they stand and its events. Warnings are counted as in all statistics; a deadline
    that was moved since counts as it is now."""
    first, last = days
    counts = statistics(happenings, division, first, last, policy)
    here = [case for case in cases if case.village.startswith(division)]
    cleared = [case for case in here if case.cleared_day is not None and first <= case.cleared_day <= last]
    open_at_end = [c for c in here if c.opened_day <= last and (c.cleared_day is None or c.cleared_day > last)]

    def number(figure: str) -> int:
        return int(counts[figure].number or 0) if figure in counts else 0

    return UnitMonth(
        name=name,
        yellow=number("warnings.yellow"),
        red=number("warnings.red"),
        cleared=len(cleared),
        in_time=sum((case.cleared_day or 0) <= case.due_day for case in cleared),
        overdue=sum(case.due_day < last for case in open_at_end),
        relapses=sum(first <= day <= last for case in here for day in case.reopened_days),
        inspections=number("inspections.planned") + number("inspections.random"),
    )


def compose_circular(
    identity: str, request: CircularRequest, units: Mapping[str, UnitMonth], whole: UnitMonth, issue: Issue
) -> Notice:
    """The circular of a month: ``units`` by the code of the division below the office, ``whole`` of all of it."""
    notices = issue.rulebook.policy.notices
    office = office_name(issue.office, issue.register, notices)
    month = int(request.month[-2:])
    return Notice(
        id=identity,
        simulated=issue.rulebook.is_simulated,
        paper="circular",
        request=request.ulid,
        issued_at=issue.at,
        author=issue.author,
        office=office,
        mark=mark_of(issue.office, issue.register, notices),
        title=f"{office}关于{request.month[:4]}年{month}月份巡查和动态管理情况的通报",
        receivers=[Receiver(code, office_name(code, issue.register, notices)) for code in units],
        body=_body(request, list(units.values()), whole, issue),
        annex=Annex(f"{month}月份各单位动态管理情况", list(_HEAD), [_row(unit) for unit in (*units.values(), whole)]),
        is_reserved=True,
    )


def _row(unit: UnitMonth) -> list[str]:
    counts = (unit.yellow, unit.red, unit.cleared, unit.in_time, unit.overdue, unit.relapses, unit.inspections)
    return [unit.name, *map(str, counts)]


def _body(request: CircularRequest, units: list[UnitMonth], whole: UnitMonth, issue: Issue) -> list[Paragraph]:
    last = calendar.day_of(min(month_days(request.month)[1], calendar.local_day(issue.at)))
    rate = f"，按时率{100 * whole.in_time / whole.cleared:.1f}%" if whole.cleared else ""
    basis = (
        f"截至{day_text(last)}，本月发出警示{whole.yellow + whole.red}件，其中黄色{whole.yellow}件、红色{whole.red}件；"
        f"撤销警示{whole.cleared}件，其中按时{whole.in_time}件{rate}；反弹{whole.relapses}件；开展抽查{whole.inspections}次。"
        f"月末逾期未办结{whole.overdue}件。"
    )
    worst = sorted((unit for unit in units if unit.overdue), key=lambda unit: (-unit.overdue, unit.name))[:NAMED_MAX]
    named = "、".join(f"{unit.name}{unit.overdue}件" for unit in worst)
    idle = "、".join(unit.name for unit in units if not unit.inspections)
    problems = [f"月末逾期较多的单位：{named}。"] if worst else []
    problems += [f"本月没有开展抽查的单位：{idle}。"] if idle else []
    return [
        Paragraph(f"现将{int(request.month[-2:])}月份巡查和动态管理情况通报如下。"),
        *sections(
            [
                ("基本情况", [basis, "各单位情况见附件。"]),
                ("存在的问题", [*problems, *request.remarks]),
                ("下一步要求", [*items(request.asked)]),
            ]
        ),
    ]
