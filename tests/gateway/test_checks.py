"""Checks of villages that an inspector wrote without a network: they come through ``/db``, late or twice."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.catalogue import default_catalogue
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, stamp, wait_until

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
NEIGHBOUR = f"{TOWNSHIP}218"
DB = f"/db/d110-{COUNTY}"


@pytest.fixture(scope="module", autouse=True)
def _is_read(city: City) -> None:
    wait_until(lambda: city.client("g24").get("/patrols/open").status_code == 200)


def check(city: City, village: str, alias: str, **fields: Any) -> dict[str, Any]:
    """A check as an inspector's tablet writes it."""
    at = fields.pop("at", None) or city.clock()
    said = {"type": "inspection", "is_planned": False, "observed_at": stamp(at), "saved_at": stamp(at), "text": "看过"}
    return {"_id": f"{village}:inspection:{alias}:{ULID.from_datetime(at)}", **said, **fields}


def push(city: City, alias: str, *checks: dict[str, Any], device: str = "tablet") -> list[dict[str, Any]]:
    answer = city.client(alias, device).post(f"{DB}/_bulk_docs", json={"docs": [*checks], "new_edits": False})
    assert answer.status_code == 201, answer.text
    return list(answer.json())


def plan(city: City, *villages: str, alias: str = "g24", division: str = COUNTY, days: int = 20) -> str:
    today = datetime.now(LOCAL).date()
    term = {"since": str(today), "until": str(today + timedelta(days=days))}
    body = {"ulid": str(ULID()), "division": division, "villages": [*villages], "text": "重点村", **term}
    answer = city.client(alias).post("/patrols/plans", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def lot(city: City) -> tuple[str, str]:
    """A patrol that was drawn, and a village of it."""
    today = datetime.now(LOCAL).date()
    body = {"ulid": str(ULID()), "division": COUNTY, "since": str(today), "until": str(today), "count": 1}
    announced = str(city.client("g24").post("/patrols/lots", json=body).json()["id"])
    word = {"ulid": str(ULID()), "about": announced, "word": "春雨"}
    assert city.client("s17").post("/patrols/draws", json=word).status_code == 201
    return announced, shown(city, announced)["villages"][0]["village"]


def shown(city: City, patrol: str, device: str = "testdevice") -> dict[str, Any]:
    patrols = city.client("g24", device).get(f"/patrols/{COUNTY}").json()["patrols"]
    return next(dict(one) for one in patrols if one["id"] == patrol)


def checks_of(city: City, patrol: str) -> list[str]:
    return checks_in(shown(city, patrol))


def checks_in(patrol: dict[str, Any]) -> list[str]:
    return [one["id"] for visit in patrol["villages"] for one in visit["checks"]]


def open_patrols(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in client.get("/patrols/open").json()["patrols"]}


def stored_at(one: dict[str, Any]) -> str:
    """When it was seen, as the gateway writes it."""
    return str(one["observed_at"].replace("Z", "000Z"))


def code_of(city: City, identity: str, office: str = "s17") -> str:
    waiting = city.client(office).get("/quarantine").json()["oldest"]
    return next(str(one["code"]) for one in waiting if one["document_id"] == identity)


@pytest.mark.parametrize(
    ("alias", "village", "code"),
    [
        ("z109", DIANHUTUN, ""),
        ("g24", NEIGHBOUR, ""),
        ("s17", DIANHUTUN, ""),
        ("g71", DIANHUTUN, None),
        ("a217", DIANHUTUN, "role_may_not_write"),
        ("i0421", DIANHUTUN, "role_may_not_write"),
    ],
)
def test_a_check_is_an_offices_in_its_own_division(city: City, alias: str, village: str, code: str | None) -> None:
    one = check(city, village, alias)
    if code is None:  # the other county's store is none of its
        answer = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(one))
        assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
        return
    [row] = push(city, alias, one)
    assert row.get("ok", False) == (code == "")
    assert not code or code_of(city, one["_id"]) == code


def test_a_check_in_anothers_name_or_division_is_refused(city: City) -> None:
    foreign, forged = check(city, KONGZHUANG, "z109"), check(city, DIANHUTUN, "g24")
    rows = push(city, "z109", foreign, forged)
    assert [row["error"] for row in rows] == ["forbidden", "forbidden"]
    assert code_of(city, foreign["_id"]) == "out_of_scope"
    assert code_of(city, forged["_id"]) == "not_author"


def test_checks_of_a_plan_and_of_a_lot_keep_their_patrol_and_count_once_however_often_they_are_sent(
    city: City,
) -> None:
    planned = plan(city, DIANHUTUN)
    announced, village = lot(city)
    first = check(city, DIANHUTUN, "g24", patrol=planned, is_planned=True, readings={"4.2.2": 40})
    second = check(city, village, "g24", patrol=announced)
    for _ in range(2):
        assert all(row.get("ok") for row in push(city, "g24", first, second))
    assert checks_of(city, planned) == [first["_id"]]
    assert checks_of(city, announced) == [second["_id"]]
    assert city.raw(f"d110-{COUNTY}/{first['_id']}")["is_planned"] is True
    alone = city.client("g24").get(f"/patrols/{COUNTY}").json()["checks"]
    assert not {first["_id"], second["_id"]} & {one["id"] for one in alone}


def test_what_was_seen_in_time_counts_when_it_comes_after_the_last_day(city: City) -> None:
    planned = plan(city, DIANHUTUN, NEIGHBOUR, days=0)
    seen = city.clock()
    in_time = check(city, DIANHUTUN, "g24", at=seen, patrol=planned, is_planned=True)
    city.clock.ahead += timedelta(days=3)
    try:
        client = city.client("g24", "later")  # log-ins have lapsed
        # the patrol is over, and waits still for what nobody has checked
        assert shown(city, planned, "later")["is_overdue"]
        assert [len(one["checks"]) for one in open_patrols(client)[planned]["visits"]] == [0, 0]
        [row] = push(city, "g24", in_time, device="later")
        assert row.get("ok"), row
        [visit, other] = shown(city, planned, "later")["villages"]
        assert [one["at"] for one in visit["checks"]] == [stored_at(in_time)]
        assert other["checks"] == []
        # what is seen late is none the less one of the patrol
        late = check(city, NEIGHBOUR, "g24", patrol=planned, is_planned=True)
        assert push(city, "g24", late, device="later")[0].get("ok")
        after = shown(city, planned, "later")
        assert (checks_in(after), after["is_overdue"]) == ([in_time["_id"], late["_id"]], False)
        assert planned not in open_patrols(client)
    finally:
        city.clock.ahead -= timedelta(days=3)


def test_a_check_that_is_none_of_its_patrol_is_refused_and_says_so_and_stands_by_itself_then(city: City) -> None:
    before = city.clock()
    planned = plan(city, DIANHUTUN)
    faults = {
        "not_on_list": check(city, NEIGHBOUR, "g24", patrol=planned, is_planned=True),
        "before_patrol": check(city, DIANHUTUN, "g24", at=before, patrol=planned, is_planned=True),
        "not_as_its_patrol": check(city, DIANHUTUN, "g24", patrol=planned, is_planned=False),
        "unknown_reference": check(city, DIANHUTUN, "z109", patrol=planned, is_planned=True),
    }
    faults["empty_check"] = check(city, NEIGHBOUR, "g24", text=" 。")
    for code, one in faults.items():
        [row] = push(city, one["_id"].split(":")[2], one)
        assert row["error"] == "forbidden"
        assert code_of(city, one["_id"]) == code
    unplanned = check(city, NEIGHBOUR, "g24", is_planned=True)
    [row] = push(city, "g24", unplanned)
    assert (row["error"], code_of(city, unplanned["_id"])) == ("forbidden", "not_as_its_patrol")
    alone = check(city, NEIGHBOUR, "g24", at=before)
    assert push(city, "g24", alone)[0].get("ok")
    assert checks_of(city, planned) == []


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ({"4.2.2": True}, "bad_reading"),
        ({"1.1.4": 1_000_000}, "bad_reading"),
        ({"9.9.9": 1}, "unknown_indicator"),
    ],
)
def test_a_wrong_reading_is_refused_and_kept_and_stops_no_other_check(
    city: City, readings: dict[str, Any], code: str
) -> None:
    wrong, right = check(city, DIANHUTUN, "z109", readings=readings), check(city, DIANHUTUN, "z109")
    refused, taken = push(city, "z109", wrong, right)
    assert (refused["error"], taken.get("ok")) == ("forbidden", True)
    assert refused["reason"].partition(" / ")[2]
    assert code_of(city, wrong["_id"]) == code


def test_a_check_from_a_tablet_lights_as_one_that_is_entered_on_the_page(city: City) -> None:
    indicator = next(one for one in default_catalogue().indicators if one.kind == "yesno" and one.no_light == "red")
    column = [one.code for one in default_catalogue().indicators].index(indicator.code)
    readings = {indicator.code: False}
    written, entered = f"{TOWNSHIP}201", f"{TOWNSHIP}202"
    assert push(city, "z109", check(city, written, "z109", readings=readings))[0].get("ok")
    body = {"ulid": str(ULID()), "village": entered, "readings": readings, "text": "看过"}
    assert city.client("z109").post("/patrols/inspections", json=body).status_code == 201

    def lamp(village: str) -> str:
        return str(city.client("z109").get(f"/board/{village}").json()["lights"][column])

    wait_until(lambda: (lamp(written), lamp(entered)) == ("r", "r"))


def test_an_inspector_is_told_the_patrols_of_their_division_that_are_open(city: City) -> None:
    stations = plan(city, NEIGHBOUR, alias="z109", division=TOWNSHIP)
    countys = plan(city, DIANHUTUN)
    today = datetime.now(LOCAL).date()
    body = {"ulid": str(ULID()), "division": COUNTY, "since": str(today), "until": str(today), "count": 1}
    not_drawn = city.client("g24").post("/patrols/lots", json=body).json()["id"]
    drawn, village = lot(city)
    found = open_patrols(city.client("g24"))
    assert {stations, countys, drawn} <= found.keys()
    assert not_drawn not in found
    assert [(one["village"], one["checks"]) for one in found[drawn]["visits"]] == [(village, [])]
    one = check(city, NEIGHBOUR, "g24", patrol=stations, is_planned=True)
    assert push(city, "g24", one)[0].get("ok")
    # the station is not warned of what the centre plans
    mine = open_patrols(city.client("z109"))
    assert stations in mine
    assert not {countys, drawn} & mine.keys()
    assert mine[stations]["visits"][0]["checks"] == [{"at": stored_at(one), "author": "g24"}]
    assert stations not in open_patrols(city.client("g71"))
    assert city.client("a217").get("/patrols/open").status_code == 403


def test_a_division_says_all_that_lies_below_it(city: City) -> None:
    names = city.client("g24").get(f"/divisions/{COUNTY}/below").json()
    assert {TOWNSHIP, DIANHUTUN} <= names.keys()
    assert "佃户屯" in names[DIANHUTUN]
    assert all(code.startswith(COUNTY) and code != COUNTY for code in names)
    assert city.client("g24").get("/divisions/999999/below").status_code == 404


def test_an_offices_tablet_pulls_what_it_wrote_and_what_was_said_of_it_and_nothing_else(city: City) -> None:
    mine, others = check(city, DIANHUTUN, "z109"), check(city, DIANHUTUN, "g24")
    assert push(city, "z109", mine)[0].get("ok")
    assert push(city, "g24", others)[0].get("ok")
    client = city.client("z109", "tablet")
    only = [f"{DIANHUTUN}:inspection:z109:", f"{DIANHUTUN}:receipt:z109.", f"{TOWNSHIP}:answer:z109:"]

    def pulled(**asked: Any) -> list[dict[str, Any]]:
        answer = client.post(f"{DB}/_pull", json=asked)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    # it asks for what is not its, too, and is told the part that is
    lines = pulled(only=[*only, f"{KONGZHUANG}:inspection:z109:"])
    assert lines[0]["scope"] == sorted(only)
    documents = [line for line in lines if "_id" in line]
    assert all(one["_id"].startswith(tuple(only)) for one in documents)
    assert mine["_id"] in [one["_id"] for one in documents]
    receipts = [one for one in documents if one.get("type") == "receipt"]
    assert any(mine["_id"] in one["ids"] for one in receipts)
    head, end = lines[0], lines[-1]
    again = check(city, NEIGHBOUR, "z109")
    assert push(city, "z109", again)[0].get("ok")
    wider = [*only, f"{NEIGHBOUR}:inspection:z109:"]
    more = pulled(epoch=head["epoch"], since=end["since"], holds=head["scope"], only=wider)
    assert {one["_id"] for one in more if "_id" in one} == {again["_id"]}
    assert [one for one in pulled(only=[]) if "_id" in one] == []


@pytest.mark.parametrize("only", [[""], ["371724"] * 1_001])
def test_a_pull_that_limits_itself_wrongly_is_refused(city: City, only: list[str]) -> None:
    answer = city.client("z109").post(f"{DB}/_pull", json={"only": only})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_only")
