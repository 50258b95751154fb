"""The summary of a township or county from its villages' evaluations, that of the city from its counties', and what is
proposed to follow (mission 12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from models.documents import Evaluation, Grade, Measure, Reason, Response, Summary
from models.evaluation.scoring import GRADES
from models.ids import CODE_LENGTHS

if TYPE_CHECKING:
    from models.periods import Period
    from models.policy import Policy


def summarise(
    division: str, evaluations: Sequence[Evaluation], grades: Mapping[str, Grade], policy: Policy, period: Period
) -> Summary:
    """The summary of a division from the evaluations of its villages, at least one. ``grades`` by village: the decided
    ones where there are any, else those proposed.

    A team is newly paralysed, or was put right, by comparison with the period before: where there was no evaluation
    then, it is neither.
    """
    here = [(evaluation, grades[_village(evaluation)]) for evaluation in evaluations]
    now_paralysed = [
        _village(e) for e, grade in here if grade == "paralysed" and e.previous and e.previous.grade != "paralysed"
    ]
    put_right = [
        _village(e)
        for e, grade in here
        if grade in ("strong", "fair") and e.previous and e.previous.grade in ("weak", "paralysed")
    ]
    counted, marked = Counter(grade for _, grade in here), Counter(mark for e, _ in here for mark in e.marks)
    # scores are hundredths: added up as whole numbers they give the same mean everywhere
    mean = round(sum(round(e.score * 100) for e in evaluations) / (100 * len(evaluations)), 2)
    measures, reasons = _what_follows(division, len(now_paralysed), len(put_right), policy)
    return Summary(
        id=f"{division}:summary:{period.name}",
        mean=mean,
        villages=len(evaluations),
        grades={grade: counted[grade] for grade in GRADES},
        marks={mark: marked[mark] for mark in policy.evaluation.marks},
        response=_added_up([e.response for e in evaluations]),
        newly_paralysed=sorted(now_paralysed),
        put_right=sorted(put_right),
        measures=measures,
        reasons=reasons,
        policy=policy.version,
        simulated=any(e.simulated for e in evaluations),
    )


def with_commendations(summaries: Sequence[Summary], policy: Policy) -> list[Summary]:
    """The summaries of a county's townships, or of a city's counties, a commendation proposed to the best of them."""
    limits, ranked = policy.evaluation.commendation, sorted(map(_rank, summaries))
    best = max(1, len(ranked) * limits.best_percent // 100)

    def is_chosen(one: Summary) -> bool:
        share = limits.weak_percent.county if _is_county(one.id) else limits.weak_percent.township
        is_sound = 100 * (one.grades["weak"] + one.grades["paralysed"]) <= share * one.villages
        return is_sound and not one.newly_paralysed and one.mean >= limits.mean and _rank(one) <= ranked[best - 1]

    def commended(one: Summary) -> Summary:
        code = "counties_best" if _is_county(one.id) else "among_the_best"
        why = Reason(code=code, params=[f"{one.mean:.2f}", str(best), str(len(ranked))])
        return msgspec.structs.replace(one, measures=["commendation"], reasons=[why, *one.reasons])

    return [commended(one) if is_chosen(one) else one for one in summaries]


def _is_county(document_id: str) -> bool:
    return len(document_id.partition(":")[0]) == CODE_LENGTHS["county"]


def _rank(summary: Summary) -> tuple[float, float]:
    """The best first: by the mean and, where that is the same, the share of villages that are five good."""
    return -summary.mean, -summary.marks.get("five_good", 0) / summary.villages


def add_up(division: str, summaries: Sequence[Summary], period: Period) -> Summary:
    """The summary of a city from its counties', at least one: it proposes nothing, since nobody here stands above it.
    The mean is within a hundredth of that of all villages."""
    villages = sum(one.villages for one in summaries)
    return Summary(
        id=f"{division}:summary:{period.name}",
        mean=round(sum(round(one.mean * 100) * one.villages for one in summaries) / (100 * villages), 2),
        villages=villages,
        grades=_counted(one.grades for one in summaries),
        marks=_counted(one.marks for one in summaries),
        response=_added_up([one.response for one in summaries]),
        newly_paralysed=sorted(village for one in summaries for village in one.newly_paralysed),
        put_right=sorted(village for one in summaries for village in one.put_right),
        policy=summaries[0].policy,
        simulated=any(one.simulated for one in summaries),
    )


def _counted(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


def _village(evaluation: Evaluation) -> str:
    return evaluation.id.partition(":")[0]


def _what_follows(
    division: str, newly_paralysed: int, put_right: int, policy: Policy
) -> tuple[list[Measure], list[Reason]]:
    evaluation = policy.evaluation
    if measures := evaluation.measures_for(newly_paralysed):
        return list(measures), [Reason(code="teams_newly_paralysed", params=[str(newly_paralysed)])]
    is_county = len(division) == CODE_LENGTHS["county"]
    limits = evaluation.commendation.put_right
    wanted = limits.county if is_county else limits.township
    if newly_paralysed or put_right < wanted:
        return [], []
    return ["commendation"], [Reason(code="teams_put_right", params=[str(put_right), str(wanted)])]


def _added_up(responses: Sequence[Response]) -> Response:
    names = Response.__struct_fields__
    return msgspec.convert({name: sum(getattr(r, name) for r in responses) for name in names}, Response)
