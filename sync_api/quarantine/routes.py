"""The offices' desk for what was refused."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from models.documents import Words
from sync_api.casework.views import place_words
from sync_api.parts import Parts, SessionRequest, offices_only, requires_session
from sync_api.quarantine.desk import Waiting, Wanted
from sync_api.replication.content import require_clean
from sync_api.sheets import About, Asked, Cell, Format, Language, sheet


class Word(msgspec.Struct):
    """What the author is told."""

    text: Words


_COLUMNS: Final = (
    ("收到时间", "Received at"),
    ("区划", "Division"),
    ("代码", "Code"),
    ("上报人", "Author"),
    ("编号", "Id"),
    ("退回原因", "Sent back because"),
    ("原文", "As it came"),
)


class QuarantineController(Controller):
    path = "/quarantine"
    tags = ("quarantine",)
    guards = (requires_session,)

    @get("/", operation_id="quarantineWaiting")
    async def waiting(
        self,
        request: SessionRequest,
        gateway: Parts,
        author: FromQuery[str | None] = None,
        code: FromQuery[str | None] = None,
        offset: Annotated[int, QueryParameter(ge=0, le=10**9)] = 0,
    ) -> Waiting:
        """What waits for a decision in the office's scope: by author and reason, and one page of it."""
        offices_only(request)
        return await gateway.desk.waiting(request.user.scope, Wanted(author, code), offset)

    @get("/{form:str}", operation_id="quarantineFile")
    async def waiting_file(
        self,
        request: SessionRequest,
        form: FromPath[Format],
        gateway: Parts,
        author: FromQuery[str | None] = None,
        code: FromQuery[str | None] = None,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same, all of it, as a file, .xlsx or .csv."""
        offices_only(request)
        office, setup = offices_only(request), await gateway.installation.setup()
        waiting = await gateway.desk.all_waiting(request.user.scope, Wanted(author, code))
        rows: list[list[Cell]] = []
        for q in waiting:
            division, because = q.id.partition(":")[0], q.zh if language == "zh" else q.en
            place = place_words(setup.register, division)
            rows.append([q.received_at, place, division, q.author, q.document_id, because, q.raw])
        asked = [Asked((one, one), one) for one in (author, code) if one]
        about = About("quarantine", ("退回待处理", "Sent back"), setup, office.divisions, gateway.clock(), asked)
        return sheet(about, _COLUMNS, rows, form, language)

    @post("/{quarantine_id:str}/release", operation_id="quarantineRelease", status_code=204)
    async def release(self, request: SessionRequest, quarantine_id: FromPath[str], gateway: Parts) -> None:
        """Store it as its author's. 409 ``still_refused``, ``decided`` or ``cut_off``."""
        offices_only(request)
        await gateway.desk.release(request.user, await gateway.installation.setup(), quarantine_id)

    @post("/{quarantine_id:str}/dismiss", operation_id="quarantineDismiss", status_code=204)
    async def dismiss(
        self, request: SessionRequest, quarantine_id: FromPath[str], data: JSONBody[Word], gateway: Parts
    ) -> None:
        """Settle it with a word to its author. 400 ``personal_number``, ``bad_character``; 409 ``decided``."""
        offices_only(request)
        require_clean(data.text)
        await gateway.desk.dismiss(request.user, await gateway.installation.setup(), quarantine_id, data.text)
