"""Nothing that an author wrote is lost when they move, are shut off, or their account is closed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.city import DIANHUTUN, KONGZHUANG, City, DeviceKeys, bulk, report, wait_until
from tests.gateway.test_devices import account_of
from tests.gateway.test_photos import add, begin
from tests.photos import photo, sha256_of

NEIGHBOUR = "371724109218"
DB = "/db/d110-371724"


def fresh(city: City, alias: str, device: str = "testdevice") -> httpx.Client:
    """Logged in as of now: the clock was moved."""
    headers = {"Authorization": f"Bearer {city.login(alias, device)['access_token']}"}
    return httpx.Client(base_url=city.url, headers=headers, timeout=20)


def hand_in(client: httpx.Client, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/hand-in", json={"docs": list(documents)})
    assert answer.status_code == 201, answer.text
    return list(answer.json())


def kept(city: City, office: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    with fresh(city, office) as client:
        waiting = client.get("/quarantine", params={"author": document["_id"].split(":")[2]}).json()["oldest"]
    return [one for one in waiting if one["document_id"] == document["_id"]]


def test_what_was_written_before_a_move_to_another_county_waits_for_the_office_of_the_old_place(city: City) -> None:
    city.add_account("i0501", "informant", DIANHUTUN)
    city.add_account("z003", "station", KONGZHUANG[:9])
    document = report(DIANHUTUN, "i0501", text="调走之前写的。")
    city.move_account("i0501", KONGZHUANG)
    with fresh(city, "i0501") as author:
        refused = author.post(f"{DB}/_bulk_docs", json=bulk(document))
        assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
        [row] = hand_in(author, document)
        assert (row["error"], "管理站" in row["reason"]) == ("forbidden", True)
        assert kept(city, "z003", document) == []
        [waiting] = kept(city, "z109", document)
        assert waiting["code"] == "moved"
        with fresh(city, "z109") as office:
            assert office.post(f"/quarantine/{waiting['_id']}/release").status_code == 204
        assert city.raw(f"d110-371724/{document['_id']}")["text"] == "调走之前写的。"
        # the author hears of it where they work now, and sends it no more
        ids = [r["id"] for r in author.get("/db/d110-371771/_changes").json()["results"] if ":answer:i0501:" in r["id"]]
        [answer] = [author.get(f"/db/d110-371771/{identity}").json() for identity in ids]
        assert answer["about"] == document["_id"]
        assert hand_in(author, document)[0]["ok"]


def test_what_was_accepted_before_a_move_is_not_refused_after_it(city: City) -> None:
    city.add_account("i0502", "informant", DIANHUTUN)
    document = report(DIANHUTUN, "i0502")
    assert city.client("i0502").post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
    city.move_account("i0502", NEIGHBOUR)  # before the tablet heard of its receipt
    with fresh(city, "i0502") as author:
        assert author.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
        other = document | {"text": "改成别的内容"}
        assert author.post(f"{DB}/_bulk_docs", json=bulk(other)).json()[0]["error"] == "forbidden"
    assert city.raw(f"d110-371724/{document['_id']}")["text"] == document["text"]


def test_what_was_accepted_before_a_device_was_shut_off_is_not_refused_after_it(city: City) -> None:
    city.add_account("i0503", "informant", DIANHUTUN)
    document, unsent = report(DIANHUTUN, "i0503"), report(DIANHUTUN, "i0503")
    account_of(city, "z109", "i0503")
    with fresh(city, "i0503", "lost") as lost:
        assert lost.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
        with fresh(city, "z109") as office:
            assert office.post("/devices/revoke", json={"alias": "i0503", "device": "lost"}).status_code == 204
        wait_until(lambda: lost.get(f"{DB}/_changes").status_code == 401)
        for send_again in (
            lambda: lost.post(f"{DB}/_bulk_docs", json=bulk(document, unsent)).json(),
            lambda: hand_in(lost, document, unsent),
        ):
            assert [row.get("error") for row in send_again()] == [None, "forbidden"]
    assert kept(city, "z109", document) == []
    assert len(kept(city, "z109", unsent)) == 1


def test_the_tablet_of_a_closed_account_hands_in_and_says_that_it_is_wiped(city: City) -> None:
    city.add_account("i0504", "informant", DIANHUTUN)
    keys = DeviceKeys()
    tokens = city.login("i0504", "old", keys)
    with httpx.Client(base_url=city.url, headers={"Authorization": f"Bearer {tokens['access_token']}"}) as tablet:
        assert tablet.post(f"{DB}/_pull", json={"tablet": {"pending": 1, "refused": 0}}).status_code == 200
        wait_until(lambda: bool(account_of(city, "z109", "i0504")["devices"]))
        city.close_account("i0504")
        wait_until(lambda: tablet.get("/auth/me").status_code == 401)
        assert tablet.post(f"{DB}/_pull", json={}).json()["code"] == "account_closed"
        signed = {"refresh_token": tokens["refresh_token"], "signature": keys.sign(tokens["refresh_token"])}
        renewed = tablet.post("/auth/refresh", json=signed)
        assert (renewed.status_code, renewed.json()["is_closed"]) == (200, True)
        document = report(DIANHUTUN, "i0504", text="账号停用前写的。")
        assert hand_in(tablet, document)[0]["error"] == "forbidden"
        wait_until(lambda: account_of(city, "z109", "i0504")["is_closed"])
        [shown] = account_of(city, "z109", "i0504")["devices"]
        assert shown["wiped_at"] is None
        signature = keys.sign("wiped i0504 old")
        assert tablet.post("/devices/wiped", json={"signature": signature}).status_code == 204
    [waiting] = kept(city, "z109", document)
    assert waiting["code"] == "account_closed"
    with fresh(city, "z109") as office:
        assert office.post(f"/quarantine/{waiting['_id']}/release").status_code == 204
        assert "i0504" not in [one["alias"] for one in office.get("/devices").json()["accounts"]]


def test_only_who_knows_the_password_learns_that_an_account_is_closed(city: City) -> None:
    city.add_account("i0505", "informant", DIANHUTUN)
    city.close_account("i0505")
    assert city.login("i0505")["is_closed"] is True
    wrong = httpx.post(f"{city.url}/auth/login", json={"alias": "i0505", "password": "not this one"})
    unknown = httpx.post(f"{city.url}/auth/login", json={"alias": "nobody99", "password": "not this one"})
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text)


def test_the_photos_of_a_report_that_waits_for_an_office_come_too_and_are_seen_once_it_is_released(city: City) -> None:
    city.add_account("i0506", "informant", DIANHUTUN)
    content = photo(shade=91)
    document = report(DIANHUTUN, "i0506", photos=[sha256_of(content)])
    city.move_account("i0506", KONGZHUANG)
    with fresh(city, "i0506") as author:
        hand_in(author, document)
        path = f"/photos/{document['_id']}/{sha256_of(content)}"
        assert begin(author, document["_id"], content).status_code == 201
        assert add(author, path, 0, content).status_code == 204
        with fresh(city, "i0422") as other:
            assert begin(other, document["_id"], content).status_code == 404
    with fresh(city, "z109") as office:
        assert office.get(path).status_code == 404
        [waiting] = kept(city, "z109", document)
        assert office.post(f"/quarantine/{waiting['_id']}/release").status_code == 204
        assert office.get(path).status_code == 200


def test_what_is_no_event_at_all_is_kept_too(city: City) -> None:
    draft = {"type": "draft", "text": "还没写完的一条"}
    with fresh(city, "a217") as client:
        [row] = hand_in(client, draft)
    assert row["error"] == "forbidden"
    with fresh(city, "z109") as office:
        waiting = office.get("/quarantine", params={"author": "a217"}).json()["oldest"]
    assert any("还没写完的一条" in one["raw"] for one in waiting)


@pytest.mark.parametrize("body", [b"{", b'{"docs": 7}', b"[]"])
def test_what_cannot_be_parted_into_documents_is_said(city: City, body: bytes) -> None:
    answer = city.client("i0421").post("/hand-in", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
