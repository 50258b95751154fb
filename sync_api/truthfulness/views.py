"""What the page about truthfulness shows, and the columns of its file."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from models import calendar, terms
from models.divisions import Register
from models.documents import Channel, Discipline, OmissionFinding, OmissionStage
from models.ids import parse_id
from models.truthfulness import Chain
from models.truthfulness.chains import State
from sync_api.access.accounts import Account
from sync_api.casework.views import place_words
from sync_api.sheets import Cell, Language


class Serving(msgspec.Struct):
    """Who served in the village on the day, one of whom it may have been to see."""

    alias: str
    natural_villages: tuple[str, ...]


class CandidateView(msgspec.Struct, kw_only=True):
    """A candidate with its evidence. ``alias`` of who was late; for what was missed a person names one of ``serving``.
    ``case``: the ULID of the case that ``about`` opened; ``words`` and ``reading``: what was seen, no names;
    ``may_confirm``: the reader did not enter it."""

    finding: OmissionFinding
    village: str
    village_name: str
    indicator: str
    indicator_zh: str
    indicator_en: str
    also: list[str]
    about: str
    case: str | None
    seen_on: date
    days: int
    channel: Channel
    words: str
    reading: str
    evidence: list[str]
    alias: str | None
    serving: list[Serving]
    may_confirm: bool


class StepView(msgspec.Struct):
    id: str
    step: OmissionStage
    author: str
    at: datetime
    text: str


class ChainView(msgspec.Struct, kw_only=True):
    """What was said of one omission. ``matter``: what was seen, with its evidence; ``is_final``: the ladder counts it;
    ``appeal_until``: the last day to appeal; ``may_judge``: the reader may decide on the open appeal; ``may_appeal``:
    the reader may write one down, since the informant has no open account."""

    alias: str
    village: str
    village_name: str
    finding: OmissionFinding
    about: str
    case: str | None
    matter: CandidateView | None
    state: State
    is_final: bool
    appeal_until: date | None
    may_judge: bool
    may_appeal: bool
    steps: list[StepView]


class SanctionView(msgspec.Struct, kw_only=True):
    id: str
    alias: str
    village: str
    village_name: str
    author: str
    at: datetime
    disciplines: list[Discipline]
    withheld_months: int
    suspended_days: int
    text: str
    omissions: list[str]
    in_force: bool


class ProposalView(msgspec.Struct, kw_only=True):
    """What the ladder proposes for a period; ``decided``: the id of the last decision in force on these."""

    alias: str
    village: str
    village_name: str
    period: str
    omissions: tuple[str, ...]
    disciplines: tuple[Discipline, ...]
    withheld_months: int
    suspended_days: int
    decided: str | None


class TruthPage(msgspec.Struct, kw_only=True):
    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    period: str
    appeal_days: int
    may_decide: bool
    candidates: list[CandidateView]
    chains: list[ChainView]
    proposals: list[ProposalView]
    sanctions: list[SanctionView]


COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("代号", "Alias"),
    ("村", "Village"),
    ("代码", "Code"),
    ("认定", "Finding"),
    *(("指标", "Indicators"), ("发现日期", "Seen on"), ("来源", "Channel"), ("内容", "Words"), ("读数", "Reading")),
    ("所指", "About"),
    ("佐证", "Evidence"),
    ("状态", "State"),
    ("步骤", "Step"),
    ("办理人", "By"),
    ("时间", "At"),
    ("理由", "Reason"),
)
#: Lists of the page beside what was said: what waits to be judged, what the ladder proposes, and what was decided.
Part = Literal["candidates", "ladder", "sanctions"]
PART_COLUMNS: Final[dict[Part, Sequence[tuple[str, str]]]] = {
    "candidates": (
        *(
            ("序号", "No."),
            ("村", "Village"),
            ("代码", "Code"),
            ("疑似", "Finding"),
            ("指标", "Indicators"),
            ("发现日期", "Seen on"),
        ),
        *(("天数", "Days"), ("来源", "Channel"), ("内容", "Words"), ("读数", "Reading"), ("代号", "Alias")),
        *(("在岗信息员", "Serving"), ("所指", "About"), ("佐证", "Evidence")),
    ),
    "ladder": (
        *(
            ("序号", "No."),
            ("代号", "Alias"),
            ("村", "Village"),
            ("代码", "Code"),
            ("计入次数", "Counted"),
            ("拟处理", "Proposed"),
        ),
        *(("扣发月数", "Months withheld"), ("停岗天数", "Days suspended"), ("已决定", "Decided")),
    ),
    "sanctions": (
        *(
            ("序号", "No."),
            ("代号", "Alias"),
            ("村", "Village"),
            ("代码", "Code"),
            ("处理", "Decided"),
            ("扣发月数", "Months withheld"),
        ),
        *(("停岗天数", "Days suspended"), ("办理人", "By"), ("时间", "At"), ("理由", "Reason"), ("有效", "In force")),
    ),
}
PART_TITLES: Final[dict[Part, tuple[str, str]]] = {
    "candidates": ("待核线索", "To look at"),
    "ladder": ("处理阶梯", "What follows"),
    "sanctions": ("处理决定", "Decided"),
}
_STATES: Final[dict[State, str]] = {
    "open": "待认定",
    "set_aside": "不予认定",
    "confirmed": "已认定",
    "appealed": "申诉中",
    "upheld": "维持",
    "withdrawn": "已撤销",
}


def part_cells(page: TruthPage, part: Part, register: Register, language: Language) -> list[list[Cell]]:
    """The lines of one list of the page, in the order of ``PART_COLUMNS``."""
    is_en, rows = language == "en", list[list[Cell]]()
    yes = "yes" if is_en else "是"
    if part == "candidates":
        for one in page.candidates:
            finding = one.finding if is_en else terms.FINDINGS[one.finding]
            indicators, seen_on, channel, words, reading, evidence = _what(one, language)
            there = "、".join(serving.alias for serving in one.serving)
            said = (seen_on, one.days, channel, words, reading, one.alias, there, one.about)
            rows.append([*_village(register, one.village), finding, indicators, *said, evidence])
    elif part == "ladder":
        for rung in page.proposals:
            costs = (_disciplines(rung.disciplines, language), rung.withheld_months, rung.suspended_days)
            decided = yes if rung.decided else ""
            rows.append([rung.alias, *_village(register, rung.village), len(rung.omissions), *costs, decided])
    else:
        for sanction in page.sanctions:
            costs = (_disciplines(sanction.disciplines, language), sanction.withheld_months, sanction.suspended_days)
            said_by = (sanction.author, sanction.at, sanction.text, yes if sanction.in_force else "")
            rows.append([sanction.alias, *_village(register, sanction.village), *costs, *said_by])
    return [[number, *row] for number, row in enumerate(rows, 1)]


def _village(register: Register, village: str) -> tuple[str, str]:
    return place_words(register, village), village


def _what(seen: CandidateView | None, language: Language) -> tuple[Cell, ...]:
    """Indicators, day, channel, words, reading and evidence of what was seen."""
    if seen is None:
        return (None,) * 6
    channel = seen.channel.replace("_", " ") if language == "en" else terms.CHANNELS[seen.channel]
    indicators, evidence = "、".join(filter(None, [seen.indicator, *seen.also])), "\n".join(seen.evidence)
    return indicators, seen.seen_on, channel, seen.words, seen.reading, evidence


def _disciplines(named: Sequence[Discipline], language: Language) -> str:
    if language == "en":
        return ", ".join(one.replace("_", " ") for one in named)
    return "、".join(terms.DISCIPLINES[one] for one in named)


def chain_view(
    chain: Chain,
    matter: CandidateView | None,
    register: Register,
    today: int,
    appeal_days: int,
    reader: Account,
    open_accounts: Container[str],
) -> ChainView:
    """``open_accounts``: aliases of those who can appeal from their tablets."""
    confirmed = chain.confirmed
    is_others = reader.alias not in {step.author for step in chain.steps if step.step == "confirmed"}
    is_in_time = confirmed is not None and chain.state == "confirmed" and not chain.is_final(today, appeal_days)
    return ChainView(
        alias=chain.alias,
        village=chain.village,
        village_name=register.divisions[chain.village].name,
        finding=(confirmed or chain.steps[0]).finding,
        about=chain.about,
        case=case_of(chain.about),
        matter=matter,
        state=chain.state,
        is_final=chain.is_final(today, appeal_days),
        appeal_until=None if confirmed is None else calendar.day_of(confirmed.day + appeal_days),
        may_judge=chain.state == "appealed" and is_others and reader.may_take("upheld"),
        may_appeal=is_in_time and reader.may_take("appealed") and chain.alias not in open_accounts,
        steps=[
            StepView(step.id, step.step, step.author, calendar.instant_of(step.at_ms), step.text)
            for step in chain.steps
        ],
    )


def case_of(about: str) -> str | None:
    """The case that a report opened."""
    identity = parse_id(about)
    return identity.ulid if identity.kind == "report" else None


def cells(views: Sequence[ChainView], register: Register, language: Language) -> list[list[Cell]]:
    """A line a step, in the order of ``COLUMNS``."""
    is_en = language == "en"
    rows: list[list[Cell]] = []
    for at, one in enumerate(views, 1):
        finding = one.finding if is_en else terms.FINDINGS[one.finding]
        state = one.state.replace("_", " ") if is_en else _STATES[one.state]
        alias = "" if one.state == "set_aside" else one.alias  # of what was set aside it is the office's own
        what = _what(one.matter, language)
        for step in one.steps:
            said = step.step.replace("_", " ") if is_en else terms.OMISSION_STEPS[step.step]
            by = (state, said, step.author, step.at, step.text)
            rows.append([at, alias, *_village(register, one.village), finding, *what[:5], one.about, what[5], *by])
    return rows
