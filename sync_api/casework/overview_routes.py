"""How a division's lamps stand beside yesterday, by week, and its parts beside one another: the leaders' overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Final

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from models.catalogue import Catalogue
from models.divisions import Division, Register
from models.documents import LampWeek, Weeks
from models.ids import CODE_LENGTHS
from models.lights import LETTERS, RED, STALE, YELLOW
from sync_api.board.routes import require_loaded
from sync_api.casework.desk import Desk, open_desk
from sync_api.casework.figure_routes import OF_DIVISION, no_departments
from sync_api.casework.views import place_of
from sync_api.errors import NotFound
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import Asked, Cell, Format, Language, sheet

TURNED_COLUMNS: Final = (
    *(("序号", "No."), ("县区", "County"), ("乡镇", "Township"), ("村", "Village"), ("代码", "Code")),
    *(("指标", "Indicator"), ("名称", "Name")),
)
PARTS_COLUMNS: Final = (
    *(
        ("代码", "Code"),
        ("名称", "Name"),
        ("村数", "Villages"),
        ("红灯", "Red"),
        ("黄灯", "Yellow"),
        ("未报", "Silent"),
    ),
    *(("未了结", "Open"), ("逾期", "Overdue"), ("四周前红灯", "Red four weeks ago")),
)
TREND_COLUMNS: Final = (("截至", "Until"), ("黄灯", "Yellow"), ("红灯", "Red"))
WEEK_COLUMNS: Final = (("代码", "Code"), ("名称", "Name"), ("村数", "Villages"), ("黄灯", "Yellow"), ("红灯", "Red"))
_RED: Final = LETTERS[RED]
#: So many weeks back goes the comparison of parts.
_WEEKS_BACK: Final = 4


class TurnedRed(msgspec.Struct, frozen=True):
    """A lamp that is red and was not when the last day ended; ``place``: names of county, township and village."""

    village: str
    place: list[str]
    indicator: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One of the divisions right below: its lamps that are not green, and its open cases. ``red_before``: red lamps
    when the week four weeks ago ended, null where no night has said so, and of a village."""

    code: str
    name: str
    villages: int
    yellow: int
    red: int
    silent: int
    red_before: int | None
    open: int
    overdue: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """``day``: the day with whose end today is compared, of several townships the oldest one; null where no night has
    run yet, and then nothing ``turned_red``. ``weeks``: the oldest first, and only those that all townships have, none
    of a village; ``untold``: townships of which no night has said anything."""

    as_of: datetime
    simulated: bool
    catalogue: str
    division: str
    division_name: str
    day: date | None
    untold: int
    yellow: int
    red: int
    turned_red: list[TurnedRed]
    weeks: list[LampWeek]
    parts: list[Part]


class WeekPart(msgspec.Struct, frozen=True, kw_only=True):
    """One of the divisions right below: its lamps when a week ended."""

    code: str
    name: str
    villages: int
    yellow: int
    red: int


class OverviewWeek(msgspec.Struct, frozen=True, kw_only=True):
    """A division's lamps when a week ended, and those of its ``parts``, which add up to them."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    until: date
    yellow: int
    red: int
    parts: list[WeekPart]


class OverviewController(Controller):
    path = "/casework/overview"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="overview", dependencies=OF_DIVISION)
    async def overview(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Overview:
        """What turned red today, yellow and red by week, and the divisions right below beside one another. 503 while
        the gateway still reads."""
        return (await _overview(gateway, request, division))[1]

    @get("/{code:str}/{form:str}", operation_id="overviewFile", dependencies=OF_DIVISION)
    async def overview_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """What turned red today, as a file, .xlsx or .csv."""
        desk, found = await _overview(gateway, request, division)
        catalogue = desk.setup.rulebook.catalogue
        rows: list[list[Cell]] = [
            [number, *one.place, one.village, one.indicator, _name(catalogue, one.indicator, language)]
            for number, one in enumerate(found.turned_red, 1)
        ]
        about = desk.about("turned_red", ("今日新亮红灯", "Turned red today"), division.code)
        return sheet(about, TURNED_COLUMNS, rows, form, language)

    @get("/{code:str}/parts/{form:str}", operation_id="overviewPartsFile", dependencies=OF_DIVISION)
    async def parts_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The divisions right below beside one another, as a file, .xlsx or .csv."""
        desk, found = await _overview(gateway, request, division)
        rows: list[list[Cell]] = [
            [one.code, one.name, one.villages, one.red, one.yellow, one.silent, one.open, one.overdue, one.red_before]
            for one in found.parts
        ]
        about = desk.about("parts", ("各地对比", "Compared"), division.code)
        return sheet(about, PARTS_COLUMNS, rows, form, language)

    @get("/{code:str}/trend/{form:str}", operation_id="overviewTrendFile", dependencies=OF_DIVISION)
    async def trend_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """Yellow and red by week, and now, as a file, .xlsx or .csv."""
        desk, found = await _overview(gateway, request, division)
        rows: list[list[Cell]] = [[one.until, one.yellow, one.red] for one in found.weeks]
        about = desk.about("trend", ("黄灯、红灯周走势", "Yellow and red by week"), division.code)
        return sheet(about, TREND_COLUMNS, [*rows, [found.as_of, found.yellow, found.red]], form, language)

    @get("/{code:str}/weeks/{until:str}", operation_id="overviewWeek", dependencies=OF_DIVISION)
    async def week(
        self, request: SessionRequest, division: NamedDependency[Division], until: FromPath[date], gateway: Parts
    ) -> OverviewWeek:
        """The divisions right below at the end of a week. 404 ``no_such_week``; 503 while the gateway still reads."""
        return (await _week(gateway, request, division, until))[1]

    @get("/{code:str}/weeks/{until:str}/{form:str}", operation_id="overviewWeekFile", dependencies=OF_DIVISION)
    async def week_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        until: FromPath[date],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        desk, found = await _week(gateway, request, division, until)
        rows: list[list[Cell]] = [[one.code, one.name, one.villages, one.yellow, one.red] for one in found.parts]
        asked = [Asked((f"截至 {until} 的一周", f"week until {until}"), str(until))]
        about = desk.about("week", ("一周结束时的灯", "Lamps of a week"), division.code, asked)
        return sheet(about, WEEK_COLUMNS, rows, form, language)


async def _overview(gateway: Gateway, request: SessionRequest, division: Division) -> tuple[Desk, Overview]:
    desk = await open_desk(gateway, request, division.code)
    no_departments(desk)
    setup = desk.setup
    register, catalogue = setup.register, setup.rulebook.catalogue
    villages = register.villages[register.villages_in(division.code)]
    require_loaded(gateway.board, villages)
    width = len(catalogue.indicators)
    letters = gateway.board.letters(villages, width)
    lights = {village: letters[at * width : (at + 1) * width] for at, village in enumerate(villages)}
    told = gateway.weeks.of(villages)
    known = [one for one in told.values() if one is not None]
    return desk, Overview(
        as_of=desk.now,
        simulated=setup.rulebook.is_simulated,
        catalogue=catalogue.version,
        division=division.code,
        division_name=division.name,
        day=min((one.day for one in known), default=None),
        untold=len(told) - len(known),
        yellow=letters.count(LETTERS[YELLOW]),
        red=letters.count(_RED),
        turned_red=list(_turned_red(lights, told, catalogue, register)),
        weeks=_together(told.values()) if division.level != "village" else [],
        parts=list(_parts(division, lights, told, desk)),
    )


Told = Mapping[str, Weeks | None]


async def _week(
    gateway: Gateway, request: SessionRequest, division: Division, until: date
) -> tuple[Desk, OverviewWeek]:
    desk = await open_desk(gateway, request, division.code)
    no_departments(desk)
    register = desk.setup.register
    villages = register.villages[register.villages_in(division.code)]
    require_loaded(gateway.board, villages)
    told = gateway.weeks.of(villages)
    whole = _at(told.values(), until) if division.level != "village" else None
    parts = list(_week_parts(division, register, told, until)) if whole is not None else []
    if whole is None or sum(one.yellow + one.red for one in parts) != whole.yellow + whole.red:
        # what an earlier release wrote of a township says nothing of its villages
        zh, en = "没有这一周各地的数据，夜间计算后再看。", "Nothing is held of this week; look again after a night."
        raise NotFound("no_such_week", zh, en)
    return desk, OverviewWeek(
        as_of=desk.now,
        simulated=desk.setup.rulebook.is_simulated,
        division=division.code,
        division_name=division.name,
        until=until,
        yellow=whole.yellow,
        red=whole.red,
        parts=parts,
    )


def _week_parts(division: Division, register: Register, told: Told, until: date) -> Iterator[WeekPart]:
    """In the order of their codes, and only those that have villages; of a week that all townships have."""
    for code in register.children.get(division.code, ()):
        villages = len(register.villages[register.villages_in(code)])
        if division.level == "township":
            yellow, red = _village_at(told[division.code], code, until)
        else:
            week = _at([one for of, one in told.items() if of.startswith(code)], until)
            yellow, red = (0, 0) if week is None else (week.yellow, week.red)
        if villages:
            name = register.divisions[code].name
            yield WeekPart(code=code, name=name, villages=villages, yellow=yellow, red=red)


def _village_at(weeks: Weeks | None, village: str, until: date) -> tuple[int, int]:
    counts = None if weeks is None else weeks.villages.get(village)
    if weeks is None or counts is None:
        return 0, 0
    at = [week.until for week in weeks.weeks].index(until)
    return counts.yellow[at], counts.red[at]


def _at(told: Collection[Weeks | None], until: date) -> LampWeek | None:
    return next((week for week in _together(told) if week.until == until), None)


def _turned_red(lights: Mapping[str, str], told: Told, catalogue: Catalogue, register: Register) -> Iterator[TurnedRed]:
    """In the order of the villages; of a township of which no night has said anything, none."""
    for village, letters in lights.items():
        weeks = told[village[: CODE_LENGTHS["township"]]] if _RED in letters else None
        if weeks is None:
            continue
        before = set(weeks.red.get(village, ()))
        for letter, indicator in zip(letters, catalogue.indicators, strict=True):
            if letter == _RED and indicator.code not in before:
                yield TurnedRed(village, place_of(register, village), indicator.code)


def _together(told: Collection[Weeks | None]) -> list[LampWeek]:
    """The sums of townships, of the weeks that all of them have; none where of one of them nothing is known."""
    known = [one for one in told if one is not None]
    if len(known) < len(told):
        return []
    yellow, red, have = Counter[date](), Counter[date](), Counter[date]()
    for week in (week for one in known for week in one.weeks):
        have[week.until] += 1
        yellow[week.until] += week.yellow
        red[week.until] += week.red
    days = sorted(day for day, count in have.items() if count == len(known))
    return [LampWeek(until=day, yellow=yellow[day], red=red[day]) for day in days]


def _parts(division: Division, lights: Mapping[str, str], told: Told, desk: Desk) -> Iterator[Part]:
    """In the order of their codes, and only those that have villages."""
    register = desk.setup.register
    for code in register.children.get(division.code, ()):
        villages = register.villages[register.villages_in(code)]
        letters = "".join(lights[village] for village in villages)
        cases = [m.case for m in desk.matters if m.case.is_open and m.case.village.startswith(code)]
        if villages:
            yield Part(
                code=code,
                name=register.divisions[code].name,
                villages=len(villages),
                yellow=letters.count(LETTERS[YELLOW]),
                red=letters.count(_RED),
                silent=letters.count(LETTERS[STALE]),
                red_before=_red_before([one for of, one in told.items() if of.startswith(code)]),
                open=len(cases),
                overdue=sum(case.is_overdue(desk.today) for case in cases),
            )


def _red_before(told: Collection[Weeks | None]) -> int | None:
    weeks = _together(told)
    return weeks[-_WEEKS_BACK].red if len(weeks) >= _WEEKS_BACK else None


def _name(catalogue: Catalogue, code: str, language: Language) -> str:
    known = catalogue.indicators[catalogue.index[code]]
    return known.name_en if language == "en" else known.name_zh
