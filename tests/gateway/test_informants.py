"""Informants at the gateway: the station appoints and sees who serves; nobody else does; coverage and allowance."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.periods import parse_period
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, City, bulk, stamp

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
PLACES = [{"name": "前屯", "households": 120, "people": 480}, {"name": "后屯", "households": 150, "people": 620}]
MONTH = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture(scope="module", autouse=True)
def _appointed(city: City) -> None:
    station = city.client("z109")
    entered = {"ulid": str(ULID()), "village": DIANHUTUN, "natural_villages": PLACES}
    assert station.post("/informants/settlements", json=entered).status_code == 201
    assert appoint(station, "i0421", natural_villages=["前屯"], households=60).status_code == 201


def appoint(client: httpx.Client, alias: str, **fields: Any) -> httpx.Response:
    body = {"ulid": str(ULID()), "village": DIANHUTUN, "alias": alias}
    return client.post("/informants/appointments", json=body | fields)


def page(client: httpx.Client, code: str = TOWNSHIP) -> dict[str, Any]:
    answer = client.get(f"/informants/{code}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def logged(city: City) -> list[tuple[str, str, str]]:
    async def work() -> list[tuple[str, str, str]]:
        async with Couch(city.store.url) as couch:
            entries = AuditLog(couch, lambda: datetime.now(UTC)).entries()
            return [(entry.actor, entry.action, entry.subject) async for entry in entries]

    return asyncio.run(work())


def test_the_station_sees_who_serves_and_the_blind_spots(city: City) -> None:
    found = page(city.client("z109"))
    [informant] = found["informants"]
    assert (informant["alias"], informant["natural_villages"], informant["account"]) == ("i0421", ["前屯"], "open")
    assert [one["alias"] for one in found["waiting"]] == ["i0422"]
    [village] = [row for row in found["coverage"] if row["division"] == DIANHUTUN]
    assert [(one["name"], one["required"], one["appointed"]) for one in village["places"]] == [
        ("前屯", 1, 1),
        ("后屯", 2, 0),
    ]
    assert (village["blind"], village["blind_people"], village["heads"], village["lacking"]) == (1, 620, 1, 2)
    assert found["total"]["villages"] == len(found["coverage"]) and found["total"]["heads"] == 1


def test_the_terminal_counts_blind_spots_as_the_page_does(city: City) -> None:
    total, terminal = (
        page(city.client("z109"))["total"],
        city.client("z109").get(f"/casework/terminal/{TOWNSHIP}").json(),
    )
    assert (terminal["blind"], terminal["lacking"]) == (total["blind"], total["lacking"])
    assert city.client("s17").get("/casework/terminal/3717").json()["blind"] is None


def test_villages_whose_natural_villages_nobody_has_entered_are_counted_apart(city: City) -> None:
    total = page(city.client("z109"))["total"]
    others = total["villages"] - 1
    assert others and (total["unknown"], total["unwatched"]) == (others, others)
    assert (total["natural_villages"], total["blind"]) == (2, 1)
    assert city.client("z109").get(f"/casework/terminal/{TOWNSHIP}").json()["unknown"] == others
    far = page(city.client("g71"), KONGZHUANG[:6])["total"]
    assert (far["blind"], far["natural_villages"]) == (0, 0)
    assert far["unknown"] == far["villages"] > 0
    terminal = city.client("g71").get(f"/casework/terminal/{KONGZHUANG[:6]}").json()
    assert (terminal["blind"], terminal["unknown"]) == (None, far["villages"])
    path = f"/informants/{KONGZHUANG[:6]}/coverage/csv?language=en"
    head, *_, last = city.client("g71").get(path).text.splitlines()
    assert head.endswith("Blind spots,Villages without natural villages entered yet")
    needed = [str(far[name]) for name in ("required", "heads", "lacking")]
    assert last.split(",") == ["total", "", "", "", "", *needed, "", str(far["unknown"])]


def test_a_weak_team_needs_one_more(city: City) -> None:
    today = datetime.now(UTC).astimezone(LOCAL).date()
    half = parse_period(f"{today.year}{'H1' if today.month <= 6 else 'H2'}").previous
    sibling = "371724109218"
    weak = {"score": 41.0, "grade": "weak", "from_day": "2026-01-01", "until_day": "2026-06-30", "catalogue": "1"}
    weak |= {"type": "evaluation", "policy": "1", "components": [], "response": {}}
    path = f"{city.store.url}/d110-{COUNTY}/{sibling}:evaluation:{half.name}"
    assert httpx.put(path, json=weak).status_code == 201
    [village] = [row for row in page(city.client("z109"))["coverage"] if row["division"] == sibling]
    assert (village["weak"], village["required"]) == (1, 2)


def test_county_and_city_see_counts_and_coverage_and_nobody(city: City) -> None:
    for alias, code in (("g24", COUNTY), ("g24", TOWNSHIP), ("s17", COUNTY)):
        answer = city.client(alias).get(f"/informants/{code}")
        found = answer.json()
        assert (found["informants"], found["waiting"], found["is_station"]) == ([], [], False)
        assert found["total"]["heads"] == 1
        assert "i0421" not in answer.text
        for path in (f"register/csv?code={code}", f"allowance?month={MONTH}", f"allowance/csv?month={MONTH}"):
            refused = city.client(alias).get(f"/informants/{code}/{path}")
            assert (refused.status_code, refused.json()["code"]) == (403, "station_only")
    assert city.client("s17").get("/informants/3717").json()["code"] == "choose_a_county"
    assert "i0421" not in city.client("g24").get(f"/informants/{COUNTY}/coverage/csv").text


@pytest.mark.parametrize("alias", ["i0421", "a217"])
def test_nobody_in_the_village_sees_anything_of_it(city: City, alias: str) -> None:
    client = city.client(alias)
    for code in (DIANHUTUN, TOWNSHIP):
        assert client.get(f"/informants/{code}").json()["code"] == "offices_only"
    assert client.post("/informants/names/read", json={"alias": "i0421"}).status_code == 403
    pulled = client.post("/db/d110-371724/_pull", json={}).text
    assert ":appointment:" not in pulled and ":pledge:" not in pulled


def test_another_county_is_out_of_scope(city: City) -> None:
    assert city.client("g71").get(f"/informants/{COUNTY}").json()["code"] == "out_of_scope"
    assert city.client("z109").get(f"/informants/{KONGZHUANG[:9]}").json()["code"] == "out_of_scope"
    assert city.client("z109").get(f"/informants/{BALIZHUANG[:9]}").status_code == 403


def test_an_appointment_goes_with_an_account_of_the_villages_informants(city: City) -> None:
    for alias in ("nobody", "a217"):
        refused = appoint(city.client("z109"), alias)
        assert (refused.status_code, refused.json()["code"]) == (409, "step_refused")
        assert "信息员" in refused.json()["detail_zh"]
    assert appoint(city.client("g24"), "i0422").status_code == 409  # the station appoints
    assert appoint(city.client("a217"), "i0422").status_code == 409
    assert ("z109", "appointment") in [(actor, action) for actor, action, _ in logged(city)]


def test_a_dismissal_ends_the_term_and_leaves_the_account(city: City) -> None:
    station = city.client("z109")
    assert appoint(station, "i0422", natural_villages=["后屯"]).status_code == 201
    assert [one["alias"] for one in page(station)["informants"]] == ["i0421", "i0422"]
    assert appoint(station, "i0422", is_dismissal=True).status_code == 201
    found = page(station)
    assert [one["alias"] for one in found["informants"]] == ["i0421"]
    assert [one["alias"] for one in found["waiting"]] == ["i0422"]
    again = appoint(station, "i0422", is_dismissal=True)  # there is nothing left to end
    assert (again.status_code, "不在任" in again.json()["detail_zh"]) == (409, True)


def test_a_name_is_for_the_station_that_appointed_and_each_look_is_logged(city: City) -> None:
    station, body = city.client("z109"), {"alias": "i0421", "name": "测试人员甲", "contact": "乡里知道"}
    assert station.post("/informants/names/read", json={"alias": "i0421"}).json()["code"] == "not_named"
    assert station.post("/informants/names", json=body).status_code == 204
    assert page(station)["informants"][0]["is_named"]
    before = logged(city).count(("z109", "informant_read", "i0421"))
    assert station.post("/informants/names/read", json={"alias": "i0421"}).json() == body
    assert logged(city).count(("z109", "informant_read", "i0421")) == before + 1
    assert ("z109", "informant_named", "i0421") in logged(city)
    for alias in ("g24", "s17", "a217", "i0422"):
        assert city.client(alias).post("/informants/names/read", json={"alias": "i0421"}).status_code == 403
    assert station.post("/informants/names/read", json={"alias": "i-elsewhere"}).status_code == 404
    replicated = city.raw("d110-371724/_all_docs?include_docs=true")
    assert "测试人员甲" not in str(replicated)


def test_pledges_and_trainings_stand_in_the_register_and_on_the_allowance_sheet(city: City) -> None:
    station = city.client("z109")
    pledge = {"ulid": str(ULID()), "village": DIANHUTUN, "signer": "i0421", "until": "2027-06-30"}
    assert station.post("/informants/pledges", json=pledge).status_code == 201
    training = {"ulid": str(ULID()), "division": TOWNSHIP, "topic": "信息填报", "attended": 30, "informants": ["i0421"]}
    for _ in range(2):  # a repeated request stores nothing twice
        assert station.post("/informants/trainings", json=training).status_code == 201
    [informant] = page(station)["informants"]
    assert (informant["pledged_until"], informant["trainings"]) == ("2027-06-30", 1)
    saved = station.get(f"/informants/{TOWNSHIP}/trainings/csv").text
    assert training["topic"] in saved and "i0421" in saved
    assert "i0421" not in city.client("g24").get(f"/informants/{COUNTY}/trainings/csv").text
    listed = station.get(f"/informants/{TOWNSHIP}/trainings").json()
    assert (listed["count"], listed["attended"]) == (1, 30)
    [one] = listed["rows"]
    assert (one["topic"], one["informants"], one["author"]) == (training["topic"], ["i0421"], "z109")
    above = city.client("g24").get(f"/informants/{COUNTY}/trainings").json()
    assert [(row["division"], row["informants"], row["author"]) for row in above["rows"]] == [(TOWNSHIP, [], "")]
    assert station.get(f"/informants/{TOWNSHIP}/trainings?offset=1").json()["rows"] == []
    for stranger in ("i0421", "a217"):
        assert city.client(stranger).get(f"/informants/{TOWNSHIP}/trainings").json()["code"] == "offices_only"
    sheet = station.get(f"/informants/{TOWNSHIP}/allowance?month={MONTH}").json()
    [row] = [one for one in sheet["rows"] if one["alias"] == "i0421"]
    assert (row["trainings"], row["supplement"], row["withheld"]) == (1, 10, 0)
    assert row["base"] == round(180 * row["days"] / sheet["month_days"] + 1e-9, 2)
    assert sum(one["total"] for one in sheet["rows"]) == pytest.approx(sheet["total"])
    assert any(":training:" in identity for identity in row["ids"])
    csv = station.get(f"/informants/{TOWNSHIP}/allowance/csv?month={MONTH}&language=en").text
    assert "i0421" in csv and "Withheld" in csv
    assert station.get(f"/informants/{TOWNSHIP}/register/csv").text.count("i0421") == 1
    assert station.get(f"/informants/{TOWNSHIP}/allowance?month=2026-13").json()["code"] == "bad_month"


def test_a_training_that_names_informants_is_no_villages(city: City) -> None:
    training = {"ulid": str(ULID()), "division": DIANHUTUN, "topic": "填报", "attended": 3, "informants": ["i0421"]}
    refused = city.client("z109").post("/informants/trainings", json=training)
    assert refused.status_code == 409
    fewer = training | {"ulid": str(ULID()), "division": TOWNSHIP, "attended": 0}
    assert city.client("z109").post("/informants/trainings", json=fewer).status_code == 409
    assert city.client("z109").post("/informants/trainings", json=training | {"informants": []}).status_code == 201


def test_the_door_refuses_appointments_that_are_no_villages(city: City) -> None:
    at = stamp(datetime.now(UTC))
    identity = f"{TOWNSHIP}:appointment:z109:{ULID()}"
    document = {"_id": identity, "type": "appointment", "alias": "i0421", "observed_at": at, "saved_at": at}
    [row] = city.client("z109").post("/db/d110-371724/_bulk_docs", json=bulk(document)).json()
    assert row["error"] == "forbidden"


@pytest.mark.parametrize(
    ("places", "word"),
    [
        ([PLACES[0], PLACES[0]], "重复"),
        ([PLACES[0] | {"households": 500, "people": 3}], "户数"),
        ([PLACES[0] | {"households": 0, "people": 0}], "户数"),
    ],
)
def test_natural_villages_that_cannot_be_are_refused_with_the_reason(
    city: City, places: list[dict[str, Any]], word: str
) -> None:
    entered = {"ulid": str(ULID()), "village": DIANHUTUN, "natural_villages": places}
    told = city.client("z109").post("/informants/settlements", json=entered)
    assert (told.status_code, word in told.json()["detail_zh"]) == (409, True)


def test_an_appointment_names_natural_villages_that_there_are_with_their_households(city: City) -> None:
    station = city.client("z109")
    assert "天上村" in appoint(station, "i0422", natural_villages=["天上村"]).json()["detail_zh"]
    told = appoint(station, "i0422", natural_villages=["前屯"], households=121)
    assert (told.status_code, "120" in told.json()["detail_zh"]) == (409, True)
    assert appoint(station, "i0422", households=99_999).status_code == 409


def test_a_pledge_is_signed_by_somebody_of_the_division_and_entered_by_the_office_above(city: City) -> None:
    def pledge(by: str, division: str, signer: str) -> int:
        body = {"ulid": str(ULID()), "village": division, "signer": signer, "until": "2027-06-30"}
        return city.client(by).post("/informants/pledges", json=body).status_code

    assert [pledge("z109", DIANHUTUN, one) for one in ("nobody", "g71", "z109")] == [409, 409, 409]
    assert [pledge("z109", DIANHUTUN, one) for one in ("i0421", "a217")] == [201, 201]
    assert [pledge("g24", TOWNSHIP, one) for one in ("a217", "z109")] == [409, 201]
    assert [pledge("s17", COUNTY, "g24"), pledge("g24", COUNTY, "g24"), pledge("s17", "3717", "s17")] == [201, 409, 409]


def test_only_informants_of_the_office_attend_as_such_and_no_sheet_is_made_of_a_month_to_come(city: City) -> None:
    training = {"ulid": str(ULID()), "division": TOWNSHIP, "topic": "填报", "attended": 3, "informants": ["nobody"]}
    assert "nobody" in city.client("z109").post("/informants/trainings", json=training).json()["detail_zh"]
    year = datetime.now(UTC).year + 1
    told = city.client("z109").get(f"/informants/{TOWNSHIP}/allowance?month={year}-12")
    assert (told.status_code, told.json()["code"]) == (400, "month_to_come")


def test_pledges_between_the_levels_show_who_has_signed_until_when_and_who_has_not(city: City) -> None:
    def row(by: str, code: str, division: str) -> dict[str, Any]:
        [found] = [one for one in city.client(by).get(f"/pledges/{code}").json()["rows"] if one["division"] == division]
        return dict(found)

    sibling = "371724109218"
    assert (row("z109", TOWNSHIP, sibling)["signer"], row("z109", TOWNSHIP, sibling)["is_in_force"]) == (None, False)
    body = {"village": TOWNSHIP, "signer": "z109", "until": "2027-12-31"}
    for until in ("2027-12-31", "2026-12-31"):  # the longest holds
        signed = city.client("g24").post("/informants/pledges", json=body | {"ulid": str(ULID()), "until": until})
        assert signed.status_code == 201
    found = row("g24", COUNTY, TOWNSHIP)
    assert (found["signer"], found["until"], found["is_in_force"], found["entered_by"]) == (
        "z109",
        "2027-12-31",
        True,
        "g24",
    )
    assert (found["signers"], found["may_enter"]) == (["z109"], True)
    own = city.client("z109").get(f"/pledges/{TOWNSHIP}").json()["own"]
    assert (own["until"], own["may_enter"]) == ("2027-12-31", False)
    lacking = city.client("g24").get(f"/pledges/{COUNTY}").json()
    assert lacking["lacking"] == len([one for one in lacking["rows"] if not one["is_in_force"]])
    assert "z109" in city.client("s17").get(f"/pledges/{COUNTY}/csv?language=en").text
    # an informant's pledge stands in the register of the station, and not here
    village = {"village": DIANHUTUN, "signer": "i0421", "until": "2028-01-31"}
    assert city.client("z109").post("/informants/pledges", json=village | {"ulid": str(ULID())}).status_code == 201
    assert "i0421" not in city.client("g24").get(f"/pledges/{TOWNSHIP}").text
    assert city.client("z109").get(f"/pledges/{COUNTY}").status_code == 403
    assert city.client("a217").get(f"/pledges/{TOWNSHIP}").status_code == 403
