"""What the page of evaluations shows, and the columns of its file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from models import terms
from models.documents import Component, Decision, Evaluation, Grade, Measure, Response, Summary
from models.evaluation import standing_decision, version_of
from models.evaluation.changes import change_words
from models.evaluation.deciding import measures_of
from models.evaluation.words import COMPONENTS, grade_words, measure_words, reason_words
from models.ids import CODE_LENGTHS, parse_id
from models.setup import Setup
from sync_api.access.accounts import Account
from sync_api.evaluation.reading import Standing
from sync_api.sheets import Cell, Language


class Said(msgspec.Struct):
    """Words in both languages."""

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
    """``stands``: it confirmed the version that it is about."""

    author: str
    at: datetime
    text: str
    grade: Grade | None
    measures: list[Measure]
    stands: bool


class ResponseView(msgspec.Struct):
    """How fast the offices were with the period's cases; days are means, None where there was none."""

    opened: int
    taken_up: int
    take_up_days: float | None
    cleared: int
    clear_days: float | None
    overdue: int


class VillageName(msgspec.Struct):
    code: str
    name: str


class EvaluationView(msgspec.Struct, kw_only=True):
    """A version of what was computed of a division, the last with those ``earlier`` than it. ``grade`` and ``measures``
    as proposed, ``decided`` and ``decided_measures`` as a person decided; ``options``: measures that fit; ``changes``:
    what it says otherwise than the version before; ``in_force``: the version that counts meanwhile."""

    id: str
    version: int
    in_force: int
    division: str
    name: str
    villages: int
    score: float
    is_decided: bool
    may_decide: bool
    options: list[Measure]
    reasons: list[Said]
    changes: list[Said]
    response: ResponseView
    decisions: list[DecisionView]
    grade: Grade | None = None
    decided: Grade | None = None
    previous_score: float | None = None
    previous_grade: Grade | None = None
    marks: dict[str, int] = {}
    grades: dict[str, int] = {}
    newly_paralysed: list[VillageName] = []
    put_right: list[VillageName] = []
    measures: list[Measure] = []
    decided_measures: list[Measure] = []
    components: list[ComponentView] = []
    earlier: list[EvaluationView] = []


class EvaluationPage(msgspec.Struct):
    """A division and those right below it: of villages their evaluations, of the others their summaries."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    period: str
    own: EvaluationView | None
    below: list[EvaluationView]


def evaluation_view(standing: Standing, setup: Setup, account: Account) -> EvaluationView:
    """The last version, and the earlier ones in it, the newest first."""
    views = [
        _version_view(standing, at, setup, account, is_last=at == len(standing.versions) - 1)
        for at in range(len(standing.versions))
    ]
    views[-1].earlier = views[-2::-1] if len(views) > 1 else []
    return views[-1]


def _version_view(standing: Standing, at: int, setup: Setup, account: Account, *, is_last: bool) -> EvaluationView:
    document, code = standing.versions[at], standing.division
    policy, divisions = setup.rulebook.policy.evaluation, setup.register.divisions
    decision = standing_decision(document, standing.decisions)
    # an office's own evaluation is decided by the one above it, and nobody is above the city
    is_others = code not in account.divisions and len(code) > CODE_LENGTHS["city"]

    def name(village: str) -> str:
        return divisions[village].name if village in divisions else village

    before = standing.versions[at - 1] if at else document
    view = EvaluationView(
        id=document.id,
        version=version_of(document.id),
        in_force=version_of(standing.in_force.id),
        division=code,
        name=divisions[code].name,
        villages=1,
        score=document.score if isinstance(document, Evaluation) else document.mean,
        is_decided=decision is not None,
        may_decide=is_last and is_others and decision is None and account.may_write("decision"),
        options=list(measures_of(document, policy)) if len(code) > CODE_LENGTHS["city"] else [],
        reasons=[Said(*reason_words(reason, policy)) for reason in document.reasons],
        changes=[Said(*words) for words in change_words(before, document, policy, name)],
        response=_response(document.response),
        decisions=[
            _decision(one, stands=one is decision)
            for one in sorted(standing.decisions, key=lambda one: one.id[-26:])
            if one.about == document.id
        ],
        decided_measures=[] if decision is None else decision.measures,
    )
    if isinstance(document, Summary):
        view.villages, view.grades, view.marks = document.villages, document.grades, document.marks
        view.newly_paralysed = [VillageName(village, name(village)) for village in document.newly_paralysed]
        view.put_right = [VillageName(village, name(village)) for village in document.put_right]
        view.measures = document.measures
        return view
    view.grade, view.decided = document.grade, None if decision is None else decision.grade or document.grade
    view.marks = dict.fromkeys(document.marks, 1)
    view.components = [_component(part) for part in document.components]
    if document.previous is not None:
        view.previous_score, view.previous_grade = document.previous.score, document.previous.grade
    return view


def _response(response: Response) -> ResponseView:
    def mean(days: int, cases: int) -> float | None:
        return round(days / cases, 1) if cases else None

    return ResponseView(
        response.opened,
        response.taken_up,
        mean(response.take_up_days, response.taken_up),
        response.cleared,
        mean(response.clear_days, response.cleared),
        response.overdue,
    )


def _component(part: Component) -> ComponentView:
    zh, en = COMPONENTS.get(part.code, (part.code, part.code))
    return ComponentView(part.code, zh, en, part.points, part.amount, part.evidence)


def _decision(decision: Decision, *, stands: bool) -> DecisionView:
    author = parse_id(decision.id).owner or ""
    return DecisionView(author, decision.saved_at, decision.text, decision.grade, decision.measures, stands)


COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("区划代码", "Code"),
    ("单位", "Division"),
    ("版次", "Version"),
    ("村数", "Villages"),
    ("得分", "Score"),
    ("拟定档次", "Proposed grade"),
    ("已定档次", "Decided grade"),
    *((zh, en) for en, zh in terms.GRADES.items()),
    *((f"{zh}（%）", f"{en.replace('_', ' ')} (%)") for en, zh in terms.MARKS.items()),
    ("立项", "Cases opened"),
    ("平均受理天数", "Mean days until taken up"),
    ("撤销", "Cleared"),
    ("平均办结天数", "Mean days until cleared"),
    ("逾期事项", "Overdue cases"),
    ("上期得分", "Score before"),
    ("上期档次", "Grade before"),
    ("理由", "Reasons"),
    ("拟定处理", "Proposed"),
    ("已定处理", "Decided"),
    ("决定人", "Decided by"),
    ("决定时间", "Decided at"),
    ("决定理由", "Decided because"),
)


def cells(views: Sequence[EvaluationView], language: Language) -> list[list[Cell]]:
    """A line a version, the newest of each division first, in the order of ``COLUMNS``."""
    return [_cells(one, language) for view in views for one in (view, *view.earlier)]


def _cells(view: EvaluationView, language: Language) -> list[Cell]:
    at = int(language == "en")
    join = (", " if at else "、").join
    decision = next((one for one in view.decisions if one.stands), None)

    def grade(of: Grade | None) -> str:
        return "" if of is None else grade_words(of)[at]

    def measures(of: Sequence[Measure]) -> str:
        return join(measure_words(one)[at] for one in of)

    counts: list[Cell] = [view.grades.get(one) for one in terms.GRADES]
    shares: list[Cell] = [round(100 * view.marks.get(one, 0) / view.villages, 1) for one in terms.MARKS]
    was = view.response
    response: list[Cell] = [was.opened, was.take_up_days, was.cleared, was.clear_days, was.overdue]
    who: list[Cell] = ["", None, ""] if decision is None else [decision.author, decision.at, decision.text]
    return [
        *(view.division, view.name, view.version, view.villages, view.score),
        *(grade(view.grade), grade(view.decided)),
        *counts,
        *shares,
        *response,
        *(view.previous_score, grade(view.previous_grade)),
        join((one.zh, one.en)[at] for one in view.reasons),
        *(measures(view.measures), measures(view.decided_measures)),
        *who,
    ]
