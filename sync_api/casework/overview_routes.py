"""How a division's lamps stand beside yesterday, by week, and its parts beside one another: the leaders' overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import Cell, Format, Language, columns, sheet

TURNED_COLUMNS: Final = (
    *(("序号", "No."), ("县区", "County"), ("乡镇", "Township"), ("村", "Village"), ("代码", "Code")),
    *(("指标", "Indicator"), ("名称", "Name")),
)
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


class OverviewController(Controller):
    path = "/casework/overview"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="overview", dependencies=OF_DIVISION)
    async def overview(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Overview:
        """What turned red today, yellow and red by week, and the divisions right below beside one another. 503 while
        the gateway still reads."""
        return await _overview(gateway, request, division)

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
        found = await _overview(gateway, request, division)
        catalogue = (await gateway.installation.setup()).rulebook.catalogue
        rows: list[list[Cell]] = [
            [number, *one.place, one.village, one.indicator, _name(catalogue, one.indicator, language)]
            for number, one in enumerate(found.turned_red, 1)
        ]
        return sheet("turned_red", columns(language, TURNED_COLUMNS), rows, form)


async def _overview(gateway: Gateway, request: SessionRequest, division: Division) -> Overview:
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
    return Overview(
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
        weeks=_together(known) if len(known) == len(told) and division.level != "village" else [],
        parts=list(_parts(division, lights, told, desk)),
    )


Told = Mapping[str, Weeks | None]


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


def _together(known: Sequence[Weeks]) -> list[LampWeek]:
    """The sums of townships, of the weeks that all of them have."""
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


def _red_before(told: Sequence[Weeks | None]) -> int | None:
    known = [one for one in told if one is not None]
    weeks = _together(known) if known and len(known) == len(told) else []
    return weeks[-_WEEKS_BACK].red if len(weeks) >= _WEEKS_BACK else None


def _name(catalogue: Catalogue, code: str, language: Language) -> str:
    known = catalogue.indicators[catalogue.index[code]]
    return known.name_en if language == "en" else known.name_zh
