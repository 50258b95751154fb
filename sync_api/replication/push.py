"""Taking a push: what passes the checks is stored together with its receipts; what does not is quarantined first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Raw
from ulid import ULID

from models import calendar
from models.cases import ILLEGAL, Case, CaseFact, Illegal, case_fact, fold_case, handed_up_as, judge, voids
from models.documents import (
    SEVERITIES,
    Acknowledgement,
    AnyEvent,
    CaseEvent,
    Decision,
    Notice,
    Omission,
    Receipt,
    Report,
    Sanction,
    Severity,
    Verdict,
    Withdrawal,
    decode_document,
    encode,
    has_words,
)
from models.ids import CODE_LENGTHS, DocumentId, database_of, event_id, parse_id
from models.policy import Policy
from models.setup import Setup
from sync_api.access.accounts import Account, Session
from sync_api.access.staff import Staff
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, Saved
from sync_api.early_warning.door import verdict_fault
from sync_api.errors import StoreUnavailable, TooManyRequests
from sync_api.evaluation.door import check_decisions
from sync_api.held_events import Held, HeldEvents
from sync_api.joint_work.links import link_fault
from sync_api.notices.rights import department_of, is_step_of, may_withdraw, speaks_for
from sync_api.quarantine import records
from sync_api.quarantine.budget import RefusalBudget
from sync_api.replication.amendments import Amendments
from sync_api.replication.feeds import Feeds
from sync_api.replication.informant_checks import InformantChecks
from sync_api.replication.intake import Accepted, check, check_signed, own_event, read_id, without_revision
from sync_api.replication.refusals import Refusal
from sync_api.replication.settling import Settling
from sync_api.stored import readable


class PushRow(msgspec.Struct, omit_defaults=True):
    """One row of the answer, in the order sent. ``forbidden`` makes the tablet mark the document and go on; any other
    error makes it send the whole batch again."""

    id: str
    rev: str = ""
    ok: bool = False
    error: str = ""
    reason: str = ""


class Push:
    """Takes pushes into one store."""

    def __init__(
        self,
        couch: Couch,
        feeds: Feeds,
        staff: Staff,
        clock: Callable[[], datetime],
        held: HeldEvents,
        tell: Callable[[Sequence[Held]], Awaitable[None]],
        audit: AuditLog,
        opener: Callable[[str, str], str | None],
    ) -> None:
        """``tell`` hears what was stored, before the push is answered; ``opener``: who opened a case, of a village and
        ULID."""
        self._couch, self._feeds, self._staff, self._clock, self._tell = couch, feeds, staff, clock, tell
        self._held, self._audit, self._opener = held, audit, opener
        self._budget = RefusalBudget()
        self._amendments = Amendments(couch, staff)
        self._informants = InformantChecks(couch, staff)
        self._settling = Settling(couch, clock)

    async def take(
        self, session: Session, setup: Setup, database: str, documents: Sequence[Raw], *, keeps_refused: bool = True
    ) -> list[PushRow]:
        """Judge, keep and answer a batch. Raises ``StoreUnavailable`` when nothing can be promised. ``keeps_refused``
        is False for what the gateway itself wrote for a form that still holds it."""
        now = self._clock()
        if session.is_revoked:
            return await self.hand_in(session, setup, documents)
        judged = [check(raw, session, setup, database, now) for raw in documents]
        async with self._settling.hold(_settled_in(judged)):
            return await self._take(session, setup, database, judged, documents, now, keeps_refused=keeps_refused)

    async def _take(
        self,
        session: Session,
        setup: Setup,
        database: str,
        judged: list[Accepted | Refusal],
        documents: Sequence[Raw],
        now: datetime,
        *,
        keeps_refused: bool,
    ) -> list[PushRow]:
        """The rest of ``take``: what was judged by itself is judged beside what the store holds."""
        policy = setup.rulebook.policy
        known = await self._known_revisions(database, [j.document_id for j in judged if isinstance(j, Accepted)])
        judged = _refuse_second_contents(judged, known)
        judged = [j if j.document_id in known else check_signed(j, session.account, setup, now) for j in judged]
        judged = await self._amendments.check(session.account, database, judged, known, setup)
        judged = [await self._check_verifier(j) for j in judged]
        judged = [await self._check_notice(session, j) for j in judged]
        judged = [await self._check_links(session, j) for j in judged]
        judged = await check_decisions(self._couch, database, judged, known, policy.evaluation)
        judged = await self._informants.check(database, judged, known, setup)
        judged = [self._check_opening(session, j) for j in judged]
        judged = await self._check_steps(session, database, judged, policy)
        refused = [(j, bytes(raw)) for j, raw in zip(judged, documents, strict=True) if isinstance(j, Refusal)]
        held = await self._held_already(session, setup, [raw for j, raw in refused if j.code in _NO_LONGER])
        refused = [(j, raw) for j, raw in refused if j.document_id not in held]
        unkept = await self._keep(session, setup, database, refused) if keeps_refused else set()
        accepted = {j.document_id: j for j in judged if isinstance(j, Accepted)}
        new = {identity: j for identity, j in accepted.items() if identity not in known}
        # what is stored already is receipted again: the first receipt may have been lost with its gateway
        receipts = _receipts(session, list(accepted.values()), now)
        for identity, j in new.items():
            await self._audit.record_decision(session.account.alias, identity, j.event)
        await self._store(database, list(new.values()), receipts)
        # known ones too: their first push may have died before the lights
        await self._tell([*(j.event for j in accepted.values()), *receipts])
        await self._hand_over(session.account, accepted.values())
        return [_row(j, held, unkept) for j in judged]

    async def hand_in(self, session: Session, setup: Setup, documents: Sequence[Raw]) -> list[PushRow]:
        """Take what an author may push no more: from a device that was shut off or a closed account, or written for a
        place that the author has left. What the store holds is answered so; the rest waits for an office, whatever it
        is. Raises ``StoreUnavailable`` when nothing can be promised."""
        raws = [bytes(raw) for raw in documents]
        held = await self._held_already(session, setup, raws)
        judged = [_no_longer(session, raw) for raw in raws]
        refused = [(j, raw) for j, raw in zip(judged, raws, strict=True) if j.document_id not in held]
        unkept = await self._keep(session, setup, None, refused)
        return [_row(j, held, unkept) for j in judged]

    async def take_one(self, session: Session, setup: Setup, database: str, document: Raw) -> PushRow:
        """A batch of one, which is not kept where it is refused: the form that it was written for still holds it, or
        the quarantine does already."""
        [row] = await self.take(session, setup, database, [document], keeps_refused=False)
        return row

    async def refuse_unreadable(self, session: Session, setup: Setup, database: str, body: bytes) -> None:
        """Keep a body that is no JSON at all, whole. Raises ``TooManyRequests`` where there is no room for it."""
        refusal = Refusal("", "malformed", "请求内容不是有效的 JSON。", "The body is not valid JSON.")
        if await self._keep(session, setup, database, [(refusal, body)]):
            raise TooManyRequests(_NO_ROOM.code, _NO_ROOM.zh, _NO_ROOM.en, {"Retry-After": str(NO_ROOM_RETRY_S)})

    async def _keep(
        self, session: Session, setup: Setup, database: str | None, refused: Sequence[tuple[Refusal, bytes]]
    ) -> set[str]:
        return await records.keep(self._couch, session, setup, database, refused, self._clock(), self._budget)

    async def _held_already(self, session: Session, setup: Setup, raws: Sequence[bytes]) -> dict[str, str]:
        """Revisions by id of what the store holds just as its author sends it again: accepted once, before they moved
        or were shut off, and the receipt never came."""
        sent = [own for raw in raws if (own := own_event(raw, session.account.alias)) is not None]
        by_database: defaultdict[str, dict[str, AnyEvent]] = defaultdict(dict)
        for event in sent:
            if parse_id(event.id).division in setup.register.divisions:
                by_database[database_of(event.id)][event.id] = event
        held: dict[str, str] = {}
        for database, events in by_database.items():
            rows = await self._couch.rows_of(database, list(events), include_docs=True)
            revisions = {row.id: row.value.rev for row in rows if row.value is not None}
            for stored in readable(rows):
                if isinstance(stored, AnyEvent) and without_revision(stored) == events[stored.id]:
                    held[stored.id] = revisions[stored.id]
        return held

    async def _known_revisions(self, database: str, ids: list[str]) -> dict[str, str]:
        feed = self._feeds.of(database)
        possible = [identity for identity in ids if feed.may_hold(identity)]
        if not possible:
            return {}
        rows = await self._couch.rows_of(database, possible)
        return {row.id: row.value.rev for row in rows if row.id is not None and row.value is not None}

    async def _check_verifier(self, judged: Accepted | Refusal) -> Accepted | Refusal:
        """Who verified what closes a case is an account that works on its village."""
        alias = getattr(judged.event, "verified_by", None) if isinstance(judged, Accepted) else None
        if isinstance(judged, Refusal) or alias is None:
            return judged
        record = await self._staff.find(alias)
        if record is not None and record.is_active and _may_verify(record.account, judged.document_id):
            return judged
        zh = f"核实人 {alias} 不是办理本村事项的账号。"
        en = f"{alias!r} is no account that works on the cases of this village."
        return Refusal(judged.document_id, "unknown_verifier", zh, en)

    def _check_opening(self, session: Session, judged: Accepted | Refusal) -> Accepted | Refusal:
        """A report opens a case of its own, and no one else's anew."""
        if isinstance(judged, Refusal) or not isinstance(judged.event, Report) or judged.event.amends is not None:
            return judged
        opener = self._opener(judged.identity.division, judged.identity.ulid or "")
        if opener in (None, session.account.alias):
            return judged
        illegal = ILLEGAL["already_opened"]
        return Refusal(judged.document_id, illegal.code, illegal.zh, illegal.en)

    async def _check_steps(
        self, session: Session, database: str, judged: list[Accepted | Refusal], policy: Policy
    ) -> list[Accepted | Refusal]:
        """Each step of a case is judged among all that is known of it, those of the same push included."""
        arriving = [(fact, j) for j in judged if isinstance(j, Accepted) and (fact := case_fact(j.event)) is not None]
        cases = {(fact.village, fact.case) for fact, j in arriving if _is_of_a_case(j.event)}
        if not cases:
            return judged
        known = await self._known_facts(database, cases)
        refused: dict[str, Refusal] = {}
        for fact, j in sorted(arriving, key=lambda one: (one[0].step != "opened", one[0].at_ms, one[0].ulid)):
            of_case = known.setdefault((fact.village, fact.case), set())
            illegal = judge(of_case, fact, policy) if _is_of_a_case(j.event) else None
            if illegal is None and isinstance(j.event, CaseEvent):
                illegal = _beyond_the_account(j.event, of_case, fact, session, policy)
            if illegal is not None:
                refused[j.document_id] = Refusal(j.document_id, illegal.code, illegal.zh, illegal.en)
            else:
                for all_clear in voids(of_case, fact, policy):
                    await self._audit.record(fact.author, "all_clear_void", j.document_id, all_clear=all_clear)
                of_case.add(fact)
        return [refused.get(j.document_id, j) for j in judged]

    async def _check_notice(self, session: Session, judged: Accepted | Refusal) -> Accepted | Refusal:
        """A paper is acknowledged by whom it is addressed to, withdrawn by the office that issued it, and named only by
        the step that it was issued with."""
        event = judged.event if isinstance(judged, Accepted) else None
        if isinstance(judged, Refusal) or not isinstance(event, Acknowledgement | CaseEvent | Withdrawal):
            return judged
        if event.notice is None:
            return judged
        content = await self._couch.get(database_of(event.notice), event.notice)
        notice = decode_document(content) if content is not None else None
        if isinstance(notice, Notice):
            if isinstance(event, CaseEvent) and await self._is_of_paper(
                session.account, event, judged.identity, notice
            ):
                return judged
            if (
                isinstance(event, Acknowledgement)
                and event.department == department_of(session.account)
                and speaks_for(session.account, judged.identity.division, notice)
            ):
                return judged
            if isinstance(event, Withdrawal) and may_withdraw(session.account, judged.identity.division, notice):
                return judged
        zh, en = "没有发给本单位的这一文件。", "There is no such paper addressed to this account's division."
        if isinstance(event, CaseEvent):
            zh, en = (
                "没有这一步所依据的文件，或者它不是这一事项的。",
                "There is no such paper for this step of this case.",
            )
        if isinstance(event, Withdrawal):
            zh, en = "没有由本单位签发的这一文件。", "This account's office has issued no such paper."
        return Refusal(judged.document_id, "unknown_notice", zh, en)

    async def _is_of_paper(self, account: Account, step: CaseEvent, identity: DocumentId, notice: Notice) -> bool:
        """Whether a case's step is what a paper brought about: its issue, or its withdrawal, told by its office."""
        if step.step != "recalled":
            return is_step_of(notice, identity)
        about, office = notice.about, notice.id.partition(":")[0]
        is_about = about is not None and (about.village, about.case) == (identity.division, identity.owner)
        if not is_about or not may_withdraw(account, office, notice):
            return False
        start = f"{office}:withdrawal:"
        rows = await self._couch.range_of(database_of(office), start, f"{start[:-1]};", include_docs=True)
        return any(isinstance(word, Withdrawal) and word.notice == notice.id for word in readable(rows))

    async def _check_links(self, session: Session, judged: Accepted | Refusal) -> Accepted | Refusal:
        """A document of patrols, joint work or the early warning that is about another one fits to it."""
        if isinstance(judged, Refusal):
            return judged
        if isinstance(judged.event, Verdict):
            fault = await verdict_fault(self._couch, judged.event, judged.identity)
        else:
            fault = await link_fault(self._couch, session.scope, judged.event, judged.identity)
        return judged if fault is None else Refusal(judged.document_id, *fault)

    async def _known_facts(self, database: str, cases: set[tuple[str, str]]) -> dict[tuple[str, str], set[CaseFact]]:
        """What the store knows of some cases (village, ULID). A village has some dozens of reports."""
        reports = [(f"{village}:report:", f"{village}:report;") for village in {village for village, _ in cases}]
        steps = [(f"{village}:case:{case}:", f"{village}:case:{case};") for village, case in cases]
        found: dict[tuple[str, str], set[CaseFact]] = {key: set() for key in cases}
        for start, end in [*reports, *steps]:
            rows = await self._couch.range_of(database, start, end, include_docs=True)
            for fact in map(case_fact, readable(rows)):
                if fact is not None and (fact.village, fact.case) in found:
                    found[fact.village, fact.case].add(fact)
        return found

    async def _hand_over(self, by: Account, accepted: Iterable[Accepted]) -> None:
        """Let the departments that cases were assigned to see them: those of the city where the city did, and else of
        the county. Those pushed again, too: the gateway may have died in between."""
        for j in accepted:
            if isinstance(j.event, CaseEvent) and j.event.department is not None:
                village, case = j.identity.division, j.identity.owner or ""
                of = min((*by.divisions, village[: CODE_LENGTHS["county"]]), key=len)
                await self._staff.assign(j.event.department, of, village, case)

    async def _store(self, database: str, new: list[Accepted], receipts: list[Receipt]) -> None:
        documents = [*(j.body for j in new), *map(encode, receipts)]
        if not documents:
            return
        self._held.hold([*(j.event for j in new), *receipts])  # the feed may bring them before the write is answered
        # all of them: the feed keeps to no order within a write
        self._feeds.of(database).expect([*(j.document_id for j in new), *(receipt.id for receipt in receipts)])
        failed = await self._couch.bulk_docs(database, documents, new_edits=False)
        if errors := [row for row in failed if row.error is not None]:
            raise StoreUnavailable(_first(errors))


#: What is refused beyond what an account may have refused in a day: the tablet keeps it.
_NO_ROOM: Final = Refusal(
    "",
    "too_many_refused",
    "今天退回的内容过多，请联系管理站；写下的内容仍在这台设备上，不会丢失。",
    "Too much was refused today: ask the station. What was written stays on this device.",
)
NO_ROOM_RETRY_S: Final = 3_600
_SETTLED_ONCE: Final = (Decision, Omission, Sanction)
#: Why an author may not push what they might have pushed before: they moved, or there was no such rule.
_NO_LONGER: Final = frozenset({"out_of_scope", "other_database", "bad_channel"})


def _no_longer(session: Session, raw: bytes) -> Refusal:
    """What is handed in waits for an office, whatever it is: nobody knows who holds a device that was shut off."""
    if session.is_closed:
        code, zh, en = "account_closed", "该账号已停用", "The account was closed"
    elif session.is_revoked:
        code, zh, en = "device_revoked", "这台平板已停用", "This device was revoked"
    else:
        code, zh, en = "moved", "这是在原来的村写的", "It was written for another place"
    return Refusal(read_id(raw), code, f"{zh}，内容已交管理站核对。", f"{en}: an office looks at it first.")


def _beyond_the_account(
    event: CaseEvent, known: set[CaseFact], new: CaseFact, session: Session, policy: Policy
) -> Illegal | None:
    """Why a step that the case allows is not this account's to take: nobody opens a case that somebody opened already;
    what comes back is as grave as it was, unless who must act on it finds otherwise; an all-clear is given where a
    matter so bad must be acted on, or above; no village reviews what is more than a small matter of its own; and
    deadlines have their own rules. What is stored is only repeated."""
    if new in known:
        return None
    if event.step == "opened" and event.amends is None and any(one.step == "opened" for one in known):
        return ILLEGAL["already_opened"]
    is_judged = event.step in ("cleared", "reopened", "reviewed") or event.due is not None
    case = fold_case(known, policy) if is_judged else None
    if case is not None and (illegal := _beyond_the_rank(event, case, session.account, policy)) is not None:
        return illegal
    if event.amends is not None and new.due_day is not None:
        # a correction is no new opening
        opened = fold_case({one for one in known if one.step == "opened"}, policy)
        return ILLEGAL["deadline_not_yours"] if opened is not None and new.due_day > opened.due_day else None
    return _beyond_the_deadline(event, case, new, session.account, policy)


def _beyond_the_rank(event: CaseEvent, case: Case, account: Account, policy: Policy) -> Illegal | None:
    """Why a step of a matter so bad is for an office of another level."""
    is_acting = case.acting.startswith(account.divisions)
    if event.step == "cleared" and not is_acting:
        return ILLEGAL["not_acting"]
    if event.step == "reopened" and event.severity is not None and not is_acting:
        is_milder = SEVERITIES.index(event.severity) < SEVERITIES.index(case.severity)
        return ILLEGAL["milder_than_before"] if is_milder else None
    is_own = event.step == "reviewed" and event.is_better and account.role == "administrator"
    return ILLEGAL["own_village"] if is_own and case.severity in policy.clearing.reviewed_first else None


def _beyond_the_deadline(
    event: CaseEvent, case: Case | None, new: CaseFact, account: Account, policy: Policy
) -> Illegal | None:
    """Why a deadline is not this account's to set, or to put off."""
    if new.due_day is None:
        return None
    before = case.severity if case is not None else "major"
    severity = handed_up_as(event.severity, before) if event.step == "escalated" else event.severity or before
    begins = event.step in ("opened", "escalated", "reopened")
    days: int = getattr(policy.follow_up_days, severity)
    if begins and new.due_day > calendar.local_day_of_ms(new.saved_ms) + days:
        return ILLEGAL["deadline_not_yours"]
    is_new = begins and (event.step != "escalated" or case is None or _gives_new_time(severity, case))
    if is_new or case is None or new.due_day <= case.due_day:
        return None
    if case.due_by is not None and not case.due_by.startswith(account.divisions):
        return ILLEGAL["deadline_of_above"]
    if not _is_above(account, case) and not _hands_over(event, case, new.due_day, account, policy):
        return ILLEGAL["deadline_not_yours"]
    # a paper says why
    has_reason = event.notice is not None or has_words(event.text)
    return None if has_reason else ILLEGAL["no_reason_given"]


def _gives_new_time(severity: Severity, case: Case) -> bool:
    """Whether a case that is handed up as so bad has its time anew: it does where that is graver, but an order's day
    stands."""
    return case.due_by is None and SEVERITIES.index(severity) > SEVERITIES.index(case.severity)


def _hands_over(event: CaseEvent, case: Case, due_day: int, account: Account, policy: Policy) -> bool:
    """Whether who must act hands it to another, or orders it done, by a day, as a meeting does: the longest term that
    there is at most, and that from when the matter was known, or else there would be no end to it."""
    if event.department is None and event.office in account.offices:
        return False  # to itself
    term: int = max(getattr(policy.follow_up_days, severity) for severity in SEVERITIES)
    is_in_term = due_day <= case.times[-1].known_day + term
    return event.step in ("assigned", "deadline") and case.acting.startswith(account.divisions) and is_in_term


def _is_above(account: Account, case: Case) -> bool:
    """Whether an account's office stands above the one in charge, and above the one that must act, which may have lent
    the matter to another; above the city there is none."""
    owner = case.owner if case.owner.isdigit() else f"{case.village[: CODE_LENGTHS['county']]}."
    return all(
        any(office.startswith(code) and (office != code or account.role == "city") for code in account.divisions)
        for office in (owner, case.acting)
    )


def _is_of_a_case(event: AnyEvent) -> bool:
    """Whether an event is about a case that is there: a step of it, or a correction of the report that opened it."""
    return isinstance(event, CaseEvent) or (isinstance(event, Report) and event.amends is not None)


def _settled_in(judged: Iterable[Accepted | Refusal]) -> set[str]:
    """The divisions in which something is settled that is settled once."""
    return {j.identity.division for j in judged if isinstance(j, Accepted) and isinstance(j.event, _SETTLED_ONCE)}


def _may_verify(account: Account, document_id: str) -> bool:
    return account.may_write("case") and account.board_scope().allows(document_id)


def _first(rows: list[Saved]) -> str:
    return f"{rows[0].id}: {rows[0].error}"


def _refuse_second_contents(judged: list[Accepted | Refusal], known: dict[str, str]) -> list[Accepted | Refusal]:
    """An id is written once: the same revision again is a repetition, another one is refused."""
    revisions = dict(known)
    out: list[Accepted | Refusal] = []
    for j in judged:
        if isinstance(j, Accepted) and revisions.setdefault(j.document_id, j.rev) != j.rev:
            zh, en = (
                "同一编号已有不同内容；请以更正方式上报。",
                "This id already holds other content: write a correction.",
            )
            out.append(Refusal(j.document_id, "append_only", zh, en))
        else:
            out.append(j)
    return out


def _receipts(session: Session, accepted: list[Accepted], now: datetime) -> list[Receipt]:
    """One receipt a division and push, which the tablet replicates back: "the server holds 12 of 12"."""
    by_division: dict[str, list[str]] = defaultdict(list)
    for a in accepted:
        by_division[a.identity.division].append(a.document_id)
    stamp = ULID.from_datetime(now)
    return [
        Receipt(
            id=event_id(division, "receipt", f"{session.account.alias}.{session.device}", str(stamp)),
            rev="1-" + stamp.hex,
            received_at=now,
            ids=ids,
        )
        for division, ids in by_division.items()
    ]


def _row(judged: Accepted | Refusal, held: Mapping[str, str], unkept: Container[str]) -> PushRow:
    if isinstance(judged, Accepted):
        return PushRow(judged.document_id, rev=judged.rev, ok=True)
    if (rev := held.get(judged.document_id)) is not None:
        return PushRow(judged.document_id, rev=rev, ok=True)
    if judged.document_id in unkept:  # and stays with its author
        return PushRow(judged.document_id, error=_NO_ROOM.code, reason=_NO_ROOM.reason)
    return PushRow(judged.document_id, error="forbidden", reason=judged.reason)
