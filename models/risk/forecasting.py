"""From a panel and a label to the probability, for each unit, of getting worse within the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models.risk.model import MODELS, Model, fit, score
from models.risk.panel import Floats, Panel, panel_of
from models.risk.rules import RULES


@dataclass(frozen=True)
class Forecast:
    """``probability`` by unit; the ``model`` that says it, with its champion and the losses it was chosen by; ``thin``:
    units of which too little is known to say anything of them; ``others``: what each rule and model says, where that
    was asked for."""

    probability: pd.Series[Any]
    model: Model
    thin: frozenset[Any] = frozenset()
    others: Mapping[str, pd.Series[Any]] = field(default_factory=dict)

    @property
    def champion(self) -> str:
        return self.model.champion

    @property
    def losses(self) -> dict[str, float]:
        return dict(self.model.choice.losses)


def forecast(panel_long: pd.DataFrame, train_until: object, horizon: int, label: pd.Series[Any]) -> pd.Series[Any]:
    """The probability by unit of what ``label`` says coming true within ``horizon`` periods after ``train_until``.

    ``panel_long``: as ``panel_of`` takes it; ``label``: 0 or 1 on (unit, as-of), in the panel's periods. Nothing after
    ``train_until`` is looked at, of the panel or of the label: a label counts once its horizon is over, also if only
    periods in which anything was observed are counted. ``attrs`` of the answer name the ``champion``, the ``losses`` it
    was chosen by, and as ``thin`` the units of which too little is known to say anything. Raises ``PanelError``.
    """
    found = forecast_of(panel_of(panel_long, train_until), horizon, label)
    thin = [unit for unit in found.probability.index if unit in found.thin]
    found.probability.attrs.update(champion=found.champion, losses=found.losses, thin=thin)
    return found.probability


def forecast_of(panel: Panel, horizon: int, label: pd.Series[Any] | Floats, *, with_others: bool = False) -> Forecast:
    """As ``forecast``, of a panel that ends with the period that is forecast from; ``label`` also as ``(U, T)``."""
    model = fit(panel, horizon, label, everything=with_others)
    said = score(model, panel, label, (*RULES, *MODELS) if with_others and model.choice.losses else ())
    others = dict(said.others)
    if with_others and not others:  # nothing could be tried
        others = dict.fromkeys((*RULES, *MODELS), said.probability)
    return Forecast(said.probability, model, said.thin, others)
