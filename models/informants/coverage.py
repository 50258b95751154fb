"""Which natural villages no informant covers (盲区), and how many informants a village lacks (mission 5).

What is asked for: each natural village has the number that the policy asks for by its people; a large village, and one
whose team is weak or paralysed, some more for the village whole. Who is named for several natural villages covers each
of them, but is one head of the village; so a village lacks what its natural villages lack, or what it lacks in heads,
whichever is more. Of a village whose natural villages nobody has entered yet no blind spot can be told: it needs at
least what one natural village needs, and is counted apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from models.documents import Appointment, NaturalVillage, Settlements
from models.ids import parse_id
from models.informants.terms import Term

if TYPE_CHECKING:
    from models.policy.informants import Staffing


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A natural village: how many informants it needs and has. ``ids`` of the appointments."""

    name: str
    households: int
    people: int
    required: int
    appointed: int
    ids: tuple[str, ...] = ()

    @property
    def lacking(self) -> int:
        return max(self.required - self.appointed, 0)

    @property
    def is_blind(self) -> bool:
        """Whether nobody covers it."""
        return self.appointed == 0


class VillageCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """``is_known``: its natural villages were entered; ``extra``: what the village whole needs beside them, or at least
    where they were not."""

    village: str
    is_known: bool
    is_weak: bool
    natural_villages: tuple[Covered, ...]
    extra: int
    heads: int

    @property
    def people(self) -> int:
        return sum(one.people for one in self.natural_villages)

    @property
    def required(self) -> int:
        return sum(one.required for one in self.natural_villages) + self.extra

    @property
    def is_unwatched(self) -> bool:
        """Whether nobody at all is appointed where nobody has entered the natural villages."""
        return not self.is_known and self.heads == 0

    @property
    def lacking(self) -> int:
        return max(sum(one.lacking for one in self.natural_villages), self.required - self.heads, 0)


def settlements_of(events: Iterable[Settlements]) -> dict[str, tuple[NaturalVillage, ...]]:
    """By village, its natural villages as last entered; of two with one name the last counts."""
    last: dict[str, Settlements] = {}
    for event in sorted(events, key=lambda one: (one.observed_at, one.id[-26:])):
        last[parse_id(event.id).division] = event
    return {
        village: tuple({one.name: one for one in event.natural_villages}.values()) for village, event in last.items()
    }


def coverage(
    villages: Sequence[str],
    settlements: Mapping[str, tuple[NaturalVillage, ...]],
    held: Iterable[Term],
    weak: Collection[str],
    rule: Staffing,
) -> list[VillageCoverage]:
    """How villages are covered, in their order. ``held``: the terms of a day of those on duty; ``weak``: villages
    whose team is weak or paralysed."""
    of_village: dict[str, list[Term]] = {village: [] for village in villages}
    for term in held:
        if term.village in of_village:
            of_village[term.village].append(term)
    return [
        _covered(village, settlements.get(village), of_village[village], village in weak, rule) for village in villages
    ]


def blind_spots(covered: Iterable[VillageCoverage]) -> list[tuple[str, Covered]]:
    """Village and natural village of all that nobody covers."""
    return [(one.village, place) for one in covered for place in one.natural_villages if place.is_blind]


def _covered(
    village: str, entered: tuple[NaturalVillage, ...] | None, terms: list[Term], is_weak: bool, rule: Staffing
) -> VillageCoverage:
    heads = {term.alias for term in terms}
    places = tuple(_place(one, terms, rule) for one in entered or ())
    people = sum(one.people for one in places)
    extra = (rule.weak_extra if is_weak else 0) + (rule.large_extra if people >= rule.large_people else 0)
    return VillageCoverage(
        village=village,
        is_known=entered is not None,
        is_weak=is_weak,
        natural_villages=places,
        extra=extra if entered is not None else extra + rule.at_least,
        heads=len(heads),
    )


def _place(one: NaturalVillage, terms: list[Term], rule: Staffing) -> Covered:
    here = [term for term in terms if one.name in term.natural_villages]
    return Covered(
        name=one.name,
        households=one.households,
        people=one.people,
        required=rule.required(one.people),
        appointed=len({term.alias for term in here}),
        ids=tuple(sorted(identity for term in here for identity in term.ids)),
    )


def appointment_fault(event: Appointment, known: Sequence[NaturalVillage] | None) -> tuple[str, str, str] | None:
    """Why an appointment does not fit its village's natural villages as they were entered, if they were: code and
    reason, Chinese and English. Who is named for none answers for the village whole."""
    households = {one.name: one.households for one in known or ()}
    for name in event.natural_villages:
        if name not in households:
            return "unknown_place", f"本村没有登记自然村“{name}”。", f"The village has no natural village {name!r}."
    most = sum(households[name] for name in event.natural_villages or households)
    if known and event.households > most:
        zh = f"联系户数 {event.households} 多于这里的总户数 {most}。"
        return "too_many_households", zh, f"{event.households} households are more than the {most} there are."
    return None
