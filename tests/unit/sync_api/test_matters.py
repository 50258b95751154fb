"""What a case in the ledger is called by how it came back."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from models.cases import Case
from models.documents import CaseEvent
from sync_api.casework.book import Matter

OPENING = CaseEvent(
    id="371724109217:case:01ARZ3NDEKTSV4RRFFQ69G5FAV:01ARZ3NDEKTSV4RRFFQ69G5FAV",
    observed_at=datetime(2026, 3, 1, tzinfo=UTC),
    saved_at=datetime(2026, 3, 1, tzinfo=UTC),
    step="opened",
    author="z109",
)


@pytest.mark.parametrize(
    ("reopened", "is_relapse", "earlier", "is_called_so"),
    [
        ((), False, None, False),
        ((), False, "01ARZ3NDEKTSV4RRFFQ69G5FAA", True),
        ((30,), True, None, True),
        # it once came back as another case, and again when that half-year was long over
        ((600,), False, "01ARZ3NDEKTSV4RRFFQ69G5FAA", False),
    ],
)
def test_a_relapse_is_what_came_back_within_half_a_year_when_it_was_opened_last(
    reopened: tuple[int, ...], is_relapse: bool, earlier: str | None, is_called_so: bool
) -> None:
    fields: Any = SimpleNamespace(reopened_days=reopened, is_relapse=is_relapse)
    assert Matter(cast("Case", fields), OPENING, (), earlier).is_relapse == is_called_so
