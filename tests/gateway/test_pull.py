"""``_pull`` over real HTTP: one answer brings all that a tablet lacks, in any coding, and no more than it may see."""

import gzip
import json
from typing import Any

import brotli
import httpx
import pytest
from ulid import ULID

from tests.city import DIANHUTUN, City, bulk, case_event, report, round_of, settle, wait_until

DB = "/db/d110-371724"


def pulled(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{DB}/_pull", json=asked)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def ids_in(lines: list[dict[str, Any]]) -> list[str]:
    return [line["_id"] for line in lines if "_id" in line]


def visible(city: City, prefix: str) -> set[str]:
    rows = city.raw("d110-371724/_all_docs")["rows"]
    return {row["id"] for row in rows if row["id"].startswith(prefix)}


@pytest.fixture(scope="module", autouse=True)
def _events(city: City) -> None:
    city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(*(report(DIANHUTUN, "i0421") for _ in range(30))))
    city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(round_of(DIANHUTUN, "a217", {"1.1.4": 90})))


def test_the_first_pull_brings_the_scope_and_the_next_nothing(city: City) -> None:
    client = city.client("z109")
    lines = pulled(client)
    head, *_, end = lines
    assert head["scope"] == [DIANHUTUN[:9]]
    assert set(ids_in(lines)) == visible(city, DIANHUTUN[:9])
    assert ids_in(lines)[0].endswith(":lights")
    assert end["done"]
    again = pulled(client, epoch=head["epoch"], since=end["since"], holds=head["scope"])
    assert [len(again), again[-1]["done"], ids_in(again)] == [2, True, []]


def test_what_came_meanwhile_is_all_that_the_next_pull_brings(city: City) -> None:
    client = city.client("z109")
    head, *_, end = pulled(client)
    new = report(DIANHUTUN, "i0421")
    city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(new))
    came = ids_in(pulled(client, epoch=head["epoch"], since=end["since"], holds=head["scope"]))
    assert new["_id"] in came
    assert {identity.split(":")[1] for identity in came} <= {"report", "receipt", "lights"}
    assert len(came) <= 3


def test_a_tablet_of_another_store_is_given_all_from_the_beginning(city: City) -> None:
    client = city.client("z109")
    head, *_, end = pulled(client)
    lines = pulled(client, epoch="another store", since=end["since"], holds=head["scope"])
    assert set(ids_in(lines)) == visible(city, DIANHUTUN[:9])


def test_an_informant_is_sent_nothing_of_others(city: City) -> None:
    lines = pulled(city.client("i0422"))
    assert not [identity for identity in ids_in(lines) if ":i0421" in identity or ":round:" in identity]
    assert ids_in(lines) == [f"{DIANHUTUN}:lights"]


def test_claiming_to_hold_a_foreign_scope_opens_nothing(city: City) -> None:
    client = city.client("i0422")
    epoch = pulled(client)[0]["epoch"]
    assert ids_in(pulled(client, epoch=epoch, holds=["371724"])) == [f"{DIANHUTUN}:lights"]  # held up to nowhere
    lines = pulled(client, holds=["371724", "371725"])
    assert ids_in(lines) in ([], [f"{DIANHUTUN}:lights"])
    assert city.client("i0422").post("/db/d110-371725/_pull", json={}).status_code == 403


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_every_coding_says_the_same(city: City, coding: str) -> None:
    client = city.client("z109")
    with client.stream("POST", f"{DB}/_pull", json={}, headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding", "identity") == coding
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}[coding](raw)
    plain = client.post(f"{DB}/_pull", json={}, headers={"Accept-Encoding": "identity"})
    assert unpacked == plain.content


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"since": "abc"}, "bad_since"),
        ({"since": "range~x~y~z"}, "bad_since"),
        ({"holds": [""]}, "bad_holds"),
        ({"holds": ["371724"] * 1_001}, "bad_holds"),
        ({"holds": 7}, "malformed"),
        ({"since": "99999999"}, "bad_since"),
    ],
)
def test_a_pull_that_asks_wrongly_is_refused(city: City, asked: dict[str, Any], code: str) -> None:
    client = city.client("z109")
    epoch = pulled(client)[0]["epoch"]
    answer = client.post(f"{DB}/_pull", json={"epoch": epoch} | asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_without_a_log_in_there_is_nothing(city: City) -> None:
    assert httpx.post(f"{city.url}{DB}/_pull", json={}).status_code == 401


def test_an_informant_is_told_what_became_of_a_report_and_of_its_steps_nothing(city: City) -> None:
    """By the village's lights alone: open, cleared, open again; no step, alias or word of an office comes along."""
    mine = report(DIANHUTUN, "i0422", indicator="3.3.1", text="两家争地界")
    case, reader = mine["_id"].rpartition(":")[2], city.client("i0422")
    head, *_, end = pulled(reader)
    assert reader.post(f"{DB}/_bulk_docs", json=bulk(mine)).json()[0]["ok"]
    seen: list[str] = []

    def told(where: str) -> bool:
        nonlocal end
        *lines, end = pulled(reader, epoch=head["epoch"], since=end["since"], holds=head["scope"])
        seen.extend(json.dumps(line, ensure_ascii=False) for line in lines)
        lights = [line for line in lines if line.get("_id", "").endswith(":lights")]
        return any(one["case"] == case for line in lights for one in line.get(where, []))

    wait_until(lambda: told("cases"))
    settle(city, DIANHUTUN, case, "z109", found="地界不清", done="已划界")
    wait_until(lambda: told("cleared"))
    again = case_event(DIANHUTUN, case, "z109", "reopened", text="又吵起来")
    assert city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(again)).json()[0]["ok"]
    wait_until(lambda: told("cases"))
    assert not [one for one in seen for word in ("地界不清", "已划界", "又吵", "已公布", "a217", "z109") if word in one]


def test_what_an_office_answers_reaches_the_author_alone(city: City) -> None:
    mine, station = report(DIANHUTUN, "i0422", text="桥栏坏了"), city.client("z109")
    assert city.client("i0422").post(f"{DB}/_bulk_docs", json=bulk(mine)).json()[0]["ok"]
    way = f"/casework/cases/{DIANHUTUN}/{mine['_id'].rpartition(':')[2]}/answers"
    wait_until(lambda: station.get(way).json() == [])
    body = {"ulid": str(ULID()), "text": "桥栏已修好"}
    for _ in range(2):  # a request that is repeated is stored once
        assert station.post(way, json=body).status_code == 201
    assert [(one["author"], one["text"]) for one in station.get(way).json()] == [("z109", "桥栏已修好")]
    answer = f"{DIANHUTUN}:answer:i0422:{body['ulid']}"
    [came] = [line for line in pulled(city.client("i0422")) if line.get("_id") == answer]
    assert (came["about"], came["text"]) == (mine["_id"], "桥栏已修好")
    for other in ("i0421", "a217"):
        assert answer not in ids_in(pulled(city.client(other)))
    refused = station.post(way, json=body | {"ulid": str(ULID()), "text": "电话13812345678"})
    assert (refused.status_code, refused.json()["code"]) == (409, "step_refused")
    for alias, code in (("a217", "no_answers"), ("i0421", "no_such_case"), ("i0422", "no_such_case")):
        for answer_to in (city.client(alias).get(way), city.client(alias).post(way, json=body)):
            assert answer_to.json()["code"] == code
    heard = report(DIANHUTUN, "z109")
    assert station.post(f"{DB}/_bulk_docs", json=bulk(heard)).json()[0]["ok"]
    nobody = f"/casework/cases/{DIANHUTUN}/{heard['_id'].rpartition(':')[2]}/answers"
    wait_until(lambda: station.get(nobody).json().get("code") == "nobody_to_answer")
