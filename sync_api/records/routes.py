"""Records that were corrected or withdrawn, with all that was said; and withdrawing one, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from models import calendar
from models.amendments import changed, first_of
from models.documents import Line, Pledge, Record, Service, Training, Ulid, Words
from models.ids import CODE_LENGTHS, database_of, parse_id
from sync_api.access.accounts import Role
from sync_api.board.routes import find_division
from sync_api.casework.desk import Stored, store_event
from sync_api.casework.views import office_name
from sync_api.errors import Forbidden, NotFound, StillReading
from sync_api.parts import Parts, SessionRequest, offices_only, requires_session
from sync_api.records.desk import shown_word

#: Records of one page.
PAGE_ROWS: Final = 100
_Kind = type[Service | Training | Pledge]
KINDS: Final[dict[str, _Kind]] = {"service": Service, "training": Training, "pledge": Pledge}


class WordView(msgspec.Struct, kw_only=True):
    """One word on a record: who wrote it, and when; what it says, as far as its kind has it, or why the record was
    ``withdrawn``. Who attended stands there for the station only."""

    author: str
    at: datetime
    on: date
    withdrawn: str
    topic: str | None = None
    amount: float | None = None
    unit: str | None = None
    place: str | None = None
    text: str | None = None
    attended: int | None = None
    informants: list[str] | None = None
    signer: str | None = None
    until: date | None = None


class ChangedRecord(msgspec.Struct):
    """A record with all its words, the first one first."""

    id: str
    division: str
    division_name: str
    is_withdrawn: bool
    words: list[WordView]


class ChangedRecords(msgspec.Struct):
    """The last changed first: ``count`` of them in all, ``rows`` from ``offset`` on."""

    as_of: datetime
    simulated: bool
    count: int
    offset: int
    rows: list[ChangedRecord]


class RecordWithdrawal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``withdraws``: the id of the last word on the record; ``text``: why."""

    ulid: Ulid
    withdraws: Line
    text: Words


class RecordsController(Controller):
    path = "/records"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/{kind:str}/{code:str}", operation_id="changedRecords")
    async def changed_records(
        self,
        request: SessionRequest,
        kind: FromPath[Literal["service", "training", "pledge"]],
        code: FromPath[str],
        gateway: Parts,
        offset: Annotated[int, QueryParameter(ge=0, le=10**9)] = 0,
    ) -> ChangedRecords:
        """The services, trainings or pledges of a division, and of those below it, that were corrected or withdrawn."""
        account, setup = offices_only(request), await gateway.installation.setup()
        division = find_division(setup.register, code)
        if not division.code.startswith(account.divisions):
            raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
        if not gateway.book.is_loaded({database_of(division.code)}):
            raise StillReading("台账", "the ledger")
        is_station = account.role == "station"
        roles = {one.account.alias: one.account.role for one in await gateway.staff.records()}
        found = [
            words
            for words in changed(gateway.book.kept(KINDS[kind], (division.code,)))
            if is_station or not any(_is_of_informant(word, roles) for word in words)
        ]
        return ChangedRecords(
            as_of=gateway.clock(),
            simulated=setup.rulebook.is_simulated,
            count=len(found),
            offset=offset,
            rows=[
                ChangedRecord(
                    id=words[0].id,
                    division=(of := parse_id(words[0].id).division),
                    division_name=office_name(setup.register, of) or of,
                    is_withdrawn=bool(words[-1].withdrawn),
                    words=[_word(word, is_station=is_station) for word in words],
                )
                for words in found[offset : offset + PAGE_ROWS]
            ],
        )

    @post("/withdrawals", operation_id="withdrawRecord", status_code=201)
    async def withdraw(self, request: SessionRequest, data: JSONBody[RecordWithdrawal], gateway: Parts) -> Stored:
        """Withdraw a record that was entered wrongly: nothing of it counts any more. 409 ``step_refused`` with the
        reason, ``corrected_meanwhile`` where it says something else by now."""
        kind = data.withdraws.split(":", 2)[1:2]
        if not kind or kind[0] not in KINDS:
            raise NotFound("no_such_record", "没有这一条登记。", "There is no such record.")
        division, now = data.withdraws.partition(":")[0], gateway.clock()
        own_id = f"{division}:{kind[0]}:{request.user.account.alias}:{data.ulid}"
        shown = await shown_word(gateway, request, KINDS[kind[0]], data.withdraws, own_id)
        if shown is None:
            raise NotFound("no_such_record", "没有这一条登记。", "There is no such record.")
        fields: dict[str, Any] = {"id": own_id, "saved_at": now, "amends": first_of(shown), "withdrawn": data.text}
        event = msgspec.structs.replace(shown, rev=msgspec.UNSET, revisions=msgspec.UNSET, **fields)
        return await store_event(gateway, request, division, event)


def _is_of_informant(word: Record, roles: Mapping[str, Role]) -> bool:
    """Whether it is a pledge in a village that its administrator has not signed: who serves there as an informant is
    the station's to know."""
    is_in_village = len(parse_id(word.id).division) == CODE_LENGTHS["village"]
    return isinstance(word, Pledge) and is_in_village and roles.get(word.signer) != "administrator"


def _word(word: Record, *, is_station: bool) -> WordView:
    said: dict[str, Any] = {
        name: getattr(word, name, None) for name in WordView.__struct_fields__ if name in word.__struct_fields__
    }
    if not is_station:
        said.pop("informants", None)
    return WordView(
        author=parse_id(word.id).owner or "",
        at=word.saved_at,
        on=calendar.day_of(calendar.local_day(word.observed_at)),
        **said,
    )
