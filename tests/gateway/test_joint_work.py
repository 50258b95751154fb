"""Meetings from agenda to resolutions that are carried out, and work teams."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, report, stamp, wait_until

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
DB = f"/db/d110-{COUNTY}"
TODAY = str(datetime.now(LOCAL).date())
SOON = str(datetime.now(LOCAL).date() + timedelta(days=10))
ITEM = {"section": "next", "text": "安排巡查"}


@pytest.fixture(scope="module", autouse=True)
def _accounts(city: City) -> None:
    city.add_account("g25", "county", COUNTY)
    city.add_account("d1", "department", COUNTY, department="民政")
    city.add_account("d2", "department", KONGZHUANG[:6], department="民政")
    wait_until(lambda: city.client("z109").get(f"/joint/meetings/{TOWNSHIP}").status_code == 200)


@pytest.fixture
def case(city: City) -> str:
    """A grave matter of the village, as the ledger knows it."""
    opened = report(DIANHUTUN, "a217", severity="major", text="校舍变卖没有公开账目")
    client = city.client("a217")
    assert client.post(f"{DB}/_bulk_docs", json=bulk(opened)).json()[0]["ok"]
    ulid = str(opened["_id"])[-26:]
    wait_until(lambda: client.get(f"/casework/cases/{DIANHUTUN}/{ulid}").status_code == 200)
    return ulid


def minutes(
    client: httpx.Client, *resolutions: dict[str, Any], division: str = COUNTY, **fields: Any
) -> httpx.Response:
    """The minutes of a meeting; of a conference those on an agenda that was approved for today."""
    body = {
        **{"ulid": str(ULID()), "division": division, "departments": ["民政"], "chair": "管理中心主任"},
        "resolutions": list(resolutions),
    }
    if len(division) < len(TOWNSHIP) and "about" not in fields:
        agenda = {"ulid": str(ULID()), "division": division, "held_on": TODAY, "items": [ITEM]}
        body["about"] = client.post("/joint/agendas", json=agenda).json().get("id")
    return client.post("/joint/meetings", json=body | fields)


def line(lead: str = "民政", **fields: Any) -> dict[str, Any]:
    return {"matter": "校舍账目", "decision": "牵头核查并公开", "lead": lead, "due": SOON, **fields}


def own(client: httpx.Client, meeting: str) -> list[dict[str, Any]]:
    return [one for one in client.get("/joint/resolutions").json()["resolutions"] if one["meeting"] == meeting]


def say(client: httpx.Client, meeting: str, step: str, text: str = "已办", at: int = 0) -> httpx.Response:
    body = {"ulid": str(ULID()), "about": meeting, "line": at, "step": step, "text": text}
    return client.post("/joint/carrying", json=body)


def test_an_agenda_is_proposed_from_what_is_open_and_approved_by_a_person(city: City, case: str) -> None:
    centre = city.client("g24")
    proposed = centre.get(f"/joint/agenda/{COUNTY}").json()
    assert proposed["topic"] == "joint_conference"
    [point] = [one for one in proposed["points"] if one["case"] == case and one["section"] == "red"]
    assert "校舍变卖没有公开账目" in point["zh"]
    items = [{"section": point["section"], "text": point["zh"], "village": point["village"], "case": case}]
    body = {"ulid": str(ULID()), "division": COUNTY, "held_on": TODAY, "place": "二楼会议室", "items": items}
    agenda = centre.post("/joint/agendas", json=body).json()["id"]
    [shown] = [one for one in centre.get(f"/joint/meetings/{COUNTY}").json()["agendas"] if one["id"] == agenda]
    assert (shown["author"], shown["is_held"]) == ("g24", False)
    held = minutes(centre, line(), about=agenda).json()["id"]
    page = centre.get(f"/joint/meetings/{COUNTY}").json()
    assert next(one["is_held"] for one in page["agendas"] if one["id"] == agenda)
    assert held in [one["id"] for one in page["meetings"]]


def test_a_resolution_about_a_case_hands_the_case_to_its_lead(city: City, case: str) -> None:
    answer = minutes(city.client("g24"), line(village=DIANHUTUN, case=case)).json()
    assert answer["not_handed"] == []
    file = city.client("d1").get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert (file["history"][-1]["step"], file["history"][-1]["department"]) == ("assigned", "民政")
    assert file["case"]["due"] == SOON  # what the meeting gave it
    assert [one["case"] for one in own(city.client("d1"), answer["id"])] == [case]


def test_minutes_that_are_sent_again_are_stored_and_handed_over_once(city: City, case: str) -> None:
    again = {"ulid": str(ULID()), "about": approve(city, held_on=TODAY).json()["id"]}
    first = minutes(city.client("g24"), line(village=DIANHUTUN, case=case), **again).json()
    assert minutes(city.client("g24"), line(village=DIANHUTUN, case=case), **again).json() == first
    steps = [one["step"] for one in city.client("g24").get(f"/casework/cases/{DIANHUTUN}/{case}").json()["history"]]
    assert steps.count("assigned") == 1


def test_a_resolution_is_done_by_its_lead_and_accepted_by_whom_it_was_decided(city: City) -> None:
    centre, department = city.client("g24"), city.client("d1")
    meeting = minutes(centre, line()).json()["id"]
    [task] = own(department, meeting)
    assert (task["may_report"], task["may_accept"]) == (True, False)
    assert own(city.client("d2"), meeting) == []  # another county's department of the same name
    assert say(city.client("d2"), meeting, "done").status_code == 404
    assert say(city.client("z109"), meeting, "accepted").status_code == 404  # a station did not meet
    assert say(department, meeting, "accepted").status_code == 409
    assert say(department, meeting, "done", "账目已公布").status_code == 201
    assert say(centre, meeting, "accepted", "同意销号").status_code == 201
    assert own(centre, meeting) == own(department, meeting) == []


def test_a_returned_resolution_waits_for_its_lead_again(city: City) -> None:
    centre, department = city.client("g24"), city.client("d1")
    meeting = minutes(centre, line()).json()["id"]
    assert say(centre, meeting, "returned").json()["code"] == "not_done"
    assert say(department, meeting, "done", "账目已公布").status_code == 201
    assert own(department, meeting) == []
    [waiting] = own(centre, meeting)
    assert (waiting["may_accept"], waiting["said"][0]["text"]) == (True, "账目已公布")
    assert say(department, meeting, "done").json()["code"] == "not_open"
    assert say(centre, meeting, "returned", "没有向群众说明").status_code == 201
    assert [one["may_report"] for one in own(department, meeting)] == [True]
    assert say(department, meeting, "done", "已说明").status_code == 201
    assert say(city.client("g25"), meeting, "accepted", "同意").status_code == 201
    assert own(department, meeting) == own(centre, meeting) == []
    file = centre.get(f"/joint/resolutions/{COUNTY}/csv?language=en").content.decode("utf-8-sig")
    assert any(
        row["Standing"] == "accepted" and "已说明" in row["What was done"] for row in csv.DictReader(io.StringIO(file))
    )


@pytest.mark.parametrize(("checker", "alias"), [(TOWNSHIP, "z109"), ("纪检", "d5")])
def test_the_checker_that_the_minutes_name_has_the_task_and_nobody_else_accepts(
    city: City, checker: str, alias: str
) -> None:
    centre, department = city.client("g24"), city.client("d1")
    if alias == "d5":
        city.add_account("d5", "department", COUNTY, department="纪检")
    checking = city.client(alias)
    meeting = minutes(centre, line(checker=checker)).json()["id"]
    assert say(checking, meeting, "accepted").json()["code"] == "not_done"
    assert say(department, meeting, "done", "账目已公布").status_code == 201
    assert own(centre, meeting) == []
    refused = say(centre, meeting, "accepted")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_checker")
    [task] = own(checking, meeting)
    assert (task["may_report"], task["may_accept"]) == (False, True)
    assert say(checking, meeting, "returned", "没有张榜").status_code == 201
    assert say(department, meeting, "done", "已张榜").status_code == 201
    assert say(checking, meeting, "accepted", "看过，属实").status_code == 201
    assert own(checking, meeting) == own(department, meeting) == []
    forged = {"step": "returned", "about": meeting, "line": 0, "office": COUNTY, "text": "再看"}
    now = stamp(city.clock())
    forged |= {"_id": f"{COUNTY}:carrying:g24:{ULID()}", "type": "carrying", "observed_at": now, "saved_at": now}
    (row,) = centre.post(f"{DB}/_bulk_docs", json=bulk(forged)).json()
    assert row["error"] == "forbidden"


def test_a_station_carries_out_what_its_county_decided(city: City) -> None:
    meeting = minutes(city.client("g24"), line(lead=TOWNSHIP)).json()["id"]
    assert [one["lead"] for one in own(city.client("z109"), meeting)] == [TOWNSHIP]
    assert say(city.client("z109"), meeting, "done").status_code == 201
    assert [one["standing"] for one in own(city.client("g24"), meeting)] == ["done"]


def test_who_did_it_does_not_accept_it(city: City) -> None:
    station = city.client("z109")
    meeting = minutes(station, line(lead=TOWNSHIP), division=TOWNSHIP).json()["id"]
    assert say(station, meeting, "done").status_code == 201
    assert say(station, meeting, "accepted").json()["code"] == "own_work"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lead": "没有这个部门"}, "第 2 项：牵头、协办和检查单位应是"),
        ({"lead": KONGZHUANG[:6]}, "第 2 项：牵头、协办和检查单位应是"),
        ({"helpers": ["没有这个部门"]}, "第 2 项：牵头、协办和检查单位应是"),
        ({"helpers": ["民政"]}, "第 2 项：牵头单位不能同时协办"),
        ({"checker": KONGZHUANG[:6]}, "第 2 项：牵头、协办和检查单位应是"),
        ({"due": "2020-01-01"}, "第 2 项：办理期限应在"),
        ({"village": KONGZHUANG}, "第 2 项：只能写本单位辖区内的村"),
        ({"village": "371724999999"}, "第 2 项：没有这个村"),
        ({"case": str(ULID())}, "第 2 项：写了事项的"),
        ({"matter": "电话 13800138000"}, "电话"),
    ],
)
def test_a_bad_resolution_is_refused_with_its_reason(city: City, wrong: dict[str, str], said: str) -> None:
    answer = minutes(city.client("g24"), line(), line(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")
    assert said in answer.json()["detail_zh"] and answer.json()["detail"]


def test_a_bad_point_of_an_agenda_is_refused_with_its_reason(city: City) -> None:
    answer = approve(city, items=[ITEM, ITEM | {"village": KONGZHUANG}])
    assert answer.json()["detail_zh"] == "第 2 项：只能写本单位辖区内的村。"


def test_a_team_is_the_own_offices_to_send_and_the_refusal_says_so(city: City) -> None:
    answer = send(city.client("z109"), COUNTY, members=3)
    assert (answer.status_code, "工作组" in answer.json()["detail_zh"]) == (409, True)


def test_a_meeting_is_its_own_offices_to_record(city: City) -> None:
    assert minutes(city.client("g71"), line()).status_code == 404
    assert minutes(city.client("z109"), line()).status_code == 404
    assert minutes(city.client("a217"), line()).status_code == 403
    assert minutes(city.client("d1"), line()).status_code == 403


def test_nobody_meets_in_another_offices_place(city: City) -> None:
    above, centre = city.client("s17"), city.client("g24")
    before = centre.get(f"/joint/meetings/{COUNTY}").json()
    agenda = {"ulid": str(ULID()), "division": COUNTY, "held_on": TODAY, "items": [ITEM]}
    mine = approve(city, held_on=TODAY).json()["id"]
    for answer in (
        above.post("/joint/agendas", json=agenda),
        minutes(above, line(), about=mine),
        minutes(centre, line(lead="民政"), division=TOWNSHIP),
    ):
        assert (answer.status_code, "本单位" in answer.json()["detail_zh"]) == (409, True)
    assert centre.get(f"/joint/meetings/{COUNTY}").json()["due"] == before["due"]
    assert minutes(centre, line(), about=mine).status_code == 201  # its own are not in the way


def test_a_case_that_its_lead_has_already_gets_the_day_that_the_meeting_gave_it_if_it_is_no_later(
    city: City, case: str
) -> None:
    county = city.client("g24")

    def file() -> dict[str, Any]:
        found: dict[str, Any] = county.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]
        return found

    owner, due = file()["owner"], file()["due"]
    assert due < SOON
    [not_handed] = minutes(county, line(lead=owner, village=DIANHUTUN, case=case)).json()["not_handed"]
    assert "上级延长" in not_handed["zh"]  # nobody gives oneself more time
    assert file()["due"] == due
    earlier = str(datetime.now(LOCAL).date() + timedelta(days=3))
    assert minutes(county, line(lead=owner, village=DIANHUTUN, case=case, due=earlier)).json()["not_handed"] == []
    assert (file()["owner"], file()["asked"], file()["due"]) == (owner, None, earlier)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"departments": ["民政", "农业"], "excused": ["民政"]}, "既出席"),
        ({"departments": ["民政"], "observers": ["民政"]}, "既出席"),
        ({"departments": ["没有的部门"]}, "部门"),
        ({"departments": []}, "出席"),
        ({"chair": " "}, "主持"),
        ({"about": None}, "批准议程"),
        ({"next_on": "2020-01-28"}, "下次会议"),
        ({"chair": "电话 13800138000"}, "电话"),
        ({"about": f"{KONGZHUANG[:6]}:agenda:g71:{ULID()}"}, "不存在"),
    ],
)
def test_bad_minutes_are_refused_with_their_reason(city: City, fields: dict[str, Any], said: str) -> None:
    answer = minutes(city.client("g24"), line(), **fields)
    assert (answer.status_code, said in answer.json()["detail_zh"]) == (409, True), answer.text


@pytest.mark.parametrize(("alias", "division"), [("g24", COUNTY), ("z109", TOWNSHIP)])
def test_minutes_of_nothing_are_no_meeting(city: City, alias: str, division: str) -> None:
    client = city.client(alias)
    before = client.get(f"/joint/meetings/{division}").json()["due"][0]["last"]
    nothing = minutes(client, division=division, text=" ")
    assert (nothing.status_code, "议定事项" in nothing.json()["detail_zh"]) == (409, True)
    bare = {"chair": "", "departments": []}
    assert minutes(client, division=division, **bare).status_code == 409
    assert client.get(f"/joint/meetings/{division}").json()["due"][0]["last"] == before
    assert minutes(client, division=division, text="学习通报，没有议定事项").status_code == 201


def approve(city: City, **fields: Any) -> httpx.Response:
    body = {
        "ulid": str(ULID()),
        "division": COUNTY,
        "held_on": SOON,
        "items": [ITEM],
    }
    return city.client("g24").post("/joint/agendas", json=body | fields)


def test_an_agenda_is_for_a_day_to_come_and_met_on_once(city: City) -> None:
    past = approve(city, held_on="2020-01-28")
    assert (past.status_code, "会议日期" in past.json()["detail_zh"]) == (409, True)
    agenda = approve(city, held_on=TODAY).json()["id"]
    assert minutes(city.client("g24"), line(), about=agenda).status_code == 201
    again = minutes(city.client("g25"), line(), about=agenda)
    assert (again.status_code, "已经写了会议纪要" in again.json()["detail_zh"]) == (409, True)


def issue(client: httpx.Client, about: str, ulid: str = "") -> httpx.Response:
    return client.post("/notices/meetings", json={"ulid": ulid or str(ULID()), "about": about})


def papers(client: httpx.Client) -> list[str]:
    return [str(one["id"]) for one in client.get("/notices").json()["papers"]]


def test_an_approved_agenda_calls_those_who_are_invited_and_each_acknowledges(city: City) -> None:
    city.add_account("d3", "department", COUNTY, department="司法")
    city.add_account("d4", "department", COUNTY, department="水利")
    centre = city.client("g24")
    invited = {"departments": ["民政", "司法", TOWNSHIP], "begins_at": "09:30", "place": "二楼会议室"}
    agenda = approve(city, **invited).json()["id"]
    assert issue(city.client("z109"), agenda).status_code == 404
    assert issue(city.client("d1"), agenda).status_code == 403
    ulid = str(ULID())
    paper = issue(centre, agenda, ulid).json()
    assert issue(centre, agenda, ulid).json() == paper  # its request was repeated
    assert issue(city.client("g25"), agenda).json()["code"] == "already_issued"
    text = "".join(part["text"] for part in paper["body"])
    assert all(said in text for said in ("09:30", "二楼会议室", "安排巡查")), text
    assert [one["name"] for one in paper["receivers"]] == ["民政局", "司法局", "田庄镇动态管理站"]
    for alias, may_read in (("d1", True), ("d3", True), ("z109", True), ("d2", False), ("d4", False), ("a217", False)):
        assert (paper["id"] in papers(city.client(alias))) == may_read, alias
    # one department's word is not another's of the same county
    assert city.client("d1").post(f"/notices/{paper['id']}/acknowledge").status_code == 204
    shown = centre.get(f"/notices/{paper['id']}").json()["receivers"]
    assert [one["acknowledged_at"] is not None for one in shown] == [True, False, False]
    assert [one["is_mine"] for one in city.client("d3").get(f"/notices/{paper['id']}").json()["receivers"]] == [
        *(False, True, False)
    ]
    [view] = [one for one in centre.get(f"/joint/meetings/{COUNTY}").json()["agendas"] if one["id"] == agenda]
    assert (view["paper"], view["paper_number"]) == (paper["id"], paper["number"])


def test_an_agenda_that_invites_nobody_calls_nobody(city: City) -> None:
    answer = issue(city.client("g24"), approve(city).json()["id"])
    assert (answer.status_code, answer.json()["code"]) == (400, "nobody_invited")


def test_minutes_go_out_under_numbers_of_their_own_to_all_whom_they_concern(city: City) -> None:
    centre = city.client("g24")
    said = {"chair": "管理中心主任", "excused": ["水利"], "observers": [TOWNSHIP], "dissent": "司法局保留意见"}
    lines = [line(helpers=["审计"], checker="纪检"), line(lead=DIANHUTUN)]
    numbers = []
    for _ in range(2):
        meeting = minutes(centre, *lines, next_on=SOON, place="二楼会议室", **said).json()["id"]
        paper = issue(centre, meeting).json()
        numbers.append(paper["number"].partition("〕")[2])
        assert paper["number"].startswith("巨动管纪〔")
    assert numbers == ["1号", "2号"]  # notices before them have others
    assert [one["name"] for one in paper["receivers"]] == [
        *("民政局", "水务局", "田庄镇动态管理站", "审计局", "纪委监委")
    ]
    assert [(one["how"], one["names"]) for one in paper["attendance"]] == [
        ("present", ["民政局"]),
        ("excused", ["水务局"]),
        ("observing", ["田庄镇动态管理站"]),
    ]
    assert paper["id"] in papers(city.client("d1"))
    assert city.client("d1").post(f"/notices/{paper['id']}/acknowledge").status_code == 204
    for ending in ("pdf", "docx"):
        assert city.client("z109").get(f"/notices/{paper['id']}/paper.{ending}").status_code == 200
    file = centre.get(f"/joint/meetings/{COUNTY}/csv?language=en").content.decode("utf-8-sig")
    [row] = [one for one in csv.DictReader(io.StringIO(file)) if one["Paper"] == paper["number"]]
    assert (row["Kind"], row["Chair"], row["Excused"], row["Resolutions"], row["Dissent"]) == (
        *("minutes", "管理中心主任", "水利", "2", "司法局保留意见"),
    )
    assert centre.get(f"/joint/meetings/{COUNTY}/xlsx").content[:2] == b"PK"


def test_an_agenda_is_withdrawn_once_by_its_own_office_and_nobody_meets_on_it_then(city: City) -> None:
    def withdraw(alias: str, about: str, text: str = "与防汛会议冲突") -> httpx.Response:
        body = {"ulid": str(ULID()), "about": about, "text": text}
        return city.client(alias).post("/joint/agendas/withdrawals", json=body)

    agenda = approve(city, departments=["民政"]).json()["id"]
    assert withdraw("z109", agenda).status_code == withdraw("g71", agenda).status_code == 404
    assert withdraw("g24", agenda, " ").status_code == 400
    assert withdraw("g25", agenda).status_code == 201
    again = withdraw("g24", agenda)
    assert (again.status_code, "已经撤回" in again.json()["detail_zh"]) == (409, True)
    assert minutes(city.client("g24"), line(), about=agenda).status_code == 409
    assert issue(city.client("g24"), agenda).json()["code"] == "agenda_withdrawn"
    [shown] = [
        one for one in city.client("g24").get(f"/joint/meetings/{COUNTY}").json()["agendas"] if one["id"] == agenda
    ]
    assert shown["withdrawn"] == "与防汛会议冲突"
    held = approve(city, held_on=TODAY).json()["id"]
    assert minutes(city.client("g24"), line(), about=held).status_code == 201
    assert withdraw("g24", held).status_code == 409
    file = city.client("g24").get(f"/joint/meetings/{COUNTY}/csv").content.decode("utf-8-sig")
    assert [row["类型"] for row in csv.DictReader(io.StringIO(file))].count("议程（已撤回）") == 1


def test_minutes_are_not_taken_before_the_day_of_the_meeting(city: City) -> None:
    agenda = approve(city).json()["id"]
    early = minutes(city.client("g24"), line(), about=agenda)
    assert (early.status_code, "还没有到" in early.json()["detail_zh"]) == (409, True)
    body = {"ulid": str(ULID()), "about": agenda, "text": "改为今天召开"}
    assert city.client("g24").post("/joint/agendas/withdrawals", json=body).status_code == 201
    assert minutes(city.client("g24"), line(), about=approve(city, held_on=TODAY).json()["id"]).status_code == 201


def test_an_agenda_that_nobody_met_on_ages_away(city: City) -> None:
    agenda = approve(city, held_on=TODAY).json()["id"]

    def is_past(device: str) -> bool:
        shown = city.client("g24", device).get(f"/joint/meetings/{COUNTY}").json()["agendas"]
        return next(bool(one["is_past"]) for one in shown if one["id"] == agenda)

    assert not is_past("testdevice")
    city.clock.ahead += timedelta(days=15)
    try:
        assert is_past("later")
    finally:
        city.clock.ahead -= timedelta(days=15)


def test_who_has_not_met_this_quarter_is_said(city: City) -> None:
    due = {one["division"]: one for one in city.client("g71").get(f"/joint/meetings/{KONGZHUANG[:6]}").json()["due"]}
    assert (due[KONGZHUANG[:9]]["topic"], due[KONGZHUANG[:9]]["has_met"]) == ("township_special", False)
    assert due[KONGZHUANG[:6]]["last"] is None
    minutes(city.client("g71"), division=KONGZHUANG[:6], text="通报上月情况")
    due = {one["division"]: one for one in city.client("g71").get(f"/joint/meetings/{KONGZHUANG[:6]}").json()["due"]}
    assert due[KONGZHUANG[:6]]["has_met"]


def send(client: httpx.Client, office: str, **fields: Any) -> httpx.Response:
    members = {} if "about" in fields else {"members": 3}
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "office": office, "text": "进驻整顿", **members, **fields}
    return client.post("/joint/teams", json=body)


def test_a_team_is_proposed_sent_and_withdrawn(city: City, case: str) -> None:
    centre = city.client("g24")
    minutes(centre, line(village=DIANHUTUN, case=case))  # red, and more than one matter by now
    [proposed] = [one for one in centre.get(f"/joint/teams/{COUNTY}").json()["teams"] if one["village"] == DIANHUTUN]
    assert (proposed["level"], proposed["id"]) == ("county", None)
    assert "重大事项" in proposed["zh"] and "major" in proposed["en"]
    sent = send(centre, COUNTY, departments=["民政"], members=4, until=SOON).json()["id"]
    assert send(centre, COUNTY).json()["code"] == "team_there"
    [there] = [one for one in centre.get(f"/joint/teams/{COUNTY}").json()["teams"] if one["village"] == DIANHUTUN]
    assert (there["id"], there["members"], there["departments"]) == (sent, 4, ["民政"])
    since, until = datetime.now(LOCAL).date() - timedelta(days=2), datetime.now(LOCAL).date() + timedelta(days=1)
    figures = centre.get(f"/casework/statistics/{COUNTY}?since={since}&until={until}").json()["figures"]
    assert next(one["number"] for one in figures if one["name"] == "villages.treated") == 1
    assert send(centre, TOWNSHIP, about=sent).json()["code"] == "no_such_team"
    assert send(centre, COUNTY, about=sent, text="账目公开，班子调整").status_code == 201
    ended = [one for one in centre.get(f"/joint/teams/{COUNTY}").json()["teams"] if one["withdrawn_at"]]
    assert [one["outcome"] for one in ended] == ["账目公开，班子调整"]
    assert send(centre, COUNTY, about=sent).json()["code"] == "no_such_team"
    rows = csv.DictReader(io.StringIO(centre.get(f"/joint/teams/{COUNTY}/csv?language=en").content.decode("utf-8-sig")))
    assert "账目公开，班子调整" in [row["Outcome"] for row in rows]


def test_a_team_of_nobody_is_none(city: City) -> None:
    station = city.client("z109")
    answer = send(station, TOWNSHIP, members=0)
    assert (answer.status_code, "至少" in answer.json()["detail_zh"]) == (409, True)
    sent = send(station, TOWNSHIP, members=0, departments=["民政"]).json()["id"]
    assert send(station, TOWNSHIP, about=sent, text="账目已公开").status_code == 201


def test_agenda_and_minutes_are_about_cases_that_are_there(city: City, case: str) -> None:
    centre = city.client("g24")
    neighbours, nowhere = {"village": f"{TOWNSHIP}218", "case": case}, {"village": DIANHUTUN, "case": str(ULID())}
    for about in (neighbours, nowhere):
        for answer in (approve(city, items=[ITEM, ITEM | about]), minutes(centre, line(), line(**about))):
            assert (answer.status_code, "第 2 项所指的事项不存在" in answer.json()["detail_zh"]) == (409, True)
    opened = {"ulid": str(ULID()), "village": DIANHUTUN, "indicator": "4.3.2", "severity": "minor", "text": "来访反映"}
    entered = centre.post("/casework/reports", json=opened | {"channel": "visit", "office": COUNTY}).json()["id"]
    both = [ITEM | {"village": DIANHUTUN, "case": one} for one in (case, entered[-26:])]
    assert approve(city, items=both).status_code == 201


@pytest.mark.parametrize("alias", ["i0421", "a217", "d1"])
def test_joint_work_is_the_offices(city: City, alias: str) -> None:
    client = city.client(alias)
    for path in ("meetings", "agenda", "teams"):
        assert client.get(f"/joint/{path}/{COUNTY}").status_code == 403
