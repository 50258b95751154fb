"""Papers: their list, issuing, the paper itself as PDF and .docx, and the receiver's word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated, Final, Literal
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models.documents import Notice
from models.ids import IdError, database_of, parse_id
from models.notices.circular import CircularRequest
from models.notices.offices import number_text, serial_of
from models.notices.requests import MeetingRequest, OrderRequest, WarningRequest, WithdrawalRequest
from models.notices.sheet import DRAFT, WITHDRAWN
from sync_api.access.accounts import Account
from sync_api.errors import Forbidden, NotFound
from sync_api.notices.desk import Request
from sync_api.notices.listing import readable_papers
from sync_api.notices.rights import may_read
from sync_api.notices.views import NoticeList, NoticeRow, NoticeView, Reader, row_of, view_of
from sync_api.notices.words import REGISTER_COLUMNS, register_row
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import About, Asked, Format, Language, sheet

#: The rest is found by year, division and state.
SHOWN_MAX: Final = 200
_PDF: Final = "application/pdf"
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_decode = msgspec.json.Decoder(Notice).decode

#: What a list is asked for: papers that somebody has not acknowledged, that all have, that are overdue for an answer,
#: that were withdrawn.
Only = Literal["waiting", "acknowledged", "overdue", "withdrawn"]
_ONLY: Final[dict[Only, tuple[str, str]]] = {
    "waiting": ("未签收", "not acknowledged"),
    "acknowledged": ("已签收", "acknowledged"),
    "overdue": ("逾期未答复", "answer overdue"),
    "withdrawn": ("已撤回", "withdrawn"),
}
Year = Annotated[int, Meta(ge=2000, le=9999)]
Code = Annotated[str, Meta(pattern=r"^\d{4,12}$")]


class Wanted(msgspec.Struct, frozen=True):
    """What the register is narrowed to: papers of a year, issued by or addressed to a division or those below it."""

    only: Only | None
    year: int | None
    division: str | None


def provide_wanted(
    only: FromQuery[Only | None] = None,
    year: FromQuery[Year | None] = None,
    division: FromQuery[Code | None] = None,
) -> Wanted:
    """What a query narrows the register to."""
    return Wanted(only, year, division)


class Preview(msgspec.Struct):
    """A paper as it would be issued, without a number; ``earlier``: those of its kind on the same case or month."""

    paper: NoticeView
    earlier: list[NoticeRow]


class NoticesController(Controller):
    path = "/notices"
    tags = ("notices",)
    guards = (requires_session,)
    dependencies = {"wanted": Provide(provide_wanted, sync_to_thread=False)}  # noqa: RUF012

    @get("/", operation_id="notices")
    async def notices(self, request: SessionRequest, gateway: Parts, wanted: NamedDependency[Wanted]) -> NoticeList:
        """The papers that the account may read, the newest first. 503 while the gateway still reads them."""
        readable = await _readable(request, gateway)
        rows = [row for row in readable if _is_of(row, wanted)]
        chosen = _chosen(rows, wanted.only)
        return NoticeList(
            as_of=gateway.clock(),
            count=len(chosen),
            waiting=sum(row.is_waiting for row in rows),
            overdue=sum(row.is_overdue for row in rows),
            years=sorted({serial_of(row.id)[0] for row in readable}, reverse=True),
            answer_days=(await gateway.installation.setup()).rulebook.policy.notices.answer_days,
            papers=chosen[:SHOWN_MAX],
        )

    @get("/register/{form:str}", operation_id="noticesFile")
    async def notices_file(
        self,
        request: SessionRequest,
        form: FromPath[Format],
        gateway: Parts,
        wanted: NamedDependency[Wanted],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """All of them as a file, .xlsx or .csv."""
        rows = _chosen([row for row in await _readable(request, gateway) if _is_of(row, wanted)], wanted.only)
        setup, account = await gateway.installation.setup(), request.user.account
        lines = [register_row(number, row, setup.register, language) for number, row in enumerate(rows, 1)]
        divisions = (wanted.division,) if wanted.division else account.divisions
        about = About("papers", ("文件", "Papers"), setup, divisions, gateway.clock(), tuple(_asked(wanted, account)))
        return await asyncio.to_thread(sheet, about, REGISTER_COLUMNS, lines, form, language)

    @post("/warnings", operation_id="issueWarning")
    async def issue_warning(
        self, request: SessionRequest, data: JSONBody[WarningRequest], gateway: Parts
    ) -> NoticeView:
        """Issue a warning notice with the step ``noticed``. The same ULID again gives the same paper. 409
        ``no_open_case``, ``step_refused``, ``other_request``."""
        return await _issued(request, gateway, data)

    @post("/orders", operation_id="issueOrder")
    async def issue_order(self, request: SessionRequest, data: JSONBody[OrderRequest], gateway: Parts) -> NoticeView:
        """Issue an order with the step ``deadline``; as for a warning notice."""
        return await _issued(request, gateway, data)

    @post("/circulars", operation_id="issueCircular")
    async def issue_circular(
        self, request: SessionRequest, data: JSONBody[CircularRequest], gateway: Parts
    ) -> NoticeView:
        """Issue the circular of a month to the offices right below, with each one's figures annexed."""
        return await _issued(request, gateway, data)

    @post("/warnings/preview", operation_id="previewWarning", status_code=200)
    async def preview_warning(self, request: SessionRequest, data: JSONBody[WarningRequest], gateway: Parts) -> Preview:
        """A warning notice as it would be issued. No number is taken, and nothing stored."""
        return await _previewed(request, gateway, data)

    @post("/orders/preview", operation_id="previewOrder", status_code=200)
    async def preview_order(self, request: SessionRequest, data: JSONBody[OrderRequest], gateway: Parts) -> Preview:
        """The same of an order."""
        return await _previewed(request, gateway, data)

    @post("/circulars/preview", operation_id="previewCircular", status_code=200)
    async def preview_circular(
        self, request: SessionRequest, data: JSONBody[CircularRequest], gateway: Parts
    ) -> Preview:
        """The same of a circular."""
        return await _previewed(request, gateway, data)

    @post("/warnings/preview/paper.pdf", operation_id="previewWarningPdf", status_code=200, media_type=_PDF)
    async def preview_warning_pdf(
        self, request: SessionRequest, data: JSONBody[WarningRequest], gateway: Parts
    ) -> Response[bytes]:
        """A warning notice as it would be printed, marked as a draft. No number is taken, and nothing stored."""
        return await _draft(request, gateway, data)

    @post("/orders/preview/paper.pdf", operation_id="previewOrderPdf", status_code=200, media_type=_PDF)
    async def preview_order_pdf(
        self, request: SessionRequest, data: JSONBody[OrderRequest], gateway: Parts
    ) -> Response[bytes]:
        """The same of an order."""
        return await _draft(request, gateway, data)

    @post("/circulars/preview/paper.pdf", operation_id="previewCircularPdf", status_code=200, media_type=_PDF)
    async def preview_circular_pdf(
        self, request: SessionRequest, data: JSONBody[CircularRequest], gateway: Parts
    ) -> Response[bytes]:
        """The same of a circular."""
        return await _draft(request, gateway, data)

    @post("/meetings", operation_id="issueMeetingPaper")
    async def issue_meeting(
        self, request: SessionRequest, data: JSONBody[MeetingRequest], gateway: Parts
    ) -> NoticeView:
        """Issue the notice of an approved agenda to those who are invited, or the minutes of a meeting to whom they
        concern. 409 ``already_issued``, ``other_request``; 400 ``nobody_invited``."""
        return await _issued(request, gateway, data)

    @get("/{notice_id:str}", operation_id="notice")
    async def notice(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> NoticeView:
        """A paper with its text."""
        return _view(request, gateway, await _find(request, gateway, notice_id))

    @get("/{notice_id:str}/paper.pdf", operation_id="noticePdf", media_type=_PDF)
    async def pdf(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> Response[bytes]:
        """The paper as it is printed; one that was withdrawn says so on each page."""
        # typesetters are loaded by who prints: ten thousand tablets could wait in their place
        from sync_api.notices.pdf import pdf_of

        notice = await _find(request, gateway, notice_id)
        return await _file(notice, pdf_of, _stamp(gateway, notice), "pdf", _PDF)

    @get("/{notice_id:str}/paper.docx", operation_id="noticeDocx", media_type=_DOCX)
    async def docx(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> Response[bytes]:
        """The paper for an office that goes on working at it."""
        from sync_api.notices.docx import docx_of

        notice = await _find(request, gateway, notice_id)
        return await _file(notice, docx_of, _stamp(gateway, notice), "docx", _DOCX)

    @post("/{notice_id:str}/acknowledge", operation_id="acknowledgeNotice", status_code=204)
    async def acknowledge(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> None:
        """The receiver's word that it has come. 403 ``not_addressed``."""
        notice = await _find(request, gateway, notice_id)
        await gateway.notice_desk.acknowledge(request.user, await gateway.installation.setup(), notice)

    @post("/{notice_id:str}/withdraw", operation_id="withdrawNotice", status_code=204)
    async def withdraw(
        self, request: SessionRequest, notice_id: FromPath[str], data: JSONBody[WithdrawalRequest], gateway: Parts
    ) -> None:
        """The issuing office's word that it was issued by mistake. 403 ``not_issuer``, 409 ``withdrawn_already``."""
        notice = await _find(request, gateway, notice_id)
        await gateway.notice_desk.withdraw(request.user, await gateway.installation.setup(), notice, data)


async def _readable(request: SessionRequest, gateway: Gateway) -> list[NoticeRow]:
    if request.user.account.role == "informant":
        raise Forbidden(
            "offices_only", "只有管理站、管理中心和受文单位可以查看。", "This is for offices and receivers."
        )
    return await readable_papers(gateway, request.user.account)


def _asked(wanted: Wanted, account: Account) -> Iterator[Asked]:
    """Each thing that the register is narrowed to, but for the division, as the page says it."""
    if account.department is not None:
        yield Asked((account.department, account.department), account.department)
    if wanted.only is not None:
        yield Asked(_ONLY[wanted.only], wanted.only)
    if wanted.year is not None:
        yield Asked((f"{wanted.year}年", f"of {wanted.year}"), str(wanted.year))


def _is_of(row: NoticeRow, wanted: Wanted) -> bool:
    is_of_year = wanted.year is None or serial_of(row.id)[0] == wanted.year
    divisions = [row.id, *(receiver.division for receiver in row.receivers)]
    return is_of_year and any(code.startswith(wanted.division or "") for code in divisions)


def _chosen(rows: list[NoticeRow], only: Only | None) -> list[NoticeRow]:
    if only == "overdue":
        return [row for row in rows if row.is_overdue]
    if only == "withdrawn":
        return [row for row in rows if row.withdrawn_at is not None]
    if only == "acknowledged":
        return [row for row in rows if not row.is_waiting and row.withdrawn_at is None]
    return [row for row in rows if only is None or row.is_waiting]


def _view(request: SessionRequest, gateway: Gateway, notice: Notice) -> NoticeView:
    reader = Reader(request.user.account, gateway.book, gateway.notices, gateway.clock())
    return view_of(notice, gateway.notices.words_of(notice), reader)


async def _issued(request: SessionRequest, gateway: Gateway, asked: Request) -> NoticeView:
    notice = await gateway.notice_desk.issue(request.user, await gateway.installation.setup(), asked)
    return _view(request, gateway, notice)


async def _previewed(request: SessionRequest, gateway: Gateway, asked: Request) -> Preview:
    notice, twins = await gateway.notice_desk.preview(request.user, await gateway.installation.setup(), asked)
    reader = Reader(request.user.account, gateway.book, gateway.notices, gateway.clock())
    return Preview(
        _view(request, gateway, notice), [row_of(one, gateway.notices.words_of(one), reader) for one in twins]
    )


async def _draft(request: SessionRequest, gateway: Gateway, asked: Request) -> Response[bytes]:
    from sync_api.notices.pdf import pdf_of

    notice, _ = await gateway.notice_desk.preview(request.user, await gateway.installation.setup(), asked)
    return await _file(notice, pdf_of, DRAFT, "pdf", _PDF)


async def _find(request: SessionRequest, gateway: Gateway, notice_id: str) -> Notice:
    """Raises ``NotFound``, for a paper that the account may not read as for none."""
    try:
        identity = parse_id(notice_id)
    except IdError as error:
        raise NotFound from error
    divisions = (await gateway.installation.setup()).register.divisions
    if identity.kind != "notice" or identity.division not in divisions:
        raise NotFound
    content = await gateway.couch.get(database_of(notice_id), notice_id)
    if content is None or not may_read(request.user.account, notice := _decode(content)):
        raise NotFound
    return notice


def _stamp(gateway: Gateway, notice: Notice) -> str:
    return "" if gateway.notices.withdrawal_of(notice) is None else WITHDRAWN


async def _file(
    notice: Notice, render: Callable[[Notice, str], bytes], stamp: str, ending: str, media_type: str
) -> Response[bytes]:
    content = await asyncio.to_thread(render, notice, stamp)
    name = quote(f"{number_text(notice)}.{ending}")
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(content, media_type=media_type, headers=headers)
