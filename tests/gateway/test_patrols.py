"""A patrol from its announcement to its archive, and a lot that nobody can bend."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.catalogue import default_catalogue
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, stamp, wait_until

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
DB = f"/db/d110-{COUNTY}"


@pytest.fixture(scope="module", autouse=True)
def _accounts(city: City) -> None:
    city.add_account("g25", "county", COUNTY)
    wait_until(lambda: city.client("z109").get(f"/patrols/{TOWNSHIP}").status_code == 200)


def days(**fields: Any) -> dict[str, Any]:
    today = datetime.now(LOCAL).date()
    return {"ulid": str(ULID()), "since": str(today), "until": str(today + timedelta(days=20)), **fields}


def announce(client: httpx.Client, **fields: Any) -> httpx.Response:
    return client.post("/patrols/lots", json=days(division=COUNTY, count=3, **fields))


def word_for(announced: str, word: str = "春雨") -> dict[str, str]:
    return {"ulid": str(ULID()), "about": announced, "word": word}


def shown(client: httpx.Client, patrol: str, division: str = COUNTY) -> dict[str, Any]:
    patrols = client.get(f"/patrols/{division}").json()["patrols"]
    return next(dict(one) for one in patrols if one["id"] == patrol)


def test_a_lot_is_drawn_by_the_word_of_a_witness_and_anybody_can_check_it(city: City) -> None:
    centre, witness = city.client("g24"), city.client("g25")
    announced = announce(centre).json()["id"]
    before = shown(centre, announced)
    assert (before["secret"], before["villages"], before["may_draw"]) == (None, [], False)
    own = centre.post("/patrols/draws", json=word_for(announced))
    assert (own.status_code, own.json()["code"]) == (403, "own_lot")
    assert shown(witness, announced)["may_draw"]
    drawn = witness.post("/patrols/draws", json=word_for(announced))
    assert drawn.status_code == 201, drawn.text

    after = shown(centre, announced)
    assert hashlib.sha256(after["secret"].encode()).hexdigest() == before["commitment"]
    assert (after["word"], after["witness"]) == ("春雨", "g25")
    file = centre.get(f"/patrols/lots/{announced}/csv?language=en").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert len(rows) == after["pool"] == before["pool"]
    for row in rows:
        assert row["Ticket"] == hashlib.sha256(f"{after['secret']}:春雨:{row['Code']}".encode()).hexdigest()
    lowest = sorted(rows, key=lambda row: row["Ticket"])[:3]
    assert [row["Code"] for row in lowest] == [one["village"] for one in after["villages"]]
    assert {row["Code"] for row in rows if row["Drawn"]} == {row["Code"] for row in lowest}


def test_a_lot_is_drawn_once_whoever_asks(city: City) -> None:
    announced = announce(city.client("g24")).json()["id"]
    first = city.client("s17").post("/patrols/draws", json=word_for(announced, "一"))
    assert first.status_code == 201
    again = city.client("s17").post("/patrols/draws", json=word_for(announced, "二"))
    assert again.json() == first.json()  # the word that was said first holds
    other = city.client("g25").post("/patrols/draws", json=word_for(announced, "三"))
    assert (other.status_code, other.json()["code"]) == (409, "already_drawn")
    assert shown(city.client("g24"), announced)["word"] == "一"


@pytest.mark.parametrize("word", ["电话 13812345678", "春\x07雨"])
def test_a_word_that_the_door_refuses_binds_nobody_and_is_kept_nowhere(city: City, word: str) -> None:
    announced = announce(city.client("g24")).json()["id"]
    before = city.client("g24").get("/quarantine").json()["count"]
    refused = city.client("g25").post("/patrols/draws", json=word_for(announced, word))
    assert (refused.status_code, refused.json()["code"]) == (409, "step_refused")
    assert word not in str(city.raw(f"d110-staff/lot:{announced}"))
    assert city.client("g24").get("/quarantine").json()["count"] == before
    drawn = city.client("s17").post("/patrols/draws", json=word_for(announced, "春天"))
    assert drawn.status_code == 201, drawn.text
    assert shown(city.client("g24"), announced)["witness"] == "s17"


def test_a_word_by_which_nothing_was_drawn_does_not_stand_in_the_way_of_its_witness(city: City) -> None:
    announced = announce(city.client("g24")).json()["id"]
    # as a gateway leaves it that died between binding the word and drawing
    path = f"{city.store.url}/d110-staff/lot:{announced}"
    old = str(ULID.from_datetime(datetime.now(LOCAL) - timedelta(days=3)))
    left = httpx.get(path).json() | {"witness": "g25", "ulid": old, "word": "秋收"}
    assert httpx.put(path, json=left).status_code == 201
    assert city.client("s17").post("/patrols/draws", json=word_for(announced)).json()["code"] == "already_drawn"
    drawn = city.client("g25").post("/patrols/draws", json=word_for(announced, "冬雪"))
    assert drawn.status_code == 201, drawn.text
    assert shown(city.client("g24"), announced)["word"] == "冬雪"


def test_nobody_brings_a_seal_of_their_own(city: City) -> None:
    """Who knew the secret could try words, one by one, until the lot pleases."""
    at = stamp(datetime.now(LOCAL))
    forged = {"_id": f"{COUNTY}:patrol:g24:{ULID()}", "type": "patrol", "step": "announced", "count": 1}
    forged |= {"observed_at": at, "saved_at": at, "villages": [DIANHUTUN]}
    forged |= {name: days()[name] for name in ("since", "until")}
    own = hashlib.sha256(b"known to g24").hexdigest()
    of_another = shown(city.client("g24"), announce(city.client("g24")).json()["id"])["commitment"]
    for seal in (own, of_another):
        [row] = city.client("g24").post(f"{DB}/_bulk_docs", json=bulk(forged | {"commitment": seal})).json()
        assert "封签" in row.get("reason", ""), row


def test_a_patrol_does_not_end_before_it_begins(city: City) -> None:
    today = datetime.now(LOCAL).date()
    span = {"since": str(today + timedelta(days=30)), "until": str(today + timedelta(days=8))}
    answer = announce(city.client("g24"), **span)
    assert (answer.status_code, "开始日期" in answer.json()["detail_zh"]) == (409, True)


def test_a_made_up_lot_is_refused_at_the_door(city: City) -> None:
    announced = announce(city.client("g24")).json()["id"]
    city.client("s17").post("/patrols/draws", json=word_for(announced))
    lot = shown(city.client("g24"), announced)
    raw = city.raw(f"d110-{COUNTY}/{announced}")

    def push(**fields: Any) -> str:
        identity = f"{COUNTY}:patrol:g25:{ULID()}"
        kept = {name: raw[name] for name in ("since", "until", "count", "observed_at", "saved_at")}
        said = {"_id": identity, "type": "patrol", "step": "drawn", "about": announced, **kept, **fields}
        (row,) = city.client("g25").post(f"{DB}/_bulk_docs", json=bulk(said)).json()
        assert row["error"] == "forbidden"
        waiting = city.client("g24").get("/quarantine").json()["oldest"]
        return next(str(one["code"]) for one in waiting if one["document_id"] == identity)

    mine = sorted(raw["villages"])[:3]
    assert push(secret=lot["secret"], word="词", villages=mine) == "unfair_lot"
    codes = sorted(raw["villages"], key=lambda code: hashlib.sha256(f"{lot['secret']}:词:{code}".encode()).hexdigest())
    # it is fair by itself, but the lot of this announcement was drawn already
    assert push(secret=lot["secret"], word="词", villages=codes[:3]) == "already_drawn"


@pytest.mark.parametrize("count", [0, 10_000])
def test_more_villages_than_there_are_cannot_be_drawn(city: City, count: int) -> None:
    answer = city.client("g24").post("/patrols/lots", json=days(division=COUNTY) | {"count": count})
    assert answer.status_code == 400


def test_a_lot_is_announced_for_ones_own_division_only(city: City) -> None:
    assert city.client("g71").post("/patrols/lots", json=days(division=COUNTY, count=1)).status_code == 404
    assert city.client("z109").post("/patrols/lots", json=days(division=COUNTY, count=1)).status_code == 404
    assert city.client("a217").post("/patrols/lots", json=days(division=DIANHUTUN, count=1)).status_code == 403
    announced = announce(city.client("g24")).json()["id"]
    for alias, status in (("g71", 404), ("z109", 404), ("a217", 403), ("i0421", 403)):
        assert city.client(alias).post("/patrols/draws", json=word_for(announced)).status_code == status
        assert city.client(alias).get(f"/patrols/lots/{announced}/csv").status_code == status


def test_a_plan_is_carried_out_and_filed(city: City) -> None:
    centre = city.client("g24")
    plan = days(division=COUNTY, villages=[DIANHUTUN], text="账目问题多")
    planned = centre.post("/patrols/plans", json=plan).json()["id"]
    assert centre.post("/patrols/plans", json=plan).json()["id"] == planned
    check = {
        "ulid": str(ULID()),
        "village": DIANHUTUN,
        "patrol": planned,
        "readings": {"4.2.2": 40},
        "text": "公开栏仍未更新",
    }
    assert centre.post("/patrols/inspections", json=check).status_code == 201
    [visit] = shown(centre, planned)["villages"]
    [found] = visit["checks"]
    assert (found["author"], found["text"]) == ("g24", "公开栏仍未更新")
    assert city.raw(f"d110-{COUNTY}/{found['id']}")["is_planned"] is True
    file = centre.get(f"/patrols/{COUNTY}/csv?language=en").content.decode("utf-8-sig")
    assert [row["Text"] for row in csv.DictReader(io.StringIO(file)) if row["Patrol"] == planned[-26:]] == [
        "公开栏仍未更新"
    ]
    # the station sees neither the centre's plan nor what it drew: nobody is warned of a visit
    assert planned not in [one["id"] for one in city.client("z109").get(f"/patrols/{TOWNSHIP}").json()["patrols"]]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"villages": [KONGZHUANG]}, 409, "本单位辖区内的村"),
        ({"villages": [DIANHUTUN, DIANHUTUN]}, 409, "写了两次"),
        ({"villages": ["371724999999"]}, 409, "没有这个村"),
        ({"villages": []}, 400, ""),
        ({"text": " "}, 400, ""),
        ({"until": "2020-01-01"}, 409, "日期"),
        ({"text": "电话 13800138000"}, 409, "电话"),
    ],
)
def test_a_bad_plan_is_refused_with_its_reason(city: City, fields: dict[str, Any], status: int, said: str) -> None:
    body = days(division=COUNTY, villages=[DIANHUTUN], text="重点村") | fields
    answer = city.client("g24").post("/patrols/plans", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail_zh"] and said in answer.json()["detail_zh"]


def test_a_plan_is_for_ones_own_division_only(city: City) -> None:
    for alias, division in (("s17", TOWNSHIP), ("g24", TOWNSHIP), ("s17", COUNTY)):
        body = days(division=division, villages=[DIANHUTUN], text="重点村")
        answer = city.client(alias).post("/patrols/plans", json=body)
        assert (answer.status_code, "本单位" in answer.json()["detail_zh"]) == (409, True)


def test_an_inspection_names_a_patrol_that_is_there(city: City) -> None:
    check = {"ulid": str(ULID()), "village": DIANHUTUN, "patrol": f"{COUNTY}:patrol:g24:{ULID()}", "text": "看过"}
    answer = city.client("g24").post("/patrols/inspections", json=check)
    assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")


def archive(client: httpx.Client, division: str = COUNTY, language: str = "zh") -> list[dict[str, str]]:
    file = client.get(f"/patrols/{division}/csv?language={language}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(file)))


def test_a_check_by_itself_is_in_the_archive_with_what_was_read(city: City) -> None:
    first = {one.kind: one for one in reversed(default_catalogue().indicators)}
    number, yesno, since = (first[kind] for kind in ("number", "yesno", "start_date"))
    readings = {number.code: number.maximum or 1, yesno.code: False, since.code: None}
    check = {"ulid": str(ULID()), "village": DIANHUTUN, "readings": readings, "text": "路过时查看"}
    stored = city.client("g24").post("/patrols/inspections", json=check).json()["id"]
    page = city.client("z109").get(f"/patrols/{TOWNSHIP}").json()
    [shown] = [one for one in page["checks"] if one["id"] == stored]
    assert (shown["village"], shown["has_patrol"], shown["readings"]) == (DIANHUTUN, False, readings)
    assert page["checks_count"] >= 1
    [row] = [one for one in archive(city.client("g24")) if one["情况"] == "路过时查看"]
    assert (row["方式"], row["巡查"], row["检查人"]) == ("单独检查", "", "g24")
    assert f"{number.code} {number.name_zh}: {number.maximum or 1:g} {number.unit}" in row["读数"]
    assert f"{yesno.name_zh}: 否" in row["读数"]
    assert f"{since.name_zh}: 无" in row["读数"]


def test_a_check_of_a_village_that_is_not_on_the_list_is_refused_and_says_why(city: City) -> None:
    centre, neighbour = city.client("g24"), f"{TOWNSHIP}218"
    plan = days(division=COUNTY, villages=[DIANHUTUN], text="重点村")
    announced = announce(centre).json()["id"]
    for patrol in (centre.post("/patrols/plans", json=plan).json()["id"], announced):
        check = {"ulid": str(ULID()), "village": neighbour, "patrol": patrol, "text": "看过"}
        answer = centre.post("/patrols/inspections", json=check)
        assert (answer.status_code, "名单" in answer.json()["detail_zh"]) == (409, True)
    city.client("s17").post("/patrols/draws", json=word_for(announced))
    drawn = {one["village"] for one in shown(centre, announced)["villages"]}
    check = {"ulid": str(ULID()), "village": min(drawn), "patrol": announced, "text": "看过"}
    assert centre.post("/patrols/inspections", json=check).status_code == 201
    # the station knows of no such patrol, but of the check that its village had
    checks = city.client("z109").get(f"/patrols/{TOWNSHIP}").json()["checks"]
    assert next((one["has_patrol"], one["text"]) for one in checks if one["village"] == min(drawn)) == (True, "看过")


def test_a_check_from_before_the_patrol_is_none_of_it_and_says_why(city: City) -> None:
    centre, today = city.client("g24"), datetime.now(LOCAL).date()
    plan = days(division=COUNTY, villages=[DIANHUTUN], text="重点村")
    later = plan | {"ulid": str(ULID()), "since": str(today + timedelta(days=1))}
    announced = announce(centre).json()["id"]
    city.client("s17").post("/patrols/draws", json=word_for(announced))
    drawn = shown(centre, announced)["villages"][0]["village"]
    planned, to_come = (centre.post("/patrols/plans", json=body).json()["id"] for body in (plan, later))
    for patrol, village, observed in (
        (announced, drawn, datetime(2026, 3, 1, tzinfo=LOCAL)),
        (planned, DIANHUTUN, datetime.now(LOCAL) - timedelta(minutes=5)),
        (to_come, DIANHUTUN, datetime.now(LOCAL)),
    ):
        check = {"ulid": str(ULID()), "village": village, "patrol": patrol, "text": "看过"}
        answer = centre.post("/patrols/inspections", json=check | {"observed_at": observed.isoformat()})
        assert (answer.status_code, "单独检查" in answer.json()["detail_zh"]) == (409, True)
    alone = {"ulid": str(ULID()), "village": drawn, "text": "看过"}
    assert centre.post("/patrols/inspections", json=alone).status_code == 201


def test_a_patrol_is_not_corrected(city: City) -> None:
    announced = announce(city.client("g24")).json()["id"]
    raw = city.raw(f"d110-{COUNTY}/{announced}")
    changed = {name: value for name, value in raw.items() if name != "_rev"}
    changed |= {
        "_id": f"{COUNTY}:patrol:g24:{ULID()}",
        "amends": announced,
        "count": 1,
        "saved_at": stamp(city.clock()),
    }
    (row,) = city.client("g24").post(f"{DB}/_bulk_docs", json=bulk(changed)).json()
    assert row["error"] == "forbidden"
    assert "不能更正" in row["reason"]
