"""From a panel and a label to the probability, for each unit, of getting worse within the horizon."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from models.risk.features import Features
from models.risk.label import label_array
from models.risk.learners import (
    PENALTIES,
    SHARES,
    TREES_MAX,
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
#: A model is used where it is better than the best rule by this share of its loss.
WORTH: Final = 0.005


@dataclass(frozen=True)
class Forecast:
    """``probability`` by unit; ``champion``: the model or rule it comes from; ``losses`` by name, on what none of them
    was shown; ``thin``: units of which too little is known to say anything of them."""

    probability: pd.Series[Any]
    champion: str
    losses: dict[str, float] = field(default_factory=dict)
    thin: frozenset[Any] = frozenset()


def forecast(panel_long: pd.DataFrame, train_until: object, horizon: int, label: pd.Series[Any]) -> pd.Series[Any]:
    """The probability by unit of what ``label`` says coming true within ``horizon`` periods after ``train_until``.

    ``panel_long``: as ``panel_of`` takes it; ``label``: 0 or 1 on (unit, as-of), in the panel's periods. Nothing after
    ``train_until`` is looked at, of the panel or of the label: a label counts once its horizon is over. ``attrs`` of
    the answer name the ``champion`` and the ``losses`` it was chosen by. Raises ``PanelError``.
    """
    found = forecast_of(panel_of(panel_long, train_until), horizon, label)
    found.probability.attrs.update(champion=found.champion, losses=found.losses)
    return found.probability


def forecast_of(panel: Panel, horizon: int, label: pd.Series[Any]) -> Forecast:
    """As ``forecast``, of a panel that ends with the period that is forecast from."""
    now = len(panel.periods) - 1
    known = label_array(panel, label)
    known[:, max(0, now - horizon + 1) :] = np.nan  # not over yet
    features = Features(panel, known, horizon)
    table = _Table(panel, features, known, horizon)
    asked = (np.arange(len(panel.units)), np.full(len(panel.units), now))
    thin = frozenset(panel.units[features.is_thin[:, now]])
    shown = table.rows_until(now - horizon)
    if table.is_too_little(shown):
        share = table.share(shown)
        probability = pd.Series(np.full(len(panel.units), share), index=panel.units, name="probability")
        return Forecast(probability, "climatology", {}, thin)
    choice = _choose(table, now - horizon)
    found = choice.probabilities(table, shown, asked, now)
    return Forecast(pd.Series(found, index=panel.units, name="probability"), choice.champion, choice.losses, thin)


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
    """How the probabilities are made."""

    champion: str
    penalty: float
    trees: int
    share: float
    calibration: Calibration
    losses: dict[str, float]

    def probabilities(
        self, table: _Table, shown: tuple[Rows, Rows], asked: tuple[Rows, Rows], now: int
    ) -> Probabilities:
        label = table.labels(shown)
        if self.champion in RULES:
            return rule_probabilities(self.champion, table.figures(now), shown, label, asked)
        rows, new = table.values(shown), table.values(asked)
        rows, new = rows[:, columns := usable(rows)], new[:, columns]
        at = np.zeros(len(new))
        if self.share > 0:
            at += self.share * odds(fit_boosting(rows, label, self.trees).predict_proba(new)[:, 1])
        if self.share < 1:
            at += (1 - self.share) * odds(fit_logistic(rows, label, self.penalty).predict_proba(new)[:, 1])
        return self.calibration.of(chance(at))


def _choose(table: _Table, last: int) -> _Choice:
    """Try all on the latest periods whose end is known, taught by what was known before those began."""
    tried_from = max(last - TRIED_MAX + 1, (last + 1) // 2)
    taught, tried = table.rows_until(tried_from - table.horizon), table.rows_until(last, tried_from)
    if table.is_too_little(taught) or table.is_too_little(tried):
        return _Choice("logistic", PENALTIES[0], 0, 0.0, Calibration(), {})
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
    losses |= {_name(s): log_loss(p, truth) for s, p in blends.items() if s in (0.0, 1.0)}
    share = min(SHARES, key=lambda one: log_loss(blends[one], truth))
    losses[_name(share)] = log_loss(blends[share], truth)
    rule = min(RULES, key=lambda one: losses[one])
    is_worth = losses[_name(share)] < losses[rule] * (1 - WORTH)
    champion = _name(share) if is_worth else rule
    return _Choice(champion, penalty, trees, share, calibrated(blends[share], truth), losses)


def _name(share: float) -> str:
    return "logistic" if share == 0 else "boosting" if share == 1 else "blend"
