"""What a client meets when it asks wrongly: the right status, in the answer and in its body, and a stable code."""

from typing import Any

import pytest

from sync_api.replication.routes import BODY_BYTES_MAX
from tests.city import KONGZHUANG, City, bulk, report

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


def test_a_body_beyond_the_limit_says_so(city: City) -> None:
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=b" " * (BODY_BYTES_MAX + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_an_event_of_another_county_is_refused_where_it_does_not_belong(city: City) -> None:
    [row] = city.client("s17").post(f"{DB}/_bulk_docs", json=bulk(report(KONGZHUANG, "s17"))).json()
    assert "d110-371771" in row["reason"]
