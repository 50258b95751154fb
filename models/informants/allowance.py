"""The allowance sheet of a month (补贴), computed from appointments, trainings attended, and what a person decided.

- The month's sum is paid by days: those on which an appointment was held, of the days of the month, rounded to the fen.
  The day of an appointment counts, that of a dismissal does not, and no day on which the informant was suspended. Of a
  month that is not over, days to come count as they look now.
- A month that a decision withholds is not paid at all; supplements for trainings are.
- A training is paid once: by the village where an appointment was held on its day, of several the first. What
  was entered twice, with one topic on one day, is one training.
- A decision takes effect only while all that it is based on stands: an appeal that is open, or was granted, lifts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from models import calendar
from models.documents import Training

if TYPE_CHECKING:
    from models.informants.terms import Term
    from models.policy.informants import Allowance
    from models.truthfulness import InForce


class Attended(msgspec.Struct, frozen=True):
    """A training that informants attended."""

    id: str
    day: int
    aliases: frozenset[str]
    topic: str = ""

    @classmethod
    def of(cls, training: Training) -> Attended:
        return cls(
            training.id,
            calendar.local_day(training.observed_at),
            frozenset(training.informants),
            training.topic.strip(),
        )


class AllowanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one informant of a village gets for a month, in fen. ``base``: for the ``days`` held; ``withheld`` of it by
    a decision; ``supplement`` for so many ``trainings``. ``ids`` of all events behind it."""

    alias: str
    village: str
    days: int
    base: int
    trainings: int
    supplement: int
    withheld: int
    ids: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.base + self.supplement - self.withheld


def allowances(
    month: date, terms: Iterable[Term], trainings: Iterable[Attended], decided: Iterable[InForce], rule: Allowance
) -> list[AllowanceRow]:
    """One row for each informant who held an appointment on a day of the month (any date in it), by village and alias.
    ``decided``: the sanctions in force."""
    first = calendar.epoch_day(month.replace(day=1))
    after = calendar.epoch_day(_next_month(month))
    held: dict[tuple[str, str], list[Term]] = defaultdict(list)
    for term in terms:
        if term.from_day < after and (term.until_day is None or term.until_day > first):
            held[term.village, term.alias].append(term)
    attended = [one for one in trainings if first <= one.day < after]
    paid: dict[tuple[str, str], list[Attended]] = defaultdict(list)
    known: set[tuple[str, int, str]] = set()
    for one in sorted(attended, key=lambda one: one.id):
        for alias in one.aliases:
            if one.topic and (alias, one.day, one.topic) in known:
                continue
            known.add((alias, one.day, one.topic))
            there = [key for key in sorted(held) if key[1] == alias and any(t.holds_on(one.day) for t in held[key])]
            if there:
                paid[there[0]].append(one)
    sanctions = list(decided)
    return [
        _row(key, held[key], (first, after), paid[key], [s for s in sanctions if s.alias == key[1]], rule)
        for key in sorted(held)
    ]


def _row(
    key: tuple[str, str],
    terms: list[Term],
    days: tuple[int, int],
    trainings: list[Attended],
    sanctions: list[InForce],
    rule: Allowance,
) -> AllowanceRow:
    village, alias = key
    first, after = days
    suspending = [s for s in sanctions if s.is_suspended_in(first, after)]
    withholding = [s for s in sanctions if s.withholds(calendar.day_of(first))]
    held = sum(
        any(term.holds_on(day) for term in terms) and not any(s.is_suspended_on(day) for s in suspending)
        for day in range(first, after)
    )
    base = _rounded(rule.monthly_fen(village) * held, after - first)
    events = {identity for term in terms for identity in term.ids} | {one.id for one in trainings}
    return AllowanceRow(
        alias=alias,
        village=village,
        days=held,
        base=base,
        trainings=len(trainings),
        supplement=len(trainings) * rule.training_fen,
        withheld=base if withholding else 0,
        ids=tuple(sorted(events | {s.id for s in (*suspending, *withholding)})),
    )


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole number, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
