"""What the early warning would have said in earlier months, held against what became of it, beside every rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from jobs.mirror import read_mirror
from jobs.risk import panel_ends, panel_of_rows, risk_folder
from jobs.whole_files import read_json, write_whole
from models.early_warning.label import comes_back, gets_worse
from models.early_warning.listing import choose
from models.ids import CODE_LENGTHS
from models.risk.backtest import Backtest, InUse, Part, backtest
from models.risk.label import onset
from models.risk.learners import Probabilities
from models.risk.panel import Floats, Panel, joined
from models.setup import Setup

#: Villages by how many people live there: three groups of equal size.
_SIZES: Final = ("small", "middling", "large")


class TooLittleHistoryError(Exception):
    """There are no months to forecast from; the message says how many there are."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of both labels. ``made_on``: the day it was made for; ``months`` of history, ``villages``;
    ``capacity`` of all counties together."""

    made_on: str
    months: int
    villages: int
    capacity: int
    is_simulated: bool
    labels: dict[str, dict[str, Any]]


def city_panel(rows_of: Mapping[str, pa.Table], setup: Setup, today: date) -> Panel:
    """All counties' villages as one panel, from the rows of each county's mirror."""
    ends = panel_ends(setup, today)
    return joined([panel_of_rows(rows, setup, county, ends) for county, rows in rows_of.items()])


def read_rows(setup: Setup, mirror: Path) -> dict[str, pa.Table]:
    """The rows of every county's mirror. Raises ``MirrorError``."""
    return {county: read_mirror(mirror, county, setup.rulebook.catalogue)[0] for county in setup.register.counties}


def kinds_of(panel: Panel, setup: Setup) -> dict[str, pd.Series[Any]]:
    """Of what kind each village is: by its people, by what kind of township it belongs to (which stands for how far
    from town it lies: the register has no positions), and by how many informants it has."""
    villages = [str(village) for village in panel.units]
    people = np.nan_to_num(panel.context["staffing.people"][:, -1])
    size = np.searchsorted(np.quantile(people, (1 / 3, 2 / 3)), people)
    names = [setup.register.divisions[village[: CODE_LENGTHS["township"]]].name for village in villages]
    serving = panel.context["staffing.informants"][:, -1]
    found = {
        "size": [_SIZES[at] for at in size.tolist()],
        "township": [name[-1] if name[-1] in "乡镇" else "街道及其他" for name in names],
        "staffing": np.where(serving > 1, "several informants", "one informant or none").tolist(),
    }
    return {name: pd.Series(of, index=panel.units) for name, of in found.items()}


def county_lists(panel: Panel, setup: Setup) -> tuple[list[Part], InUse]:
    """Each county's villages with how many of them it can look after, and how the lists in use are made: as nightly
    scoring makes them (``choose``), from month to month instead of from night to night."""
    policy = setup.rulebook.policy.early_warning
    villages = np.array([str(village) for village in panel.units])
    county = np.array([village[: CODE_LENGTHS["county"]] for village in villages])
    rows = [np.flatnonzero(county == code) for code in np.unique(county)]
    parts = [Part(of, policy.capacity_of(county[of[0]], len(of))) for of in rows]

    def in_use(
        probability: Probabilities, usual: float, is_thin: NDArray[np.bool_], before: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], int]:
        was = frozenset(villages[before].tolist())
        chosen, ties = [], 0
        for part in parts:
            names = villages[part.units].tolist()
            thin = frozenset(villages[part.units[is_thin[part.units]]].tolist())
            listed = choose(names, probability[part.units], thin, usual, was, part.capacity, policy.stay_percent)
            chosen.append(part.units[listed.chosen])
            ties += listed.ties
        return np.concatenate(chosen), ties

    return parts, in_use


def run_backtest(
    rows_of: Mapping[str, pa.Table], setup: Setup, today: date, origins: int, tell: Callable[[str], None]
) -> Report:
    """Forecast from each of the latest ``origins`` months whose end is known, for both labels. Raises
    ``TooLittleHistoryError``, and ``MetricError`` where a figure cannot be computed."""
    policy = setup.rulebook.policy.early_warning
    panel = city_panel(rows_of, setup, today)
    horizon, months = policy.horizon_months, len(panel.periods)
    last = months - 1 - horizon
    first = max(last - origins + 1, 2 * horizon)
    if first > last:
        zh = f"只有 {months} 个月的数据，至少需要 {3 * horizon + 1} 个月"
        raise TooLittleHistoryError(f"{zh} / {months} months of history are too few: {3 * horizon + 1} are needed")
    asked = [int(panel.periods[at]) for at in range(first, last + 1)]
    kinds = kinds_of(panel, setup)
    parts, in_use = county_lists(panel, setup)
    made: dict[str, dict[str, Any]] = {}
    for name, label, when in (
        ("gets_worse", gets_worse(panel, policy), onset(panel, horizon, policy.worse_by)),
        ("comes_back", comes_back(panel), None),
    ):

        def told(origin: object, name: str = name) -> None:
            tell(f"{name} {_month(origin)}")

        is_listed = when is not None  # of relapses there is no list, nor are they told apart by kind
        done = backtest(
            panel,
            horizon,
            label,
            asked,
            parts,
            in_use=in_use if is_listed else None,
            onset=_of_worse(when, label),
            kinds=kinds if is_listed else None,
            tell=told,
        )
        made[name] = _plain(done)
    return Report(
        made_on=today.isoformat(),
        months=months,
        villages=len(panel.units),
        capacity=sum(part.capacity for part in parts),
        is_simulated=setup.rulebook.is_simulated,
        labels=made,
    )


def save_report(mirror: Path, report: Report) -> Path:
    """Keep a report beside the model, for the notebooks."""
    file = risk_folder(mirror) / "backtest.json"
    write_whole(file, msgspec.json.encode(report))
    return file


def read_report(mirror: Path) -> Report | None:
    """The report that was kept last; None where there is none. Raises ``DamagedError``."""
    file = risk_folder(mirror) / "backtest.json"
    return read_json(file, Report, "d110 backtest") if file.exists() else None


def share(one: Mapping[str, float] | None) -> str:
    """A share with its interval in percent."""
    return "—" if one is None else f"{one['value']:.0%} [{one['low']:.0%}, {one['high']:.0%}]"


def figure(one: Mapping[str, Any]) -> str:
    """A figure with its interval, or why there is none."""
    return f"({one['why']})" if one["why"] else f"{one['value']:.3g} [{one['low']:.3g}, {one['high']:.3g}]"


def _of_worse(when: Floats | None, label: Floats) -> Floats | None:
    return None if when is None else np.where(label == 1, when, np.float32(np.nan))


def _plain(done: Backtest) -> dict[str, Any]:
    figures, in_use = (of.assign(origin=of["origin"].map(_month)) for of in (done.figures, done.in_use))
    return {
        "champions": {_month(origin): name for origin, name in done.champions.items()},
        "best_rule": done.best_rule,
        "gain": asdict(done.gain),
        "beats_the_rules": done.gain.low > 0,
        "in_use": _records(in_use),
        "stability": {_month(origin): asdict(kept) for origin, kept in done.stability.items()},
        "ties": {_month(origin): value for origin, value in done.ties.items()},
        "steady": None if done.steady is None else asdict(done.steady),
        "figures": figures.to_dict("records"),
        "groups": _records(done.groups),
        "calibration": done.calibration.to_dict("records"),
    }


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows, with None where there is no figure."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _month(origin: object) -> str:
    """A period of the panel as it is written; ``all`` stays."""
    return str(pd.Period(ordinal=origin, freq="M")) if isinstance(origin, int) else str(origin)
