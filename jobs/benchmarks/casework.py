"""Three years of the whole city: folding its cases, evaluating a half-year, and counting a year."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib.resources import files
from typing import Final

import msgspec
import pyarrow as pa

from jobs.couch import ChangeRow
from jobs.evaluation import evidence_of
from jobs.events import EventTable
from jobs.rows import case_facts, happenings
from models import calendar
from models.cases import CaseFact, fold_cases
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.evaluation import evaluate, summarise
from models.figures import Figure, limit
from models.periods import Period, parse_period
from models.policy import default_policy
from models.setup import Setup
from models.simulation import default_parameters, simulate_county, simulation_start
from models.statistics import Happening, statistics
from models.village import Rulebook

CITY: Final = "3717"
SEED: Final = 110
UNTIL: Final = date(2026, 7, 16)
MONTHS: Final = 36
PERIOD: Final = "2026H1"
FOLD_S_MAX: Final = 5.0
EVALUATE_S_MAX: Final = 30.0
STATISTICS_S_MAX: Final = 2.0


class _Id(msgspec.Struct):
    id: str = msgspec.field(name="_id")


def measure_casework(tell: Callable[[str], None]) -> list[Figure]:
    """Figures for `d110 bench casework`. Raises ``RuntimeError`` if something was not done that was timed."""
    tell("模拟 36 个月 / simulating 36 months")
    setup = _setup()
    rows = dict(_counties(setup))
    catalogue, policy = setup.rulebook.catalogue, setup.rulebook.policy
    facts = [fact for table in rows.values() for fact in case_facts(table, catalogue)]
    tell("折叠事项 / folding cases")
    fold_s, n_cases = _fold(facts, setup)
    tell("考核半年 / evaluating a half-year")
    start = time.perf_counter()
    villages = sum(_evaluate(setup, county, table, parse_period(PERIOD)) for county, table in rows.items())
    evaluate_s = time.perf_counter() - start
    if villages != len(setup.register.villages):
        raise RuntimeError(f"{villages} villages were evaluated of {len(setup.register.villages)}")
    tell("统计三年 / statistics of three years")
    start = time.perf_counter()
    counted: list[Happening] = [h for table in rows.values() for h in happenings(table, catalogue)]
    statistics(counted, CITY, 0, calendar.epoch_day(UNTIL), policy)
    statistics_s = time.perf_counter() - start
    return [
        limit("fold_seconds", fold_s, "s", FOLD_S_MAX),
        Figure(name="fold_facts", value=len(facts), unit="facts"),
        Figure(name="fold_cases", value=n_cases, unit="cases"),
        limit("evaluate_seconds", evaluate_s, "s", EVALUATE_S_MAX),
        Figure(name="evaluate_villages", value=villages, unit="villages"),
        limit("statistics_seconds", statistics_s, "s", STATISTICS_S_MAX),
    ]


def _setup() -> Setup:
    file = files("models.register").joinpath("heze_divisions.csv")
    since = simulation_start(msgspec.structs.replace(default_parameters(), months=MONTHS), UNTIL)
    rulebook = Rulebook(default_catalogue(), default_policy(), calendar.epoch_day(since), is_simulated=True)
    return Setup(parse_register(file.read_bytes(), file.name), rulebook)


def _counties(setup: Setup) -> Iterator[tuple[str, pa.Table]]:
    """The rows that the mirror of each county would hold."""
    parameters = msgspec.structs.replace(default_parameters(), months=MONTHS)
    rulebook, decode = setup.rulebook, msgspec.json.Decoder(_Id).decode
    for county in setup.register.counties:
        simulated = simulate_county(
            setup.register, county, rulebook.catalogue, rulebook.policy, parameters, SEED, UNTIL
        )
        table = EventTable(rulebook.catalogue)
        table.take(ChangeRow(decode(document).id, msgspec.Raw(document)) for document in simulated.documents)
        yield county, table.to_arrow()


def _fold(facts: list[CaseFact], setup: Setup) -> tuple[float, int]:
    start = time.perf_counter()
    cases = fold_cases(facts, setup.rulebook.policy)
    return time.perf_counter() - start, len(cases)


def _evaluate(setup: Setup, county: str, rows: pa.Table, period: Period) -> int:
    """Evaluate a county and its townships, all but reading and writing the store; how many villages."""
    villages = setup.register.villages[setup.register.villages_in(county)]
    evaluations = evaluate(villages, *evidence_of(rows, villages, {}, setup, period), setup.rulebook, period)
    grades = {village: evaluation.grade for village, evaluation in zip(villages, evaluations, strict=True)}
    for code in (county, *setup.register.children[county]):
        here = [e for e in evaluations if e.id.startswith(code)]
        summarise(code, here, grades, setup.rulebook.policy, period)
    return len(evaluations)
