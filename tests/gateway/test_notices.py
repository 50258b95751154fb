"""Papers from being issued to being acknowledged: numbers without gaps, no paper without its step, nobody else's."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pdfplumber
import pytest
from docx import Document
from ulid import ULID

from models import calendar
from models.calendar import LOCAL
from sync_api.notices.desk import LEASE
from tests.city import (
    DIANHUTUN,
    KONGZHUANG,
    City,
    bulk,
    case_event,
    report,
    running_gateway,
    stamp,
    wait_until,
    wait_until_healthy,
)

DB = "/db/d110-371724"
TODAY = datetime.now(calendar.LOCAL).date()


@pytest.fixture(scope="module")
def other(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Another gateway on the store of ``city``."""
    with running_gateway(city.store.url, city.clock, tmp_path_factory.mktemp("other"), city.secret) as url:
        wait_until_healthy(url)
        city.add_account("z109b", "station", DIANHUTUN[:9])
        other = City(city.store, url, city.clock, city.secret)
        yield other
        other.close()


def open_case(city: City, indicator: str = "4.3.2", severity: str = "general", reporter: str = "i0421") -> str:
    """A report's case as it is open on the board; its ULID."""
    document = report(DIANHUTUN, reporter, indicator=indicator, severity=severity)
    [row] = city.client(reporter).post(f"{DB}/_bulk_docs", json=bulk(document)).json()
    assert row["ok"], row
    case = document["_id"].rpartition(":")[2]
    wait_for_case(city, case)
    return case


def wait_for_case(gateway: City, case: str) -> None:
    """Until a gateway's board shows it."""
    client = gateway.client("g24")
    for _ in range(2_000):
        if case in [one["case"] for one in client.get(f"/board/{DIANHUTUN}").json()["cases"]]:
            return
    raise AssertionError("the case never came to the board")


def warning(case: str, **changes: Any) -> dict[str, Any]:
    fields = {
        "ulid": str(ULID()),
        "village": DIANHUTUN,
        "case": case,
        "reported": "群众反映，校舍出售的收支没有公布。",
        "asked": ["公布校舍出售的收支。", "召开村民代表会议说明情况。"],
        "due": (TODAY + timedelta(days=7)).isoformat(),
    }
    return fields | changes


def order(case: str, **changes: Any) -> dict[str, Any]:
    return warning(case) | {"department": "民政", "norm": "收支情况应当每月公布。"} | changes


def issue(client: httpx.Client, body: dict[str, Any], kind: str = "warnings") -> dict[str, Any]:
    answer = client.post(f"/notices/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def numbers(city: City, office: str) -> list[int]:
    """The numbers of an office's papers in the store, reservations among them."""
    prefix = f"{office}:notice:{TODAY.year}-"
    rows = city.raw(f"d110-{office[:6]}/_all_docs")["rows"]
    return sorted(int(row["id"].removeprefix(prefix)) for row in rows if row["id"].startswith(prefix))


def steps_of(city: City, case: str) -> list[dict[str, Any]]:
    rows = city.raw("d110-371724/_all_docs?include_docs=true")["rows"]
    return [row["doc"] for row in rows if row["id"].startswith(f"{DIANHUTUN}:case:{case}:")]


def listed(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/notices", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["papers"])


def test_a_warning_notice_goes_from_the_station_to_the_village_and_is_acknowledged_there(city: City) -> None:
    case = open_case(city)
    station, village = city.client("z109"), city.client("a217")
    paper = issue(station, warning(case))
    assert paper["number"] == f"巨田庄动管〔{TODAY.year}〕1号"
    [step] = steps_of(city, case)
    assert (step["step"], step["notice"], step["author"]) == ("noticed", paper["id"], "z109")
    [shown] = listed(village, only="waiting")
    assert (shown["id"], shown["receivers"][0]["is_mine"]) == (paper["id"], True)
    assert village.post(f"/notices/{paper['id']}/acknowledge").status_code == 204
    assert listed(village, only="waiting") == []
    [receiver] = listed(station, only="acknowledged")[0]["receivers"]
    assert receiver["name"] == "佃户屯村动态管理点"
    assert receiver["acknowledged_at"] is not None
    assert receiver["is_mine"] is False


def test_an_order_sets_the_deadline_and_goes_to_the_department_and_the_township(city: City) -> None:
    case = open_case(city, "4.3.1", "major")
    city.add_account("minzheng", "department", DIANHUTUN[:6], department="民政")
    city.add_account("shuiwu", "department", DIANHUTUN[:6], department="水利")
    paper = issue(city.client("g24"), order(case), "orders")
    assert paper["number"] == f"巨动管〔{TODAY.year}〕1号"
    [step] = steps_of(city, case)
    assert (step["step"], step["department"], step["due"]) == ("deadline", "民政", paper["due"])
    assert [r["name"] for r in paper["receivers"]] == ["民政局", "田庄镇动态管理站"]
    path = f"/notices/{paper['id']}"
    assert city.client("shuiwu").post(f"{path}/acknowledge").status_code == 404
    assert city.client("a217").get(path).status_code == 404
    assert city.client("g24").post(f"{path}/acknowledge").status_code == 403
    assert city.client("minzheng").post(f"{path}/acknowledge").status_code == 204
    assert [r["acknowledged_at"] is None for r in city.client("g24").get(path).json()["receivers"]] == [False, True]
    assert city.client("z109").post(f"{path}/acknowledge").status_code == 204
    assert [r["acknowledged_at"] is None for r in city.client("g24").get(path).json()["receivers"]] == [False, False]


def test_of_clerks_who_issue_at_once_at_two_gateways_each_has_a_number_of_its_own_and_none_is_left_out(
    city: City, other: City
) -> None:
    case = open_case(city, "1.6.3")
    wait_for_case(other, case)
    clients = [gateway.client(alias) for gateway in (city, other) for alias in ("z109", "z109b", "s17")]
    bodies = [warning(case, again=True) for _ in range(12)]
    before = numbers(city, DIANHUTUN[:9])
    with ThreadPoolExecutor(6) as at_once:
        papers = list(at_once.map(lambda n: issue(clients[n % 6], bodies[n]), range(12)))
    assert len({paper["id"] for paper in papers}) == 12
    for office in (DIANHUTUN[:9], "3717"):
        found = numbers(city, office)
        assert found == list(range(1, len(found) + 1))
    assert len(numbers(city, DIANHUTUN[:9])) == len(before) + 8
    assert len(steps_of(city, case)) == 12


def test_the_same_request_twice_at_once_is_one_paper(city: City, other: City) -> None:
    case = open_case(city, "1.6.2")
    wait_for_case(other, case)
    body = warning(case)
    with ThreadPoolExecutor(4) as at_once:
        clients = [city.client("z109"), other.client("z109")] * 2
        papers = list(at_once.map(lambda client: issue(client, body), clients))
    assert len({paper["id"] for paper in papers}) == 1
    assert len(steps_of(city, case)) == 1
    changed = city.client("z109").post("/notices/warnings", json=body | {"asked": ["另一项要求"]})
    assert (changed.status_code, changed.json()["code"]) == (409, "other_request")


@pytest.mark.parametrize(
    "change",
    [
        {"department": "公安"},
        {"norm": "另一条规定。"},
        {"contact": "办公室"},
        {"copies": ["县纪委"]},
        {"asked": ["另一项要求"]},
    ],
)
def test_the_same_request_that_asks_for_another_order_is_told_so(city: City, change: dict[str, Any]) -> None:
    county = city.client("g24")
    body = order(open_case(city, "4.3.1", "major"))
    first = issue(county, body, "orders")
    changed = county.post("/notices/orders", json=body | change)
    assert (changed.status_code, changed.json()["code"]) == (409, "other_request")
    assert issue(county, body | {"again": True}, "orders")["id"] == first["id"]


def test_the_same_request_that_asks_for_another_circular_is_told_so(city: City) -> None:
    county = city.client("g24")
    body = {
        "ulid": str(ULID()),
        "month": f"{TODAY:%Y-%m}",
        "asked": ["抓紧办结。"],
        "remarks": ["报送及时。"],
        "again": True,
    }
    first = issue(county, body, "circulars")
    for change in ({"asked": ["抓紧核查。"]}, {"remarks": []}):
        changed = county.post("/notices/circulars", json=body | change)
        assert (changed.status_code, changed.json()["code"]) == (409, "other_request")
    assert issue(county, body, "circulars")["id"] == first["id"]


def test_a_step_that_is_refused_issues_nothing_and_leaves_no_gap(city: City) -> None:
    case = open_case(city, "1.6.1", "major")
    county = city.client("g24")
    before = numbers(city, "371724")
    refused = county.post("/notices/orders", json=order(case, department="没有的部门"))
    assert refused.status_code == 409, refused.text
    assert (refused.json()["code"], refused.json()["detail"]) == ("step_refused", "There is no such department.")
    assert numbers(city, "371724") == before
    assert steps_of(city, case) == []
    assert county.get("/quarantine").json()["count"] == 0  # the form still holds it
    issue(county, order(case), "orders")
    found = numbers(city, "371724")
    assert found == list(range(1, len(before) + 2))


def die_after_the_step(city: City, body: dict[str, Any]) -> str:
    """What a gateway leaves that died before the reservation became the paper; its id."""
    identity = str(issue(city.client("z109"), body)["id"])
    path = f"{city.store.url}/d110-371724/{identity}"
    assert httpx.put(path, json=httpx.get(path).json() | {"is_reserved": True}).status_code == 201
    return identity


def die_before_the_step(city: City, body: dict[str, Any]) -> str:
    """What a gateway leaves that died as soon as it had the number; the paper's id."""
    before = issue(city.client("z109"), warning(body["case"], again=True))["id"]
    document = city.raw(f"d110-371724/{before}")
    del document["_rev"]
    document |= {"_id": f"{before[:-4]}{int(before[-4:]) + 1:04d}", "request": body["ulid"], "is_reserved": True}
    path = f"{city.store.url}/d110-371724/{document['_id']}"
    assert httpx.put(path, json=document).status_code == 201
    return str(document["_id"])


@pytest.mark.parametrize("die", [die_before_the_step, die_after_the_step])
def test_a_request_whose_gateway_died_is_completed_by_its_repetition(
    city: City, die: Callable[[City, dict[str, Any]], str]
) -> None:
    case = open_case(city, "2.4.3")
    body, station = warning(case, again=True), city.client("z109")
    identity = die(city, body)
    assert station.get(f"/notices/{identity}").status_code == 404  # a reservation is no paper
    assert city.client("a217").post(f"/notices/{identity}/acknowledge").status_code == 404
    assert issue(station, body)["id"] == identity
    assert [step["notice"] for step in steps_of(city, case)].count(identity) == 1
    assert station.get(f"/notices/{identity}").status_code == 200


def test_what_was_given_up_is_settled_by_the_offices_next_request(city: City) -> None:
    case = open_case(city, "2.4.2")
    station = city.client("z109")
    taken, lost = (die(city, warning(case, again=True)) for die in (die_after_the_step, die_before_the_step))
    city.clock.ahead = LEASE + timedelta(minutes=1)
    try:
        headers = {"Authorization": f"Bearer {city.login('z109')['access_token']}"}
        answer = httpx.post(f"{city.url}/notices/warnings", json=warning(case, again=True), headers=headers)
    finally:
        city.clock.ahead = timedelta()
    assert answer.json()["id"] == lost  # nobody else has its number
    assert station.get(f"/notices/{taken}").status_code == 200  # its step had been taken
    found = numbers(city, DIANHUTUN[:9])
    assert found == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"reported": "联系电话 13812345678"}, 400, "personal_number"),
        ({"asked": ["控制\u0007字符"]}, 400, "bad_character"),
        ({"reported": "据 i0421 反映"}, 400, "names_reporter"),
        ({"due": (TODAY - timedelta(days=2)).isoformat()}, 400, "bad_term"),
        ({"case": str(ULID())}, 409, "no_open_case"),
        ({"asked": []}, 400, "bad_request"),
        ({"village": KONGZHUANG}, 404, "not_found"),
        ({"village": "371724109999"}, 404, "not_found"),
        ({"ulid": str(ULID.from_datetime(datetime.now(UTC) - timedelta(days=3)))}, 409, "step_refused"),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_and_says_why(
    city: City, changes: dict[str, Any], status: int, code: str
) -> None:
    case = open_case(city, "3.1.1")
    before = numbers(city, DIANHUTUN[:9])
    answer = city.client("z109").post("/notices/warnings", json=warning(case) | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert numbers(city, DIANHUTUN[:9]) == before


@pytest.mark.parametrize(
    ("alias", "kind"),
    [("i0421", "warnings"), ("a217", "warnings"), ("g24", "warnings"), ("z109", "orders"), ("a217", "orders")],
)
def test_only_the_office_whose_it_is_issues_a_paper(city: City, alias: str, kind: str) -> None:
    body = order(str(ULID())) if kind == "orders" else warning(str(ULID()))
    answer = city.client(alias).post(f"/notices/{kind}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_may_not_issue")


def test_papers_are_seen_by_their_office_those_above_and_those_addressed_alone(city: City) -> None:
    case = open_case(city, "3.1.2")
    paper = issue(city.client("z109"), warning(case))
    ghost = paper["id"][:-4] + "9999"
    city.add_account("z001", "station", KONGZHUANG[:9])
    city.add_account("a218", "administrator", "371724109218")
    for alias, sees in (("z109", 1), ("g24", 1), ("s17", 1), ("a217", 1), ("g71", 0), ("z001", 0), ("a218", 0)):
        client = city.client(alias)
        assert (paper["id"] in [one["id"] for one in listed(client)]) == sees, alias
        for path in ("", "/paper.pdf", "/paper.docx"):
            answers = [client.get(f"/notices/{identity}{path}") for identity in (paper["id"], ghost)]
            assert [a.status_code for a in answers] == ([200, 404] if sees else [404, 404])
            assert sees or answers[0].text == answers[1].text
    assert city.client("i0421").get("/notices").status_code == 403
    assert city.client("i0421").get(f"/notices/{paper['id']}").status_code == 404


def test_a_paper_says_in_both_forms_what_its_document_says(city: City) -> None:
    case = open_case(city, "3.1.3")
    station = city.client("z109")
    paper = issue(station, warning(case))
    pdf = station.get(f"/notices/{paper['id']}/paper.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(pdf.content)) as opened:
        text = "".join(page.extract_text() for page in opened.pages).replace("\n", "")
    assert paper["number"] in text
    assert "公布校舍出售的收支。" in text
    assert "i0421" not in text
    docx = station.get(f"/notices/{paper['id']}/paper.docx")
    assert docx.content[:2] == b"PK"
    assert docx.content == station.get(f"/notices/{paper['id']}/paper.docx").content


def test_a_word_written_offline_counts_from_when_it_was_said(city: City) -> None:
    case = open_case(city, "3.1.1")
    paper = issue(city.client("z109"), warning(case))
    at = datetime.now(UTC) - timedelta(minutes=3)
    word = {
        "_id": f"{DIANHUTUN}:acknowledgement:a217:{ULID.from_datetime(at)}",
        "type": "acknowledgement",
        "observed_at": stamp(at),
        "saved_at": stamp(at),
        "notice": paper["id"],
    }
    [row] = city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(word)).json()
    assert row["ok"], row
    station = city.client("z109")
    for _ in range(500):
        [receiver] = station.get(f"/notices/{paper['id']}").json()["receivers"]
        if receiver["acknowledged_at"] is not None:
            break
    assert datetime.fromisoformat(receiver["acknowledged_at"]) == datetime.fromisoformat(stamp(at))


def test_a_word_on_a_paper_that_is_anothers_or_not_there_is_refused_alike(city: City) -> None:
    case = open_case(city, "3.1.2")
    paper = issue(city.client("z109"), warning(case))
    for alias, division, notice in (
        ("z109", DIANHUTUN, paper["id"]),  # on the village's behalf
        ("z109", DIANHUTUN[:9], paper["id"]),
        ("a217", DIANHUTUN, paper["id"][:-4] + "9999"),
    ):
        now = datetime.now(UTC)
        word = {
            "_id": f"{division}:acknowledgement:{alias}:{ULID.from_datetime(now)}",
            "type": "acknowledgement",
            "observed_at": stamp(now),
            "saved_at": stamp(now),
            "notice": notice,
        }
        [row] = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(word)).json()
        assert row["error"] == "forbidden"
        assert "没有发给本单位的这一文件" in row["reason"]


def test_a_step_names_no_paper_but_its_own(city: City) -> None:
    case = open_case(city, "3.1.3")
    paper = issue(city.client("z109"), warning(case))
    forged = case_event(DIANHUTUN, case, "z109", "noticed", notice=paper["id"])
    [row] = city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(forged)).json()
    assert row["error"] == "forbidden"
    odd = case_event(DIANHUTUN, case, "z109", "progress", text="在办", notice=paper["id"])
    [row] = city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(odd)).json()
    assert "这一步没有文号" in row["reason"]


def test_a_gateway_that_starts_later_lists_what_there_is(city: City, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_gateway(city.store.url, city.clock, tmp_path_factory.mktemp("late"), city.secret) as url:
        wait_until_healthy(url)
        late = City(city.store, url, city.clock, city.secret)
        for _ in range(500):
            answer = late.client("s17").get("/notices")
            if answer.status_code == 200:
                break
        late.close()
    assert answer.json()["papers"] == city.client("s17").get("/notices").json()["papers"]


def test_a_circular_gives_each_unit_its_figures_and_goes_to_all_of_them(city: City) -> None:
    today = datetime.now(LOCAL).date()
    open_case(city, "3.2.1", "major")
    county = city.client("g24")
    words = {"asked": ["逾期事项月底前办结。"], "remarks": ["个别站反映迟缓。"]}
    body = {"ulid": str(ULID()), "month": f"{today:%Y-%m}", "again": True} | words
    month = {"since": f"{today.replace(day=1)}", "until": f"{today}"}
    for _ in range(500):  # the book hears of the report by the feed
        figures = county.get("/casework/statistics/371724", params=month).json()["figures"]
        reds = {one["name"]: one["number"] for one in figures}["warnings.red"]
        if reds:
            break
    paper = issue(county, body, "circulars")
    assert paper["title"] == f"巨野县动态管理中心关于{today.year}年{today.month}月份巡查和动态管理情况的通报"
    assert [r["division"] for r in paper["receivers"]] == [DIANHUTUN[:9]]
    text = "\n".join(part["text"] for part in paper["body"])
    assert "个别站反映迟缓。" in text
    assert "1.逾期事项月底前办结。" in text
    annex = city.raw(f"d110-371724/{paper['id']}")["annex"]
    [township, whole] = annex["rows"]
    assert (township[0], whole[0]) == ("田庄镇", "合计")
    assert int(township[2]) == reds
    assert [*township[1:9], *township[10:]] == [*whole[1:9], *whole[10:]]
    assert (township[9], whole[9]) == ("—", "—")  # no place among units: there is one
    assert "不排名次" in annex["note"]
    assert county.get(f"/notices/{paper['id']}/paper.pdf").status_code == 200
    assert county.get(f"/notices/{paper['id']}/paper.docx").status_code == 200
    assert issue(county, body, "circulars")["id"] == paper["id"]
    assert city.client("z109").post(f"/notices/{paper['id']}/acknowledge").status_code == 204
    assert city.client("z109").post("/notices/circulars", json=body).status_code == 403
    ahead = county.post("/notices/circulars", json=body | {"ulid": str(ULID()), "month": "2099-01"})
    assert (ahead.status_code, ahead.json()["code"]) == (400, "bad_month")
    unwatched = county.post("/notices/circulars", json=body | {"ulid": str(ULID()), "month": "2020-01"})
    assert (unwatched.status_code, unwatched.json()["code"]) == (400, "bad_month")


def tasks_of(client: httpx.Client) -> dict[str, str]:
    """Which papers wait for the account, and for what."""
    return {one["paper"]["id"]: one["task"] for one in client.get("/casework/tasks").json()["papers"]}


def test_a_paper_waits_in_its_receivers_tasks_until_it_is_acknowledged_and_answered(city: City) -> None:
    case = open_case(city, "2.1.1")
    station, village = city.client("z109"), city.client("a217")
    issued = issue(station, warning(case, due=TODAY.isoformat()))
    paper = issued["id"]
    assert tasks_of(village)[paper] == "acknowledge"
    waits = village.get("/casework/tasks").json()["papers"]
    saved = village.get("/casework/tasks/csv").text.splitlines()
    waiting = [line for line in saved if line.startswith("待签收文件,")]
    assert len(waiting) == sum(one["task"] == "acknowledge" for one in waits)
    assert any(issued["title"] in line for line in waiting)
    assert paper not in tasks_of(station)
    assert village.post(f"/notices/{paper}/acknowledge").status_code == 204
    assert tasks_of(village)[paper] == "answer"
    city.clock.ahead = timedelta(days=1)
    try:
        headers = {"Authorization": f"Bearer {city.login('z109')['access_token']}"}
        late = httpx.get(f"{city.url}/notices?only=overdue", headers=headers).json()
    finally:
        city.clock.ahead = timedelta()
    assert paper in [one["id"] for one in late["papers"]] and late["overdue"] >= 1
    assert paper not in [one["id"] for one in listed(station, only="overdue")]  # its own day is in time
    done = {"ulid": str(ULID()), "step": "submitted", "done": "已说明情况"}
    assert village.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=done).status_code == 201
    assert paper not in tasks_of(village)
    assert station.get(f"/notices/{paper}").json()["answered_at"] is not None


def test_a_case_shows_the_papers_issued_for_it_to_whom_may_read_them(city: City) -> None:
    case = open_case(city, "2.1.2")
    wait_until(lambda: case in [r["case"] for r in city.client("g24").get("/casework/ledger").json()["rows"]])
    notice, ordered = issue(city.client("z109"), warning(case)), issue(city.client("g24"), order(case), "orders")
    shown = city.client("z109").get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert [one["number"] for one in shown["papers"]] == [ordered["number"], notice["number"]]
    assert shown["papers"][1]["asked"] == ["公布校舍出售的收支。", "召开村民代表会议说明情况。"]
    assert [entry["notice"] for entry in shown["history"]] == [None, notice["id"], ordered["id"]]
    assert (shown["issues"], "noticed" in shown["steps"], "deadline" in shown["steps"]) == (["warning"], False, False)
    village = city.client("a217").get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert [one["number"] for one in village["papers"]] == [notice["number"]]  # the order is not addressed to it
    assert village["issues"] == []


def test_a_paper_is_read_before_it_is_issued_and_a_second_one_on_the_same_wants_a_word(city: City) -> None:
    case, station = open_case(city, "2.1.3"), city.client("z109")
    body, before = warning(case), numbers(city, DIANHUTUN[:9])
    seen = station.post("/notices/warnings/preview", json=body).json()
    assert (seen["paper"]["number"], seen["earlier"]) == (f"巨田庄动管〔{TODAY.year}〕　号", [])
    assert numbers(city, DIANHUTUN[:9]) == before and steps_of(city, case) == []
    paper = issue(station, body)
    for shown in ("title", "body", "receivers", "copies"):
        assert paper[shown] == seen["paper"][shown]
    second = body | {"ulid": str(ULID())}
    again = station.post("/notices/warnings/preview", json=second).json()
    assert [one["number"] for one in again["earlier"]] == [paper["number"]]
    refused = station.post("/notices/warnings", json=second)
    assert (refused.status_code, refused.json()["code"]) == (409, "issued_already")
    assert paper["number"] in refused.json()["detail_zh"]
    assert issue(station, second | {"again": True})["id"] != paper["id"]
    bad = station.post("/notices/warnings/preview", json=warning(case, reported="电话 13812345678"))
    assert (bad.status_code, bad.json()["code"]) == (400, "personal_number")


def test_a_month_is_circulated_twice_on_purpose_only(city: City) -> None:
    county = city.client("g24")
    body = {"ulid": str(ULID()), "month": f"{TODAY:%Y-%m}", "asked": ["抓紧办结。"]}
    title = county.post("/notices/circulars/preview", json=body).json()["paper"]["title"]
    assert title.endswith(f"{TODAY.month}月份巡查和动态管理情况的通报")
    issue(county, body | {"again": True}, "circulars")
    second = county.post("/notices/circulars", json=body | {"ulid": str(ULID())})
    assert (second.status_code, second.json()["code"]) == (409, "issued_already")
    issue(county, body | {"ulid": str(ULID()), "again": True}, "circulars")


def test_the_register_of_papers_is_saved_as_a_file(city: City) -> None:
    case, station = open_case(city, "2.2.1"), city.client("z109")
    paper = issue(station, warning(case))
    answer = station.get("/notices/register/csv", params={"only": "waiting", "year": TODAY.year})
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    [line] = [line for line in lines if line[head.index("文号")] == paper["number"]]
    assert line[head.index("受文单位及签收时间")] == "佃户屯村动态管理点 未签收"
    assert line[head.index("答复期限")] == paper["due"]
    assert station.get("/notices/register/xlsx").content[:2] == b"PK"
    assert station.get("/notices/register/csv", params={"year": "2001"}).content.count(b"\n") == 1


def withdraw(client: httpx.Client, paper: str, **fields: Any) -> httpx.Response:
    return client.post(f"/notices/{paper}/withdraw", json={"ulid": str(ULID()), "text": "发错了村"} | fields)


def test_a_paper_is_withdrawn_by_its_office_stays_readable_and_nothing_of_it_waits_any_more(city: City) -> None:
    case = open_case(city, "2.2.2")
    station, village = city.client("z109"), city.client("a217")
    issued = issue(station, warning(case, due=TODAY.isoformat()))
    paper, number = issued["id"], issued["number"]
    assert issued["may_withdraw"]
    assert village.post(f"/notices/{paper}/acknowledge").status_code == 204
    for other in ("a217", "g24"):  # the receiver, and the office above
        assert withdraw(city.client(other), paper).json()["code"] == "not_issuer"
    assert withdraw(station, paper, text="。").status_code == 400
    assert withdraw(station, paper, text="请打13812345678").json()["code"] == "personal_number"
    assert withdraw(station, paper, text="i0421 说错了").json()["code"] == "names_reporter"
    request = {"ulid": str(ULID())}
    for _ in range(2):  # its answer was lost
        assert withdraw(station, paper, **request).status_code == 204
    assert withdraw(station, paper).json()["code"] == "withdrawn_already"
    assert withdraw(station, paper, **request | {"text": "另一个原因"}).json()["code"] == "withdrawn_already"

    city.clock.ahead = timedelta(days=1)
    try:
        headers = {"Authorization": f"Bearer {city.login('z109')['access_token']}"}
        late = httpx.get(f"{city.url}/notices?only=overdue", headers=headers).json()["papers"]
    finally:
        city.clock.ahead = timedelta()
    assert paper not in [one["id"] for one in late]
    [shown] = [one for one in listed(village, only="withdrawn") if one["id"] == paper]
    assert (shown["number"], shown["withdrawn_because"], shown["may_withdraw"]) == (number, "发错了村", False)
    whole = village.get(f"/notices/{paper}").json()
    assert whole["body"] == issued["body"] and whole["withdrawn_at"] is not None
    for only in ("waiting", "acknowledged"):
        assert paper not in [one["id"] for one in listed(station, only=only)]
    text = station.get("/notices/register/csv?only=withdrawn").content.decode("utf-8-sig")
    [line] = [row for row in csv.DictReader(io.StringIO(text)) if row["文号"] == number]
    assert line["撤回原因"] == "发错了村" and line["撤回时间"] and not line["逾期"]

    assert tasks_of(village)[paper] == "withdrawn"  # who acknowledged it is told
    assert village.post(f"/notices/{paper}/acknowledge").status_code == 204
    assert paper not in tasks_of(village)
    assert issue(station, warning(case))["number"] != number  # a right one needs no "again"; the number is gone


def test_a_withdrawal_comes_through_the_door_as_the_offices_own_only(city: City) -> None:
    paper = issue(city.client("z109"), warning(open_case(city, "2.4.1")))["id"]
    at = datetime.now(UTC)

    def push(by: str, division: str, when: datetime = at) -> dict[str, Any]:
        word = {"_id": f"{division}:withdrawal:{by}:{ULID.from_datetime(when)}", "type": "withdrawal", "notice": paper}
        word |= {"observed_at": stamp(when), "saved_at": stamp(when), "text": "发错了村"}
        [row] = city.client(by).post(f"{DB}/_bulk_docs", json=bulk(word)).json()
        return dict(row)

    assert push("a217", DIANHUTUN).get("error") == "forbidden"
    assert "没有由本单位签发" in push("g24", DIANHUTUN[:6])["reason"]
    assert "必须是现在" in push("z109", DIANHUTUN[:9], at - timedelta(days=3))["reason"]
    assert push("z109", DIANHUTUN[:9]).get("ok")
    wait_until(lambda: paper in [one["id"] for one in listed(city.client("z109"), only="withdrawn")])


def test_a_withdrawn_paper_is_known_to_a_gateway_that_starts_afterwards(city: City, tmp_path: Path) -> None:
    paper = issue(city.client("z109"), warning(open_case(city, "2.3.1")))["id"]
    assert withdraw(city.client("z109"), paper).status_code == 204
    with running_gateway(city.store.url, city.clock, tmp_path, city.secret) as url:
        wait_until_healthy(url)
        later = City(city.store, url, city.clock, city.secret)
        wait_until(lambda: later.client("z109").get("/notices").status_code == 200)
        assert paper in [one["id"] for one in listed(later.client("z109"), only="withdrawn")]
        later.close()


def test_a_draft_is_printed_with_a_word_on_each_page_that_it_is_one_and_takes_no_number(city: City) -> None:
    station, body = city.client("z109"), warning(open_case(city, "2.4.2"))
    before = numbers(city, DIANHUTUN[:9])
    answer = station.post("/notices/warnings/preview/paper.pdf", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        large = [[char["text"] for char in page.chars if char["size"] > 100] for page in pdf.pages]
    assert large and all(sorted(signs) == ["稿", "草"] for signs in large)
    assert numbers(city, DIANHUTUN[:9]) == before
    issued = station.get(f"/notices/{issue(station, body)['id']}/paper.pdf")
    with pdfplumber.open(io.BytesIO(issued.content)) as pdf:
        assert not any(char["size"] > 100 for page in pdf.pages for char in page.chars)
    refused = city.client("a217").post("/notices/warnings/preview/paper.pdf", json=body)
    assert refused.json()["code"] == "role_may_not_issue"


def test_a_withdrawn_paper_says_so_on_each_page_whatever_it_is_printed_as(city: City) -> None:
    station = city.client("z109")
    paper = issue(station, warning(open_case(city, "2.5.1")))["id"]
    assert withdraw(station, paper).status_code == 204
    with pdfplumber.open(io.BytesIO(station.get(f"/notices/{paper}/paper.pdf").content)) as pdf:
        large = [[char["text"] for char in page.chars if char["size"] > 100] for page in pdf.pages]
    assert large
    assert all(sorted(signs) == sorted("已撤回") for signs in large)
    document = Document(io.BytesIO(station.get(f"/notices/{paper}/paper.docx").content))
    assert "已撤回" in document.sections[0].header.paragraphs[0].text


def test_an_order_that_was_withdrawn_leaves_the_case_as_it_was_and_only_who_gave_one_puts_its_day_off(
    city: City,
) -> None:
    case = open_case(city, "4.3.1", "major")
    county, station = city.client("g24"), city.client("z109")
    path = f"/casework/cases/{DIANHUTUN}/{case}"
    city.add_account("minzheng2", "department", DIANHUTUN[:6], department="民政")

    def shown() -> tuple[str, list[str], str]:
        found = county.get(path).json()["case"]
        return found["due"], found["departments"], found["stage"]

    before = shown()
    due = (TODAY + timedelta(days=2)).isoformat()
    paper = issue(county, order(case, due=due), "orders")["id"]
    wait_until(lambda: shown() == (due, ["民政"], "handling"))
    later = {"step": "assigned", "department": "民政", "due": (TODAY + timedelta(days=90)).isoformat()}
    refused = station.post(f"{path}/steps", json=later | {"ulid": str(ULID())})
    assert refused.json()["code"] == "step_refused" and "整改通知书" in refused.json()["detail_zh"]
    request = {"ulid": str(ULID())}
    for _ in range(2):
        assert withdraw(county, paper, **request).status_code == 204
    wait_until(lambda: shown() == before)
    *_, recalled = county.get(path).json()["history"]
    assert (recalled["step"], recalled["text"], recalled["notice"]) == ("recalled", "发错了村", paper)
    [set_aside] = [entry for entry in county.get(path).json()["history"] if entry["set_aside"]]
    assert set_aside["step"] == "deadline" and "撤回" in set_aside["set_aside"][0]
    above = city.client("s17").post(f"{path}/steps", json=later | {"ulid": str(ULID()), "text": "汛期无法施工"})
    assert above.status_code == 201


def test_a_withdrawal_of_which_the_case_has_not_heard_is_finished_by_whoever_asks_again(city: City) -> None:
    case = open_case(city, "4.3.1", "major")
    county = city.client("g24")
    city.add_account("g24b", "county", DIANHUTUN[:6])
    paper = issue(county, order(case), "orders")["id"]
    at = datetime.now(UTC)
    word = {"_id": f"371724:withdrawal:g24:{ULID.from_datetime(at)}", "type": "withdrawal", "notice": paper}
    word |= {"text": "发错了", "observed_at": stamp(at), "saved_at": stamp(at)}
    [row] = county.post("/db/d110-371724/_bulk_docs", json=bulk(word)).json()
    assert row["ok"]
    wait_until(lambda: paper in [one["id"] for one in listed(county, only="withdrawn")])
    shown = county.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]
    assert shown["departments"] == ["民政"]
    assert withdraw(city.client("g24b"), paper).status_code == 204
    assert county.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["departments"] == []
    assert withdraw(city.client("g24b"), paper).json()["code"] == "withdrawn_already"


def test_a_withdrawal_that_two_finish_at_once_or_its_author_days_later_is_told_once(city: City) -> None:
    county = city.client("g24")
    city.add_account("g24c", "county", DIANHUTUN[:6])
    for days, askers in ((0, [county, city.client("g24c")]), (2, [county, county])):
        case = open_case(city, "4.3.1", "major")
        paper = issue(county, order(case), "orders")["id"]
        at = datetime.now(UTC) - timedelta(days=days)
        ulid = str(ULID.from_datetime(at))
        word = {"_id": f"371724:withdrawal:g24:{ulid}", "type": "withdrawal", "notice": paper, "text": "发错了"}
        word |= dict.fromkeys(("observed_at", "saved_at"), stamp(at))
        assert httpx.put(f"{city.store.url}/d110-371724/{word['_id']}", json=word).status_code == 201
        wait_until(lambda paper=paper: paper in [one["id"] for one in listed(county, only="withdrawn")])
        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(withdraw, client, paper, ulid=ulid, text="发错了") for client in askers]
        assert {one.result().status_code for one in asking} <= {204, 409}
        assert 204 in {one.result().status_code for one in asking}
        history = county.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["history"]
        assert [one["text"] for one in history if one["step"] == "recalled"] == ["发错了"]


def test_a_case_is_not_told_that_a_paper_was_withdrawn_which_was_not(city: City) -> None:
    case = open_case(city, "4.3.1", "major")
    county = city.client("g24")
    paper = issue(county, order(case), "orders")["id"]
    word = case_event(DIANHUTUN, case, "g24", "recalled", notice=paper)
    [row] = county.post("/db/d110-371724/_bulk_docs", json=bulk(word)).json()
    assert row["error"] == "forbidden" and "文件" in row["reason"]
    step = {"ulid": str(ULID()), "step": "recalled"}
    answer = county.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=step)
    assert answer.json()["code"] == "step_refused"


def test_a_department_whose_order_was_withdrawn_has_the_case_no_longer(city: City) -> None:
    case = open_case(city, "2.6.1")
    county = city.client("g24")
    city.add_account("weijian", "department", DIANHUTUN[:6], department="卫健")
    paper = issue(county, order(case, department="卫健"), "orders")["id"]
    department = city.client("weijian")
    wait_until(lambda: department.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    assert withdraw(county, paper).status_code == 204
    wait_until(lambda: department.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 404)
    step = {"ulid": str(ULID()), "step": "taken", "office": "卫健"}
    assert department.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=step).status_code == 404


def test_a_paper_is_issued_at_once_before_the_board_shows_the_case(city: City) -> None:
    for severity, light in (("general", "y"), ("major", "r")):
        document = report(DIANHUTUN, "i0421", indicator="5.2.2", severity=severity)
        [row] = city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document)).json()
        paper = issue(city.client("g24"), order(document["_id"].rpartition(":")[2]), "orders")
        assert row["ok"]
        assert city.raw(f"d110-371724/{paper['id']}")["about"]["light"] == light


def test_an_order_of_who_has_the_matter_itself_puts_nothing_off_beyond_the_longest_term(city: City) -> None:
    county, case = city.client("g24"), open_case(city, "5.2.3", "major")
    said = {"ulid": str(ULID()), "step": "taken", "office": DIANHUTUN[:6]}
    assert county.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=said).status_code == 201
    far = county.post("/notices/orders", json=order(case, due=(TODAY + timedelta(days=90)).isoformat()))
    assert (far.status_code, far.json()["code"]) == (409, "step_refused")
    assert issue(county, order(case, due=(TODAY + timedelta(days=20)).isoformat()), "orders")


def test_an_orders_day_stands_when_the_matter_is_handed_up(city: City) -> None:
    county, station = city.client("g24"), city.client("z109")
    case, due = open_case(city, "5.2.1", "general"), (TODAY + timedelta(days=3)).isoformat()
    issue(county, order(case, due=due), "orders")
    steps, up = f"/casework/cases/{DIANHUTUN}/{case}/steps", {"step": "escalated", "severity": "major", "text": "难办"}
    later = {"ulid": str(ULID()), "due": (TODAY + timedelta(days=6)).isoformat()}
    refused = station.post(steps, json=up | later)
    assert refused.json()["code"] == "step_refused" and "整改通知书" in refused.json()["detail_zh"]
    assert station.post(steps, json=up | {"ulid": str(ULID())}).status_code == 201
    assert county.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["due"] == due
