"""Steps of cases at the door: what is legal, in whose name, and who sees a case from then on."""

from __future__ import annotations

import csv
import io
import zipfile
from calendar import monthrange
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from sync_api.access.accounts import AssignedCase
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event, report, settle, stamp, wait_until

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
    assert "还没有人办理" in row["reason"] and "Nobody has acted" in row["reason"]
    waiting = client.get("/quarantine").json()["oldest"]
    assert [q["code"] for q in waiting if q["document_id"] == early["_id"]] == ["not_acted"]


def test_who_acted_verifies_nothing(city: City, case: str) -> None:
    assert push(city.client("z109"), step(case, "z109", "progress", text="镇里调处")) == [True]
    reviewed = {"text": "已好转", "is_better": True}
    assert push(city.client("z109"), step(case, "z109", "reviewed", **reviewed)) == [False]
    by_centre = CLEARED | {"verified_by": "g24"}
    assert push(city.client("g24"), step(case, "g24", "reviewed", **reviewed)) == [True]
    assert push(city.client("g24"), step(case, "g24", "cleared", **CLEARED)) == [False]
    assert push(city.client("g24"), step(case, "g24", "cleared", **by_centre)) == [True]


def test_steps_of_one_push_are_judged_in_the_order_in_which_they_happened(city: City, case: str) -> None:
    assert push(city.client("a217"), step(case, "a217", "progress", text="已更新")) == [True]
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
        ("a217", "taken", {"office": DIANHUTUN}, False),  # nobody asked the village
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


@pytest.fixture
def desk(city: City, case: str) -> httpx.Client:
    """The station's pages, once the case is in its ledger."""
    client = city.client("z109")
    wait_until(lambda: client.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    return client


def record(client: httpx.Client, case: str, name: str, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "step": name} | fields
    return client.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=body)


def shown(client: httpx.Client, case: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    return found


def rows(client: httpx.Client, path: str) -> list[list[str]]:
    """A list as its .csv file has it."""
    answer = client.get(path)
    assert answer.content.startswith(b"\xef\xbb\xbf")  # a spreadsheet takes it for UTF-8
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_case_runs_from_its_report_to_the_all_clear_on_the_offices_pages(
    city: City, case: str, desk: httpx.Client
) -> None:
    assert record(desk, case, "taken", office=DIANHUTUN[:9]).status_code == 201
    assert record(city.client("a217"), case, "submitted", done="公开栏已更新").status_code == 201
    assert record(desk, case, "reviewed", text="群众满意", is_better=True).status_code == 201
    assert record(desk, case, "cleared", **CLEARED).status_code == 201
    wait_until(lambda: shown(desk, case)["case"]["stage"] == "cleared")
    found = shown(desk, case)
    steps = [entry["step"] for entry in found["history"]]
    assert steps == ["opened", "taken", "submitted", "reviewed", "cleared"]
    assert (found["case"]["found"], found["case"]["verified_by"]) == ("已查明", "z109")


def test_a_step_that_was_sent_twice_is_stored_once(case: str, desk: httpx.Client) -> None:
    body = {"ulid": str(ULID()), "step": "progress", "text": "已约谈双方"}
    answers = [desk.post(f"/casework/cases/{DIANHUTUN}/{case}/steps", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    wait_until(lambda: [e["step"] for e in shown(desk, case)["history"]] == ["opened", "progress"])


def test_what_was_written_anew_after_a_cut_is_not_taken_for_the_same(case: str, desk: httpx.Client) -> None:
    """The answer was lost, the text written further and sent again: nobody loses a word and hears that it is stored."""
    body, address = (
        {"ulid": str(ULID()), "step": "progress", "text": "已约谈双方"},
        f"/casework/cases/{DIANHUTUN}/{case}/steps",
    )
    assert desk.post(address, json=body).status_code == 201
    answer = desk.post(address, json=body | {"text": "已约谈双方，周三查账"})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_content")
    assert desk.post(address, json=body).status_code == 201


def test_a_refused_form_says_why_and_is_not_sent_back_to_who_still_has_it(case: str, desk: httpx.Client) -> None:
    before = desk.get("/quarantine").json()["count"]
    answer = record(desk, case, "reopened", text="又来了")
    assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")
    assert "was open" in answer.json()["detail"] and "没有撤销" in answer.json()["detail_zh"]
    assert desk.get("/quarantine").json()["count"] == before


def test_tasks_stand_with_the_office_that_must_act_by_due_day(city: City, case: str, desk: httpx.Client) -> None:
    def tasks(alias: str) -> dict[str, str]:
        answer = city.client(alias).get("/casework/tasks").json()
        days = [one["case"]["due"] for one in answer["tasks"]]
        assert days == sorted(days)
        return {one["case"]["case"]: one["task"] for one in answer["tasks"]}

    assert tasks("z109")[case] == "own"  # a general matter is the township's
    assert case not in tasks("a217") | tasks("g24")  # who reported it needs not be told
    assert record(desk, case, "escalated", severity="major").status_code == 201
    wait_until(lambda: tasks("g24").get(case) == "asked")
    assert tasks("z109")[case] == "own"  # until the county takes it
    assert record(city.client("g24"), case, "taken", office=DIANHUTUN[:6]).status_code == 201
    wait_until(lambda: case not in tasks("z109"))
    assert record(city.client("a217"), case, "submitted", done="已公示").status_code == 201
    wait_until(lambda: tasks("g24").get(case) == "review")


def test_an_office_enters_what_it_received_by_any_channel_and_owns_it(city: City) -> None:
    body = {
        "ulid": str(ULID()),
        "village": DIANHUTUN,
        "indicator": "5.3.3",
        "severity": "minor",
        "channel": "hotline",
        "text": "村民来电反映机井不能用",
        "office": DIANHUTUN[:6],
    }
    centre = city.client("g24")
    answers = [centre.post("/casework/reports", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    case = body["ulid"]
    wait_until(lambda: centre.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    view = shown(centre, str(case))["case"]
    assert (view["channel"], view["owner"], view["stage"]) == ("hotline", DIANHUTUN[:6], "reported")
    for fault in ({"office": DIANHUTUN[:9]}, {"indicator": "9.9.9"}, {"text": "电话13812345678"}):
        answer = centre.post("/casework/reports", json=body | {"ulid": str(ULID())} | fault)
        assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"division": DIANHUTUN[:9]}, True),
        ({"is_open": "true"}, True),
        ({"is_open": "false"}, False),
        ({"overdue": "true"}, False),
        ({"severity": "general"}, True),
        ({"severity": "major"}, False),
        ({"indicator": "4.2.1"}, True),
        ({"indicator": "4.2"}, True),
        ({"indicator": "4.1"}, False),
        ({"channel": "tablet"}, True),
        ({"channel": "hotline"}, False),
        ({"owner": DIANHUTUN[:9]}, True),
        ({"since": "2999-01-01"}, False),
        ({"until": "2000-01-01"}, False),
        ({"cleared_since": "2000-01-01"}, False),
        ({"cleared_until": "2999-01-01"}, False),
        ({"words": "公开栏 佃户屯"}, True),
        ({"words": "公开栏 没有这个词"}, False),
    ],
)
def test_the_ledger_is_searched_and_filtered_and_its_files_hold_the_same(
    case: str, desk: httpx.Client, query: dict[str, str], found: bool
) -> None:
    answer = desk.get("/casework/ledger", params=query).json()
    cases = [row["case"] for row in answer["rows"]]
    assert (case in cases) == found
    assert answer["count"] == len(cases) <= 100
    assert answer["rows"] == sorted(answer["rows"], key=lambda row: row["case"], reverse=True)
    head, *lines = rows(desk, str(httpx.URL("/casework/ledger/csv", params=query)))
    assert [line[head.index("事项编号")] for line in lines] == cases


def test_a_ledger_of_a_division_outside_the_scope_is_refused_as_its_statistics_are(city: City) -> None:
    for alias, division, code in (
        ("z109", "371724001", "out_of_scope"),
        ("z109", DIANHUTUN[:6], "out_of_scope"),
        ("g24", "371724999", "no_such_division"),
    ):
        for path in ("/casework/ledger", "/casework/ledger/csv"):
            answer = city.client(alias).get(path, params={"division": division})
            assert (answer.status_code, answer.json()["code"]) == (404 if code[0] == "n" else 403, code)
    assert city.client("g24").get("/casework/ledger", params={"division": DIANHUTUN}).status_code == 200


@pytest.mark.parametrize("query", [{"severity": "grave"}, {"since": "yesterday"}, {"offset": "-1"}])
def test_a_filter_that_makes_no_sense_is_answered_400(city: City, query: dict[str, str]) -> None:
    assert city.client("z109").get("/casework/ledger", params=query).status_code == 400


def test_a_workbook_opens_and_holds_texts_as_texts(city: City) -> None:
    opened = report(DIANHUTUN, "a217", text='=HYPERLINK("http://example.org","点我")')
    assert push(city.client("a217"), opened) == [True]
    case, client = opened["_id"].rsplit(":", 1)[1], city.client("z109")
    wait_until(lambda: client.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    answer = client.get("/casework/ledger/xlsx", params={"words": "HYPERLINK"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    [head, line] = rows(client, "/casework/ledger/csv?words=HYPERLINK")
    assert "'=HYPERLINK" in line[head.index("事由摘要")]


def test_informants_have_no_casework_and_no_case_shows_who_reported_it_outside_the_offices(
    city: City, case: str, desk: httpx.Client
) -> None:
    for path in ("/casework/tasks", "/casework/ledger", "/casework/ledger/csv", f"/casework/cases/{DIANHUTUN}/{case}"):
        assert city.client("i0421").get(path).status_code == 403
    opened = report(DIANHUTUN, "i0422")
    assert push(city.client("i0422"), opened) == [True]
    of_informant = opened["_id"].rsplit(":", 1)[1]
    wait_until(lambda: desk.get(f"/casework/cases/{DIANHUTUN}/{of_informant}").status_code == 200)
    assert shown(desk, of_informant)["history"][0]["author"] == "i0422"
    assert "i0422" not in city.client("a217").get(f"/casework/cases/{DIANHUTUN}/{of_informant}").text


def entered(client: httpx.Client, severity: str, **fields: Any) -> str:
    """A matter that an office received; its case."""
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "indicator": "3.3.1", "severity": severity}
    body |= {"channel": "hotline", "text": "来电反映两家对峙", "office": DIANHUTUN[:9]} | fields
    answer = client.post("/casework/reports", json=body)
    assert answer.status_code == 201, answer.text
    return str(body["ulid"])


def task_of(city: City, alias: str, case: str) -> str | None:
    tasks = city.client(alias).get("/casework/tasks").json()["tasks"]
    return next((one["task"] for one in tasks if one["case"]["case"] == case), None)


def test_a_grave_matter_that_a_station_receives_is_asked_of_the_county_and_the_village_is_told(city: City) -> None:
    station = city.client("z109")
    case = entered(station, "major")
    wait_until(lambda: task_of(city, "g24", case) == "asked")
    assert [task_of(city, alias, case) for alias in ("z109", "a217", "s17")] == ["own", "told", None]
    assert shown(station, case)["case"]["told_names"] == ["佃户屯村村民委员会"]
    assert record(city.client("g24"), case, "seen", office=DIANHUTUN).status_code == 409  # for one's own unit only
    assert record(city.client("a217"), case, "seen", office=DIANHUTUN).status_code == 201
    assert task_of(city, "a217", case) is None
    assert record(city.client("g24"), case, "taken", office=DIANHUTUN[:6]).status_code == 201
    assert [task_of(city, alias, case) for alias in ("g24", "z109")] == ["own", None]  # it received it itself
    assert [entry["step"] for entry in shown(station, case)["history"]] == ["opened", "seen", "taken"]


def test_nobody_closes_a_case_alone(city: City) -> None:
    """Whatever one clerk of a station writes, and whomever the all-clear names: somebody else must have acted, or
    looked."""
    station = city.client("z109")
    for severity in ("minor", "general", "major"):
        case = entered(station, severity)
        reviewed = {"text": "已好转", "is_better": True}
        assert record(station, case, "reviewed", **reviewed).status_code == 409
        assert record(station, case, "taken", office=DIANHUTUN[:9]).status_code == 201
        assert record(station, case, "cleared", **CLEARED).status_code == 409
        assert record(station, case, "team_sent", text="我带工作组").status_code == 201
        for verifier in ("z109", "a217"):
            assert record(station, case, "reviewed", **reviewed).status_code == 409
            assert record(station, case, "cleared", **CLEARED | {"verified_by": verifier}).status_code == 409


def test_what_is_major_is_cleared_by_the_county_and_not_by_the_station_alone(city: City) -> None:
    station, county = city.client("z109"), city.client("g24")
    case = entered(station, "major")
    assert record(city.client("a217"), case, "submitted", done="已劝离").status_code == 201
    assert record(station, case, "reviewed", text="已平息", is_better=True).status_code == 201
    refused = record(station, case, "cleared", **CLEARED)
    assert (refused.status_code, refused.json()["code"]) == (409, "step_refused")
    assert "应当办理的一级" in refused.json()["detail_zh"]
    assert "cleared" not in shown(station, case)["steps"]
    assert "cleared" in shown(county, case)["steps"]
    assert record(county, case, "cleared", **CLEARED).status_code == 201


def test_nobody_opens_a_case_anew_that_somebody_opened(city: City) -> None:
    station = city.client("z109")
    case = entered(station, "major", text="原来的内容")
    again = record(city.client("a217"), case, "opened", indicator="1.1.1", severity="minor")
    assert again.status_code == 409
    other = {"ulid": case, "village": DIANHUTUN, "indicator": "1.1.1", "severity": "minor", "channel": "visit"}
    taken = city.client("g24").post("/casework/reports", json=other | {"text": "无关", "office": DIANHUTUN[:6]})
    assert (taken.status_code, taken.json()["code"]) == (409, "step_refused")
    pushed = report(DIANHUTUN, "i0421", indicator="1.1.1", severity="minor")
    pushed["_id"] = f"{DIANHUTUN}:report:i0421:{case}"  # an informant's tablet knows the cases of its village
    assert push(city.client("i0421"), pushed) == [False]
    found = shown(station, case)["case"]
    assert (found["indicator"], found["severity"]) == ("3.3.1", "major")


def test_who_owes_a_deadline_does_not_put_it_off(city: City) -> None:
    station = city.client("z109")
    case = entered(station, "general")
    before = shown(station, case)["case"]["due"]
    refused = record(city.client("a217"), case, "progress", text="在办", due="2027-11-01")
    assert refused.status_code == 409
    assert shown(station, case)["case"]["due"] == before
    assert record(station, case, "progress", text="在办").status_code == 201


def test_a_village_and_its_station_settle_a_small_matter(city: City) -> None:
    case = entered(city.client("z109"), "minor")
    wait_until(lambda: task_of(city, "a217", case) == "asked")
    assert record(city.client("a217"), case, "taken", office=DIANHUTUN).status_code == 201
    assert record(city.client("a217"), case, "submitted", done="已清运").status_code == 201
    assert record(city.client("z109"), case, "cleared", **CLEARED).status_code == 201
    assert shown(city.client("z109"), case)["case"]["stage"] == "cleared"


def test_of_two_all_clears_at_once_the_second_is_refused(city: City, case: str, desk: httpx.Client) -> None:
    assert record(city.client("a217"), case, "submitted", done="已更新").status_code == 201
    assert record(desk, case, "reviewed", text="已好转", is_better=True).status_code == 201
    clients = [city.client(alias) for alias in ("z109", "g24", "s17")]
    with ThreadPoolExecutor(3) as at_once:
        answers = list(at_once.map(lambda client: record(client, case, "cleared", **CLEARED), clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert all(entry["set_aside"] is None for entry in shown(desk, case)["history"])


def test_what_comes_back_as_a_new_case_is_a_relapse_in_ledger_and_filter(city: City) -> None:
    first = report(DIANHUTUN, "a217", indicator="5.5.2")
    assert push(city.client("a217"), first) == [True]
    settle(city, DIANHUTUN, first["_id"].rsplit(":", 1)[1], "z109")
    again = report(DIANHUTUN, "a217", indicator="5.5.2")
    assert push(city.client("a217"), again) == [True]
    case, station = again["_id"].rsplit(":", 1)[1], city.client("z109")
    query = "?relapse=true&indicator=5.5.2"
    wait_until(lambda: [r["case"] for r in station.get(f"/casework/ledger{query}").json()["rows"]] == [case])
    head, line = rows(station, f"/casework/ledger/csv{query}")
    assert line[head.index("反弹")] == "是"
    assert shown(station, case)["earlier"] == first["_id"].rsplit(":", 1)[1]


def test_the_ledger_has_the_whole_course_of_a_case(city: City) -> None:
    opened = report(DIANHUTUN, "a217", indicator="5.4.1", text="宅基地迟迟没有批复")
    assert push(city.client("a217"), opened) == [True]
    case, station, county = opened["_id"].rsplit(":", 1)[1], city.client("z109"), city.client("g24")
    wait_until(lambda: case in [one["case"] for one in station.get(f"/board/{DIANHUTUN}").json()["cases"]])
    due = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    asked = {"village": DIANHUTUN, "case": case, "reported": "三个月没有批复", "due": due}
    paper = station.post("/notices/warnings", json=asked | {"ulid": str(ULID()), "asked": ["说明情况"]})
    assert paper.status_code == 201, paper.text
    more = {"ulid": str(ULID()), "asked": ["十日内批复"], "department": "土地"}
    order = county.post("/notices/orders", json=asked | more)
    assert order.status_code == 201, order.text
    reply = {"_id": f"{DIANHUTUN}:answer:a217:{ULID()}", "type": "answer", "author": "z109", "about": opened["_id"]}
    now = stamp(datetime.now(UTC))
    assert push(station, reply | {"text": "正在办理", "observed_at": now, "saved_at": now}) == [True]
    settle(city, DIANHUTUN, case, "z109")
    path = "/casework/ledger/csv?indicator=5.4.1"
    wait_until(lambda: rows(station, path)[1][6] != "" and "撤销警示" in "".join(rows(station, path)[1]))
    head, line = rows(station, path)
    said = dict(zip(head, line, strict=True))
    numbers = [paper.json()["number"], order.json()["number"]]
    assert said["文号"].split("\n") == numbers
    assert [step.split()[1] for step in said["办理经过"].split("\n")] == [
        *("立项", "警示通知", "限期整改通知", "提请复查", "跟踪复查", "撤销警示")
    ]
    assert said["要求"] == f"{numbers[0]}：说明情况\n{numbers[1]}：十日内批复"
    assert said["首问单位"] == "田庄镇"
    assert due in said["延期及理由"] and numbers[1] in said["延期及理由"]
    assert "z109 好转 群众满意" in said["复查意见"]
    assert said["答复时间"] != "" and said["同步时间"] != ""
    assert said["灯色变化"] == ""  # yellow and green again on one day
    assert [len(one) for one in rows(station, "/casework/ledger/csv?indicator=5.4.1&language=en")] == [len(head)] * 2


def test_a_step_that_bears_the_name_of_its_case_counts_like_any_other(city: City) -> None:
    opened = report(DIANHUTUN, "i0421", indicator="5.1.2")
    assert push(city.client("i0421"), opened) == [True]
    case, station = opened["_id"].rsplit(":", 1)[1], city.client("z109")
    same = step(case, "a217", "progress", text="已在办理") | {"_id": f"{DIANHUTUN}:case:{case}:{case}"}
    assert push(city.client("a217"), same) == [True]
    wait_until(lambda: shown(station, case)["case"]["stage"] == "handling")
    assert record(station, case, "submitted", done="已办").status_code == 201
    assert shown(station, case)["case"]["stage"] == "review"


def test_an_opening_is_corrected_by_who_wrote_it_and_before_an_all_clear(city: City) -> None:
    county, village = city.client("g24"), city.client("a217")
    case = str(ULID())
    first = step(case, "g24", "opened", indicator="4.3.2", severity="major")
    assert push(county, first) == [True]
    wait_until(lambda: county.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    milder = step(case, "a217", "opened", indicator="2.5.1", severity="minor", amends=first["_id"])
    milder |= {"observed_at": first["observed_at"]}
    assert push(village, milder) == [False]
    seen = report(DIANHUTUN, "i0421", severity="minor")
    assert push(city.client("i0421"), seen) == [True]
    small = seen["_id"].rsplit(":", 1)[1]
    wait_until(lambda: county.get(f"/casework/cases/{DIANHUTUN}/{small}").status_code == 200)
    assert record(village, small, "submitted", done="已劝离").status_code == 201
    assert record(city.client("z109"), small, "cleared", **CLEARED).status_code == 201
    worse = report(DIANHUTUN, "i0421", severity="major", amends=seen["_id"], observed_at=seen["observed_at"])
    [row] = city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(worse)).json()
    assert row["error"] == "forbidden" and "反弹重立" in row["reason"]
    assert shown(county, small)["case"]["stage"] == "cleared"


@pytest.mark.parametrize(
    ("alias", "name", "fields", "reason"),
    [
        ("z109", "progress", {"text": "再给些时间"}, "上级延长"),
        ("g24", "progress", {"text": "再给些时间"}, "上级延长"),
        ("z109", "escalated", {"severity": "major", "text": "难以解决"}, "规定的天数"),
        ("s17", "assigned", {"office": DIANHUTUN[:6], "text": "。"}, "理由"),
    ],
)
def test_a_deadline_is_put_off_from_above_and_with_a_reason(
    city: City, alias: str, name: str, fields: dict[str, Any], reason: str
) -> None:
    case = entered(city.client("z109"), "major")
    assert record(city.client("g24"), case, "taken", office=DIANHUTUN[:6]).status_code == 201
    before = shown(city.client("g24"), case)["case"]["due"]
    late = (date.fromisoformat(before) + timedelta(days=200)).isoformat()
    refused = record(city.client(alias), case, name, due=late, **fields)
    assert refused.json()["code"] == "step_refused" and reason in refused.json()["detail_zh"], refused.text
    assert shown(city.client("g24"), case)["case"]["due"] == before
    assert record(city.client("s17"), case, "progress", due=late, text="汛期不能施工").status_code == 201
    assert shown(city.client("g24"), case)["case"]["due"] == late


def test_nobody_gains_time_by_handing_up_again(city: City) -> None:
    county = city.client("g24")
    case = entered(city.client("z109"), "major")
    assert record(county, case, "taken", office=DIANHUTUN[:6]).status_code == 201
    due = shown(county, case)["case"]["due"]
    later = (date.fromisoformat(due) + timedelta(days=1)).isoformat()
    for alias in ("a217", "z109", "g24"):
        assert record(city.client(alias), case, "escalated", severity="major", text="再报").status_code == 201
        assert shown(county, case)["case"]["due"] == due
        refused = record(city.client(alias), case, "escalated", severity="major", text="再报", due=later)
        assert refused.json()["code"] == "step_refused", refused.text
    assert shown(county, case)["case"]["due"] == due


def test_nobody_gains_time_by_handing_down_again_and_again(city: City) -> None:
    station = city.client("z109")
    case = entered(station, "general")
    known = date.fromisoformat(shown(station, case)["case"]["opened_on"])
    down = {"office": DIANHUTUN, "text": "请村里先办"}
    longest = (known + timedelta(days=30)).isoformat()
    assert record(station, case, "assigned", due=longest, **down).status_code == 201
    refused = record(station, case, "assigned", due=(known + timedelta(days=31)).isoformat(), **down)
    assert refused.json()["code"] == "step_refused" and "最长的规定天数" in refused.json()["detail_zh"]


def test_nobody_gains_time_by_handing_a_matter_to_oneself(city: City) -> None:
    station = city.client("z109")
    case = entered(station, "general")
    before = shown(station, case)["case"]["due"]
    later = (date.fromisoformat(before) + timedelta(days=10)).isoformat()
    own = {"office": DIANHUTUN[:9], "text": "本站继续办理"}
    refused = record(station, case, "assigned", due=later, **own)
    assert refused.json()["code"] == "step_refused" and "上级延长" in refused.json()["detail_zh"], refused.text
    assert record(station, case, "assigned", **own).status_code == 201
    assert shown(station, case)["case"]["due"] == before


def test_nobody_gains_time_by_correcting_the_opening(city: City) -> None:
    station, case = city.client("z109"), str(ULID())
    today = datetime.now(LOCAL).date()
    first = step(case, "z109", "opened", indicator="3.3.1", severity="general", office=DIANHUTUN[:9])
    first["due"] = (today + timedelta(days=10)).isoformat()
    assert push(station, first) == [True]

    def corrected(days: int) -> dict[str, Any]:
        again = step(case, "z109", "opened", indicator="2.5.1", severity="general", office=DIANHUTUN[:9])
        said = {"amends": first["_id"], "observed_at": first["observed_at"]}
        return again | said | {"due": (today + timedelta(days=days)).isoformat()}

    [row] = station.post(f"{DB}/_bulk_docs", json=bulk(corrected(11))).json()
    assert row["error"] == "forbidden" and "更正不延长" in row["reason"], row
    assert push(station, corrected(10), corrected(5)) == [True, True]
    wait_until(lambda: shown(station, case)["case"]["indicator"] == "2.5.1")
    assert shown(station, case)["case"]["due"] == (today + timedelta(days=5)).isoformat()


def test_who_must_act_gains_no_time_by_lending_a_matter_out(city: City) -> None:
    station, village = city.client("z109"), city.client("a217")
    case = entered(station, "general")
    due = shown(station, case)["case"]["due"]
    assert record(station, case, "assigned", office=DIANHUTUN, text="请村里先办").status_code == 201
    assert record(village, case, "taken", office=DIANHUTUN).status_code == 201
    late = (date.fromisoformat(due) + timedelta(days=200)).isoformat()
    refused = record(station, case, "progress", text="汛期不能施工", due=late)
    assert refused.json()["code"] == "step_refused" and "应办单位的上级" in refused.json()["detail_zh"]
    assert shown(station, case)["case"]["due"] == due
    assert record(city.client("g24"), case, "progress", text="汛期不能施工", due=late).status_code == 201
    # letters that show nothing are no words
    assert record(village, case, "progress", text="\u3164").json()["code"] in ("malformed", "step_refused")


def test_what_comes_back_is_as_grave_as_it_was_unless_who_must_act_on_it_says_otherwise(city: City) -> None:
    station, county = city.client("z109"), city.client("g24")
    case = entered(station, "major")
    assert record(city.client("a217"), case, "submitted", done="已办").status_code == 201
    assert record(station, case, "reviewed", is_better=True, text="好转").status_code == 201
    assert record(county, case, "cleared", **CLEARED).status_code == 201
    again = {"severity": "minor", "text": "又起争执"}
    refused = record(station, case, "reopened", **again)
    assert refused.json()["code"] == "step_refused" and "不能报得比上次轻" in refused.json()["detail_zh"]
    assert record(county, case, "reopened", **again).status_code == 201


def test_a_villages_administrator_hands_up_what_the_village_cannot_settle(city: City) -> None:
    village, station = city.client("a217"), city.client("z109")
    opened = report(DIANHUTUN, "i0421", severity="minor")
    assert push(city.client("i0421"), opened) == [True]
    case = opened["_id"].rsplit(":", 1)[1]
    wait_until(lambda: station.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    tasks = [one["case"]["case"] for one in station.get("/casework/tasks").json()["tasks"]]
    assert case not in tasks
    assert record(village, case, "escalated", severity="general", text="村里办不了").status_code == 201
    found = {one["case"]["case"]: one["task"] for one in station.get("/casework/tasks").json()["tasks"]}
    assert found[case] == "asked"


def test_a_small_matter_that_turns_out_grave_after_its_all_clear_is_open_again_at_the_county(city: City) -> None:
    """Its correction was written before the all-clear and comes after it: who gave that had no right to."""
    county, station, at = city.client("g24"), city.client("z109"), datetime.now(UTC) - timedelta(minutes=30)
    opened = report(DIANHUTUN, "i0421", severity="minor", at=at)
    worse = report(DIANHUTUN, "i0421", severity="major", at=at + timedelta(minutes=5), amends=opened["_id"])
    worse["observed_at"] = opened["observed_at"]
    assert push(city.client("i0421"), opened) == [True]
    case = opened["_id"].rsplit(":", 1)[1]
    assert push(city.client("a217"), step(case, "a217", "submitted", done="已调解")) == [True]
    wait_until(lambda: shown(station, case).get("verifiers"))
    assert record(station, case, "cleared", **CLEARED).status_code == 201
    assert shown(station, case)["case"]["cleared_on"]
    assert push(city.client("i0421"), worse) == [True]
    wait_until(lambda: shown(county, case)["case"]["cleared_on"] is None)
    assert task_of(city, "g24", case) == "review"
    *_, closing = (one for one in shown(county, case)["history"] if one["step"] == "cleared")
    assert "应当办理的一级" in closing["set_aside"][0]


def test_who_has_written_of_a_case_is_still_asked_to_take_it(city: City) -> None:
    station, county = city.client("z109"), city.client("g24")
    case = entered(station, "general")
    assert record(station, case, "escalated", severity="major", text="难以解决").status_code == 201
    assert record(county, case, "taken", office=DIANHUTUN[:6]).status_code == 201
    assert record(county, case, "assigned", office=DIANHUTUN[:9]).status_code == 201
    assert record(county, case, "assigned", department="民政").status_code == 201
    tasks = station.get("/casework/tasks").json()["tasks"]
    assert [one["task"] for one in tasks if one["case"]["case"] == case] == ["asked"]


def test_a_case_that_a_county_hands_to_its_department_is_not_the_citys_departments(city: City) -> None:
    city.add_account("xjwm", "department", DIANHUTUN[:6], department="文旅")
    city.add_account("sjwm", "department", "3717", department="文旅")
    of_county, of_city, case = city.client("xjwm"), city.client("sjwm"), entered(city.client("z109"), "general")
    path = f"/casework/cases/{DIANHUTUN}/{case}"
    assert record(city.client("z109"), case, "assigned", department="文旅").status_code == 201
    wait_until(lambda: of_county.get(path).status_code == 200)
    assert of_city.get(path).status_code == 404
    assert record(city.client("s17"), case, "assigned", department="文旅").status_code == 201
    wait_until(lambda: of_city.get(path).status_code == 200)


def test_each_month_of_the_terminal_opens_what_was_opened_and_what_was_cleared(
    city: City, case: str, desk: httpx.Client
) -> None:
    county = city.client("g24")
    assert record(desk, case, "taken", office=DIANHUTUN[:9]).status_code == 201
    assert record(city.client("a217"), case, "submitted", done="公开栏已更新").status_code == 201
    assert record(desk, case, "reviewed", text="群众满意", is_better=True).status_code == 201
    assert record(desk, case, "cleared", **CLEARED).status_code == 201
    wait_until(lambda: shown(county, case)["case"]["stage"] == "cleared")
    months = county.get("/casework/terminal/371724").json()["months"]
    assert months[-1]["cleared"] >= 1
    for one in months:
        year, month = map(int, one["month"].split("-"))
        days = (f"{one['month']}-01", f"{one['month']}-{monthrange(year, month)[1]}")
        for name, prefix in (("opened", ""), ("cleared", "cleared_")):
            query = {"division": "371724", f"{prefix}since": days[0], f"{prefix}until": days[1]}
            behind = county.get("/casework/ledger", params=query).json()
            assert behind["count"] == one[name], (one, name)
    assert case in [row["case"] for row in behind["rows"]]


@pytest.mark.parametrize("figure", ["red", "untaken", "overdue"])
def test_each_figure_of_the_terminal_opens_the_cases_behind_it(city: City, figure: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=60)
    opened = report(DIANHUTUN, "a217", severity="major", at=long_ago)
    assert push(city.client("a217"), opened) == [True]
    case, county = opened["_id"].rsplit(":", 1)[1], city.client("g24")
    wait_until(lambda: county.get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    terminal = county.get("/casework/terminal/371724").json()
    behind = county.get("/casework/ledger", params={figure: "true", "is_open": "true"}).json()
    assert terminal[figure] == behind["count"] >= 1
    assert case in [row["case"] for row in behind["rows"]]
    assert case in [row["case"] for row in terminal["red_cases"]]
    head, *lines = rows(county, "/casework/terminal/371724/csv")
    assert head == ["单位", "代码", "未了结", "红灯", "逾期", "最近限期"]
    assert [line[1] for line in lines] == [
        debt["office"] if debt["office"].isdigit() else debt["within"] for debt in terminal["debts"]
    ]
    for debt in terminal["debts"]:
        of = {"division": debt["within"] or "371724", "owed_by": debt["office"], "is_open": "true"}
        owed = county.get("/casework/ledger", params=of).json()
        assert (debt["open"], debt["overdue"]) == (owed["count"], owed["overdue"]), debt["name"]


def test_an_office_enters_no_matter_as_if_a_tablet_had_brought_it_nor_an_informant_by_another_channel(
    city: City,
) -> None:
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "indicator": "3.3.1", "severity": "general", "channel": "tablet"}
    body |= {"text": "来电反映", "office": DIANHUTUN[:9]}
    answer = city.client("z109").post("/casework/reports", json=body)
    assert (answer.status_code, "“来源”" in answer.json()["detail_zh"]) == (400, True)
    assert push(city.client("i0421"), report(DIANHUTUN, "i0421", channel="hotline")) == [False]
    assert push(city.client("i0421"), report(DIANHUTUN, "i0421")) == [True]


def test_people_in_the_village_are_told_the_office_that_entered_a_matter_and_of_a_tablet_only_their_own(
    city: City,
) -> None:
    def author(alias: str, case: str) -> str:
        answer = city.client(alias).get(f"/casework/cases/{DIANHUTUN}/{case}").json()
        return str(answer["history"][0]["author"])

    by_hotline = entered(city.client("z109"), "general")
    told = report(DIANHUTUN, "i0421")
    own = report(DIANHUTUN, "a217")
    assert push(city.client("i0421"), told) == push(city.client("a217"), own) == [True]
    by_informant, by_own = (str(one["_id"]).rsplit(":", 1)[1] for one in (told, own))
    assert [author("z109", one) for one in (by_hotline, by_informant, by_own)] == ["z109", "i0421", "a217"]
    assert [author("a217", one) for one in (by_hotline, by_informant, by_own)] == ["田庄镇", "", "a217"]


def test_departments_of_two_counties_are_two_offices(city: City) -> None:
    """Each county has a department of this name: neither owes what is the other's."""
    for village, county, alias in ((DIANHUTUN, "g24", "jiaotong24"), (KONGZHUANG, "g71", "jiaotong71")):
        city.add_account(alias, "department", village[:6], department="交通")
        case = entered(city.client(county), "general", village=village, office=village[:6])
        for author, event in (
            (county, case_event(village, case, county, "assigned", department="交通")),
            (alias, case_event(village, case, alias, "taken", office="交通")),
        ):
            address = f"/db/d110-{village[:6]}/_bulk_docs"
            assert city.client(author).post(address, json=bulk(event)).json()[0].get("ok"), event
    wait_until(lambda: len(of_traffic(city, "3717")) == 2)
    assert {(one["within"], one["name"][-2:], one["open"]) for one in of_traffic(city, "3717")} == {
        (DIANHUTUN[:6], "交通", 1),
        (KONGZHUANG[:6], "交通", 1),
    }
    assert [one["name"] for one in of_traffic(city, DIANHUTUN[:6])] == ["交通"]


def of_traffic(city: City, division: str) -> list[dict[str, Any]]:
    alias = "s17" if len(division) == 4 else "g24"
    debts = city.client(alias).get(f"/casework/terminal/{division}").json()["debts"]
    return [one for one in debts if one["office"] == "交通"]


def test_a_village_does_not_review_what_is_more_than_a_small_matter_of_its_own(city: City) -> None:
    station, village = city.client("z109"), city.client("a217")
    better = {"is_better": True, "text": "已好转"}
    for severity, status in (("general", 409), ("minor", 201)):
        case = entered(station, severity)
        assert record(station, case, "progress", text="已协调").status_code == 201
        assert record(village, case, "reviewed", is_better=False, text="还没有好").status_code == 201
        answer = record(village, case, "reviewed", **better)
        assert answer.status_code == status, answer.text
        assert status == 201 or "本村不能复查" in answer.json()["detail_zh"]


def test_what_an_office_without_an_account_has_in_charge_is_a_task_of_the_next_one_above(city: City) -> None:
    """A case always has an owner that is somebody."""
    village = f"{DIANHUTUN[:9]}218"  # nobody administers it
    city.add_account("i0218", "informant", village)
    document = report(village, "i0218", severity="minor", indicator="2.5.1")
    assert push(city.client("i0218"), document) == [True]
    case = document["_id"].rsplit(":", 1)[1]
    wait_until(lambda: task_of(city, "z109", case) == "vacant")
    assert [task_of(city, alias, case) for alias in ("g24", "s17")] == [None, None]
    clerk = city.add_account("a218", "administrator", village)
    wait_until(lambda: task_of(city, clerk, case) == "own")
    assert task_of(city, "z109", case) is None
    # a department whose only account is closed
    grave = entered(city.client("g24"), "major", office=DIANHUTUN[:6])
    assert record(city.client("g24"), grave, "assigned", department="妇联").status_code == 201
    cases = (AssignedCase(DIANHUTUN, grave),)
    women = city.add_account("fulian", "department", DIANHUTUN[:6], department="妇联", cases=cases)
    assert record(city.client(women), grave, "taken", office="妇联").status_code == 201
    wait_until(lambda: task_of(city, women, grave) == "own")
    assert task_of(city, "g24", grave) is None
    city.close_account(women)
    wait_until(lambda: task_of(city, "g24", grave) == "vacant")
