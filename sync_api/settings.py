"""Settings of the gateway, read from ``D110_*`` once. ``.env.example`` names them all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from models.server_url import is_server_url

#: HS256 wants a key at least as long as its hash (RFC 7518 §3.2).
SECRET_CHARACTERS_MIN: Final = 32
PORT_MAX: Final = 65_535


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``couchdb_url`` without a trailing slash, credentials in it if any; None: the embedded store."""

    token_secret: str
    seal_secret: str | None = None
    city: str = "3717"
    couchdb_url: str | None = None
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8110
    access_minutes: int = 15
    refresh_days: int = 30


def read_settings(environ: Mapping[str, str], *, is_serving: bool) -> Settings:
    """Read ``D110_*`` from a mapping; only a serving gateway needs the secret. Raises ``SettingsError``."""
    secret = environ.get("D110_TOKEN_SECRET", "")
    if is_serving and len(secret) < SECRET_CHARACTERS_MIN:
        raise SettingsError(
            f"D110_TOKEN_SECRET 未设置或过短：请设为不少于 {SECRET_CHARACTERS_MIN} 个字符的随机串。"
            f" / D110_TOKEN_SECRET is missing or shorter than {SECRET_CHARACTERS_MIN} characters: set a random string,"
            " for example from `openssl rand -hex 32`."
        )
    return Settings(
        token_secret=secret,
        seal_secret=_seal_secret(environ),
        city=environ.get("D110_CITY", "3717"),
        couchdb_url=_couchdb_url(environ),
        data_dir=Path(environ.get("D110_DATA_DIR", "var")),
        host=environ.get("D110_HOST") or "127.0.0.1",  # an empty one would listen on every network
        port=_whole(environ, "D110_PORT", 8110, PORT_MAX),
        access_minutes=_whole(environ, "D110_ACCESS_MINUTES", 15, least=1),
        refresh_days=_whole(environ, "D110_REFRESH_DAYS", 30, least=1),
    )


def _seal_secret(environ: Mapping[str, str]) -> str | None:
    """None: nothing can be sealed."""
    secret = environ.get("D110_SEAL_SECRET", "")
    if secret and len(secret) < SECRET_CHARACTERS_MIN:
        raise SettingsError(
            f"D110_SEAL_SECRET 过短：请设为不少于 {SECRET_CHARACTERS_MIN} 个字符的随机串。"
            f" / D110_SEAL_SECRET is shorter than {SECRET_CHARACTERS_MIN} characters: set a random string, for example"
            " from `openssl rand -hex 32`."
        )
    return secret or None


def _couchdb_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("D110_COUCHDB_URL", "").rstrip("/")
    if url and not is_server_url(url):  # not repeated in the message: it may hold a password
        raise SettingsError(
            "D110_COUCHDB_URL 应为带主机名的 http(s) 地址，例如 http://couchdb.internal:5984。 / "
            "D110_COUCHDB_URL must be an http or https address with a host, such as http://couchdb.internal:5984; "
            "leave it empty for the embedded store."
        )
    return url or None


def _whole(environ: Mapping[str, str], name: str, default: int, most: int = 10**6, least: int = 0) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise SettingsError(f"{name} 应为整数，现为 {text!r}。 / {name} must be a whole number, not {text!r}.")
    if not least <= int(text) <= most:
        raise SettingsError(
            f"{name} 应在 {least} 至 {most} 之间，现为 {text}。 / {name} must be from {least} to {most}, not {text}."
        )
    return int(text)
