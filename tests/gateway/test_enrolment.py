"""A log-in lasts on its own device only, and a one-time code enrols one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from sync_api.access.limits import ATTEMPTS_MAX
from tests.city import PASSWORD, City, DeviceKeys


def refresh(city: City, token: str, signature: str) -> httpx.Response:
    return httpx.post(f"{city.url}/auth/refresh", json={"refresh_token": token, "signature": signature})


def test_a_refresh_token_that_was_copied_is_worthless_without_the_devices_key(city: City) -> None:
    keys = DeviceKeys()
    token = city.login("i0421", "bound", keys)["refresh_token"]
    for signature in (DeviceKeys().sign(token), keys.sign(token + "x"), "", "?", "é"):
        answer = refresh(city, token, signature)
        assert (answer.status_code, answer.json()["code"]) == (401, "device_key_wrong"), signature
    assert refresh(city, token, keys.sign(token)).status_code == 200


def test_a_device_without_a_key_gets_no_refresh_token(city: City) -> None:
    assert city.login("i0421", "keyless")["refresh_token"] is None


def test_a_device_name_with_another_key_is_refused_and_says_what_to_do(city: City) -> None:
    keys = DeviceKeys()
    city.login("i0421", "taken", keys)
    city.login("i0421", "taken", keys)
    city.login("i0422", "taken", DeviceKeys())  # another account's device of the same name
    body = {"alias": "i0421", "password": PASSWORD, "device": "taken", "key": DeviceKeys().public}
    answer = httpx.post(f"{city.url}/auth/login", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "device_taken")
    assert "log in again" in answer.json()["detail"]


@pytest.mark.parametrize("part", [{"x": "A" * 43}, {"crv": "P-384"}, {"x": "short"}, {"kty": "oct"}])
def test_a_key_that_is_none_is_refused(city: City, part: dict[str, str]) -> None:
    body = {"alias": "i0421", "password": PASSWORD, "device": "odd", "key": DeviceKeys().public | part}
    assert httpx.post(f"{city.url}/auth/login", json=body).status_code == 400


def offer(city: City, office: str, alias: str) -> httpx.Response:
    return city.client(office).post("/devices/enrolments", json={"alias": alias})


def code_of(answer: httpx.Response) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()["address"]).rpartition("/")[2]


def enrol(city: City, code: str, device: str, keys: DeviceKeys | None = None) -> httpx.Response:
    key = (keys or DeviceKeys()).public
    return httpx.post(f"{city.url}/auth/enrol", json={"code": code, "device": device, "key": key}, timeout=20)


def test_a_code_enrols_one_device_once_and_tells_before_whose_account_it_is(city: City) -> None:
    answer = offer(city, "z109", "i0421")
    code, offered = code_of(answer), answer.json()
    assert offered["address"] == f"{city.url}/tablet/#/enrol/{code}"
    assert offered["svg"].startswith("data:image/svg+xml")
    assert code not in httpx.get(f"{city.store.url}/d110-staff/_all_docs?include_docs=true").text
    looked = httpx.post(f"{city.url}/auth/enrol/look", json={"code": code}).json()
    assert (looked["alias"], looked["role"]) == ("i0421", "informant")
    keys = DeviceKeys()
    found = enrol(city, code, "by-code", keys)
    assert found.status_code == 200, found.text
    headers = {"Authorization": f"Bearer {found.json()['access_token']}"}
    assert httpx.get(f"{city.url}/auth/me", headers=headers).json()["alias"] == "i0421"
    token = found.json()["refresh_token"]
    assert refresh(city, token, keys.sign(token)).status_code == 200
    again = enrol(city, code, "by-code-2")
    assert (again.status_code, again.json()["code"]) == (404, "no_such_enrolment")


def test_an_enrolment_whose_answer_was_lost_is_answered_again_to_the_same_device_only(city: City) -> None:
    code, keys = code_of(offer(city, "z109", "i0421")), DeviceKeys()
    assert enrol(city, code, "lost-answer", keys).status_code == 200
    assert enrol(city, code, "lost-answer", keys).status_code == 200
    assert enrol(city, code, "lost-answer", DeviceKeys()).status_code == 404
    assert enrol(city, code, "other-name", keys).status_code == 404
    assert httpx.post(f"{city.url}/auth/enrol/look", json={"code": code}).status_code == 404


def test_a_device_name_that_is_taken_does_not_use_a_code_up(city: City) -> None:
    assert enrol(city, code_of(offer(city, "z109", "i0421")), "its-name").status_code == 200
    code = code_of(offer(city, "z109", "i0421"))
    refused = enrol(city, code, "its-name", DeviceKeys())
    assert (refused.status_code, refused.json()["code"]) == (409, "device_taken")
    assert enrol(city, code, "another-name").status_code == 200


def test_of_two_that_redeem_a_code_at_the_same_moment_one_gets_it(city: City) -> None:
    for turn in range(5):
        code = code_of(offer(city, "z109", "i0422"))
        together = threading.Barrier(2)

        def redeem(name: str, code: str = code, together: threading.Barrier = together) -> int:
            together.wait()
            return enrol(city, code, name).status_code

        with ThreadPoolExecutor(2) as both:
            assert sorted(both.map(redeem, (f"race-{turn}-a", f"race-{turn}-b"))) == [200, 404]


def test_a_code_ends_after_a_day(city: City) -> None:
    code = code_of(offer(city, "z109", "i0421"))
    city.clock.ahead = timedelta(hours=24)
    try:
        assert enrol(city, code, "late").json()["code"] == "no_such_enrolment"
    finally:
        city.clock.ahead = timedelta()


def test_guessing_codes_is_braked(city: City) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.3")) as guesser:
        body = {"code": "x" * 27}
        codes = [guesser.post(f"{city.url}/auth/enrol/look", json=body).status_code for _ in range(ATTEMPTS_MAX + 1)]
    assert codes == [404] * ATTEMPTS_MAX + [429]


@pytest.mark.parametrize(
    ("office", "alias", "status"),
    [
        ("z109", "a217", 201),
        ("g24", "z109", 201),
        ("z109", "z109", 404),
        ("z109", "g24", 404),
        ("g71", "i0421", 404),
        ("z109", "nobody", 404),
        ("i0421", "i0422", 403),
        ("a217", "i0421", 403),
    ],
)
def test_an_office_enrols_for_accounts_below_it_only(city: City, office: str, alias: str, status: int) -> None:
    assert offer(city, office, alias).status_code == status
