"""A backtest of two counties: every rule and model with its interval, both labels, groups; nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from jobs.backtest import Report, TooLittleHistoryError, city_panel, county_lists, kinds_of, run_backtest
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
        assert 0 <= of["steady"]["low"] <= of["steady"]["value"] <= of["steady"]["high"] <= 1
        assert set(of["stability"]) == {"2026-01"}
        assert of["stability"]["2026-01"]["low"] <= of["stability"]["2026-01"]["value"]
        assert all(ties >= 0 for ties in of["ties"].values())
        used = {(one["origin"], one["metric"]): one for one in of["in_use"]}
        assert used["all", "listed"]["value"] > 0
        for origin in ("2025-12", "2026-01", "all"):
            one = used[origin, "precision_at_capacity"]
            assert one["why"] or one["low"] <= one["value"] <= one["high"]


def test_of_those_who_stand_equal_a_list_is_as_good_as_the_share_of_all(report: Report) -> None:
    """Whatever their codes are."""
    found = figures(report, "gets_worse")
    share = next(one for one in report.labels["gets_worse"]["groups"] if one["metric"] == "got_worse")["value"]
    worse = found["all", "climatology", "average_precision"]["value"]
    assert found["all", "climatology", "precision_at_capacity"]["value"] == pytest.approx(worse, rel=0.15)
    assert share > 0


def test_it_tells_kinds_of_villages_apart_by_every_metric(report: Report) -> None:
    groups = report.labels["gets_worse"]["groups"]
    assert {one["kind"] for one in groups} == {"size", "township", "staffing"}
    metrics = {metric for _, _, metric in figures(report, "gets_worse")} | {"said", "got_worse"}
    for kind in ("size", "township", "staffing"):
        of_kind = [one for one in groups if one["kind"] == kind]
        assert sum(one["rows"] for one in of_kind if one["metric"] == "said") == 2 * 267
        for group in {one["group"] for one in of_kind}:
            assert {one["metric"] for one in of_kind if one["group"] == group} == metrics
    for one in groups:
        assert one["why"] if one["value"] is None else one["low"] <= one["value"] <= one["high"]


def test_sizes_are_thirds_and_lists_are_each_countys_own() -> None:
    setup, rows = city()
    panel = city_panel(rows, setup, SIMULATED_UNTIL)
    size = kinds_of(panel, setup)["size"]
    assert size.value_counts().between(60, 120).all()
    parts, in_use = county_lists(panel, setup)
    assert [part.capacity for part in parts] == [5, 5]
    probability = 0.2 + 0.5 * panel.units.str.startswith("371771")  # one county is far worse than the other
    none, nobody = np.zeros(len(panel.units), bool), np.zeros(0, np.intp)
    chosen, ties = in_use(probability, 0.1, none, nobody)
    assert [sum(unit.startswith(county) for unit in panel.units[chosen]) for county in COUNTIES] == [5, 5]
    assert ties == len(panel.units) - 10  # of those who stand equal the first by code are listed, and it is said


def test_who_is_on_the_list_in_use_stays_as_in_nightly_scoring() -> None:
    setup, rows = city()
    panel = city_panel(rows, setup, SIMULATED_UNTIL)
    parts, in_use = county_lists(panel, setup)
    here = parts[0].units
    probability = np.full(len(panel.units), 0.2)
    probability[here] = np.linspace(0.9, 0.3, len(here))
    none = np.zeros(len(panel.units), bool)
    before = here[3:8]  # the last two of them rank sixth to eighth of five: near enough to stay
    chosen, _ = in_use(probability, 0.1, none, before)
    assert set(here[3:7]) <= set(chosen)
    unknown = none.copy()
    unknown[before] = True
    assert not set(before) & set(in_use(probability, 0.1, unknown, before)[0])
    assert len(in_use(probability, 0.95, none, before)[0]) == 0  # none is likelier than usual


def test_too_little_history_is_said() -> None:
    setup = simulated_setup(12)
    with pytest.raises(TooLittleHistoryError, match="12 months"):
        run_backtest(simulated_rows(setup, 12, COUNTIES), setup, SIMULATED_UNTIL, ORIGINS, lambda _: None)
