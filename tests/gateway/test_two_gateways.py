"""Two gateways on one store give the same answers: a client may ask now the one and now the other."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import httpx
import pytest

from models.catalogue import default_catalogue
from sync_api.embedded.launcher import EmbeddedStore
from tests.city import (
    DIANHUTUN,
    City,
    Clock,
    bulk,
    fill,
    report,
    round_of,
    running_gateway,
    small_register,
    wait_until_healthy,
)
from tests.gateway.test_board import Stream

DB = "/db/d110-371724"
#: The other gateway hears of a write by the feed, milliseconds later.
TRIES, ARRIVES_S_MAX = 200, 10.0


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, City]]:
    folder, secret, clock = tmp_path_factory.mktemp("city"), secrets.token_hex(32), Clock()
    with EmbeddedStore(folder / "store") as store:
        fill(store.url, small_register(), datetime.now(UTC).date())
        with (
            running_gateway(store.url, clock, folder, secret) as first,
            running_gateway(store.url, clock, folder, secret) as second,
        ):
            cities = City(store, first, clock), City(store, second, clock)
            for city in cities:
                wait_until_healthy(city.url)
            cities[0].add_account("i0421", "informant", DIANHUTUN)
            cities[0].add_account("a217", "administrator", DIANHUTUN)
            cities[0].add_account("z109", "station", DIANHUTUN[:9])
            yield cities
            for city in cities:
                city.close()


def push(city: City, alias: str, *documents: dict[str, Any]) -> None:
    assert all(row["ok"] for row in city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(*documents)).json())


def pull(city: City, alias: str, asked: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """What is to be asked next, and the ids that came."""
    lines = [json.loads(line) for line in city.client(alias).post(f"{DB}/_pull", json=asked).text.splitlines()]
    assert lines[-1]["done"]
    following = {"epoch": lines[0]["epoch"], "holds": lines[0]["scope"], "since": lines[-1]["since"]}
    return following, {line["_id"] for line in lines if "_id" in line}


def test_a_token_and_the_stores_identity_are_the_same_at_both(gateways: tuple[City, City]) -> None:
    one, other = gateways
    headers = {"Authorization": f"Bearer {one.login('i0421')['access_token']}"}
    answers = [httpx.get(city.url + "/auth/me", headers=headers).json() for city in gateways]
    assert answers[0] == answers[1]
    assert one.client("i0421").get("/db").json() == other.client("i0421").get("/db").json()


def test_a_checkpoint_written_at_one_is_read_at_the_other(gateways: tuple[City, City]) -> None:
    one, other = gateways
    assert one.client("i0421").put(f"{DB}/_local/here", json={"last_seq": "7"}).status_code == 201
    found = other.client("i0421").get(f"{DB}/_local/here").json()
    assert found["last_seq"] == "7"
    stale = one.client("i0421").put(f"{DB}/_local/here", json={"last_seq": "8"})
    assert stale.status_code == 409


def test_nothing_is_lost_to_a_tablet_that_pulls_at_the_one_and_at_the_other(gateways: tuple[City, City]) -> None:
    turns, asked, came, written = cycle(gateways), {}, set[str](), set[str]()
    for number in range(12):
        documents = [report(DIANHUTUN, "i0421") for _ in range(3)]
        push(gateways[number % 3 == 0], "i0421", *documents)
        written |= {document["_id"] for document in documents}
        asked, new = pull(next(turns), "z109", asked)
        came |= new
    for city in [*gateways] * TRIES:
        if written <= came:
            break
        asked, new = pull(city, "z109", asked)
        came |= new
    assert written <= came
    assert came == {row["id"] for row in gateways[0].client("z109").get(f"{DB}/_changes?since=0").json()["results"]}


def test_pages_of_the_feed_go_on_at_the_other(gateways: tuple[City, City]) -> None:
    push(gateways[0], "a217", *(round_of(DIANHUTUN, "a217", {"1.1.2": 0}) for _ in range(30)))
    for begin in ("0", gateways[1].client("z109").get(f"{DB}/_changes?since=0&limit=1").json()["last_seq"]):
        found, since, turns = list[str](), begin, cycle(gateways)
        while True:
            page = next(turns).client("z109").get(f"{DB}/_changes", params={"since": since, "limit": 7}).json()
            found += [row["id"] for row in page["results"]]
            since = page["last_seq"]
            if len(page["results"]) < 7:
                break
        whole = {row["id"] for row in gateways[1].client("z109").get(f"{DB}/_changes?since=0").json()["results"]}
        assert whole - set(found) <= {min(whole)}  # the first one, where it was asked for apart
        assert len(found) == len(set(found))


def test_a_push_at_one_wakes_who_waits_at_the_other_and_lights_its_board(gateways: tuple[City, City]) -> None:
    one, other = gateways
    station, document = other.client("z109"), report(DIANHUTUN, "i0421", indicator="2.4.3", severity="major")
    since = station.get(f"{DB}/_changes?since=now").json()["last_seq"]
    station.get(f"/board/{DIANHUTUN[:9]}")
    stream = Stream(station, DIANHUTUN[:9])
    try:
        with ThreadPoolExecutor(1) as aside:
            waiting = aside.submit(
                station.get, f"{DB}/_changes", params={"since": since, "feed": "longpoll", "timeout": 10_000}
            )
            push(one, "i0421", document)
            assert waiting.result().json()["results"]
        stream.next(DIANHUTUN, "r", "2.4.3", ARRIVES_S_MAX)
    finally:
        stream.close()
    boards = [city.client("z109").get(f"/board/{DIANHUTUN}").json() for city in gateways]
    for board in boards:
        del board["as_of"], board["event_id"]
    assert boards[0] == boards[1]
    assert boards[0]["lights"][default_catalogue().index["2.4.3"]] == "r"


def test_the_same_push_at_both_at_once_is_stored_once(gateways: tuple[City, City]) -> None:
    documents = [report(DIANHUTUN, "i0421") for _ in range(40)]
    for city in gateways:
        city.client("i0421")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda city: push(city, "i0421", *documents), gateways))
    rows = gateways[0].raw("d110-371724/_changes?style=all_docs")["results"]
    leaves = {row["id"]: len(row["changes"]) for row in rows}
    assert [leaves[document["_id"]] for document in documents] == [1] * len(documents)
    lights = gateways[0].raw(f"d110-371724/{DIANHUTUN}:lights")
    cases = [case["case"] for case in lights["cases"]]
    assert len(cases) == len(set(cases))
