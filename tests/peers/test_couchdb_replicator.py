"""CouchDB's own replicator pulls from the gateway and pushes to it, as a station, once and continuously."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.city import DIANHUTUN, KONGZHUANG, PASSWORD, City, bulk, report, round_of

SERVER = os.environ["D110_COUCHDB_URL"].rstrip("/")
DB = "/db/d110-371724"
#: Everything here takes a second or two; the limit only bounds a failure.
TRIES, PAUSE_S = 300, 0.1


class Replica:
    """A database of the CouchDB, and its replication with the gateway as an account."""

    def __init__(self, city: City, http: httpx.Client, alias: str) -> None:
        self.http, self.name = http, f"t{secrets.token_hex(6)}"
        self._here = f"{SERVER}/{self.name}"
        self._gateway = {"url": city.url + DB, "auth": {"basic": {"username": alias, "password": PASSWORD}}}

    def pull(self, **options: Any) -> Any:
        return self._replicate(self._gateway, self._here, options)

    def push(self, **options: Any) -> Any:
        return self._replicate(self._here, self._gateway, options)

    def _replicate(self, source: Any, target: Any, options: dict[str, Any]) -> Any:
        answer = self.http.post("/_replicate", json={"source": source, "target": target, **options})
        assert answer.is_success, answer.text
        return answer.json()

    def put(self, document: dict[str, Any]) -> None:
        assert self.http.put(f"/{self.name}/{document['_id']}", json=document).status_code in (201, 202)

    def documents(self) -> dict[str, Any]:
        rows = self.http.get(f"/{self.name}/_all_docs?include_docs=true").json()["rows"]
        return {row["id"]: row["doc"] for row in rows}

    @contextmanager
    def continuous(self, replicate: Callable[..., Any]) -> Iterator[None]:
        replicate(continuous=True)
        try:
            yield
        finally:
            replicate(continuous=True, cancel=True)


@pytest.fixture
def start(city: City) -> Iterator[Callable[[str], Replica]]:
    made: list[Replica] = []
    with httpx.Client(base_url=SERVER, timeout=60) as http:

        def start_one(alias: str) -> Replica:
            made.append(Replica(city, http, alias))
            assert http.put(f"/{made[-1].name}").status_code in (201, 202)
            return made[-1]

        yield start_one
        for one in made:
            assert http.delete(f"/{one.name}").status_code in (200, 202)


def write(city: City, alias: str, *documents: dict[str, Any]) -> set[str]:
    rows = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(*documents)).json()
    assert all(row["ok"] for row in rows)
    return {row["id"] for row in rows}


def visible(city: City, alias: str) -> dict[str, str]:
    rows = city.client(alias).get(f"{DB}/_changes", params={"since": 0}).json()["results"]
    return {row["id"]: row["changes"][0]["rev"] for row in rows}


def eventually(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    assert any(is_so() or pause.wait(PAUSE_S) for _ in range(TRIES))


def test_a_station_pulls_all_that_it_may_see_with_the_very_revisions(
    city: City, start: Callable[[str], Replica]
) -> None:
    write(city, "a217", *(round_of(DIANHUTUN, "a217", {"1.1.2": 0}) for _ in range(600)))
    replica = start("z109")
    assert replica.pull()["ok"]
    eventually(lambda: visible(city, "z109").keys() >= {f"{DIANHUTUN}:lights"})
    assert replica.pull()["ok"]  # what the lights have become meanwhile; it goes on from its checkpoint
    held = {identity: document["_rev"] for identity, document in replica.documents().items()}
    assert held == visible(city, "z109")


def test_an_informants_replica_holds_nothing_of_anothers(city: City, start: Callable[[str], Replica]) -> None:
    [own], [other] = write(city, "i0422", report(DIANHUTUN, "i0422")), write(city, "i0421", report(DIANHUTUN, "i0421"))
    replica = start("i0422")
    assert replica.pull()["ok"]
    assert own in replica.documents()
    assert other not in replica.documents()


def test_what_a_station_writes_goes_up_once_and_what_is_refused_blocks_nothing(
    city: City, start: Callable[[str], Replica]
) -> None:
    replica = start("z109")
    good = [report(DIANHUTUN, "z109") for _ in range(30)]
    for document in [*good[:15], report(KONGZHUANG, "z109"), *good[15:]]:
        replica.put(document)
    done = replica.push()
    assert (done["history"][0]["docs_written"], done["history"][0]["doc_write_failures"]) == (30, 1)
    stored = {row["id"] for row in city.raw("d110-371724/_all_docs")["rows"]}
    assert {d["_id"] for d in good} <= stored
    [kept] = [
        q for q in city.client("z109").get("/quarantine").json()["oldest"] if q["document_id"].startswith(KONGZHUANG)
    ]
    assert kept["code"] == "out_of_scope"
    assert replica.push()["ok"]
    assert visible(city, "z109").keys() >= {d["_id"] for d in good}


def test_a_continuous_replication_brings_each_news_both_ways(city: City, start: Callable[[str], Replica]) -> None:
    replica = start("z109")
    with replica.continuous(replica.pull), replica.continuous(replica.push):
        [theirs] = write(city, "i0421", report(DIANHUTUN, "i0421"))
        eventually(lambda: theirs in replica.documents())
        mine = report(DIANHUTUN, "z109")
        replica.put(mine)
        eventually(lambda: mine["_id"] in visible(city, "z109"))
        # its receipt comes down by the other way
        eventually(lambda: any(":receipt:z109." in identity for identity in replica.documents()))
