"""Simple rules that a model has to beat. Each orders units by one or a few plain figures; how a figure is read as a
probability is fitted on the same rows as a model's."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.risk.label import carried, last_seen
from models.risk.learners import Probabilities, fit_logistic
from models.risk.panel import Floats, Panel

#: A rule: its name, and the features that it reads.
RULES: Final[dict[str, tuple[str, ...]]] = {
    "climatology": (),
    "persistence": ("severity",),
    "last_change": ("severity.since_1",),
    "own_history": ("history.rate",),
    "lights_migrate": ("migration",),
    "headroom": ("headroom.least", "headroom.little"),
    "neighbours": ("neighbours",),
    "logistic_simple": ("severity", "severity.since_1", "headroom.least", "history.rate", "room"),
}
#: Of one to five figures nearly none.
_PENALTY: Final = 1.0

Rows = NDArray[np.intp]


def with_migration(panel: Panel, horizon: int, at: int) -> Floats:
    """``(U, T)``: how many lights of a unit are expected to be worse ``horizon`` later, by how lights of each colour
    and indicator went until period ``at``."""
    lit = carried(panel.light, last_seen(panel))
    expected = np.zeros(lit.shape[:2], np.float32)
    known = lit[:, : at + 1]
    for colour in (0.0, 1.0):
        was = known[:, :-horizon] == colour if known.shape[1] > horizon else np.zeros((0, 0, lit.shape[2]), bool)
        went = was & (known[:, horizon:] > colour) if known.shape[1] > horizon else was
        times, worse = was.sum(axis=(0, 1)), went.sum(axis=(0, 1))
        rate = (worse + 1) / (times + 20)
        expected += ((lit == colour) * rate).sum(axis=2, dtype=np.float32)
    return expected


def rule_probabilities(
    name: str, figures: dict[str, Floats], shown: tuple[Rows, Rows], label: Floats, asked: tuple[Rows, Rows]
) -> Probabilities:
    """A rule's probabilities for the rows ``asked`` (unit and period positions), fitted on those ``shown``."""
    names = [one for one in RULES[name] if one in figures and not np.isnan(figures[one][shown]).all()]
    if not names:
        return np.full(len(asked[0]), float(label.mean()))
    train, test = (np.stack([figures[one][rows] for one in names], axis=1) for rows in (shown, asked))
    return np.asarray(fit_logistic(train, label, _PENALTY).predict_proba(test)[:, 1], np.float64)
