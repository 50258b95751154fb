"""What was added is never denied; what was not is denied nearly always, however much was added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_api.replication.known_ids import KnownIds
from tests.event_documents import report


@given(st.lists(st.text(min_size=1), max_size=50))
def test_what_was_added_is_never_denied(ids: list[str]) -> None:
    known = KnownIds(4)
    for identity in ids:
        known.add(identity)
    assert all(map(known.may_hold, ids))


@pytest.mark.parametrize("count", [900, 6_000])
def test_few_new_ids_are_looked_up_in_vain(count: int) -> None:
    known = KnownIds(1_024)
    for number in range(count):
        known.add(report("371724109217", 1, number=number)["_id"])
    in_vain = sum(known.may_hold(report("371724109217", 2, number=number)["_id"]) for number in range(10_000))
    assert in_vain < 20
