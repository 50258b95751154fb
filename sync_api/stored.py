"""Documents as the store has them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import msgspec

from models.documents import AnyDocument, decode_document
from models.ids import IdError, parse_id
from sync_api.couch import IdRow

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
