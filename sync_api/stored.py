"""Documents as the store has them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import msgspec

from models.documents import AnyDocument, decode_document
from models.ids import IdError, database_of, parse_id
from sync_api.couch import Couch, IdRow

log = logging.getLogger(__name__)


def readable(rows: Iterable[IdRow]) -> Iterator[AnyDocument]:
    """The documents of rows that have one. What cannot be read was written past the gateway; it is named and left out,
    as in the nightly run."""
    for row in rows:
        if row.id is not None and row.has_doc:
            try:
                parse_id(row.id)
                yield decode_document(row.doc)
            except (msgspec.MsgspecError, IdError):
                log.exception("a document cannot be read: %s", row.id)


async def read_document(couch: Couch, document_id: str | None) -> AnyDocument | None:
    """One document by its id; None where there is none, and for a text that is no id."""
    try:
        database = database_of(str(parse_id(document_id or "")))
    except IdError:
        return None
    content = await couch.get(database, document_id or "")
    return None if content is None else decode_document(content)
