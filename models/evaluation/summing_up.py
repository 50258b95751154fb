"""The summary of a township or county from its villages' evaluations, and what is proposed to follow (mission 12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from models.documents import Evaluation, Grade, Measure, Reason, Response, Summary
from models.evaluation.scoring import GRADES

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
    measures, reasons = _what_follows(mean, len(now_paralysed), len(put_right), policy)
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


def _village(evaluation: Evaluation) -> str:
    return evaluation.id.partition(":")[0]


def _what_follows(
    mean: float, newly_paralysed: int, put_right: int, policy: Policy
) -> tuple[list[Measure], list[Reason]]:
    evaluation = policy.evaluation
    if measures := evaluation.measures_for(newly_paralysed):
        return list(measures), [Reason(code="teams_newly_paralysed", params=[str(newly_paralysed)])]
    limits, reasons = evaluation.commendation, []
    if newly_paralysed:
        return [], []
    if mean >= limits.mean:
        reasons.append(Reason(code="mean_at_least", params=[f"{mean:.2f}", f"{limits.mean:g}"]))
    if put_right >= limits.put_right:
        reasons.append(Reason(code="teams_put_right", params=[str(put_right), str(limits.put_right)]))
    return (["commendation"] if reasons else []), reasons


def _added_up(responses: Sequence[Response]) -> Response:
    names = Response.__struct_fields__
    return msgspec.convert({name: sum(getattr(r, name) for r in responses) for name in names}, Response)
