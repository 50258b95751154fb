"""Patrols (组织巡查): which villages are checked, by plan or by lot, and what came of it.

A lot can be checked by anybody. The office announces which villages it is drawn from and how many, together with the
hash of a secret number that the gateway made and shows to nobody; then somebody else, the witness, says a word of their
own choice. Each village's ticket is the SHA-256 of ``secret:word:code``, and the villages with the lowest tickets are
drawn. Whoever announces knows neither the secret nor the word, the witness does not know the secret, and the gateway
was bound to its secret before it heard the word: none of them can choose. The announcement stays in the archive whether
or not it was drawn, so that nobody tries until the lot pleases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from models import calendar
from models.documents import Inspection, Patrol
from models.ids import parse_id

#: After its last day a patrol waits so long for villages that nobody has checked; then it is history.
OPEN_DAYS_AFTER: Final = 30


class Ticket(msgspec.Struct, frozen=True, order=True):
    """A village's lot; the lowest are drawn."""

    ticket: str
    village: str


def commitment_of(secret: str) -> str:
    """The hash by which a secret is bound before it is shown."""
    return hashlib.sha256(secret.encode()).hexdigest()


def tickets(pool: Iterable[str], secret: str, word: str) -> list[Ticket]:
    """The lots of all villages, the lowest first."""
    return sorted(
        Ticket(hashlib.sha256(f"{secret}:{word}:{village}".encode()).hexdigest(), village) for village in set(pool)
    )


def drawn(announced: Patrol, secret: str, word: str) -> list[str]:
    """The villages that the lot falls on, in the order of their tickets."""
    return [one.village for one in tickets(announced.villages, secret, word)[: announced.count]]


def is_fair(announced: Patrol, result: Patrol) -> bool:
    """Whether a lot is the one that was announced, drawn as it must be, by somebody else than who announced it."""
    return (
        (announced.step, result.step, result.about) == ("announced", "drawn", announced.id)
        and result.secret is not None
        and commitment_of(result.secret) == announced.commitment
        and result.villages == drawn(announced, result.secret, result.word)
        and (result.since, result.until, result.count) == (announced.since, announced.until, announced.count)
        and parse_id(result.id).owner != parse_id(announced.id).owner
    )


def patrol_fault(patrol: Patrol) -> str | None:
    """The name of the first field that a patrol of its step lacks, or has and must not have; None if it is sound. The
    rest of a lot is judged beside its announcement, by ``is_fair``."""
    is_lot = patrol.step != "planned"
    own_villages = all(village.startswith(parse_id(patrol.id).division) for village in patrol.villages)
    faults = {
        "villages": not own_villages or len(set(patrol.villages)) != len(patrol.villages),
        "since": patrol.until < patrol.since,
        "text": not is_lot and not patrol.text.strip(),
        "count": is_lot and not 1 <= patrol.count <= (len(patrol.villages) if patrol.step == "announced" else 2**31),
        "commitment": (patrol.commitment is not None) != (patrol.step == "announced"),
        "about": (patrol.about is not None) != (patrol.step == "drawn"),
        "secret": (patrol.secret is not None) != (patrol.step == "drawn"),
        "word": bool(patrol.word.strip()) != (patrol.step == "drawn"),
    }
    return next((name for name, is_wrong in faults.items() if is_wrong), None)


class PatrolState(msgspec.Struct, frozen=True):
    """A patrol as it stands. ``result``: the lot that was drawn of an announced one, or the plan itself; None while
    nobody has drawn. ``done``: of each village that was checked, its inspections, the oldest first."""

    patrol: Patrol
    result: Patrol | None
    done: dict[str, list[Inspection]]

    @property
    def villages(self) -> list[str]:
        return self.result.villages if self.result is not None else []

    def holds(self, check: Inspection) -> bool:
        """Whether a check is one of this patrol: of a village on its list, seen on its first day or later, and once
        it was planned or drawn. One that was made before cannot have been made because of it."""
        return (
            self.result is not None
            and parse_id(check.id).division in self.result.villages
            and check.observed_at >= self.result.saved_at
            and calendar.local_day(check.observed_at) >= calendar.epoch_day(self.patrol.since)
        )

    def missing(self) -> list[str]:
        """The villages that nobody has checked yet."""
        return [village for village in self.villages if village not in self.done]

    def is_open(self, today: int) -> bool:
        """Whether somebody may be on the way for it: planned or drawn, and its last day has not passed, or has lately
        and a village waits still."""
        over = today - calendar.epoch_day(self.patrol.until)
        return self.result is not None and over <= (OPEN_DAYS_AFTER if self.missing() else 0)

    def is_overdue(self, today: int) -> bool:
        """Whether its last day has passed with villages that nobody has checked, or with nothing drawn."""
        return calendar.epoch_day(self.patrol.until) < today and (self.result is None or bool(self.missing()))


def patrol_states(patrols: Iterable[Patrol], inspections: Iterable[Inspection]) -> list[PatrolState]:
    """All patrols with what came of them, the newest first. An inspection belongs to the patrol that it names, by the
    id of the plan or of the announcement, where that ``holds`` it."""
    known = {patrol.id: patrol for patrol in patrols}
    results: dict[str, Patrol] = {}
    for patrol in sorted(known.values(), key=_ulid):  # a second lot of one announcement is never taken
        if patrol.step == "drawn" and patrol.about is not None:
            results.setdefault(patrol.about, patrol)
    first = sorted((patrol for patrol in known.values() if patrol.step != "drawn"), key=_ulid, reverse=True)
    states = {one.id: PatrolState(one, results.get(one.id) if one.step == "announced" else one, {}) for one in first}
    for inspection in sorted(inspections, key=lambda one: (one.observed_at, one.id)):
        state = states.get(inspection.patrol or "")
        if state is not None and state.holds(inspection):
            state.done.setdefault(parse_id(inspection.id).division, []).append(inspection)
    return list(states.values())


def by_themselves(inspections: Iterable[Inspection], states: Iterable[PatrolState]) -> list[Inspection]:
    """The inspections that belong to none of some patrols; the newest first."""
    known = {state.patrol.id: state for state in states}
    alone = [one for one in inspections if one.patrol not in known or not known[one.patrol].holds(one)]
    return sorted(alone, key=lambda one: (one.observed_at, one.id), reverse=True)


def _ulid(patrol: Patrol) -> str:
    return patrol.id[-26:]
