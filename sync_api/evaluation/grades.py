"""How village teams stood in the half-years that ended last, in memory: a page of the whole city asks for thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from models import calendar
from models.documents import Decision, Evaluation, Grade
from models.evaluation import decided_grade, in_force, version_id, version_of
from models.ids import database_of
from models.periods import Period, periods_closed
from sync_api.couch import Couch
from sync_api.following import Following
from sync_api.installation import Installation
from sync_api.stored import readable

#: An evaluation that ended longer ago says nothing about today.
_DAYS: Final = 400
READ_AT_ONCE: Final = 1_000


class GradeBook(Following):
    """The versions of each village's evaluations, without what they come from."""

    name = "the grades"

    def __init__(self, couch: Couch, installation: Installation, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._couch, self._installation, self._clock = couch, installation, clock
        #: By village, the period's name and the number of the version.
        self._versions: defaultdict[str, dict[str, dict[int, Evaluation]]] = defaultdict(dict)

    def wants(self, document_id: str) -> bool:
        return ":evaluation:" in document_id

    def grades(self, villages: Iterable[str], decisions: Iterable[Decision]) -> dict[str, Grade]:
        """By village, in its last half-year that was evaluated: as decided, else as proposed."""
        about: defaultdict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            about[decision.about].append(decision)
        halves = [period.name for period in self._halves()]
        found: dict[str, Grade] = {}
        for village in villages:
            of_village = self._versions.get(village, {})
            known = next((of_village[name] for name in halves if name in of_village), None)
            if known is not None:
                versions = [known[number] for number in sorted(known)]
                counted = in_force(versions, [d for one in versions for d in about[one.id]])
                found[village] = decided_grade(counted, about[counted.id]) or counted.grade
        return found

    async def load(self, database: str) -> None:
        register = (await self._installation.setup()).register
        villages = [village for village in register.villages if database_of(village) == database]
        for period in self._halves():
            asked, version = villages, 1
            while asked:  # of few there is a second version
                await self.read(database, [version_id(f"{one}:evaluation:{period.name}", version) for one in asked])
                asked = [one for one in asked if version in self._versions[one].get(period.name, {})]
                version += 1

    async def read(self, database: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), READ_AT_ONCE):
            rows = await self._couch.rows_of(database, ids[start : start + READ_AT_ONCE], include_docs=True)
            for document in readable(rows):
                if isinstance(document, Evaluation):
                    self._take(document)

    def _take(self, evaluation: Evaluation) -> None:
        village, _, named = evaluation.id.split(":")
        name = named.partition("-")[0]
        slim = msgspec.structs.replace(evaluation, components=[], reasons=[], changes=[], previous=None)
        self._versions[village].setdefault(name, {})[version_of(evaluation.id)] = slim

    def _halves(self) -> list[Period]:
        """The latest first."""
        closed = periods_closed(calendar.local_day(self._clock()), _DAYS)
        halves = [one for one in closed if not one.name.endswith("Y")]
        return sorted(halves, key=lambda one: one.last_day, reverse=True)
