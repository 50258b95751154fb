"""The page of evaluations: what was computed, level by level, and a decision that stands until the score changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.documents import Component, Evaluation, Reason, Response, Summary, encode
from tests.city import DIANHUTUN, KONGZHUANG, City

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
HALF = {"from_day": date(2026, 1, 1), "until_day": date(2026, 6, 30)}


def evaluation(village: str, score: float, version: str = "") -> Evaluation:
    return Evaluation(
        id=f"{village}:evaluation:2026H1{version}",
        score=score,
        grade="weak",
        catalogue="2026.1",
        policy="2026.2",
        components=[Component(code="lights", points=score, amount=181.0, evidence=["4.2.1 y31 r3 s0"])],
        reasons=[Reason(code="score_weak", params=[f"{score:g}", "60"])],
        response=Response(),
        **HALF,
    )


def summary(division: str) -> Summary:
    return Summary(
        id=f"{division}:summary:2026H1",
        mean=71.5,
        villages=30,
        grades={"fair": 29, "weak": 1},
        marks={"five_good": 3},
        response=Response(),
        measures=["criticism"],
        reasons=[Reason(code="teams_newly_paralysed", params=["1"])],
        policy="2026.2",
    )


@pytest.fixture(scope="module", autouse=True)
def _computed(city: City) -> None:
    for document in (evaluation(DIANHUTUN, 55.5), summary(TOWNSHIP), summary(COUNTY)):
        store(city, document)


def store(city: City, document: Evaluation | Summary) -> None:
    path = f"{city.store.url}/d110-{COUNTY}/{document.id}"
    answer = httpx.put(path, content=encode(document), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text


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
    [village] = at_township["below"]
    assert (village["score"], village["grade"], village["is_decided"]) == (55.5, "weak", False)
    assert village["reasons"][0] == {"zh": "得分 55.5，低于 60", "en": "score 55.5, below 60"}
    assert village["components"][0]["evidence"] == ["4.2.1 y31 r3 s0"]


def test_a_decision_is_the_countys_and_stands_until_the_score_is_another(city: City) -> None:
    assert decide(city.client("z109")).status_code == 409  # a station proposes nothing about its own villages
    assert decide(city.client("g71")).status_code == 404
    assert decide(city.client("g24"), text="。").status_code == 400
    assert decide(city.client("g24"), grade="fair").status_code == 201
    [village] = page(city.client("g24"), TOWNSHIP)["below"]
    assert (village["is_decided"], village["grade"], village["decided"]) == (True, "weak", "fair")
    [said] = village["decisions"]
    assert (said["author"], said["grade"], said["stands"]) == ("g24", "fair", True)
    store(city, evaluation(DIANHUTUN, 57.0, "-2"))
    [village] = page(city.client("g24"), TOWNSHIP)["below"]
    assert (village["score"], village["is_decided"], village["id"][-2:]) == (57.0, False, "-2")


def test_evaluations_are_for_offices_in_their_scope_and_of_periods_that_there_are(city: City) -> None:
    assert city.client("g24").get(f"/evaluations/{COUNTY}/2026H3").json()["code"] == "bad_period"
    assert city.client("g24").get(f"/evaluations/{KONGZHUANG[:6]}/2026H1").status_code == 403
    assert city.client("i0421").get(f"/evaluations/{DIANHUTUN}/2026H1").status_code == 403
    assert page(city.client("a217"), DIANHUTUN)["own"]["score"] > 0
    assert page(city.client("z109"), TOWNSHIP)["period"] == "2026H1"
    empty = city.client("g24").get(f"/evaluations/{COUNTY}/2025H2").json()
    assert (empty["own"], empty["below"]) == (None, [])
