"""Who may decide on an evaluation, and that each decision leaves its entry in the audit log."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.audit import AuditEntry
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch
from tests.city import DIANHUTUN, City, bulk, stamp
from tests.evaluations import evaluation, store_anew, summary

COUNTY = DIANHUTUN[:6]
VILLAGES, OFFICES = f"{DIANHUTUN}:evaluation:2026H1", f"{COUNTY}:summary:2026H1"


@pytest.fixture(autouse=True)
def _computed(city: City) -> None:
    """The first and second versions of a village's evaluation and of the county's summary, nothing decided."""
    for version in ("", "-2"):
        store_anew(city, evaluation(DIANHUTUN, 71.5, version), summary(COUNTY, version))
    for row in city.raw(f"d110-{COUNTY}/_all_docs")["rows"]:
        if ":decision:" in row["id"]:
            path = f"{city.store.url}/d110-{COUNTY}/{row['id']}"
            assert httpx.delete(path, params={"rev": row["value"]["rev"]}).status_code == 200


def decision(division: str, alias: str, about: str, **fields: Any) -> dict[str, Any]:
    at = datetime.now(UTC)
    words = {"about": about, "score": 71.5, "text": "经研究，同意", "observed_at": stamp(at), "saved_at": stamp(at)}
    return {"_id": f"{division}:decision:{alias}:{ULID()}", "type": "decision", **words, **fields}


def push(city: City, alias: str, document: dict[str, Any]) -> dict[str, Any]:
    [row] = city.client(alias).post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(document)).json()
    found: dict[str, Any] = row
    return found


def entries(city: City) -> list[AuditEntry]:
    async def work() -> list[AuditEntry]:
        async with Couch(city.store.url) as couch:
            return [entry async for entry in AuditLog(couch, lambda: datetime.now(UTC)).entries()]

    return asyncio.run(work())


def test_centre_decides_on_a_village_and_the_city_on_the_centre(city: City) -> None:
    village = decision(DIANHUTUN, "g24", VILLAGES, grade="fair")
    offices = decision(COUNTY, "s17", f"{OFFICES}-2", measures=["criticism", "self_criticism"])
    assert push(city, "g24", village)["ok"]
    assert push(city, "s17", offices)["ok"]
    logged = {entry.subject: entry for entry in entries(city) if entry.action == "evaluation_decided"}
    said = logged[village["_id"]].details
    assert {name: said[name] for name in said if name != "event"} == {
        "about": VILLAGES,
        "grade": "fair",
        "measures": "",
    }
    assert len(said["event"]) == 64  # the hash of all of it
    assert (logged[offices["_id"]].actor, logged[offices["_id"]].details["measures"]) == (
        "s17",
        "criticism self_criticism",
    )


@pytest.mark.parametrize("alias", ["i0421", "a217", "z109"])
def test_nobody_below_the_centre_decides(city: City, alias: str) -> None:
    assert "岗位" in push(city, alias, decision(DIANHUTUN, alias, VILLAGES))["reason"]


def test_no_office_decides_on_itself(city: City) -> None:
    row = push(city, "g24", decision(COUNTY, "g24", OFFICES))
    assert row["error"] == "forbidden"
    assert "上一级" in row["reason"]


@pytest.mark.parametrize(
    "about",
    [f"{DIANHUTUN}:lights", f"{DIANHUTUN[:-1]}8:evaluation:2026H1", OFFICES, "nonsense", f"{VILLAGES}-1"],
)
def test_decision_is_about_an_evaluation_of_its_own_division(city: City, about: str) -> None:
    assert push(city, "g24", decision(DIANHUTUN, "g24", about))["error"] == "forbidden"


@pytest.mark.parametrize("fields", [{"text": " "}, {"score": 101}, {"grade": "excellent"}, {"measures": ["prison"]}])
def test_decision_says_its_reason_and_knows_only_the_offices_own_words(city: City, fields: dict[str, Any]) -> None:
    assert push(city, "g24", decision(DIANHUTUN, "g24", VILLAGES, **fields))["error"] == "forbidden"


FIT = {"about": VILLAGES, "score": 71.5}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        (FIT | {"about": f"{DIANHUTUN}:evaluation:2031H1"}, "没有这一考核结果"),
        (FIT | {"score": 50}, "得分现为 71.50"),
        (FIT | {"measures": ["reassignment"]}, "不适用"),
        (FIT | {"measures": ["commendation", "criticism"]}, "矛盾"),
        (FIT | {"grade": "weak", "measures": ["commendation"]}, "矛盾"),
    ],
)
def test_decision_is_on_what_there_is_and_its_measures_fit(city: City, fields: dict[str, Any], word: str) -> None:
    assert word in push(city, "g24", decision(DIANHUTUN, "g24", **fields))["reason"]


def test_a_version_is_decided_once_and_the_next_one_anew(city: City) -> None:
    first = decision(DIANHUTUN, "g24", VILLAGES, grade="fair")
    assert push(city, "g24", first)["ok"]
    assert push(city, "g24", first)["ok"]  # the answer was lost, and it comes again
    again = push(city, "s17", decision(DIANHUTUN, "s17", VILLAGES))
    assert again["error"] == "forbidden" and "已由 g24 确认" in again["reason"]
    amended = decision(DIANHUTUN, "g24", VILLAGES, amends=first["_id"]) | {"observed_at": first["observed_at"]}
    assert "已由 g24 确认" in push(city, "g24", amended)["reason"]
    assert push(city, "s17", decision(DIANHUTUN, "s17", f"{VILLAGES}-2"))["ok"]


def test_of_two_decisions_at_the_same_instant_or_in_one_push_one_is_refused(city: City) -> None:
    clients = [city.client("g24"), city.client("s17")]
    both = [decision(DIANHUTUN, alias, VILLAGES) for alias in ("g24", "s17")]
    with ThreadPoolExecutor(2) as pool:
        answers = [
            pool.submit(client.post, f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(document))
            for client, document in zip(clients, both, strict=True)
        ]
    assert sorted(bool(one.result().json()[0].get("ok")) for one in answers) == [False, True]
    twice = [decision(DIANHUTUN, "g24", f"{VILLAGES}-2") for _ in range(2)]
    rows = clients[0].post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(*twice)).json()
    assert [bool(row.get("ok")) for row in rows] == [True, False]


def test_what_a_gateway_held_when_it_died_lapses(city: City) -> None:
    until = stamp(datetime.now(UTC) - timedelta(seconds=1))
    assert httpx.put(f"{city.store.url}/d110-staff/held:{DIANHUTUN}", json={"until": until}).status_code == 201
    assert push(city, "g24", decision(DIANHUTUN, "g24", VILLAGES))["ok"]
    assert httpx.get(f"{city.store.url}/d110-staff/held:{DIANHUTUN}").status_code == 404
