"""What CouchDB's own replicator asks beyond a tablet: the whole feed, the continuous one, single documents, pairs."""

import json
import secrets
from typing import Any

import pytest

from sync_api.replication.streams import STREAM_ROWS
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, report, round_of

DB = "/db/d110-371724"
LIGHTS = f"{DIANHUTUN}:lights"


def test_feed_without_a_limit_brings_everything_at_once(city: City) -> None:
    rounds = [round_of(DIANHUTUN, "a217", {"1.1.2": 0}) for _ in range(STREAM_ROWS + 1)]
    assert all(row["ok"] for row in city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(*rounds)).json())
    station = city.client("z109")
    whole = station.get(f"{DB}/_changes", params={"since": 0}).json()
    assert {r["_id"] for r in rounds} <= {row["id"] for row in whole["results"]}
    after = station.get(f"{DB}/_changes", params={"since": whole["last_seq"]}).json()
    assert {row["id"] for row in after["results"]} <= {LIGHTS}


def test_continuous_feed_brings_each_change_as_a_line_and_ends_with_its_sequence(city: City) -> None:
    station, document = city.client("z109"), report(DIANHUTUN, "i0421")
    since = station.get(f"{DB}/_changes", params={"since": "now"}).json()["last_seq"]
    params = {"feed": "continuous", "since": since, "timeout": 1000}
    with station.stream("GET", f"{DB}/_changes", params=params) as answer:
        assert city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
        lines = [json.loads(line) for line in answer.iter_lines() if line]
    assert document["_id"] in [line.get("id") for line in lines[:-1]]
    assert set(lines[-1]) == {"last_seq"}
    later = station.get(f"{DB}/_changes", params={"since": lines[-1]["last_seq"]}).json()
    assert document["_id"] not in [row["id"] for row in later["results"]]


def test_continuous_feed_beats_while_nothing_comes(city: City) -> None:
    params: dict[str, str | int] = {"feed": "continuous", "since": "now", "timeout": 2000, "heartbeat": 1000}
    lines = city.client("g71").get("/db/d110-371771/_changes", params=params).text.split("\n")
    assert lines[0] == ""
    assert "last_seq" in json.loads(lines[-2])


def test_unknown_kind_of_feed_is_refused(city: City) -> None:
    answer = city.client("z109").get(f"{DB}/_changes", params={"feed": "eventsource"})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_single_document_comes_as_multipart_where_that_is_asked_for(city: City) -> None:
    client, document = city.client("i0421"), report(DIANHUTUN, "i0421")
    rev = client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["rev"]
    params = {"revs": "true", "latest": "true", "open_revs": json.dumps([rev])}
    answer = client.get(f"{DB}/{document['_id']}", params=params, headers={"Accept": "multipart/mixed"})
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/mixed"
    _, part, end = answer.text.split(f"--{boundary.strip(chr(34))}")
    assert end == "--"
    head, _, content = part.strip().partition("\r\n\r\n")
    assert head == "Content-Type: application/json"
    assert json.loads(content)["text"] == document["text"]


def test_bulk_get_answers_each_entry_in_order_and_a_rewritten_revision_with_the_present_one(city: City) -> None:
    client, document = city.client("i0421"), report(DIANHUTUN, "i0421")
    rev = client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["rev"]
    old, hidden = "1-" + "a" * 32, f"{KONGZHUANG}:lights"
    asked = [{"id": hidden, "rev": old}, {"id": document["_id"], "rev": rev}, {"id": document["_id"], "rev": old}]
    results = client.post(f"{DB}/_bulk_get", json={"docs": asked}).json()["results"]
    assert [result["id"] for result in results] == [entry["id"] for entry in asked]
    assert [[doc["ok"]["_rev"] for doc in result["docs"]] for result in results] == [[], [rev], [rev]]


@pytest.mark.parametrize("ids", [[], ["b" * 32], ["a" * 32, "b" * 32], ["z" * 32]])
def test_history_that_is_not_the_revisions_is_refused_and_stops_nothing(city: City, ids: list[str]) -> None:
    bad: dict[str, Any] = report(DIANHUTUN, "i0421", _rev="1-" + "a" * 32, _revisions={"start": 1, "ids": ids})
    digest = secrets.token_hex(16)
    good = report(DIANHUTUN, "i0421", _rev=f"1-{digest}", _revisions={"start": 1, "ids": [digest]})
    rows = city.client("i0421").post(f"{DB}/_bulk_docs", json={"docs": [bad, good], "new_edits": False}).json()
    assert rows[0]["error"] == "forbidden"
    assert rows[1]["ok"]


def test_document_with_attachments_is_forbidden_so_that_a_replicator_goes_on(city: City) -> None:
    headers = {"Content-Type": 'multipart/related; boundary="x"'}
    answer = city.client("i0421").put(f"{DB}/{report(DIANHUTUN, 'i0421')['_id']}", content=b"--x", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
