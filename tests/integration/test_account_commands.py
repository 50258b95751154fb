"""Statistics as an operator asks for them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.couch import Couch
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step
from tests.integration.test_commands import Run, assert_one_clear_fault

YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")
OPENED = report(VILLAGE, 1)
EVENTS = [OPENED, step(OPENED, 2, "team_sent"), report(NEIGHBOUR, 3, "3.1.1", "major")]


@pytest.fixture
def run(fresh_store_url: str, tmp_path: Path) -> Run:
    """A store with a register and some events, and no mirror yet."""
    run = Run(fresh_store_url, tmp_path)
    run.import_register()
    send(run, EVENTS)
    return run


def send(run: Run, documents: list[dict[str, Any]]) -> None:
    couch = Couch(run.environ["D110_COUCHDB_URL"])
    assert all(row.error is None for row in couch.database("d110-371724").write(documents))
    couch.close()


def test_statistics_are_those_of_the_mirror_and_say_how_old_it_is(run: Run) -> None:
    run("nightly")
    result = run("statistics", "--division", "371724", *YEAR, "--json")
    said = json.loads(result.stdout)
    figures = said.pop("figures")
    assert (figures["warnings.yellow"], figures["warnings.red"], figures["disputes.found"]) == (1, 1, 2)
    assert (figures["villages.treated"], figures["teams.put_right"]) == (1, None)
    assert (said["division"], said["from"], said["simulated"]) == ("371724", "2026-01-01", False)
    assert datetime.fromisoformat(said["mirrored_at"]).tzinfo


def test_statistics_of_the_whole_city_by_default_as_a_table_in_both_languages(run: Run) -> None:
    run("nightly")
    result = run("statistics", *YEAR)
    assert result.exit_code == 0
    assert "菏泽市 3717" in result.stdout
    assert "         2  发现矛盾问题 / disputes found\n" in result.stdout
    assert "发现矛盾问题 · 3.1 社会治安 / disputes found · 3.1 Public order" in result.stdout
    assert "未考核 / no evaluation" in result.stdout


def test_ids_are_those_of_the_events_behind_a_figure(run: Run) -> None:
    run("nightly")
    result = run("statistics", *YEAR, "--ids", "warnings.red")
    assert result.stdout.split() == [EVENTS[2]["_id"]]


def test_statistics_without_a_mirror_say_what_to_do(run: Run) -> None:
    assert_one_clear_fault(run("statistics", *YEAR), "371724", "`d110 nightly`")


def test_mirror_of_another_release_is_not_read(run: Run) -> None:
    run("nightly")
    sequence = run.folder / "mirror" / "state" / "371724" / "sequence.json"
    sequence.write_text(sequence.read_text().replace('"columns":"', '"columns":"x'))
    assert_one_clear_fault(run("statistics", *YEAR), "another release", "`d110 nightly`")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--division", "371799", *YEAR], "371799"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "2026-03-02"),
        (["--from", "2126-01-01", "--to", "2126-12-31"], "2126-01-01"),
        (["--from", "2026-13-01", "--to", "2026-12-31"], "2026-13-01"),
        ([*YEAR, "--ids", "warnings.blue"], "warnings.blue"),
        ([], "--from"),
    ],
)
def test_question_that_makes_no_sense_is_answered_by_one_line_that_says_why(
    run: Run, arguments: list[str], word: str
) -> None:
    run("nightly")
    result = run("statistics", *arguments)
    assert result.exit_code == 2
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
