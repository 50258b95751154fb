"""Pledges of responsibility between the levels (mission 5): who has signed to the office above, and until when.

Those of informants stand in their register, which is for the station that appointed them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath, FromQuery

from models import calendar
from models.documents import Pledge
from models.ids import CODE_LENGTHS, LEVELS, parse_id
from sync_api.access.accounts import Account, Role
from sync_api.board.routes import find_division
from sync_api.errors import Forbidden
from sync_api.parts import Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.records.desk import RecordReader, record_reader
from sync_api.sheets import About, Cell, Format, Language, sheet

#: Who signs for a division.
_SIGNS: Final[dict[str, Role]] = {"county": "county", "township": "station", "village": "administrator"}


class PledgeRow(msgspec.Struct, kw_only=True):
    """A division and the last pledge that was signed for it. ``is_in_force``: it has not run out; ``signers``: accounts
    that may sign; ``may_enter``: the reader's office is above it; ``id`` of the last word on the pledge, and
    whether the reader's office entered it and ``may_correct`` it."""

    division: str
    name: str
    signer: str | None
    signed_on: date | None
    until: date | None
    is_in_force: bool
    entered_by: str | None
    signers: list[str]
    may_enter: bool
    id: str | None
    is_corrected: bool
    may_correct: bool


class PledgePage(msgspec.Struct):
    """``own``: what the division itself has signed, None of a city; ``rows``: those right below it."""

    as_of: datetime
    simulated: bool
    division: str
    division_name: str
    lacking: int
    own: PledgeRow | None
    rows: list[PledgeRow]


COLUMNS: Final = (
    ("序号", "No."),
    ("区划代码", "Code"),
    ("单位", "Division"),
    ("签订人", "Signed by"),
    ("签订日期", "Signed on"),
    ("有效期至", "Until"),
    ("有效", "In force"),
    ("登记人", "Entered by"),
)


class PledgesController(Controller):
    path = "/pledges"
    tags = ("informants",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="pledges")
    async def pledges(self, request: SessionRequest, code: FromPath[str], gateway: Parts) -> PledgePage:
        """Who has signed to a division's office, until when, and who has not."""
        return await _page(gateway, request, code)

    @get("/{code:str}/{form:str}", operation_id="pledgesFile")
    async def pledges_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        page = await _page(gateway, request, code)
        said = ("no", "yes") if language == "en" else ("否", "是")
        rows: list[list[Cell]] = [
            [at, one.division, one.name, one.signer, one.signed_on, one.until, said[one.is_in_force], one.entered_by]
            for at, one in enumerate(page.rows, 1)
        ]
        setup = await gateway.installation.setup()
        about = About("pledges", ("责任书", "Pledges"), setup, (page.division,), page.as_of)
        return sheet(about, COLUMNS, rows, form, language)


async def _page(gateway: Gateway, request: SessionRequest, code: str) -> PledgePage:
    account, setup = offices_only(request), await gateway.installation.setup()
    division = find_division(setup.register, code)
    if not division.code.startswith(account.divisions) or len(division.code) == CODE_LENGTHS["village"]:
        raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
    today, accounts = calendar.local_day(gateway.clock()), await gateway.staff.accounts()
    pledges, reader = gateway.book.listed(Pledge, (division.code,)), await record_reader(gateway, account)

    def row(of: str) -> PledgeRow:
        signers = [one.alias for one in accounts if one.role == _SIGNS[LEVELS[len(of)]] and of in one.divisions]
        return _row(of, setup.register.divisions[of].name, pledges, sorted(signers), account, reader, today)

    rows = [row(of) for of in setup.register.children.get(division.code, ())]
    return PledgePage(
        as_of=gateway.clock(),
        simulated=setup.rulebook.is_simulated,
        division=division.code,
        division_name=division.name,
        lacking=sum(not one.is_in_force for one in rows),
        own=row(division.code) if len(division.code) > CODE_LENGTHS["city"] else None,
        rows=rows,
    )


def _row(
    of: str,
    name: str,
    pledges: list[Pledge],
    signers: list[str],
    account: Account,
    reader: RecordReader,
    today: int,
) -> PledgeRow:
    # a village's informants sign there, too, and their register is not for every office
    is_village = len(of) == CODE_LENGTHS["village"]
    signed = [one for one in pledges if parse_id(one.id).division == of and (not is_village or one.signer in signers)]
    last = max(signed, key=lambda one: (one.until, one.observed_at), default=None)
    return PledgeRow(
        division=of,
        name=name,
        signer=None if last is None else last.signer,
        signed_on=None if last is None else calendar.day_of(calendar.local_day(last.observed_at)),
        until=None if last is None else last.until,
        is_in_force=last is not None and calendar.epoch_day(last.until) >= today,
        entered_by=None if last is None else parse_id(last.id).owner,
        signers=signers,
        may_enter=of not in account.divisions and bool(signers),
        id=None if last is None else last.id,
        is_corrected=last is not None and last.amends is not None,
        may_correct=last is not None and reader.may_correct(last),
    )
