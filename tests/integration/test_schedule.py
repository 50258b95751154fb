"""The nightly flow on a real Prefect server: it is scheduled, and it does what `d110 nightly` does."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from jobs.couch import Couch
from jobs.prefect_server import local_server
from jobs.register_store import import_register
from models.divisions import parse_register
from sync_api.embedded.launcher import EmbeddedStore
from tests.integration.conftest import CITY, REGISTER, WATCHED_SINCE

WAIT_S = 90
TRIES_MAX = 20
SERVE = (
    "import os, pathlib\n"
    "from jobs.prefect_server import serve\n"
    "from jobs.settings import read_settings\n"
    "from jobs.commands import tell_next\n"
    "serve(os.environ['D110_COUCHDB_URL'], read_settings(os.environ), os.environ, tell_next)\n"
)
FLOW_WITHOUT_RETRIES = (
    "from jobs import schedule\n"
    "schedule.county_night = schedule.county_night.with_options(retries=0)\n"
    "schedule.nightly()\n"
)


class Schedule:
    """A Prefect server with `d110 schedule` at work on it."""

    def __init__(self, api: str, folder: Path, environ: dict[str, str]) -> None:
        self.api, self.folder, self.environ = api, folder, environ

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        pause = threading.Event()
        for _ in range(TRIES_MAX):
            answer = requests.post(f"{self.api}/{path}", json=body, timeout=20)
            if answer.status_code != 503:  # so Prefect says that its SQLite is locked just now
                break
            pause.wait(0.5)
        assert answer.ok, answer.text
        return answer.json()

    def wait_for(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask until something is there."""
        deadline, pause = time.monotonic() + WAIT_S, threading.Event()
        while time.monotonic() < deadline:
            found: list[dict[str, Any]] = self.ask(path, body)
            if found:
                return found
            pause.wait(0.3)
        raise AssertionError(f"nothing came of {path}: {(self.folder / 'serve.log').read_text()[-2000:]}")


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schedule]:
    folder = tmp_path_factory.mktemp("schedule")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "D110_"))}
    with EmbeddedStore(folder / "store") as store, local_server(folder / "prefect", environ) as api:
        couch = Couch(store.url)
        import_register(couch, CITY, parse_register(REGISTER.encode(), "register.csv"), WATCHED_SINCE)
        couch.close()
        environ |= {
            "D110_COUCHDB_URL": store.url,
            "D110_DATA_DIR": str(folder),
            "PREFECT_API_URL": api,
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        }
        with (folder / "serve.log").open("w") as log:
            command = [sys.executable, "-c", SERVE]
            serving = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            yield Schedule(api, folder, environ)
        finally:
            serving.terminate()  # as a service is stopped; a shell's background job is born deaf to SIGINT
            serving.wait(30)


def test_next_nights_are_scheduled_at_two_in_heze(schedule: Schedule) -> None:
    runs = schedule.wait_for("flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
    starts = [datetime.fromisoformat(run["expected_start_time"]) for run in runs]
    in_heze = [start.astimezone(ZoneInfo("Asia/Shanghai")) for start in starts]
    assert all(start > datetime.now(ZoneInfo("UTC")) for start in starts)
    assert {(start.hour, start.minute) for start in in_heze} == {(2, 0)}
    assert len({start.date() for start in in_heze}) == len(in_heze) > 1
    told = f"next nightly run: {min(in_heze):%Y-%m-%d %H:%M} (Asia/Shanghai)"
    assert told in (schedule.folder / "serve.log").read_text()


def test_run_of_the_flow_writes_lights_and_evaluations_and_leaves_a_table_for_the_operator(schedule: Schedule) -> None:
    [deployment] = schedule.wait_for("deployments/filter", {})
    asked = {"parameters": {"today": "2026-09-20", "period": "2026H1"}}  # long closed, so it has to be asked for
    run = schedule.ask(f"deployments/{deployment['id']}/create_flow_run", asked)
    ended = {"id": {"any_": [run["id"]]}, "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
    [done] = schedule.wait_for("flow_runs/filter", {"flow_runs": ended})
    assert done["state"]["type"] == "COMPLETED", (schedule.folder / "serve.log").read_text()
    tasks = schedule.ask("task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    names = sorted(task["name"] for task in tasks)
    assert names[:2] == ["county 371724", "county 371771"]
    assert names[2].startswith("learn")
    assert names[3:] == ["watch 371724", "watch 371771"]
    [watch] = schedule.wait_for("artifacts/filter", {"artifacts": {"key": {"any_": ["watch"]}}})
    assert "371771" in str(watch["data"])
    [artifact] = schedule.wait_for("artifacts/filter", {"artifacts": {"key": {"any_": ["nightly"]}}})
    assert "371724" in str(artifact["data"])
    assert (schedule.folder / "mirror" / "lights" / "county=371724" / "lights.parquet").exists()
    assert (schedule.folder / "mirror" / "evaluations" / "county=371724" / "2026H1.parquet").exists()


def test_county_that_fails_does_not_stop_the_others_and_the_flow_names_it(schedule: Schedule) -> None:
    state = schedule.folder / "failing" / "mirror" / "state"
    state.mkdir(parents=True)
    (state / "371724").touch()  # where its folder would be
    flow = subprocess.run(
        [sys.executable, "-c", FLOW_WITHOUT_RETRIES],
        env=schedule.environ | {"D110_DATA_DIR": str(schedule.folder / "failing")},
        check=False,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert flow.returncode != 0
    assert "these counties failed: 371724\n" in flow.stderr
    lights = schedule.folder / "failing" / "mirror" / "lights"
    assert [folder.name for folder in lights.iterdir()] == ["county=371771"]
