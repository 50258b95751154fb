"""How many informants a village has, and what they are paid (mission 5)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from models.ids import CODE_LENGTHS

Number = Annotated[int, Meta(ge=0, le=1_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]


class Staffing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For each natural village ``at_least`` so many, and one for each ``people_each`` of its people; for a village
    whole some more where its team is weak or paralysed, or from ``large_people`` on."""

    at_least: Positive
    people_each: Positive
    weak_extra: Number
    large_people: Positive
    large_extra: Number

    def required(self, people: int) -> int:
        """Informants that a natural village of so many people needs."""
        return max(self.at_least, -(-people // self.people_each))


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yuan: what a month is worth, where a county has no sum of its own (``counties``, by code); and what each training
    attended adds."""

    monthly_yuan: Number
    training_yuan: Number
    counties: dict[str, Number]

    def monthly_fen(self, division: str) -> int:
        return 100 * self.counties.get(division[: CODE_LENGTHS["county"]], self.monthly_yuan)

    @property
    def training_fen(self) -> int:
        return 100 * self.training_yuan


class InformantPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    staffing: Staffing
    allowance: Allowance
