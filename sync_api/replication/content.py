"""Checks of what a document says, by its kind. Pure.

Each refusal has a stable code and one clear reason in Chinese and English; the first check that fails decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any, Final, get_args

import msgspec

from models import calendar, terms
from models.amendments import is_withdrawn
from models.cases import step_faults
from models.catalogue import Catalogue, ReadingError
from models.documents import (
    Agenda,
    AnyEvent,
    Appointment,
    Carrying,
    CaseEvent,
    Decision,
    Inspection,
    Meeting,
    Omission,
    Patrol,
    Pledge,
    Record,
    Report,
    Round,
    Sanction,
    Service,
    Settlements,
    Team,
    Training,
    has_words,
)
from models.ids import CODE_LENGTHS, DocumentId, IdError, parse_id
from models.joint_work.soundness import UNAMENDED, joint_work_fault
from models.notices.requests import STEPS_BY_PAPER
from models.personal_numbers import has_personal_number
from models.setup import Setup
from sync_api.errors import BadRequest
from sync_api.replication.refusals import Refusal, Refused

#: Fields that hold ids, codes of divisions and hashes, whose digits mean something else; all of them are checked to be
#: just that.
CODED_FIELDS: Final = frozenset(
    {
        *("id", "_id", "_rev", "_revisions", "ids", "rev", "revisions", "amends", "about", "photos", "notice"),
        *("patrol", "commitment", "secret", "villages", "village", "case", "omissions"),
        *("lead", "helpers", "checker", "departments", "excused", "observers"),
    }
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: The longest pledge (mission 5) runs for a term of office.
_PLEDGE_DAYS_MAX: Final = 5 * 366
_VILLAGE: Final = CODE_LENGTHS["village"]


def check_content(event: AnyEvent, identity: DocumentId, setup: Setup) -> None:
    """Raises ``Refused`` for the first thing that is wrong."""
    if event.simulated and not setup.rulebook.is_simulated:
        raise Refused("simulated", "真实系统不接受模拟数据。", "This store holds real events: nothing simulated.")
    if event.amends is not None:
        _check_amendment(event)
    elif is_withdrawn(event):
        zh, en = "撤回必须指明所撤回的那一份。", "A withdrawal names what it withdraws."
        raise Refused("bad_amendment", zh, en)
    for check in _checks_of(type(event)):
        check(event, identity, setup)
    _check_texts(event)


def _check_amendment(event: AnyEvent) -> None:
    try:
        amended, own = parse_id(event.amends or ""), parse_id(event.id)
    except IdError as error:
        raise Refused("bad_amendment", "更正所指的编号不正确。", f"What it amends is no id: {error}.") from error
    is_own = isinstance(event, Record) or amended.owner == own.owner  # of a record any account of its office
    if (amended.division, amended.kind) != (own.division, own.kind) or not is_own:
        raise Refused(
            "bad_amendment", "只能更正自己的同类内容。", "Only one's own document of the same kind is amended."
        )


def _check_about(event: Any, _: DocumentId, __: Setup) -> None:
    for name in ("about", "patrol"):
        if (link := getattr(event, name, None)) is not None:
            try:
                parse_id(link)
            except IdError as error:
                raise Refused("bad_id", "所指的编号不正确。", f"What it is about is no id: {error}.") from error


def _check_decided(event: Decision, own: DocumentId, _: Setup) -> None:
    about = parse_id(event.about)
    if about.kind not in ("evaluation", "summary") or about.division != own.division:
        raise Refused(
            "bad_id",
            "决定所指的不是本单位的考核结果。",
            "What it is about is no evaluation or summary of its division.",
        )


def _check_matter(event: Report | CaseEvent, _: DocumentId, setup: Setup) -> None:
    if event.indicator is not None:
        _check_indicator(event.indicator, setup.rulebook.catalogue)


def _check_readings(event: Round | Inspection, _: DocumentId, setup: Setup) -> None:
    catalogue, observed_day = setup.rulebook.catalogue, calendar.local_day(event.observed_at)
    for code, value in event.readings.items():
        _check_indicator(code, catalogue)
        _check_reading(code, value, catalogue, observed_day)


def _check_round(event: Round, _: DocumentId, __: Setup) -> None:
    """Where nothing could be read, it says why."""
    if not event.readings and not has_words(event.text):
        raise Refused(
            "empty_round", "请登记读数，或者写明为什么没有读数。", "Enter a reading, or say why there is none."
        )


def _check_inspection(event: Inspection, _: DocumentId, __: Setup) -> None:
    """Nothing that was found is no check of a village, and nothing is planned but by a patrol."""
    if not event.readings and not has_words(event.text):
        raise Refused("empty_check", "请写明检查情况，或者登记读数。", "Say what was found, or enter a reading.")
    if event.is_planned and event.patrol is None:
        zh, en = "没有所属巡查的检查不是计划内检查。", "A check that belongs to no patrol is not planned."
        raise Refused("not_as_its_patrol", zh, en)


def _check_pledge(event: Pledge, _: DocumentId, __: Setup) -> None:
    _check_term("until", event.until, event, _PLEDGE_DAYS_MAX)


def _check_service(event: Service, _: DocumentId, __: Setup) -> None:
    """How much of what was done where: a figure without them counts nothing."""
    missing = next((name for name in ("topic", "unit", "place") if not getattr(event, name).strip()), None)
    if missing is not None:
        zh, en = f"请填写“{terms.FIELDS[missing]}”。", f"The field {missing!r} is empty: fill it in."
        raise Refused("service_incomplete", zh, en)
    if event.amount <= 0:
        raise Refused("service_incomplete", "“数量”应大于 0。", "The amount must be more than 0.")


def _check_settlements(event: Settlements, _: DocumentId, __: Setup) -> None:
    """Each natural village once, with people, and no more households than people."""
    names = [one.name.strip() for one in event.natural_villages]
    if len(set(names)) < len(names):
        raise Refused("bad_settlements", "自然村的名称重复。", "A natural village is named twice.")
    for one in event.natural_villages:
        if not 0 < one.households <= one.people:
            zh = f"自然村“{one.name}”的户数应大于 0，且不多于人口。"
            en = f"{one.name!r} must have households, and no more of them than people."
            raise Refused("bad_settlements", zh, en)


def _check_step(event: CaseEvent, _: DocumentId, setup: Setup) -> None:
    rulebook = setup.rulebook
    if missing := step_faults(event):
        zh = f"“{terms.STEPS[event.step]}”必须填写“{terms.FIELDS[missing]}”。"
        raise Refused("step_incomplete", zh, f"The step {event.step!r} needs {missing!r}.")
    if event.notice is not None and event.step not in STEPS_BY_PAPER:
        raise Refused("malformed", "这一步没有文号。", f"The step {event.step!r} is taken without a paper.")
    if event.notice is None and event.step in STEPS_BY_PAPER:
        zh = f"“{terms.STEPS[event.step]}”只能以签发或撤回文件的方式办理。"
        raise Refused("needs_paper", zh, f"The step {event.step!r} is taken by issuing or withdrawing a paper.")
    if event.department is not None:
        _check_department(event.department, rulebook.catalogue)
    if event.due is not None:
        _check_term("due", event.due, event, rulebook.policy.clock.behind_days_max)


def _check_joint_work(event: AnyEvent, identity: DocumentId, setup: Setup) -> None:
    if isinstance(event, UNAMENDED) and event.amends is not None:
        raise Refused("bad_amendment", "这一内容不能更正，请另行登记。", "It is not corrected: write another one.")
    reason = joint_work_fault(event, identity, setup.rulebook.catalogue, setup.register)
    if reason is not None:
        raise Refused("malformed", *reason)


def _check_department(name: str, catalogue: Catalogue) -> None:
    if name not in catalogue.department_names:
        raise Refused("unknown_department", f"没有“{name}”这个部门。", "There is no such department.")


def _check_term(name: str, until: date, event: AnyEvent, days_max: int) -> None:
    """A term that an event sets ends on its own day at the earliest."""
    days = calendar.epoch_day(until) - calendar.local_day(event.observed_at)
    if not 0 <= days <= days_max:
        zh = f"“{terms.FIELDS[name]}”应在发现之日起 {days_max} 天之内。"
        raise Refused("bad_term", zh, f"{name!r} must lie within {days_max} days from the day of the event.")


def _check_of_village(event: AnyEvent, identity: DocumentId, _: Setup) -> None:
    if len(identity.division) != _VILLAGE:
        raise Refused("bad_id", "此类内容必须属于一个村。", f"A {identity.kind} belongs to a village.")


def _check_training(event: Training, identity: DocumentId, _: Setup) -> None:
    """Who attended is for the office alone; each of them once."""
    twice = [alias for alias, times in Counter(event.informants).items() if times > 1]
    if twice and not event.withdrawn:
        zh, en = f"{twice[0]} 在名单中出现了不止一次。", f"{twice[0]!r} is named more than once."
        raise Refused("named_twice", zh, en)
    is_of_village = len(identity.division) == _VILLAGE
    if event.informants and (is_of_village or event.attended < len(set(event.informants))):
        raise Refused(
            "bad_training",
            "有信息员名单的培训应由管理站登记，人数不少于名单。",
            "A training that names informants is an office's own, and at least as many attended.",
        )


def _check_omission(event: Omission, own: DocumentId, _: Setup) -> None:
    """What is set aside is about nobody; a step after the first names the one before it, of the same informant."""
    about = parse_id(event.about)
    is_later = event.step in ("appealed", "upheld", "withdrawn")
    is_right = about.division == own.division and (event.step != "set_aside" or own.owner == event.author)
    if is_later:
        is_right = event.about.rpartition(":")[0] == event.id.rpartition(":")[0]
    elif event.step in ("confirmed", "set_aside"):
        is_right = is_right and about.kind in ("report", "inspection", "omission")
    if not is_right:
        raise Refused("bad_id", "所指的不是这一事项。", "What it is about is another matter, or another informant's.")


def _check_sanction(event: Sanction, identity: DocumentId, _: Setup) -> None:
    prefix = f"{identity.division}:omission:{identity.owner}:"
    if len(set(event.omissions)) != len(event.omissions) or not all(_is_of(one, prefix) for one in event.omissions):
        raise Refused(
            "bad_id",
            "所依据的不是这位信息员的认定。",
            "It is based on something else than omissions of this informant.",
        )


def _is_of(text: str, prefix: str) -> bool:
    try:
        return str(parse_id(text)).startswith(prefix)
    except IdError:
        return False


def _check_indicator(code: str, catalogue: Catalogue) -> None:
    if code not in catalogue.index:
        raise Refused("unknown_indicator", f"没有指标 {code}。", f"There is no indicator {code}.")


def _check_reading(code: str, value: float | bool | str | None, catalogue: Catalogue, observed_day: int) -> None:
    try:
        encoded = catalogue.encode_reading(code, value)
    except ReadingError as error:
        raise Refused("bad_reading", error.zh, error.en) from error
    if isinstance(value, str) and encoded > observed_day:
        zh, en = (
            f"指标 {code}：日期晚于发现之日。",
            f"Indicator {code}: the date lies after the day of the observation.",
        )
        raise Refused("bad_reading", zh, en)


#: A check and the kinds of event that it is made of, in the order of the checks.
_Check = Callable[[Any, DocumentId, Setup], None]
_CHECKS: Final[tuple[tuple[_Check, tuple[type[AnyEvent], ...]], ...]] = (
    (_check_about, tuple(k for k in get_args(AnyEvent) if {"about", "patrol"} & {*k.__struct_fields__})),
    (_check_decided, (Decision,)),
    (_check_matter, (Report, CaseEvent)),
    (_check_readings, (Round, Inspection)),
    (_check_round, (Round,)),
    (_check_inspection, (Inspection,)),
    (_check_step, (CaseEvent,)),
    (_check_pledge, (Pledge,)),
    (_check_service, (Service,)),
    (_check_settlements, (Settlements,)),
    (_check_joint_work, (Patrol, Agenda, Meeting, Carrying, Team)),
    (_check_of_village, (Appointment, Settlements, Omission, Sanction)),
    (_check_omission, (Omission,)),
    (_check_sanction, (Sanction,)),
    (_check_training, (Training,)),
)


@cache
def _checks_of(kind: type[AnyEvent]) -> tuple[_Check, ...]:
    return tuple(check for check, kinds in _CHECKS if kind in kinds)


def _check_texts(event: AnyEvent) -> None:
    if (refusal := text_refusal(event.id, _texts_of(event))) is not None:
        raise Refused(refusal.code, refusal.zh, refusal.en)


def require_clean(*texts: str) -> None:
    """Raises ``BadRequest`` for texts of a page that no document may hold: ``personal_number``, ``bad_character``."""
    if (refusal := text_refusal("", texts)) is not None:
        raise BadRequest(refusal.code, refusal.zh, refusal.en)


def text_refusal(document_id: str, texts: Iterable[str]) -> Refusal | None:
    """Why texts that people wrote are not taken, whatever document they are for."""
    text = "|".join(texts)  # a sign that stands in no number
    if not text.isprintable() and _CONTROL.search(text):
        return Refusal(document_id, "bad_character", "内容含有不可见的控制字符。", "A text holds control characters.")
    if has_personal_number(text):
        zh, en = "请不要填写身份证号或电话号码。", "Leave out identity-card and telephone numbers."
        return Refusal(document_id, "personal_number", zh, en)
    return None


@cache
def _free_fields(kind: type[msgspec.Struct]) -> Callable[[Any], tuple[object, ...]]:
    """Gives what a struct's free fields hold."""
    names = [name for name in kind.__struct_fields__ if name not in CODED_FIELDS]
    return attrgetter(*names, "__class__")  # the last one so that there are two at least, and a tuple


def _texts_of(value: object) -> Iterator[str]:
    """All texts that people wrote somewhere in a value."""
    if isinstance(value, msgspec.Struct):
        within: Iterable[object] = _free_fields(type(value))(value)
    elif isinstance(value, dict):
        within = value.values()
    elif isinstance(value, list):
        within = value
    else:
        return
    for one in within:
        if isinstance(one, str):
            yield one
        elif isinstance(one, msgspec.Struct | dict | list):
            yield from _texts_of(one)
