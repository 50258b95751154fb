"""One edition of the catalogue, and its rules as arrays for the light function."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.catalogue.indicators import Category, Department, Indicator, Item, Kind
from models.catalogue.readings import ReadingError, encode_reading
from models.documents import ReadingValue

KIND_NUMBER, KIND_YESNO, KIND_CASES, KIND_LAST_DATE, KIND_START_DATE = range(5)
KIND_CODES: Mapping[Kind, int] = MappingProxyType(
    {
        "number": KIND_NUMBER,
        "yesno": KIND_YESNO,
        "cases": KIND_CASES,
        "last_date": KIND_LAST_DATE,
        "start_date": KIND_START_DATE,
    }
)
# The same codes as the lights of models/lights.py: 2 yellow, 3 red; 0 where "no" gives no light of its own.
NO_LIGHT_CODES: Mapping[str | None, int] = MappingProxyType({None: 0, "yellow": 2, "red": 3})


@dataclass(frozen=True)
class Rules:
    """The catalogue as read-only arrays, all of shape (n_indicators,), in catalogue order.

    `sign` is +1 where higher is worse, -1 where lower is; `yellow` and `red` are NaN where there is no such
    threshold; `no_light` is 2 (yellow), 3 (red) or 0; `interval_days` is NaN for `cases`; `item` and `category`
    are positions (0..29, 0..4).
    """

    kind: NDArray[np.uint8]
    sign: NDArray[np.float64]
    yellow: NDArray[np.float64]
    red: NDArray[np.float64]
    no_light: NDArray[np.uint8]
    interval_days: NDArray[np.float64]
    item: NDArray[np.intp]
    category: NDArray[np.intp]
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class Catalogue:
    """One edition; `indicators` are in the order of their codes, whatever the order of the file's lines."""

    version: str
    categories: tuple[Category, ...]
    departments: tuple[Department, ...]
    indicators: tuple[Indicator, ...]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each indicator code in catalogue order."""
        return MappingProxyType({indicator.code: at for at, indicator in enumerate(self.indicators)})

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for category in self.categories for item in category.items)

    @cached_property
    def department_names(self) -> frozenset[str]:
        """The short names, by which cases name departments."""
        return frozenset(department.short for department in self.departments)

    @cached_property
    def rules(self) -> Rules:
        return _rules(self)

    def encode_reading(self, code: str, value: ReadingValue) -> float:
        """`readings.encode_reading` by indicator code; an unknown code is a ReadingError too."""
        at = self.index.get(code)
        if at is None:
            raise ReadingError(f"{code}：指标体系 {self.version} 中没有", f"{code}: not in catalogue {self.version}")
        return encode_reading(self.indicators[at], value)

    def to_json(self) -> bytes:
        """The whole edition as UTF-8 JSON, for `d110 catalogue --json` and the pages."""
        return msgspec.json.encode(
            {
                "version": self.version,
                "categories": self.categories,
                "departments": self.departments,
                "indicators": [msgspec.to_builtins(i) | {"is_count": i.is_count} for i in self.indicators],
            }
        )


def _rules(catalogue: Catalogue) -> Rules:
    indicators = catalogue.indicators
    items = {item.code: at for at, item in enumerate(catalogue.items)}
    categories = {category.code: at for at, category in enumerate(catalogue.categories)}
    rules = Rules(
        kind=np.array([KIND_CODES[i.kind] for i in indicators], dtype=np.uint8),
        sign=np.array([-1.0 if i.direction == "lower_worse" else 1.0 for i in indicators]),
        yellow=_floats([i.yellow for i in indicators]),
        red=_floats([i.red for i in indicators]),
        no_light=np.array([NO_LIGHT_CODES[i.no_light] for i in indicators], dtype=np.uint8),
        interval_days=_floats([i.interval_days for i in indicators]),
        item=np.array([items[i.item] for i in indicators], dtype=np.intp),
        category=np.array([categories[i.category] for i in indicators], dtype=np.intp),
        weight=np.array([i.weight for i in indicators]),
    )
    for array in vars(rules).values():
        array.flags.writeable = False
    return rules


def _floats(values: list[float | None] | list[int | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
