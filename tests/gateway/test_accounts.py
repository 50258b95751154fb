"""What offices give account of on their pages: figures, services, who owes what."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event, report, settle, wait_until
from tests.evaluations import evaluation, store_anew, summary

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
YEAR = {"since": date.today().replace(month=1, day=1).isoformat(), "until": "2999-12-31"}  # noqa: DTZ011


def push(city: City, alias: str, *documents: dict[str, Any]) -> None:
    answer = city.client(alias).post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(*documents))
    assert all(row.get("ok") for row in answer.json()), answer.text


def figures(client: httpx.Client, division: str, **query: str) -> dict[str, float]:
    answer = client.get(f"/casework/statistics/{division}", params=YEAR | query)
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["number"] for one in answer.json()["figures"]}


def behind(client: httpx.Client, figure: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/casework/behind/{COUNTY}", params=YEAR | {"figure": figure} | query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def service(client: httpx.Client, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "division": DIANHUTUN, "topic": "修路", "amount": 1.5, "unit": "公里"}
    return client.post("/casework/services", json=body | {"place": "村东生产路"} | fields)


def test_figures_count_what_was_issued_and_solved_at_every_level(city: City) -> None:
    yellow, red = report(DIANHUTUN, "a217", indicator="5.1.1"), report(DIANHUTUN, "a217", severity="major")
    centre = city.client("g24")
    before = figures(centre, COUNTY)
    push(city, "a217", yellow, red)
    settle(city, DIANHUTUN, yellow["_id"].rsplit(":", 1)[1], "z109")
    wanted = {"warnings.yellow": 1, "warnings.red": 1, "disputes.found": 2, "disputes.solved": 1}
    wait_until(lambda: figures(centre, COUNTY)["disputes.solved"] == before["disputes.solved"] + 1)
    for alias, division in (("a217", DIANHUTUN), ("z109", TOWNSHIP), ("g24", COUNTY), ("s17", "3717")):
        found = figures(city.client(alias), division)
        assert {name: found[name] - before[name] for name in wanted} == wanted
    assert figures(city.client("s17"), KONGZHUANG[:6])["disputes.found"] == 0
    lines = centre.get(f"/casework/statistics/{COUNTY}/csv", params=YEAR).text.splitlines()
    assert f"黄色警示,{figures(centre, COUNTY)['warnings.yellow']:g}" in lines
    workbook = centre.get(f"/casework/statistics/{COUNTY}/xlsx", params=YEAR).content
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        said = book.read("xl/sharedStrings.xml").decode()
    assert ">巨野县<" in said and f">{YEAR['since']} – " in said


@pytest.mark.parametrize(
    ("fields", "term"), [({"amount": 0}, "数量"), ({"unit": " "}, "单位"), ({"place": ""}, "地点")]
)
def test_a_service_without_quantity_unit_or_place_is_refused(city: City, fields: dict[str, Any], term: str) -> None:
    answer = service(city.client("z109"), **fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")
    assert f"“{term}”" in answer.json()["detail_zh"]


def test_a_period_that_makes_no_sense_and_a_division_that_is_anothers_are_refused(city: City) -> None:
    client = city.client("z109")
    for since, until in (("2026-02-01", "2026-01-01"), ("2998-01-01", "2998-12-31")):
        answer = client.get(f"/casework/statistics/{TOWNSHIP}", params={"since": since, "until": until})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_period")
    assert figures(client, TOWNSHIP, since="0001-01-01")
    asked = client.get(f"/casework/statistics/{TOWNSHIP}", params=YEAR).json()
    assert asked["until"] == datetime.now(LOCAL).date().isoformat()  # nothing is known of days to come
    assert asked["watched_since"] <= asked["until"]
    assert client.get(f"/casework/statistics/{TOWNSHIP}").status_code == 400
    for what in ("statistics", "services", "terminal"):
        assert client.get(f"/casework/{what}/{COUNTY}", params=YEAR).status_code == 403
        assert city.client("i0421").get(f"/casework/{what}/{DIANHUTUN}", params=YEAR).status_code == 403


def test_services_stand_in_their_ledger_with_quantity_and_place(city: City) -> None:
    station = city.client("z109")
    stored = service(station)
    assert stored.status_code == 201
    rows = station.get(f"/casework/services/{TOWNSHIP}").json()["rows"]
    [row] = [one for one in rows if one["id"] == stored.json()["id"]]
    assert (row["topic"], row["amount"], row["unit"], row["place"]) == ("修路", 1.5, "公里", "村东生产路")
    assert figures(station, TOWNSHIP)["services.done:修路:公里"] >= 1.5
    assert "村东生产路" in station.get(f"/casework/services/{TOWNSHIP}/csv").text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount": -1}, 400),
        ({"topic": "。"}, 400),
        ({"division": KONGZHUANG}, 404),
        ({"division": "371724109299"}, 404),
        ({"text": "户主电话13812345678"}, 409),
        ({"observed_at": "2999-01-01T00:00:00Z"}, 409),
    ],
)
def test_a_service_that_makes_no_sense_is_refused(city: City, fields: dict[str, Any], status: int) -> None:
    answer = service(city.client("z109"), **fields)
    assert answer.status_code == status
    assert answer.json()["detail_zh"]


def test_the_terminal_says_who_owes_what_and_what_is_overdue(city: City) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=60)
    overdue = report(DIANHUTUN, "a217", at=long_ago, severity="general")
    push(city, "a217", overdue)
    centre, case = city.client("g24"), overdue["_id"].rsplit(":", 1)[1]
    wait_until(lambda: centre.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    found = centre.get(f"/casework/terminal/{COUNTY}").json()
    assert case in [one["case"] for one in found["overdue_cases"]]
    assert found["overdue"] == len(found["overdue_cases"]) and found["untaken"] >= 1 and found["red"] >= 1
    [debt] = [one for one in found["debts"] if one["office"] == TOWNSHIP]
    assert debt["overdue"] >= 1 and debt["next_due"] <= date.today().isoformat()  # noqa: DTZ011
    assert sum(debt["open"] for debt in found["debts"]) >= found["open"]
    assert len(found["months"]) == 12
    push(city, "g24", case_event(DIANHUTUN, case, "g24", "taken", office=COUNTY))
    wait_until(
        lambda: any(one["office"] == COUNTY for one in centre.get(f"/casework/terminal/{COUNTY}").json()["debts"])
    )


def test_a_department_owes_what_it_was_asked_for_until_it_has_handed_that_in(city: City) -> None:
    opened = report(DIANHUTUN, "a217")
    push(city, "a217", opened)
    case, centre = opened["_id"].rsplit(":", 1)[1], city.client("g24")
    city.add_account("nongye", "department", COUNTY, department="农业")
    push(city, "g24", case_event(DIANHUTUN, case, "g24", "assigned", department="农业"))
    department, steps = city.client("nongye"), f"/casework/cases/{DIANHUTUN}/{case}/steps"

    def owes() -> bool:
        debts = centre.get(f"/casework/terminal/{COUNTY}").json()["debts"]
        owed = centre.get("/casework/ledger", params={"owed_by": "农业", "is_open": "true"}).json()["rows"]
        waiting = [task["case"]["case"] for task in department.get("/casework/tasks").json()["tasks"]]
        found = {"农业" in [one["office"] for one in debts], case in [row["case"] for row in owed], case in waiting}
        assert len(found) == 1
        return found.pop()

    wait_until(owes)
    said = {"ulid": str(ULID()), "step": "submitted", "done": "已按要求办理"}
    assert department.post(steps, json=said).status_code == 201
    wait_until(lambda: not owes())
    again = {"ulid": str(ULID()), "step": "reviewed", "is_better": False, "text": "还没有公布"}
    assert city.client("z109").post(steps, json=again).status_code == 201
    wait_until(owes)


def test_a_department_gives_account_of_its_cases_only(city: City) -> None:
    opened = report(DIANHUTUN, "a217")
    push(city, "a217", opened)
    case = opened["_id"].rsplit(":", 1)[1]
    alias = city.add_account("jiaotong", "department", COUNTY, department="交通")
    push(city, "g24", case_event(DIANHUTUN, case, "g24", "assigned", department="交通"))
    client = city.client(alias)
    wait_until(lambda: client.get(f"/casework/terminal/{DIANHUTUN}").status_code == 200)
    assert client.get(f"/casework/terminal/{DIANHUTUN}").json()["open"] == 1
    for what in ("statistics", "services"):
        assert client.get(f"/casework/{what}/{DIANHUTUN}", params=YEAR).status_code == 403


def test_teams_put_right_are_counted_as_the_command_does_and_by_what_was_decided_since(city: City) -> None:
    days = {"since": "2025-07-01", "until": "2026-06-30"}

    def put_right(alias: str, division: str) -> float | None:
        found = city.client(alias).get(f"/casework/statistics/{division}", params=days).json()["figures"]
        return next(one["number"] for one in found if one["name"] == "teams.put_right")

    assert put_right("s17", "3717") is None  # nothing was evaluated
    assert figures(city.client("s17"), "3717", since="0001-01-01", until="9999-12-31")["teams.put_right"] is None
    sibling, counties = f"{TOWNSHIP}218", (COUNTY, "371725", "371771")
    for county in counties:
        righted = [DIANHUTUN] if county == COUNTY else []
        store_anew(city, summary(county, period="2025H2"), summary(county, put_right=righted))
    for village in (DIANHUTUN, sibling):
        store_anew(city, evaluation(village, 55, period="2025H2"), evaluation(village, 75))
    assert [put_right("s17", "3717"), put_right("g24", TOWNSHIP), put_right("z109", DIANHUTUN)] == [1, 1, 1]
    about = {"about": f"{sibling}:evaluation:2026H1", "score": 75, "text": "经核实", "grade": "strong"}
    decided = city.client("g24").post("/evaluations/decisions", json=about | {"ulid": str(ULID())})
    assert decided.status_code == 201
    assert [put_right("s17", "3717"), put_right("g24", sibling)] == [2, 1]


def test_what_a_figure_counts_adds_up_to_it_and_leads_to_the_cases(city: City) -> None:
    first = report(DIANHUTUN, "a217", indicator="5.1.1")
    mended = report(DIANHUTUN, "a217", indicator="5.1.1", amends=first["_id"], observed_at=first["observed_at"])
    push(city, "a217", first, mended, report(DIANHUTUN, "a217", severity="major"))
    case = first["_id"].rsplit(":", 1)[1]
    settle(city, DIANHUTUN, case, "z109")
    assert service(city.client("z109")).status_code == 201
    assert service(city.client("g24"), division=COUNTY, place="县城").status_code == 201
    centre = city.client("g24")
    wait_until(
        lambda: case in [row["case"] and row["case"]["case"] for row in behind(centre, "disputes.solved")["rows"]]
    )
    found = figures(centre, COUNTY)
    assert {"disputes.solved", "services.done:修路:公里", "warnings.red"} <= found.keys()
    for name, number in found.items():
        page = behind(centre, name)
        assert page["figure"]["number"] == number
        assert sum(row["amount"] for row in page["rows"]) == (number or 0), name
        assert page["count"] == len(page["rows"])
        if name.startswith(("disputes", "warnings")):
            assert all(row["case"] for row in page["rows"]), name
            assert page["count"] == number
    lines = centre.get(f"/casework/behind/{COUNTY}/csv", params=YEAR | {"figure": "disputes.found"}).text.splitlines()
    assert len(lines) == 1 + found["disputes.found"]
    [county] = [row for row in behind(centre, "services.done")["rows"] if row["division"] == COUNTY]
    assert county["place"] == ["巨野县"]


def test_a_page_of_what_a_figure_counts_begins_where_it_is_asked_to(city: City) -> None:
    centre = city.client("g24")
    whole = behind(centre, "disputes.found")
    rest = behind(centre, "disputes.found", offset="1")
    assert rest["rows"] == whole["rows"][1:]
    assert rest["count"] == whole["count"]


def test_a_figure_that_is_none_or_not_ones_own_is_refused(city: City) -> None:
    station = city.client("z109")
    query = YEAR | {"figure": "disputes.found"}
    answer = station.get(f"/casework/behind/{TOWNSHIP}", params=query | {"figure": "villages.best"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_figure")
    answer = station.get(f"/casework/behind/{TOWNSHIP}", params=query | {"until": "0001-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_period")
    assert station.get(f"/casework/behind/{COUNTY}", params=query).status_code == 403
    assert city.client("i0421").get(f"/casework/behind/{DIANHUTUN}", params=query).status_code == 403
    none = station.get(f"/casework/behind/{TOWNSHIP}", params=query | {"figure": "services.done:没有:件"}).json()
    assert (none["figure"]["number"], none["rows"]) == (0, [])
