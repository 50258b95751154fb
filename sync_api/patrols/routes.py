"""Patrols: planned, drawn by lot, carried out; and their archive."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models import calendar
from models.divisions import Division
from models.documents import (
    POOL_MAX,
    Inspection,
    Line,
    Patrol,
    ReadingValue,
    Text,
    Ulid,
    VillageCode,
    Words,
    decode_document,
)
from models.ids import IdError, database_of, parse_id
from models.patrols import PatrolState, by_themselves, drawn, patrol_states, tickets
from models.setup import Setup
from sync_api.board.routes import provide_division
from sync_api.casework.desk import Stored, fields_of, new_event, require_sound, store_event
from sync_api.casework.views import place_of, place_words
from sync_api.errors import BadRequest, Conflict, Forbidden, NotFound
from sync_api.joint_work.situation import hard_villages, require_loaded, villages_of
from sync_api.parts import Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.patrols.files import ARCHIVE_COLUMNS, TICKET_COLUMNS, ArchiveWriter
from sync_api.patrols.lots import Witnessed
from sync_api.sheets import About, Asked, Cell, Format, Language, sheet

#: What a lot is drawn from: all villages, or those that need a work team.
Pool = Literal["all", "hard"]
#: Checks beside the patrols that a page lists; the file holds all.
CHECKS_SHOWN: Final = 100


class CheckView(msgspec.Struct):
    """One inspection of a village."""

    id: str
    at: datetime
    author: str
    readings: dict[str, ReadingValue]
    text: str


class LooseView(CheckView):
    """A check that belongs to no patrol on the page: one that came of itself, one of an office above, or one of a
    village that its patrol does not name."""

    village: str
    place: list[str]
    has_patrol: bool


class VisitView(msgspec.Struct):
    """A village that is to be checked, and its inspections."""

    village: str
    place: list[str]
    checks: list[CheckView]


class PatrolView(msgspec.Struct, kw_only=True):
    """``pool``: how many villages the lot is drawn from. ``secret`` and ``word`` are shown with the lot; ``may_draw``:
    the reader may be its witness."""

    id: str
    division: str
    division_name: str
    by_lot: bool
    author: str
    since: date
    until: date
    text: str
    count: int
    pool: int
    commitment: str | None
    secret: str | None
    word: str
    witness: str | None
    is_overdue: bool
    may_draw: bool
    villages: list[VisitView]


class Patrols(msgspec.Struct):
    """The patrols of a division and of those below it, the newest first, and the newest of the ``checks_count`` other
    ``checks``. ``hard``: how many villages need a team."""

    as_of: datetime
    simulated: bool
    catalogue: str
    villages: int
    hard: int
    patrols: list[PatrolView]
    checks_count: int
    checks: list[LooseView]


class CheckMark(msgspec.Struct):
    """That a village was checked, when and by whom."""

    at: datetime
    author: str


class OpenVisit(msgspec.Struct):
    village: str
    checks: list[CheckMark]


class OpenPatrol(msgspec.Struct):
    id: str
    division_name: str
    by_lot: bool
    since: date
    until: date
    text: str
    visits: list[OpenVisit]


class OpenPatrols(msgspec.Struct):
    """The patrols that an inspector may be on the way for, the newest first: all that their tablet keeps of them."""

    simulated: bool
    catalogue: str
    patrols: list[OpenPatrol]


class NewPlan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ulid: Ulid
    division: str
    since: date
    until: date
    villages: Annotated[list[VillageCode], Meta(min_length=1, max_length=POOL_MAX)]
    text: Words


class NewLot(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An announcement. ``within``: of which villages, those of the division itself if unset."""

    ulid: Ulid
    division: str
    since: date
    until: date
    count: Annotated[int, Meta(ge=1, le=POOL_MAX)]
    pool: Pool = "all"
    within: str | None = None
    text: Text = ""


class NewWord(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A witness's word for an announced lot."""

    ulid: Ulid
    about: str
    word: Annotated[str, Meta(pattern=r"[^\W_]", max_length=200)]


class NewInspection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A check of a village. ``patrol``: the one that it belongs to, none for one that came of itself."""

    ulid: Ulid
    village: VillageCode
    patrol: Line | None = None
    readings: dict[str, ReadingValue] = {}
    text: Words
    observed_at: Annotated[datetime, Meta(tz=True)] | None = None


class PatrolsController(Controller):
    path = "/patrols"
    tags = ("patrols",)
    guards = (requires_session,)

    @get("/open", operation_id="openPatrols")
    async def open_patrols(self, request: SessionRequest, gateway: Parts) -> OpenPatrols:
        """The open patrols of the account's divisions, which its tablet keeps. 503 while they are being read."""
        account, setup = offices_only(request), await gateway.installation.setup()
        register, today = setup.register, calendar.local_day(gateway.clock())
        divisions = [register.divisions[code] for code in account.divisions if code in register.divisions]
        patrols = [one for division in divisions for one in _patrols(gateway, request, setup, division)]
        waiting = [state for state in patrol_states(patrols, ()) if state.is_open(today)]
        checks = gateway.book.listed(Inspection, tuple({village for state in waiting for village in state.villages}))
        return OpenPatrols(
            simulated=setup.rulebook.is_simulated,
            catalogue=setup.rulebook.catalogue.version,
            patrols=[_open_view(state, setup) for state in patrol_states(patrols, checks) if state.is_open(today)],
        )

    @get("/{code:str}", operation_id="patrols", dependencies={"division": Provide(provide_division)})
    async def patrols(self, request: SessionRequest, division: NamedDependency[Division], gateway: Parts) -> Patrols:
        """What is to be checked, and what came of it. 503 while it is being read."""
        setup = await gateway.installation.setup()
        states = _states(gateway, request, setup, division)
        alone = by_themselves(gateway.book.listed(Inspection, (division.code,)), states)
        return Patrols(
            as_of=gateway.clock(),
            simulated=setup.rulebook.is_simulated,
            catalogue=setup.rulebook.catalogue.version,
            villages=len(villages_of(setup, division.code)),
            hard=len(hard_villages(gateway, setup, division.code)),
            patrols=[_view(state, request, setup, calendar.local_day(gateway.clock())) for state in states],
            checks_count=len(alone),
            checks=[_loose(one, setup) for one in alone[:CHECKS_SHOWN]],
        )

    @get("/{code:str}/{form:str}", operation_id="patrolsFile", dependencies={"division": Provide(provide_division)})
    async def patrols_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The archive as a file: a line for each village that was to be checked, and for each check, those that belong
        to no patrol too."""
        setup = await gateway.installation.setup()
        states = _states(gateway, request, setup, division)
        alone = by_themselves(gateway.book.listed(Inspection, (division.code,)), states)
        writer = ArchiveWriter(setup.register, setup.rulebook.catalogue, language)
        rows = [*(row for state in states for row in writer.of_patrol(state)), *map(writer.by_itself, alone)]
        about = About("patrols", ("巡查档案", "Archive of patrols"), setup, (division.code,), gateway.clock())
        return sheet(about, ARCHIVE_COLUMNS, rows, form, language)

    @get("/lots/{patrol_id:str}/{form:str}", operation_id="lotFile")
    async def lot_file(
        self,
        request: SessionRequest,
        patrol_id: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The tickets of all villages of a drawn lot, by which anybody can check it."""
        setup = await gateway.installation.setup()
        announced = await _announced(gateway, request, patrol_id)
        states = patrol_states(gateway.book.listed(Patrol, (parse_id(patrol_id).division,)), ())
        result = next((state.result for state in states if state.patrol.id == patrol_id), None)
        if result is None or result.secret is None:
            raise NotFound("not_drawn", "这一次还没有抽签。", "This lot was not drawn yet.")
        chosen, yes = set(result.villages), "是" if language == "zh" else "yes"
        rows: list[list[Cell]] = [
            [
                one.ticket,
                one.village,
                place_words(setup.register, one.village),
                yes if one.village in chosen else "",
            ]
            for one in tickets(announced.villages, result.secret, result.word)
        ]
        lot = Asked((f"抽查 {patrol_id[-26:]}", f"lot {patrol_id[-26:]}"), patrol_id[-26:])
        division = parse_id(patrol_id).division
        about = About("lot", ("抽签结果", "Tickets of a lot"), setup, (division,), gateway.clock(), (lot,))
        return sheet(about, TICKET_COLUMNS, rows, form, language)

    @post("/plans", operation_id="planPatrol", status_code=201)
    async def plan(self, request: SessionRequest, data: JSONBody[NewPlan], gateway: Parts) -> Stored:
        """Plan which villages are checked. 409 ``step_refused`` with the reason."""
        offices_only(request)
        said = fields_of(data) | {"step": "planned"}
        event = await new_event(gateway, request, Patrol, data.division, data.ulid, said)
        return await store_event(gateway, request, data.division, event)

    @post("/lots", operation_id="announceLot", status_code=201)
    async def announce(self, request: SessionRequest, data: JSONBody[NewLot], gateway: Parts) -> Stored:
        """Announce a lot: which villages, how many, and the hash of a secret. 409 ``step_refused`` with the reason."""
        offices_only(request)
        setup = await gateway.installation.setup()
        within = data.within or data.division
        if data.division not in request.user.account.divisions or not within.startswith(data.division):
            raise NotFound(
                "no_such_division", "没有这个单位，或者它不归您安排。", "There is no such division of yours."
            )
        villages = list(villages_of(setup, within))
        require_loaded(gateway, villages)
        if data.pool == "hard":
            hard = hard_villages(gateway, setup, within)
            villages = [village for village in villages if village in hard]
        if not data.count <= len(villages) <= POOL_MAX:
            zh = f"可抽的有 {len(villages)} 个村，抽取数必须在其内；一次最多从 {POOL_MAX} 个村中抽。"
            en = f"{len(villages)} villages can be drawn from, {POOL_MAX} at a time at most: draw no more than that."
            raise BadRequest("bad_lot", zh, en)
        identity = f"{data.division}:patrol:{request.user.account.alias}:{data.ulid}"
        event = await new_event(
            gateway,
            request,
            Patrol,
            data.division,
            data.ulid,
            {
                "step": "announced",
                "text": data.text,
                "since": data.since,
                "until": data.until,
                "villages": villages,
                "count": data.count,
                "commitment": await gateway.lots.bind(identity),
            },
        )
        return await store_event(gateway, request, data.division, event)

    @post("/draws", operation_id="drawLot", status_code=201)
    async def draw(self, request: SessionRequest, data: JSONBody[NewWord], gateway: Parts) -> Stored:
        """Say a word as the witness of a lot, by which it is drawn. 403 ``own_lot``, 409 ``already_drawn``."""
        offices_only(request)
        announced = await _announced(gateway, request, data.about)
        division, account = parse_id(announced.id).division, request.user.account
        if parse_id(announced.id).owner == account.alias:
            raise Forbidden(
                "own_lot", "发起人不能自己见证抽签，请另一位同事见证。", "Whoever announced it cannot witness it."
            )
        if not division.startswith(account.divisions):
            raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
        said = await gateway.lots.heard(announced.id, account.alias, data.ulid, data.word)
        if said is not None and said.witness == account.alias:
            bound = await _lot(gateway, request, announced, said)
            if await gateway.couch.get(database_of(division), bound.id) is not None:  # its request was repeated
                return Stored(bound.id)
            said = Witnessed(said.secret, account.alias, data.ulid, data.word)
            # a word that the door refuses binds nobody
            await require_sound(gateway, request, division, await _lot(gateway, request, announced, said))
            said = await gateway.lots.witness(announced.id, said)
        if said is None:
            raise Conflict(
                "no_secret", "这一签的底数已不存在，请重新发起。", "The secret of this lot is lost: announce another."
            )
        if said.witness != account.alias:
            raise Conflict("already_drawn", "这一次已经由别人见证抽签。", "Somebody else has witnessed this lot.")
        return await store_event(gateway, request, division, await _lot(gateway, request, announced, said))

    @post("/inspections", operation_id="recordInspection", status_code=201)
    async def inspect(self, request: SessionRequest, data: JSONBody[NewInspection], gateway: Parts) -> Stored:
        """Record a check of a village. 409 ``step_refused`` with the reason."""
        offices_only(request)
        patrols = gateway.book.listed(Patrol, (data.patrol.partition(":")[0],)) if data.patrol else []
        patrol = next((one for one in patrols if one.id == data.patrol), None)
        said = fields_of(data) | {"is_planned": patrol is not None and patrol.step == "planned"}
        event = await new_event(gateway, request, Inspection, data.village, data.ulid, said)
        return await store_event(gateway, request, data.village, event)


async def _lot(gateway: Gateway, request: SessionRequest, announced: Patrol, said: Witnessed) -> Patrol:
    """The lot of an announcement by its secret and a witness's word."""
    fields = {
        "step": "drawn",
        "about": announced.id,
        "count": announced.count,
        "since": announced.since,
        "until": announced.until,
        "secret": said.secret,
        "word": said.word,
        "villages": drawn(announced, said.secret, said.word),
    }
    return await new_event(gateway, request, Patrol, parse_id(announced.id).division, said.ulid, fields)


async def _announced(gateway: Gateway, request: SessionRequest, patrol_id: str) -> Patrol:
    """An announced lot that is the office's to see. Raises ``NotFound``."""
    offices_only(request)
    try:
        identity = parse_id(patrol_id)
    except IdError as error:
        raise NotFound from error
    is_seen = identity.kind == "patrol" and request.user.scope.allows(patrol_id)
    content = await gateway.couch.get(database_of(patrol_id), patrol_id) if is_seen else None
    found = None if content is None else decode_document(content)
    if not isinstance(found, Patrol) or found.step != "announced":
        raise NotFound("no_such_lot", "没有这一次抽查。", "There is no such lot.")
    return found


def _states(gateway: Gateway, request: SessionRequest, setup: Setup, division: Division) -> list[PatrolState]:
    patrols = _patrols(gateway, request, setup, division)
    return patrol_states(patrols, gateway.book.listed(Inspection, (division.code,)))


def _patrols(gateway: Gateway, request: SessionRequest, setup: Setup, division: Division) -> list[Patrol]:
    """Those of a division, of those below it and of those above, as far as the office may see them."""
    offices_only(request)
    require_loaded(gateway, villages_of(setup, division.code))
    own = {division.code[:length] for length in (4, 6, 9) if length < len(division.code)}
    patrols = [
        patrol
        for patrol in gateway.book.listed(Patrol, (division.code[:4],))
        if (code := parse_id(patrol.id).division) in own or code.startswith(division.code)
    ]
    return [patrol for patrol in patrols if request.user.scope.allows(patrol.id)]


def _view(state: PatrolState, request: SessionRequest, setup: Setup, today: int) -> PatrolView:
    patrol, result = state.patrol, state.result
    identity, account = parse_id(patrol.id), request.user.account
    is_lot = patrol.step == "announced"
    return PatrolView(
        id=patrol.id,
        division=identity.division,
        division_name=setup.register.divisions[identity.division].name,
        by_lot=is_lot,
        author=identity.owner or "",
        since=patrol.since,
        until=patrol.until,
        text=patrol.text,
        count=patrol.count if is_lot else len(patrol.villages),
        pool=len(patrol.villages) if is_lot else 0,
        commitment=patrol.commitment,
        secret=result.secret if result is not None else None,
        word=result.word if result is not None else "",
        witness=parse_id(result.id).owner if result is not None and is_lot else None,
        is_overdue=state.is_overdue(today),
        may_draw=result is None and identity.owner != account.alias and identity.division.startswith(account.divisions),
        villages=[VisitView(code, place_of(setup.register, code), _checks(state, code)) for code in state.villages],
    )


def _open_view(state: PatrolState, setup: Setup) -> OpenPatrol:
    patrol = state.patrol
    return OpenPatrol(
        id=patrol.id,
        division_name=setup.register.divisions[parse_id(patrol.id).division].name,
        by_lot=patrol.step == "announced",
        since=patrol.since,
        until=patrol.until,
        text=patrol.text,
        visits=[
            OpenVisit(
                village,
                [CheckMark(one.observed_at, parse_id(one.id).owner or "") for one in state.done.get(village, [])],
            )
            for village in state.villages
        ],
    )


def _checks(state: PatrolState, village: str) -> list[CheckView]:
    return [CheckView(**_said(one)) for one in state.done.get(village, [])]


def _loose(one: Inspection, setup: Setup) -> LooseView:
    village = parse_id(one.id).division
    place = place_of(setup.register, village)
    return LooseView(**_said(one), village=village, place=place, has_patrol=one.patrol is not None)


def _said(one: Inspection) -> dict[str, Any]:
    author = parse_id(one.id).owner or ""
    return {"id": one.id, "at": one.observed_at, "author": author, "readings": one.readings, "text": one.text}
