"""What moved a score between two periods, part by part and, of the lights, indicator by indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from models.evaluation.changes import LIGHT_DAYS
from models.evaluation.words import COMPONENTS

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.documents import Evaluation
    from models.policy.evaluation import Credit

#: What the parts do not come to, since a score lies within 0 and 100 and parts are rounded.
ROUNDING: Final = "rounding"
#: Points as small as this are an error of floating point.
_NOTHING: Final = 1e-9
_COLUMNS: Final = ["part", "indicator", "zh", "en", "before", "after", "moved"]

#: A part and, of lights, the indicator's code.
Key = tuple[str, str]


def parts_of(evaluation: Evaluation, catalogue: Catalogue, credit: Credit) -> dict[Key, float]:
    """The points that made a score, which are counted down from that of a village that was green throughout: what an
    indicator's days in other lights took, and what each other part gave or took."""
    whole = credit.green
    weights = sum(indicator.weight for indicator in catalogue.indicators)
    found: dict[Key, float] = {}
    for part in evaluation.components:
        if part.code != "lights":
            found[part.code, ""] = part.points
            continue
        for text in part.evidence:
            if days := LIGHT_DAYS.match(text):
                yellow, red, silent = (int(days[at]) for at in (2, 3, 4))
                lost = yellow * (whole - credit.yellow) + red * (whole - credit.red) + silent * (whole - credit.silent)
                weight = catalogue.indicators[catalogue.index[days[1]]].weight
                found["lights", days[1]] = -lost * weight / (part.amount * weights)
    rest = evaluation.score - whole - sum(found.values())
    if abs(rest) > _NOTHING:
        found[ROUNDING, ""] = rest
    return found


def moved(
    before: Sequence[Evaluation], after: Sequence[Evaluation], catalogue: Catalogue, credit: Credit
) -> pd.DataFrame:
    """A row for each part that moved the mean score of some villages, what moved it most first: ``part``, ``indicator``
    ("" but of lights), its name ``zh`` and ``en``, mean points ``before`` and ``after``, and by how much it ``moved``.
    The moves add up to the difference of the mean scores; both lists hold the same villages, at least one."""
    old, new = (_mean(found, catalogue, credit) for found in (before, after))
    rows = [
        (*key, *_words(key, catalogue), old.get(key, 0.0), new.get(key, 0.0), new.get(key, 0.0) - old.get(key, 0.0))
        for key in dict.fromkeys([*new, *old])
    ]
    found = pd.DataFrame([row for row in rows if abs(row[-1]) > _NOTHING], columns=_COLUMNS)
    return found.sort_values("moved", key=lambda points: -points.abs(), kind="stable").reset_index(drop=True)


def by_part(moves: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """``moved`` added up: of lights by category, of all else by part; ``zh``, ``en``, ``moved``."""
    return pd.DataFrame(_added(moves, catalogue), columns=["zh", "en", "moved"])


def _added(moves: pd.DataFrame, catalogue: Catalogue) -> Iterator[tuple[str, str, float]]:
    category = moves["indicator"].str[:1]
    for one in catalogue.categories:
        of = moves.loc[(moves["part"] == "lights") & (category == one.code), "moved"]
        if len(of):
            yield f"亮灯：{one.name_zh}", f"lights: {one.name_en}", float(of.sum())
    rest = moves[moves["part"] != "lights"]
    yield from zip(rest["zh"], rest["en"], rest["moved"], strict=True)


def _mean(evaluations: Sequence[Evaluation], catalogue: Catalogue, credit: Credit) -> Mapping[Key, float]:
    total: dict[Key, float] = {}
    for evaluation in evaluations:
        for key, points in parts_of(evaluation, catalogue, credit).items():
            total[key] = total.get(key, 0.0) + points / len(evaluations)
    return total


def _words(key: Key, catalogue: Catalogue) -> tuple[str, str]:
    part, code = key
    if code:
        indicator = catalogue.indicators[catalogue.index[code]]
        return indicator.name_zh, indicator.name_en
    return COMPONENTS.get(part, ("取整及 0–100 的界限", "rounding, and the limits 0 and 100"))
