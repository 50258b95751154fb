"""Guessing is braked from one address soon, from all together later, and neither for ever."""

from datetime import UTC, datetime

import pytest

from sync_api.access.limits import (
    ATTEMPTS_FROM_ALL_MAX,
    ATTEMPTS_MAX,
    ATTEMPTS_OF_ADDRESS_MAX,
    WINDOW,
    LoginLimit,
)
from sync_api.errors import TooManyRequests

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_one_address_is_braked_and_the_others_are_not() -> None:
    limit = LoginLimit()
    for _ in range(ATTEMPTS_MAX):
        limit.check("i0421", "10.0.0.1", NOW)
        limit.failed("i0421", "10.0.0.1", NOW)
    with pytest.raises(TooManyRequests):
        limit.check("i0421", "10.0.0.1", NOW)
    limit.check("i0421", "10.0.0.2", NOW)
    limit.check("i0422", "10.0.0.1", NOW)
    limit.check("i0421", "10.0.0.1", NOW + 2 * WINDOW)


def test_many_addresses_together_are_braked_too() -> None:
    limit = LoginLimit()
    for number in range(ATTEMPTS_FROM_ALL_MAX):
        limit.check("i0421", f"10.0.0.{number}", NOW)
        limit.failed("i0421", f"10.0.0.{number}", NOW)
    with pytest.raises(TooManyRequests):
        limit.check("i0421", "10.0.1.1", NOW)


def test_one_address_that_tries_many_aliases_is_braked_and_a_station_behind_one_line_is_not() -> None:
    limit = LoginLimit()
    for person in range(30):  # each mistypes twice and gets it right
        for _ in range(2):
            limit.failed(f"i{person}", "10.0.0.1", NOW)
        limit.check(f"i{person}", "10.0.0.1", NOW)
        limit.succeeded(f"i{person}", "10.0.0.1")
    for number in range(ATTEMPTS_OF_ADDRESS_MAX):
        limit.failed(f"unknown{number}", "10.0.0.2", NOW)
    with pytest.raises(TooManyRequests):
        limit.check("another", "10.0.0.2", NOW)
    limit.check("another", "10.0.0.1", NOW)


def test_the_right_password_forgives_its_own_address() -> None:
    limit = LoginLimit()
    for _ in range(ATTEMPTS_OF_ADDRESS_MAX // (ATTEMPTS_MAX - 1)):
        for _ in range(ATTEMPTS_MAX - 1):
            limit.failed("i0421", "10.0.0.1", NOW)
        limit.check("i0421", "10.0.0.1", NOW)
        limit.succeeded("i0421", "10.0.0.1")
