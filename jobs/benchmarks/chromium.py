"""The Chromium that measures the board and tests the pages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Where `make test` keeps the one that it got; the file ``path`` in it says where it lies.
FOLDER: Final = Path(__file__).parents[2] / "var" / "chromium"
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromiumError(Exception):
    """There is no Chromium; the message says how to get one."""


def find_chromium(named: str | None) -> str:
    """Path of the Chromium or Chrome that is named; else of one on the PATH or below ``FOLDER``.

    Raises ``NoChromiumError``.
    """
    if named:
        if found := shutil.which(named):
            return found
        raise NoChromiumError(f"{named} 不是可运行的程序 / {named} is no program that can be run (D110_CHROMIUM)")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    kept = FOLDER / "path"
    if kept.is_file() and (found := shutil.which(kept.read_text())):
        return found
    raise NoChromiumError(
        "没有 Chromium / no Chromium: install one, run `make test`, which gets one, or set D110_CHROMIUM to its path"
    )
