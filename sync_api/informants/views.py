"""What the pages about informants show, and the columns of their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from models.divisions import Register
from models.ids import CODE_LENGTHS
from models.informants import AllowanceRow, Covered, VillageCoverage
from sync_api.casework.views import place_words
from sync_api.sheets import Cell, Language


class PlaceView(msgspec.Struct):
    """A natural village."""

    name: str
    households: int
    people: int
    required: int
    appointed: int
    lacking: int


class CoverageRow(msgspec.Struct):
    """A village, or the villages of a township added up. ``unknown``: villages whose natural villages nobody has
    entered yet: all that is known is that each needs somebody; ``unwatched``: those of them where nobody is appointed.
    Of the others ``natural_villages``, and ``blind``: those that nobody covers, and the people who live there."""

    division: str
    name: str
    villages: int
    unknown: int
    unwatched: int
    weak: int
    natural_villages: int
    people: int
    blind: int
    blind_people: int
    required: int
    heads: int
    lacking: int
    places: list[PlaceView] = []


class InformantView(msgspec.Struct, kw_only=True):
    """``account``: whether there is one (those who were only simulated have none); ``is_named``: the office has written
    down who it is; ``suspended_until``: the last day of a suspension, while one lasts; ``pledge``: the id of the last
    word on the pledge that runs longest."""

    alias: str
    village: str
    village_name: str
    since: date
    natural_villages: tuple[str, ...]
    households: int
    account: Literal["open", "closed", "none"]
    is_named: bool
    pledged_until: date | None
    pledge: str | None
    may_correct_pledge: bool
    trainings: int
    suspended_until: date | None


class AccountWaiting(msgspec.Struct):
    """An informant's account that nobody is appointed for."""

    alias: str
    village: str
    village_name: str


class InformantPage(msgspec.Struct, kw_only=True):
    """``informants`` and ``waiting`` are for the station that appoints; others see counts and coverage."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    is_station: bool
    total: CoverageRow
    coverage: list[CoverageRow]
    informants: list[InformantView]
    waiting: list[AccountWaiting]


class TrainingView(msgspec.Struct, kw_only=True):
    """``attended``: heads; ``informants`` among them and the ``author``, by alias, for the station that appoints."""

    id: str
    on: date
    division: str
    division_name: str
    topic: str
    attended: int
    informants: list[str]
    author: str
    is_corrected: bool
    may_correct: bool


class TrainingList(msgspec.Struct, kw_only=True):
    """``count`` and heads that ``attended`` in all; ``rows`` from ``offset`` on."""

    as_of: datetime
    simulated: bool
    count: int
    attended: int
    offset: int
    rows: list[TrainingView]


class AllowanceView(msgspec.Struct, kw_only=True):
    """Yuan. ``ids`` of the events behind the row."""

    alias: str
    village: str
    village_name: str
    days: int
    base: float
    trainings: int
    supplement: float
    withheld: float
    total: float
    ids: tuple[str, ...]


class AllowanceSheet(msgspec.Struct, kw_only=True):
    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    month: str
    month_days: int
    monthly_yuan: float
    training_yuan: float
    rows: list[AllowanceView]
    total: float


REGISTER_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("代号", "Alias"),
    ("村", "Village"),
    ("代码", "Code"),
    ("聘任日期", "Since"),
    ("自然村", "Natural villages"),
    ("联系户数", "Households"),
    ("责任书至", "Pledged until"),
    ("参训次数", "Trainings"),
    ("账号在用", "Account open"),
    ("停岗至", "Suspended until"),
)
TRAINING_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("日期", "On"),
    ("单位", "Division"),
    ("代码", "Code"),
    ("主题", "Topic"),
    ("参加人数", "Attended"),
    ("参训信息员", "Informants"),
    ("登记人", "Entered by"),
)
COVERAGE_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("单位", "Division"),
    ("代码", "Code"),
    ("自然村", "Natural village"),
    ("户数", "Households"),
    ("人口", "People"),
    ("应配（至少）", "Required (at least)"),
    ("已配", "Appointed"),
    ("缺", "Lacking"),
    ("盲区自然村", "Blind spots"),
    ("尚未登记自然村的村", "Villages without natural villages entered yet"),
)
ALLOWANCE_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("代号", "Alias"),
    ("村", "Village"),
    ("代码", "Code"),
    ("在岗天数", "Days held"),
    ("补贴", "Allowance"),
    ("参训次数", "Trainings"),
    ("培训补助", "Supplement"),
    ("扣发", "Withheld"),
    ("实发", "Paid"),
    ("依据", "Events"),
)


def coverage_rows(covered: Sequence[VillageCoverage], register: Register, division: str) -> list[CoverageRow]:
    """Of a township each village, of a county its townships added up."""
    if len(division) == CODE_LENGTHS["township"]:
        return [coverage_row(one.village, [one], register, with_places=True) for one in covered]
    of_township: dict[str, list[VillageCoverage]] = defaultdict(list)
    for one in covered:
        of_township[one.village[: CODE_LENGTHS["township"]]].append(one)
    return [coverage_row(code, of, register) for code, of in sorted(of_township.items())]


def coverage_row(
    code: str, covered: Sequence[VillageCoverage], register: Register, *, with_places: bool = False
) -> CoverageRow:
    """Villages added up under the name of a division."""
    blind = [place for one in covered for place in one.natural_villages if place.is_blind]
    return CoverageRow(
        division=code,
        name=register.divisions[code].name,
        villages=len(covered),
        unknown=sum(not one.is_known for one in covered),
        unwatched=sum(one.is_unwatched for one in covered),
        weak=sum(one.is_weak for one in covered),
        natural_villages=sum(len(one.natural_villages) for one in covered),
        people=sum(one.people for one in covered),
        blind=len(blind),
        blind_people=sum(place.people for place in blind),
        required=sum(one.required for one in covered),
        heads=sum(one.heads for one in covered),
        lacking=sum(one.lacking for one in covered),
        places=[_place(place) for one in covered for place in one.natural_villages] if with_places else [],
    )


def _place(one: Covered) -> PlaceView:
    return PlaceView(one.name, one.households, one.people, one.required, one.appointed, one.lacking)


def coverage_cells(rows: Sequence[CoverageRow], total: CoverageRow, language: Language) -> list[list[Cell]]:
    """Each division, below it its natural villages, and the sum; nothing is said of what nobody has entered."""
    cells: list[list[Cell]] = []
    for row in rows:
        cells.append([row.name, row.division, *_coverage_sums(row)])
        cells += [[row.name, row.division, *_of_place(one)] for one in row.places]
    return [*cells, ["total" if language == "en" else "合计", None, *_coverage_sums(total)]]


def _of_place(one: PlaceView) -> list[Cell]:
    return [one.name, one.households, one.people, one.required, one.appointed, one.lacking, None, None]


def _coverage_sums(row: CoverageRow) -> list[Cell]:
    is_known = row.unknown < row.villages
    people, blind = (row.people, row.blind) if is_known else (None, None)
    return [None, None, people, row.required, row.heads, row.lacking, blind, row.unknown]


def allowance_view(row: AllowanceRow, register: Register) -> AllowanceView:
    return AllowanceView(
        alias=row.alias,
        village=row.village,
        village_name=register.divisions[row.village].name,
        days=row.days,
        base=row.base / 100,
        trainings=row.trainings,
        supplement=row.supplement / 100,
        withheld=row.withheld / 100,
        total=row.total / 100,
        ids=row.ids,
    )


def allowance_cells(sheet: AllowanceSheet, register: Register, language: Language) -> list[list[Cell]]:
    """A line an informant, and the sum."""
    rows: list[list[Cell]] = []
    for at, one in enumerate(sheet.rows, 1):
        sums = (one.base, one.trainings, one.supplement, one.withheld, one.total)
        village = (place_words(register, one.village), one.village)
        rows.append([at, one.alias, *village, one.days, *sums, " ".join(one.ids)])
    said = "total" if language == "en" else "合计"
    return [*rows, [None, said, *[None] * 7, sheet.total, None]]
