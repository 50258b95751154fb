"""Quarantine as an office works it: look, release into the store as the author's, or dismiss with a word to them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Raw
from ulid import ULID

from models.audit import AuditAction
from models.documents import Answer, encode
from models.ids import QUARANTINE_DATABASE, IdError, Scope, database_of, event_id, parse_id
from models.setup import Setup
from sync_api.access.accounts import Account, Session
from sync_api.access.staff import Staff
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, CouchError
from sync_api.errors import Conflict, Forbidden, GatewayError, NotFound
from sync_api.quarantine.records import RAW_CHARACTERS_MAX, Decision, Outcome, Quarantined, keeper_of
from sync_api.replication.push import Push

#: What a desk is shown at a time, the oldest first, and how much of a text: all of what a report can hold.
PAGE_ITEMS: Final = 50
SHOWN_CHARACTERS_MAX: Final = 20_000
#: Each may have 1.5 MB.
READ_AT_ONCE: Final = 50


class Group(msgspec.Struct):
    """What of one author waits for one and the same reason: said in the words of the oldest."""

    author: str
    code: str
    zh: str
    en: str
    count: int
    since: datetime


class Waiting(msgspec.Struct):
    """All that waits, by author and reason, the longest waiting first; and of those asked for, ``matching`` in all, the
    oldest from ``offset`` on: ``raw`` cut off at ``SHOWN_CHARACTERS_MAX``."""

    count: int
    groups: list[Group]
    matching: int
    offset: int
    oldest: list[Quarantined]


class Wanted(msgspec.Struct, frozen=True):
    """What a list is narrowed to; an unset field lets all through."""

    author: str | None = None
    code: str | None = None

    def lets_through(self, kept: Quarantined) -> bool:
        return self.author in (None, kept.author) and self.code in (None, kept.code)


_decode = msgspec.json.Decoder(Quarantined).decode
_ACTIONS: Final[dict[str, AuditAction]] = {"released": "quarantine_released", "dismissed": "quarantine_dismissed"}
#: Longer than a decision takes: whoever took it so long ago, and did not carry it out, is gone.
LEASE: Final = timedelta(minutes=1)


class QuarantineDesk:
    """Works on refused documents of one store. Who may: an office whose scope the author's division lies in."""

    def __init__(self, couch: Couch, staff: Staff, push: Push, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        self._couch, self._staff, self._push, self._audit, self._clock = couch, staff, push, audit, clock

    async def waiting(self, scope: Scope, wanted: Wanted, offset: int = 0) -> Waiting:
        """What no office has decided on yet."""
        count, matching, oldest = 0, 0, list[Quarantined]()
        groups: dict[tuple[str, str], Group] = {}
        async for page in self._waiting_pages(scope):
            count += len(page)
            for one in page:
                _count_in(groups, one)
            matched = [q for q in page if wanted.lets_through(q)]
            matching += len(matched)
            oldest = sorted([*oldest, *matched], key=_by_age)[: offset + PAGE_ITEMS]
        by_age = sorted(groups.values(), key=lambda group: (group.since, group.author, group.code))
        return Waiting(count, by_age, matching, offset, oldest[offset:])

    async def all_waiting(self, scope: Scope, wanted: Wanted) -> list[Quarantined]:
        """The same without an end, the oldest first."""
        return sorted(
            [q async for page in self._waiting_pages(scope) for q in page if wanted.lets_through(q)], key=_by_age
        )

    async def of_author(self, author: Account, document_id: str) -> Quarantined | None:
        """What an account wrote under an id and was refused, whatever was decided since; of several the last."""
        start = f"{keeper_of(author, document_id)}:quarantine:{author.alias}:"
        found = [q async for page in self._pages(start, f"{start[:-1]};") for q in page if q.document_id == document_id]
        return max(found, key=_by_age, default=None)

    async def release(self, session: Session, setup: Setup, quarantine_id: str) -> None:
        """Judge it again, as its author's, and store it. Raises ``NotFound``, ``Forbidden`` (the own), ``Conflict``
        (decided already, or still refused, with the reason)."""
        kept = await self._undecided(session, setup, quarantine_id)
        if len(kept.raw) == RAW_CHARACTERS_MAX:
            raise Conflict(
                "cut_off", "原文过长，未全部保存，不能放行。", "It was too long to be kept whole: dismiss it."
            )
        await self._decide(session, setup, kept, _taken("released", session, self._clock()))

    async def dismiss(self, session: Session, setup: Setup, quarantine_id: str, text: str) -> None:
        """Settle it with a word to its author, whose tablet shows it. Raises ``NotFound``, ``Forbidden`` (the own),
        ``Conflict``."""
        kept = await self._undecided(session, setup, quarantine_id)
        await self._decide(session, setup, kept, _taken("dismissed", session, self._clock(), text))

    async def _decide(self, session: Session, setup: Setup, kept: Quarantined, decision: Decision) -> None:
        """Take the item, carry the decision out, and say that it is done. One that still cannot be stored waits on."""
        async with self._logged(session, _ACTIONS[decision.outcome], kept):
            taken = await self._put(kept, decision)
            try:
                await self._carry_out(setup, taken, session.scope)
            except Conflict:
                await self._put(taken, None)
                raise
            await self._put(taken, _done(decision))

    async def _carry_out(self, setup: Setup, kept: Quarantined, office: Scope) -> None:
        """Once or twice comes to the same. Raises ``Conflict`` for what is still refused."""
        record = await self._staff.find(kept.author)  # also of an account that was closed since
        account = None if record is None else record.account
        if kept.decision is None or kept.decision.outcome == "dismissed":
            await self._tell(kept, account)
            return
        if account is None:
            raise Conflict(
                "no_such_author", "上报人的账号已不存在，不能放行。", "Its author's account is gone: dismiss it."
            )
        author = Session(_as_of_its_place(account, kept.document_id, office), kept.device)
        raw = Raw(kept.raw.encode())
        row = await self._push.take_one(author, setup, kept.database, raw)
        if not row.ok:
            zh, _, en = row.reason.partition(" / ")
            raise Conflict("still_refused", f"仍不能入库：{zh}", f"It is still refused: {en}")
        if author.account != account:  # whose tablet sees no receipt of a place that they have left
            await self._tell(kept, account)

    @asynccontextmanager
    async def _logged(self, session: Session, action: AuditAction, kept: Quarantined) -> AsyncIterator[None]:
        """Log a decision before it is made, so that none is made unlogged, and what came of it."""
        alias = session.account.alias
        await self._audit.record(alias, action, kept.id, outcome="asked")
        try:
            yield
        except GatewayError as error:
            await self._audit.record(alias, action, kept.id, outcome=error.code)
            raise
        await self._audit.record(alias, action, kept.id, outcome="done")

    async def _tell(self, kept: Quarantined, author: Account | None) -> None:
        """Send the decision's word to where the author works now."""
        if kept.decision is None:
            return
        at, division = kept.decision.at, kept.id.partition(":")[0]
        if author is not None and division not in author.divisions:
            division = author.divisions[0]
        answer = Answer(
            id=_answer_id(kept, division),
            observed_at=at,
            saved_at=at,
            author=kept.decision.by,
            about=kept.document_id if _is_id(kept.document_id) else kept.id,
            text=kept.decision.text or "管理站已核对入库。 / An office has stored it.",
            simulated=False,
        )
        try:
            await self._couch.put(database_of(division), answer.id, encode(answer))
        except CouchError as error:
            if error.status != 409:  # it was told before a gateway died
                raise

    async def _undecided(self, session: Session, setup: Setup, quarantine_id: str) -> Quarantined:
        """What this office may decide on. A decision whose gateway died on the way is carried out first."""
        if not session.scope.allows(quarantine_id):
            raise NotFound
        content = await self._couch.get(QUARANTINE_DATABASE, quarantine_id)
        if content is None:
            raise NotFound
        kept = _decode(content)
        if kept.author == session.account.alias:
            zh, en = "自己的内容由同事或上级处理。", "What is one's own another account decides on."
            raise Forbidden("own_item", zh, en)
        decision = kept.decision
        if decision is not None and _is_left(kept, self._clock()):
            try:
                await self._carry_out(setup, kept, session.scope)
            except Conflict:
                kept = await self._put(kept, None)
            else:
                kept = await self._put(kept, _done(decision))
        if kept.decision is not None:
            raise _decided_by(kept.decision)
        return kept

    async def _put(self, kept: Quarantined, decision: Decision | None) -> Quarantined:
        """The item with another decision, as the store has it now. Raises ``Conflict`` when somebody else was first."""
        changed = msgspec.structs.replace(kept, decision=decision)
        [row] = await self._couch.bulk_docs(QUARANTINE_DATABASE, [encode(changed)], new_edits=True)
        if row.error is not None or row.rev is None:
            raise Conflict("decided", "另一位同事刚刚处理过。", "Somebody else has just decided on it.")
        return msgspec.structs.replace(changed, rev=row.rev)

    async def _waiting_pages(self, scope: Scope) -> AsyncIterator[list[Quarantined]]:
        """Some at a time, in no particular order."""
        for start, end in scope.key_ranges():
            async for page in self._pages(start, end):
                yield [_shortened(q) for q in page if q.decision is None or _is_left(q, self._clock())]

    async def _pages(self, start: str, end: str) -> AsyncIterator[list[Quarantined]]:
        key = start
        while key < end:
            rows = await self._couch.range_of(QUARANTINE_DATABASE, key, end, READ_AT_ONCE, include_docs=True)
            yield [_decode(row.doc) for row in rows if row.has_doc]
            # no id holds a sign as low as ``!``
            key = f"{rows[-1].id}!" if len(rows) == READ_AT_ONCE else end


def _taken(outcome: Outcome, session: Session, now: datetime, text: str = "") -> Decision:
    return Decision(outcome, session.account.alias, now, text, is_done=False)


def _done(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, is_done=True)


def _is_left(kept: Quarantined, now: datetime) -> bool:
    """Whether its decision was taken and never carried out: whoever did so is gone."""
    return kept.decision is not None and not kept.decision.is_done and now - kept.decision.at > LEASE


def _decided_by(decision: Decision) -> Conflict:
    return Conflict("decided", f"已由 {decision.by} 处理。", f"{decision.by} has decided on it.")


def _as_of_its_place(author: Account, document_id: str, office: Scope) -> Account:
    """The author as one of the place that a document was written for, which they may have left since: the office that
    releases it answers for that place and has looked at it."""
    division = document_id.partition(":")[0]
    if division.startswith(author.divisions) or not office.allows(f"{division}:"):
        return author
    return msgspec.structs.replace(author, divisions=(author.place_covering(division) or division,))


def _answer_id(kept: Quarantined, division: str) -> str:
    """The same for whoever answers: of two words at once one is stored."""
    at = ULID.from_datetime(kept.received_at).bytes[:6]
    ulid = ULID.from_bytes(at + hashlib.sha256(kept.id.encode()).digest()[:10])
    return event_id(division, "answer", kept.author, str(ulid))


def _by_age(kept: Quarantined) -> tuple[datetime, str]:
    return kept.received_at, kept.id


def _count_in(groups: dict[tuple[str, str], Group], kept: Quarantined) -> None:
    group = groups.get((kept.author, kept.code))
    since = kept.received_at
    if group is None or since < group.since:
        count = 0 if group is None else group.count
        group = groups[kept.author, kept.code] = Group(kept.author, kept.code, kept.zh, kept.en, count, since)
    group.count += 1


def _shortened(kept: Quarantined) -> Quarantined:
    return msgspec.structs.replace(kept, raw=kept.raw[:SHOWN_CHARACTERS_MAX])


def _is_id(text: str) -> bool:
    try:
        parse_id(text)
    except IdError:
        return False
    return True
