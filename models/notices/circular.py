"""The monthly circular (通报): how each unit below an office stands, by unit and never by person (mission 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from models import calendar
from models.documents import Annex, Notice, Paragraph, Receiver, Ulid, Words
from models.notices.composition import Issue, items, sections
from models.notices.months import Month, UnitMonth, month_days
from models.notices.offices import day_text, mark_of, office_name, short_name
from models.patrols import PatrolState
from models.quotation import quoted

#: Units with the most that is overdue are named, so many at most; of a matter so many villages.
NAMED_MAX: Final = 3
VILLAGES_MAX: Final = 5
#: So many of the matters that warnings were about.
HOT_MAX: Final = 3
#: In a cell of the table of which the note below says why it is empty.
_NONE: Final = "—"
_HEAD: Final = (
    *("单位", "黄色警示", "红色警示", "比上月", "撤销", "按时撤销", "未办结", "其中逾期"),
    *("办结率", "名次", "反弹", "抽查"),
)


class CircularRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A circular on a month, with what the office remarks and asks for next; ``again``: though the office has issued
    one on that month already."""

    ulid: Ulid
    month: Annotated[str, Meta(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
    asked: Annotated[list[Words], Meta(min_length=1, max_length=12)]
    remarks: Annotated[list[Words], Meta(max_length=12)] = []
    again: bool = False


def compose_circular(identity: str, request: CircularRequest, found: Month, issue: Issue) -> Notice:
    """The circular of a month."""
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
        receivers=[Receiver(code, office_name(code, issue.register, notices)) for code in found.units],
        body=_body(request, found, issue),
        annex=Annex(f"{month}月份各单位动态管理情况", list(_HEAD), _rows(found), _note(found)),
        is_reserved=True,
    )


def _rows(found: Month) -> list[list[str]]:
    places = _places_by_rate(found)
    rows = [
        _row(unit, found.before[code] if found.is_compared else None, places.get(code, _NONE))
        for code, unit in found.units.items()
    ]
    return [*rows, _row(found.whole, found.whole_before if found.is_compared else None, _NONE)]


def _row(unit: UnitMonth, before: UnitMonth | None, place: str) -> list[str]:
    rate = unit.solved_percent
    return [
        unit.name,
        *map(str, (unit.yellow, unit.red)),
        _NONE if before is None else f"{unit.found - before.found:+d}" if unit.found != before.found else "0",
        *map(str, (unit.cleared, unit.in_time, unit.unsolved, unit.overdue)),
        _NONE if rate is None else f"{rate:.1f}%",
        place,
        *map(str, (unit.relapses, unit.inspections)),
    ]


def _places_by_rate(found: Month) -> Mapping[str, str]:
    """The place of each unit that had something in hand, by what was solved of it; equal ones share theirs. None has
    one where there are no two to compare, or nothing was solved by any."""
    rates = {code: rate for code, unit in found.units.items() if (rate := unit.solved_percent) is not None}
    if len(rates) < 2 or not any(rates.values()):
        return {}
    return {code: str(1 + sum(other > rate for other in rates.values())) for code, rate in rates.items()}


def _note(found: Month) -> str:
    """Why cells of the table are empty."""
    places = _places_by_rate(found)
    reasons = []
    if not found.is_compared:
        reasons.append("上月没有完整数据，不作比较")
    if not places:
        reasons.append("各单位办结情况不可比，不排名次")
    elif len(places) < len(found.units):
        reasons.append("本月没有应办事项的单位，不排名次")
    return f"注：{'；'.join(reasons)}。" if reasons else ""


def _body(request: CircularRequest, found: Month, issue: Issue) -> list[Paragraph]:
    return [
        Paragraph(f"现将{int(request.month[-2:])}月份巡查和动态管理情况通报如下。"),
        *sections(
            [
                ("基本情况", [_basis(request, found, issue), "各单位情况见附件。"]),
                ("热点和苗头", [*_hot(found, issue)]),
                ("存在的问题", [*_problems(request, found, issue), *request.remarks]),
                ("下一步要求", [*items(request.asked)]),
            ]
        ),
    ]


def _is_over(request: CircularRequest, issue: Issue) -> bool:
    return month_days(request.month)[1] <= calendar.local_day(issue.at)


def _basis(request: CircularRequest, found: Month, issue: Issue) -> str:
    whole, before = found.whole, found.whole_before
    last = calendar.day_of(min(month_days(request.month)[1], calendar.local_day(issue.at)))
    than, at_end = ("比上月", "月末") if _is_over(request, issue) else ("比上月同期", "目前")

    def changed(now: int, then: int, unit: str = "件") -> str:
        return f"，{than}{_change(now, then, unit)}" if found.is_compared else ""

    in_time = f"，按时率{whole.in_time_percent:.1f}%" if whole.in_time_percent is not None else ""
    solved = f"，办结率{whole.solved_percent:.1f}%" if whole.solved_percent is not None else ""
    parts = (
        f"截至{day_text(last)}，本月发出警示{whole.found}件{changed(whole.found, before.found)}，"
        f"其中黄色{whole.yellow}件、红色{whole.red}件",
        f"撤销警示{whole.cleared}件{changed(whole.cleared, before.cleared)}，其中按时{whole.in_time}件{in_time}",
        f"{at_end}未办结{whole.unsolved}件，其中逾期{whole.overdue}件{solved}",
        f"反弹{whole.relapses}件",
        f"开展抽查{whole.inspections}次{changed(whole.inspections, before.inspections, '次')}",
    )
    return "；".join(parts) + "。"


def _change(now: int, before: int, unit: str = "件") -> str:
    if now == before:
        return "持平"
    return f"{'增加' if now > before else '减少'}{abs(now - before)}{unit}"


def _hot(found: Month, issue: Issue) -> Iterator[str]:
    """The matters that most warnings were about, and those that several villages have in common."""
    least = issue.rulebook.policy.meetings.tendency_villages
    catalogue = issue.rulebook.catalogue
    for at, one in enumerate(found.tendencies):
        is_common = len(one.villages) >= least
        if at < HOT_MAX or is_common:
            name = catalogue.indicators[catalogue.index[one.indicator]].name_zh
            mark = "，属多村同类问题" if is_common else ""
            change = f"，比上月{_change(one.found, one.before)}" if found.is_compared else ""
            yield (
                f"{quoted(f'{one.indicator} {name}')}{one.found}件{change}，"
                f"涉及{len(one.villages)}个村{mark}：{_places(one.villages, issue)}。"
            )


def _problems(request: CircularRequest, found: Month, issue: Issue) -> Iterator[str]:
    units = list(found.units.values())
    worst = sorted((unit for unit in units if unit.overdue), key=lambda unit: (-unit.overdue, unit.name))[:NAMED_MAX]
    if worst:
        at_end = "月末" if _is_over(request, issue) else "目前"
        yield f"{at_end}逾期较多的单位：{'、'.join(f'{unit.name}{unit.overdue}件' for unit in worst)}。"
    floor = issue.rulebook.policy.notices.in_time_percent
    below = [(unit.name, rate) for unit in units if (rate := unit.in_time_percent) is not None and rate < floor]
    if below:
        named = "、".join(f"{name}{rate:.1f}%" for name, rate in sorted(below, key=lambda one: one[1]))
        yield f"按时撤销率低于{floor}%的单位：{named}。"
    if idle := [unit.name for unit in units if not unit.inspections]:
        yield f"本月没有开展抽查的单位：{'、'.join(idle)}。"
    yield from (_missed(state, issue) for state in found.missed)


def _missed(state: PatrolState, issue: Issue) -> str:
    patrol = state.patrol
    office = office_name(patrol.id.partition(":")[0], issue.register, issue.rulebook.policy.notices)
    kind = "计划检查" if patrol.step == "planned" else "随机抽查"
    what = f"{office}{day_text(patrol.since)}至{day_text(patrol.until)}的{kind}"
    if state.result is None:
        return f"{what}没有抽签。"
    missing = state.missing()
    return f"{what}应查{len(state.villages)}个村，{len(missing)}个村没有检查：{_places(missing, issue)}。"


def _places(villages: Sequence[str], issue: Issue) -> str:
    divisions = issue.register.divisions
    named = [
        "".join(short_name(divisions[code].name) for code in (village[:9], village) if code in divisions)
        for village in villages[:VILLAGES_MAX]
    ]
    return "、".join(named) + ("等" if len(villages) > VILLAGES_MAX else "")
