"""One village's lights of a period as stretches of days, from its events: what the days of an evaluation come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from models import calendar
from models.cases import Case, case_fact, case_spans, fold_cases, known_by
from models.documents import Inspection, Round
from models.history import LightSpan, lights_by_day, stretches
from models.lights import GREEN
from models.village import reading_log

if TYPE_CHECKING:
    from models.documents import AnyDocument
    from models.village import Rulebook


def cases_until(documents: Sequence[AnyDocument], rulebook: Rulebook, last_day: int) -> list[Case]:
    """The cases of a village as they stood at the end of a day (``known_by``)."""
    facts = (fact for fact in map(case_fact, documents) if fact is not None)
    return fold_cases(known_by(facts, last_day), rulebook.policy)


def checks_until(documents: Iterable[AnyDocument], last_day: int) -> list[Round | Inspection]:
    """The rounds and inspections that had been written down by the end of a day."""
    checks = (one for one in documents if isinstance(one, Round | Inspection))
    return [one for one in checks if calendar.local_day(one.saved_at) <= last_day]


def light_spans(
    village: str, documents: Sequence[AnyDocument], rulebook: Rulebook, days: range
) -> dict[str, list[LightSpan]]:
    """By each indicator that was not green on every day of an ascending range, at least one, its stretches."""
    catalogue, index = rulebook.catalogue, {village: 0}
    replayed = lights_by_day(
        reading_log(checks_until(documents, days[-1]), index, catalogue),
        case_spans(cases_until(documents, rulebook, days[-1]), index, catalogue.index),
        catalogue.rules,
        1,
        rulebook.watched_since,
        days,
    )
    by_day = np.stack([light[0] for _, light in replayed])
    lit = np.flatnonzero((by_day != GREEN).any(axis=0))
    return {catalogue.indicators[i].code: stretches(by_day[:, i], days) for i in lit}
