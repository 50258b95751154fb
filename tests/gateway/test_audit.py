"""Decisions leave their entry in the audit log before they take effect, whichever gateway took them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from ulid import ULID

from models.audit import AuditEntry, first_fault
from models.calendar import LOCAL
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch
from sync_api.doctor import Finding, examine
from sync_api.installation import Installation
from sync_api.sealed.store import SealedStore
from tests.city import DIANHUTUN, City, bulk, case_event, report, settle, wait_until

DB = "/db/d110-371724"


def now() -> datetime:
    return datetime.now(UTC)


def entries(city: City) -> list[AuditEntry]:
    async def work() -> list[AuditEntry]:
        async with Couch(city.store.url) as couch:
            return [entry async for entry in AuditLog(couch, now).entries()]

    return asyncio.run(work())


def findings(city: City, secret: str = "") -> dict[str, Finding]:
    async def work() -> list[Finding]:
        async with Couch(city.store.url) as couch:
            sealed = SealedStore(couch, secret or city.secret, now)
            return [f async for f in examine(couch, Installation(couch, "3717"), AuditLog(couch, now), sealed)]

    return {finding.name: finding for finding in asyncio.run(work())}


def test_decisions_are_logged_with_who_and_what_and_the_chain_holds(city: City) -> None:
    opened = report(DIANHUTUN, "a217")
    assert city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    cleared = settle(city, DIANHUTUN, opened["_id"].rsplit(":", 1)[1], "z109")
    answer = city.client("g24").post("/devices/revoke", json={"alias": "i0422", "device": "lost"})
    assert answer.status_code == 204
    refused = report(DIANHUTUN, "i0421", indicator="9.9.9")
    city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(refused))
    [waiting] = [
        q for q in city.client("z109").get("/quarantine").json()["oldest"] if q["document_id"] == refused["_id"]
    ]
    path = f"/quarantine/{waiting['_id']}/dismiss"
    assert city.client("z109").post(path, json={"text": "请选正确的指标"}).status_code == 204
    logged = [(entry.actor, entry.action, entry.subject) for entry in entries(city)]
    assert ("z109", "case_decided", cleared) in logged
    assert ("g24", "device_revoked", "i0422") in logged
    assert ("z109", "quarantine_dismissed", waiting["_id"]) in logged
    # a review decides nothing yet
    assert [subject for _, action, subject in logged if action == "case_decided"] == [cleared]
    assert first_fault(entries(city)) is None


def test_two_pens_never_write_one_number_twice(city: City) -> None:
    async def work() -> None:
        async with Couch(city.store.url) as couch:
            pens = [AuditLog(couch, now) for _ in range(3)]
            writing = [pen.record("d110", "account_added", str(ULID())) for _ in range(8) for pen in pens]
            await asyncio.gather(*writing)

    before = len(entries(city))
    asyncio.run(work())
    assert len(entries(city)) == before + 24
    assert first_fault(entries(city)) is None


def test_the_doctor_finds_what_was_changed_past_the_gateway(city: City) -> None:
    assert findings(city)["audit"].is_sound
    path = f"{city.store.url}/d110-audit/audit:000000000001"
    entry = httpx.get(path).json()
    assert httpx.put(path, json=entry | {"actor": "somebody"}).status_code == 201
    found = findings(city)["audit"]
    assert not found.is_sound and "第 1 条" in found.zh
    changed = httpx.get(path).json()
    assert httpx.put(path, json=entry | {"_rev": changed["_rev"]}).status_code == 201
    assert findings(city)["audit"].is_sound
    assert {name for name, f in findings(city).items() if not f.is_sound} == {
        f"d110-{county}" for county in ("371724", "371725", "371771")
    }  # no night has been yet


def test_an_all_clear_that_a_late_step_makes_void_is_put_on_record(city: City) -> None:
    """Who verified it had acted before, as comes out late: the case is open again, and the log says by what."""
    verifier = "z109"
    opened = report(DIANHUTUN, "a217", indicator="5.5.1", at=now() - timedelta(minutes=30))
    case = opened["_id"].rsplit(":", 1)[1]
    late = case_event(DIANHUTUN, case, verifier, "progress", text="下村调解过", at=now() - timedelta(minutes=20))

    def push(alias: str, *documents: dict[str, Any]) -> None:
        rows = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(*documents)).json()
        assert all(row.get("ok") for row in rows), rows

    push("a217", opened)
    settle(city, DIANHUTUN, case, verifier)  # a review by them, and the all-clear of a small matter
    assert not [entry for entry in entries(city) if entry.action == "all_clear_void"]
    push(verifier, late)
    push(verifier, late)
    [entry] = [entry for entry in entries(city) if entry.action == "all_clear_void"]
    assert (entry.actor, entry.subject) == (verifier, late["_id"])
    assert not city.client("z109").get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["cleared_on"]


def test_the_doctor_says_whether_sealed_texts_open(city: City) -> None:
    opened = report(DIANHUTUN, "z109")
    assert city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    path = f"/casework/cases/{DIANHUTUN}/{opened['_id'].rsplit(':', 1)[1]}/sealed"
    wait_until(lambda: city.client("z109").post(path, json={"ulid": str(ULID()), "text": "某甲"}).status_code == 204)
    assert findings(city)["sealed"].is_sound
    other = findings(city, "another secret of at least thirty-two signs")["sealed"]
    assert not other.is_sound
    assert "1 of which" in other.en


def test_the_doctor_misses_an_all_clear_that_was_taken_out_of_the_store(city: City) -> None:
    opened = report(DIANHUTUN, "a217", indicator="5.5.1")
    assert city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    settle(city, DIANHUTUN, opened["_id"].rsplit(":", 1)[1], "z109")
    assert findings(city)["decided"].is_sound
    cleared = next(one.subject for one in reversed(entries(city)) if one.details.get("step") == "cleared")
    stored = f"{city.store.url}/d110-371724/{cleared}"
    body = httpx.get(stored).json()
    httpx.delete(stored, params={"rev": body["_rev"]}).raise_for_status()
    missed = findings(city)["decided"]
    assert not missed.is_sound and cleared in missed.en
    del body["_rev"]
    httpx.put(stored, json=body).raise_for_status()
    assert findings(city)["decided"].is_sound


def test_the_doctor_misses_a_lot_that_was_taken_out_of_the_store(city: City) -> None:
    today = datetime.now(LOCAL).date()
    days = {"since": f"{today}", "until": f"{today + timedelta(days=7)}"}
    body = {"ulid": str(ULID()), "division": "371724", "count": 1} | days
    answer = city.client("g24").post("/patrols/lots", json=body)
    assert answer.status_code == 201, answer.text
    assert findings(city)["decided"].is_sound
    stored = f"{city.store.url}/d110-371724/{answer.json()['id']}"
    lot = httpx.get(stored).json()
    httpx.delete(stored, params={"rev": lot.pop("_rev")}).raise_for_status()
    missed = findings(city)["decided"]
    assert not missed.is_sound
    assert answer.json()["id"] in missed.en
    httpx.put(stored, json=lot).raise_for_status()
    assert findings(city)["decided"].is_sound


def test_the_doctor_sees_what_was_decided_otherwise_than_logged_and_what_was_never_logged(city: City) -> None:
    opened = report(DIANHUTUN, "a217", indicator="5.5.1")
    assert city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    cleared = settle(city, DIANHUTUN, opened["_id"].rsplit(":", 1)[1], "z109")
    stored = f"{city.store.url}/d110-371724/{cleared}"

    def put(path: str, body: dict[str, Any]) -> None:
        known = httpx.get(path)
        revision = {"_rev": known.json()["_rev"]} if known.status_code == 200 else {}
        httpx.put(path, json={name: value for name, value in body.items() if name != "_rev"} | revision)

    as_decided = httpx.get(stored).json()
    put(stored, as_decided | {"text": as_decided.get("text", "") + "!"})
    found = findings(city)["decided"]
    assert not found.is_sound and f"otherwise than logged, such as {cleared}" in found.en, found
    put(stored, as_decided)
    assert findings(city)["decided"].is_sound

    at = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    beside = f"{DIANHUTUN}:appointment:z109:{ULID()}"
    said = {"_id": beside, "type": "appointment", "alias": "i0421", "observed_at": at, "saved_at": at}
    put(f"{city.store.url}/d110-371724/{beside}", said)
    found = findings(city)["decided"]
    assert not found.is_sound and f"not in the log, such as {beside}" in found.en, found
    put(f"{city.store.url}/d110-371724/{beside}", said | {"simulated": True})  # nobody decided it
    assert findings(city)["decided"].is_sound


def test_a_cut_at_the_end_of_the_log_shows_by_the_decision_that_the_store_holds_still(city: City) -> None:
    opened = report(DIANHUTUN, "a217", indicator="5.5.1")
    assert city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    cleared = settle(city, DIANHUTUN, opened["_id"].rsplit(":", 1)[1], "z109")
    last = entries(city)[-1]
    assert last.subject == cleared
    path = f"{city.store.url}/d110-audit/audit:{last.number:012d}"
    entry = httpx.get(path).json()
    httpx.delete(path, params={"rev": entry.pop("_rev")}).raise_for_status()
    found = findings(city)
    assert found["audit"].is_sound  # the chain that is left holds
    assert not found["decided"].is_sound and cleared in found["decided"].zh
    httpx.put(path, json=entry).raise_for_status()
    assert findings(city)["decided"].is_sound
