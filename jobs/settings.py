"""What the jobs need to know of the environment, read from ``D110_*`` once by the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
    """Settings from a mapping such as ``os.environ``."""
    return Settings(
        couchdb_url=environ.get("D110_COUCHDB_URL", "").rstrip("/") or None,
        data_dir=Path(environ.get("D110_DATA_DIR", "var")),
        city=environ.get("D110_CITY", "3717"),
    )
