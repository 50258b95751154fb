"""What ``/schema/openapi.json`` says beyond what the handlers' types say: the errors of every route in the shape they
have there, and bodies and queries of the ``/db`` contract, whose handlers pass documents through undecoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType

from sync_api.errors import Problem
from sync_api.replication.pull import Asked
from sync_api.replication.push import PushRow
from sync_api.replication.retrieval import BulkGet
from sync_api.replication.routes import BulkDocs, DocIds
from sync_api.sheets import MEDIA

JSON: Final = "application/json"
#: All statuses of ``errors.py`` that a sound gateway answers with.
_ERROR_STATUSES: Final = ("400", "401", "403", "404", "405", "409", "412", "413", "415", "429", "460", "503")


class _CouchProblem(msgspec.Struct):
    """CouchDB's shape of an error."""

    error: str
    reason: str
    code: str = ""


class _Missing(msgspec.Struct):
    missing: list[str]


class _Row(msgspec.Struct):
    id: str


class _Got(msgspec.Struct):
    """A document asked for and its revisions; none where it is not there or out of scope."""

    id: str
    docs: list[dict[str, dict[str, Any]]]


class _BulkGot(msgspec.Struct):
    results: list[_Got]


class _Changes(msgspec.Struct):
    results: list[_Row]
    last_seq: str


@dataclass(frozen=True)
class _Said:
    """What is said of an operation: types of bodies, the media types of the answer where it is not JSON, and queries
    with their values (None: any)."""

    body: Any = None
    answer: Any = None
    media_types: tuple[str, ...] = (JSON,)
    queries: tuple[tuple[str, tuple[str, ...] | None], ...] = ()


FILES: Final = tuple(MEDIA.values())
_OBJECT: Final[Any] = dict[str, Any]
_BOOLEAN: Final = ("true", "false")
_OPERATIONS: Final[dict[str, _Said]] = {
    "boardEvents": _Said(answer=str, media_types=("text/event-stream",)),
    "catalogue": _Said(answer=_OBJECT),
    "devicesFile": _Said(media_types=FILES),
    "quarantineFile": _Said(media_types=FILES),
    "tasksFile": _Said(media_types=FILES),
    "ledgerFile": _Said(media_types=FILES),
    "statisticsFile": _Said(media_types=FILES),
    "terminalFile": _Said(media_types=FILES),
    "noticesFile": _Said(media_types=FILES),
    "servicesFile": _Said(media_types=FILES),
    "patrolsFile": _Said(media_types=FILES),
    "lotFile": _Said(media_types=FILES),
    "resolutionsFile": _Said(media_types=FILES),
    "teamsFile": _Said(media_types=FILES),
    "informantsFile": _Said(media_types=FILES),
    "coverageFile": _Said(media_types=FILES),
    "allowanceFile": _Said(media_types=FILES),
    "truthfulnessFile": _Said(media_types=FILES),
    "bulkDocs": _Said(BulkDocs, list[PushRow]),
    "handIn": _Said(BulkDocs, list[PushRow]),
    "bulkGet": _Said(BulkGet, _BulkGot, queries=(("revs", _BOOLEAN), ("latest", _BOOLEAN))),
    "revsDiff": _Said(dict[str, list[str]], dict[str, _Missing]),
    "changes": _Said(
        answer=_Changes,
        queries=(
            ("since", None),
            ("limit", None),
            ("feed", ("normal", "longpoll")),  # "continuous" is answered in lines, which are no JSON together
            ("timeout", None),
            ("heartbeat", None),
            ("include_docs", _BOOLEAN),
            ("style", ("main_only", "all_docs")),
        ),
    ),
    "changesOfIds": _Said(DocIds, _Changes, queries=(("filter", ("_doc_ids",)),)),
    "pull": _Said(Asked, media_types=("application/x-ndjson",)),
    "getDocument": _Said(
        answer=dict[str, Any] | list[dict[str, Any]], queries=(("rev", None), ("revs", _BOOLEAN), ("open_revs", None))
    ),
    "putDocument": _Said(_OBJECT, _Row),
    "getCheckpoint": _Said(answer=_OBJECT),
    "putCheckpoint": _Said(_OBJECT, _Row),
}


def describe(schema: OpenAPI) -> None:
    """Complete the schema of the application in place."""
    for path, item in (schema.paths or {}).items():
        for operation in _operations(item):
            responses = dict(operation.responses or {})
            _say(operation, responses, _OPERATIONS.get(operation.operation_id or "", _Said()))
            kind, media_type = (
                (_CouchProblem, JSON) if path.startswith("/db") else (Problem, "application/problem+json")
            )
            error = OpenAPIResponse("An error, in Chinese and English.", content=_content(media_type, kind))
            operation.responses = responses | dict.fromkeys(_ERROR_STATUSES, error)


def _operations(item: PathItem) -> Iterator[Operation]:
    yield from filter(None, (item.get, item.head, item.put, item.post, item.delete, item.patch))


def _say(operation: Operation, responses: dict[str, OpenAPIResponse | Reference], said: _Said) -> None:
    status, success = next(((s, answer) for s, answer in responses.items() if s.startswith("2")), ("", None))
    if isinstance(success, OpenAPIResponse) and status == "204":
        success.content = None
    elif isinstance(success, OpenAPIResponse) and (said.answer is not None or said.media_types != (JSON,)):
        contents = [_content(media_type, said.answer) for media_type in said.media_types]
        success.content = {name: kind for content in contents for name, kind in content.items()}
    if said.body is not None:
        operation.request_body = RequestBody(_content(JSON, said.body), required=True)
    queries = [
        Parameter(name, "query", schema=Schema(type=OpenAPIType.STRING, enum=values)) for name, values in said.queries
    ]
    operation.parameters = [*(operation.parameters or ()), *queries]


def _content(media_type: str, kind: Any) -> dict[str, Any]:
    """A type as msgspec describes it, with what it refers to written out: none of them holds itself."""
    if kind is None:
        return {media_type: {}}
    [found], named = msgspec.json.schema_components([kind])
    return {media_type: {"schema": _written_out(found, named)}}


def _written_out(schema: Any, named: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_written_out(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _written_out(named[schema["$ref"].rpartition("/")[2]], named)
    return {key: _written_out(value, named) for key, value in schema.items()}
