"""The jobs' adapter over pycouchdb, on a real store."""

import socket
from collections.abc import Iterator

import pytest

from jobs import couch as couch_module
from jobs.couch import Couch, Database, MissingDatabaseError, RefusedError, UnreachableError


@pytest.fixture
def database(store_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    couch = Couch(store_url)
    name = "t" + str(abs(hash(request.node.name)))
    assert couch.create(name)
    yield couch.database(name)
    couch.close()


def test_creating_a_database_twice_says_that_it_was_there(store_url: str) -> None:
    couch = Couch(store_url)
    assert couch.create("d110-371724")
    assert not couch.create("d110-371724")
    couch.close()


def test_bulk_write_answers_row_by_row_instead_of_raising_at_the_first_bad_one(database: Database) -> None:
    database.write([{"_id": "a"}])
    conflict, written = database.write([{"_id": "a", "second": True}, {"_id": "b"}])
    assert (conflict.error, conflict.rev) == ("conflict", None)
    assert written.error is None and written.rev is not None


def test_documents_stored_with_their_revisions_twice_change_nothing(database: Database) -> None:
    document = {"_id": "a", "_rev": "1-" + "a" * 32}
    database.store([document])
    [page] = list(database.changes("0"))
    database.store([document])
    assert list(database.changes(page.since)) == []


def test_changes_come_in_pages_to_their_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couch_module, "PAGE_ROWS", 2)
    database.write([{"_id": f"doc-{number}"} for number in range(5)])
    pages = list(database.changes("0"))
    assert [len(page.results) for page in pages] == [2, 2, 1]
    assert pages[0].results[0].doc is not None
    assert list(database.changes(pages[-1].since)) == []


def test_reading_gives_what_is_there_and_leaves_out_missing_and_deleted(database: Database) -> None:
    here, gone = database.write([{"_id": "here"}, {"_id": "gone"}])
    database.write([{"_id": "gone", "_rev": gone.rev, "_deleted": True}])
    stored = database.read_many(["here", "gone", "never"])
    assert list(stored) == ["here"]
    assert stored["here"].rev == here.rev
    assert database.read("never") is None


def test_missing_database_says_what_to_do(store_url: str) -> None:
    couch = Couch(store_url)
    with pytest.raises(MissingDatabaseError, match="d110 divisions import"):
        list(couch.database("d110-999999").changes("0"))
    couch.close()


def test_refused_document_is_an_error_that_names_the_request(database: Database) -> None:
    with pytest.raises(RefusedError, match="_bulk_docs"):
        database.write([{"_id": "a", "_unknown": 1}])


def test_store_that_does_not_answer_is_unreachable_and_its_password_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(couch_module, "ATTEMPTS", couch_module.ATTEMPTS.new(total=1, backoff_factor=0))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        couch = Couch(f"http://admin:secret@127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(UnreachableError) as caught:
            couch.uuid()
    couch.close()
    assert "secret" not in str(caught.value) and "D110_COUCHDB_URL" in str(caught.value)


def test_answer_of_something_else_than_a_couchdb_is_refused(database: Database) -> None:
    with pytest.raises(RefusedError, match="not CouchDB's"):
        couch_module._decode(b"<html>", couch_module.ChangesPage)


def test_certificates_are_checked() -> None:
    couch = Couch("https://127.0.0.1:1")
    assert couch._session.verify is True
    couch.close()
