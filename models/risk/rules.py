"""Simple rules that a model has to beat. Each orders units by one or a few plain figures; how a figure is read as a
probability is fitted on the same rows as a model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.risk.label import carried, last_seen
from models.risk.learners import Fitted, Probabilities, fit_logistic
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
#: Of lights that were seen less often than this, the share that got worse says little.
_FEW: Final = 20


@dataclass(frozen=True)
class FittedRule:
    """The figures that a rule reads, and how they are read; nothing is read where there is none."""

    reads: tuple[str, ...]
    reading: Fitted | None
    share: float

    def probabilities(self, figures: Mapping[str, Floats], n: int) -> Probabilities:
        """``figures``: ``(N,)`` by name."""
        if self.reading is None:
            return np.full(n, self.share)
        rows = np.stack([figures[name] for name in self.reads], axis=1)
        return np.asarray(self.reading.predict_proba(rows)[:, 1], np.float64)


def fit_rule(name: str, figures: Mapping[str, Floats], label: Floats) -> FittedRule:
    """``figures`` by name and ``label``, all ``(N,)``."""
    reads = tuple(one for one in RULES[name] if one in figures and not np.isnan(figures[one]).all())
    share = float(label.mean())
    if not reads:
        return FittedRule((), None, share)
    return FittedRule(reads, fit_logistic(np.stack([figures[one] for one in reads], axis=1), label, _PENALTY), share)


def migration_rates(panel: Panel, horizon: int, at: int) -> Floats:
    """``(2, I)``: of the lights that were green, and yellow, the share that was worse ``horizon`` later, as far as that
    was known at a period."""
    lit = carried(panel.light, last_seen(panel))[:, : at + 1]
    rates = np.full((2, lit.shape[2]), 1 / _FEW, np.float32)
    if lit.shape[1] > horizon:
        was, became = lit[:, :-horizon], lit[:, horizon:]
        for colour in (0, 1):
            times, worse = (was == colour).sum(axis=(0, 1)), ((was == colour) & (became > colour)).sum(axis=(0, 1))
            rates[colour] = (worse + 1) / (times + _FEW)
    return rates


def migration(panel: Panel, rates: Floats) -> Floats:
    """``(U, T)``: how many lights of a unit are expected to be worse, by how lights of each colour went."""
    lit = carried(panel.light, last_seen(panel))
    expected = ((lit == colour) @ rates[colour] for colour in (0, 1))
    return np.asarray(sum(expected), np.float32)
