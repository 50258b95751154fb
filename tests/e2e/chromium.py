"""Sees to it that there is a Chromium for the tests: `python tests/e2e/chromium.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jobs.benchmarks import chromium
from jobs.benchmarks.chromium import NoChromiumError, find_chromium
from sync_api.embedded.launcher import StoreError, find_node

PACKAGE = "@sparticuz/chromium@153.0.0"


def get_chromium() -> str:
    """Find a Chromium, or get one: from the system's packages as root, else from the npm package that carries it."""
    named = os.environ.get("D110_CHROMIUM")
    try:
        return find_chromium(named)
    except NoChromiumError:
        if named:
            raise
        if os.geteuid() == 0 and shutil.which("apt-get"):
            _install_with_apt()
        else:
            install_with_npm()
    return find_chromium(named)


def _install_with_apt() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        subprocess.run(["apt-get", "-qq", *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)


def install_with_npm() -> None:
    """The package holds the binary compressed; asked for its path it unpacks it into the temporary folder."""
    folder = chromium.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    node = find_node()  # npm stands beside it, and asks the PATH for it
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")]),
        "TMPDIR": str(folder),
    }
    install = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), PACKAGE]
    subprocess.run(install, check=True, cwd=folder, env=environment)
    script = "import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath());"
    found = subprocess.run(
        [node, "--input-type=module", "-e", script],
        check=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    (folder / "path").write_text(found.stdout.strip())


if __name__ == "__main__":
    try:
        print("· Chromium:", get_chromium())  # noqa: T201
    except (NoChromiumError, StoreError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Chromium 无法取得 / Chromium cannot be got: {error}")
