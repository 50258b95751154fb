"""The lot can be checked by anybody, favours nobody, and is refused when anything about it was changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from models.documents import Inspection, Patrol
from models.patrols import (
    OPEN_DAYS_AFTER,
    by_themselves,
    commitment_of,
    drawn,
    is_fair,
    patrol_fault,
    patrol_states,
    tickets,
)

COUNTY = "371724"
POOL = [f"371724109{at:03d}" for at in range(200, 240)]
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECRET = "a" * 64


def patrol(step: str, alias: str = "g24", at: int = 0, **fields: object) -> Patrol:
    saved = NOW + timedelta(minutes=at)
    whole = {
        "_id": f"{COUNTY}:patrol:{alias}:{ULID.from_datetime(saved)}",
        "type": "patrol",
        "observed_at": saved,
        "saved_at": saved,
        "step": step,
        "villages": POOL,
        "since": date(2026, 3, 1),
        "until": date(2026, 3, 31),
        **fields,
    }
    return msgspec.convert(whole, Patrol)


def announced(count: int = 5) -> Patrol:
    return patrol("announced", count=count, commitment=commitment_of(SECRET))


def result(of: Patrol, word: str = "春雨", alias: str = "s17", **fields: object) -> Patrol:
    said = {"about": of.id, "count": of.count, "secret": SECRET, "word": word, "villages": drawn(of, SECRET, word)}
    return patrol("drawn", alias, at=1, **(said | fields))


def test_a_lot_is_what_anybody_computes_with_a_hash_of_secret_word_and_code() -> None:
    of = announced()
    by_hand = sorted(POOL, key=lambda code: hashlib.sha256(f"{SECRET}:春雨:{code}".encode()).hexdigest())
    assert drawn(of, SECRET, "春雨") == by_hand[:5]
    assert is_fair(of, result(of))


@pytest.mark.parametrize(
    "changed",
    [
        {"villages": POOL[:5]},
        {"secret": "b" * 64},
        {"word": "夏雨"},
        {"count": 4},
        {"until": date(2026, 4, 30)},
        {"about": f"{COUNTY}:patrol:g24:{ULID()}"},
    ],
)
def test_a_lot_of_which_anything_was_changed_is_not_fair(changed: dict[str, object]) -> None:
    of = announced()
    fair = result(of)
    assert not is_fair(of, msgspec.structs.replace(fair, **changed))


def test_nobody_witnesses_an_own_lot() -> None:
    of = announced()
    assert not is_fair(of, result(of, alias="g24"))


def test_each_village_is_drawn_as_often_as_any_other() -> None:
    of, rounds = announced(count=8), 2_000
    hits = Counter(village for at in range(rounds) for village in drawn(of, f"{at:064x}", "词"))
    expected = rounds * 8 / len(POOL)
    chi_square = sum((hits[village] - expected) ** 2 / expected for village in POOL)
    assert chi_square < 72.05  # of 39 degrees of freedom, exceeded once in a thousand times


@given(st.lists(st.sampled_from(POOL), min_size=1, unique=True), st.text(min_size=1, max_size=8))
def test_the_lot_does_not_depend_on_the_order_of_the_pool(pool: list[str], word: str) -> None:
    assert tickets(pool, SECRET, word) == tickets(reversed(pool), SECRET, word)
    assert sorted(one.village for one in tickets(pool, SECRET, word)) == sorted(pool)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "text"),
        ({"text": "重点村"}, None),
        ({"text": "重点村", "villages": [*POOL, POOL[0]]}, "villages"),
        ({"text": "重点村", "villages": ["371771003022"]}, "villages"),
        ({"text": "重点村", "until": date(2026, 2, 28)}, "since"),
        ({"text": "重点村", "word": "词"}, "word"),
        ({"step": "announced", "count": 5}, "commitment"),
        ({"step": "announced", "count": 0, "commitment": "c" * 64}, "count"),
        ({"step": "announced", "count": len(POOL) + 1, "commitment": "c" * 64}, "count"),
        ({"step": "announced", "count": len(POOL), "commitment": "c" * 64}, None),
        ({"step": "drawn", "count": 5, "about": "x", "secret": "c" * 64}, "word"),
        ({"step": "drawn", "count": 5, "about": "x", "word": "词"}, "secret"),
    ],
)
def test_each_step_has_what_it_needs_and_nothing_else(fields: dict[str, object], fault: str | None) -> None:
    step = str(fields.get("step", "planned"))
    assert patrol_fault(patrol(step, **{name: value for name, value in fields.items() if name != "step"})) == fault


def inspection(village: str, of: str | None, at: int) -> Inspection:
    saved = NOW + timedelta(minutes=at)
    return Inspection(
        id=f"{village}:inspection:g24:{ULID.from_datetime(saved)}",
        observed_at=saved,
        saved_at=saved,
        is_planned=False,
        patrol=of,
    )


def test_a_patrol_is_done_when_each_of_its_villages_was_checked() -> None:
    of = announced(count=2)
    [open_] = patrol_states([of], [])
    assert (open_.villages, open_.result) == ([], None)
    lot = result(of)
    first, second = lot.villages
    checks = [inspection(first, of.id, 9), inspection(first, of.id, 7), inspection(second, None, 8)]
    [state] = patrol_states([lot, of], checks)
    assert [one.observed_at.minute for one in state.done[first]] == [7, 9]
    assert state.missing() == [second]
    last_day = date(2026, 3, 31).toordinal() - date(1970, 1, 1).toordinal()
    assert [state.is_overdue(day) for day in (last_day, last_day + 1)] == [False, True]
    [full] = patrol_states([of, lot], [*checks, inspection(second, of.id, 10)])
    assert not full.is_overdue(last_day + 1)


def test_a_patrol_is_open_till_its_last_day_and_a_month_longer_while_a_village_waits() -> None:
    of = announced(count=1)
    last_day = date(2026, 3, 31).toordinal() - date(1970, 1, 1).toordinal()
    lot = result(of)
    check = inspection(lot.villages[0], of.id, 9)
    states = [patrol_states(known, checks)[0] for known, checks in (([of], []), ([of, lot], []), ([of, lot], [check]))]
    days = (0, 1, OPEN_DAYS_AFTER, OPEN_DAYS_AFTER + 1)
    open_on = [[state.is_open(last_day + day) for day in days] for state in states]
    assert open_on == [[False] * 4, [True, True, True, False], [True, False, False, False]]


def test_an_inspection_of_no_patrol_or_of_a_village_that_is_not_on_its_list_stands_by_itself() -> None:
    plan = patrol("planned", text="重点村", villages=POOL[:1])
    states = patrol_states([plan], [])
    mine, other, none = inspection(POOL[0], plan.id, 1), inspection(POOL[1], plan.id, 2), inspection(POOL[0], None, 3)
    unknown = inspection(POOL[0], f"3717:patrol:s17:{ULID()}", 4)
    assert by_themselves([mine, other, none, unknown], states) == [unknown, none, other]


def test_of_two_lots_of_one_announcement_the_first_counts() -> None:
    of = announced()
    first, second = result(of), msgspec.structs.replace(result(of, word="改"), id=result(of, alias="z1").id[:-1] + "Z")
    for order in ([of, first, second], [second, first, of]):
        [state] = patrol_states(order, [])
        assert state.result == first


@pytest.mark.parametrize("late", ["since", "drawn"])
def test_a_check_that_was_made_before_it_was_drawn_or_began_stands_by_itself(late: str) -> None:
    of = announced(count=1)
    if late == "since":
        of = msgspec.structs.replace(of, since=date(2026, 3, 3))
    lot = result(of, since=of.since)
    early = inspection(lot.villages[0], of.id, 2 if late == "since" else 0)
    first = inspection(lot.villages[0], of.id, 24 * 60 if late == "since" else 2)
    [state] = patrol_states([of, lot], [early])
    assert (state.missing(), by_themselves([early], [state])) == (lot.villages, [early])
    [state] = patrol_states([of, lot], [early, first])
    assert (state.done, by_themselves([early, first], [state])) == ({lot.villages[0]: [first]}, [early])
