"""A backtest of two counties: every rule and model with its interval, both labels, groups; nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from jobs.backtest import Report, TooLittleHistoryError, city_panel, county_places, kinds_of, run_backtest
from jobs.benchmarks.simulated import SIMULATED_UNTIL, simulated_rows, simulated_setup
from models.risk.model import MODELS
from models.risk.rules import RULES
from models.setup import Setup

COUNTIES, MONTHS, ORIGINS = ("371771", "371772"), 24, 2


@cache
def city() -> tuple[Setup, Mapping[str, pa.Table]]:
    setup = simulated_setup(MONTHS)
    return setup, simulated_rows(setup, MONTHS, COUNTIES)


@pytest.fixture(scope="module")
def report() -> Report:
    setup, rows = city()
    policy = setup.rulebook.policy
    longer = msgspec.structs.replace(policy.early_warning, capacity_percent=20)
    rulebook = msgspec.structs.replace(setup.rulebook, policy=msgspec.structs.replace(policy, early_warning=longer))
    setup = msgspec.structs.replace(setup, rulebook=rulebook)
    return run_backtest(rows, setup, SIMULATED_UNTIL, ORIGINS, lambda _: None)


def figures(report: Report, label: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["origin"], one["name"], one["metric"]): one for one in report.labels[label]["figures"]}


def test_every_rule_and_model_has_every_figure_with_its_interval(report: Report) -> None:
    assert (report.months, report.villages, report.is_simulated) == (MONTHS, 267, True)
    found = figures(report, "gets_worse")
    origins = {origin for origin, _, _ in found}
    assert origins == {"2025-12", "2026-01", "all"}
    assert {name for _, name, _ in found} == {*RULES, *MODELS, "champion"}
    metrics = {metric for _, _, metric in found}
    assert metrics >= {"average_precision", "precision_at_capacity", "recall_at_capacity", "brier_skill", "lead_time"}
    names = len(RULES) + len(MODELS) + 1
    assert len(found) == names * (len(origins) * (len(metrics) - 1) + 1)  # the lead time is of all origins together
    for one in found.values():
        assert one["low"] <= one["high"]
    lead = found["all", "champion", "lead_time"]
    assert 1 <= lead["low"] <= lead["high"] <= 6


def test_it_says_whether_the_rules_are_beaten_and_what_was_used(report: Report) -> None:
    for of in report.labels.values():
        assert of["best_rule"] in RULES
        assert of["beats_the_rules"] is (of["gain"]["low"] > 0)
        assert set(of["champions"]) == {"2025-12", "2026-01"}
        assert 0 <= of["steady"] <= 1
        assert all(ties >= 0 for ties in of["ties"].values())


def test_it_tells_kinds_of_villages_apart(report: Report) -> None:
    groups = report.labels["gets_worse"]["groups"]
    assert {one["kind"] for one in groups} == {"size", "township", "staffing"}
    for kind in ("size", "township", "staffing"):
        assert sum(one["rows"] for one in groups if one["kind"] == kind) == 2 * 267


def test_sizes_are_thirds_and_lists_are_each_countys_own() -> None:
    setup, rows = city()
    panel = city_panel(rows, setup, SIMULATED_UNTIL)
    size = kinds_of(panel, setup)["size"]
    assert size.value_counts().between(60, 120).all()
    places, capacity = county_places(panel, setup)
    assert capacity == 10
    probability = (panel.units.str.startswith("371771")).astype(float)  # one county is far worse than the other
    chosen = panel.units[places(probability).argsort()[::-1][:capacity]]
    assert sorted({unit[:6] for unit in chosen}) == list(COUNTIES)
    assert sum(unit.startswith("371771") for unit in chosen) == 5


def test_too_little_history_is_said() -> None:
    setup = simulated_setup(12)
    with pytest.raises(TooLittleHistoryError, match="12 months"):
        run_backtest(simulated_rows(setup, 12, COUNTIES), setup, SIMULATED_UNTIL, ORIGINS, lambda _: None)
