"""The jobs' way to CouchDB, and the only module that knows pycouchdb.

It sets right what pycouchdb gets wrong for batch work: certificates are checked, every call has a time-out, a bulk
write answers row by row instead of raising at the first bad one, changes come in pages of undecoded documents, and
sequences stay opaque text. Connections that fail are tried again a few times, then an error says so:

CouchError
 ├─ UnreachableError      no answer after all attempts
 ├─ MissingDatabaseError  no such database
 └─ RefusedError          the store answered with an error, or not like a CouchDB
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
import requests
from msgspec import Raw
from pycouchdb import exceptions
from pycouchdb.client import Server
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

T = TypeVar("T")

TIMEOUT_S: Final = 60.0
#: 0 + 0.5 + 1 + 2 s: long enough for the embedded store to be up again.
ATTEMPTS: Final = Retry(total=4, backoff_factor=0.5, status_forcelist=(502, 503, 504), allowed_methods=None)
#: About 2 MB a page; larger ones are not faster.
PAGE_ROWS: Final = 2000
#: Photos have some 300 kB each.
PAGE_ROWS_WITH_ATTACHMENTS: Final = 20


class CouchError(Exception):
    """CouchDB did not do what was asked; the message says what, and what to do."""


class UnreachableError(CouchError):
    """No answer after all attempts."""


class MissingDatabaseError(CouchError):
    """There is no such database."""


class RefusedError(CouchError):
    """CouchDB answered with an error, or something that is no CouchDB answered."""


#: msgspec takes no union of an undecoded value with None.
NULL: Final = Raw(b"null")


class ChangeRow(msgspec.Struct):
    """A row of ``_changes``; the document is undecoded, ``NULL`` where there is none."""

    id: str
    doc: Raw = NULL
    deleted: bool = False


class ChangesPage(msgspec.Struct):
    """``last_seq`` as CouchDB wrote it: opaque."""

    results: list[ChangeRow]
    last_seq: Raw

    @property
    def since(self) -> str:
        """The sequence as text for the next query: a JSON string without its quotes, a number as it stands."""
        value = msgspec.json.decode(self.last_seq)
        return value if isinstance(value, str) else bytes(self.last_seq).decode()


class Written(msgspec.Struct):
    """What became of one document of a bulk write: a revision, or an error with its reason."""

    id: str
    rev: str | None = None
    error: str | None = None
    reason: str | None = None


class Stored(msgspec.Struct):
    """A document's revision, and its undecoded body, ``NULL`` where it was not asked for."""

    rev: str
    body: Raw = NULL


class _Revision(msgspec.Struct):
    rev: str
    deleted: bool = False


class _Row(msgspec.Struct):
    key: str
    value: _Revision | None = None
    doc: Raw = NULL


class _Rows(msgspec.Struct):
    rows: list[_Row]


class _Welcome(msgspec.Struct):
    uuid: str


class Couch:
    """A CouchDB server. ``url`` may carry credentials; they never appear in an error."""

    def __init__(self, url: str) -> None:
        self._server = Server(url, verify=True, timeout=TIMEOUT_S)
        session: requests.Session = self._server.resource.session
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=ATTEMPTS))
        self._session = session

    def close(self) -> None:
        self._session.close()

    def uuid(self) -> str:
        """The server's own identity: another one means another store, with other sequences."""
        return _decode(_ask(self._server.resource, "GET", []), _Welcome).uuid

    def create(self, name: str) -> bool:
        """Make sure that a database exists; whether it had to be created."""
        try:
            _ask(self._server.resource, "PUT", [name])
        except _FileExistsError:
            return False
        return True

    def names(self) -> list[str]:
        """All databases of the server."""
        return _decode(_ask(self._server.resource, "GET", ["_all_dbs"]), list[str])

    def database(self, name: str) -> Database:
        """A database by name; that it exists is not asked."""
        return Database(self._server.resource(name), name)


class Database:
    """One database of a server."""

    def __init__(self, resource: Any, name: str) -> None:
        self._resource = resource
        self.name = name

    def read(self, document_id: str) -> Stored | None:
        """One document with its body, or None. Raises ``MissingDatabaseError`` when the database itself is missing."""
        return self.read_many([document_id]).get(document_id)

    def read_many(self, ids: Sequence[str], with_bodies: bool = True) -> dict[str, Stored]:
        """The documents of these ids that are there and not deleted, by id."""
        params = {"include_docs": "true"} if with_bodies else {}
        answer = _ask(self._resource, "POST", ["_all_docs"], params, {"keys": list(ids)})
        return {
            row.key: Stored(row.value.rev, row.doc)
            for row in _decode(answer, _Rows).rows
            if row.value is not None and not row.value.deleted
        }

    def write(self, documents: Sequence[object]) -> list[Written]:
        """Write documents (structs or mappings, with their current ``_rev`` where there is one); answers in order.

        A conflict is a row with an error, not an exception: the caller knows what it means.
        """
        answer = _ask(self._resource, "POST", ["_bulk_docs"], body={"docs": list(documents)})
        return _decode(answer, list[Written])

    def write_all(self, documents: Sequence[object]) -> None:
        """``write`` where nobody else writes them. Raises ``CouchError`` naming the first that was not taken."""
        for row in self.write(documents) if documents else ():
            if row.error is not None:
                raise CouchError(f"{row.id}: {row.error}: {row.reason}")

    def store(self, documents: Sequence[object]) -> None:
        """Keep documents under the revisions that they carry; doing it again changes nothing.

        Raises ``RefusedError`` naming the first document that was not taken.
        """
        answer = _ask(self._resource, "POST", ["_bulk_docs"], body={"docs": list(documents), "new_edits": False})
        bad = [row for row in _decode(answer, list[Written]) if row.error is not None]
        if bad:
            raise RefusedError(
                f"{self.name}: {len(bad)} 个文档未被接受 / documents refused, first {bad[0].id}: {bad[0].error}"
            )

    def has_local(self, name: str) -> bool:
        """Whether there is a local document of that name: one that no feed carries and no replication copies."""
        try:
            _ask(self._resource, "GET", ["_local", name])
        except MissingDatabaseError:
            return False
        return True

    def write_local(self, name: str) -> None:
        """Make an empty local document, which must not be there."""
        _ask(self._resource, "PUT", ["_local", name], body={})

    def changes(self, since: str, *, with_attachments: bool = False) -> Iterator[ChangesPage]:
        """Pages of changes with documents after a sequence ("0": from the start), up to the last that has any."""
        rows = PAGE_ROWS_WITH_ATTACHMENTS if with_attachments else PAGE_ROWS
        while True:
            params = {"since": since, "limit": str(rows), "include_docs": "true"}
            if with_attachments:
                params["attachments"] = "true"
            page = _decode(_ask(self._resource, "GET", ["_changes"], params), ChangesPage)
            if not page.results:
                return
            yield page
            since = page.since


class _FileExistsError(RefusedError):
    """The database is there already."""


def _ask(
    resource: Any, method: str, path: list[str], params: Mapping[str, str] | None = None, body: object = None
) -> bytes:
    """The bytes of an answer. ``stream=True`` is pycouchdb's way to leave a good answer undecoded."""
    data = None if body is None else msgspec.json.encode(body)
    try:
        response, _ = resource.request(method, path, params=params, data=data, stream=True)
        content: bytes = response.content
    except requests.RequestException as error:
        raise UnreachableError(
            f"CouchDB 无应答，请检查 D110_COUCHDB_URL 与网络 / CouchDB does not answer, check D110_COUCHDB_URL and the "
            f"network: {type(error).__name__}"
        ) from error
    except exceptions.NotFound as error:
        raise MissingDatabaseError(
            f"没有此数据库 / no such database, run `d110 divisions import`: {resource.base_url}"
        ) from error
    except exceptions.Conflict as error:
        raise _FileExistsError(str(error)) from error
    except (exceptions.Error, ValueError) as error:
        raise RefusedError(f"CouchDB 拒绝 / CouchDB refused {method} {'/'.join(path)}: {error}") from error
    if response.status_code >= requests.codes.bad_request:
        raise RefusedError(f"CouchDB 拒绝 / CouchDB refused {method} {'/'.join(path)}: {response.status_code}")
    return content


def _decode(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.DecodeError as error:
        raise RefusedError(f"应答不像 CouchDB / the answer is not CouchDB's: {error}") from error
