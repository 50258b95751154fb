"""One village's evaluation: its score of 0 to 100, the grade that is proposed, and what both were made from.

The score is what the lights are worth, days held by weights, with points for and against. Worth is counted in whole
numbers (percent of a day by thousandths of a weight), so that every machine comes to the same; scores are rounded to
hundredths once, at the end of each part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.catalogue import KIND_CASES, KIND_LAST_DATE, KIND_START_DATE
from models.documents import Component, Earlier, Evaluation, Grade, OmissionFinding, Reason
from models.evaluation.casework import CaseCounts
from models.lights import LETTERS, RED

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.evaluation.days import LightDays
    from models.periods import Period
    from models.policy.evaluation import Clause, EvaluationPolicy, Mark, Points
    from models.village import Rulebook

#: From the best to the worst.
GRADES: Final[tuple[Grade, ...]] = ("strong", "fair", "weak", "paralysed")
_GREEN, _SILENT, _YELLOW, _RED = range(len(LETTERS))


class Evidence(msgspec.Struct, frozen=True):
    """What is known beside the lights, by village: cases, confirmed omissions, and how they stood before."""

    cases: Mapping[str, CaseCounts]
    omissions: Mapping[str, Mapping[OmissionFinding, list[str]]]
    earlier: Mapping[str, Earlier]


def evaluate(
    villages: Sequence[str], days: LightDays, evidence: Evidence, rulebook: Rulebook, period: Period
) -> list[Evaluation]:
    """The evaluations of villages, in their order, which is that of the rows of ``days``."""
    worth = _Worth(days, rulebook)
    found: dict[str, list[str]] = {}
    for finding in days.findings:
        found.setdefault(villages[finding.village], []).append(finding.ulid)
    return [
        _evaluation(at, village, worth, found.get(village, []), evidence, rulebook, period)
        for at, village in enumerate(villages)
    ]


class _Worth:
    """What the lights of all villages are worth, in points of 100, and the lights of the last day."""

    def __init__(self, days: LightDays, rulebook: Rulebook) -> None:
        credit = rulebook.policy.evaluation.credit
        self.days = days
        self._items = rulebook.catalogue.rules.item
        self._item_at = {item.code: at for at, item in enumerate(rulebook.catalogue.items)}
        self._weight = np.rint(rulebook.catalogue.rules.weight * 1000).astype(np.int64)
        percents = np.array([credit.green, credit.silent, credit.yellow, credit.red], np.int64)
        self._percent_days: NDArray[np.int64] = days.count.astype(np.int64) @ percents
        everywhere = np.ones(len(self._weight), bool)
        self._whole = self._points(everywhere)
        self.marks = {name: self._mark(mark) for name, mark in rulebook.policy.evaluation.marks.items()}

    def lights(self, at: int) -> float:
        return round(float(self._whole[at]), 2)

    def _points(self, of: NDArray[np.bool_]) -> NDArray[np.float64]:
        weight = np.where(of, self._weight, 0)
        return (self._percent_days @ weight) / float(self.days.n_days * int(weight.sum()))

    def _mark(self, mark: Mark) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
        """The points of the items that a mark names (None: the whole score counts), and where they were never red."""
        named = np.isin(self._items, [self._item_at[code] for code in mark.items])
        of = named if mark.items else np.ones(len(self._weight), bool)
        never_red = self.days.count[:, of, _RED].sum(axis=1) == 0
        return (self._points(of) if mark.items else None), never_red


def _evaluation(
    at: int, village: str, worth: _Worth, findings: list[str], evidence: Evidence, rulebook: Rulebook, period: Period
) -> Evaluation:
    policy, catalogue, days = rulebook.policy.evaluation, rulebook.catalogue, worth.days
    cases = evidence.cases.get(village) or CaseCounts.none()
    by_day = _light_evidence(at, worth, catalogue)
    components = [
        Component(code="lights", points=worth.lights(at), amount=days.n_days, evidence=by_day),
        *_taken_and_given(cases, findings, evidence.omissions.get(village, {}), policy),
    ]
    score = score_of(component.points for component in components)
    red = [catalogue.indicators[i].code for i in np.flatnonzero(days.close[at] == RED)]
    clauses = [clause for clause in policy.clauses if _holds(clause, at, days, catalogue, period.last_day)]
    earlier = evidence.earlier.get(village)
    grade = propose(score, bool(red), clauses, policy)
    return Evaluation(
        id=f"{village}:evaluation:{period.name}",
        score=score,
        grade=grade,
        from_day=calendar.day_of(period.last_day - days.n_days + 1),
        until_day=calendar.day_of(period.last_day),
        catalogue=catalogue.version,
        policy=rulebook.policy.version,
        components=components,
        reasons=_reasons(score, red, clauses, grade, earlier, policy),
        marks=[name for name, mark in policy.marks.items() if _has(mark, worth.marks[name], at, score)],
        red_at_close=red,
        response=cases.response,
        previous=earlier,
        simulated=rulebook.is_simulated,
    )


def score_of(points: Iterable[float]) -> float:
    """Points added up, within 0 to 100, in hundredths."""
    return min(max(round(sum(points), 2), 0.0), 100.0)


def propose(score: float, is_red_at_close: bool, clauses: Sequence[Clause], policy: EvaluationPolicy) -> Grade:
    """The grade of a score, or the worst that a clause demands. A red light on the last day is never strong."""
    cut = policy.cut_offs
    if score >= cut.strong and not is_red_at_close:
        grade: Grade = "strong"
    elif score >= cut.fair:
        grade = "fair"
    else:
        grade = "weak" if score >= cut.weak else "paralysed"
    return max([grade, *(clause.grade for clause in clauses)], key=GRADES.index)


def _light_evidence(at: int, worth: _Worth, catalogue: Catalogue) -> list[str]:
    """Each indicator that was not green throughout: its days in yellow, red and silence."""
    count = worth.days.count[at]
    return [
        f"{catalogue.indicators[i].code} y{count[i, _YELLOW]} r{count[i, _RED]} s{count[i, _SILENT]}"
        for i in np.flatnonzero(count[:, _GREEN] < worth.days.n_days)
    ]


def _taken_and_given(
    cases: CaseCounts, findings: list[str], omissions: Mapping[OmissionFinding, list[str]], policy: EvaluationPolicy
) -> list[Component]:
    points = policy.points
    parts: list[tuple[str, list[str], Points, int]] = [
        ("taken_up_late", cases.taken_up_late, points.taken_up_late, -1),
        ("overdue", cases.overdue, points.overdue, -1),
        ("relapse", cases.relapse, points.relapse, -1),
        ("finding", findings, points.finding, -1),
        ("omission_late", omissions.get("late", []), points.omission_late, -1),
        ("omission_missed", omissions.get("missed", []), points.omission_missed, -1),
        ("omission_concealed", omissions.get("concealed", []), points.omission_concealed, -1),
        ("in_time", cases.in_time, points.in_time, 1),
    ]
    return [
        Component(code=code, points=round(sign * rule.of(len(ulids)), 2), amount=len(ulids), evidence=sorted(ulids))
        for code, ulids, rule, sign in parts
        if ulids
    ]


def _holds(clause: Clause, at: int, days: LightDays, catalogue: Catalogue, last_day: int) -> bool:
    rules = catalogue.rules
    named = [catalogue.index[reading.indicator] for reading in clause.readings]
    for reading, i in zip(clause.readings, named, strict=True):
        value = float(days.value[at, i])
        is_date = rules.kind[i] in (KIND_LAST_DATE, KIND_START_DATE)
        beyond = last_day - value - reading.beyond if is_date else (value - reading.beyond) * float(rules.sign[i])
        if not beyond > 0:  # nor where nothing was ever read: NaN
            return False
    if clause.silent_percent is not None:
        is_read = rules.kind != KIND_CASES
        silent = int(days.count[at, is_read, _SILENT].sum())
        if 100 * silent < clause.silent_percent * days.n_days * int(is_read.sum()):
            return False
    if clause.other_reds is None:
        return True
    category = [c.code for c in catalogue.categories].index(clause.other_reds.category)
    reds = set(np.flatnonzero((days.close[at] == RED) & (rules.category == category))) - set(named)
    return len(reds) >= clause.other_reds.at_least


def _has(mark: Mark, worth: tuple[NDArray[np.float64] | None, NDArray[np.bool_]], at: int, score: float) -> bool:
    points, never_red = worth
    return bool(never_red[at]) and (score if points is None else float(points[at])) >= mark.at_least


def _reasons(
    score: float,
    red: list[str],
    clauses: Sequence[Clause],
    grade: Grade,
    earlier: Earlier | None,
    policy: EvaluationPolicy,
) -> list[Reason]:
    cut = policy.cut_offs
    by_score: Grade = propose(score, False, [], policy)
    limit = {"strong": cut.strong, "fair": cut.fair, "weak": cut.fair, "paralysed": cut.weak}[by_score]
    reasons = [Reason(code=f"score_{by_score}", params=[f"{score:.2f}", f"{limit:g}"])]
    if by_score == "strong" and red:
        reasons.append(Reason(code="red_at_close", params=red))
    reasons += [Reason(code="clause", params=[clause.code]) for clause in clauses]
    if grade == "paralysed" and earlier is not None and earlier.grade != "paralysed":
        reasons.append(Reason(code="newly_paralysed", params=[earlier.period]))
    return reasons
