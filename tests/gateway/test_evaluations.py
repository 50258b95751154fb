"""The page of evaluations: what was computed at each level, decisions that freeze a version, and what is behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.documents import Component
from tests.city import DIANHUTUN, KONGZHUANG, TOWNSHIPS, City, bulk, report, stamp
from tests.evaluations import evaluation, store_anew, summary

COUNTY, TOWNSHIP, SIBLING = DIANHUTUN[:6], DIANHUTUN[:9], "371724109218"


@pytest.fixture(scope="module", autouse=True)
def _computed(city: City) -> None:
    store_anew(city, evaluation(DIANHUTUN, 55.5), summary(TOWNSHIP), summary(COUNTY))


def page(client: httpx.Client, division: str) -> dict[str, Any]:
    answer = client.get(f"/evaluations/{division}/2026H1")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decide(client: httpx.Client, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "about": f"{DIANHUTUN}:evaluation:2026H1", "score": 55.5, "text": "经核实"}
    return client.post("/evaluations/decisions", json=body | fields)


def test_each_level_shows_itself_and_those_right_below_it(city: City) -> None:
    at_city, at_county, at_township = (page(city.client("s17"), code) for code in ("3717", COUNTY, TOWNSHIP))
    assert [one["division"] for one in at_city["below"]] == [COUNTY]
    assert (at_county["own"]["score"], [one["division"] for one in at_county["below"]]) == (71.5, [TOWNSHIP])
    assert at_county["own"]["measures"] == ["criticism"]
    response = at_county["own"]["response"]
    assert (response["take_up_days"], response["clear_days"], response["overdue"]) == (1.5, None, 1)
    [village] = at_township["below"]
    assert (village["score"], village["grade"], village["is_decided"]) == (55.5, "weak", False)
    assert village["reasons"][0] == {"zh": "得分 55.5，低于 60", "en": "score 55.5, below 60"}
    assert village["components"][0]["evidence"] == ["4.2.1 y31 r3 s0"]


def test_the_best_county_is_proposed_a_commendation_once_all_are_evaluated_until_somebody_decides(city: City) -> None:
    best: dict[str, Any] = {"grades": {"strong": 30, "fair": 0, "weak": 0, "paralysed": 0}, "measures": []}
    best |= {"mean": 95.0, "reasons": [], "period": "2024H2"}
    path = "/evaluations/{}/2024H2"

    def proposed(code: str = COUNTY) -> list[str]:
        found = city.client("s17").get(path.format(code)).json()
        [view] = [one for one in (found["own"], *found["below"]) if one and one["division"] == COUNTY]
        return list(view["measures"])

    store_anew(city, summary(COUNTY, **best))
    assert proposed() == []
    others = sorted({one[:6] for one in TOWNSHIPS} - {COUNTY})
    store_anew(city, *(summary(one, **best | {"mean": 94.0}) for one in others))
    assert (proposed(), proposed("3717")) == (["commendation"], ["commendation"])
    reasons = city.client("s17").get(path.format(COUNTY)).json()["own"]["reasons"]
    assert "全市" in reasons[0]["zh"] and "counties" in reasons[0]["en"]


def test_a_decision_is_the_countys_and_stands_until_the_score_is_another(city: City) -> None:
    assert decide(city.client("z109")).status_code == 409  # a station proposes nothing about its own villages
    assert decide(city.client("g71")).status_code == 404
    assert decide(city.client("g24"), text="。").status_code == 400
    assert decide(city.client("g24"), grade="fair").status_code == 201
    [village] = page(city.client("g24"), TOWNSHIP)["below"]
    assert (village["is_decided"], village["grade"], village["decided"]) == (True, "weak", "fair")
    [said] = village["decisions"]
    assert (said["author"], said["grade"], said["stands"]) == ("g24", "fair", True)
    store_anew(city, evaluation(DIANHUTUN, 57.0, "-2"))
    [village] = page(city.client("g24"), TOWNSHIP)["below"]
    assert (village["score"], village["is_decided"], village["id"][-2:]) == (57.0, False, "-2")
    assert (village["version"], village["in_force"]) == (2, 1)
    [confirmed] = village["earlier"]
    assert (confirmed["version"], confirmed["score"], confirmed["decided"]) == (1, 55.5, "fair")
    assert (confirmed["decisions"][0]["author"], confirmed["decisions"][0]["text"]) == ("g24", "经核实")
    assert {"zh": "得分：55.50 → 57.00", "en": "score: 55.50 → 57.00"} in village["changes"]
    assert "{" not in str([change["zh"] for change in village["changes"]])


def test_evaluations_are_for_offices_in_their_scope_and_of_periods_that_there_are(city: City) -> None:
    assert city.client("g24").get(f"/evaluations/{COUNTY}/2026H3").json()["code"] == "bad_period"
    assert city.client("g24").get(f"/evaluations/{KONGZHUANG[:6]}/2026H1").status_code == 403
    assert city.client("i0421").get(f"/evaluations/{DIANHUTUN}/2026H1").status_code == 403
    assert page(city.client("a217"), DIANHUTUN)["own"]["score"] > 0
    assert page(city.client("z109"), TOWNSHIP)["period"] == "2026H1"
    empty = city.client("g24").get(f"/evaluations/{COUNTY}/2025H2").json()
    assert (empty["own"], empty["below"]) == (None, [])


def test_second_decision_on_a_version_is_told_that_it_is_confirmed(city: City) -> None:
    store_anew(city, evaluation(SIBLING, 71.5))
    about = {"about": f"{SIBLING}:evaluation:2026H1", "score": 71.5}
    assert decide(city.client("g24"), **about).status_code == 201
    told = decide(city.client("s17"), **about, grade="strong")
    assert (told.status_code, told.json()["code"], "g24" in told.json()["detail_zh"]) == (409, "step_refused", True)
    assert decide(city.client("g24"), **about | {"about": f"{SIBLING}:evaluation:2031H1"}).status_code == 409


def test_a_person_leaves_measures_out_and_adds_others(city: City) -> None:
    body = {"about": f"{TOWNSHIP}:summary:2026H1", "score": 71.5}
    [township] = page(city.client("g24"), COUNTY)["below"]
    assert (township["may_decide"], township["measures"]) == (True, ["criticism"])
    assert "no_merit" in township["options"] and "no_merit" not in page(city.client("g24"), SIBLING)["own"]["options"]
    assert decide(city.client("g24"), **body, measures=["self_criticism", "no_merit"]).status_code == 201
    [township] = page(city.client("g24"), COUNTY)["below"]
    assert (township["measures"], township["decided_measures"]) == (["criticism"], ["self_criticism", "no_merit"])
    assert (township["may_decide"], page(city.client("g24"), COUNTY)["own"]["may_decide"]) == (False, False)


def test_city_has_the_sum_of_its_counties_and_decides_on_each_but_not_on_itself(city: City) -> None:
    whole = page(city.client("s17"), "3717")
    own = whole["own"]
    assert (own["division"], own["score"], own["villages"], own["marks"]) == ("3717", 71.5, 30, {"five_good": 3})
    assert (own["may_decide"], own["measures"], [one["may_decide"] for one in whole["below"]]) == (False, [], [True])


def test_list_and_evidence_are_saved_as_files(city: City) -> None:
    client = city.client("g24")
    text = client.get(f"/evaluations/{TOWNSHIP}/2026H1/csv").text
    assert text.startswith("\ufeff区划代码") and "57.0" in text and "55.5" in text
    assert client.get(f"/evaluations/{COUNTY}/2026H1/xlsx").content[:2] == b"PK"
    english = client.get(f"/evaluations/{DIANHUTUN}/2026H1/evidence/csv?language=en").text
    assert "Component" in english and "4.2.1" in english
    assert city.client("i0421").get(f"/evaluations/{DIANHUTUN}/2026H1/evidence").status_code == 403


def test_each_number_leads_to_the_events_behind_it(city: City) -> None:
    """A check found a bad reading on the third day before a late case; the days of both are shown as they were."""
    now = datetime.now(UTC)
    days = [now - timedelta(days=n) for n in (3, 2)]
    found = {
        "_id": f"{DIANHUTUN}:inspection:z109:{ULID.from_datetime(now)}",
        "type": "inspection",
        "observed_at": stamp(days[0]),
        "saved_at": stamp(now),
        "is_planned": False,
        "readings": {"1.1.2": 5},
        "text": "村级组织有缺位",
    }
    opened = report(DIANHUTUN, "z109", at=now, severity="major", observed_at=stamp(days[1]), channel="hotline")
    rows = city.client("z109").post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(found, opened)).json()
    assert all(row.get("ok") for row in rows), rows
    check, case = found["_id"][-26:], opened["_id"][-26:]
    parts = [
        Component(code="lights", points=90, amount=5, evidence=["1.1.2 y0 r3 s0", "4.2.1 y0 r2 s0"]),
        Component(code="overdue", points=-1, amount=1, evidence=[case]),
        Component(code="finding", points=-0.5, amount=1, evidence=[check]),
    ]
    today = now.astimezone(LOCAL).date()
    span = {"from_day": today - timedelta(days=4), "until_day": today}
    store_anew(city, evaluation(DIANHUTUN, 88.5, period="2026Y", components=parts, **span))
    view = city.client("g24").get(f"/evaluations/{DIANHUTUN}/2026Y/evidence").json()
    lights, overdue, finding = view["components"]
    posts, disclosure = lights["lines"]
    assert posts["spans"][-1]["light"] == "r" and [event["kind"] for event in posts["events"]] == ["inspection"]
    assert disclosure["spans"][-1]["light"] == "r" and disclosure["events"][0]["ulid"] == case
    assert (overdue["lines"][0]["kind"], overdue["lines"][0]["ulid"]) == ("case", case)
    [line] = finding["lines"]
    assert (line["kind"], line["ulid"]) == ("inspection", check)
    assert "1.1.2" in line["zh"] and line["zh"].endswith("5。村级组织有缺位")
    assert city.client("g24").get(f"/evaluations/{DIANHUTUN}/2029H1/evidence").json()["code"] == "no_evaluation"
