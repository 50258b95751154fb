"""``d110 bench faults``: after kills nothing is missing, and what is taken away behind the gateway's back is found."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from sync_api.benchmarks.faults import FAULTS, Stage, staged
from sync_api.benchmarks.faults_client import ACKNOWLEDGED, read_lines

#: By which store, gateway and client are hit in turn.
SEED = 43
NONE = dict.fromkeys(FAULTS, 0)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("faults"), None, SEED) as stage:
        for _ in range(3):
            stage.round()
        stage.settle()
        yield stage


def test_what_was_promised_is_there_after_kills_of_each_kind(stage: Stage) -> None:
    assert stage.kills == {"store": 1, "gateway": 1, "client": 1}
    assert stage.counts()["acknowledged"] > 0
    assert stage.counts()["refused"] > 0
    assert asyncio.run(stage.tally()) == NONE


def test_an_acknowledged_document_that_is_taken_out_of_the_store_is_missed(stage: Stage) -> None:
    identity = sorted(read_lines(stage.folder / ACKNOWLEDGED))[0]
    path = f"{stage.store_url}/{stage.database}/{identity}"
    document = httpx.get(path).json()
    assert httpx.delete(path, params={"rev": document["_rev"]}).is_success
    missed = {"acknowledged_and_lost": 1, "cases_without_their_report": 1, "wrong_lights": 1}
    found = asyncio.run(stage.tally())
    assert {name: found[name] for name in missed} == missed
    assert found["held_and_not_in_scope"] >= 1


def test_a_document_with_two_contents_is_found(stage: Stage) -> None:
    identity = sorted(read_lines(stage.folder / ACKNOWLEDGED))[-1]
    path = f"{stage.store_url}/{stage.database}"
    other = httpx.get(f"{path}/{identity}").json() | {"_rev": "1-" + "0" * 32, "text": "别的"}
    assert httpx.post(f"{path}/_bulk_docs", json={"docs": [other], "new_edits": False}).is_success
    assert asyncio.run(stage.tally())["stored_twice"] == 1


def test_a_refusal_whose_record_is_gone_is_found(stage: Stage) -> None:
    path = f"{stage.store_url}/d110-quarantine"
    row = httpx.get(f"{path}/_all_docs").json()["rows"][0]
    assert httpx.delete(f"{path}/{row['id']}", params={"rev": row["value"]["rev"]}).is_success
    assert asyncio.run(stage.tally())["refused_and_not_kept"] == 1


def test_a_receipt_that_is_gone_is_found(stage: Stage) -> None:
    path = f"{stage.store_url}/{stage.database}"
    rows = httpx.get(f"{path}/_all_docs").json()["rows"]
    for row in rows:
        if ":receipt:" in row["id"]:
            assert httpx.delete(f"{path}/{row['id']}", params={"rev": row["value"]["rev"]}).is_success
    assert asyncio.run(stage.tally())["acknowledged_without_receipt"] > 0
