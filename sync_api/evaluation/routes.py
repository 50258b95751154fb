"""The offices' page of evaluations: what is proposed of village teams, townships and counties, why, and decisions."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from models.divisions import Division
from models.documents import Component, Decision, Evaluation, Grade, Measure, Summary, Ulid, Words
from models.evaluation import decided_grade, is_decided
from models.evaluation.words import COMPONENTS, reason_words
from models.ids import IdError, database_of, parse_id
from models.periods import PeriodError, parse_period
from models.setup import Setup
from sync_api.board.routes import provide_division
from sync_api.casework.desk import Stored, store_event
from sync_api.couch import Couch
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.parts import Parts, SessionRequest, requires_session
from sync_api.stored import readable

Evaluated = Evaluation | Summary


class ReasonView(msgspec.Struct):
    zh: str
    en: str


class ComponentView(msgspec.Struct):
    """A part of a score; ``evidence`` as in ``models.documents.Component``."""

    code: str
    zh: str
    en: str
    points: float
    amount: float
    evidence: list[str]


class DecisionView(msgspec.Struct):
    """``stands``: it is about the score that is shown, not about one that was computed otherwise since."""

    author: str
    at: datetime
    text: str
    grade: Grade | None
    measures: list[Measure]
    stands: bool


class EvaluationView(msgspec.Struct, kw_only=True):
    """The last version of what was computed of a division. ``grade`` as proposed, ``decided``: as a person decided."""

    id: str
    division: str
    name: str
    score: float
    is_decided: bool
    reasons: list[ReasonView]
    changes: list[tuple[str, str, str]]
    decisions: list[DecisionView]
    grade: Grade | None = None
    decided: Grade | None = None
    previous_score: float | None = None
    previous_grade: Grade | None = None
    marks: dict[str, int] = {}
    grades: dict[str, int] = {}
    newly_paralysed: list[str] = []
    measures: list[Measure] = []
    components: list[ComponentView] = []


class EvaluationPage(msgspec.Struct):
    """A division and those right below it: of villages their evaluations, of the others their summaries."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    period: str
    own: EvaluationView | None
    below: list[EvaluationView]


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

    @get("/{code:str}/{period:str}", operation_id="evaluations", dependencies={"division": Provide(provide_division)})
    async def evaluations(
        self, request: SessionRequest, division: NamedDependency[Division], period: FromPath[str], gateway: Parts
    ) -> EvaluationPage:
        """What was computed of a division and those right below it for a half-year or a year, and decided."""
        if request.user.account.role in ("informant", "department"):
            raise Forbidden("offices_only", "只有管理站、管理中心可以查看。", "This is for stations and centres.")
        try:
            name = parse_period(period).name
        except PeriodError as error:
            raise BadRequest("bad_period", "没有这个考核期。", "There is no such period.") from error
        setup = await gateway.installation.setup()
        codes = [division.code, *setup.register.children.get(division.code, ())]
        views = await asyncio.gather(*(_view(gateway.couch, setup, code, name) for code in codes))
        return EvaluationPage(
            as_of=gateway.clock(),
            simulated=setup.rulebook.is_simulated,
            division=division.code,
            division_name=division.name,
            period=name,
            own=views[0],
            below=[view for view in views[1:] if view is not None],
        )

    @post("/decisions", operation_id="decide", status_code=201)
    async def decide(self, request: SessionRequest, data: JSONBody[NewDecision], gateway: Parts) -> Stored:
        """Decide on an evaluation or a summary. 409 ``step_refused`` with the reason."""
        try:
            about = parse_id(data.about)
        except IdError as error:
            raise NotFound from error
        now = gateway.clock()
        event = Decision(
            id=f"{about.division}:decision:{request.user.account.alias}:{data.ulid}",
            observed_at=now,
            saved_at=now,
            about=data.about,
            score=data.score,
            text=data.text,
            grade=data.grade,
            measures=data.measures,
            simulated=(await gateway.installation.setup()).rulebook.is_simulated,
        )
        return await store_event(gateway, request, about.division, event)


async def _view(couch: Couch, setup: Setup, code: str, period: str) -> EvaluationView | None:
    kind = "evaluation" if code in setup.register.village_index else "summary"
    first = f"{code}:{kind}:{period}"
    # versions are named ``-2`` and so on; no id holds a sign as high as ``;``
    found, said = await asyncio.gather(
        couch.range_of(database_of(code), first, f"{first}-;", include_docs=True),
        couch.range_of(database_of(code), f"{code}:decision:", f"{code}:decision;", include_docs=True),
    )
    versions = [d for d in readable(found) if isinstance(d, Evaluation | Summary)]
    if not versions:
        return None
    last = max(versions, key=_version)
    decisions = [d for d in readable(said) if isinstance(d, Decision) and d.about == last.id]
    return _shown(last, decisions, setup, code)


def _version(document: Evaluated) -> int:
    _, _, number = document.id.partition("-")
    return int(number or 1)


def _shown(document: Evaluated, decisions: list[Decision], setup: Setup, code: str) -> EvaluationView:
    policy = setup.rulebook.policy.evaluation
    view = EvaluationView(
        id=document.id,
        division=code,
        name=setup.register.divisions[code].name,
        score=document.score if isinstance(document, Evaluation) else document.mean,
        is_decided=is_decided(document, decisions),
        reasons=[ReasonView(*reason_words(reason, policy)) for reason in document.reasons],
        changes=[(change.what, change.old, change.new) for change in document.changes],
        decisions=[_decision(decision, document) for decision in sorted(decisions, key=lambda one: one.id[-26:])],
    )
    if isinstance(document, Summary):
        view.grades, view.marks = document.grades, document.marks
        view.newly_paralysed, view.measures = document.newly_paralysed, document.measures
        return view
    view.grade, view.decided = document.grade, decided_grade(document, decisions)
    view.marks = dict.fromkeys(document.marks, 1)
    view.components = [_component(part) for part in document.components]
    if document.previous is not None:
        view.previous_score, view.previous_grade = document.previous.score, document.previous.grade
    return view


def _component(part: Component) -> ComponentView:
    zh, en = COMPONENTS.get(part.code, (part.code, part.code))
    return ComponentView(part.code, zh, en, part.points, part.amount, part.evidence)


def _decision(decision: Decision, document: Evaluated) -> DecisionView:
    author = parse_id(decision.id).owner or ""
    stands = is_decided(document, [decision])
    return DecisionView(author, decision.saved_at, decision.text, decision.grade, decision.measures, stands)
