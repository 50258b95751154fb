"""Devices: who has stopped synchronising, and one that is shut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.city import (
    DIANHUTUN,
    PASSWORD,
    City,
    DeviceKeys,
    bulk,
    report,
    running_gateway,
    wait_until,
    wait_until_healthy,
)

DB = "/db/d110-371724"
STATE = {"pending": 2, "refused": 1, "clock_offset_ms": -90_000, "app_version": "0.1.0", "storage_used": 10**6}
#: From a revocation to the end of what is live, at any gateway.
END_S_MAX = 5.0


@pytest.fixture(scope="module")
def second(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another gateway on the same store, with the same secret."""
    folder = tmp_path_factory.mktemp("second")
    with running_gateway(city.store.url, city.clock, Path(folder), city.secret) as url:
        wait_until_healthy(url)
        yield url


def devices_of(city: City, office: str, alias: str) -> list[dict[str, Any]]:
    return list(account_of(city, office, alias)["devices"])


def account_of(city: City, office: str, alias: str) -> dict[str, Any]:
    """An account of the list; one that was just added is in it as soon as the gateway has heard of it."""
    found: list[dict[str, Any]] = []

    def is_listed() -> bool:
        answer = city.client(office).get("/devices")
        assert answer.status_code == 200, answer.text
        found[:] = [one for one in answer.json()["accounts"] if one["alias"] == alias]
        return bool(found)

    wait_until(is_listed)
    return found[0]


def headers_of(city: City, alias: str, device: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {city.login(alias, device)['access_token']}"}


def revoke(city: City, alias: str, device: str, office: str = "z109") -> httpx.Response:
    return city.client(office).post("/devices/revoke", json={"alias": alias, "device": device})


def test_a_tablet_says_how_it_is_and_its_station_sees_it(city: City) -> None:
    client = city.client("i0421", "tablet1")
    assert client.post(f"{DB}/_pull", json={"tablet": STATE}).status_code == 200
    wait_until(lambda: any(one["device"] == "tablet1" for one in devices_of(city, "z109", "i0421")))
    [found] = [one for one in devices_of(city, "z109", "i0421") if one["device"] == "tablet1"]
    assert {key: found["state"][key] for key in STATE} == STATE
    assert found["synced_at"] and found["revoked_at"] is None


def test_who_never_synchronised_is_listed_too(city: City) -> None:
    city.add_account("silent1", "informant", DIANHUTUN)
    assert devices_of(city, "z109", "silent1") == []


def test_what_is_pending_is_noted_at_once_and_the_rest_seldom(city: City) -> None:
    client = city.client("i0421", "tablet2")

    def pending() -> Any:
        found = [one for one in devices_of(city, "z109", "i0421") if one["device"] == "tablet2"]
        return found[0]["state"]["pending"] if found else None

    for count, shown in ((0, 0), (3, 3), (5, 3), (0, 0)):
        client.post(f"{DB}/_pull", json={"tablet": STATE | {"pending": count}})
        wait_until(lambda shown=shown: pending() == shown)
    city.clock.ahead += timedelta(minutes=11)
    try:
        before = devices_of(city, "z109", "i0421")
        client.post(
            f"{DB}/_pull",
            json={"tablet": STATE | {"pending": 0, "storage_used": 7}},
            headers=headers_of(city, "i0421", "tablet2"),
        )
        wait_until(lambda: devices_of(city, "z109", "i0421") != before)
    finally:
        city.clock.ahead -= timedelta(minutes=11)


@pytest.mark.parametrize(
    ("office", "alias", "status"),
    [
        ("z109", "a217", 204),
        ("g24", "z109", 204),
        ("s17", "g71", 204),
        ("z109", "z109", 404),
        ("z109", "g24", 404),
        ("g71", "i0422", 404),
        ("g24", "g71", 404),
        ("z109", "nobody", 404),
        ("i0421", "i0422", 403),
        ("a217", "i0422", 403),
    ],
)
def test_an_office_shuts_off_devices_of_accounts_below_it_only(
    city: City, office: str, alias: str, status: int
) -> None:
    assert revoke(city, alias, "of-no-account", office).status_code == status


def test_each_office_lists_the_accounts_below_it(city: City) -> None:
    def listed(office: str) -> set[str]:
        return {one["alias"] for one in city.client(office).get("/devices").json()["accounts"]}

    assert {"i0421", "i0422", "a217"} <= listed("z109")
    assert not {"z109", "g24", "g71"} & listed("z109")
    assert "z109" in listed("g24") and "i0421" not in listed("g71")
    assert {"g24", "g71"} <= listed("s17")
    assert city.client("i0421").get("/devices").status_code == 403


def test_a_revoked_device_hands_in_what_it_has_and_nothing_else(city: City) -> None:
    headers = headers_of(city, "i0422", "lost")
    with httpx.Client(base_url=city.url, headers=headers, timeout=20) as lost:
        assert lost.get(f"{DB}/_changes").status_code == 200
        assert revoke(city, "i0422", "lost").status_code == 204
        wait_until(lambda: lost.get(f"{DB}/_changes").status_code == 401)
        for method, path in (("GET", "/auth/me"), ("POST", f"{DB}/_pull"), ("GET", f"{DB}/_changes")):
            answer = lost.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")
        unsent = report(DIANHUTUN, "i0422", text="平板停用前写的一条。")
        [row] = lost.post(f"{DB}/_bulk_docs", json=bulk(unsent)).json()
        assert row["error"] == "forbidden"
        assert lost.post("/devices/wiped", json={}).status_code == 204
    station = city.client("z109")
    [kept] = [q for q in station.get("/quarantine").json()["oldest"] if q["document_id"] == unsent["_id"]]
    assert kept["code"] == "device_revoked"
    assert station.post(f"/quarantine/{kept['_id']}/release").status_code == 204
    assert city.raw(f"d110-371724/{unsent['_id']}")["text"] == unsent["text"]
    [shown] = [one for one in devices_of(city, "z109", "i0422") if one["device"] == "lost"]
    assert shown["revoked_at"] and shown["wiped_at"]
    with httpx.Client(base_url=city.url, headers=headers_of(city, "i0422", "new"), timeout=20) as another:
        assert another.get(f"{DB}/_changes").status_code == 200


def test_a_device_says_that_it_is_wiped_by_its_own_key_only(city: City) -> None:
    keys = DeviceKeys()
    tokens = city.login("i0422", "keyed", keys)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert revoke(city, "i0422", "keyed").status_code == 204
    for signature in ("", DeviceKeys().sign("wiped i0422 keyed"), keys.sign("wiped i0422 other")):
        answer = httpx.post(f"{city.url}/devices/wiped", headers=headers, json={"signature": signature})
        assert (answer.status_code, answer.json()["code"]) == (401, "device_key_wrong")
    own = httpx.post(f"{city.url}/devices/wiped", headers=headers, json={"signature": keys.sign("wiped i0422 keyed")})
    assert own.status_code == 204
    [shown] = [one for one in devices_of(city, "z109", "i0422") if one["device"] == "keyed"]
    assert shown["wiped_at"]


def test_a_device_that_has_said_nothing_yet_is_listed_and_can_be_shut_off(city: City) -> None:
    city.login("i0422", "silent-thief", DeviceKeys())
    [shown] = [one for one in devices_of(city, "z109", "i0422") if one["device"] == "silent-thief"]
    assert (shown["synced_at"], shown["revoked_at"]) == (None, None)
    assert revoke(city, "i0422", "silent-thief").status_code == 204
    [shown] = [one for one in devices_of(city, "z109", "i0422") if one["device"] == "silent-thief"]
    assert shown["revoked_at"]


def test_a_new_password_ends_what_other_devices_have_until_they_give_it(city: City) -> None:
    city.add_account("i0480", "informant", DIANHUTUN)
    keys = DeviceKeys()
    tokens = city.login("i0480", "stolen", keys)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(f"{city.url}/auth/me", headers=headers).status_code == 200
    city.set_password("i0480", "another password")
    wait_until(lambda: httpx.get(f"{city.url}/auth/me", headers=headers).status_code == 401)
    signed = {"refresh_token": tokens["refresh_token"], "signature": keys.sign(tokens["refresh_token"])}
    answer = httpx.post(f"{city.url}/auth/refresh", json=signed)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_expired")
    body = {"alias": "i0480", "password": "another password", "device": "stolen", "key": keys.public}
    assert httpx.post(f"{city.url}/auth/login", json=body).status_code == 200


@pytest.mark.parametrize(
    "odd",
    [
        {"app_version": "0.1\u202e0"},
        {"app_version": "v" * 41},
        {"pending": "many"},
        {"storage_used": -1},
    ],
)
def test_an_odd_word_of_a_tablet_about_itself_is_left_out_and_keeps_nothing_from_it(
    city: City, odd: dict[str, Any]
) -> None:
    alias = city.add_account(f"odd{sum(map(ord, str(odd)))}", "informant", DIANHUTUN)
    answer = city.client(alias, "tablet1").post(f"{DB}/_pull", json={"tablet": STATE | odd})
    assert answer.status_code == 200, answer.text
    wait_until(lambda: [one["state"] for one in devices_of(city, "z109", alias)] == [None])


def test_a_tablet_that_uses_more_than_it_lets_itself_is_served_and_shown(city: City) -> None:
    city.add_account("full1", "informant", DIANHUTUN)
    full = STATE | {"storage_used": 310_000_000, "storage_quota": 300_000_000}
    assert city.client("full1", "tablet1").post(f"{DB}/_pull", json={"tablet": full}).status_code == 200
    wait_until(lambda: devices_of(city, "z109", "full1"))
    [found] = devices_of(city, "z109", "full1")
    assert (found["state"]["storage_used"], found["state"]["storage_quota"]) == (310_000_000, 300_000_000)


def test_a_tablet_whose_account_moved_is_shown_once_as_it_was_last(city: City) -> None:
    city.add_account("mover1", "informant", DIANHUTUN)
    client = city.client("mover1", "tablet1")
    client.post(f"{DB}/_pull", json={"tablet": STATE})
    wait_until(lambda: devices_of(city, "z109", "mover1"))
    city.move_account("mover1", "371724109218")
    city.clock.ahead += timedelta(seconds=5)
    try:
        headers = headers_of(city, "mover1", "tablet1")
        answer = httpx.post(f"{city.url}{DB}/_pull", json={"tablet": STATE | {"pending": 0}}, headers=headers)
        assert answer.status_code == 200, answer.text
        wait_until(lambda: [one["state"]["pending"] for one in devices_of(city, "z109", "mover1")] == [0])
    finally:
        city.clock.ahead -= timedelta(seconds=5)


def test_a_stock_client_that_only_pulls_is_seen(city: City) -> None:
    city.add_account("stock1", "informant", DIANHUTUN)
    answer = httpx.get(f"{city.url}{DB}/_changes?limit=10", auth=("stock1", PASSWORD))
    assert answer.status_code == 200
    wait_until(lambda: [one["state"] for one in devices_of(city, "z109", "stock1")] == [None])


def test_what_a_device_said_at_one_gateway_is_what_another_shows(city: City, second: str) -> None:
    city.add_account("both1", "informant", DIANHUTUN)
    headers = headers_of(city, "both1", "tablet1")

    def say(url: str, pending: int) -> None:
        answer = httpx.post(f"{url}{DB}/_pull", json={"tablet": STATE | {"pending": pending}}, headers=headers)
        assert answer.status_code == 200
        wait_until(lambda: [one["state"]["pending"] for one in devices_of(city, "z109", "both1")] == [pending])

    for url, pending in ((second, 0), (city.url, 3), (second, 0), (city.url, 4)):
        say(url, pending)


@pytest.mark.parametrize("feed", ["longpoll", "continuous", "board"])
def test_a_revocation_at_one_gateway_ends_what_is_live_at_another(city: City, second: str, feed: str) -> None:
    device = f"live-{feed}"
    headers = headers_of(city, "a217", device)
    since = httpx.get(f"{city.url}{DB}", headers=headers, timeout=20).json()["update_seq"]
    path = (
        f"/board/{DIANHUTUN}/events" if feed == "board" else f"{DB}/_changes?feed={feed}&since={since}&heartbeat=60000"
    )

    def listen(began: threading.Event) -> str:
        with httpx.stream("GET", f"{second}{path}", headers=headers, timeout=30) as answer:
            assert answer.status_code == 200
            began.set()
            return "".join(answer.iter_text())

    began = threading.Event()
    with ThreadPoolExecutor(1) as aside:
        heard = aside.submit(listen, began)
        assert began.wait(20)
        assert revoke(city, "a217", device).status_code == 204
        text = heard.result(timeout=END_S_MAX)
    assert ("session_ended" in text) == (feed == "longpoll")
    assert httpx.get(f"{second}{DB}/_changes", headers=headers, timeout=20).status_code == 401


def test_a_closed_account_is_out_at_once(city: City) -> None:
    city.add_account("closing", "informant", DIANHUTUN)
    client = city.client("closing")
    assert client.get("/auth/me").status_code == 200
    city.close_account("closing")
    wait_until(lambda: client.get("/auth/me").status_code == 401)
    assert client.get("/auth/me").json()["code"] == "account_closed"


def test_the_list_of_devices_is_saved_with_a_line_for_whoever_has_none(city: City) -> None:
    city.add_account("silent2", "informant", DIANHUTUN)
    assert account_of(city, "z109", "silent2")["devices"] == []
    lines = city.client("z109").get("/devices/csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("账号,岗位,区划,代码,设备,最近同步")
    assert f"silent2,informant,巨野县 田庄镇 佃户屯村,{DIANHUTUN},,,,,,,,,," in lines
    assert city.client("z109").get("/devices/xlsx").content.startswith(b"PK")
    assert city.client("i0421").get("/devices/csv").status_code == 403
