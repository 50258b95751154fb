"""Who sees which villages are watched, and who says what of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from jobs.verdicts import VerdictOutbox
from models.calendar import LOCAL
from models.documents import NoLongerWatched, Risk, Watched, WatchOutcome, WatchReason, encode
from tests.city import DIANHUTUN, PASSWORD, City, bulk, running_city, stamp

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
DB = f"/db/d110-{COUNTY}"
TODAY = datetime.now(LOCAL).date()
REASON = WatchReason(code="lit", indicator="4.2.1", zh="“某项”近 4 个月中有 3 个月末亮黄灯", en="something: yellow")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("watch")) as city:
        for alias, role, division in (
            ("i0421", "informant", DIANHUTUN),
            ("a217", "administrator", DIANHUTUN),
            ("z109", "station", TOWNSHIP),
            ("g24", "county", COUNTY),
            ("s17", "city", "3717"),
            ("fx24", "analyst", COUNTY),
        ):
            city.add_account(alias, role, division)
        document = Risk(
            id=f"{TOWNSHIP}:risk",
            policy="p",
            model="2026-11-0123abcd",
            watched=[Watched(village=DIANHUTUN, since=TODAY - timedelta(days=60), chance=45, reasons=[REASON])],
            ended=[NoLongerWatched(village=f"{TOWNSHIP}999", since=TODAY, until=TODAY, chance=10, why="better")],
            outcome=WatchOutcome(on=TODAY - timedelta(days=180), watched=4, worse=2, others=30, others_worse=3),
        )
        httpx.put(
            f"{city.store.url}/d110-{COUNTY}/{document.id}",
            content=encode(document),
            headers={"Content-Type": "application/json"},
        ).raise_for_status()
        yield city


def page(city: City, alias: str, code: str) -> dict[str, Any]:
    answer = city.client(alias).get(f"/watch/{code}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def say(city: City, alias: str, village: str = DIANHUTUN, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "village": village, "is_right": True, "text": "走访属实"} | fields
    return city.client(alias).post("/watch/verdicts", json=body)


@pytest.mark.parametrize(("alias", "code"), [("z109", TOWNSHIP), ("g24", COUNTY), ("s17", "3717"), ("fx24", COUNTY)])
def test_offices_and_analysts_see_who_is_watched_and_why(city: City, alias: str, code: str) -> None:
    found = page(city, alias, code)
    [one] = found["watched"]
    assert (one["village"], one["chance"], one["is_new"]) == (DIANHUTUN, 45, False)
    assert one["reasons"] == [{"code": "lit", "indicator": "4.2.1", "zh": REASON.zh, "en": REASON.en}]
    assert [(gone["why"], gone["why_en"]) for gone in found["dropped"]] == [("better", "its chance fell")]
    assert found["outcome"]["worse"] == 2
    assert found["is_ready"]
    assert found["may_judge"] is (alias == "fx24")


@pytest.mark.parametrize("alias", ["i0421", "a217"])
def test_nobody_in_the_village_sees_it_on_any_path(city: City, alias: str) -> None:
    assert say(city, "fx24").status_code == 201
    client = city.client(alias)
    for code in (DIANHUTUN, TOWNSHIP):
        assert client.get(f"/watch/{code}").status_code == 403
    feed = client.get(f"{DB}/_changes", params={"include_docs": "true"}).text
    assert "risk" not in feed
    assert "verdict" not in feed
    assert client.get(f"{DB}/{TOWNSHIP}:risk").status_code in (403, 404)


def test_another_offices_division_is_refused(city: City) -> None:
    assert city.client("z109").get(f"/watch/{COUNTY}").status_code == 403
    assert city.client("g24").get("/watch/371702").status_code == 403
    assert city.client("s17").get(f"/watch/{DIANHUTUN}").json()["code"] == "bad_division"
    assert city.client("s17").get("/watch/371799").status_code == 404


def test_an_analysts_verdict_is_shown_with_the_village_and_a_correction_takes_its_place(city: City) -> None:
    assert say(city, "fx24", text="走访属实").status_code == 201
    verdict = page(city, "z109", TOWNSHIP)["watched"][0]["verdict"]
    assert (verdict["author"], verdict["is_right"], verdict["text"]) == ("fx24", True, "走访属实")
    assert say(city, "fx24", is_right=False, text="再次走访，已好转").status_code == 201
    found = page(city, "g24", COUNTY)
    assert found["watched"][0]["verdict"]["is_right"] is False
    assert (found["verdicts_right"], found["verdicts_wrong"]) == (0, 1)  # the same analyst's last word on this list
    city.add_account("fx25", "analyst", COUNTY)
    assert say(city, "fx25", text="另一人走访").status_code == 201
    found = page(city, "g24", COUNTY)
    assert (found["verdicts_right"], found["verdicts_wrong"]) == (1, 1)


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": " …"}, {"is_right": None}])
def test_a_verdict_says_whether_it_is_right_and_on_which_grounds(city: City, fields: dict[str, Any]) -> None:
    assert say(city, "fx24", **fields).status_code == 400
    answer = city.client("fx24").post("/watch/verdicts", json={"ulid": str(ULID()), "village": DIANHUTUN})
    assert answer.status_code == 400


def test_a_verdict_on_a_list_that_there_was_not_is_refused(city: City) -> None:
    now = stamp(datetime.now(UTC))
    identity = f"{TOWNSHIP}:verdict:fx24:{ULID()}"
    said = {"village": DIANHUTUN, "is_right": True, "text": "走访属实", "since": "2020-01-01"}
    event = {"_id": identity, "type": "verdict", **said, "observed_at": now, "saved_at": now}
    [row] = city.client("fx24").post(f"{DB}/_bulk_docs", json=bulk(event)).json()
    assert row["error"] == "forbidden"
    assert "名单" in row["reason"]


@pytest.mark.parametrize("alias", ["i0421", "a217", "z109", "g24", "s17"])
def test_only_analysts_write_verdicts(city: City, alias: str) -> None:
    answer = say(city, alias)
    assert answer.status_code == 403
    assert answer.json()["code"] == "no_verdict"


def test_a_verdict_is_of_a_village_that_is_watched(city: City) -> None:
    village = f"{TOWNSHIP}218"
    answer = say(city, "fx24", village)
    assert answer.status_code == 409
    assert "关注" in answer.text
    assert say(city, "fx24", "371702001001").status_code == 404  # another county's


def test_a_verdict_kept_where_the_village_would_see_it_is_refused(city: City) -> None:
    now = stamp(datetime.now(UTC))
    times = {"observed_at": now, "saved_at": now}
    identity = f"{DIANHUTUN}:verdict:fx24:{ULID()}"
    event = {"_id": identity, "type": "verdict", "village": DIANHUTUN, "is_right": True, "text": "走访属实", **times}
    [row] = city.client("fx24").post(f"{DB}/_bulk_docs", json=bulk(event)).json()
    assert row["error"] == "forbidden"
    assert "乡镇" in row["reason"]


def test_personal_numbers_are_refused_in_a_verdict(city: City) -> None:
    assert say(city, "fx24", text="电话 13812345678").status_code == 409


def test_the_list_is_saved_as_a_file(city: City) -> None:
    answer = city.client("g24").get(f"/watch/{COUNTY}/csv", params={"language": "en"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:5] == ["No.", "County", "Township", "Village", "Code"]
    assert [row[8] for row in rows[1:]] == ["watched", "no longer"]
    assert city.client("g24").get(f"/watch/{COUNTY}/xlsx").content[:2] == b"PK"


def test_a_notebooks_outbox_hands_in_once_and_says_why_not(city: City, tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    outbox.add(DIANHUTUN, True, "笔记本走访")
    wrong = outbox.hand_in(city.url, "fx24", "wrong password")
    assert (wrong.sent, wrong.kept) == (0, 1)
    assert wrong.fault is not None and "401" in wrong.fault[1]
    outbox.hand_in(city.url, "g24", PASSWORD)  # no analyst
    assert "no_verdict" in outbox.waiting()[0].last[1]
    outbox.add(f"{TOWNSHIP}218", True, "走访")  # nobody watches it
    done = outbox.hand_in(city.url, "fx24", PASSWORD)
    assert (done.sent, done.kept) == (1, 1)
    assert "409" in outbox.waiting()[0].last[1] and "关注" in outbox.waiting()[0].last[0]
    assert page(city, "z109", TOWNSHIP)["watched"][0]["verdict"]["text"] == "笔记本走访"
