"""Exactly what this project uses of CouchDB. What is not here must not be asked of a store."""

import json
from typing import Any

import requests

from tests.contract.conftest import TIMEOUT_S, Store

VILLAGE = "371724109217"
REV = "1-" + "a" * 32
OTHER_REV = "1-" + "b" * 32


def report(number: int, **fields: Any) -> dict[str, Any]:
    return {"_id": f"{VILLAGE}:report:i0421:{number:026d}", "type": "report", **fields}


def read_all_changes(store: Store, since: Any = 0, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while (page := store.get("/_changes", since=since, **params))["results"]:
        rows += page["results"]
        since = page["last_seq"]
    return rows


def test_server_has_a_uuid_that_stays_the_same(store: Store) -> None:
    welcomes = [requests.get(f"{store.server}/", timeout=TIMEOUT_S).json() for _ in range(2)]
    assert welcomes[0]["uuid"] and welcomes[0]["uuid"] == welcomes[1]["uuid"]


def test_creating_a_database_that_is_there_answers_412_file_exists(store: Store) -> None:
    again = store.call("PUT")
    assert (again.status_code, again.json()["error"]) == (412, "file_exists")


def test_database_tells_its_name_and_sequence(store: Store) -> None:
    before = store.get()
    store.write(report(1))
    after = store.get()
    assert before["db_name"] == after["db_name"] == store.database
    assert before["update_seq"] != after["update_seq"]


def test_database_that_is_not_there_answers_404_not_found(store: Store) -> None:
    missing = Store(store.session, store.server, "t0-is-not-there")
    for path in ("", "/_changes", "/some:id"):
        answer = missing.call("GET", path)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_documents_written_in_bulk_are_answered_in_the_order_sent(store: Store) -> None:
    documents = [report(number) for number in (3, 1, 2)]
    rows = store.write(*documents)
    assert [row["id"] for row in rows] == [document["_id"] for document in documents]
    assert all(row["ok"] and row["rev"].startswith("1-") for row in rows)


def test_second_write_without_the_revision_is_a_conflict_row_and_the_rest_goes_through(store: Store) -> None:
    store.write(report(1, text="first"))
    rows = store.write(report(1, text="second"), report(2))
    assert (rows[0]["error"], rows[0]["id"]) == ("conflict", report(1)["_id"])
    assert rows[1]["ok"]
    assert store.get(f"/{report(1)['_id']}")["text"] == "first"


def test_write_with_the_current_revision_replaces_the_document(store: Store) -> None:
    [first] = store.write(report(1, text="first"))
    [second] = store.write(report(1, text="second", _rev=first["rev"]))
    stored = store.get(f"/{report(1)['_id']}")
    assert (stored["text"], stored["_rev"]) == ("second", second["rev"])
    assert second["rev"].startswith("2-")


def test_given_revisions_are_kept_and_writing_them_again_changes_nothing(store: Store) -> None:
    documents = [report(number, _rev=REV) for number in range(3)]
    assert store.write(*documents, new_edits=False) == []
    sequence = store.get()["update_seq"]
    assert store.write(*documents, new_edits=False) == []
    assert store.get()["update_seq"] == sequence
    assert store.get(f"/{documents[0]['_id']}")["_rev"] == REV


def test_given_revision_with_its_history_is_kept(store: Store) -> None:
    history = {"start": 2, "ids": ["c" * 32, "a" * 32]}
    store.write(report(1, _rev=REV), new_edits=False)
    store.write(report(1, _rev="2-" + "c" * 32, _revisions=history, text="amended"), new_edits=False)
    stored = store.get(f"/{report(1)['_id']}")
    assert (stored["_rev"], stored["text"]) == ("2-" + "c" * 32, "amended")


def test_two_given_revisions_of_one_generation_are_both_kept_and_the_higher_one_is_shown(store: Store) -> None:
    store.write(report(1, _rev=OTHER_REV, text="b"), new_edits=False)
    store.write(report(1, _rev=REV, text="a"), new_edits=False)
    assert store.get(f"/{report(1)['_id']}")["text"] == "b"
    assert store.post("/_revs_diff", {report(1)["_id"]: [REV, OTHER_REV]}) == {}


def test_document_comes_back_as_it_was_written(store: Store) -> None:
    fields = {"text": "村务公开栏 “三个月” 未更新 \u2028 😀", "float": 12.5, "none": None, "list": [1, {"是": True}]}
    store.write(report(1, **fields))
    stored = store.get(f"/{report(1)['_id']}")
    assert {name: stored[name] for name in fields} == fields


def test_document_that_is_not_there_answers_404_not_found(store: Store) -> None:
    answer = store.call("GET", f"/{VILLAGE}:lights")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_local_document_is_kept_and_shows_in_no_feed_and_no_listing(store: Store) -> None:
    assert store.call("GET", "/_local/tablet-1").status_code == 404
    first = store.call("PUT", "/_local/tablet-1", {"_id": "_local/tablet-1", "last_seq": "7-x"})
    assert first.status_code in (200, 201)
    stored = store.get("/_local/tablet-1")
    assert stored["last_seq"] == "7-x"
    stored["last_seq"] = "8-y"
    assert store.call("PUT", "/_local/tablet-1", stored).status_code in (200, 201)
    assert store.get("/_local/tablet-1")["last_seq"] == "8-y"
    assert store.get("/_all_docs")["rows"] == []
    assert store.get("/_changes", since=0)["results"] == []


def test_changes_read_in_pages_bring_every_document_and_then_an_empty_page(store: Store) -> None:
    store.write(*[report(number) for number in range(7)])
    rows = read_all_changes(store, limit=3)
    assert {row["id"] for row in rows} == {report(number)["_id"] for number in range(7)}
    assert all(row["changes"][0]["rev"].startswith("1-") and "seq" in row for row in rows)


def test_changes_since_a_sequence_bring_only_what_came_after(store: Store) -> None:
    store.write(report(1))
    seen = store.get("/_changes", since=0)["last_seq"]
    store.write(report(2))
    later = store.get("/_changes", since=seen)
    assert [row["id"] for row in later["results"]] == [report(2)["_id"]]
    assert store.get("/_changes", since=later["last_seq"])["results"] == []


def test_changes_since_now_are_empty_and_name_the_sequence_to_go_on_from(store: Store) -> None:
    store.write(report(1))
    now = store.get("/_changes", since="now")
    assert now["results"] == []
    store.write(report(2))
    assert [row["id"] for row in store.get("/_changes", since=now["last_seq"])["results"]] == [report(2)["_id"]]


def test_changes_can_start_from_the_sequence_that_the_database_tells(store: Store) -> None:
    store.write(report(1))
    sequence = store.get()["update_seq"]
    store.write(report(2))
    assert [row["id"] for row in store.get("/_changes", since=sequence)["results"]] == [report(2)["_id"]]


def test_changes_with_documents_carry_the_documents(store: Store) -> None:
    store.write(report(1, text="看得见"))
    [row] = store.get("/_changes", since=0, include_docs=True)["results"]
    assert row["doc"]["_id"] == row["id"]
    assert row["doc"]["_rev"] == row["changes"][0]["rev"]
    assert row["doc"]["text"] == "看得见"


def test_rewritten_document_shows_once_in_the_changes_with_its_last_revision(store: Store) -> None:
    [first] = store.write(report(1))
    [second] = store.write(report(1, _rev=first["rev"]))
    [row] = store.get("/_changes", since=0)["results"]
    assert row["changes"] == [{"rev": second["rev"]}]


def test_deleted_document_shows_as_deleted_in_the_changes(store: Store) -> None:
    [first] = store.write(report(1))
    store.write({"_id": report(1)["_id"], "_rev": first["rev"], "_deleted": True})
    [row] = store.get("/_changes", since=0)["results"]
    assert row["deleted"] is True


def test_long_poll_answers_at_once_with_what_is_there(store: Store) -> None:
    store.write(report(1))
    page = store.get("/_changes", feed="longpoll", since=0, heartbeat=10_000)
    assert [row["id"] for row in page["results"]] == [report(1)["_id"]]


def test_long_poll_waits_and_answers_when_a_document_is_written(store: Store) -> None:
    since = store.get("/_changes", since="now")["last_seq"]
    with store.feed(feed="longpoll", since=since, heartbeat=200, include_docs=True) as answer:
        store.write(report(1, text="刚到"))
        page = json.loads(answer.content)
    assert [row["doc"]["text"] for row in page["results"]] == ["刚到"]
    assert store.get("/_changes", since=page["last_seq"])["results"] == []


def test_continuous_feed_beats_while_idle_and_brings_each_write_as_one_line(store: Store) -> None:
    since = store.get("/_changes", since="now")["last_seq"]
    with store.feed(feed="continuous", since=since, heartbeat=100, include_docs=True) as answer:
        lines = answer.iter_lines(chunk_size=1)
        assert next(lines) == b""
        for number in (1, 2):
            store.write(report(number))
            row = json.loads(next(line for line in lines if line))
            assert (row["id"], row["doc"]["_id"]) == (report(number)["_id"],) * 2
            assert "seq" in row and row["changes"]


def test_continuous_feed_starts_with_what_came_after_the_sequence(store: Store) -> None:
    store.write(report(1))
    seen = store.get("/_changes", since=0)["last_seq"]
    store.write(report(2))
    with store.feed(feed="continuous", since=seen, heartbeat=1000) as answer:
        row = json.loads(next(line for line in answer.iter_lines(chunk_size=1) if line))
    assert row["id"] == report(2)["_id"]


def test_continuous_feed_from_now_leaves_out_the_past(store: Store) -> None:
    store.write(report(1))
    with store.feed(feed="continuous", since="now", heartbeat=100) as answer:
        lines = answer.iter_lines(chunk_size=1)
        assert next(lines) == b""
        store.write(report(2))
        assert json.loads(next(line for line in lines if line))["id"] == report(2)["_id"]


def test_asking_for_keys_answers_each_in_order_and_names_the_missing(store: Store) -> None:
    store.write(report(1), report(2))
    keys = [report(2)["_id"], "not:there", report(1)["_id"]]
    rows = store.post("/_all_docs", {"keys": keys})["rows"]
    assert [row["key"] for row in rows] == keys
    assert [row.get("error") for row in rows] == [None, "not_found", None]
    assert rows[0]["value"]["rev"].startswith("1-")


def test_asking_for_keys_with_documents_carries_the_documents(store: Store) -> None:
    store.write(report(1, text="甲"))
    [row] = store.post("/_all_docs", {"keys": [report(1)["_id"]]}, include_docs=True)["rows"]
    assert row["doc"]["text"] == "甲"


def test_key_range_is_half_open_and_in_byte_order(store: Store) -> None:
    ids = [
        f"{VILLAGE}:lights",
        f"{VILLAGE}:report:i1:A",
        f"{VILLAGE}:report:i1:b",
        f"{VILLAGE}:round:a",
        "371724109218:lights",
    ]
    store.write(*[{"_id": key} for key in ids])
    inside = store.get("/_all_docs", startkey=f"{VILLAGE}:", endkey=f"{VILLAGE};", inclusive_end=False)["rows"]
    assert [row["id"] for row in inside] == ids[:4]
    to_the_last = store.get("/_all_docs", startkey=ids[0], endkey=ids[3], inclusive_end=False)["rows"]
    assert [row["id"] for row in to_the_last] == ids[:3]


def test_key_range_is_read_in_pages(store: Store) -> None:
    store.write(*[report(number, text="页") for number in range(5)])
    bounds = {"startkey": f"{VILLAGE}:", "endkey": f"{VILLAGE};", "inclusive_end": False, "include_docs": True}
    first = store.get("/_all_docs", **bounds, limit=3)["rows"]
    after = store.get("/_all_docs", **{**bounds, "startkey": first[-1]["id"]}, limit=3, skip=1)["rows"]
    assert [row["id"] for row in first + after] == [report(number)["_id"] for number in range(5)]
    assert {row["doc"]["text"] for row in first + after} == {"页"}


def test_revisions_that_are_missing_are_named_and_known_ones_are_left_out(store: Store) -> None:
    store.write(report(1, _rev=REV), new_edits=False)
    asked = {report(1)["_id"]: [REV], report(2)["_id"]: [OTHER_REV]}
    assert store.post("/_revs_diff", asked) == {report(2)["_id"]: {"missing": [OTHER_REV]}}


def test_bulk_get_brings_each_document_with_its_revision_history(store: Store) -> None:
    store.write(report(1, _rev=REV, text="甲"), report(2, _rev=REV), new_edits=False)
    asked = {"docs": [{"id": report(number)["_id"], "rev": REV} for number in (1, 2)]}
    results = store.post("/_bulk_get", asked, revs=True, latest=True)["results"]
    assert [result["id"] for result in results] == [report(1)["_id"], report(2)["_id"]]
    document = results[0]["docs"][0]["ok"]
    assert document["text"] == "甲"
    assert document["_revisions"] == {"start": 1, "ids": ["a" * 32]}


def test_bulk_get_of_a_missing_document_has_an_error_in_its_place(store: Store) -> None:
    [result] = store.post("/_bulk_get", {"docs": [{"id": "not:there", "rev": REV}]}, revs=True)["results"]
    assert "ok" not in result["docs"][0]


def test_a_thousand_documents_go_in_one_write(store: Store) -> None:
    rows = store.write(*[report(number, text="字" * 400) for number in range(1000)])
    assert len(rows) == 1000 and all("error" not in row for row in rows)


def test_malformed_json_answers_400_bad_request(store: Store) -> None:
    url = f"{store.server}/{store.database}/_bulk_docs"
    headers = {"content-type": "application/json"}
    answer = store.session.post(url, data=b"{", headers=headers, timeout=TIMEOUT_S)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_a_compaction_is_taken_and_what_is_there_stays(store: Store) -> None:
    """What was deleted is forgotten in the background; that it is gone from the disk nobody can ask."""
    store.write(report(1, _rev=REV), report(2, _rev=REV), new_edits=False)
    store.write({"_id": report(1)["_id"], "_rev": REV, "_deleted": True})
    url = f"{store.server}/{store.database}/_compact"
    answer = store.session.post(url, data=b"{}", headers={"content-type": "application/json"}, timeout=TIMEOUT_S)
    assert answer.status_code == 202
    kept = store.get("/_all_docs")["rows"]
    assert [row["id"] for row in kept] == [report(2)["_id"]]
