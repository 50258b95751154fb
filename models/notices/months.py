"""The month of a unit, and of all units below an office, in figures (mission 10 and 13); never by person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from models import calendar
from models.cases import fold_case
from models.patrols import PatrolState
from models.statistics import Count, Happening, issued, statistics

if TYPE_CHECKING:
    from models.cases import Case, CaseFact
    from models.policy import Policy

_FOUND: Final = "disputes.found:"


class UnitMonth(msgspec.Struct, frozen=True):
    """A unit's month: warnings issued by colour; of the cases that were ever warned of those cleared, and of these in
    time, those not solved on its last day, and of these overdue, and those that came back; inspections."""

    name: str
    yellow: int
    red: int
    cleared: int
    in_time: int
    unsolved: int
    overdue: int
    relapses: int
    inspections: int

    @property
    def found(self) -> int:
        return self.yellow + self.red

    @property
    def in_time_percent(self) -> float | None:
        """Of what was cleared, how much in time. None where nothing was."""
        return 100 * self.in_time / self.cleared if self.cleared else None

    @property
    def solved_percent(self) -> float | None:
        """Of what was in hand in the month, how much was cleared. None where nothing was."""
        in_hand = self.cleared + self.unsolved
        return 100 * self.cleared / in_hand if in_hand else None


class Tendency(msgspec.Struct, frozen=True):
    """An indicator that warnings of the month were about: how many, how many in the month before, and in which
    villages, those with the most first."""

    indicator: str
    found: int
    before: int
    villages: tuple[str, ...]


class Month(msgspec.Struct, frozen=True):
    """A month of all units below an office, by the code of each; ``before``: the month before it, or as many days of it
    as the month has had so far, and ``is_compared`` with it: not where nobody watched yet. ``missed``: patrols whose
    last day passed in it, with villages that nobody has checked."""

    units: Mapping[str, UnitMonth]
    whole: UnitMonth
    before: Mapping[str, UnitMonth]
    whole_before: UnitMonth
    tendencies: Sequence[Tendency]
    missed: Sequence[PatrolState]
    is_compared: bool = True


def month_days(month: str) -> tuple[int, int]:
    """The first and last epoch day of a month such as 2026-10."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return calendar.epoch_day(first), calendar.epoch_day(following) - 1


def days_before(days: tuple[int, int]) -> tuple[int, int]:
    """The month before one that begins on the first of ``days``; as many days of it as there are, if the month is not
    over."""
    before = month_days(f"{calendar.day_of(days[0] - 1):%Y-%m}")
    is_over = days[1] == month_days(f"{calendar.day_of(days[0]):%Y-%m}")[1]
    return before if is_over else (before[0], min(before[0] + days[1] - days[0], before[1]))


def unit_month(
    name: str,
    division: str,
    cases: Iterable[Case],
    happenings: Sequence[Happening],
    days: tuple[int, int],
    policy: Policy,
) -> UnitMonth:
    """A unit's month from its cases as they stand now and its events. Warnings are counted as in all statistics; what
    became of them as it stood at the end of the month, whatever happened since."""
    return _month_with_figures(name, division, cases, happenings, days, policy)[0]


def _month_with_figures(
    name: str,
    division: str,
    cases: Iterable[Case],
    happenings: Sequence[Happening],
    days: tuple[int, int],
    policy: Policy,
) -> tuple[UnitMonth, Mapping[str, Count]]:
    """A unit's month, and the statistics of its days."""
    first, last = days
    counts = statistics(happenings, division, first, last, policy)
    here = _warned((case for case in cases if case.village.startswith(division)), happenings, days, policy)
    cleared = [case for case in here if case.cleared_day is not None and first <= case.cleared_day]
    open_at_end = [case for case in here if case.is_open]

    def number(figure: str) -> int:
        return int(counts[figure].number or 0) if figure in counts else 0

    month = UnitMonth(
        name=name,
        yellow=number("warnings.yellow"),
        red=number("warnings.red"),
        cleared=len(cleared),
        in_time=sum((case.cleared_day or 0) <= case.due_day for case in cleared),
        unsolved=len(open_at_end),
        overdue=sum(case.due_day < last for case in open_at_end),
        relapses=sum(first <= day for case in here for day in case.relapse_days),
        inspections=number("inspections.planned") + number("inspections.random"),
    )
    return month, counts


def _warned(
    cases: Iterable[Case], happenings: Iterable[Happening], days: tuple[int, int], policy: Policy
) -> list[Case]:
    """The cases in hand in some days, as they stood at their end, of which a warning had been issued by then."""
    first, last = days
    # a case that is closed for good since before does not change: only few are folded
    in_hand = {(case.village, case.case) for case in cases if case.is_open or (case.cleared_day or 0) >= first}
    facts: dict[tuple[str, str], set[CaseFact]] = defaultdict(set)
    for one in happenings:
        if one.fact is not None and one.day <= last and (key := (one.fact.village, one.fact.case)) in in_hand:
            facts[key].add(one.fact)
    found = []
    for known in facts.values():
        case = fold_case(known, policy)
        when = None if case is None else issued(case, known)
        if case is not None and when is not None and when[0] <= last:
            found.append(case)
    return found


def month_of(
    names: Mapping[str, str],
    office: str,
    cases: Sequence[Case],
    happenings: Sequence[Happening],
    patrols: Iterable[PatrolState],
    days: tuple[int, int],
    policy: Policy,
    watched_since: int = 0,
) -> Month:
    """The month of the units of an office. ``names`` by code, the office's own for the sum; ``days``: its first day,
    and its last or today; ``watched_since``: the day from which on somebody watched."""
    before = days_before(days)
    cases_of: defaultdict[str, list[Case]] = defaultdict(list)
    happenings_of: defaultdict[str, list[Happening]] = defaultdict(list)
    depth = max(map(len, names))

    def unit_of(division: str) -> str:
        """What is the office's own is of no unit below it."""
        return division[:depth] if division[:depth] in names else office

    for case in cases:
        cases_of[unit_of(case.village)].append(case)
    for one in happenings:
        happenings_of[unit_of(one.division)].append(one)

    def parts(of: tuple[int, int]) -> dict[str, tuple[UnitMonth, Mapping[str, Count]]]:
        return {
            code: _month_with_figures(name, code, cases_of[code], happenings_of[code], of, policy)
            for code, name in names.items()
        }

    now, then = parts(days), parts(before)
    return Month(
        units={code: month for code, (month, _) in now.items() if code != office},
        whole=_sum(names[office], [month for month, _ in now.values()]),
        before={code: month for code, (month, _) in then.items() if code != office},
        whole_before=_sum(names[office], [month for month, _ in then.values()]),
        tendencies=_tendencies([counts for _, counts in now.values()], [counts for _, counts in then.values()]),
        missed=[
            state
            for state in patrols
            if days[0] <= calendar.epoch_day(state.patrol.until) + 1 <= days[1] and state.is_overdue(days[1])
        ],
        is_compared=before[0] >= watched_since,
    )


def _sum(name: str, months: Sequence[UnitMonth]) -> UnitMonth:
    """Of units that have nothing in common."""
    figures = [figure for figure in UnitMonth.__struct_fields__ if figure != "name"]
    return UnitMonth(name, **{figure: sum(getattr(month, figure) for month in months) for figure in figures})


def _tendencies(now: Sequence[Mapping[str, Count]], before: Sequence[Mapping[str, Count]]) -> list[Tendency]:
    """What a period's warnings were about, the most frequent first; the figures of each part by itself."""
    found, earlier = Counter[str](), Counter[str]()
    villages = defaultdict[str, Counter[str]](Counter)
    for counts in now:
        for code, count in _found_by_indicator(counts):
            found[code] += int(count.number or 0)
            villages[code].update(identity.partition(":")[0] for identity in count.ids)
    for counts in before:
        for code, count in _found_by_indicator(counts):
            earlier[code] += int(count.number or 0)
    return sorted(
        (
            Tendency(code, number, earlier[code], tuple(sorted(of, key=lambda one: (-of[one], one))))
            for code, number in found.items()
            if number
            for of in [villages[code]]
        ),
        key=lambda one: (-one.found, one.indicator),
    )


def _found_by_indicator(counts: Mapping[str, Count]) -> Iterator[tuple[str, Count]]:
    for figure, count in counts.items():
        code = figure.removeprefix(_FOUND)
        if figure.startswith(_FOUND) and code.count(".") == 2:
            yield code, count
