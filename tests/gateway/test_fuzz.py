"""Whatever is sent, the gateway answers: soon, in the shape the client understands, with a status it declares, and
never with a fault of its own.

``D110_FUZZ_EXAMPLES=5000 pytest tests/gateway/test_fuzz.py`` looks longer, by hand.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync_api.app import create_app
from sync_api.benchmarks.process import GatewayProcess, gateway_process
from sync_api.settings import Settings
from tests.city import DIANHUTUN, City, bulk, report, round_of

EXAMPLES = int(os.environ.get("D110_FUZZ_EXAMPLES", "0"))
ANSWER_S_MAX = 10.0
DATABASE = "d110-371724"
#: What an event stream would do is to stream: ``test_leaks`` and ``test_board`` read them.
ENDLESS = ("boardEvents",)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

_app = create_app(Settings(token_secret=secrets.token_hex(32), data_dir=Path("nowhere")), "http://127.0.0.1:9")
schema = schemathesis.openapi.from_dict(_app.openapi_schema.to_schema()).exclude(operation_id=list(ENDLESS))


def few(examples: int) -> settings:
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        derandomize=not EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )


def headers_of(city: City, who: str) -> dict[str, str]:
    return {} if who == "nobody" else {"Authorization": city.client(who).headers["authorization"]}


@schema.parametrize()
@few(10)
@pytest.mark.parametrize("who", ["z109", "i0421", "nobody"])
def test_answers_are_those_the_schema_declares(case: schemathesis.Case, city: City, who: str) -> None:
    if "database" in case.path_parameters:
        case.path_parameters["database"] = DATABASE
    if "code" in case.path_parameters:
        case.path_parameters["code"] = DIANHUTUN
    if case.query.get("feed", "normal") != "normal":
        case.query["timeout"] = "20"
    case.call_and_validate(base_url=city.url, headers=headers_of(city, who), checks=CHECKS, timeout=ANSWER_S_MAX)


OWN_ID = report(DIANHUTUN, "z109")["_id"]
#: Half characters, signs that mean something in an address, and what a store would take for its own.
odd_texts = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.sampled_from(
        ["", "\0", "\ud800", "..", "../d110-staff", "_design/x", "_local/x", "_all_docs", "%00", "a" * 9_000]
    ),
    st.sampled_from([OWN_ID, OWN_ID.lower(), OWN_ID[:-1], f"{OWN_ID}:", f"{DIANHUTUN}:lights", "3717:register"]),
)
FIELDS = ("_id", "_rev", "_revisions", "_deleted", "_attachments", "type", "observed_at", "saved_at", "indicator")
FIELDS += ("severity", "text", "amends", "readings", "case", "author", "simulated")
revisions = st.one_of(odd_texts, st.sampled_from(["1-" + "a" * 32, "0-0", "-1-a", "9" * 30 + "-x", "1-", "null"]))
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 1e308]))
scalars = st.one_of(st.none(), st.booleans(), numbers, odd_texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(odd_texts, inner, max_size=4)),
    max_leaves=12,
)
events = st.one_of(
    st.just(report(DIANHUTUN, "z109")), st.just(round_of(DIANHUTUN, "z109", {"1.1.2": 0, "1.1.3": 1})), values
)
#: A good document with some fields that are not as they must be.
broken_events = st.builds(
    lambda good, bad: {**good, **bad} if isinstance(good, dict) else good,
    events,
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.one_of(
            values, revisions, st.just("case"), st.just("0001-01-01T00:00:00Z"), st.just("9999-12-31T23:59:59-23:59")
        ),
        max_size=3,
    ),
)
bodies_of = {
    "_bulk_docs": st.fixed_dictionaries({"docs": st.lists(broken_events, max_size=4)}, optional={"new_edits": values}),
    "_bulk_get": st.fixed_dictionaries(
        {"docs": st.lists(st.fixed_dictionaries({"id": odd_texts}, optional={"rev": revisions}), max_size=4)}
    ),
    "_revs_diff": st.dictionaries(odd_texts, st.lists(revisions, max_size=3), max_size=4),
    "_changes": st.fixed_dictionaries({"doc_ids": st.lists(odd_texts, max_size=4)}),
    "_pull": st.fixed_dictionaries(
        {}, optional={"epoch": odd_texts, "since": odd_texts, "holds": st.lists(odd_texts, max_size=3)}
    ),
    "_ensure_full_commit": values,
    "": values,
}
sinces = st.one_of(
    odd_texts,
    st.sampled_from(["0", "now", "1-a", "-1", "1e9", "9" * 40, "range~", "range~~0~1", "range~x~\0~5", "range~~z~9-!"]),
)
queries = st.fixed_dictionaries(
    {},
    optional={
        "since": sinces,
        "limit": st.one_of(odd_texts, numbers.map(str)),
        "feed": st.sampled_from(["normal", "longpoll", "continuous", "eventsource", "\ud800"]),
        "heartbeat": st.one_of(odd_texts, numbers.map(str)),
        "include_docs": st.sampled_from(["true", "false", "maybe"]),
        "filter": st.sampled_from(["_doc_ids", "_view", "_selector"]),
        "style": odd_texts,
        "rev": revisions,
        "revs": st.sampled_from(["true", "1"]),
        "open_revs": st.one_of(odd_texts, values.map(json.dumps), st.just("all"), st.just('["1-a"]')),
    },
)
odd_headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Encoding": st.sampled_from(["gzip", "br", "identity", "x" * 2_000]),
        "Content-Type": st.sampled_from(
            ["application/json", "text/plain", "multipart/related; boundary=x", "multipart/", ""]
        ),
        "Accept": st.sampled_from(["multipart/mixed", "*/*", "application/json;q=x", ""]),
        "Accept-Encoding": st.sampled_from(["br", "gzip", "identity", "br;q=0, *", ""]),
        "Last-Event-ID": st.sampled_from(["x-1", "-", "9" * 99]),
    },
)
wholes = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"", b"[" * 100_000, b'{"docs":' * 5_000, b'{"docs":[' + b'{"a":' * 3_000, b'{"docs":[NaN,{"_id":1}]}']
    ),
    st.sampled_from([b'{"docs":[{"_id":"\xff\xfe"}]}', b'"\\ud800"', b"1e999", gzip.compress(b"{}")[:-4]]),
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str], bytes]:
    """Method, path with query, headers and body, somewhere below ``/db``."""
    endpoint = draw(st.sampled_from(sorted(bodies_of)))
    method = draw(st.sampled_from(["POST", "POST", "GET", "PUT"] if endpoint else ["GET", "PUT", "PUT"]))
    tail = endpoint or draw(st.sampled_from(["", "_local/"])) + as_path(draw(odd_texts))
    query = draw(queries)
    if query.get("feed", "normal") != "normal":
        query["timeout"] = "10"
    body = draw(st.one_of(bodies_of[endpoint].map(lambda value: json.dumps(value).encode()), wholes))
    headers = draw(odd_headers)
    if headers.get("Content-Encoding") == "gzip" and draw(st.booleans()):
        body = gzip.compress(body)
    pairs = "&".join(f"{key}={as_path(str(value))}" for key, value in query.items())
    return method, f"/db/{DATABASE}/{tail}?{pairs}", headers, body


def as_path(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@few(300)
@given(asked=requests(), who=st.sampled_from(["z109", "i0421"]))
@example(asked=("POST", f"/db/{DATABASE}/_bulk_docs", {}, b"[" * 1_000_000), who="z109")
@example(asked=("GET", f"/db/{DATABASE}/_changes?limit=1&heartbeat={10**400}", {}, b""), who="z109")
@example(asked=("POST", f"/db/{DATABASE}/_pull", {}, b'{"since":"' + b"9" * 5_000 + b'"}'), who="z109")
@example(asked=("GET", f"/db/{DATABASE}/_changes?limit=1&since={'9' * 5_000}", {}, b""), who="z109")
@example(asked=("PUT", f"/db/{DATABASE}/_local/{'a' * 9_000}", {}, b"{}"), who="z109")
def test_the_contract_answers_whatever_comes(
    city: City, asked: tuple[str, str, dict[str, str], bytes], who: str
) -> None:
    method, path, headers, body = asked
    began = time.monotonic()
    answer = city.client(who).request(method, path, headers=headers, content=body, timeout=ANSWER_S_MAX)
    assert answer.status_code < 500, (asked, answer.text)
    assert time.monotonic() - began < ANSWER_S_MAX
    if answer.status_code >= 400:
        assert answer.json().keys() >= {"error", "reason"}, (asked, answer.text)


@few(25)
@given(
    credentials=st.one_of(st.binary(max_size=40).map(bytes.hex), odd_texts.map(as_path)),
    scheme=st.sampled_from(["Basic", "Bearer", "basic", "Digest", ""]),
)
@example(credentials="OjpcAA==", scheme="Basic")
def test_credentials_that_are_none_are_refused(city: City, credentials: str, scheme: str) -> None:
    answer = httpx.get(f"{city.url}/db/{DATABASE}", headers={"Authorization": f"{scheme} {credentials}".strip()})
    assert answer.status_code in (401, 429)


#: Bytes, over three rounds that bring some 4 MB; a gateway that kept what it refused would be found.
MEMORY_GROWTH_MAX = 2_500_000


@pytest.fixture
def process(city: City, tmp_path: Path) -> Iterator[GatewayProcess]:
    with gateway_process(city.store.url, tmp_path) as process:
        yield process


def test_memory_does_not_grow_with_what_is_refused(city: City, process: GatewayProcess) -> None:
    headers = {"Authorization": f"Bearer {process.token('z109')}"}
    held = []
    with httpx.Client(base_url=process.address, headers=headers, timeout=ANSWER_S_MAX) as client:
        for _ in range(5):
            for number in range(12):
                for asked in _odd_requests(number):
                    client.request(**asked)
            held.append(process.memory_bytes())

    assert held[-1] - held[1] < MEMORY_GROWTH_MAX, held


def _odd_requests(number: int) -> Iterator[dict[str, Any]]:
    db = f"/db/{DATABASE}"
    yield {"method": "POST", "url": f"{db}/_bulk_docs", "json": bulk({"_id": f"{number}", "text": "x" * 60_000})}
    yield {"method": "POST", "url": f"{db}/_bulk_docs", "content": b'{"docs":[' + b"[" * 60_000}
    yield {"method": "POST", "url": f"{db}/_revs_diff", "json": {f"{number}{i}": ["1-x"] for i in range(200)}}
    yield {"method": "POST", "url": f"{db}/_pull", "json": {"since": f"range~~{number}~0"}}
    yield {"method": "GET", "url": f"{db}/_changes?feed=longpoll&since=now&timeout=1"}
    yield {"method": "GET", "url": f"{db}/{number}", "headers": {"Authorization": f"Basic {number:x}"}}
