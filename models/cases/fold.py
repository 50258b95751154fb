"""All facts to all cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from models.cases.course import Case, Course, when_known
from models.cases.facts import CaseFact

if TYPE_CHECKING:
    from models.policy import Policy


def fold_cases(facts: Iterable[CaseFact], policy: Policy) -> list[Case]:
    """Fold facts, in any order and with repetitions, into cases, ordered by village and case.

    A case of which no opening is known yet (its report may still lie on a tablet) is left out until it arrives.
    """
    by_case: dict[tuple[str, str], set[CaseFact]] = defaultdict(set)
    for fact in facts:
        by_case[fact.village, fact.case].add(fact)
    folded = (fold_case(found, policy) for _, found in sorted(by_case.items()))
    return [case for case in folded if case is not None]


def fold_case(facts: set[CaseFact], policy: Policy) -> Case | None:
    """Fold the facts of one case; None while no opening is among them."""
    # the opening stands first whatever the clocks said; a later opening is an amendment of it
    ordered = sorted(facts, key=lambda f: (f.step != "opened", f.at_ms, f.ulid))
    openings = [f for f in ordered if f.step == "opened" and f.indicator is not None]
    if not openings:
        return None
    steps = [f for f in ordered if f.step != "opened"]
    in_time, late = _corrections(openings, steps, policy)
    return _run(in_time, steps, policy, late)


def _run(openings: list[CaseFact], steps: list[CaseFact], policy: Policy, late: Iterable[CaseFact] = ()) -> Case:
    recalled = frozenset(f.notice for f in steps if f.step == "recalled") - {None}
    course = Course(openings, policy, recalled, late)
    corrections = sorted(openings, key=when_known)[1:]
    for fact in sorted(
        [*corrections, *steps], key=lambda f: (when_known(f)[0] if f.step == "opened" else f.at_ms, f.ulid)
    ):
        course.take(fact)
    return course.case()


def _corrections(
    openings: list[CaseFact], steps: list[CaseFact], policy: Policy
) -> tuple[list[CaseFact], list[CaseFact]]:
    """The opening with what corrects it, and the corrections that were written after an all-clear: those take nothing
    of it back."""
    kept, late = openings[:1], []
    for one in sorted(openings[1:], key=when_known):
        by_then = [step for step in steps if step.at_ms <= when_known(one)[0]]
        case = _run(kept, by_then, policy)
        if case.is_open and not case.reopened_days:
            kept = [f for f in openings if f in {*kept, one}]
        else:
            late.append(one)
    return kept, late


def relapses(cases: Iterable[Case], policy: Policy) -> dict[tuple[str, str], str]:
    """Which case came back as another one: (village, case) of the later → case of the earlier, where an indicator of a
    village was cleared no more than half a year before (mission 9). Of several earlier ones the last counts."""
    by_cell: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        by_cell[case.village, case.indicator].append(case)
    found: dict[tuple[str, str], str] = {}
    for (village, _), of_cell in by_cell.items():
        for later in of_cell:
            earlier = [
                (c.cleared_day, c.case)
                for c in of_cell
                if c.cleared_day is not None
                and c.cleared_ms is not None
                and c.case != later.case
                # what was written before the all-clear had not come back after it
                and later.known_ms > c.cleared_ms
                and 0 <= later.opened_day - c.cleared_day <= policy.relapse.within_days
            ]
            if earlier:
                found[village, later.case] = max(earlier)[1]
    return found
