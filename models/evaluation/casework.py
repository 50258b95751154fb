"""What cases and confirmed omissions of a period give and take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from models import calendar
from models.cases import Case, relapses
from models.documents import Response
from models.ids import CODE_LENGTHS, parse_id

if TYPE_CHECKING:
    from models.documents import Omission
    from models.policy import Policy

OmissionFinding = Literal["late", "missed", "concealed"]


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
    """By village, what cases folded from all facts until ``last_day`` say of the period. Small matters are left out as
    the policy says."""
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
    if first_day <= case.opened_day <= last_day:
        response.opened += 1
        if case.taken_up_day is not None:
            response.taken_up += 1
            response.take_up_days += case.taken_up_day - case.opened_day
        if _is_late(case, policy, last_day):
            counts.taken_up_late.append(case.case)
    if case.cleared_day is not None and first_day <= case.cleared_day <= last_day:
        response.cleared += 1
        response.clear_days += case.cleared_day - max(case.opened_day, *case.reopened_days, 0)
        if case.cleared_day <= case.due_day:
            counts.in_time.append(case.case)
    if _was_overdue(case, first_day, last_day):
        response.overdue += 1
        counts.overdue.append(case.case)
    if case.is_relapse:
        counts.relapse += [case.case for day in case.reopened_days if first_day <= day <= last_day]


def _is_late(case: Case, policy: Policy, last_day: int) -> bool:
    first = case.segments[0].severity if case.segments else case.severity
    ends = (day for day in (case.taken_up_day, case.cleared_day, last_day) if day is not None)
    return next(ends) - case.opened_day > policy.response_to(first).take_up_days


def _was_overdue(case: Case, first_day: int, last_day: int) -> bool:
    # on the day on which it was cleared or got another deadline, too: that came late
    return any(max(s.due_day + 1, s.from_day, first_day) <= min(s.until_day, last_day) for s in case.segments)


class OmissionStep(msgspec.Struct, frozen=True):
    """One step of finding, confirming or appealing an omission. ``about``: what was not reported, or an earlier step.

    Only the ULID is carried on: the id holds the informant's alias."""

    id: str
    village: str
    day: int
    at_ms: int
    finding: OmissionFinding
    step: Literal["found", "confirmed", "appealed", "upheld", "withdrawn"]
    about: str

    @property
    def ulid(self) -> str:
        return self.id.rpartition(":")[2]


def omission_step(document: Omission) -> OmissionStep | None:
    """A step that concerns a village, or None. Raises ``IdError`` for a malformed id."""
    identity = parse_id(document.id)
    if len(identity.division) != CODE_LENGTHS["village"]:
        return None
    at = document.observed_at
    return OmissionStep(
        document.id,
        identity.division,
        calendar.local_day(at),
        calendar.to_ms(at),
        document.finding,
        document.step,
        document.about,
    )


def counted_omissions(
    steps: Iterable[OmissionStep], first_day: int, last_day: int
) -> dict[str, dict[OmissionFinding, list[str]]]:
    """By village and finding, the ULIDs of the steps that confirmed an omission in the period, in order.

    Nothing counts that was withdrawn or whose appeal is open, whenever that was: all steps known now are looked at.
    """
    by_id = {step.id: step for step in steps}
    chains: dict[str, list[OmissionStep]] = defaultdict(list)
    for step in by_id.values():
        chains[_root(step, by_id)].append(step)
    found: dict[str, dict[OmissionFinding, list[str]]] = defaultdict(lambda: defaultdict(list))
    for _, chain in sorted(chains.items()):
        confirmed = _confirmed(sorted(chain, key=lambda s: (s.at_ms, s.ulid)))
        if confirmed is not None and first_day <= confirmed.day <= last_day:
            found[confirmed.village][confirmed.finding].append(confirmed.ulid)
    return {village: {f: sorted(ulids) for f, ulids in of.items()} for village, of in found.items()}


def _root(step: OmissionStep, by_id: Mapping[str, OmissionStep]) -> str:
    """What a chain of steps is about: two steps about one thing, or one about the other, are of one chain."""
    seen = {step.id}
    while (earlier := by_id.get(step.about)) is not None and earlier.id not in seen:
        seen.add(earlier.id)
        step = earlier
    owner = step.id.rpartition(":")[0]
    return f"{owner}:{step.about}"


def _confirmed(chain: list[OmissionStep]) -> OmissionStep | None:
    """The step by which an omission first stood confirmed; None while it does not."""
    confirmed = [step for step in chain if step.step in ("confirmed", "upheld")]
    if not confirmed or any(step.step == "withdrawn" for step in chain):
        return None
    answered = max((at for at, step in enumerate(chain) if step.step == "upheld"), default=-1)
    appealed = max((at for at, step in enumerate(chain) if step.step == "appealed"), default=-1)
    return None if appealed > answered else confirmed[0]
