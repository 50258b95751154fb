"""Evaluations and summaries as the store has them: all versions, what was decided on each, and teams put right."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import groupby

import msgspec

from models import calendar
from models.documents import Decision, Evaluation, Summary
from models.evaluation import (
    add_up,
    decided_grade,
    in_force,
    is_decided,
    version_id,
    version_of,
    with_commendations,
)
from models.ids import CODE_LENGTHS, database_of
from models.periods import Period, periods_within
from models.setup import Setup
from models.statistics import Grades, Stood
from sync_api.couch import Couch
from sync_api.stored import readable

Evaluated = Evaluation | Summary


class Standing(msgspec.Struct, frozen=True):
    """A division in a period: ``versions`` in order, at least one, and the decisions on any of them."""

    division: str
    versions: list[Evaluated]
    decisions: list[Decision]

    @property
    def in_force(self) -> Evaluated:
        """The version that counts."""
        return in_force(self.versions, self.decisions)

    @property
    def is_decided(self) -> bool:
        """Whether a person decided on the version that counts."""
        return is_decided(self.in_force, self.decisions)


async def read_standing(couch: Couch, setup: Setup, code: str, period: Period) -> Standing | None:
    """None where nothing was computed. A city's summary is that of its counties', added up."""
    if len(code) == CODE_LENGTHS["city"]:
        counties = await read_standings(couch, setup, setup.register.children.get(code, ()), period)
        summaries = [one.in_force for one in counties if isinstance(one.in_force, Summary)]
        return Standing(code, [add_up(code, summaries, period)], []) if summaries else None
    kind = "evaluation" if code in setup.register.village_index else "summary"
    first = f"{code}:{kind}:{period.name}"
    # versions are named ``-2`` and so on; no id holds a sign as high as ``;``
    found, said = await asyncio.gather(
        couch.range_of(database_of(code), first, f"{first}-;", include_docs=True),
        couch.range_of(database_of(code), f"{code}:decision:", f"{code}:decision;", include_docs=True),
    )
    versions = sorted(
        (d for d in readable(found) if isinstance(d, Evaluation | Summary)), key=lambda one: version_of(one.id)
    )
    ids = {one.id for one in versions}
    decisions = [d for d in readable(said) if isinstance(d, Decision) and d.about in ids]
    return Standing(code, versions, decisions) if versions else None


async def read_standings(couch: Couch, setup: Setup, codes: tuple[str, ...], period: Period) -> list[Standing]:
    """Those of several divisions that there are, in their order."""
    found = await asyncio.gather(*(read_standing(couch, setup, code, period) for code in codes))
    return [one for one in found if one is not None]


async def with_ranks(couch: Couch, setup: Setup, standings: Iterable[Standing], period: Period) -> list[Standing]:
    """The same; of counties that nobody has decided on, with what is proposed to the best of the city's once all are
    evaluated. Each county's own summary is made without regard to the others."""
    standings, counties = list(standings), setup.register.counties
    if not any(one.division in counties and not one.is_decided for one in standings):
        return standings
    last = [one.in_force for one in await read_standings(couch, setup, tuple(counties), period)]
    summaries = [one for one in last if isinstance(one, Summary)]
    if len(summaries) < len(counties):
        return standings
    ranked = {one.id: one for one in with_commendations(summaries, setup.rulebook.policy)}
    return [
        one
        if one.is_decided or one.in_force.id not in ranked
        else msgspec.structs.replace(one, versions=[*one.versions[:-1], ranked[one.in_force.id]])
        for one in standings
    ]


async def read_grades(
    couch: Couch, villages: Collection[str], period: Period, decisions: Iterable[Decision]
) -> dict[str, Stood]:
    """How village teams stood by the version of their evaluation that counts, as decided or else proposed."""
    about: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        about[decision.about].append(decision)
    versions: defaultdict[str, list[Evaluation]] = defaultdict(list)
    asked, version = sorted(villages), 1
    while asked:
        ids = [version_id(f"{village}:evaluation:{period.name}", version) for village in asked]
        of_database = [list(ids) for _, ids in groupby(ids, database_of)]
        answers = await asyncio.gather(
            *(couch.rows_of(database_of(of[0]), of, include_docs=True) for of in of_database)
        )
        documents = [one for rows in answers for one in readable(rows)]
        found = {one.id.partition(":")[0]: one for one in documents if isinstance(one, Evaluation)}
        for village, one in found.items():
            versions[village].append(one)
        asked, version = list(found), version + 1
    stood = {v: in_force(of, [d for one in of for d in about[one.id]]) for v, of in versions.items()}
    return {v: Stood(one.id, decided_grade(one, about[one.id]) or one.grade) for v, one in stood.items()}


async def last_two_grades(
    couch: Couch, setup: Setup, division: str, days: tuple[int, int], decisions: Collection[Decision]
) -> tuple[Grades, Grades] | None:
    """How village teams of a division stood by the last evaluation that lies within two epoch days, and by the one
    before it; None unless all counties have both. Of the teams only those that the night counted as put right, or that
    one of the ``decisions`` is about: no others can have been."""
    counties = tuple(one for one in setup.register.counties if one.startswith(division[: CODE_LENGTHS["county"]]))
    watched = calendar.day_of(setup.rulebook.watched_since)  # nothing before was evaluated
    first = max(days[0], calendar.epoch_day(watched.replace(month=1, day=1)))
    for period in periods_within(first, days[1]):
        now = await read_standings(couch, setup, counties, period)
        before = await read_standings(couch, setup, counties, period.previous)
        if len(now) == len(before) == len(counties):
            villages = {v for one in now if isinstance(one.in_force, Summary) for v in one.in_force.put_right}
            villages |= {one.about.partition(":")[0] for one in decisions}
            inside = [one for one in villages & setup.register.village_index.keys() if one.startswith(division)]
            stood = await read_grades(couch, inside, period, decisions)
            return stood, await read_grades(couch, inside, period.previous, decisions)
    return None
