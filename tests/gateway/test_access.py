"""Log-in, sessions, and scope on every path."""

import json
from datetime import timedelta

import httpx
import pytest

from sync_api.access.limits import ATTEMPTS_MAX
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, PASSWORD, City, DeviceKeys, bulk, report

DB = "/db/d110-371724"


def test_a_wrong_password_and_an_unknown_alias_get_the_same_answer(city: City) -> None:
    answers = [
        httpx.post(f"{city.url}/auth/login", json={"alias": alias, "password": "wrong"})
        for alias in ("i0422", "nobody")
    ]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json()["code"] == "wrong_login"


def test_guessing_is_braked_and_says_when_to_try_again(city: City) -> None:
    city.add_account("guessed", "informant", DIANHUTUN)
    body = {"alias": "guessed", "password": "wrong"}
    codes = [httpx.post(f"{city.url}/auth/login", json=body).status_code for _ in range(ATTEMPTS_MAX)]
    assert codes == [401] * ATTEMPTS_MAX
    answer = httpx.post(f"{city.url}/auth/login", json=body | {"password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "too_many_attempts"
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(transport=elsewhere) as owner:  # who has another address is not locked out with the guesser
        assert owner.post(f"{city.url}/auth/login", json=body | {"password": PASSWORD}).status_code == 200


def test_guessing_with_basic_is_braked_too(city: City) -> None:
    city.add_account("guessed2", "informant", DIANHUTUN)
    codes = [httpx.get(f"{city.url}{DB}/", auth=("guessed2", "wrong")).status_code for _ in range(ATTEMPTS_MAX + 1)]
    assert codes == [401] * ATTEMPTS_MAX + [429]


def test_two_users_with_one_device_name_see_each_their_own_receipts(city: City) -> None:
    for alias in ("i0421", "i0422"):
        client = city.client(alias, device="browser")
        assert client.post(f"{DB}/_bulk_docs", json=bulk(report(DIANHUTUN, alias))).json()[0]["ok"]
        receipts = [r["id"] for r in client.get(f"{DB}/_changes").json()["results"] if ":receipt:" in r["id"]]
        assert receipts
        assert all(f":receipt:{alias}.browser:" in identity for identity in receipts)


@pytest.mark.parametrize("since", ["range~x", "range~", "range~a~"])
def test_a_sequence_that_is_none_is_a_bad_request(city: City, since: str) -> None:
    answer = city.client("i0421").get(f"{DB}/_changes", params={"since": since})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_an_analyst_of_the_city_reaches_every_county(city: City) -> None:
    city.add_account("analyst", "analyst", "3717")
    assert city.client("analyst").get(f"{DB}/").status_code == 200


def test_a_session_expires_and_a_refresh_token_renews_it(city: City) -> None:
    keys = DeviceKeys()
    found = city.login("i0421", "keyed", keys)
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert httpx.get(f"{city.url}/auth/me", headers=headers).json()["alias"] == "i0421"
    city.clock.ahead = timedelta(minutes=16)
    try:
        lapsed = httpx.get(f"{city.url}{DB}/", headers=headers)
        assert lapsed.status_code == 401
        assert lapsed.json()["error"] == "unauthorized"
        token = found["refresh_token"]
        body = {"refresh_token": token, "signature": keys.sign(token)}
        renewed = httpx.post(f"{city.url}/auth/refresh", json=body)
        assert renewed.status_code == 200
        fresh = {"Authorization": f"Bearer {renewed.json()['access_token']}"}
        assert httpx.get(f"{city.url}{DB}/", headers=fresh).status_code == 200
    finally:
        city.clock.ahead = timedelta()
    token = found["access_token"]
    as_refresh = httpx.post(f"{city.url}/auth/refresh", json={"refresh_token": token, "signature": keys.sign(token)})
    assert as_refresh.status_code == 401


def test_basic_serves_stock_clients(city: City) -> None:
    assert httpx.get(f"{city.url}{DB}/", auth=("i0421", PASSWORD)).status_code == 200
    refused = httpx.get(f"{city.url}{DB}/", auth=("i0421", "wrong"))
    assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized")


def test_the_cookie_reads_but_never_writes(city: City) -> None:
    with httpx.Client(base_url=city.url) as browser:
        browser.post("/auth/login", json={"alias": "i0421", "password": PASSWORD})
        assert browser.get("/auth/me").status_code == 200
        answer = browser.post(f"{DB}/_bulk_docs", json=bulk(report(DIANHUTUN, "i0421")))
        assert answer.status_code == 401


@pytest.mark.parametrize("path", [f"{DB}/", f"{DB}/_changes", "/board/3717", "/catalogue", f"/divisions/{DIANHUTUN}"])
def test_nothing_is_read_without_a_session(city: City, path: str) -> None:
    assert httpx.get(city.url + path).status_code == 401


@pytest.mark.parametrize(
    ("alias", "division", "status"),
    [
        ("i0421", DIANHUTUN, 200),
        ("i0421", "371724109218", 403),
        ("i0421", "371724109", 403),
        ("a217", DIANHUTUN, 200),
        ("z109", "371724109", 200),
        ("z109", DIANHUTUN, 200),
        ("z109", "371724", 403),
        ("z109", KONGZHUANG, 403),
        ("g24", "371724", 200),
        ("g24", KONGZHUANG, 403),
        ("g24", "3717", 403),
        ("s17", "3717", 200),
        ("s17", KONGZHUANG, 200),
        ("s17", "999999", 404),
        ("s17", "village", 404),
    ],
)
def test_each_level_sees_its_own_board_and_no_other(city: City, alias: str, division: str, status: int) -> None:
    answer = city.client(alias).get(f"/board/{division}")
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) >= {"title", "status", "code", "detail", "detail_zh"}
        assert city.client(alias).get(f"/board/{division}/events").status_code == status


@pytest.mark.parametrize(
    ("alias", "database", "status"),
    [
        ("i0421", "d110-371724", 200),
        ("i0421", "d110-371771", 403),
        ("g71", "d110-371724", 403),
        ("z109", "d110-3717", 403),
        ("s17", "d110-3717", 200),
        ("s17", "d110-371724", 200),
        ("s17", "d110-staff", 404),
        ("s17", "d110-quarantine", 404),
        ("s17", "nothing", 404),
    ],
)
def test_each_account_reaches_its_own_databases_and_nobody_the_staffs(
    city: City, alias: str, database: str, status: int
) -> None:
    answer = city.client(alias).get(f"/db/{database}/")
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) >= {"error", "reason"}


def test_every_read_of_the_contract_is_cut_to_the_scope(city: City) -> None:
    own, others = report(DIANHUTUN, "i0421"), report(DIANHUTUN, "i0422")
    assert city.client("i0422").post(f"{DB}/_bulk_docs", json=bulk(others)).json()[0]["ok"]
    client = city.client("i0421")
    assert client.post(f"{DB}/_bulk_docs", json=bulk(own)).json()[0]["ok"]
    both = [own["_id"], others["_id"]]

    changed = {row["id"] for row in client.get(f"{DB}/_changes").json()["results"]}
    assert own["_id"] in changed
    assert others["_id"] not in changed
    named = client.post(f"{DB}/_changes", params={"filter": "_doc_ids"}, json={"doc_ids": both}).json()
    assert [row["id"] for row in named["results"]] == [own["_id"]]
    got = client.post(f"{DB}/_bulk_get", json={"docs": [{"id": i} for i in both]}).json()
    assert [(result["id"], len(result["docs"])) for result in got["results"]] == [(own["_id"], 1), (others["_id"], 0)]
    revs = {i: [city.raw(f"d110-371724/{i}")["_rev"]] for i in both}
    assert client.post(f"{DB}/_revs_diff", json=revs).json() == {others["_id"]: {"missing": revs[others["_id"]]}}
    assert client.get(f"{DB}/{own['_id']}").status_code == 200
    hidden, absent = client.get(f"{DB}/{others['_id']}"), client.get(f"{DB}/{others['_id'][:-1]}0")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()


def test_checkpoints_belong_to_user_and_device(city: City) -> None:
    body = {"_id": "_local/abc", "last_seq": 1}
    client = city.client("i0421", device="tablet-a")
    assert client.get(f"{DB}/_local/abc").json()["error"] == "not_found"
    assert client.put(f"{DB}/_local/abc", json=body).status_code == 201
    found = client.get(f"{DB}/_local/abc").json()
    assert (found["_id"], found["last_seq"]) == ("_local/abc", 1)
    for alias, device in (("i0421", "tablet-b"), ("i0422", "tablet-a")):
        assert city.client(alias, device).get(f"{DB}/_local/abc").status_code == 404


def test_the_three_histories_villages_are_in_the_small_city(city: City) -> None:
    villages = [code for code, _ in city.client("s17").get("/board/3717").json()["divisions"] if len(code) == 12]
    assert {BALIZHUANG, DIANHUTUN, KONGZHUANG} <= set(villages)


@pytest.mark.parametrize("since", ["now", "the end"])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_long_poll_brings_what_comes_while_it_waits(city: City, since: str, is_named: bool) -> None:
    """Also from ``now`` on, and of named documents: a client that is answered at once, or never, asks for ever."""
    client, other, wanted = city.client("i0421"), report(DIANHUTUN, "i0421"), report(DIANHUTUN, "i0421")
    for _ in range(5):  # lights of what was pushed before may still come
        if since != "now":
            since = client.get(f"{DB}/_changes", params={"since": "now"}).json()["last_seq"]
        query = {"feed": "longpoll", "since": since, "timeout": "20000", "heartbeat": "1000"}
        if is_named:
            query |= {"filter": "_doc_ids"}
            body = {"doc_ids": [wanted["_id"]]}
            request = client.build_request("POST", f"{DB}/_changes", params=query, json=body)
        else:
            request = client.build_request("GET", f"{DB}/_changes", params=query)
        answer = client.send(request, stream=True)
        lines = answer.iter_text()
        first = next(lines)
        if not first.strip():
            break
        answer.close()
    assert first.strip() == ""  # it waits
    pushed = [other, wanted] if is_named else [wanted]
    for one in pushed:
        assert client.post(f"{DB}/_bulk_docs", json=bulk(one)).json()[0]["ok"]
    page = json.loads("".join(lines))
    assert wanted["_id"] in [row["id"] for row in page["results"]]
    assert other["_id"] not in [row["id"] for row in page["results"]]
    answer.close()
