"""Papers: their list, issuing, the paper itself as PDF and .docx, and the receiver's word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final, Literal
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models.documents import Notice
from models.ids import IdError, database_of, parse_id
from models.notices.circular import CircularRequest
from models.notices.offices import number_text, serial_of
from models.notices.requests import MeetingRequest, OrderRequest, WarningRequest
from sync_api.errors import Forbidden, NotFound, StoreUnavailable
from sync_api.notices.docx import docx_of
from sync_api.notices.pdf import pdf_of
from sync_api.notices.rights import may_read
from sync_api.notices.views import NoticeList, NoticeView, row_of, view_of
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session

#: The rest is found by year, division and state.
SHOWN_MAX: Final = 200
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_decode = msgspec.json.Decoder(Notice).decode

#: What a list is asked for: papers that somebody has not acknowledged, or that all have.
Only = Literal["waiting", "acknowledged"]
Year = Annotated[int, Meta(ge=2000, le=9999)]
Code = Annotated[str, Meta(pattern=r"^\d{4,12}$")]


class NoticesController(Controller):
    path = "/notices"
    tags = ("notices",)
    guards = (requires_session,)

    @get("/", operation_id="notices")
    async def notices(
        self,
        request: SessionRequest,
        gateway: Parts,
        only: FromQuery[Only | None] = None,
        year: FromQuery[Year | None] = None,
        division: FromQuery[Code | None] = None,
    ) -> NoticeList:
        """The papers that the account may read, the newest first: of a year, issued by or addressed to a division or
        those below it. 503 while the gateway still reads them."""
        account, register = request.user.account, gateway.notices
        if account.role == "informant":
            raise Forbidden(
                "offices_only", "只有管理站、管理中心和受文单位可以查看。", "This is for offices and receivers."
            )
        if not await register.has_all():
            raise StoreUnavailable("the papers are being read")
        readable = [(notice, words) for notice, words in register.all() if may_read(account, notice)]
        rows = [
            row_of(notice, words, account)
            for notice, words in readable
            if (year is None or serial_of(notice.id)[0] == year) and (division is None or _concerns(notice, division))
        ]
        waiting = sum(row.is_waiting for row in rows)
        chosen = rows if only is None else [row for row in rows if row.is_waiting == (only == "waiting")]
        return NoticeList(
            as_of=gateway.clock(),
            count=len(chosen),
            waiting=waiting,
            years=sorted({serial_of(notice.id)[0] for notice, _ in readable}, reverse=True),
            answer_days=(await gateway.installation.setup()).rulebook.policy.notices.answer_days,
            papers=chosen[:SHOWN_MAX],
        )

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
        notice = await gateway.notice_desk.circulate(request.user, await gateway.installation.setup(), data)
        return view_of(notice, gateway.notices.words_of(notice), request.user.account)

    @post("/meetings", operation_id="issueMeetingPaper")
    async def issue_meeting(
        self, request: SessionRequest, data: JSONBody[MeetingRequest], gateway: Parts
    ) -> NoticeView:
        """Issue the notice of an approved agenda to those who are invited, or the minutes of a meeting to whom they
        concern. 409 ``already_issued``, ``other_request``; 400 ``nobody_invited``."""
        notice = await gateway.notice_desk.publish(request.user, await gateway.installation.setup(), data)
        return view_of(notice, gateway.notices.words_of(notice), request.user.account)

    @get("/{notice_id:str}", operation_id="notice")
    async def notice(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> NoticeView:
        """A paper with its text."""
        notice = await _find(request, gateway, notice_id)
        return view_of(notice, gateway.notices.words_of(notice), request.user.account)

    @get("/{notice_id:str}/paper.pdf", operation_id="noticePdf", media_type="application/pdf")
    async def pdf(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> Response[bytes]:
        """The paper as it is printed."""
        return await _file(await _find(request, gateway, notice_id), pdf_of, "pdf", "application/pdf")

    @get("/{notice_id:str}/paper.docx", operation_id="noticeDocx", media_type=_DOCX)
    async def docx(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> Response[bytes]:
        """The paper for an office that goes on working at it."""
        return await _file(await _find(request, gateway, notice_id), docx_of, "docx", _DOCX)

    @post("/{notice_id:str}/acknowledge", operation_id="acknowledgeNotice", status_code=204)
    async def acknowledge(self, request: SessionRequest, notice_id: FromPath[str], gateway: Parts) -> None:
        """The receiver's word that it has come. 403 ``not_addressed``."""
        notice = await _find(request, gateway, notice_id)
        await gateway.notice_desk.acknowledge(request.user, await gateway.installation.setup(), notice)


def _concerns(notice: Notice, division: str) -> bool:
    """Whether a paper is issued by, or addressed to, a division or one below it."""
    return notice.id.startswith(division) or any(r.division.startswith(division) for r in notice.receivers)


async def _issued(request: SessionRequest, gateway: Gateway, asked: WarningRequest) -> NoticeView:
    notice = await gateway.notice_desk.issue(request.user, await gateway.installation.setup(), asked)
    return view_of(notice, gateway.notices.words_of(notice), request.user.account)


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


async def _file(notice: Notice, render: Callable[[Notice], bytes], ending: str, media_type: str) -> Response[bytes]:
    content = await asyncio.to_thread(render, notice)
    name = quote(f"{number_text(notice)}.{ending}")
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(content, media_type=media_type, headers=headers)
