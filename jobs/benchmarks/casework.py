"""Three years of the whole city: folding its cases, evaluating a half-year, and counting a year."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import pyarrow as pa

from jobs.benchmarks.simulated import SIMULATED_UNTIL, simulated_rows, simulated_setup
from jobs.evaluation import evidence_of
from jobs.rows import case_facts, happenings
from models import calendar
from models.cases import CaseFact, fold_cases
from models.evaluation import evaluate, summarise
from models.figures import Figure, limit
from models.periods import Period, parse_period
from models.setup import Setup
from models.statistics import Happening, statistics

CITY: Final = "3717"
MONTHS: Final = 36
PERIOD: Final = "2026H1"
FOLD_S_MAX: Final = 5.0
EVALUATE_S_MAX: Final = 30.0
STATISTICS_S_MAX: Final = 2.0


def measure_casework(tell: Callable[[str], None]) -> list[Figure]:
    """Figures for `d110 bench casework`. Raises ``RuntimeError`` if something was not done that was timed."""
    tell("模拟 36 个月 / simulating 36 months")
    setup = simulated_setup(MONTHS)
    rows = simulated_rows(setup, MONTHS)
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
    statistics(counted, CITY, 0, calendar.epoch_day(SIMULATED_UNTIL), policy)
    statistics_s = time.perf_counter() - start
    return [
        limit("fold_seconds", fold_s, "s", FOLD_S_MAX),
        Figure(name="fold_facts", value=len(facts), unit="facts"),
        Figure(name="fold_cases", value=n_cases, unit="cases"),
        limit("evaluate_seconds", evaluate_s, "s", EVALUATE_S_MAX),
        Figure(name="evaluate_villages", value=villages, unit="villages"),
        limit("statistics_seconds", statistics_s, "s", STATISTICS_S_MAX),
    ]


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
