"""Statistics and evaluations as an operator asks for them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.couch import Couch
from jobs.evaluation import COLUMNS
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step, ulid
from tests.integration.conftest import REGISTER
from tests.integration.test_commands import Run, assert_one_clear_fault

TOWNSHIP = "371724109"
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
    assert "考核不全 / not all evaluated" in result.stdout


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


def test_evaluation_of_a_township_shows_its_summary_its_villages_and_why(run: Run) -> None:
    run("divisions", "import", run.file(REGISTER), "--watched-since", "2026-01-01")
    result = run("evaluate", "--period", "2026H1", "--division", TOWNSHIP)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{TOWNSHIP} 田庄镇 ")
    assert lines[1].startswith(f"{VILLAGE} 佃户屯村 ") and "拟 / proposed: " in lines[1]
    assert "得分" in lines[2] and "at least 60" in lines[2]
    assert "371724  2 villages, 4 documents written" in result.stderr


def test_evaluation_of_the_city_as_json_and_again_writes_nothing(run: Run) -> None:
    run("divisions", "import", run.file(REGISTER), "--watched-since", "2026-01-01")
    first = json.loads(run("evaluate", "--period", "2026H1", "--json").stdout)
    city, *counties = first["summaries"]
    assert [summary["_id"] for summary in counties] == ["371724:summary:2026H1", "371771:summary:2026H1"]
    assert (city["_id"], city["villages"]) == ("3717:summary:2026H1", sum(one["villages"] for one in counties))
    again = run("evaluate", "--period", "2026H1", "--json")
    assert json.loads(again.stdout) == first
    assert again.stderr.count(" 0 documents written") == 2


def test_decided_grade_is_shown_and_a_decision_on_another_score_is_told(run: Run) -> None:
    run("divisions", "import", run.file(REGISTER), "--watched-since", "2026-01-01")
    [shown] = json.loads(run("evaluate", "--period", "2026H1", "--division", VILLAGE, "--json").stdout)["evaluations"]
    words = {"about": shown["_id"], "text": "同意", "type": "decision"}
    times = {"observed_at": "2026-07-02T08:00:00Z", "saved_at": "2026-07-02T08:00:00Z"}
    for number, score in ((1, shown["score"]), (2, 1.5)):
        identity = f"{VILLAGE}:decision:office:{ulid(123, number)}"
        send(run, [{"_id": identity, "score": score, "grade": "weak", **words, **times}])
    result = run("evaluate", "--period", "2026H1", "--division", VILLAGE)
    assert "已定 / decided: 软弱涣散/weak" in result.stdout
    assert "1 项决定所依据的得分已变" in result.stderr


def test_teams_put_right_are_counted_once_there_are_two_evaluations(run: Run) -> None:
    run("divisions", "import", run.file(REGISTER), "--watched-since", "2025-07-01")
    run("nightly")
    for period, grade in (("2025H2", "weak"), ("2026H1", "fair")):
        for county in ("371724", "371771"):
            keep(run.folder / "mirror", county, period, grade)
    half = ("--from", "2026-01-01", "--to", "2026-06-30")
    assert json.loads(run("statistics", *half, "--json").stdout)["figures"]["teams.put_right"] == 2
    ids = run("statistics", *half, "--division", VILLAGE, "--ids", "teams.put_right").stdout.split()
    assert ids == [f"{VILLAGE}:evaluation:2025H2", f"{VILLAGE}:evaluation:2026H1"]
    too_short = ("--from", "2026-01-02", "--to", "2026-06-30")
    assert json.loads(run("statistics", *too_short, "--json").stdout)["figures"]["teams.put_right"] is None


def keep(mirror: Path, county: str, period: str, grade: str) -> None:
    """What a run leaves, of the two villages of the first county or of none."""
    villages = [VILLAGE, NEIGHBOUR] if county == "371724" else []
    rows = [
        {"village": v, "score": 70.0, "grade": grade, "is_decided": True, "id": f"{v}:evaluation:{period}"}
        for v in villages
    ]
    folder = mirror / "evaluations" / f"county={county}"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=COLUMNS), folder / f"{period}.parquet")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--period", "2026H3"], 2, "2026H3"),
        (["--period", "2026H1", "--division", "371799"], 2, "371799"),
        (["--period", "2099H1"], 1, "2099H1 is not over"),
        (["--period", "2015H1"], 1, "was not watched whole"),
        ([], 2, "--period"),
    ],
)
def test_evaluation_that_cannot_be_is_refused_in_one_line(run: Run, arguments: list[str], code: int, word: str) -> None:
    result = run("evaluate", *arguments)
    assert result.exit_code == code
    assert word in result.stderr
    assert "Traceback" not in result.stderr
