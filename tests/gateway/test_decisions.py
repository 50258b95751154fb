"""Who may decide on an evaluation, and that each decision leaves its entry in the audit log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from ulid import ULID

from models.audit import AuditEntry
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch
from tests.city import DIANHUTUN, City, bulk, stamp

COUNTY = DIANHUTUN[:6]
VILLAGES, OFFICES = f"{DIANHUTUN}:evaluation:2026H1", f"{COUNTY}:summary:2026H1"


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
    assert logged[village["_id"]].details == {"about": VILLAGES, "grade": "fair", "measures": ""}
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
