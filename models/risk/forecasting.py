"""From a panel and a label to the probability, for each unit, of getting worse within the horizon."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from models.risk.features import Features
from models.risk.label import label_array
from models.risk.learners import (
    PENALTIES,
    SHARES,
    TREES_MAX,
    TREES_STEP,
    Calibration,
    Probabilities,
    best_trees,
    calibrated,
    chance,
    fit_boosting,
    fit_logistic,
    log_loss,
    odds,
    usable,
)
from models.risk.panel import Floats, Panel, panel_of
from models.risk.rules import RULES, Rows, rule_probabilities, with_migration

#: With fewer that got worse, or that did not, there is nothing to learn: the share of all is said of each.
CASES_MIN: Final = 20
#: The latest periods that what is learned is tried on, of those whose end is known.
TRIED_MAX: Final = 4
#: What competes with the rules.
MODELS: Final = ("logistic", "boosting", "blend")
#: A model is used where it is better than the best rule by this share of its loss.
WORTH: Final = 0.005


@dataclass(frozen=True)
class Forecast:
    """``probability`` by unit; ``champion``: the model or rule it comes from; ``losses`` by name, on what none of them
    was shown; ``thin``: units of which too little is known to say anything of them; ``others``: what each rule and
    model says, where that was asked for."""

    probability: pd.Series[Any]
    champion: str
    losses: dict[str, float] = field(default_factory=dict)
    thin: frozenset[Any] = frozenset()
    others: dict[str, pd.Series[Any]] = field(default_factory=dict)


def forecast(panel_long: pd.DataFrame, train_until: object, horizon: int, label: pd.Series[Any]) -> pd.Series[Any]:
    """The probability by unit of what ``label`` says coming true within ``horizon`` periods after ``train_until``.

    ``panel_long``: as ``panel_of`` takes it; ``label``: 0 or 1 on (unit, as-of), in the panel's periods. Nothing after
    ``train_until`` is looked at, of the panel or of the label: a label counts once its horizon is over. ``attrs`` of
    the answer name the ``champion`` and the ``losses`` it was chosen by. Raises ``PanelError``.
    """
    found = forecast_of(panel_of(panel_long, train_until), horizon, label)
    found.probability.attrs.update(champion=found.champion, losses=found.losses)
    return found.probability


def forecast_of(panel: Panel, horizon: int, label: pd.Series[Any], *, with_others: bool = False) -> Forecast:
    """As ``forecast``, of a panel that ends with the period that is forecast from."""
    now = len(panel.periods) - 1
    known = label_array(panel, label)
    known[:, max(0, now - horizon + 1) :] = np.nan  # not over yet
    features = Features(panel, known, horizon)
    table = _Table(panel, features, known, horizon)
    asked = (np.arange(len(panel.units)), np.full(len(panel.units), now))
    thin = frozenset(panel.units[features.is_thin[:, now]])
    shown = table.rows_until(now - horizon)

    def series(found: Probabilities) -> pd.Series[Any]:
        return pd.Series(found, index=panel.units, name="probability")

    if table.is_too_little(shown):
        share = series(np.full(len(panel.units), table.share(shown)))
        return Forecast(share, "climatology", {}, thin, dict.fromkeys((*RULES, *MODELS), share) if with_others else {})
    choice = _choose(table, now - horizon)
    contest = _Contest(table, choice, shown, asked, now)
    others = {name: series(contest.probabilities(name)) for name in (*RULES, *MODELS)} if with_others else {}
    return Forecast(series(contest.probabilities(choice.champion)), choice.champion, choice.losses, thin, others)


class _Table:
    """Features and label as rows."""

    def __init__(self, panel: Panel, features: Features, label: Floats, horizon: int) -> None:
        self._panel, self.features, self.label, self.horizon = panel, features, label, horizon
        names = {one for read in RULES.values() for one in read}
        self._figures = {name: features.column(name) for name in names if name in features.names}

    def figures(self, at: int) -> dict[str, Floats]:
        """What rules read, with what was known of how lights go at a period."""
        return self._figures | {"migration": with_migration(self._panel, self.horizon, at)}

    def rows_until(self, last: int, first: int = 0) -> tuple[Rows, Rows]:
        """Unit and period positions of what is labelled within two periods."""
        unit, at = np.nonzero(~np.isnan(self.label[:, first : last + 1]))
        return unit, at + first

    def values(self, rows: tuple[Rows, Rows]) -> Floats:
        return self.features.values[rows]

    def labels(self, rows: tuple[Rows, Rows]) -> Floats:
        return self.label[rows]

    def share(self, rows: tuple[Rows, Rows]) -> float:
        """The share that got worse; a half where nothing is known."""
        label = self.labels(rows)
        return float((label.sum() + 0.5) / (len(label) + 1))

    def is_too_little(self, rows: tuple[Rows, Rows]) -> bool:
        label = self.labels(rows)
        return bool(min(label.sum(), len(label) - label.sum()) < CASES_MIN)


@dataclass(frozen=True)
class _Choice:
    """How the probabilities are made; ``calibrations`` by model."""

    champion: str
    penalty: float = PENALTIES[0]
    trees: int = TREES_STEP
    share: float = 0.0
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)


class _Contest:
    """Rules and models, fitted on what is shown, for those that are asked about; each once, when it is needed."""

    def __init__(
        self, table: _Table, choice: _Choice, shown: tuple[Rows, Rows], asked: tuple[Rows, Rows], now: int
    ) -> None:
        self._table, self._choice, self._shown, self._asked, self._now = table, choice, shown, asked, now
        self._label = table.labels(shown)

    def probabilities(self, name: str) -> Probabilities:
        if name in RULES:
            return rule_probabilities(name, self._figures, self._shown, self._label, self._asked)
        share = {"boosting": 1.0, "logistic": 0.0}.get(name, self._choice.share)
        at = np.zeros(len(self._asked[0]))
        if share > 0:
            at += share * self._boosting
        if share < 1:
            at += (1 - share) * self._logistic
        return self._choice.calibrations.get(name, Calibration()).of(chance(at))

    @cached_property
    def _figures(self) -> dict[str, Floats]:
        return self._table.figures(self._now)

    @cached_property
    def _rows(self) -> tuple[Floats, Floats]:
        shown, asked = self._table.values(self._shown), self._table.values(self._asked)
        columns = usable(shown)
        return shown[:, columns], asked[:, columns]

    @cached_property
    def _boosting(self) -> Probabilities:
        shown, asked = self._rows
        return odds(fit_boosting(shown, self._label, self._choice.trees).predict_proba(asked)[:, 1])

    @cached_property
    def _logistic(self) -> Probabilities:
        shown, asked = self._rows
        return odds(fit_logistic(shown, self._label, self._choice.penalty).predict_proba(asked)[:, 1])


def _choose(table: _Table, last: int) -> _Choice:
    """Try all on the latest periods whose end is known, taught by what was known before those began."""
    tried_from = max(last - TRIED_MAX + 1, (last + 1) // 2)
    taught, tried = table.rows_until(tried_from - table.horizon), table.rows_until(last, tried_from)
    if table.is_too_little(taught) or table.is_too_little(tried):
        return _Choice("logistic")
    label, truth = table.labels(taught), table.labels(tried)
    figures = table.figures(tried_from)
    losses = {name: log_loss(rule_probabilities(name, figures, taught, label, tried), truth) for name in RULES}
    rows, unseen = table.values(taught), table.values(tried)
    rows, unseen = rows[:, columns := usable(rows)], unseen[:, columns]
    logistic = {one: fit_logistic(rows, label, one).predict_proba(unseen)[:, 1] for one in PENALTIES}
    penalty = min(PENALTIES, key=lambda one: log_loss(logistic[one], truth))
    boosted = fit_boosting(rows, label, TREES_MAX)
    trees = best_trees(boosted, unseen, truth)
    of_trees = next(p for n, p in enumerate(boosted.staged_predict_proba(unseen), 1) if n == trees)[:, 1]
    blends = {s: chance(s * odds(of_trees) + (1 - s) * odds(logistic[penalty])) for s in SHARES}
    share = min(SHARES, key=lambda one: log_loss(blends[one], truth))
    models = {"logistic": blends[0.0], "boosting": blends[1.0], "blend": blends[share]}
    losses |= {name: log_loss(found, truth) for name, found in models.items()}
    rule, model = (min(names, key=lambda one: losses[one]) for names in (RULES, MODELS))
    champion = model if losses[model] < losses[rule] * (1 - WORTH) else rule
    calibrations = {name: calibrated(found, truth) for name, found in models.items()}
    return _Choice(champion, penalty, trees, share, calibrations, losses)
