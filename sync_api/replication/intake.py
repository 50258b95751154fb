"""Checks of what a tablet pushes: schema → scope and role → author → first revision → times → content. Pure.

Each refusal has a stable code and one clear reason in Chinese and English; the first check that fails decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

import msgspec
from msgspec import UNSET, Raw

from models import calendar, terms
from models.cases import step_faults
from models.catalogue import Catalogue, ReadingError
from models.documents import (
    EVENT_KINDS,
    AnyEvent,
    Appointment,
    CaseEvent,
    Decision,
    Inspection,
    Omission,
    Pledge,
    Report,
    Round,
    Sanction,
    Settlements,
    Training,
    decode_event,
)
from models.ids import CODE_LENGTHS, OWNER_OF_KIND, DocumentId, IdError, database_of, parse_id, ulid_milliseconds
from models.joint_work.soundness import UNAMENDED, joint_work_fault
from models.personal_numbers import has_personal_number
from models.revisions import first_revision, with_revision
from models.setup import Setup
from models.village import LIT_KINDS, Rulebook
from sync_api.access.accounts import Account, Session

#: A report is a few hundred bytes and a full round 3 kB; photos travel apart from documents.
DOCUMENT_BYTES_MAX: Final = 64 * 1024
#: As much of what a refused document calls its id is repeated to the client; real ones are shorter.
ID_CHARACTERS_MAX: Final = 200
#: Fields that hold ids, codes of divisions and hashes, whose digits mean something else; all of them are checked to be
#: just that.
CODED_FIELDS: Final = frozenset(
    {
        *("id", "_id", "_rev", "_revisions", "ids", "rev", "revisions", "amends", "about", "photos", "notice"),
        *("patrol", "commitment", "secret", "villages", "village", "case", "omissions"),
    }
)
#: Steps that a warning notice and an order are issued with.
_STEPS_WITH_PAPER: Final = frozenset({"noticed", "deadline"})
_FIRST_REVISION: Final = re.compile(r"1-[0-9a-f]{32}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: Where a document that is no JSON seems to say its id.
_ID_IN_TEXT: Final = re.compile(rb'"_id"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"')
#: Which field a decoding error of msgspec's is about.
_FIELD_IN_ERROR: Final = re.compile(r"field `(\w+)`|`\$\.(\w+)")
#: The longest pledge (mission 5) runs for a term of office.
_PLEDGE_DAYS_MAX: Final = 5 * 366
_VILLAGE: Final = CODE_LENGTHS["village"]


class Refusal(msgspec.Struct, frozen=True):
    """Why a document is not taken. ``document_id`` is empty where it has none."""

    document_id: str
    code: str
    zh: str
    en: str

    @property
    def reason(self) -> str:
        return f"{self.zh} / {self.en}"


class Accepted(msgspec.Struct, frozen=True):
    """A document to be stored: its body has a first revision, its own or one derived from its content."""

    identity: DocumentId
    document_id: str
    rev: str
    body: bytes
    event: AnyEvent


class _Refused(Exception):
    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.zh, self.en = code, zh, en


class _Envelope(msgspec.Struct):
    """What can be read of a document that does not fit its struct."""

    id: str = msgspec.field(name="_id", default="")
    type: str = ""
    is_deleted: bool = msgspec.field(name="_deleted", default=False)


#: What decoding raises for bytes that are no document: nesting too deep for it is a RecursionError.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def check(raw: Raw | bytes, session: Session, setup: Setup, database: str, now: datetime) -> Accepted | Refusal:
    """Judge one document of a push by an account to a database at an instant."""
    body = bytes(raw)
    try:
        event = _decode(body)
    except _Refused as refused:
        return Refusal(read_id(body), refused.code, refused.zh, refused.en)
    try:
        identity = _check_id(event, session, setup, database)
        _check_writer(event, identity, session)
        _check_revision(event)
        _check_times(event, identity, setup, now)
        _check_content(event, setup)
    except _Refused as refused:
        return Refusal(event.id[:ID_CHARACTERS_MAX], refused.code, refused.zh, refused.en)
    rev, body = _with_revision(event, body)
    return Accepted(identity, event.id, rev, body, event)


def read_id(body: bytes) -> str:
    """What a document calls its id, cut off; empty where it has none."""
    try:
        return _decode_envelope(body).id[:ID_CHARACTERS_MAX]
    except UNREADABLE:
        # the tablet must learn which one was refused
        found = _ID_IN_TEXT.search(body)
        return found[1].decode() if found else ""


def own_event(body: bytes, alias: str) -> AnyEvent | None:
    """The event that an account wrote itself, without its revision; None for anything else."""
    try:
        event = _decode(body)
        identity = parse_id(event.id)
    except (_Refused, IdError):
        return None
    author = identity.owner if OWNER_OF_KIND.get(identity.kind) == "author" else getattr(event, "author", None)
    return without_revision(event) if author == alias and identity.kind == _kind(event) else None


def without_revision(event: AnyEvent) -> AnyEvent:
    """What it says, whatever a store or a tablet calls this version of it."""
    return msgspec.structs.replace(event, rev=UNSET, revisions=UNSET)


def _decode(body: bytes) -> AnyEvent:
    if len(body) > DOCUMENT_BYTES_MAX:
        raise _Refused(
            "too_large",
            f"内容过大（{len(body) // 1024} kB），一份最多 {DOCUMENT_BYTES_MAX // 1024} kB。",
            f"The document has {len(body) // 1024} kB; {DOCUMENT_BYTES_MAX // 1024} kB are allowed.",
        )
    try:
        event: AnyEvent = decode_event(body)
    except UNREADABLE as error:
        raise _why_undecodable(body, error) from error
    return event


def _why_undecodable(body: bytes, error: Exception) -> _Refused:
    try:
        envelope = _decode_envelope(body)
    except UNREADABLE:
        return _Refused("malformed", "内容不是有效的 JSON 文档。", "Not a valid JSON document.")
    if envelope.is_deleted:
        return _Refused(
            "append_only", "已上报的内容不能删除，只能更正。", "Events are never deleted: write a correction."
        )
    if envelope.type not in EVENT_KINDS:
        return _Refused("unknown_kind", "没有这一类文档。", f"Unknown kind of document {envelope.type[:40]!r}.")
    return _field_fault(str(error))


def _field_fault(error: str) -> _Refused:
    """The first field that is not as it must be, from what msgspec says of it."""
    found = _FIELD_IN_ERROR.search(error)
    name = next(filter(None, found.groups())) if found else ""
    term = terms.FIELDS.get(name, "")
    if "missing required" in error:
        return _Refused("malformed", f"缺少“{term}”。", f"The field {name!r} is missing.")
    if "unknown field" in error:
        return _Refused("malformed", "含有系统没有的项目。", f"There is no field {name!r}.")
    return _Refused("malformed", f"“{term or '内容'}”填写不符合要求。", f"The field {name!r} is not as it must be.")


def _check_id(event: AnyEvent, session: Session, setup: Setup, database: str) -> DocumentId:
    try:
        identity = parse_id(event.id)
    except IdError as error:
        raise _Refused("bad_id", "编号格式不正确。", f"Not a document id: {error}.") from error
    if identity.kind != _kind(event):
        raise _Refused("bad_id", "编号与文档类型不一致。", f"The id says {identity.kind}, the document {_kind(event)}.")
    if identity.kind in LIT_KINDS and identity.level != "village":
        raise _Refused("bad_id", "此类内容必须属于一个村。", f"A {identity.kind} belongs to a village.")
    division = identity.division
    if division not in setup.register.divisions:
        raise _Refused(
            "unknown_division", f"区划登记中没有 {division}。", f"There is no division {division} in the register."
        )
    if not division.startswith(session.account.divisions):
        raise _outside(division)
    if database_of(division) != database:
        raise _Refused(
            "other_database",
            f"区划 {division} 的内容不属于这个数据库。",
            f"Documents of division {division} belong into {database_of(division)}.",
        )
    if not session.account.may_write(identity.kind):
        raise _Refused(
            "role_may_not_write",
            f"您的岗位不能填写“{terms.KINDS[identity.kind]}”。",
            f"The role {session.account.role} may not write {identity.kind!r}.",
        )
    if not session.scope.allows(event.id):
        if identity.kind == "case":  # one that is not assigned to this department
            raise _outside(division)
        raise _Refused("not_author", "编号中的上报人不是当前账号。", "The id names another author than this account.")
    return identity


def _outside(division: str) -> _Refused:
    zh, en = f"区划 {division} 不在您的工作范围内。", f"Division {division} is outside your scope."
    return _Refused("out_of_scope", zh, en)


def _check_writer(event: AnyEvent, identity: DocumentId, session: Session) -> None:
    account = session.account
    author = identity.owner if OWNER_OF_KIND[identity.kind] == "author" else getattr(event, "author", None)
    if author != account.alias:
        raise _Refused("not_author", "上报人不是当前账号。", "The author is another one than this account.")
    if (office := getattr(event, "office", None)) is not None:
        _check_office(event, office, identity, account)
    if isinstance(event, Decision) and identity.division in account.divisions:
        zh, en = "本单位的考核由上一级决定。", "An office's own evaluation is decided by the one above it."
        raise _Refused("role_may_not_write", zh, en)
    if isinstance(event, Omission) and not account.may_take(event.step):
        raise _Refused(
            "role_may_not_write",
            f"您的岗位不能办理“{terms.OMISSION_STEPS[event.step]}”这一步。",
            f"The role {account.role} may not take the step {event.step!r} of an omission.",
        )
    if isinstance(event, CaseEvent) and not account.may_record(event.step):
        raise _Refused(
            "role_may_not_write",
            f"您的岗位不能办理“{terms.STEPS[event.step]}”这一步。",
            f"The role {account.role} may not record the step {event.step!r}.",
        )


def _check_office(event: AnyEvent, office: str, identity: DocumentId, account: Account) -> None:
    """One takes a case for the own unit only; one hands it to a unit that answers for its village."""
    is_handed = isinstance(event, CaseEvent) and event.step == "assigned"
    is_right = identity.division.startswith(office) if is_handed else office in account.offices
    if not is_right:
        zh = "只能交办给本村的上级管理单位。" if is_handed else "只能以本单位名义受理。"
        en = "It is handed to an office above the village." if is_handed else "A case is taken for the own office only."
        raise _Refused("wrong_office", zh, en)


def _check_revision(event: AnyEvent) -> None:
    is_first = event.rev is UNSET or _FIRST_REVISION.match(event.rev)
    if not is_first or not _is_history_of(event):
        raise _Refused(
            "append_only", "已上报的内容不能修改，只能更正。", "Events are never changed: write a correction."
        )


def _is_history_of(event: AnyEvent) -> bool:
    """Whether ``_revisions``, if given, say just what ``_rev`` says: the store takes them before ``_rev``, and one that
    is no history stops the whole write, or the store itself."""
    if event.revisions is UNSET:
        return True
    ids = [event.rev.removeprefix("1-")] if event.rev is not UNSET else []
    return (event.revisions.start, event.revisions.ids) == (1, ids) and bool(ids)


def _check_times(event: AnyEvent, identity: DocumentId, setup: Setup, now: datetime) -> None:
    clock = setup.rulebook.policy.clock
    minutes, days = clock.ahead_minutes_max, clock.behind_days_max
    latest = now + timedelta(minutes=minutes)
    if event.observed_at > latest or event.saved_at > latest:
        raise _Refused(
            "clock_ahead",
            "时间在将来：请检查平板的时钟。",
            f"The time lies more than {minutes} minutes in the future: check the tablet's clock.",
        )
    if event.observed_at > event.saved_at + timedelta(minutes=minutes):
        raise _Refused("observed_after_saved", "发现时间晚于保存时间。", "It was observed after it was saved.")
    if event.saved_at < now - timedelta(days=days):
        raise _Refused(
            "clock_behind",
            f"保存时间早于 {days} 天前：请检查平板的时钟。",
            f"It was saved more than {days} days ago: check the tablet's clock.",
        )
    # a correction repeats the instant of what it corrects, which was looked at when it came
    if event.amends is None and event.observed_at < event.saved_at - timedelta(days=days):
        raise _Refused(
            "observed_long_ago",
            f"发现时间比保存时间早 {days} 天以上。",
            f"It was observed more than {days} days before it was saved.",
        )
    named_ms, saved_ms = ulid_milliseconds(identity.ulid or ""), calendar.to_ms(event.saved_at)
    if abs(named_ms - saved_ms) > calendar.MS_PER_DAY:
        raise _Refused(
            "bad_id", "编号中的时间与保存时间不符。", "The time in the id is not that of saving, give or take a day."
        )


def _check_content(event: AnyEvent, setup: Setup) -> None:
    rulebook = setup.rulebook
    catalogue = rulebook.catalogue
    if event.simulated and not rulebook.is_simulated:
        raise _Refused("simulated", "真实系统不接受模拟数据。", "This store holds real events: nothing simulated.")
    if event.amends is not None:
        _check_amendment(event)
    for link in (getattr(event, "about", None), getattr(event, "patrol", None)):
        if link is not None:
            _check_about(link)
    if isinstance(event, Decision):
        _check_decided(event)
    if isinstance(event, Report | CaseEvent) and event.indicator is not None:
        _check_indicator(event.indicator, catalogue)
    if isinstance(event, Round | Inspection):
        observed_day = calendar.local_day(event.observed_at)
        for code, value in event.readings.items():
            _check_indicator(code, catalogue)
            _check_reading(code, value, catalogue, observed_day)
    if isinstance(event, CaseEvent):
        _check_step(event, rulebook)
    if isinstance(event, Pledge):
        _check_term("until", event.until, event, _PLEDGE_DAYS_MAX)
    _check_joint_work(event, setup)
    _check_of_informants(event)
    _check_texts(event)


def _check_step(event: CaseEvent, rulebook: Rulebook) -> None:
    if missing := step_faults(event):
        zh = f"“{terms.STEPS[event.step]}”必须填写“{terms.FIELDS[missing]}”。"
        raise _Refused("step_incomplete", zh, f"The step {event.step!r} needs {missing!r}.")
    if event.notice is not None and event.step not in _STEPS_WITH_PAPER:
        raise _Refused("malformed", "这一步没有文号。", f"The step {event.step!r} is taken without a paper.")
    if event.department is not None:
        _check_department(event.department, rulebook.catalogue)
    if event.due is not None:
        _check_term("due", event.due, event, rulebook.policy.clock.behind_days_max)


def _check_joint_work(event: AnyEvent, setup: Setup) -> None:
    if isinstance(event, UNAMENDED) and event.amends is not None:
        raise _Refused("bad_amendment", "这一内容不能更正，请另行登记。", "It is not corrected: write another one.")
    name = joint_work_fault(event, parse_id(event.id), setup.rulebook.catalogue, setup.register)
    if name is not None:
        zh = f"“{terms.FIELDS[name]}”填写不符合要求。"
        raise _Refused("malformed", zh, f"The field {name!r} is not as it must be.")


def _check_department(name: str, catalogue: Catalogue) -> None:
    if name not in catalogue.department_names:
        raise _Refused("unknown_department", f"没有“{name}”这个部门。", "There is no such department.")


def _check_term(name: str, until: date, event: AnyEvent, days_max: int) -> None:
    """A term that an event sets ends on its own day at the earliest."""
    days = calendar.epoch_day(until) - calendar.local_day(event.observed_at)
    if not 0 <= days <= days_max:
        zh = f"“{terms.FIELDS[name]}”应在发现之日起 {days_max} 天之内。"
        raise _Refused("bad_term", zh, f"{name!r} must lie within {days_max} days from the day of the event.")


def _check_amendment(event: AnyEvent) -> None:
    try:
        amended, own = parse_id(event.amends or ""), parse_id(event.id)
    except IdError as error:
        raise _Refused("bad_amendment", "更正所指的编号不正确。", f"What it amends is no id: {error}.") from error
    if (amended.division, amended.kind, amended.owner) != (own.division, own.kind, own.owner):
        raise _Refused(
            "bad_amendment", "只能更正自己的同类内容。", "Only one's own document of the same kind is amended."
        )


def _check_about(about: str) -> None:
    try:
        parse_id(about)
    except IdError as error:
        raise _Refused("bad_id", "所指的编号不正确。", f"What it is about is no id: {error}.") from error


def _check_decided(event: Decision) -> None:
    about, own = parse_id(event.about), parse_id(event.id)
    if about.kind not in ("evaluation", "summary") or about.division != own.division:
        raise _Refused(
            "bad_id",
            "决定所指的不是本单位的考核结果。",
            "What it is about is no evaluation or summary of its division.",
        )


def _check_of_informants(event: AnyEvent) -> None:
    is_of_village = len(event.id.partition(":")[0]) == _VILLAGE
    if isinstance(event, Appointment | Settlements | Omission | Sanction) and not is_of_village:
        raise _Refused("bad_id", "此类内容必须属于一个村。", f"A {_kind(event)} belongs to a village.")
    match event:
        case Omission():
            _check_omission(event)
        case Sanction():
            _check_sanction(event)
        case Training() if event.informants and (is_of_village or event.attended < len(set(event.informants))):
            # who attended is for the office alone
            raise _Refused(
                "bad_training",
                "有信息员名单的培训应由管理站登记，人数不少于名单。",
                "A training that names informants is an office's own, and at least as many attended.",
            )


def _check_omission(event: Omission) -> None:
    """What is set aside is about nobody; a step after the first names the one before it, of the same informant."""
    own, about = parse_id(event.id), parse_id(event.about)
    is_later = event.step in ("appealed", "upheld", "withdrawn")
    is_right = about.division == own.division and (event.step != "set_aside" or own.owner == event.author)
    if is_later:
        is_right = event.about.rpartition(":")[0] == event.id.rpartition(":")[0]
    elif event.step in ("confirmed", "set_aside"):
        is_right = is_right and about.kind in ("report", "inspection", "omission")
    if not is_right:
        raise _Refused("bad_id", "所指的不是这一事项。", "What it is about is another matter, or another informant's.")


def _check_sanction(event: Sanction) -> None:
    identity = parse_id(event.id)
    prefix = f"{identity.division}:omission:{identity.owner}:"
    if len(set(event.omissions)) != len(event.omissions) or not all(_is_of(one, prefix) for one in event.omissions):
        raise _Refused(
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
        raise _Refused("unknown_indicator", f"没有指标 {code}。", f"There is no indicator {code}.")


def _check_reading(code: str, value: float | bool | str | None, catalogue: Catalogue, observed_day: int) -> None:
    try:
        encoded = catalogue.encode_reading(code, value)
    except ReadingError as error:
        raise _Refused("bad_reading", error.zh, error.en) from error
    if isinstance(value, str) and encoded > observed_day:
        zh, en = (
            f"指标 {code}：日期晚于发现之日。",
            f"Indicator {code}: the date lies after the day of the observation.",
        )
        raise _Refused("bad_reading", zh, en)


def _check_texts(event: AnyEvent) -> None:
    refusal = text_refusal(event.id, _texts([getattr(event, name) for name in _free_fields(type(event))]))
    if refusal is not None:
        raise _Refused(refusal.code, refusal.zh, refusal.en)


def text_refusal(document_id: str, texts: Iterable[str]) -> Refusal | None:
    """Why texts that people wrote are not taken, whatever document they are for."""
    text = "\n".join(texts)
    if _CONTROL.search(text):
        return Refusal(document_id, "bad_character", "内容含有不可见的控制字符。", "A text holds control characters.")
    if has_personal_number(text):
        zh, en = "请不要填写身份证号或电话号码。", "Leave out identity-card and telephone numbers."
        return Refusal(document_id, "personal_number", zh, en)
    return None


@cache
def _free_fields(kind: type[AnyEvent]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in CODED_FIELDS)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _texts(inner))
    elif isinstance(value, msgspec.Struct):
        names = (name for name in value.__struct_fields__ if name not in CODED_FIELDS)
        yield from (text for name in names for text in _texts(getattr(value, name)))


def _kind(event: AnyEvent) -> str:
    return str(event.__struct_config__.tag)


def _with_revision(event: AnyEvent, body: bytes) -> tuple[str, bytes]:
    if event.rev is not UNSET:
        return event.rev, body
    rev = first_revision(body)
    return rev, with_revision(body, rev)
