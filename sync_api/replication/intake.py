"""Checks of what a tablet pushes: schema → scope and role → author → first revision → times → content. Pure.

Each refusal has a stable code and one clear reason in Chinese and English; the first check that fails decides.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import UNSET, Raw

from models import calendar, terms
from models.documents import (
    EVENT_KINDS,
    Agenda,
    AnyEvent,
    Carrying,
    CaseEvent,
    Decision,
    Meeting,
    Omission,
    Patrol,
    Pledge,
    Report,
    Sanction,
    Team,
    Withdrawal,
    decode_event,
)
from models.ids import OWNER_OF_KIND, DocumentId, IdError, database_of, parse_id, ulid_milliseconds
from models.revisions import first_revision, with_revision
from models.setup import Setup
from models.village import LIT_KINDS
from sync_api.access.accounts import Account, Session
from sync_api.field_faults import field_fault
from sync_api.replication.content import check_content
from sync_api.replication.refusals import Refusal, Refused

#: A report is a few hundred bytes, a full round 3 kB, and a lot among all villages of the city 76 kB; photos travel
#: apart from documents.
DOCUMENT_BYTES_MAX: Final = 96 * 1024
#: What an office writes with a network only: it counts for the office, or against somebody.
_SIGNED: Final = CaseEvent | Omission | Sanction | Decision | Withdrawal
#: As much of what a refused document calls its id is repeated to the client; real ones are shorter.
ID_CHARACTERS_MAX: Final = 200
_FIRST_REVISION: Final = re.compile(r"1-[0-9a-f]{32}\Z")
#: Where a document that is no JSON seems to say its id.
_ID_IN_TEXT: Final = re.compile(rb'"_id"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"')


class Accepted(msgspec.Struct, frozen=True):
    """A document to be stored: its body has a first revision, its own or one derived from its content."""

    identity: DocumentId
    document_id: str
    rev: str
    body: bytes
    event: AnyEvent


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
    except Refused as refused:
        return Refusal(read_id(body), refused.code, refused.zh, refused.en)
    try:
        identity = _check_id(event, session, setup, database)
        _check_writer(event, identity, session)
        _check_revision(event)
        _check_times(event, identity, setup, now)
        check_content(event, identity, setup)
    except Refused as refused:
        return Refusal(event.id[:ID_CHARACTERS_MAX], refused.code, refused.zh, refused.en)
    rev, body = _with_revision(event, body)
    return Accepted(identity, event.id, rev, body, event)


def check_signed(judged: Accepted | Refusal, account: Account, setup: Setup, now: datetime) -> Accepted | Refusal:
    """What an office decides, or does about a case, is as of now when it first comes; the matter itself, and what is
    corrected, may be older."""
    event = judged.event if isinstance(judged, Accepted) else None
    if isinstance(judged, Refusal) or not isinstance(event, _SIGNED) or account.is_in_the_field:
        return judged
    minutes = setup.rulebook.policy.clock.decision_behind_minutes_max
    is_of_before = event.amends is not None or (isinstance(event, CaseEvent) and event.step == "opened")
    signed_at = event.saved_at if is_of_before else min(event.observed_at, event.saved_at)
    if signed_at >= now - timedelta(minutes=minutes):
        return judged
    return Refusal(
        judged.document_id,
        "not_as_of_now",
        f"单位办理、认定和决定的时间必须是现在，不能早于 {minutes} 分钟前。",
        f"What an office does or decides is dated now, not more than {minutes} minutes ago.",
    )


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
    except (Refused, IdError):
        return None
    author = identity.owner if OWNER_OF_KIND.get(identity.kind) == "author" else getattr(event, "author", None)
    return without_revision(event) if author == alias and identity.kind == _kind(event) else None


def without_revision(event: AnyEvent) -> AnyEvent:
    """What it says, whatever a store or a tablet calls this version of it."""
    return msgspec.structs.replace(event, rev=UNSET, revisions=UNSET)


def _decode(body: bytes) -> AnyEvent:
    if len(body) > DOCUMENT_BYTES_MAX:
        raise Refused(
            "too_large",
            f"内容过大（{len(body) // 1024} kB），一份最多 {DOCUMENT_BYTES_MAX // 1024} kB。",
            f"The document has {len(body) // 1024} kB; {DOCUMENT_BYTES_MAX // 1024} kB are allowed.",
        )
    try:
        event: AnyEvent = decode_event(body)
    except UNREADABLE as error:
        raise _why_undecodable(body, error) from error
    return event


def _why_undecodable(body: bytes, error: Exception) -> Refused:
    try:
        envelope = _decode_envelope(body)
    except UNREADABLE:
        return Refused("malformed", "内容不是有效的 JSON 文档。", "Not a valid JSON document.")
    if envelope.is_deleted:
        return Refused(
            "append_only", "已上报的内容不能删除，只能更正。", "Events are never deleted: write a correction."
        )
    if envelope.type not in EVENT_KINDS:
        return Refused("unknown_kind", "没有这一类文档。", f"Unknown kind of document {envelope.type[:40]!r}.")
    return Refused("malformed", *field_fault(str(error)))


def _check_id(event: AnyEvent, session: Session, setup: Setup, database: str) -> DocumentId:
    try:
        identity = parse_id(event.id)
    except IdError as error:
        raise Refused("bad_id", "编号格式不正确。", f"Not a document id: {error}.") from error
    if identity.kind != _kind(event):
        raise Refused("bad_id", "编号与文档类型不一致。", f"The id says {identity.kind}, the document {_kind(event)}.")
    if identity.kind in LIT_KINDS and identity.level != "village":
        raise Refused("bad_id", "此类内容必须属于一个村。", f"A {identity.kind} belongs to a village.")
    division = identity.division
    if division not in setup.register.divisions:
        raise Refused(
            "unknown_division", f"区划登记中没有 {division}。", f"There is no division {division} in the register."
        )
    if not division.startswith(session.account.divisions):
        raise _outside(division)
    if database_of(division) != database:
        raise Refused(
            "other_database",
            f"区划 {division} 的内容不属于这个数据库。",
            f"Documents of division {division} belong into {database_of(division)}.",
        )
    if not session.account.may_write(identity.kind):
        raise Refused(
            "role_may_not_write",
            f"您的岗位不能填写“{terms.KINDS[identity.kind]}”。",
            f"The role {session.account.role} may not write {identity.kind!r}.",
        )
    if not session.scope.allows(event.id):
        if identity.kind == "case":  # one that is not assigned to this department
            raise _outside(division)
        raise Refused("not_author", "编号中的上报人不是当前账号。", "The id names another author than this account.")
    return identity


def _outside(division: str) -> Refused:
    zh, en = f"区划 {division} 不在您的工作范围内。", f"Division {division} is outside your scope."
    return Refused("out_of_scope", zh, en)


def _check_writer(event: AnyEvent, identity: DocumentId, session: Session) -> None:
    account = session.account
    author = identity.owner if OWNER_OF_KIND[identity.kind] == "author" else getattr(event, "author", None)
    if author != account.alias:
        raise Refused("not_author", "上报人不是当前账号。", "The author is another one than this account.")
    if (office := getattr(event, "office", None)) is not None:
        _check_office(event, office, identity, account)
    elif account.role == "department" and isinstance(event, CaseEvent):
        zh, en = "部门办理事项须写明是哪个部门。", "What a department does about a case says which department it is."
        raise Refused("wrong_office", zh, en)
    if isinstance(event, Report) and account.role == "informant" and event.channel != "tablet":
        zh, en = "信息员上报的来源只能是平板。", "What an informant reports comes by the tablet, and by nothing else."
        raise Refused("bad_channel", zh, en)
    if isinstance(event, Report) and event.channel == "tablet" and not account.is_in_the_field:
        zh, en = (
            "单位登记的来源不能是平板，请写明实际来源。",
            "An office has no tablet: say how the matter came.",
        )
        raise Refused("bad_channel", zh, en)
    if _is_an_offices_own(event) and identity.division not in account.divisions:
        zh, en = (
            "会议和巡查只能由本单位安排、记录。",
            "An office plans and writes down its own meetings and patrols, and no other's.",
        )
        raise Refused("wrong_office", zh, en)
    if isinstance(event, Decision) and identity.division in account.divisions:
        zh, en = "本单位的考核由上一级决定。", "An office's own evaluation is decided by the one above it."
        raise Refused("role_may_not_write", zh, en)
    if isinstance(event, Pledge) and identity.division in account.divisions:
        zh, en = "责任书由签订的上一级登记。", "A pledge is entered by the office above that it is given to."
        raise Refused("role_may_not_write", zh, en)
    if isinstance(event, Omission) and not account.may_take(event.step):
        raise Refused(
            "role_may_not_write",
            f"您的岗位不能办理“{terms.OMISSION_STEPS[event.step]}”这一步。",
            f"The role {account.role} may not take the step {event.step!r} of an omission.",
        )
    if isinstance(event, CaseEvent) and event.due is not None and not account.is_office:
        zh, en = "办理期限由管理站以上单位设定和延长。", "Deadlines are set, and put off, by stations and above."
        raise Refused("due_not_yours", zh, en)
    if isinstance(event, CaseEvent) and not account.may_record(event.step):
        raise Refused(
            "role_may_not_write",
            f"您的岗位不能办理“{terms.STEPS[event.step]}”这一步。",
            f"The role {account.role} may not record the step {event.step!r}.",
        )


def _is_an_offices_own(event: AnyEvent) -> bool:
    """What nobody does in another office's place; a lot is drawn by whoever witnesses it."""
    return isinstance(event, Agenda | Meeting) or (isinstance(event, Patrol) and event.step != "drawn")


_HANDED: Final = ("只能交办给本村的上级管理单位。", "It is handed to an office above the village.")
_TAKEN: Final = ("只能以本单位名义受理。", "A case is taken for the own office only.")
#: Why nobody speaks for another office, where it is about no case.
_OWN_OFFICE: Final[dict[type[AnyEvent], tuple[str, str]]] = {
    Team: ("工作组只能以本单位名义派出或撤回。", "A team is sent and withdrawn for the own office only."),
    Carrying: ("只能以本单位名义说明办理情况。", "One speaks of a resolution for the own office only."),
}


def _check_office(event: AnyEvent, office: str, identity: DocumentId, account: Account) -> None:
    """One takes a case for the own unit only; one hands it to a unit that answers for its village."""
    is_handed = isinstance(event, CaseEvent) and event.step == "assigned"
    is_right = identity.division.startswith(office) if is_handed else office in account.offices
    if not is_right:
        raise Refused("wrong_office", *(_HANDED if is_handed else _OWN_OFFICE.get(type(event), _TAKEN)))


def _check_revision(event: AnyEvent) -> None:
    is_first = event.rev is UNSET or _FIRST_REVISION.match(event.rev)
    if not is_first or not _is_history_of(event):
        raise Refused(
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
    ahead, behind = timedelta(minutes=minutes), timedelta(days=days)
    if max(event.observed_at, event.saved_at) > now + ahead:
        raise Refused(
            "clock_ahead",
            "时间在将来：请检查这台设备的时钟。",
            f"The time lies more than {minutes} minutes in the future: check this device's clock.",
        )
    if event.observed_at > event.saved_at + ahead:
        raise Refused("observed_after_saved", "发现时间晚于保存时间。", "It was observed after it was saved.")
    if event.saved_at < now - behind:
        raise Refused(
            "clock_behind",
            f"保存时间早于 {days} 天前：请检查这台设备的时钟。",
            f"It was saved more than {days} days ago: check this device's clock.",
        )
    # a correction repeats the instant of what it corrects, which was looked at when it came
    if event.amends is None and event.observed_at < event.saved_at - behind:
        raise Refused(
            "observed_long_ago",
            f"发现时间比保存时间早 {days} 天以上。",
            f"It was observed more than {days} days before it was saved.",
        )
    named_ms, saved_ms = ulid_milliseconds(identity.ulid or ""), calendar.to_ms(event.saved_at)
    if abs(named_ms - saved_ms) > calendar.MS_PER_DAY:
        raise Refused(
            "bad_id", "编号中的时间与保存时间不符。", "The time in the id is not that of saving, give or take a day."
        )


def _kind(event: AnyEvent) -> str:
    return str(event.__struct_config__.tag)


def _with_revision(event: AnyEvent, body: bytes) -> tuple[str, bytes]:
    if event.rev is not UNSET:
        return event.rev, body
    rev = first_revision(body)
    return rev, with_revision(body, rev)
