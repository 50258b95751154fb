"""The figures of a division and a period, and what each of them counts."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from models import calendar
from models.divisions import Division
from models.documents import Decision
from models.ids import OWNER_OF_KIND, parse_id
from models.statistics import FIGURES, Count, Happening, Thing, figure_words, statistics, things_behind
from sync_api.board.routes import provide_division
from sync_api.casework.book import Matter
from sync_api.casework.desk import Desk, open_desk
from sync_api.casework.views import CaseView, place_of
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.evaluation.reading import last_two_grades
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import Asked, Cell, Format, Language, period, sheet

#: The division of the path, if it is the user's to look at.
OF_DIVISION: Final = {"division": Provide(provide_division)}
#: Rows of one page of what a figure counts.
PAGE_ROWS: Final = 100
STATISTICS_COLUMNS: Final = (("项目", "Figure"), ("数量", "Number"))
BEHIND_COLUMNS: Final = (
    *(("序号", "No."), ("地方", "Place"), ("代码", "Code"), ("日期", "Day"), ("项目", "Topic"), ("计数", "Counts")),
    *(("计量单位", "Unit"), ("事项", "Case"), ("事件编号", "Ids of the events")),
)


class Figure(msgspec.Struct):
    """A figure of the period; ``number`` is null where what it is made from is not there."""

    name: str
    zh: str
    en: str
    number: float | None


class Figures(msgspec.Struct):
    """``until``: today, if what was asked for lies later; ``watched_since``: the day from which on there can be
    anything."""

    division: str
    division_name: str
    since: date
    until: date
    watched_since: date
    as_of: datetime
    simulated: bool
    figures: list[Figure]


class ThingView(msgspec.Struct):
    """One thing that a figure counts, by ``amount``; ``place``: the names of county, township and village, or of the
    division; ``case``: as it stands now, where the figure counts cases; ``ids`` of the events behind it, without the
    alias of who wrote it (``-``) where the reader is no office."""

    division: str
    place: list[str]
    day: date | None
    amount: float
    topic: str
    unit: str
    case: CaseView | None
    ids: list[str]


class Behind(msgspec.Struct):
    """What a figure counts, the newest first: ``count`` of them in all, whose amounts add up to its number; ``rows``
    from ``offset`` on."""

    as_of: datetime
    simulated: bool
    catalogue: str
    division: str
    division_name: str
    since: date
    until: date
    figure: Figure
    count: int
    offset: int
    rows: list[ThingView]


class FiguresController(Controller):
    path = "/casework"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/statistics/{code:str}", operation_id="statistics", dependencies=OF_DIVISION)
    async def figures(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        gateway: Parts,
        since: FromQuery[date],
        until: FromQuery[date],
    ) -> Figures:
        """The figures of a division and a period, both days in it."""
        return await _figures(gateway, await _desk(gateway, request, division), division, since, until)

    @get("/statistics/{code:str}/{form:str}", operation_id="statisticsFile", dependencies=OF_DIVISION)
    async def figures_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        since: FromQuery[date],
        until: FromQuery[date],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        desk = await _desk(gateway, request, division)
        found = await _figures(gateway, desk, division, since, until)
        rows: list[list[Cell]] = [[one.en if language == "en" else one.zh, one.number] for one in found.figures]
        asked = period(found.since, found.until)
        about = desk.about("statistics", ("统计", "Statistics"), division.code, asked)
        return sheet(about, STATISTICS_COLUMNS, rows, form, language)

    @get("/behind/{code:str}", operation_id="behindFigure", dependencies=OF_DIVISION)
    async def behind(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        gateway: Parts,
        since: FromQuery[date],
        until: FromQuery[date],
        figure: FromQuery[str],
        offset: Annotated[int, QueryParameter(ge=0, le=10**9)] = 0,
    ) -> Behind:
        """What a figure counts, a page of it. 404 ``no_such_figure``."""
        desk = await _desk(gateway, request, division)
        count, things = await _things(gateway, desk, division, since, until, figure)
        return Behind(
            as_of=desk.now,
            simulated=desk.setup.rulebook.is_simulated,
            catalogue=desk.setup.rulebook.catalogue.version,
            division=division.code,
            division_name=division.name,
            since=since,
            until=min(until, calendar.day_of(desk.today)),
            figure=Figure(figure, *figure_words(figure, desk.setup.rulebook.catalogue), count.number),
            count=len(things),
            offset=offset,
            rows=_views(desk, things[offset : offset + PAGE_ROWS]),
        )

    @get("/behind/{code:str}/{form:str}", operation_id="behindFigureFile", dependencies=OF_DIVISION)
    async def behind_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        since: FromQuery[date],
        until: FromQuery[date],
        figure: FromQuery[str],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All that a figure counts, as a file, .xlsx or .csv."""
        desk = await _desk(gateway, request, division)
        _, things = await _things(gateway, desk, division, since, until, figure)

        def work() -> Response[bytes]:
            rows = [_row(number, one) for number, one in enumerate(_views(desk, things), 1)]
            named = Asked(figure_words(figure, desk.setup.rulebook.catalogue), figure)
            asked = (named, *period(since, min(until, calendar.day_of(desk.today))))
            about = desk.about("behind", ("明细", "Behind"), division.code, asked)
            return sheet(about, BEHIND_COLUMNS, rows, form, language)

        return await asyncio.to_thread(work)


def no_departments(desk: Desk) -> None:
    """A department sees the cases assigned to it, and nothing else of a village."""
    if desk.account.role == "department":
        raise Forbidden("offices_only", "只有管理站、管理中心可以查看。", "This is for stations and centres.")


async def _desk(gateway: Gateway, request: SessionRequest, division: Division) -> Desk:
    desk = await open_desk(gateway, request, division.code)
    no_departments(desk)
    return desk


async def _counts(
    gateway: Gateway, desk: Desk, division: Division, since: date, until: date
) -> tuple[dict[str, Count], list[Happening]]:
    """All figures, and what they were made from. Raises ``BadRequest``."""
    if since > until or calendar.epoch_day(since) > desk.today:
        # nothing is known of days to come
        zh, en = "首日晚于末日或今天。", "The first day lies after the last one or today."
        raise BadRequest("bad_period", zh, en)
    first, last = calendar.epoch_day(since), min(calendar.epoch_day(until), desk.today)
    # both at once: what is heard from now on is in neither
    heard = gateway.book.happenings((division.code,))
    register = desk.setup.register
    folded = gateway.book.folded(gateway.book.of(register.villages[register.villages_in(division.code)]))
    decisions = gateway.book.kept(Decision, (division.code,))
    grades = await last_two_grades(gateway.couch, desk.setup, division.code, (first, last), decisions)
    policy = desk.setup.rulebook.policy
    return await asyncio.to_thread(statistics, heard, division.code, first, last, policy, grades, folded), heard


async def _figures(gateway: Gateway, desk: Desk, division: Division, since: date, until: date) -> Figures:
    counts, _ = await _counts(gateway, desk, division, since, until)
    catalogue = desk.setup.rulebook.catalogue
    return Figures(
        division=division.code,
        division_name=division.name,
        since=since,
        until=min(until, calendar.day_of(desk.today)),
        watched_since=calendar.day_of(desk.setup.rulebook.watched_since),
        as_of=desk.now,
        simulated=desk.setup.rulebook.is_simulated,
        figures=[Figure(name, *figure_words(name, catalogue), count.number) for name, count in counts.items()],
    )


async def _things(
    gateway: Gateway, desk: Desk, division: Division, since: date, until: date, figure: str
) -> tuple[Count, list[Thing]]:
    """A figure and what it counts; a part that there is nothing of is none. Raises ``NotFound``, ``BadRequest``."""
    if figure.partition(":")[0] not in FIGURES:
        raise NotFound("no_such_figure", "没有这一项统计。", "There is no such figure.")
    counts, heard = await _counts(gateway, desk, division, since, until)
    count = counts.get(figure, Count(0))
    return count, await asyncio.to_thread(things_behind, figure, count, heard)


def _views(desk: Desk, things: list[Thing]) -> list[ThingView]:
    matters = {(matter.case.village, matter.case.case): matter for matter in desk.matters}
    return [_view(desk, one, matters.get((one.division, one.case or ""))) for one in things]


def _view(desk: Desk, one: Thing, matter: Matter | None) -> ThingView:
    register = desk.setup.register
    return ThingView(
        division=one.division,
        place=place_of(register, one.division) or [one.division],
        day=None if one.day is None else calendar.day_of(one.day),
        amount=one.amount,
        topic=one.topic,
        unit=one.unit,
        case=None if matter is None else desk.view(matter),
        ids=[_id_for(desk, identity) for identity in one.ids],
    )


def _id_for(desk: Desk, identity: str) -> str:
    """An informant's alias is for offices: others find an event by what else its id says."""
    parsed = parse_id(identity)
    is_named = parsed.owner is not None and OWNER_OF_KIND[parsed.kind] in ("author", "addressee")
    return identity if desk.account.is_office or not is_named else str(msgspec.structs.replace(parsed, owner="-"))


def _row(number: int, one: ThingView) -> list[Cell]:
    """In the order of ``BEHIND_COLUMNS``."""
    case, text = (one.case.case, one.case.text) if one.case is not None else ("", "")
    place, topic, ids = " ".join(one.place), one.topic or text, " ".join(one.ids)
    return [number, place, one.division, one.day, topic, one.amount, one.unit, case, ids]
