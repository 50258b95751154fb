"""The early warning: a forecast of a plain panel; the city's features, learning and nightly scoring; many more
villages, county by county; and whether the list holds when readings are missing."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.backtest import city_panel, county_lists
from jobs.benchmarks.simulated import SIMULATED_UNTIL, simulated_rows, simulated_setup
from jobs.risk import panel_ends, panel_of_rows
from models.early_warning.label import gets_worse
from models.early_warning.listing import choose
from models.early_warning.reasons import reasons_of
from models.figures import Figure, limit
from models.risk import forecast, label_series, panel_of, worsens
from models.risk.backtest import thinned
from models.risk.features import feature_rows, is_thin, reference_of
from models.risk.metrics import overlap
from models.risk.model import Model, fit, known_label
from models.risk.panel import Panel
from models.setup import Setup

MONTHS: Final = 36
UNITS, PERIODS, INDICATORS, HORIZON = 2_200, 17, 5, 2
MANY: Final = 60_000
#: A figure that is at most this much over the city's is no higher: so much two runs of one thing differ.
NOISE: Final = 1.1
FORECAST_S_MAX, FEATURES_S_MAX, REFIT_S_MAX, SCORING_S_MAX = 10.0, 20.0, 90.0, 15.0
MEMORY_GB_MAX: Final = 4.0
KEPT_MIN: Final = 0.85


def measure_risk(tell: Callable[[str], None]) -> list[Figure]:
    """Figures for `d110 bench risk`."""
    tell("一般面板的预测 / a forecast of a plain panel")
    forecast_s = _forecast()
    tell(f"模拟 {MONTHS} 个月 / simulating {MONTHS} months")
    setup = simulated_setup(MONTHS)
    rows = simulated_rows(setup, MONTHS)
    policy = setup.rulebook.policy.early_warning
    tell("特征 / features")
    start = time.perf_counter()
    panel = city_panel(rows, setup, SIMULATED_UNTIL)
    worse = gets_worse(panel, policy)
    known = known_label(panel, worse, policy.horizon_months)
    reference = reference_of(panel, known, policy.horizon_months)
    found = feature_rows(panel, known, policy.horizon_months, ~np.isnan(known), reference)
    features_s, n_features = time.perf_counter() - start, len(found.names)
    del found
    tell("学习 / learning")
    start = time.perf_counter()
    model = fit(panel, policy.horizon_months, worse)
    refit_s = time.perf_counter() - start
    tell("夜间评分 / nightly scoring")
    start = time.perf_counter()
    for county, table in rows.items():
        _score(model, table, setup, county)
    scoring_s = time.perf_counter() - start
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    tell(f"{MANY} 个村，逐县 / {MANY} villages, county by county")
    many_s = _many(model, rows, setup)
    return [
        limit("forecast_seconds", forecast_s, "s", FORECAST_S_MAX),
        limit("features_seconds", features_s, "s", FEATURES_S_MAX),
        Figure(name="features", value=n_features, unit="features"),
        limit("refit_seconds", refit_s, "s", REFIT_S_MAX),
        Figure(name="champion_is_a_model", value=float(bool(model.learners)), unit=model.champion),
        limit("scoring_seconds", scoring_s, "s", SCORING_S_MAX),
        limit("memory", memory_gb, "GB", MEMORY_GB_MAX),
        _per_village(many_s, scoring_s / len(panel.units)),
        _kept(model, panel, known, setup),
    ]


def _forecast() -> float:
    random = np.random.default_rng(110)
    level = random.normal(0, 1, (UNITS, 1, INDICATORS)) + random.normal(0, 0.08, (UNITS, 1, INDICATORS)) * np.arange(
        PERIODS
    ).reshape(1, PERIODS, 1)
    values = level + random.normal(0, 0.4, (UNITS, PERIODS, INDICATORS))
    unit, at, indicator = np.nonzero(random.random(values.shape) > 0.1)
    value = values[unit, at, indicator]
    names = np.array([f"x{number}" for number in range(INDICATORS)])
    table = pd.DataFrame(
        {
            "unit": unit,
            "period": 2000 + at,
            "indicator": names[indicator],
            "value": value,
            "light": (value > 0.8).astype(int) + (value > 1.6),
            "category": np.array(["A", "B"])[indicator % 2],
        }
    )
    table.attrs = {"direction": dict.fromkeys(names, "higher_worse"), "cuts": dict.fromkeys(names, (0.8, 1.6))}
    panel = panel_of(table)
    label = label_series(panel, worsens(panel, HORIZON))
    start = time.perf_counter()
    forecast(table, 2000 + PERIODS - 1 - HORIZON, HORIZON, label)
    return time.perf_counter() - start


def _score(model: Model, rows: pa.Table, setup: Setup, county: str) -> int:
    """All that a night does for a county but reading and writing the store; how many are watched."""
    policy = setup.rulebook.policy.early_warning
    panel = panel_of_rows(rows, setup, county, panel_ends(setup, SIMULATED_UNTIL))
    known = known_label(panel, gets_worse(panel, policy), model.horizon)
    found = model.features_now(panel, known)
    villages = [str(village) for village in panel.units]
    probability = model.probabilities(panel, found)
    capacity = policy.capacity_of(county, len(villages))
    listed = choose(villages, probability, frozenset(), model.share, {}, capacity, policy.stay_percent)
    reasons_of(model, panel, found, known, setup.rulebook.catalogue, listed.chosen)
    return len(listed.chosen)


def _many(model: Model, rows: Mapping[str, pa.Table], setup: Setup) -> float:
    """Seconds a village, of counties scored in turn until there were so many."""
    done, start = 0, time.perf_counter()
    while done < MANY:
        for county, table in rows.items():
            _score(model, table, setup, county)
            villages = setup.register.villages_in(county)
            done += villages.stop - villages.start
    return (time.perf_counter() - start) / done


def _per_village(many_s: float, city_s: float) -> Figure:
    ratio = many_s / city_s
    return Figure(
        name=f"scoring_at_{MANY}",
        value=round(1_000 * many_s, 4),
        unit="ms a village",
        reference=round(1_000 * city_s, 4),
        ratio=round(ratio, 4),
        goal=f"ratio <= {NOISE:g}",
        met=ratio <= NOISE,
    )


def _kept(model: Model, panel: Panel, known: np.ndarray[tuple[int, int], np.dtype[np.float32]], setup: Setup) -> Figure:
    """The share of those listed that stay when 5 % of the newest readings are dropped, without what keeps a list steady
    from night to night."""
    _, in_use = county_lists(panel, setup)

    def listed(of: Panel) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        probability = model.probabilities(of, model.features_now(of, known))
        return in_use(probability, model.share, is_thin(of), np.zeros(0, np.intp))[0]

    kept = overlap(listed(thinned(panel)), listed(panel))
    return Figure(
        name="list_kept", value=round(kept, 4), unit="share", goal=f">= {KEPT_MIN:g} share", met=kept >= KEPT_MIN
    )
