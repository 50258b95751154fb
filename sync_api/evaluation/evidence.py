"""What lies behind each number of an evaluation: days of lights with what was read and what was open, cases, checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from models import calendar, terms
from models.cases import Case
from models.documents import AnyDocument, Component, Evaluation, Inspection, Omission, Round
from models.evaluation.changes import LIGHT_DAYS
from models.evaluation.replay import cases_until, checks_until, light_spans
from models.evaluation.words import COMPONENTS
from models.history import LightSpan
from models.ids import Scope, parse_id
from models.setup import Setup
from sync_api.sheets import Cell, Language


class EvidenceLine(msgspec.Struct, kw_only=True):
    """One thing behind a number, said in both languages. ``ulid``: of a case, a round or an inspection, or of the case
    that an omission is about; of an indicator's lights ``spans`` are the days, and ``events`` what was read and what
    was open on it."""

    kind: Literal["lights", "case", "inspection", "round", "omission"]
    zh: str
    en: str
    on: date | None = None
    ulid: str | None = None
    indicator: str | None = None
    spans: list[LightSpan] = []
    events: list[EvidenceLine] = []


class EvidenceOf(msgspec.Struct):
    """A component of a score, and all that is behind it."""

    code: str
    zh: str
    en: str
    points: float
    amount: float
    lines: list[EvidenceLine]


class EvidenceView(msgspec.Struct):
    id: str
    division: str
    name: str
    components: list[EvidenceOf]


COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("组成", "Component"),
    ("分", "Points"),
    ("指标", "Indicator"),
    ("依据", "Evidence"),
    ("日期", "On"),
    ("至", "Until"),
    ("天数", "Days"),
    ("灯", "Light"),
    ("编号", "Id"),
)
_LIGHTS: Final = {
    "g": ("绿", "green"),
    "s": ("未报", "silent"),
    "y": ("黄", "yellow"),
    "r": ("红", "red"),
}


class _Known(msgspec.Struct):
    """A village's events of a period, and its lights as they are replayed from what is known now."""

    document: Evaluation
    setup: Setup
    scope: Scope
    cases: dict[str, Case]
    spans: dict[str, list[LightSpan]]
    checks: list[Round | Inspection]
    omissions: dict[str, Omission]


def evidence_view(document: Evaluation, documents: Sequence[AnyDocument], setup: Setup, scope: Scope) -> EvidenceView:
    """``documents``: all events of the village; ``scope``: the reader's, who may not see what is said of informants."""
    village = document.id.partition(":")[0]
    first, last = calendar.epoch_day(document.from_day), calendar.epoch_day(document.until_day)
    checks = checks_until(documents, last)
    known = _Known(
        document=document,
        setup=setup,
        scope=scope,
        cases={case.case: case for case in cases_until(documents, setup.rulebook, last)},
        spans=light_spans(village, documents, setup.rulebook, range(first, last + 1)),
        checks=[one for one in checks if first <= calendar.local_day(one.observed_at) <= last],
        omissions={one.id[-26:]: one for one in documents if isinstance(one, Omission)},
    )
    return EvidenceView(
        document.id,
        village,
        setup.register.divisions[village].name,
        [
            EvidenceOf(part.code, *COMPONENTS.get(part.code, (part.code,) * 2), part.points, part.amount, lines)
            for part in document.components
            for lines in [_lines(part, known)]
        ],
    )


def _lines(part: Component, known: _Known) -> list[EvidenceLine]:
    if part.code == "lights":
        return [_light_line(text, known) for text in part.evidence]
    return [_line(ulid, known) for ulid in dict.fromkeys(part.evidence)]


def _light_line(text: str, known: _Known) -> EvidenceLine:
    days = LIGHT_DAYS.match(text)
    code, yellow, red, silent = days.groups() if days else (text, "0", "0", "0")
    zh, en = _name(code, known.setup)
    cases = [case for case in known.cases.values() if case.indicator == code and _is_within(case, known.document)]
    events = [
        *(_check_line(one, known.setup, code) for one in known.checks if code in one.readings),
        *(_case_line(case, known.setup, is_named=False) for case in cases),
    ]
    return EvidenceLine(
        kind="lights",
        zh=f"{zh}：黄 {yellow} 天、红 {red} 天、未报 {silent} 天",
        en=f"{en}: yellow {yellow}, red {red}, silent {silent} days",
        indicator=code,
        spans=known.spans.get(code, []),
        events=sorted(events, key=lambda one: (str(one.on), one.ulid)),
    )


def _is_within(case: Case, document: Evaluation) -> bool:
    first, last = calendar.epoch_day(document.from_day), calendar.epoch_day(document.until_day)
    return case.opened_day <= last and (case.cleared_day is None or case.cleared_day >= first)


def _line(ulid: str, known: _Known) -> EvidenceLine:
    if (case := known.cases.get(ulid)) is not None:
        return _case_line(case, known.setup)
    if (check := next((one for one in known.checks if one.id.endswith(ulid)), None)) is not None:
        return _check_line(check, known.setup)
    omission = known.omissions.get(ulid)
    if omission is not None and known.scope.allows(omission.id):
        return _omission_line(omission, known)
    return EvidenceLine(kind="omission", zh="已认定", en="confirmed")


def _omission_line(omission: Omission, known: _Known) -> EvidenceLine:
    """With the case that it is about, and the words by which it was confirmed."""
    zh = f"{terms.FINDINGS[omission.finding]}，{terms.OMISSION_STEPS[omission.step]}"
    en = f"{omission.finding}, {omission.step}"
    first = known.omissions.get(omission.about[-26:], omission)
    case = known.cases.get(first.about[-26:])
    if case is not None:
        line = _case_line(case, known.setup)
        zh, en = f"{zh}：{line.zh}", f"{en}: {line.en}"
    return EvidenceLine(
        kind="omission",
        zh=f"{zh}。{omission.text}",
        en=f"{en}. {omission.text}",
        on=calendar.day_of(calendar.local_day(omission.saved_at)),
        ulid=None if case is None else case.case,
    )


def _case_line(case: Case, setup: Setup, *, is_named: bool = True) -> EvidenceLine:
    """``is_named``: with its indicator."""
    opened, due = calendar.day_of(case.opened_day), calendar.day_of(case.due_day)
    cleared = None if case.cleared_day is None else calendar.day_of(case.cleared_day)
    known_day = case.times[0].known_day
    known_zh, known_en = ("", "")
    if known_day > case.opened_day:
        known_zh, known_en = f"（{calendar.day_of(known_day)} 上报）", f" (told of on {calendar.day_of(known_day)})"
    taken = "" if case.taken_up_day is None else str(calendar.day_of(case.taken_up_day))
    taken_zh, taken_en = (f"{taken} 受理", f"taken up {taken}") if taken else ("未受理", "not taken up")
    end_zh, end_en = (
        ("期末未撤销", "open at the close") if cleared is None else (f"{cleared} 撤销", f"cleared {cleared}")
    )
    zh, en = terms.SEVERITIES[case.severity], f"{case.severity} matter"
    if is_named:
        named_zh, named_en = _name(case.indicator, setup)
        zh, en = f"{named_zh}（{zh}）", f"{named_en} ({en})"
    return EvidenceLine(
        kind="case",
        zh=f"{zh}：{opened} 立项{known_zh}，{taken_zh}，限期 {due}，{end_zh}",
        en=f"{en}: opened {opened}{known_en}, {taken_en}, due {due}, {end_en}",
        on=opened,
        ulid=case.case,
        indicator=case.indicator,
    )


def _check_line(check: Round | Inspection, setup: Setup, only: str | None = None) -> EvidenceLine:
    """A round or an inspection with all of its readings, or that of one indicator."""
    is_round = isinstance(check, Round)
    planned = isinstance(check, Inspection) and check.is_planned
    zh, en = ("走访登记", "round") if is_round else ("计划检查", "planned check") if planned else ("抽查", "check")
    if only is not None:
        value_zh, value_en = _value(check.readings[only])
    else:
        named = [(code, _name(code, setup), _value(value)) for code, value in check.readings.items()]
        value_zh = "；".join(f"{code} {name[0]} {value[0]}" for code, name, value in named)
        value_en = "; ".join(f"{code} {name[1]} {value[1]}" for code, name, value in named)
    return EvidenceLine(
        kind="round" if is_round else "inspection",
        zh=f"{zh}：{value_zh}{'。' if check.text else ''}{check.text}",
        en=f"{en}: {value_en}{'. ' if check.text else ''}{check.text}",
        on=calendar.day_of(calendar.local_day(check.observed_at)),
        ulid=parse_id(check.id).ulid,
        indicator=only,
    )


def _value(value: float | bool | str | None) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    return ("无", "none") if value is None else (f"{value:g}",) * 2 if isinstance(value, float) else (str(value),) * 2


def _name(code: str, setup: Setup) -> tuple[str, str]:
    catalogue = setup.rulebook.catalogue
    if code not in catalogue.index:
        return code, code
    indicator = catalogue.indicators[catalogue.index[code]]
    return indicator.name_zh, indicator.name_en


def cells(view: EvidenceView, language: Language) -> list[list[Cell]]:
    """A line for each thing behind a number, and for each stretch of days, in the order of ``COLUMNS``."""
    at = int(language == "en")
    rows: list[list[Cell]] = []
    for part in view.components:
        head: list[Cell] = [(part.zh, part.en)[at], part.points]
        for line in part.lines:
            rows.append([*head, *_row(line, at)])
            rows += [[*head, *_span_row(line.indicator, span, at)] for span in line.spans]
            rows += [[*head, *_row(event, at)] for event in line.events]
    return rows


def _row(line: EvidenceLine, at: int) -> Iterable[Cell]:
    return line.indicator, (line.zh, line.en)[at], line.on, None, None, None, line.ulid


def _span_row(indicator: str | None, span: LightSpan, at: int) -> Iterable[Cell]:
    days = (span.until - span.since).days + 1
    return indicator, None, span.since, span.until, days, _LIGHTS[span.light][at], None
