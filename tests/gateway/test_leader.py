"""A leader's account sees what goes on in its division, and changes nothing on any way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from sync_api.app import create_app
from sync_api.settings import Settings
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event, report, wait_until

TOWNSHIP, COUNTY, CITY = DIANHUTUN[:9], DIANHUTUN[:6], "3717"
TODAY = datetime.now(LOCAL).date()
PERIOD = f"since={TODAY - timedelta(days=30)}&until={TODAY}"
#: What needs no session.
OPEN = {"/auth/login", "/auth/refresh", "/auth/enrol", "/auth/enrol/look", "/auth/logout"}


@pytest.fixture(scope="module", autouse=True)
def case(city: City) -> str:
    """A case that the county has in hand."""
    city.add_account("l24", "leader", COUNTY)
    city.add_account("l17", "leader", CITY)
    city.add_account("fx24", "analyst", COUNTY)
    city.add_account("teller", "informant", DIANHUTUN)
    document = report(DIANHUTUN, "g24", severity="major", office=COUNTY)
    [row] = city.client("g24").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(document)).json()
    assert row.get("ok"), row
    ulid = str(document["_id"])[-26:]
    taken = {"ulid": str(ULID()), "step": "taken", "office": COUNTY}
    assert city.client("g24").post(f"/casework/cases/{DIANHUTUN}/{ulid}/steps", json=taken).status_code == 201
    return ulid


@pytest.mark.parametrize(("alias", "code"), [("l24", COUNTY), ("l24", TOWNSHIP), ("l17", CITY), ("l17", COUNTY)])
def test_a_leader_sees_what_goes_on_in_the_division(city: City, case: str, alias: str, code: str) -> None:
    client = city.client(alias)
    assert client.get(f"/casework/terminal/{code}").json()["red"] == 1
    assert client.get(f"/casework/ledger?division={code}").json()["count"] == 1
    figures = {
        one["name"]: one["number"] for one in client.get(f"/casework/statistics/{code}?{PERIOD}").json()["figures"]
    }
    assert figures["warnings.red"] == 1
    for path in (f"/board/{code}", f"/watch/{code}", f"/evaluations/{code}/2026H1", f"/casework/services/{code}"):
        assert client.get(path).status_code == 200, path
    for path in (f"/casework/terminal/{code}/csv", f"/casework/behind/{code}?{PERIOD}&figure=warnings.red"):
        assert client.get(path).status_code == 200, path
    shown = client.get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert (shown["offices"], shown["takes_as"], shown["steps"], shown["issues"]) == ([], [], [], [])
    assert client.get("/casework/tasks").json()["tasks"] == []


@pytest.mark.parametrize("alias", ["l24", "fx24"])
def test_who_reported_is_in_no_figure_and_no_file_of_one(city: City, alias: str) -> None:
    document = report(DIANHUTUN, "teller", severity="general")
    [row] = city.client("teller").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(document)).json()
    assert row.get("ok"), row
    ulid = str(document["_id"])[-26:]
    path = f"/casework/behind/{COUNTY}"
    wait_until(lambda: ulid in city.client("g24").get(f"{path}?{PERIOD}&figure=disputes.found").text)
    for answer in (f"{path}?{PERIOD}&figure=disputes.found", f"{path}/csv?{PERIOD}&figure=disputes.found"):
        text = city.client(alias).get(answer).text
        assert ulid in text
        assert "teller" not in text


def test_a_leader_sees_nothing_of_another_division(city: City) -> None:
    client = city.client("l24")
    for path in (f"/casework/terminal/{KONGZHUANG[:6]}", f"/casework/ledger?division={CITY}", f"/watch/{CITY}"):
        assert client.get(path).status_code in (403, 404), path


@pytest.mark.parametrize("alias", ["l24", "fx24"])
def test_sealed_texts_stay_closed(city: City, case: str, alias: str) -> None:
    path = f"/casework/cases/{DIANHUTUN}/{case}/sealed"
    assert city.client("g24").post(path, json={"ulid": str(ULID()), "text": "姓名在此"}).status_code == 204
    shown = city.client(alias).get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert (shown["has_sealed"], shown["may_unseal"]) == (True, False)
    refused = city.client(alias).post(f"{path}/read")
    assert refused.status_code == 403 and "姓名在此" not in refused.text


def test_who_serves_and_who_was_found_against_is_not_a_leaders_to_see(city: City) -> None:
    for path in (f"/informants/{COUNTY}", f"/truthfulness/{COUNTY}", "/quarantine", "/devices"):
        assert city.client("l24").get(path).status_code == 403, path


def writing_routes(folder: Path) -> Iterator[tuple[str, str]]:
    app = create_app(Settings(token_secret="x" * 64, data_dir=folder), "http://127.0.0.1:9")
    for route in app.routes:
        path = getattr(route, "path_format", route.path)
        for method in getattr(route, "methods", ()):
            if method not in ("GET", "HEAD", "OPTIONS") and path not in OPEN:
                yield method, path


def test_every_way_of_writing_is_refused_with_the_reason(city: City, tmp_path: Path) -> None:
    routes = list(writing_routes(tmp_path))
    assert len(routes) > 40
    for method, path in routes:
        at = re.sub(r"\{database[^}]*\}", f"d110-{COUNTY}", path)
        told = city.client("l24").request(method, re.sub(r"\{[^}]*\}", "x", at), json={})
        assert told.status_code == 403, (method, path, told.text)
        assert "只供查看" in told.text and "only looks" in told.text, (method, path, told.text)


def test_a_leaders_push_is_stored_nowhere(city: City, case: str) -> None:
    step = case_event(DIANHUTUN, case, "l24", "progress", text="领导批示")
    told = city.client("l24").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(step))
    assert (told.status_code, told.json()["error"]) == (403, "forbidden")
    assert httpx.get(f"{city.store.url}/d110-{COUNTY}/{step['_id']}").status_code == 404
    assert "领导批示" not in city.client("g24").get("/quarantine").text
