"""Steps of cases at the door: what is legal, in whose name, and who sees a case from then on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.city import DIANHUTUN, City, bulk, case_event, report, wait_until

DB = "/db/d110-371724"


@pytest.fixture
def case(city: City) -> str:
    """A general matter of the village that its administrator reported."""
    opened = report(DIANHUTUN, "a217")
    assert push(city.client("a217"), opened) == [True]
    return str(opened["_id"]).rsplit(":", 1)[1]


def push(client: httpx.Client, *documents: Any) -> list[bool]:
    return [row.get("ok", False) for row in client.post(f"{DB}/_bulk_docs", json=bulk(*documents)).json()]


def step(case: str, author: str, name: str, **fields: Any) -> dict[str, Any]:
    return case_event(DIANHUTUN, case, author, name, **fields)


CLEARED = {"found": "已查明", "done": "已办结", "verified_by": "z109"}


def test_an_illegal_step_is_refused_with_its_reason_and_kept(city: City, case: str) -> None:
    client, early = city.client("z109"), step(case, "z109", "cleared", **CLEARED)
    (row,) = client.post(f"{DB}/_bulk_docs", json=bulk(early)).json()
    assert row["error"] == "forbidden"
    assert "复查" in row["reason"] and "reviews the matter" in row["reason"]
    waiting = client.get("/quarantine").json()["oldest"]
    assert [q["code"] for q in waiting if q["document_id"] == early["_id"]] == ["not_reviewed"]


def test_who_acted_verifies_nothing(city: City, case: str) -> None:
    assert push(city.client("z109"), step(case, "z109", "progress", text="镇里调处")) == [True]
    reviewed = {"text": "已好转", "is_better": True}
    assert push(city.client("z109"), step(case, "z109", "reviewed", **reviewed)) == [False]
    by_centre = CLEARED | {"verified_by": "g24"}
    assert push(city.client("g24"), step(case, "g24", "reviewed", **reviewed)) == [True]
    assert push(city.client("g24"), step(case, "g24", "cleared", **CLEARED)) == [False]
    assert push(city.client("g24"), step(case, "g24", "cleared", **by_centre)) == [True]


def test_steps_of_one_push_are_judged_in_the_order_in_which_they_happened(city: City, case: str) -> None:
    reviewed = step(case, "z109", "reviewed", text="已好转", is_better=True)
    cleared = step(case, "z109", "cleared", **CLEARED)
    again = step(case, "z109", "reopened", text="又起争执", severity="general")
    assert push(city.client("z109"), again, cleared, reviewed) == [True, True, True]


@pytest.mark.parametrize(
    ("alias", "name", "fields", "ok"),
    [
        ("z109", "taken", {"office": DIANHUTUN[:9]}, True),
        ("z109", "taken", {"office": DIANHUTUN[:6]}, False),
        ("z109", "taken", {"office": "民政"}, False),
        ("z109", "taken", {}, False),
        ("a217", "taken", {"office": DIANHUTUN}, True),
        ("g24", "assigned", {"office": DIANHUTUN[:9]}, True),
        ("g24", "assigned", {"office": "371725001"}, False),
    ],
)
def test_a_case_is_taken_in_the_own_offices_name_and_handed_to_one_above_the_village(
    city: City, case: str, alias: str, name: str, fields: dict[str, Any], ok: bool
) -> None:
    assert push(city.client(alias), step(case, alias, name, **fields)) == [ok]


def test_a_department_sees_a_case_from_its_assignment_on(city: City, case: str) -> None:
    other = city.add_account("tudi", "department", DIANHUTUN[:6], department="土地")
    alias = city.add_account("minzheng2", "department", DIANHUTUN[:6], department="民政")
    earlier = report(DIANHUTUN, "a217")["_id"].rsplit(":", 1)[1]
    assert push(city.client("g24"), step(earlier, "g24", "assigned", department="民政")) == [True]
    wait_until(lambda: assigned(city, alias) == 1)
    assert push(city.client(alias), step(case, alias, "progress", text="民政局已派人")) == [False]
    assert push(city.client("g24"), step(case, "g24", "assigned", department="民政")) == [True]
    wait_until(lambda: assigned(city, alias) == 2)
    assert push(city.client(alias), step(case, alias, "taken", office="民政")) == [True]
    assert assigned(city, other) == 0


def assigned(city: City, alias: str) -> int:
    found: int = city.client(alias).get("/cases").json()["assigned"]
    return found
