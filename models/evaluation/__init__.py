"""Evaluation of village teams for a half-year or a year (mission 12): pure functions of what is known.

``days`` counts the days in each light, ``patrols`` and ``casework`` what else gives or takes points, ``scoring`` makes
one village's evaluation of them, ``summing_up`` the summary of a township or county from its villages', ``versions``
says what is written beside what a person decided, ``deciding`` what may be decided, ``words`` puts reasons and changes
into Chinese and English.
"""

from models.evaluation.casework import CaseCounts, case_counts
from models.evaluation.days import LightDays, light_days
from models.evaluation.patrols import Finding
from models.evaluation.scoring import Evidence, evaluate
from models.evaluation.summing_up import add_up, summarise, with_commendations
from models.evaluation.versions import (
    Decided,
    decided_grade,
    in_force,
    is_decided,
    next_version,
    standing_decision,
    version_id,
    version_of,
)

__all__ = [
    "CaseCounts",
    "Decided",
    "Evidence",
    "Finding",
    "LightDays",
    "add_up",
    "case_counts",
    "decided_grade",
    "evaluate",
    "in_force",
    "is_decided",
    "light_days",
    "next_version",
    "standing_decision",
    "summarise",
    "version_id",
    "version_of",
    "with_commendations",
]
