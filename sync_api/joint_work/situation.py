"""How things stand in a division: what meetings, teams and patrols are proposed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from models import calendar
from models.cases import Case
from models.documents import Decision, Evaluation, Grade, Team
from models.ids import database_of
from models.joint_work.teams import Difficulty, TeamState, difficulty, team_states
from models.periods import periods_closed
from models.setup import Setup
from sync_api.casework.book import CaseBook
from sync_api.couch import Couch
from sync_api.errors import StillReading
from sync_api.parts import Gateway
from sync_api.stored import readable

#: An evaluation older than this says nothing about today.
_GRADE_DAYS: Final = 400


def require_loaded(gateway: Gateway, villages: Sequence[str]) -> None:
    """Raises ``StillReading`` while what pages are made from is being read."""
    if not gateway.book.is_loaded({database_of(village) for village in villages}):
        raise StillReading("台账", "the ledger")


def villages_of(setup: Setup, division: str) -> Sequence[str]:
    return setup.register.villages[setup.register.villages_in(division)]


async def grades_of(couch: Couch, book: CaseBook, villages: Sequence[str], today: int) -> dict[str, Grade]:
    """The grade of each village's team in the last half-year that was evaluated: as decided, else as proposed."""
    halves = [one for one in periods_closed(today, _GRADE_DAYS) if not one.name.endswith("Y")]
    grades: dict[str, Grade] = {}
    for period in sorted(halves, key=lambda one: one.last_day):  # a later one takes the place of an earlier one
        by_database: defaultdict[str, list[str]] = defaultdict(list)
        for village in villages:
            by_database[database_of(village)].append(f"{village}:evaluation:{period.name}")
        for database, ids in by_database.items():
            for found in readable(await couch.rows_of(database, ids, include_docs=True)):
                if isinstance(found, Evaluation):
                    grades[found.id.partition(":")[0]] = found.grade
        for decision in reversed(book.listed(Decision, tuple(villages) or ("-",))):
            village, _, rest = decision.about.partition(":")
            if decision.grade is not None and rest.partition("-")[0] == f"evaluation:{period.name}":
                grades[village] = decision.grade
    return grades


def cases_by_village(book: CaseBook, villages: Sequence[str]) -> dict[str, list[Case]]:
    """The open cases of villages that have any."""
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for matter in book.of(villages):
        if matter.case.is_open:
            found[matter.case.village].append(matter.case)
    return dict(found)


async def hard_villages(gateway: Gateway, setup: Setup, division: str) -> dict[str, Difficulty]:
    """The villages of a division that need a team, the hardest first."""
    villages, today = villages_of(setup, division), calendar.local_day(gateway.clock())
    policy = setup.rulebook.policy
    grades = await grades_of(gateway.couch, gateway.book, villages, today)
    cases = cases_by_village(gateway.book, villages)
    weighed = _weighed(cases, grades, setup, today)
    hard = [(village, found) for village, found in weighed.items() if found.level(policy) is not None]
    return dict(sorted(hard, key=lambda one: (-one[1].points, one[0])))


def _weighed(
    cases: Mapping[str, list[Case]], grades: Mapping[str, Grade], setup: Setup, today: int
) -> dict[str, Difficulty]:
    policy = setup.rulebook.policy
    return {
        village: difficulty(cases.get(village, []), grades.get(village), policy, today) for village in {*cases, *grades}
    }


def teams_of(gateway: Gateway, division: str) -> list[TeamState]:
    """The teams of a division, the newest first."""
    return team_states(gateway.book.listed(Team, (division,)))
