"""A brake on guessing passwords."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from sync_api.errors import TooManyRequests

#: Failed tries in a quarter of an hour for an alias: from one address, so that a guesser elsewhere does not lock its
#: owner out, and from all together.
ATTEMPTS_MAX: Final = 10
ATTEMPTS_FROM_ALL_MAX: Final = 100
#: And from one address for all aliases: a station of thirty people behind one line may each mistype a few times, who
#: tries one password on many aliases may not go on.
ATTEMPTS_OF_ADDRESS_MAX: Final = 100
WINDOW: Final = timedelta(minutes=15)
KEYS_MAX: Final = 20_000
FAILURES_KEPT: Final = max(ATTEMPTS_MAX, ATTEMPTS_FROM_ALL_MAX, ATTEMPTS_OF_ADDRESS_MAX)


class LoginLimit:
    """Counts failed log-ins of each alias, of each address, and of each alias from each address, in this process."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], deque[datetime]] = OrderedDict()

    def check(self, alias: str, address: str, now: datetime) -> None:
        """Raises ``TooManyRequests`` with Retry-After."""
        for key, failures_max in _keys(alias, address):
            self._check(key, failures_max, now)

    def failed(self, alias: str, address: str, now: datetime) -> None:
        for key, _ in _keys(alias, address):
            self._count(key, now)

    def succeeded(self, alias: str, address: str) -> None:
        """The right password forgives what came from its address; what others tried stays counted."""
        self._failures.pop((alias, address), None)

    def check_code(self, address: str, now: datetime) -> None:
        """Count a look at an enrolment's code. Raises ``TooManyRequests`` with Retry-After."""
        self._check(_code_key(address), ATTEMPTS_MAX, now)
        self._count(_code_key(address), now)

    def code_was_right(self, address: str) -> None:
        self._failures.pop(_code_key(address), None)

    def _check(self, key: tuple[str, ...], failures_max: int, now: datetime) -> None:
        failures = self._failures.get(key, deque())
        while failures and now - failures[0] > WINDOW:
            failures.popleft()
        if len(failures) >= failures_max:
            wait_s = max(1, int((failures[0] + WINDOW - now).total_seconds()))
            raise TooManyRequests(
                "too_many_attempts",
                f"登录失败次数过多，请 {wait_s // 60 + 1} 分钟后再试。",
                f"Too many failed log-ins: try again in {wait_s // 60 + 1} minutes.",
                {"Retry-After": str(wait_s)},
            )

    def _count(self, key: tuple[str, ...], now: datetime) -> None:
        self._failures.setdefault(key, deque(maxlen=FAILURES_KEPT)).append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)


def _keys(alias: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """What a log-in is counted under, and how many may fail."""
    return (
        (("any alias", "from", address), ATTEMPTS_OF_ADDRESS_MAX),
        ((alias, address), ATTEMPTS_MAX),
        ((alias,), ATTEMPTS_FROM_ALL_MAX),
    )


def _code_key(address: str) -> tuple[str, ...]:
    return ("an enrolment code", "from", address)
