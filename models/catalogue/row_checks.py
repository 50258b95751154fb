"""One line of indicators.csv: its cells, and whether they fit its kind and each other."""

import math
import re
from collections.abc import Mapping, Set
from typing import Literal, NamedTuple, cast, get_args

from models.catalogue.indicators import Direction, Indicator, Item, Kind, Origin
from models.faults import Fault
from models.tables import Row

ITEM_COLUMNS = ("item_zh", "item_en")
TEXT_COLUMNS = ("name_zh", "name_en", "measure_zh", "measure_en", "unit", "unit_en", "source_zh")
NUMBER_COLUMNS = ("yellow", "red", "minimum", "maximum", "interval_days", "weight")

# What each kind must fill in besides its names, weight and departments; the other cells must stay empty.
NEEDS: Mapping[Kind, frozenset[str]] = {
    "number": frozenset({"direction", "yellow", "red", "minimum", "maximum", "interval_days"}),
    "yesno": frozenset({"no_light", "interval_days"}),
    "cases": frozenset(),
    "last_date": frozenset({"direction", "yellow", "red", "interval_days"}),
    "start_date": frozenset({"direction", "yellow", "red", "interval_days"}),
}
KIND_COLUMNS = ("direction", "yellow", "red", "no_light", "minimum", "maximum", "interval_days")


class Checked(NamedTuple):
    """`indicator` only where there are no faults; `weight` wherever it could be read, for the sum."""

    indicator: Indicator | None
    weight: float | None
    faults: list[Fault]


def check_row(row: Row, items: Mapping[str, Item], departments: Set[str]) -> Checked:
    """The indicator of one line, or all of the line's faults."""
    check = _RowCheck(row)
    check.code_and_item(items)
    check.texts()
    numbers = check.numbers()
    kind = check.choice("kind", get_args(Kind))
    if kind:
        check.cells_of_kind(cast(Kind, kind))
        check.thresholds(cast(Kind, kind), numbers)
    leads = check.lead_departments(departments)
    weight = numbers["weight"]
    if not row.values["weight"] or (weight is not None and weight <= 0):
        check.fault("weight", "权重应大于 0", "the weight must be above 0")
    indicator = None if check.faults else _indicator(row, numbers, leads)
    return Checked(indicator, weight, check.faults)


class _RowCheck:
    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.values = row.values
        self.faults: list[Fault] = []

    def fault(self, kind: str, zh: str, en: str) -> None:
        code = self.values["code"] or "?"
        self.faults.append(Fault(self.line, kind, f"{code}：{zh}", f"{code}: {en}"))

    def code_and_item(self, items: Mapping[str, Item]) -> None:
        code = self.values["code"]
        if not re.fullmatch(r"[1-9]\.[1-9]\.[1-9]", code):
            self.fault("code", "代码应如 4.2.1", "the code must look like 4.2.1")
            return
        item = items.get(code.rpartition(".")[0])
        if item is None:
            self.fault("item", "代码所属的项不存在", "its code belongs to no known item")
        elif (self.values["item_zh"], self.values["item_en"]) != (item.name_zh, item.name_en):
            self.fault(
                "item", f"项名应为 {item.name_zh} / {item.name_en}", f"the item is {item.name_zh} / {item.name_en}"
            )

    def texts(self) -> None:
        for column in TEXT_COLUMNS:
            if not self.values[column]:
                self.fault("empty", f"{column} 为空", f"{column} is empty")

    def numbers(self) -> dict[str, float | None]:
        """The number cells; None where empty or not readable (which is a fault)."""
        found: dict[str, float | None] = dict.fromkeys(NUMBER_COLUMNS)
        for column in NUMBER_COLUMNS:
            text = self.values[column]
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                value = math.nan
            if math.isfinite(value):
                found[column] = value
            else:
                self.fault("number", f"{column} “{text}”不是数字", f'{column} "{text}" is not a number')
        return found

    def choice(self, column: str, allowed: tuple[str, ...]) -> str | None:
        value = self.values[column]
        if value in allowed:
            return value
        options = ", ".join(allowed)
        self.fault(column, f"{column} “{value}”不在 {options} 之中", f'{column} "{value}" is none of {options}')
        return None

    def cells_of_kind(self, kind: Kind) -> None:
        for column in KIND_COLUMNS:
            needed, filled = column in NEEDS[kind], self.values[column] != ""
            if needed and not filled:
                self.fault("missing", f"{kind} 类必须填 {column}", f"kind {kind} needs {column}")
            elif filled and not needed:
                self.fault("surplus", f"{kind} 类不应填 {column}", f"kind {kind} takes no {column}")
        if self.values["direction"] and "direction" in NEEDS[kind]:
            self.choice("direction", get_args(Direction))
        if self.values["no_light"] and "no_light" in NEEDS[kind]:
            self.choice("no_light", ("yellow", "red"))
        for light in ("yellow", "red"):
            has_threshold = light in NEEDS[kind] or self.values["no_light"] == light
            column = f"{light}_origin"
            if has_threshold:
                self.choice(column, get_args(Origin))
            elif self.values[column]:
                self.fault("surplus", f"没有{light}线，不应填 {column}", f"no {light} threshold, so no {column}")

    def thresholds(self, kind: Kind, numbers: dict[str, float | None]) -> None:
        yellow, red, low, high = (numbers[column] for column in ("yellow", "red", "minimum", "maximum"))
        direction, interval = self.values["direction"], numbers["interval_days"]
        if interval is not None and (interval < 1 or interval != int(interval)):
            self.fault("interval", "间隔应为 1 天以上的整数", "the interval must be a whole number of days, 1 or more")
        if kind in ("last_date", "start_date") and direction == "lower_worse":
            self.fault("direction", "天数类只能是 higher_worse", "days can only be higher_worse")
        if yellow is None or red is None:
            return
        is_ordered = yellow < red if direction == "higher_worse" else yellow > red
        if direction in get_args(Direction) and not is_ordered:
            self.fault(
                "order",
                f"黄线 {yellow:g}、红线 {red:g} 与 {direction} 相反",
                f"yellow {yellow:g} and red {red:g} contradict {direction}",
            )
        if low is not None and high is not None and not (low <= min(yellow, red) and max(yellow, red) <= high):
            self.fault(
                "range",
                f"取值范围 {low:g}–{high:g} 不含红黄线",
                f"the range {low:g} to {high:g} does not hold the thresholds",
            )

    def lead_departments(self, known: Set[str]) -> tuple[str, ...]:
        leads = tuple(self.values["lead_departments"].split(";"))
        for short in leads:
            if short not in known:
                self.fault("department", f"没有部门“{short}”", f'no department "{short}"')
        return leads


def _indicator(row: Row, numbers: dict[str, float | None], leads: tuple[str, ...]) -> Indicator:
    values = row.values
    interval, weight = numbers["interval_days"], numbers["weight"]
    return Indicator(
        code=values["code"],
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        measure_zh=values["measure_zh"],
        measure_en=values["measure_en"],
        unit=values["unit"],
        unit_en=values["unit_en"],
        kind=cast(Kind, values["kind"]),
        direction=cast(Direction, values["direction"]) if values["direction"] else None,
        yellow=numbers["yellow"],
        red=numbers["red"],
        no_light=cast(Literal["yellow", "red"], values["no_light"]) if values["no_light"] else None,
        minimum=numbers["minimum"],
        maximum=numbers["maximum"],
        interval_days=None if interval is None else int(interval),
        lead_departments=leads,
        weight=weight or 0.0,
        yellow_origin=cast(Origin, values["yellow_origin"]) if values["yellow_origin"] else None,
        red_origin=cast(Origin, values["red_origin"]) if values["red_origin"] else None,
        source_zh=values["source_zh"],
        plain_words=tuple(word for cell in values.get("plain_words", "").split(";") if (word := cell.strip())),
    )
