"""What a catalogue is made of: categories, items, departments, indicators, as the office writes them."""

from typing import Literal

import msgspec

Kind = Literal["number", "yesno", "cases", "last_date", "start_date"]
Direction = Literal["higher_worse", "lower_worse"]
#: Units of things that are counted one by one.
_COUNTED = frozenset({"个", "人", "件", "项", "处", "宗", "批", "次"})
Origin = Literal["law", "norm", "to_check", "local_policy"]


class Item(msgspec.Struct, frozen=True):
    """One of the 30 items; `named_by` tells the source's names from the one that we had to find."""

    code: str
    name_zh: str
    name_en: str
    named_by: Literal["source", "ours"]


class Category(msgspec.Struct, frozen=True):
    code: str
    name_zh: str
    name_en: str
    items: tuple[Item, ...]


class Department(msgspec.Struct, frozen=True):
    short: str
    name_zh: str
    name_en: str


class Indicator(msgspec.Struct, frozen=True):
    """One of the 90. Thresholds are the last permitted value; see the head of frame.toml for how they are read."""

    code: str
    name_zh: str
    name_en: str
    measure_zh: str
    measure_en: str
    unit: str
    unit_en: str
    kind: Kind
    direction: Direction | None
    yellow: float | None
    red: float | None
    no_light: Literal["yellow", "red"] | None
    minimum: float | None
    maximum: float | None
    interval_days: int | None
    lead_departments: tuple[str, ...]
    weight: float
    yellow_origin: Origin | None
    red_origin: Origin | None
    source_zh: str
    #: By which people look for it besides its name and measure, in either language; they say nothing of its light.
    plain_words: tuple[str, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether its readings count things, so that only whole numbers make sense."""
        return self.kind == "number" and self.unit in _COUNTED

    @property
    def item(self) -> str:
        return self.code.rpartition(".")[0]

    @property
    def category(self) -> str:
        return self.code[0]
