"""The store down: 503 with Retry-After in the client's shape, nothing lost, and recovery by itself."""

from collections.abc import Iterator

import httpx
import pytest

from models.catalogue import default_catalogue
from tests.city import DIANHUTUN, PASSWORD, City, bulk, report, running_city, wait_until_healthy
from tests.gateway.test_board import Stream

DB = "/db/d110-371724"
#: The feed comes back after a few tries with growing pauses.
RECOVERY_S_MAX = 20.0


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("z109", "station", DIANHUTUN[:9])
        yield city


def test_a_fallen_store_is_said_and_survived(city: City) -> None:
    tablet, station = city.client("i0421"), city.client("z109")
    station.get("/board/371724109")
    document = report(DIANHUTUN, "i0421", indicator="2.4.3")
    stream = Stream(station, "371724109")
    try:
        city.store.stop()
        pushed = tablet.post(f"{DB}/_bulk_docs", json=bulk(document))
        assert pushed.status_code == 503
        assert int(pushed.headers["retry-after"]) > 0
        assert pushed.json()["error"] == "service_unavailable"
        refused = tablet.post(f"{DB}/_bulk_docs", json=bulk(report(DIANHUTUN, "i0421", indicator="9.9.9")))
        assert refused.status_code == 503  # what cannot be quarantined is not refused either
        changes = tablet.get(f"{DB}/_changes", params={"since": 0})
        assert changes.status_code == 503
        health = httpx.get(f"{city.url}/health")
        assert health.status_code == 503
        assert health.headers["content-type"] == "application/problem+json"
        login = httpx.post(f"{city.url}/auth/login", json={"alias": "i0421", "password": PASSWORD})
        assert (login.status_code, login.json()["code"]) == (503, "store_unavailable")

        city.store.start()
        wait_until_healthy(city.url)
        assert tablet.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
        stream.next(DIANHUTUN, "y", "2.4.3", RECOVERY_S_MAX)
    finally:
        stream.close()
    at = default_catalogue().index["2.4.3"]
    assert station.get(f"/board/{DIANHUTUN}").json()["lights"][at] == "y"


def test_a_killed_store_is_started_again_and_holds_what_it_confirmed(city: City) -> None:
    tablet = city.client("i0421")
    documents = [report(DIANHUTUN, "i0421") for _ in range(20)]
    assert all(row["ok"] for row in tablet.post(f"{DB}/_bulk_docs", json=bulk(*documents)).json())
    process = city.store._process
    assert process is not None
    process.kill()
    process.wait()
    wait_until_healthy(city.url)
    stored = {row["id"] for row in city.raw("d110-371724/_all_docs")["rows"]}
    assert {d["_id"] for d in documents} <= stored
