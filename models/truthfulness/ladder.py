"""What follows for an informant from counted omissions: proposed by the policy's ladder, decided by a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from models import calendar
from models.amendments import first_of, last_words
from models.documents import Sanction
from models.ids import parse_id
from models.periods import Period, parse_period

if TYPE_CHECKING:
    from models.policy.truthfulness import Rung, TruthfulnessPolicy
    from models.truthfulness.chains import Chain

_MONTHS_OF_HALF = 6


class InForce(msgspec.Struct, frozen=True):
    """A decision that takes effect. ``day``: the epoch day on which it was made."""

    id: str
    alias: str
    day: int
    withheld_months: int
    suspended_days: int

    def withholds(self, month: date) -> bool:
        """Whether it withholds the month of a date."""
        made = calendar.day_of(self.day)
        since = (month.year - made.year) * 12 + month.month - made.month
        return 0 <= since < self.withheld_months

    def is_suspended_on(self, day: int) -> bool:
        return self.day <= day < self.day + self.suspended_days

    def is_suspended_in(self, first_day: int, day_after: int) -> bool:
        """Whether it suspends on a day of a span."""
        return self.day < day_after and self.day + self.suspended_days > first_day and self.suspended_days > 0


class Proposal(msgspec.Struct, frozen=True):
    """What the ladder says of an informant for a period: ``omissions`` are the ids of the steps that confirmed what is
    counted, ``decided`` the id of the last of the decisions in force that cover all of them, None while they do not."""

    alias: str
    village: str
    period: str
    omissions: tuple[str, ...]
    rung: Rung
    decided: str | None


def counted_in(day: int, over: Literal["half", "year"]) -> Period:
    """The half-year or year in which the omissions of a day are counted together."""
    on = calendar.day_of(day)
    part = "Y" if over == "year" else "H1" if on.month <= _MONTHS_OF_HALF else "H2"
    return parse_period(f"{on.year:04d}{part}")


def is_beyond(sanction: Sanction, chains: Iterable[Chain], policy: TruthfulnessPolicy) -> bool:
    """Whether a decision goes further than the ladder does for what it is based on, as far as that counts together; for
    less a person may decide."""
    based = [one.confirmed for one in chains if one.confirmed is not None and one.confirmed.id in sanction.omissions]
    together = Counter(counted_in(step.day, policy.counted_over).name for step in based)
    omissions = max(together.values(), default=0)
    rung = policy.rung_for(omissions)
    return (
        not policy.disciplines_up_to(omissions).issuperset(sanction.disciplines)
        or sanction.withheld_months > (rung.withheld_months if rung else 0)
        or sanction.suspended_days > (rung.suspended_days if rung else 0)
    )


def sanctions_in_force(sanctions: Iterable[Sanction], chains: Iterable[Chain]) -> list[InForce]:
    """The decisions all of whose omissions still stand; of what was corrected the last word."""
    standing = {step.id for chain in chains if (step := chain.counted) is not None}
    return [
        InForce(
            sanction.id,
            parse_id(sanction.id).owner or "",
            calendar.local_day(sanction.observed_at),
            sanction.withheld_months,
            sanction.suspended_days,
        )
        for sanction in sorted(last_words(sanctions), key=first_of)
        if standing.issuperset(sanction.omissions)
    ]


def suspended_until(decided: Iterable[InForce], alias: str, day: int) -> date | None:
    """The last day of the suspension in which an informant is on an epoch day, of several the longest; None while on
    duty."""
    lasting = [one for one in decided if one.alias == alias and one.is_suspended_on(day)]
    return calendar.day_of(max(one.day + one.suspended_days for one in lasting) - 1) if lasting else None


def proposals(
    chains: Iterable[Chain], sanctions: Iterable[Sanction], day: int, policy: TruthfulnessPolicy
) -> list[Proposal]:
    """What the ladder proposes on a day, by village, informant and period: all of the period that holds the day, and of
    earlier ones what nobody has decided on. An omission counts in the period in which it was confirmed, though not
    before its appeal is over, or may no longer come: that may be in the next one."""
    chains, sanctions = list(chains), list(sanctions)
    counted: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for chain in chains:
        step = chain.confirmed
        if step is not None and chain.is_final(day, policy.appeal_days):
            counted[chain.village, chain.alias, counted_in(step.day, policy.counted_over).name].append(step.id)
    in_force = {one.id for one in sanctions_in_force(sanctions, chains)}
    standing = sorted((one for one in sanctions if one.id in in_force), key=lambda one: one.id[-26:])
    now, found = counted_in(day, policy.counted_over).name, []
    for (village, alias, period), ids in sorted(counted.items()):
        rung, decided = policy.rung_for(len(ids)), _decided(ids, standing)
        if rung is not None and (period == now or decided is None):
            found.append(Proposal(alias, village, period, tuple(sorted(ids)), rung, decided))
    return found


def _decided(omissions: Iterable[str], standing: Iterable[Sanction]) -> str | None:
    """The last decision on some omissions, where all of them were decided on."""
    wanted = set(omissions)
    based = [one for one in standing if wanted.intersection(one.omissions)]
    return based[-1].id if wanted <= {omission for one in based for omission in one.omissions} else None
