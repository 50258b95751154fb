"""Lights as a pure function of arrays: what is known, the catalogue's rules, and a day (mission 3).

Shapes: ``V`` villages in register order, ``I`` indicators in catalogue order. A light is the worst of the latest
reading against its thresholds, the open cases with their deadlines, and silence. Codes are ordered so that "worst"
is ``max``: silence is yellow, but says that it is only silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models import calendar
from models.catalogue import KIND_LAST_DATE, KIND_START_DATE, KIND_YESNO
from models.readings import NEVER_MS

if TYPE_CHECKING:
    from models.catalogue import Rules
    from models.readings import Readings

GREEN: Final = 0
STALE: Final = 1
YELLOW: Final = 2
RED: Final = 3
#: A letter a code, as boards and lights documents carry them: green, silent, yellow, red.
LETTERS: Final = "gsyr"

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]
#: One epoch day for all rows, or ``(V, 1)`` one for each.
Days = int | NDArray[np.int64]


def light_codes(readings: Readings, case_light: Codes, rules: Rules, watched_since: int, today: Days) -> Codes:
    """The lights ``(V, I)`` uint8 on the epoch day ``today``.

    ``case_light`` uint8 ``(V, I)``: what open cases and their deadlines give (``cases.CaseSpans.on``);
    ``watched_since``: the epoch day from which silence counts where nothing was ever reported.
    """
    light = threshold_codes(readings.value, rules, today)
    np.maximum(light, silence_codes(readings, rules, watched_since, today), out=light)
    np.maximum(light, case_light, out=light)
    return light


def threshold_codes(value: Floats, rules: Rules, today: Days) -> Codes:
    """Thresholds are the last permitted value: equal to it is still in order. NaN (no reading) gives green."""
    is_date = (rules.kind == KIND_LAST_DATE) | (rules.kind == KIND_START_DATE)
    # days = today − date for dates; a falling measure is turned round so that "worse" is always "greater"
    slope = np.where(is_date, -1.0, rules.sign)
    offset = np.where(is_date, today, 0.0)
    measured = value * slope + offset
    limit_sign = np.where(is_date, 1.0, rules.sign)
    with np.errstate(invalid="ignore"):
        light: Codes = (measured > rules.yellow * limit_sign).view(np.uint8) * np.uint8(YELLOW)
        light += (measured > rules.red * limit_sign).view(np.uint8) * np.where(
            np.isnan(rules.yellow), np.uint8(RED), np.uint8(RED - YELLOW)
        )
    yesno = np.flatnonzero(rules.kind == KIND_YESNO)
    light[:, yesno] = (value[:, yesno] == 0.0) * rules.no_light[yesno]
    return light


def silence_codes(readings: Readings, rules: Rules, watched_since: int, today: Days) -> Codes:
    """A reading is due every interval; overdue by a whole further interval is silence (no news is not good news).

    Days since a last event grow by themselves, so a known date never goes stale; an unknown one does.
    """
    never = readings.observed_ms == NEVER_MS
    since = np.where(never, watched_since, calendar.local_day_of_ms(readings.observed_ms))
    allowed = np.where(np.isnan(rules.interval_days), np.inf, 2.0 * rules.interval_days)
    silent = (today - since) > allowed
    silent &= never | (rules.kind != KIND_LAST_DATE)
    return silent.view(np.uint8) * np.uint8(STALE)


def to_letters(light: Codes) -> list[str]:
    """One string of letters a village."""
    table = np.frombuffer(LETTERS.encode(), np.uint8)
    rows = table[light]
    width = rows.shape[1]
    text = rows.tobytes().decode("ascii")
    return [text[start : start + width] for start in range(0, len(text), width)]


def from_letters(strings: list[str]) -> Codes:
    """The inverse of ``to_letters``. Raises ``ValueError`` on other letters or uneven lengths."""
    raw = np.frombuffer("".join(strings).encode("ascii"), np.uint8).reshape(len(strings), -1)
    codes = np.full(256, 255, np.uint8)
    codes[np.frombuffer(LETTERS.encode(), np.uint8)] = np.arange(len(LETTERS), dtype=np.uint8)
    light: Codes = codes[raw]
    if (light == 255).any():
        raise ValueError(f"lights are written with the letters {LETTERS!r} only")
    return light


def count_by(light: Codes, group_of_village: NDArray[np.intp], n_groups: int) -> NDArray[np.int64]:
    """Villages by their worst light for each group (township, county …): int64 ``(n_groups, 4)``."""
    worst = worst_light(light)
    flat = group_of_village * len(LETTERS) + worst
    return np.bincount(flat, minlength=n_groups * len(LETTERS)).reshape(n_groups, len(LETTERS))


def worst_light(light: Codes) -> Codes:
    """The worst light of each village, ``(V,)``."""
    worst: Codes = light.max(axis=1)
    return worst


def worst_by_column(light: Codes, group_of_indicator: NDArray[np.intp], n_groups: int) -> Codes:
    """Roll-up to items or categories: the worst light of each village in each group, ``(V, n_groups)``."""
    out = np.zeros((light.shape[0], n_groups), np.uint8)
    for group in range(n_groups):
        columns = np.flatnonzero(group_of_indicator == group)
        if columns.size:
            out[:, group] = light[:, columns].max(axis=1)
    return out


def worst_by_row(light: Codes, group_of_village: NDArray[np.intp], n_groups: int) -> Codes:
    """Roll-up to townships, counties or the city: the worst light of each column in each group, ``(n_groups, I)``.

    A group without villages is green.
    """
    out = np.zeros((n_groups, light.shape[1]), np.uint8)
    np.maximum.at(out, group_of_village, light)
    return out


def lamp_counts(light: Codes, group_of_village: NDArray[np.intp], n_groups: int) -> NDArray[np.int64]:
    """Lamps by light for each group: int64 ``(n_groups, 4)``."""
    per_village = np.stack([(light == code).sum(axis=1) for code in range(len(LETTERS))], axis=1)
    out = np.zeros((n_groups, len(LETTERS)), np.int64)
    np.add.at(out, group_of_village, per_village)
    return out
