"""Cases: a matter from its warning to its all-clear, folded from events (mission 9).

Every report opens a case of its own, whose ULID is the report's; an office may open one without a report. The steps
that follow name the case in their id. ``facts`` reduces events to what the fold needs, ``course`` is the state machine
of one case, ``fold`` runs it over all, ``judging`` says which steps are refused, ``spans`` is when which lamp was lit.
"""

from models.cases.course import Case, Opened, Segment, SetAside, handed_up_as, when_known
from models.cases.facts import CaseFact, case_fact, known_by
from models.cases.fold import fold_case, fold_cases, relapses
from models.cases.judging import ILLEGAL, Illegal, judge, step_faults, voids
from models.cases.spans import NO_CASE, CaseSpans, case_spans, light_changes

__all__ = [
    "ILLEGAL",
    "NO_CASE",
    "Case",
    "CaseFact",
    "CaseSpans",
    "Illegal",
    "Opened",
    "Segment",
    "SetAside",
    "case_fact",
    "case_spans",
    "fold_case",
    "fold_cases",
    "handed_up_as",
    "judge",
    "known_by",
    "light_changes",
    "relapses",
    "step_faults",
    "voids",
    "when_known",
]
