"""Quarantine as an office works it: nothing refused is ever only on the tablet."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync_api.quarantine import budget
from tests.city import DIANHUTUN, City, bulk, report
from tests.gateway.test_audit import entries

DB = "/db/d110-371724"


def refuse(city: City, **fields: Any) -> dict[str, Any]:
    """Push a document that is refused; it as the station finds it in quarantine."""
    document = report(DIANHUTUN, "i0421", **fields)
    row = city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]
    assert row["error"] == "forbidden"
    [kept] = [q for q in waiting(city.client("z109")) if q["document_id"] == document["_id"]]
    return dict(kept)


def waiting(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        answer = client.get("/quarantine", params={"offset": len(found)})
        assert answer.status_code == 200, answer.text
        found += answer.json()["oldest"]
        if len(found) >= answer.json()["matching"]:
            return found


def test_what_was_refused_for_a_time_is_released_as_its_authors_once_the_reason_is_gone(city: City) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    kept = refuse(city, at=ahead, indicator="2.4.3")
    station = city.client("z109")
    too_early = station.post(f"/quarantine/{kept['_id']}/release")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "still_refused")
    city.clock.ahead = timedelta(hours=2)
    try:
        token = city.login("z109")["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        released = httpx.post(f"{city.url}/quarantine/{kept['_id']}/release", headers=headers)
        assert released.status_code == 204, released.text
    finally:
        city.clock.ahead = timedelta()
    assert city.raw(f"d110-371724/{kept['document_id']}")["indicator"] == "2.4.3"
    assert kept["_id"] not in [q["_id"] for q in waiting(station)]
    listed = city.client("i0421").get(f"{DB}/_changes").json()["results"]
    assert kept["document_id"] in [row["id"] for row in listed]


def test_a_dismissed_document_brings_its_author_a_word(city: City) -> None:
    kept = refuse(city, indicator="9.9.9")
    station = city.client("z109")
    word = {"text": "指标编号有误，请按 2.4.3 重报。"}
    assert station.post(f"/quarantine/{kept['_id']}/dismiss", json=word).status_code == 204
    client = city.client("i0421")
    answers = [r["id"] for r in client.get(f"{DB}/_changes").json()["results"] if ":answer:i0421:" in r["id"]]
    texts = {a["about"]: a["text"] for a in (client.get(f"{DB}/{identity}").json() for identity in answers)}
    assert texts[kept["document_id"]] == word["text"]
    again = station.post(f"/quarantine/{kept['_id']}/dismiss", json=word)
    assert (again.status_code, again.json()["code"]) == (409, "decided")
    assert station.post(f"/quarantine/{kept['_id']}/release").status_code == 409


@pytest.mark.parametrize(("alias", "status"), [("i0421", 403), ("a217", 403), ("g71", 404), ("g24", 204)])
def test_only_the_offices_above_the_author_decide(city: City, alias: str, status: int) -> None:
    kept = refuse(city, indicator="9.9.7")
    answer = city.client(alias).post(f"/quarantine/{kept['_id']}/dismiss", json={"text": "已转告"})
    assert answer.status_code == status


def test_each_office_sees_what_waits_in_its_own_scope(city: City) -> None:
    kept = refuse(city, indicator="9.9.6")
    for alias, sees in (("z109", True), ("g24", True), ("s17", True), ("g71", False)):
        assert (kept["_id"] in [q["_id"] for q in waiting(city.client(alias))]) == sees
    assert city.client("i0421").get("/quarantine").status_code == 403


def test_what_someone_wrote_whose_account_was_closed_since_is_still_released(city: City) -> None:
    city.add_account("i0488", "informant", DIANHUTUN)
    document = report(DIANHUTUN, "i0488", indicator="9.9.5")
    assert city.client("i0488").post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["error"] == "forbidden"
    [kept] = [q for q in waiting(city.client("z109")) if q["document_id"] == document["_id"]]
    city.close_account("i0488")
    # what it was refused for still holds: so says the check, not the author's account
    released = city.client("z109").post(f"/quarantine/{kept['_id']}/release")
    assert (released.status_code, released.json()["code"]) == (409, "still_refused")


def test_of_two_offices_that_answer_at_once_the_author_hears_one(city: City) -> None:
    offices = {alias: city.client(alias) for alias in ("z109", "g24")}
    for number in range(8):
        kept = refuse(city, indicator="9.9.4", text=f"第 {number} 条")

        def dismiss(alias: str, identity: str = kept["_id"]) -> int:
            return offices[alias].post(f"/quarantine/{identity}/dismiss", json={"text": f"{alias} 的答复"}).status_code

        with ThreadPoolExecutor(2) as both:
            outcome = dict(zip(offices, both.map(dismiss, offices), strict=True))
        assert sorted(outcome.values()) == [204, 409]
        [winner] = [alias for alias, status in outcome.items() if status == 204]
        client = city.client("i0421")
        ids = [row["id"] for row in client.get(f"{DB}/_changes").json()["results"] if ":answer:i0421:" in row["id"]]
        answers = [client.get(f"{DB}/{identity}").json() for identity in ids]
        assert [a["text"] for a in answers if a["about"] == kept["document_id"]] == [f"{winner} 的答复"]
        assert city.raw(f"d110-quarantine/{kept['_id']}")["decision"]["by"] == winner


def test_of_a_release_and_a_dismissal_at_once_one_takes_effect(city: City) -> None:
    for number in range(6):
        ahead = datetime.now(UTC) + timedelta(hours=1, minutes=number)
        kept = refuse(city, at=ahead, indicator="2.4.3")
        city.clock.ahead = timedelta(hours=2)
        try:
            offices = {alias: city.login(alias)["access_token"] for alias in ("z109", "g24")}

            def decide(what: tuple[str, str], identity: str = kept["_id"], tokens: Any = offices) -> int:
                alias, how = what
                body = {"text": "不收"} if how == "dismiss" else None
                headers = {"Authorization": f"Bearer {tokens[alias]}"}
                url = f"{city.url}/quarantine/{identity}/{how}"
                return httpx.post(url, json=body, headers=headers, timeout=20).status_code

            asked = [("z109", "release"), ("g24", "dismiss"), ("g24", "release"), ("z109", "dismiss")]
            with ThreadPoolExecutor(len(asked)) as together:
                statuses = list(together.map(decide, asked))
        finally:
            city.clock.ahead = timedelta()
        assert sorted(statuses) == [204, 409, 409, 409]
        outcome = city.raw(f"d110-quarantine/{kept['_id']}")["decision"]["outcome"]
        assert asked[statuses.index(204)][1] == {"released": "release", "dismissed": "dismiss"}[outcome]
        stored = httpx.get(f"{city.store.url}/d110-371724/{kept['document_id']}").status_code == 200
        assert stored == (outcome == "released")
        client = city.client("i0421")
        ids = [row["id"] for row in client.get(f"{DB}/_changes").json()["results"] if ":answer:i0421:" in row["id"]]
        told = [a["text"] for a in (client.get(f"{DB}/{i}").json() for i in ids) if a["about"] == kept["document_id"]]
        assert told == ([] if stored else ["不收"])


def test_a_decision_whose_gateway_died_on_the_way_is_carried_out_by_the_next_look(city: City) -> None:
    kept = refuse(city, indicator="9.9.5", text="没有办完的")
    path = f"{city.store.url}/d110-quarantine/{kept['_id']}"
    begun = {"outcome": "dismissed", "by": "g24", "at": datetime.now(UTC).isoformat(), "text": "已转", "is_done": False}
    assert httpx.put(path, json=httpx.get(path).json() | {"decision": begun}).status_code == 201
    answer = city.client("z109").post(f"/quarantine/{kept['_id']}/release")
    assert (answer.status_code, answer.json()["code"]) == (409, "decided")  # it may be under way
    city.clock.ahead = timedelta(minutes=2)
    try:
        headers = {"Authorization": f"Bearer {city.login('z109')['access_token']}"}
        listed = httpx.get(f"{city.url}/quarantine?code={kept['code']}&author=i0421", headers=headers).json()["oldest"]
        assert kept["_id"] in [one["_id"] for one in listed]
        answer = httpx.post(f"{city.url}/quarantine/{kept['_id']}/release", headers=headers)
    finally:
        city.clock.ahead = timedelta()
    assert (answer.status_code, answer.json()["code"]) == (409, "decided")
    assert city.raw(f"d110-quarantine/{kept['_id']}")["decision"]["is_done"]
    client = city.client("i0421")
    ids = [row["id"] for row in client.get(f"{DB}/_changes").json()["results"] if ":answer:i0421:" in row["id"]]
    told = [a["text"] for a in (client.get(f"{DB}/{i}").json() for i in ids) if a["about"] == kept["document_id"]]
    assert told == ["已转"]


def test_what_is_ones_own_another_account_decides_on(city: City) -> None:
    own = report(DIANHUTUN, "z109", indicator="9.9.9")
    assert city.client("z109").post(f"{DB}/_bulk_docs", json=bulk(own)).json()[0]["error"] == "forbidden"
    [kept] = [q for q in waiting(city.client("z109")) if q["document_id"] == own["_id"]]
    for path, body in (("release", None), ("dismiss", {"text": "不用了"})):
        answer = city.client("z109").post(f"/quarantine/{kept['_id']}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_item")
    assert city.client("g24").post(f"/quarantine/{kept['_id']}/dismiss", json={"text": "请改"}).status_code == 204


def test_a_release_that_is_refused_leaves_the_desk_as_it_was(city: City) -> None:
    kept = refuse(city, indicator="9.9.3", text="请打13812345678找我")
    assert "13812345678" not in kept["raw"]
    answer = city.client("z109").post(f"/quarantine/{kept['_id']}/release")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_refused")
    [still] = [q for q in waiting(city.client("z109")) if q["document_id"] == kept["document_id"]]
    assert still["_id"] == kept["_id"]


def test_a_word_to_an_author_holds_no_personal_number(city: City) -> None:
    kept = refuse(city, indicator="9.9.2")
    answer = city.client("z109").post(f"/quarantine/{kept['_id']}/dismiss", json={"text": "请打13812345678"})
    assert (answer.status_code, answer.json()["code"]) == (400, "personal_number")
    assert kept["_id"] in [q["_id"] for q in waiting(city.client("z109"))]


def test_what_is_kept_already_costs_nothing_and_beyond_the_days_measure_the_rest_goes_through(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "DOCUMENTS_MAX", 2)
    alias = city.add_account("manyrefused", "informant", DIANHUTUN)
    bad = [report(DIANHUTUN, alias, indicator="9.9.9", text=f"第 {n} 条") for n in range(3)]
    good = report(DIANHUTUN, alias)
    client = city.client(alias)
    for _ in range(3):  # its answers are lost, and it sends the same again
        rows = client.post(f"{DB}/_bulk_docs", json=bulk(*bad[:2])).json()
        assert [row["error"] for row in rows] == ["forbidden", "forbidden"]
    rows = client.post(f"{DB}/_bulk_docs", json=bulk(bad[2], good)).json()
    assert rows[0]["error"] == "too_many_refused"
    assert rows[1]["ok"]
    handed_in = client.post("/hand-in", json=bulk(*bad)).json()
    assert [row["error"] for row in handed_in] == ["forbidden", "forbidden", "too_many_refused"]
    held = [q["document_id"] for q in waiting(city.client("z109")) if q["author"] == alias]
    assert sorted(held) == sorted(one["_id"] for one in bad[:2])


def test_all_that_waits_is_saved_as_a_file(city: City) -> None:
    refused = [report(DIANHUTUN, "i0421", indicator="9.9.9") for _ in range(60)]  # more than a page shows
    city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(*refused))
    text = city.client("z109").get("/quarantine/csv").content.decode("utf-8-sig")
    assert all(document["_id"] in text for document in refused)
    assert "没有指标 9.9.9" in text
    assert "no indicator" in city.client("z109").get("/quarantine/csv?language=en").text
    assert city.client("i0421").get("/quarantine/csv").status_code == 403


def test_what_waits_is_shown_by_author_and_reason_and_page_by_page(city: City) -> None:
    city.add_account("i0489", "informant", DIANHUTUN)
    unknown = [report(DIANHUTUN, "i0489", indicator="9.9.9") for _ in range(57)]
    early = [report(DIANHUTUN, "i0489", at=datetime.now(UTC) + timedelta(hours=3)) for _ in range(3)]
    city.client("i0489").post(f"{DB}/_bulk_docs", json=bulk(*unknown, *early))
    station = city.client("z109")
    whole = station.get("/quarantine").json()
    groups = {(g["author"], g["code"]): g["count"] for g in whole["groups"]}
    assert (groups["i0489", "unknown_indicator"], groups["i0489", "clock_ahead"]) == (57, 3)
    assert sum(groups.values()) == whole["count"] == whole["matching"]

    one_reason = {"author": "i0489", "code": "unknown_indicator"}
    pages = [station.get("/quarantine", params={**one_reason, "offset": at}).json() for at in (0, 50, 100)]
    assert [(p["matching"], p["offset"], len(p["oldest"])) for p in pages] == [(57, 0, 50), (57, 50, 7), (57, 100, 0)]
    assert {q["document_id"] for p in pages for q in p["oldest"]} == {d["_id"] for d in unknown}
    file = station.get("/quarantine/csv", params=one_reason).content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(file)))) == 57
    assert station.get("/quarantine", params={"offset": -1}).status_code == 400


def test_the_audit_log_says_what_came_of_a_decision(city: City) -> None:
    kept = refuse(city, indicator="9.9.3")
    station = city.client("z109")
    station.post(f"/quarantine/{kept['_id']}/release")
    station.post(f"/quarantine/{kept['_id']}/dismiss", json={"text": "指标编号有误。"})
    station.post(f"/quarantine/{kept['_id']}/dismiss", json={"text": "再来一次。"})  # it is decided: nothing to log
    logged = [(one.action, one.details["outcome"]) for one in entries(city) if one.subject == kept["_id"]]
    assert logged == [
        ("quarantine_released", "asked"),
        ("quarantine_released", "still_refused"),
        ("quarantine_dismissed", "asked"),
        ("quarantine_dismissed", "done"),
    ]


def test_a_word_of_blanks_settles_nothing(city: City) -> None:
    refused = report(DIANHUTUN, "i0421", indicator="9.9.9")
    city.client("i0421").post("/db/d110-371724/_bulk_docs", json=bulk(refused))
    station = city.client("z109")
    rows = csv.DictReader(io.StringIO(station.get("/quarantine/csv?language=en").content.decode("utf-8-sig")))
    assert refused["_id"] in [row["Id"] for row in rows]
    [first, *_] = station.get("/quarantine").json()["oldest"]
    assert station.post(f"/quarantine/{first['_id']}/dismiss", json={"text": " 。 "}).status_code == 400
    assert first["_id"] in [one["_id"] for one in station.get("/quarantine").json()["oldest"]]
