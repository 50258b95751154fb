"""The commands as an operator meets them."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from jobs.commands import add_commands
from jobs.couch import Couch
from tests.event_documents import VILLAGE, report
from tests.integration.conftest import REGISTER


@pytest.fixture
def run(fresh_store_url: str, tmp_path: Path) -> "Run":
    return Run(fresh_store_url, tmp_path)


class Run:
    """Calls `d110` with a store and a folder of the test's own."""

    def __init__(self, store_url: str, folder: Path) -> None:
        self.folder = folder
        self.environ = {"D110_COUCHDB_URL": store_url, "D110_DATA_DIR": str(folder), "D110_CITY": "3717"}
        self.group = click.Group("d110")
        add_commands(self.group, no_store)

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(self.group, arguments, env=self.environ)

    def file(self, text: str | bytes, name: str = "register.csv") -> str:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def import_register(self) -> Result:
        return self("divisions", "import", self.file(REGISTER))


def no_store(folder: Path) -> AbstractContextManager[str]:
    raise AssertionError(f"the store of {folder} must not be started when D110_COUCHDB_URL is set")


def assert_one_clear_fault(result: Result, *words: str) -> None:
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert isinstance(result.exception, SystemExit)
    for word in words:
        assert word in result.stderr


def test_import_of_the_same_register_again_is_unchanged(run: Run) -> None:
    first, again = run.import_register(), run.import_register()
    assert first.stdout == "imported: 2 counties, 2 townships, 3 villages\n"
    assert again.stdout == "unchanged: 2 counties, 2 townships, 3 villages\n"


def test_import_keeps_the_day_from_which_silence_counts_unless_it_is_given(run: Run) -> None:
    run("divisions", "import", run.file(REGISTER), "--watched-since", "2026-01-01")
    assert run.import_register().stdout.startswith("unchanged")
    assert run("divisions", "import", run.file(REGISTER), "--watched-since", "2026-02-01").stdout.startswith("imported")


@pytest.mark.parametrize("day", ["2008-12-31", "2099-01-01"])
def test_silence_is_counted_from_no_day_that_cannot_be(run: Run, day: str) -> None:
    assert_one_clear_fault(run("divisions", "import", run.file(REGISTER), "--watched-since", day), "today", day)


def test_register_that_lacks_divisions_is_refused_unless_they_are_to_be_removed(run: Run) -> None:
    run.import_register()
    cut_off = run.file("\n".join(REGISTER.splitlines()[:4]) + "\n")
    couch = Couch(run.environ["D110_COUCHDB_URL"])
    before = couch.database("d110-3717").read("3717:register")
    refused = run("divisions", "import", cut_off)
    assert_one_clear_fault(refused, "lacks 5 divisions", "371724109217 佃户屯村", "371771 经济开发区", "--remove")
    assert couch.database("d110-3717").read("3717:register") == before
    couch.close()
    removed = run("divisions", "import", cut_off, "--remove")
    assert removed.stdout == "imported: 1 counties, 1 townships, 0 villages\n"
    assert run("divisions", "import", cut_off).stdout.startswith("unchanged")


def test_register_that_lacks_many_divisions_names_the_first_of_them(run: Run) -> None:
    villages = "".join(f"371771003{number:03},village,第{number}村,371771003\n" for number in range(100, 110))
    run("divisions", "import", run.file(REGISTER + villages))
    refused = run("divisions", "import", run.file(REGISTER))
    assert_one_clear_fault(refused, "lacks 10 divisions", "371771003100 第100村", "371771003104 第104村……")
    assert "371771003105" not in refused.stderr


def test_register_with_faults_is_named_line_by_line_and_nothing_is_imported(run: Run) -> None:
    faulty = REGISTER + "37177100302,village,短码,371771003\n371771003999,village,,371771003\n"
    result = run("divisions", "import", run.file(faulty))
    assert_one_clear_fault(result, "register.csv:10:", "register.csv:11:")
    assert_one_clear_fault(run("nightly"), "d110 divisions import")


def test_register_in_another_encoding_says_how_to_convert_it(run: Run) -> None:
    result = run("divisions", "import", run.file(REGISTER.encode("gb18030")))
    assert_one_clear_fault(result, "iconv -f GB18030")


def test_register_of_another_city_is_refused(run: Run) -> None:
    result = run("divisions", "import", run.file("code,level,name,parent\n3701,city,济南市,\n"))
    assert_one_clear_fault(result, "3701", "D110_CITY")


def test_catalogue_is_printed_as_json(run: Run) -> None:
    edition = json.loads(run("catalogue", "--json").stdout)
    assert len(edition["indicators"]) == 90
    assert len(run("catalogue").stdout.splitlines()) == 90


def test_simulation_is_written_once_and_said_to_be_simulated(run: Run) -> None:
    run.import_register()
    first = run("simulate", "--seed", "7", "--months", "2", "--until", "2026-03-01")
    again = run("simulate", "--seed", "7", "--months", "2")
    assert first.exit_code == 0, first.stderr
    assert first.stdout.startswith("simulated: ")
    assert again.stdout == "unchanged\n"
    couch = Couch(run.environ["D110_COUCHDB_URL"])
    pages = list(couch.database("d110-371724").changes("0"))
    couch.close()
    documents = [json.loads(bytes(row.doc)) for page in pages for row in page.results]
    assert documents and all(document["simulated"] is True for document in documents)


def test_simulation_cut_off_is_finished_by_doing_it_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.import_register()
    arguments = ("simulate", "--months", "2", "--until", "2026-03-01")
    with monkeypatch.context() as power_cut:
        power_cut.setattr("jobs.couch.Database.write_local", cut_off)
        assert isinstance(run(*arguments).exception, KeyboardInterrupt | SystemExit)
    before = sizes(run)
    assert run(*arguments).stdout.startswith("simulated: ")
    assert sizes(run) == before


def test_second_data_set_is_refused(run: Run) -> None:
    run.import_register()
    run("simulate", "--seed", "7", "--months", "2", "--until", "2026-03-01")
    result = run("simulate", "--seed", "8", "--months", "2", "--until", "2026-03-01")
    assert_one_clear_fault(result, "seed 7")


def test_simulated_events_are_never_mixed_with_real_ones(run: Run) -> None:
    run.import_register()
    couch = Couch(run.environ["D110_COUCHDB_URL"])
    couch.database("d110-371724").write([report(VILLAGE, 1)])
    couch.close()
    assert_one_clear_fault(run("simulate", "--months", "2"), "d110-371724", "real events")


def test_nightly_prints_what_it_did_and_the_second_time_that_nothing_was_to_do(run: Run) -> None:
    run.import_register()
    run("simulate", "--months", "2", "--until", "2026-03-01")
    arguments = ("nightly", "--today", "2026-03-01", "--rewrite-board", "--json")
    first, again = run(*arguments), run(*arguments)
    assert first.exit_code == again.exit_code == 0
    assert [county["county"] for county in json.loads(first.stdout)["counties"]] == ["371724", "371771"]
    assert all(county["events"] and county["lights_written"] for county in json.loads(first.stdout)["counties"])
    assert not any(county["events"] or county["lights_written"] for county in json.loads(again.stdout)["counties"])


@pytest.mark.parametrize("day", ["2026-03-01", "2126-03-01"])
def test_nightly_shows_another_day_than_today_only_when_told_to(run: Run, day: str) -> None:
    run.import_register()
    result = run("nightly", "--today", day)
    assert result.exit_code == 2
    assert "--rewrite-board" in result.stderr
    assert not (run.folder / "mirror").exists()


def test_nightly_whose_mirror_cannot_be_written_says_which_folder(run: Run) -> None:
    run.import_register()
    (run.folder / "file").touch()
    run.environ["D110_DATA_DIR"] = str(run.folder / "file")
    assert_one_clear_fault(run("nightly"), str(run.folder / "file" / "mirror"))


@pytest.mark.parametrize("url", ["admin:password@couchdb", "ftp://admin:password@couchdb", "http://", "http://c:port"])
def test_address_of_a_store_that_is_none_is_refused_without_repeating_it(run: Run, url: str) -> None:
    run.environ["D110_COUCHDB_URL"] = url
    for command in (["nightly"], ["schedule"], ["divisions", "import", run.file(REGISTER)]):
        result = run(*command)
        assert_one_clear_fault(result, "D110_COUCHDB_URL")
        assert "admin" not in result.stderr


def test_schedule_whose_folder_cannot_be_made_says_which(run: Run) -> None:
    (run.folder / "file").touch()
    run.environ["D110_DATA_DIR"] = str(run.folder / "file")
    assert_one_clear_fault(run("schedule"), str(run.folder / "file" / "prefect"))


def test_nightly_names_the_county_that_failed(run: Run) -> None:
    run.import_register()
    state = run.folder / "mirror" / "state"
    state.mkdir(parents=True)
    (state / "371724").touch()  # where its folder would be
    result = run("nightly", "--json")
    assert_one_clear_fault(result, "371724")
    assert [bool(county["fault"]) for county in json.loads(result.stdout)["counties"]] == [True, False]


def test_nightly_tells_in_one_line_which_file_was_damaged_and_does_the_rest(run: Run) -> None:
    run.import_register()
    run("simulate", "--months", "2", "--until", "2026-03-01")
    arguments = ("nightly", "--today", "2026-03-01", "--rewrite-board")
    assert run(*arguments).exit_code == 0
    part = next((run.folder / "mirror" / "events" / "county=371724").glob("month=*/part-*.parquet"))
    part.write_bytes(part.read_bytes()[:500])
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    [line] = [line for line in result.stderr.splitlines() if str(part) in line]
    assert line.startswith("371724  已重新镜像 / mirrored anew")


@pytest.mark.parametrize("arguments", [["nightly", "--today", "yesterday"], ["simulate", "--months", "0"]])
def test_option_that_makes_no_sense_is_refused(run: Run, arguments: Sequence[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def sizes(run: Run) -> list[int]:
    couch = Couch(run.environ["D110_COUCHDB_URL"])
    pages = [list(couch.database(f"d110-{county}").changes("0")) for county in ("371724", "371771")]
    couch.close()
    return [sum(len(page.results) for page in county) for county in pages]


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt
