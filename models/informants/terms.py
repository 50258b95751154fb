"""Terms of informants, folded from appointments and dismissals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from models import calendar
from models.amendments import last_words
from models.documents import Appointment
from models.ids import parse_id

if TYPE_CHECKING:
    from models.truthfulness import InForce


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment. Epoch days: ``from_day`` is held, ``until_day`` (of the dismissal, or of the appointment that
    follows) is not; None while it lasts. ``ids`` of the events behind it."""

    alias: str
    village: str
    from_day: int
    until_day: int | None = None
    natural_villages: tuple[str, ...] = ()
    households: int = 0
    ids: tuple[str, ...] = ()

    def holds_on(self, day: int) -> bool:
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


def terms_of(appointments: Iterable[Appointment]) -> list[Term]:
    """All terms, by village, alias and time. Neither order nor repetition of the events makes a difference; of one that
    was corrected the last word counts. A dismissal without a term ends nothing."""
    of_one: dict[tuple[str, str], list[Appointment]] = defaultdict(list)
    for event in last_words(appointments):
        of_one[parse_id(event.id).division, event.alias].append(event)
    found: list[Term] = []
    for (village, alias), events in sorted(of_one.items()):
        found += _terms(village, alias, sorted(events, key=lambda one: (one.observed_at, one.id[-26:])))
    return found


def serving(terms: Iterable[Term], day: int) -> list[Term]:
    """The terms that are held on a day."""
    return [term for term in terms if term.holds_on(day)]


def on_duty(terms: Iterable[Term], decided: Iterable[InForce]) -> list[Term]:
    """The terms without the days of suspension (``decided``: the sanctions in force): one that a suspension interrupts
    is cut in two, one that lies within it is left out."""
    suspending: dict[str, list[InForce]] = defaultdict(list)
    for one in decided:
        if one.suspended_days:
            suspending[one.alias].append(one)
    found: list[Term] = []
    for term in terms:
        parts = [term]
        for one in suspending.get(term.alias, ()):
            parts = [rest for part in parts for rest in _without(part, one)]
        found += parts
    return found


def _without(term: Term, suspension: InForce) -> list[Term]:
    """What is left of a term before and after a suspension."""
    first, after = suspension.day, suspension.day + suspension.suspended_days
    end = term.until_day
    before = msgspec.structs.replace(term, until_day=first if end is None else min(end, first))
    later = msgspec.structs.replace(term, from_day=max(term.from_day, after))
    return [part for part in (before, later) if part.until_day is None or part.from_day < part.until_day]


def _terms(village: str, alias: str, events: list[Appointment]) -> list[Term]:
    found: list[Term] = []
    for event in events:
        day = calendar.local_day(event.observed_at)
        if found and found[-1].until_day is None:
            before = found[-1]
            ids = (*before.ids, event.id)
            found[-1] = msgspec.structs.replace(before, until_day=max(day, before.from_day), ids=ids)
        if not event.is_dismissal:
            found.append(
                Term(
                    alias=alias,
                    village=village,
                    from_day=day,
                    natural_villages=tuple(event.natural_villages),
                    households=event.households,
                    ids=(event.id,),
                )
            )
    return found
