"""The contract of ``/db/{database}``: what a stock PouchDB and CouchDB's replicator ask of CouchDB."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ASGIApp
from msgspec import Raw

from models.ids import Scope, database_of
from sync_api.access.gate import BASIC_DEVICE
from sync_api.couch import Couch
from sync_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, TooLarge
from sync_api.parts import FOR_REVOKED, Gateway, Parts, SessionRequest, requires_session
from sync_api.replication import retrieval
from sync_api.replication.bodies import parse_body, read_body, split_leniently
from sync_api.replication.changes import ChangesPage, read_changes, read_changes_of
from sync_api.replication.longpoll import HEARTBEAT_S_DEFAULT, WAIT_S_MAX, longpoll, page_of
from sync_api.replication.multipart import mixed
from sync_api.replication.parking import unless_gone
from sync_api.replication.pull import Asked, encoded, encoder, pull
from sync_api.replication.push import PushRow
from sync_api.replication.streams import STREAM_ROWS, continuous, whole

LIMIT_MAX: Final = 10_000
#: A tablet packs by bytes; a batch of 500 full rounds has 1.5 MB.
BATCH_DOCUMENTS_MAX: Final = 5_000

#: A whole number of a query; a longer one is no count and no time.
_WHOLE: Final = re.compile(r"\d{1,15}\Z", re.ASCII)

#: What a handler of ``/db/{database}`` declares as ``visible``: the part of the store that the user may see.
Visible = NamedDependency[Scope]


def couch_json(content: bytes, status: int = 200) -> Response[bytes]:
    return Response(content, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})


class BulkDocs(msgspec.Struct):
    docs: list[Raw]


class _Named(msgspec.Struct):
    id: str = msgspec.field(name="_id", default="")


class DocIds(msgspec.Struct):
    doc_ids: list[str]


async def provide_visible(request: SessionRequest, database: FromPath[str], gateway: Parts) -> Scope:
    """The user's scope in this database. Raises ``NotFound`` for one that is no county's or the city's, ``Forbidden``
    for one the user has nothing in."""
    register = (await gateway.installation.setup()).register
    if database not in {gateway.installation.city_database, *map(database_of, register.counties)}:
        raise NotFound("no_such_database", "没有这个数据库。", "Database does not exist.")
    if database not in request.user.account.databases(register.counties):
        raise Forbidden("out_of_scope", "这个数据库不在您的工作范围内。", "This database is outside your scope.")
    return request.user.scope


@get("/db", operation_id="replicationServer", tags=["replication"])
async def server(gateway: Parts) -> dict[str, Any]:
    """CouchDB's root. The identity goes into the replication id: the store's own, the same at all its gateways."""
    return {
        "couchdb": "Welcome",
        "uuid": await gateway.couch.server_uuid(),
        "vendor": {"name": "Dynamic Management 110"},
    }


class ReplicationController(Controller):
    path = "/db/{database:str}"
    tags = ("replication",)
    guards = (requires_session,)
    dependencies = {"visible": Provide(provide_visible)}  # noqa: RUF012

    @get("/", operation_id="databaseInfo")
    async def info(self, database: FromPath[str], gateway: Parts, visible: Visible) -> dict[str, Any]:
        """Name and present sequence only: counts would tell what others hold."""
        sequence = await gateway.couch.sequence_now(database)
        return {"db_name": database, "update_seq": sequence, "instance_start_time": "0"}

    @put("/", operation_id="createDatabase")
    async def create(self, database: FromPath[str], visible: Visible) -> None:
        raise PreconditionFailed("file_exists", "数据库已存在。", "The database could not be created, it exists.")

    @get("/_changes", operation_id="changes")
    async def changes(
        self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible
    ) -> ASGIApp:
        """The feed, cut to the user's scope; ``feed=longpoll`` waits."""
        query = {key: str(value) for key, value in request.query_params.items()}
        if "filter" in query or "view" in query:
            raise BadRequest("no_filter", "不支持自定义过滤。", "No filters here: the scope is the filter.")
        couch, feed = gateway.couch, gateway.feeds.of(database)

        async def read(since: str, limit: int) -> ChangesPage:
            return await read_changes(couch, feed, visible, since, limit)

        return _changes(request, query, gateway, database, visible, read)

    @post("/_changes", operation_id="changesOfIds", status_code=200)
    async def changes_of_ids(
        self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible
    ) -> ASGIApp:
        """``filter=_doc_ids``: the feed of the named documents of the scope."""
        query = {key: str(value) for key, value in request.query_params.items()}
        if query.get("filter") != "_doc_ids":
            raise BadRequest("no_filter", "只支持按编号过滤。", "Only filter=_doc_ids is offered.")
        asked: DocIds = parse_body(await read_body(request), DocIds)
        named = [identity for identity in asked.doc_ids if visible.allows(identity)]
        couch, feed = gateway.couch, gateway.feeds.of(database)

        async def read(since: str, limit: int) -> ChangesPage:
            return await read_changes_of(couch, feed, named, since, limit)

        return _changes(request, query, gateway, database, Scope.of(named), read)

    @post("/_pull", operation_id="pull", status_code=200)
    async def pull(self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible) -> Stream:
        """All that a tablet lacks, in one answer (``pull.py``). Stock clients page through ``_changes`` instead."""
        asked: Asked = parse_body(await read_body(request), Asked)
        villages = (await gateway.installation.setup()).register.villages
        pages = pull(gateway.couch, gateway.feeds.of(database), asked.within(visible), villages, asked)
        first = await anext(pages)
        coding, encode = encoder(request.headers.get("accept-encoding", ""))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        if coding:
            headers["Content-Encoding"] = coding
        account = request.user.account
        flight = gateway.flights.begin(account.alias, request.user.device, database)
        watch = gateway.gate.watch(request.user)

        @asynccontextmanager
        async def turn(is_much: bool) -> AsyncIterator[None]:
            async with (gateway.much if is_much else gateway.admission).turn(account.alias):
                watch.check()
                yield

        def done() -> None:
            gateway.health_log.note(request.user, asked.state())

        content = encoded(first, pages, encode, turn, flight, done)
        return Stream(content, media_type="application/x-ndjson", headers=headers)

    @post("/_bulk_get", operation_id="bulkGet", status_code=200)
    async def bulk_get(
        self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible
    ) -> Response[bytes]:
        body = await read_body(request)

        async def read() -> bytes:
            async with gateway.admission.turn(request.user.account.alias):
                return await retrieval.bulk_get(gateway.couch, database, visible, body)

        return couch_json(await unless_gone(request.receive, read()) or b"")  # nobody reads an empty one

    @post("/_revs_diff", operation_id="revsDiff", status_code=200)
    async def revs_diff(
        self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible
    ) -> Response[bytes]:
        body = await read_body(request)
        async with gateway.admission.turn(request.user.account.alias):
            return couch_json(await retrieval.revs_diff(gateway.couch, database, visible, body))

    @post("/_bulk_docs", operation_id="bulkDocs", status_code=201, opt={FOR_REVOKED: True})
    async def bulk_docs(
        self, request: SessionRequest, database: FromPath[str], gateway: Parts, visible: Visible
    ) -> Response[bytes]:
        """Store what passes the checks; answer a row a document in the order sent."""
        body = await read_body(request)
        try:
            batch: BulkDocs = parse_body(body, BulkDocs)
            documents = batch.docs
        except BadRequest:
            if (lenient := split_leniently(body)) is None:
                await gateway.push.refuse_unreadable(request.user, await gateway.installation.setup(), database, body)
                raise
            documents = lenient
        if len(documents) > BATCH_DOCUMENTS_MAX:
            zh = f"一次最多上报 {BATCH_DOCUMENTS_MAX} 份，请分批。"
            raise TooLarge("too_large", zh, f"At most {BATCH_DOCUMENTS_MAX} documents in one batch.")
        rows = await _take(gateway, request, database, documents)
        if not request.user.is_revoked:
            gateway.health_log.note(request.user)
        return couch_json(msgspec.json.encode(rows), 201)

    @post("/_ensure_full_commit", operation_id="ensureFullCommit", status_code=201)
    async def ensure_full_commit(self, database: FromPath[str], visible: Visible) -> dict[str, Any]:
        """CouchDB's replicator asks for it; the store commits each write by itself."""
        return {"ok": True, "instance_start_time": "0"}

    @get("/_local/{local_id:str}", operation_id="getCheckpoint")
    async def get_local(
        self,
        request: SessionRequest,
        database: FromPath[str],
        gateway: Parts,
        visible: Visible,
        local_id: FromPath[str],
    ) -> Response[bytes]:
        return couch_json(await retrieval.get_local(gateway.couch, database, request.user, local_id))

    @put("/_local/{local_id:str}", operation_id="putCheckpoint", status_code=201)
    async def put_local(
        self,
        request: SessionRequest,
        database: FromPath[str],
        gateway: Parts,
        visible: Visible,
        local_id: FromPath[str],
    ) -> Response[bytes]:
        body = await read_body(request)
        answer = await retrieval.put_local(gateway.couch, database, request.user, local_id, body)
        gateway.health_log.note(request.user)  # a stock client, in either direction
        return couch_json(answer, 201)

    @get("/{document_id:str}", operation_id="getDocument")
    async def get_document(
        self,
        request: SessionRequest,
        database: FromPath[str],
        gateway: Parts,
        visible: Visible,
        document_id: FromPath[str],
    ) -> Response[bytes]:
        params = {key: str(value) for key, value in request.query_params.items()}
        if "open_revs" not in params:
            return couch_json(await retrieval.one_document(gateway.couch, database, visible, document_id, params))
        found = await retrieval.open_revisions(gateway.couch, database, visible, document_id, params["open_revs"])
        if "multipart/mixed" not in request.headers.get("accept", ""):
            return couch_json(msgspec.json.encode(found))
        content, media_type = mixed(found)
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})

    @put("/{document_id:str}", operation_id="putDocument", status_code=201)
    async def put_document(
        self,
        request: SessionRequest,
        database: FromPath[str],
        gateway: Parts,
        visible: Visible,
        document_id: FromPath[str],
    ) -> Response[bytes]:
        """One document, judged like a batch of one; it says its own id, which must be the path's."""
        body = await read_body(request)
        if request.headers.get("content-type", "").startswith("multipart/"):
            # so CouchDB's replicator sends a document with attachments; at any answer but "forbidden" it stops
            await gateway.push.refuse_unreadable(request.user, await gateway.installation.setup(), database, body)
            raise Forbidden("no_attachments", "文档不能带附件。", "Documents carry no attachments.")
        named: _Named = parse_body(body, _Named)
        if named.id != document_id:
            raise BadRequest("bad_id", "编号与地址不一致。", "The document's id is not that of the address.")
        [row] = await _take(gateway, request, database, [Raw(body)])
        return couch_json(msgspec.json.encode(row), 201) if row.ok else _refused(row)


def _changes(
    request: SessionRequest,
    query: dict[str, str],
    gateway: Gateway,
    database: str,
    scope: Scope,
    read_page: Callable[[str, int], Coroutine[Any, Any, ChangesPage]],
) -> ASGIApp:
    """The feed of a scope in the form that a query asks for; ``read_page`` reads it behind a sequence."""
    limit = _whole(query, "limit", STREAM_ROWS)
    since = query.get("since", "0").strip('"')
    couch, feed, alias = gateway.couch, gateway.feeds.of(database), request.user.account.alias

    # the query itself is not held while a request waits
    has_documents, limit = query.get("include_docs") == "true", max(1, min(limit, LIMIT_MAX))

    async def read_after(seq: str) -> ChangesPage:
        async with gateway.admission.turn(alias):
            page = await read_page(seq, limit)
            return await _with_documents(couch, database, page) if has_documents else page

    position = since

    async def read() -> ChangesPage:
        nonlocal position
        page = await read_after(position)
        if position == "now":  # is the moment of asking: what comes while it waits is news
            position = page.last_seq
        return page

    timeout_s = min(_whole(query, "timeout", int(WAIT_S_MAX * 1000)) / 1000, WAIT_S_MAX)
    heartbeat_s = max(1.0, _whole(query, "heartbeat", int(HEARTBEAT_S_DEFAULT * 1000)) / 1000)
    watch = gateway.gate.watch(request.user)
    if request.user.device == BASIC_DEVICE:  # a stock client writes no checkpoint while there is nothing new
        gateway.health_log.note(request.user)
    match query.get("feed", "normal"):
        case "longpoll":
            return longpoll(feed, scope, read, heartbeat_s, timeout_s, watch)
        case "continuous":
            beat_s = heartbeat_s if "heartbeat" in query else None
            return continuous(feed, scope, read_after, since, beat_s, timeout_s, watch)
        case "normal" if "limit" not in query:
            return whole(read_after, since)
        case "normal":
            return page_of(read)
        case other:
            raise BadRequest("no_feed", f"不支持 feed={other}。", f"There is no feed={other}.")


async def _take(gateway: Gateway, request: SessionRequest, database: str, documents: list[Raw]) -> list[PushRow]:
    async with gateway.admission.turn(request.user.account.alias):
        return await gateway.push.take(request.user, await gateway.installation.setup(), database, documents)


def _refused(row: PushRow) -> Response[bytes]:
    return couch_json(msgspec.json.encode({"error": row.error, "reason": row.reason}), 403)


def _whole(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if text == "true" or not text:
        return default
    if not _WHOLE.match(text):
        raise BadRequest("bad_query", f"参数 {name} 应为整数。", f"{name} must be a whole number.")
    return int(text)


async def _with_documents(couch: Couch, database: str, page: ChangesPage) -> ChangesPage:
    rows = await couch.rows_of(database, [row.id for row in page.results], include_docs=True)
    for row, found in zip(page.results, rows, strict=True):
        row.doc = found.doc
    return page
