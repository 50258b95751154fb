"""Sealed text of a case: for its handlers only, each look logged first."""

from __future__ import annotations

import msgspec
from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from models.cases import Case
from models.documents import Ulid, Words
from sync_api.casework.routes import found_case, is_handler
from sync_api.errors import Conflict, Forbidden
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.replication.content import require_clean
from sync_api.sealed.store import SealedText


class ToSeal(msgspec.Struct, forbid_unknown_fields=True):
    """``ulid``: made by the page, so that a repeated request seals it once."""

    ulid: Ulid
    text: Words


class SealedController(Controller):
    path = "/casework/cases/{village:str}/{case:str}/sealed"
    tags = ("sealed",)
    guards = (requires_session,)

    @post("/", operation_id="seal", status_code=204)
    async def seal(
        self,
        request: SessionRequest,
        village: FromPath[str],
        case: FromPath[str],
        data: JSONBody[ToSeal],
        gateway: Parts,
    ) -> None:
        """Seal a text of a case that is open. 400 ``personal_number``, here too; 409 ``case_closed``."""
        if not _require_handler(gateway, request, village, case).is_open:
            raise Conflict(
                "case_closed", "事项已了结，不能再封存内容。", "The case is closed: nothing is sealed of it any more."
            )
        require_clean(data.text)
        alias = request.user.account.alias
        await gateway.audit.record(alias, "sealed_written", f"{village}:case:{case}")
        await gateway.sealed.write(village, case, data.ulid, alias, data.text)

    @post("/read", operation_id="unseal", status_code=200)
    async def unseal(
        self, request: SessionRequest, village: FromPath[str], case: FromPath[str], gateway: Parts
    ) -> list[SealedText]:
        """What is sealed of a case; the look is logged before it is answered."""
        _require_handler(gateway, request, village, case)
        await gateway.audit.record(request.user.account.alias, "sealed_read", f"{village}:case:{case}")
        return await gateway.sealed.read(village, case)


def _require_handler(gateway: Gateway, request: SessionRequest, village: str, case: str) -> Case:
    matter = found_case(gateway, request, village, case)
    if not is_handler(request.user.account, matter.case):
        zh, en = "封存的内容只有承办单位可以查看。", "What is sealed is for the offices that handle the case."
        raise Forbidden("not_a_handler", zh, en)
    return matter.case
