"""A fitted model as a file that runs no code when it is read (skops), and the card that belongs to it.

    {mirror}/risk/model.skops    what was learned
    {mirror}/risk/card.json      what it is, how good it was, and the SHA-256 of that file, written last
    {mirror}/risk/card.md        the same for people, Chinese and English

All of it follows from the mirror and may be deleted; the next night learns again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import msgspec
import numpy as np
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from jobs.faults import DamagedError
from jobs.whole_files import read_json, write_whole
from models.risk.features import Reference
from models.risk.learners import Calibration
from models.risk.model import Choice, Model
from models.risk.rules import FittedRule

#: What a file holds; one of another form is not read, the model is learned anew.
FORM: Final = 2
#: Types beside those that skops itself takes for harmless: what scikit-learn's boosting keeps its trees in, and ours.
_TRUSTED: Final = [
    "models.risk.learners.clipped",
    "numpy.dtype",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is, and what it was made from. ``losses`` by rule and model on what none was shown (log loss);
    ``replaced``: what was said of the model before it, "" if there was none."""

    model: str
    sha256: str
    fitted_on: str
    until_month: str
    policy: str
    catalogue: str
    horizon_months: int
    worse_by: int
    villages: int
    months: int
    rows: int
    share_worse: float
    champion: str
    is_rule: bool
    losses: dict[str, float]
    replaced: str
    is_simulated: bool
    basis: str = ""


def save_model(folder: Path, model: Model, relapse: Model | None) -> str:
    """Write the file; its SHA-256."""
    data = skops.io.dumps({"worse": _parts(model), "relapse": None if relapse is None else _parts(relapse)})
    write_whole(folder / "model.skops", data)
    return hashlib.sha256(data).hexdigest()


def load_model(folder: Path, sha256: str) -> tuple[Model, Model | None]:
    """The model that a card belongs to, and that of relapses. Raises ``DamagedError`` where there is none, or the file
    is another one."""
    file = folder / "model.skops"
    data = file.read_bytes() if file.exists() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedError(file, "its SHA-256 is not that on the card")
    try:
        parts = skops.io.loads(data, trusted=_TRUSTED)
        return _model(parts["worse"]), None if parts["relapse"] is None else _model(parts["relapse"])
    except (BadZipFile, UntrustedTypesFoundException, KeyError, TypeError, ValueError) as error:
        raise DamagedError(file, error) from error


def _parts(model: Model) -> dict[str, Any]:
    """A model as dictionaries of plain values, arrays and scikit-learn's estimators."""
    choice = model.choice
    return {
        "horizon": model.horizon,
        "until": model.until,
        "rows": model.rows,
        "share": model.share,
        "migration": model.migration,
        "names": list(model.names),
        "columns": model.columns,
        "usual": model.usual,
        "choice": {
            "champion": choice.champion,
            "penalty": choice.penalty,
            "trees": choice.trees,
            "share": choice.share,
            "losses": dict(choice.losses),
            "newest": dict(choice.newest),
            "calibrations": {name: [c.offset, c.slope] for name, c in choice.calibrations.items()},
        },
        "reference": {
            "middle": model.reference.middle,
            "spread": model.reference.spread,
            "first": model.reference.first,
            "prior": model.reference.prior,
        },
        "rules": {n: {"reads": list(r.reads), "reading": r.reading, "share": r.share} for n, r in model.rules.items()},
        "learners": dict(model.learners),
    }


def _model(parts: dict[str, Any]) -> Model:
    choice = dict(parts["choice"])
    calibrations = {name: Calibration(*of) for name, of in choice.pop("calibrations").items()}
    return Model(
        horizon=parts["horizon"],
        until=parts["until"],
        rows=parts["rows"],
        share=parts["share"],
        choice=Choice(**choice, calibrations=calibrations),
        reference=Reference(**parts["reference"]),
        migration=parts["migration"],
        names=tuple(parts["names"]),
        columns=np.asarray(parts["columns"]),
        usual=parts["usual"],
        rules={n: FittedRule(tuple(r["reads"]), r["reading"], r["share"]) for n, r in parts["rules"].items()},
        learners=parts["learners"],
    )


def read_card(folder: Path) -> Card | None:
    """The card; None before any model was learned. Raises ``DamagedError``."""
    file = folder / "card.json"
    return read_json(file, Card) if file.exists() else None


def write_card(folder: Path, card: Card) -> None:
    """Write the card for machines and the one for people."""
    write_whole(folder / "card.md", _in_words(card).encode())
    write_whole(folder / "card.json", msgspec.json.encode(card))


def _in_words(card: Card) -> str:
    used = "规则 rule；没有模型比它更好 no model is better than it" if card.is_rule else "模型 model"
    losses = "\n".join(f"| {name} | {loss:.4f} |" for name, loss in sorted(card.losses.items(), key=lambda one: one[1]))
    simulated = "\n**模拟数据 Simulated data.**\n" if card.is_simulated else ""
    return f"""# 预警模型说明 Model card: {card.model}
{simulated}
预测：从现在起 {card.horizon_months} 个月后，一个村的灯（黄灯计 1，红灯计 2）合计变差 {card.worse_by} 以上的可能性。
说的是村级班子的工作，不是任何个人；只供安排走访，不作处理依据，每一次采用由人决定。

What it says: how likely a village's lights (a yellow one counts 1, a red one 2) are in sum worse by at least
{card.worse_by} in {card.horizon_months} months. It is about a village team's work and never a person; it is for
deciding where to visit, and a person decides.

- 学习于 learned on {card.fitted_on}，至 up to {card.until_month}
- 学自 learned from: {card.villages} 个村 villages × {card.months} 个月 months，{card.rows} 行 rows
- 其中变差 of which got worse: {card.share_worse:.1%}
- 采用 in use: **{card.champion}**（{used}）
- 与上一模型 beside the model before: {card.replaced or "—"}
- 政策 policy {card.policy}，目录 catalogue {card.catalogue}
- SHA-256 `{card.sha256}`

| 未见过的月份上的对数损失 log loss on months that none was shown | |
|---|---|
{losses}

看不到的：没有读数的村列为“无法判断”；未进入系统的事；下一次政策或目录变动。
What it cannot see: villages without readings are said to be unknown; what never reached the system; changes of policy
or catalogue.
"""
