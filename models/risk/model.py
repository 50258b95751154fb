"""What was learned: rules and models fitted on what was known, which of them is used, and what they say of units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.risk.features import FeatureRows, Reference, feature_rows, is_thin, reference_of
from models.risk.label import label_array, seen_after
from models.risk.learners import (
    PENALTIES,
    SEED,
    SHARES,
    TREES_STEP,
    Calibration,
    Fitted,
    Probabilities,
    best_boosting,
    best_of,
    calibrated,
    chance,
    fit_boosting,
    fit_logistic,
    log_loss,
    odds,
    one_thread,
    usable,
)
from models.risk.panel import Floats, Panel
from models.risk.periods import PanelError
from models.risk.rules import RULES, FittedRule, fit_rule, migration, migration_rates

#: With fewer that got worse, or that did not, there is nothing to learn: the share of all is said of each.
CASES_MIN: Final = 20
#: Of the latest periods that are labelled, so many are tried from one origin, and so many origins.
TRIED_EACH: Final = 2
TRIALS_MAX: Final = 2
#: Where there is no earlier origin to try from: groups of units, each tried on what the others taught.
GROUPS: Final = 5
#: The share of boosting in the blend, where no other is better.
EVEN: Final = 0.5
#: What competes with the rules.
MODELS: Final = ("logistic", "boosting", "blend")
#: A model is used where it is better than the best rule by this share of its loss.
WORTH: Final = 0.003
#: Of more rows than this so many are drawn: what is learned hardly changes, and its time and memory stay the same.
ROWS_MAX: Final = 60_000

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """How the probabilities are made; ``calibrations`` by model, ``losses`` by name on what none was shown, nor its
    settings chosen by, ``newest`` those of the last period of it alone."""

    champion: str
    penalty: float = PENALTIES[0]
    trees: int = TREES_STEP
    share: float = 0.0
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    losses: Mapping[str, float] = field(default_factory=dict)
    newest: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """Says the probabilities of units. ``names`` of its features, ``columns`` those that say anything, ``usual``
    ``(F,)`` their medians; ``rules`` and ``learners`` that are fitted, by name; ``until``: the last period that it
    learned of, and ``rows`` how many it learned from; ``share`` of them got worse."""

    horizon: int
    until: int
    rows: int
    share: float
    choice: Choice
    reference: Reference
    migration: Floats
    names: tuple[str, ...] = ()
    columns: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    usual: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    rules: Mapping[str, FittedRule] = field(default_factory=dict)
    learners: Mapping[str, Fitted] = field(default_factory=dict)

    @property
    def champion(self) -> str:
        return self.choice.champion

    def features_now(self, panel: Panel, label: Floats) -> FeatureRows:
        """The features of all units at the panel's last period. ``label`` ``(U, T)``: what became of them so far."""
        wanted = np.zeros(label.shape, bool)
        wanted[:, -1] = True
        return feature_rows(panel, label, self.horizon, wanted, self.reference)

    def probabilities(self, panel: Panel, found: FeatureRows, name: str | None = None) -> Probabilities:
        """``(N,)`` of rows of features; ``name``: of another rule or model that was fitted than the champion."""
        figures = {"migration": migration(panel, self.migration)[found.unit, found.at]}
        return self.said_of(found, figures, name)

    @one_thread
    def said_of(self, found: FeatureRows, figures: Mapping[str, Floats], name: str | None = None) -> Probabilities:
        """As ``probabilities``; ``figures``: what rules read that is no feature."""
        name = name or self.champion
        if name in RULES:
            rule = self.rules.get(name, FittedRule((), None, self.share))
            return rule.probabilities({**_figures(found), **figures}, len(found.values))
        return self._said(name, found.values)

    @one_thread
    def effects(self, found: FeatureRows, groups: Mapping[str, Sequence[str]]) -> dict[str, Floats]:
        """By group of features ``(N,)``: by how much the log odds of getting worse are higher than they would be, were
        the unit usual in these. Empty where a rule is used, which has no more reasons than what it reads."""
        if self.champion in RULES:
            return {}
        stands = odds(self._said(self.champion, found.values))
        effects: dict[str, Floats] = {}
        for group, names in groups.items():
            at = [found.names.index(name) for name in names if name in found.names]
            usual = found.values.copy()
            usual[:, at] = self.usual[at]
            effects[group] = (stands - odds(self._said(self.champion, usual))).astype(np.float32)
        return effects

    def _said(self, name: str, values: Floats) -> Probabilities:
        rows = values[:, self.columns]
        share = {"boosting": 1.0, "logistic": 0.0}.get(name, self.choice.share)
        at = np.zeros(len(rows))
        if share > 0:
            at += share * odds(self.learners["boosting"].predict_proba(rows)[:, 1])
        if share < 1:
            at += (1 - share) * odds(self.learners["logistic"].predict_proba(rows)[:, 1])
        return self.choice.calibrations.get(name, Calibration()).of(chance(at))


@dataclass(frozen=True)
class Said:
    """``probability`` by unit, of the champion, and of each that was asked for in ``others``; ``thin``: units of which
    too little is known to say anything."""

    probability: pd.Series[Any]
    thin: frozenset[Any]
    others: Mapping[str, pd.Series[Any]]


def known_label(panel: Panel, label: pd.Series[Any] | Floats, horizon: int) -> Floats:
    """``(U, T)``: what became of units, as far as it is known at the panel's end; NaN where it is not over yet. Of a
    series nobody knows whether its horizon counts periods in which nothing was observed: it is over by either count.
    Raises ``PanelError`` where the horizon is none, or nothing of a series is known."""
    if not isinstance(horizon, int | np.integer) or isinstance(horizon, bool) or horizon < 1:
        raise PanelError(f"预测期 {horizon!r} 须为正整数 / horizon {horizon!r} must be a whole number of periods")
    if isinstance(label, np.ndarray):
        known = label[:, : len(panel.periods)].copy()
        known[:, max(0, len(panel.periods) - horizon) :] = np.nan
        return known
    known = label_array(panel, label)
    if np.isnan(known).all():
        raise PanelError("标签与面板没有共同的单位和时期 / no label is of a unit and a period of the panel")
    known[:, max(0, len(panel.periods) - horizon) :] = np.nan
    known[:, seen_after(panel) < horizon] = np.nan
    if np.isnan(known).all():
        raise PanelError(f"到此时没有满 {horizon} 期的标签 / no label is over by then: they take {horizon} periods")
    return known


def score(model: Model, panel: Panel, label: pd.Series[Any] | Floats, others: Sequence[str] = ()) -> Said:
    """What a model says of all units of a panel at its last period. ``label``: as ``fit`` takes it."""
    found = model.features_now(panel, known_label(panel, label, model.horizon))

    def series(name: str) -> pd.Series[Any]:
        return pd.Series(model.probabilities(panel, found, name), index=panel.units, name="probability")

    return Said(series(model.champion), frozenset(panel.units[is_thin(panel)]), {name: series(name) for name in others})


@one_thread
def fit(panel: Panel, horizon: int, label: pd.Series[Any] | Floats, *, everything: bool = False) -> Model:
    """Learn from a panel what tells that a unit gets worse within ``horizon`` periods. ``label``: 0 or 1 on (unit,
    as-of), or ``(U, T)``; what is not over at the panel's end is not looked at. The champion is chosen by what none of
    the rules and models was shown; ``everything``: the others are fitted, too."""
    known = known_label(panel, label, horizon)
    reference = reference_of(panel, known, horizon)
    last = len(panel.periods) - 1 - horizon
    table = _Table(panel, known, horizon, reference, _drawn(~np.isnan(known)))
    rates = migration_rates(panel, horizon, len(panel.periods) - 1)
    shown = table.rows.at <= last
    is_little = table.is_too_little(shown)
    choice = Choice("climatology") if is_little else _choose(table, last)
    label_shown = table.label[shown]
    wanted = {choice.champion, *((*RULES, *MODELS) if everything else ())}
    figures = {name: of[shown] for name, of in (_figures(table.rows) | table.figures(rates)).items()}
    rules = {name: fit_rule(name, figures, label_shown) for name in RULES if name in wanted}
    learners: dict[str, Fitted] = {}
    rows, columns = table.rows.values[shown], np.zeros(0, np.intp)
    if not is_little and wanted & set(MODELS):
        columns = usable(rows)
        share = {"boosting": 1.0, "logistic": 0.0}.get(choice.champion, choice.share)
        if everything or share > 0:
            learners["boosting"] = fit_boosting(rows[:, columns], label_shown, choice.trees)
        if everything or share < 1:
            learners["logistic"] = fit_logistic(rows[:, columns], label_shown, choice.penalty)
    return Model(
        horizon=horizon,
        until=int(panel.periods[-1]),
        rows=int(shown.sum()),
        share=table.share(shown),
        choice=choice,
        reference=reference,
        migration=rates,
        names=table.rows.names,
        columns=columns,
        usual=_medians(rows),
        rules={} if is_little else rules,
        learners=learners,
    )


def _drawn(known: Bools) -> Bools:
    """At most so many of the cells, the same for the same cells."""
    cells = np.flatnonzero(known)
    if len(cells) <= ROWS_MAX:
        return known
    drawn = np.zeros(known.size, bool)
    drawn[np.random.default_rng(SEED).choice(cells, ROWS_MAX, replace=False)] = True
    return drawn.reshape(known.shape)


def _medians(rows: Floats) -> Floats:
    found = np.full(rows.shape[1], np.nan, np.float32)
    for at in range(rows.shape[1]):
        seen = rows[:, at][~np.isnan(rows[:, at])]
        if len(seen):
            found[at] = np.median(seen)
    return found


def _figures(rows: FeatureRows) -> dict[str, Floats]:
    """The features that rules read."""
    names = {one for read in RULES.values() for one in read}
    return {name: rows.column(name) for name in names if name in rows.names}


class _Table:
    """Features and label as rows."""

    def __init__(self, panel: Panel, label: Floats, horizon: int, reference: Reference, wanted: Bools) -> None:
        self._panel, self.horizon = panel, horizon
        self.rows = feature_rows(panel, label, horizon, wanted, reference)
        self.label = label[wanted]

    def figures(self, rates: Floats) -> dict[str, Floats]:
        """What rules read that is no feature, ``(N,)`` by name; ``rates``: how lights went, as far as was known."""
        return {"migration": migration(self._panel, rates)[self.rows.unit, self.rows.at]}

    def rates(self, at: int) -> Floats:
        return migration_rates(self._panel, self.horizon, at)

    def share(self, rows: Bools) -> float:
        """The share that got worse; a half where nothing is known."""
        label = self.label[rows]
        return float((label.sum() + 0.5) / (len(label) + 1))

    def is_too_little(self, rows: Bools) -> bool:
        label = self.label[rows]
        return bool(min(label.sum(), len(label) - label.sum()) < CASES_MIN)


@dataclass(frozen=True)
class _Trial:
    """What rules and models said of rows that they were not shown: of periods, taught by what was known before those
    began, or of units, taught by others. ``part``: the period, or the group of units, of each row; ``half``: of the
    units; ``logistic`` by penalty, ``boosting`` with its best number of ``trees``."""

    truth: Floats
    part: NDArray[np.intp]
    half: Bools
    rules: Mapping[str, Probabilities]
    logistic: Mapping[float, Probabilities]
    boosting: Probabilities
    trees: int


def _try(table: _Table, taught: Bools, tried: Bools, part: NDArray[np.intp], rates: Floats) -> _Trial | None:
    """A trial; None where there is too little to teach or to try on."""
    if table.is_too_little(taught) or table.is_too_little(tried):
        return None
    label, truth = table.label[taught], table.label[tried]
    half = np.unique(table.rows.unit[tried], return_inverse=True)[1] % 2 > 0
    figures = _figures(table.rows) | table.figures(rates)
    known, asked = ({name: of[rows] for name, of in figures.items()} for rows in (taught, tried))
    rows, unseen = table.rows.values[taught], table.rows.values[tried]
    rows, unseen = rows[:, columns := usable(rows)], unseen[:, columns]
    trees, boosting = best_boosting(rows, label, unseen, truth, half)
    return _Trial(
        truth=truth,
        part=part[tried],
        half=half,
        rules={name: fit_rule(name, known, label).probabilities(asked, len(truth)) for name in RULES},
        logistic={one: fit_logistic(rows, label, one).predict_proba(unseen)[:, 1] for one in PENALTIES},
        boosting=boosting,
        trees=trees,
    )


def _trials(table: _Table, last: int) -> tuple[list[_Trial], bool]:
    """Trials on the latest labelled periods, from several origins; where too little is known before them, on units,
    taught by others. Whether they are on periods."""
    at, group = table.rows.at, table.rows.unit % GROUPS
    shown = at <= last
    periods = np.unique(at[shown])
    ends = range(len(periods), max(TRIED_EACH - 1, len(periods) - TRIED_EACH * TRIALS_MAX), -TRIED_EACH)
    tried = [periods[end - TRIED_EACH : end] for end in ends]
    later = [_try(table, at <= one[0] - table.horizon, np.isin(at, one), at, table.rates(int(one[0]))) for one in tried]
    if trials := [one for one in later if one is not None]:
        return trials, True
    rates = table.rates(last)
    others = [_try(table, shown & (group != one), shown & (group == one), group, rates) for one in range(GROUPS)]
    return [one for one in others if one is not None], False


def _choose(table: _Table, last: int) -> Choice:
    """Try all, and prefer what is steady. What could not be tried on later periods is no model to be used, and where
    nothing can be tried the share of all is said of each."""
    trials, are_periods = _trials(table, last)
    if not trials:
        return Choice("climatology")
    truth, part, half = (np.concatenate(of) for of in zip(*((t.truth, t.part, t.half) for t in trials), strict=True))
    penalties = {one: np.concatenate([trial.logistic[one] for trial in trials]) for one in PENALTIES}
    penalty, logistic = best_of(penalties, truth, half)
    boosting = np.concatenate([trial.boosting for trial in trials])
    blends = {one: chance(one * odds(boosting) + (1 - one) * odds(logistic)) for one in SHARES}
    best, blend = best_of(blends, truth, half)
    is_much = log_loss(blend, truth) < log_loss(blends[EVEN], truth) * (1 - WORTH)
    share, blend = (best, blend) if is_much else (EVEN, blends[EVEN])
    models = {"logistic": logistic, "boosting": boosting, "blend": blend}
    said = {name: np.concatenate([trial.rules[name] for trial in trials]) for name in RULES} | models
    parts = np.unique(part)
    by_part = {n: np.array([log_loss(p[part == one], truth[part == one]) for one in parts]) for n, p in said.items()}
    stands = {name: _steady(losses - by_part["climatology"]) for name, losses in by_part.items()}
    losses = {name: float(of.mean()) for name, of in by_part.items()}
    rule, model = (min(names, key=lambda one: stands[one]) for names in (RULES, MODELS))
    is_worth = are_periods and stands[model] < stands[rule] - WORTH * losses[rule]
    return Choice(
        champion=model if is_worth else rule,
        penalty=penalty,
        trees=round(float(np.mean([trial.trees for trial in trials]))),
        share=share,
        calibrations={name: calibrated(found, truth) for name, found in models.items()},
        losses=losses,
        newest={name: float(of[-1]) for name, of in by_part.items() if are_periods and parts[-1] == last},
    )


def _steady(beside_the_share_of_all: Probabilities) -> float:
    """How good something is, from its loss beside that of the share of all in each period: the mean, and as much worse
    as that is uncertain. What is good once and bad the next time comes after what is always good."""
    return float(beside_the_share_of_all.mean() + beside_the_share_of_all.std() / np.sqrt(len(beside_the_share_of_all)))
