"""Documents that a night computes of townships: read as they stand, and written where they say something new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from jobs.couch import Database
from models.documents import Document, decode_document

Derived = TypeVar("Derived", bound=Document)


def stored_documents(database: Database, ids: Sequence[str], kind: type[Derived]) -> dict[str, Derived]:
    """Those of these ids that the store holds, with their revisions. Raises ``CouchError``."""
    found: dict[str, Derived] = {}
    for key, one in database.read_many(ids).items() if ids else ():
        document = decode_document(one.body)
        if isinstance(document, kind):
            found[key] = msgspec.structs.replace(document, rev=one.rev)
    return found


def write_changed(
    database: Database,
    stored: Mapping[str, Derived],
    said: Sequence[Derived],
    says_nothing: Callable[[Derived], bool] = lambda _: False,
) -> int:
    """Write the documents that differ from what is stored; how many. A first one that ``says_nothing`` is not written.
    Raises ``CouchError``."""
    wanted: list[Derived] = []
    for document in said:
        before = stored.get(document.id)
        new = document if before is None else msgspec.structs.replace(document, rev=before.rev)
        if before != new and not (before is None and says_nothing(new)):
            wanted.append(new)
    database.write_all(wanted)
    return len(wanted)
