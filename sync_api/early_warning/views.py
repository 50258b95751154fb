"""The watch list as the page and its files show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from models.documents import NoLongerWatched, Risk, Verdict, Watched, WatchOutcome, WatchReason, Why
from models.early_warning.listing import WHY
from models.early_warning.outcomes import together
from models.early_warning.verdicts import is_of
from models.ids import CODE_LENGTHS
from sync_api.sheets import Cell, Language

if TYPE_CHECKING:
    from models.divisions import Register
    from models.policy.early_warning import EarlyWarningPolicy


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """What an analyst said last of a village's being watched."""

    author: str
    at: datetime
    is_right: bool
    text: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A village with the names of what it lies in."""

    village: str
    village_name: str
    township_name: str
    county_name: str


class WatchedView(Place, frozen=True, kw_only=True):
    """A village that is watched; ``is_new``: since no more days than the list shows what it dropped."""

    since: date
    is_new: bool
    chance: int
    reasons: list[WatchReason]
    verdict: VerdictView | None


class DroppedView(Place, frozen=True, kw_only=True):
    since: date
    until: date
    chance: int
    why: Why
    why_zh: str
    why_en: str


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who is watched in a division, the likeliest first; who no longer is; of whom nothing can be said; what became of
    the list of half a year ago, and what analysts said of it within the year. ``is_ready``: the night has said
    something yet."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    is_ready: bool
    horizon_months: int
    worse_by: int
    models: list[str]
    watched: list[WatchedView]
    dropped: list[DroppedView]
    unknown: list[Place]
    outcome: WatchOutcome | None
    verdicts_right: int
    verdicts_wrong: int
    may_judge: bool


COLUMNS: Final[Sequence[tuple[str, str]]] = (
    *(("序号", "No."), ("县区", "County"), ("乡镇", "Township"), ("村", "Village"), ("代码", "Code")),
    *(("变差可能性%", "Chance of getting worse %"), ("关注自", "Watched since"), ("至", "Until")),
    *(("状态", "State"), ("理由", "Reasons"), ("研判意见", "Verdict")),
)


def watch_lists(
    documents: Iterable[Risk],
    verdicts: Mapping[str, Verdict],
    register: Register,
    policy: EarlyWarningPolicy,
    today: date,
) -> tuple[list[WatchedView], list[DroppedView], list[Place], WatchOutcome | None]:
    """What townships' documents say; ``verdicts``: the last one by village."""
    fresh = today - timedelta(days=policy.dropped_days)
    watched: list[WatchedView] = []
    dropped: list[DroppedView] = []
    unknown: list[Place] = []
    outcomes: list[WatchOutcome] = []
    for document in documents:
        if document.outcome is not None:
            outcomes.append(document.outcome)
        watched += [_watched(one, verdicts.get(one.village), register, fresh) for one in document.watched]
        here = {one.village for one in document.watched}
        dropped += [_dropped(one, register) for one in document.ended if one.until > fresh and one.village not in here]
        unknown += [Place(**_place(village, register)) for village in document.unknown]
    watched.sort(key=lambda one: (-one.chance, one.village))
    dropped.sort(key=lambda one: (one.until, one.village), reverse=True)
    return watched, dropped, unknown, together(outcomes)


def cells(page: WatchPage, language: Language) -> list[list[Cell]]:
    """Watched, dropped and unknown villages as lines in the order of ``COLUMNS``."""
    is_en, rows = language == "en", list[list[Cell]]()
    for one in page.watched:
        state = ("new" if one.is_new else "watched") if is_en else ("新增" if one.is_new else "关注中")
        reasons = "\n".join(reason.en if is_en else reason.zh for reason in one.reasons)
        rows.append([*_names(one), one.chance, one.since, None, state, reasons, _verdict_words(one.verdict, language)])
    for gone in page.dropped:
        why = gone.why_en if is_en else gone.why_zh
        rows.append([*_names(gone), gone.chance, gone.since, gone.until, "no longer" if is_en else "已移出", why, ""])
    for place in page.unknown:
        rows.append([*_names(place), None, None, None, "can't say" if is_en else "无法判断", "", ""])
    return [[number, *row] for number, row in enumerate(rows, 1)]


def _names(one: Place) -> list[Cell]:
    return [one.county_name, one.township_name, one.village_name, one.village]


def _verdict_words(verdict: VerdictView | None, language: Language) -> str:
    if verdict is None:
        return ""
    right, wrong = ("right", "wrong") if language == "en" else ("属实", "不属实")
    return f"{right if verdict.is_right else wrong} {verdict.text}".strip()


def _watched(one: Watched, verdict: Verdict | None, register: Register, fresh: date) -> WatchedView:
    return WatchedView(
        **_place(one.village, register),
        since=one.since,
        is_new=one.since > fresh,
        chance=one.chance,
        reasons=one.reasons,
        verdict=_verdict(verdict, one.since),
    )


def _dropped(one: NoLongerWatched, register: Register) -> DroppedView:
    zh, en = WHY[one.why]
    return DroppedView(
        **_place(one.village, register),
        since=one.since,
        until=one.until,
        chance=one.chance,
        why=one.why,
        why_zh=zh,
        why_en=en,
    )


def _place(village: str, register: Register) -> dict[str, str]:
    def name(code: str) -> str:
        return register.divisions[code].name if code in register.divisions else code

    return {
        "village": village,
        "village_name": name(village),
        "township_name": name(village[: CODE_LENGTHS["township"]]),
        "county_name": name(village[: CODE_LENGTHS["county"]]),
    }


def _verdict(verdict: Verdict | None, since: date) -> VerdictView | None:
    """One that was said of this time that the village is watched."""
    if verdict is None or not is_of(verdict, since):
        return None
    author = verdict.id.split(":")[2]
    return VerdictView(author=author, at=verdict.saved_at, is_right=verdict.is_right, text=verdict.text)
