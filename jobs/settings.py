"""What the jobs need to know of the environment, read from ``D110_*`` once by the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.server_url import is_server_url


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """``couchdb_url``: credentials in it if any; None: the embedded store under ``data_dir``."""

    couchdb_url: str | None
    data_dir: Path
    city: str

    @property
    def store_dir(self) -> Path:
        return self.data_dir / "store"

    @property
    def mirror_dir(self) -> Path:
        return self.data_dir / "mirror"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from a mapping such as ``os.environ``. Raises ``SettingsError``."""
    url = environ.get("D110_COUCHDB_URL", "").rstrip("/")
    if url and not is_server_url(url):  # not repeated in the message: it may hold a password
        raise SettingsError(
            "D110_COUCHDB_URL 应为带主机名的 http(s) 地址，例如 http://couchdb.internal:5984 / "
            "D110_COUCHDB_URL must be an http or https address with a host, such as http://couchdb.internal:5984"
        )
    return Settings(
        couchdb_url=url or None,
        data_dir=Path(environ.get("D110_DATA_DIR", "var")),
        city=environ.get("D110_CITY", "3717"),
    )
