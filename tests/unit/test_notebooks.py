"""Notebooks run from top to bottom, as marimo means it, on mirrors that nights wrote, and carry no outputs."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from jobs.backtest import run_backtest, save_report
from jobs.couch import ChangeRow, ChangesPage, Stored, Written
from jobs.evaluation import kept_evaluations
from jobs.kept_setup import keep_setup
from jobs.mirror import read_mirror
from jobs.nightly import run_county, run_night
from jobs.review import open_mirror
from jobs.risk import watch_city
from jobs.risk_commands import NOTEBOOKS, notebooks
from jobs.verdicts import VerdictOutbox
from models.calendar import epoch_day
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.documents import Risk, WatchOutcome
from models.early_warning.trends import feature_words
from models.lights import YELLOW
from models.periods import parse_period
from models.policy import default_policy
from models.setup import Setup
from models.simulation import default_parameters, simulate_county, simulation_start
from models.village import Rulebook
from tests.event_documents import NEIGHBOUR, VILLAGE, report, visit

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.py"))
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
COUNTY, LATER, MONTHS = "371772", date(2026, 7, 15), 22


class MemoryStore:
    """One database and its server in memory: as much of ``jobs.couch`` as a night asks for."""

    def __init__(self, events: Sequence[bytes]) -> None:
        self._documents = {json.loads(event)["_id"]: msgspec.Raw(event) for event in events}

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

    def write_all(self, documents: Sequence[Any]) -> None:
        self.write(documents)


class Run(NamedTuple):
    """What a notebook showed, cell by cell as HTML and text together, and the variables that it left behind."""

    shown: str
    found: dict[str, Any]


def rulebook(since: date) -> Rulebook:
    return Rulebook(default_catalogue(), default_policy(), epoch_day(since), is_simulated=True)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mirror of one simulated county: a village with a reading past its threshold and a case, and one
    that has been silent since December but for a small matter."""
    folder = tmp_path_factory.mktemp("short")
    setup = Setup(parse_register(REGISTER.encode(), "register.csv"), rulebook(date(2025, 12, 1)))
    couch: Any = MemoryStore([msgspec.json.encode(event) for event in EVENTS])
    run = run_county(couch, setup, folder / "mirror", "371724", TODAY)
    assert (run.events, run.lights_written, run.unreadable) == (len(EVENTS), 2, 0)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mirror of a county with enough history: lists, two evaluated half-years, a backtest."""
    folder = tmp_path_factory.mktemp("long")
    mirror = folder / "mirror"
    head, *lines = files("models.register").joinpath("heze_divisions.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.startswith(("3717,", COUNTY))]
    parameters = msgspec.structs.replace(default_parameters(), months=MONTHS)
    register = parse_register("\n".join([head, *kept]).encode(), "register.csv")
    rules = rulebook(simulation_start(parameters, LATER))
    made = simulate_county(register, COUNTY, rules.catalogue, rules.policy, parameters, 110, LATER)
    setup, couch = Setup(register, rules), MemoryStore(made.documents)
    store: Any = couch
    run_night(store, setup, mirror, COUNTY, LATER, parse_period("2025H2"))
    [watch] = watch_city(store, setup, mirror, LATER, lambda _: None)
    assert watch.watched and not watch.fault
    rows = {COUNTY: read_mirror(mirror, COUNTY, rules.catalogue)[0]}
    save_report(mirror, run_backtest(rows, setup, LATER, 1, lambda _: None))
    return folder


def run(name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, **chosen: Any) -> Run:
    """Run a notebook's cells as ``marimo`` itself runs a script. ``chosen``: variables that stand for what a person
    chooses; the cells that define them do not run."""
    monkeypatch.setenv("D110_DATA_DIR", str(data_dir))
    spec = importlib.util.spec_from_file_location(name, NOTEBOOKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, found = module.app.run(defs=chosen)
    return Run("\n".join(text_of(output) for output in outputs), dict(found))


def text_of(output: Any) -> str:
    return "" if output is None else str(getattr(output, "text", output))


def test_the_five_notebooks_are_there() -> None:
    assert NAMES == ["backtest", "evaluation_explorer", "indicator_trends", "risk_review", "state_of_the_city"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_defines_no_functions_of_its_own(name: str) -> None:
    text = (NOTEBOOKS / f"{name}.py").read_text("utf-8")
    assert {line.split("(")[0].strip() for line in text.splitlines() if line.lstrip().startswith("def ")} == {"def _"}
    assert "class " not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_is_missing_where_there_is_no_mirror(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "d110 nightly" in run(name, tmp_path, monkeypatch).shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("backtest", "d110 backtest"),
        ("evaluation_explorer", "d110 evaluate"),
        ("indicator_trends", "指标走势"),
        ("risk_review", "还没有名单"),
        ("state_of_the_city", "乡镇"),
    ],
)
def test_a_notebook_runs_on_a_short_history_and_says_what_it_lacks(
    name: str, said: str, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said in run(name, short, monkeypatch).shown


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_to_its_end_and_says_that_its_data_is_simulated(
    name: str, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run(name, long, monkeypatch)
    assert "模拟数据" in ran.shown
    last = {
        "backtest": "figures",
        "evaluation_explorer": "moves",
        "indicator_trends": "rows",
        "risk_review": "unit",
        "state_of_the_city": "indicators",
    }[name]
    assert last in ran.found


def test_state_of_the_city_tells_readings_cases_and_silence_apart(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("state_of_the_city", short, monkeypatch).found
    lamps = found["lamps"].set_index(["village", "indicator"])
    assert lamps.loc[(VILLAGE, "1.1.2"), "cause"] == "reading"
    assert lamps.loc[(VILLAGE, "4.2.1"), "cause"] == "case"
    assert (VILLAGE, "4.2.3") not in lamps.index
    assert lamps.loc[(NEIGHBOUR, "3.1.3"), "cause"] == "silence"
    (township,) = found["townships"].to_dict("records")
    assert (township["name"], township["villages"]) == ("巨野县 田庄镇", 2)
    assert (township["reading"], township["case"], township["red"]) == (1, 1, 1)
    assert found["indicators"].loc["3.1.3", "share of villages"] == 1.0


def test_the_review_shows_each_watched_village_with_its_reasons(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("risk_review", long, monkeypatch).found
    listed = [one for risk in found["risks"] for one in risk.watched]
    assert listed
    assert found["counties"]["watched"].sum() == len(listed) == found["counties"]["new"].sum()
    assert found["village"].value == max(listed, key=lambda one: (one.chance, -int(one.village))).village
    assert all(one.reasons for one in listed)


def test_the_moves_of_a_score_add_up_to_its_difference(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("evaluation_explorer", long, monkeypatch).found
    was, now = (kept_evaluations(long / "mirror", COUNTY, parse_period(name)) for name in ("2025H2", "2026H1"))
    mean = sum(now[village].score - was[village].score for village in was) / len(was)
    assert ran["moves"]["moved"].sum() == pytest.approx(mean)
    assert abs(ran["moves"].loc[ran["moves"]["part"] == "rounding", "moved"]).sum() < 0.1


def test_backtest_says_whether_the_rules_are_beaten(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("backtest", long, monkeypatch)
    said = "模型优于规则" if ran.found["of"]["beats_the_rules"] else "模型不优于规则"
    assert said in ran.shown


def test_backtest_shows_relapses_too(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("backtest", long, monkeypatch, label=SimpleNamespace(value="comes_back"))
    assert ran.found["of"] == ran.found["report"].labels["comes_back"]
    assert "figures" in ran.found


@pytest.mark.parametrize("kind", ["number", "yesno", "cases", "last_date", "start_date"])
def test_trends_show_any_kind_of_indicator_of_a_county_and_of_a_village(
    kind: str, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = default_catalogue()
    code = next(one.code for one in catalogue.indicators if one.kind == kind)
    for village in ("", f"{COUNTY}001001"):
        ran = run(
            "indicator_trends",
            long,
            monkeypatch,
            catalogue=catalogue,
            indicator=SimpleNamespace(value=code),
            scope=SimpleNamespace(value=COUNTY),
            village=SimpleNamespace(value=village),
        )
        assert len(ran.found["rows"]) == (1 if village else 132)
        assert not ran.found["months"].empty
        assert ("只由事项亮灯" in ran.shown) is (kind == "cases")


def test_a_verdict_that_waits_is_shown(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    village = next(one.village for risk in open_mirror({"D110_DATA_DIR": str(long)}).risks() for one in risk.watched)
    kept = VerdictOutbox(long).add(village, True, "走访属实")
    try:
        assert "走访属实" in run("risk_review", long, monkeypatch).shown
    finally:
        VerdictOutbox(long).drop(kept.ulid)


def with_outcome(was: WatchOutcome, long: Path, to: Path) -> Path:
    """The same folder, where the list of half a year ago came to this."""
    shutil.copytree(long, to)
    file = to / "mirror" / "risk" / f"county={COUNTY}" / "lists.json"
    first, *others = msgspec.json.decode(file.read_bytes(), type=list[Risk])
    file.write_bytes(msgspec.json.encode([msgspec.structs.replace(first, outcome=was), *others]))
    return to


@pytest.mark.parametrize(
    ("was", "said"),
    [
        (WatchOutcome(on=TODAY, watched=3, worse=2, unknown=2, others=10, others_worse=1), "2 个（67%）"),
        (WatchOutcome(on=TODAY, watched=0, worse=0, unknown=2), "2 个村都无法比较"),
        (None, "还没有满半年的名单"),
    ],
)
def test_what_became_of_the_old_list_is_of_those_that_can_be_compared(
    was: WatchOutcome | None, said: str, long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = long if was is None else with_outcome(was, long, tmp_path / "made")
    ran = run("risk_review", folder, monkeypatch)
    assert said in ran.shown
    assert ("还没有满半年的名单" in ran.shown) is (was is None)
    if was is not None and was.watched:
        assert ran.found["shares"].set_index("of").loc["名单内 on the list", "share"] == pytest.approx(2 / 3)


def test_a_verdict_is_chosen_by_nobody_beforehand_and_needs_its_grounds(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = run("risk_review", long, monkeypatch).found["verdict"]
    assert form.element.elements["is_right"].value is None
    refused = [
        form.validate({"is_right": chosen, "text": text}) for chosen, text in ((None, "走访"), ("属实 right", ""))
    ]
    assert all("依据" in one for one in refused)
    assert form.validate({"is_right": "属实 right", "text": "走访属实"}) is None


def test_a_village_shows_the_lamps_that_were_lit(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("risk_review", long, monkeypatch).found
    standing = found["panel"].standing[found["unit"]]
    shown = found["history"].set_index(["month", "light"])["indicators"]
    lit = shown.unstack()[["yellow", "red"]].sum(axis=1).tolist()
    assert lit == (standing >= YELLOW).sum(axis=1).tolist()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("risk_review", "risk/county=*/lists.json"),
        ("risk_review", "risk/county=*/scores.parquet"),
        ("risk_review", "risk/nights/*.json"),
        ("risk_review", "events/county=*/month=*/part-*.parquet"),
        ("risk_review", "state/*/sequence.json"),
        ("risk_review", "setup.json"),
        ("indicator_trends", "events/county=*/month=*/part-*.parquet"),
        ("evaluation_explorer", "evaluations/county=*/*.parquet"),
        ("state_of_the_city", "lights/county=*/lights.parquet"),
        ("backtest", "risk/backtest.json"),
    ],
)
def test_a_notebook_says_which_file_is_damaged_and_what_to_do(
    name: str, pattern: str, long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(long, tmp_path / "made")
    damaged = next((tmp_path / "made" / "mirror").glob(pattern))
    cut(damaged)
    shown = run(name, tmp_path / "made", monkeypatch).shown
    assert damaged.name in shown and "损坏" in shown and "运行" in shown


def test_a_damaged_verdict_is_named_and_the_others_are_shown(
    long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(long, tmp_path / "made")
    VerdictOutbox(tmp_path / "made").add(VILLAGE, True, "走访属实")
    file = tmp_path / "made" / "outbox" / "verdicts" / "01KK0000000000000000000000.json"
    file.write_text("{")
    shown = run("risk_review", tmp_path / "made", monkeypatch).shown
    assert file.name in shown and "走访属实" in shown


def test_features_that_moved_are_said_in_words(long: Path) -> None:
    catalogue = default_catalogue()
    folder = long / "mirror" / "risk" / f"county={COUNTY}"
    names = pq.read_table(folder / "profile.parquet", partitioning=None)["name"].to_pylist()
    standing = [name for name in names if name.startswith(("severity", "yellow", "red", "headroom", "category_"))]
    assert len(standing) > 10
    for name in standing:
        said = feature_words(name, catalogue)
        assert "_" not in said and re.search(r"[\u4e00-\u9fff]", said) and re.search(r"[a-z]{3}", said)


def test_values_are_written_as_people_write_them(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("risk_review", long, monkeypatch).found
    assert all(len(text) <= 8 for name in ("value", "yellow", "red", "room") for text in found["shown_near"][name])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("exported") / "made"
    done = CliRunner().invoke(notebooks, ["--export", str(made)])
    assert done.exit_code == 0, done.output
    return made


@pytest.mark.parametrize("name", NAMES)
def test_an_exported_notebook_runs_to_its_end_outside_marimo(
    name: str, exported: Path, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D110_DATA_DIR", str(long))
    cells = json.loads((exported / f"{name}.ipynb").read_text("utf-8"))["cells"]
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
    assert "mirror" in space


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/nothing"])
def test_where_nothing_can_be_written_is_one_line(folder: str) -> None:
    done = CliRunner().invoke(notebooks, ["--export", folder])
    assert done.exit_code == 1
    assert folder in done.output and isinstance(done.exception, SystemExit)


def test_notebooks_are_written_as_ipynb_without_outputs(exported: Path) -> None:
    for name in NAMES:
        cells = json.loads((exported / f"{name}.ipynb").read_text("utf-8"))["cells"]
        assert any("jobs.review" in "".join(cell["source"]) for cell in cells)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(notebooks, ["nothing"])
    assert done.exit_code == 1
    assert "risk_review" in done.output


def test_the_set_up_that_is_kept_is_the_one_that_the_night_had(tmp_path: Path) -> None:
    setup = Setup(parse_register(REGISTER.encode(), "register.csv"), rulebook(date(2025, 12, 1)))
    keep_setup(tmp_path, setup, "371724")
    (tmp_path / "mirror").symlink_to(tmp_path)
    kept = open_mirror({"D110_DATA_DIR": str(tmp_path)}).setup
    assert kept.register.to_csv() == setup.register.to_csv()
    assert (kept.rulebook.watched_since, kept.rulebook.is_simulated) == (setup.rulebook.watched_since, True)
