"""The list of villages to visit: as many as can be visited, and no others than yesterday unless there is a reason."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.documents import NoLongerWatched, Watched, WatchReason

if TYPE_CHECKING:
    from models.policy.early_warning import EarlyWarningPolicy

#: Chances are said in steps of so many percent: more would be false precision, and change each night.
STEP_PERCENT: Final = 5
#: Why a village is no longer watched, Chinese and English.
Why = Literal["better", "outranked", "unknown"]
WHY: Final[dict[Why, tuple[str, str]]] = {
    "better": ("可能性已降低", "its chance fell"),
    "outranked": ("可能性相近，名额给了更需要走访的村", "much the same, but others need the visits more"),
    "unknown": ("读数太少，无法判断", "too little is known of it now"),
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
) -> list[Watched]:
    """The list as it is shown, by code. Who stays keeps the day since when."""
    found = []
    for at in sorted(listed.chosen, key=lambda at: villages[at]):
        village = villages[at]
        since = before[village].since if village in before else today
        chance = percent(probability[at])
        found.append(Watched(village=village, since=since, chance=chance, reasons=reasons.get(village, [])))
    return found


def no_longer(
    villages: Sequence[str],
    probability: NDArray[np.float64],
    listed: Listed,
    unknown: frozenset[str],
    before: Mapping[str, Watched],
    ended: Sequence[NoLongerWatched],
    today: date,
    policy: EarlyWarningPolicy,
) -> list[NoLongerWatched]:
    """What is no longer watched, and why, with what ended earlier and is still kept; the latest last."""
    index = {village: at for at, village in enumerate(villages)}
    still = {villages[at] for at in listed.chosen}
    found = [one for one in ended if one.until > today - timedelta(days=policy.kept_days)]
    for village, was in sorted(before.items()):
        if village in still:
            continue
        chance = was.chance if village not in index else percent(probability[index[village]])
        why = _why(was, chance, is_known=village in index and village not in unknown)
        found.append(NoLongerWatched(village=village, since=was.since, until=today, chance=chance, why=why))
    return sorted(found, key=lambda one: (one.until, one.village))


def _why(was: Watched, chance: int, *, is_known: bool) -> Why:
    if not is_known:
        return "unknown"
    return "better" if chance <= was.chance - FALLEN_PERCENT else "outranked"
