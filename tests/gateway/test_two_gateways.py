"""Two gateways on one store answer the same, and what one is told the other knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.city import DIANHUTUN, City, bulk, report, running_gateway, wait_until, wait_until_healthy

DB = "/db/d110-371724"


@pytest.fixture(scope="module")
def other(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Another gateway on the store of ``city``, with a folder of its own."""
    with running_gateway(city.store.url, city.clock, tmp_path_factory.mktemp("other"), city.secret) as url:
        wait_until_healthy(url)
        other = City(city.store, url, city.clock, city.secret)
        yield other
        other.close()


def pulled(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{DB}/_pull", json=asked)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_what_is_pushed_in_turn_at_two_is_pulled_from_either_with_the_mark_of_the_other(
    city: City, other: City
) -> None:
    gateways, asked, held, written = (city, other), dict[str, Any](), set[str](), set[str]()
    for turn in range(6):
        pushed, asked_at = gateways[turn % 2], gateways[(turn + 1) % 2]
        document = report(DIANHUTUN, "i0421")
        [row] = pushed.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document)).json()
        assert row["ok"], row
        written.add(document["_id"])
        for _ in range(200):  # what the other one wrote comes by the feed, some milliseconds later
            head, *lines, end = pulled(asked_at.client("z109"), **asked)
            held |= {line["_id"] for line in lines if "_id" in line}
            asked = {"epoch": head["epoch"], "since": end["since"], "holds": head["scope"]}
            if written <= held:
                break
        assert written <= held
    late = {line["_id"] for line in pulled(city.client("z109"), **asked) if "_id" in line}
    assert late <= {f"{DIANHUTUN}:lights"}  # worked out after the push was answered


def test_the_same_push_at_both_is_stored_once(city: City, other: City) -> None:
    document = report(DIANHUTUN, "i0421")
    rows = [g.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0] for g in (city, other)]
    assert rows[0]["ok"], rows
    [row] = [row for row in city.raw("d110-371724/_all_docs")["rows"] if row["id"] == document["_id"]]
    assert row["value"]["rev"] == rows[0]["rev"]
    answers = [g.client("z109").get(f"{DB}/{document['_id']}").json() for g in (city, other)]
    assert answers[0] == answers[1]


def test_changes_and_boards_of_two_gateways_are_the_same(city: City, other: City) -> None:
    def seen_by(gateway: City) -> tuple[dict[str, object], str]:
        station = gateway.client("z109")
        changes = station.get(f"{DB}/_changes", params={"since": 0, "limit": 1_000}).json()
        board = station.get(f"/board/{DIANHUTUN}").json()
        return {row["id"]: row["changes"] for row in changes["results"]}, board["lights"]

    assert seen_by(city)[0]
    # the lights of what was pushed before may still be on their way
    wait_until(lambda: seen_by(city) == seen_by(other))
