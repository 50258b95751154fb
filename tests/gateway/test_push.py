"""Pushing: what is bad is refused with one clear reason and kept, the rest goes through."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.calendar import LOCAL
from models.catalogue import default_catalogue
from models.personal_numbers import has_personal_number
from sync_api.replication.feed import SETTLE_S_MAX
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, case_event, report, round_of, stamp, wait_until

DB = "/db/d110-371724"


def post(client: httpx.Client, *documents: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{DB}/_bulk_docs", json=bulk(*documents))
    assert answer.status_code == 201, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def quarantined(city: City) -> list[dict[str, Any]]:
    return [row["doc"] for row in city.raw("d110-quarantine/_all_docs?include_docs=true")["rows"]]


def good(**fields: Any) -> dict[str, Any]:
    return report(DIANHUTUN, "i0421", **fields)


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}


def is_of(kept: dict[str, Any], bad: Any) -> bool:
    """Whether a quarantined text is of a document: the same, but for personal numbers, which are struck out."""
    if kept["code"] == "personal_number":
        assert not has_personal_number(kept["raw"])
        return isinstance(bad, dict) and bool(kept["document_id"] == bad.get("_id"))
    return bool(json.loads(kept["raw"]) == bad)


#: The last ULID there is, of the year 10889.
LAST_ULID = "7" + "Z" * 25
#: Asked for when the test runs: midnight may pass between.
TOMORROW = "tomorrow"
FUTURE = datetime.now(UTC) + timedelta(days=2)
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "not an object": (lambda: "no document", "malformed"),
    "null": (lambda: None, "malformed"),
    "an id of a number": (lambda: good() | {"_id": 7}, "malformed"),
    "no id": (lambda: without(good(), "_id"), "malformed"),
    "a missing field": (lambda: without(good(), "text"), "malformed"),
    "an unknown field": (lambda: good(villager="x"), "malformed"),
    "an unknown kind": (lambda: good(type="secret"), "unknown_kind"),
    "a derived kind": (
        lambda: {
            "_id": "371724109218:lights",
            "type": "lights",
            "lights": "g" * 90,
            "catalogue": "1",
            "policy": "1",
        },
        "unknown_kind",
    ),
    "another county": (lambda: report(KONGZHUANG, "i0421"), "out_of_scope"),
    "a village that is not in the register": (lambda: report("371724109999", "i0421"), "unknown_division"),
    "a village of another village's informant": (lambda: report("371724109218", "i0421"), "out_of_scope"),
    "another author": (lambda: report(DIANHUTUN, "i0422"), "not_author"),
    "an id of another kind": (
        lambda: good(_id=f"{DIANHUTUN}:round:i0421:{ULID()}"),
        "bad_id",
    ),
    "an id that is none": (lambda: good(_id="something"), "bad_id"),
    "an unknown indicator": (lambda: good(indicator="9.9.9"), "unknown_indicator"),
    "a clock in the future": (lambda: good(at=FUTURE), "clock_ahead"),
    "observed after it was saved": (
        lambda: good(saved_at=stamp(datetime.now(UTC) - timedelta(days=1))),
        "observed_after_saved",
    ),
    "a clock that fell back to 1970": (lambda: good(at=datetime(1970, 1, 2, tzinfo=UTC)), "clock_behind"),
    "the year 1": (lambda: good(observed_at="0001-01-01T00:00:00Z"), "observed_long_ago"),
    "an id of another time than its saving": (lambda: good(_id=f"{DIANHUTUN}:report:i0421:{LAST_ULID}"), "bad_id"),
    "a number that the store cannot keep": (lambda: good(clock_offset_ms=2**70), "malformed"),
    "a text of signs that nobody sees": (lambda: good(text="\u200b\u2800"), "malformed"),
    "a text with a NUL in it": (lambda: good(text="村务\0公开"), "bad_character"),
    "a telephone number with the country's": (lambda: good(text="+8613800138000"), "personal_number"),
    "a text of blanks": (lambda: good(text=" \u3000\n"), "malformed"),
    "a telephone number in Chinese digits": (lambda: good(text="电话一三八零零一三八零零零"), "personal_number"),
    "a telephone number digit by digit": (lambda: good(text="1 3 8 0 0 1 3 8 0 0 0"), "personal_number"),
    "a text of 1 MB": (lambda: good(text="字" * 350_000), "too_large"),
    "a text of 4,001 characters": (lambda: good(text="字" * 4_001), "malformed"),
    "an identity-card number": (lambda: good(text="证号 37292919800101123X 的人"), "personal_number"),
    "an identity-card number in full-width digits": (
        lambda: good(text="证号 ３７２９２９１９８００１０１１２３４"),
        "personal_number",
    ),
    "a telephone number": (lambda: good(text="请打 138-0013 8000"), "personal_number"),
    "an identity-card number in a field of another kind": (
        lambda: good(place="37292919800101123X"),
        "personal_number",
    ),
    "a simulated document in a store of real ones": (lambda: good(simulated=True), "simulated"),
    "a report on a township": (lambda: good(_id=f"371724109:report:i0421:{ULID()}"), "bad_id"),
    "an amendment of what is not there": (
        lambda: good(amends=f"{DIANHUTUN}:report:i0421:{ULID()}"),
        "bad_amendment",
    ),
    "a round by an informant": (
        lambda: round_of(DIANHUTUN, "i0421", {"1.1.2": 0}),
        "role_may_not_write",
    ),
    "a deletion": (lambda: good(_deleted=True), "append_only"),
    "a second generation": (lambda: good(_rev="2-" + "a" * 32), "append_only"),
    "an amendment of somebody else's": (
        lambda: good(amends=f"{DIANHUTUN}:report:i0422:{ULID()}"),
        "bad_amendment",
    ),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_document_is_refused_with_a_reason_and_kept_and_the_rest_goes_through(city: City, name: str) -> None:
    make, code = BAD[name]
    bad, first, last = make(), good(), good()
    client = city.client("i0421")
    rows = post(client, first, bad, last)
    assert [row.get("ok", False) for row in rows] == [True, False, True]
    assert rows[1]["error"] == "forbidden"
    zh, _, en = rows[1]["reason"].partition(" / ")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert not re.search("[a-z]{3}|[`_$]", zh.replace("JSON", ""))
    assert en.isascii() and "`" not in en
    kept = [q for q in quarantined(city) if is_of(q, bad)]
    assert [(q["code"], q["author"], q["device"]) for q in kept] == [(code, "i0421", "testdevice")]
    stored = {row["id"] for row in city.raw("d110-371724/_all_docs")["rows"]}
    assert {first["_id"], last["_id"]} <= stored
    assert name in ("not an object", "null", "an id of a number", "no id") or bad["_id"] not in stored


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ({"1.1.4": 101}, "bad_reading"),
        ({"1.1.4": -1}, "bad_reading"),
        ({"1.1.4": True}, "bad_reading"),
        ({"1.1.4": "85"}, "bad_reading"),
        ({"1.1.4": None}, "bad_reading"),
        ({"2.2.1": 1}, "bad_reading"),
        ({"4.2.1": "2026-02-30"}, "bad_reading"),
        ({"4.2.1": "2999-01-01"}, "bad_reading"),
        ({"4.2.1": "0001-01-01"}, "bad_reading"),
        ({"4.2.1": TOMORROW}, "bad_reading"),
        ({"1.1.2": 0.5}, "bad_reading"),
        ({"3.3.1": 1}, "bad_reading"),
        ({"9.9.9": 1}, "unknown_indicator"),
        ({}, "empty_round"),
    ],
)
def test_a_reading_out_of_its_range_is_refused(city: City, readings: dict[str, Any], code: str) -> None:
    tomorrow = str((datetime.now(LOCAL) + timedelta(days=1)).date())
    readings = {indicator: tomorrow if value == TOMORROW else value for indicator, value in readings.items()}
    bad, fine = round_of(DIANHUTUN, "a217", readings), round_of(DIANHUTUN, "a217", {"1.1.4": 100})
    rows = post(city.client("a217"), bad, fine)
    assert [row.get("ok", False) for row in rows] == [False, True]
    assert [q["code"] for q in quarantined(city) if q["document_id"] == bad["_id"]] == [code]


def test_a_round_that_could_read_nothing_says_why_and_counts_as_no_reading(city: City) -> None:
    """The lamp that was read before stays as it was read."""
    read = round_of(DIANHUTUN, "a217", {"1.1.4": 10})
    unread = round_of(DIANHUTUN, "a217", {}) | {"text": "未报 1.1.4：路不通，到不了"}
    assert all(row["ok"] for row in post(city.client("a217"), read, unread))
    column = default_catalogue().index["1.1.4"]
    wait_until(lambda: lights_of(city)[column] == "r")
    silent = round_of(DIANHUTUN, "a217", {}) | {"text": " 。"}
    [row] = post(city.client("a217"), silent)
    assert row["error"] == "forbidden"
    assert lights_of(city)[column] == "r"


def lights_of(city: City) -> str:
    rows = city.raw(f'd110-371724/_all_docs?include_docs=true&key="{DIANHUTUN}:lights"')["rows"]
    return str(rows[0]["doc"]["lights"]) if rows else "?" * 90


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1e999"])
def test_a_reading_that_is_not_finite_is_refused(city: City, number: str) -> None:
    bad, fine = round_of(DIANHUTUN, "a217", {"1.1.4": "NUMBER"}), round_of(DIANHUTUN, "a217", {"1.1.4": 100})
    body = json.dumps(bulk(bad, fine)).replace('"NUMBER"', number)
    answer = city.client("a217").post(f"{DB}/_bulk_docs", content=body)
    stored = {row["id"] for row in city.raw("d110-371724/_all_docs")["rows"]}
    assert bad["_id"] not in stored
    assert answer.status_code == 201
    assert [row.get("ok", False) for row in answer.json()] == [False, True]
    assert answer.json()[0]["id"] == bad["_id"]
    assert fine["_id"] in stored
    assert any(bad["_id"] in q["raw"] for q in quarantined(city))


def test_half_a_character_refuses_its_document_and_not_the_batch(city: City) -> None:
    bad, fine = good(text="坏\ud800字"), good()
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=json.dumps(bulk(bad, fine)))
    assert [row.get("ok", False) for row in answer.json()] == [False, True]
    assert answer.json()[0]["id"] == bad["_id"]
    assert [q["code"] for q in quarantined(city) if q["document_id"] == bad["_id"]] == ["malformed"]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"_id": "%s", "type": "report", "text": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
        b'{"_id": "%s", "type": "report" "text": "a comma is missing, {[ and brackets"}',
        b'{"_id": "%s", "type": "report", "text": "\xff\xfe"}',
        b'{"_id": "%s", "type": "report", "text": nothing}',
    ],
    ids=["deep", "no comma", "no UTF-8", "no value"],
)
def test_what_is_no_json_refuses_its_document_and_not_the_batch(city: City, broken: bytes) -> None:
    fine, last = good(), good()
    bad = good()["_id"].encode()
    body = b'{"new_edits": false, "docs": [' + b",".join([*map(_encoded, [fine]), broken % bad, _encoded(last)]) + b"]}"
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=body)
    assert [(row["id"], row.get("ok", False)) for row in answer.json()] == [
        (fine["_id"], True),
        (bad.decode(), False),
        (last["_id"], True),
    ]
    assert [q["code"] for q in quarantined(city) if q["document_id"] == bad.decode()] == ["malformed"]


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def test_a_body_that_is_no_json_is_kept_and_answered_in_couchdbs_shape(city: City) -> None:
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=b'{"docs":[{"_id":"torn')
    assert answer.status_code == 400
    assert set(answer.json()) >= {"error", "reason"}
    assert [q["code"] for q in quarantined(city) if q["raw"] == '{"docs":[{"_id":"torn'] == ["malformed"]


def test_pushing_the_same_again_is_no_second_event_and_no_error(city: City) -> None:
    client, document = city.client("i0421"), good()
    first, again = post(client, document), post(client, document)
    assert first == again
    rows = client.get(f"{DB}/_changes", params={"since": 0}).json()["results"]
    receipts = [client.get(f"{DB}/{row['id']}").json() for row in rows if ":receipt:" in row["id"]]
    assert [r["ids"] for r in receipts].count([document["_id"]]) == 2  # the first may never have reached the tablet
    before = len(quarantined(city))
    changed = post(client, document | {"text": "另一种说法"})
    assert changed[0]["error"] == "forbidden"
    assert len(quarantined(city)) == before + 1
    assert city.raw(f"d110-371724/{document['_id']}")["text"] == document["text"]


def test_a_refused_document_that_is_pushed_again_is_kept_once(city: City) -> None:
    client, bad = city.client("i0421"), good(indicator="9.9.8")
    post(client, bad)
    post(client, bad)
    assert len([q for q in quarantined(city) if q["document_id"] == bad["_id"]]) == 1


def test_an_id_that_comes_twice_in_one_batch_with_other_content_is_taken_once(city: City) -> None:
    document = good()
    rows = post(city.client("i0421"), document, document, document | {"text": "又一种说法"})
    assert [row.get("ok", False) for row in rows] == [True, True, False]


def test_a_correction_names_the_first_document_and_repeats_its_instant(city: City) -> None:
    client, first = city.client("i0421"), good()
    same_instant = {key: first[key] for key in ("observed_at", "saved_at")}
    correction = good(amends=first["_id"], severity="minor", **same_instant)
    rows = post(client, first, correction)  # also from one batch
    assert [row.get("ok", False) for row in rows] == [True, True]
    of_a_correction = good(amends=correction["_id"], **same_instant)
    later = good(amends=first["_id"])
    again = good(amends=first["_id"], **same_instant)
    rows = post(client, of_a_correction, later, again)
    assert [row.get("ok", False) for row in rows] == [False, False, True]
    codes = {q["document_id"]: q["code"] for q in quarantined(city)}
    assert codes[of_a_correction["_id"]] == codes[later["_id"]] == "bad_amendment"


def test_one_document_at_its_address_is_judged_like_a_batch_and_must_be_the_one_named(city: City) -> None:
    client, document, other = city.client("i0421"), good(), good()
    assert client.put(f"{DB}/{document['_id']}", json=document).status_code == 201
    assert client.put(f"{DB}/{other['_id']}", json=good()).json()["code"] == "bad_id"
    assert client.get(f"{DB}/{other['_id']}").status_code == 404
    refused = client.put(f"{DB}/{other['_id']}", json=other | {"indicator": "9.9.9"})
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


def test_a_receipt_lists_what_a_push_left_and_reaches_only_its_device(city: City) -> None:
    documents = [good() for _ in range(3)]
    client = city.client("i0421", device="tablet-a")
    post(client, *documents, good(indicator="9.9.9"))
    rows = client.get(f"{DB}/_changes", params={"since": 0}).json()["results"]
    receipts = [client.get(f"{DB}/{row['id']}").json() for row in rows if ":receipt:" in row["id"]]
    assert [sorted(r["ids"]) for r in receipts] == [sorted(d["_id"] for d in documents)]
    other = city.client("i0421", device="tablet-b")
    assert not [r for r in other.get(f"{DB}/_changes", params={"since": 0}).json()["results"] if ":receipt:" in r["id"]]


@pytest.mark.parametrize(
    ("alias", "step", "fields", "ok"),
    [
        ("z109", "cleared", {"found": "已查", "done": "已办", "verified_by": "z109"}, True),
        ("z109", "cleared", {"found": "已查", "done": "已办"}, False),
        ("z109", "cleared", {"found": " ", "done": "已办", "verified_by": "z109"}, False),
        ("z109", "cleared", {"found": "。", "done": "已办", "verified_by": "z109"}, False),
        ("z109", "cleared", {"found": "已查", "done": "已办", "verified_by": "nobody"}, False),
        ("z109", "cleared", {"found": "已查", "done": "已办", "verified_by": "i0421"}, False),
        ("z109", "assigned", {"department": "不存在的部门"}, False),
        ("z109", "assigned", {"department": "民政"}, True),
        ("z109", "cleared", {"found": "已查", "done": "已办", "verified_by": "g71"}, False),
        ("z109", "deadline", {"department": "民政", "due": "0001-01-01"}, False),
        ("z109", "deadline", {"department": "民政", "due": "2999-01-01"}, False),
        ("z109", "noticed", {"text": "请说明情况"}, False),  # a paper is issued
        ("g24", "deadline", {"department": "民政", "due": "2026-12-31"}, False),
        ("z109", "assigned", {"author": "g24", "department": "民政"}, False),
        ("a217", "progress", {"text": "正在办理"}, True),
        ("a217", "cleared", {"found": "已查", "done": "已办", "verified_by": "a217"}, False),
        ("i0421", "progress", {"text": "正在办理"}, False),
    ],
)
def test_a_step_of_a_case_is_an_offices_and_complete(
    city: City, alias: str, step: str, fields: dict[str, Any], ok: bool
) -> None:
    opening = good(severity="minor")
    assert post(city.client("i0421"), opening)[0]["ok"]
    case = opening["_id"].split(":")[3]
    assert post(city.client("a217"), case_event(DIANHUTUN, case, "a217", "progress", text="已清运"))[0]["ok"]
    event = case_event(DIANHUTUN, case, **({"author": alias, "step": step} | fields))
    (row,) = post(city.client(alias), event)
    assert row.get("ok", False) == ok


CLEARED = {"author": "z109", "step": "cleared", "found": "已查", "done": "已办", "verified_by": "z109"}


def test_what_an_office_signed_may_be_sent_again_when_it_is_stored(city: City) -> None:
    opening = good()
    assert post(city.client("i0421"), opening)[0]["ok"]
    noticed = case_event(DIANHUTUN, opening["_id"].split(":")[3], "z109", "progress", text="已约谈")
    assert post(city.client("z109"), noticed)[0]["ok"]
    city.clock.ahead += timedelta(hours=2)
    try:
        later = case_event(DIANHUTUN, opening["_id"].split(":")[3], "z109", "progress", text="已公布")
        again, refused = post(city.client("z109", "later"), noticed, later)
    finally:
        city.clock.ahead -= timedelta(hours=2)
    assert again["ok"]
    assert "必须是现在" in refused["reason"]


def test_only_what_was_opened_is_cleared_and_not_before(city: City) -> None:
    client, opening = city.client("z109"), good(severity="minor")
    assert post(city.client("i0421"), opening)[0]["ok"]
    case = opening["_id"].split(":")[3]
    unknown = case_event(DIANHUTUN, str(ULID()), **CLEARED)
    early = case_event(DIANHUTUN, case, **CLEARED) | {"observed_at": stamp(datetime.now(UTC) - timedelta(days=10))}
    of_an_office = str(ULID())
    opened = case_event(DIANHUTUN, of_an_office, author="z109", step="opened", indicator="4.2.1", severity="minor")
    at_once = case_event(DIANHUTUN, of_an_office, **CLEARED)
    assert post(city.client("a217"), case_event(DIANHUTUN, case, "a217", "progress", text="已清运"))[0]["ok"]
    rows = post(client, unknown, early, case_event(DIANHUTUN, case, **CLEARED), opened, at_once)
    assert [row.get("ok", False) for row in rows] == [False, False, True, True, False]
    codes = {q["document_id"]: q["code"] for q in quarantined(city)}
    assert (codes[unknown["_id"]], codes[early["_id"]]) == ("unknown_case", "not_as_of_now")
    assert codes[at_once["_id"]] == "not_acted"


def test_a_text_that_never_ends_is_refused_at_once(city: City) -> None:
    answer = city.client("i0421").post(f"{DB}/_bulk_docs", content=b'{"docs":[' + b'\\"' * 500_000)
    assert answer.status_code == 400
    many = city.client("i0421").post(f"{DB}/_bulk_docs", content=b'{"docs":[' + b"1," * 6_000 + b"1]}")
    assert (many.status_code, many.json()["code"]) == (413, "too_large")


def test_own_receipt_is_in_the_feed_right_after_the_push_and_asking_does_not_wait(city: City) -> None:
    client, document = city.client("i0421"), report(DIANHUTUN, "i0421")
    since = client.get(f"{DB}/_changes", params={"since": "now"}).json()["last_seq"]
    assert client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
    answer = client.get(f"{DB}/_changes", params={"since": since, "limit": 100})
    ids = [row["id"] for row in answer.json()["results"]]
    assert document["_id"] in ids and any(":receipt:" in identity for identity in ids)
    assert answer.elapsed.total_seconds() < SETTLE_S_MAX / 2


def test_what_is_kept_of_a_refusal_repeats_no_personal_number(city: City) -> None:
    number = "13800138000"
    owner, author = good(), good(author=number)
    owner["_id"] = owner["_id"].replace(":i0421:", f":{number}:")
    for bad in (owner, author):
        [row] = post(city.client("i0421"), bad)
        assert row["error"] == "forbidden"
    assert number not in json.dumps(quarantined(city), ensure_ascii=False)


def test_an_offices_report_by_tablet_is_refused_and_one_that_is_stored_already_is_not(city: City) -> None:
    new, stored = (report(DIANHUTUN, "z109", channel="tablet") for _ in range(2))
    assert httpx.put(f"{city.store.url}/d110-371724/{stored['_id']}", json=stored).status_code == 201
    refused, again = post(city.client("z109"), new, stored)
    assert (refused["error"], again.get("ok")) == ("forbidden", True)
    assert "单位登记的来源不能是平板" in refused["reason"] and "has no tablet" in refused["reason"]
    assert [kept["code"] for kept in quarantined(city) if kept["document_id"] == new["_id"]] == ["bad_channel"]
    village = city.client("a217")
    assert [row.get("ok") for row in post(village, report(DIANHUTUN, "a217", channel="tablet"))] == [True]
