"""What cases of a period give and take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from models.cases import Case, Opened, relapses
from models.documents import Response

if TYPE_CHECKING:
    from models.policy import Policy


class CaseCounts(msgspec.Struct):
    """A village's cases of a period; the lists hold their ULIDs in order."""

    response: Response
    taken_up_late: list[str]
    overdue: list[str]
    relapse: list[str]
    in_time: list[str]

    @classmethod
    def none(cls) -> CaseCounts:
        return cls(Response(), [], [], [], [])


def case_counts(cases: Iterable[Case], policy: Policy, first_day: int, last_day: int) -> dict[str, CaseCounts]:
    """By village, what cases folded from what was known by ``last_day`` say of the period. A matter was there from when
    it was seen; the time that offices had runs from the day on which that was written down, and counts in the period of
    that day. Small matters are left out as the policy says."""
    counted = [case for case in cases if case.severity in policy.evaluation.counted]
    found: dict[str, CaseCounts] = defaultdict(CaseCounts.none)
    for case in counted:
        _count(found[case.village], case, policy, first_day, last_day)
    days = {(case.village, case.case): case.opened_day for case in counted}
    for village, ulid in sorted(relapses(counted, policy)):
        if first_day <= days[village, ulid] <= last_day:
            found[village].relapse.append(ulid)
    return {village: counts for village, counts in found.items() if counts != CaseCounts.none()}


def _count(counts: CaseCounts, case: Case, policy: Policy, first_day: int, last_day: int) -> None:
    response = counts.response
    response.opened += first_day <= case.opened_day <= last_day
    known_day = case.times[0].known_day
    if first_day <= known_day <= last_day and case.taken_up_day is not None:
        response.taken_up += 1
        response.take_up_days += case.taken_up_day - known_day
    known = (one for one in case.times if first_day <= one.known_day <= last_day)
    counts.taken_up_late += [case.case for one in known if _is_late(one, case, policy, last_day)]
    if case.cleared_day is not None and first_day <= case.cleared_day <= last_day:
        response.cleared += 1
        response.clear_days += case.cleared_day - case.times[-1].known_day
        if case.cleared_day <= case.due_day:
            counts.in_time.append(case.case)
    if _was_overdue(case, first_day, last_day):
        response.overdue += 1
        counts.overdue.append(case.case)
    counts.relapse += [case.case for day in case.relapse_days if first_day <= day <= last_day]


def _is_late(opened: Opened, case: Case, policy: Policy, last_day: int) -> bool:
    """Whether a case that was opened, or opened again, was not taken up within the days of its severity."""
    ends = (day for day in (opened.taken_up_day, case.cleared_day, last_day) if day is not None)
    return next(ends) - opened.known_day > policy.response_to(opened.severity).take_up_days


def _was_overdue(case: Case, first_day: int, last_day: int) -> bool:
    # on the day on which it was cleared or got another deadline, too: that came late
    return any(max(s.due_day + 1, s.from_day, first_day) <= min(s.until_day, last_day) for s in case.segments)
