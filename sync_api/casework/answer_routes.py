"""What an office answers the author of a report, who alone in the village reads it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from models.documents import Answer, Report, Ulid, Words
from models.ids import DocumentId, database_of, parse_id
from sync_api.casework.desk import Stored, store_event
from sync_api.casework.routes import found_case
from sync_api.errors import Conflict, Forbidden
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.stored import readable


class ToAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """``ulid``: made by the page, so that a repeated request stores it once."""

    ulid: Ulid
    text: Words


class Answered(msgspec.Struct):
    at: datetime
    author: str
    text: str


class AnswersController(Controller):
    path = "/casework/cases/{village:str}/{case:str}/answers"
    tags = ("casework",)
    guards = (requires_session,)

    @get("/", operation_id="answers")
    async def answers(
        self, request: SessionRequest, village: FromPath[str], case: FromPath[str], gateway: Parts
    ) -> list[Answered]:
        """What the report's author was answered, the oldest first. 409 ``nobody_to_answer``."""
        report = _report(gateway, request, village, case)
        start = f"{village}:answer:{report.owner}:"
        rows = await gateway.couch.range_of(database_of(village), start, start[:-1] + ";", include_docs=True)
        return [
            Answered(one.saved_at, one.author, one.text)
            for one in readable(rows)
            if isinstance(one, Answer) and one.about == str(report)
        ]

    @post("/", operation_id="answer", status_code=201)
    async def answer(
        self,
        request: SessionRequest,
        village: FromPath[str],
        case: FromPath[str],
        data: JSONBody[ToAnswer],
        gateway: Parts,
    ) -> Stored:
        """Answer the report's author. 409 ``nobody_to_answer``, and ``step_refused`` with the reason."""
        report, now = _report(gateway, request, village, case), gateway.clock()
        event = Answer(
            id=f"{village}:answer:{report.owner}:{data.ulid}",
            observed_at=now,
            saved_at=now,
            author=request.user.account.alias,
            about=str(report),
            text=data.text,
            simulated=(await gateway.installation.setup()).rulebook.is_simulated,
        )
        return await store_event(gateway, request, village, event)


def _report(gateway: Gateway, request: SessionRequest, village: str, case: str) -> DocumentId:
    """The report that opened a case. Raises ``NotFound``, ``Forbidden`` for who is no office and so is not told who
    reported, and ``Conflict`` where nobody reported it by a tablet."""
    matter = found_case(gateway, request, village, case)
    if not request.user.account.may_write("answer"):
        raise Forbidden("no_answers", "只有管理站、管理中心和监控中心答复上报人。", "Offices answer who reported.")
    opening = matter.opening
    if not isinstance(opening, Report) or opening.channel != "tablet":
        zh, en = "这一事项不是用平板上报的，没有可答复的上报人。", "Nobody reported this by a tablet."
        raise Conflict("nobody_to_answer", zh, en)
    return parse_id(opening.amends or opening.id)
