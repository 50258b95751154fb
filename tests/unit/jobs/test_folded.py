"""Folding mirror rows: whatever the order, the portions and the repetitions, the same lights as from all documents."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.couch import ChangeRow
from jobs.events import NO_INDICATOR, SCHEMA, EventTable
from jobs.folded import Folded
from models.catalogue import default_catalogue
from models.documents import AnyDocument, LightsDocument, decode_document
from models.policy import default_policy
from models.village import Rulebook, lights_of_cases, lights_of_documents
from tests.event_documents import MARCH_FIRST_MS, NEIGHBOUR, VILLAGE, report, step, visit

VILLAGES = (VILLAGE, NEIGHBOUR)
MARCH_FIRST = (MARCH_FIRST_MS + 8 * 3_600_000) // 86_400_000
RULEBOOK = Rulebook(default_catalogue(), default_policy(), watched_since=MARCH_FIRST - 400, is_simulated=False)

village = st.sampled_from(VILLAGES)
day = st.integers(0, 45)
number = st.integers(0, 6)
severity = st.sampled_from(["minor", "general", "major"])


@st.composite
def case(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A report and steps that may follow, not always in good order."""
    opened = report(draw(village), draw(day), "3.1.1", draw(severity), draw(number))
    steps = ["progress", "reviewed", "cleared", "reopened", "escalated", "deadline"]
    names = draw(st.lists(st.sampled_from(steps), max_size=6))
    authors = {"progress": "administrator"}
    return [
        opened,
        *[step(opened, draw(day), n, author=authors.get(n, "office"), verified_by="office") for n in names],
    ]


rounds = st.builds(
    lambda where, when, value, which: visit(where, when, {"1.1.2": value, "2.2.1": value > 2}, which),
    village,
    day,
    st.integers(0, 6),
    number,
)
histories = st.tuples(st.lists(rounds, max_size=8), st.lists(case(), max_size=4)).map(
    lambda parts: list({d["_id"]: d for d in [*parts[0], *[d for steps in parts[1] for d in steps]]}.values())
)


def rows(documents: list[dict[str, Any]]) -> EventTable:
    table = EventTable(RULEBOOK.catalogue)
    table.take(ChangeRow(d["_id"], msgspec.Raw(msgspec.json.encode(d))) for d in documents)
    return table


def lights(folded: Folded, today: int) -> list[LightsDocument]:
    return lights_of_cases(VILLAGES, folded.readings, folded.cases_on(today), RULEBOOK, today)


@settings(deadline=None)  # the first call loads pyarrow
@given(histories, st.randoms(use_true_random=False), st.integers(1, 4), day)
def test_lights_are_those_of_all_documents_in_any_order_portions_and_repetitions(
    documents: list[dict[str, Any]], random: Any, size: int, today: int
) -> None:
    decoded: list[AnyDocument] = [decode_document(msgspec.json.encode(d)) for d in documents]
    expected = lights_of_documents(VILLAGES, decoded, RULEBOOK, MARCH_FIRST + today)
    delivered = documents * 2
    random.shuffle(delivered)
    folded = Folded(VILLAGES, RULEBOOK)
    for start in range(0, len(delivered), size):
        folded.take(rows(delivered[start : start + size]).to_arrow())
    assert lights(folded, MARCH_FIRST + today) == expected


@settings(deadline=None)
@given(histories, st.integers(0, 10), day)
def test_state_that_was_kept_and_read_again_goes_on_as_if_it_had_not_been(
    documents: list[dict[str, Any]], cut: int, today: int
) -> None:
    whole = Folded(VILLAGES, RULEBOOK)
    whole.take(rows(documents).to_arrow())
    with TemporaryDirectory() as name:
        folder = Path(name)
        first = Folded(VILLAGES, RULEBOOK)
        first.take(rows(documents[:cut]).to_arrow())
        first.save(folder)
        again = Folded.load(folder, VILLAGES, RULEBOOK)
        assert again is not None
        again.save(folder)  # with facts that nobody has asked for yet
        again.take(rows(documents[cut:]).to_arrow())
        assert lights(again, MARCH_FIRST + today) == lights(whole, MARCH_FIRST + today)


def test_cases_cleared_lately_are_told_of_and_older_ones_are_let_go(tmp_path: Path) -> None:
    """As the lights of all documents have it, on each day around the end of half a year."""
    documents = [
        one
        for day, where in ((0, VILLAGE), (190, NEIGHBOUR))
        for opened in [report(where, day, "3.1.1", "minor")]
        for one in [
            opened,
            step(opened, day + 1, "progress", author="administrator", text="已办"),
            step(opened, day + 2, "cleared", found="查明", done="办结", verified_by="office"),
        ]
    ]
    decoded: list[AnyDocument] = [decode_document(msgspec.json.encode(d)) for d in documents]
    folded = Folded(VILLAGES, RULEBOOK)
    folded.take(rows(documents).to_arrow())
    folded.save(tmp_path)
    again = Folded.load(tmp_path, VILLAGES, RULEBOOK)
    assert again is not None
    for today in (2, 186, 187, 192, 376, 377):
        expected = lights_of_documents(VILLAGES, decoded, RULEBOOK, MARCH_FIRST + today)
        assert lights(again, MARCH_FIRST + today) == expected
    assert [len(one.cleared) for one in lights(again, MARCH_FIRST + 192)] == [0, 1]
    assert len(again.cases_on(MARCH_FIRST + 192)) == 1


def test_state_of_another_policy_or_other_villages_is_not_taken(tmp_path: Path) -> None:
    Folded(VILLAGES, RULEBOOK).save(tmp_path)
    policy = msgspec.structs.replace(RULEBOOK.policy, version="other")
    assert Folded.load(tmp_path, VILLAGES, RULEBOOK) is not None
    assert Folded.load(tmp_path, VILLAGES, msgspec.structs.replace(RULEBOOK, policy=policy)) is None
    assert Folded.load(tmp_path, VILLAGES[:1], RULEBOOK) is None
    assert Folded.load(tmp_path / "nothing", VILLAGES, RULEBOOK) is None


def test_readings_of_a_village_that_is_not_in_the_register_are_left_out() -> None:
    folded = Folded((NEIGHBOUR,), RULEBOOK)
    folded.take(rows([visit(VILLAGE, 1, {"1.1.2": 9})]).to_arrow())
    assert (folded.readings.observed_ms == Folded((NEIGHBOUR,), RULEBOOK).readings.observed_ms).all()


def test_row_of_a_report_says_what_case_it_opens() -> None:
    opened = report(VILLAGE, 3, "4.2.1", "major")
    [row] = rows([opened]).to_arrow().to_pylist()
    assert row["case"] == row["ulid"] == opened["_id"].rpartition(":")[2]
    assert (row["step"], row["severity"], row["owner"], row["division"]) == ("opened", "major", "i0421", VILLAGE)
    assert row["indicator"] == RULEBOOK.catalogue.index["4.2.1"]
    assert msgspec.json.decode(row["json"]) == opened


def test_row_of_a_round_holds_its_readings_as_positions_and_numbers_and_no_json() -> None:
    [row] = rows([visit(VILLAGE, 3, {"1.1.2": 4, "2.2.1": True})]).to_arrow().to_pylist()
    index = RULEBOOK.catalogue.index
    assert row["readings_indicator"] == [index["1.1.2"], index["2.2.1"]]
    assert row["readings_value"] == [4.0, 1.0]
    assert row["json"] is None
    assert row["indicator"] == NO_INDICATOR


def test_derived_documents_and_tombstones_are_no_events() -> None:
    table = EventTable(RULEBOOK.catalogue)
    table.take(
        [
            ChangeRow(f"{VILLAGE}:lights", msgspec.Raw(b"{}")),
            ChangeRow("_design/x", msgspec.Raw(b"{}")),
            ChangeRow(report(VILLAGE, 1)["_id"], deleted=True),
        ]
    )
    assert len(table) == 0 and table.unreadable == []
    assert table.to_arrow().schema == SCHEMA


def test_what_cannot_be_read_is_counted_and_the_rest_is_kept() -> None:
    other_catalogue = visit(VILLAGE, 3, {"1.1.2": 4, "9.9.9": 1})
    malformed = {"_id": "nonsense:report:x", "type": "report"}
    table = rows([other_catalogue, malformed])
    assert table.unreadable == [f"{other_catalogue['_id']} 9.9.9", "nonsense:report:x"]
    assert table.to_arrow()["readings_value"].to_pylist() == [[4.0]]
