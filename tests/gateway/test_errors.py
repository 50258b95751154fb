"""What a client meets when it asks wrongly: the right status, in the answer and in its body, and a stable code."""

import gzip
import json
from typing import Any

import httpx
import pytest

from sync_api.replication.bodies import BODY_BYTES_MAX
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, report

DB = "/db/d110-371724"


@pytest.mark.parametrize("since", ["abc", "-1", "range~371724109217~abc", "1 or 1"])
def test_a_sequence_that_is_none_is_refused_and_not_taken_for_the_beginning(city: City, since: str) -> None:
    answer = city.client("i0421").get(f"{DB}/_changes", params={"since": since, "limit": 10})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_since")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "/board/3717", 405, "no_such_method"),
        ("GET", "/nothing/here", 404, "no_such_route"),
        ("POST", "/auth/login", 400, "bad_request"),
    ],
)
def test_a_wrong_request_says_its_status_in_the_body_too(
    city: City, method: str, path: str, status: int, code: str
) -> None:
    answer = city.client("s17").request(method, path)
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/casework/reports", {"text": ""}, "“内容”不能为空"),
        ("POST", "/casework/services", {"ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "amount": -1}, "“数量”不能小于 0"),
        ("GET", "/casework/ledger?since=2026-13-01", None, "“开始日期”应是日期"),
        ("GET", "/casework/statistics/371724?until=2026-03-01", None, "“开始日期”没有填写"),
        ("GET", "/casework/ledger?offset=-1", None, "“起始位置”不能小于 0"),
    ],
)
def test_a_field_that_does_not_fit_is_named_in_both_languages(
    city: City, method: str, path: str, body: object, field: str
) -> None:
    answer = city.client("s17").request(method, path, json=body)
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["code"]) == (400, "bad_request")
    assert field in said["detail_zh"]
    assert said["detail"].startswith("The field ")


def test_a_body_beyond_the_limit_says_so(city: City) -> None:
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=b" " * (BODY_BYTES_MAX + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def gzipped(city: City, body: bytes, coding: str = "gzip") -> httpx.Response:
    return city.client("i0421").post(f"{DB}/_bulk_docs", content=body, headers={"Content-Encoding": coding})


def test_a_push_may_come_with_gzip(city: City) -> None:
    document = report(DIANHUTUN, "i0421")
    answer = gzipped(city, gzip.compress(json.dumps(bulk(document)).encode()))
    assert (answer.status_code, answer.json()[0]["ok"]) == (201, True)


def test_a_small_body_that_unpacks_beyond_the_limit_is_refused_before_it_fills_the_memory(city: City) -> None:
    bomb = gzip.compress(b" " * (8 * BODY_BYTES_MAX))
    assert len(bomb) < BODY_BYTES_MAX / 100
    answer = gzipped(city, bomb)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "coding"), [(b"no gzip", "gzip"), (gzip.compress(b"{}" * 100, mtime=0)[:-12], "gzip"), (b"{}", "zstd")]
)
def test_a_body_that_cannot_be_unpacked_says_so(city: City, body: bytes, coding: str) -> None:
    answer = gzipped(city, body, coding)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_coding")


def test_an_event_of_another_county_is_refused_where_it_does_not_belong(city: City) -> None:
    [row] = city.client("s17").post(f"{DB}/_bulk_docs", json=bulk(report(KONGZHUANG, "s17"))).json()
    assert "d110-371771" in row["reason"]
