"""What a replication reads besides the feed, cut to a scope: ``_bulk_get``, ``_revs_diff``, ``_local`` …"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw

from models.ids import Scope
from sync_api.access.accounts import Session
from sync_api.couch import Couch, CouchError
from sync_api.errors import BadRequest, Conflict, NotFound, TooLarge
from sync_api.replication.bodies import parse_body

_LOCAL: Final = "_local/"
#: Of a checkpoint's id; replicators use a few dozen. The store repeats it in a header, which has its limit.
LOCAL_ID_CHARACTERS_MAX: Final = 500
#: PouchDB's and CouchDB's own have some 10 kB.
CHECKPOINT_BYTES_MAX: Final = 64 * 1024
_NULL: Final = Raw(b"null")


class Wanted(msgspec.Struct, omit_defaults=True):
    id: str
    rev: str | None = None


class BulkGet(msgspec.Struct):
    docs: list[Wanted]


class _Leaf(msgspec.Struct):
    """One revision of a document; ``ok`` is undecoded, ``null`` where there is none."""

    ok: Raw = _NULL


class _Found(msgspec.Struct):
    id: str
    docs: list[_Leaf]


class _BulkGot(msgspec.Struct):
    results: list[_Found]


class _Head(msgspec.Struct):
    rev: str = msgspec.field(name="_rev")


_head = msgspec.json.Decoder(_Head).decode


async def bulk_get(couch: Couch, database: str, scope: Scope, body: bytes) -> bytes:
    """Documents with their revisions, an entry for each asked, in that order: CouchDB's replicator pairs them up. One
    that is out of scope or not there is an entry without a document: one with an error would be asked for ever.

    A revision that was rewritten since is answered with the present one, as ``latest=true`` has it.
    """
    wanted: BulkGet = parse_body(body, BulkGet)
    leaves = await _leaves(couch, database, [w.id for w in wanted.docs if scope.allows(w.id)])
    return msgspec.json.encode(_BulkGot([_Found(w.id, _of_revision(leaves.get(w.id, []), w.rev)) for w in wanted.docs]))


async def _leaves(couch: Couch, database: str, ids: Sequence[str]) -> dict[str, list[_Leaf]]:
    """The present revisions of documents, none for one that is not there. Revisions are never named to the store: it
    may have forgotten them, and an unknown one stops the embedded store."""
    if not ids:
        return {}
    body = msgspec.json.encode({"docs": [{"id": i} for i in dict.fromkeys(ids)]})
    got = msgspec.json.decode(await couch.post(database, "_bulk_get", body, {"revs": "true"}), type=_BulkGot)
    return {found.id: [leaf for leaf in found.docs if leaf.ok != _NULL] for found in got.results}


def _of_revision(leaves: list[_Leaf], rev: str | None) -> list[_Leaf]:
    if rev is None:
        return leaves
    return [leaf for leaf in leaves if _head(leaf.ok).rev == rev] or leaves[:1]


async def revs_diff(couch: Couch, database: str, scope: Scope, body: bytes) -> bytes:
    """Which revisions the store lacks. What is out of scope is "missing" whether it is there or not, so the answer
    tells nothing; pushing it will be refused."""
    asked: dict[str, list[str]] = parse_body(body, dict[str, list[str]])
    visible = {i: revs for i, revs in asked.items() if scope.allows(i)}
    answer: dict[str, Any] = {i: {"missing": revs} for i, revs in asked.items() if i not in visible}
    if visible:
        answer |= msgspec.json.decode(await couch.post(database, "_revs_diff", msgspec.json.encode(visible)))
    return msgspec.json.encode(answer)


async def open_revisions(
    couch: Couch, database: str, scope: Scope, document_id: str, asked: str
) -> list[dict[str, Any]]:
    """``open_revs``: the document's leaves. Raises ``NotFound``, for one out of scope as well."""
    return _open_revisions(await _present(couch, database, scope, document_id), asked)


async def _present(couch: Couch, database: str, scope: Scope, document_id: str) -> list[dict[str, Any]]:
    found = await _leaves(couch, database, [document_id] if scope.allows(document_id) else [])
    leaves: list[dict[str, Any]] = [msgspec.json.decode(leaf.ok) for leaf in found.get(document_id, [])]
    leaves = [leaf for leaf in leaves if not leaf.get("_deleted")]
    if not leaves:
        raise NotFound
    return leaves


async def one_document(couch: Couch, database: str, scope: Scope, document_id: str, params: dict[str, str]) -> bytes:
    """A document. Raises ``NotFound``, for one out of scope as well."""
    leaves = await _present(couch, database, scope, document_id)
    if (rev := params.get("rev")) is not None and rev not in [leaf["_rev"] for leaf in leaves]:
        raise NotFound
    found = leaves[0] if rev is None else next(leaf for leaf in leaves if leaf["_rev"] == rev)
    if params.get("revs") != "true":
        found.pop("_revisions", None)
    return msgspec.json.encode(found)


def _open_revisions(leaves: list[dict[str, Any]], asked: str) -> list[dict[str, Any]]:
    if asked == "all":
        return [{"ok": leaf} for leaf in leaves]
    by_rev = {leaf["_rev"]: leaf for leaf in leaves}
    revs: list[str] = parse_body(asked.encode(), list[str])
    # an older revision asked for is answered with the latest, as `latest=true` has it
    return [{"ok": by_rev.get(rev, leaves[0])} for rev in revs]


def _own_local_id(session: Session, local_id: str) -> str:
    """Raises ``BadRequest``."""
    if len(local_id) > LOCAL_ID_CHARACTERS_MAX:
        raise BadRequest(
            "bad_id", "同步点编号过长。", f"A checkpoint's id has {LOCAL_ID_CHARACTERS_MAX} characters at most."
        )
    return f"{_LOCAL}{session.account.alias}.{session.device}.{local_id}"


async def get_local(couch: Couch, database: str, session: Session, local_id: str) -> bytes:
    """A checkpoint of this user on this device. Raises ``NotFound``."""
    content = await couch.get(database, _own_local_id(session, local_id))
    if content is None:
        raise NotFound
    return msgspec.json.encode(msgspec.json.decode(content) | {"_id": _LOCAL + local_id})


async def put_local(couch: Couch, database: str, session: Session, local_id: str, body: bytes) -> bytes:
    """Write a checkpoint. Raises ``Conflict``, ``TooLarge``."""
    if len(body) > CHECKPOINT_BYTES_MAX:
        raise TooLarge("too_large", "同步点过大。", f"A checkpoint has at most {CHECKPOINT_BYTES_MAX} bytes.")
    content: dict[str, Any] = parse_body(body, dict[str, Any])
    own_id = _own_local_id(session, local_id)
    try:
        answer = await couch.put(database, own_id, msgspec.json.encode(content | {"_id": own_id}))
    except CouchError as error:
        if error.status == 409:
            raise Conflict("conflict", "同步点已被更新。", "Document update conflict.") from error
        raise
    return msgspec.json.encode(msgspec.json.decode(answer) | {"id": _LOCAL + local_id})
