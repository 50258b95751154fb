"""All cases and joint work of the city in memory, folded from the events in the store and kept up by the feeds."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar, cast

import msgspec

from models.cases import Case, CaseFact, fold_case, relapses
from models.documents import (
    Agenda,
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
    Report,
    Sanction,
    Service,
    Settlements,
    Team,
    Training,
)
from models.policy import Policy
from models.statistics import COUNTED_KINDS, Happening, happening
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
_HEARD: Final = COUNTED_KINDS | {str(kind.__struct_config__.tag) for kind in _LISTED}
Listed = TypeVar("Listed", bound=Event)


class Matter(msgspec.Struct, frozen=True):
    """A case with the words that the ledger shows: ``opening`` as last corrected; ``clearing`` only while cleared."""

    case: Case
    opening: Report | CaseEvent
    clearing: CaseEvent | None


class _Known(msgspec.Struct):
    """What is known of one case."""

    facts: dict[str, CaseFact] = {}
    reports: set[str] = set()
    opening: Report | CaseEvent | None = None
    clearing: CaseEvent | None = None


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
        #: By division and id: what figures are made from, and of each kind that pages list the events.
        self._happenings: defaultdict[str, dict[str, Happening]] = defaultdict(dict)
        self._listed: dict[type[Event], defaultdict[str, dict[str, Event]]] = {k: defaultdict(dict) for k in _LISTED}

    def wants(self, document_id: str) -> bool:
        return document_id.count(":") == 3 and document_id.split(":", 2)[1] in _HEARD

    def find(self, village: str, case: str) -> Matter | None:
        return self._matters(village).get(case)

    def of(self, villages: Iterable[str]) -> Iterator[Matter]:
        """The cases of villages, in their order and then by ULID, which is that of time."""
        for village in villages:
            matters = self._matters(village)
            for case in sorted(matters):
                yield matters[case]

    def happenings(self, divisions: tuple[str, ...]) -> list[Happening]:
        """What figures of some divisions, and of those below them, are made from."""
        return [h for code, of in self._happenings.items() if code.startswith(divisions) for h in of.values()]

    def kept(self, kind: type[Listed], divisions: tuple[str, ...]) -> list[Listed]:
        """All events of a kind in some divisions and below them, corrections and all."""
        by_division = self._listed[kind]
        return [
            cast("Listed", e) for code, of in by_division.items() if code.startswith(divisions) for e in of.values()
        ]

    def listed(self, kind: type[Listed], divisions: tuple[str, ...]) -> list[Listed]:
        """The same, the newest first; of what was corrected the last word."""
        last: dict[str, Listed] = {}
        for event in sorted(self.kept(kind, divisions), key=lambda one: one.id[-26:]):
            last[event.amends or event.id] = event
        return sorted(last.values(), key=lambda one: one.observed_at, reverse=True)

    def reports_of(self, village: str, case: str) -> list[str]:
        """The ids of the report that opened a case and of its corrections; none where an office opened it."""
        return sorted(self._known[village, case].reports) if (village, case) in self._known else []

    async def earlier(self, matter: Matter) -> str | None:
        """The ULID of the case that came back as this one, if it did."""
        policy = (await self._installation.setup()).rulebook.policy
        cases = [m.case for m in self._matters(matter.case.village).values()]
        return relapses(cases, policy).get((matter.case.village, matter.case.case))

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
            if isinstance(document, _LISTED):
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
            known.facts[fact.ulid] = fact
            _keep(known, document)
            self._unfolded[fact.village].add(fact.case)

    def _matters(self, village: str) -> dict[str, Matter]:
        """A village's cases by ULID."""
        if self._policy is not None:
            for of_case in self._unfolded.pop(village, ()):
                known = self._known[village, of_case]
                case = fold_case(set(known.facts.values()), self._policy)
                if case is not None and known.opening is not None:
                    clearing = None if case.is_open else known.clearing
                    self._of_village[village][of_case] = Matter(case, known.opening, clearing)
        return self._of_village.get(village, {})


def _keep(known: _Known, document: Report | CaseEvent) -> None:
    if isinstance(document, Report):
        known.reports.add(document.id)
    if isinstance(document, Report) or document.step == "opened":
        # ids end in the ULID: a correction has the greater one
        if known.opening is None or document.id[-26:] >= known.opening.id[-26:]:
            known.opening = document
    elif document.step == "cleared" and (known.clearing is None or document.observed_at >= known.clearing.observed_at):
        known.clearing = document
