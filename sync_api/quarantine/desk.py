"""Quarantine as an office works it: look, release into the store as the author's, or dismiss with a word to them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Raw
from ulid import ULID

from models.audit import AuditAction
from models.documents import Answer, decode_document, encode
from models.ids import QUARANTINE_DATABASE, IdError, Scope, database_of, event_id, parse_id
from models.setup import Setup
from sync_api.access.accounts import Account, Session
from sync_api.access.staff import Staff
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, CouchError
from sync_api.errors import Conflict, GatewayError, NotFound
from sync_api.quarantine.records import RAW_CHARACTERS_MAX, Decision, Quarantined, keeper_of
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
        """What an account wrote under an id and waits for a decision; of several the last."""
        start = f"{keeper_of(author, document_id)}:quarantine:{author.alias}:"
        found = [
            q
            async for page in self._pages(start, f"{start[:-1]};")
            for q in page
            if (q.document_id, q.decision) == (document_id, None)
        ]
        return max(found, key=_by_age, default=None)

    async def release(self, session: Session, setup: Setup, quarantine_id: str) -> None:
        """Judge it again, as its author's, and store it. Raises ``NotFound``, ``Conflict`` (decided already, or still
        refused, with the reason)."""
        kept = await self._undecided(session, quarantine_id)
        if len(kept.raw) == RAW_CHARACTERS_MAX:
            raise Conflict(
                "cut_off", "原文过长，未全部保存，不能放行。", "It was too long to be kept whole: dismiss it."
            )
        record = await self._staff.find(kept.author)  # also of an account that was closed since
        if record is None:
            raise Conflict(
                "no_such_author", "上报人的账号已不存在，不能放行。", "Its author's account is gone: dismiss it."
            )
        async with self._logged(session, "quarantine_released", kept):
            await self._release(session, setup, kept, record.account)

    async def _release(self, session: Session, setup: Setup, kept: Quarantined, account: Account) -> None:
        author = Session(_as_of_its_place(account, kept.document_id, session.scope), kept.device)
        raw = Raw(kept.raw.encode())
        row = await self._push.take_one(author, setup, kept.database, raw, keeps_refused=False)  # it is kept already
        if not row.ok:
            zh, _, en = row.reason.partition(" / ")
            raise Conflict("still_refused", f"仍不能入库：{zh}", f"It is still refused: {en}")
        if author.account != account:  # whose tablet sees no receipt of a place that they have left
            await self._tell(session, kept, account, "管理站已核对入库。 / An office has stored it.")
        await self._decide(kept, Decision("released", session.account.alias, self._clock()))

    async def dismiss(self, session: Session, quarantine_id: str, text: str) -> None:
        """Settle it with a word to its author, whose tablet shows it. Of two words at once the author gets one. Raises
        ``NotFound``, ``Conflict``."""
        kept = await self._undecided(session, quarantine_id)
        record = await self._staff.find(kept.author)
        async with self._logged(session, "quarantine_dismissed", kept):
            given = await self._tell(session, kept, None if record is None else record.account, text)
            await self._decide(kept, Decision("dismissed", given.author, given.saved_at, given.text))
            if (given.author, given.text) != (session.account.alias, text):
                raise _just_decided()

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

    async def _tell(self, session: Session, kept: Quarantined, author: Account | None, text: str) -> Answer:
        """Send a word to where the author works now; the one that was given before, if there is one."""
        now, division = self._clock(), kept.id.partition(":")[0]
        if author is not None and division not in author.divisions:
            division = author.divisions[0]
        answer = Answer(
            id=_answer_id(kept, division),
            observed_at=now,
            saved_at=now,
            author=session.account.alias,
            about=kept.document_id if _is_id(kept.document_id) else kept.id,
            text=text,
            simulated=False,
        )
        return await self._give(database_of(division), answer)

    async def _undecided(self, session: Session, quarantine_id: str) -> Quarantined:
        if not session.scope.allows(quarantine_id):
            raise NotFound
        content = await self._couch.get(QUARANTINE_DATABASE, quarantine_id)
        if content is None:
            raise NotFound
        kept = _decode(content)
        if kept.decision is not None:
            zh, en = f"已由 {kept.decision.by} 处理。", f"{kept.decision.by} has decided on it."
            raise Conflict("decided", zh, en)
        return kept

    async def _give(self, database: str, answer: Answer) -> Answer:
        """Store a word; the one that its author was given before, if there is one."""
        try:
            await self._couch.put(database, answer.id, encode(answer))
        except CouchError as error:
            if error.status != 409:
                raise
            content = await self._couch.get(database, answer.id)
            before = decode_document(content) if content is not None else None
            return before if isinstance(before, Answer) else answer
        return answer

    async def _decide(self, kept: Quarantined, decision: Decision) -> None:
        decided = msgspec.structs.replace(kept, decision=decision)
        [row] = await self._couch.bulk_docs(QUARANTINE_DATABASE, [encode(decided)], new_edits=True)
        if row.error is not None:
            content = await self._couch.get(QUARANTINE_DATABASE, kept.id)
            if content is None or _decode(content).decision != decision:
                raise _just_decided()

    async def _waiting_pages(self, scope: Scope) -> AsyncIterator[list[Quarantined]]:
        """Some at a time, in no particular order."""
        for start, end in scope.key_ranges():
            async for page in self._pages(start, end):
                yield [_shortened(q) for q in page if q.decision is None]

    async def _pages(self, start: str, end: str) -> AsyncIterator[list[Quarantined]]:
        key = start
        while key < end:
            rows = await self._couch.range_of(QUARANTINE_DATABASE, key, end, READ_AT_ONCE, include_docs=True)
            yield [_decode(row.doc) for row in rows if row.has_doc]
            # no id holds a sign as low as ``!``
            key = f"{rows[-1].id}!" if len(rows) == READ_AT_ONCE else end


def _just_decided() -> Conflict:
    return Conflict("decided", "另一位同事刚刚处理过。", "Somebody else has just decided on it.")


def _as_of_its_place(author: Account, document_id: str, office: Scope) -> Account:
    """The author as one of the place that a document was written for, which they may have left since: the office that
    releases it answers for that place and has looked at it."""
    division = document_id.partition(":")[0]
    if division.startswith(author.divisions) or not office.allows(f"{division}:"):
        return author
    return msgspec.structs.replace(author, divisions=(division,))


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
