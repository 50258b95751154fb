"""Whether the gateway can do its work."""

from __future__ import annotations

import msgspec
from litestar import get

from models.ids import database_of
from sync_api.errors import StillReading
from sync_api.parts import Parts


class Health(msgspec.Struct):
    status: str
    villages: int
    catalogue: str


@get("/health", operation_id="health", tags=["operation"])
async def health(gateway: Parts) -> Health:
    """200 when the store answers, is set up and the board is read; else 503 saying which is missing."""
    await gateway.couch.server_uuid()
    setup = await gateway.installation.setup()
    if not gateway.board.is_loaded({database_of(county) for county in setup.register.counties}):
        raise StillReading("看板", "the board")
    return Health("ok", len(setup.register.villages), setup.rulebook.catalogue.version)
