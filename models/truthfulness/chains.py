"""What became of an omission: steps that are about one thing, folded in the order in which they happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from models import calendar
from models.documents import OmissionFinding, OmissionStage
from models.ids import CODE_LENGTHS, parse_id

if TYPE_CHECKING:
    from models.documents import Omission

#: Where a chain stands.
State = Literal["open", "set_aside", "confirmed", "appealed", "upheld", "withdrawn"]


class OmissionStep(msgspec.Struct, frozen=True):
    """One step of finding, confirming or appealing an omission. ``about``: what was not reported, or an earlier step.

    What is carried on to evaluations is the ULID only: the id holds the informant's alias."""

    id: str
    village: str
    day: int
    at_ms: int
    finding: OmissionFinding
    step: OmissionStage
    about: str
    author: str = ""
    text: str = ""

    @property
    def ulid(self) -> str:
        return self.id.rpartition(":")[2]

    @property
    def alias(self) -> str:
        """Whom it is about."""
        return self.id.split(":")[2]


class Chain(msgspec.Struct, frozen=True):
    """The steps about one thing and one informant, in order, at least one. ``about``: the id of what it began with."""

    about: str
    steps: tuple[OmissionStep, ...]

    @property
    def alias(self) -> str:
        return self.steps[0].alias

    @property
    def village(self) -> str:
        return self.steps[0].village

    @property
    def confirmed(self) -> OmissionStep | None:
        """The step by which it was first confirmed, whatever came of it later."""
        return next((step for step in self.steps if step.step in ("confirmed", "upheld")), None)

    @property
    def counted(self) -> OmissionStep | None:
        """The step by which it stands confirmed; None while it does not, an appeal being open among others."""
        return self.confirmed if self.state in ("confirmed", "upheld") else None

    @property
    def state(self) -> State:
        said = [step.step for step in self.steps]
        if "withdrawn" in said:
            return "withdrawn"
        if self.confirmed is None:
            return "set_aside" if "set_aside" in said else "open"
        answered = max((at for at, step in enumerate(said) if step == "upheld"), default=-1)
        appealed = max((at for at, step in enumerate(said) if step == "appealed"), default=-1)
        if appealed > answered:
            return "appealed"
        return "upheld" if answered >= 0 else "confirmed"

    def is_final(self, day: int, appeal_days: int) -> bool:
        """Whether it is counted for the ladder: an appeal was turned down, or nobody appealed in time."""
        confirmed = self.counted
        return confirmed is not None and (self.state == "upheld" or day > confirmed.day + appeal_days)


def omission_step(document: Omission) -> OmissionStep | None:
    """A step that concerns a village, or None. Raises ``IdError`` for a malformed id."""
    identity = parse_id(document.id)
    if len(identity.division) != CODE_LENGTHS["village"]:
        return None
    at = document.saved_at  # nothing is said before it is signed
    return OmissionStep(
        document.id,
        identity.division,
        calendar.local_day(at),
        calendar.to_ms(at),
        document.finding,
        document.step,
        document.about,
        document.author,
        document.text,
    )


def chains_of(steps: Iterable[OmissionStep]) -> list[Chain]:
    """All chains, by village, informant and what they are about. Neither the order of the steps nor repetition makes a
    difference."""
    by_id = {step.id: step for step in steps}
    found: dict[tuple[str, str], list[OmissionStep]] = defaultdict(list)
    for step in by_id.values():
        found[step.id.rpartition(":")[0], _root(step, by_id)].append(step)
    return [
        Chain(about, tuple(sorted(chain, key=lambda step: (step.at_ms, step.ulid))))
        for (_, about), chain in sorted(found.items())
    ]


def counted_omissions(
    steps: Iterable[OmissionStep], first_day: int, last_day: int
) -> dict[str, dict[OmissionFinding, list[str]]]:
    """By village and finding, the ULIDs of the steps that confirmed an omission in the period, in order.

    Nothing counts that was withdrawn or whose appeal is open, whenever that was: all steps known now are looked at.
    """
    found: dict[str, dict[OmissionFinding, list[str]]] = defaultdict(lambda: defaultdict(list))
    for chain in chains_of(steps):
        confirmed = chain.counted
        if confirmed is not None and first_day <= confirmed.day <= last_day:
            found[confirmed.village][confirmed.finding].append(confirmed.ulid)
    return {village: {f: sorted(ulids) for f, ulids in of.items()} for village, of in found.items()}


def _root(step: OmissionStep, by_id: Mapping[str, OmissionStep]) -> str:
    """What a chain of steps is about: two steps about one thing, or one about the other, are of one chain."""
    seen = {step.id}
    while (earlier := by_id.get(step.about)) is not None and earlier.id not in seen:
        seen.add(earlier.id)
        step = earlier
    return step.about
