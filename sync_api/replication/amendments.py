"""What the door asks of a correction beside what it corrects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import timedelta
from typing import Final

from models.amendments import is_withdrawn, written
from models.documents import AnyEvent, CaseEvent, Event, Record
from models.ids import parse_id
from models.setup import Setup
from sync_api.access.accounts import Account
from sync_api.access.staff import Staff
from sync_api.couch import Couch
from sync_api.replication.intake import Accepted
from sync_api.replication.refusals import Refusal
from sync_api.stored import readable

Judged = Accepted | Refusal
#: Code and reason, Chinese and English.
Fault = tuple[str, str, str]
_NOT_FIRST: Final[Fault] = (
    "bad_amendment",
    "更正必须指向最初的那一份。",
    "A correction names the first document, which must be in the store.",
)
_OTHER_INSTANT: Final[Fault] = (
    "bad_amendment",
    "更正的发现时间必须与原件相同。",
    "A correction repeats the instant of what it corrects.",
)
_OTHERS: Final[Fault] = (
    "bad_amendment",
    "只能更正自己的同类内容。",
    "Only one's own document of the same kind is amended.",
)
_OTHER_OFFICE: Final[Fault] = (
    "wrong_office",
    "只有登记它的单位可以更正或撤回。",
    "Only the office that entered it corrects or withdraws it.",
)
_LONG_AGO: Final[Fault] = (
    "observed_long_ago",
    "更正后的日期比登记时早一年以上。",
    "The corrected day lies more than a year before it was entered.",
)
_WITHDRAWN: Final[Fault] = (
    "already_withdrawn",
    "它已被撤回，不能再更正；请另行登记。",
    "It was withdrawn, and is corrected no more: enter another one.",
)

_LATE: Final[Fault] = (
    "bad_amendment",
    "已有更晚的更正；请刷新后再更正一次。",
    "There is a later word on it: reload, and correct it once more.",
)


class Amendments:
    """Reads what is corrected, and who entered it, as they are in the store."""

    def __init__(self, couch: Couch, staff: Staff) -> None:
        self._couch, self._staff = couch, staff

    async def check(
        self, account: Account, database: str, judged: Sequence[Judged], known: Container[str], setup: Setup
    ) -> list[Judged]:
        """Each beside what the store holds and what came before it in the push. ``known``: ids that are stored already;
        what comes again was judged when it came."""
        accepted = [j for j in judged if isinstance(j, Accepted)]
        amended = sorted({j.event.amends for j in accepted if j.event.amends})
        if not amended:
            return list(judged)
        rows = await self._couch.rows_of(database, amended, include_docs=True)
        originals = {one.id: one for one in readable(rows) if isinstance(one, AnyEvent)}
        originals |= {j.document_id: j.event for j in accepted}
        out: list[Judged] = []
        before: list[Event] = []
        for j in judged:
            fault = None
            if isinstance(j, Accepted) and j.event.amends is not None:
                original = originals.get(j.event.amends)
                fault = _fault(j.event, original, setup)
                if fault is None and isinstance(original, Record) and j.document_id not in known:
                    fault = await self._record_fault(account, database, j.event, original, before)
            out.append(j if fault is None else Refusal(j.document_id, *fault))
            if isinstance(j, Accepted) and fault is None:
                before.append(j.event)
        return out

    async def _record_fault(
        self, account: Account, database: str, event: Event, original: Record, before: Iterable[Event]
    ) -> Fault | None:
        identity = parse_id(original.id)
        author = await self._staff.find(identity.owner or "")
        if author is None or not account.is_office_of(author.account):
            return _OTHER_OFFICE
        prefix = f"{identity.division}:{identity.kind}:"
        rows = await self._couch.range_of(database, prefix, f"{prefix[:-1]};", include_docs=True)
        words = [one for one in (*readable(rows), *before) if isinstance(one, Event) and one.amends == original.id]
        if any(map(is_withdrawn, words)):
            return _WITHDRAWN
        return _LATE if any(written(one) >= written(event) for one in (original, *words)) else None


def _fault(event: AnyEvent, original: AnyEvent | None, setup: Setup) -> Fault | None:
    """What a correction is of takes its place in time, too; a record's day may be what was wrong."""
    if original is None or original.amends is not None or type(original) is not type(event):
        return _NOT_FIRST
    if isinstance(event, CaseEvent) and event.author != getattr(original, "author", None):
        return _OTHERS
    if isinstance(event, Record):
        behind = timedelta(days=setup.rulebook.policy.clock.behind_days_max)
        is_too_old = event.observed_at < min(original.observed_at, original.saved_at - behind)
        return _LONG_AGO if is_too_old else None
    return None if event.observed_at == original.observed_at else _OTHER_INSTANT
