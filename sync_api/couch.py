"""The gateway's one client of CouchDB: pooled, streaming, with time-outs. Documents pass through undecoded."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Final, Self
from urllib.parse import quote

import aiohttp
import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from msgspec import Raw

from sync_api.errors import BadRequest, StoreFault, StoreUnavailable, TooLarge, answer_gateway_error

log = logging.getLogger(__name__)

#: An ordinary call; a range read of a whole township takes 0.2 s.
CALL_S_MAX: Final = 30.0
CONNECT_S_MAX: Final = 3.0
HEARTBEAT_MS: Final = 10_000
#: Several heartbeats may be late before a feed counts as dead.
FEED_SILENCE_S_MAX: Final = 35.0

Params = Mapping[str, str]


_NULL: Final = Raw(b"null")


class Row(msgspec.Struct, omit_defaults=True):
    """A row of ``_changes``. ``seq`` stays as CouchDB wrote it: opaque."""

    seq: Raw
    id: str
    changes: Raw = Raw(b"[]")
    deleted: bool = False
    doc: Raw = _NULL

    @property
    def leaves(self) -> int:
        """How many revisions of the document stand beside each other."""
        return bytes(self.changes).count(b'"rev"')


class Changes(msgspec.Struct):
    results: list[Row]
    last_seq: Raw


class RevValue(msgspec.Struct):
    rev: str
    deleted: bool = False


class IdRow(msgspec.Struct):
    """A row of ``_all_docs``; ``doc`` is undecoded, ``null`` where it was not asked for or is deleted. A key that is
    not there has ``error`` and no ``id``."""

    id: str | None = None
    key: str | None = None
    value: RevValue | None = None
    doc: Raw = _NULL
    error: str | None = None

    @property
    def has_doc(self) -> bool:
        return self.doc != _NULL


class _Rows(msgspec.Struct):
    rows: list[IdRow]


class Saved(msgspec.Struct):
    """A row of the answer to ``_bulk_docs``."""

    id: str
    rev: str | None = None
    error: str | None = None
    reason: str | None = None


class CouchError(Exception):
    """CouchDB answered with an error that the caller has to decide on."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"CouchDB answered {status}: {body[:200]!r}")
        self.status, self.body = status, body


def answer_couch_error(request: Request[object, object, State], error: CouchError) -> Response[object]:
    """An error of CouchDB's that no route decided on, logged and answered in the client's shape. 400 and 413 say that
    the client asked for what CouchDB does not take (a malformed revision, a checkpoint of 9 MB)."""
    log.error("%s %s: %s", request.method, request.url.path, error)
    if error.status == 400:
        return answer_gateway_error(request, BadRequest("refused", "数据库不接受这一请求。", "The store refuses this."))
    if error.status == 413:
        return answer_gateway_error(request, TooLarge("too_large", "内容过大。", "Too large for the store."))
    return answer_gateway_error(request, StoreFault(f"status {error.status}"))


def seq_text(seq: Raw) -> str:
    """An opaque sequence as text for a query string: a JSON string loses its quotes, a number stays as it is."""
    value = msgspec.json.decode(seq)
    return value if isinstance(value, str) else bytes(seq).decode()


class Couch:
    """An open client. Use as ``async with Couch(url) as couch``. Every call raises ``StoreUnavailable`` when the store
    cannot be reached or does not answer in time, ``CouchError`` for any other answer above 399."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=CALL_S_MAX, sock_connect=CONNECT_S_MAX)
        self._session = aiohttp.ClientSession(
            timeout=timeout, connector=aiohttp.TCPConnector(limit=64), headers={"Content-Type": "application/json"}
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with`")
        return self._session

    async def call(self, method: str, path: str, params: Params | None = None, body: bytes | None = None) -> bytes:
        """One request; returns the body."""
        # a stream, so that a body of several MB leaves in pieces and does not hold up the others
        data = None if body is None else BytesIO(body)
        try:
            async with self.session.request(method, f"{self._url}/{path}", params=params, data=data) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreUnavailable(type(error).__name__) from error
        if answer.status >= 500 or answer.status == 401:
            # 401: the store's own password is wrong or locked, which an administrator sets right while we wait
            raise StoreUnavailable(f"status {answer.status}")
        if answer.status >= 400:
            raise CouchError(answer.status, content)
        return content

    async def server_uuid(self) -> str:
        """The store's identity: a new one means that its data was reset."""
        return str(msgspec.json.decode(await self.call("GET", ""))["uuid"])

    async def create_database(self, database: str) -> bool:
        """Create a database unless it is there; whether it was made."""
        try:
            await self.call("PUT", quote(database, safe=""))
        except CouchError as error:
            if error.status == 412:
                return False
            raise
        return True

    async def get(self, database: str, document_id: str) -> bytes | None:
        """One document, undecoded, or None."""
        try:
            return await self.call("GET", f"{database}/{_document_path(document_id)}")
        except CouchError as error:
            if error.status == 404:
                return None
            raise

    async def put(self, database: str, document_id: str, body: bytes) -> bytes:
        return await self.call("PUT", f"{database}/{_document_path(document_id)}", body=body)

    async def put_making(self, database: str, document_id: str, body: bytes) -> bytes:
        """As ``put``, into a database that is made when it is not there yet."""
        try:
            return await self.put(database, document_id, body)
        except CouchError as error:
            if error.status != 404:
                raise
        await self.create_database(database)
        return await self.put(database, document_id, body)

    async def delete(self, database: str, document_id: str, rev: str) -> None:
        """Leave a tombstone; a document of the id may be written anew."""
        await self.call("DELETE", f"{database}/{_document_path(document_id)}", {"rev": rev})

    async def compact(self, database: str) -> None:
        """Have the store forget what was deleted or written over; it does so in the background."""
        await self.call("POST", f"{database}/_compact", body=b"{}")

    async def rows_of(self, database: str, ids: Sequence[str], include_docs: bool = False) -> list[IdRow]:
        """A row a key, in the order asked; ``error`` is set where there is none."""
        params = {"include_docs": "true"} if include_docs else None
        body = msgspec.json.encode({"keys": ids})
        return _decode_rows(await self.call("POST", f"{database}/_all_docs", params, body)).rows

    async def range_of(
        self, database: str, start: str, end: str, limit: int | None = None, include_docs: bool = False
    ) -> list[IdRow]:
        """The rows of ids in ``[start, end)``, in byte order."""
        params = {
            "startkey": msgspec.json.encode(start).decode(),
            "endkey": msgspec.json.encode(end).decode(),
            "inclusive_end": "false",
            "include_docs": "true" if include_docs else "false",
        }
        if limit is not None:
            params["limit"] = str(limit)
        return _decode_rows(await self.call("GET", f"{database}/_all_docs", params)).rows

    async def changes(self, database: str, since: str, limit: int) -> Changes:
        """A page of the unfiltered feed."""
        params = {"since": since, "limit": str(limit), "style": "all_docs"}
        return _decode_changes(await self.call("GET", f"{database}/_changes", params))

    async def sequence_now(self, database: str) -> str:
        """The feed's own string for the present point (``update_seq`` of the database may be another one)."""
        content = await self.call("GET", f"{database}/_changes", {"since": "now", "limit": "1"})
        return seq_text(_decode_changes(content).last_seq)

    @asynccontextmanager
    async def follow(self, database: str, since: str) -> AsyncIterator[AsyncIterator[Row]]:
        """The continuous feed from a sequence on; ends or raises ``StoreUnavailable`` when it is cut."""
        params = {"feed": "continuous", "since": since, "heartbeat": str(HEARTBEAT_MS), "style": "all_docs"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S_MAX, sock_read=FEED_SILENCE_S_MAX)
        url = f"{self._url}/{database}/_changes"
        try:
            async with self.session.get(url, params=params, timeout=timeout) as answer:
                if answer.status >= 400:
                    raise StoreUnavailable(f"feed status {answer.status}")
                yield _feed_rows(answer.content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreUnavailable(type(error).__name__) from error

    async def bulk_docs(self, database: str, documents: Sequence[Raw | bytes], new_edits: bool) -> list[Saved]:
        """Write documents that are already JSON; the rows CouchDB answers (with ``new_edits`` false: only failures)."""
        edits = b"true" if new_edits else b"false"
        body = b'{"new_edits":' + edits + b',"docs":[' + b",".join(bytes(d) for d in documents) + b"]}"
        return _decode_saved(await self.call("POST", f"{database}/_bulk_docs", body=body))

    async def attachment(self, database: str, document_id: str, name: str) -> bytes | None:
        """The bytes of an attachment, or None."""
        try:
            return await self.call("GET", f"{database}/{_document_path(document_id)}/{name}")
        except CouchError as error:
            if error.status == 404:
                return None
            raise

    async def post(self, database: str, endpoint: str, body: bytes, params: Params | None = None) -> bytes:
        """Any other POST of the contract, passed through."""
        return await self.call("POST", f"{database}/{endpoint}", params, body)


_decode_rows = msgspec.json.Decoder(_Rows).decode
_decode_changes = msgspec.json.Decoder(Changes).decode
_decode_row = msgspec.json.Decoder(Row).decode
_decode_saved = msgspec.json.Decoder(list[Saved]).decode


async def _feed_rows(content: aiohttp.StreamReader) -> AsyncIterator[Row]:
    """Rows of a continuous feed: a line each, heartbeats are empty lines. A cut inside a line drops that line; the
    follower asks again from the last whole one."""
    begun = b""
    while chunk := await content.readany():  # of a burst many rows at once
        *lines, begun = (begun + chunk).split(b"\n")
        for line in lines:
            if line.strip() and not line.startswith(b'{"last_seq"'):
                yield _decode_row(line)


def _document_path(document_id: str) -> str:
    if document_id.startswith("_local/"):
        return "_local/" + quote(document_id.removeprefix("_local/"), safe="")
    return quote(document_id, safe="")
