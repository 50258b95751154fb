"""The list of villages to visit: as many as can be visited, and no others than yesterday unless there is a reason."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.documents import NoLongerWatched, Watched, WatchReason, Why

if TYPE_CHECKING:
    from models.policy.early_warning import EarlyWarningPolicy

#: Chances are said in steps of so many percent: more would be false precision, and change each night.
STEP_PERCENT: Final = 5
#: Why a village is no longer watched, Chinese and English.
WHY: Final[dict[Why, tuple[str, str]]] = {
    "better": ("可能性已降低", "its chance fell"),
    "outranked": ("名额已满，其他村排在前面", "the places are full: others rank before it"),
    "relearned": ("预警模型已重新学习，排序不同", "the model was learned anew and ranks the villages otherwise"),
    "unknown": ("读数太少，无法判断", "too little is known of it now"),
    "gone": ("已不在区划名录中", "it is no longer in the register"),
}
#: A chance that is lower by as much as this has fallen.
FALLEN_PERCENT: Final = 10


@dataclass(frozen=True)
class Listed:
    """``chosen``: positions of the villages that are watched, the likeliest first; ``ties``: how many that are not are
    as likely as the last one that is, so that their codes decided."""

    chosen: list[int]
    ties: int


def choose(
    villages: Sequence[str],
    probability: NDArray[np.float64],
    unknown: frozenset[str],
    usual: float,
    before: Container[str],
    capacity: int,
    stay_percent: int,
) -> Listed:
    """Who is watched: of those more likely than ``usual`` to get worse, first who was watched ``before`` and still
    ranks among ``stay_percent`` of the ``capacity``, then by rank. The same in, the same out, and doing it again
    changes nothing."""
    able = [at for at, village in enumerate(villages) if village not in unknown and probability[at] > usual]
    ranked = sorted(able, key=lambda at: (-probability[at], villages[at]))
    stays = [at for at in ranked[: capacity * stay_percent // 100] if villages[at] in before][:capacity]
    fresh = [at for at in ranked if at not in set(stays)][: capacity - len(stays)]
    chosen = {*stays, *fresh}
    order = [at for at in ranked if at in chosen]
    ties = sum(1 for at in ranked if order and at not in chosen and probability[at] == probability[order[-1]])
    return Listed(order, ties)


def percent(probability: float) -> int:
    """A probability in steps of five percent."""
    return STEP_PERCENT * round(100 * probability / STEP_PERCENT)


def watched(
    villages: Sequence[str],
    probability: NDArray[np.float64],
    listed: Listed,
    reasons: Mapping[str, list[WatchReason]],
    before: Mapping[str, Watched],
    today: date,
    *,
    is_relearned: bool = False,
) -> list[Watched]:
    """The list as it is shown, by code. Who stays keeps the day since when, and the chance it was listed with unless
    the model ``is_relearned`` since the list before."""
    found = []
    for at in sorted(listed.chosen, key=lambda at: villages[at]):
        village, was = villages[at], before.get(villages[at])
        chance = percent(probability[at])
        found.append(
            Watched(
                village=village,
                since=today if was is None else was.since,
                chance=chance,
                listed_chance=chance if was is None or is_relearned else _listed_with(was),
                reasons=reasons.get(village, []),
            )
        )
    return found


def no_longer(
    villages: Sequence[str],
    probability: NDArray[np.float64],
    listed: Listed,
    unknown: frozenset[str],
    usual: float,
    before: Mapping[str, Watched],
    ended: Sequence[NoLongerWatched],
    today: date,
    policy: EarlyWarningPolicy,
    *,
    is_relearned: bool = False,
) -> list[NoLongerWatched]:
    """What is no longer watched, and why, with what ended earlier and is still kept; the latest last. ``usual``: what
    ``choose`` had; ``is_relearned``: another model says it than that of the list before."""
    index = {village: at for at, village in enumerate(villages)}
    still = {villages[at] for at in listed.chosen}
    found = [one for one in ended if one.until > today - timedelta(days=policy.kept_days)]
    for village, was in sorted(before.items()):
        if village in still:
            continue
        chance: int = was.chance
        why: Why = "gone"
        if village in index:
            now = float(probability[index[village]])
            chance, has_fallen = percent(now), now <= usual or percent(now) <= _listed_with(was) - FALLEN_PERCENT
            why = _why(is_known=village not in unknown, is_relearned=is_relearned, has_fallen=has_fallen)
        found.append(NoLongerWatched(village=village, since=was.since, until=today, chance=chance, why=why))
    return sorted(found, key=lambda one: (one.until, one.village))


def _why(*, is_known: bool, is_relearned: bool, has_fallen: bool) -> Why:
    """Of a village that ranks as high as ever only full places leave it out (``choose``)."""
    if not is_known:
        return "unknown"
    if is_relearned:
        return "relearned"
    return "better" if has_fallen else "outranked"


def _listed_with(was: Watched) -> int:
    """A list of an earlier release does not say it: the last one that is known."""
    return was.chance if was.listed_chance is None else was.listed_chance
