"""Handing in: what an author wrote and may push no more is never only on the tablet."""

from __future__ import annotations

import msgspec
from litestar import Response, post

from sync_api.errors import BadRequest, TooLarge
from sync_api.parts import FOR_REVOKED, Parts, SessionRequest, requires_session
from sync_api.replication.bodies import parse_body, read_body, split_leniently
from sync_api.replication.routes import BATCH_DOCUMENTS_MAX, BulkDocs, couch_json


@post(
    "/hand-in",
    operation_id="handIn",
    tags=["replication"],
    guards=[requires_session],
    status_code=201,
    opt={FOR_REVOKED: True},
)
async def hand_in(request: SessionRequest, gateway: Parts) -> Response[bytes]:
    """As ``_bulk_docs``, for documents of whatever place: a row each, ``ok`` where the store holds it already and else
    ``forbidden``, since it waits for an office. Either way the gateway has it."""
    body = await read_body(request)
    try:
        batch: BulkDocs = parse_body(body, BulkDocs)
        documents = batch.docs
    except BadRequest:
        if (lenient := split_leniently(body)) is None:
            raise
        documents = lenient
    if len(documents) > BATCH_DOCUMENTS_MAX:
        zh = f"一次最多交回 {BATCH_DOCUMENTS_MAX} 份，请分批。"
        raise TooLarge("too_large", zh, f"At most {BATCH_DOCUMENTS_MAX} documents in one batch.")
    async with gateway.admission.turn(request.user.account.alias):
        rows = await gateway.push.hand_in(request.user, await gateway.installation.setup(), documents)
    return couch_json(msgspec.json.encode(rows), 201)
