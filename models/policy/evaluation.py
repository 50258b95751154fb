"""What evaluations are made by: credits, points, cut-offs, clauses, marks, and the ladder (mission 12)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from models.documents import Grade, IndicatorCode, Measure, Severity

Percent = Annotated[int, Meta(ge=0, le=100)]
Score = Annotated[float, Meta(ge=0, le=100)]


class Credit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a day in each light is worth, in percent."""

    green: Percent
    silent: Percent
    yellow: Percent
    red: Percent


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points for each, and at most."""

    each: Score
    most: Score

    def of(self, amount: int) -> float:
        return min(self.each * amount, self.most)


class PointsOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    taken_up_late: Points
    overdue: Points
    relapse: Points
    finding: Points
    omission_late: Points
    omission_missed: Points
    omission_concealed: Points
    in_time: Points


class CutOffs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lowest score of each grade; below ``weak`` is paralysed."""

    strong: Score
    fair: Score
    weak: Score


class Beyond(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reading beyond a limit, on the side that the catalogue calls worse."""

    indicator: IndicatorCode
    beyond: float


class OtherReds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: str
    at_least: Annotated[int, Meta(ge=1)]


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause that bypasses the points (一票否决): all that it names holds. ``silent_percent``: of the days of all
    indicators that are read, so many passed without anything that was known."""

    code: str
    grade: Grade
    zh: str
    en: str
    readings: tuple[Beyond, ...] = ()
    other_reds: OtherReds | None = None
    silent_percent: Annotated[int, Meta(ge=1, le=100)] | None = None

    def __post_init__(self) -> None:
        if not self.readings and self.other_reds is None and self.silent_percent is None:
            raise ValueError(f"the clause {self.code!r} asks for nothing")


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No red light all the period, and the lights of some items worth so much (none named: the whole score)."""

    items: tuple[str, ...]
    at_least: Score


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    newly_paralysed: Annotated[int, Meta(ge=1)]
    measures: tuple[Measure, ...]


class PutRight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    township: Annotated[int, Meta(ge=1)]
    county: Annotated[int, Meta(ge=1)]


class WeakShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many percent of the village teams may be weak or paralysed."""

    township: Percent
    county: Percent


class Commendation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``best_percent`` of a county's townships, or of the city's counties, from a ``mean`` on; or so many teams that
    were put right."""

    best_percent: Percent
    mean: Score
    weak_percent: WeakShare
    put_right: PutRight


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be decided of a village team, and of the offices of a township or county."""

    village: tuple[Measure, ...]
    offices: tuple[Measure, ...]


class EvaluationPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    settle_days: Annotated[int, Meta(ge=0)]
    counted: tuple[Severity, ...]
    credit: Credit
    points: PointsOf
    cut_offs: CutOffs
    clauses: tuple[Clause, ...]
    marks: dict[str, Mark]
    ladder: tuple[Step, ...]
    commendation: Commendation
    measures: Measures

    def measures_for(self, newly_paralysed: int) -> tuple[Measure, ...]:
        """The ladder's step for a number of newly paralysed village teams; none below the first."""
        reached = [step for step in self.ladder if step.newly_paralysed <= newly_paralysed]
        return max(reached, key=lambda step: step.newly_paralysed).measures if reached else ()
