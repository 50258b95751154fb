"""The offices' desk for what was refused."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from models.documents import TEXT_CHARACTERS_MAX
from sync_api.errors import Forbidden
from sync_api.parts import Parts, SessionRequest, requires_session
from sync_api.quarantine.desk import Waiting


class Word(msgspec.Struct):
    """What the author is told."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)]


def _office_only(request: SessionRequest) -> None:
    """What was refused may hold what others must not see."""
    if not request.user.account.is_office:
        raise Forbidden("offices_only", "只有管理站、管理中心可以处理。", "This is for stations and centres.")


class QuarantineController(Controller):
    path = "/quarantine"
    tags = ("quarantine",)
    guards = (requires_session,)

    @get("/", operation_id="quarantineWaiting")
    async def waiting(self, request: SessionRequest, gateway: Parts) -> Waiting:
        """What waits for a decision in the office's scope: how many, and the oldest."""
        _office_only(request)
        return await gateway.desk.waiting(request.user.scope)

    @post("/{quarantine_id:str}/release", operation_id="quarantineRelease", status_code=204)
    async def release(self, request: SessionRequest, quarantine_id: FromPath[str], gateway: Parts) -> None:
        """Store it as its author's. 409 ``still_refused``, ``decided`` or ``cut_off``."""
        _office_only(request)
        await gateway.desk.release(request.user, await gateway.installation.setup(), quarantine_id)

    @post("/{quarantine_id:str}/dismiss", operation_id="quarantineDismiss", status_code=204)
    async def dismiss(
        self, request: SessionRequest, quarantine_id: FromPath[str], data: JSONBody[Word], gateway: Parts
    ) -> None:
        """Settle it with a word to its author. 409 ``decided``."""
        _office_only(request)
        await gateway.desk.dismiss(request.user, quarantine_id, data.text)
