"""How far what is seen lies from what was learned from."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.risk.drift import MOVED, MOVED_MUCH, profile_of, psi


def rows(seed: int, n: int = 4_000, **moved: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    random = np.random.default_rng(seed)
    found = random.normal(0, 1, (n, 3)).astype(np.float32)
    found[:, 1] += moved.get("by", 0.0)
    found[random.random(n) < moved.get("missing", 0.0), 2] = np.nan
    return found


def test_the_same_lie_gives_next_to_nothing() -> None:
    assert (psi(profile_of(rows(1)), rows(2)) < MOVED / 4).all()


def test_what_moved_is_told_apart_from_what_did_not() -> None:
    found = psi(profile_of(rows(1)), rows(2, by=1.0, missing=0.5))
    assert found[0] < MOVED
    assert found[1] > MOVED_MUCH
    assert found[2] > MOVED_MUCH


def test_the_index_is_that_of_its_formula() -> None:
    values = np.repeat(np.arange(10, dtype=np.float32), 10)[:, None]
    half = np.where(values < 5, values, np.float32(9))
    profile = profile_of(values)
    # half of the rows of the upper five groups moved into the last one
    now = np.full(10, 0.1) * np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 5])
    expected = sum((max(a, 1e-3) - 0.1) * np.log(max(a, 1e-3) / 0.1) for a in now)
    np.testing.assert_allclose(psi(profile, half)[0], expected, rtol=1e-4)


@given(st.integers(1, 50), st.integers(0, 3))
def test_it_is_never_negative(n: int, seed: int) -> None:
    assert (psi(profile_of(rows(seed)), rows(seed + 1, n)) >= 0).all()
