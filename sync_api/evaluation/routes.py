"""The offices' page of evaluations: what is proposed of village teams, townships and counties, why, and decisions."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from models.divisions import Division
from models.documents import Decision, Evaluation, Grade, Measure, Ulid, Words
from models.ids import IdError, database_of, office_scope, parse_id
from models.periods import Period, PeriodError, parse_period
from sync_api.board.routes import provide_division
from sync_api.casework.desk import Stored, fields_of, new_event, store_event
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.evaluation.evidence import COLUMNS as EVIDENCE_COLUMNS
from sync_api.evaluation.evidence import EvidenceView, evidence_view
from sync_api.evaluation.evidence import cells as evidence_cells
from sync_api.evaluation.reading import read_standing, read_standings, with_ranks
from sync_api.evaluation.views import COLUMNS, EvaluationPage, cells, evaluation_view
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import About, Asked, Format, Language, sheet
from sync_api.stored import read_document, readable

#: The division of the path, if it is the user's to look at.
_OF_DIVISION: Final = {"division": Provide(provide_division)}


class NewDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``score``: the one that stood there when it was decided; ``grade`` only where another one than proposed."""

    ulid: Ulid
    about: str
    score: float
    text: Words
    grade: Grade | None = None
    measures: list[Measure] = []


class EvaluationController(Controller):
    path = "/evaluations"
    tags = ("evaluation",)
    guards = (requires_session,)

    @get("/{code:str}/{period:str}", operation_id="evaluations", dependencies=_OF_DIVISION)
    async def evaluations(
        self, request: SessionRequest, division: NamedDependency[Division], period: FromPath[str], gateway: Parts
    ) -> EvaluationPage:
        """What was computed of a division and those right below it for a half-year or a year, and decided."""
        return await _page(gateway, request, division, period)

    @get("/{code:str}/{period:str}/{form:str}", operation_id="evaluationsFile", dependencies=_OF_DIVISION)
    async def evaluations_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        period: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv, earlier versions among it."""
        page = await _page(gateway, request, division, period)
        views = [*([page.own] if page.own else []), *page.below]
        setup, asked = await gateway.installation.setup(), [_asked(page.period)]
        about = About("evaluation", ("考核", "Evaluation"), setup, (division.code,), page.as_of, asked)
        return sheet(about, COLUMNS, cells(views, language), form, language)

    @get("/{code:str}/{version:str}/evidence", operation_id="evidence", dependencies=_OF_DIVISION)
    async def evidence(
        self, request: SessionRequest, division: NamedDependency[Division], version: FromPath[str], gateway: Parts
    ) -> EvidenceView:
        """All that is behind the numbers of a village's evaluation, or of a later version of it (``2026H1-2``)."""
        return await _evidence(gateway, request, division, version)

    @get("/{code:str}/{version:str}/evidence/{form:str}", operation_id="evidenceFile", dependencies=_OF_DIVISION)
    async def evidence_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        version: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv, lights day by day."""
        found = await _evidence(gateway, request, division, version)
        setup, asked = await gateway.installation.setup(), [_asked(version)]
        about = About("evidence", ("考核依据", "Evidence"), setup, (division.code,), gateway.clock(), asked)
        return sheet(about, EVIDENCE_COLUMNS, evidence_cells(found, language), form, language)

    @post("/decisions", operation_id="decide", status_code=201)
    async def decide(self, request: SessionRequest, data: JSONBody[NewDecision], gateway: Parts) -> Stored:
        """Decide on an evaluation or a summary. 409 ``step_refused`` with the reason."""
        try:
            about = parse_id(data.about)
        except IdError as error:
            raise NotFound from error
        event = await new_event(gateway, request, Decision, about.division, data.ulid, fields_of(data))
        return await store_event(gateway, request, about.division, event)


def _require_reader(request: SessionRequest) -> None:
    if request.user.account.role in ("informant", "department"):
        raise Forbidden("offices_only", "只有管理站、管理中心可以查看。", "This is for stations and centres.")


def _period(name: str) -> Period:
    try:
        return parse_period(name)
    except PeriodError as error:
        raise BadRequest("bad_period", "没有这个考核期。", "There is no such period.") from error


def _asked(version: str) -> Asked:
    return Asked((f"考核期 {version}", f"period {version}"), version)


async def _page(gateway: Gateway, request: SessionRequest, division: Division, name: str) -> EvaluationPage:
    _require_reader(request)
    period, setup = _period(name), await gateway.installation.setup()
    own = await read_standing(gateway.couch, setup, division.code, period)
    below = await read_standings(gateway.couch, setup, setup.register.children.get(division.code, ()), period)
    shown = await with_ranks(gateway.couch, setup, [*([own] if own else []), *below], period)
    own, below = (shown[0], shown[1:]) if own else (None, shown)
    account = request.user.account
    return EvaluationPage(
        as_of=gateway.clock(),
        simulated=setup.rulebook.is_simulated,
        division=division.code,
        division_name=division.name,
        period=period.name,
        own=None if own is None else evaluation_view(own, setup, account),
        below=[evaluation_view(one, setup, account) for one in below],
    )


async def _evidence(gateway: Gateway, request: SessionRequest, division: Division, version: str) -> EvidenceView:
    """Raises ``NotFound`` for what was not computed, and for what is no village."""
    _require_reader(request)
    _period(version.partition("-")[0])
    document = await read_document(gateway.couch, f"{division.code}:evaluation:{version}")
    if not isinstance(document, Evaluation):
        raise NotFound("no_evaluation", "没有这一考核结果。", "There is no such evaluation.")
    [(start, end)] = office_scope([division.code]).key_ranges()
    rows = await gateway.couch.range_of(database_of(division.code), start, end, include_docs=True)
    setup = await gateway.installation.setup()
    return evidence_view(document, list(readable(rows)), setup, request.user.scope)
