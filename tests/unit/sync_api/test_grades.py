"""How a village team stands is what its last evaluation says, in the version that was decided last, else the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from msgspec import Raw

from models.documents import Decision, Evaluation, encode
from models.ids import database_of
from sync_api.couch import IdRow, RevValue
from sync_api.evaluation.grades import GradeBook
from tests.evaluations import evaluation
from tests.event_documents import NEIGHBOUR, VILLAGE, ulid

NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Store:
    """Evaluations by id; it stands for the set-up, too."""

    villages = (VILLAGE, NEIGHBOUR)

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.register = self

    async def setup(self) -> Store:
        return self

    def put(self, *evaluations: Evaluation) -> None:
        self.documents |= {one.id: encode(one) for one in evaluations}

    async def rows_of(self, _: str, ids: Sequence[str], include_docs: bool = False) -> list[IdRow]:
        return [
            IdRow(id=i, key=i, value=RevValue(rev="1-a"), doc=Raw(self.documents[i]))
            if i in self.documents
            else IdRow(key=i, error="not_found")
            for i in ids
        ]


def book_of(store: Store) -> GradeBook:
    return GradeBook(cast("Any", store), cast("Any", store), lambda: NOW)


async def test_the_last_half_year_counts_in_its_last_version() -> None:
    store = Store()
    store.put(
        evaluation(VILLAGE, 98, period="2025H2", grade="strong"),
        evaluation(VILLAGE, 88, grade="fair"),
        evaluation(VILLAGE, 70, "-2", grade="weak"),
        evaluation(VILLAGE, 40, "-3", grade="paralysed"),
        evaluation(VILLAGE, 99, period="2025Y", grade="strong"),
        evaluation(NEIGHBOUR, 85, period="2025H2", grade="fair"),
        evaluation(NEIGHBOUR, 60, period="2024H2", grade="weak"),
    )
    book = book_of(store)
    assert book.grades(Store.villages, []) == {}
    await book.load(database_of(VILLAGE))
    assert book.grades(Store.villages, []) == {VILLAGE: "paralysed", NEIGHBOUR: "fair"}


async def test_what_is_computed_or_decided_later_takes_its_place() -> None:
    store = Store()
    store.put(evaluation(VILLAGE, 88, grade="fair"))
    book = book_of(store)
    await book.load(database_of(VILLAGE))
    first = f"{VILLAGE}:evaluation:2026H1"
    decided = msgspec.convert(
        {
            "_id": f"{VILLAGE}:decision:g24:{ulid(1)}",
            "type": "decision",
            "observed_at": NOW,
            "saved_at": NOW,
            "about": first,
            "score": 88.0,
            "grade": "strong",
            "text": "经研究",
        },
        Decision,
    )
    assert book.grades([VILLAGE], [decided]) == {VILLAGE: "strong"}
    second = evaluation(VILLAGE, 70, "-2", grade="weak")
    store.put(second)
    assert book.wants(second.id)
    await book.read(database_of(VILLAGE), [second.id, first])  # in whatever order they are heard
    assert book.grades([VILLAGE], [decided]) == {VILLAGE: "strong"}  # nobody has decided on the second yet
    assert book.grades([VILLAGE], []) == {VILLAGE: "weak"}
    both = [
        decided,
        msgspec.structs.replace(decided, id=f"{decided.id[:-1]}Z", about=second.id, score=70.0, grade=None),
    ]
    assert book.grades([VILLAGE], both) == {VILLAGE: "weak"}
