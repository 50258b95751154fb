"""What a person may decide of an evaluation or a summary, and why a decision is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from models import terms
from models.documents import Decision, Evaluation, Measure, Summary
from models.evaluation.versions import standing_decision

if TYPE_CHECKING:
    from models.policy.evaluation import EvaluationPolicy

#: Code and reason, Chinese and English.
Fault = tuple[str, str, str]
#: Of these only one can be true.
_APART: Final = ({"one_grade_lower", "two_grades_lower"},)


def measures_of(document: Evaluation | Summary, policy: EvaluationPolicy) -> tuple[Measure, ...]:
    """The measures that fit what is decided on."""
    return policy.measures.village if isinstance(document, Evaluation) else policy.measures.offices


def decision_fault(
    decision: Decision, document: Evaluation | Summary, others: Iterable[Decision], policy: EvaluationPolicy
) -> Fault | None:
    """Why a decision on a version is refused, or None. ``others``: all other decisions of the division."""
    before = standing_decision(document, others)
    if before is not None:
        zh = f"这一版已由 {before.id.split(':')[2]} 确认，不再更改；有新版时另行决定。"
        en = "This version was confirmed already and stays as it is; a new version is decided anew."
        return "already_decided", zh, en
    score = document.score if isinstance(document, Evaluation) else document.mean
    if decision.score != score:
        zh = f"得分现为 {score:.2f}，与作出决定时所见不同，请重新查看。"
        return "other_score", zh, f"The score is {score:.2f}, not the one that was decided on: look again."
    if isinstance(document, Summary) and decision.grade is not None:
        return "unfit", "档次只对村级班子作出。", "A grade is given to a village team only."
    return _unfit(decision, document, policy)


def _unfit(decision: Decision, document: Evaluation | Summary, policy: EvaluationPolicy) -> Fault | None:
    measures, allowed = set(decision.measures), measures_of(document, policy)
    for measure in decision.measures:
        if measure not in allowed:
            zh, en = terms.MEASURES[measure], measure.replace("_", " ")
            return "unfit", f"“{zh}”不适用于这里。", f"{en!r} does not fit what is decided on."
    is_poor = isinstance(document, Evaluation) and (decision.grade or document.grade) in ("weak", "paralysed")
    is_commended = "commendation" in measures
    is_doubled = len(measures) < len(decision.measures) or any(len(pair & measures) > 1 for pair in _APART)
    if is_doubled or (is_commended and (is_poor or len(measures) > 1)):
        zh, en = "所选的处理互相矛盾。", "What was chosen contradicts itself."
        return "unfit", zh, en
    return None
