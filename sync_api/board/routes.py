"""The board: what is lit in a division, and the stream of what changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

import msgspec
from litestar import Controller, Response, get
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage

from models.divisions import Division, Register
from models.documents import OpenCase
from models.ids import database_of, division_prefix, is_division_code, office_scope
from sync_api.access.gate import Watch
from sync_api.board.history import VillageHistory, village_history
from sync_api.board.state import BoardState, LampChange
from sync_api.errors import Forbidden, NotFound, StillReading, Unauthorized
from sync_api.parts import Parts, SessionRequest, requires_session
from sync_api.stored import readable

#: A page that has heard nothing for two beats says that it may be out of date.
BEAT_S: Final = 10.0


class DivisionView(msgspec.Struct):
    code: str
    name: str
    level: str


class DivisionTree(DivisionView):
    ancestors: list[DivisionView]
    children: list[DivisionView]


class Board(msgspec.Struct):
    """All lamps of a division. ``divisions`` are all below it by code (itself, if it is a village); ``lights`` holds
    the lamps of its villages end to end, in that order. ``event_id`` is where the stream goes on; ``changes``: the
    newest that this gateway saw."""

    division: DivisionView
    ancestors: list[DivisionView]
    as_of: datetime
    simulated: bool
    catalogue: str
    policy: str
    event_id: str
    divisions: list[tuple[str, str]]
    lights: str
    cases: list[OpenCase]
    changes: list[LampChange]


class AssignedOpenCase(OpenCase, kw_only=True):
    """An open case and where it lies: ``place`` has the names of county, township and village."""

    village: str
    place: list[str]


class AssignedCases(msgspec.Struct):
    """What a department has to do: its open cases, the overdue first, then by deadline. ``assigned`` counts the
    cleared ones, too."""

    as_of: datetime
    simulated: bool
    catalogue: str
    assigned: int
    cases: list[AssignedOpenCase]


def _view(division: Division) -> DivisionView:
    return DivisionView(division.code, division.name, division.level)


def _ancestors(register: Register, division: Division) -> list[DivisionView]:
    found: list[DivisionView] = []
    parent = register.divisions.get(division.parent)
    while parent is not None:
        found.insert(0, _view(parent))
        parent = register.divisions.get(parent.parent)
    return found


def find_division(register: Register, code: str) -> Division:
    """Raises ``NotFound``."""
    division = register.divisions.get(code) if is_division_code(code) else None
    if division is None:
        raise NotFound("no_such_division", f"没有区划 {code[:12]}。", f"There is no division {code[:12]!r}.")
    return division


def require_loaded(board: BoardState, villages: Iterable[str]) -> None:
    """Raises ``StillReading`` while the lamps of the villages are not all read yet."""
    if not board.is_loaded({database_of(v) for v in villages}):
        raise StillReading("看板", "the board")


async def provide_division(request: SessionRequest, code: FromPath[str], gateway: Parts) -> Division:
    """The division of the path, if its board is the user's to see. Raises ``NotFound`` or ``Forbidden``."""
    division = find_division((await gateway.installation.setup()).register, code)
    if not request.user.account.board_scope().allows(division_prefix(code)):
        raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
    return division


class BoardController(Controller):
    path = "/board/{code:str}"
    tags = ("board",)
    guards = (requires_session,)
    dependencies = {"division": Provide(provide_division)}  # noqa: RUF012

    @get("/", operation_id="board", response_headers=[ResponseHeader(name="Cache-Control", value="no-store")])
    async def board(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Board:
        """All lamps of the division as they stand; of a village also the open cases that the account may see. 503
        while the gateway still reads them."""
        setup, account = await gateway.installation.setup(), request.user.account
        board, register, rulebook = gateway.board, setup.register, setup.rulebook
        villages = register.villages[register.villages_in(division.code)]
        require_loaded(board, villages)
        below = [d for d in register.divisions.values() if d.code.startswith(division.code)]
        listed = below if division.level == "village" else [d for d in below if d.code != division.code]
        return Board(
            division=_view(division),
            ancestors=_ancestors(register, division),
            as_of=gateway.clock(),
            simulated=rulebook.is_simulated,
            catalogue=rulebook.catalogue.version,
            policy=rulebook.policy.version,
            event_id=f"{board.epoch}-{board.number}",
            divisions=[(d.code, d.name) for d in sorted(listed, key=lambda d: d.code)],
            lights=board.letters(villages, len(rulebook.catalogue.indicators)),
            cases=[one for one in board.cases(division.code) if account.may_see_case(division.code, one.case)],
            changes=board.newest_lamps(division.code),
        )

    @get("/history", operation_id="villageHistory")
    async def history(
        self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts
    ) -> VillageHistory:
        """The lamps of a village over the last twelve months, and why each of them changed, as far as the reader may
        know. 404 ``no_village`` for a division that is none."""
        if division.level != "village":
            raise NotFound("no_village", "只有村才有灯的来历。", "Only a village's lamps have a history.")
        [(start, end)] = office_scope([division.code]).key_ranges()
        rows = await gateway.couch.range_of(database_of(division.code), start, end, include_docs=True)
        account = request.user.account
        return village_history(
            division.code,
            list(readable(rows)),
            await gateway.installation.setup(),
            request.user.scope,
            may_open=account.role != "informant",
            now=gateway.clock(),
        )

    @get("/events", operation_id="boardEvents")
    async def events(
        self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts
    ) -> ServerSentEvent:
        """Changes as they come; resumes by ``Last-Event-ID``. ``reset`` says: fetch the board again."""
        last = request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return ServerSentEvent(
            _stream(gateway.board, division.code, str(last), gateway.gate.watch(request.user)), headers=headers
        )


@get("/cases", operation_id="assignedCases", tags=["board"], guards=[requires_session])
async def assigned_cases(request: SessionRequest, gateway: Parts) -> AssignedCases:
    """The open cases that are assigned to the account; none, for whoever is no department. 503 as for the board."""
    setup, board, account = await gateway.installation.setup(), gateway.board, request.user.account
    register = setup.register
    assigned = {(c.division, c.case) for c in account.cases if c.division in register.divisions}
    villages = {village for village, _ in assigned}
    require_loaded(board, villages)
    found = [
        AssignedOpenCase(**msgspec.structs.asdict(one), village=village, place=_place(register, village))
        for village in villages
        for one in board.cases(village)
        if (village, one.case) in assigned
    ]
    return AssignedCases(
        as_of=gateway.clock(),
        simulated=setup.rulebook.is_simulated,
        catalogue=setup.rulebook.catalogue.version,
        assigned=len(assigned),
        cases=sorted(found, key=lambda one: (not one.is_overdue, one.due, one.case)),
    )


def _place(register: Register, village: str) -> list[str]:
    """The names of county, township and village."""
    division = register.divisions[village]
    return [*(above.name for above in _ancestors(register, division)[1:]), division.name]


@get("/divisions/{code:str}", operation_id="division", tags=["board"], guards=[requires_session])
async def division(code: FromPath[str], gateway: Parts) -> DivisionTree:
    """A division with those above it and right below it. The register is public data."""
    register = (await gateway.installation.setup()).register
    found = find_division(register, code)
    return DivisionTree(
        code=found.code,
        name=found.name,
        level=found.level,
        ancestors=_ancestors(register, found),
        children=[_view(register.divisions[c]) for c in register.children.get(code, ())],
    )


@get("/divisions/{code:str}/below", operation_id="divisionsBelow", tags=["board"], guards=[requires_session])
async def divisions_below(code: FromPath[str], gateway: Parts) -> dict[str, str]:
    """The names of all divisions below one, by code: by them a tablet finds a village without a network."""
    register = (await gateway.installation.setup()).register
    find_division(register, code)
    return {d.code: d.name for d in register.divisions.values() if d.code.startswith(code) and d.code != code}


@get("/catalogue", operation_id="catalogue", tags=["board"], guards=[requires_session])
async def catalogue(gateway: Parts) -> Response[bytes]:
    """The indicator catalogue in force, whole."""
    edition = (await gateway.installation.setup()).rulebook.catalogue
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{edition.version}"'}
    return Response(edition.to_json(), media_type="application/json", headers=headers)


async def _stream(
    board: BoardState, prefix: str, last_event_id: str, watch: Watch
) -> AsyncIterator[ServerSentEventMessage]:
    """Until the gateway stops or the session ends."""
    epoch, _, text = last_event_id.rpartition("-")
    number = board.number
    if last_event_id:
        is_ours = epoch == board.epoch and text.isascii() and text.isdigit()
        number = int(text) if is_ours else -1
    with board.watching() as changed:
        while not board.is_stopping:
            try:
                watch.check()
            except Unauthorized:
                return  # the browser asks again and is told why
            changed.clear()
            found = board.changes_after(number, prefix) if number >= 0 else None
            number = board.number
            if found is None:
                yield ServerSentEventMessage(event="reset", data="{}", id=f"{board.epoch}-{number}")
            for change in found or ():
                data = msgspec.json.encode({"village": change.village, "lights": change.lights, "at": change.at})
                yield ServerSentEventMessage(event="lights", data=data.decode(), id=f"{board.epoch}-{change.number}")
            try:
                await asyncio.wait_for(changed.wait(), BEAT_S)
            except TimeoutError:
                yield ServerSentEventMessage(event="beat", data="{}", id=f"{board.epoch}-{number}")
