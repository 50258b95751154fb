"""Notebooks run from top to bottom on a mirror that the nightly run itself wrote, and carry no outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobs.couch import ChangeRow, ChangesPage, Stored, Written
from jobs.nightly import run_county
from models.calendar import epoch_day
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from tests.event_documents import NEIGHBOUR, VILLAGE, report, visit

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
REGISTER = f"""code,level,name,parent
3717,city,菏泽市,
371724,county,巨野县,3717
371724109,township,田庄镇,371724
{VILLAGE},village,佃户屯村,371724109
{NEIGHBOUR},village,东村,371724109
"""
TODAY = date(2026, 3, 20)
EVENTS = [
    visit(VILLAGE, 3, {"1.1.2": 5, "4.2.3": 0}),  # a red reading and one in order
    report(VILLAGE, 10),  # lights 4.2.1
    report(NEIGHBOUR, 18, indicator="3.1.3", severity="minor"),  # lights nothing while in time
]


class MemoryStore:
    """One database and its server in memory: as much of ``jobs.couch`` as a night asks for."""

    def __init__(self, events: Sequence[dict[str, Any]]) -> None:
        self._documents = {event["_id"]: msgspec.Raw(msgspec.json.encode(event)) for event in events}

    def uuid(self) -> str:
        return "memory"

    def database(self, name: str) -> MemoryStore:
        return self

    def changes(self, since: str) -> Iterator[ChangesPage]:
        rows = [ChangeRow(identity, body) for identity, body in self._documents.items()][int(since) :]
        if rows:
            yield ChangesPage(rows, msgspec.Raw(b"%d" % len(self._documents)))

    def read_many(self, ids: Sequence[str], with_bodies: bool = True) -> dict[str, Stored]:
        return {i: Stored("1-a", self._documents[i]) for i in ids if i in self._documents}

    def write(self, documents: Sequence[Any]) -> list[Written]:
        self._documents |= {d.id: msgspec.Raw(msgspec.json.encode(d)) for d in documents}
        return [Written(d.id, rev="1-a") for d in documents]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with the mirror of one simulated county: a village with a reading past its threshold and a case, and one
    that has been silent since December but for a small matter."""
    rulebook = Rulebook(default_catalogue(), default_policy(), epoch_day(date(2025, 12, 1)), is_simulated=True)
    setup = Setup(parse_register(REGISTER.encode(), "register.csv"), rulebook)
    couch: Any = MemoryStore(EVENTS)
    run = run_county(couch, setup, tmp_path / "mirror", "371724", TODAY)
    assert (run.events, run.lights_written, run.unreadable) == (len(EVENTS), 2, 0)
    return tmp_path


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return cells


def execute(notebook: Path) -> dict[str, Any]:
    """The variables that the code cells leave behind."""
    variables: dict[str, Any] = {}
    for cell in cells_of(notebook):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{notebook.name}:{cell['id']}", "exec"), variables)
    return variables


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    for cell in cells_of(notebook):
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_a_mirror_and_says_that_its_data_is_simulated(
    notebook: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("D110_DATA_DIR", str(data_dir))
    execute(notebook)
    assert "模拟数据" in capsys.readouterr().out


def test_state_of_the_city_tells_readings_cases_and_silence_apart(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D110_DATA_DIR", str(data_dir))
    found = execute(next(path for path in NOTEBOOKS if path.stem == "state_of_the_city"))
    lamps = found["lamps"].set_index(["village", "indicator"])
    assert lamps.loc[(VILLAGE, "1.1.2"), "cause"] == "reading"
    assert lamps.loc[(VILLAGE, "4.2.1"), "cause"] == "case"
    assert (VILLAGE, "4.2.3") not in lamps.index
    assert lamps.loc[(NEIGHBOUR, "3.1.3"), "cause"] == "silence"
    (township,) = found["townships"].to_dict("records")
    assert (township["name"], township["villages"]) == ("巨野县 田庄镇", 2)
    assert (township["reading"], township["case"], township["red"]) == (1, 1, 1)
    assert found["indicators"].loc["3.1.3", "share of villages"] == 1.0
