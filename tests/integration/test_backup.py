"""A copy of a store holds all but the keys, is proved before it is put back, and comes back as it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_api.embedded.launcher import EmbeddedStore
from tests.event_documents import VILLAGE, report
from tests.integration.test_commands import Run, assert_one_clear_fault

PHOTO = {"_id": f"photo:{VILLAGE}:{'a' * 64}", "_attachments": {"photo": {"content_type": "image/png", "data": "AAEC"}}}
EVENTS = [report(VILLAGE, day, number=day) for day in range(5)]


def put(url: str, database: str, *documents: dict[str, Any]) -> None:
    httpx.put(f"{url}/{database}")
    rows = httpx.post(f"{url}/{database}/_bulk_docs", json={"docs": list(documents)}).json()
    assert not [row for row in rows if "error" in row]


def contents(url: str) -> dict[str, dict[str, Any]]:
    """Every document of every database, photos with what they show."""
    found: dict[str, dict[str, Any]] = {}
    with httpx.Client(base_url=url, headers={"Accept": "application/json"}) as client:
        for name in client.get("/_all_dbs").json():
            ids = [row["id"] for row in client.get(f"/{name}/_all_docs").json()["rows"]]
            found[name] = {identity: client.get(f"/{name}/{identity}?attachments=true").json() for identity in ids}
    return found


@pytest.fixture
def run(fresh_store_url: str, tmp_path: Path) -> Run:
    run = Run(fresh_store_url, tmp_path)
    run.import_register()
    put(fresh_store_url, "d110-371724", *EVENTS)
    put(fresh_store_url, "d110-photos", PHOTO)
    put(fresh_store_url, "d110-sealed", {"_id": f"{VILLAGE}:sealed:X:Y", "box": "texts"})
    put(fresh_store_url, "d110-keys", {"_id": f"{VILLAGE}:key:X", "box": "its key"})
    put(fresh_store_url, "elsewhere", {"_id": "a"})
    return run


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Run]:
    """A store that lost everything."""
    with EmbeddedStore(tmp_path / "other") as store:
        yield Run(store.url, tmp_path)


def test_what_was_copied_comes_back_as_it_was_but_for_the_keys(run: Run, other: Run) -> None:
    folder = run.folder / "copy"
    made = run("backup", str(folder))
    assert made.exit_code == 0, made.stderr
    assert "its key" not in "".join(gzip.decompress(one.read_bytes()).decode() for one in folder.glob("*.gz"))
    assert folder.stat().st_mode & 0o077 == 0
    for _ in range(2):  # again after a cut
        put_back = other("restore", str(folder), "--json")
        assert put_back.exit_code == 0, put_back.stderr
    before, after = contents(run.environ["D110_COUCHDB_URL"]), contents(other.environ["D110_COUCHDB_URL"])
    assert after == {name: of for name, of in before.items() if name not in ("d110-keys", "elsewhere")}
    assert json.loads(put_back.stdout)["databases"]["d110-371724"]["documents"] == len(EVENTS)


def test_the_keys_are_copied_by_themselves(run: Run, other: Run) -> None:
    folder = run.folder / "keys"
    assert run("backup", str(folder), "--only-keys").exit_code == 0
    assert [one.name for one in folder.glob("*.gz")] == ["d110-keys.ndjson.gz"]
    assert other("restore", str(folder)).exit_code == 0
    assert contents(other.environ["D110_COUCHDB_URL"])["d110-keys"][f"{VILLAGE}:key:X"]["box"] == "its key"


def test_a_copy_is_no_part_of_another_and_mixes_with_nothing(run: Run, other: Run) -> None:
    folder = run.folder / "copy"
    run("backup", str(folder))
    assert_one_clear_fault(run("backup", str(folder)), "is not empty")
    put(other.environ["D110_COUCHDB_URL"], "d110-371724", report(VILLAGE, 3, number=777))
    assert_one_clear_fault(other("restore", str(folder)), "d110-371724", "empty")


def test_of_a_damaged_copy_nothing_is_restored(run: Run, other: Run) -> None:
    folder = run.folder / "copy"
    run("backup", str(folder))
    file, manifest = folder / "d110-371724.ndjson.gz", folder / "backup.json"
    sound = file.read_bytes()
    changed = gzip.compress(gzip.decompress(sound).replace(b"2026", b"2025"))
    damages: list[Callable[[], object]] = [
        lambda: file.write_bytes(sound[:-40]),
        lambda: file.write_bytes(changed),
        file.unlink,
        lambda: manifest.write_text("{"),
        manifest.unlink,
    ]
    for damage in damages:
        damage()
        assert_one_clear_fault(other("restore", str(folder)), "copy")
    assert [name for name in contents(other.environ["D110_COUCHDB_URL"]) if name.startswith("d110-")] == []
