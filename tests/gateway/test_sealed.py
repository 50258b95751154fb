"""What is sealed of a case: for its handlers, logged at each look, and forgotten with its key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from sync_api.audit.log import AuditLog
from sync_api.casework.book import CaseBook
from sync_api.couch import Couch
from sync_api.errors import Conflict
from sync_api.held_events import HeldEvents
from sync_api.installation import Installation
from sync_api.sealed.store import SealedStore, SealingOff
from sync_api.sealed.sweep import Sweep
from tests.city import DIANHUTUN, City, bulk, case_event, report, running_gateway, settle, wait_until

DB = "/db/d110-371724"
NAME = "赵某某（证人）"


def push(city: City, alias: str, *documents: dict[str, Any]) -> None:
    answer = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(*documents))
    assert all(row.get("ok") for row in answer.json()), answer.text


@pytest.fixture
def case(city: City) -> str:
    """A general matter, which is the township's to handle."""
    opened = report(DIANHUTUN, "a217")
    push(city, "a217", opened)
    case = str(opened["_id"]).rsplit(":", 1)[1]
    wait_until(lambda: city.client("z109").get(f"/casework/cases/{DIANHUTUN}/{case}").status_code == 200)
    return case


def seal(client: httpx.Client, case: str, text: str = NAME, ulid: str = "") -> httpx.Response:
    body = {"ulid": ulid or str(ULID()), "text": text}
    return client.post(f"/casework/cases/{DIANHUTUN}/{case}/sealed", json=body)


def read(client: httpx.Client, case: str) -> httpx.Response:
    return client.post(f"/casework/cases/{DIANHUTUN}/{case}/sealed/read")


def looks(city: City, case: str) -> list[tuple[str, str]]:
    async def work() -> list[tuple[str, str]]:
        async with Couch(city.store.url) as couch:
            log = AuditLog(couch, lambda: datetime.now(UTC))
            return [(e.actor, e.action) async for e in log.entries() if case in e.subject and "sealed" in e.action]

    return asyncio.run(work())


def sweep(city: City) -> int:
    """What is due is erased now; of how many cases."""

    async def work() -> int:
        async with Couch(city.store.url) as couch:
            installation = Installation(couch, "3717")
            book = CaseBook(couch, installation, HeldEvents())
            await book.load("d110-371724")
            sealed, audit = SealedStore(couch, city.secret, city.clock), AuditLog(couch, city.clock)
            return await Sweep(sealed, book, audit, installation, city.clock).once()

    return asyncio.run(work())


def everything(city: City) -> Iterator[str]:
    """All that lies in the store, as text."""
    for database in httpx.get(f"{city.store.url}/_all_dbs").json():
        yield httpx.get(f"{city.store.url}/{database}/_all_docs?include_docs=true").text


def lies_on_the_disk(city: City, text: bytes) -> bool:
    """Whether a text is found in the files of the store, deleted or not."""
    return any(text in path.read_bytes() for path in city.store.folder.rglob("*") if path.is_file())


def test_a_handler_seals_and_reads_and_each_look_is_logged(city: City, case: str) -> None:
    station = city.client("z109")
    ulid = str(ULID())
    assert [seal(station, case, ulid=ulid).status_code for _ in range(2)] == [204, 204]
    found = read(station, case).json()
    assert [(one["author"], one["text"]) for one in found] == [("z109", NAME)]
    assert looks(city, case) == [("z109", "sealed_written")] * 2 + [("z109", "sealed_read")]
    shown = station.get(f"/casework/cases/{DIANHUTUN}/{case}").json()
    assert (shown["has_sealed"], shown["may_unseal"]) == (True, True)


def test_nobody_else_reads_it_and_no_look_is_needed_to_see_that_it_is_there(city: City, case: str) -> None:
    assert seal(city.client("z109"), case).status_code == 204
    for alias in ("a217", "g24", "s17"):  # the village, the offices above: none of them handles it
        answer = read(city.client(alias), case)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_a_handler")
    assert read(city.client("g71"), case).status_code == read(city.client("i0421"), case).status_code == 404
    push(city, "z109", case_event(DIANHUTUN, case, "z109", "escalated", severity="major"))
    wait_until(lambda: read(city.client("g24"), case).status_code == 200)  # asked to take it
    assert NAME not in "".join(everything(city))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("身份证 371724199001011234", "personal_number"),
        ("电话 13812345678", "personal_number"),
        ("张某\x07", "bad_character"),
    ],
)
def test_what_no_text_may_hold_is_refused_here_too(city: City, case: str, text: str, code: str) -> None:
    answer = seal(city.client("z109"), case, text)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_gateway_that_starts_forgets_what_is_due_once_it_has_read_the_ledger(
    city: City, case: str, tmp_path: Path
) -> None:
    station = city.client("z109")
    assert seal(station, case).status_code == 204
    settle(city, DIANHUTUN, case, "z109")
    wait_until(lambda: station.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["stage"] == "cleared")
    city.clock.ahead += timedelta(days=185)
    try:
        with running_gateway(city.store.url, city.clock, tmp_path, city.secret):
            wait_until(lambda: ("d110", "sealed_erased") in looks(city, case))
    finally:
        city.clock.ahead = timedelta()


def test_what_is_sealed_is_forgotten_half_a_year_after_the_case_was_closed(city: City, case: str) -> None:
    station = city.client("z109")
    assert seal(station, case).status_code == 204
    backup = httpx.get(f"{city.store.url}/d110-sealed/_all_docs?include_docs=true").json()["rows"]
    [kept] = [row["doc"] for row in backup if case in row["id"]]
    keys = httpx.get(f"{city.store.url}/d110-keys/_all_docs?include_docs=true").json()["rows"]
    boxes = [row["doc"]["box"].encode() for row in keys if case in row["id"]] + [kept["box"].encode()]
    assert len(boxes) == 2 and all(lies_on_the_disk(city, box) for box in boxes)
    settle(city, DIANHUTUN, case, "z109")
    wait_until(lambda: station.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["stage"] == "cleared")
    assert sweep(city) == 0
    city.clock.ahead += timedelta(days=184)
    assert sweep(city) == 0  # the last day is still within
    city.clock.ahead += timedelta(days=1)
    assert sweep(city) == 1
    assert not any(lies_on_the_disk(city, box) for box in boxes)
    city.clock.ahead = timedelta()
    assert read(city.client("z109"), case).json() == []
    assert ("d110", "sealed_erased") in looks(city, case)
    # put back from a backup it is noise: its key is gone
    assert httpx.put(f"{city.store.url}/d110-sealed/{kept.pop('_id')}", json={"box": kept["box"]}).status_code == 201
    answer = read(city.client("z109"), case)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_destroyed")


def test_without_its_secret_nothing_is_sealed_and_nothing_opens(city: City, case: str) -> None:
    assert seal(city.client("z109"), case).status_code == 204

    async def work(secret: str | None) -> None:
        async with Couch(city.store.url) as couch:
            await SealedStore(couch, secret, lambda: datetime.now(UTC)).read(DIANHUTUN, case)

    with pytest.raises(SealingOff):
        asyncio.run(work(None))
    with pytest.raises(Conflict, match="seal_broken"):
        asyncio.run(work("another secret of quite some length"))


def test_of_a_closed_case_nothing_is_sealed_any_more(city: City, case: str) -> None:
    station = city.client("z109")
    assert seal(station, case).status_code == 204
    settle(city, DIANHUTUN, case, "z109")
    wait_until(lambda: station.get(f"/casework/cases/{DIANHUTUN}/{case}").json()["case"]["stage"] == "cleared")
    answer = seal(station, case, "结案后补写")
    assert (answer.status_code, answer.json()["code"]) == (409, "case_closed")
    assert [one["text"] for one in read(station, case).json()] == [NAME]
