"""The models that compete with the rules: a regularised logistic regression, gradient boosting, and their blend. Each
gives probabilities, and is fitted on rows ``(N, F)`` of which the label is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from models.risk.panel import Floats

Probabilities = NDArray[np.float64]
Args = ParamSpec("Args")
Answer = TypeVar("Answer")
Option = TypeVar("Option", int, float)
Halves = NDArray[np.bool_]

SEED: Final = 110
#: Nothing is quite sure, nor out of the question.
SURE: Final = 0.999
#: Trees are added while they help on what they were not shown; at most so many.
TREES_MAX: Final = 300
TREES_STEP: Final = 20
#: No more are added once so many have not helped.
PATIENCE: Final = 40
#: Strengths of the logistic regression's penalty that are tried, as scikit-learn counts them.
PENALTIES: Final = (0.001, 0.01, 0.1)
#: Shares of the boosting in the blend that are tried.
SHARES: Final = (0.25, 0.5, 0.75)
_CLIPPED: Final = 5.0
#: Within which what a model is sure of is made more or less of.
_SLOPES: Final = (0.5, 1.5)


def one_thread(function: Callable[Args, Answer]) -> Callable[Args, Answer]:
    """The function with scikit-learn kept to one thread. Threads wait for one another by spinning, so that on cores
    that others use, too, two are many times slower than one (measured: 7 to 60 s beside 4.6); and one thread adds up
    in one order, so that the same data give the same."""

    @wraps(function)
    def limited(*args: Args.args, **more: Args.kwargs) -> Answer:
        with threadpool_limits(limits=1):
            return function(*args, **more)

    return limited


class Fitted(Protocol):
    def predict_proba(self, rows: Floats) -> Any: ...


@dataclass(frozen=True)
class Calibration:
    """What is made of a model's log odds: ``offset + slope × log odds``."""

    offset: float = 0.0
    slope: float = 1.0

    def of(self, probability: Probabilities) -> Probabilities:
        return chance(self.offset + self.slope * odds(probability))


def odds(probability: Probabilities) -> Probabilities:
    """Log odds."""
    inside = np.clip(probability, 1 - SURE, SURE)
    return np.asarray(np.log(inside / (1 - inside)), np.float64)


def chance(log_odds: Probabilities) -> Probabilities:
    """The probability of log odds."""
    return np.asarray(np.clip(1 / (1 + np.exp(-log_odds)), 1 - SURE, SURE), np.float64)


def log_loss(probability: Probabilities, label: Floats) -> float:
    inside = np.clip(probability, 1 - SURE, SURE)
    return float(-np.mean(np.where(label > 0, np.log(inside), np.log(1 - inside))))


def calibrated(probability: Probabilities, label: Floats) -> Calibration:
    """How a model's probabilities are to be read, from rows it was not shown: their spread within bounds, and their
    mean the share of those that got worse."""
    if label.min() == label.max():
        return Calibration()
    at = odds(probability)
    free = LogisticRegression(C=100.0).fit(at[:, None], label)
    slope = float(np.clip(free.coef_[0, 0], *_SLOPES))
    return Calibration(_offset(at, slope, label), slope)


def _offset(at: Probabilities, slope: float, label: Floats) -> float:
    """The offset with which the mean probability is the share of those that got worse."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle + slope * at).mean() < label.mean() else (low, middle)
    return (low + high) / 2


def usable(rows: Floats) -> NDArray[np.intp]:
    """The columns that say anything: known somewhere, and not the same everywhere."""
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
    return np.flatnonzero(high > low)


def fit_logistic(rows: Floats, label: Floats, penalty: float) -> Pipeline:
    """Scaled and clipped; what is not known counts as the mean, and a column says so."""
    model = make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        FunctionTransformer(clipped),
        LogisticRegression(C=penalty, max_iter=300, tol=1e-3),
    )
    model.fit(rows, label)
    return model


def clipped(rows: Floats) -> Floats:
    """Nothing lies further from the mean than so many deviations."""
    return np.clip(rows, -_CLIPPED, _CLIPPED)


def fit_boosting(rows: Floats, label: Floats, trees: int) -> HistGradientBoostingClassifier:
    model = _boosting(len(rows)).set_params(max_iter=trees)
    model.fit(rows, label)
    return model


def best_of(options: Mapping[Option, Probabilities], truth: Floats, half: Halves) -> tuple[Option, Probabilities]:
    """Which setting is best, and what is said by it: of each half of the units by the one that is best on the other
    half, so that none is judged by what it was chosen on."""
    said = np.empty(len(truth))
    for here in (half, ~half):
        said[here] = options[_best(options, truth, ~here)][here]
    return _best(options, truth, np.ones(len(truth), bool)), said


def _best(options: Mapping[Option, Probabilities], truth: Floats, rows: Halves) -> Option:
    return min(options, key=lambda one: log_loss(options[one][rows], truth[rows]) if rows.any() else 0.0)


def best_boosting(
    rows: Floats, label: Floats, unseen: Floats, truth: Floats, half: Halves
) -> tuple[int, Probabilities]:
    """How many trees are best on rows that they are not shown, and what is said of those (``best_of``). Trees are added
    as long as that helps either half."""
    model = _boosting(len(rows)).set_params(warm_start=True)
    stages: dict[int, Probabilities] = {}
    for trees in range(TREES_STEP, TREES_MAX + 1, TREES_STEP):
        model.set_params(max_iter=trees).fit(rows, label)
        stages[trees] = model.predict_proba(unseen)[:, 1]
        if trees - max(_best(stages, truth, here) for here in (half, ~half)) >= PATIENCE:
            break
    return best_of(stages, truth, half)


def _boosting(n_rows: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_leaf_nodes=15,
        max_bins=64,
        min_samples_leaf=max(20, n_rows // 500),
        l2_regularization=5.0,
        max_features=0.5,
        early_stopping=False,
        random_state=SEED,
    )
