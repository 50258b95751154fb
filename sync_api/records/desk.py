"""How a record is corrected or withdrawn from a page, and by whom."""

from __future__ import annotations

from typing import Any, TypeVar

from models.amendments import first_of, written
from models.documents import Record
from models.ids import database_of, parse_id
from sync_api.access.accounts import Account
from sync_api.errors import Conflict, NotFound, StillReading
from sync_api.parts import Gateway, SessionRequest

Kept = TypeVar("Kept", bound=Record)


class RecordReader:
    """Whose records a reader may correct: those that their office entered."""

    def __init__(self, account: Account, authors: dict[str, Account]) -> None:
        self._account, self._authors = account, authors

    def may_correct(self, record: Record) -> bool:
        author = self._authors.get(parse_id(record.id).owner or "")
        return author is not None and self._account.is_office_of(author)


async def record_reader(gateway: Gateway, account: Account) -> RecordReader:
    return RecordReader(account, {one.account.alias: one.account for one in await gateway.staff.records()})


async def correcting(
    gateway: Gateway, request: SessionRequest, kind: type[Kept], division: str, ulid: str, corrects: str | None
) -> dict[str, Any]:
    """What the correction of a record says besides its form: which it corrects, and when that was, unless the form says
    otherwise. Nothing where none is corrected. Raises as ``shown_word`` does."""
    own_id = f"{division}:{kind.__struct_config__.tag}:{request.user.account.alias}:{ulid}"
    shown = await shown_word(gateway, request, kind, corrects, own_id)
    return {} if shown is None else {"amends": first_of(shown), "observed_at": shown.observed_at}


async def shown_word(
    gateway: Gateway, request: SessionRequest, kind: type[Kept], corrects: str | None, own_id: str
) -> Kept | None:
    """The word that a form showed and corrects, if it corrects one. ``own_id``: of the correction, which may have been
    stored before its request was repeated. Raises ``NotFound``, ``Conflict`` where another word was written since, and
    ``StillReading`` while events are being read."""
    if corrects is None:
        return None
    division = corrects.partition(":")[0]
    if request.user.account.is_office and request.user.scope.allows(corrects):
        if not gateway.book.is_loaded({database_of(division)}):
            raise StillReading("台账", "the ledger")
        words = {one.id: one for one in gateway.book.kept(kind, (division,))}
        if (shown := words.get(corrects)) is not None:
            last = max((one for one in words.values() if first_of(one) == first_of(shown)), key=written)
            if last.id != corrects and own_id not in words:
                zh, en = (
                    "它刚被更正或撤回过：请刷新后再看。",
                    "It was changed meanwhile: reload to see it.",
                )
                raise Conflict("corrected_meanwhile", zh, en)
            return shown
    raise NotFound("no_such_record", "没有这一条登记，或者它不在您的范围内。", "There is no such record in your scope.")
