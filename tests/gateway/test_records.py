"""Services, trainings and pledges that were entered wrongly: corrected and withdrawn by their office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from tests.city import DIANHUTUN, City, bulk, stamp

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
BULK = f"/db/d110-{COUNTY}/_bulk_docs"
SERVICE = {"division": DIANHUTUN, "topic": "修路", "amount": 25.0, "unit": "公里", "place": "村东"}
NOW = datetime.now(LOCAL)
MONTH = f"{NOW:%Y-%m}"


@pytest.fixture(scope="module", autouse=True)
def _staffed(city: City) -> None:
    city.add_account("z109b", "station", TOWNSHIP)  # a second clerk of the same station
    city.add_account("z110", "station", f"{COUNTY}110" if f"{COUNTY}110" != TOWNSHIP else f"{COUNTY}111")
    appointed = {"village": DIANHUTUN, "alias": "i0421", "observed_at": stamp(NOW - timedelta(days=2))}
    assert post(city, "z109", "/informants/appointments", appointed).status_code == 201


def post(city: City, alias: str, path: str, body: dict[str, Any]) -> httpx.Response:
    return city.client(alias).post(path, json={"ulid": str(ULID())} | body)


def enter(city: City, path: str, body: dict[str, Any], alias: str = "z109") -> str:
    answer = post(city, alias, path, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def withdraw(city: City, record: str, alias: str = "z109", text: str = "重复登记") -> httpx.Response:
    return post(city, alias, "/records/withdrawals", {"withdraws": record, "text": text})


def services(city: City, alias: str = "z109") -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in city.client(alias).get(f"/casework/services/{TOWNSHIP}").json()["rows"]}


def figures(city: City, since: str = "2026-01-01") -> dict[str, float]:
    until = f"{NOW:%Y-%m-%d}"
    found = city.client("z109").get(f"/casework/statistics/{TOWNSHIP}?since={since}&until={until}").json()["figures"]
    return {one["name"]: one["number"] for one in found}


def changes(city: City, kind: str, alias: str = "z109", code: str = TOWNSHIP) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in city.client(alias).get(f"/records/{kind}/{code}").json()["rows"]}


@pytest.fixture
def service(city: City) -> Iterator[str]:
    """A service that is gone from the ledger when its test ends."""
    first = enter(city, "/casework/services", SERVICE)
    yield first
    for one in services(city).values():
        withdraw(city, one["id"])


def test_a_corrected_service_counts_with_its_last_word_and_its_history_can_be_read(city: City, service: str) -> None:
    right = enter(city, "/casework/services", SERVICE | {"amount": 2.5, "corrects": service})
    [one] = services(city).values()
    assert (one["id"], one["amount"], one["is_corrected"], one["may_correct"]) == (right, 2.5, True, True)
    assert (figures(city)["services.done"], figures(city)["services.done:修路:公里"]) == (1, 2.5)
    assert "25.0" not in city.client("z109").get(f"/casework/services/{TOWNSHIP}/csv").text
    changed = changes(city, "service")[service]
    assert [(word["author"], word["amount"]) for word in changed["words"]] == [("z109", 25.0), ("z109", 2.5)]
    assert changed["is_withdrawn"] is False
    behind = f"/casework/behind/{TOWNSHIP}?since=2026-01-01&until={NOW:%Y-%m-%d}&figure=services.done"
    assert [row["ids"] for row in city.client("z109").get(behind).json()["rows"]] == [[right]]


def test_a_withdrawn_service_counts_nothing_and_says_why(city: City, service: str) -> None:
    assert withdraw(city, service).status_code == 201
    assert services(city) == {} and figures(city)["services.done"] == 0
    changed = changes(city, "service")[service]
    assert (changed["is_withdrawn"], changed["words"][-1]["withdrawn"]) == (True, "重复登记")
    again = withdraw(city, service)
    assert (again.status_code, again.json()["code"]) == (409, "corrected_meanwhile")
    last = city.client("z109").get(f"/records/service/{TOWNSHIP}").json()["rows"][0]
    assert last["id"] == service
    assert post(city, "z109", "/casework/services", SERVICE | {"corrects": service}).status_code == 409


def test_a_correction_may_move_the_day_into_another_period(city: City, service: str) -> None:
    before = stamp(NOW - timedelta(days=40))
    enter(city, "/casework/services", SERVICE | {"corrects": service, "observed_at": before})
    since = f"{NOW - timedelta(days=20):%Y-%m-%d}"
    assert (figures(city, since)["services.done"], figures(city, "2026-01-01")["services.done"]) == (0, 1)
    ages_ago = SERVICE | {"corrects": next(iter(services(city))), "observed_at": stamp(NOW - timedelta(days=800))}
    assert "一年以上" in post(city, "z109", "/casework/services", ages_ago).json()["detail_zh"]


def test_another_clerk_of_the_office_corrects_it_and_no_other_office_does(city: City, service: str) -> None:
    for alias in ("g24", "s17"):
        assert services(city, alias)[service]["may_correct"] is False
        for told in (
            withdraw(city, service, alias),
            post(city, alias, "/casework/services", SERVICE | {"corrects": service}),
        ):
            assert (told.status_code, "只有登记它的单位" in told.json()["detail_zh"]) == (409, True)
    for alias in ("z110", "g71", "a217"):
        assert withdraw(city, service, alias).json()["code"] == "no_such_record"
    assert services(city, "z109b")[service]["may_correct"] is True
    enter(city, "/casework/services", SERVICE | {"amount": 3, "corrects": service}, "z109b")
    assert [word["author"] for word in changes(city, "service")[service]["words"]] == ["z109", "z109b"]


def test_of_two_corrections_the_second_is_told_and_the_last_word_counts(city: City, service: str) -> None:
    enter(city, "/casework/services", SERVICE | {"amount": 3, "corrects": service})
    told = post(city, "z109b", "/casework/services", SERVICE | {"amount": 4, "corrects": service})
    assert (told.status_code, told.json()["code"]) == (409, "corrected_meanwhile")
    # at the door itself, where no form says what it showed, the last word counts
    at = stamp(datetime.now(UTC))
    body = {k: v for k, v in SERVICE.items() if k != "division"} | {"amount": 4.0, "amends": service}
    document = body | {"_id": f"{DIANHUTUN}:service:z109b:{ULID()}", "type": "service", "observed_at": at}
    [row] = city.client("z109b").post(BULK, json=bulk(document | {"saved_at": at})).json()
    assert row.get("ok"), row
    assert [one["amount"] for one in services(city).values()] == [4.0]


def test_a_correction_whose_id_is_older_than_the_last_word_is_refused(city: City, service: str) -> None:
    early = str(ULID())
    right = enter(city, "/casework/services", SERVICE | {"amount": 3, "corrects": service})
    body = {"withdraws": right, "text": "重复登记"}
    late = post(city, "z109", "/records/withdrawals", body | {"ulid": early})
    assert (late.status_code, "更晚的更正" in late.json()["detail_zh"]) == (409, True)
    assert post(city, "z109", "/records/withdrawals", body).status_code == 201
    assert services(city) == {}


def test_a_repeated_correction_is_stored_once(city: City, service: str) -> None:
    body = SERVICE | {"amount": 5, "corrects": service, "ulid": str(ULID())}
    assert [post(city, "z109", "/casework/services", body).status_code for _ in range(2)] == [201, 201]
    assert len(changes(city, "service")[service]["words"]) == 2
    gone = {"withdraws": next(iter(services(city))), "text": "重复登记", "ulid": str(ULID())}
    assert [post(city, "z109", "/records/withdrawals", gone).status_code for _ in range(2)] == [201, 201]


def test_what_is_not_there_is_not_corrected(city: City) -> None:
    for nothing in (f"{DIANHUTUN}:service:z109:{ULID()}", "nothing", f"{DIANHUTUN}:report:z109:{ULID()}"):
        assert withdraw(city, nothing).json()["code"] == "no_such_record"
        told = post(city, "z109", "/casework/services", SERVICE | {"corrects": nothing})
        assert (told.status_code, told.json()["code"]) == (404, "no_such_record")


def test_the_door_takes_no_withdrawal_of_nothing_and_none_of_what_was_withdrawn(city: City, service: str) -> None:
    def pushed(alias: str, **fields: Any) -> str:
        at = stamp(datetime.now(UTC))
        said = {k: v for k, v in SERVICE.items() if k != "division"} | {"observed_at": at, "saved_at": at}
        document = said | {"_id": f"{DIANHUTUN}:service:{alias}:{ULID()}", "type": "service"} | fields
        [row] = city.client(alias).post(BULK, json=bulk(document)).json()
        return str(row.get("reason", "ok"))

    assert "撤回必须指明" in pushed("z109", withdrawn="写错了")
    assert "只有登记它的单位" in pushed("g24", amends=service, withdrawn="写错了")
    assert pushed("z109", amends=service, withdrawn="写错了") == "ok"
    assert "已被撤回" in pushed("z109", amends=service, amount=1.0)


def test_a_training_that_is_corrected_or_withdrawn_pays_by_its_last_word(city: City) -> None:
    def trainings_paid() -> int:
        rows = city.client("z109").get(f"/informants/{TOWNSHIP}/allowance?month={MONTH}").json()["rows"]
        return int(next(row["trainings"] for row in rows if row["alias"] == "i0421"))

    body = {"division": TOWNSHIP, "topic": "信息填报", "attended": 30, "informants": ["i0421"]}
    first = enter(city, "/informants/trainings", body)
    assert trainings_paid() == 1
    second = enter(city, "/informants/trainings", body | {"attended": 3, "informants": [], "corrects": first})
    assert trainings_paid() == 0
    listed = city.client("z109").get(f"/informants/{TOWNSHIP}/trainings").json()
    assert (listed["attended"], [row["id"] for row in listed["rows"]]) == (3, [second])
    assert (listed["rows"][0]["is_corrected"], listed["rows"][0]["may_correct"]) == (True, True)
    third = enter(city, "/informants/trainings", body | {"corrects": second})
    assert trainings_paid() == 1
    above = changes(city, "training", "g24", COUNTY)[first]
    assert "i0421" not in str(above) and len(above["words"]) == 3
    assert withdraw(city, third).status_code == 201
    assert trainings_paid() == 0 and figures(city)["trainings.held"] == 0
    assert city.client("z109").get(f"/informants/{TOWNSHIP}/trainings").json()["rows"] == []


def test_a_pledge_that_is_corrected_or_withdrawn_holds_by_its_last_word(city: City) -> None:
    def own() -> dict[str, Any]:
        rows = city.client("g24").get(f"/pledges/{COUNTY}").json()["rows"]
        return dict(next(row for row in rows if row["division"] == TOWNSHIP))

    body = {"village": TOWNSHIP, "signer": "z109", "until": "2029-12-31"}
    first = enter(city, "/informants/pledges", body, "g24")
    second = enter(city, "/informants/pledges", body | {"until": "2027-12-31", "corrects": first}, "g24")
    assert (own()["id"], own()["until"], own()["is_corrected"], own()["may_correct"]) == (
        second,
        "2027-12-31",
        True,
        True,
    )
    assert city.client("z109").get(f"/pledges/{TOWNSHIP}").json()["own"]["may_correct"] is False
    assert withdraw(city, second, "g24").status_code == 201
    assert (own()["until"], own()["is_in_force"], own()["id"]) == (None, False, None)
    assert "2027-12-31" not in city.client("g24").get(f"/pledges/{COUNTY}/csv").text


def test_an_informants_pledge_is_the_stations_to_correct_and_to_look_at(city: City) -> None:
    def informant() -> dict[str, Any]:
        [found] = city.client("z109").get(f"/informants/{TOWNSHIP}").json()["informants"]
        return dict(found)

    body = {"village": DIANHUTUN, "signer": "i0421", "until": "2028-06-30"}
    first = enter(city, "/informants/pledges", body)
    assert (informant()["pledge"], informant()["may_correct_pledge"]) == (first, True)
    second = enter(city, "/informants/pledges", body | {"until": "2027-06-30", "corrects": first})
    assert informant()["pledged_until"] == "2027-06-30"
    assert withdraw(city, second).status_code == 201
    assert (informant()["pledged_until"], informant()["pledge"]) == (None, None)
    assert first in changes(city, "pledge")
    assert first not in changes(city, "pledge", "g24", COUNTY)


def test_only_offices_look_at_what_was_changed_and_within_their_scope(city: City) -> None:
    for alias in ("a217", "i0421"):
        assert city.client(alias).get(f"/records/service/{DIANHUTUN}").json()["code"] == "offices_only"
    assert city.client("g71").get(f"/records/service/{COUNTY}").json()["code"] == "out_of_scope"
    assert city.client("z109").get(f"/records/report/{TOWNSHIP}").status_code == 400


def test_who_attends_as_an_informant_is_appointed_on_that_day_and_named_once(city: City) -> None:
    body = {"division": TOWNSHIP, "topic": "填报", "attended": 5}
    never = post(city, "z109", "/informants/trainings", body | {"informants": ["i0422"]})
    assert (never.status_code, "i0422" in never.json()["detail_zh"], "在任" in never.json()["detail_zh"]) == (
        409,
        True,
        True,
    )
    earlier = body | {"informants": ["i0421"], "observed_at": stamp(NOW - timedelta(days=5))}
    assert "held no appointment" in post(city, "z109", "/informants/trainings", earlier).json()["detail"]
    twice = post(city, "z109", "/informants/trainings", body | {"informants": ["i0421", "i0421"]})
    assert (twice.status_code, "不止一次" in twice.json()["detail_zh"]) == (409, True)
    elsewhere = body | {"division": f"{COUNTY}", "informants": ["i0421"]}
    assert withdraw(city, enter(city, "/informants/trainings", elsewhere, "g24"), "g24").status_code == 201
