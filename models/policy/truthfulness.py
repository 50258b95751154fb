"""When a report is late or was missed, and the ladder of what follows (mission 7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from models.documents import Discipline, Severity

Days = Annotated[int, Meta(ge=0, le=3_660)]


class LateDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days from seeing a matter to writing it down, by severity; one more is late."""

    minor: Days
    general: Days
    major: Days

    def of(self, severity: Severity) -> int:
        found: int = getattr(self, severity)
        return found


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is proposed from so many counted omissions on."""

    omissions: Annotated[int, Meta(ge=1)]
    disciplines: tuple[Discipline, ...]
    withheld_months: Annotated[int, Meta(ge=0, le=12)]
    suspended_days: Annotated[int, Meta(ge=0, le=366)]


class TruthfulnessPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    late_days: LateDays
    important: tuple[Severity, ...]
    window_before_days: Days
    window_after_days: Days
    known_days: Days
    look_back_days: Annotated[int, Meta(ge=1, le=3_660)]
    appeal_days: Annotated[int, Meta(ge=1, le=366)]
    counted_over: Literal["half", "year"]
    ladder: Annotated[tuple[Rung, ...], Meta(min_length=1)]

    def rung_for(self, omissions: int) -> Rung | None:
        """The ladder's rung for a number of omissions; None below the first."""
        reached: Iterable[Rung] = [rung for rung in self.ladder if rung.omissions <= omissions]
        return max(reached, key=lambda rung: rung.omissions, default=None)

    def disciplines_up_to(self, omissions: int) -> frozenset[Discipline]:
        """Those of the rungs that a number of omissions has reached."""
        return frozenset(one for rung in self.ladder if rung.omissions <= omissions for one in rung.disciplines)
