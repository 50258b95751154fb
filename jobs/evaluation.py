"""Evaluations and summaries of a county for a period: computed from the mirror, written where they say something new.

    {mirror}/evaluations/county=371724/2026H1.parquet    village, score, grade, is_decided, id, json

What a person decided is never written again: what is computed otherwise afterwards is the next version of it, which
counts in summaries and for the next period once somebody has decided on it, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from jobs.couch import Couch, CouchError, Database
from jobs.faults import PeriodOpenError
from jobs.mirror import read_mirror
from jobs.rows import case_facts, events_of, reading_log
from jobs.whole_files import read_table, write_table
from models import calendar
from models.cases import case_spans, fold_cases, known_by
from models.documents import Decision, Earlier, Evaluation, Grade, Omission, Summary, decode_document
from models.evaluation import (
    Decided,
    Evidence,
    LightDays,
    add_up,
    case_counts,
    decided_grade,
    evaluate,
    in_force,
    is_decided,
    light_days,
    next_version,
    summarise,
    version_id,
    version_of,
    with_commendations,
)
from models.ids import database_of
from models.periods import Period, parse_period
from models.setup import Setup
from models.truthfulness import counted_omissions, omission_step

COLUMNS: Final = pa.schema(
    [
        ("village", pa.string()),
        ("score", pa.float64()),
        ("grade", pa.string()),
        ("is_decided", pa.bool_()),
        ("id", pa.string()),
        ("json", pa.string()),
    ]
)
#: Documents a request carries.
_BATCH: Final = 500
_decode_evaluation = msgspec.json.Decoder(Evaluation).decode


@dataclass(frozen=True)
class EvaluationRun:
    """What was done for one county and period. ``contested``: documents whose last decision is about a score that was
    computed otherwise before it arrived, so that somebody must decide again."""

    county: str
    period: str
    villages: int = 0
    written: int = 0
    contested: int = 0


def evaluate_county(
    couch: Couch, setup: Setup, mirror: Path, county: str, period: Period, today: date
) -> EvaluationRun:
    """Bring the evaluations of a county's villages, and the summaries of it and its townships, up to date with the
    mirror. Twice in a row changes nothing, and a run that was cut off is made good by the next.

    Raises ``PeriodOpenError`` for a period that is not over or was not watched whole, ``MirrorError``, ``CouchError``.
    """
    _require_whole(period, setup, today)
    rows, _ = read_mirror(mirror, county, setup.rulebook.catalogue)
    database = couch.database(database_of(county))
    villages = setup.register.villages[setup.register.villages_in(county)]
    store = _Versions(database, events_of(rows, Decision))
    earlier = _earlier(database, store, villages, period.previous)
    computed = evaluate(villages, *evidence_of(rows, villages, earlier, setup, period), setup.rulebook, period)
    evaluations = store.bring_up_to_date(computed, Evaluation)
    decided = [store.decided_grade(evaluation) for evaluation in evaluations]
    grades = {village: grade or e.grade for village, grade, e in zip(villages, decided, evaluations, strict=True)}
    _save(_file(mirror, county, period), evaluations, grades, [grade is not None for grade in decided])

    policy = setup.rulebook.policy
    codes = [code for code in (county, *setup.register.children[county]) if _below(code, villages)]
    whole, *townships = [
        summarise(code, [evaluations[at] for at in _below(code, villages)], grades, policy, period) for code in codes
    ]
    store.bring_up_to_date([whole, *with_commendations(townships, policy)], Summary)
    return EvaluationRun(county, period.name, len(villages), store.written, store.contested)


def _require_whole(period: Period, setup: Setup, today: date) -> None:
    name = period.name
    if calendar.epoch_day(today) <= period.last_day:
        raise PeriodOpenError(f"{name} 尚未结束 / {name} is not over yet: it is evaluated whole or not at all")
    if not is_watched(period, setup):
        since = calendar.day_of(setup.rulebook.watched_since)
        raise PeriodOpenError(
            f"{name} 从 {since} 起才有监测，不是整期 / {name} was not watched whole: watching began on {since}"
        )


def is_watched(period: Period, setup: Setup) -> bool:
    """Whether a period was watched from its first day on; what was not is no measure of a village."""
    return setup.rulebook.watched_since <= period.first_day


def _below(code: str, villages: Sequence[str]) -> list[int]:
    return [at for at, village in enumerate(villages) if village.startswith(code)]


def evidence_of(
    rows: pa.Table, villages: Sequence[str], earlier: Mapping[str, Earlier], setup: Setup, period: Period
) -> tuple[LightDays, Evidence]:
    """What a county's rows say of the period: what had been written down by its end, what was seen in it and told of
    later, and which omissions count by now."""
    rulebook = setup.rulebook
    first, last = period.first_day, period.last_day
    cases = fold_cases(known_by(case_facts(rows, rulebook.catalogue), last), rulebook.policy)
    # nor does a reading that is written down afterwards make the period look better
    written = rows.filter(pc.less(rows["saved_at"].cast(pa.int64()), calendar.first_ms_of_day(last + 1)))
    index = {village: at for at, village in enumerate(villages)}
    days = light_days(
        reading_log(written.filter(pc.equal(written["kind"], "round")), villages),
        reading_log(written.filter(pc.equal(written["kind"], "inspection")), villages),
        case_spans(cases, index, rulebook.catalogue.index),
        rulebook.catalogue.rules,
        len(villages),
        rulebook.watched_since,
        range(first, last + 1),
    )
    steps = map(omission_step, events_of(rows, Omission))
    omissions = counted_omissions((step for step in steps if step is not None), period.first_day, last)
    return days, Evidence(case_counts(cases, rulebook.policy, period.first_day, last), omissions, earlier)


def _earlier(database: Database, store: _Versions, villages: Sequence[str], period: Period) -> dict[str, Earlier]:
    """How the villages stood in a period, by the version that counts of those that the store holds."""
    shown = read_versions(database, [f"{village}:evaluation:{period.name}" for village in villages], Evaluation)
    found: dict[str, Earlier] = {}
    for village in villages:
        if versions := shown.get(f"{village}:evaluation:{period.name}"):
            counted = in_force(versions, store.about(versions))
            grade = store.decided_grade(counted)
            found[village] = Earlier(
                period=period.name, score=counted.score, grade=grade or counted.grade, is_decided=grade is not None
            )
    return found


def read_versions(database: Database, ids: Sequence[str], kind: type[Decided]) -> dict[str, list[Decided]]:
    """All versions that the store holds, in order, by the id of the first; none for what was never evaluated."""
    found: dict[str, list[Decided]] = {document_id: [] for document_id in ids}
    asked, version = list(ids), 1
    while asked:
        stored = _read(database, {version_id(document_id, version): document_id for document_id in asked}, kind)
        for document_id, document in stored.items():
            found[document_id].append(document)
        asked, version = list(stored), version + 1
    return found


def _read(database: Database, ids: Mapping[str, str], kind: type[Decided]) -> dict[str, Decided]:
    found: dict[str, Decided] = {}
    keys = list(ids)
    for start in range(0, len(keys), _BATCH):
        for key, stored in database.read_many(keys[start : start + _BATCH]).items():
            document = decode_document(stored.body)
            if not isinstance(document, kind):
                raise CouchError(f"{key} 不是考核文档 / {key} is no {kind.__name__.lower()}")
            found[ids[key]] = document
    return found


class _Versions:
    """The versions of a county's evaluations and summaries in the store, and the decisions about them."""

    def __init__(self, database: Database, decisions: Sequence[Decision]) -> None:
        self._database = database
        self._about: dict[str, list[Decision]] = {}
        for decision in decisions:
            self._about.setdefault(decision.about, []).append(decision)
        self.written = self.contested = 0

    def decided_grade(self, evaluation: Evaluation) -> Grade | None:
        """What a person decided of this version; None while nobody has."""
        return decided_grade(evaluation, self._about.get(evaluation.id, ()))

    def about(self, versions: Sequence[Evaluation] | Sequence[Summary]) -> list[Decision]:
        """The decisions on any of these versions."""
        return [decision for version in versions for decision in self._about.get(version.id, ())]

    def bring_up_to_date(self, computed: Sequence[Decided], kind: type[Decided]) -> list[Decided]:
        """Write what is new; of each the version that counts, in the order of ``computed``."""
        known = read_versions(self._database, [document.id for document in computed], kind)
        counted: list[Decided] = []
        wanted: list[Decided] = []
        for document in computed:
            versions = known[document.id]
            about = self.about(versions)
            last = max(about, key=lambda d: d.id.rpartition(":")[2], default=None)
            self.contested += last is not None and not any(is_decided(v, [last]) for v in versions)
            new = next_version(versions, document, about)
            if new is not None:
                rev = next((v.rev for v in versions if v.id == new.id), msgspec.UNSET)
                wanted.append(msgspec.structs.replace(new, rev=rev))
                versions[version_of(new.id) - 1 :] = [new]
            counted.append(in_force(versions, about))
        for start in range(0, len(wanted), _BATCH):
            self._write(wanted[start : start + _BATCH])
        return counted

    def _write(self, documents: Sequence[Evaluation | Summary]) -> None:
        self._database.write_all(documents)
        self.written += len(documents)


def read_standing(
    couch: Couch, setup: Setup, mirror: Path, division: str, period: Period
) -> tuple[list[Summary], list[Evaluation]]:
    """The version that counts of what the store holds of a division and of those right below it: of a city the
    summaries of its counties, added up before them, of a county its own and its townships', of a township its own and
    its villages' evaluations. Raises ``MirrorError``, ``CouchError``."""
    counties = [one for one in setup.register.counties if one.startswith(division[:6])]
    rows = (read_mirror(mirror, county, setup.rulebook.catalogue)[0] for county in counties)
    decisions = [decision for of_county in rows for decision in events_of(of_county, Decision)]
    below = (division, *setup.register.children.get(division, ()))
    summaries: list[Summary] = []
    evaluations: list[Evaluation] = []
    for code in below:
        level, database = setup.register.divisions[code].level, couch.database(database_of(code))
        store = _Versions(database, decisions)
        if level == "village":
            found = read_versions(database, [f"{code}:evaluation:{period.name}"], Evaluation)
            evaluations += [in_force(versions, store.about(versions)) for versions in found.values() if versions]
        elif level != "city":
            of = read_versions(database, [f"{code}:summary:{period.name}"], Summary)
            summaries += [in_force(versions, store.about(versions)) for versions in of.values() if versions]
    if len(summaries) == len(setup.register.counties) and division not in setup.register.counties:
        summaries = with_commendations(summaries, setup.rulebook.policy)
    if summaries and setup.register.divisions[division].level == "city":
        summaries.insert(0, add_up(division, summaries, period))
    return summaries, evaluations


class Kept(msgspec.Struct, frozen=True):
    """A village's row of what the last run left: the decided grade where there is one, else the proposed one."""

    village: str
    score: float
    grade: Grade
    is_decided: bool
    id: str


def kept_grades(mirror: Path, county: str, period: Period) -> list[Kept] | None:
    """How the villages of a county stand, as the last run left it; None if there was none."""
    file = _file(mirror, county, period)
    if not file.exists():
        return None
    rows = read_table(file, Kept.__struct_fields__, "d110 evaluate")
    return msgspec.convert(rows.to_pylist(), list[Kept])


def kept_evaluations(mirror: Path, county: str, period: Period) -> dict[str, Evaluation]:
    """By village the evaluation that the last run left; none where there was none, or by a release that kept none."""
    file = _file(mirror, county, period)
    rows = read_table(file, None, "d110 evaluate") if file.exists() else COLUMNS.empty_table()
    if "json" not in rows.column_names:
        return {}
    texts = zip(rows["village"].to_pylist(), rows["json"].to_pylist(), strict=True)
    return {village: _decode_evaluation(text) for village, text in texts}


def kept_periods(mirror: Path, county: str) -> list[Period]:
    """The periods of which a run left something, the earliest first."""
    found = [parse_period(file.stem) for file in _folder(mirror, county).glob("*.parquet")]
    return sorted(found, key=lambda period: (period.last_day, period.first_day))


def decided_grades(mirror: Path, county: str, period: Period) -> dict[str, Grade]:
    """The grades that a person decided, by village."""
    return {kept.village: kept.grade for kept in kept_grades(mirror, county, period) or () if kept.is_decided}


def _folder(mirror: Path, county: str) -> Path:
    return mirror / "evaluations" / f"county={county}"


def _file(mirror: Path, county: str, period: Period) -> Path:
    return _folder(mirror, county) / f"{period.name}.parquet"


def _save(file: Path, evaluations: Sequence[Evaluation], grades: Mapping[str, Grade], decided: Sequence[bool]) -> None:
    columns = {
        "village": list(grades),
        "score": [e.score for e in evaluations],
        "grade": list(grades.values()),
        "is_decided": list(decided),
        "id": [e.id for e in evaluations],
        "json": [msgspec.json.encode(e).decode() for e in evaluations],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_table(file, pa.table(columns, schema=COLUMNS))
