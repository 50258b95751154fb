"""How things stand in a division: what meetings, teams and patrols are proposed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from models import calendar
from models.cases import Case
from models.documents import Decision, Grade, Team
from models.ids import database_of
from models.joint_work.teams import Difficulty, TeamState, difficulty, team_states
from models.setup import Setup
from sync_api.casework.book import CaseBook
from sync_api.errors import StillReading
from sync_api.parts import Gateway


def require_loaded(gateway: Gateway, villages: Sequence[str]) -> None:
    """Raises ``StillReading`` while what pages are made from is being read."""
    databases = {database_of(village) for village in villages}
    if not (gateway.book.is_loaded(databases) and gateway.grades.is_loaded(databases)):
        raise StillReading("台账", "the ledger")


def villages_of(setup: Setup, division: str) -> Sequence[str]:
    return setup.register.villages[setup.register.villages_in(division)]


def grades_of(gateway: Gateway, villages: Sequence[str]) -> dict[str, Grade]:
    """The grade of each village's team in the last half-year that was evaluated: as decided, else as proposed."""
    return gateway.grades.grades(villages, gateway.book.listed(Decision, tuple(villages) or ("-",)))


def cases_by_village(book: CaseBook, villages: Sequence[str]) -> dict[str, list[Case]]:
    """The open cases of villages that have any."""
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for matter in book.of(villages):
        if matter.case.is_open:
            found[matter.case.village].append(matter.case)
    return dict(found)


def hard_villages(gateway: Gateway, setup: Setup, division: str) -> dict[str, Difficulty]:
    """The villages of a division that need a team, the hardest first."""
    villages, today = villages_of(setup, division), calendar.local_day(gateway.clock())
    policy = setup.rulebook.policy
    grades = grades_of(gateway, villages)
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
