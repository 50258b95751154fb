"""The gateway's commands as an operator meets them."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import httpx
import pytest
import requests
from click.testing import CliRunner, Result

from d110 import main
from jobs.couch import Couch
from jobs.register_store import import_register
from models.divisions import parse_register
from models.documents import encode
from sync_api.commands import add_commands
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.quarantine.records import Quarantined
from tests.city import DIANHUTUN, bulk, report, wait_until_healthy
from tests.integration.conftest import CITY, REGISTER, WATCHED_SINCE

PASSWORD = "a password of some length"
START_S_MAX = 20
#: Connections until each of two workers has written what the other one read; a handful does.
TURNS_MAX = 100


class Operator:
    """Calls `d110` with settings and a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "D110_DATA_DIR": str(folder),
            "D110_COUCHDB_URL": "",
            "D110_TOKEN_SECRET": secrets.token_hex(32),
            "D110_PORT": "0",
        }
        self.group = click.Group("d110")
        add_commands(self.group)

    def __call__(self, *arguments: str, text: str | None = None) -> Result:
        return CliRunner().invoke(self.group, arguments, env=self.environ, input=text)

    def add_staff(self, role: str, division: str) -> Result:
        return self("staff", "add", "i0421", "--role", role, "--division", division, "--password-stdin", text=PASSWORD)

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Serving"]:
        """`d110 serve` as a process of its own, once it says that it is up."""
        process = subprocess.Popen(
            [sys.executable, "-m", "d110", "serve", *arguments],
            env=os.environ | self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Serving(process)
            finally:
                process.send_signal(signal.SIGINT)


class Serving:
    """What `d110 serve` said when it was up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.said = [process.stdout.readline() for _ in range(5)]
        self.address = self.said[0].split()[-1]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@contextmanager
def imported(folder: Path) -> Iterator[EmbeddedStore]:
    """The embedded store of a data folder, with a register in it."""
    with EmbeddedStore(folder / "store") as store:
        couch = Couch(store.url)
        import_register(couch, CITY, parse_register(REGISTER.encode(), "register.csv"), WATCHED_SINCE)
        couch.close()
        yield store


def assert_one_clear_fault(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    for word in words:
        assert word in result.stderr


def test_serve_says_where_its_pages_are_once_it_answers(operator: Operator) -> None:
    with operator.serving() as serving:
        page = httpx.get(f"{serving.address}/board", timeout=START_S_MAX)
        assert page.status_code == 200
        said = "".join(serving.said)
        for path in ("/board", "/tablet/", "/schema/openapi.json"):
            assert f"{serving.address}{path}\n" in said


def test_serve_goes_on_when_the_command_that_had_the_store_ends(operator: Operator) -> None:
    with imported(operator.folder) as store, operator.serving() as serving:
        wait_until_healthy(serving.address)
        store.stop()
        wait_until_healthy(serving.address)
        assert requests.get(store.url, timeout=START_S_MAX).ok
        assert serving.process.poll() is None


def test_several_workers_answer_as_one(operator: Operator) -> None:
    with imported(operator.folder) as store:
        assert operator.add_staff("informant", DIANHUTUN).exit_code == 0
        with operator.serving("--workers", "2") as serving:
            wait_until_healthy(serving.address)
            assert len(multiprocessing_children(serving.process.pid)) >= 2
            body = {"alias": "i0421", "password": PASSWORD, "device": "testdevice"}
            token = httpx.post(f"{serving.address}/auth/login", json=body, timeout=START_S_MAX).json()["access_token"]
            headers, written, seen = {"Authorization": f"Bearer {token}"}, set(), set()
            for _ in range(TURNS_MAX):  # a connection each, which the one worker or the other takes
                with httpx.Client(base_url=serving.address, headers=headers, timeout=START_S_MAX) as client:
                    writer = worker_of(client)
                    document = report(DIANHUTUN, "i0421")
                    [row] = client.post("/db/d110-371724/_bulk_docs", json=bulk(document)).json()
                    assert row["ok"]
                    written.add(document["_id"])
                with httpx.Client(base_url=serving.address, headers=headers, timeout=START_S_MAX) as client:
                    seen.add((writer, worker_of(client)))
                    lines = client.post("/db/d110-371724/_pull", json={}).text.splitlines()
                    assert written <= {json.loads(line).get("_id") for line in lines}
                if len({writer for writer, reader in seen if writer != reader}) == 2:
                    break
            else:
                raise AssertionError(f"of two workers only these answered: {seen}")
            assert requests.get(f"{store.url}/d110-371724", timeout=START_S_MAX).ok
        assert serving.process.wait(START_S_MAX) == 0


def worker_of(client: httpx.Client) -> str:
    """Which process answers on this connection: each counts the changes of its board by a name of its own."""
    event_id: str = client.get(f"/board/{DIANHUTUN}").json()["event_id"]
    return event_id.rpartition("-")[0]


def test_workers_do_not_outlive_a_parent_that_is_killed(operator: Operator) -> None:
    with imported(operator.folder), operator.serving("--workers", "2") as serving:
        wait_until_healthy(serving.address)
        serving.process.kill()
        serving.process.wait(START_S_MAX)
        pause = threading.Event()
        for _ in range(100 * START_S_MAX):
            try:
                httpx.get(f"{serving.address}/health", timeout=START_S_MAX)
            except httpx.TransportError:
                break
            pause.wait(0.01)
        else:
            raise AssertionError("somebody still answers")


def multiprocessing_children(pid: int) -> list[int]:
    """Processes that a process has started, by the kernel's list."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_serve_on_a_port_that_is_taken_says_so_and_starts_no_store(operator: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        operator.environ["D110_PORT"] = str(other.getsockname()[1])
        assert_one_clear_fault(operator("serve"), "D110_PORT", operator.environ["D110_PORT"])
    assert not (operator.folder / "store").exists()


def test_demo_on_a_port_that_is_taken_says_so_before_it_does_anything(operator: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        arguments = ["demo", "--once", "--data-dir", str(operator.folder / "demo"), "--port", str(port)]
        assert_one_clear_fault(CliRunner().invoke(main, arguments), f"port {port}", "make demo PORT=")
    assert not (operator.folder / "demo" / "store").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("D110_PORT", "65536"),
        ("D110_PORT", "-1"),
        ("D110_PORT", "８１１０"),
        ("D110_COUCHDB_URL", "admin:password@couchdb"),
        ("D110_COUCHDB_URL", "ftp://admin:password@couchdb"),
        ("D110_COUCHDB_URL", "http://"),
        ("D110_COUCHDB_URL", "http://c:99999"),
        ("D110_TOKEN_SECRET", "short"),
        ("D110_HOST", "no.such.host.invalid"),
    ],
)
def test_setting_that_makes_no_sense_is_named(operator: Operator, name: str, value: str) -> None:
    operator.environ[name] = value
    result = operator("serve")
    assert_one_clear_fault(result, name if name != "D110_HOST" else value)
    assert "admin" not in result.stderr


def test_folder_that_cannot_be_written_is_named(operator: Operator) -> None:
    (operator.folder / "file").touch()
    operator.environ["D110_DATA_DIR"] = str(operator.folder / "file")
    for result in (operator("serve"), operator.add_staff("informant", "371724109217"), operator("quarantine", "list")):
        assert_one_clear_fault(result, "D110_DATA_DIR", str(operator.folder / "file"))


def test_account_stands_at_a_division_of_the_register_where_one_was_imported(operator: Operator) -> None:
    with imported(operator.folder):
        refused = operator.add_staff("informant", "371724109999")
        assert_one_clear_fault(refused, "371724109999", "not in the register")
        assert operator.add_staff("informant", "371724109217").exit_code == 0


def test_account_may_be_added_before_the_register_was_imported(operator: Operator) -> None:
    assert operator.add_staff("informant", "371724109217").exit_code == 0


@pytest.mark.parametrize("division", ["３７１７２４１０９２１７", "37172410921", "371724"])
def test_account_stands_at_a_code_of_its_roles_level(operator: Operator, division: str) -> None:
    assert_one_clear_fault(operator.add_staff("informant", division), "village", division)


def test_store_that_is_down_is_told_to_the_operator_as_such(operator: Operator) -> None:
    with socket.socket() as nobody:  # bound and not listening: a connection is refused
        nobody.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{nobody.getsockname()[1]}"
        operator.environ["D110_COUCHDB_URL"] = f"http://admin:{PASSWORD.replace(' ', '')}@{server}"
        for result in (operator.add_staff("informant", "371724109217"), operator("quarantine", "list")):
            assert_one_clear_fault(result, f"http://{server}", "D110_COUCHDB_URL")
            assert "tablet" not in result.stderr
            assert "apassword" not in result.stderr


def test_quarantine_of_a_new_store_is_empty(operator: Operator) -> None:
    assert operator("quarantine", "list").stdout == "0 refused / 条\n"
    assert operator("quarantine", "list", "--json").stdout == "[]\n"


def test_quarantine_is_listed_by_time(operator: Operator) -> None:
    noon = datetime.combine(date(2026, 11, 2), datetime.min.time(), UTC) + timedelta(hours=12)
    with imported(operator.folder) as store:
        for number, hours in enumerate((5, 1, 3)):
            refused = _refused(f"371724109217:quarantine:{number}", noon + timedelta(hours=hours))
            answer = requests.put(
                f"{store.url}/d110-quarantine/{refused.id}",
                data=encode(refused),
                headers={"Content-Type": "application/json"},
                timeout=START_S_MAX,
            )
            assert answer.ok, answer.text
        listed = json.loads(operator("quarantine", "list", "--json").stdout)
        lines = operator("quarantine", "list").stdout.splitlines()
    assert [row["_id"][-1] for row in listed] == ["1", "2", "0"]
    assert [line[:16] for line in lines[:3]] == [
        "2026-11-02 21:00",
        "2026-11-02 23:00",
        "2026-11-03 01:00",
    ]  # as in Heze
    assert lines[3:] == ["3 refused / 条"]


def _refused(identity: str, at: datetime) -> Quarantined:
    return Quarantined(
        id=identity,
        received_at=at,
        database="d110-371724",
        author="i0421",
        device="t1",
        document_id="371724109217:report:i0421:x",
        code="bad_id",
        zh="编号有误",
        en="no such id",
        raw="{}",
        raw_bytes=2,
    )


def test_doctor_says_what_is_not_sound_and_audit_who_changed_accounts(operator: Operator) -> None:
    examined = operator("doctor")
    assert examined.exit_code == 1
    assert "✗ register" in examined.output and "d110 divisions import" in examined.output
    assert operator.add_staff("informant", DIANHUTUN).exit_code == 0
    assert operator("staff", "close", "i0421").exit_code == 0
    assert operator("staff", "close", "nobody").exit_code == 1
    logged = json.loads(operator("audit", "--json").output)
    assert [(one["action"], one["subject"]) for one in logged] == [
        ("account_added", "i0421"),
        ("account_closed", "i0421"),
    ]
    found = {one["name"]: one["is_sound"] for one in json.loads(operator("doctor", "--json").output)}
    assert (found["store"], found["audit"], found["register"]) == (True, True, False)
