"""Truthfulness at the gateway: who confirms, who appeals, who decides, and who sees what is said of an informant."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.documents import Candidate, Candidates, Channel, OmissionFinding, encode
from models.policy import default_policy
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch
from tests.city import DIANHUTUN, City, bulk, report, running_city, stamp, wait_until

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
DB = f"/db/d110-{COUNTY}"
MONTH = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city of its own for each test, with a matter that came by hotline and that nobody had reported."""
    with running_city(tmp_path) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0422", "informant", DIANHUTUN)
        city.add_account("a217", "administrator", DIANHUTUN)
        city.add_account("z109", "station", TOWNSHIP)
        city.add_account("g24", "county", COUNTY)
        city.add_account("h24", "county", COUNTY)
        city.add_account("s17", "city", "3717")
        appointed = {"ulid": str(ULID()), "village": DIANHUTUN, "alias": "i0421"}
        assert city.client("z109").post("/informants/appointments", json=appointed).status_code == 201
        yield city


def plant(
    city: City,
    finding: OmissionFinding = "missed",
    by: str = "h24",
    channel: Channel = "hotline",
    evidence: tuple[str, ...] = (),
) -> str:
    """A matter entered by the station, and the night's candidate about it; its id."""
    about = enter(city, by, channel)
    candidate = Candidate(
        finding=finding,
        village=DIANHUTUN,
        indicator="4.2.1",
        about=about,
        seen_on=datetime.now(LOCAL).date(),
        days=7,
        channel=channel,
        evidence=list(evidence),
    )
    document = Candidates(id=f"{TOWNSHIP}:candidates", policy="1", found=[candidate])
    path = f"{city.store.url}/d110-{COUNTY}/{document.id}"
    known = httpx.get(path)
    params = {"rev": known.json()["_rev"]} if known.status_code == 200 else {}
    headers = {"Content-Type": "application/json"}
    assert httpx.put(path, params=params, content=encode(document), headers=headers).status_code == 201
    return about


def enter(city: City, by: str, channel: Channel = "hotline") -> str:
    seen = report(DIANHUTUN, by, channel=channel)
    [row] = city.client(by).post(f"{DB}/_bulk_docs", json=bulk(seen)).json()
    assert row["ok"], row
    return str(seen["_id"])


def settle(client: httpx.Client, about: str, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "about": about, "finding": "missed", "text": "已核实"}
    return client.post("/truthfulness/findings", json=body | {"step": "confirmed", "alias": "i0421"} | fields)


def confirm(city: City, about: str, by: str = "z109", **fields: Any) -> str:
    answer = settle(city.client(by), about, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def appeal(city: City, about: str, by: str = "i0421", **fields: Any) -> dict[str, Any]:
    """As the informant's tablet pushes it."""
    at = fields.pop("at", datetime.now(UTC))
    owner = fields.pop("owner", by)
    document = {"_id": f"{DIANHUTUN}:omission:{owner}:{ULID.from_datetime(at)}", "type": "omission", "author": by}
    document |= {"observed_at": stamp(at), "saved_at": stamp(at), "finding": "missed", "step": "appealed"}
    document |= {"about": about, "text": "当天在外地"} | fields
    [row] = city.client(by).post(f"{DB}/_bulk_docs", json=bulk(document)).json()
    if row.get("ok"):  # the page hears of it by the feed
        wait_until(lambda: document["_id"] in str(page(city)["chains"]))
    return {"id": document["_id"], "document": document, **row}


def judge(city: City, by: str, about: str, step: str = "upheld") -> httpx.Response:
    body = {"ulid": str(ULID()), "about": about, "step": step, "text": "经复核"}
    return city.client(by).post("/truthfulness/judgements", json=body)


def page(city: City, by: str = "g24", code: str = TOWNSHIP) -> dict[str, Any]:
    answer = city.client(by).get(f"/truthfulness/{code}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sanction(city: City, by: str, omissions: list[str], **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "alias": "i0421", "omissions": omissions, "text": "经研究"}
    rung = {"disciplines": ["admonished"], "withheld_months": 1}
    return city.client(by).post("/truthfulness/sanctions", json=body | rung | fields)


def pulled(city: City, alias: str) -> str:
    return city.client(alias).post(f"{DB}/_pull", json={}).text


def logged(city: City) -> list[tuple[str, str]]:
    async def work() -> list[tuple[str, str]]:
        async with Couch(city.store.url) as couch:
            entries = AuditLog(couch, lambda: datetime.now(UTC)).entries()
            return [(entry.actor, entry.action) async for entry in entries]

    return asyncio.run(work())


def test_what_waits_what_is_proposed_and_what_was_decided_are_saved_as_files(city: City) -> None:
    about, station = plant(city), city.client("z109")
    rows = lines(station, f"/truthfulness/{TOWNSHIP}/candidates/csv")
    [waiting] = [row for row in rows[1:] if about in row]
    assert report(DIANHUTUN, "z109")["text"] in waiting and "i0421" in waiting
    for part in ("ladder", "sanctions"):
        rows = lines(station, f"/truthfulness/{TOWNSHIP}/{part}/csv?language=en")
        assert rows[0][:3] == ["No.", "Alias", "Village"]
    assert station.get(f"/truthfulness/{TOWNSHIP}/nothing/csv").status_code == 400


def lines(client: httpx.Client, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_candidate_is_shown_with_its_evidence_and_confirmed_of_somebody_who_served(city: City) -> None:
    about = plant(city)
    for by, code in (("z109", TOWNSHIP), ("g24", COUNTY)):
        [candidate] = page(city, by, code)["candidates"]
        assert (candidate["about"], candidate["words"]) == (about, report(DIANHUTUN, "z109")["text"])
        assert [one["alias"] for one in candidate["serving"]] == ["i0421"]
    assert '"type":"omission"' not in pulled(city, "i0421")  # nothing is said before a person said it
    assert settle(city.client("z109"), about, alias="a217").status_code == 409
    assert settle(city.client("z109"), about, alias="nobody").status_code == 409
    of_nobody = settle(city.client("z109"), about, alias=None)
    assert (of_nobody.status_code, of_nobody.json()["code"]) == (400, "no_informant")
    assert settle(city.client("z109"), about[:-4] + "ZZZZ").status_code == 409
    confirmed = confirm(city, about)
    found = page(city)
    assert found["candidates"] == []
    [chain] = found["chains"]
    assert (chain["alias"], chain["state"], chain["is_final"], chain["about"]) == ("i0421", "confirmed", False, about)
    assert chain["matter"]["words"] == candidate["words"]  # who decides on an appeal sees it, too
    assert ("z109", "omission_decided") in logged(city)
    assert confirmed in pulled(city, "i0421")


def test_a_candidate_that_is_set_aside_is_of_nobody(city: City) -> None:
    about = plant(city)
    assert settle(city.client("g24"), about, step="set_aside", alias=None).status_code == 201
    found = page(city)
    assert found["candidates"] == []
    [chain] = found["chains"]
    assert (chain["alias"], chain["state"]) == ("g24", "set_aside")
    assert ("g24", "omission_decided") in logged(city)
    assert '"type":"omission"' not in pulled(city, "i0421")


def test_only_the_informant_concerned_may_appeal_once_and_in_time(city: City) -> None:
    confirmed = confirm(city, plant(city))
    assert not appeal(city, confirmed, by="i0422").get("ok")
    assert not appeal(city, confirmed, by="i0422", owner="i0421").get("ok")
    assert not appeal(city, confirmed, by="a217", owner="i0421").get("ok")
    assert not appeal(city, confirmed, step="withdrawn").get("ok")
    assert not appeal(city, confirmed[:-4] + "ZZZZ").get("ok")
    late = datetime.now(UTC) + timedelta(days=default_policy().truthfulness.appeal_days + 1)
    city.clock.ahead = timedelta(days=default_policy().truthfulness.appeal_days + 1)
    city.close()
    city._clients.clear()
    assert "申诉期" in appeal(city, confirmed, at=late)["reason"]
    first = appeal(city, confirmed)
    assert first["ok"], first
    again = city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(first["document"])).json()
    assert again[0]["ok"]  # the answer was lost, and the tablet sends it again
    assert "已经申诉过" in appeal(city, confirmed)["reason"]
    assert page(city)["chains"][0]["state"] == "appealed"


def test_an_appeal_is_decided_by_the_county_and_by_another_than_who_confirmed(city: City) -> None:
    confirmed = confirm(city, plant(city), by="g24")
    assert judge(city, "h24", confirmed).status_code == 409  # nobody appealed
    appealed = appeal(city, confirmed)["id"]
    assert [page(city, by)["chains"][0]["may_judge"] for by in ("g24", "h24", "z109")] == [False, True, False]
    for by in ("z109", "g24"):
        assert judge(city, by, appealed).status_code == 409
    for by in ("a217", "i0421"):
        assert judge(city, by, appealed).status_code == 404
    assert judge(city, "h24", appealed).status_code == 201
    [chain] = page(city)["chains"]
    assert (chain["state"], chain["is_final"]) == ("upheld", True)
    assert judge(city, "h24", appealed).status_code == 409


def test_what_follows_is_decided_by_the_county_on_what_counts_and_shows_on_the_sheet(city: City) -> None:
    confirmed = confirm(city, plant(city))
    assert page(city)["proposals"] == []
    early = sanction(city, "g24", [confirmed])  # it may be appealed still
    assert (early.status_code, "申诉期" in early.json()["detail_zh"]) == (409, True)
    appealed = appeal(city, confirmed)["id"]
    assert judge(city, "g24", appealed).status_code == 201
    [proposal] = page(city)["proposals"]
    assert (proposal["omissions"], proposal["disciplines"], proposal["withheld_months"]) == (
        [confirmed],
        ["admonished"],
        1,
    )
    assert proposal["decided"] is None
    before = sheet(city)
    assert (before["withheld"], before["total"]) == (0, before["base"])  # nothing follows by itself
    assert sanction(city, "z109", [confirmed]).status_code == 409  # the county's to decide
    assert sanction(city, "h24", [confirmed], alias="i0422").status_code == 409
    for harsher in ({"disciplines": ["county_notice"]}, {"withheld_months": 2}, {"suspended_days": 10}):
        assert "不得加重" in sanction(city, "h24", [confirmed], **harsher).json()["detail_zh"]
    assert sanction(city, "h24", [confirmed]).status_code == 201
    after = sheet(city)
    assert (after["withheld"], after["total"]) == (after["base"], 0)
    assert ("h24", "sanction_decided") in logged(city)
    [proposal] = page(city)["proposals"]
    assert proposal["decided"] == page(city)["sanctions"][0]["id"]
    assert '"type":"sanction"' in pulled(city, "i0421")
    assert judge(city, "h24", appealed, "withdrawn").status_code == 201  # found to have been wrong after all
    assert sheet(city)["withheld"] == 0
    assert not page(city)["sanctions"][0]["in_force"]


def sheet(city: City) -> dict[str, Any]:
    found = city.client("z109").get(f"/informants/{TOWNSHIP}/allowance?month={MONTH}").json()
    [row] = [one for one in found["rows"] if one["alias"] == "i0421"]
    return dict(row)


def test_an_informants_record_is_for_the_station_the_county_and_the_informant_alone(city: City) -> None:
    confirmed = confirm(city, plant(city))
    for alias in ("a217", "i0422"):
        assert confirmed not in pulled(city, alias)
    for alias in ("a217", "i0421", "s17"):
        for path in (f"/truthfulness/{TOWNSHIP}", f"/truthfulness/{TOWNSHIP}/csv", f"/truthfulness/{COUNTY}"):
            assert city.client(alias).get(path).status_code == 403
    appealed = appeal(city, confirmed)["id"]
    assert appealed not in pulled(city, "a217")  # nor from the receipt that the informant's tablet got
    text = city.client("z109").get(f"/truthfulness/{TOWNSHIP}/csv?language=en").text
    assert "i0421" in text and "appealed" in text


def test_a_candidate_is_settled_once_and_the_second_is_told_by_whom(city: City) -> None:
    about = plant(city)
    confirm(city, about, by="g24")
    for fields in ({}, {"alias": "i0422"}, {"step": "set_aside", "alias": None}):
        told = settle(city.client("z109"), about, **fields)
        assert (told.status_code, "已由 g24 认定" in told.json()["detail_zh"]) == (409, True)
    other = plant(city)
    assert settle(city.client("z109"), other, step="set_aside", alias=None).status_code == 201
    assert "已由 z109 不予认定" in settle(city.client("g24"), other).json()["detail_zh"]


def test_what_the_night_did_not_find_is_not_confirmed_and_nothing_as_what_it_is_not(city: City) -> None:
    station = city.client("z109")

    def refused(about: str, **fields: Any) -> str:
        answer = settle(station, about, **fields)
        assert answer.status_code == 409, answer.text
        return str(answer.json()["detail_zh"])

    unknown = enter(city, "z109")
    for step in ({}, {"finding": "concealed"}, {"finding": "late"}, {"step": "set_aside", "alias": None}):
        assert "没有查出" in refused(unknown, **step)
    missed = plant(city)
    assert "没有查出" in refused(missed, finding="late")  # nobody reported it
    # nothing shows that anybody knew of it
    assert "事先知情" in refused(missed, finding="concealed")
    confirm(city, missed)
    hidden = plant(city, "concealed", evidence=(f"{DIANHUTUN}:report:i0421:{ULID()}",))
    # nor that this one did, who did not report it before
    assert "事先知情" in refused(hidden, finding="concealed", alias="i0422")
    confirm(city, hidden, finding="concealed", alias="i0421")  # which of the two a person says
    late = plant(city, "late", "i0421", "tablet")
    assert "没有查出" in refused(late)
    assert "上报人本人" in refused(late, finding="late", alias="i0422")
    confirm(city, late, finding="late")
    own = plant(city, by="i0421", channel="tablet")
    assert "上报人本人" in refused(own)  # who reported it did not miss it


def test_a_confirmation_cannot_be_dated_back_to_when_nobody_could_appeal_any_more(city: City) -> None:
    at, about = datetime.now(UTC) - timedelta(days=17), plant(city)
    times = {"observed_at": stamp(at), "saved_at": stamp(at)}
    said = {"author": "g24", "finding": "missed", "step": "confirmed", "about": about, "text": "已核实"}
    early = {"_id": f"{DIANHUTUN}:omission:i0421:{ULID.from_datetime(at)}", "type": "omission", **said, **times}
    [row] = city.client("g24").post(f"{DB}/_bulk_docs", json=bulk(early)).json()
    assert "必须是现在" in row["reason"]
    found = page(city)
    assert (found["chains"], found["proposals"], len(found["candidates"])) == ([], [], 1)


def test_of_two_who_settle_at_the_same_instant_one_is_told(city: City) -> None:
    about, clients = plant(city, by="z109"), [city.client("g24"), city.client("h24")]
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(settle, client, about) for client in clients]
    assert sorted(answer.result().status_code for answer in answers) == [201, 409]


def test_one_sanction_is_in_force_for_an_omission_and_a_correction_takes_its_place(city: City) -> None:
    confirmed = confirm(city, plant(city))
    assert judge(city, "g24", appeal(city, confirmed)["id"]).status_code == 201
    assert sanction(city, "h24", [confirmed]).status_code == 201
    told = sanction(city, "g24", [confirmed])
    assert (told.status_code, "已由 h24" in told.json()["detail_zh"]) == (409, True)
    assert [one["in_force"] for one in page(city)["sanctions"]] == [True]


def test_who_was_appointed_can_be_found_against_without_an_account_and_is_heard_all_the_same(city: City) -> None:
    """Those of the simulation, and those whose account was closed: the station writes their appeal down."""
    at = stamp(datetime.now(UTC) - timedelta(days=1))
    for alias in ("i0499", "i0422"):
        appointed = {"_id": f"{DIANHUTUN}:appointment:z109:{ULID()}", "type": "appointment", "alias": alias}
        path = f"{city.store.url}/d110-{COUNTY}/{appointed['_id']}"
        assert httpx.put(path, json=appointed | {"observed_at": at, "saved_at": at}).status_code == 201
    city.close_account("i0422")
    for alias in ("i0499", "i0422"):
        confirmed = confirm(city, plant(city), by="g24", alias=alias)
        body = {"about": confirmed, "text": "当天在外地"}
        wait_until(lambda: [one["may_appeal"] for one in page(city, "z109")["chains"]][:1] == [True])
        assert not page(city, "g24")["chains"][0]["may_appeal"]
        written = city.client("z109").post("/truthfulness/appeals", json=body | {"ulid": str(ULID())})
        assert written.status_code == 201, written.text
        assert judge(city, "h24", written.json()["id"], "withdrawn").status_code == 201
    assert settle(city.client("g24"), plant(city), alias="nobody").status_code == 409


def test_who_entered_a_matter_does_not_judge_it(city: City) -> None:
    about = plant(city, by="z109")
    assert [[one["may_confirm"] for one in page(city, by)["candidates"]] for by in ("z109", "g24")] == [[False], [True]]
    refused = settle(city.client("z109"), about)
    assert (refused.status_code, refused.json()["code"]) == (409, "step_refused")
    assert "另一账号" in refused.json()["detail_zh"]
    assert settle(city.client("g24"), about).status_code == 201


def test_who_did_not_serve_on_the_day_of_the_matter_is_not_found_against(city: City) -> None:
    """Neither who has an account but no appointment, nor who served until yesterday."""
    for ago, is_dismissal in ((2, False), (1, True)):
        at = stamp(datetime.now(UTC) - timedelta(days=ago))
        said = {"_id": f"{DIANHUTUN}:appointment:z109:{ULID()}", "type": "appointment", "alias": "i0499"}
        said |= {"observed_at": at, "saved_at": at} | ({"is_dismissal": True} if is_dismissal else {})
        assert httpx.put(f"{city.store.url}/d110-{COUNTY}/{said['_id']}", json=said).status_code == 201
    about = plant(city)
    for alias in ("i0499", "i0422"):
        answer = settle(city.client("z109"), about, alias=alias)
        assert (answer.status_code, answer.json()["code"]) == (409, "step_refused")
        assert alias in answer.json()["detail_zh"]
        assert "不负上报责任" in answer.json()["detail_zh"]
    assert settle(city.client("z109"), about).status_code == 201


def test_what_was_withdrawn_of_the_wrong_informant_may_be_confirmed_of_the_right_one(city: City) -> None:
    at = stamp(datetime.now(UTC) - timedelta(days=2))
    appointed = {"_id": f"{DIANHUTUN}:appointment:z109:{ULID()}", "type": "appointment", "alias": "i0422"}
    path = f"{city.store.url}/d110-{COUNTY}/{appointed['_id']}"
    assert httpx.put(path, json=appointed | {"observed_at": at, "saved_at": at}).status_code == 201
    about = plant(city)
    appealed = appeal(city, confirm(city, about))
    assert appealed["ok"], appealed
    assert judge(city, "h24", appealed["id"], "withdrawn").status_code == 201
    again = settle(city.client("z109"), about)
    assert (again.status_code, again.json()["code"]) == (409, "step_refused")
    wait_until(lambda: bool(page(city)["candidates"]))
    [candidate] = page(city)["candidates"]
    assert [one["alias"] for one in candidate["serving"]] == ["i0422"]
    confirm(city, about, alias="i0422")
    assert page(city)["candidates"] == []


def test_an_informant_with_an_open_account_appeals_in_person(city: City) -> None:
    confirmed = confirm(city, plant(city), by="g24")
    assert not page(city, "z109")["chains"][0]["may_appeal"]
    body = {"ulid": str(ULID()), "about": confirmed, "text": "代为登记"}
    assert "本人" in city.client("z109").post("/truthfulness/appeals", json=body).json()["detail_zh"]
    assert city.client("a217").post("/truthfulness/appeals", json=body).status_code == 404


def test_who_is_suspended_covers_nothing_and_has_nothing_to_report_from_that_day_on(city: City) -> None:
    def township() -> dict[str, Any]:
        return dict(city.client("z109").get(f"/informants/{TOWNSHIP}").json())

    before = township()
    assert [one["suspended_until"] for one in before["informants"]] == [None]
    confirmed = [confirm(city, plant(city)) for _ in range(3)]
    for one in confirmed:
        assert judge(city, "g24", appeal(city, one)["id"]).status_code == 201
    suspension = {"disciplines": ["suspended"], "suspended_days": 30}
    assert sanction(city, "h24", confirmed, **suspension).status_code == 201
    after, total = township(), before["total"]
    [informant] = after["informants"]  # appointed still
    last = datetime.now(LOCAL).date() + timedelta(days=29)
    assert informant["suspended_until"] == str(last)
    assert (after["total"]["heads"], after["total"]["lacking"]) == (total["heads"] - 1, total["lacking"] + 1)
    assert str(last) in lines(city.client("z109"), f"/informants/{TOWNSHIP}/register/csv")[1]
    about = plant(city)
    assert [one["serving"] for one in page(city)["candidates"]] == [[]]
    refused = settle(city.client("z109"), about)
    assert (refused.status_code, "已停岗" in refused.json()["detail_zh"]) == (409, True)
