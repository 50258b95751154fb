"""Work teams (工作组): hard villages are helped by the county's, easy ones by the township's.

It is a village's team and its open matters that are weighed, never a person; a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from models import calendar
from models.documents import Grade, Team
from models.ids import parse_id

if TYPE_CHECKING:
    from models.cases import Case
    from models.policy import Policy

TeamLevel = Literal["township", "county"]
#: What makes a village hard, by the names of the policy file.
Weight = Literal["paralysed", "weak", "major", "overdue", "relapse", "departments"]
WEIGHTS: Final[dict[Weight, tuple[str, str]]] = {
    "paralysed": ("班子瘫痪", "the team is paralysed"),
    "weak": ("班子软弱涣散", "the team is weak"),
    "major": ("重大事项", "major matters"),
    "overdue": ("逾期事项", "overdue matters"),
    "relapse": ("反弹事项", "matters that came back"),
    "departments": ("涉及两个以上部门的事项", "matters that need more than one department"),
}


class Difficulty(msgspec.Struct, frozen=True):
    """How hard a village is: ``points``, and the amounts that gave them."""

    points: int
    amounts: dict[Weight, int]

    def level(self, policy: Policy) -> TeamLevel | None:
        """Whose team it needs; None if it can do without."""
        if self.points >= policy.teams.county:
            return "county"
        return "township" if self.points >= policy.teams.township else None

    def words(self) -> tuple[str, str]:
        """The reasons, Chinese and English."""
        named = [(WEIGHTS[name], amount) for name, amount in self.amounts.items()]
        zh = "，".join(zh if amount == 1 and "班子" in zh else f"{zh}{amount}件" for (zh, _), amount in named)
        return zh, ", ".join(en if amount == 1 and "team" in en else f"{en}: {amount}" for (_, en), amount in named)


def difficulty(cases: Iterable[Case], grade: Grade | None, policy: Policy, today: int) -> Difficulty:
    """Weigh one village by its open cases and the last grade of its team."""
    amounts: Counter[Weight] = Counter()
    match grade:
        case "paralysed" | "weak":
            amounts[grade] = 1
    for case in cases:
        if case.is_open:
            amounts["major"] += case.severity == "major"
            amounts["overdue"] += case.is_overdue(today)
            amounts["relapse"] += case.is_relapse
            amounts["departments"] += len(case.departments) > 1
    present = {name: amounts[name] for name in WEIGHTS if amounts[name]}
    return Difficulty(sum(getattr(policy.teams, name) * amount for name, amount in present.items()), present)


class TeamState(msgspec.Struct, frozen=True):
    """A team that was sent; ``withdrawn`` is None while it works."""

    sent: Team
    withdrawn: Team | None

    @property
    def village(self) -> str:
        return parse_id(self.sent.id).division

    def is_overdue(self, today: int) -> bool:
        """Whether it works on past its last day."""
        return self.withdrawn is None and self.sent.until is not None and calendar.epoch_day(self.sent.until) < today


def team_states(events: Iterable[Team]) -> list[TeamState]:
    """All teams, the newest first. Of two withdrawals of one team the first counts."""
    known = sorted({event.id: event for event in events}.values(), key=lambda one: one.id[-26:])
    ends: dict[str, Team] = {}
    for event in known:
        if event.step == "withdrawn" and event.about is not None:
            ends.setdefault(event.about, event)
    return [TeamState(event, ends.get(event.id)) for event in reversed(known) if event.step == "sent"]


def team_fault(team: Team, known: Sequence[Team]) -> str | None:
    """Why a team's event is not taken: the name of a field. ``known``: those of its village."""
    working = {state.sent.id: state.sent for state in team_states(known) if state.withdrawn is None}
    if team.step == "sent":
        is_there = any(sent.office == team.office for sent in working.values())
        return "office" if is_there else "about" if team.about is not None else None
    sent = working.get(team.about or "")
    if sent is None:
        return "about"
    return None if sent.office == team.office else "office"
