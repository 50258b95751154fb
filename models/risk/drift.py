"""How far what is seen now lies from what was learned from: the population stability index (PSI) of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.risk.panel import Floats

#: Groups of equal size; values that are not known are a group of their own.
BINS: Final = 10
#: Below the first nothing has moved much, above the second a lot has.
MOVED, MOVED_MUCH = 0.1, 0.25
#: No share counts as less.
_LEAST: Final = 1e-3


@dataclass(frozen=True)
class Profile:
    """``edges`` ``(F, BINS - 1)`` between groups of each feature, and ``shares`` ``(F, BINS + 1)`` of the rows in each
    group, those not known last."""

    edges: Floats
    shares: Floats


def profile_of(rows: Floats) -> Profile:
    """The profile of rows ``(N, F)``."""
    at = np.arange(1, BINS) / BINS
    edges = np.zeros((rows.shape[1], BINS - 1), np.float32)
    for column in range(rows.shape[1]):
        seen = rows[:, column][~np.isnan(rows[:, column])]
        if len(seen):
            edges[column] = np.quantile(seen, at)
    return Profile(edges, _shares(edges, rows))


def psi(profile: Profile, rows: Floats) -> Floats:
    """``(F,)``: Σ (now − then) × ln(now ÷ then) over the groups."""
    then, now = (np.maximum(one, _LEAST) for one in (profile.shares, _shares(profile.edges, rows)))
    return np.asarray(((now - then) * np.log(now / then)).sum(axis=1), np.float32)


def _shares(edges: Floats, rows: Floats) -> Floats:
    found = np.zeros((rows.shape[1], BINS + 1), np.float32)
    for column in range(rows.shape[1]):
        values = rows[:, column]
        group = np.where(np.isnan(values), BINS, np.searchsorted(edges[column], values, side="left"))
        found[column] = np.bincount(group.astype(np.intp), minlength=BINS + 1) / max(1, len(values))
    return found
