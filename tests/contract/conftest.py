"""The stores the contract is held against: the embedded one, and a real CouchDB when `D110_COUCHDB_URL` names it."""

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_api.embedded.launcher import EmbeddedStore

SERVER_URL = os.environ.get("D110_COUCHDB_URL", "")
TIMEOUT_S = 20


class Store:
    """Plain HTTP to one database; every answer is asserted by the test itself."""

    def __init__(self, session: requests.Session, server: str, database: str) -> None:
        self.session, self.server, self.database = session, server.rstrip("/"), database

    def call(self, method: str, path: str = "", body: Any = None, **params: Any) -> requests.Response:
        query = {name: json.dumps(value) if name in JSON_PARAMS else _plain(value) for name, value in params.items()}
        return self.session.request(
            method, f"{self.server}/{self.database}{path}", json=body, params=query, timeout=TIMEOUT_S
        )

    def get(self, path: str = "", **params: Any) -> Any:
        answer = self.call("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **params: Any) -> Any:
        answer = self.call("POST", path, body, **params)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def write(self, *documents: dict[str, Any], new_edits: bool = True) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.post("/_bulk_docs", {"docs": documents, "new_edits": new_edits})
        return rows

    def feed(self, **params: Any) -> requests.Response:
        query = {name: _plain(value) for name, value in params.items()}
        url = f"{self.server}/{self.database}/_changes"
        return self.session.get(url, params=query, stream=True, timeout=TIMEOUT_S)


JSON_PARAMS = {"startkey", "endkey"}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="session", params=["embedded", "server"] if SERVER_URL else ["embedded"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "server":
        yield SERVER_URL
        return
    folder: Path = tmp_path_factory.mktemp("store")
    with EmbeddedStore(folder) as embedded:
        yield embedded.url


@pytest.fixture
def store(server: str) -> Iterator[Store]:
    """A new database with a name of the project's form, deleted afterwards."""
    with requests.Session() as session:
        store = Store(session, server, f"t{secrets.token_hex(6)}-371724")
        assert store.call("PUT").status_code in (201, 202)
        yield store
        assert store.call("DELETE").status_code in (200, 202)
