"""Cases as they were known at each month's end, and what they say of a village's way with matters."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.cases import Case, CaseFact, CaseSpans, case_spans, fold_case, fold_cases, relapses
from models.risk.panel import Floats

if TYPE_CHECKING:
    from models.policy import Policy

#: Days that figures look back over.
QUARTER: Final = 91
HALF_YEAR: Final = 183
#: So many months are half a year.
HALF_YEAR_MONTHS: Final = 6


@dataclass(frozen=True)
class _Stretches:
    """Parallel arrays. Of each stretch in which a case was open, ``[since, until)``: village position, whether it came
    back by it, the day on which it was written down, and days from then until it was taken up, NaN where it was not; of
    each segment likewise its deadline."""

    village: NDArray[np.intp]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    came_back: NDArray[np.bool_]
    known: NDArray[np.int64]
    taken_up: NDArray[np.float64]
    taken_up_in: NDArray[np.float64]
    segment_village: NDArray[np.intp]
    segment_since: NDArray[np.int64]
    segment_until: NDArray[np.int64]
    due: NDArray[np.int64]


class KnownCases:
    """The cases of some villages, and how they stood at the end of a day by what had been written down by then.

    What is done about a case counts from when it was saved, so that one fold tells of every day. Only of a matter that
    was told of after the day on which it was seen, or corrected, the past looked otherwise: those are folded for each
    day that is asked for."""

    def __init__(
        self,
        facts: Iterable[CaseFact],
        policy: Policy,
        village_index: Mapping[str, int],
        indicator_index: Mapping[str, int],
    ) -> None:
        self._policy, self._villages, self._indicators = policy, village_index, indicator_index
        of_case: dict[tuple[str, str], list[CaseFact]] = defaultdict(list)
        for fact in facts:
            if fact.village in village_index:
                of_case[fact.village, fact.case].append(fact)
        on_time = (fact for facts in of_case.values() if not _is_late(facts) for fact in facts)
        self._settled = self._folded(fold_cases(on_time, policy))
        self._late = [_Late(facts, policy) for _, facts in sorted(of_case.items()) if _is_late(facts)]

    def by(self, day: int) -> KnownOn:
        """What was known by the end of an epoch day."""
        told = self._folded([case for late in self._late if (case := late.by(day)) is not None])
        return KnownOn(_joined_spans(self._settled.spans, told.spans), (self._settled.stretches, told.stretches))

    def _folded(self, cases: list[Case]) -> _Folded:
        came_back = set(relapses(cases, self._policy))
        return _Folded(
            case_spans(cases, self._villages, self._indicators), _stretches(cases, came_back, self._villages)
        )


class _Late:
    """A case of which something was told late: what it was by a day is folded once for all days with the same facts."""

    def __init__(self, facts: Iterable[CaseFact], policy: Policy) -> None:
        self._facts = sorted(facts, key=lambda fact: fact.saved_ms)
        self._known = [calendar.local_day_of_ms(fact.saved_ms) for fact in self._facts]
        self._policy = policy
        self._folded: dict[int, Case | None] = {}

    def by(self, day: int) -> Case | None:
        known = bisect_right(self._known, day)
        if known not in self._folded:
            self._folded[known] = fold_case(set(self._facts[:known]), self._policy) if known else None
        return self._folded[known]


@dataclass(frozen=True)
class _Folded:
    spans: CaseSpans
    stretches: _Stretches


@dataclass(frozen=True)
class KnownOn:
    """``spans``: when which lamp was lit, by what was known."""

    spans: CaseSpans
    _stretches: tuple[_Stretches, ...]

    def figures(self, day: int, n_villages: int) -> dict[str, Floats]:
        """By name, ``(V,)`` of a day: cases open, overdue, opened within a quarter; come back and cleared within half
        a year, and days until they were taken up and cleared in it, NaN where none was."""
        found = [_figures(of, day, n_villages) for of in self._stretches]
        total: dict[str, Floats] = {n: np.sum([one[n] for one in found], axis=0, dtype=np.float32) for n in found[0]}
        with np.errstate(invalid="ignore"):
            figures: dict[str, Floats] = {
                "cases.open": total["open"],
                "cases.overdue": total["overdue"],
                "cases.opened_lately": total["opened"],
                "cases.came_back": total["came_back"],
                "cases.cleared_lately": total["cleared"],
                "cases.days_to_take_up": total["taken_up_days"] / total["taken_up"],
                "cases.days_to_clear": total["cleared_days"] / total["cleared"],
            }
        return figures


def _is_late(facts: Iterable[CaseFact]) -> bool:
    return any(
        fact.step == "opened" and calendar.local_day_of_ms(fact.saved_ms) > calendar.local_day_of_ms(fact.at_ms)
        for fact in facts
    )


def _joined_spans(one: CaseSpans, other: CaseSpans) -> CaseSpans:
    return CaseSpans(
        np.concatenate([one.village, other.village]),
        np.concatenate([one.indicator, other.indicator]),
        np.concatenate([one.light, other.light]),
        np.concatenate([one.from_day, other.from_day]),
        np.concatenate([one.until_day, other.until_day]),
    )


def _stretches(cases: Iterable[Case], linked: set[tuple[str, str]], index: Mapping[str, int]) -> _Stretches:
    open_rows: list[tuple[float, ...]] = []
    segments: list[tuple[int, ...]] = []
    for case in cases:
        village = index[case.village]
        segments += [(village, s.from_day, s.until_day, s.due_day) for s in case.segments]
        for since, until in _open_stretches(case):
            time = next((one for one in case.times if one.day == since), case.times[0])
            back = since in case.relapse_days or (since == case.opened_day and (case.village, case.case) in linked)
            taken_up = np.nan if time.taken_up_day is None else time.taken_up_day
            open_rows.append((village, since, until, back, time.known_day, taken_up, taken_up - time.known_day))
    opened = np.array(open_rows, np.float64).reshape(-1, 7)
    lasting = np.array(segments, np.int64).reshape(-1, 4)
    return _Stretches(
        village=opened[:, 0].astype(np.intp),
        since=opened[:, 1].astype(np.int64),
        until=opened[:, 2].astype(np.int64),
        came_back=opened[:, 3].astype(bool),
        known=opened[:, 4].astype(np.int64),
        taken_up=opened[:, 5],
        taken_up_in=opened[:, 6],
        segment_village=lasting[:, 0].astype(np.intp),
        segment_since=lasting[:, 1],
        segment_until=lasting[:, 2],
        due=lasting[:, 3],
    )


def _open_stretches(case: Case) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for segment in case.segments:
        if found and found[-1][1] == segment.from_day:
            found[-1] = (found[-1][0], segment.until_day)
        else:
            found.append((segment.from_day, segment.until_day))
    return found


def _figures(of: _Stretches, day: int, n: int) -> dict[str, NDArray[np.float64]]:
    def count(chosen: NDArray[np.bool_], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        weighed = None if weights is None else weights[chosen]
        return np.bincount(of.village[chosen], weighed, minlength=n).astype(np.float64)

    begun = of.since <= day
    cleared = (of.until <= day) & (of.until > day - HALF_YEAR)
    taken = (of.taken_up <= day) & (of.taken_up > day - HALF_YEAR)
    late = (of.segment_since <= day) & (day < of.segment_until) & (day > of.due)
    return {
        "open": count(begun & (day < of.until)),
        "overdue": np.bincount(of.segment_village[late], minlength=n).astype(np.float64),
        "opened": count(begun & (of.since > day - QUARTER)),
        "came_back": count(begun & of.came_back & (of.since > day - HALF_YEAR)),
        "taken_up": count(taken),
        "taken_up_days": count(taken, of.taken_up_in),
        "cleared": count(cleared),
        "cleared_days": count(cleared, (of.until - of.known).astype(np.float64)),
    }
