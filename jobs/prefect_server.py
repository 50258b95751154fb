"""Serves the nightly flow: against the Prefect server of ``PREFECT_API_URL``, or one that is started here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import requests

from jobs.settings import Settings

START_S_MAX: Final = 90.0  # 10–12 s on an idle machine with two cores
STOP_S_MAX: Final = 10.0
#: Prefect counts its users on a server of its own unless it is told not to; offices run behind closed networks.
QUIET: Final = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}


class PrefectError(Exception):
    """Prefect's server did not come up; the message says where its log is."""


def serve(
    couchdb_url: str, settings: Settings, environ: MutableMapping[str, str], tell_next: Callable[[datetime], None]
) -> None:
    """Register the flow with its schedule and run what falls due, until interrupted; ``tell_next``: the first run.

    ``environ`` must be the process's own: runs are processes of their own and find the store through it, so that its
    credentials stand in no database of Prefect's. Raises ``PrefectError``.
    """
    environ.update(QUIET)
    environ["D110_COUCHDB_URL"] = couchdb_url
    environ["D110_DATA_DIR"] = str(settings.data_dir.resolve())
    environ.setdefault("PREFECT_HOME", str(settings.data_dir.resolve() / "prefect"))
    given = environ.get("PREFECT_API_URL")
    with nullcontext(given) if given else local_server(Path(environ["PREFECT_HOME"]), environ) as api_url:
        environ["PREFECT_API_URL"] = api_url
        from prefect.types.entrypoint import EntrypointType

        from jobs.schedule import SCHEDULE, next_run, nightly  # Prefect reads its settings when it is imported

        tell_next(next_run(datetime.now(UTC)))
        nightly.serve(
            name="nightly",
            schedule=SCHEDULE,
            pause_on_shutdown=False,  # a restart must not leave the city without its night
            entrypoint_type=EntrypointType.MODULE_PATH,
        )


@contextmanager
def local_server(home: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """A Prefect server on loopback with its data under ``home``; gives the address of its API."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            env={**environ, **QUIET, "PREFECT_HOME": str(home), "PREFECT_API_URL": api_url},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C first ends the runs, then this server
        )
    try:
        _wait_until_healthy(server, api_url, home)
        yield api_url
    finally:
        server.terminate()
        try:
            server.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_healthy(server: subprocess.Popen[bytes], api_url: str, home: Path) -> None:
    deadline = time.monotonic() + START_S_MAX
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{api_url}/health", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise PrefectError(f"Prefect 未能启动 / Prefect's server did not come up: see {home / 'server.log'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
