"""What is said of villages that are likely to get worse, and how many can be looked after (mission 14)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from models.ids import CODE_LENGTHS

Percent = Annotated[int, Meta(ge=1, le=100)]
Positive = Annotated[int, Meta(ge=1, le=10_000)]


class EarlyWarningPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    horizon_months: Annotated[int, Meta(ge=1, le=24)]
    worse_by: Positive
    history_months: Annotated[int, Meta(ge=2, le=240)]
    capacity_percent: Percent
    capacity: dict[str, Positive]
    stay_percent: Annotated[int, Meta(ge=100, le=1_000)]
    dropped_days: Positive
    kept_days: Positive

    def capacity_of(self, county: str, villages: int) -> int:
        """How many of a county's so many villages are watched at most."""
        own = self.capacity.get(county[: CODE_LENGTHS["county"]])
        return min(villages, own or max(1, round(villages * self.capacity_percent / 100)))
