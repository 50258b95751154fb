"""All cases and joint work of the city in memory, folded from the events in the store and kept up by the feeds."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar, cast
from weakref import WeakValueDictionary

import msgspec

from models import calendar
from models.amendments import last_words
from models.cases import Case, CaseFact, fold_case, relapses
from models.documents import (
    Agenda,
    Answer,
    AnyDocument,
    Appointment,
    Carrying,
    CaseEvent,
    Decision,
    Event,
    Inspection,
    Meeting,
    Omission,
    Patrol,
    Pledge,
    Receipt,
    Report,
    Sanction,
    Service,
    Settlements,
    Team,
    Training,
)
from models.ids import parse_id
from models.policy import Policy
from models.statistics import COUNTED_KINDS, Folded, Happening, happening
from sync_api.couch import Couch
from sync_api.following import Following
from sync_api.held_events import HeldEvents
from sync_api.installation import Installation
from sync_api.replication.feed import END_KEY, FIRST_KEY, LEARN_ROWS
from sync_api.stored import readable

log = logging.getLogger(__name__)

#: Documents read and folded at a time: some hundredths of a second of work.
READ_AT_ONCE: Final = 1_000
#: Village and ULID.
CaseKey = tuple[str, str]
#: The events that pages list as they are.
_LISTED: Final[tuple[type[Event], ...]] = (
    *(Agenda, Appointment, Carrying, Decision, Inspection, Meeting, Omission, Patrol),
    *(Pledge, Sanction, Service, Settlements, Team, Training),
)
_HEARD: Final = COUNTED_KINDS | {"receipt", "answer"} | {str(kind.__struct_config__.tag) for kind in _LISTED}
Listed = TypeVar("Listed", bound=Event)


class Matter(msgspec.Struct, frozen=True):
    """A case with the words that the ledger shows: ``opening`` as last corrected; ``steps`` as they happened, those
    without effect left out; ``earlier``: the case that came back as this one."""

    case: Case
    opening: Report | CaseEvent
    steps: tuple[CaseEvent, ...]
    earlier: str | None = None

    @property
    def opener(self) -> str:
        """The alias of who opened it."""
        opening = self.opening
        return (parse_id(opening.id).owner or "") if isinstance(opening, Report) else opening.author

    @property
    def clearing(self) -> CaseEvent | None:
        """The all-clear, while it is cleared."""
        closing = (step for step in reversed(self.steps) if step.step == "cleared")
        return None if self.case.is_open else next(closing, None)

    @property
    def is_relapse(self) -> bool:
        """Whether it came back within half a year when it was opened last: as itself, or as another case."""
        return self.case.is_relapse if self.case.reopened_days else self.earlier is not None


class _Known(msgspec.Struct):
    """What is known of one case."""

    facts: dict[str, CaseFact] = {}
    reports: set[str] = set()
    opening: Report | CaseEvent | None = None
    steps: dict[str, CaseEvent] = {}


class CaseBook(Following):
    """Every case of every village."""

    name = "the ledger"

    def __init__(self, couch: Couch, installation: Installation, held: HeldEvents) -> None:
        super().__init__()
        self._couch, self._installation, self._held = couch, installation, held
        self._known: dict[CaseKey, _Known] = {}
        self._of_village: defaultdict[str, dict[str, Matter]] = defaultdict(dict)
        #: Cases of villages of which something was heard since they were folded; folded when they are asked for.
        self._unfolded: defaultdict[str, set[str]] = defaultdict(set)
        self._policy: Policy | None = None
        self._turns: WeakValueDictionary[CaseKey, asyncio.Lock] = WeakValueDictionary()
        #: By division and id: what figures are made from, and of each kind that pages list the events.
        self._happenings: defaultdict[str, dict[str, Happening]] = defaultdict(dict)
        #: When the store first had a report, and when its author was first answered, by the report's id.
        self._received: dict[str, datetime] = {}
        self._replied: dict[str, datetime] = {}
        self._listed: dict[type[Event], defaultdict[str, dict[str, Event]]] = {k: defaultdict(dict) for k in _LISTED}

    def wants(self, document_id: str) -> bool:
        if document_id.count(":") != 3:
            return False
        division, kind, _ = document_id.split(":", 2)
        # an event is never changed: what a push told of need not be read when it is heard of
        return kind in _HEARD and document_id not in self._happenings.get(division, ())

    def find(self, village: str, case: str) -> Matter | None:
        return self._matters(village).get(case)

    def opener(self, village: str, case: str) -> str | None:
        """The alias that opened a case, if there is one."""
        matter = self.find(village, case)
        return None if matter is None else matter.opener

    def of(self, villages: Iterable[str]) -> Iterator[Matter]:
        """The cases of villages, in their order and then by ULID, which is that of time."""
        for village in villages:
            matters = self._matters(village)
            for case in sorted(matters):
                yield matters[case]

    def happenings(self, divisions: tuple[str, ...]) -> list[Happening]:
        """What figures of some divisions, and of those below them, are made from."""
        return [h for code, of in self._happenings.items() if code.startswith(divisions) for h in of.values()]

    def folded(self, matters: Iterable[Matter]) -> dict[CaseKey, Folded]:
        """Cases as they were folded last, from all that is known of them."""
        keys = (((matter.case.village, matter.case.case), matter.case) for matter in matters)
        return {key: Folded(case, len(self._known[key].facts)) for key, case in keys}

    def kept(self, kind: type[Listed], divisions: tuple[str, ...]) -> list[Listed]:
        """All events of a kind in some divisions and below them, corrections and all."""
        by_division = self._listed[kind]
        return [
            cast("Listed", e) for code, of in by_division.items() if code.startswith(divisions) for e in of.values()
        ]

    def listed(self, kind: type[Listed], divisions: tuple[str, ...]) -> list[Listed]:
        """The same, the newest first; of what was corrected the last word, and nothing that was withdrawn."""
        return sorted(last_words(self.kept(kind, divisions)), key=lambda one: one.observed_at, reverse=True)

    def turn(self, village: str, case: str) -> asyncio.Lock:
        """Held while a page's step of a case is judged and stored, so that of two at once the second hears of the
        first."""
        return self._turns.setdefault((village, case), asyncio.Lock())

    def answered(self, village: str, case: str, since: datetime) -> datetime | None:
        """When what was done about a case was first submitted, or the case cleared, from an instant on."""
        known, from_ms = self._known.get((village, case)), calendar.to_ms(since)
        steps = known.facts.values() if known is not None else ()
        found = [f.at_ms for f in steps if f.step in ("submitted", "cleared") and f.at_ms >= from_ms]
        return datetime.fromtimestamp(min(found) / 1000, UTC) if found else None

    def reports_of(self, village: str, case: str) -> list[str]:
        """The ids of the report that opened a case and of its corrections; none where an office opened it."""
        return sorted(self._known[village, case].reports) if (village, case) in self._known else []

    def received_at(self, village: str, case: str) -> datetime | None:
        """When the report that opened a case first came to the store, where a receipt says so."""
        return min(filter(None, map(self._received.get, self.reports_of(village, case))), default=None)

    def replied_at(self, village: str, case: str) -> datetime | None:
        """When who reported a case was first answered."""
        return min(filter(None, map(self._replied.get, self.reports_of(village, case))), default=None)

    async def load(self, database: str) -> None:
        """Read a database whole."""
        key, is_end = FIRST_KEY, False
        wanted: list[str] = []
        while not is_end:
            rows = await self._couch.range_of(database, key, END_KEY, LEARN_ROWS)
            wanted += [row.id for row in rows if row.id is not None and row.id.split(":", 2)[1] in _HEARD]
            is_end = len(rows) < LEARN_ROWS
            key = f"{rows[-1].id}!" if rows else key
        await self.read(database, wanted)
        for village in [*self._unfolded]:
            self._matters(village)
            await asyncio.sleep(0)  # others are served meanwhile

    async def read(self, database: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), READ_AT_ONCE):
            held, lacking = self._held.split(ids[start : start + READ_AT_ONCE])
            rows = await self._couch.rows_of(database, lacking, include_docs=True) if lacking else []
            await self.take([*held, *readable(rows)])

    async def take(self, documents: Iterable[AnyDocument]) -> None:
        """Take events in, those of a case that is known already, too."""
        self._policy = (await self._installation.setup()).rulebook.policy
        for document in documents:
            if isinstance(document, Receipt):
                self._note(self._received, document.ids, document.received_at)
            elif isinstance(document, Answer):
                self._note(self._replied, [document.about], document.observed_at)
            elif isinstance(document, _LISTED):
                self._listed[type(document)][document.id.partition(":")[0]][document.id] = document
            heard = happening(document)
            if heard is None:
                continue
            self._happenings[heard.division][heard.id] = heard
            fact = heard.fact
            if fact is None or not isinstance(document, Report | CaseEvent):
                continue
            key = (fact.village, fact.case)
            known = self._known.setdefault(key, _Known())
            known.facts[document.id] = fact
            _keep(known, document)
            self._unfolded[fact.village].add(fact.case)

    @staticmethod
    def _note(known: dict[str, datetime], ids: Iterable[str], at: datetime) -> None:
        for identity in ids:
            if ":report:" in identity:
                known[identity] = min(at, known.get(identity, at))

    def _matters(self, village: str) -> dict[str, Matter]:
        """A village's cases by ULID."""
        if self._policy is not None and (unfolded := self._unfolded.pop(village, None)):
            of_village = self._of_village[village]
            for of_case in unfolded:
                known = self._known[village, of_case]
                case = fold_case(set(known.facts.values()), self._policy)
                if case is not None and known.opening is not None:
                    of_village[of_case] = Matter(case, known.opening, _in_effect(known, case))
            found = relapses((matter.case for matter in of_village.values()), self._policy)
            for of_case, matter in of_village.items():
                if matter.earlier != (earlier := found.get((village, of_case))):
                    of_village[of_case] = msgspec.structs.replace(matter, earlier=earlier)
        return self._of_village.get(village, {})


def _in_effect(known: _Known, case: Case) -> tuple[CaseEvent, ...]:
    void = {aside.ulid for aside in case.set_aside}
    steps = [step for ulid, step in known.steps.items() if ulid not in void]
    return tuple(sorted(steps, key=lambda step: (step.saved_at, step.id[-26:])))


def _keep(known: _Known, document: Report | CaseEvent) -> None:
    if isinstance(document, Report):
        known.reports.add(document.id)
    if isinstance(document, Report) or document.step == "opened":
        # ids end in the ULID: a correction has the greater one
        if known.opening is None or document.id[-26:] >= known.opening.id[-26:]:
            known.opening = document
    else:
        known.steps[document.id[-26:]] = document
