"""A gateway in a process of its own, as it is served: what it needs is not mixed with what measures it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sync_api.access.tokens import Tokens

STOP_S_MAX: Final = 20.0
_ADDRESS: Final = re.compile(r"http://\S+")
TOKEN_HOURS: Final = 6


@dataclass(frozen=True)
class GatewayProcess:
    """``address`` to ask it at, ``pid`` of its process."""

    address: str
    pid: int
    secret: str

    def token(self, alias: str) -> str:
        """An access token as a log-in would give it; ten thousand log-ins would take an hour of hashing."""
        tokens = Tokens(self.secret, timedelta(hours=TOKEN_HOURS), timedelta())
        return tokens.issue(alias, "bench", "access", datetime.now(UTC))

    def memory_bytes(self) -> int:
        """What the process holds in memory now (``VmRSS``; Linux)."""
        status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024


#: The command that serves, by this very Python.
SERVE: Final = (sys.executable, "-m", "d110", "serve")


def serving_environment(store_url: str, folder: Path, secret: str, port: int = 0) -> dict[str, str]:
    """What a process of ``d110 serve`` finds in its environment."""
    given = {
        "D110_TOKEN_SECRET": secret,
        "D110_COUCHDB_URL": store_url,
        "D110_DATA_DIR": str(folder),
        "D110_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **given}


@contextmanager
def gateway_process(store_url: str, folder: Path) -> Iterator[GatewayProcess]:
    """``d110 serve`` on a store that is set up, on a free port; answers when the block begins."""
    secret = secrets.token_hex(32)
    environment = serving_environment(store_url, folder, secret)
    with subprocess.Popen(SERVE, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            first = process.stdout.readline() if process.stdout is not None else ""
            found = _ADDRESS.search(first)
            if found is None:
                raise RuntimeError("the gateway did not start")
            yield GatewayProcess(found[0], process.pid, secret)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
