"""Evaluations on a real store: written once, frozen by a person's decision, made good after a cut, followed up by the
next period."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jobs.couch import Couch, Database
from jobs.evaluation import EvaluationRun, Kept, evaluate_county, kept_grades, read_standing
from jobs.faults import PeriodOpenError
from jobs.nightly import CountyRun, run_county, run_night, run_nightly
from models import calendar
from models.documents import AnyDocument, Evaluation, Summary, decode_document
from models.periods import parse_period
from models.setup import Setup
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step, ulid, visit

COUNTY, TOWNSHIP, AUTUMN = "371724", "371724109", date(2026, 9, 20)
PERIOD = parse_period("2026H1")
BASE = f"{VILLAGE}:evaluation:2026H1"
#: Red from 11 March on, for 112 of 181 days, never taken up and overdue from 19 March on: 4.2.1 weighs 14 of 1000.
OPEN = report(VILLAGE, 10, severity="major")


class City:
    """A store, its mirror, and what the runs did."""

    def __init__(self, couch: Couch, setup: Setup, mirror: Path) -> None:
        self.couch, self.setup, self.mirror = couch, setup, mirror

    def send(self, *documents: dict[str, Any]) -> None:
        database = self.couch.database(f"d110-{COUNTY}")
        assert all(row.error is None for row in database.write(documents))

    def evaluate(self, period: str = "2026H1", today: date = AUTUMN) -> EvaluationRun:
        run_county(self.couch, self.setup, self.mirror, COUNTY, today)
        return evaluate_county(self.couch, self.setup, self.mirror, COUNTY, parse_period(period), today)

    def raw(self, *ids: str) -> dict[str, bytes]:
        stored = self.couch.database(f"d110-{COUNTY}").read_many(ids)
        return {key: bytes(document.body) for key, document in stored.items()}

    def document(self, document_id: str) -> Any:
        return decode_document(self.raw(document_id)[document_id])

    def everything(self) -> dict[str, bytes]:
        codes = [(VILLAGE, "evaluation"), (NEIGHBOUR, "evaluation"), (TOWNSHIP, "summary"), (COUNTY, "summary")]
        ids = [f"{code}:{kind}:2026H1" for code, kind in codes]
        found = self.raw(*ids)
        assert sorted(found) == sorted(ids)
        return found


def decision(about: str, score: float, day: int = 60, number: int = 0, **fields: Any) -> dict[str, Any]:
    division = about.partition(":")[0]
    at = f"2026-07-{day - 50:02d}T08:00:00+08:00"
    words = {"about": about, "score": score, "text": "经研究，同意", "observed_at": at, "saved_at": at}
    identity = f"{division}:decision:office:{ulid(day, number)}"
    return {"_id": identity, "type": "decision", **words, **fields}


@pytest.fixture
def city(couch: Couch, setup: Setup, tmp_path: Path) -> City:
    city = City(couch, setup, tmp_path / "mirror")
    city.send(OPEN, visit(VILLAGE, 0, {"1.1.2": 0}), visit(NEIGHBOUR, 0, {"1.1.2": 0}))
    return city


def test_run_writes_an_evaluation_a_village_and_a_summary_for_township_and_county(city: City) -> None:
    run = city.evaluate()
    assert (run.villages, run.written, run.contested) == (2, 4, 0)
    documents: dict[str, AnyDocument] = {key: decode_document(body) for key, body in city.everything().items()}
    evaluation, neighbour = documents[BASE], documents[f"{NEIGHBOUR}:evaluation:2026H1"]
    summary = documents[f"{COUNTY}:summary:2026H1"]
    assert isinstance(evaluation, Evaluation) and isinstance(neighbour, Evaluation) and isinstance(summary, Summary)
    # the villages differ in the open matter alone: where 4.2.1 of the neighbour is green at first and silent later,
    # here it is red from 11 March on; besides, it was taken up late (−0.5) and overdue (−1)
    parts = {part.code: part for part in evaluation.components}
    assert sorted(parts) == ["lights", "overdue", "taken_up_late"]
    assert (parts["overdue"].points, parts["taken_up_late"].points) == (-1, -0.5)
    assert parts["overdue"].evidence == [OPEN["_id"].rpartition(":")[2]]
    assert [part.code for part in neighbour.components] == ["lights"]
    [red] = [text for text in parts["lights"].evidence if text.startswith("4.2.1 ")]
    assert red.split()[2] == "r112"
    assert evaluation.score == round(parts["lights"].points - 1.5, 2)
    assert neighbour.score > parts["lights"].points
    assert evaluation.red_at_close == ["4.2.1"]
    assert (summary.villages, summary.response.opened, summary.response.overdue) == (2, 1, 1)


def test_second_run_writes_nothing(city: City) -> None:
    city.evaluate()
    before = city.everything()
    assert city.evaluate().written == 0
    assert city.everything() == before


def test_events_that_arrive_late_change_the_proposal_in_its_place(city: City) -> None:
    city.evaluate()
    before: Evaluation = city.document(BASE)
    city.send(step(OPEN, 11, "noticed"))
    assert city.evaluate().written == 3  # the village's, and the two summaries that its score is part of
    after: Evaluation = city.document(BASE)
    assert after.score == before.score + 0.5
    assert after.changes == []


def test_run_that_was_cut_off_is_made_good_by_the_next(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Database.write

    def cut_off(self: Database, documents: Sequence[object]) -> Any:
        if isinstance(documents[0], Summary):
            raise OSError("power cut")
        return write(self, documents)

    with monkeypatch.context() as power_cut:
        power_cut.setattr(Database, "write", cut_off)
        with pytest.raises(OSError, match="power cut"):
            city.evaluate()
    assert city.evaluate().written == 2
    before = city.everything()
    assert city.evaluate().written == 0
    assert city.everything() == before


def test_decided_evaluation_stands_for_ever_and_another_computation_is_its_next_version(city: City) -> None:
    city.evaluate()
    decided: Evaluation = city.document(BASE)
    before = city.raw(BASE)
    city.send(decision(BASE, decided.score, grade="weak"))
    assert city.evaluate().written == 2  # the summaries: the decided grade counts in them
    assert city.document(f"{COUNTY}:summary:2026H1").grades["weak"] == 1
    city.send(step(OPEN, 11, "noticed"))
    assert city.evaluate().written == 1  # in the summaries what was decided counts until somebody decides anew
    second: Evaluation = city.document(f"{BASE}-2")
    assert city.raw(BASE) == before
    assert (second.score, second.grade) == (decided.score + 0.5, "fair")
    assert [change.what for change in second.changes][:2] == ["score", "components.taken_up_late"]
    assert second.changes[0].old == f"{decided.score:g}"
    assert city.evaluate().written == 0


def test_what_was_decided_counts_in_sums_and_for_the_next_period_until_the_next_version_is_decided(city: City) -> None:
    city.evaluate()
    score = city.document(BASE).score
    city.send(decision(BASE, score, grade="weak"))
    city.evaluate()
    summaries = [f"{code}:summary:2026H1" for code in (COUNTY, TOWNSHIP)]
    before = city.raw(*summaries)
    city.send(step(OPEN, 11, "noticed"))
    city.evaluate()
    second: Evaluation = city.document(f"{BASE}-2")
    assert city.raw(*summaries) == before
    kept = kept_grades(city.mirror, COUNTY, PERIOD)
    assert [one for one in kept or () if one.village == VILLAGE] == [Kept(VILLAGE, score, "weak", True, BASE)]
    _, [shown, _] = read_standing(city.couch, city.setup, city.mirror, TOWNSHIP, PERIOD)
    assert shown.id == BASE
    city.evaluate("2026H2", date(2027, 1, 2))
    assert city.document(f"{VILLAGE}:evaluation:2026H2").previous.grade == "weak"
    city.send(decision(second.id, second.score, number=1))
    assert city.evaluate().written == 2
    assert city.document(summaries[0]).grades["weak"] == 0


def test_second_version_follows_its_events_until_it_is_decided_too(city: City) -> None:
    city.evaluate()
    city.send(decision(BASE, city.document(BASE).score), step(OPEN, 11, "noticed"))
    city.evaluate()
    city.send(step(OPEN, 12, "deadline", due="2026-12-31", department="民政"))
    city.evaluate()
    second: Evaluation = city.document(f"{BASE}-2")
    assert not [part for part in second.components if part.code == "overdue"]
    city.send(decision(f"{BASE}-2", second.score, number=1))
    assert city.evaluate().contested == 0
    city.send(report(VILLAGE, 20, indicator="3.1.1", number=9))
    city.evaluate()
    assert city.document(f"{BASE}-2") == second
    assert city.document(f"{BASE}-3").score < second.score


def test_decision_on_a_score_that_has_changed_meanwhile_freezes_nothing_and_is_counted(city: City) -> None:
    city.evaluate()
    seen = city.document(BASE).score
    city.send(step(OPEN, 11, "noticed"))
    city.evaluate()
    city.send(decision(BASE, seen))
    run = city.evaluate()
    assert (run.written, run.contested) == (0, 1)
    assert f"{BASE}-2" not in city.raw(f"{BASE}-2")


def test_decided_summary_is_frozen_too(city: City) -> None:
    city.evaluate()
    document_id = f"{COUNTY}:summary:2026H1"
    before = city.raw(document_id)
    city.send(decision(document_id, city.document(document_id).mean, measures=["commendation"]))
    city.send(step(OPEN, 11, "noticed"))
    city.evaluate()
    assert city.raw(document_id) == before
    assert city.document(f"{document_id}-2").changes


def test_next_period_compares_with_what_was_decided(city: City) -> None:
    city.evaluate()
    score = city.document(BASE).score
    city.send(decision(BASE, score, grade="paralysed"))
    city.evaluate("2026H2", date(2027, 1, 2))
    earlier = city.document(f"{VILLAGE}:evaluation:2026H2").previous
    assert (earlier.period, earlier.score, earlier.grade, earlier.is_decided) == ("2026H1", score, "paralysed", True)
    neighbour = city.document(f"{NEIGHBOUR}:evaluation:2026H2").previous
    assert (neighbour.grade, neighbour.is_decided) == ("strong", False)


def test_year_is_evaluated_beside_its_halves(city: City) -> None:
    city.evaluate("2026Y", date(2027, 1, 2))
    year: Evaluation = city.document(f"{VILLAGE}:evaluation:2026Y")
    assert (year.from_day, year.until_day) == (date(2026, 1, 1), date(2026, 12, 31))
    assert f"{BASE}" not in city.raw(BASE)


def test_half_year_that_was_watched_in_part_is_not_evaluated_by_itself_nor_when_asked_for(city: City) -> None:
    since = calendar.epoch_day(date(2026, 1, 2))
    city.setup = replace(city.setup, rulebook=replace(city.setup.rulebook, watched_since=since))
    with pytest.raises(PeriodOpenError, match="watching began on 2026-01-02"):
        city.evaluate()
    runs: list[CountyRun] = []
    run_nightly(city.couch, city.setup, city.mirror, date(2026, 7, 5), runs.append)
    assert [(run.evaluations, run.fault) for run in runs] == [((), ""), ((), "")]


@pytest.mark.parametrize(("period", "word"), [("2026H2", "not over"), ("2025H2", "2026-01-01")])
def test_period_that_is_not_over_or_was_not_watched_is_not_evaluated(city: City, period: str, word: str) -> None:
    with pytest.raises(PeriodOpenError, match=word):
        city.evaluate(period)


def test_night_evaluates_what_has_just_closed_and_later_only_what_is_asked_for(city: City) -> None:
    runs: list[CountyRun] = []
    run_nightly(city.couch, city.setup, city.mirror, date(2026, 7, 5), runs.append)
    assert [[done.period for done in run.evaluations] for run in runs] == [["2026H1"], ["2026H1"]]
    assert [run.fault for run in runs] == ["", ""]
    late = run_night(city.couch, city.setup, city.mirror, COUNTY, AUTUMN)
    assert late.evaluations == ()
    asked = run_night(city.couch, city.setup, city.mirror, COUNTY, AUTUMN, PERIOD)
    assert [(done.period, done.written) for done in asked.evaluations] == [("2026H1", 0)]


def test_night_that_is_the_first_for_long_evaluates_what_closed_last_once(city: City) -> None:
    first = run_night(city.couch, city.setup, city.mirror, COUNTY, AUTUMN)
    assert [(done.period, done.written > 0) for done in first.evaluations] == [("2026H1", True)]
    assert run_night(city.couch, city.setup, city.mirror, COUNTY, AUTUMN).evaluations == ()


def test_deleted_mirror_makes_no_difference(city: City) -> None:
    city.evaluate()
    city.send(decision(BASE, city.document(BASE).score), step(OPEN, 11, "noticed"))
    city.evaluate()
    before = city.everything() | city.raw(f"{BASE}-2")
    again = City(city.couch, city.setup, city.mirror.with_name("another"))
    assert again.evaluate().written == 0
    assert city.everything() | city.raw(f"{BASE}-2") == before
