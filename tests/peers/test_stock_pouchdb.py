"""A stock, unmodified PouchDB 9 replicates live both ways with the gateway (pouchdb_contract)."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_api.embedded import launcher
from tests.city import DIANHUTUN, KONGZHUANG, PASSWORD, City, bulk, report, round_of

HERE = Path(__file__).parent
#: Everything here takes well under a second; the limit only bounds a failure.
WAIT_S_MAX = 20.0
DB = "/db/d110-371724"


class Peer:
    """A PouchDB in a process of its own."""

    def __init__(self, city: City, alias: str, folder: Path) -> None:
        modules = Path(launcher.__file__).parent
        arguments = [str(modules), str(folder), f"{city.url}{DB}", alias, PASSWORD]
        self._process = subprocess.Popen(
            [launcher.find_node(), str(HERE / "pouchdb_peer.mjs"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()

    def tell(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def wait(self, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [event for event in self.events if matches(event)]

        with self._news:
            assert self._news.wait_for(found, WAIT_S_MAX), self.events
            return found()[0]

    def pulled(self) -> set[str]:
        pulls = [e["ids"] for e in self.events if e["event"] == "change" and e["direction"] == "pull"]
        return {identity for ids in pulls for identity in ids}

    def wait_for_pull(self, identity: str) -> None:
        self.wait(lambda e: e["event"] == "change" and e["direction"] == "pull" and identity in e["ids"])

    def wait_for_receipt(self, alias: str) -> None:
        """The first receipt of an account's stock clients; an office sees those of all its tablets."""
        self.wait(lambda e: e["event"] == "change" and any(f":receipt:{alias}.basic:" in i for i in e["ids"]))

    def close(self) -> None:
        self.tell(stop=True)
        self._process.communicate(timeout=WAIT_S_MAX)
        self._reader.join()


@pytest.fixture
def start(city: City, tmp_path: Path) -> Iterator[Callable[[str], Peer]]:
    peers: list[Peer] = []

    def start_one(alias: str) -> Peer:
        peers.append(Peer(city, alias, tmp_path / f"{alias}-{len(peers)}"))
        return peers[-1]

    yield start_one
    for peer in peers:
        peer.close()


def test_an_informants_report_goes_up_and_receipt_and_lights_come_down(
    city: City, start: Callable[[str], Peer]
) -> None:
    peer = start("i0421")
    document = report(DIANHUTUN, "i0421")
    peer.tell(put=document)
    peer.wait_for_pull(f"{DIANHUTUN}:lights")
    peer.wait_for_receipt("i0421")
    assert city.raw(f"d110-371724/{document['_id']}")["text"] == document["text"]
    assert not [e for e in peer.events if e["event"] in ("error", "denied")]


def test_what_one_writes_reaches_those_whose_scope_it_is_in_and_no_other(
    city: City, start: Callable[[str], Peer]
) -> None:
    administrator, station, informant = start("a217"), start("z109"), start("i0422")
    document = report(DIANHUTUN, "i0421", indicator="2.4.3")
    city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(document))
    administrator.wait_for_pull(document["_id"])
    station.wait_for_pull(document["_id"])
    own = report(DIANHUTUN, "i0422", indicator="5.4.3")
    informant.tell(put=own)  # everything before its echo has been told by then
    informant.wait_for_receipt("i0422")
    assert document["_id"] not in informant.pulled()


def test_a_refused_document_is_denied_with_its_reason_and_blocks_nothing(
    city: City, start: Callable[[str], Peer]
) -> None:
    peer = start("a217")
    bad, good = report(KONGZHUANG, "a217"), round_of(DIANHUTUN, "a217", {"1.1.2": 0})
    peer.tell(put=bad)
    denied = peer.wait(lambda e: e["event"] == "denied")
    assert denied["id"] == bad["_id"]
    assert "工作范围" in denied["reason"]
    peer.tell(put=good)
    peer.wait_for_receipt("a217")
    assert city.raw(f"d110-371724/{good['_id']}")["type"] == "round"


def test_more_than_a_page_of_documents_comes_down_whole(city: City, start: Callable[[str], Peer]) -> None:
    written = [round_of(DIANHUTUN, "a217", {"1.1.2": 0}) for _ in range(250)]
    rows = city.client("a217").post(f"{DB}/_bulk_docs", json=bulk(*written)).json()
    assert all(row["ok"] for row in rows)
    peer = start("z109")
    wanted = {document["_id"] for document in written}
    peer.wait(lambda _: wanted <= peer.pulled())


def test_a_wrong_password_ends_the_replication(city: City, tmp_path: Path) -> None:
    peer = Peer(city, "nobody", tmp_path / "nobody")
    try:
        peer.wait(lambda e: e["event"] == "error")
    finally:
        peer.close()
